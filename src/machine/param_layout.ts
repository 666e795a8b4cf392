import { EVENTS } from '../scap/events.generated.js';

/**
 * Where the parameters of a family of event types stand: index by parameter name, one table per type, as the
 * versions of an event (EXECVE_8 … EXECVE_19) put the same things in different places. -1 where a type lacks one.
 */
export function paramLayouts<Name extends string>(
  types: readonly number[],
  names: readonly Name[],
): ReadonlyMap<number, Readonly<Record<Name, number>>> {
  return new Map(
    types.map((type) => {
      const params = EVENTS[type].params;
      const rows = names.map((name) => [name, params.findIndex((param) => param.name === name)]);
      return [type, Object.fromEntries(rows) as Record<Name, number>];
    }),
  );
}
