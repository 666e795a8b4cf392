import type { ScanMemory, ScanSlot } from './scan_memory.js';
import type { ScanModule } from './scan_module.js';

/** Goes over the list of a slot where threads have been ruled out: see native/scan/skip_listed.c. */
export class ListWalk {
  /** By the number that a thread has in the list: what was found out about it. */
  readonly answers: Int32Array;
  /** By the same: offsets of its last enter and exit event that were passed over, side by side. */
  readonly calls: Int32Array;
  private readonly module: ScanModule;
  private readonly bytes: number;
  private readonly offsets: number;
  private readonly marks: number;
  private readonly fds: number;

  constructor(module: ScanModule, memory: ScanMemory, slot: ScanSlot) {
    this.module = module;
    const { answers, calls } = memory.skip;
    this.answers = answers;
    this.calls = calls;
    this.bytes = slot.dv.byteOffset;
    this.offsets = slot.offsets.byteOffset;
    this.marks = slot.marks.byteOffset;
    this.fds = slot.fds.byteOffset;
  }

  /** A list begins. `moved`: as in `EventScan.scan`. */
  begin(length: number, moved: number): void {
    const { answers, calls } = this;
    this.module.begin(
      ...([length, this.bytes - moved, this.offsets, this.marks, this.fds] as const),
      ...([answers.byteOffset, calls.byteOffset] as const),
    );
  }

  /**
   * The first listed event from the i-th on whose thread's answer is not `ruled`, or that may change something; the list's length if
   * there is none. `epoch`: see `know`.
   */
  skip(i: number, ruled: number, epoch: number): number {
    return this.module.skip(i, ruled, epoch);
  }

  /** Messages over the fd change nothing, as long as the epoch is this one (above 0). */
  know(tid: number, fd: number, epoch: number): void {
    this.module.know(tid, fd, epoch);
  }
}
