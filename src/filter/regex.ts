import { RE2JS } from 're2js';

/** Longest pattern that is taken, in bytes. */
const LONGEST = 10_000;

/**
 * Compiles a regular expression in RE2 syntax to a predicate that wants the whole value to match. The engine works in
 * linear time, so that no pattern can hang the tool. Values are byte strings: those that hold more than ASCII are
 * decoded as UTF-8 first, so that `.` is one character.
 *
 * @throws Error with a one-line message for a bad pattern.
 */
export function compileRegex(pattern: string): (value: string) => boolean {
  if (pattern.length > LONGEST) throw new Error(`the pattern is longer than ${LONGEST} bytes`);
  let program: RE2JS;
  try {
    program = RE2JS.compile(decode(pattern));
  } catch (error) {
    throw new Error(explain(error));
  }
  return (value) => program.testExact(decode(value));
}

function decode(bytes: string): string {
  for (let i = 0; i < bytes.length; i++)
    if (bytes.charCodeAt(i) > 127) return Buffer.from(bytes, 'latin1').toString('utf8');
  return bytes;
}

function explain(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .replace(/^error parsing regexp: /, '')
    .replace(/: `undefined`?$|` undefined$/, '`')
    .split('\n')[0];
}
