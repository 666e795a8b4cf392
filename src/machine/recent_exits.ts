/** Exits that are remembered. */
const KEPT = 4096;

/** When the last threads ended: a parent may hear of its child only after that (vfork, or a short-lived child). */
export class RecentExits {
  private readonly times = new Map<number, number>();

  /** `ts`: ns, as `EventView.ts`. */
  add(tid: number, ts: number): void {
    this.times.delete(tid);
    this.times.set(tid, ts);
    if (this.times.size <= KEPT) return;
    for (const oldest of this.times.keys()) {
      this.times.delete(oldest);
      break;
    }
  }

  /** Whether a thread of this number ended at that time or later. */
  since(tid: number, ts: number): boolean {
    const at = this.times.get(tid);
    return at !== undefined && at >= ts;
  }
}
