import { LONGEST_TEXT, MOST_TEXTS, TEXT_BYTES, TEXT_SIZE } from './scan_codes.js';
import type { ScanMemory } from './scan_memory.js';

/** Byte strings of which a run wants to know whether one has occurred yet. */
export interface WatchedTexts {
  /** None is empty. */
  readonly texts: readonly Buffer[];
  /** By event type: 0 where what an event tells does not count. Those beyond count. */
  readonly types: Uint8Array;
}

/** Whether they can be watched for. */
export function areWatchable(texts: readonly Buffer[]): boolean {
  return texts.length <= MOST_TEXTS && texts.every((text) => text.length > 0 && text.length <= LONGEST_TEXT);
}

/** Whether one of them occurs between two places. */
export function occursIn({ texts }: WatchedTexts, bytes: Buffer, start: number, end: number): boolean {
  const part = bytes.subarray(start, end);
  return texts.some((text) => part.includes(text));
}

/** Writes them into a scan's memory, as native/scan/find_texts.c wants them. */
export function writeTexts({ tables }: ScanMemory, { texts, types }: WatchedTexts): void {
  tables.searched.set(types.subarray(0, tables.searched.length));
  texts.forEach((text, i) => {
    const at = i * TEXT_SIZE;
    const { length } = text;
    tables.texts.set([length, 0, 0, 0, seldomIn(text), 0, 0, 0], at);
    tables.texts.set(text, at + TEXT_BYTES);
  });
}

/** Bytes of paths and of data, the most frequent ones first. */
const FREQUENT = '\0/esrltiaoncdpmu.b10-_2vgfhyx36849k57w';

/** Which of the bytes is met least. */
function seldomIn(text: Buffer): number {
  const rank = (byte: number): number => FREQUENT.indexOf(String.fromCharCode(byte)) >>> 0;
  let seldom = 0;
  for (let i = 1; i < text.length; i++) if (rank(text[i]) > rank(text[seldom])) seldom = i;
  return seldom;
}
