import type { ChildProcess } from 'node:child_process';
import { afterEach } from 'vitest';

/** A list for the programs that the tests of a `describe` start: what is on it is killed after each of them. */
export function testChildren(): ChildProcess[] {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  return children;
}
