import type { EventView } from '../event/view.js';
import type { LineBuffer } from '../fields/line_buffer.js';
import { showControls } from '../format/control.js';
import type { Machine } from '../machine/machine.js';
import type { Sink } from './sink.js';

/** Where lines go. */
export interface LineOutput {
  readonly lines: LineBuffer;
  /** A line was written to `lines`. */
  wrote(): void;
  flush(): void;
}

/** One line per event, without its end; false leaves the event out. */
export interface LineWriter {
  write(out: LineBuffer, ev: EventView, machine: Machine): boolean;
}

export interface LineOptions {
  /** Live: lines appear when a chunk is done. Else they are written in bulk. */
  readonly flushEachChunk: boolean;
  /** Lines go to a terminal: captured control characters are made visible. */
  readonly terminal: boolean;
  /** A line may hold line ends of its own (hex dumps). */
  readonly multiline?: boolean;
}

/** Prints a line per event. */
export function lineSink(template: LineWriter, output: LineOutput, options: LineOptions): Sink {
  const { lines } = output;
  const { terminal, multiline, flushEachChunk } = options;
  return {
    onEvent(ev, machine) {
      const start = lines.pos;
      if (template.write(lines, ev, machine)) {
        if (terminal) showControls(lines, start, multiline);
        lines.byte(10);
        output.wrote();
      }
    },
    ...(flushEachChunk ? { onPause: () => output.flush() } : {}),
    onEnd() {
      output.flush();
    },
  };
}
