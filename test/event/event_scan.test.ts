import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { setWanted } from '../../src/event/effects.js';
import { EventScan } from '../../src/event/event_scan.js';
import { EFFECT_BITS, Effect, MARK_THREAD, Verdict } from '../../src/event/scan_codes.js';
import { ScanMemory, type ScanSlot } from '../../src/event/scan_memory.js';
import { verdictOn, type WantedEvents } from '../../src/event/wanted.js';
import { blockKind, OldBlock } from '../../src/scap/blocks.js';
import { encodeEvent } from '../../src/scap/encode_event.js';
import { PPME } from '../../src/scap/events.generated.js';
import { EventScanner } from '../../src/scap/scan_events.js';
import { Stop } from '../../src/scap/scan_stop.js';

const FIXTURES = join(import.meta.dirname, '../fixtures');
const ROOM = 64 * 1024;

/** The event blocks that real recordings have behind their heads, up to ROOM bytes of each. */
function recordings(): Buffer[] {
  const names = readdirSync(FIXTURES).filter((name) => /\.scap(\.gz)?$/.test(name));
  return names.flatMap((name) => {
    const stored = readFileSync(join(FIXTURES, name));
    const bytes = name.endsWith('.gz') ? gunzipSync(stored) : stored;
    let at = 0;
    while (at < bytes.length && blockKind(bytes.readUInt32LE(at)).kind !== 'event')
      at += bytes.readUInt32LE(at + 4);
    return at < bytes.length ? [bytes.subarray(at, at + ROOM)] : [];
  });
}

const RECORDINGS = recordings();

/** Some types and codes are wanted, in every way that there is. */
const WANTED: WantedEvents = new Uint8Array(2 * 65536).map((_, i) =>
  i < 2 ? Verdict.BY_CODE : [Verdict.UNWANTED, Verdict.PLAIN, Verdict.CHANGING, Verdict.WANTED][i & 3],
);

const OLD_BLOCKS: readonly number[] = Object.values(OldBlock);

/** Two slots: what is done in the first must leave the second alone. */
const memory = new ScanMemory(2, ROOM);
const scan = new EventScan(memory);
const [slot, neighbour] = memory.slots as [ScanSlot, ScanSlot];
setWanted(memory, WANTED);

/** What stops both: of blocks of the first format this one knows nothing. */
function scannedBy(scanner: EventScanner, dv: DataView, length: number): { end: number; count: number } {
  const end = scanner.scan(dv, 0, length);
  let known = 0;
  let count = 0;
  while (known < end && [0x216, 0x217, 0x221, 0x222].includes(dv.getUint32(known, true))) {
    known += dv.getUint32(known + 4, true);
    count++;
  }
  return { end: known, count };
}

function check(bytes: Buffer): void {
  slot.bytes.fill(0);
  bytes.copy(slot.bytes);
  const before = Buffer.from(slot.bytes);
  for (const list of [neighbour.offsets, neighbour.ordinals, neighbour.marks, neighbour.fds]) list.fill(-7);
  neighbour.bytes.fill(7);

  const end = scan.scan(slot, 0, bytes.length, true);
  const scanner = new EventScanner();
  const known = scannedBy(scanner, slot.dv, bytes.length);
  expect({ end, count: scan.count }).toEqual(known);
  const isOld = bytes.length - end >= 12 && OLD_BLOCKS.includes(slot.dv.getUint32(end, true));
  expect(scan.stop).toBe(isOld ? Stop.OTHER : scanner.stop);

  const listed: { at: number; ordinal: number }[] = [];
  for (let at = 0, ordinal = 0; at < end; at += slot.dv.getUint32(at + 4, true), ordinal++)
    if (slot.dv.getUint32(at, true) !== 0x216 || verdictOn(WANTED, slot.dv, at) !== Verdict.UNWANTED)
      listed.push({ at, ordinal });
  expect(scan.listed).toBe(listed.length);
  const tids = new Map<number, number>();
  listed.forEach(({ at, ordinal }, i) => {
    expect([slot.offsets[i], slot.ordinals[i]]).toEqual([at, ordinal]);
    const thread = slot.marks[i] >> MARK_THREAD;
    const effect = slot.marks[i] & EFFECT_BITS;
    expect(Effect[effect]).toBeDefined();
    if (slot.dv.getUint32(at, true) !== 0x216 || slot.dv.getInt32(at + 22, true) !== 0) {
      expect(slot.marks[i]).toBe(0);
      return;
    }
    const tid = slot.dv.getInt32(at + 18, true);
    expect(tids.get(tid) ?? thread).toBe(thread);
    tids.set(tid, thread);
    if (effect > Effect.NOTHING) expect(slot.dv.getUint16(at + 30, true) & 1).toBe(effect & 1);
  });
  expect([...tids.values()].sort((a, b) => a - b)).toEqual([...tids.keys()].map((_, i) => i + 1));
  expect(scan.threads).toBe(tids.size + 1);

  expect(slot.bytes.equals(before)).toBe(true);
  for (const list of [neighbour.offsets, neighbour.ordinals, neighbour.marks, neighbour.fds])
    expect(list.every((word) => word === -7)).toBe(true);
  expect(neighbour.bytes.every((byte) => byte === 7)).toBe(true);
}

const OPENAT = { enter: PPME.SYSCALL_OPENAT_2_E, exit: PPME.SYSCALL_OPENAT_2_X };

function began(tid: number, path: string): Buffer {
  return encodeEvent(OPENAT.enter, { ts: 1n, tid }, [-100, path, 1, 0]);
}

function ended(tid: number, path: string, fd = 3): Buffer {
  return encodeEvent(OPENAT.exit, { ts: 2n, tid }, [fd, -100, path, 1, 0, 5, 6]);
}

/** What the events of a chunk do, one name each. */
function effectsOf(...blocks: readonly Buffer[]): string[] {
  const opens = new Uint8Array(2 * 65536);
  opens[OPENAT.enter] = Verdict.PLAIN;
  opens[OPENAT.exit] = Verdict.CHANGING;
  setWanted(memory, opens);
  const bytes = Buffer.concat(blocks);
  bytes.copy(slot.bytes);
  expect(scan.scan(slot, 0, bytes.length, true)).toBe(bytes.length);
  setWanted(memory, WANTED);
  return blocks.map((_, i) => Effect[slot.marks[i] & EFFECT_BITS] ?? '');
}

describe('the compiled scan', () => {
  it('says that a file was opened, unless another path was asked for than the event tells', () => {
    expect(effectsOf(began(7, '/etc/a'), ended(7, '/etc/a'))).toEqual(['ENTER', 'OPEN']);
    expect(slot.fds[1]).toBe(3);
    expect(effectsOf(began(7, '/etc/a'), ended(7, '/etc/b'))).toEqual(['ENTER', 'LOOK']);
    expect(effectsOf(began(7, '/etc/a'), ended(7, '/etc/ab'))).toEqual(['ENTER', 'LOOK']);
    expect(effectsOf(began(7, 'a'), ended(7, 'a'))).toEqual(['ENTER', 'OPEN_AT']);
    expect(effectsOf(began(7, '/etc/a'), ended(7, '/etc/a', -2))).toEqual(['ENTER', 'EXIT']);
  });

  it('takes no call for one that began in the chunk before', () => {
    const first = began(1, '/etc/a');
    expect(effectsOf(first, began(2, '/etc/a'))).toEqual(['ENTER', 'ENTER']);
    // Where the second thread's call stood, there is one of the first thread now.
    expect(effectsOf(first, began(1, '/etc/a'), ended(2, '/etc/a'))).toEqual(['ENTER', 'ENTER', 'LOOK']);
  });

  it('finds the same sound events as the scanner in real recordings, and lists those that are wanted', () => {
    expect(RECORDINGS.length).toBeGreaterThan(3);
    let events = 0;
    for (const bytes of RECORDINGS) {
      check(bytes);
      events += scan.count;
    }
    expect(events).toBeGreaterThan(1000);
  });

  it('the same where they are cut or damaged, and writes into its own lists only', () => {
    const recording = fc.constantFrom(...RECORDINGS);
    const change = fc.record({
      at: fc.nat(ROOM - 1),
      value: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 255)),
    });
    fc.assert(
      fc.property(recording, fc.nat(ROOM), fc.array(change, { maxLength: 20 }), (bytes, length, changes) => {
        const damaged = Buffer.from(bytes.subarray(0, length));
        for (const { at, value } of changes) if (at < damaged.length) damaged[at] = value;
        check(damaged);
      }),
      { numRuns: 150 },
    );
  });

  it('the same where lengths and counts are damaged', () => {
    const numbers = [0, 1, 11, 12, 13, 39, 40, 43, 44, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];
    fc.assert(
      fc.property(
        fc.constantFrom(...RECORDINGS),
        fc.nat(40),
        fc.constantFrom(0, 4, 22, 26, 32, 36, 38),
        fc.constantFrom(...numbers),
        (bytes, nth, field, value) => {
          const damaged = Buffer.from(bytes);
          let at = 0;
          for (let i = 0; i < nth && at + 80 < damaged.length; i++) at += damaged.readUInt32LE(at + 4);
          if (at + field + 4 <= damaged.length) damaged.writeUInt32LE(value, at + field);
          check(damaged);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('tells whether watched texts occur in listed events of the types that count', () => {
    const watching = new ScanMemory(1, ROOM);
    const watcher = new EventScan(watching);
    const [watched] = watching.slots as [ScanSlot];
    setWanted(watching, WANTED);
    let met = 0;
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 5 });
    const part = fc.tuple(fc.constantFrom(...RECORDINGS), fc.nat(ROOM), fc.integer({ min: 1, max: 40 }));
    fc.assert(
      fc.property(
        fc.array(fc.oneof(bytes, part), { minLength: 1, maxLength: 4 }),
        fc.nat(3),
        (choices, skip) => {
          const texts = choices.map((choice) =>
            choice instanceof Uint8Array
              ? Buffer.from(choice)
              : Buffer.from(
                  choice[0].subarray(
                    choice[1] % (choice[0].length - 40),
                    (choice[1] % (choice[0].length - 40)) + choice[2],
                  ),
                ),
          );
          const types = new Uint8Array(1024).map((_, type) => (type % 4 === skip ? 0 : 1));
          for (const recording of RECORDINGS) {
            recording.copy(watched.bytes);
            watcher.watch({ texts, types });
            watcher.scan(watched, 0, recording.length, false);
            let expected = false;
            for (let i = 0; i < watcher.listed; i++) {
              const at = watched.offsets[i];
              const plain = watched.dv.getUint32(at, true) === 0x216;
              if (plain && types[watched.dv.getUint16(at + 30, true)] === 0) continue;
              const block = watched.bytes.subarray(at + 36, at + watched.dv.getUint32(at + 4, true));
              expected ||= texts.some((text) => block.includes(text));
            }
            expect(watcher.met).toBe(expected);
            if (expected) met++;
          }
        },
      ),
      { numRuns: 60 },
    );
    expect(met).toBeGreaterThan(20);
  });
});
