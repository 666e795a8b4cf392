import type { ContainerInfo } from '../container/container.js';
import { suggest } from '../fields/suggest.js';
import type { ContainerLimit } from '../filter/container_limit.js';

/**
 * One line for each container that the filter names and that does not run now: a misspelt name would show nothing for
 * ever. `running`: the containers that are known; `isInUse`: whether processes run in one of this id, known or not.
 */
export function absentContainers(
  limit: Pick<ContainerLimit, 'ids' | 'names'>,
  running: Iterable<ContainerInfo>,
  isInUse: (id: string) => boolean = () => false,
): string[] {
  const known = [...running].filter((info) => info.name !== '');
  const names = [...new Set(known.map((info) => info.name))].sort();
  const lines: string[] = [];
  const tell = (what: string, wanted: string, near: string | undefined): void => {
    const hint = near === undefined ? '' : `: did you mean ${near}?`;
    const others = names.length === 0 ? 'none that is known' : shortList(names);
    lines.push(`no container ${what} ${wanted} runs now${hint} (running: ${others}); waiting for one`);
  };
  // `host` is an id too: of what runs in no container.
  for (const id of limit.ids)
    if (id !== 'host' && !isInUse(id) && !known.some((info) => info.id === id || info.fullId === id))
      tell('with id', id, undefined);
  for (const name of limit.names)
    if (name !== 'host' && !names.includes(name)) tell('named', name, suggest(name, names));
  return lines;
}

const MOST = 8;

function shortList(names: readonly string[]): string {
  const more = names.length - MOST;
  return more > 0 ? `${names.slice(0, MOST).join(', ')} and ${more} more` : names.join(', ');
}
