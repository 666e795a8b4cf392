import { Block, blockLength, EVENT_HEADER } from './blocks.js';
import { EF, EVENTS, PPME, PT } from './events.generated.js';
import type { GroupEntry, UserEntry } from './head.js';

/** Where and when an event happened. */
export interface EventStamp {
  /** ns since the epoch. */
  ts: bigint;
  /** Host thread id, -1 for events without a thread. */
  tid: number;
  cpu?: number;
  /** EVF flags; any but 0 makes an EVF block. */
  flags?: number;
}

/**
 * A parameter value: a number or BigInt for numeric types (missing high bits are cut), a byte string for text (the final NUL is added)
 * or for bytes, raw bytes for everything, null for "no value" (empty).
 */
export type ParamValue = number | bigint | string | Uint8Array | null;

/** Sizes of the numeric parameter types, by PT_* number. */
const NUMBER_SIZE = new Map<number, number>([
  [PT.INT8, 1],
  [PT.INT16, 2],
  [PT.INT32, 4],
  [PT.INT64, 8],
  [PT.UINT8, 1],
  [PT.UINT16, 2],
  [PT.UINT32, 4],
  [PT.UINT64, 8],
  [PT.ERRNO, 8],
  [PT.FD, 8],
  [PT.PID, 8],
  [PT.SYSCALLID, 2],
  [PT.SIGTYPE, 1],
  [PT.RELTIME, 8],
  [PT.ABSTIME, 8],
  [PT.PORT, 2],
  [PT.L4PROTO, 1],
  [PT.SOCKFAMILY, 1],
  [PT.BOOL, 4],
  [PT.IPV4ADDR, 4],
  [PT.FLAGS8, 1],
  [PT.FLAGS16, 2],
  [PT.FLAGS32, 4],
  [PT.UID, 4],
  [PT.GID, 4],
  [PT.SIGSET, 4],
  [PT.MODE, 4],
  [PT.ENUMFLAGS8, 1],
  [PT.ENUMFLAGS16, 2],
  [PT.ENUMFLAGS32, 4],
  [PT.FD32, 4],
  [PT.PID32, 4],
]);

/** Types whose text ends with NUL. */
const TEXT_TYPES = new Set<number>([PT.CHARBUF, PT.FSPATH, PT.FSRELPATH]);

/** Stored size in bytes of a numeric parameter type, undefined for types of varying length. */
export function numberSize(type: number): number | undefined {
  return NUMBER_SIZE.get(type);
}

function encodeParam(value: ParamValue, type: number): Uint8Array {
  if (value === null) return EMPTY;
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string')
    return Buffer.from(TEXT_TYPES.has(type) && !value.endsWith('\0') ? `${value}\0` : value, 'latin1');
  const size = NUMBER_SIZE.get(type);
  if (size === undefined) throw new TypeError(`a parameter of type ${type} cannot be made from a number`);
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
  return out.subarray(0, size);
}

const EMPTY = new Uint8Array(0);

/**
 * One whole event block. `params` are in the order of the event table; there may be fewer than the table has.
 * Throws RangeError for an unknown type, a value that its parameter cannot hold, or an event too long for its block.
 */
export function encodeEvent(type: number, stamp: EventStamp, params: readonly ParamValue[]): Buffer {
  const info = EVENTS[type];
  if (info === undefined) throw new RangeError(`unknown event type ${type}`);
  if (params.length > info.params.length)
    throw new RangeError(`${info.name} has ${info.params.length} parameters, ${params.length} given`);
  const large = (info.flags & EF.LARGE_PAYLOAD) !== 0;
  const values = params.map((value, i) => encodeParam(value, info.params[i].type));
  const lenSize = large ? 4 : 2;
  const data = values.reduce((sum, value) => sum + value.length, 0);
  const len = EVENT_HEADER + values.length * lenSize + data;
  const flags = stamp.flags ?? 0;
  const prefix = flags === 0 ? 2 : 6;
  const total = blockLength(prefix + len);
  if (!large && total - 8 > 65536)
    throw new RangeError(`${info.name}: an event of ${len} bytes does not fit into a block`);
  const out = Buffer.alloc(total);
  const blockType =
    flags === 0
      ? large
        ? Block.EVENT_LARGE
        : Block.EVENT
      : large
        ? Block.EVENT_FLAGS_LARGE
        : Block.EVENT_FLAGS;
  let at = out.writeUInt32LE(blockType, 0);
  at = out.writeUInt32LE(total, at);
  at = out.writeUInt16LE(stamp.cpu ?? 0, at);
  if (flags !== 0) at = out.writeUInt32LE(flags, at);
  at = out.writeBigUInt64LE(stamp.ts, at);
  at = out.writeBigInt64LE(BigInt(stamp.tid), at);
  at = out.writeUInt32LE(len, at);
  at = out.writeUInt16LE(type, at);
  at = out.writeUInt32LE(values.length, at);
  for (const value of values)
    at = large ? out.writeUInt32LE(value.length, at) : out.writeUInt16LE(value.length, at);
  for (const value of values) {
    out.set(value, at);
    at += value.length;
  }
  out.writeUInt32LE(total, total - 4);
  return out;
}

/** A container's data as the event that carries them (section 6.1). `json` is a byte string. */
export function containerEvent(ts: bigint, json: string): Buffer {
  return encodeEvent(PPME.CONTAINER_JSON_2_E, { ts, tid: -1 }, [json]);
}

/** "The driver began to drop events", with the sampling ratio. */
export function dropEvent(ts: bigint, ratio: number, leaving = false): Buffer {
  return encodeEvent(leaving ? PPME.DROP_X : PPME.DROP_E, { ts, tid: -1 }, [ratio]);
}

/** A message in the stream that readers show. */
export function notificationEvent(ts: bigint, id: string, text: string): Buffer {
  return encodeEvent(PPME.NOTIFICATION_E, { ts, tid: -1 }, [id, text]);
}

/** A user that appeared or vanished; `containerId` is '' on the host. */
export function userEvent(ts: bigint, user: UserEntry, containerId: string, deleted = false): Buffer {
  const { uid, gid, name, home, shell } = user;
  const type = deleted ? PPME.USER_DELETED_E : PPME.USER_ADDED_E;
  return encodeEvent(type, { ts, tid: -1 }, [uid, gid, name, home, shell, containerId]);
}

/** A group that appeared or vanished. */
export function groupEvent(ts: bigint, group: GroupEntry, containerId: string, deleted = false): Buffer {
  const type = deleted ? PPME.GROUP_DELETED_E : PPME.GROUP_ADDED_E;
  return encodeEvent(type, { ts, tid: -1 }, [group.gid, group.name, containerId]);
}
