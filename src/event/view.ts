import '../scap/buffer_methods.js';
import type { EventInfo } from '../scap/event_table.js';
import { EC, EVENTS } from '../scap/events.generated.js';
import { countOldParams } from '../scap/old_event.js';

/** Some 73 minutes, in units of 2^32 ns. */
const EARLIER = 1024;

/**
 * A typed cursor over one event in a buffer of scap event blocks.
 *
 * Nothing is copied and nothing is allocated per event: `at()` moves the cursor and reads the
 * header; parameters are located on demand. Strings come out as *byte strings*: JavaScript
 * strings in which every char code 0..255 stands for one captured byte (latin1), so that nothing
 * is lost and nothing has to be decoded until it leaves the program.
 */
export class EventView {
  bytes: Buffer = Buffer.alloc(0);
  dv: DataView = new DataView(new ArrayBuffer(0));
  /** Offset of the block's first byte in `bytes`. */
  block = 0;
  /** Offset just behind the block: where the next one starts. */
  next = 0;
  /** Offset of the event header (ts). */
  hdr = 0;
  /** Size of the event header: 26, or 22 in the old blocks that lack nparams. */
  hdrLen = 26;
  cpu = 0;
  /** EVF flags: bit 0 = state-only (parsed, not shown). */
  blockFlags = 0;
  /** Event type: id in the event table. May be beyond the table: then `info` is undefined. */
  type = 0;
  /** Host thread id, -1 for synthetic events. */
  tid = 0;
  /** Length of the event: header, lengths and parameters, in bytes. */
  len = 0;
  /** Parameters in this very event: may be fewer or more than the table's. */
  nparams = 0;
  /** Nanoseconds since `baseSec` (exact: a double holds 104 days of nanoseconds). */
  ts = 0;
  /** Whole seconds since the epoch that `ts` counts from. The source sets it once, before the first event. */
  baseSec = 0;
  /**
   * Time of the first event of the capture proper (evt.reltime counts from it), as `ts`; NaN before it. Metadata that
   * stands before it (containers, users, CPU times) does not count.
   */
  firstTs = Number.NaN;
  /** 1-based number of the event in its capture (`evt.num`); the run sets it. */
  num = 0;
  /** Table entry of `type`, undefined when the type is newer than the table. */
  info: EventInfo | undefined = undefined;
  /** 2, or 4 for event types with EF_LARGE_PAYLOAD. */
  private lenSize = 2;
  // Last located parameter and its offset (-1: none yet): a walk from 0 to n is linear.
  private atParam = -1;
  private atOffset = 0;
  // `baseSec` in ns is `baseLo` behind `baseHi` times 2^32. The distance is so large that V8 sees doubles from the first event on: it took
  // the first four seconds for integers and compiled everything anew behind them.
  private baseHi = -EARLIER;
  private baseLo = EARLIER * 4294967296;

  /** Points the view at a buffer. Call again whenever the chunk changes. */
  attach(bytes: Buffer, dv: DataView): void {
    this.bytes = bytes;
    this.dv = dv;
  }

  /**
   * Moves to the block at `off`. The caller has checked that a whole block stands there.
   * Returns false for a block that holds no event (an unknown type): `next` is set all the same.
   */
  at(off: number): boolean {
    const dv = this.dv;
    const blockType = dv.getUint32(off, true);
    this.block = off;
    this.next = off + dv.getUint32(off + 4, true);
    let hdr: number;
    if (blockType === 0x216) {
      this.blockFlags = 0;
      hdr = off + 10;
    } else if (blockType === 0x217 || blockType === 0x222) {
      this.blockFlags = dv.getUint32(off + 10, true);
      hdr = off + 14;
    } else if (blockType === 0x221) {
      this.blockFlags = 0;
      hdr = off + 10;
    } else {
      return this.atOldBlock(off, blockType);
    }
    this.cpu = dv.getUint16(off + 8, true);
    this.hdr = hdr;
    this.hdrLen = 26;
    const type = dv.getUint16(hdr + 20, true);
    this.type = type;
    const tidHi = dv.getInt32(hdr + 12, true);
    const tidLo = dv.getUint32(hdr + 8, true);
    this.tid = tidHi === 0 ? tidLo : tidHi * 4294967296 + tidLo;
    this.len = dv.getUint32(hdr + 16, true);
    this.nparams = dv.getUint32(hdr + 22, true);
    this.info = EVENTS[type];
    this.lenSize = type === 322 || type === 324 || type === 402 ? 4 : 2;
    this.atParam = -1;
    this.setTime(dv.getUint32(hdr + 4, true), dv.getUint32(hdr, true));
    if (Number.isNaN(this.firstTs)) this.noteFirst();
    return true;
  }

  private noteFirst(): void {
    const info = this.info;
    if (info === undefined || (info.category & EC.INTERNAL) !== 0 || (info.source & EC.METAEVENT) !== 0)
      return;
    this.firstTs = this.ts;
  }

  /** Blocks of the first format (0x204, 0x208 and their pre-release numbers): header without nparams. */
  private atOldBlock(off: number, blockType: number): boolean {
    const dv = this.dv;
    let hdr: number;
    if (blockType === 0x204 || blockType === 0x8010abcd) {
      this.blockFlags = 0;
      hdr = off + 10;
    } else if (blockType === 0x208) {
      this.blockFlags = dv.getUint32(off + 10, true);
      hdr = off + 14;
    } else {
      return false;
    }
    this.cpu = dv.getUint16(off + 8, true);
    this.hdr = hdr;
    this.hdrLen = 22;
    this.type = dv.getUint16(hdr + 20, true);
    const tidHi = dv.getInt32(hdr + 12, true);
    const tidLo = dv.getUint32(hdr + 8, true);
    this.tid = tidHi * 4294967296 + tidLo;
    this.len = dv.getUint32(hdr + 16, true);
    this.info = EVENTS[this.type];
    this.lenSize = 2;
    this.atParam = -1;
    this.nparams = countOldParams(dv, hdr, this.len, this.type);
    this.setTime(dv.getUint32(hdr + 4, true), dv.getUint32(hdr, true));
    if (Number.isNaN(this.firstTs)) this.noteFirst();
    return true;
  }

  /** `ts` of the event of the block at `off`, of a type without flags. The view does not move. */
  timeAt(off: number): number {
    const dv = this.dv;
    return (
      (dv.getUint32(off + 14, true) - this.baseHi) * 4294967296 + dv.getUint32(off + 10, true) - this.baseLo
    );
  }

  private setTime(hi: number, lo: number): void {
    this.ts = (hi - this.baseHi) * 4294967296 + lo - this.baseLo;
  }

  /** Sets the second that `ts` counts from. */
  setBase(sec: number): void {
    this.baseSec = sec;
    const ns = BigInt(sec) * 1000000000n;
    this.baseHi = Number(ns >> 32n) - EARLIER;
    this.baseLo = Number(ns & 0xffffffffn) + EARLIER * 4294967296;
  }

  /** Whole second of the event at block offset `off` of a buffer: what a source calls `setBase` with. */
  static secondOf(dv: DataView, off: number): number {
    const withFlags = [0x208, 0x217, 0x222].includes(dv.getUint32(off, true));
    return Number(dv.getBigUint64(off + (withFlags ? 14 : 10), true) / 1000000000n);
  }

  /** Absolute time of the event, ns since the epoch. */
  get absTs(): bigint {
    return this.dv.getBigUint64(this.hdr, true);
  }

  /** Offset in `bytes` of parameter `i`. Only for i < nparams. */
  paramOffset(i: number): number {
    const dv = this.dv;
    const lens = this.hdr + this.hdrLen;
    let k = this.atParam;
    let off = this.atOffset;
    if (k < 0 || k > i) {
      k = 0;
      off = lens + this.nparams * this.lenSize;
    }
    if (this.lenSize === 2) for (; k < i; k++) off += dv.getUint16(lens + k * 2, true);
    else for (; k < i; k++) off += dv.getUint32(lens + k * 4, true);
    this.atParam = i;
    this.atOffset = off;
    return off;
  }

  /** Stored length in bytes of parameter `i`; 0 when the event has fewer parameters. */
  paramLen(i: number): number {
    if (i >= this.nparams) return 0;
    const lens = this.hdr + this.hdrLen;
    return this.lenSize === 2 ? this.dv.getUint16(lens + i * 2, true) : this.dv.getUint32(lens + i * 4, true);
  }

  /** Parameter `i` as an unsigned 8-bit number. This and the readers below give 0 when the parameter is missing or shorter. */
  u8(i: number): number {
    return this.paramLen(i) < 1 ? 0 : this.dv.getUint8(this.paramOffset(i));
  }

  i8(i: number): number {
    return this.paramLen(i) < 1 ? 0 : this.dv.getInt8(this.paramOffset(i));
  }

  u16(i: number): number {
    return this.paramLen(i) < 2 ? 0 : this.dv.getUint16(this.paramOffset(i), true);
  }

  i16(i: number): number {
    return this.paramLen(i) < 2 ? 0 : this.dv.getInt16(this.paramOffset(i), true);
  }

  u32(i: number): number {
    return this.paramLen(i) < 4 ? 0 : this.dv.getUint32(this.paramOffset(i), true);
  }

  i32(i: number): number {
    return this.paramLen(i) < 4 ? 0 : this.dv.getInt32(this.paramOffset(i), true);
  }

  /** Signed 64-bit value as a double: exact up to 2^53 (fds, pids, results). */
  i64(i: number): number {
    if (this.paramLen(i) < 8) return 0;
    const off = this.paramOffset(i);
    return this.dv.getInt32(off + 4, true) * 4294967296 + this.dv.getUint32(off, true);
  }

  /** Unsigned 64-bit value as a double: exact up to 2^53. */
  u64(i: number): number {
    if (this.paramLen(i) < 8) return 0;
    const off = this.paramOffset(i);
    return this.dv.getUint32(off + 4, true) * 4294967296 + this.dv.getUint32(off, true);
  }

  /** Unsigned 64-bit value, exact. Not for the hot path. */
  big(i: number): bigint {
    return this.paramLen(i) < 8 ? 0n : this.dv.getBigUint64(this.paramOffset(i), true);
  }

  /** A text parameter as a byte string, up to its first NUL. '' when absent. */
  str(i: number): string {
    let len = this.paramLen(i);
    if (len === 0) return '';
    const off = this.paramOffset(i);
    const bytes = this.bytes;
    if (bytes[off + len - 1] === 0) len--;
    const text = bytes.latin1Slice(off, off + len);
    const nul = text.indexOf('\0');
    return nul < 0 ? text : text.slice(0, nul);
  }

  /** The raw bytes of parameter `i`: a view, valid as long as the chunk is. */
  raw(i: number): Buffer {
    const len = this.paramLen(i);
    if (len === 0) return EMPTY;
    const off = this.paramOffset(i);
    return this.bytes.subarray(off, off + len);
  }
}

const EMPTY = Buffer.alloc(0);
