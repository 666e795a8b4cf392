import { ChiselError } from './engine.js';

/** One argument that a chisel declares. */
export interface ChiselArgument {
  readonly name: string;
  readonly description: string;
  /** "string", "int", "ipv4", "filter" … only "filter" has an effect. */
  readonly type: string;
  readonly optional: boolean;
}

/** Splits an argument text at blanks; `'…'` and backticks group words. */
export function splitArguments(text: string): string[] {
  const words: string[] = [];
  let word = '';
  let open = false;
  let quote = '';
  for (const c of text) {
    if (quote !== '') {
      if (c === quote) quote = '';
      else word += c;
    } else if (c === "'" || c === '`') {
      quote = c;
      open = true;
    } else if (c === ' ' || c === '\t' || c === '\n') {
      if (open || word !== '') words.push(word);
      word = '';
      open = false;
    } else {
      word += c;
      open = true;
    }
  }
  if (open || word !== '') words.push(word);
  return words;
}

/**
 * The values for a chisel's arguments.
 * @param text what stood behind the chisel's name, or words from chisel.exec; undefined for none
 * @throws ChiselError when there are too few or too many
 */
export function matchArguments(
  chisel: string,
  declared: readonly ChiselArgument[],
  text: string | readonly string[] | undefined,
): { name: string; value: string }[] {
  const required = declared.filter((a) => !a.optional).length;
  const values = text === undefined ? [] : typeof text === 'string' ? splitArguments(text) : [...text];
  if (required > 0 && values.length === 0) {
    const first = declared.filter((a) => !a.optional).map((a) => a.name);
    throw new ChiselError(
      `missing arguments for chisel ${chisel}: it needs ${first.join(' ')} (tsdig -i ${chisel} explains them)`,
    );
  }
  // A chisel whose last argument is a filter takes the rest of the words as it.
  if (
    typeof text === 'string' &&
    declared.length > 0 &&
    values.length > declared.length &&
    declared.at(-1)!.type === 'filter'
  ) {
    values.splice(declared.length - 1, values.length, values.slice(declared.length - 1).join(' '));
  }
  if (values.length < required) {
    throw new ChiselError(
      `wrong number of parameters for chisel ${chisel}, ${required} required, ${values.length} given`,
    );
  }
  if (values.length > declared.length) {
    throw new ChiselError(
      `too many parameters for chisel ${chisel}, ${required} required, ${declared.length - required} optional, ${values.length} given`,
    );
  }
  return values.map((value, i) => ({ name: declared[i].name, value }));
}
