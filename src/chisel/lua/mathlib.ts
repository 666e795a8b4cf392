import { numberArg } from './arguments.js';
import { LuaTable } from './table.js';
import type { LuaFunction, LuaValue } from './value.js';
import { LuaError } from './value.js';

function unary(name: string, f: (x: number) => number): LuaFunction {
  return (v) => f(typeof v === 'number' ? v : numberArg(v, 1, name));
}

/** mulberry32: small, fast, and the same sequence for the same seed. */
function generator(seed: number): () => number {
  let a = seed | 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function frexp(x: number): [number, number] {
  if (x === 0 || !Number.isFinite(x)) return [x, 0];
  let e = Math.max(-1023, Math.floor(Math.log2(Math.abs(x))) + 1);
  let m = x * 2 ** -e;
  while (Math.abs(m) < 0.5) {
    m *= 2;
    e--;
  }
  while (Math.abs(m) >= 1) {
    m /= 2;
    e++;
  }
  return [m, e];
}

/** The `math` table. */
export function mathLibrary(): LuaTable {
  let random = generator(0);
  const all = (name: string, args: readonly LuaValue[]): number[] => {
    if (args.length === 0) throw new LuaError(`bad argument #1 to '${name}' (number expected, got no value)`);
    return args.map((v, i) => numberArg(v, i + 1, name));
  };
  return LuaTable.record({
    pi: Math.PI,
    huge: Number.POSITIVE_INFINITY,
    abs: unary('abs', Math.abs),
    acos: unary('acos', Math.acos),
    asin: unary('asin', Math.asin),
    atan: unary('atan', Math.atan),
    ceil: unary('ceil', Math.ceil),
    cos: unary('cos', Math.cos),
    cosh: unary('cosh', Math.cosh),
    deg: unary('deg', (x) => x * (180 / Math.PI)),
    exp: unary('exp', Math.exp),
    floor: unary('floor', Math.floor),
    log10: unary('log10', Math.log10),
    rad: unary('rad', (x) => x * (Math.PI / 180)),
    sin: unary('sin', Math.sin),
    sinh: unary('sinh', Math.sinh),
    sqrt: unary('sqrt', Math.sqrt),
    tan: unary('tan', Math.tan),
    tanh: unary('tanh', Math.tanh),
    log: (x, base) => {
      const n = Math.log(numberArg(x, 1, 'log'));
      return base === undefined ? n : n / Math.log(numberArg(base, 2, 'log'));
    },
    atan2: (y, x) => Math.atan2(numberArg(y, 1, 'atan2'), numberArg(x, 2, 'atan2')),
    pow: (x, y) => numberArg(x, 1, 'pow') ** numberArg(y, 2, 'pow'),
    fmod: (x, y) => numberArg(x, 1, 'fmod') % numberArg(y, 2, 'fmod'),
    modf: (v) => {
      const x = numberArg(v, 1, 'modf');
      const whole = Math.trunc(x);
      return [whole, Number.isFinite(x) ? x - whole : Number.isNaN(x) ? x : 0];
    },
    frexp: (x) => frexp(numberArg(x, 1, 'frexp')),
    ldexp: (m, e) => numberArg(m, 1, 'ldexp') * 2 ** numberArg(e, 2, 'ldexp'),
    max: (...args) => Math.max(...all('max', args)),
    min: (...args) => Math.min(...all('min', args)),
    random: (a, b) => {
      const r = random();
      if (a === undefined) return r;
      const x = Math.floor(numberArg(a, 1, 'random'));
      const low = b === undefined ? 1 : x;
      const high = b === undefined ? x : Math.floor(numberArg(b, 2, 'random'));
      if (low > high)
        throw new LuaError(`bad argument #${b === undefined ? 1 : 2} to 'random' (interval is empty)`);
      return Math.floor(r * (high - low + 1)) + low;
    },
    randomseed: (seed) => {
      const n = numberArg(seed, 1, 'randomseed');
      random = generator(Math.trunc(n % 4294967296) ^ Math.trunc(n / 4294967296));
      return [];
    },
  });
}
