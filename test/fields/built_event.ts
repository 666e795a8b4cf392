import { EventView } from '../../src/event/view.js';
import { EF, EVENTS } from '../../src/scap/events.generated.js';

/** Parameters by hand. Numbers are little endian, as in captures. */
export const bytes = {
  u8: (value: number): Buffer => Buffer.from([value]),
  u16: (value: number): Buffer => {
    const b = Buffer.alloc(2);
    b.writeUInt16LE(value & 0xffff);
    return b;
  },
  u32: (value: number): Buffer => {
    const b = Buffer.alloc(4);
    b.writeUInt32LE(value >>> 0);
    return b;
  },
  i64: (value: number | bigint): Buffer => {
    const b = Buffer.alloc(8);
    b.writeBigInt64LE(BigInt.asIntN(64, BigInt(value)));
    return b;
  },
  text: (value: string): Buffer => Buffer.from(`${value}\0`, 'latin1'),
  raw: (value: string): Buffer => Buffer.from(value, 'latin1'),
  none: (): Buffer => Buffer.alloc(0),
};

export interface BuiltOptions {
  readonly ts?: bigint;
  readonly tid?: number;
  readonly cpu?: number;
}

/** One event block. */
export function eventBlock(type: number, params: readonly Buffer[], options: BuiltOptions = {}): Buffer {
  const large = ((EVENTS[type]?.flags ?? 0) & EF.LARGE_PAYLOAD) !== 0;
  const lengths = params.map((param) => (large ? bytes.u32(param.length) : bytes.u16(param.length)));
  const payload = Buffer.concat([...lengths, ...params]);
  const body = Buffer.alloc(2 + 26);
  body.writeUInt16LE(options.cpu ?? 0, 0);
  body.writeBigUInt64LE(options.ts ?? 1795244784265128132n, 2);
  body.writeBigInt64LE(BigInt(options.tid ?? 100), 10);
  body.writeUInt32LE(26 + payload.length, 18);
  body.writeUInt16LE(type, 22);
  body.writeUInt32LE(params.length, 24);
  const inner = Buffer.concat([body, payload]);
  const padding = Buffer.alloc((4 - (inner.length % 4)) % 4);
  const total = inner.length + padding.length + 12;
  return Buffer.concat([
    bytes.u32(large ? 0x221 : 0x216),
    bytes.u32(total),
    inner,
    padding,
    bytes.u32(total),
  ]);
}

/** A view on one event of its own. */
export function builtEvent(type: number, params: readonly Buffer[], options: BuiltOptions = {}): EventView {
  const block = eventBlock(type, params, options);
  const view = new EventView();
  const dv = new DataView(block.buffer, block.byteOffset, block.length);
  view.attach(block, dv);
  view.setBase(EventView.secondOf(dv, 0));
  view.at(0);
  view.num = 1;
  return view;
}
