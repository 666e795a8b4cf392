import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventView } from '../../src/event/view.js';
import { encodeEvent, type ParamValue } from '../../src/scap/encode_event.js';
import { EVENTS, PPME } from '../../src/scap/events.generated.js';
import { block, bytes } from '../scap/old_capture.js';

function viewOf(blocks: Buffer): EventView {
  const view = new EventView();
  const padded = Buffer.concat([blocks, Buffer.alloc(16, 0xee)]);
  view.attach(padded, new DataView(padded.buffer, padded.byteOffset, padded.length));
  return view;
}

const T = 1_700_000_000_987_654_321n;

/** The body of an event block, written down by hand. */
function body(flags: number | null, lenBytes: 2 | 4, type: number, params: Buffer[]): Buffer {
  const b = bytes().u16(3);
  if (flags !== null) b.u32(flags);
  const data = Buffer.concat(params);
  b.u64(T, 1234)
    .u32(26 + params.length * lenBytes + data.length)
    .u16(type)
    .u32(params.length);
  for (const param of params) {
    if (lenBytes === 2) b.u16(param.length);
    else b.u32(param.length);
  }
  return b.raw(data).get();
}

const READ_X = 7;
const CONTAINER_JSON_2 = 324;
const params = [bytes().u64(-2).get(), Buffer.from('data')];

describe('the view', () => {
  it.each([
    [0x216, null, 2, READ_X],
    [0x217, 1, 2, READ_X],
    [0x221, null, 4, CONTAINER_JSON_2],
    [0x222, 5, 4, CONTAINER_JSON_2],
    // A container event in a small block: lengths go by the event type, not by the block.
    [0x216, null, 4, CONTAINER_JSON_2],
  ] as const)('reads blocks of type 0x%s', (blockType, flags, lenBytes, type) => {
    const one = block(blockType, body(flags, lenBytes, type, params));
    const view = viewOf(Buffer.concat([one, one]));
    for (const off of [0, one.length]) {
      expect(view.at(off)).toBe(true);
      expect(view).toMatchObject({
        block: off,
        next: off + one.length,
        cpu: 3,
        tid: 1234,
        type,
        nparams: 2,
        blockFlags: flags ?? 0,
        len: 26 + 2 * lenBytes + 12,
      });
      expect(view.info?.id).toBe(type);
      expect(view.absTs).toBe(T);
      expect(view.i64(0)).toBe(-2);
      expect(view.big(0)).toBe(0xfffffffffffffffen);
      expect(view.raw(1).toString()).toBe('data');
      expect(view.paramLen(1)).toBe(4);
      expect(view.u32(1)).toBe(0x61746164);
    }
  });

  it('tells a block that is no event, and where the next one is', () => {
    const other = block(0x201, Buffer.alloc(180));
    const view = viewOf(other);
    expect(view.at(0)).toBe(false);
    expect(view.next).toBe(192);
  });

  it('reads metadata events: thread -1', () => {
    const view = viewOf(encodeEvent(PPME.SCAPEVENT_E, { ts: T, tid: -1 }, [1, 2]));
    view.at(0);
    expect(view.tid).toBe(-1);
    expect([view.u32(0), view.u64(1)]).toEqual([1, 2]);
  });

  it('keeps nanoseconds exact over months', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 100n * 86_400n * 1_000_000_000n }), (later) => {
        const view = viewOf(encodeEvent(PPME.SYSCALL_CLOSE_X, { ts: T + later, tid: 1 }, [0]));
        const base = EventView.secondOf(
          viewOf(encodeEvent(PPME.SYSCALL_CLOSE_X, { ts: T, tid: 1, flags: 1 }, [0])).dv,
          0,
        );
        expect(base).toBe(1_700_000_000);
        view.setBase(base);
        view.at(0);
        expect(BigInt(view.ts) + BigInt(base) * 1_000_000_000n).toBe(T + later);
      }),
    );
  });

  it('gives nothing for parameters that are missing or too short, and never leaves the event', () => {
    const view = viewOf(block(0x216, body(null, 2, READ_X, [Buffer.from([9]), Buffer.alloc(0)])));
    view.at(0);
    expect([view.u8(0), view.u16(0), view.u32(0), view.i32(0), view.i64(0), view.u64(0)]).toEqual([
      9, 0, 0, 0, 0, 0,
    ]);
    for (const i of [1, 2, 50]) {
      expect([view.u8(i), view.u16(i), view.u32(i), view.i64(i), view.big(i)]).toEqual([0, 0, 0, 0, 0n]);
      expect([view.str(i), view.raw(i).length, view.paramLen(i)]).toEqual(['', 0, 0]);
    }
  });

  it('reads parameters in any order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 1, maxLength: 29 }),
        fc.array(fc.nat(40), { maxLength: 30 }),
        (list, order) => {
          const view = viewOf(
            block(
              0x216,
              body(
                null,
                2,
                PPME.SYSCALL_EXECVE_19_X,
                list.map((p) => Buffer.from(p)),
              ),
            ),
          );
          view.at(0);
          for (const i of order) expect([...view.raw(i)]).toEqual([...(list[i] ?? [])]);
        },
      ),
    );
  });

  it('cuts text at its first NUL and keeps every byte before', () => {
    const all = Buffer.from(Array.from({ length: 255 }, (_, i) => i + 1));
    const view = viewOf(
      block(
        0x216,
        body(null, 2, READ_X, [Buffer.concat([all, Buffer.from('\0rest\0')]), Buffer.from('no end')]),
      ),
    );
    view.at(0);
    expect(view.str(0)).toBe(all.toString('latin1'));
    expect(view.str(1)).toBe('no end');
  });
});

describe('events that are made', () => {
  const value = (type: number): fc.Arbitrary<ParamValue> => {
    if ([9, 17, 43].includes(type)) return fc.constantFrom('', 'x', '/a/\xff');
    if ([10, 12, 13, 16, 27, 35, 36, 37, 38, 39, 40, 41, 33, 0].includes(type))
      return fc.uint8Array({ maxLength: 12 });
    return fc.integer({ min: 0, max: 127 });
  };
  const event = fc
    .constantFrom(...EVENTS)
    .chain((info) => fc.tuple(fc.constant(info), fc.tuple(...info.params.map((p) => value(p.type)))));

  it('of every type come back as they were', () => {
    fc.assert(
      fc.property(
        event,
        fc.integer({ min: -1 }),
        fc.nat(65535),
        fc.constantFrom(0, 1),
        ([info, list], tid, cpu, flags) => {
          const made = encodeEvent(info.id, { ts: T, tid, cpu, flags }, list);
          const view = viewOf(made);
          view.at(0);
          expect(view).toMatchObject({
            type: info.id,
            tid,
            cpu,
            blockFlags: flags,
            next: made.length,
            nparams: list.length,
          });
          list.forEach((given, i) => {
            if (typeof given === 'string') expect(view.str(i)).toBe(given);
            else if (typeof given === 'number') expect(view.raw(i)[0]).toBe(given);
            else expect([...view.raw(i)]).toEqual([...(given as Uint8Array)]);
          });
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('refuse what cannot be', () => {
    expect(() => encodeEvent(9999, { ts: 0n, tid: 1 }, [])).toThrow('unknown event type 9999');
    expect(() => encodeEvent(PPME.SYSCALL_CLOSE_X, { ts: 0n, tid: 1 }, new Array(9).fill(0))).toThrow(
      'parameters',
    );
    expect(() => encodeEvent(READ_X, { ts: 0n, tid: 1 }, [0, Buffer.alloc(65536)])).toThrow('does not fit');
    const json = encodeEvent(CONTAINER_JSON_2, { ts: 0n, tid: -1 }, ['x'.repeat(100_000)]);
    expect(json.readUInt32LE(0)).toBe(0x221);
  });
});
