import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where answers are kept for the next run of the tests: on another Node sysdig still says the same. */
const KEPT = process.env['TSDIG_SYSDIG_ANSWERS'];

/** How a run of sysdig ended; what it printed as a byte string. */
export interface SysdigRun {
  readonly status: number | null;
  readonly stdout: string;
}

/** What the installed sysdig says of its version; empty where there is none. */
export const SYSDIG_VERSION = spawnSync('sysdig', ['--version'], { encoding: 'utf8' }).stdout ?? '';

/** Runs the installed sysdig, which must write no file. Its answer to the same words about the same files may be a kept one. */
export function runSysdig(args: readonly string[]): SysdigRun {
  if (KEPT === undefined) return ask(args);
  const key = createHash('sha256').update(SYSDIG_VERSION);
  // The same recording lies in another folder in every run.
  for (const word of args)
    key
      .update('\0')
      .update(existsSync(word) ? createHash('sha256').update(readFileSync(word)).digest() : word);
  const path = join(KEPT, key.digest('hex'));
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as SysdigRun;
  const run = ask(args);
  writeFileSync(`${path}.${process.pid}`, JSON.stringify(run));
  renameSync(`${path}.${process.pid}`, path);
  return run;
}

/** Standard output of sysdig as a byte string. Throws when sysdig fails. */
export function sysdig(args: readonly string[]): string {
  const { status, stdout } = runSysdig(args);
  if (status !== 0) throw new Error(`sysdig ${args.join(' ')} ends with ${status}`);
  return stdout;
}

function ask(args: readonly string[]): SysdigRun {
  const { status, stdout, error } = spawnSync('sysdig', args, {
    encoding: 'latin1',
    maxBuffer: 1 << 30,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, TZ: 'UTC' },
  });
  if (error !== undefined) throw error;
  return { status, stdout };
}
