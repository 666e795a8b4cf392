import fc from 'fast-check';
import { afterEach } from 'vitest';

// The same cases in every run, so that a red test is a change's fault. TSDIG_SEED=N (or `random`) explores others.
const wanted = process.env['TSDIG_SEED'];
if (wanted !== 'random') fc.configureGlobal({ seed: wanted === undefined ? 20261121 : Number(wanted) });

// Tests that wait for programs synchronously keep the worker from hearing the main process, which vitest takes for dead
// after a minute: on a busy machine several of them in a row take that long. So the worker listens now and then.
const LISTEN_EVERY_MS = 500;
const LISTEN_MS = 30;
let listened = performance.now();
afterEach(async () => {
  if (performance.now() - listened < LISTEN_EVERY_MS) return;
  await new Promise((resolve) => setTimeout(resolve, LISTEN_MS));
  listened = performance.now();
});

// Every Node reads these certificates as it starts, for 45 ms, and tests start thousands. npm, the only one that needs them, has a setting
// of its own.
const certificates = process.env['NODE_EXTRA_CA_CERTS'];
if (certificates !== undefined) {
  process.env['NPM_CONFIG_CAFILE'] ??= certificates;
  delete process.env['NODE_EXTRA_CA_CERTS'];
}
