import fc from 'fast-check';

// The same cases in every run, so that a red test is a change's fault. TSDIG_SEED=N (or `random`) explores others.
const wanted = process.env['TSDIG_SEED'];
if (wanted !== 'random') fc.configureGlobal({ seed: wanted === undefined ? 20261121 : Number(wanted) });
