import { detach } from './detach.js';
import { LuaError } from './value.js';

/** Lua patterns over byte strings. */

const PERCENT = 37;
const CAPTURE_POSITION = -2;
const CAPTURE_OPEN = -1;
/** Nesting of the matcher: deeper means a pattern that C Lua would refuse too. */
const DEEPEST = 200;
const MOST_CAPTURES = 32;

function isAlpha(c: number): boolean {
  return (c >= 65 && c <= 90) || (c >= 97 && c <= 122);
}

function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}

/** Whether byte `c` is in the class of letter `k` (%a, %D …). */
function inClass(c: number, k: number): boolean {
  let r: boolean;
  switch (k | 32) {
    case 97: // a
      r = isAlpha(c);
      break;
    case 99: // c
      r = c < 32 || c === 127;
      break;
    case 100: // d
      r = isDigit(c);
      break;
    case 103: // g
      r = c > 32 && c < 127;
      break;
    case 108: // l
      r = c >= 97 && c <= 122;
      break;
    case 112: // p
      r = c > 32 && c < 127 && !isAlpha(c) && !isDigit(c);
      break;
    case 115: // s
      r = c === 32 || (c >= 9 && c <= 13);
      break;
    case 117: // u
      r = c >= 65 && c <= 90;
      break;
    case 119: // w
      r = isAlpha(c) || isDigit(c);
      break;
    case 120: // x
      r = isDigit(c) || (c >= 65 && c <= 70) || (c >= 97 && c <= 102);
      break;
    case 122: // z
      r = c === 0;
      break;
    default:
      return k === c;
  }
  return k >= 65 && k <= 90 ? !r : r;
}

/** One search of a pattern in a text. After a match, captures can be read. */
export class Matcher {
  /** Number of captures of the last match. */
  level = 0;
  private readonly starts: number[] = [];
  private readonly lengths: number[] = [];
  private depth = 0;

  constructor(
    private readonly s: string,
    private readonly p: string,
  ) {}

  /** Matches at exactly `at`, from pattern offset `from`: the end offset, or -1. */
  match(at: number, from: number): number {
    this.level = 0;
    this.depth = 0;
    return this.run(at, from);
  }

  /** Capture `i`: text, or a position (1-based) for `()`. With no captures, 0 is the whole match. */
  capture(i: number, start: number, end: number): string | number {
    if (i >= this.level) {
      if (i !== 0) throw new LuaError('invalid capture index');
      return detach(this.s.slice(start, end), this.s.length);
    }
    const n = this.lengths[i];
    if (n === CAPTURE_OPEN) throw new LuaError('unfinished capture');
    if (n === CAPTURE_POSITION) return this.starts[i] + 1;
    return detach(this.s.slice(this.starts[i], this.starts[i] + n), this.s.length);
  }

  private run(start: number, from: number): number {
    if (++this.depth > DEEPEST) throw new LuaError('pattern too complex');
    try {
      return this.steps(start, from);
    } finally {
      this.depth--;
    }
  }

  private steps(start: number, from: number): number {
    const { s: text, p: pat } = this;
    let s = start;
    let p = from;
    while (p < pat.length) {
      const c = pat.charCodeAt(p);
      if (c === 40) {
        return pat.charCodeAt(p + 1) === 41
          ? this.open(s, p + 2, CAPTURE_POSITION)
          : this.open(s, p + 1, CAPTURE_OPEN);
      }
      if (c === 41) return this.close(s, p + 1);
      if (c === 36 && p + 1 === pat.length) return s === text.length ? s : -1;
      if (c === PERCENT) {
        const k = pat.charCodeAt(p + 1);
        if (k === 98) {
          s = this.balance(s, p + 2);
          if (s < 0) return -1;
          p += 4;
          continue;
        }
        if (k === 102) {
          p += 2;
          if (pat.charCodeAt(p) !== 91) throw new LuaError("missing '[' after '%f' in pattern");
          const end = this.classEnd(p);
          const before = s === 0 ? 0 : text.charCodeAt(s - 1);
          const here = s < text.length ? text.charCodeAt(s) : 0;
          if (this.inSet(before, p, end - 1) || !this.inSet(here, p, end - 1)) return -1;
          p = end;
          continue;
        }
        if (isDigit(k)) {
          s = this.backReference(s, k);
          if (s < 0) return -1;
          p += 2;
          continue;
        }
      }
      const end = this.classEnd(p);
      const suffix = pat.charCodeAt(end);
      if (suffix === 63) {
        if (s < text.length && this.single(s, p, end)) {
          const r = this.run(s + 1, end + 1);
          if (r >= 0) return r;
        }
        p = end + 1;
        continue;
      }
      if (suffix === 42) return this.greedy(s, p, end, 0);
      if (suffix === 43) return this.greedy(s, p, end, 1);
      if (suffix === 45) return this.lazy(s, p, end);
      if (s >= text.length || !this.single(s, p, end)) return -1;
      s++;
      p = end;
    }
    return s;
  }

  /** See itemEnd. */
  classEnd(at: number): number {
    const { p } = this;
    let i = at;
    const c = p.charCodeAt(i++);
    if (c === PERCENT) {
      if (i >= p.length) throw new LuaError("malformed pattern (ends with '%')");
      return i + 1;
    }
    if (c === 91) {
      if (p.charCodeAt(i) === 94) i++;
      do {
        if (i >= p.length) throw new LuaError("malformed pattern (missing ']')");
        if (p.charCodeAt(i++) === PERCENT) i++;
      } while (i >= p.length || p.charCodeAt(i) !== 93);
      return i + 1;
    }
    return i;
  }

  /** Byte `c` against the set from `at` (its `[`) to `last` (its `]`). */
  private inSet(c: number, at: number, last: number): boolean {
    const { p } = this;
    let i = at + 1;
    let positive = true;
    if (p.charCodeAt(i) === 94) {
      positive = false;
      i++;
    }
    while (i < last) {
      const k = p.charCodeAt(i);
      if (k === PERCENT) {
        if (inClass(c, p.charCodeAt(i + 1))) return positive;
        i += 2;
      } else if (p.charCodeAt(i + 1) === 45 && i + 2 < last) {
        if (k <= c && c <= p.charCodeAt(i + 2)) return positive;
        i += 3;
      } else {
        if (k === c) return positive;
        i++;
      }
    }
    return !positive;
  }

  /** Whether byte `s` of the text is in the class from `p` to `end`. */
  single(s: number, p: number, end: number): boolean {
    const c = this.s.charCodeAt(s);
    const k = this.p.charCodeAt(p);
    switch (k) {
      case 46:
        return true;
      case PERCENT:
        return inClass(c, this.p.charCodeAt(p + 1));
      case 91:
        return this.inSet(c, p, end - 1);
      default:
        return k === c;
    }
  }

  private greedy(s: number, p: number, end: number, least: number): number {
    let n = 0;
    while (s + n < this.s.length && this.single(s + n, p, end)) n++;
    for (; n >= least; n--) {
      const r = this.run(s + n, end + 1);
      if (r >= 0) return r;
    }
    return -1;
  }

  private lazy(start: number, p: number, end: number): number {
    for (let s = start; ; s++) {
      const r = this.run(s, end + 1);
      if (r >= 0) return r;
      if (s >= this.s.length || !this.single(s, p, end)) return -1;
    }
  }

  private open(s: number, p: number, what: number): number {
    if (this.level >= MOST_CAPTURES) throw new LuaError('too many captures');
    this.starts[this.level] = s;
    this.lengths[this.level] = what;
    this.level++;
    const r = this.run(s, p);
    if (r < 0) this.level--;
    return r;
  }

  private close(s: number, p: number): number {
    let i = this.level - 1;
    while (i >= 0 && this.lengths[i] !== CAPTURE_OPEN) i--;
    if (i < 0) throw new LuaError('invalid pattern capture');
    this.lengths[i] = s - this.starts[i];
    const r = this.run(s, p);
    if (r < 0) this.lengths[i] = CAPTURE_OPEN;
    return r;
  }

  private balance(s: number, p: number): number {
    if (p + 1 >= this.p.length) throw new LuaError('unbalanced pattern');
    if (s >= this.s.length || this.s.charCodeAt(s) !== this.p.charCodeAt(p)) return -1;
    const opening = this.p.charCodeAt(p);
    const closing = this.p.charCodeAt(p + 1);
    let depth = 1;
    for (let i = s + 1; i < this.s.length; i++) {
      const c = this.s.charCodeAt(i);
      if (c === closing) {
        if (--depth === 0) return i + 1;
      } else if (c === opening) {
        depth++;
      }
    }
    return -1;
  }

  private backReference(s: number, digit: number): number {
    const i = digit - 49;
    if (i < 0 || i >= this.level || this.lengths[i] === CAPTURE_OPEN)
      throw new LuaError('invalid capture index');
    const text = this.s.slice(this.starts[i], this.starts[i] + this.lengths[i]);
    return this.s.startsWith(text, s) ? s + text.length : -1;
  }
}

/** Offset behind the single character class that starts at `p`. Throws LuaError for a malformed one. */
export function itemEnd(pattern: string, p: number): number {
  return new Matcher('', pattern).classEnd(p);
}

/** Whether a byte is in the single character class from `p` to `end`. */
export function byteInItem(pattern: string, p: number, end: number, byte: number): boolean {
  return new Matcher(String.fromCharCode(byte), pattern).single(0, p, end);
}

/** No character of the pattern means anything but itself. */
export function isPlain(pattern: string): boolean {
  return !/[\^$*+?.()[\]%-]/.test(pattern);
}
