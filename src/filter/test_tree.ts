import type { EventView } from '../event/view.js';
import { EVENTS } from '../scap/events.generated.js';
import { PPM_SC_NAMES } from '../scap/syscalls.generated.js';
import type { Operator } from './ast.js';
import { buildPairTest, memo, type Test, textTest, type Value } from './operators.js';
import {
  operandKey,
  type PlannedCheck,
  type PlannedNode,
  type PlannedOperand,
  type Predicate,
} from './plan.js';
import {
  ALWAYS,
  checkTest,
  type Decisions,
  GENERIC_TYPES,
  MAYBE,
  NEVER,
  type TypeFacts,
  verdictTable,
} from './type_table.js';

/** A comparison simple enough to be written into the generated code. */
export interface Inline {
  readonly op: Operator;
  readonly values: readonly (string | number | bigint | boolean)[];
}

/**
 * The filter as it is run: neighbouring checks of one field are joined, and what the event type decides stands in
 * tables. Every leaf is false when its field has no value.
 */
export type TestNode =
  | { readonly kind: 'const'; readonly value: boolean }
  | { readonly kind: 'exists'; readonly operand: PlannedOperand }
  | {
      readonly kind: 'test';
      readonly operand: PlannedOperand;
      readonly test: Test;
      readonly inline?: Inline | undefined;
    }
  | {
      readonly kind: 'pair';
      readonly operand: PlannedOperand;
      readonly other: PlannedOperand;
      readonly test: (a: Value, b: Value) => boolean;
    }
  | { readonly kind: 'run'; readonly run: Predicate }
  /** By event type: 0 no, 1 yes, 2 (or beyond the table) ask `rest`. */
  | { readonly kind: 'type'; readonly table: Uint8Array; readonly rest: TestNode }
  | { readonly kind: 'and' | 'or'; readonly items: readonly TestNode[] }
  | { readonly kind: 'not'; readonly item: TestNode };

/** So many costly text tests of one field side by side are answered together, from memory. */
const GROUP_FROM = 3;
const JOINED: ReadonlySet<Operator> = new Set(['=', 'in', 'intersects']);

/**
 * Builds the tree that is run. `only`: the event types that it will be asked for (1 each); checks that they all
 * decide alike become constants.
 */
export function buildTests(node: PlannedNode, decisions: Decisions, only: Uint8Array | null): TestNode {
  return simplify(new Builder(decisions, only).node(node));
}

class Builder {
  private readonly decisions: Decisions;
  private readonly only: Uint8Array | null;

  constructor(decisions: Decisions, only: Uint8Array | null) {
    this.decisions = decisions;
    this.only = only;
  }

  node(node: PlannedNode): TestNode {
    if (node.kind === 'check') return this.check(node);
    if (node.kind === 'not') return { kind: 'not', item: this.node(node.item) };
    const items: TestNode[] = [];
    for (let i = 0; i < node.items.length; ) {
      const run = joinable(node.items, i, node.kind);
      if (run.length > 1) items.push(joinChecks(run, node.kind));
      else items.push(this.node(node.items[i]));
      i += run.length;
    }
    return items.length === 1 ? items[0] : { kind: node.kind, items };
  }

  private check(check: PlannedCheck): TestNode {
    const full = leaf(check);
    const judge = this.decisions.of(check);
    if (judge === undefined) return full;
    const table = verdictTable(judge, EVENTS.length);
    if (this.only !== null) {
      const common = commonVerdict(table, this.only);
      if (common === ALWAYS || common === NEVER) return { kind: 'const', value: common === ALWAYS };
    }
    const text = check.operand.field?.text;
    const named = text === 'evt.type' || text === 'syscall.type';
    return { kind: 'type', table, rest: named ? genericLeaf(judge, full) : full };
  }
}

/** The verdict that all wanted types share; MAYBE if they differ. */
function commonVerdict(table: Uint8Array, only: Uint8Array): number {
  let common = -1;
  for (let t = 0; t < only.length; t++) {
    if (only[t] === 0) continue;
    if (common < 0) common = table[t];
    else if (common !== table[t]) return MAYBE;
  }
  return common;
}

/** One check by itself. */
export function leaf(check: PlannedCheck): TestNode {
  const { operand, other, custom, op } = check;
  if (custom !== undefined) return { kind: 'run', run: custom };
  if (op === 'exists') {
    if (operand.multi !== 'ends' && operand.multi !== 'ancestors') return { kind: 'exists', operand };
    return { kind: 'test', operand, test: (v) => !Array.isArray(v) || v.some((item) => item !== undefined) };
  }
  if (other !== undefined) return { kind: 'pair', operand, other, test: buildPairTest(op, operand.multi) };
  return { kind: 'test', operand, test: checkTest(check), inline: inlineOf(check) };
}

/** Generic events by the code of their call: a table look-up instead of reading its name. */
function genericLeaf(judge: (facts: TypeFacts) => number, full: TestNode): TestNode {
  const codes = new Uint8Array(PPM_SC_NAMES.length).fill(MAYBE);
  const info = EVENTS[GENERIC_TYPES[0]];
  for (let code = 1; code < PPM_SC_NAMES.length; code++) {
    const call = PPM_SC_NAMES[code];
    if (call !== undefined) codes[code] = judge({ info, call });
  }
  const rest = closure(full);
  const isGeneric = (type: number): boolean => GENERIC_TYPES.includes(type);
  const run = (ev: EventView, m: Parameters<Predicate>[1]): boolean => {
    if (!isGeneric(ev.type) || ev.paramLen(0) !== 2) return rest(ev, m);
    const verdict = codes[ev.u16(0)];
    return verdict === ALWAYS || (verdict !== NEVER && rest(ev, m));
  };
  return { kind: 'run', run };
}

function inlineOf(check: PlannedCheck): Inline | undefined {
  const { operand, op, quantifier, values } = check;
  if (quantifier !== undefined || operand.multi !== undefined) return undefined;
  if (operand.cls !== 'text' && operand.cls !== 'number' && operand.cls !== 'bool') return undefined;
  const plain: (string | number | bigint | boolean)[] = [];
  for (const value of values) {
    if (typeof value === 'object') return undefined;
    plain.push(value);
  }
  return { op, values: plain };
}

/** The checks from `from` on that read the same single-valued field and can be answered together. */
function joinable(items: readonly PlannedNode[], from: number, kind: 'and' | 'or'): PlannedCheck[] {
  const run: PlannedCheck[] = [];
  for (let i = from; i < items.length; i++) {
    const item = items[i];
    if (item.kind !== 'check' || !joins(item, kind)) break;
    if (run.length > 0 && operandKey(item.operand) !== operandKey(run[0].operand)) break;
    run.push(item);
  }
  const equal = kind === 'or' ? run.every((c) => JOINED.has(c.op)) : run.every((c) => c.op === '!=');
  if (equal || (run.length >= GROUP_FROM && run[0].operand.cls === 'text'))
    return run.length > 1 ? run : first(items, from);
  return first(items, from);
}

function first(items: readonly PlannedNode[], from: number): PlannedCheck[] {
  return [items[from] as PlannedCheck];
}

function joins(check: PlannedCheck, kind: 'and' | 'or'): boolean {
  const { operand, op } = check;
  if (check.custom !== undefined || check.other !== undefined || check.quantifier !== undefined) return false;
  if (operand.multi !== undefined || operand.text === 'evt.type' || operand.text === 'evt.dir') return false;
  if (op === 'exists') return false;
  if (operand.cls === 'text') return true;
  return operand.cls === 'number' && (kind === 'or' ? JOINED.has(op) : op === '!=');
}

function joinChecks(run: readonly PlannedCheck[], kind: 'and' | 'or'): TestNode {
  const { operand } = run[0];
  if (run.every((c) => JOINED.has(c.op)) && kind === 'or') return setTest(run, 'in');
  if (run.every((c) => c.op === '!=')) {
    if (kind === 'and') return setTest(run, '!=');
  }
  const tests = run.map((c) => textTest(c.op, c.values as readonly string[]));
  const any = (v: string): boolean => tests.some((test) => test(v));
  const all = (v: string): boolean => tests.every((test) => test(v));
  // Names and paths repeat; arguments of events seldom do, and remembering them would cost more than it saves.
  const repeats = !operand.fields.some((field) => field.def.name.startsWith('evt.'));
  const together = kind === 'or' ? any : all;
  const whole = repeats ? memo(together) : together;
  return { kind: 'test', operand, test: (v) => typeof v === 'string' && whole(v) };
}

/** Equality checks of one field as one: `in`, or `!=` over several values, which means none of them. */
function setTest(run: readonly PlannedCheck[], op: 'in' | '!='): TestNode {
  const check: PlannedCheck = { ...run[0], op, values: [...new Set(run.flatMap((c) => c.values))] };
  return { kind: 'test', operand: check.operand, test: checkTest(check), inline: inlineOf(check) };
}

/** Takes constants out. */
function simplify(node: TestNode): TestNode {
  if (node.kind === 'not') {
    const item = simplify(node.item);
    if (item.kind === 'const') return { kind: 'const', value: !item.value };
    return { kind: 'not', item };
  }
  if (node.kind !== 'and' && node.kind !== 'or') return node;
  const stop = node.kind === 'or';
  const items: TestNode[] = [];
  for (const child of node.items) {
    const item = simplify(child);
    if (item.kind !== 'const') items.push(item);
    else if (item.value === stop) return item;
  }
  if (items.length === 0) return { kind: 'const', value: !stop };
  return items.length === 1 ? items[0] : { kind: node.kind, items };
}

/** The tree as closures: the way where code generation is forbidden, and for leaves off the fast path. */
export function closure(node: TestNode): Predicate {
  switch (node.kind) {
    case 'const': {
      const { value } = node;
      return () => value;
    }
    case 'exists': {
      const { extract } = node.operand;
      return (ev, m) => extract(ev, m) !== undefined;
    }
    case 'test': {
      const { extract } = node.operand;
      const { test } = node;
      return (ev, m) => {
        const value = extract(ev, m);
        return value !== undefined && test(value);
      };
    }
    case 'pair': {
      const left = node.operand.extract;
      const right = node.other.extract;
      const { test } = node;
      return (ev, m) => {
        const a = left(ev, m);
        if (a === undefined) return false;
        const b = right(ev, m);
        return b !== undefined && test(a, b);
      };
    }
    case 'run':
      return node.run;
    case 'type': {
      const { table } = node;
      const rest = closure(node.rest);
      return (ev, m) => table[ev.type] === ALWAYS || (table[ev.type] !== NEVER && rest(ev, m));
    }
    case 'not': {
      const item = closure(node.item);
      return (ev, m) => !item(ev, m);
    }
    case 'and': {
      const items = node.items.map(closure);
      return (ev, m) => {
        for (let i = 0; i < items.length; i++) if (!items[i](ev, m)) return false;
        return true;
      };
    }
    default: {
      const items = node.items.map(closure);
      return (ev, m) => {
        for (let i = 0; i < items.length; i++) if (items[i](ev, m)) return true;
        return false;
      };
    }
  }
}
