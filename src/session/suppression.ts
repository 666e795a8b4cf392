import type { EventView } from '../event/view.js';
import type { Machine } from '../machine/machine.js';
import { EVENTS, PPME } from '../scap/events.generated.js';

/** Exits that tell who a thread is from now on. */
const NAMING: readonly number[] = [
  PPME.SYSCALL_CLONE_20_X,
  PPME.SYSCALL_FORK_20_X,
  PPME.SYSCALL_VFORK_20_X,
  PPME.SYSCALL_CLONE3_X,
  PPME.SYSCALL_EXECVE_19_X,
  PPME.SYSCALL_EXECVEAT_X,
];

const COMM = new Int8Array(65536).fill(-1);
const PTID = new Int8Array(65536).fill(-1);
for (const type of NAMING) {
  COMM[type] = EVENTS[type].params.findIndex((param) => param.name === 'comm');
  PTID[type] = EVENTS[type].params.findIndex((param) => param.name === 'ptid');
}

/** By event type: 1 for those that have to be seen for the threads to be told apart. */
export const SUPPRESSION_TYPES = new Uint8Array(65536);
for (const type of [...NAMING, PPME.PROCEXIT_1_E]) SUPPRESSION_TYPES[type] = 1;

/**
 * Threads whose events are dropped before anybody sees them (`-U`): those that get one of the names by a clone or an exec, and
 * what they start, until an exec under a parent that is not suppressed gives another name.
 */
export class Suppression {
  private readonly names: ReadonlySet<string>;
  private readonly tids = new Set<number>();

  constructor(names: readonly string[]) {
    this.names = new Set(names);
  }

  /** Begins anew with the processes that are running. */
  load(machine: Machine): void {
    this.tids.clear();
    for (const thread of machine.threads.values()) if (this.names.has(thread.comm)) this.tids.add(thread.tid);
  }

  /** Whether the event is dropped. To be asked once for each event, in order. */
  covers(ev: EventView): boolean {
    const { tids } = this;
    const comm = COMM[ev.type];
    if (comm >= 0 && comm < ev.nparams) {
      const covered = tids.has(ev.i64(PTID[ev.type])) || this.names.has(ev.str(comm));
      if (covered) tids.add(ev.tid);
      else tids.delete(ev.tid);
      return covered;
    }
    if (ev.type === PPME.PROCEXIT_1_E) return tids.delete(ev.tid);
    return tids.has(ev.tid);
  }
}
