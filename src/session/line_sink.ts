import type { EventView } from '../event/view.js';
import type { Machine } from '../machine/machine.js';
import type { Sink } from './sink.js';

/** Where lines go: byte strings. */
export interface LineOutput {
  write(text: string): void;
  flush(): void;
}

/** One line per event; undefined leaves the event out. */
export interface LineRenderer {
  render(ev: EventView, machine: Machine): string | undefined;
}

/** Prints a line per event. Flushed when a chunk is done: at once where events are rare, in bulk where they are many. */
export function lineSink(template: LineRenderer, output: LineOutput, flushEachChunk: boolean): Sink {
  return {
    onEvent(ev, machine) {
      const line = template.render(ev, machine);
      if (line !== undefined) output.write(line + '\n');
    },
    ...(flushEachChunk ? { onPause: () => output.flush() } : {}),
    onEnd() {
      output.flush();
    },
  };
}
