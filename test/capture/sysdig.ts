import { execFileSync, spawnSync } from 'node:child_process';

/** Standard output of sysdig as a byte string. */
export function sysdig(args: string[]): string {
  return execFileSync('sysdig', args, {
    encoding: 'latin1',
    maxBuffer: 1 << 30,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, TZ: 'UTC' },
  });
}

/** Exit status and error output of sysdig. */
export function sysdigStatus(args: string[]): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync('sysdig', args, { encoding: 'latin1', maxBuffer: 1 << 30 });
  return { status, stderr };
}
