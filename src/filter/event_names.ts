import { EVENTS, PPME } from '../scap/events.generated.js';
import { PPM_SC_NAMES, SYSCALLS_AARCH64, SYSCALLS_X86_64 } from '../scap/syscalls.generated.js';

/** Ids of the two events that stand for all calls without an event of their own: the call is their first parameter. */
export const GENERIC_TYPES: readonly number[] = [PPME.GENERIC_E, PPME.GENERIC_X];

let known: Set<string> | undefined;

/** Every name that `evt.type` can show: events and system calls. */
export function eventNames(): ReadonlySet<string> {
  if (known === undefined) {
    known = new Set();
    for (const event of EVENTS) if (event !== undefined) known.add(event.evtName);
    for (const name of PPM_SC_NAMES) if (name !== undefined) known.add(name);
    for (const row of SYSCALLS_X86_64) known.add(row[1]);
    for (const row of SYSCALLS_AARCH64) known.add(row[1]);
  }
  return known;
}

/**
 * What `evt.type=open` stands for. Programs of today open files with openat, so that the old name alone would find
 * nothing; `syscall.type=open` stays exact.
 */
export const OPEN_FAMILY: readonly string[] = ['open', 'openat', 'openat2'];
