import { byteInItem, itemEnd } from './pattern.js';

/*
 * Lua patterns are a small kind of regular expression: one character class at a time, repeated greedily or lazily, and
 * captures that always take part. So most of them have an equal JavaScript one, which the engine compiles. What has
 * none (%b, %f, position captures, malformed patterns) stays with the matcher of pattern.ts.
 */

/** The bytes for which `test` holds, as a character class. */
function classOf(test: (c: number) => boolean): string {
  let ranges = '';
  let count = 0;
  const hex = (c: number): string => `\\x${c.toString(16).padStart(2, '0')}`;
  for (let c = 0; c < 256; c++) {
    if (!test(c)) continue;
    let last = c;
    while (last < 255 && test(last + 1)) last++;
    ranges += c === last ? hex(c) : `${hex(c)}-${hex(last)}`;
    count += last - c + 1;
    c = last;
  }
  if (count === 256) return '[^]';
  return `[${ranges}]`;
}

/** The source of an equal regular expression, without its anchor; undefined if there is none. */
function translate(pattern: string): string | undefined {
  let source = '';
  const open: number[] = [];
  let groups = 0;
  const closed = new Set<number>();
  let p = pattern.startsWith('^') ? 1 : 0;
  while (p < pattern.length) {
    const c = pattern[p];
    if (c === '(') {
      if (pattern[p + 1] === ')' || ++groups > 9) return undefined;
      open.push(groups);
      source += '(';
      p++;
      continue;
    }
    if (c === ')') {
      const group = open.pop();
      if (group === undefined) return undefined;
      closed.add(group);
      source += ')';
      p++;
      continue;
    }
    if (c === '$' && p + 1 === pattern.length) {
      source += '(?![^])';
      p++;
      continue;
    }
    if (c === '%') {
      const k = pattern[p + 1];
      if (k === undefined || k === 'b' || k === 'f') return undefined;
      if (k >= '0' && k <= '9') {
        if (!closed.has(Number(k))) return undefined;
        source += `(?:\\${k})`;
        p += 2;
        continue;
      }
    }
    let end: number;
    try {
      end = itemEnd(pattern, p);
    } catch {
      return undefined;
    }
    const start = p;
    source += classOf((b) => byteInItem(pattern, start, end, b));
    p = end;
    const suffix = pattern[p];
    if (suffix === '*' || suffix === '+' || suffix === '?') {
      source += suffix;
      p++;
    } else if (suffix === '-') {
      source += '*?';
      p++;
    }
  }
  return open.length > 0 ? undefined : source;
}

const cache = new Map<string, RegExp | null>();

/**
 * The regular expression that finds what a Lua pattern finds, null if the pattern has none. Anchored patterns are
 * sticky, others global: set `lastIndex` to where to begin, then `exec`.
 */
export function regexOf(pattern: string): RegExp | null {
  let re = cache.get(pattern);
  if (re === undefined) {
    const source = translate(pattern);
    re = source === undefined ? null : new RegExp(source, pattern.startsWith('^') ? 'y' : 'g');
    if (cache.size > 1000) cache.clear();
    cache.set(pattern, re);
  }
  return re;
}
