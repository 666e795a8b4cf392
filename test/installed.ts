import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Whether a program can be run: what needs it is tested where it is there. With TSDIG_REQUIRE_LIVE=1 its absence
 * is an error: nothing is passed over.
 */
export function isInstalled(program: string): boolean {
  const found = (process.env['PATH'] ?? '')
    .split(':')
    .some((folder) => folder !== '' && existsSync(join(folder, program)));
  if (!found && process.env['TSDIG_REQUIRE_LIVE'] === '1')
    throw new Error(`TSDIG_REQUIRE_LIVE=1 is set and ${program} is not installed`);
  return found;
}
