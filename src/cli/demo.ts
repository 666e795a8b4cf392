import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LiveError } from '../capture/live_error.js';
import type { Options } from './options.js';

/** The recording that comes with tsdig: the containers web and db at work. */
const RECORDING = fileURLToPath(new URL('../../examples/web.scap.gz', import.meta.url));

/**
 * What to run instead when a first try (`npm start`, TSDIG_DEMO=1) cannot capture live: the same on the bundled
 * recording. null when the error is another one, or when a recording is no answer (-w, a command to follow).
 * Says on standard error what is the matter.
 */
export function demoInstead(
  error: unknown,
  options: Options,
  command: readonly string[] | null,
): Options | null {
  const wanted = process.env['TSDIG_DEMO'] ?? '';
  if (wanted === '' || wanted === '0' || !(error instanceof LiveError)) return null;
  if (options.read.length > 0 || options.write !== undefined || command !== null || !existsSync(RECORDING))
    return null;
  process.stderr.write(
    `tsdig: ${error.message}\ntsdig: showing the bundled recording instead (containers web and db): ${RECORDING}\n`,
  );
  return { ...options, read: [RECORDING] };
}
