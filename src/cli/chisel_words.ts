import { UsageError } from './usage_error.js';

/** One `-c NAME [ARGS]` of the command line. */
export interface ChiselRequest {
  readonly name: string;
  /** The argument words as typed (one shell word), undefined when none was taken. */
  readonly args: string | undefined;
}

/** The command line with the chisels and the command to run taken out. */
export interface SplitCommandLine {
  /** What is left for the option parser. */
  readonly rest: string[];
  readonly chisels: ChiselRequest[];
  /** `-cl` was given. */
  readonly listChisels: boolean;
  /** What stands behind `--`: a command to start and follow; null if there is no `--`. */
  readonly command: string[] | null;
}

/** Says how many arguments a chisel takes; asked once per `-c`. */
export type ChiselArity = (
  name: string,
) => Promise<{ required: number; optional: number; filterOnly: boolean }>;

/** Short options that take a value, attached (`-pc`) or as the next word. */
const VALUE_LETTERS = new Set('CeGHIiKkmMnprstUWw');
const LONG_WITH_VALUE = new Set(
  (
    'file-size chisel-info print read snaplen timetype suppress-comm limit write seconds numevents cri cri-timeout ' +
    'docker-socket engine buffer-size container-wait drop-to color new-chisel plugin input k8s-api k8s-api-cert mesos-api node-name ' +
    'plugin-config-file max-seconds events-per-file list-event-sources'
  ).split(' '),
);

/**
 * Takes `-c NAME [ARGS]` out of the command line. Whether the word behind the name belongs to the chisel
 * depends on the chisel: required arguments take it; optional ones take it unless it starts with `-` or the
 * rest of the line is a filter (`isFilter`) and the chisel's only argument is not itself one.
 */
export async function splitCommandLine(
  words: readonly string[],
  arity: ChiselArity,
  isFilter: (text: string) => boolean,
): Promise<SplitCommandLine> {
  const dashes = words.indexOf('--');
  const command = dashes < 0 ? null : words.slice(dashes + 1);
  const line = dashes < 0 ? words : words.slice(0, dashes);
  const rest: string[] = [];
  const chisels: ChiselRequest[] = [];
  let listChisels = false;
  let i = 0;

  const takeChisel = async (name: string): Promise<void> => {
    const { required, optional, filterOnly } = await arity(name);
    let args: string | undefined;
    const next = line[i];
    if (next !== undefined && required + optional > 0) {
      const take =
        required > 0 || (!next.startsWith('-') && (filterOnly || !isFilter(line.slice(i).join(' '))));
      if (take) {
        args = next;
        i++;
      }
    }
    chisels.push({ name, args });
  };

  while (i < line.length) {
    const word = line[i++];
    if (word === '--list-chisels') {
      listChisels = true;
    } else if (word === '--chisel' || word.startsWith('--chisel=')) {
      const name = word.startsWith('--chisel=') ? word.slice(9) : line[i++];
      if (name === undefined)
        throw new UsageError('--chisel needs the name of a chisel (tsdig -cl lists them)');
      await takeChisel(name);
    } else if (word.startsWith('--')) {
      rest.push(word);
      if (!word.includes('=') && LONG_WITH_VALUE.has(word.slice(2)) && i < line.length) rest.push(line[i++]);
    } else if (word.startsWith('-') && word.length > 1 && !/^-\d/.test(word)) {
      const { flags, letter, attached } = cluster(word);
      if (letter === 'c') {
        if (flags !== '') rest.push(`-${flags}`);
        const name = attached !== '' ? attached : line[i++];
        if (name === undefined) throw new UsageError('-c needs the name of a chisel (tsdig -cl lists them)');
        if (attached === 'l') listChisels = true;
        else await takeChisel(name);
      } else {
        rest.push(word);
        if (letter !== '' && attached === '' && i < line.length) rest.push(line[i++]);
      }
    } else {
      rest.push(word);
    }
  }
  return { rest, chisels, listChisels, command };
}

/** Splits `-zw`, `-pc`, `-qcname` into its flags, the first letter that takes a value, and what is attached to it. */
function cluster(word: string): { flags: string; letter: string; attached: string } {
  for (let k = 1; k < word.length; k++) {
    const letter = word[k];
    if (letter === 'c' || VALUE_LETTERS.has(letter)) {
      return { flags: word.slice(1, k), letter, attached: word.slice(k + 1) };
    }
  }
  return { flags: word.slice(1), letter: '', attached: '' };
}
