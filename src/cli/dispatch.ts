import { splitCommandLine } from './chisel_words.js';
import { loadConfiguration } from './config.js';
import { demoInstead } from './demo.js';
import { type ParsedLine, parseOptions } from './options.js';

/** Parses a command line and does what it asks for. Resolves to the exit code. */
export async function dispatch(words: readonly string[]): Promise<number> {
  const split = await splitCommandLine(
    words,
    async (name) => (await import('./chisel_setup.js')).chiselArity(name),
    isFilterText,
  );
  const parsed = parseOptions(split.rest, loadConfiguration());
  const { options } = parsed;
  const listing = await list(parsed, split.listChisels);
  if (listing !== null) {
    const { Output } = await import('./output.js');
    const output = new Output(1);
    output.write(Buffer.from(listing, 'utf8').latin1Slice());
    output.flush();
    return 0;
  }
  if (options.newChisel !== undefined)
    return (await import('./chisel_setup.js')).writeNewChisel(options.newChisel);
  if (options.explain) return (await import('./explain.js')).printExplanation(options, split.chisels);
  const { run } = await import('./run.js');
  try {
    return await run(options, split.chisels, split.command);
  } catch (error) {
    const instead = demoInstead(error, options, split.command);
    if (instead === null) throw error;
    return run(instead, split.chisels, split.command);
  }
}

/** The text that an informational option asks for; null when there is none. */
async function list({ options, help, version }: ParsedLine, listChisels: boolean): Promise<string | null> {
  if (help) return (await import('./help.js')).helpPage();
  if (version) return `tsdig ${(await import('./version.js')).packageVersion()}\n`;
  if (listChisels) return (await import('./chisel_setup.js')).chiselList();
  if (options.chiselInfo !== undefined)
    return (await import('./chisel_setup.js')).chiselInfo(options.chiselInfo);
  if (options.list || options.listMarkdown || options.listEvents) {
    const listing = await import('./listing.js');
    if (options.listEvents) return listing.listEvents();
    return options.listMarkdown ? listing.listFieldsMarkdown() : listing.listFields(options.verbose);
  }
  return null;
}

/** Whether the words behind a chisel's name can be a filter. Only the parser knows, and it is loaded by then. */
function isFilterText(text: string): boolean {
  return (
    /(^|[\s(])[a-z][a-z0-9_]*\.[a-z]/.test(text) &&
    /[=<>]|\b(contains|icontains|startswith|endswith|in|exists|glob|pmatch|regex|intersects)\b/.test(text)
  );
}
