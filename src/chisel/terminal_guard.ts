import { LineBuffer } from '../fields/line_buffer.js';
import { showControls } from '../format/control.js';
import type { ByteOutput } from './output.js';

/**
 * Escape sequences that chisels draw with: colours, moving and hiding the cursor, clearing, going to the line's start
 * before or after what is printed. They may stand in what a chisel prints; captured data can at worst colour the screen
 * with them.
 */
const DRAWING = /\x1b\[[0-9;]*[ABCDEFGHJKSTfmsu]|\x1b\[\?25[hl]|\x1b[78]|^\r+|\r+$|\r\n/g;
const SUSPICIOUS = /[\x00-\x08\x0b-\x1f\x7f-\xff]/;

/**
 * Standard output of chisels that is a terminal: what they print may hold captured bytes, so all control characters
 * but line ends, tabs and the sequences for drawing become visible escapes.
 */
export class GuardedOutput implements ByteOutput {
  private readonly scratch = new LineBuffer(1024);
  constructor(private readonly out: ByteOutput) {}

  write(text: string): void {
    this.out.write(SUSPICIOUS.test(text) ? this.shown(text) : text);
  }

  flush(): void {
    this.out.flush();
  }

  private shown(text: string): string {
    const { scratch } = this;
    scratch.pos = 0;
    let from = 0;
    const piece = (end: number): void => {
      const start = scratch.pos;
      scratch.text(text.slice(from, end));
      showControls(scratch, start, true);
    };
    for (const m of text.matchAll(DRAWING)) {
      piece(m.index);
      scratch.text(m[0]);
      from = m.index + m[0].length;
    }
    piece(text.length);
    return scratch.since(0);
  }
}
