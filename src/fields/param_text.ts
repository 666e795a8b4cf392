import type { EventView } from '../event/view.js';
import { ipText } from '../machine/addresses.js';
import type { Machine } from '../machine/machine.js';
import { joinPath } from '../machine/paths.js';
import type { ParamInfo } from '../scap/event_table.js';
import { DYN_PARAMS, PT } from '../scap/events.generated.js';
import { PPM_SC_NAMES } from '../scap/syscalls.generated.js';
import { type PortNamer, sockaddrText, tupleText } from './address_text.js';
import { bufferWriter } from './buffer_text.js';
import { Clock } from './clock.js';
import { fdTypeChar, writeFd, writeInetFd } from './fd_text.js';
import type { FieldOptions } from './field.js';
import { errnoName, flagNamer, signalName, signalSetNames } from './flag_text.js';
import type { LineBuffer } from './line_buffer.js';
import { shortFloat, writeI64 } from './number_text.js';
import { portName } from './port_names.js';

/**
 * Writes one parameter: its bytes stand at `off`, `len` of them (never 0).
 */
export type ParamWriter = (out: LineBuffer, ev: EventView, m: Machine, off: number, len: number) => void;

/**
 * - 'both': as evt.args shows it: the value, and in parentheses what it means (`fd=3(<f>/etc/passwd)`);
 * - 'meaning': as evt.arg.x shows it: what it means, or the value where there is nothing more to say.
 */
export type ParamForm = 'both' | 'meaning';

/** fd number that stands for the working directory. */
const AT_FDCWD = -100;
const NONE64 = 0xffffffff;

/** What stands for a parameter that the event does not have: text reads `<NA>`, anything else NULL. */
export function missingText(type: number): string {
  return type === PT.CHARBUF || type === PT.FSPATH || type === PT.FSRELPATH ? '<NA>' : 'NULL';
}

/** The writer for one parameter of an event type. */
export function paramWriter(
  param: Omit<ParamInfo, 'name'>,
  form: ParamForm,
  options: FieldOptions,
): ParamWriter {
  const both = form === 'both';
  switch (param.type) {
    case PT.INT8:
      return fixed(1, (out, dv, off) => out.dec(dv.getInt8(off)));
    case PT.UINT8:
      return fixed(1, unsigned8(param.fmt));
    case PT.L4PROTO:
      return fixed(1, (out, dv, off) => out.dec(dv.getUint8(off)));
    case PT.SIGTYPE:
      return named(1, both, (dv, off) => dv.getUint8(off), signalName);
    case PT.SOCKFAMILY:
      return named(1, both, (dv, off) => dv.getUint8(off), flagNamer('socket_families', true));
    case PT.FLAGS8:
    case PT.ENUMFLAGS8:
      return named(
        1,
        both,
        (dv, off) => dv.getUint8(off),
        flagNamer(param.flagsTable, param.type === PT.ENUMFLAGS8),
      );
    case PT.INT16:
      return fixed(2, (out, dv, off) => out.dec(dv.getInt16(off, true)));
    case PT.UINT16:
    case PT.PORT:
      return fixed(2, unsigned16(param.fmt));
    case PT.SYSCALLID:
      return named(
        2,
        both,
        (dv, off) => dv.getUint16(off, true),
        (code) => PPM_SC_NAMES[code] ?? '',
      );
    case PT.FLAGS16:
    case PT.ENUMFLAGS16:
      return named(
        2,
        both,
        (dv, off) => dv.getUint16(off, true),
        flagNamer(param.flagsTable, param.type === PT.ENUMFLAGS16),
      );
    case PT.INT32:
      return fixed(4, signed32(param.fmt));
    case PT.UINT32:
      return fixed(4, signed32(param.fmt));
    case PT.BOOL:
      return fixed(4, (out, dv, off) => out.text(dv.getUint32(off, true) !== 0 ? 'true' : 'false'));
    case PT.FLAGS32:
    case PT.ENUMFLAGS32:
      return named(
        4,
        both,
        (dv, off) => dv.getUint32(off, true),
        flagNamer(param.flagsTable, param.type === PT.ENUMFLAGS32),
      );
    case PT.MODE:
      return modeWriter(param, both);
    case PT.SIGSET:
      return fixed(4, (out, dv, off) => out.text(signalSetNames(dv.getUint32(off, true))));
    case PT.UID:
      return idWriter(both, (m, id) => m.users.user(m.thread?.containerId ?? '', id)?.name);
    case PT.GID:
      return idWriter(both, (m, id) => m.users.group(m.thread?.containerId ?? '', id)?.name);
    case PT.IPV4ADDR:
    case PT.IPV6ADDR:
    case PT.IPADDR:
      return (out, ev, _m, off, len) => out.text(ipText(ev.bytes.latin1Slice(off, off + len)));
    case PT.INT64:
    case PT.UINT64:
      return fixed(8, wide(param.fmt));
    case PT.DOUBLE:
      return fixed(8, (out, dv, off) => out.text(dv.getFloat64(off, true).toFixed(1)));
    case PT.RELTIME:
      return relTimeWriter(both);
    case PT.ABSTIME: {
      const clock = new Clock(options.utc);
      return fixed(8, (out, dv, off) => out.text(clock.dateTime(dv.getBigUint64(off, true))));
    }
    case PT.ERRNO:
      return errnoWriter(both);
    case PT.FD:
      return fdWriter(both, 8, options);
    case PT.FD32:
      return fdWriter(both, 4, options);
    case PT.PID:
      return pidWriter(both, 8);
    case PT.PID32:
      return pidWriter(both, 4);
    case PT.FDLIST:
      return writeFdList;
    case PT.SOCKADDR:
      return socketWriter(sockaddrText, options);
    case PT.SOCKTUPLE:
      return socketWriter(tupleText, options);
    case PT.CHARBUF:
      return writeText;
    case PT.FSPATH:
      return pathWriter(both, -1);
    case PT.FSRELPATH:
      return pathWriter(both, param.dirfdParam ?? -1);
    case PT.DYN:
      return dynWriter(param, form, options);
    case PT.CHARBUFARRAY:
    case PT.CHARBUF_PAIR_ARRAY:
      return writeTextArray;
    default: {
      const write = bufferWriter(options);
      return (out, ev, _m, off, len) => write(out, ev.bytes, off, off + len);
    }
  }
}

type ValueWriter = (out: LineBuffer, dv: DataView, off: number) => void;

/** A value of a fixed size, without more meaning than itself. A shorter parameter is shown as bytes. */
function fixed(size: number, write: ValueWriter): ParamWriter {
  return (out, ev, _m, off, len) => {
    if (len < size) out.text(ev.bytes.toString('hex', off, off + len));
    else write(out, ev.dv, off);
  };
}

/** A number with a name of its own. */
function named(
  size: number,
  both: boolean,
  read: (dv: DataView, off: number) => number,
  nameOf: (value: number) => string,
): ParamWriter {
  return (out, ev, _m, off, len) => {
    if (len < size) {
      out.text(ev.bytes.toString('hex', off, off + len));
      return;
    }
    const value = read(ev.dv, off);
    const name = nameOf(value);
    if (both || name === '') out.dec(value);
    if (name !== '') meaning(out, name, both);
  };
}

function meaning(out: LineBuffer, text: string, both: boolean): void {
  if (both) out.byte(40);
  out.text(text);
  if (both) out.byte(41);
}

function unsigned8(fmt: string): ValueWriter {
  if (fmt === 'hex') return (out, dv, off) => out.hex64(0, dv.getUint8(off), true);
  if (fmt === 'oct') return (out, dv, off) => writeOctal(out, dv.getUint8(off));
  return (out, dv, off) => out.dec(dv.getUint8(off));
}

function unsigned16(fmt: string): ValueWriter {
  if (fmt === 'hex') return (out, dv, off) => out.hex64(0, dv.getUint16(off, true), true);
  if (fmt === 'oct') return (out, dv, off) => writeOctal(out, dv.getUint16(off, true));
  return (out, dv, off) => out.dec(dv.getUint16(off, true));
}

/** Unsigned parameters print as signed too, as in sysdig: -1 says more than 4294967295. */
function signed32(fmt: string): ValueWriter {
  if (fmt === 'hex') return (out, dv, off) => out.hex64(0, dv.getUint32(off, true), true);
  if (fmt === 'oct') return (out, dv, off) => writeOctal(out, dv.getUint32(off, true));
  return (out, dv, off) => out.dec(dv.getInt32(off, true));
}

function wide(fmt: string): ValueWriter {
  if (fmt === 'hex')
    return (out, dv, off) => out.hex64(dv.getUint32(off + 4, true), dv.getUint32(off, true), true);
  if (fmt === 'oct') return (out, dv, off) => out.text(`0${dv.getBigUint64(off, true).toString(8)}`);
  return writeI64;
}

function writeOctal(out: LineBuffer, value: number): void {
  if (value === 0) out.byte(48);
  else out.text(`0${value.toString(8)}`);
}

function modeWriter(param: Omit<ParamInfo, 'name'>, both: boolean): ParamWriter {
  const nameOf = flagNamer(param.flagsTable, false);
  return (out, ev, _m, off, len) => {
    const value = len < 4 ? ev.dv.getUint8(off) : ev.dv.getUint32(off, true);
    const names = nameOf(value);
    if (both || names === '') writeOctal(out, value);
    if (names !== '') meaning(out, names, both);
  };
}

function idWriter(both: boolean, nameOf: (m: Machine, id: number) => string | undefined): ParamWriter {
  return (out, ev, m, off, len) => {
    const id = len < 4 ? ev.dv.getUint8(off) : ev.dv.getUint32(off, true);
    if (id === NONE64) {
      if (both) out.text('-1');
      meaning(out, '<NONE>', both);
      return;
    }
    if (both) out.dec(id | 0);
    meaning(out, nameOf(m, id) ?? '<NA>', both);
  };
}

function relTimeWriter(both: boolean): ParamWriter {
  return (out, ev, _m, off, len) => {
    const dv = ev.dv;
    if (len < 8) {
      out.text(ev.bytes.toString('hex', off, off + len));
      return;
    }
    const high = dv.getUint32(off + 4, true);
    const low = dv.getUint32(off, true);
    // All ones: wait for ever.
    if (high === 0xffffffff && low === 0xffffffff) {
      out.text('none');
      return;
    }
    if (both) writeI64(out, dv, off);
    meaning(out, `${shortFloat((high * 4294967296 + low) / 1e9)}s`, both);
  };
}

function errnoWriter(both: boolean): ParamWriter {
  return (out, ev, _m, off, len) => {
    const dv = ev.dv;
    if (len < 8) {
      out.text(ev.bytes.toString('hex', off, off + len));
      return;
    }
    const high = dv.getInt32(off + 4, true);
    const name = high < 0 ? errnoName(-(high * 4294967296 + dv.getUint32(off, true))) : '';
    if (both || name === '') writeI64(out, dv, off);
    if (name !== '') meaning(out, name, both);
  };
}

function fdWriter(both: boolean, size: number, options: FieldOptions): ParamWriter {
  const ports = options.portNames ? portName : undefined;
  return (out, ev, m, off, len) => {
    const dv = ev.dv;
    if (len < size) {
      out.text(ev.bytes.toString('hex', off, off + len));
      return;
    }
    const fd =
      size === 8 ? dv.getInt32(off + 4, true) * 4294967296 + dv.getUint32(off, true) : dv.getInt32(off, true);
    if (fd < 0) {
      const name = fd === AT_FDCWD ? 'AT_FDCWD' : errnoName(-fd);
      if (both || name === '') out.dec(fd);
      if (name !== '') meaning(out, name, both);
      return;
    }
    const thread = m.thread;
    const table = thread === null ? null : m.fdTable(thread);
    const info = table === null ? undefined : table.get(fd);
    if (both || info === undefined) out.dec(fd);
    if (info === undefined) return;
    if (both) out.byte(40);
    if (ports !== undefined && info.isInet) writeInetFd(out, info, ports);
    else writeFd(out, info, fd);
    if (both) out.byte(41);
  };
}

function pidWriter(both: boolean, size: number): ParamWriter {
  return (out, ev, m, off, len) => {
    const dv = ev.dv;
    if (len < size) {
      out.text(ev.bytes.toString('hex', off, off + len));
      return;
    }
    const pid =
      size === 8 ? dv.getInt32(off + 4, true) * 4294967296 + dv.getUint32(off, true) : dv.getInt32(off, true);
    const thread = m.threads.get(pid);
    if (both || thread === undefined) out.dec(pid);
    if (thread !== undefined) meaning(out, thread.comm, both);
  };
}

/** `5:41 3:p1`: fd, kind of fd, and poll flags in hex. */
function writeFdList(out: LineBuffer, ev: EventView, m: Machine, off: number, len: number): void {
  const dv = ev.dv;
  const count = Math.min(dv.getUint16(off, true), Math.floor((len - 2) / 10));
  const thread = m.thread;
  const table = thread === null ? null : m.fdTable(thread);
  for (let i = 0; i < count; i++) {
    const at = off + 2 + i * 10;
    const fd = dv.getInt32(at + 4, true) * 4294967296 + dv.getUint32(at, true);
    const info = table?.get(fd);
    if (i > 0) out.byte(32);
    if (fd < 0) out.text(String(dv.getBigUint64(at, true)));
    else out.dec(fd);
    out.byte(58);
    out.text(info === undefined ? '?' : fdTypeChar(info.type));
    out.hex64(0, dv.getInt16(at + 8, true), false);
  }
}

function socketWriter(
  toText: (bytes: Buffer, off: number, len: number, portName?: PortNamer) => string | undefined,
  options: FieldOptions,
): ParamWriter {
  const ports = options.portNames ? portName : undefined;
  return (out, ev, _m, off, len) => out.text(toText(ev.bytes, off, len, ports) ?? 'NULL');
}

/** Text up to its NUL, as it was captured. */
function writeText(out: LineBuffer, ev: EventView, _m: Machine, off: number, len: number): void {
  const bytes = ev.bytes;
  let end = off + len;
  if (bytes[end - 1] === 0) end--;
  for (let i = off; i < end; i++) {
    if (bytes[i] === 0) {
      end = i;
      break;
    }
  }
  out.raw(bytes, off, end);
}

/** Several texts, each with its NUL, joined by dots. */
function writeTextArray(out: LineBuffer, ev: EventView, _m: Machine, off: number, len: number): void {
  const end = ev.bytes[off + len - 1] === 0 ? off + len - 1 : off + len;
  for (let i = off; i < end; i++) out.byte(ev.bytes[i] === 0 ? 46 : ev.bytes[i]);
}

const SLASH = 47;

/** A path without its control bytes; a relative one with what it resolves to. */
function pathWriter(both: boolean, dirfdParam: number): ParamWriter {
  return (out, ev, m, off, len) => {
    const bytes = ev.bytes;
    const start = out.pos;
    const end = off + len;
    out.reserve(len);
    const to = out.bytes;
    let pos = start;
    let i = off;
    for (; i < end; i++) {
      const c = bytes[i];
      if (c === 0) break;
      if (c >= 32 && c !== 127) to[pos++] = c;
    }
    out.pos = pos;
    if (i === off || bytes[off] === SLASH) return;
    const name = bytes.latin1Slice(off, i);
    if (name === '<NA>') return;
    const full = resolvedPath(ev, m, name, dirfdParam);
    if (full === '') return;
    if (!both) out.pos = start;
    meaning(out, full, both);
  };
}

/** The path that a relative name means, '' if that is unknown. */
function resolvedPath(ev: EventView, m: Machine, name: string, dirfdParam: number): string {
  const thread = m.thread;
  if (thread === null) return '';
  if (dirfdParam >= 0 && ev.paramLen(dirfdParam) === 8) {
    const dirfd = ev.i64(dirfdParam);
    if (dirfd !== AT_FDCWD) return joinPath(m.fdTable(thread)?.get(dirfd)?.name ?? '', name);
  }
  return joinPath(m.cwdOf(thread), name);
}

/** A value whose first byte says which of several types it has. */
function dynWriter(param: Omit<ParamInfo, 'name'>, form: ParamForm, options: FieldOptions): ParamWriter {
  const writers = ((param.dynTable !== undefined && DYN_PARAMS[param.dynTable]) || []).map((alternative) => ({
    write: paramWriter(alternative, form, options),
    missing: missingText(alternative.type),
  }));
  const asBuffer = bufferWriter(options);
  return (out, ev, m, off, len) => {
    const alternative = writers[ev.bytes[off]];
    if (alternative === undefined) asBuffer(out, ev.bytes, off + 1, off + len);
    else if (len === 1) out.text(alternative.missing);
    else alternative.write(out, ev, m, off + 1, len - 1);
  };
}
