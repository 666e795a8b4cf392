import type { Literal } from './ast.js';
import { FilterError } from './error.js';

/** Blanks of the language: space, tab, newline, carriage return, backspace. */
export function isBlank(c: string): boolean {
  return c === ' ' || c === '\t' || c === '\n' || c === '\r' || c === '\b';
}

/** Where a field name ends, in the loose grammar; `[` is looked at apart. */
const FIELD_END = new Set(['=', '<', '>', '!', '(', ')', ',', "'", '"', '&', '|', '~', ']']);
/** What falco's grammar allows as a field name. */
const STRICT_FIELD = /[a-zA-Z][a-zA-Z0-9_]*(?:\.[a-zA-Z0-9_]+)*/y;
const NUMBER = /[+-]?(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;

/** UTF-8 bytes of a text, each as one char code. */
export function toByteString(text: string): string {
  return /^[\0-\x7f]*$/.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

/**
 * The scanner below the parser. What a token is depends on what is expected (a value may hold `=` and `<`), so the
 * parser asks for the kind it wants. Every method either moves `pos` or throws FilterError.
 */
export class Lexer {
  readonly text: string;
  readonly strict: boolean;
  pos = 0;

  constructor(text: string, strict: boolean) {
    this.text = text;
    this.strict = strict;
  }

  fail(message: string, start = this.pos, end = start + 1, suggestion?: string): never {
    throw new FilterError(message, this.text, start, end, suggestion);
  }

  skipBlanks(): void {
    while (this.pos < this.text.length && isBlank(this.text[this.pos])) this.pos++;
  }

  atEnd(): boolean {
    return this.pos >= this.text.length;
  }

  peek(): string {
    return this.text[this.pos] ?? '';
  }

  /** Takes one given character, or answers false. */
  take(c: string): boolean {
    if (this.text[this.pos] !== c) return false;
    this.pos++;
    return true;
  }

  /** The run of letters and digits at the position, not taken. */
  word(): string {
    let end = this.pos;
    while (end < this.text.length && /[A-Za-z0-9_]/.test(this.text[end])) end++;
    return this.text.slice(this.pos, end);
  }

  /** What stands at the position up to the next blank or bracket: for messages. */
  chunk(): string {
    let end = this.pos;
    while (end < this.text.length && !isBlank(this.text[end]) && !'()'.includes(this.text[end])) end++;
    return this.text.slice(this.pos, Math.max(end, Math.min(this.pos + 1, this.text.length)));
  }

  /** Takes a keyword that is followed by a blank or an opening bracket (or by the end of the text). */
  takeKeyword(keyword: string): boolean {
    if (!this.text.startsWith(keyword, this.pos)) return false;
    const next = this.text[this.pos + keyword.length];
    if (next !== undefined && next !== '(' && !isBlank(next)) return false;
    this.pos += keyword.length;
    return true;
  }

  /** A field name with its bracketed argument, as written. Empty when none stands here. */
  field(): string {
    const start = this.pos;
    if (this.strict) {
      STRICT_FIELD.lastIndex = start;
      this.pos += STRICT_FIELD.exec(this.text)?.[0].length ?? 0;
    } else {
      while (this.pos < this.text.length) {
        const c = this.text[this.pos];
        if (c === '[' || isBlank(c) || FIELD_END.has(c)) break;
        this.pos++;
      }
    }
    if (this.pos > start && this.peek() === '[') this.bracketArgument();
    return this.text.slice(start, this.pos);
  }

  /** `[argument]`; quotes protect what is inside them. Returns the argument without quotes. */
  bracketArgument(): string {
    const open = this.pos;
    this.pos++;
    const quote = this.peek();
    if (quote === '"' || quote === "'") {
      const end = this.text.indexOf(quote, this.pos + 1);
      if (end < 0) this.fail(`missing ${quote} to end the text that begins here`, this.pos);
      const arg = this.text.slice(this.pos + 1, end);
      this.pos = end + 1;
      if (!this.take(']')) this.fail("missing ']' behind the argument", open, this.pos + 1);
      return arg;
    }
    const end = this.text.indexOf(']', this.pos);
    if (end < 0) this.fail("missing ']' for this '['", open);
    const arg = this.text.slice(this.pos, end);
    this.pos = end + 1;
    if (arg === '') this.fail('nothing stands between these brackets', open, this.pos);
    return arg;
  }

  /** A value. `inList`: it also ends at a comma. */
  value(inList: boolean): Literal {
    const start = this.pos;
    const c = this.peek();
    if (c === '"' || c === "'") {
      const text = this.quoted();
      const next = this.peek();
      if (next !== '' && !isBlank(next) && next !== '(' && next !== ')' && !(inList && next === ','))
        this.fail(
          'text follows directly behind a closing quote: put a blank between them, or quote all of it',
        );
      return { kind: 'literal', text, start, end: this.pos };
    }
    while (this.pos < this.text.length) {
      const d = this.text[this.pos];
      if (isBlank(d) || d === '(' || d === ')' || (inList && d === ',')) break;
      if (this.strict && (d === '=' || d === ',' || d === '"' || d === "'")) break;
      if (d === '\0') this.fail('a value cannot hold a NUL byte');
      this.pos++;
    }
    if (this.pos === start)
      this.fail(this.atEnd() ? 'a value is missing at the end' : 'a value is expected here');
    return { kind: 'literal', text: toByteString(this.text.slice(start, this.pos)), start, end: this.pos };
  }

  /** A number where falco's grammar wants one. */
  number(): Literal | undefined {
    NUMBER.lastIndex = this.pos;
    const found = NUMBER.exec(this.text)?.[0];
    if (found === undefined) return undefined;
    const start = this.pos;
    this.pos += found.length;
    return { kind: 'literal', text: found, start, end: this.pos };
  }

  private quoted(): string {
    const start = this.pos;
    const quote = this.text[start];
    let out = '';
    let from = start + 1;
    for (let i = from; ; i++) {
      const c = this.text[i];
      if (c === undefined) this.fail(`missing ${quote} to end the text that begins here`, start);
      if (c === '\0') this.fail('a value cannot hold a NUL byte', i);
      if (c === quote) {
        this.pos = i + 1;
        return out + toByteString(this.text.slice(from, i));
      }
      if (c !== '\\') continue;
      out += toByteString(this.text.slice(from, i));
      const [bytes, length] = this.escape(i, quote);
      out += bytes;
      i += length - 1;
      from = i + 1;
    }
  }

  /** The bytes that the escape at `at` stands for, and its length in the text. */
  private escape(at: number, quote: string): [string, number] {
    const c = this.text[at + 1];
    switch (c) {
      case 'b':
        return ['\b', 2];
      case 'f':
        return ['\f', 2];
      case 'n':
        return ['\n', 2];
      case 'r':
        return ['\r', 2];
      case 't':
        return ['\t', 2];
      case '\\':
      case '/':
        return [c, 2];
      case ' ':
        return ['\\', 2];
      case '"':
      case "'":
        if (c === quote || !this.strict) return [c, 2];
        break;
      case 'x': {
        const hex = this.text.slice(at + 2, at + 4);
        if (!/^[0-9a-fA-F]{2}$/.test(hex))
          this.fail('\\x wants two hex digits, as in \\x1b', at, at + 2 + hex.length);
        if (hex === '00') this.fail('a value cannot hold a NUL byte', at, at + 4);
        return [String.fromCharCode(Number.parseInt(hex, 16)), 4];
      }
      case undefined:
        this.fail(`missing ${quote} to end the text`, at);
    }
    return this.fail(`unknown escape \\${c}: write \\\\ for a backslash`, at, at + 2);
  }
}
