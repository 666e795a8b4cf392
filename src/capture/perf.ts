import { type LiveOptions, LiveSource, nativeOptions } from './live.js';
import { NativeCapture, type NativeCommand } from './native.js';

/** What events of this engine lack. */
export const PERF_LACKS =
  'no buffers, page faults and senders of signals; names are read after the call: <NA> where they were gone, seldom a wrong one where memory was reused';

/**
 * Records with perf_event_open on the kernel's tracepoints, for kernels without eBPF or BTF: a held command and what it
 * starts, or everybody.
 * @throws NativeMissingError, LiveError
 */
export async function openPerf(options: LiveOptions, command: NativeCommand | null): Promise<LiveSource> {
  return new LiveSource(await NativeCapture.openPerf(nativeOptions(options), command), 'perf');
}
