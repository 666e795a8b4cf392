import { textToNumber } from './number.js';
import { LuaTable } from './table.js';
import type { LuaFunction, LuaValue } from './value.js';
import { LuaError } from './value.js';

/** A double as the 32 bits that LuaJIT's `bit` would take. */
function bits(v: LuaValue): number {
  const n = typeof v === 'number' ? v : typeof v === 'string' ? textToNumber(v) : undefined;
  if (n === undefined)
    throw new LuaError(`bad argument #1 (number expected, got ${v === undefined ? 'nil' : typeof v})`);
  return Math.round(n) | 0;
}

function fold(start: number, f: (a: number, b: number) => number): LuaFunction {
  return (...args) => {
    let r = args.length === 0 ? start : bits(args[0]);
    for (let i = 1; i < args.length; i++) r = f(r, bits(args[i]));
    return r | 0;
  };
}

/** LuaJIT's `bit` table: 32-bit signed results. */
export function bitLibrary(): LuaTable {
  return LuaTable.record({
    tobit: (a) => bits(a),
    bnot: (a) => ~bits(a),
    band: fold(-1, (a, b) => a & b),
    bor: fold(0, (a, b) => a | b),
    bxor: fold(0, (a, b) => a ^ b),
    lshift: (a, n) => bits(a) << (bits(n) & 31),
    rshift: (a, n) => (bits(a) >>> (bits(n) & 31)) | 0,
    arshift: (a, n) => bits(a) >> (bits(n) & 31),
    rol: (a, n) => (bits(a) << (bits(n) & 31)) | (bits(a) >>> (-bits(n) & 31)),
    ror: (a, n) => (bits(a) >>> (bits(n) & 31)) | (bits(a) << (-bits(n) & 31)),
    bswap: (a) => {
      const v = bits(a);
      return ((v & 0xff) << 24) | ((v & 0xff00) << 8) | ((v >>> 8) & 0xff00) | (v >>> 24);
    },
    tohex: (a, n) => {
      const width = n === undefined ? 8 : bits(n);
      const hex = (bits(a) >>> 0).toString(16).padStart(8, '0');
      const text = hex.slice(8 - Math.min(8, Math.abs(width)));
      return width < 0 ? text.toUpperCase() : text;
    },
  });
}
