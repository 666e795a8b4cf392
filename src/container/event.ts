import type { EventView } from '../event/view.js';
import { containerEvent } from '../scap/encode_event.js';
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

/**
 * One container as an event block (type 324), ready for the stream or a file: cpu 0, tid -1.
 *
 * @param ts ns since the epoch
 */
export function encodeContainerEvent(info: ContainerInfo, ts: bigint): Buffer {
  // A newline behind the text, as sysdig writes it.
  return containerEvent(ts, containerToJson(info) + '\n');
}

/** All containers with usable metadata, one block after another: for the head of a file. Empty when there are none. */
export function encodeContainers(table: ContainerTable, ts: bigint): Buffer {
  const blocks: Buffer[] = [];
  for (const info of table) if (info.known) blocks.push(encodeContainerEvent(info, ts));
  return Buffer.concat(blocks);
}
