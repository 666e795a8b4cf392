/** Widest excerpt of the filter that `render()` shows, in characters. */
const EXCERPT = 100;

/**
 * A filter that cannot be understood. The message is one line saying what is wrong and what to do; `offset` and
 * `end` are the place in the filter text, in UTF-16 units.
 */
export class FilterError extends Error {
  /** The whole filter. */
  readonly filter: string;
  /** Where the trouble starts, 0..filter.length. */
  readonly offset: number;
  /** Behind the last character concerned; > offset, or = offset at the end of the text. */
  readonly end: number;
  /** What was probably meant (`proc.name`), if that can be guessed. */
  readonly suggestion: string | undefined;

  constructor(message: string, filter: string, offset: number, end = offset + 1, suggestion?: string) {
    // A message that names it already needs no second guess.
    const guessed =
      suggestion === undefined || message.includes('did you mean') || message.includes(`'${suggestion}'`);
    super(visible(guessed ? message : `${message} (did you mean ${suggestion}?)`));
    this.name = 'FilterError';
    this.filter = filter;
    this.offset = Math.max(0, Math.min(offset, filter.length));
    this.end = Math.max(this.offset, Math.min(end, filter.length));
    this.suggestion = suggestion;
  }

  /**
   * Three lines for the terminal: the message, the filter (a window of it when it is long) and carets under the
   * place. Control characters of the filter are shown as `?`, so that nothing reaches the terminal raw.
   */
  render(): string {
    const from = this.filter.length <= EXCERPT ? 0 : Math.max(0, this.offset - EXCERPT / 2);
    const to = Math.min(this.filter.length, from + EXCERPT);
    const before = from > 0 ? '…' : '';
    const after = to < this.filter.length ? '…' : '';
    const lead = before + visible(this.filter.slice(from, this.offset));
    const marked = visible(this.filter.slice(this.offset, Math.min(this.end, to)));
    const rest = visible(this.filter.slice(this.offset, to));
    const carets = '^'.repeat(Math.max(1, columns(marked)));
    const text = `  ${lead}${rest}${after}`.trimEnd();
    return `filter: ${visible(this.message)}\n${text}\n  ${' '.repeat(columns(lead))}${carets}`;
  }
}

/** One printable character for each control character. */
function visible(text: string): string {
  return text
    .replace(/[\s\u00a0]/g, ' ')
    .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g, '?');
}

/** Terminal columns of a text: wide East Asian characters and emoji take two. */
function columns(text: string): number {
  let n = 0;
  for (const ch of text) {
    const c = ch.codePointAt(0) ?? 0;
    const wide =
      (c >= 0x1100 && c <= 0x115f) ||
      (c >= 0x2e80 && c <= 0xa4cf) ||
      (c >= 0xac00 && c <= 0xd7a3) ||
      (c >= 0xf900 && c <= 0xfaff) ||
      (c >= 0xfe30 && c <= 0xfe6f) ||
      (c >= 0xff00 && c <= 0xff60) ||
      (c >= 0x1f300 && c <= 0x1faff) ||
      (c >= 0x20000 && c <= 0x3fffd);
    n += wide ? 2 : /\p{Mn}/u.test(ch) ? 0 : 1;
  }
  return n;
}
