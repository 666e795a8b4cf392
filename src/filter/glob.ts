/** One place of a pattern: any byte, or one of a set. */
type Unit = { readonly any: true } | { readonly any: false; readonly set: Uint8Array };

const NAMED = new Map<string, (c: number) => boolean>(
  Object.entries({
    alpha: (c) => (c >= 65 && c <= 90) || (c >= 97 && c <= 122),
    digit: (c) => c >= 48 && c <= 57,
    alnum: (c) => (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122),
    upper: (c) => c >= 65 && c <= 90,
    lower: (c) => c >= 97 && c <= 122,
    space: (c) => c === 32 || (c >= 9 && c <= 13),
    blank: (c) => c === 32 || c === 9,
    punct: (c) =>
      c > 32 && c < 127 && !((c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122)),
    print: (c) => c >= 32 && c < 127,
    graph: (c) => c > 32 && c < 127,
    cntrl: (c) => c < 32 || c === 127,
    xdigit: (c) => (c >= 48 && c <= 57) || (c >= 65 && c <= 70) || (c >= 97 && c <= 102),
  }),
);

/** ASCII lower case: other bytes stay. */
export function asciiLower(text: string): string {
  if (!/[A-Z]/.test(text)) return text;
  return /^[\0-\x7f]*$/.test(text) ? text.toLowerCase() : text.replace(/[A-Z]+/g, (s) => s.toLowerCase());
}

/** ASCII upper case: other bytes stay. */
export function asciiUpper(text: string): string {
  return text.replace(/[a-z]+/g, (s) => s.toUpperCase());
}

/**
 * Compiles a pattern as fnmatch(3) without flags reads it: `*` and `?` match any byte, `/` too; `[a-z]`, `[!a-z]`,
 * `[[:digit:]]`; a backslash makes the next character plain. The whole value must match. Works on byte strings.
 * The pattern is cut at its `*`s, and each part is looked for once, leftmost: the time is at most the product of both
 * lengths, never exponential.
 */
export function compileGlob(pattern: string, ignoreCase: boolean): (value: string) => boolean {
  const plain = ignoreCase ? undefined : plainGlob(pattern);
  if (plain !== undefined) return plain;
  const parts = cut(ignoreCase ? asciiLower(pattern) : pattern, ignoreCase);
  const first = parts[0];
  const last = parts[parts.length - 1];
  let least = 0;
  for (const part of parts) least += part.length;
  return (value) => {
    if (value.length < least) return false;
    if (parts.length === 1) return value.length === least && matchAt(first, value, 0);
    if (!matchAt(first, value, 0) || !matchAt(last, value, value.length - last.length)) return false;
    let at = first.length;
    const end = value.length - last.length;
    for (let i = 1; i < parts.length - 1; i++) {
      const part = parts[i];
      while (at + part.length <= end && !matchAt(part, value, at)) at++;
      if (at + part.length > end) return false;
      at += part.length;
    }
    return at <= end;
  };
}

/** The usual patterns, `text`, `text*`, `*text`, `*text*`, by the engine's own string search. */
function plainGlob(pattern: string): ((value: string) => boolean) | undefined {
  const m = /^(\*?)([^*?[\\]*)(\*?)$/.exec(pattern);
  if (m === null) return undefined;
  const text = m[2];
  if (m[1] === '') return m[3] === '' ? (value) => value === text : (value) => value.startsWith(text);
  return m[3] === '' ? (value) => value.endsWith(text) : (value) => value.includes(text);
}

function matchAt(part: readonly Unit[], value: string, at: number): boolean {
  for (let i = 0; i < part.length; i++) {
    const unit = part[i];
    if (!unit.any && unit.set[value.charCodeAt(at + i) & 255] === 0) return false;
  }
  return true;
}

/** The parts between the `*`s: always one more than there are runs of `*`. */
function cut(pattern: string, ignoreCase: boolean): Unit[][] {
  const parts: Unit[][] = [[]];
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i];
    if (c === '*') {
      parts.push([]);
      while (pattern[i + 1] === '*') i++;
      continue;
    }
    const part = parts[parts.length - 1];
    if (c === '?') {
      part.push({ any: true });
      continue;
    }
    if (c === '[') {
      const set = bracketSet(pattern, i, ignoreCase);
      if (set !== undefined) {
        part.push({ any: false, set: set.set });
        i = set.end;
        continue;
      }
    }
    if (c === '\\' && i + 1 < pattern.length) i++;
    part.push({ any: false, set: only(pattern.charCodeAt(i), ignoreCase) });
  }
  return parts;
}

function only(c: number, ignoreCase: boolean): Uint8Array {
  const set = new Uint8Array(256);
  add(set, c, ignoreCase);
  return set;
}

function add(set: Uint8Array, c: number, ignoreCase: boolean): void {
  set[c & 255] = 1;
  if (!ignoreCase) return;
  if (c >= 97 && c <= 122) set[c - 32] = 1;
  if (c >= 65 && c <= 90) set[c + 32] = 1;
}

/** The set that begins at `[`, and where it ends; undefined when it never ends: then the bracket is plain. */
function bracketSet(
  pattern: string,
  at: number,
  ignoreCase: boolean,
): { set: Uint8Array; end: number } | undefined {
  const set = new Uint8Array(256);
  let i = at + 1;
  const negated = pattern[i] === '!' || pattern[i] === '^';
  if (negated) i++;
  for (let first = true; ; first = false) {
    const c = pattern[i];
    if (c === undefined) return undefined;
    if (c === ']' && !first) break;
    const named = /^\[:([a-z]+):\]/.exec(pattern.slice(i, i + 12));
    if (named !== null) {
      const test = NAMED.get(named[1]);
      // An unknown class holds nothing.
      for (let b = 0; b < 256; b++) if (test?.(b)) add(set, b, ignoreCase);
      i += named[0].length;
      continue;
    }
    if (c === '\\' && i + 1 < pattern.length) i++;
    const from = pattern.charCodeAt(i++);
    let to = from;
    if (pattern[i] === '-' && pattern[i + 1] !== undefined && pattern[i + 1] !== ']') {
      i++;
      if (pattern[i] === '\\' && i + 1 < pattern.length) i++;
      to = pattern.charCodeAt(i++);
    }
    for (let b = from; b <= to; b++) add(set, b, ignoreCase);
  }
  if (negated) for (let b = 0; b < 256; b++) set[b] ^= 1;
  return { set, end: i };
}
