import { describe, expect, it } from 'vitest';
import { Block } from '../../src/scap/blocks.js';
import { BodyCursor } from '../../src/scap/body_cursor.js';
import { GrowingBuffer } from '../../src/scap/growing_buffer.js';
import { block, HeadBytes } from '../../src/scap/head_bytes.js';
import { StoredFds } from '../../src/scap/stored_fds.js';

/** Entries of pipes, as a capture stores them. */
function list(tid: number, fds: number): StoredFds {
  const out = new GrowingBuffer();
  out.u64(tid);
  for (let fd = 0; fd < fds; fd++) {
    out.u32(30);
    out.u64(fd);
    out.u64(tid);
    out.u8(7);
    out.string('pipe:[7]'.slice(0, 7), 100);
  }
  const bytes = Buffer.from(out.done());
  return new StoredFds(new BodyCursor(bytes, 0, bytes.length, 0, 'fd list'), 2);
}

/** Whole blocks up to the end of `bytes`: type and length of each. */
function blocksOf(bytes: Buffer): [number, number][] {
  const blocks: [number, number][] = [];
  for (let at = 0; at < bytes.length; ) {
    const total = bytes.readUInt32LE(at + 4);
    expect(bytes.readUInt32LE(at + total - 4)).toBe(total);
    blocks.push([bytes.readUInt32LE(at), total]);
    at += total;
  }
  return blocks;
}

describe('an encoded head', () => {
  it('comes in pieces of whole blocks, stored lists where they were put', () => {
    const out = new GrowingBuffer();
    const head = new HeadBytes(out);
    const copied = new GrowingBuffer();
    for (const to of [out, copied]) block(to, Block.MACHINE, () => to.zeros(40));
    for (let tid = 1; tid <= 300; tid++) {
      const fds = list(tid, tid % 97);
      const encode = (to: GrowingBuffer): void =>
        block(to, Block.FDS, () => {
          to.u64(tid);
          to.raw(fds.bytes);
        });
      encode(copied);
      if (tid % 3 === 0) encode(out);
      else head.addFds(tid, fds);
    }
    const pieces = Array.from(head.pieces(), (piece) => Buffer.from(piece));
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.flatMap(blocksOf).length).toBe(301);
    expect(Buffer.concat(pieces).equals(copied.done())).toBe(true);
    expect(head.whole().equals(copied.done())).toBe(true);
  });
});
