import { execFileSync, spawnSync } from 'node:child_process';

let installed: boolean | undefined;

/** True if sysdig is installed. With TSDIG_REQUIRE_LIVE=1 its absence is an error: nothing is passed over. */
export function requireSysdig(): boolean {
  installed ??= spawnSync('sysdig', ['--version']).status === 0;
  if (!installed && process.env['TSDIG_REQUIRE_LIVE'] === '1')
    throw new Error('TSDIG_REQUIRE_LIVE=1 is set and sysdig is not installed');
  return installed;
}

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
