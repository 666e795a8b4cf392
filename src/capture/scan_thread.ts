import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { setWanted } from '../event/effects.js';
import type { WantedEvents } from '../event/wanted.js';
import {
  COMMAND,
  Command,
  EFFECTS,
  END,
  EVENTS,
  FEW_LEFT,
  FILLED,
  LISTED,
  READY,
  type ScanRing,
  SLOTS,
  scanRing,
  TAKEN,
  THREADS,
} from './scan_ring.js';
import type { ScanOrder } from './scan_worker.js';
import type { EventChunk, EventList } from './source.js';

/** From so many bytes on a second thread is worth its start (some 30 ms of another processor). */
export const WORTH_A_THREAD = 48 * 1024 * 1024;
/** After so long without a piece the thread is given up: the file is then read here. */
const PATIENCE_MS = 10_000;

/**
 * The program of the thread: beside this module or, in the bundle, one script of its own, which starts sooner.
 * Tests run from sources and name another.
 */
const SCRIPT = new URL(
  import.meta.url.endsWith('/cli/main.cjs') ? '../bundle/scan_worker.cjs' : './scan_worker.js',
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
  /** Pieces that were handed out since `begin`. */
  private taken = 0;
  /** Place in the file behind the last piece that was handed out. */
  private at = 0;
  private handedOut = false;
  private dead = false;
  private effects = false;

  private constructor(ring: ScanRing, fd: number, script: URL) {
    this.ring = ring;
    const order: ScanOrder = { fd, memory: this.ring.scan.memory };
    this.worker = new Worker(script, {
      workerData: order,
      execArgv: [],
      env: SHARE_ENV,
      trackUnmanagedFds: false,
    });
    // Without the thread everything works as before, only slower.
    this.worker.on('error', () => {
      this.dead = true;
    });
    this.worker.unref();
  }

  /** Starts a thread; null where there is no processor or memory for it or its program is missing. */
  static start(fd: number, script = SCRIPT): ScanThread | null {
    if (availableParallelism() < 2 || !existsSync(fileURLToPath(script))) return null;
    let ring: ScanRing;
    try {
      ring = scanRing();
    } catch {
      return null;
    }
    return new ScanThread(ring, fd, script);
  }

  /** It has come up and waits for work. */
  get ready(): boolean {
    return !this.dead && Atomics.load(this.ring.control, READY) === 1;
  }

  /**
   * Begins at a place of the file where an event block begins.
   * @param effects whether to say what the wanted events do.
   */
  begin(at: number, wanted: WantedEvents | undefined, effects: boolean): void {
    const { control, position } = this.ring;
    position[0] = at;
    this.at = at;
    this.taken = 0;
    this.handedOut = false;
    Atomics.store(control, FILLED, 0);
    Atomics.store(control, TAKEN, 0);
    setWanted(this.ring.scan, wanted);
    this.effects = effects;
    Atomics.store(control, EFFECTS, effects ? 1 : 0);
    Atomics.store(control, COMMAND, Command.READ);
    Atomics.notify(control, COMMAND);
  }

  /** The next piece, or where in the file the caller has to go on himself. What was handed out before is given back. */
  next(): EventChunk | number {
    const { control, slots, position } = this.ring;
    if (this.handedOut) {
      this.handedOut = false;
      Atomics.store(control, TAKEN, ++this.taken);
      if (Atomics.load(control, FILLED) - this.taken <= FEW_LEFT) Atomics.notify(control, TAKEN);
    }
    while (Atomics.load(control, FILLED) === this.taken) {
      if (Atomics.wait(control, FILLED, this.taken, PATIENCE_MS) !== 'timed-out') continue;
      this.dead = true;
      return this.at;
    }
    const i = this.taken % SLOTS;
    const end = control[END + i];
    if (end === 0) return position[0];
    const { bytes, dv, offsets, ordinals, marks, fds } = slots[i];
    this.handedOut = true;
    const list: EventList = {
      offsets,
      ordinals,
      length: control[LISTED + i],
      events: control[EVENTS + i],
      ...(this.effects ? { effects: { marks, fds, threads: control[THREADS + i] } } : {}),
    };
    const chunk = { kind: 'events', bytes, dv, start: 0, end, position: this.at, list } as const;
    this.at += end;
    return chunk;
  }

  close(): void {
    const { control } = this.ring;
    Atomics.store(control, COMMAND, Command.QUIT);
    Atomics.notify(control, COMMAND);
    Atomics.notify(control, TAKEN);
    void this.worker.terminate();
  }
}
