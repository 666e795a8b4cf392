import type { EventView } from '../event/view.js';
import { ContainerInfo, type ContainerTable } from './container.js';
import { containerToJson, parseContainerJson } from './json.js';

/**
 * Container events: how captures carry the metadata of containers, so that replay needs no engine.
 * They come in four kinds: 228 (very old: four parameters), 272 and 324 (JSON text), and 402, the
 * asynchronous event by which newer libs' container plugin tells the same JSON.
 */
export const ContainerEvent = { OLD: 228, JSON: 272, JSON_2: 324, ASYNC: 402 } as const;

/** Whether events of this type may change the container table: then `applyContainerEvent` wants them. */
export function isContainerEvent(type: number): boolean {
  return type === 324 || type === 272 || type === 402 || type === 228;
}

/**
 * Reads a container event into the table.
 *
 * @returns the container that it told of; null when it is about something else or is damaged
 */
export function applyContainerEvent(ev: EventView, table: ContainerTable): ContainerInfo | null {
  switch (ev.type) {
    case ContainerEvent.JSON:
    case ContainerEvent.JSON_2:
      return add(table, parseContainerJson(ev.raw(0).latin1Slice()));
    case ContainerEvent.ASYNC: {
      const name = ev.str(1);
      if (name !== 'container' && name !== 'container_removed') return null;
      const info = parseContainerJson(ev.raw(2).latin1Slice());
      if (name === 'container') return add(table, info);
      if (info !== null) table.remove(info.id);
      return info;
    }
    case ContainerEvent.OLD: {
      if (ev.nparams < 4 || ev.paramLen(1) !== 4 || ev.str(0) === '') return null;
      const info = new ContainerInfo(ev.str(0), ev.str(0), ev.u32(1));
      info.name = ev.str(2);
      info.image = ev.str(3);
      info.lookupState = 1;
      return add(table, info);
    }
    default:
      return null;
  }
}

function add(table: ContainerTable, info: ContainerInfo | null): ContainerInfo | null {
  if (info !== null) table.add(info);
  return info;
}

const BLOCK_LARGE = 0x221;
const EVENT_HEADER = 26;

/**
 * One container as an event block (type 324, large block), ready for the stream or a file: cpu 0, tid -1.
 *
 * @param ts ns since the epoch
 */
export function encodeContainerEvent(info: ContainerInfo, ts: bigint): Buffer {
  const json = containerToJson(info);
  // Text, newline, NUL: as sysdig writes it.
  const paramLen = json.length + 2;
  const eventLen = EVENT_HEADER + 4 + paramLen;
  const body = 2 + eventLen;
  const total = (12 + body + 3) & ~3;
  const block = Buffer.alloc(total);
  block.writeUInt32LE(BLOCK_LARGE, 0);
  block.writeUInt32LE(total, 4);
  block.writeUInt16LE(0, 8);
  block.writeBigUInt64LE(ts, 10);
  block.writeBigInt64LE(-1n, 18);
  block.writeUInt32LE(eventLen, 26);
  block.writeUInt16LE(ContainerEvent.JSON_2, 30);
  block.writeUInt32LE(1, 32);
  block.writeUInt32LE(paramLen, 36);
  block.latin1Write(json, 40);
  block[40 + json.length] = 0x0a;
  block.writeUInt32LE(total, total - 4);
  return block;
}

/** All containers with usable metadata, one block after another: for the head of a file. Empty when there are none. */
export function encodeContainers(table: ContainerTable, ts: bigint): Buffer {
  const blocks: Buffer[] = [];
  for (const info of table) if (info.known) blocks.push(encodeContainerEvent(info, ts));
  return Buffer.concat(blocks);
}
