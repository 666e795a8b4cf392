import { type LiveOptions, LiveSource, nativeOptions } from './live.js';
import { NativeCapture, type NativeCommand } from './native.js';

/**
 * Records a held command and everything it starts with ptrace: no privileges are needed, arguments are complete,
 * and each system call costs two stops. There are no `switch` and `page_fault` events.
 * @throws NativeMissingError, LiveError
 */
export async function openPtrace(options: LiveOptions, command: NativeCommand): Promise<LiveSource> {
  return new LiveSource(await NativeCapture.openPtrace(nativeOptions(options), command), 'ptrace');
}
