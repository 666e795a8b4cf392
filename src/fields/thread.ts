import type { Machine } from '../machine/machine.js';
import type { ThreadInfo } from '../machine/thread.js';
import { PPME, PT } from '../scap/events.generated.js';
import type { Extractor, FieldDef, FieldValue } from './field.js';
import { FieldError } from './field.js';
import { capabilityNames } from './thread_values.js';

/** Field of the event's thread: no value without one. */
export function ofThread(read: (thread: ThreadInfo, machine: Machine) => FieldValue): Extractor {
  return (_ev, machine) => {
    const thread = machine.thread;
    return thread === null ? undefined : read(thread, machine);
  };
}

/** A field of the class with its usual format: ids as they are, text without one. */
export function threadField(
  name: string,
  type: number,
  description: string,
  extract: Extractor,
  rest: Partial<FieldDef> = {},
): FieldDef {
  const fmt = type === PT.CHARBUF || type === PT.BOOL || type === PT.DOUBLE ? 'na' : 'dec';
  return { name, type, description, fmt, needs: 'thread', extract, ...rest };
}

const KB = 1024;
const ID: Partial<FieldDef> = { fmt: 'id' };
const HIDDEN: Partial<FieldDef> = { hidden: true };

/** Memory is counted once for a process: on its main thread. */
const ofMain = (value: (thread: ThreadInfo) => number): Extractor =>
  ofThread((t) => (t.isMain ? value(t) : 0));

const cgroupPath = (thread: ThreadInfo, start: string): string | undefined =>
  thread.cgroups.find((entry) => entry.startsWith(start))?.slice(start.length);

function bindCgroup(arg: string | undefined): { extract: Extractor } {
  if (arg === undefined || arg === '') {
    throw new FieldError('thread.cgroup needs the name of a cgroup subsystem: thread.cgroup.cpu');
  }
  const start = `${arg}=`;
  return { extract: ofThread((t) => cgroupPath(t, start)) };
}

/** CPU use is known once a second, when the kernel's count of it passes by. */
function cpuUse(read: (thread: ThreadInfo) => number): Extractor {
  return (ev, machine) => {
    if (ev.type !== PPME.PROCINFO_E || machine.thread === null) return undefined;
    const percent = read(machine.thread);
    // The first sample has nothing to be compared with: sysdig gives 0.
    return Number.isNaN(percent) ? 0 : percent;
  };
}

/** thread.* */
export const THREAD_DEFS: readonly FieldDef[] = [
  threadField(
    'thread.pfmajor',
    PT.UINT64,
    'Major page faults of the thread since it started.',
    ofThread((t) => t.pfmajor),
  ),
  threadField(
    'thread.pfminor',
    PT.UINT64,
    'Minor page faults of the thread since it started.',
    ofThread((t) => t.pfminor),
  ),
  threadField(
    'thread.tid',
    PT.INT64,
    'Id of the thread that made the event.',
    (ev, machine) => machine.thread?.tid ?? ev.tid,
    ID,
  ),
  threadField(
    'thread.ismain',
    PT.BOOL,
    'true for the main thread of a process.',
    ofThread((t) => t.isMain),
  ),
  threadField(
    'thread.exectime',
    PT.RELTIME,
    'Time in ns that the thread has just spent on the CPU. Switch events only.',
    ofThread((_t, m) => m.execTime),
  ),
  threadField(
    'thread.totexectime',
    PT.RELTIME,
    'Time in ns that the thread has spent on CPUs since the capture began. Counted at switch events.',
    ofThread((t) => t.totalExecTime),
  ),
  threadField(
    'thread.cgroups',
    PT.CHARBUF,
    'All cgroups of the thread, as subsystem=path.',
    ofThread((t) => t.cgroups.join(' ')),
  ),
  {
    name: 'thread.cgroup',
    type: PT.CHARBUF,
    description: 'Path of the thread’s cgroup in one subsystem: thread.cgroup.cpu.',
    fmt: 'na',
    argument: 'required',
    needs: 'thread',
    bind: bindCgroup,
  },
  threadField(
    'thread.vtid',
    PT.INT64,
    'Id of the thread as its own pid namespace has it.',
    ofThread((t) => t.vtid),
    ID,
  ),
  threadField(
    'thread.cpu',
    PT.DOUBLE,
    'CPU use of the thread in the last second, in percent.',
    cpuUse((t) => t.cpuUserPercent + t.cpuSystemPercent),
    { needs: 'event' },
  ),
  threadField(
    'thread.cpu.user',
    PT.DOUBLE,
    'The part of thread.cpu that was spent in the program.',
    cpuUse((t) => t.cpuUserPercent),
    { needs: 'event' },
  ),
  threadField(
    'thread.cpu.system',
    PT.DOUBLE,
    'The part of thread.cpu that was spent in the kernel.',
    cpuUse((t) => t.cpuSystemPercent),
    { needs: 'event' },
  ),
  threadField(
    'thread.vmsize',
    PT.UINT64,
    'Virtual memory in kB; 0 for threads that are not the main one.',
    ofMain((t) => t.vmsizeKb),
  ),
  threadField(
    'thread.vmrss',
    PT.UINT64,
    'Resident memory in kB; 0 for threads that are not the main one.',
    ofMain((t) => t.vmrssKb),
  ),
  threadField(
    'thread.vmsize.b',
    PT.UINT64,
    'thread.vmsize in bytes.',
    ofMain((t) => t.vmsizeKb * KB),
    HIDDEN,
  ),
  threadField(
    'thread.vmrss.b',
    PT.UINT64,
    'thread.vmrss in bytes.',
    ofMain((t) => t.vmrssKb * KB),
    HIDDEN,
  ),
  threadField(
    'thread.nametid',
    PT.CHARBUF,
    'Command name and thread id in one.',
    ofThread((t) => `${t.comm}${t.tid}`),
    HIDDEN,
  ),
  threadField(
    'thread.cap_permitted',
    PT.CHARBUF,
    'Capabilities that the thread may take up.',
    ofThread((t) => capabilityNames(t.capPermitted)),
  ),
  threadField(
    'thread.cap_inheritable',
    PT.CHARBUF,
    'Capabilities that the thread passes on when it executes a program.',
    ofThread((t) => capabilityNames(t.capInheritable)),
  ),
  threadField(
    'thread.cap_effective',
    PT.CHARBUF,
    'Capabilities that the thread has.',
    ofThread((t) => capabilityNames(t.capEffective)),
  ),
];
