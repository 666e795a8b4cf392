import { shortId } from './cgroup/match.js';
import {
  type CgroupContainer,
  type ContainerInfo,
  type ContainerTable,
  ContainerType,
  LookupState,
} from './container.js';
import { type EnginePlace, EngineSlot } from './engine/engine_slot.js';
import { type EngineOptions, enginePlaces } from './engine/places.js';
import { containerToJson } from './json.js';

/** Settings of a ContainerResolver. */
export interface ResolverOptions extends EngineOptions {
  /** Engines to ask, instead of those found in the usual places. */
  readonly places?: readonly EnginePlace[];
  /** Ids of the containers that have processes now: with it, the resolver sweeps by itself. See `sweep`. */
  readonly alive?: () => ReadonlySet<string>;
  /** Clock, ms. Default `performance.now`. */
  readonly now?: () => number;
}

/** How the engines are, for `--stats` and `tsdig doctor`. */
export interface EngineState {
  readonly kind: string;
  readonly path: string | null;
  readonly present: boolean;
  /** Why it failed last, '' while it is well. */
  readonly trouble: string;
}

interface Job {
  readonly found: CgroupContainer;
  /** Times that every reachable engine said no. */
  refusals: number;
}

/** An engine may not know a container yet whose cgroup is there already: asked again after so many ms. */
const ASK_AGAIN_MS = [50, 150, 500, 1500];
/** Docker tells all of a container only when it has been started; the name is asked for alone when it takes so long, ms. */
const GLANCE_AFTER_MS = 150;
/** Look-ups under way at the same time. */
const MAX_ACTIVE = 16;
/** Containers whose look-up is tried again when an engine comes back. Beyond it the oldest is given up. */
const MAX_UNRESOLVED = 4096;
/** How often engines that are missing or failing are looked at. */
const MONITOR_MS = 1000;
const SWEEP_EVERY_MS = 10_000;
/** A container without processes is forgotten after so long. */
const FORGET_AFTER_MS = 60_000;

/**
 * Finds the names and the rest for containers as they appear, without ever blocking: look-ups run beside the
 * event stream, and a socket that is missing, hangs, dies or comes back costs only the names. One resolver belongs to one
 * ContainerTable; it hears of new containers through `ContainerTable.note` and puts what it finds into the table.
 */
export class ContainerResolver {
  /** Called for each container whose metadata was found (also again, when it changed). */
  onResolved: ((info: ContainerInfo) => void) | null = null;
  /** Called for each container that was forgotten. */
  onForgotten: ((id: string) => void) | null = null;
  private readonly table: ContainerTable;
  private readonly slots: EngineSlot[];
  /** Where to look for engines that have come since the start; null where that was chosen. */
  private readonly places: (() => readonly EnginePlace[]) | null;
  private readonly now: () => number;
  /** First look-ups that have not ended, by id. */
  private readonly jobs = new Map<string, Job>();
  private readonly queue: Job[] = [];
  private active = 0;
  /** Look-ups that failed because an engine failed, by id. */
  private readonly unresolved = new Map<string, Job>();
  /** Since when a container has had no process, ms. */
  private readonly empty = new Map<string, number>();
  private readonly alive: (() => ReadonlySet<string>) | undefined;
  private sweptAt = 0;
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly idleWaiters: (() => void)[] = [];
  private closed = false;

  constructor(table: ContainerTable, options: ResolverOptions = {}) {
    this.table = table;
    this.alive = options.alive;
    this.now = options.now ?? (() => performance.now());
    const { notice, ...others } = options;
    this.places = options.places === undefined ? () => enginePlaces(others) : null;
    const first = options.places ?? enginePlaces(options);
    this.slots = first.map((place) => new EngineSlot(place, this.now));
    table.onNew = (info, found) => {
      if (info.known) this.onResolved?.(info);
      else this.request(found);
    };
  }

  /**
   * The first fill: lists what runs, in all engines at once, and subscribes to their news.
   * Resolves when all have answered or the time is over; what comes later is taken in all the same.
   *
   * @param limitMs most time that the start of the capture may be held up
   */
  async start(limitMs = 250): Promise<void> {
    const fill = Promise.all(this.slots.filter((slot) => slot.ready).map((slot) => this.fill(slot)));
    await Promise.race([fill, new Promise<void>((resolve) => this.after(limitMs, resolve, true))]);
    if (!this.closed) this.after(MONITOR_MS, () => this.monitor());
  }

  /** Starts a look-up, unless the container is known or looked up already. */
  request(found: CgroupContainer): void {
    if (this.closed || this.jobs.has(found.id) || this.table.get(found.id)?.known) return;
    // Of a user who has come since the start, perhaps.
    this.addPlaces();
    const job: Job = { found, refusals: 0 };
    if (!this.slots.some((slot) => slot.present)) {
      this.fail(job, false);
      return;
    }
    this.unresolved.delete(found.id);
    this.jobs.set(found.id, job);
    this.enqueue(job);
  }

  /** Whether the first look-up of this container is still under way: its name may come any moment. */
  pending(id: string): boolean {
    return this.jobs.has(id);
  }

  /** How many containers are `pending`. */
  get pendingCount(): number {
    return this.jobs.size;
  }

  /**
   * Forgets containers that have had no process for a minute, so that memory stays flat. Call now and then.
   *
   * @param alive ids of the containers that have processes
   * @returns how many were forgotten
   */
  sweep(alive: ReadonlySet<string>): number {
    const now = this.now();
    let forgotten = 0;
    for (const info of this.table) {
      if (alive.has(info.id)) {
        this.empty.delete(info.id);
        continue;
      }
      const since = this.empty.get(info.id);
      if (since === undefined) this.empty.set(info.id, now);
      else if (now - since >= FORGET_AFTER_MS) {
        this.table.remove(info.id);
        this.empty.delete(info.id);
        this.unresolved.delete(info.id);
        this.onForgotten?.(info.id);
        forgotten++;
      }
    }
    for (const id of this.empty.keys()) if (this.table.get(id) === undefined) this.empty.delete(id);
    return forgotten;
  }

  /** The engines and how they are. */
  engines(): EngineState[] {
    return this.slots.map((slot) => ({
      kind: slot.place.kind,
      path: slot.place.path,
      present: slot.present,
      trouble: slot.trouble,
    }));
  }

  /** Ends all look-ups and subscriptions. */
  close(): void {
    this.closed = true;
    this.table.onNew = null;
    this.jobs.clear();
    this.queue.length = 0;
    this.unresolved.clear();
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    for (const wake of this.idleWaiters.splice(0)) wake();
    for (const slot of this.slots) slot.close();
  }

  private addPlaces(): void {
    for (const place of this.places?.() ?? []) {
      const isThere = ({ place: { kind, path } }: EngineSlot) => kind === place.kind && path === place.path;
      if (!this.slots.some(isThere)) this.slots.push(new EngineSlot(place, this.now));
    }
  }

  /** Subscribes first, lists then: what starts in between comes twice, never not at all. */
  private async fill(slot: EngineSlot): Promise<void> {
    void slot.watch((fullId) => this.refresh(fullId, slot));
    const infos = await slot.list();
    if (infos === undefined || this.closed) return;
    for (const info of infos) if (!this.table.get(info.id)?.known) this.settle(info);
    // The list tells the names; the rest of each is asked for behind them.
    for (const info of infos) {
      this.enqueue({
        found: { id: info.id, fullId: info.fullId, type: info.type, engine: slot.place.kind },
        refusals: 0,
      });
    }
    await this.idle();
  }

  /** An engine told of a new or changed container. */
  private refresh(fullId: string, slot: EngineSlot): void {
    if (this.closed) return;
    const job: Job = {
      found: { id: shortId(fullId), fullId, type: ContainerType.UNKNOWN, engine: slot.place.kind },
      refusals: 0,
    };
    // Events of its first process wait for the answer, if they come before it.
    if (!this.table.get(job.found.id)?.known) this.jobs.set(job.found.id, job);
    this.enqueue(job);
  }

  private enqueue(job: Job): void {
    this.queue.push(job);
    this.pump();
  }

  private pump(): void {
    while (this.active < MAX_ACTIVE && this.queue.length > 0 && !this.closed) {
      const job = this.queue.shift() as Job;
      this.active++;
      void this.lookUp(job).finally(() => {
        this.active--;
        this.pump();
        if (this.active === 0) for (const wake of this.idleWaiters.splice(0)) wake();
      });
    }
  }

  /** Resolves when no look-up is under way. */
  private idle(): Promise<void> {
    if (this.active === 0) return Promise.resolve();
    return new Promise((resolve) => this.idleWaiters.push(resolve));
  }

  private async lookUp(job: Job): Promise<void> {
    const slots = this.slots.filter((slot) => slot.present);
    let troubled = slots.some((slot) => !slot.ready);
    let refused = false;
    // Files of the engine that the cgroup names. Who waits for its service gets the name from them; where that does not run
    // they are asked at once: another engine that is slow to say no must not hold them up.
    const ready = slots.filter((slot) => slot.ready);
    const own = ready.filter((slot) => isFallback(slot) && slot.place.kind === job.found.engine);
    const serves = (slot: EngineSlot) => !isFallback(slot) && slot.place.kind === job.found.engine;
    const atOnce = this.slots.some(serves) && !ready.some(serves) ? own : [];
    for (const fallback of [false, true]) {
      const asked = slots.filter(
        (slot) => slot.ready && (atOnce.includes(slot) ? !fallback : isFallback(slot) === fallback),
      );
      this.after(GLANCE_AFTER_MS, () => this.glance(job, fallback ? asked : [...asked, ...own]));
      const answer = await firstFound(asked, job.found);
      if (this.closed) return;
      if (answer.info !== null) {
        answer.info.id = job.found.id;
        this.settle(answer.info);
        return;
      }
      troubled ||= answer.troubled;
      refused ||= answer.refused;
    }
    if (refused && job.refusals < ASK_AGAIN_MS.length && this.jobs.get(job.found.id) === job) {
      this.after(ASK_AGAIN_MS[job.refusals++], () => this.enqueue(job));
      return;
    }
    this.fail(job, troubled);
  }

  /** Asks for the name alone, if the container is waited for still. All else comes when the look-up ends. */
  private glance(job: Job, slots: readonly EngineSlot[]): void {
    const { id } = job.found;
    const isOpen = () => !this.closed && this.jobs.get(id) === job;
    if (!isOpen()) return;
    for (const slot of slots) {
      void slot.glance(job.found).then((info) => {
        if (!info || !isOpen()) return;
        info.id = id;
        this.settle(info);
      });
    }
  }

  private settle(info: ContainerInfo): void {
    this.jobs.delete(info.id);
    this.unresolved.delete(info.id);
    // Engines report a start soon after a creation: what brings nothing new is not told again.
    const before = this.table.get(info.id);
    if (before?.known && containerToJson(before) === containerToJson(info)) return;
    this.table.add(info);
    this.onResolved?.(info);
  }

  private fail(job: Job, again: boolean): void {
    const { id } = job.found;
    const current = this.jobs.get(id);
    // A newer look-up of the same container goes on.
    if (current !== undefined && current !== job) return;
    this.jobs.delete(id);
    const info = this.table.get(id);
    if (info === undefined || info.known) return;
    info.lookupState = LookupState.FAILED;
    if (info.type === ContainerType.UNKNOWN) info.type = TYPE_OF_ENGINE[job.found.engine] ?? info.type;
    if (!again) return;
    if (this.unresolved.size >= MAX_UNRESOLVED) {
      const oldest = this.unresolved.keys().next().value;
      if (oldest !== undefined) this.unresolved.delete(oldest);
    }
    this.unresolved.set(id, job);
  }

  /** From time to time: engines that appeared or came back are listed anew, and asked what was left open; and the sweep. */
  private monitor(): void {
    this.addPlaces();
    for (const slot of this.slots) {
      if (slot.stale && !slot.listing && slot.ready) void this.fill(slot).then(() => this.askUnresolved());
    }
    if (this.alive !== undefined && this.now() - this.sweptAt >= SWEEP_EVERY_MS) {
      this.sweptAt = this.now();
      this.sweep(this.alive());
    }
    this.after(MONITOR_MS, () => this.monitor());
  }

  private askUnresolved(): void {
    const jobs = [...this.unresolved.values()];
    this.unresolved.clear();
    for (const job of jobs) {
      if (this.table.get(job.found.id)?.known === false) this.enqueue({ found: job.found, refusals: 0 });
    }
  }

  /** Runs something later. What waits must not keep the program alive, unless somebody waits for it. */
  private after(ms: number, run: () => void, awaited = false): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      if (!this.closed || awaited) run();
    }, ms);
    if (!awaited) timer.unref();
    this.timers.add(timer);
  }
}

/** Types of containers that no engine told about, where the path names the engine. */
const TYPE_OF_ENGINE: Readonly<Record<string, number>> = {
  containerd: ContainerType.CONTAINERD,
  'cri-o': ContainerType.CRIO,
  cri: ContainerType.CRI,
};

/** Asked only when the others know nothing. */
function isFallback(slot: EngineSlot): boolean {
  return slot.place.fallback ?? false;
}

interface Answer {
  readonly info: ContainerInfo | null;
  /** An engine failed. */
  readonly troubled: boolean;
  /** An engine said that it has no such container. */
  readonly refused: boolean;
}

/** Asks several engines at once: the first that knows the container wins, however long the others take. */
function firstFound(slots: readonly EngineSlot[], found: CgroupContainer): Promise<Answer> {
  let open = slots.length;
  let troubled = false;
  let refused = false;
  if (open === 0) return Promise.resolve({ info: null, troubled, refused });
  return new Promise((resolve) => {
    for (const slot of slots) {
      void slot.inspect(found).then((info) => {
        if (info === undefined) troubled = true;
        else if (info === null) refused = true;
        else resolve({ info, troubled, refused });
        if (--open === 0) resolve({ info: null, troubled, refused });
      });
    }
  });
}
