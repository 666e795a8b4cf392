import type { ProcessEntry } from './head.js';

/** A user id that nobody has: of a thread that nobody logged in for. */
export const UNSET_ID = 0xffffffff;

/** A thread of which nothing is known but its ids. */
export function unknownProcess(tid: number, pid: number): ProcessEntry {
  return {
    tid,
    pid,
    ptid: -1,
    sid: 0,
    vpgid: 0,
    comm: '',
    exe: '',
    exepath: '',
    args: [],
    cwd: '',
    fdLimit: -1,
    flags: 0,
    uid: 0,
    gid: 0,
    vmsizeKb: 0,
    vmrssKb: 0,
    vmswapKb: 0,
    pfmajor: 0,
    pfminor: 0,
    env: [],
    vtid: tid,
    vpid: pid,
    cgroups: [],
    root: '',
    pidnsInitStartTs: 0n,
    tty: 0,
    loginuid: UNSET_ID,
    exeWritable: false,
    capInheritable: 0n,
    capPermitted: 0n,
    capEffective: 0n,
    exeUpperLayer: false,
    exeLowerLayer: false,
    exeFromMemfd: false,
    exeIno: 0,
    exeInoCtime: 0n,
    exeInoMtime: 0n,
    pgid: 0,
    fds: [],
  };
}
