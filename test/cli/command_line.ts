import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');
export const EXAMPLE = join(ROOT, 'examples/web.scap.gz');
const MAIN = join(ROOT, 'dist/cli/main.cjs');

export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** An environment without settings of whoever runs the tests. */
export function cleanEnv(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const env: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    HOME: '/dev/null',
    TZ: 'UTC',
    TERM: 'xterm',
  };
  return { ...env, XDG_CONFIG_HOME: '/dev/null', ...extra };
}

/** Runs the built command. `output`: a file descriptor that it prints to instead of a pipe. */
export function tsdig(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  output?: number,
): CommandResult {
  return spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
    env: cleanEnv(env),
    timeout: 30_000,
    stdio: ['pipe', output ?? 'pipe', 'pipe'],
  });
}

/** A folder with a program `tsdig` in it, for shells. */
export function folderWithCommand(before: readonly string[] = []): string {
  const dir = mkdtempSync(join(tmpdir(), 'tsdig-command-'));
  const words = [process.execPath, MAIN, ...before].map((word) => `'${word}'`).join(' ');
  writeFileSync(join(dir, 'tsdig'), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
  return dir;
}
