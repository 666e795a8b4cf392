import type { EventChunk, EventList, SourceItem } from '../capture/source.js';
import { Verdict } from '../event/scan_codes.js';
import { EventView } from '../event/view.js';
import { verdictOn } from '../event/wanted.js';
import type { CompiledFilter } from '../filter/compile.js';
import { FD_PARAMS } from '../machine/fd_params.js';
import { forgetRuling, passBy, ruleOut } from '../machine/pass_by.js';
import type { RuledFiles } from '../machine/ruled_files.js';
import { EC, PPME } from '../scap/events.generated.js';
import { RuledFds } from './ruled_fds.js';
import { RuledOut } from './ruled_out.js';
import type { SessionOptions } from './session_options.js';
import type { Sink } from './sink.js';
import { ruledFilesOf, rulesOut, triageOf, watchedTextsOf } from './triage.js';

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
  /** It rules out fds, whoever's. */
  private readonly rulesFds: boolean;
  /** The section's first ordinary event has not come yet. */
  private initial = true;
  /** The source tells whether a text has occurred without which nothing passes. */
  private watches = false;
  /** None of the present chunk's events can pass. */
  private nothingPasses = false;
  /** The filter has been asked of an event. */
  private begun = false;
  private stopping = false;
  private ended = false;
  private based = false;
  /** For chunks whose events' effects are known; undefined: none has come yet. */
  private ruledOut: RuledOut | undefined;
  /** What the filter rules out; null: nothing. */
  private readonly ruling: CompiledFilter['ruling'];
  /** Null where paths rule out nothing. */
  private readonly ruledFiles: RuledFiles | null;
  // Of the present chunk.
  /** For openings; null: they are all looked at. */
  private openings: RuledFiles | null = null;
  /** The types whose events go to the sinks unseen now; null: each is looked at. */
  private unlookedTypes: Uint8Array | null = null;
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
    this.ruling = options.filter?.ruling ?? null;
    this.ruledFiles = ruledFilesOf(options);
    this.rulesThreads = rulesOut(options) && this.ruling?.scope === 'thread';
    this.rulesFds = rulesOut(options) && this.ruling?.scope === 'fd' && this.ruling.byFdAlone;
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
      const watched = watchedTextsOf(this.options);
      if (watched !== null && this.visitsEvents) {
        this.watches = true;
        source.watch?.(watched);
      }
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
          this.ruledOut?.forget();
          if (!item.add) this.initial = true;
          this.options.suppression?.load(machine);
          for (const sink of sinks) sink.onHead?.(machine);
        } else {
          this.runInjected();
          this.runChunk(item);
          if (!this.initial && this.visitsEvents)
            source.narrow?.(
              this.triage?.table,
              this.rulesThreads || this.rulesFds || this.rulesAll,
              this.rulesFds ? FD_PARAMS : undefined,
            );
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

  /** Whatever comes, nothing passes yet. */
  private get rulesAll(): boolean {
    return this.watches && this.options.source.met === false;
  }

  private triageOf(): { readonly table: Uint8Array | undefined } {
    this.triage ??= { table: triageOf(this.options, this.options.machine.passing) };
    return this.triage;
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
    this.openings = this.openingsOf(chunk);
    const ruled = this.ruledOutOf(chunk);
    if (ruled === null) this.ruledOut?.forget();
    this.runEvents(chunk, ruled);
    ruled?.end();
    enters.endChunk();
  }

  private ruledOutOf(chunk: EventChunk): RuledOut | null {
    const { source, machine, filter } = this.options;
    const { list } = chunk;
    this.nothingPasses = false;
    if (list?.effects === undefined || this.initial || filter === undefined) return null;
    // The chunk may be the one with the text.
    this.nothingPasses = this.rulesAll && !this.rulesThreads;
    if (!this.rulesThreads && !this.rulesFds && !this.nothingPasses) return null;
    this.ruledOut ??= new RuledOut(
      machine,
      this.rulesThreads ? filter : null,
      this.rulesFds ? new RuledFds(machine, this.ruledFiles) : null,
      source.readAgain?.bind(source),
    );
    this.ruledOut.begin(chunk, list, list.effects, this.rulesFds && !this.nothingPasses);
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

  private runEvents(chunk: EventChunk, ruled: RuledOut | null): void {
    const { view, summary } = this;
    this.triageOf();
    view.attach(chunk.bytes, chunk.dv);
    if (!this.based && chunk.start < chunk.end) {
      this.based = true;
      view.setBase(EventView.secondOf(chunk.dv, chunk.start));
      if (view.at(chunk.start)) summary.firstTs = view.ts;
    }
    const { list } = chunk;
    const end = list === undefined ? this.runAll(chunk) : this.runListed(chunk, list, ruled);
    for (const sink of this.chunkSinks) sink.onChunk?.(chunk.bytes, chunk.start, end);
    summary.lastTs = view.ts;
  }

  // The loops pass over what nobody looks at; all else is in `lookAt`, so that V8 has them compiled soon.

  /** All events of the chunk. Gives the place behind the last one. */
  private runAll(chunk: EventChunk): number {
    const { summary } = this;
    const { dv, end } = chunk;
    let off = chunk.start;
    this.unlookedTypes = this.unlooked();
    for (;;) {
      if (this.unlookedTypes !== null) off = this.passUnlooked(chunk, off, this.unlookedTypes);
      if (off >= end) return end;
      const verdict = this.verdictOn(dv, off);
      if (verdict === Verdict.UNWANTED || (verdict >= Verdict.PLAIN && this.passBy(dv, off))) {
        off += dv.getUint32(off + 4, true);
        summary.events++;
        continue;
      }
      off = this.lookAt(off, verdict);
      if (this.ended) return off;
    }
  }

  /** Those that the chunk's list has. */
  private runListed(chunk: EventChunk, list: EventList, ruled: RuledOut | null): number {
    const { summary } = this;
    const { dv } = chunk;
    const { offsets, ordinals, length } = list;
    const before = summary.events;
    for (let next = 0; ; next++) {
      if (ruled !== null) next = ruled.skip(next);
      if (next === length) break;
      const off = offsets[next];
      const verdict = this.verdictOn(dv, off);
      if (verdict === Verdict.UNWANTED || (verdict >= Verdict.PLAIN && this.passBy(dv, off))) continue;
      summary.events = before + ordinals[next];
      const behind = this.lookAt(off, verdict);
      if (this.ended) return behind;
    }
    summary.events = before + list.events;
    return chunk.end;
  }

  private verdictOn(dv: DataView, off: number): number {
    const wanted = this.triage?.table;
    if (wanted === undefined || this.initial || dv.getUint32(off, true) !== 0x216) return Verdict.WANTED;
    return verdictOn(wanted, dv, off);
  }

  private passBy(dv: DataView, off: number): boolean {
    return passBy(
      this.options.machine,
      this.view,
      off,
      dv.getUint16(off + 30, true),
      this.ruling?.scope === 'fd' && !this.nothingPasses,
      this.openings,
    );
  }

  /** Hands on the run of events from `off` on that nobody has to look at. Gives the place behind it. */
  private passUnlooked(chunk: EventChunk, off: number, unlooked: Uint8Array): number {
    const { dv, end } = chunk;
    const first = off;
    let count = 0;
    while (off < end && dv.getUint32(off, true) === 0x216 && unlooked[dv.getUint16(off + 30, true)] === 1) {
      off += dv.getUint32(off + 4, true);
      count++;
    }
    if (count === 0) return off;
    this.summary.events += count;
    this.summary.passed += count;
    for (const sink of this.options.sinks) sink.onRun?.(chunk.bytes, first, off);
    // Every block ends with its length: the time of the last one is the run's.
    if (off >= end) this.view.at(off - dv.getUint32(off - 4, true));
    return off;
  }

  /** Takes in the event at `off`, asks the filter and tells the sinks. Gives the place behind its block. */
  private lookAt(off: number, verdict: number): number {
    const { view, summary, ruling, nothingPasses } = this;
    const { machine, filter, hold, internalEvents, hiddenPid, suppression } = this.options;
    const { eventSinks, anySinks, passedSinks, beforeSinks } = this;
    if (!view.at(off)) return view.next;
    const behind = view.next;
    if (suppression?.covers(view)) {
      summary.suppressed++;
      return behind;
    }
    if (hold?.(view)) {
      this.unlookedTypes = null;
      return behind;
    }
    view.num = ++summary.events;
    for (let i = 0; i < beforeSinks.length; i++) beforeSinks[i].onBefore?.(view);
    machine.process(view);
    // It may have told of a container that nobody knows yet.
    if (this.unlookedTypes !== null) this.unlookedTypes = this.unlooked();
    // What the event did to its fd may let the next ones pass.
    if (ruling?.scope === 'fd' && verdict !== Verdict.PLAIN && !nothingPasses) forgetRuling(machine);
    if (this.initial) {
      if (INITIAL.has(view.type)) {
        for (const sink of this.options.sinks) sink.onMetadata?.(view);
        return behind;
      }
      this.initial = false;
    }
    if ((view.blockFlags & STATE_ONLY) !== 0) return behind;
    const info = view.info;
    if (info === undefined) return behind;
    if (machine.thread !== null && machine.thread.pid === hiddenPid) return behind;
    if (!this.begun) {
      this.begun = true;
      for (const sink of this.options.sinks) sink.onFirst?.(machine);
    }
    if (nothingPasses) return behind;
    const passed = filter === undefined || filter.matches(view, machine);
    for (let i = 0; i < anySinks.length; i++) anySinks[i].onAny?.(view, machine, passed);
    if (!passed) {
      if (verdict >= Verdict.PLAIN && ruling !== null && !ruling.mayPass?.(view, machine))
        ruleOut(machine, view, ruling);
      return behind;
    }
    summary.passed++;
    for (let i = 0; i < passedSinks.length; i++) passedSinks[i].onPassed?.(view, machine);
    if (internalEvents || (info.category & EC.INTERNAL) === 0) {
      for (let i = 0; i < eventSinks.length; i++) eventSinks[i].onEvent?.(view, machine);
    }
    if (summary.passed >= this.maxEvents) this.end();
    return behind;
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
