import type { EventView } from '../event/view.js';
import type { LineBuffer } from '../fields/line_buffer.js';
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

/** Prints a line per event. Flushed when a chunk is done where events are rare (live), else in bulk. */
export function lineSink(template: LineWriter, output: LineOutput, flushEachChunk: boolean): Sink {
  const { lines } = output;
  return {
    onEvent(ev, machine) {
      if (template.write(lines, ev, machine)) {
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
