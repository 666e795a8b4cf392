import { describe, expect, test } from 'vitest';
import type { Source, SourceItem } from '../../src/capture/source.js';
import { encodeEvent } from '../../src/scap/encode_event.js';
import { PPME } from '../../src/scap/events.generated.js';
import { BASE, headOf, processEntry } from '../machine/observed.js';
import { runChisel } from './run_chisel.js';

const BURNER = 100;
const SLEEPER = 200;

/** A switch on CPU 0 at so many ms: who stops running, who begins. */
type Switch = readonly [ms: number, from: number, to: number];

/** What a live source gives at a time: the switches of a chunk, and how far everything is known behind it (ms). */
interface Delivery {
  readonly switches: readonly Switch[];
  /** Undefined: more is waiting already. */
  readonly known: number | undefined;
}

const nsAt = (ms: number): bigint => BigInt(BASE) * 1_000_000_000n + BigInt(Math.round(ms * 1e6));

/** A live capture that is delivered as told: with delays, in bursts. */
function liveSource(deliveries: readonly Delivery[]): Source {
  const items: (SourceItem & { known?: number | undefined })[] = [
    {
      kind: 'head',
      head: headOf({
        processes: [processEntry(BURNER, { comm: 'burner' }), processEntry(SLEEPER, { comm: 'sleeper' })],
      }),
    },
    ...deliveries.map(({ switches, known }) => {
      const bytes = Buffer.concat(
        switches.map(([ms, from, to]) =>
          encodeEvent(PPME.SCHEDSWITCH_6_E, { ts: nsAt(ms), tid: from }, [to, 0, 0, 0, 0, 0]),
        ),
      );
      const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      return { kind: 'events' as const, bytes, dv, start: 0, end: bytes.length, known };
    }),
  ];
  let known: number | undefined;
  return {
    kind: 'live',
    name: '',
    skipped: 0,
    next() {
      const item = items.shift() ?? null;
      known = item?.known;
      return item;
    },
    knownUntil: () => (known === undefined ? undefined : nsAt(known)),
    progress: () => ({ done: 0, total: 0 }),
    stop() {},
    close() {},
  };
}

/** The percents of a process, table by table. */
async function percents(deliveries: readonly Delivery[], name: string): Promise<number[]> {
  const { text } = await runChisel(liveSource(deliveries), ['-c', 'topprocs_cpu'], { live: true });
  return [...text.matchAll(new RegExp(`^(\\S+)%\\s+${name} `, 'gm'))].map((match) => Number(match[1]));
}

describe('CPU% of a live capture', () => {
  test('is the share of the time that is known, however late events come', async () => {
    // Runs alone from 100 ms on; a switch to a thread that sleeps again at once is all that is ever told.
    const shown = await percents(
      [
        { switches: [[100, 0, BURNER]], known: 950 },
        { switches: [], known: 1300 },
        { switches: [], known: 2010 },
        // Nothing is known for long, then everything at once.
        {
          switches: [
            [2020, BURNER, SLEEPER],
            [2020.001, SLEEPER, BURNER],
          ],
          known: undefined,
        },
        {
          switches: [
            [2900, BURNER, SLEEPER],
            [2900.001, SLEEPER, BURNER],
          ],
          known: undefined,
        },
        {
          switches: [
            [3050, BURNER, SLEEPER],
            [3050.001, SLEEPER, BURNER],
          ],
          known: 3060,
        },
        { switches: [], known: 3990 },
        { switches: [], known: 4700 },
        { switches: [], known: 5001 },
      ],
      'burner',
    );
    expect(shown.length).toBeGreaterThanOrEqual(5);
    for (const percent of shown) expect(percent).toBeCloseTo(100, 1);
  });

  test('of half the time is a half, though slices reach over the ends of intervals', async () => {
    const switches: Switch[] = [];
    for (let at = 0; at < 6000; at += 700) switches.push([at, 0, BURNER], [at + 350, BURNER, 0]);
    const deliveries = switches.map((one, i) => ({
      switches: [one],
      // Every third time something more is waiting.
      known: i % 3 === 2 ? undefined : one[0] + 5,
    }));
    const shown = await percents(deliveries, 'burner');
    expect(shown.length).toBeGreaterThanOrEqual(5);
    for (const percent of shown) expect(percent).toBeLessThanOrEqual(70.01);
    const mean = shown.reduce((sum, percent) => sum + percent, 0) / shown.length;
    expect(Math.abs(mean - 50)).toBeLessThan(6);
  });

  test('of who sleeps is nothing', async () => {
    const shown = await percents(
      [1, 2, 3].map((second) => ({
        switches: [[second * 1000 - 900, 0, BURNER]],
        known: second * 1000 + 20,
      })),
      'sleeper',
    );
    expect(shown.length).toBeGreaterThan(0);
    expect(new Set(shown)).toEqual(new Set([0]));
  });
});
