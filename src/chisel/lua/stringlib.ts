import { integerArg, textArg } from './arguments.js';
import { detach } from './detach.js';
import { format } from './format.js';
import { numberToText } from './number.js';
import { call, index, typeName } from './ops.js';
import { isPlain, Matcher } from './pattern.js';
import { regexOf } from './pattern_regex.js';
import { LuaTable } from './table.js';
import type { LuaFunction, LuaResult, LuaValue } from './value.js';
import { first, LuaError } from './value.js';

/** Longest text that string.rep makes, bytes. */
const LONGEST = 0x1fffffe0;

/** Start of a range counted from 1 or, negative, from the end: an offset from 0, at least 0. */
function startOffset(i: number, length: number): number {
  if (i > 0) return i - 1;
  if (i === 0) return 0;
  return Math.max(0, length + i);
}

function endOffset(j: number, length: number): number {
  return j < 0 ? length + j + 1 : Math.min(j, length);
}

function lower(s: string): string {
  return /[\x80-\xff]/.test(s) ? s.replace(/[A-Z]+/g, (m) => m.toLowerCase()) : s.toLowerCase();
}

function upper(s: string): string {
  return /[\x80-\xff]/.test(s) ? s.replace(/[a-z]+/g, (m) => m.toUpperCase()) : s.toUpperCase();
}

function groupsOf(found: RegExpExecArray, whole: number): string[] {
  const list: string[] = new Array<string>(found.length - 1);
  for (let i = 1; i < found.length; i++) list[i - 1] = detach(found[i], whole);
  return list;
}

/** What match gives: the captures, or all of the match. */
function piecesOf(found: RegExpExecArray, whole: number): LuaResult {
  if (found.length === 1) return detach(found[0], whole);
  return found.length === 2 ? detach(found[1], whole) : groupsOf(found, whole);
}

function captures(m: Captures, start: number, end: number, whole: boolean): LuaValue[] {
  const n = m.level === 0 && whole ? 1 : m.level;
  const list: LuaValue[] = new Array<LuaValue>(n);
  for (let i = 0; i < n; i++) list[i] = m.capture(i, start, end);
  return list;
}

function search(name: string, args: readonly LuaValue[], find: boolean): LuaResult {
  const s = textArg(args[0], 1, name);
  const p = textArg(args[1], 2, name);
  // A start behind the end counts as the end.
  const init =
    args[2] === undefined ? 0 : Math.min(s.length, startOffset(integerArg(args[2], 3, name), s.length));
  if (find && ((args[3] !== undefined && args[3] !== false) || isPlain(p))) {
    const at = s.indexOf(p, init);
    return at < 0 ? undefined : [at + 1, at + p.length];
  }
  const re = regexOf(p);
  if (re !== null) {
    re.lastIndex = init;
    const found = re.exec(s);
    if (found === null) return undefined;
    if (!find) return piecesOf(found, s.length);
    const end = found.index + found[0].length;
    if (found.length === 1) return [found.index + 1, end];
    return [found.index + 1, end, ...groupsOf(found, s.length)];
  }
  const anchored = p.startsWith('^');
  const m = new Matcher(s, p);
  for (let at = init; at <= s.length; at++) {
    const end = m.match(at, anchored ? 1 : 0);
    if (end >= 0) {
      const list = captures(m, at, end, !find);
      return find ? [at + 1, end, ...list] : list;
    }
    if (anchored) break;
  }
  return undefined;
}

function gmatch(sv: LuaValue, pv: LuaValue): LuaFunction {
  const s = textArg(sv, 1, 'gmatch');
  const p = textArg(pv, 2, 'gmatch');
  let at = 0;
  // An anchor means nothing special here.
  const re = p.startsWith('^') ? null : regexOf(p);
  if (re !== null) {
    return () => {
      if (at > s.length) return undefined;
      re.lastIndex = at;
      const found = re.exec(s);
      if (found === null) {
        at = s.length + 1;
        return undefined;
      }
      const end = found.index + found[0].length;
      at = found[0].length === 0 ? end + 1 : end;
      return piecesOf(found, s.length);
    };
  }
  const m = new Matcher(s, p);
  return () => {
    for (; at <= s.length; at++) {
      const end = m.match(at, 0);
      if (end >= 0) {
        const list = captures(m, at, end, true);
        at = end === at ? end + 1 : end;
        return list;
      }
    }
    return undefined;
  };
}

/** Captures of one match, as the matcher gives them. */
interface Captures {
  readonly level: number;
  capture(i: number, start: number, end: number): string | number;
}

/** A regular expression with the matcher's face: `find` gives where the next match from `at` on begins and ends. */
class RegexMatcher implements Captures {
  level = 0;
  private found: RegExpExecArray | null = null;
  constructor(
    private readonly re: RegExp,
    private readonly s: string,
  ) {}

  /** Offset of the next match from `at` on, -1 if there is none; its end is in `end`. */
  find(at: number): number {
    this.re.lastIndex = at;
    this.found = this.re.exec(this.s);
    if (this.found === null) return -1;
    this.level = this.found.length - 1;
    this.end = this.found.index + this.found[0].length;
    return this.found.index;
  }
  end = 0;

  capture(i: number): string {
    if (i < this.level) return this.found![i + 1];
    if (i !== 0) throw new LuaError('invalid capture index');
    return this.found![0];
  }
}

function expand(template: string, m: Captures, start: number, end: number, s: string): string {
  let out = '';
  for (let i = 0; i < template.length; i++) {
    const c = template[i];
    if (c !== '%') {
      out += c;
      continue;
    }
    const d = template[++i] ?? '';
    if (d === '0') out += s.slice(start, end);
    else if (d >= '1' && d <= '9') {
      const v = m.capture(Number(d) - 1, start, end);
      out += typeof v === 'number' ? numberToText(v) : v;
    } else out += d;
  }
  return out;
}

function gsub(sv: LuaValue, pv: LuaValue, repl: LuaValue, nv: LuaValue): LuaResult {
  const s = textArg(sv, 1, 'gsub');
  const p = textArg(pv, 2, 'gsub');
  const most = nv === undefined ? Number.POSITIVE_INFINITY : integerArg(nv, 4, 'gsub');
  const template =
    typeof repl === 'string' ? repl : typeof repl === 'number' ? numberToText(repl) : undefined;
  if (template === undefined && typeof repl !== 'function' && !(repl instanceof LuaTable)) {
    throw new LuaError(
      `bad argument #3 to 'gsub' (string/function/table expected, got ${repl === undefined ? 'nil' : typeName(repl)})`,
    );
  }
  const anchored = p.startsWith('^');
  const literal = template !== undefined && !template.includes('%');
  const re = regexOf(p);
  const regex = re === null ? null : new RegexMatcher(re, s);
  const matcher = regex === null ? new Matcher(s, p) : null;
  const m: Captures = regex ?? matcher!;
  let out = '';
  let count = 0;
  let at = 0;
  while (count < most) {
    let end: number;
    if (regex !== null) {
      const start = regex.find(at);
      if (start < 0) break;
      out += s.slice(at, start);
      at = start;
      end = regex.end;
    } else {
      end = matcher!.match(at, anchored ? 1 : 0);
    }
    if (end >= 0) {
      count++;
      if (literal) out += template;
      else if (template !== undefined) out += expand(template, m, at, end, s);
      else {
        const v =
          repl instanceof LuaTable
            ? index(repl, m.capture(0, at, end))
            : first(call(repl, ...captures(m, at, end, true)));
        if (v === undefined || v === false) out += s.slice(at, end);
        else if (typeof v === 'string') out += v;
        else if (typeof v === 'number') out += numberToText(v);
        else throw new LuaError(`invalid replacement value (a ${typeName(v)})`);
      }
    }
    if (end > at) at = end;
    else if (at < s.length) out += s[at++];
    else break;
    if (anchored) break;
  }
  return [out + s.slice(at), count];
}

/** The `string` table. `toText` is tostring. */
export function stringLibrary(toText: (v: LuaValue) => string): LuaTable {
  return LuaTable.record({
    byte: (sv, iv, jv) => {
      const s = textArg(sv, 1, 'byte');
      const i = iv === undefined ? 1 : integerArg(iv, 2, 'byte');
      const from = startOffset(i, s.length);
      const to = endOffset(jv === undefined ? i : integerArg(jv, 3, 'byte'), s.length);
      if (to - from === 1) return s.charCodeAt(from);
      const list: LuaValue[] = [];
      for (let k = from; k < to; k++) list.push(s.charCodeAt(k));
      return list;
    },
    char: (...codes) => {
      let s = '';
      for (let i = 0; i < codes.length; i++) {
        const c = integerArg(codes[i], i + 1, 'char');
        if (c < 0 || c > 255) throw new LuaError(`bad argument #${i + 1} to 'char' (invalid value)`);
        s += String.fromCharCode(c);
      }
      return s;
    },
    dump: () => {
      throw new LuaError('unable to dump given function');
    },
    find: (...args) => search('find', args, true),
    format: (...args) => format(args, toText),
    gmatch,
    gsub,
    len: (s) => textArg(s, 1, 'len').length,
    lower: (s) => lower(textArg(s, 1, 'lower')),
    match: (...args) => search('match', args, false),
    rep: (sv, nv, sep) => {
      const s = textArg(sv, 1, 'rep');
      const n = integerArg(nv, 2, 'rep');
      if (n <= 0) return '';
      const between = sep === undefined ? '' : textArg(sep, 3, 'rep');
      if ((s.length + between.length) * n > LONGEST) throw new LuaError('resulting string too large');
      return between === '' ? s.repeat(n) : (s + between).repeat(n - 1) + s;
    },
    reverse: (sv) => {
      const s = textArg(sv, 1, 'reverse');
      let out = '';
      for (let i = s.length - 1; i >= 0; i--) out += s[i];
      return out;
    },
    sub: (sv, iv, jv) => {
      const s = textArg(sv, 1, 'sub');
      const from = startOffset(integerArg(iv, 2, 'sub'), s.length);
      const to = endOffset(jv === undefined ? -1 : integerArg(jv, 3, 'sub'), s.length);
      return to <= from ? '' : detach(s.slice(from, to), s.length);
    },
    upper: (s) => upper(textArg(s, 1, 'upper')),
  });
}
