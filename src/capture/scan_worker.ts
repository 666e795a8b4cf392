// The reading thread: reads a plain capture file piece by piece, checks its blocks, lists the events that somebody looks at and says what they do.
import { readSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { EventScan } from '../event/event_scan.js';
import type { SharedMemory } from '../event/web_assembly.js';
import {
  COMMAND,
  Command,
  EFFECTS,
  END,
  EVENTS,
  FEW_FILLED,
  FILLED,
  LISTED,
  PIECE,
  READY,
  SLOTS,
  scanRing,
  TAKEN,
  THREADS,
} from './scan_ring.js';

/** What the thread is started with. */
export interface ScanOrder {
  readonly fd: number;
  readonly memory: SharedMemory;
}

const { fd, memory } = workerData as ScanOrder;
const ring = scanRing(memory);
const { control, position, slots } = ring;
const scan = new EventScan(ring.scan);

/** Waits until a slot is free; false: the thread is to end. */
function waitForRoom(filled: number): boolean {
  for (;;) {
    const taken = Atomics.load(control, TAKEN);
    if (filled - taken < SLOTS) return true;
    if (Atomics.load(control, COMMAND) === Command.QUIT) return false;
    Atomics.wait(control, TAKEN, taken, 1000);
  }
}

/** Reads from `position` on until there is something that is no sound event: the caller's own reader deals with that. */
function read(): void {
  const effects = Atomics.load(control, EFFECTS) === 1;
  let at = position[0];
  for (let filled = 0; waitForRoom(filled); ) {
    const i = filled % SLOTS;
    const slot = slots[i];
    let got = 0;
    try {
      got = readSync(fd, slot.bytes, 0, PIECE, at);
    } catch {
      // The caller's reader meets the same error and tells it.
    }
    const end = got > 0 ? scan.scan(slot, got, effects) : 0;
    control[END + i] = end;
    if (end === 0) {
      position[0] = at;
      Atomics.compareExchange(control, COMMAND, Command.READ, Command.WAIT);
    } else {
      control[EVENTS + i] = scan.count;
      control[LISTED + i] = scan.listed;
      control[THREADS + i] = scan.threads;
      at += end;
    }
    Atomics.store(control, FILLED, ++filled);
    if (end === 0 || filled - Atomics.load(control, TAKEN) <= FEW_FILLED) Atomics.notify(control, FILLED);
    if (end === 0) return;
  }
}

Atomics.store(control, READY, 1);
for (;;) {
  const command = Atomics.load(control, COMMAND);
  if (command === Command.QUIT) break;
  if (command === Command.READ) read();
  else Atomics.wait(control, COMMAND, Command.WAIT);
}
