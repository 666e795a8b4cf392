import { textToNumber } from './number.js';

/** Kinds of token that are not spelled by themselves. */
export type TokenKind = 'name' | 'string' | 'number' | 'eof' | 'symbol';

/** A wrong source text. The message is `chunk:line: reason near 'token'`. */
export class LuaSyntaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LuaSyntaxError';
  }
}

/** Correct Lua that the compiling engine does not do (goto, coroutines, environments): fengari takes it. */
export class UnsupportedLua extends Error {
  constructor(what: string) {
    super(`${what} needs the fengari engine (TSDIG_LUA=fengari)`);
    this.name = 'UnsupportedLua';
  }
}

export const KEYWORDS: ReadonlySet<string> = new Set(
  'and break do else elseif end false for function if in local nil not or repeat return then true until while'.split(
    ' ',
  ),
);

const ESCAPES: { readonly [c: string]: string } = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

const NAME = /[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*/y;
const NUMBER =
  /0[xX][0-9a-fA-F]*(?:\.[0-9a-fA-F]*)?(?:[pP][-+]?\d+)?|\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?/y;
const SYMBOL = /\.\.\.|\.\.|==|~=|<=|>=|::|[-+*/%^#<>=(){}[\];:,.]/y;
const BLANK = /[ \t\v\f\r]+/y;
const LONG_OPEN = /\[(=*)\[/y;

/** Lua 5.1 tokens of a byte string, one at a time. */
export class Lexer {
  /** The current token: its kind, and its text (a name or keyword, a symbol, a string's value). */
  kind: TokenKind = 'eof';
  text = '';
  number = 0;
  /** Line of the current token, and of the one before it. */
  line = 1;
  lastLine = 1;
  private pos = 0;
  private nextLine = 1;
  private start = 0;

  constructor(
    private readonly source: string,
    readonly chunk: string,
  ) {
    this.next();
  }

  fail(reason: string, near?: string): never {
    const token = near ?? (this.kind === 'eof' ? '<eof>' : this.source.slice(this.start, this.pos));
    throw new LuaSyntaxError(`${this.chunk}:${this.line}: ${reason} near '${token}'`);
  }

  /** Text of the token after the current one, without consuming (used once: `name =` in tables). */
  peekIsAssign(): boolean {
    const m = /[ \t\v\f\r\n]*(?:--[^\n]*\n[ \t\v\f\r\n]*)*=(?!=)/y;
    m.lastIndex = this.pos;
    return m.test(this.source);
  }

  next(): void {
    this.lastLine = this.line;
    this.skipBlanks();
    const { source, pos } = this;
    this.start = pos;
    this.line = this.nextLine;
    if (pos >= source.length) {
      this.kind = 'eof';
      this.text = '<eof>';
      return;
    }
    const c = source[pos];
    NAME.lastIndex = pos;
    let m = NAME.exec(source);
    if (m !== null) {
      this.text = m[0];
      this.kind = KEYWORDS.has(m[0]) ? 'symbol' : 'name';
      this.pos = NAME.lastIndex;
      return;
    }
    if (c === '"' || c === "'") {
      this.readString(c);
      return;
    }
    if (c === '[') {
      LONG_OPEN.lastIndex = pos;
      m = LONG_OPEN.exec(source);
      if (m !== null) {
        this.pos = LONG_OPEN.lastIndex;
        this.kind = 'string';
        this.text = this.readLong(m[1], 'string');
        return;
      }
    }
    NUMBER.lastIndex = pos;
    m = NUMBER.exec(source);
    if (m !== null) {
      this.readNumber(m[0]);
      return;
    }
    SYMBOL.lastIndex = pos;
    m = SYMBOL.exec(source);
    if (m !== null) {
      this.kind = 'symbol';
      this.text = m[0];
      this.pos = SYMBOL.lastIndex;
      return;
    }
    this.pos++;
    this.kind = 'symbol';
    this.fail('unexpected symbol', c);
  }

  private readNumber(text: string): void {
    this.pos += text.length;
    const tail = /[A-Za-z0-9_.]*/y;
    tail.lastIndex = this.pos;
    const more = tail.exec(this.source)![0];
    if (/^(?:[uU]?[lL][lL]|[iI])$/.test(more)) throw new UnsupportedLua('a 64-bit or imaginary literal');
    const n = more === '' ? textToNumber(text) : undefined;
    if (n === undefined) {
      this.pos += more.length;
      this.kind = 'number';
      this.fail('malformed number', text + more);
    }
    this.kind = 'number';
    this.text = text;
    this.number = n;
  }

  private skipBlanks(): void {
    const { source } = this;
    for (;;) {
      BLANK.lastIndex = this.pos;
      if (BLANK.test(source)) this.pos = BLANK.lastIndex;
      if (source[this.pos] === '\n') {
        this.pos++;
        this.nextLine++;
      } else if (source.startsWith('--', this.pos)) {
        this.pos += 2;
        LONG_OPEN.lastIndex = this.pos;
        const m = LONG_OPEN.exec(source);
        if (m !== null) {
          this.pos = LONG_OPEN.lastIndex;
          this.readLong(m[1], 'comment');
        } else {
          const nl = source.indexOf('\n', this.pos);
          this.pos = nl < 0 ? source.length : nl;
        }
      } else {
        return;
      }
    }
  }

  private readLong(level: string, what: string): string {
    const close = `]${level}]`;
    const end = this.source.indexOf(close, this.pos);
    if (end < 0) {
      this.line = this.nextLine;
      this.fail(`unfinished long ${what}`, '<eof>');
    }
    let text = this.source.slice(this.pos, end);
    this.pos = end + close.length;
    for (const c of text) if (c === '\n') this.nextLine++;
    if (text.includes('\r')) text = text.replace(/\r\n?/g, '\n');
    return text.startsWith('\n') ? text.slice(1) : text;
  }

  private readString(quote: string): void {
    const { source } = this;
    let out = '';
    let i = this.pos + 1;
    for (;;) {
      const c = source[i];
      if (c === undefined || c === '\n') {
        this.pos = i;
        this.kind = 'string';
        this.fail('unfinished string', c === undefined ? '<eof>' : source.slice(this.start, i));
      }
      i++;
      if (c === quote) break;
      if (c !== '\\') {
        out += c;
        continue;
      }
      const e = source[i];
      const simple = e === undefined ? undefined : ESCAPES[e];
      if (simple !== undefined) {
        out += simple;
        i++;
      } else if (e === '\n' || e === '\r') {
        out += '\n';
        i++;
        if (e === '\r' && source[i] === '\n') i++;
        this.nextLine++;
      } else if (e === 'x' && /^[0-9a-fA-F]{2}$/.test(source.slice(i + 1, i + 3))) {
        out += String.fromCharCode(Number.parseInt(source.slice(i + 1, i + 3), 16));
        i += 3;
      } else if (e === 'z') {
        i++;
        while (i < source.length && /\s/.test(source[i])) {
          if (source[i] === '\n') this.nextLine++;
          i++;
        }
      } else if (e >= '0' && e <= '9') {
        const digits = /\d{1,3}/y;
        digits.lastIndex = i;
        const d = digits.exec(source)![0];
        if (Number(d) > 255) {
          this.pos = i;
          this.fail('escape sequence too large', `\\${d}`);
        }
        out += String.fromCharCode(Number(d));
        i += d.length;
      } else {
        this.pos = i;
        this.kind = 'string';
        this.fail('invalid escape sequence', `\\${e ?? '<eof>'}`);
      }
    }
    this.pos = i;
    this.kind = 'string';
    this.text = out;
  }
}
