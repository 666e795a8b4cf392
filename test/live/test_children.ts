import type { ChildProcess } from 'node:child_process';
import { afterEach } from 'vitest';

/** A list for the programs that the tests of a `describe` start: what is on it is killed after each of them, and at the exit. */
export function testChildren(): ChildProcess[] {
  const children: ChildProcess[] = [];
  const kill = (): void => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  };
  afterEach(kill);
  process.once('exit', kill);
  return children;
}
