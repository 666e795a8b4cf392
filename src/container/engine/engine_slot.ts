import { statSync } from 'node:fs';
import type { CgroupContainer, ContainerInfo } from '../container.js';
import { type ContainerEngine, EngineError } from './engine.js';

/** A place where an engine may be found. */
export interface EnginePlace {
  /** Engine name as `CgroupContainer.engine` has it, for asking the likeliest one first. */
  readonly kind: string;
  /** Socket or folder that must exist; null when that cannot be told (TCP). */
  readonly path: string | null;
  /** Asked only when the others know nothing: it tells less, or the same in a worse way. */
  readonly fallback?: boolean;
  open(): Promise<ContainerEngine>;
}

const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 30_000;

/**
 * One engine with its state of health. An engine that fails is left alone for a while, longer each time; one that
 * answers is trusted again at once. A missing socket is no failure: it may appear at any time.
 */
export class EngineSlot {
  readonly place: EnginePlace;
  /** When a failing engine may be asked again (`now()` ms); 0 while it is well. */
  retryAt = 0;
  /** Why it failed last, '' while it is well. */
  trouble = '';
  /** Whether it may have had containers that we have not heard of: before the first list, and after any failure. */
  stale = true;
  /** A list is under way. */
  listing = false;
  private backoff = FIRST_BACKOFF_MS;
  private engine: Promise<ContainerEngine> | null = null;
  private opened: ContainerEngine | null = null;
  private watching = false;
  private closed = false;
  private readonly now: () => number;

  constructor(place: EnginePlace, now: () => number) {
    this.place = place;
    this.now = now;
  }

  /** Whether there is anything to ask, healthy or not. */
  get present(): boolean {
    if (this.place.path === null) return true;
    try {
      statSync(this.place.path);
      return true;
    } catch {
      return false;
    }
  }

  /** Whether it may be asked now. */
  get ready(): boolean {
    return !this.closed && this.now() >= this.retryAt && this.present;
  }

  /** One container; null when the engine has none such, undefined when the engine failed (see `trouble`). */
  inspect(found: CgroupContainer): Promise<ContainerInfo | null | undefined> {
    return this.use((engine) => engine.inspect(found.fullId));
  }

  /** The name and what else is told at once of one container; null and undefined as with `inspect`. */
  glance(found: CgroupContainer): Promise<ContainerInfo | null | undefined> {
    return this.use(async (engine) => (await engine.glance?.(found.fullId)) ?? null);
  }

  /** The running containers; undefined when the engine failed. */
  async list(): Promise<ContainerInfo[] | undefined> {
    this.listing = true;
    const infos = await this.use((engine) => engine.list());
    this.listing = false;
    if (infos !== undefined) this.stale = false;
    return infos;
  }

  /** Subscribes to the engine's news, once. When the subscription breaks, the slot is stale. */
  async watch(onContainer: (fullId: string) => void): Promise<void> {
    if (this.watching) return;
    this.watching = true;
    const engine = await this.open().catch(() => null);
    if (engine?.watch === undefined || this.closed) {
      this.watching = false;
      return;
    }
    engine.watch(onContainer, () => {
      this.watching = false;
      this.stale = true;
    });
  }

  close(): void {
    this.closed = true;
    this.opened?.close();
  }

  private async use<T>(ask: (engine: ContainerEngine) => Promise<T>): Promise<T | undefined> {
    try {
      const engine = await this.open();
      if (this.closed) return undefined;
      const answer = await ask(engine);
      this.retryAt = 0;
      this.trouble = '';
      this.backoff = FIRST_BACKOFF_MS;
      return answer;
    } catch (error) {
      if (this.closed) return undefined;
      this.trouble = error instanceof EngineError ? error.message : `${this.place.kind}: ${String(error)}`;
      this.stale = true;
      this.retryAt = this.now() + this.backoff;
      this.backoff = Math.min(this.backoff * 2, MAX_BACKOFF_MS);
      return undefined;
    }
  }

  private open(): Promise<ContainerEngine> {
    this.engine ??= this.place.open().then((engine) => {
      this.opened = engine;
      if (this.closed) engine.close();
      return engine;
    });
    return this.engine;
  }
}
