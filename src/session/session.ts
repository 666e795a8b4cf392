import type { EventChunk, Source, SourceItem } from '../capture/source.js';
import { EventView } from '../event/view.js';
import { BY_CODE, Leave, verdictOn } from '../event/wanted.js';
import type { CompiledFilter } from '../filter/compile.js';
import { GENERIC_TYPES } from '../filter/type_table.js';
import type { Machine } from '../machine/machine.js';
import { forgetRuling, passBy, ruleOut } from '../machine/pass_by.js';
import { Passing } from '../machine/passing.js';
import { RereadFiles } from '../machine/reread_files.js';
import { RuledFiles } from '../machine/ruled_files.js';
import { EC, PPME } from '../scap/events.generated.js';
import { RuledOut } from './ruled_out.js';
import type { Sink } from './sink.js';
import type { Suppression } from './suppression.js';

/** What a session runs. */
export interface SessionOptions {
  readonly source: Source;
  readonly machine: Machine;
  readonly sinks: readonly Sink[];
  /** Events that it rejects do not reach `onEvent`. */
  readonly filter?: CompiledFilter | undefined;
  /** Whose events are dropped before they are taken in or counted. */
  readonly suppression?: Suppression | undefined;
  /** Process whose events are taken in for the state but never shown: tsdig itself. */
  readonly hiddenPid?: number;
  /** Pass internal events (metadata) to the sinks too. */
  readonly internalEvents?: boolean;
  /** Stop after so many events that passed the filter; 0 = no limit. */
  readonly maxEvents?: number;
  /**
   * Event types of which a 1 says that somebody looks at them (as `applyPlan` makes it): the others are only counted.
   * Undefined: all.
   */
  readonly wantedTypes?: Uint8Array | undefined;
  /** How often `onPause` is called at least while no events come, in ms. */
  readonly idleMs?: number;
  /** Live: called before each event is processed; true = the event is held back (see the container resolver). */
  readonly hold?: (ev: EventView) => boolean;
  /**
   * Live, without a filter: a 1 for each event type whose events need not be looked at one by one, unless `holds` says that some
   * are held back. The source itself leaves out what the process `hiddenPid` does.
   */
  readonly unlooked?: Uint8Array | undefined;
  /** Whether events may be held back now. */
  readonly holds?: () => boolean;
  /** Live: blocks to process before the next chunk: container events, events that were held back. */
  readonly injected?: () => EventChunk | null;
}

/** How a session went. */
export interface SessionSummary {
  /** Events seen, of whatever kind. */
  events: number;
  /** Events that passed the filter. */
  passed: number;
  /** Events that `suppression` covers. */
  suppressed: number;
  /** First and last event, ns relative to the view's base second. */
  firstTs: number;
  lastTs: number;
}

/** Reading moves to a thread of its own where more than one event in so many is looked at: else reading is all there is to do. */
const FEW = 8;
/** More than so many types are looked at only where fds are kept. */
const MANY = 100;
const TYPES = 1024;

/** Whether a run that keeps so many types up to date will look at a good part of all events: opening, closing, messages. */
function looksAtMany(wanted: Uint8Array | undefined): boolean {
  if (wanted === undefined) return true;
  let types = 0;
  for (let type = 0; type < TYPES; type++) if (wanted[type] !== 0) types++;
  return types > MANY;
}

/**
 * Whether events that the filter rules out may be passed over: nobody looks at every event, and it is not live capture, where
 * what is known of containers comes at any time.
 */
function rulesOut({ source, sinks, filter, suppression }: SessionOptions): boolean {
  const whole = source.kind === 'live' || sinks.some((sink) => sink.onAny || sink.onBefore);
  return filter?.ruling != null && !whole && suppression === undefined;
}

/** For a filter that rules out paths; null: it does not, or the source cannot be read again. */
function ruledFilesOf(options: SessionOptions): RuledFiles | null {
  const { source, filter } = options;
  if (!rulesOut(options) || !filter?.ruling?.byPath || filter.ruling.scope !== 'fd') return null;
  const readAgain = source.readAgain?.bind(source);
  return readAgain === undefined ? null : new RuledFiles(new RereadFiles(readAgain));
}

/** The table of wanted types with those marked that may be passed over; undefined: all are wanted as they are. */
function triageOf(options: SessionOptions, passing: Uint8Array): Uint8Array | undefined {
  const { wantedTypes } = options;
  if (!rulesOut(options)) return wantedTypes;
  const triage = wantedTypes?.slice() ?? new Uint8Array(2 * 65536).fill(1);
  for (let type = 0; type < passing.length; type++)
    if (passing[type] !== Passing.NO && triage[type] === 1) triage[type] = passing[type];
  if (GENERIC_TYPES.some((type) => passing[type] === Passing.PLAIN && triage[type] === BY_CODE))
    markCodes(triage.subarray(65536));
  return triage;
}

/** Marks the calls that are wanted as plain. Most codes are of no call, and wanted. */
function markCodes(codes: Uint8Array): void {
  const unwanted = codes.lastIndexOf(0);
  for (let code = 0; code < unwanted; code++) codes[code] *= Leave.PLAIN;
  codes.fill(Leave.PLAIN, unwanted + 1);
}

/** EVF flag: parsed for state, not shown. */
const STATE_ONLY = 1;

/** Metadata events that a section begins with: part of the initial state, neither shown nor counted by `maxEvents`. */
const INITIAL: ReadonlySet<number> = new Set<number>([
  PPME.CONTAINER_E,
  PPME.CONTAINER_JSON_E,
  PPME.CONTAINER_JSON_2_E,
  PPME.USER_ADDED_E,
  PPME.GROUP_ADDED_E,
  PPME.ASYNCEVENT_E,
]);

/**
 * Runs one stream of events through machine, filter and sinks. The loop allocates nothing per event
 * and gives control back to the event loop only between chunks.
 */
export class Session {
  readonly view = new EventView();
  readonly summary: SessionSummary = { events: 0, passed: 0, suppressed: 0, firstTs: 0, lastTs: 0 };
  private readonly options: SessionOptions;
  private readonly maxEvents: number;
  private readonly eventSinks: readonly Sink[];
  private readonly anySinks: readonly Sink[];
  private readonly passedSinks: readonly Sink[];
  private readonly beforeSinks: readonly Sink[];
  private readonly chunkSinks: readonly Sink[];
  /** Single events are all that is looked at, and they are numbered as the file has them. */
  private readonly visitsEvents: boolean;
  /** The filter rules out threads, and nobody looks at what these do. */
  private readonly rulesThreads: boolean;
  /** The section's first ordinary event has not come yet. */
  private initial = true;
  /** The filter has been asked of an event. */
  private begun = false;
  private stopping = false;
  private ended = false;
  private based = false;
  /** Events that got beyond their header. */
  private looked = 0;
  /** For chunks whose events' effects are known; undefined: none has come yet. */
  private ruledOut: RuledOut | undefined;
  /** Null where paths rule out nothing. */
  private readonly ruledFiles: RuledFiles | null;
  /** Made with the first chunk: by then the machine knows its plan. */
  private triage: { readonly table: Uint8Array | undefined } | null = null;

  constructor(options: SessionOptions) {
    this.options = options;
    this.maxEvents = options.maxEvents || Number.POSITIVE_INFINITY;
    this.eventSinks = options.sinks.filter((sink) => sink.onEvent);
    this.anySinks = options.sinks.filter((sink) => sink.onAny);
    this.passedSinks = options.sinks.filter((sink) => sink.onPassed);
    this.beforeSinks = options.sinks.filter((sink) => sink.onBefore);
    this.chunkSinks = options.sinks.filter((sink) => sink.onChunk);
    // Suppressed events are not counted: which number an event has is then known here only.
    this.visitsEvents = this.chunkSinks.length === 0 && options.suppression === undefined;
    this.ruledFiles = ruledFilesOf(options);
    this.rulesThreads = rulesOut(options) && options.filter?.ruling?.scope === 'thread';
  }

  /**
   * Ends the source: a file is read no further, a live capture records no more, and what it has recorded already is still
   * processed. Safe from a signal handler.
   */
  stop(): void {
    this.stopping = true;
    this.options.source.stop();
  }

  /** Ends the run at once: after the current event, from within a sink. What is waiting is given up. */
  end(): void {
    this.ended = true;
    this.stop();
  }

  /**
   * Runs to the end of the source. Sinks are always ended, also after an error, which is thrown afterwards.
   * @throws what the source, a sink or the filter throws.
   */
  async run(): Promise<SessionSummary> {
    const { source, machine, sinks } = this.options;
    let failure: unknown;
    try {
      // With threads ruled out that shows with the first events.
      if (this.visitsEvents && !this.rulesThreads && looksAtMany(this.options.wantedTypes))
        source.prepare?.();
      const idleMs = this.options.idleMs ?? 0;
      let pending: Promise<SourceItem | null> | null = null;
      let lastTurn = performance.now();
      while (!this.ended && (!this.stopping || source.kind === 'live')) {
        const next: SourceItem | null | Promise<SourceItem | null> = pending ?? source.next();
        let item: SourceItem | null;
        if (next instanceof Promise) {
          const first: SourceItem | null | typeof IDLE = idleMs > 0 ? await orIdle(next, idleMs) : await next;
          if (first === IDLE) {
            pending = next;
            this.runInjected();
            await this.pause();
            continue;
          }
          item = first;
          lastTurn = performance.now();
        } else {
          item = next;
          // Sources that answer at once must not lock out signals, timers and the network.
          if (performance.now() - lastTurn > TURN_MS) {
            await new Promise((resolve) => setImmediate(resolve));
            lastTurn = performance.now();
          }
        }
        pending = null;
        if (item === null) break;
        if (item.kind === 'head') {
          machine.load(item.head, item.add);
          if (!item.add) this.initial = true;
          this.options.suppression?.load(machine);
          for (const sink of sinks) sink.onHead?.(machine);
        } else {
          this.runInjected();
          this.runChunk(item);
          if (!this.initial && this.visitsEvents && this.looked * FEW > this.summary.events)
            source.narrow?.(this.triage?.table, this.rulesThreads);
          if (!this.ended) await this.pause();
        }
      }
      this.runInjected();
    } catch (error) {
      failure = error;
    }
    for (const sink of sinks) {
      try {
        await sink.onEnd?.(machine);
      } catch (error) {
        failure ??= error;
      }
    }
    source.close();
    if (failure !== undefined) throw failure;
    return this.summary;
  }

  private async pause(): Promise<void> {
    const { sinks, machine, source } = this.options;
    const known = source.knownUntil?.();
    for (const sink of sinks) {
      const waiting = sink.onPause?.(machine, known);
      if (waiting) await waiting;
    }
  }

  private runInjected(): void {
    const injected = this.options.injected;
    if (!injected) return;
    for (let chunk = injected(); chunk; chunk = injected()) this.runChunk(chunk);
  }

  private runChunk(chunk: EventChunk): void {
    const { enters } = this.options.machine;
    enters.beginChunk(chunk.bytes, chunk.dv);
    const ruled = this.ruledOutOf(chunk);
    this.runEvents(chunk, ruled);
    ruled?.end();
    enters.endChunk();
  }

  private ruledOutOf(chunk: EventChunk): RuledOut | null {
    const { source, machine, filter } = this.options;
    const { list } = chunk;
    if (list?.effects === undefined || this.initial || filter === undefined) return null;
    this.ruledOut ??= new RuledOut(machine, filter, source.readAgain?.bind(source));
    this.ruledOut.begin(chunk, list, list.effects);
    return this.ruledOut;
  }

  /** For openings in the chunk; null: they are all looked at. */
  private openingsOf(chunk: EventChunk): RuledFiles | null {
    if (this.ruledFiles === null || chunk.position === undefined) return null;
    this.ruledFiles.position = chunk.position;
    return this.ruledFiles;
  }

  /** The types whose events go to the sinks unseen now; null: each is looked at. */
  private unlooked(): Uint8Array | null {
    const { unlooked = null, holds, filter, suppression, sinks } = this.options;
    if (unlooked === null || !this.begun || filter !== undefined || suppression !== undefined) return null;
    if (Number.isFinite(this.maxEvents) || holds?.() === true) return null;
    const whole = sinks.every(
      (sink) =>
        (sink.onRun !== undefined && sink.takesRuns?.() !== false) ||
        !(sink.onAny || sink.onBefore || sink.onEvent || sink.onPassed || sink.onChunk),
    );
    return whole ? unlooked : null;
  }

  /** Events between `start` and `end` that nobody had to look at. */
  private passRun(bytes: Buffer, start: number, end: number): void {
    for (const sink of this.options.sinks) sink.onRun?.(bytes, start, end);
  }

  private runEvents(chunk: EventChunk, ruled: RuledOut | null): void {
    const { view, summary } = this;
    const { machine, filter, hold, internalEvents, hiddenPid, suppression } = this.options;
    this.triage ??= { table: triageOf(this.options, machine.passing) };
    const wanted = this.triage.table;
    const ruling = filter?.ruling ?? null;
    const byFd = ruling?.scope === 'fd';
    const files = this.openingsOf(chunk);
    const { eventSinks, anySinks, passedSinks, beforeSinks } = this;
    const end = chunk.end;
    const dv = chunk.dv;
    view.attach(chunk.bytes, dv);
    let off = chunk.start;
    if (!this.based && off < end) {
      this.based = true;
      view.setBase(EventView.secondOf(dv, off));
      if (view.at(off)) summary.firstTs = view.ts;
    }
    let events = summary.events;
    const before = events;
    let skipped = 0;
    const { list } = chunk;
    let unlooked = this.unlooked();
    for (let next = 0; ; ) {
      if (unlooked !== null) {
        const first = off;
        while (
          off < end &&
          dv.getUint32(off, true) === 0x216 &&
          unlooked[dv.getUint16(off + 30, true)] === 1
        ) {
          off += dv.getUint32(off + 4, true);
          events++;
          summary.passed++;
        }
        if (off > first) {
          this.passRun(chunk.bytes, first, off);
          // Every block ends with its length: the time of the last one is the run's.
          if (off >= end) view.at(off - dv.getUint32(off - 4, true));
        }
      }
      if (list !== undefined) {
        if (ruled !== null) next = ruled.skip(next);
        if (next === list.length) {
          events = before + list.events;
          skipped += list.events - list.length;
          off = end;
          break;
        }
        off = list.offsets[next];
        events = before + list.ordinals[next++];
      } else if (off >= end) break;
      let verdict = 1;
      if (wanted !== undefined && !this.initial && dv.getUint32(off, true) === 0x216) {
        verdict = verdictOn(wanted, dv, off);
        if (
          verdict === 0 ||
          (verdict >= Leave.PLAIN && passBy(machine, view, off, dv.getUint16(off + 30, true), byFd, files))
        ) {
          if (verdict === 0) skipped++;
          off += dv.getUint32(off + 4, true);
          events++;
          continue;
        }
      }
      if (!view.at(off)) {
        off = view.next;
        continue;
      }
      off = view.next;
      if (suppression?.covers(view)) {
        summary.suppressed++;
        continue;
      }
      if (hold?.(view)) {
        unlooked = null;
        continue;
      }
      view.num = ++events;
      for (let i = 0; i < beforeSinks.length; i++) beforeSinks[i].onBefore?.(view);
      machine.process(view);
      // It may have told of a container that nobody knows yet.
      if (unlooked !== null) unlooked = this.unlooked();
      // What the event did to its fd may let the next ones pass.
      if (byFd && verdict !== Leave.PLAIN) forgetRuling(machine);
      if (this.initial) {
        if (INITIAL.has(view.type)) {
          for (const sink of this.options.sinks) sink.onMetadata?.(view);
          continue;
        }
        this.initial = false;
      }
      if ((view.blockFlags & STATE_ONLY) !== 0) continue;
      const info = view.info;
      if (info === undefined) continue;
      if (machine.thread !== null && machine.thread.pid === hiddenPid) continue;
      if (!this.begun) {
        this.begun = true;
        for (const sink of this.options.sinks) sink.onFirst?.(machine);
      }
      const passed = filter === undefined || filter.matches(view, machine);
      for (let i = 0; i < anySinks.length; i++) anySinks[i].onAny?.(view, machine, passed);
      if (!passed) {
        if (verdict >= Leave.PLAIN && ruling !== null && !ruling.mayPass?.(view, machine))
          ruleOut(machine, view, ruling);
        continue;
      }
      summary.passed++;
      for (let i = 0; i < passedSinks.length; i++) passedSinks[i].onPassed?.(view, machine);
      if (internalEvents || (info.category & EC.INTERNAL) === 0) {
        for (let i = 0; i < eventSinks.length; i++) eventSinks[i].onEvent?.(view, machine);
      }
      if (summary.passed >= this.maxEvents) this.end();
      if (this.ended) break;
    }
    for (const sink of this.chunkSinks) sink.onChunk?.(chunk.bytes, chunk.start, off);
    summary.events = events;
    this.looked += events - before - skipped;
    summary.lastTs = view.ts;
  }
}

const IDLE = Symbol('idle');
/** How long the loop may run before other work of the process gets its turn. */
const TURN_MS = 30;

/** `next`, or IDLE when it takes longer than `ms`. */
async function orIdle<T>(next: Promise<T>, ms: number): Promise<T | typeof IDLE> {
  let timer: NodeJS.Timeout | undefined;
  const idle = new Promise<typeof IDLE>((resolve) => {
    timer = setTimeout(() => resolve(IDLE), ms);
  });
  try {
    return await Promise.race([next, idle]);
  } finally {
    clearTimeout(timer);
  }
}
