import type { EventView } from '../event/view.js';
import { PT } from '../scap/events.generated.js';
import { sockaddrText, tupleText } from './address_text.js';
import type { FieldValue } from './field.js';
import { readI64, readU64 } from './number_text.js';

const sizes: readonly (number | undefined)[] = (() => {
  const list: (number | undefined)[] = [];
  for (const type of [PT.INT8, PT.UINT8, PT.FLAGS8, PT.ENUMFLAGS8, PT.SIGTYPE, PT.L4PROTO, PT.SOCKFAMILY])
    list[type] = 1;
  for (const type of [PT.INT16, PT.UINT16, PT.FLAGS16, PT.ENUMFLAGS16, PT.SYSCALLID, PT.PORT]) list[type] = 2;
  for (const type of [PT.INT32, PT.UINT32, PT.FLAGS32, PT.ENUMFLAGS32, PT.MODE, PT.BOOL, PT.SIGSET])
    list[type] = 4;
  for (const type of [PT.UID, PT.GID, PT.FD32, PT.PID32]) list[type] = 4;
  for (const type of [PT.INT64, PT.UINT64, PT.ERRNO, PT.FD, PT.PID, PT.RELTIME, PT.ABSTIME, PT.DOUBLE])
    list[type] = 8;
  return list;
})();

const SIGNED: readonly number[] = [
  PT.INT8,
  PT.INT16,
  PT.INT32,
  PT.INT64,
  PT.ERRNO,
  PT.FD,
  PT.PID,
  PT.FD32,
  PT.PID32,
];

/**
 * Parameter `index` of the event as a value of its own type: a number, a byte string, bytes. undefined if the event
 * has none there or it is empty.
 */
export function rawParam(ev: EventView, index: number): FieldValue {
  const param = ev.info?.params[index];
  const len = index < 0 || param === undefined ? 0 : ev.paramLen(index);
  if (param === undefined || len === 0) return undefined;
  const off = ev.paramOffset(index);
  const size = sizes[param.type];
  if (size !== undefined) return len < size ? undefined : numberAt(ev.dv, off, size, param.type);
  switch (param.type) {
    case PT.SOCKADDR:
      return sockaddrText(ev.bytes, off, len);
    case PT.SOCKTUPLE:
      return tupleText(ev.bytes, off, len);
    case PT.CHARBUF:
    case PT.FSPATH:
    case PT.FSRELPATH:
      return ev.str(index);
    default:
      return ev.raw(index);
  }
}

function numberAt(dv: DataView, off: number, size: number, type: number): number | bigint {
  const signed = SIGNED.includes(type);
  if (type === PT.DOUBLE) return dv.getFloat64(off, true);
  if (size === 1) return signed ? dv.getInt8(off) : dv.getUint8(off);
  if (size === 2) return signed ? dv.getInt16(off, true) : dv.getUint16(off, true);
  if (size === 4) return signed ? dv.getInt32(off, true) : dv.getUint32(off, true);
  return signed ? readI64(dv, off) : readU64(dv, off);
}
