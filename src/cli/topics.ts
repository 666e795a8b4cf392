import { suggest } from '../fields/suggest.js';
import { helpPage } from './help.js';
import { TOPIC_TEXTS } from './topic_texts.js';
import { UsageError } from './usage_error.js';

/** Prints the page of a topic, or the short help without one. @throws UsageError for an unknown topic. */
export function printTopic(topic: string | undefined): number {
  const text = topic === undefined ? helpPage() : TOPIC_TEXTS[topic];
  if (text === undefined) {
    const near = suggest(topic ?? '', Object.keys(TOPIC_TEXTS));
    const hint = near === undefined ? '' : ` (did you mean ${near}?)`;
    throw new UsageError(`no help on '${topic}'${hint}: tsdig help ${Object.keys(TOPIC_TEXTS).join(' | ')}`);
  }
  process.stdout.write(text);
  return 0;
}
