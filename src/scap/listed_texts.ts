import type { BodyCursor } from './body_cursor.js';

/** The texts of a process list, each kept once: threads of a process share nearly all of theirs, and processes many. */
export class ListedTexts {
  private readonly texts = new Map<string, string>();
  private readonly lists = new Map<string, string[]>();

  /** The string at the cursor. */
  text(c: BodyCursor): string {
    const text = c.string();
    const known = this.texts.get(text);
    if (known !== undefined) return known;
    this.texts.set(text, text);
    return text;
  }

  /** The pieces of the string at the cursor, which each end with NUL (the last NUL may be missing). Not to be changed. */
  list(c: BodyCursor): string[] {
    const text = c.string();
    let list = this.lists.get(text);
    if (list === undefined) {
      list = text === '' ? [] : (text.endsWith('\0') ? text.slice(0, -1) : text).split('\0');
      this.lists.set(text, list);
    }
    return list;
  }
}
