import type { EventView } from '../event/view.js';
import type { CaptureHead } from '../scap/head.js';
import type { FdInfo } from './fd.js';
import type { ThreadInfo } from './thread.js';

/** The observed system: threads, fds, users, interfaces; and the context of the current event. */
export interface MachineContract {
  /** Thread of the current event; null when unknown (metadata events). */
  thread: ThreadInfo | null;
  /** Fd of the current event (fd table entry), null if none or unknown. */
  fd: FdInfo | null;
  /** Its number, -1 if the event has none. */
  fdNum: number;
  load(head: CaptureHead): void;
  process(ev: EventView): void;
  snapshot(): CaptureHead;
}
