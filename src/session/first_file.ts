import { type CaptureWriter, stampOf } from '../capture/writer.js';
import { completeHead } from '../machine/head_gaps.js';
import type { Machine } from '../machine/machine.js';
import { presentEntries } from '../machine/snapshot.js';
import type { CaptureHead } from '../scap/head.js';

/** So many bytes are held back at most. */
const MOST_BYTES = 64 << 20;

/** When another file may be begun: what is held back is written before that. */
export interface FirstFileLimits {
  readonly events?: number;
  readonly megabytes?: number;
  readonly seconds?: number;
}

/**
 * The beginning of a live recording. While /proc was being read, events were recorded already: they are held back with the
 * head until they are all there, since they tell what the head lacks.
 */
export class FirstFile {
  private readonly writer: CaptureWriter;
  private readonly machine: Machine;
  private readonly head: CaptureHead;
  private readonly limits: FirstFileLimits;
  private readonly blocks: { readonly bytes: Buffer; readonly counted: boolean }[] = [];
  private size = 0;
  private events = 0;
  /** Second of the first event. */
  private second = -1n;
  private written = false;

  /** `head`: what was found in /proc, up to `machine.scannedUntil`. */
  constructor(writer: CaptureWriter, machine: Machine, head: CaptureHead, limits: FirstFileLimits) {
    this.writer = writer;
    this.machine = machine;
    this.head = head;
    this.limits = limits;
  }

  /** Before the machine takes the event in; false: it is not held back, nor is anything else any more. */
  precedes(bytes: Buffer, off: number): boolean {
    const stamp = stampOf(bytes, off);
    const second = stamp / 1_000_000_000n;
    if (this.second < 0n) this.second = second;
    const { events = Number.POSITIVE_INFINITY, megabytes, seconds } = this.limits;
    const most = megabytes === undefined ? MOST_BYTES : Math.min(MOST_BYTES, megabytes * 500_000);
    if (
      stamp > this.machine.scannedUntil ||
      this.events >= events ||
      this.size >= most ||
      (seconds !== undefined && second !== this.second)
    )
      this.write();
    return !this.written;
  }

  /** Takes one whole event block that `precedes`. */
  add(bytes: Buffer, start: number, end: number, counted: boolean): void {
    this.blocks.push({ bytes: Buffer.from(bytes.subarray(start, end)), counted });
    this.size += end - start;
    if (counted) this.events++;
  }

  /** Everything that happened until `known` (ns since the epoch) has been given. True: it is written. */
  passed(known: bigint | undefined): boolean {
    if (known !== undefined && known > this.machine.scannedUntil) this.write();
    return this.written;
  }

  /** Head and events, now. */
  write(): void {
    if (this.written) return;
    this.written = true;
    const { writer, machine, head, blocks } = this;
    completeHead(
      head,
      blocks.map(({ bytes }) => bytes),
      (pid) => presentEntries(machine, pid),
    );
    writer.newSection(head);
    for (const { bytes, counted } of blocks) writer.add(bytes, 0, bytes.length, counted);
    writer.endChunk();
  }
}
