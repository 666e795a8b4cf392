import { EventSummary } from '../format/summary.js';
import type { Sink } from './sink.js';

/** Counts the events that pass and prints the table at the end (-S). */
export function summarySink(output: { write(text: string): void; flush(): void }): Sink {
  const summary = new EventSummary();
  return {
    onEvent(ev) {
      summary.add(ev);
    },
    onEnd() {
      output.write(summary.render());
      output.flush();
    },
  };
}
