import { setPriority } from 'node:os';

/** Nice value of a process that writes a recording. */
export const RECORDER_PRIORITY = -15;

/**
 * Lets the calling thread, which writes the recording, go before others: it has little to do for each event, but where every
 * processor is busy it gets to it too late, and events are lost. Without the right to (CAP_SYS_NICE) all stays as it is.
 * To be called after a followed command was started, which would inherit it.
 */
export function goFirst(): void {
  try {
    setPriority(RECORDER_PRIORITY);
  } catch {
    // It records all the same.
  }
}
