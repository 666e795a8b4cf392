import type { Machine } from '../machine/machine.js';
import type { ThreadInfo } from '../machine/thread.js';
import { ProbeKind } from '../machine/thread.js';
import { PT } from '../scap/events.generated.js';
import { fdTypeName } from './fd.js';
import type { Extractor, FieldDef, FieldValue } from './field.js';
import { ANCESTOR_DEFS, ancestorField } from './process_ancestors.js';
import type { FieldClass } from './registry.js';
import { ofThread, THREAD_DEFS, threadField } from './thread.js';
import { argsText, commandLine, environment, leader, variable } from './thread_values.js';

const text = (name: string, description: string, extract: Extractor): FieldDef =>
  threadField(name, PT.CHARBUF, description, extract);
const bool = (name: string, description: string, extract: Extractor): FieldDef =>
  threadField(name, PT.BOOL, description, extract);
const id = (name: string, description: string, extract: Extractor): FieldDef =>
  threadField(name, PT.INT64, description, extract, { fmt: 'id' });

/** Field of the parent process. */
function ofParent(read: (parent: ThreadInfo, machine: Machine) => FieldValue): Extractor {
  return (_ev, machine) => {
    const thread = machine.thread;
    const parent = thread === null ? null : machine.parent(thread);
    return parent === null ? undefined : read(parent, machine);
  };
}

/** Field of the main thread: what a process has once. */
function ofProcess(read: (main: ThreadInfo, machine: Machine) => FieldValue): Extractor {
  return (_ev, machine) => {
    const thread = machine.thread;
    const main = thread === null ? null : machine.mainThread(thread);
    return main === null ? undefined : read(main, machine);
  };
}

const sidOf = (t: ThreadInfo): number => t.sid;
const vpgidOf = (t: ThreadInfo): number => t.vpgid;
const pgidOf = (t: ThreadInfo): number => t.pgid;

/** Field of the leader of a session or process group. */
function ofLeader(idOf: (t: ThreadInfo) => number, read: (t: ThreadInfo) => FieldValue): Extractor {
  return ofThread((t, machine) => {
    const found = leader(t, machine, idOf(t), idOf);
    return found === null ? undefined : read(found);
  });
}

const comm = (t: ThreadInfo): string => t.comm;
const exe = (t: ThreadInfo): string => t.exe;
const exepath = (t: ThreadInfo): string => t.exepath;

/** ns since a process started. */
const age = (which: (t: ThreadInfo, m: Machine) => ThreadInfo | null): Extractor => {
  return (ev, machine) => {
    const thread = machine.thread === null ? null : which(machine.thread, machine);
    return thread === null || thread.cloneTs === 0n ? undefined : Number(ev.absTs - thread.cloneTs);
  };
};

/** A time, 0 = unknown. */
const known = (time: bigint): FieldValue => (time === 0n ? undefined : time);

/** The oldest shell in an unbroken line of ancestors, the process itself included. */
function loginShell(thread: ThreadInfo, machine: Machine): FieldValue {
  let found: number | undefined;
  let at = machine.mainThread(thread);
  for (let hops = 0; at !== null && hops < 1000; hops++) {
    if (at.comm.endsWith('sh')) found = at.pid;
    at = machine.parent(at);
  }
  return found;
}

function fdUsage(thread: ThreadInfo, machine: Machine): FieldValue {
  const limit = (machine.mainThread(thread) ?? thread).fdLimit;
  const open = machine.fdTable(thread)?.size ?? 0;
  return limit > 0 ? (open * 100) / limit : 0;
}

/** Kind or name of one of the three standard fds. */
function standardFd(num: number, what: 'type' | 'name'): Extractor {
  return ofThread((t, machine) => {
    const info = machine.fdTable(t)?.get(num);
    if (info === undefined) return undefined;
    return what === 'type' ? fdTypeName(info) : info.name;
  });
}

function bindEnv(arg: string | undefined): { extract: Extractor } {
  if (arg === undefined) return { extract: ofThread((t, m) => environment(t, m).join(' ')) };
  return { extract: ofThread((t, m) => variable(environment(t, m), arg) ?? '') };
}

function bindArgs(arg: string | undefined): { extract: Extractor } {
  if (arg === undefined) return { extract: ofThread(argsText) };
  const index = Number(arg);
  return { extract: ofThread((t) => t.args[index]) };
}

const probe = (kind: number): Extractor => ofThread((t) => t.probe === kind);

const PROCESS_DEFS: readonly FieldDef[] = [
  id(
    'proc.pid',
    'Id of the process.',
    ofThread((t) => t.pid),
  ),
  text('proc.exe', 'First argument of the command line, as it was typed.', ofThread(exe)),
  text(
    'proc.name',
    'Command name of the process, at most 15 characters, the file name of the program as a rule.',
    ofThread(comm),
  ),
  {
    name: 'proc.args',
    type: PT.CHARBUF,
    fmt: 'na',
    needs: 'thread',
    argument: 'optional',
    description:
      'Arguments behind the program, with blanks between; with a number, that one (the first is 0).',
    bind: bindArgs,
  },
  {
    name: 'proc.env',
    type: PT.CHARBUF,
    fmt: 'na',
    needs: 'thread',
    argument: 'optional',
    description: 'Environment of the process; with a name, the value of that variable: proc.env[HOME].',
    bind: bindEnv,
  },
  text('proc.cmdline', 'Whole command line: proc.name and proc.args.', ofThread(commandLine)),
  text(
    'proc.exeline',
    'Whole command line as it was typed: proc.exe and proc.args.',
    ofThread((t) => `${t.exe} ${argsText(t)}`),
  ),
  text(
    'proc.cwd',
    'Working directory, with a slash at the end.',
    ofThread((t, m) => m.cwdOf(t)),
  ),
  threadField(
    'proc.nthreads',
    PT.UINT64,
    'Threads of the process, the main one included.',
    ofThread((t, m) => m.mainThread(t)?.nthreads ?? 0),
  ),
  threadField(
    'proc.nchilds',
    PT.UINT64,
    'Threads of the process besides the main one.',
    ofThread((t, m) => otherThreads(m.mainThread(t))),
  ),
  id(
    'proc.ppid',
    'Id of the parent process.',
    ofProcess((t) => t.ptid),
  ),
  text('proc.pname', 'Command name of the parent.', ofParent(comm)),
  text('proc.pcmdline', 'Command line of the parent.', ofParent(commandLine)),
  ANCESTOR_DEFS.apid,
  ANCESTOR_DEFS.aname,
  id(
    'proc.loginshellid',
    'Id of the oldest shell among the ancestors: that of the login, as a rule.',
    ofThread(loginShell),
  ),
  threadField(
    'proc.duration',
    PT.RELTIME,
    'ns since the process started.',
    age((t) => t),
    { needs: 'event' },
  ),
  threadField(
    'proc.fdopencount',
    PT.UINT64,
    'Open file descriptors of the process.',
    ofThread((t, m) => m.fdTable(t)?.size ?? 0),
  ),
  threadField(
    'proc.fdlimit',
    PT.INT64,
    'File descriptors that the process may have open.',
    ofProcess((t) => t.fdLimit),
  ),
  threadField('proc.fdusage', PT.DOUBLE, 'Open file descriptors in percent of the limit.', ofThread(fdUsage)),
  threadField(
    'proc.vmsize',
    PT.UINT64,
    'Virtual memory in kB.',
    ofThread((t) => t.vmsizeKb),
  ),
  threadField(
    'proc.vmrss',
    PT.UINT64,
    'Resident memory in kB.',
    ofThread((t) => t.vmrssKb),
  ),
  threadField(
    'proc.vmswap',
    PT.UINT64,
    'Swapped memory in kB.',
    ofThread((t) => t.vmswapKb),
  ),
  ...THREAD_DEFS,
  id(
    'proc.vpid',
    'Id of the process as its own pid namespace has it.',
    ofThread((t) => t.vpid),
  ),
  id('proc.sid', 'Id of the session.', ofThread(sidOf)),
  text('proc.sname', 'Command name of the leader of the session.', ofLeader(sidOf, comm)),
  threadField(
    'proc.tty',
    PT.UINT32,
    'Device number of the controlling terminal, 0 without one.',
    ofThread((t) => t.tty),
    { fmt: 'id' },
  ),
  text('proc.exepath', 'Path of the program.', ofThread(exepath)),
  id('proc.vpgid', 'Id of the process group as its own pid namespace has it.', ofThread(vpgidOf)),
  bool(
    'proc.is_container_healthcheck',
    'true if the process runs a health check of its container.',
    probe(ProbeKind.HEALTHCHECK),
  ),
  bool(
    'proc.is_container_liveness_probe',
    'true if the process runs a liveness probe of its container.',
    probe(ProbeKind.LIVENESS),
  ),
  bool(
    'proc.is_container_readiness_probe',
    'true if the process runs a readiness probe of its container.',
    probe(ProbeKind.READINESS),
  ),
  bool(
    'proc.is_exe_writable',
    'true if the user that runs the program could write to it.',
    ofThread((t) => t.exeWritable),
  ),
  text('proc.pexe', 'First argument of the parent’s command line.', ofParent(exe)),
  ANCESTOR_DEFS.aexe,
  text('proc.pexepath', 'Path of the parent’s program.', ofParent(exepath)),
  ANCESTOR_DEFS.aexepath,
  ANCESTOR_DEFS.acmdline,
  threadField(
    'proc.cmdnargs',
    PT.UINT64,
    'Number of arguments.',
    ofThread((t) => t.args.length),
  ),
  threadField(
    'proc.cmdlenargs',
    PT.UINT64,
    'Length of all arguments together, without blanks between.',
    ofThread((t) => t.args.reduce((sum, arg) => sum + arg.length, 0)),
  ),
  ANCESTOR_DEFS.aenv,
  id(
    'proc.pvpid',
    'Id of the parent process as its own pid namespace has it.',
    ofParent((t) => t.vpid),
  ),
  text('proc.sid.exe', 'First argument of the session leader’s command line.', ofLeader(sidOf, exe)),
  text('proc.sid.exepath', 'Path of the session leader’s program.', ofLeader(sidOf, exepath)),
  text('proc.vpgid.name', 'Command name of the leader of the process group.', ofLeader(vpgidOf, comm)),
  text(
    'proc.vpgid.exe',
    'First argument of the command line of the leader of the process group.',
    ofLeader(vpgidOf, exe),
  ),
  text(
    'proc.vpgid.exepath',
    'Path of the program of the leader of the process group.',
    ofLeader(vpgidOf, exepath),
  ),
  threadField(
    'proc.ppid.duration',
    PT.RELTIME,
    'ns since the parent process started.',
    age((t, m) => m.parent(t)),
    { needs: 'event' },
  ),
  threadField(
    'proc.pid.ts',
    PT.RELTIME,
    'When the process started, ns since the epoch.',
    ofThread((t) => t.cloneTs),
  ),
  threadField(
    'proc.ppid.ts',
    PT.RELTIME,
    'When the parent process started, ns since the epoch.',
    ofParent((t) => t.cloneTs),
  ),
  bool(
    'proc.is_exe_upper_layer',
    'true if the program lies in the upper layer of an overlay file system: it was not in the image.',
    ofThread((t) => t.exeUpperLayer),
  ),
  bool(
    'proc.is_exe_lower_layer',
    'true if the program lies in a lower layer of an overlay file system: it came with the image.',
    ofThread((t) => t.exeLowerLayer),
  ),
  bool(
    'proc.is_exe_from_memfd',
    'true if the program exists in memory only.',
    ofThread((t) => t.exeFromMemfd),
  ),
  bool(
    'proc.is_sid_leader',
    'true if the process leads its session.',
    ofThread((t) => t.sid === t.vpid),
  ),
  bool(
    'proc.is_vpgid_leader',
    'true if the process leads its process group.',
    ofThread((t) => t.vpgid === t.vpid),
  ),
  bool(
    'proc.is_pgid_leader',
    'true if the process leads its process group, by host ids.',
    ofThread((t) => t.pgid === t.pid),
  ),
  threadField(
    'proc.exe_ino',
    PT.INT64,
    'Inode number of the program.',
    ofThread((t) => (t.exeIno === 0 ? undefined : t.exeIno)),
  ),
  threadField(
    'proc.exe_ino.ctime',
    PT.ABSTIME,
    'Last change of the program’s inode, ns since the epoch.',
    ofThread((t) => known(t.exeInoCtime)),
  ),
  threadField(
    'proc.exe_ino.mtime',
    PT.ABSTIME,
    'Last change of the program’s content, ns since the epoch.',
    ofThread((t) => known(t.exeInoMtime)),
  ),
  threadField(
    'proc.exe_ino.ctime_duration_proc_start',
    PT.ABSTIME,
    'ns between the last change of the program’s inode and the start of the process.',
    ofThread((t) => known(t.exeAgeAtStart)),
  ),
  threadField(
    'proc.exe_ino.ctime_duration_pidns_start',
    PT.ABSTIME,
    'ns between the start of the pid namespace and the last change of the program’s inode, if that came later.',
    ofThread((t) => known(t.exeAgeInPidns)),
  ),
  threadField(
    'proc.pidns_init_start_ts',
    PT.UINT64,
    'When the first process of the pid namespace started, ns.',
    ofThread((t) => t.pidnsInitStartTs),
  ),
  id('proc.pgid', 'Id of the process group.', ofThread(pgidOf)),
  text(
    'proc.pgid.name',
    'Command name of the leader of the process group, by host ids.',
    ofLeader(pgidOf, comm),
  ),
  text(
    'proc.pgid.exe',
    'First argument of the command line of the leader of the process group, by host ids.',
    ofLeader(pgidOf, exe),
  ),
  text(
    'proc.pgid.exepath',
    'Path of the program of the leader of the process group, by host ids.',
    ofLeader(pgidOf, exepath),
  ),
  text('proc.stdin.type', 'Kind of descriptor 0.', standardFd(0, 'type')),
  text('proc.stdout.type', 'Kind of descriptor 1.', standardFd(1, 'type')),
  text('proc.stderr.type', 'Kind of descriptor 2.', standardFd(2, 'type')),
  text('proc.stdin.name', 'Name of descriptor 0.', standardFd(0, 'name')),
  text('proc.stdout.name', 'Name of descriptor 1.', standardFd(1, 'name')),
  text('proc.stderr.name', 'Name of descriptor 2.', standardFd(2, 'name')),
  ancestorField('proc.aargs', PT.CHARBUF, 'Arguments', argsText),
];

function otherThreads(main: ThreadInfo | null): number {
  if (main === null) return 0;
  return main.dead ? main.nthreads : main.nthreads - 1;
}

/** Fields about the process and thread that made an event. */
export const PROCESS_FIELDS: FieldClass = {
  name: 'process',
  description: 'The process and thread that made the event.',
  fields: PROCESS_DEFS,
};
