import { fstatSync } from 'node:fs';

const NUMBER = { stdout: 1, stderr: 2 } as const;
/** Linux's number for /dev/null and the like. */
const MEMORY_DEVICES = 1;

/**
 * Whether standard output (or error) is a terminal. Node takes some ms to load what it needs for these streams, and the
 * first line does not wait for it where the file itself says that it is none.
 */
export function isTerminal(stream: 'stdout' | 'stderr'): boolean {
  try {
    const file = fstatSync(NUMBER[stream]);
    if (!file.isCharacterDevice() || file.rdev >> 8 === MEMORY_DEVICES) return false;
  } catch {
    return false;
  }
  return process[stream].isTTY === true;
}

let listens = false;

/** Who reads our messages may go away: that must not end a recording. */
export function ignoreErrorsOfMessages(): void {
  if (!listens) process.stderr.on('error', () => {});
  listens = true;
}

/** Writes to standard error, and does not mind if nobody reads that. */
export function say(text: string): void {
  ignoreErrorsOfMessages();
  process.stderr.write(text);
}
