import { FLAG_TABLES } from './flags.generated.js';

/** One symbolic value. */
export interface FlagName {
  readonly name: string;
  readonly value: number;
}

/** The flag table of that name, in the order in which names are tried; undefined if there is none. */
export function flagTable(name: string): FlagName[] | undefined {
  const text = FLAG_TABLES[name];
  return text === undefined ? undefined : flagNames(text);
}

/** Names as the generated tables hold them: each followed by its value. */
export function flagNames(text: string): FlagName[] {
  const words = text.split(' ');
  const flags: FlagName[] = [];
  for (let i = 0; i < words.length; i += 2) flags.push({ name: words[i], value: Number(words[i + 1]) });
  return flags;
}
