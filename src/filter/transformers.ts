import type { FieldValue } from '../fields/field.js';
import { asciiLower, asciiUpper } from './glob.js';

/** Text of a value where a transformer wants text; undefined for anything else. */
export function textOf(value: FieldValue): string | undefined {
  if (typeof value === 'string') return value;
  return Buffer.isBuffer(value) ? value.latin1Slice(0, value.length) : undefined;
}

export function toLower(value: FieldValue): FieldValue {
  const text = textOf(value);
  return text === undefined ? undefined : asciiLower(text);
}

export function toUpper(value: FieldValue): FieldValue {
  const text = textOf(value);
  return text === undefined ? undefined : asciiUpper(text);
}

/** Decodes base64 (RFC 4648 with padding); undefined if the text is none. */
export function fromBase64(value: FieldValue): FieldValue {
  const text = textOf(value);
  if (text === undefined || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  return Buffer.from(text, 'base64').latin1Slice();
}

/** What stands behind the last slash. */
export function baseName(value: FieldValue): FieldValue {
  const text = textOf(value);
  return text === undefined ? undefined : text.slice(text.lastIndexOf('/') + 1);
}

/** Bytes of a text or buffer, elements of a list. */
export function lengthOf(value: FieldValue): FieldValue {
  if (typeof value === 'string' || Buffer.isBuffer(value) || Array.isArray(value)) return value.length;
  return undefined;
}

/** Elements joined by a separator; undefined as soon as one is missing. */
export function join(separator: FieldValue, values: readonly FieldValue[]): FieldValue {
  const sep = textOf(separator);
  if (sep === undefined) return undefined;
  const texts: string[] = [];
  for (const value of values) {
    const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : textOf(value);
    if (text === undefined) return undefined;
    texts.push(text);
  }
  return texts.join(sep);
}

/** One option as found by `parseOptions`. */
interface FoundOption {
  readonly name: string;
  readonly argument: string | undefined;
}

/**
 * Reads arguments as getopt(3) does, operands in between allowed (but not behind `--`, or behind the first one if
 * `spec` begins with `+`). `spec`: letters, each followed by `:` if it wants an argument, `::` if it may have one.
 */
function parseOptions(args: readonly string[], spec: string): FoundOption[] {
  const found: FoundOption[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i];
    if (word === '--') break;
    if (word.length < 2 || word[0] !== '-') {
      if (spec[0] === '+') break;
      continue;
    }
    for (let k = 1; k < word.length; k++) {
      const at = word[k] === ':' ? -1 : spec.indexOf(word[k]);
      if (at < 0) continue;
      if (spec[at + 1] !== ':') {
        found.push({ name: word[k], argument: undefined });
        continue;
      }
      let argument: string | undefined = k + 1 < word.length ? word.slice(k + 1) : undefined;
      if (argument === undefined && spec[at + 2] !== ':' && i + 1 < args.length) argument = args[++i];
      found.push({ name: word[k], argument });
      break;
    }
  }
  return found;
}

/**
 * With `option`: its argument (its name if it has none), undefined when it was not given. Without: all options and
 * their arguments in order. Text is split at blanks.
 */
export function getOptions(value: FieldValue, spec: string, option: string | undefined): FieldValue {
  let args: string[];
  if (Array.isArray(value)) args = value.map((v) => textOf(v) ?? '');
  else {
    const text = textOf(value);
    if (text === undefined) return undefined;
    args = text.split(/\s+/).filter((word) => word !== '');
  }
  const found = parseOptions(args, spec);
  if (option === undefined)
    return found.flatMap(({ name, argument }) => (argument === undefined ? [name] : [name, argument]));
  const last = found.findLast(({ name }) => name === option);
  return last === undefined ? undefined : (last.argument ?? last.name);
}
