import type { EventView } from '../event/view.js';
import type { ProcessEntry } from '../scap/head.js';
import { unknownProcess } from '../scap/unknown_process.js';
import { CLONE_EXITS } from './clone.js';
import { hasParam, pidParam, processLayouts, stringsParam } from './process_params.js';

const LAYOUTS = processLayouts(CLONE_EXITS, ['vtid', 'vpid']);

/** A process as the exit event of its own clone tells it, without its files; null if a thread of another one calls. */
export function callerEntry(ev: EventView): ProcessEntry | null {
  const at = LAYOUTS.get(ev.type);
  if (at === undefined || pidParam(ev, at.pid, -1) !== ev.tid) return null;
  const text = (i: number): string => (hasParam(ev, i) ? ev.str(i) : '');
  const number = (i: number): number => (hasParam(ev, i, 4) ? ev.u32(i) : 0);
  return {
    ...unknownProcess(ev.tid, ev.tid),
    ptid: pidParam(ev, at.ptid, -1),
    sid: -1,
    vpgid: -1,
    comm: text(at.comm),
    exe: text(at.exe),
    args: stringsParam(ev, at.args),
    cwd: text(at.cwd),
    fdLimit: hasParam(ev, at.fdlimit, 8) ? ev.i64(at.fdlimit) : -1,
    uid: number(at.uid),
    gid: number(at.gid),
    vmsizeKb: number(at.vm_size),
    vmrssKb: number(at.vm_rss),
    vmswapKb: number(at.vm_swap),
    pfmajor: hasParam(ev, at.pgft_maj, 8) ? ev.u64(at.pgft_maj) : 0,
    pfminor: hasParam(ev, at.pgft_min, 8) ? ev.u64(at.pgft_min) : 0,
    vtid: pidParam(ev, at.vtid, ev.tid),
    vpid: pidParam(ev, at.vpid, ev.tid),
    cgroups: stringsParam(ev, at.cgroups),
    root: '/',
    pgid: -1,
  };
}
