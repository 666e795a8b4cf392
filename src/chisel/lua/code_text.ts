/*
 * The text of generated code: literals, and marks of lines, which become line breaks at the end.
 */

const MARK = '\u0001';
const END = '\u0002';

/** A text as a JavaScript literal. */
export function literal(text: string): string {
  // Everything but plain ASCII is escaped: the marks above must not occur, nor line breaks.
  return `"${text.replace(/[^\x20-\x7e]|["\\]/g, (c) => (c === '"' || c === '\\' ? `\\${c}` : `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`))}"`;
}

/** A number as a JavaScript literal. */
export function number(n: number): string {
  if (Number.isNaN(n)) return 'NaN';
  if (Object.is(n, -0)) return '(-0)';
  if (n === Number.POSITIVE_INFINITY) return 'Infinity';
  return n < 0 ? `(${String(n)})` : String(n);
}

/** The line of the source on which what follows stands: `layout` makes it so. */
export function at(line: number): string {
  return `${MARK}${line}${END}`;
}

/** Replaces line marks by as many line breaks as bring the text to that line. */
export function layout(code: string): string {
  let line = 1;
  let out = '';
  let from = 0;
  for (;;) {
    const at = code.indexOf(MARK, from);
    if (at < 0) return out + code.slice(from);
    out += code.slice(from, at);
    const end = code.indexOf(END, at);
    const wanted = Number(code.slice(at + 1, end));
    if (wanted > line) {
      out += '\n'.repeat(wanted - line);
      line = wanted;
    }
    from = end + 1;
  }
}
