import type { MessagePort } from 'node:worker_threads';

/** From this size on buffers have memory of their own, and enough of it not to wait for the collector; smaller ones may be parts of Node's pool. */
const LARGE = Math.max(Buffer.poolSize + 1, 64 * 1024);

let nobody: MessagePort | null = null;

/**
 * Gives the memory of a large buffer back at once, by taking it away from whoever still holds it. Left to the collector,
 * which sees the small object in front of it only, such buffers pile up to tens of megabytes.
 */
export function giveBack({ buffer }: Uint8Array): void {
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < LARGE) return;
  nobody ??= closedPort();
  nobody.postMessage(null, [buffer]);
}

/** What is sent to it is taken from the sender and freed; a copy that takes the memory over would be garbage that holds it. */
function closedPort(): MessagePort {
  const { port1 } = new MessageChannel();
  port1.close();
  return port1;
}
