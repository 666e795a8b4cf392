import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { WantedEvents } from '../event/wanted.js';
import {
  COMMAND,
  Command,
  END,
  EVENTS,
  LISTED,
  READY,
  type ScanRing,
  SLOTS,
  SlotState,
  STATE,
  scanRing,
} from './scan_ring.js';
import type { ScanOrder } from './scan_worker.js';
import type { EventChunk } from './source.js';

/** From so many bytes on a second thread is worth its start (some 30 ms of another processor). */
export const WORTH_A_THREAD = 48 * 1024 * 1024;
/** After so long without a piece the thread is given up: the file is then read here. */
const PATIENCE_MS = 10_000;

/** The program of the thread, beside this module or, in the bundle, where the modules are. Tests run from sources and name another. */
const SCRIPT = new URL(
  import.meta.url.endsWith('/cli/main.js') ? '../capture/scan_worker.js' : './scan_worker.js',
  import.meta.url,
);

/**
 * Reads and checks a plain file on a thread of its own while the caller works on what came before: a third of the time
 * of a filtered run, where a second processor is free. Its pieces lie in shared memory, nothing is copied; the caller
 * looks at the listed events only.
 */
export class ScanThread {
  private readonly worker: Worker;
  private readonly ring: ScanRing;
  private slot = 0;
  /** Place in the file behind the last piece that was handed out. */
  private at = 0;
  private handedOut = false;
  private dead = false;

  private constructor(fd: number, wanted: WantedEvents | undefined, script: URL) {
    this.ring = scanRing();
    const order: ScanOrder = { fd, memory: this.ring.memory, wanted };
    this.worker = new Worker(script, { workerData: order, execArgv: [] });
    // Without the thread everything works as before, only slower.
    this.worker.on('error', () => {
      this.dead = true;
    });
    this.worker.unref();
  }

  /** Starts a thread; null where there is no processor for it or its program is missing. */
  static start(fd: number, wanted: WantedEvents | undefined, script = SCRIPT): ScanThread | null {
    if (availableParallelism() < 2 || !existsSync(fileURLToPath(script))) return null;
    return new ScanThread(fd, wanted, script);
  }

  /** It has come up and waits for work. */
  get ready(): boolean {
    return !this.dead && Atomics.load(this.ring.control, READY) === 1;
  }

  /** Begins at a place of the file where an event block begins. */
  begin(at: number): void {
    const { control, position } = this.ring;
    position[0] = at;
    this.at = at;
    this.slot = 0;
    this.handedOut = false;
    for (let i = 0; i < SLOTS; i++) Atomics.store(control, STATE + i, SlotState.FREE);
    Atomics.store(control, COMMAND, Command.READ);
    Atomics.notify(control, COMMAND);
  }

  /** The next piece, or where in the file the caller has to go on himself. What was handed out before is given back. */
  next(): EventChunk | number {
    const { control, slots, position } = this.ring;
    if (this.handedOut) {
      this.handedOut = false;
      Atomics.store(control, STATE + this.slot, SlotState.FREE);
      Atomics.notify(control, STATE + this.slot);
      this.slot = (this.slot + 1) % SLOTS;
    }
    const i = this.slot;
    if (Atomics.load(control, STATE + i) === SlotState.FREE)
      Atomics.wait(control, STATE + i, SlotState.FREE, PATIENCE_MS);
    const state = Atomics.load(control, STATE + i);
    if (state === SlotState.FULL) {
      const end = control[END + i];
      const { bytes, dv, offsets, ordinals } = slots[i];
      this.handedOut = true;
      this.at += end;
      const list = { offsets, ordinals, length: control[LISTED + i], events: control[EVENTS + i] };
      return { kind: 'events', bytes, dv, start: 0, end, list };
    }
    if (state === SlotState.HANDED_BACK) return position[0];
    this.dead = true;
    return this.at;
  }

  close(): void {
    Atomics.store(this.ring.control, COMMAND, Command.QUIT);
    Atomics.notify(this.ring.control, COMMAND);
    for (let i = 0; i < SLOTS; i++) Atomics.notify(this.ring.control, STATE + i);
    void this.worker.terminate();
  }
}
