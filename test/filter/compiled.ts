import { expect } from 'vitest';
import { EventView } from '../../src/event/view.js';
import { compileFilter, FilterError, type FilterOptions } from '../../src/filter/compile.js';
import { interpret } from '../../src/filter/interpret.js';
import { Machine } from '../../src/machine/machine.js';
import { EVENTS, PPME } from '../../src/scap/events.generated.js';
import { type StubValues, stubResolver } from './stub_fields.js';

/** Filters on fields with given values, compiled every way there is. */

/** It knows nothing: fields have the values that the test gives them. */
export const machine = new Machine();

/** An event without a block: what is asked of its header alone. */
export function eventOf(type: number): EventView {
  const ev = new EventView();
  ev.type = type;
  ev.info = EVENTS[type];
  return ev;
}

/** What the filter says of an event with these values; generated code, closures and interpreter must agree. */
export function matches(text: string, values: StubValues, options: FilterOptions = {}): boolean {
  const ev = eventOf(PPME.SYSCALL_READ_X);
  const resolveField = stubResolver({ 'evt.type': 'read', 'evt.dir': '<', ...values });
  const generated = compileFilter(text, { ...options, resolveField });
  const closures = compileFilter(text, { ...options, resolveField, closures: true });
  const answer = generated.matches(ev, machine);
  expect(closures.matches(ev, machine)).toBe(answer);
  expect(interpret(generated.plan, ev, machine)).toBe(answer);
  return answer;
}

/** The error that a filter has. */
export function error(text: string, options: FilterOptions = {}): FilterError {
  try {
    compileFilter(text, { ...options, resolveField: stubResolver({}) });
  } catch (e) {
    if (e instanceof FilterError) return e;
    throw e;
  }
  throw new Error(`accepted: ${text}`);
}
