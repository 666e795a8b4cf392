/** A signal that comes so soon after the first one, in ms, is the same wish: `npm start` passes on what the terminal has sent already. */
const SAME_MS = 1000;

/**
 * Calls `stop` at the first SIGINT, SIGTERM or SIGHUP; a later one ends the process at once. Returns the
 * function that takes the handlers away again.
 */
export function onStopSignal(stop: () => void): () => void {
  let asked = Number.NaN;
  const handler = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (now - asked > SAME_MS) process.exit(signal === 'SIGINT' ? 130 : 143);
    if (!Number.isNaN(asked)) return;
    asked = now;
    stop();
  };
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, handler);
  return () => {
    for (const signal of signals) process.off(signal, handler);
  };
}
