import { formatE, formatF, formatG, nonFinite, numberToText, textToNumber } from './number.js';
import type { LuaValue } from './value.js';
import { LuaError } from './value.js';

enum Kind {
  Literal,
  Int,
  Unsigned,
  Octal,
  Hex,
  HexUpper,
  Char,
  Exp,
  Fixed,
  General,
  Quoted,
  Text,
  HexFloat,
}

interface Piece {
  kind: Kind;
  text: string;
  left: boolean;
  plus: boolean;
  space: boolean;
  alt: boolean;
  zero: boolean;
  width: number;
  precision: number;
  upper: boolean;
  /** No flags, width or precision. */
  bare: boolean;
}

const cache = new Map<string, Piece[]>();

const KINDS: { readonly [letter: string]: Kind } = {
  d: Kind.Int,
  i: Kind.Int,
  u: Kind.Unsigned,
  o: Kind.Octal,
  x: Kind.Hex,
  X: Kind.HexUpper,
  c: Kind.Char,
  e: Kind.Exp,
  E: Kind.Exp,
  f: Kind.Fixed,
  F: Kind.Fixed,
  g: Kind.General,
  G: Kind.General,
  a: Kind.HexFloat,
  A: Kind.HexFloat,
  q: Kind.Quoted,
  s: Kind.Text,
};

function plain(kind: Kind, text: string): Piece {
  return {
    kind,
    text,
    left: false,
    plus: false,
    space: false,
    alt: false,
    zero: false,
    width: 0,
    precision: -1,
    upper: false,
    bare: false,
  };
}

function parse(fmt: string): Piece[] {
  const pieces: Piece[] = [];
  const spec = /%(?:%|([-+ #0]*)(\d{0,2})(?:\.(\d{0,2}))?(.?))/gs;
  let at = 0;
  for (;;) {
    const m = spec.exec(fmt);
    const end = m === null ? fmt.length : m.index;
    if (end > at) pieces.push(plain(Kind.Literal, fmt.slice(at, end)));
    if (m === null) break;
    at = spec.lastIndex;
    if (m[0] === '%%') {
      pieces.push(plain(Kind.Literal, '%'));
      continue;
    }
    const letter = m[4];
    const kind = Object.hasOwn(KINDS, letter) ? KINDS[letter] : undefined;
    if (kind === undefined) throw new LuaError(`invalid option '%${letter}' to 'format'`);
    const p = plain(kind, '');
    const flags = m[1];
    p.left = flags.includes('-');
    p.plus = flags.includes('+');
    p.space = flags.includes(' ');
    p.alt = flags.includes('#');
    p.zero = flags.includes('0');
    p.width = Number(m[2]);
    p.precision = m[3] === undefined ? -1 : Number(m[3]);
    p.upper = letter >= 'A' && letter <= 'Z';
    p.bare = m[0].length === 2;
    pieces.push(p);
  }
  if (cache.size > 1000) cache.clear();
  cache.set(fmt, pieces);
  return pieces;
}

function describe(v: LuaValue): string {
  return v === undefined ? 'nil' : typeof v === 'object' ? 'table' : typeof v;
}

function numberArg(args: readonly LuaValue[], i: number): number {
  const v = args[i];
  if (typeof v === 'number') return v;
  const n = typeof v === 'string' ? textToNumber(v) : undefined;
  if (n === undefined)
    throw new LuaError(`bad argument #${i + 1} to 'format' (number expected, got ${describe(v)})`);
  return n;
}

function pad(p: Piece, body: string, sign: string, zeroAllowed: boolean): string {
  const room = p.width - sign.length - body.length;
  if (room <= 0) return sign + body;
  if (p.left) return sign + body + ' '.repeat(room);
  if (p.zero && zeroAllowed) return sign + '0'.repeat(room) + body;
  return ' '.repeat(room) + sign + body;
}

/** Digits of a whole number of any size, as a 64-bit integer would print. */
function digits(n: number, base: number): string {
  return Math.abs(n) <= Number.MAX_SAFE_INTEGER
    ? Math.abs(n).toString(base)
    : BigInt(Math.abs(n)).toString(base);
}

const TWO_63 = 2 ** 63;
const TWO_64 = 2 ** 64;

function integer(p: Piece, n: number): string {
  if (p.bare && p.kind === Kind.Int && Number.isSafeInteger(n)) return `${n}`;
  // Fractions are cut off; what no 64-bit integer holds prints as its smallest value, as on x86-64.
  let v = Math.trunc(n);
  let body: string;
  let negative = false;
  if (!(v >= -TWO_63 && v < TWO_64)) {
    body =
      p.kind === Kind.Int
        ? '9223372036854775808'
        : p.kind === Kind.Octal
          ? '1' + '0'.repeat(21)
          : p.kind === Kind.Unsigned
            ? '9223372036854775808'
            : '8000000000000000';
    negative = p.kind === Kind.Int;
  } else if (p.kind === Kind.Int) {
    if (v >= TWO_63) v = -TWO_63;
    negative = v < 0;
    body = digits(v, 10);
  } else {
    const base = p.kind === Kind.Unsigned ? 10 : p.kind === Kind.Octal ? 8 : 16;
    body = v < 0 ? BigInt.asUintN(64, BigInt(v)).toString(base) : digits(v, base);
    if (p.kind === Kind.HexUpper) body = body.toUpperCase();
  }
  if (p.precision >= 0 && body.length < p.precision) body = '0'.repeat(p.precision - body.length) + body;
  if (p.precision === 0 && v === 0) body = '';
  let sign = '';
  if (p.kind === Kind.Int) sign = negative ? '-' : p.plus ? '+' : p.space ? ' ' : '';
  else if (p.alt && v !== 0)
    sign = p.kind === Kind.Hex ? '0x' : p.kind === Kind.HexUpper ? '0X' : p.kind === Kind.Octal ? '0' : '';
  return pad(p, body, sign, p.precision < 0);
}

function hexFloat(n: number, precision: number): string {
  if (n === 0) return '0x0p+0';
  let e = Math.floor(Math.log2(n));
  let m = n / 2 ** e;
  while (m >= 2) {
    m /= 2;
    e++;
  }
  let out = '';
  let frac = m - 1;
  for (let i = 0; i < (precision >= 0 ? precision : 13) && (precision >= 0 || frac > 0); i++) {
    frac *= 16;
    const d = Math.floor(frac);
    out += d.toString(16);
    frac -= d;
  }
  return `0x1${out.length > 0 ? '.' + out : ''}p${e < 0 ? '-' : '+'}${Math.abs(e)}`;
}

function float(p: Piece, n: number): string {
  const special = nonFinite(Math.abs(n));
  const negative = n < 0 || Object.is(n, -0);
  let body: string;
  const precision = p.precision < 0 ? 6 : p.precision;
  const abs = Math.abs(n);
  if (special !== undefined) body = special;
  else if (p.kind === Kind.Exp) body = formatE(abs, precision);
  else if (p.kind === Kind.Fixed) body = formatF(abs, precision);
  else if (p.kind === Kind.General) body = formatG(abs, precision, p.alt);
  else body = hexFloat(abs, p.precision);
  if (p.alt && p.kind !== Kind.General && special === undefined && precision === 0) body += '.';
  if (p.upper) body = body.toUpperCase();
  return pad(p, body, negative ? '-' : p.plus ? '+' : p.space ? ' ' : '', special === undefined);
}

/** A text as a Lua literal. */
export function quote(text: string): string {
  const body = text.replace(/["\\\n]|[\0-\x1f\x7f](\d?)/g, (c, digit: string | undefined) => {
    if (c === '"' || c === '\\' || c === '\n') return `\\${c}`;
    const code = String(c.charCodeAt(0));
    // A digit behind it would become part of the escape.
    return digit ? `\\${code.padStart(3, '0')}${digit}` : `\\${code}`;
  });
  return `"${body}"`;
}

/**
 * string.format of Lua 5.1 as LuaJIT does it: %d cuts fractions and takes any size, %s calls `toText` on anything.
 * @throws LuaError for a bad option or argument.
 */
export function format(args: readonly LuaValue[], toText: (v: LuaValue) => string): string {
  const fmt = args[0];
  const text = typeof fmt === 'number' ? numberToText(fmt) : fmt;
  if (typeof text !== 'string')
    throw new LuaError(`bad argument #1 to 'format' (string expected, got ${describe(fmt)})`);
  const pieces = cache.get(text) ?? parse(text);
  let out = '';
  let next = 1;
  for (let k = 0; k < pieces.length; k++) {
    const p = pieces[k];
    if (p.kind === Kind.Literal) {
      out += p.text;
      continue;
    }
    if (next >= args.length) {
      const want = p.kind === Kind.Text || p.kind === Kind.Quoted ? 'string' : 'number';
      throw new LuaError(`bad argument #${next + 1} to 'format' (${want} expected, got no value)`);
    }
    switch (p.kind) {
      case Kind.Int:
      case Kind.Unsigned:
      case Kind.Octal:
      case Kind.Hex:
      case Kind.HexUpper:
        out += integer(p, numberArg(args, next));
        break;
      case Kind.Char:
        out += pad(p, String.fromCharCode(Math.trunc(numberArg(args, next)) & 255), '', false);
        break;
      case Kind.Quoted: {
        out += quote(toText(args[next]));
        break;
      }
      case Kind.Text: {
        const v = args[next];
        let s = typeof v === 'string' ? v : toText(v);
        if (p.precision >= 0 && s.length > p.precision) s = s.slice(0, p.precision);
        out += p.width > s.length ? pad(p, s, '', false) : s;
        break;
      }
      default:
        out += float(p, numberArg(args, next));
    }
    next++;
  }
  return out;
}
