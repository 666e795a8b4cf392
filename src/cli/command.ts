import { describeError } from './errors.js';
import { UsageError } from './usage_error.js';

/** Words that do something of their own when they come first. */
const COMMANDS = ['help', 'doctor', 'config', 'completion'];

/** Runs a command line; resolves to the exit code. */
async function run(words: readonly string[]): Promise<number> {
  // Modules are loaded by need: the first line of a short run must not wait for what it does not use.
  const [first] = words;
  if (first === 'help') return (await import('./topics.js')).printTopic(words[1]);
  if (first === 'doctor') return (await import('./doctor.js')).printDoctor(words.slice(1));
  if (first === 'config') return (await import('./config.js')).printConfig();
  if (first === 'completion') return (await import('./completion.js')).printCompletion(words.slice(1));
  // No filter begins with a word of this kind but `not`.
  if (first !== undefined && /^[a-z]{4,}$/.test(first)) {
    const near = (await import('../fields/suggest.js')).suggest(first, COMMANDS);
    if (near !== undefined) throw new UsageError(`no command '${first}': did you mean tsdig ${near}?`);
  }
  return (await import('./dispatch.js')).dispatch(words);
}

/** Runs a command line to its end and sets the exit code of the process. Never rejects: errors are told on stderr. */
export async function main(words: readonly string[]): Promise<void> {
  try {
    process.exitCode = await run(words);
  } catch (error) {
    const { text, code } = describeError(error);
    if (text !== '') process.stderr.write(`${text}\n`);
    process.exitCode = code;
  }
}
