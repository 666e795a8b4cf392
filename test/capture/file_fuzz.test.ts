import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openBytes } from '../../src/capture/file.js';
import { EventView } from '../../src/event/view.js';
import { CaptureError } from '../../src/scap/capture_error.js';
import { encodeHead } from '../../src/scap/encode_head.js';
import { decodeDyn, decodeFdlist, decodeStrings } from '../../src/scap/list_params.js';
import { lastWholeBlock } from '../../src/scap/rewrite_event.js';
import { decodeSockaddr, decodeSocktuple } from '../../src/scap/socket_params.js';
import { capture2014, capture2016, prereleaseCapture } from '../scap/old_capture.js';
import { fixture } from './read_all.js';

const whole = gunzipSync(readFileSync(fixture('containers-compat.scap.gz')));
// Metadata and some hundreds of events.
const small = whole.subarray(0, lastWholeBlock(whole, 0, 60_000));
const SUBJECTS = [small, prereleaseCapture(), capture2014(), capture2016()];

/** A place in a capture, evenly spread: fast-check alone prefers the ends. */
const PLACE = fc.noBias(fc.integer({ min: 0, max: 999_999 })).map((n) => n / 1e6);

/**
 * Reads a capture as every part of the program does: each parameter of each event by every reader. Anything thrown but
 * CaptureError escapes and fails the test.
 */
function exercise(bytes: Buffer, readSize: number): { events: number; failed: boolean } {
  const source = openBytes(bytes, { readSize });
  const view = new EventView();
  let events = 0;
  try {
    for (;;) {
      const item = source.next();
      if (item instanceof Promise) throw new Error('memory needs no waiting');
      if (item === null) return { events, failed: false };
      if (item.kind === 'head') {
        encodeHead(item.head);
        continue;
      }
      view.attach(item.bytes, item.dv);
      for (let off = item.start; off < item.end; off = view.next) {
        if (!view.at(off)) throw new Error('a block that is no event was delivered');
        events++;
        touch(view);
      }
    }
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    expect(error.message).not.toContain('\n');
    expect(error.offset).toBeLessThanOrEqual(bytes.length);
    return { events, failed: true };
  }
}

function touch(view: EventView): void {
  const last = view.block + view.dv.getUint32(view.block + 4, true);
  // One more than there are: a missing parameter reads as nothing.
  for (let i = Math.min(view.nparams, 64); i >= 0; i--) {
    view.u8(i);
    view.u16(i);
    view.u32(i);
    view.i32(i);
    view.i64(i);
    view.u64(i);
    view.big(i);
    view.str(i);
    const raw = view.raw(i);
    if (raw.length !== view.paramLen(i)) throw new Error('raw and paramLen differ');
    if (i >= view.nparams) {
      if (raw.length > 0) throw new Error('a missing parameter has bytes');
      continue;
    }
    const off = view.paramOffset(i);
    if (off + raw.length > last) throw new Error('a parameter leaves its block');
    decodeSockaddr(view.dv, off, raw.length);
    decodeSocktuple(view.dv, off, raw.length);
    decodeFdlist(view.dv, off, raw.length);
    decodeStrings(view.bytes, off, raw.length);
    decodeDyn(view.dv, off, raw.length, view.info?.params[i]?.dynTable);
  }
}

describe('damaged captures', () => {
  it('are read without damage: the test itself', () => {
    for (const bytes of SUBJECTS.slice(1))
      expect(exercise(bytes, 4096)).toEqual({ events: 7, failed: false });
    expect(exercise(small, 4096).events).toBeGreaterThan(200);
  });

  it('never throw anything but CaptureError: some bytes changed', () => {
    let failures = 0;
    let survivors = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...SUBJECTS),
        fc.array(fc.tuple(PLACE, fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.constantFrom(64, 1000, 65536),
        (subject, changes, readSize) => {
          const bytes = Buffer.from(subject);
          for (const [where, value] of changes) bytes[Math.floor(where * (bytes.length - 1))] = value;
          const { failed } = exercise(bytes, readSize);
          if (failed) failures++;
          else survivors++;
        },
      ),
      { numRuns: 400 },
    );
    // Both kinds must occur, or the changes test nothing.
    expect(failures).toBeGreaterThan(20);
    expect(survivors).toBeGreaterThan(5);
  });

  it('never throw anything but CaptureError: lengths and counts changed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SUBJECTS),
        PLACE,
        fc.constantFrom(0, 1, 4, 11, 12, 13, 40, 255, 65535, 65536, 0x7fffffff, 0x80000000, 0xffffffff),
        (subject, where, value) => {
          const bytes = Buffer.from(subject);
          bytes.writeUInt32LE(value, Math.floor((where * (bytes.length - 4)) / 2) * 2);
          exercise(bytes, 8192);
        },
      ),
      { numRuns: 600 },
    );
  });

  it('never throw anything but CaptureError: cut anywhere', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SUBJECTS), PLACE, (subject, part) => {
        exercise(subject.subarray(0, Math.floor(subject.length * part)), 3000);
      }),
      { numRuns: 200 },
    );
  });

  it('never throw anything but CaptureError: noise behind a section header', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        exercise(Buffer.concat([small.subarray(0, 28), noise]), 4096);
      }),
      { numRuns: 300 },
    );
  });
});
