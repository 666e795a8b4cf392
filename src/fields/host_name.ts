import { spawnSync } from 'node:child_process';
import { isIP } from 'node:net';
import type { EventView } from '../event/view.js';
import type { Machine } from '../machine/machine.js';
import { type Extractor, FieldError } from './field.js';

/** A name server that does not answer must not hold up a filter for longer. */
const PATIENCE_MS = 5000;

const LOOKUP = `require('node:dns').lookup(process.argv[1], { all: true }, (error, found) =>
  process.stdout.write((found ?? []).map((one) => one.address).join(' ')))`;

const known = new Map<string, ReadonlySet<string>>();

/**
 * The addresses of a host in canonical text, as this machine resolves names; none if there is no such host. Waits for the
 * answer: for filters, which are compiled once.
 */
export function addressesOf(host: string): ReadonlySet<string> {
  let found = known.get(host);
  if (found === undefined) {
    if (isIP(host) !== 0) found = new Set([host]);
    else {
      // Node resolves names in the background only: another process does it in the foreground.
      const { stdout } = spawnSync(process.execPath, ['-e', LOOKUP, host], {
        encoding: 'latin1',
        timeout: PATIENCE_MS,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      found = new Set((stdout ?? '').split(' ').filter((address) => address !== ''));
    }
    known.set(host, found);
  }
  return found;
}

/** Comparison of an address with the names of hosts: the names are resolved, once, when the filter is compiled. */
export function compareHosts(address: Extractor, field: string) {
  return (
    op: string,
    hosts: readonly string[],
  ): ((ev: EventView, machine: Machine) => boolean) | undefined => {
    if (op === 'exists') return undefined;
    if (op !== '=' && op !== '!=' && op !== 'in' && op !== 'intersects')
      throw new FieldError(`${field} is compared by the host's addresses: only =, != and in work`);
    const wanted = new Set(hosts.flatMap((host) => [...addressesOf(host)]));
    const sought = op !== '!=';
    return (ev, machine) => {
      const have = address(ev, machine);
      return typeof have === 'string' && wanted.has(have) === sought;
    };
  };
}
