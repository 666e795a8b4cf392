import { EventView } from '../event/view.js';
import type { CompiledFilter } from '../filter/compile.js';
import type { Machine } from '../machine/machine.js';
import { PPME } from '../scap/events.generated.js';
import type { CaptureHead } from '../scap/head.js';

/** A block with an event without parameters: header 8, cpu 2, event header 26, trailer 4. */
const BLOCK_BYTES = 40;
const EVENT_BLOCK = 0x216;

/**
 * `--filter-proclist`: the head of a capture with those processes only that the filter accepts, as if each of them had
 * an event now. Their threads stay with them.
 */
export function acceptedProcesses(head: CaptureHead, filter: CompiledFilter, machine: Machine): CaptureHead {
  const bytes = Buffer.alloc(BLOCK_BYTES);
  bytes.writeUInt32LE(EVENT_BLOCK, 0);
  bytes.writeUInt32LE(BLOCK_BYTES, 4);
  bytes.writeUInt32LE(BLOCK_BYTES - 14, 26);
  bytes.writeUInt16LE(PPME.PROCINFO_E, 30);
  bytes.writeUInt32LE(BLOCK_BYTES, 36);
  const view = new EventView();
  view.attach(bytes, new DataView(bytes.buffer, bytes.byteOffset, BLOCK_BYTES));
  const { thread } = machine;
  const processes = head.processes.filter((process) => {
    bytes.writeBigInt64LE(BigInt(process.tid), 18);
    view.at(0);
    machine.thread = machine.threads.get(process.tid) ?? null;
    return filter.matches(view, machine);
  });
  machine.thread = thread;
  return { ...head, processes };
}
