import { EventView } from '../event/view.js';
import { FD_EVENTS, HAS_RESULT } from '../machine/event_kinds.js';
import { Machine } from '../machine/machine.js';
import type { EventInfo } from '../scap/event_table.js';
import { EC, EF, EVENTS, PPME } from '../scap/events.generated.js';
import { buildTest, type Test } from './operators.js';
import type { PlannedCheck, PlannedNode } from './plan.js';

/** What an event's type alone says about a filter. */
export const NEVER = 0;
export const ALWAYS = 1;
export const MAYBE = 2;
export type Verdict = 0 | 1 | 2;

/** What is known of an event before it is looked into: its table entry, and the call's name for a generic one. */
export interface TypeFacts {
  readonly info: EventInfo;
  /** Name of the system call of a generic event; undefined when not known. */
  readonly call?: string | undefined;
}

/** Ids of the two events that stand for all calls without an event of their own: the call is their first parameter. */
export const GENERIC_TYPES: readonly number[] = [PPME.GENERIC_E, PPME.GENERIC_X];

type TypeValue = (facts: TypeFacts) => string | boolean | undefined | typeof UNKNOWN;
const UNKNOWN = Symbol('unknown');

function isGeneric(info: EventInfo): boolean {
  return GENERIC_TYPES.includes(info.id);
}

function eventName(facts: TypeFacts): string | typeof UNKNOWN {
  return isGeneric(facts.info) ? (facts.call ?? UNKNOWN) : facts.info.evtName;
}

/** Fields whose value the event type alone decides. */
const BY_TYPE: Readonly<Record<string, TypeValue>> = {
  'evt.type': eventName,
  'syscall.type': (facts) => ((facts.info.source & EC.SYSCALL) === 0 ? undefined : eventName(facts)),
  'evt.dir': (facts) => (facts.info.enter ? '>' : '<'),
};

/** More of them, whose extractors look at nothing but the type: they are asked with an event that has only that. */
const BY_FLAGS = /^evt\.(is_io|is_io_read|is_io_write|io_dir|is_wait|count\.exit)$/;

/** Types for which a field may have a value at all; undefined: all. */
function mayHaveValue(name: string, text: string): ((info: EventInfo) => boolean) | undefined {
  if (/^evt\.(res|rawres|count\.error.*)$/.test(name)) return (info) => HAS_RESULT[info.id] === 1;
  if (/^evt\.buflen/.test(name)) return (info) => !info.enter && IO_CATEGORIES.includes(info.category);
  if (name === 'evt.buffer') return (info) => hasParam(info, 'data');
  if (/^fd\.(?!types$)/.test(name)) return (info) => FD_EVENTS[info.id] === 1;
  const arg = /^evt\.(?:raw)?arg[.[]([A-Za-z_]\w*)\]?$/.exec(text)?.[1];
  // A name that no type of the table has may be one of an older table, known to the field.
  if (arg !== undefined && EVENTS.some((info) => info !== undefined && hasParam(info, arg)))
    return (info) => hasParam(info, arg);
  return undefined;
}

const IO_CATEGORIES: readonly number[] = [EC.IO_READ, EC.IO_WRITE, EC.IO_OTHER];

function hasParam(info: EventInfo, name: string): boolean {
  return info.params.some((param) => param.name === name);
}

/** Decides a check by the event type, where that is possible. */
export function decideCheck(check: PlannedCheck): ((facts: TypeFacts) => Verdict) | undefined {
  const { field } = check.operand;
  if (field === undefined || check.custom !== undefined || check.other !== undefined) return undefined;
  const read = BY_TYPE[field.text];
  if (read !== undefined) {
    const test = checkTest(check);
    return (facts) => {
      const value = read(facts);
      if (value === UNKNOWN) return MAYBE;
      return value !== undefined && test(value) ? ALWAYS : NEVER;
    };
  }
  if (BY_FLAGS.test(field.text)) return byFlags(check);
  const may = mayHaveValue(field.def.name, field.text);
  return may === undefined ? undefined : (facts) => (may(facts.info) ? MAYBE : NEVER);
}

function byFlags(check: PlannedCheck): (facts: TypeFacts) => Verdict {
  const test = checkTest(check);
  const ev = new EventView();
  const machine = new Machine();
  return ({ info }) => {
    ev.type = info.id;
    ev.info = info;
    const value = check.operand.extract(ev, machine);
    return value !== undefined && test(value) ? ALWAYS : NEVER;
  };
}

/** The check's test of a value that is there; `exists` is true of all. */
export function checkTest(check: PlannedCheck): Test {
  if (check.op === 'exists') return () => true;
  return buildTest(check.operand.cls, check.op, check.values, check.operand.multi, check.quantifier);
}

/** The verdict on a whole filter for what is known of an event. */
export function decide(node: PlannedNode, facts: TypeFacts, decisions: Decisions): Verdict {
  if (node.kind === 'check') return decisions.of(node)?.(facts) ?? MAYBE;
  if (node.kind === 'not') {
    const inner = decide(node.item, facts, decisions);
    return inner === MAYBE ? MAYBE : inner === ALWAYS ? NEVER : ALWAYS;
  }
  const stop: Verdict = node.kind === 'and' ? NEVER : ALWAYS;
  let all: Verdict = node.kind === 'and' ? ALWAYS : NEVER;
  for (const item of node.items) {
    const verdict = decide(item, facts, decisions);
    if (verdict === stop) return stop;
    if (verdict === MAYBE) all = MAYBE;
  }
  return all;
}

/** The deciders of a filter's checks, made once. */
export class Decisions {
  private readonly known = new Map<PlannedCheck, ((facts: TypeFacts) => Verdict) | undefined>();

  of(check: PlannedCheck): ((facts: TypeFacts) => Verdict) | undefined {
    if (!this.known.has(check)) this.known.set(check, decideCheck(check));
    return this.known.get(check);
  }
}

/** Verdicts by event type id, for so many of them (all, by default): those beyond the event table are MAYBE. */
export function verdictTable(judge: (facts: TypeFacts) => Verdict, size = 65536): Uint8Array {
  const table = new Uint8Array(size).fill(MAYBE);
  for (const info of EVENTS) if (info !== undefined) table[info.id] = judge({ info });
  return table;
}

/** Whether events of a type change what is known of threads or fds. */
export function changesState(info: EventInfo): boolean {
  return (info.flags & (EF.MODIFIES_STATE | EF.CREATES_FD | EF.DESTROYS_FD)) !== 0;
}
