import type { EventView } from '../event/view.js';
import type { Machine } from '../machine/machine.js';
import type { FieldDef } from './field.js';
import { type LineBuffer, Literal } from './line_buffer.js';

const SLOTS = 256;
/** Bytes of a text that is kept, at most. */
const LONGEST = 256;

/**
 * Writes texts that come again for the same number (a thread's, an fd's) and keeps their bytes ready: from the second
 * time on, so that those which never do cost nothing.
 */
export class RepeatedTexts {
  private readonly write: (out: LineBuffer, text: string) => void;
  private readonly texts: string[] = new Array(SLOTS).fill('');
  private readonly ready: (Literal | null)[] = new Array(SLOTS).fill(null);

  /** `write` makes the bytes of a text: always the same ones. */
  constructor(write: (out: LineBuffer, text: string) => void) {
    this.write = write;
  }

  /** Writes `text`, which belongs to the number `owner`. */
  put(out: LineBuffer, text: string, owner: number): void {
    const slot = owner & (SLOTS - 1);
    if (this.texts[slot] !== text) {
      this.texts[slot] = text;
      this.ready[slot] = null;
      this.write(out, text);
      return;
    }
    const known = this.ready[slot];
    if (known !== null) {
      out.literal(known);
      return;
    }
    const start = out.pos;
    this.write(out, text);
    if (out.pos - start <= LONGEST) this.ready[slot] = new Literal(out.since(start));
  }
}

/** For texts that are written as they are. */
export const asItIs = (out: LineBuffer, text: string): void => out.text(text);

/** The number to which a field's text belongs as a rule. */
export function ownerOf(def: FieldDef): (ev: EventView, m: Machine) => number {
  // Few processes are at work at a time: their fds seldom meet.
  if (def.needs === 'fd') return (ev, m) => m.fdNum + ev.tid * 37;
  return (ev) => ev.tid;
}
