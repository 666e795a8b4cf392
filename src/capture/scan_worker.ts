// The reading thread: reads a plain capture file piece by piece, checks its blocks and lists the events that somebody looks at.
import { readSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { verdictOn, type WantedEvents } from '../event/wanted.js';
import { EventScanner } from '../scap/scan_events.js';
import {
  COMMAND,
  Command,
  END,
  EVENTS,
  LISTED,
  PIECE,
  READY,
  SLOTS,
  type Slot,
  SlotState,
  STATE,
  scanRing,
} from './scan_ring.js';

/** What the thread is started with. */
export interface ScanOrder {
  readonly fd: number;
  readonly memory: SharedArrayBuffer;
  readonly wanted: WantedEvents | undefined;
}

const { fd, memory, wanted } = workerData as ScanOrder;
const { control, position, slots } = scanRing(memory);
const scanner = new EventScanner();

/** Lists the events before `end` that are wanted; all whose block is not of the plain kind. */
function list(slot: Slot, end: number): number {
  const { dv, offsets, ordinals } = slot;
  let listed = 0;
  let ordinal = 0;
  for (let at = 0; at < end; at += dv.getUint32(at + 4, true)) {
    if (wanted === undefined || dv.getUint32(at, true) !== 0x216 || verdictOn(wanted, dv, at) !== 0) {
      offsets[listed] = at;
      ordinals[listed++] = ordinal;
    }
    ordinal++;
  }
  return listed;
}

function tell(index: number, value: number): void {
  Atomics.store(control, index, value);
  Atomics.notify(control, index);
}

/** Reads from `position` on until there is something that is no sound event: the caller's own reader deals with that. */
function read(): void {
  let at = position[0];
  for (let i = 0; ; i = (i + 1) % SLOTS) {
    while (Atomics.load(control, STATE + i) !== SlotState.FREE) {
      if (Atomics.load(control, COMMAND) === Command.QUIT) return;
      Atomics.wait(control, STATE + i, SlotState.FULL, 1000);
    }
    const slot = slots[i];
    let got = 0;
    try {
      got = readSync(fd, slot.bytes, 0, PIECE, at);
    } catch {
      // The caller's reader meets the same error and tells it.
    }
    const end = got > 0 ? scanner.scan(slot.dv, 0, got) : 0;
    if (end === 0) {
      position[0] = at;
      Atomics.compareExchange(control, COMMAND, Command.READ, Command.WAIT);
      tell(STATE + i, SlotState.HANDED_BACK);
      return;
    }
    control[END + i] = end;
    control[EVENTS + i] = scanner.count;
    control[LISTED + i] = list(slot, end);
    tell(STATE + i, SlotState.FULL);
    at += end;
  }
}

tell(READY, 1);
for (;;) {
  const command = Atomics.load(control, COMMAND);
  if (command === Command.QUIT) break;
  if (command === Command.READ) read();
  else Atomics.wait(control, COMMAND, Command.WAIT);
}
