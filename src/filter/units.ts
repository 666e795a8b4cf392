import { IN_KB } from '../fields/unit.js';
import { PT } from '../scap/events.generated.js';

/** Bits of the unsigned types: a negative literal for one of them wraps around, as in sysdig. */
const UNSIGNED_BITS: Readonly<Record<number, number>> = {
  [PT.UINT8]: 8,
  [PT.UINT16]: 16,
  [PT.UINT32]: 32,
  [PT.UINT64]: 64,
  [PT.FLAGS8]: 8,
  [PT.FLAGS16]: 16,
  [PT.FLAGS32]: 32,
  [PT.ENUMFLAGS8]: 8,
  [PT.ENUMFLAGS16]: 16,
  [PT.ENUMFLAGS32]: 32,
  [PT.UID]: 32,
  [PT.GID]: 32,
  [PT.MODE]: 32,
  [PT.RELTIME]: 64,
  [PT.ABSTIME]: 64,
};

/** Types whose numbers are amounts, for which `4KB` makes sense. */
const AMOUNTS: ReadonlySet<number> = new Set([
  PT.INT8,
  PT.INT16,
  PT.INT32,
  PT.INT64,
  PT.UINT8,
  PT.UINT16,
  PT.UINT32,
  PT.UINT64,
  PT.ERRNO,
  PT.DYN,
]);

/** Nanoseconds. */
const TIME_UNITS = new Map(
  Object.entries({
    ns: 1,
    us: 1e3,
    µs: 1e3,
    μs: 1e3,
    ms: 1e6,
    s: 1e9,
    m: 60e9,
    min: 60e9,
    h: 3600e9,
    d: 86400e9,
  }),
);

/** Bytes: powers of 1024, as sysdig's own tables count. */
const SIZE_UNITS = new Map(
  Object.entries({
    b: 1,
    k: 1024,
    kb: 1024,
    kib: 1024,
    m: 1048576,
    mb: 1048576,
    mib: 1048576,
    g: 1073741824,
    gb: 1073741824,
    gib: 1073741824,
    t: 1099511627776,
    tb: 1099511627776,
    tib: 1099511627776,
  }),
);

function isTime(type: number): boolean {
  return type === PT.RELTIME || type === PT.ABSTIME;
}

/**
 * The number that a literal stands for, for a field of a type (PT_*) and name; undefined if it is none.
 * A double where that is exact, else a bigint. With `units`, durations (`10ms`) for times and sizes (`4KB`) for amounts
 * are understood, and hexadecimal. Without, only what sysdig takes: decimal digits.
 */
export function parseNumber(
  text: string,
  type: number,
  fieldName: string,
  units: boolean,
): number | bigint | undefined {
  const literal = text.trim();
  if (/^[+-]?\d+$/.test(literal)) return wrap(exact(BigInt(literal.replace(/^\+/, ''))), type);
  if (type === PT.DOUBLE && /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(literal)) return Number(literal);
  if (!units) return undefined;
  if (/^0x[0-9a-f]{1,16}$/i.test(literal)) return exact(BigInt(literal));
  const m = /^([+-]?\d+(?:\.\d+)?)\s*([A-Za-z\u00b5\u03bc]+|\u00c2\u00b5s|\u00ce\u00bcs)$/.exec(literal);
  if (m === null) return undefined;
  // The micro sign comes as the two bytes of its UTF-8 form.
  const unit = m[2].replace(/^(\u00c2\u00b5|\u00ce\u00bc)/, 'u');
  if (isTime(type) || type === PT.DYN) {
    const ns = TIME_UNITS.get(unit);
    if (ns !== undefined) return fieldName.endsWith('.s') ? (Number(m[1]) * ns) / 1e9 : round(m[1], ns);
  }
  if (!AMOUNTS.has(type)) return undefined;
  const bytes = SIZE_UNITS.get(unit.toLowerCase());
  if (bytes === undefined) return undefined;
  return IN_KB.has(fieldName) ? (Number(m[1]) * bytes) / 1024 : round(m[1], bytes);
}

/** What kinds of units fit a type: for the hint in a message. */
export function unitHint(type: number): string {
  if (type === PT.DOUBLE) return '';
  if (isTime(type)) return ' (nanoseconds, or a duration such as 10ms)';
  if (AMOUNTS.has(type)) return ' (decimal, or a size such as 4KB)';
  return '';
}

function round(digits: string, unit: number): number {
  // 0.3s is 300000000 ns exactly, whatever binary fractions make of it.
  const value = Number(digits) * unit;
  const whole = Math.round(value);
  return Math.abs(value - whole) < 1e-6 * Math.max(1, Math.abs(value)) ? whole : value;
}

function exact(value: bigint): number | bigint {
  return value >= -9007199254740992n && value <= 9007199254740992n ? Number(value) : value;
}

function wrap(value: number | bigint, type: number): number | bigint {
  const bits = UNSIGNED_BITS[type];
  return bits === undefined || value >= 0 ? value : exact(BigInt.asUintN(bits, BigInt(value)));
}
