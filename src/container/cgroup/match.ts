import type { CgroupContainer } from '../container.js';

/**
 * Recognises the containers of one engine in one component of a cgroup path.
 *
 * @param part  the component, e.g. `docker-<id>.scope`
 * @param above the components above it, outermost first
 * @param below the components below it
 */
export type PathMatcher = (
  part: string,
  above: readonly string[],
  below: readonly string[],
) => CgroupContainer | null;

const HEX64 = /^[0-9a-fA-F]{64}$/;

/** A whole id as Docker, Podman and the Kubernetes runtimes make them: 64 hex digits. */
export function isFullId(text: string): boolean {
  return text.length === 64 && HEX64.test(text);
}

/** The id of a container with a 64-digit id: its first 12 digits. */
export function shortId(fullId: string): string {
  return fullId.slice(0, 12);
}

/** `<prefix><64 hex><suffix>` → the 64 digits, '' if `part` is anything else. */
export function idBetween(part: string, prefix: string, suffix: string): string {
  if (part.length !== prefix.length + 64 + suffix.length) return '';
  if (!part.startsWith(prefix) || !part.endsWith(suffix)) return '';
  const id = part.slice(prefix.length, prefix.length + 64);
  return isFullId(id) ? id : '';
}
