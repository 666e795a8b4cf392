import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

let count = 0;

/** A new fifo in `dir`. */
export function mkfifoSync(dir: string): string {
  const path = join(dir, `fifo-${count++}`);
  execFileSync('mkfifo', [path]);
  return path;
}
