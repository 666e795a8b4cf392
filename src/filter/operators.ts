import type { FieldValue, MultiKind } from '../fields/field.js';
import { PT } from '../scap/events.generated.js';
import { type AddressBytes, inNetwork, type Network, parseAddress } from './addresses.js';
import type { Operator, Quantifier } from './ast.js';
import { asciiLower, compileGlob } from './glob.js';
import type { AddressValue, LiteralValue } from './literals.js';
import { compilePathMatch } from './path_match.js';
import type { ValueClass } from './plan.js';
import { compileRegex } from './regex.js';
import { parseNumber } from './units.js';

/** A value that is there. */
export type Value = Exclude<FieldValue, undefined>;
export type Test = (value: Value) => boolean;

/** Most answers that a memo keeps before it starts anew, and the longest text it keeps one for. */
const MEMO_ENTRIES = 8192;
const MEMO_TEXT = 1024;

/** Remembers answers by text: values repeat (paths, names), and costly tests then cost one look-up. */
export function memo(test: (value: string) => boolean): (value: string) => boolean {
  let known = new Map<string, boolean>();
  return (value) => {
    if (value.length > MEMO_TEXT) return test(value);
    let answer = known.get(value);
    if (answer === undefined) {
      if (known.size >= MEMO_ENTRIES) known = new Map();
      answer = test(value);
      known.set(value, answer);
    }
    return answer;
  };
}

/**
 * The test of `value op constants`, for a class of values. `multi` says how several values of one field count.
 */
export function buildTest(
  cls: ValueClass,
  op: Operator,
  values: readonly LiteralValue[],
  multi: MultiKind | undefined,
  quantifier: Quantifier | undefined,
): Test {
  if (quantifier !== undefined) {
    const each = values.map((value) => buildTest(cls, op, [value], multi, undefined));
    if (quantifier === 'allof') return (v) => each.every((test) => test(v));
    if (quantifier === 'anyof') return (v) => each.some((test) => test(v));
    return (v) => {
      let n = 0;
      for (const test of each) if (test(v) && ++n > 1) return false;
      return n === 1;
    };
  }
  const test = scalarTest(cls, op, values);
  if (multi === undefined) return test;
  const every = (multi === 'list' && op === 'in') || (multi === 'ends' && op === '!=');
  const emptyAnswer = multi === 'list' && op === 'in';
  return (v) => {
    if (!Array.isArray(v)) return test(v);
    let seen = false;
    for (const item of v) {
      if (item === undefined) continue;
      seen = true;
      if (test(item) !== every) return !every;
    }
    return seen ? every : emptyAnswer;
  };
}

function scalarTest(cls: ValueClass, op: Operator, values: readonly LiteralValue[]): Test {
  switch (cls) {
    case 'ip':
    case 'net':
      return addressTest(op, values as readonly AddressValue[]);
    case 'text':
    case 'bytes':
      return onText(textTest(op, values as readonly string[]), op, values);
    case 'dynamic':
      return dynamicTest(op, values as readonly string[]);
    default:
      return plainTest(op, values);
  }
}

/** Numbers and booleans. Loose equality compares doubles with bigints by value. */
function plainTest(op: Operator, values: readonly LiteralValue[]): Test {
  const c = values[0];
  switch (op) {
    case '<':
      return (v) => (v as number) < (c as number);
    case '<=':
      return (v) => (v as number) <= (c as number);
    case '>':
      return (v) => (v as number) > (c as number);
    case '>=':
      return (v) => (v as number) >= (c as number);
    default: {
      const set = new Set<unknown>(values);
      const wanted = op !== '!=';
      return (v) => set.has(typeof v === 'bigint' ? exact(v) : v) === wanted;
    }
  }
}

function exact(value: bigint): number | bigint {
  return value >= -9007199254740992n && value <= 9007199254740992n ? Number(value) : value;
}

/** Text tests on byte strings. */
export function textTest(op: Operator, values: readonly string[]): (value: string) => boolean {
  const c = values[0];
  switch (op) {
    case '=':
      return (v) => v === c;
    case '!=':
    case 'in':
    case 'intersects': {
      const set = new Set(values);
      const wanted = op !== '!=';
      return (v) => set.has(v) === wanted;
    }
    case '<':
      return (v) => v < c;
    case '<=':
      return (v) => v <= c;
    case '>':
      return (v) => v > c;
    case '>=':
      return (v) => v >= c;
    case 'contains':
    case 'bcontains':
      return (v) => v.includes(c);
    case 'icontains': {
      const lower = asciiLower(c);
      return (v) => asciiLower(v).includes(lower);
    }
    case 'startswith':
    case 'bstartswith':
      return (v) => v.startsWith(c);
    case 'endswith':
      return (v) => v.endsWith(c);
    case 'glob':
      return compileGlob(c, false);
    case 'iglob':
      return memo(compileGlob(c, true));
    case 'regex':
      return memo(compileRegex(c));
    case 'pmatch':
      return memo(compilePathMatch(values));
    default:
      return () => true;
  }
}

/** Lets a text test work on buffers too: searching in place where that is possible. */
function onText(test: (value: string) => boolean, op: Operator, values: readonly LiteralValue[]): Test {
  const needle = Buffer.from(String(values[0] ?? ''), 'latin1');
  return (v) => {
    if (typeof v === 'string') return test(v);
    if (!Buffer.isBuffer(v)) return false;
    if (op === 'contains' || op === 'bcontains') return v.includes(needle);
    if (op === 'startswith' || op === 'bstartswith') {
      if (v.length < needle.length) return false;
      for (let i = 0; i < needle.length; i++) if (v[i] !== needle[i]) return false;
      return true;
    }
    return test(v.latin1Slice(0, v.length));
  };
}

function addressTest(op: Operator, values: readonly AddressValue[]): Test {
  const texts = new Set(values.map((value) => value.text));
  const plain = values.every((value) => value.network === undefined && !value.text.includes(':'));
  const within = memo((text) => {
    const address: AddressBytes | undefined = parseAddress(text);
    if (address === undefined) return texts.has(text);
    return values.some((value) => inNetwork(address, value.network ?? whole(value.address ?? [])));
  });
  const wanted = op !== '!=';
  if (plain) return (v) => texts.has(v as string) === wanted;
  return (v) => typeof v === 'string' && within(v) === wanted;
}

function whole(address: AddressBytes): Network {
  return { address, bits: address.length * 8 };
}

/** Values whose type is known only when they are there: constants are tried as number and as text. */
function dynamicTest(op: Operator, values: readonly string[]): Test {
  const text = onText(textTest(op, values), op, values);
  const numbers: LiteralValue[] = [];
  for (const value of values) {
    const number = parseNumber(value, PT.DYN, '', true);
    if (number !== undefined) numbers.push(number);
  }
  const numeric = ['=', '!=', '<', '<=', '>', '>=', 'in', 'intersects'].includes(op);
  const onNumber = numeric && (numbers.length > 0 || op === '!=') ? plainTest(op, numbers) : () => false;
  return (v) => {
    switch (typeof v) {
      case 'number':
      case 'bigint':
        return onNumber(v);
      case 'boolean':
        return text(String(v));
      default:
        return text(v as Value);
    }
  };
}

const patterns = new Map<string, (value: string) => boolean>();

/** The test of `value op value`, for right sides that are fields or transformers. */
export function buildPairTest(
  op: Operator,
  leftMulti: MultiKind | undefined,
): (left: Value, right: Value) => boolean {
  const every = (leftMulti === 'list' && op === 'in') || (leftMulti === 'ends' && op === '!=');
  return (left, right) => {
    if (!Array.isArray(left)) return pair(op, left, right);
    let seen = false;
    for (const item of left) {
      if (item === undefined) continue;
      seen = true;
      if (pair(op, item, right) !== every) return !every;
    }
    return seen ? every : leftMulti === 'list' && op === 'in';
  };
}

function pair(op: Operator, left: Value, right: Value): boolean {
  if (Array.isArray(right)) return right.some((item) => item !== undefined && pair('=', left, item));
  const a = scalar(left);
  const b = scalar(right);
  switch (op) {
    case '=':
    case 'in':
    case 'intersects':
      return same(a, b);
    case '!=':
      return !same(a, b);
    case '<':
      return comparable(a, b) && a < b;
    case '<=':
      return comparable(a, b) && a <= b;
    case '>':
      return comparable(a, b) && a > b;
    case '>=':
      return comparable(a, b) && a >= b;
    default: {
      if (typeof a !== 'string' || typeof b !== 'string') return false;
      if (op !== 'glob' && op !== 'iglob') return textTest(op, [b])(a);
      const key = `${op} ${b}`;
      let test = patterns.get(key);
      if (test === undefined) {
        if (patterns.size >= 256) patterns.clear();
        test = compileGlob(b, op === 'iglob');
        patterns.set(key, test);
      }
      return test(a);
    }
  }
}

type Scalar = number | bigint | string | boolean;

function scalar(value: Value): Scalar {
  if (Buffer.isBuffer(value)) return value.latin1Slice(0, value.length);
  return typeof value === 'object' ? '' : value;
}

function comparable(a: Scalar, b: Scalar): boolean {
  return typeof a === typeof b || (typeof a !== 'string' && typeof b !== 'string');
}

function same(a: Scalar, b: Scalar): boolean {
  return (
    a === b ||
    (typeof a === 'number' && typeof b === 'bigint' && BigInt(Math.trunc(a)) === b && Number.isInteger(a)) ||
    (typeof a === 'bigint' && typeof b === 'number' && Number.isInteger(b) && BigInt(b) === a)
  );
}
