import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openFile } from '../../src/capture/file.js';
import type { Source } from '../../src/capture/source.js';
import { compileFilter } from '../../src/filter/compile.js';
import { Machine } from '../../src/machine/machine.js';
import { RereadFiles } from '../../src/machine/reread_files.js';
import { CaptureError } from '../../src/scap/capture_error.js';
import { PPME } from '../../src/scap/events.generated.js';
import { ALL_NEEDS, applyPlan, planRun } from '../../src/session/run_plan.js';
import { Session } from '../../src/session/session.js';
import { captureDir } from '../capture/read_all.js';
import { headOf, processEntry } from '../machine/observed.js';
import { filteredRun } from './filtered_run.js';
import { ListingSource } from './listing_source.js';
import { CALL, type Step, Story } from './story.js';

const CAPTURE = join(import.meta.dirname, '../fixtures/containers.scap.gz');
const scratch = captureDir();
const THREAD = 8192 | 1 | 2;
const LINE = '*%evt.num %evt.latency %evt.type %proc.name %thread.tid %fd.num %fd.name %fd.type %evt.args';

const PROCESSES = [
  processEntry(10, { comm: 'sh' }),
  processEntry(11, { comm: 'sh', pid: 10, flags: THREAD }),
  processEntry(20, { comm: 'cat' }),
  processEntry(30, { comm: 'nginx' }),
];

interface Told {
  lines: string[];
  state: unknown;
  whole: number;
  told: number;
  summary: { events: number; passed: number };
}

async function run(
  text: string,
  blocks: readonly Buffer[],
  perChunk: number,
  everyEvent: boolean,
  unlisted = -1,
): Promise<Told> {
  const source = new ListingSource(headOf({ processes: PROCESSES }), blocks, perChunk);
  source.unlisted = unlisted;
  const { machine, lines, whole, summary } = await filteredRun(source, text, LINE, everyEvent);
  machine.settle();
  const state = [...machine.threads.values()].map((thread) => ({
    tid: thread.tid,
    comm: thread.comm,
    // Nobody asks for the fd of a call that has ended.
    lastFd: thread.lastLatency === 0 ? thread.lastFd : -1,
    latency: thread.lastLatency,
    // Of their ages nothing but the order counts.
    fds: machine.fdTable(thread)?.oldestFirst(),
    files: [...(machine.fdTable(thread) ?? [])].map(([fd, info]) => [
      fd,
      { ...info, age: 0, closeCanceled: info.closeCanceled?.name, ruledFor: null, ruledAt: -1 },
    ]),
  }));
  const { events, passed } = summary;
  return { lines, state, whole, told: source.told, summary: { events, passed } };
}

/** Two threads of one process that open and close the same few files do most of it. */
const step = fc.record({
  thread: fc.oneof(
    { weight: 3, arbitrary: fc.nat({ max: 1 }) },
    { weight: 1, arbitrary: fc.nat({ max: 6 }) },
  ),
  what: fc.oneof({ weight: 1, arbitrary: fc.nat({ max: 4 }) }, { weight: 1, arbitrary: fc.nat({ max: 23 }) }),
  fd: fc.nat({ max: 3 }),
  name: fc.nat({ max: 9 }),
});

/** `sh` opens a file as fd 1, another as fd 2. */
const OPEN_LOG = [0, 0, 1, 1] as const;
const OPEN_PASSWD = [0, 0, 2, 0] as const;

/** A file as fd 1, used and closed. */
const OPEN_LIBC = [0, 2, 1, 3] as const;
const READ = [0, 7, 1, 0] as const;
const CLOSE = [0, 3, 1, 0] as const;

/** Mostly files that are opened, used, copied and closed. */
const fileStep = fc.record({
  thread: fc.oneof(
    { weight: 3, arbitrary: fc.nat({ max: 1 }) },
    { weight: 1, arbitrary: fc.nat({ max: 6 }) },
  ),
  what: fc.oneof(
    { weight: 4, arbitrary: fc.nat({ max: 7 }) },
    { weight: 1, arbitrary: fc.constant(9) },
    { weight: 1, arbitrary: fc.nat({ max: 23 }) },
  ),
  fd: fc.nat({ max: 3 }),
  name: fc.nat({ max: 15 }),
});

/** Two threads of a process and one of another, with three fds and few names: what was found out of these counts again and again. */
const fdStep = fc.record({
  thread: fc.constantFrom(0, 0, 0, 0, 1, 2),
  what: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(2, 2, 2, 3, 3, 7, 7, 7, 6, 6) },
    { weight: 3, arbitrary: fc.constantFrom(0, 5, 9, 10, 11, 12, 19, 20) },
    { weight: 1, arbitrary: fc.constantFrom(8, 14, 15, 16, 18, 21, 22, 23) },
  ),
  fd: fc.nat({ max: 2 }),
  name: fc.constantFrom(0, 1, 2, 3, 3, 3, 8, 11, 11),
});

/**
 * Runs a filter over stories of such steps, with passing over and without. Gives how many chunks came with effects, and how many events were spared.
 * @param most steps of a story. `whole`: nearly all calls return before anything else happens.
 */
async function compareRuns(
  steps: fc.Arbitrary<Step>,
  filters: readonly string[],
  most = 160,
  whole = false,
): Promise<{ told: number; spared: number }> {
  let told = 0;
  let spared = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(steps, { minLength: 20, maxLength: most, size: whole ? 'max' : 'small' }),
      fc.constantFrom(...filters),
      fc.integer({ min: 1, max: 40 }),
      async (story, text, perChunk) => {
        const halves = (i: number) => (whole && i % 9 !== 0 ? 2 : 1);
        const { blocks } = story
          .flatMap((one, i) => Array.from({ length: halves(i) }, () => one))
          .reduce((told, one) => told.step(one), new Story());
        const short = await run(text, blocks, perChunk, false);
        const long = await run(text, blocks, perChunk, true);
        expect(short.lines).toEqual(long.lines);
        expect(short.state).toEqual(long.state);
        expect(short.summary).toEqual(long.summary);
        told += short.told;
        spared += long.whole - short.whole;
      },
    ),
    // TSDIG_STORIES=N goes through more of them.
    { numRuns: Number(process.env.TSDIG_STORIES ?? (whole ? 150 : 400)) },
  );
  return { told, spared };
}

/** Thread, what it does, fd and name of a step's call. */
type Call = readonly [thread: number, what: number, fd: number, name: number];
const CONNECTION: readonly Call[] = [
  [0, 10, 1, 0],
  [0, 9, 1, 2],
  [0, 11, 1, 2],
  [0, 11, 1, 2],
];

describe('threads and fds that are ruled out', () => {
  it('whatever threads do, lines and state are as if every event had been taken in', async () => {
    const { told, spared } = await compareRuns(step, [
      'proc.name=cat',
      'proc.name=ls',
      'proc.pname=sh',
      'evt.type=close and proc.name in (nginx, ls)',
      `evt.type in (close, ${CALL}) and proc.name=cat`,
      'thread.tid=11',
      'proc.name=cat and fd.name contains /etc',
    ]);
    expect(told).toBeGreaterThan(1000);
    expect(spared).toBeGreaterThan(1000);
  });

  it('also who opens one directory from the other for a long time', async () => {
    const story = new Story();
    const open = (name: number) =>
      story.step({ thread: 0, what: 0, fd: 1, name }).step({ thread: 0, what: 0, fd: 1, name });
    open(0);
    // `openat(1, "../up") = 1`
    for (let i = 0; i < 20_000; i++) open(4);
    // `dup2(1, 2)`, `dup2(2, 1)`
    for (let i = 0; i < 40_000; i++)
      story.step({ thread: 0, what: 6, fd: 1 + (i & 2) / 2, name: 2 - (i & 2) / 2 });
    for (const perChunk of [5000, 25_000]) {
      const short = await run('proc.name=cat', story.blocks, perChunk, false);
      const long = await run('proc.name=cat', story.blocks, perChunk, true);
      expect(short.whole).toBeLessThan(perChunk === 5000 ? 20_000 : 25_100);
      expect(short.state).toEqual(long.state);
    }
  });

  // Random stories seldom come by these. A step is thread, what, fd, name: see `Story.enter`.
  it.each<[string, string, readonly (readonly [number, number, number, number])[]]>([
    [
      'a number is copied to while another thread closes it',
      'fd.name contains nosuch',
      [
        OPEN_LOG,
        OPEN_LOG,
        OPEN_PASSWD,
        OPEN_PASSWD,
        [0, 7, 1, 0],
        [0, 7, 1, 0],
        [1, 3, 2, 0],
        [0, 6, 1, 2],
        [0, 6, 1, 2],
        [1, 3, 2, 0],
      ],
    ],
    [
      'a file that is ruled out by its path gets the number that was just closed',
      'fd.name contains /etc',
      [OPEN_LOG, OPEN_LOG, OPEN_PASSWD, OPEN_PASSWD, [1, 3, 2, 0], [0, 0, 2, 1], [1, 3, 2, 0], [0, 0, 2, 1]],
    ],
    [
      'a file is opened relative to a directory that has just been opened itself',
      'proc.name=nosuch',
      [
        ...[OPEN_LOG, OPEN_LOG, OPEN_PASSWD, OPEN_PASSWD],
        ...[[0, 0, 2, 3] as const, [0, 0, 2, 3] as const, [0, 0, 1, 10] as const, [0, 0, 1, 10] as const],
      ],
    ],
    [
      'two numbers are given out again in the other order',
      'proc.name=nosuch',
      [
        ...[OPEN_LOG, OPEN_LOG, OPEN_PASSWD, OPEN_PASSWD],
        ...[[0, 3, 1, 0] as const, [0, 3, 1, 0] as const, [0, 3, 2, 0] as const, [0, 3, 2, 0] as const],
        ...[OPEN_PASSWD, OPEN_PASSWD, OPEN_LOG, OPEN_LOG],
      ],
    ],
    // The other thread of the process, which is looked at, gives a number out that was closed before; it is copied then.
    ...(['opens a file', 'makes a pipe'] as const).map(
      (does, i) =>
        [
          `a thread that is looked at ${does}`,
          'thread.tid=11',
          [
            ...[OPEN_LOG, OPEN_LOG, [0, 0, 3, 1], [0, 0, 3, 1], [0, 3, 3, 0], [0, 3, 3, 0]],
            ...[[1, 8 * i, 3, 2 * i] as const, [1, 8 * i, 3, 2 * i] as const, [0, 6, 3, 1], [0, 6, 3, 1]],
          ],
        ] as [string, string, readonly Call[]],
    ),
    [
      'a call is about an fd that was ruled out until it was closed',
      'not fd.filename startswith l',
      [
        // Ruled out, known by its path, and opened and closed unseen from then on.
        ...[0, 1, 2, 3].flatMap((): Call[] => [OPEN_LIBC, OPEN_LIBC, READ, READ, CLOSE, CLOSE]),
        ...[READ, READ],
      ],
    ],
    [
      'a closing call has lost its end, the next one its beginning, with a call without a type of its own between',
      `evt.type in (close, ${CALL}) and proc.name=cat`,
      [OPEN_LOG, OPEN_LOG, [0, 18, 1, 0], [0, 16, 0, 0], [0, 16, 0, 0], [0, 18, 1, 1]],
    ],
  ])('also where %s', async (_, text, steps) => {
    // What comes first lets events be passed over: the session asks for that once it has looked at many.
    const reads = Array.from({ length: 40 }, () => [0, 7, 0, 0] as const);
    const story = new Story();
    for (const [thread, what, fd, name] of [...reads, ...steps]) story.step({ thread, what, fd, name });
    const short = await run(text, story.blocks, 20, false);
    const long = await run(text, story.blocks, 20, true);
    expect(short.lines).toEqual(long.lines);
    expect(short.state).toEqual(long.state);
    expect(short.whole).toBeLessThan(long.whole);
  });

  it('whatever becomes of fds, too', async () => {
    const { told, spared } = await compareRuns(fileStep, [
      'fd.name contains /etc',
      'fd.name contains nosuch',
      'fd.name contains 10.0',
      'not fd.filename startswith l',
      'evt.type in (openat, close, dup2) and fd.directory=/etc',
      'fd.typechar=f and fd.name contains /etc',
      'fd.type=ipv4',
      'fd.name in (/etc/passwd, /var/log/syslog) or fd.port=53',
    ]);
    expect(told).toBeGreaterThan(1000);
    expect(spared).toBeGreaterThan(1000);
  });

  it('also where calls about the same few fds come again and again', async () => {
    const { told, spared } = await compareRuns(
      fdStep,
      [
        'fd.name contains passwd',
        'fd.name contains libc',
        'not fd.filename startswith l',
        'fd.name contains 10.0 or fd.filename=syslog',
        'fd.type=ipv4',
        'evt.type in (read, close) and fd.directory in (/usr/lib, /etc)',
      ],
      300,
      true,
    );
    expect(told).toBeGreaterThan(1000);
    expect(spared).toBeGreaterThan(1000);
  });

  it('also while a name without which nothing passes has not occurred, and from then on', async () => {
    const { told, spared } = await compareRuns(fileStep, [
      'fd.name contains asked',
      'fd.filename=up',
      'fd.directory=/srv',
      'fd.name startswith /opt/da',
      'fd.name in (/home/notes.txt, /usr/lib/libc.so.6)',
      'evt.type=read and (fd.name endswith /data or fd.directory pmatch (/srv/up))',
    ]);
    expect(told).toBeGreaterThan(1000);
    expect(spared).toBeGreaterThan(1000);
  });

  // A connection and two messages over it; then its fd is another socket, over which a message tells the ends.
  it.each<[string, string, readonly Call[]]>([
    ['closed', 'proc.name=nosuch', [...CONNECTION, [0, 3, 1, 0], [0, 10, 1, 0], [0, 11, 1, 4]]],
    ['copied to', 'proc.name=nosuch', [[0, 10, 2, 0], ...CONNECTION, [0, 6, 2, 1], [0, 11, 1, 4]]],
    [
      'replaced by a thread that is looked at',
      'thread.tid=11',
      [...CONNECTION, [1, 10, 1, 0], [0, 11, 1, 4]],
    ],
  ])(
    'a socket over which messages told nothing new is asked again when its fd was %s',
    async (_, filter, calls) => {
      const story = new Story();
      for (const [thread, what, fd, name] of calls)
        for (let half = 0; half < 2; half++) story.step({ thread, what, fd, name });
      // Lists begin with the second chunk.
      const before = new Story();
      for (let i = 0; i < 40; i++) before.step({ thread: 3, what: 7, fd: 0, name: 0 });
      const blocks = [...before.blocks, ...story.blocks];
      let told = 0;
      for (const perChunk of [1, 3, 40]) {
        const short = await run(filter, blocks, perChunk, false);
        const long = await run(filter, blocks, perChunk, true);
        expect(short.state).toEqual(long.state);
        expect(inspect(short.state, { depth: 9 })).toContain('->');
        told += short.told;
      }
      expect(told).toBeGreaterThan(20);
    },
  );

  it('so it is behind a chunk that has no list', async () => {
    const calls: readonly Call[] = [...CONNECTION, [0, 10, 1, 0], [0, 11, 1, 4]];
    const story = new Story();
    for (let i = 0; i < 8; i++) story.step({ thread: 3, what: 7, fd: 0, name: 0 });
    for (const [thread, what, fd, name] of calls)
      for (let half = 0; half < 2; half++) story.step({ thread, what, fd, name });
    // Chunks of two events: the fd becomes another socket in the last but one.
    const count = story.blocks.length / 2;
    const short = await run('proc.name=nosuch', story.blocks, 2, false, count - 3);
    const long = await run('proc.name=nosuch', story.blocks, 2, true);
    expect(short.state).toEqual(long.state);
    expect(short.told).toBe(count - 2);
  });

  it('in the memory of the list, too, which the file is read into', async () => {
    const path = scratch.file('in_place.scap', gunzipSync(readFileSync(CAPTURE)));
    for (const text of ['proc.name=cat', 'container.name=nosuch', 'fd.name contains /etc']) {
      const source = openFile(path, { readSize: 65536 });
      const next = source.next.bind(source);
      let inPlace = 0;
      const watched: Source['next'] = async () => {
        const item = await next();
        if (item?.kind === 'events' && item.list?.offsets.buffer === item.bytes.buffer) inPlace++;
        return item;
      };
      const short = await filteredRun(Object.assign(source, { next: watched }), text, LINE, false);
      const long = await filteredRun(openFile(path), text, LINE, true);
      expect(short.lines).toEqual(long.lines);
      expect(short.machine.snapshot()).toEqual(long.machine.snapshot());
      expect(short.summary).toEqual({ ...long.summary, lastTs: short.summary.lastTs });
      expect(inPlace).toBeGreaterThan(0);
    }
  });

  it('read the opening of files again, also when the run is over, and say so where it is no longer there', async () => {
    const path = scratch.file('plain.scap', gunzipSync(readFileSync(CAPTURE)));
    const machine = new Machine();
    const filter = compileFilter('proc.name=nosuch');
    const wantedTypes = applyPlan(planRun(filter, [{ eventTypes: null, needs: ALL_NEEDS }]), machine);
    const whole = new Machine();
    await new Session({ source: openFile(path), machine: whole, sinks: [{ onAny() {} }] }).run();
    const source = openFile(path, { readSize: 65536 });
    let reads = 0;
    const { readAgain } = source;
    Object.assign(source, {
      readAgain: (...args: Parameters<NonNullable<typeof readAgain>>) => {
        reads++;
        return readAgain?.(...args);
      },
    });
    await new Session({ source, machine, sinks: [], filter, wantedTypes }).run();
    const files = (of: Machine): string[] =>
      [...of.threads.values()].flatMap((thread) =>
        [...(of.fdTable(thread) ?? [])].map(([fd, info]) => `${thread.tid} ${fd} ${info.name} ${info.ino}`),
      );
    expect(files(machine)).toEqual(files(whole));
    expect(reads).toBeGreaterThan(0);

    const position = firstOpening(readFileSync(path));
    const bytes = readFileSync(path);
    const reread = (from: Buffer): RereadFiles =>
      new RereadFiles((into, at, length) => from.copy(into, 0, at, at + length));
    expect(reread(bytes).openedAt(position, '').name).toMatch(/^\//);
    expect(() => reread(Buffer.alloc(bytes.length)).openedAt(position, '')).toThrow(
      `byte ${position} no longer says what it did: the file was changed while it was read`,
    );
    expect(() => reread(bytes.subarray(0, position + 40)).openedAt(position, '')).toThrow(CaptureError);
  });
});

/** Where the exit event of the first openat that opened an absolute path stands. */
function firstOpening(bytes: Buffer): number {
  for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 4)) {
    const opens = bytes.readUInt32LE(at) === 0x216 && bytes.readUInt16LE(at + 30) === PPME.SYSCALL_OPENAT_2_X;
    if (opens && bytes.includes('\0/', at + 60) && bytes.readBigInt64LE(at + 36 + 14) >= 0n) return at;
  }
  throw new Error('no openat');
}
