import { setFlagsFromString } from 'node:v8';

/** Bytes of bytecode that a function runs through before V8 looks at whether to optimize it: three to four times its own number. */
const BUDGET = 400_000;
/** Shorter captures are read before much is compiled. */
const LONG_CAPTURE = 16 * 1024 * 1024;

/**
 * Makes V8 optimize less eagerly for a capture of so many bytes. A run of half a second spent nearly as much processor time on
 * compiling a hundred functions as on its events; most of these ran a few thousand times, and no loop over events loses more than a few
 * milliseconds. To be called when everything is loaded: V8 refuses code that was compiled under other flags. Its newer
 * versions compile in more tiers and are left alone.
 */
export function compileLater(bytes: number): void {
  if (bytes < LONG_CAPTURE || Number(process.versions.v8.split('.')[0]) >= 12) return;
  setFlagsFromString(`--interrupt-budget=${BUDGET}`);
}
