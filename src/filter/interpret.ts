import { RE2JS } from 're2js';
import type { EventView } from '../event/view.js';
import type { FieldValue } from '../fields/field.js';
import type { Machine } from '../machine/machine.js';
import { PT } from '../scap/events.generated.js';
import { parseAddress, parseNetwork } from './addresses.js';
import type { Operator } from './ast.js';
import type { LiteralValue } from './literals.js';
import type { PlannedCheck, PlannedNode } from './plan.js';
import { parseNumber } from './units.js';

/**
 * Evaluates a filter the plain way, check by check, with nothing compiled, joined, remembered or decided ahead. It is the
 * definition that the compiled predicate is tested against; programs use `compileFilter(…).matches`.
 */
export function interpret(node: PlannedNode, ev: EventView, machine: Machine): boolean {
  switch (node.kind) {
    case 'and':
      return node.items.every((item) => interpret(item, ev, machine));
    case 'or':
      return node.items.some((item) => interpret(item, ev, machine));
    case 'not':
      return !interpret(node.item, ev, machine);
    default:
      return interpretCheck(node, ev, machine);
  }
}

function interpretCheck(check: PlannedCheck, ev: EventView, machine: Machine): boolean {
  if (check.custom !== undefined) return check.custom(ev, machine);
  const { multi, cls } = check.operand;
  const value = check.operand.extract(ev, machine);
  if (value === undefined) return false;
  if (check.op === 'exists')
    return multi === 'ends' || multi === 'ancestors' ? list(value).some((v) => v !== undefined) : true;
  let constants: FieldValue[] | LiteralValue[];
  if (check.other !== undefined) {
    const other = check.other.extract(ev, machine);
    if (other === undefined) return false;
    constants = [other];
    if (Array.isArray(other))
      return overValues(check.op, multi, value, (v) =>
        list(other).some((o) => o !== undefined && equal(v, o)),
      );
    return overValues(check.op, multi, value, (v) => compareAny(check.op, v, other));
  }
  constants = [...check.values];
  const one = (v: FieldValue, among: readonly LiteralValue[]): boolean => {
    if (cls === 'ip' || cls === 'net') return address(check.op, v, among);
    if (cls === 'dynamic') return dynamic(check.op, v, among.map(String));
    return compare(check.op, v, among);
  };
  const { quantifier } = check;
  if (quantifier === undefined)
    return overValues(check.op, multi, value, (v) => one(v, constants as LiteralValue[]));
  let satisfied = 0;
  for (const c of check.values) if (overValues(check.op, multi, value, (v) => one(v, [c]))) satisfied++;
  if (quantifier === 'anyof') return satisfied > 0;
  return quantifier === 'oneof' ? satisfied === 1 : satisfied === check.values.length;
}

function list(value: FieldValue): readonly FieldValue[] {
  return Array.isArray(value) ? value : [value];
}

/** How several values of one field count. */
function overValues(
  op: Operator,
  multi: string | undefined,
  value: FieldValue,
  test: (v: FieldValue) => boolean,
): boolean {
  if (!Array.isArray(value)) return test(value);
  const there = value.filter((v) => v !== undefined);
  if (multi === 'list' && op === 'in') return there.every(test);
  if (multi === 'ends' && op === '!=') return there.length > 0 && there.every(test);
  return there.some(test);
}

function bytes(value: FieldValue): string | undefined {
  if (typeof value === 'string') return value;
  return Buffer.isBuffer(value) ? value.toString('latin1') : undefined;
}

function equal(a: FieldValue, b: FieldValue | LiteralValue): boolean {
  const text = bytes(a);
  if (text !== undefined) return text === (Buffer.isBuffer(b) ? b.toString('latin1') : b);
  if (typeof a === 'boolean' || typeof b === 'boolean' || typeof b === 'string') return a === b;
  // Neither above nor below: 5 and 5n are the same number.
  return (a as number) >= (b as number) && (a as number) <= (b as number);
}

/** One value against constants of its class. */
function compare(op: Operator, value: FieldValue, constants: readonly LiteralValue[]): boolean {
  if (op === '=' || op === 'in' || op === 'intersects') return constants.some((c) => equal(value, c));
  if (op === '!=') return !constants.some((c) => equal(value, c));
  if (op === 'pmatch') return constants.some((c) => isPathPrefix(String(c), bytes(value) ?? ''));
  return compareAny(op, value, constants[0]);
}

function compareAny(op: Operator, left: FieldValue, right: FieldValue | LiteralValue): boolean {
  switch (op) {
    case '=':
    case 'in':
    case 'intersects':
      return equal(left, right);
    case '!=':
      return !equal(left, right);
  }
  const text = bytes(left);
  const other = bytes(right as FieldValue);
  if (text === undefined || other === undefined) {
    if (text !== undefined || other !== undefined) return false;
    const a = left as number;
    const b = right as number;
    if (op === '<') return a < b;
    if (op === '<=') return a <= b;
    if (op === '>') return a > b;
    return op === '>=' && a >= b;
  }
  switch (op) {
    case '<':
      return text < other;
    case '<=':
      return text <= other;
    case '>':
      return text > other;
    case '>=':
      return text >= other;
    case 'contains':
    case 'bcontains':
      return text.split(other).length > 1 || other === '';
    case 'icontains':
      return lower(text).split(lower(other)).length > 1 || other === '';
    case 'startswith':
    case 'bstartswith':
      return text.slice(0, other.length) === other;
    case 'endswith':
      return other === '' || text.slice(-other.length) === other;
    case 'glob':
      return globMatch(other, text);
    case 'iglob':
      return globMatch(lower(other), lower(text));
    case 'regex':
      return RE2JS.compile(decode(other)).matches(decode(text));
    default:
      return false;
  }
}

function lower(text: string): string {
  return text.replace(/[A-Z]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 32));
}

function decode(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}

function isPathPrefix(path: string, value: string): boolean {
  const want = path.split('/').filter((part) => part !== '');
  const have = value.split('/').filter((part) => part !== '');
  return want.length <= have.length && want.every((part, i) => globMatch(part, have[i]));
}

/** fnmatch by a table over all prefixes of pattern and text. */
function globMatch(pattern: string, text: string): boolean {
  // A set holds at least one member, and the first one may be `]`.
  const member = '(?:\\[:[a-z]+:\\]|\\\\[\\s\\S]|[^\\]\\\\])';
  const units =
    pattern.match(
      new RegExp(`\\\\[\\s\\S]|\\[(?:[!^]|(?![!^]))(?:\\]|${member})${member}*\\]|[\\s\\S]`, 'g'),
    ) ?? [];
  let row: boolean[] = [true, ...new Array<boolean>(text.length).fill(false)];
  for (const unit of units) {
    const next: boolean[] = [unit === '*' && row[0]];
    for (let j = 1; j <= text.length; j++)
      next.push(unit === '*' ? row[j] || next[j - 1] : row[j - 1] && unitMatches(unit, text[j - 1]));
    row = next;
  }
  return row[text.length];
}

function unitMatches(unit: string, c: string): boolean {
  if (unit === '?') return true;
  if (unit.length === 1) return unit === c;
  if (unit[0] === '\\') return unit[1] === c;
  const negated = unit[1] === '!' || unit[1] === '^';
  const body = unit.slice(negated ? 2 : 1, -1);
  // The body as a set of the host's regular expressions: they share ranges and need other escapes.
  let set = '';
  for (const part of body.match(/\[:[a-z]+:\]|\\[\s\S]|[\s\S]/g) ?? []) {
    const named = /^\[:([a-z]+):\]$/.exec(part)?.[1];
    if (named !== undefined) set += NAMED.get(named) ?? '';
    else if (part === '-') set += '-';
    else
      set += `\\x${part
        .charCodeAt(part.length - 1)
        .toString(16)
        .padStart(2, '0')}`;
  }
  return new RegExp(`^[${set.replace(/^-|-$/g, '\\-')}]$`, 's').test(c) !== negated;
}

const NAMED = new Map(
  Object.entries({
    alpha: 'A-Za-z',
    digit: '0-9',
    alnum: 'A-Za-z0-9',
    upper: 'A-Z',
    lower: 'a-z',
    space: ' \\t-\\r',
    blank: ' \\t',
    punct: '!-/:-@\\[-`{-~',
    print: ' -~',
    graph: '!-~',
    cntrl: '\\x00-\\x1f\\x7f',
    xdigit: 'A-Fa-f0-9',
  }),
);

function address(op: Operator, value: FieldValue, constants: readonly LiteralValue[]): boolean {
  const found = constants.some((c) => typeof c === 'object' && contains(c.text, String(value)));
  return op === '!=' ? !found : found;
}

function contains(constant: string, value: string): boolean {
  const have = parseAddress(value);
  if (have === undefined) return constant === value;
  const network = parseNetwork(constant);
  const base = network?.address ?? parseAddress(constant) ?? [];
  if (base.length !== have.length) return false;
  const bits = (list: readonly number[]): string => list.map((b) => b.toString(2).padStart(8, '0')).join('');
  const length = network?.bits ?? base.length * 8;
  return bits(base).slice(0, length) === bits(have).slice(0, length);
}

function dynamic(op: Operator, value: FieldValue, constants: readonly string[]): boolean {
  if (typeof value !== 'number' && typeof value !== 'bigint')
    return compare(op, typeof value === 'boolean' ? String(value) : value, constants);
  if (!['=', '!=', '<', '<=', '>', '>=', 'in', 'intersects'].includes(op)) return false;
  const numbers = constants.map((c) => parseNumber(c, PT.DYN, '', true)).filter((n) => n !== undefined);
  if (numbers.length === 0) return op === '!=';
  return compare(op, value, numbers);
}
