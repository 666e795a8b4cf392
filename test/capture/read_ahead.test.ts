import { execFileSync } from 'node:child_process';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openFile } from '../../src/capture/file.js';
import { helperFile } from '../../src/capture/helper_files.js';
import { ReadAhead } from '../../src/capture/read_ahead.js';
import type { EventChunk, Source } from '../../src/capture/source.js';
import { Verdict } from '../../src/event/scan_codes.js';
import { lastWholeBlock } from '../../src/scap/rewrite_event.js';
import type { SessionSummary } from '../../src/session/session.js';
import { filteredRun } from '../session/filtered_run.js';
import { captureDir, fixture } from './read_all.js';

const scratch = captureDir();
const LINE = '%evt.num %evt.time %evt.type %proc.name %thread.tid %fd.num %fd.name %evt.args';
const SIZES = [
  { piece: 4096, carry: 131072 },
  { piece: 65536, carry: 131072 },
  { piece: 10_000, carry: 3000 },
] as const;

const built = helperFile('tsdig_scan.node') !== undefined;
if (!built && process.env['TSDIG_REQUIRE_LIVE'] === '1')
  throw new Error('TSDIG_REQUIRE_LIVE=1 is set and the addon that reads ahead has not been built');

/** Captures, plain. */
const CAPTURES = [
  'containers.scap.gz',
  'http.scap.gz',
  'written-by-0293.scap.gz',
  'containers-compat.scap.gz',
  'services.scap.gz',
].map((name) => gunzipSync(readFileSync(fixture(name))));
/** Metadata and some thousand events. */
const SMALL = CAPTURES[0].subarray(0, lastWholeBlock(CAPTURES[0], 0, 400_000));

/** What a run shows of a source, and how many chunks of it were read ahead. */
interface Shown {
  lines: string[];
  summary: Omit<SessionSummary, 'lastTs'> | undefined;
  error: string | undefined;
  skipped: number;
  ahead: number;
}

async function show(
  path: string,
  filter: string,
  readAhead: NonNullable<Parameters<typeof openFile>[1]>['readAhead'],
): Promise<Shown & { threads: string }> {
  const next = vi.spyOn(ReadAhead.prototype, 'next');
  const source = openFile(path, { readAhead });
  const shown: Shown = { lines: [], summary: undefined, error: undefined, skipped: 0, ahead: 0 };
  let threads = '';
  try {
    const run = await filteredRun(source, filter, LINE, false);
    shown.lines = run.lines;
    // The last event that was looked at: which that is, chunks decide.
    const { lastTs: _, ...summary } = run.summary;
    shown.summary = summary;
    threads = JSON.stringify(run.machine.snapshot(), (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    );
  } catch (error) {
    shown.error = (error as Error).message;
  }
  shown.skipped = source.skipped;
  shown.ahead = next.mock.results.filter(({ value }) => value !== null).length;
  next.mockRestore();
  return { ...shown, threads };
}

/** Both ways; gives how many chunks were read ahead. */
async function compare(path: string, filter: string, sizes: (typeof SIZES)[number]): Promise<number> {
  const { ahead, ...short } = await show(path, filter, { least: 0, ...sizes });
  const { ahead: none, ...plain } = await show(path, filter, false);
  expect(none).toBe(0);
  expect(short).toEqual(plain);
  return ahead;
}

const PLACE = fc.noBias(fc.integer({ min: 0, max: 999_999 })).map((n) => n / 1e6);

/** What may happen to a capture behind its first events. */
const damage = fc.oneof(
  fc.record({ kind: fc.constant('byte' as const), at: PLACE, value: fc.nat({ max: 255 }) }),
  fc.record({ kind: fc.constant('cut' as const), at: PLACE }),
  fc.record({ kind: fc.constant('unknown' as const), at: PLACE, size: fc.integer({ min: 12, max: 9000 }) }),
  fc.record({ kind: fc.constant('unsound' as const), at: PLACE }),
  fc.record({ kind: fc.constant('long' as const), at: PLACE, size: fc.integer({ min: 1000, max: 70_000 }) }),
  fc.record({ kind: fc.constant('section' as const) }),
);

type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function damaged(bytes: Buffer, what: Damage): Buffer {
  if (what.kind === 'section') return Buffer.concat([bytes, SMALL]);
  const first = 100_000;
  const at = first + Math.floor(what.at * (bytes.length - first));
  if (what.kind === 'byte') {
    const copy = Buffer.from(bytes);
    copy[Math.min(at, copy.length - 1)] = what.value;
    return copy;
  }
  if (what.kind === 'cut') return bytes.subarray(0, at);
  const border = lastWholeBlock(bytes, 0, at);
  return Buffer.concat([bytes.subarray(0, border), block(what), bytes.subarray(border)]);
}

/** A block of its own to put in. */
function block(what: { kind: 'unknown' | 'unsound' | 'long'; size?: number }): Buffer {
  const params = what.kind === 'long' ? (what.size ?? 0) : 0;
  const size = what.kind === 'unknown' ? ((what.size ?? 12) + 3) & ~3 : (12 + 2 + 26 + params + 3) & ~3;
  const bytes = Buffer.alloc(size);
  bytes.writeUInt32LE(what.kind === 'unknown' ? 0x999 : 0x216, 0);
  bytes.writeUInt32LE(size, 4);
  bytes.writeUInt32LE(size, size - 4);
  if (what.kind === 'unknown') return bytes;
  // A generic exit event, whose length or number of parameters does not fit where it is not sound.
  bytes.writeUInt32LE(26 + params, 10 + 16);
  bytes.writeUInt16LE(1, 10 + 20);
  bytes.writeUInt32LE(what.kind === 'unsound' ? 60_000 : 0, 10 + 22);
  return bytes;
}

/** All events wanted: a source without a session. */
const WANTED = new Uint8Array(131072).fill(Verdict.WANTED);

function begun(path: string): Source {
  const source = openFile(path, { readAhead: { least: 0, piece: 8192 } });
  for (let item = source.next(); !(item instanceof Promise) && item?.kind !== 'events'; item = source.next());
  source.narrow?.(WANTED, true);
  return source;
}

// With one processor it would be no help, and is not begun.
describe.skipIf(!built || availableParallelism() < 2)('reading ahead', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each([
    'proc.name=cat',
    'container.name=nosuch',
    'evt.type=openat and proc.name!=cat',
    'fd.name contains /etc',
    'fd.name contains nosuch',
  ])('shows the same: %s', async (filter) => {
    let ahead = 0;
    for (const [i, bytes] of CAPTURES.entries()) {
      const path = scratch.file(`same-${i}.scap`, bytes);
      for (const sizes of SIZES) ahead += await compare(path, filter, sizes);
    }
    expect(ahead).toBeGreaterThan(300);
  });

  it('shows the same, with the same error, whatever is wrong with a file', async () => {
    let ahead = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(damage, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(
          'proc.name=cat',
          'evt.type=close and container.name=nosuch',
          'fd.name contains nosuch',
        ),
        fc.constantFrom(...SIZES),
        async (wrong, filter, sizes) => {
          const path = scratch.file('wrong.scap', wrong.reduce(damaged, SMALL));
          ahead += await compare(path, filter, sizes);
        },
      ),
      { numRuns: 60 },
    );
    expect(ahead).toBeGreaterThan(500);
  });

  it('goes on without it behind an event that is longer than what a piece takes over', async () => {
    const sizes = SIZES[2];
    const whole = await compare(scratch.file('short_events.scap', SMALL), 'proc.name=cat', sizes);
    const bytes = damaged(SMALL, { kind: 'long', at: 0.2, size: 60_000 });
    const ahead = await compare(scratch.file('long_event.scap', bytes), 'proc.name=cat', sizes);
    expect(ahead).toBeGreaterThan(0);
    expect(ahead).toBeLessThan(whole / 2);
  });

  it('ends in the middle', () => {
    const path = scratch.file('end.scap', CAPTURES[1]);
    for (const end of ['close', 'stop'] as const) {
      const source = begun(path);
      expect((source.next() as EventChunk).list).toBeDefined();
      source[end]();
      expect(source.next()).toBeNull();
      source.close();
      source.close();
    }
  });

  it('says what events do from some chunk on, or no longer', () => {
    const source = begun(scratch.file('effects.scap', CAPTURES[1]));
    const said = (): boolean => (source.next() as EventChunk).list?.effects !== undefined;
    expect(said()).toBe(true);
    for (const says of [false, true]) {
      source.narrow?.(WANTED, says);
      // Those that have been scanned stay as they are.
      for (let i = 0; i < 6; i++) said();
      expect(said()).toBe(says);
    }
    source.close();
  });

  it('tells of a text also when it has ended', async () => {
    // It stands in one event, that is read ahead; behind the unknown block nothing is.
    const event = block({ kind: 'long', size: 1000 });
    event.write('some text', 100);
    const border = lastWholeBlock(CAPTURES[1], 0, 400_000);
    const [first, then] = [CAPTURES[1].subarray(0, border), CAPTURES[1].subarray(border)];
    const bytes = damaged(Buffer.concat([first, event, then]), { kind: 'unknown', at: 0.5, size: 100 });
    const path = scratch.file('text.scap', bytes);
    for (const [text, occurs] of [
      ['some text', true],
      ['no such text', false],
    ] as const) {
      const source = openFile(path, { readAhead: { least: 0, piece: 8192 } });
      for (let item = source.next(); !(item instanceof Promise) && item?.kind !== 'events'; )
        item = source.next();
      source.watch?.({ texts: [Buffer.from(text)], types: new Uint8Array(1024).fill(1) });
      source.narrow?.(WANTED, true);
      const close = vi.spyOn(ReadAhead.prototype, 'close');
      while (close.mock.calls.length === 0) await source.next();
      expect(source.met).toBe(occurs);
      close.mockRestore();
      source.close();
    }
  });

  it('is done for many files at once', () => {
    const path = scratch.file('many.scap', CAPTURES[1]);
    const sources = Array.from({ length: 20 }, () => begun(path));
    const events = sources.map(() => 0);
    for (let open = sources.length; open > 0; ) {
      open = 0;
      for (const [i, source] of sources.entries()) {
        const item = source.next() as EventChunk | null;
        if (item === null) continue;
        open++;
        events[i] += item.list?.events ?? 0;
      }
    }
    for (const source of sources) source.close();
    expect(new Set(events).size).toBe(1);
    expect(events[0]).toBeGreaterThan(1000);
  });

  it('ends with the file, however short that has become', async () => {
    const path = scratch.file('short.scap', CAPTURES[1]);
    const source = begun(path);
    const before = source.next() as EventChunk;
    // Four pieces of 8 KB may have been read by now: they end before.
    truncateSync(path, 200_000);
    expect(before.position).toBeLessThan(150_000);
    let error: unknown;
    try {
      while ((await source.next()) !== null);
    } catch (thrown) {
      error = thrown;
    }
    source.close();
    const last = lastWholeBlock(CAPTURES[1], 0, 200_000);
    const needed = CAPTURES[1].readUInt32LE(last + 4);
    expect(before.list?.events).toBeGreaterThan(0);
    expect(String(error)).toContain(
      `truncated at byte ${last}: a block needs ${needed} bytes, ${200_000 - last} are there`,
    );
  });

  it('stops with the worker that it is done in, and when nobody holds it any more', async () => {
    const path = scratch.file('worker.scap', CAPTURES[1]);
    const entry = new URL('../../dist/capture/file.js', import.meta.url).href;
    const script = scratch.file(
      'dropped.mjs',
      Buffer.from(`
        import { parentPort } from 'node:worker_threads';
        const { openFile } = await import(${JSON.stringify(entry)});
        for (let i = 0; i < 30; i++) {
          const source = openFile(${JSON.stringify(path)}, { readAhead: { least: 0, piece: 8192 } });
          while (source.next().kind !== 'events');
          source.narrow(new Uint8Array(131072).fill(1), true);
          if (source.next().list === undefined) throw new Error('nothing was read ahead');
          if (i % 10 === 0) globalThis.gc?.();
        }
        parentPort?.postMessage('begun');
        if (parentPort) setInterval(() => {}, 1000);
      `),
    );
    const output = execFileSync(process.execPath, ['--expose-gc', script], { encoding: 'utf8' });
    expect(output).toBe('');
    for (let i = 0; i < 3; i++) {
      const worker = new Worker(script);
      await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
      await worker.terminate();
    }
  });

  it('is left alone where the file is small, or it is not wanted', async () => {
    const begin = vi.spyOn(ReadAhead, 'begin');
    const path = `${scratch.dir}/small.scap`;
    writeFileSync(path, SMALL);
    await filteredRun(openFile(path), 'proc.name=cat', LINE, false);
    await filteredRun(openFile(path, { readAhead: false }), 'proc.name=cat', LINE, false);
    expect(begin).not.toHaveBeenCalled();
  });
});
