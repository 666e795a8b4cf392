import type { ContainerInfo } from '../container.js';

/** One container engine on one socket. Implementations keep no state beyond their connection. */
export interface ContainerEngine {
  /** For messages: `docker at /run/docker.sock`. */
  readonly title: string;
  /**
   * The running containers, with what one request tells of each (names and images at least).
   * @throws EngineError when the engine cannot be reached or does not answer.
   */
  list(): Promise<ContainerInfo[]>;
  /**
   * Everything about one container; null when this engine has no such container.
   * @throws EngineError when the engine cannot be reached or does not answer.
   */
  inspect(fullId: string): Promise<ContainerInfo | null>;
  /**
   * What `list` would tell of one container, also one that does not run yet; null when there is none such. For engines whose
   * `inspect` waits until a container has been started.
   * @throws EngineError when the engine cannot be reached or does not answer.
   */
  glance?(fullId: string): Promise<ContainerInfo | null>;
  /**
   * Tells of containers as they are created, started or renamed, so that they are known before their first
   * process runs. `onEnd` is called once, when the stream breaks. Engines without such a stream lack it.
   */
  watch?(onContainer: (fullId: string) => void, onEnd: () => void): void;
  /** Closes all connections; requests under way fail. */
  close(): void;
}

/** An engine that cannot be reached, does not answer in time, or answers nonsense. */
export class EngineError extends Error {
  override readonly name: string = 'EngineError';
}

/** How long an engine may take over one request before it counts as hung, in ms. */
export const REQUEST_TIMEOUT_MS = 2000;
