import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openBytes, openFile } from '../../src/capture/file.js';
import { mergeSources } from '../../src/capture/merge.js';
import type { Source, SourceItem } from '../../src/capture/source.js';
import { emptyHead } from '../../src/scap/decode_head.js';
import { encodeEvent } from '../../src/scap/encode_event.js';
import { encodeHead } from '../../src/scap/encode_head.js';
import { PPME } from '../../src/scap/events.generated.js';
import { unknownProcess } from '../../src/scap/unknown_process.js';
import { fixture, readAll } from './read_all.js';

const T = 1_700_000_000_000_000_000n;

/** A capture of lane `tid` with events at the given times. */
function capture(tid: number, times: readonly number[]): Buffer {
  const head = encodeHead({ ...emptyHead(), processes: [unknownProcess(tid, tid)] });
  return Buffer.concat([
    Buffer.from(head),
    ...times.map((t, i) =>
      encodeEvent(PPME.SYSCALL_CLOSE_X, { ts: T + BigInt(t), tid, flags: t % 3 === 0 ? 1 : 0 }, [i]),
    ),
  ]);
}

/** A source that answers late, as compressed files and pipes do. */
function late(source: Source): Source {
  return {
    ...source,
    kind: 'file',
    name: source.name,
    skipped: 0,
    next: async (): Promise<SourceItem | null> => source.next(),
    progress: () => source.progress(),
    stop: () => source.stop(),
    close: () => source.close(),
  };
}

interface Seen {
  events: [tid: number, time: number, index: number][];
  heads: { tid: number; add: boolean; at: number }[];
  error: unknown;
}

async function merged(sources: Source[]): Promise<Seen> {
  const seen: Seen = { events: [], heads: [], error: undefined };
  const source = mergeSources(sources);
  try {
    for (;;) {
      const item = await source.next();
      if (item === null) break;
      if (item.kind === 'head') {
        seen.heads.push({ tid: item.head.processes[0].tid, add: item.add === true, at: seen.events.length });
        continue;
      }
      for (let off = item.start; off < item.end; off += item.dv.getUint32(off + 4, true)) {
        const hdr = off + (item.dv.getUint32(off, true) === 0x216 ? 10 : 14);
        const tid = item.dv.getUint32(hdr + 8, true);
        const time = Number(item.dv.getBigUint64(hdr, true) - T);
        seen.events.push([tid, time, item.dv.getUint32(hdr + 28, true)]);
      }
    }
  } catch (error) {
    seen.error = error;
  }
  source.close();
  return seen;
}

describe('merged captures', () => {
  it('come in order of time, each whole and in its own order', async () => {
    const times = fc
      .array(fc.nat(200), { minLength: 1, maxLength: 40 })
      .map((list) => list.sort((a, b) => a - b));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(times, fc.boolean(), fc.constantFrom(50, 200, 5000)), {
          minLength: 1,
          maxLength: 4,
        }),
        async (lanes) => {
          const sources = lanes.map(([list, isLate, readSize], i) => {
            const source = openBytes(capture(i + 1, list), { readSize });
            return isLate ? late(source) : source;
          });
          const { events, error, heads } = await merged(sources);
          expect(error).toBeUndefined();
          const expected = lanes
            .flatMap(([list], i) => list.map((t, n): [number, number, number] => [i + 1, t, n]))
            .sort((a, b) => a[1] - b[1] || a[0] - b[0] || a[2] - b[2]);
          expect(events).toEqual(expected);
          // Each head stands right before the first event of its capture.
          expect(heads.map((h) => h.tid).sort()).toEqual(lanes.map((_, i) => i + 1));
          for (const h of heads) {
            const first = events.findIndex(([tid]) => tid === h.tid);
            expect(h.at).toBe(first);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('that overlap add their heads, those that follow each other replace them', async () => {
    const overlap = await merged([openBytes(capture(1, [1, 5, 9])), openBytes(capture(2, [3, 4]))]);
    expect(overlap.heads).toEqual([
      { tid: 1, add: false, at: 0 },
      { tid: 2, add: true, at: 1 },
    ]);
    const rotated = await merged([openBytes(capture(2, [10, 11])), openBytes(capture(1, [1, 2]))]);
    expect(rotated.heads).toEqual([
      { tid: 1, add: false, at: 0 },
      { tid: 2, add: false, at: 2 },
    ]);
  });

  it('are read to the end although one of them is cut', async () => {
    const cut = capture(1, [1, 2, 3]).subarray(0, -5);
    const { events, error } = await merged([openBytes(cut), openBytes(capture(2, [2, 10, 20]))]);
    expect(events.map(([tid, t]) => [tid, t])).toEqual([
      [1, 1],
      [1, 2],
      [2, 2],
      [2, 10],
      [2, 20],
    ]);
    expect(error).toMatchObject({ name: 'CaptureError', kind: 'truncated' });
  });

  it('of one is that one', () => {
    const source = openBytes(capture(1, [1]));
    expect(mergeSources([source])).toBe(source);
  });

  it('work on real recordings', async () => {
    const names = ['containers.scap.gz', 'http.scap.gz'];
    const single = await Promise.all(names.map((name) => readAll(openFile(fixture(name)))));
    const both = await readAll(mergeSources(names.map((name) => openFile(fixture(name)))));
    expect(both.error).toBeUndefined();
    expect(both.blocks.length).toBe(single[0].blocks.length + single[1].blocks.length);
    const sorted = (list: Buffer[]): string[] => list.map((b) => b.toString('latin1')).sort();
    expect(sorted(both.blocks)).toEqual(sorted(single.flatMap((one) => one.blocks)));
  });
});
