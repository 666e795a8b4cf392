import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { containerOf } from '../../src/container/cgroup.js';
import { ContainerInfo, ContainerTable, ContainerType, LookupState } from '../../src/container/container.js';
import { HoldQueue, type PendingLookups } from '../../src/container/holding.js';
import { EventView } from '../../src/event/view.js';
import { encodeEvent, type ParamValue } from '../../src/scap/encode_event.js';
import { PPME } from '../../src/scap/events.generated.js';

const A = 'aa'.repeat(32);
const B = 'bb'.repeat(32);
const ID = A.slice(0, 12);
const IDB = B.slice(0, 12);
const T0 = 1_795_244_790_000_000_000n;
let seq = 0n;

/** The exit of an execve (or clone) of a thread in these cgroups. */
function exec(tid: number, path: string, type: number = PPME.SYSCALL_EXECVE_19_X, res = 0): Buffer {
  const params: ParamValue[] = [
    res,
    'exe',
    '',
    tid,
    tid,
    1,
    '/',
    0,
    0,
    0,
    0,
    0,
    0,
    'comm',
    `cpu=${path}\0memory=${path}\0`,
  ];
  return encodeEvent(type, { ts: T0 + seq++, tid }, params);
}

/** Any other event of a thread. */
function close(tid: number): Buffer {
  return encodeEvent(PPME.SYSCALL_CLOSE_X, { ts: T0 + seq++, tid }, [0]);
}

/** A stream of events through a queue, as a session does it; tells the events that got through, in order. */
class Stream {
  readonly table = new ContainerTable();
  readonly lookups: PendingLookups & { waiting: Set<string> } = {
    waiting: new Set<string>(),
    pending(id) {
      return this.waiting.has(id);
    },
    get pendingCount() {
      return this.waiting.size;
    },
    onResolved: null,
  };
  now = 0;
  readonly threads = new Map<number, string>();
  readonly passed: { type: number; tid: number; ts: bigint }[] = [];
  readonly queue: HoldQueue;
  private readonly view = new EventView();

  constructor(options: { waitMs?: number; maxBytes?: number } = {}) {
    this.table.onNew = (info) => this.lookups.waiting.add(info.id);
    this.queue = new HoldQueue(this.lookups, this.table, (tid) => this.threads.get(tid), {
      waitMs: 300,
      ...options,
      now: () => this.now,
      nowNs: () => 5n,
    });
  }

  feed(...blocks: Buffer[]): this {
    this.inject();
    for (const block of blocks) this.run(block, 0, block.length);
    return this;
  }

  inject(): this {
    for (let chunk = this.queue.injected(); chunk !== null; chunk = this.queue.injected()) {
      this.run(chunk.bytes, chunk.start, chunk.end);
    }
    return this;
  }

  /** The look-up of a container ends, with a name or (null) without. */
  resolve(fullId: string, name: string | null): this {
    const id = fullId.slice(0, 12);
    this.lookups.waiting.delete(id);
    if (name === null) return this;
    const info = new ContainerInfo(id, fullId, ContainerType.DOCKER);
    info.name = name;
    info.lookupState = LookupState.SUCCESSFUL;
    this.table.add(info);
    this.lookups.onResolved?.(info);
    return this;
  }

  get tids(): number[] {
    return this.passed.map((ev) => ev.tid);
  }

  private run(bytes: Buffer, start: number, end: number): void {
    const view = this.view;
    for (let off = start; off < end; off = view.next) {
      view.attach(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      view.at(off);
      if (this.queue.hold(view)) continue;
      this.passed.push({ type: view.type, tid: view.tid, ts: view.absTs });
      // As the machine: the cgroups of clone and execve tell a thread's container.
      if (view.nparams > 14) this.threads.set(view.tid, containerOf(view.str(14).split('\0'))?.id ?? '');
    }
  }
}

describe('HoldQueue', () => {
  beforeEach(() => {
    seq = 0n;
  });

  it('lets others hear what was found', () => {
    const lookups = new Stream().lookups;
    const heard: string[] = [];
    lookups.onResolved = (info) => heard.push(info.name);
    new HoldQueue(lookups, new ContainerTable(), () => undefined, { waitMs: 300 });
    const info = new ContainerInfo(A.slice(0, 12), A, ContainerType.DOCKER);
    info.name = 'web';
    lookups.onResolved?.(info);
    expect(heard).toEqual(['web']);
  });

  it('holds back a new container, in order, until its name is there, and nothing else', () => {
    const s = new Stream();
    s.feed(
      exec(1, '/'),
      exec(10, `/docker/${A}`),
      close(1),
      close(10),
      exec(11, `/docker/${A}`),
      close(2),
      close(11),
    );
    expect(s.tids).toEqual([1, 1, 2]);
    expect(s.queue.holding).toBe(true);
    s.resolve(A, 'web').feed(close(10));
    expect(s.tids).toEqual([1, 1, 2, -1, 10, 10, 11, 11, 10]);
    expect(s.queue.holding).toBe(false);
    // First the container event, at the time of the first held event.
    expect(s.passed[3]).toEqual({ type: PPME.CONTAINER_JSON_2_E, tid: -1, ts: T0 + 1n });
    expect(s.passed.slice(4, 8).map((ev) => ev.ts - T0)).toEqual([1n, 3n, 4n, 6n]);
  });

  it('lets go after the wait, and does not wait again', () => {
    const s = new Stream();
    s.feed(exec(10, `/docker/${A}`));
    s.now = 299;
    expect(s.feed(close(10)).tids).toEqual([]);
    s.now = 300;
    expect(s.inject().tids).toEqual([10, 10]);
    expect(s.feed(close(10), exec(12, `/docker/${A}`)).tids).toEqual([10, 10, 10, 12]);
    // The name comes in the end.
    s.resolve(A, 'web').inject();
    expect(s.tids.at(-1)).toBe(-1);
  });

  it('lets go of a container that nobody knows as soon as that is clear', () => {
    const s = new Stream();
    s.feed(exec(10, `/docker/${A}`))
      .resolve(A, null)
      .inject();
    expect(s.tids).toEqual([10]);
  });

  it('does not hold known containers, nor anything when told not to wait', () => {
    const s = new Stream();
    s.resolve(A, 'web').feed(exec(10, `/docker/${A}`), close(10));
    expect(s.tids).toEqual([-1, 10, 10]);
    const none = new Stream({ waitMs: 0 });
    expect(none.feed(exec(10, `/docker/${A}`), close(10)).tids).toEqual([10, 10]);
  });

  it('holds threads that the machine knows to be in the container', () => {
    const s = new Stream();
    // Found by the scan of /proc: the look-up began without an event.
    s.threads.set(20, ID);
    s.table.note(containerOf([`=/docker/${A}`])!);
    expect(s.feed(close(20), close(1)).tids).toEqual([1]);
    expect(s.resolve(A, 'web').inject().tids).toEqual([1, -1, 20]);
  });

  it('holds children by their own clone event, whatever the machine knows', () => {
    const s = new Stream();
    s.feed(exec(10, `/docker/${A}`), exec(30, `/docker/${A}`, PPME.SYSCALL_CLONE_20_X), close(30), close(99));
    expect(s.tids).toEqual([99]);
  });

  it('never lets a thread overtake itself, though it moves on', () => {
    const s = new Stream();
    s.resolve(B, 'inner').inject();
    s.feed(exec(10, `/docker/${A}`), exec(10, `/docker/${B}`), exec(10, '/'), close(10));
    expect(s.tids).toEqual([-1]);
    s.resolve(A, 'web').inject();
    expect(s.passed.slice(2).map((ev) => ev.ts - T0)).toEqual([0n, 1n, 2n, 3n]);
  });

  it('keeps containers apart', () => {
    const s = new Stream();
    s.feed(exec(10, `/docker/${A}`), exec(20, `/docker/${B}`), close(10), close(20));
    s.resolve(B, 'b').inject();
    expect(s.tids).toEqual([-1, 20, 20]);
    expect(s.feed(close(10), close(20)).tids).toEqual([-1, 20, 20, 20]);
    s.resolve(A, 'a').inject();
    expect(s.tids).toEqual([-1, 20, 20, 20, -1, 10, 10, 10]);
    expect(s.table.get(IDB)?.name).toBe('b');
  });

  it('lets go of everything rather than fill memory', () => {
    const s = new Stream({ maxBytes: 1000 });
    s.feed(exec(10, `/docker/${A}`));
    for (let i = 0; i < 20; i++) s.feed(close(10));
    expect(s.tids.length).toBe(21);
  });

  it('lets go of everything at the end', () => {
    const s = new Stream();
    s.feed(exec(10, `/docker/${A}`), close(10));
    s.queue.flush();
    expect(s.inject().tids).toEqual([10, 10]);
    expect(s.queue.injected()).toBeNull();
  });

  it('loses nothing and keeps each thread in order, whatever happens when', () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('exec' as const),
        tid: fc.integer({ min: 1, max: 6 }),
        to: fc.constantFrom('/', `/docker/${A}`, `/docker/${B}`),
      }),
      fc.record({ kind: fc.constant('close' as const), tid: fc.integer({ min: 1, max: 6 }) }),
      fc.record({
        kind: fc.constant('resolve' as const),
        id: fc.constantFrom(A, B),
        name: fc.constantFrom('x', null),
      }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 200 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const s = new Stream();
        const sent: bigint[] = [];
        for (const one of steps) {
          if (one.kind === 'resolve') s.resolve(one.id, one.name).inject();
          else if (one.kind === 'wait') {
            s.now += one.ms;
            s.inject();
          } else {
            sent.push(T0 + seq);
            s.feed(one.kind === 'exec' ? exec(one.tid, one.to) : close(one.tid));
          }
        }
        s.queue.flush();
        s.inject();
        const got = s.passed.filter((ev) => ev.tid > 0);
        expect(got.map((ev) => ev.ts).sort()).toEqual(sent);
        for (let tid = 1; tid <= 6; tid++) {
          const times = got.filter((ev) => ev.tid === tid).map((ev) => ev.ts);
          expect(times).toEqual([...times].sort());
        }
      }),
      { numRuns: 200 },
    );
  });
});
