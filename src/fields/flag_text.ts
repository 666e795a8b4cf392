import { type FlagName, flagNames, flagTable } from '../scap/flag_table.js';
import { ERRNO, SIGNALS } from '../scap/flags.generated.js';

/** Made when the first one is asked for. */
let errnoNames: (string | undefined)[] | undefined;
let signalNames: (string | undefined)[] | undefined;

/** Of several names of a value the first one. */
function byValue(text: string): (string | undefined)[] {
  const names: (string | undefined)[] = [];
  for (const { name, value } of flagNames(text)) names[value] ??= name;
  return names;
}

/** Name of an errno (a positive number), '' if it has none. */
export function errnoName(errno: number): string {
  errnoNames ??= byValue(ERRNO);
  return errnoNames[errno] ?? '';
}

/** Name of a signal number, '' if it has none. */
export function signalName(signal: number): string {
  signalNames ??= byValue(SIGNALS);
  return signalNames[signal] ?? '';
}

/** Names of the signals in a mask: bit 0 is signal 1. */
export function signalSetNames(mask: number): string {
  const names: string[] = [];
  for (let bit = 0; bit < 32; bit++) {
    const name = (mask >>> bit) & 1 ? signalName(bit + 1) : '';
    if (name !== '') names.push(name);
  }
  return names.join(' ');
}

/** Values are user input in the end: a table of names never outgrows this. */
const MAX_MEMO = 4096;

/** Marks that the recorder adds for readers: no flags of the call, so they are not named. */
const INTERNAL_FLAGS: ReadonlySet<string> = new Set(['CLONE_CHILD_IN_PIDNS']);
/** Tables whose values were masks once and are compared as a whole since: only single names are shown. */
const WHOLE_VALUES: ReadonlySet<string> = new Set(['futex_operations']);

/**
 * Makes the function that names the bits of a mask, or the one value of an enumeration, in the order of its
 * flag table and joined by `|`. '' when nothing has a name. Results are kept: the same few masks come again.
 */
export function flagNamer(tableName: string | undefined, enumeration: boolean): (value: number) => string {
  const all = (tableName !== undefined && flagTable(tableName)) || [];
  const table = all.filter((flag) => !INTERNAL_FLAGS.has(flag.name));
  const whole = enumeration || (tableName !== undefined && WHOLE_VALUES.has(tableName));
  const memo = new Map<number, string>();
  return (value) => {
    let text = memo.get(value);
    if (text === undefined) {
      text = whole ? enumNames(table, value) : maskNames(table, value);
      if (memo.size >= MAX_MEMO) memo.clear();
      memo.set(value, text);
    }
    return text;
  };
}

/** Bits already named are taken away, so that O_RDWR (3) is not O_WRONLY (2) and O_RDONLY (1) too. */
function maskNames(table: readonly FlagName[], value: number): string {
  const names: string[] = [];
  let left = value;
  for (const flag of table) {
    const matches = flag.value === 0 ? value === 0 : (left & flag.value) >>> 0 === flag.value >>> 0;
    if (!matches) continue;
    names.push(flag.name);
    left = (left & ~flag.value) >>> 0;
  }
  return names.join('|');
}

/** Synonyms are all named: AF_LOCAL|AF_UNIX. */
function enumNames(table: readonly FlagName[], value: number): string {
  return table
    .filter((flag) => flag.value === value)
    .map((flag) => flag.name)
    .join('|');
}
