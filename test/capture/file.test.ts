import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openBytes, openFile } from '../../src/capture/file.js';
import { CaptureError } from '../../src/scap/capture_error.js';
import { encodeEvent } from '../../src/scap/encode_event.js';
import { PPME } from '../../src/scap/events.generated.js';
import { block, bytes, prereleaseCapture, section } from '../scap/old_capture.js';
import { mkfifoSync } from './fifo.js';
import { captureDir, fixture, readAll, readFileAll } from './read_all.js';

const tmp = captureDir();
const packed = readFileSync(fixture('containers-compat.scap.gz'));
const plain = gunzipSync(packed);

/** The blocks of a capture, by an independent walk. */
function blocksOf(capture: Buffer): Buffer[] {
  const list: Buffer[] = [];
  for (let off = 0; off < capture.length; ) {
    const total = capture.readUInt32LE(off + 4);
    list.push(capture.subarray(off, off + total));
    off += total;
  }
  return list;
}

const EVENT_TYPES = [0x216, 0x217, 0x221, 0x222];
const eventBlocks = blocksOf(plain).filter((b) => EVENT_TYPES.includes(b.readUInt32LE(0)));
const eventBytes = Buffer.concat(eventBlocks);

const close = (ts: bigint, fd: number): Buffer => encodeEvent(PPME.SYSCALL_CLOSE_E, { ts, tid: 7 }, [fd]);

async function expectError(path: string): Promise<CaptureError> {
  const { error } = await readFileAll(path);
  expect(error).toBeInstanceOf(CaptureError);
  const found = error as CaptureError;
  expect(found.message).toContain(path);
  expect(found.message).not.toContain('\n');
  return found;
}

describe('what is delivered', () => {
  it('is every event block of a plain file, byte for byte', async () => {
    const got = await readFileAll(tmp.file('plain.scap', plain));
    expect(got.error).toBeUndefined();
    expect(got.heads).toHaveLength(1);
    expect(got.blocks).toHaveLength(eventBlocks.length);
    expect(Buffer.concat(got.blocks).equals(eventBytes)).toBe(true);
  });

  it.each([100, 1000, 4096, 65536])(
    'does not depend on the size of the reads (%i bytes)',
    async (readSize) => {
      const got = await readFileAll(tmp.file('plain.scap', plain), { readSize });
      expect(got.error).toBeUndefined();
      expect(Buffer.concat(got.blocks).equals(eventBytes)).toBe(true);
      expect(got.heads[0].processes.length).toBeGreaterThan(0);
    },
  );

  it.each([64, 1000, 65536])('is the same from a gzip file (pieces of %i bytes)', async (inflateSize) => {
    const got = await readFileAll(fixture('containers-compat.scap.gz'), { inflateSize });
    expect(got.error).toBeUndefined();
    expect(Buffer.concat(got.blocks).equals(eventBytes)).toBe(true);
  });

  it('is the same from several gzip members, cut anywhere', async () => {
    const cuts = [0, 1, 5000, 5001, 777_777, plain.length];
    const members = cuts.slice(1).map((cut, i) => gzipSync(plain.subarray(cuts[i], cut)));
    const got = await readFileAll(tmp.file('members.gz', Buffer.concat(members)));
    expect(got.error).toBeUndefined();
    expect(Buffer.concat(got.blocks).equals(eventBytes)).toBe(true);
  });

  it('is recognised by content, not by name', async () => {
    const got = await readFileAll(tmp.file('named.scap', packed));
    expect(got.blocks).toHaveLength(eventBlocks.length);
  });

  it('has a head per section', async () => {
    const path = tmp.file('twice.scap', Buffer.concat([plain, plain, section(2), close(5n, 1)]));
    const got = await readFileAll(path);
    expect(got.error).toBeUndefined();
    expect(got.heads).toHaveLength(3);
    expect(got.heads[1].processes.map((p) => p.tid)).toEqual(got.heads[0].processes.map((p) => p.tid));
    expect(got.heads[2].processes).toEqual([]);
    expect(got.blocks).toHaveLength(2 * eventBlocks.length + 1);
  });

  it('reports progress to the end', async () => {
    const path = tmp.file('plain.scap', plain);
    const source = openFile(path);
    expect(source.progress()).toEqual({ done: 0, total: plain.length });
    await readAll(source);
    expect(source.progress()).toEqual({ done: plain.length, total: plain.length });
  });

  it('ends when it is stopped, without an error', async () => {
    const source = openFile(tmp.file('plain.scap', plain), { readSize: 1000 });
    await source.next();
    await source.next();
    source.stop();
    source.stop();
    expect(await source.next()).toBeNull();
    source.close();
    source.close();
  });
});

describe('pipes', () => {
  it('are read like files, plain and compressed, also a byte at a time', async () => {
    for (const [content, step] of [
      [plain, 65536],
      [packed, 65536],
      [prereleaseCapture(), 1],
      [gzipSync(prereleaseCapture()), 1],
    ] as const) {
      const path = mkfifoSync(tmp.dir);
      const writer = (async () => {
        const out = await open(path, 'w');
        for (let i = 0; i < content.length; i += step) await out.write(content.subarray(i, i + step));
        await out.close();
      })();
      // Opening a fifo waits for the writer: both ends are opened by this process, so read and write first.
      const keep = await open(path, 'r+');
      const source = openFile(path);
      const read = readAll(source);
      await writer;
      await keep.close();
      const got = await read;
      expect(got.error).toBeUndefined();
      expect(got.blocks.length).toBe(content.length < 5000 ? 7 : eventBlocks.length);
    }
  });

  it('end at once when they are stopped while they wait', async () => {
    const path = mkfifoSync(tmp.dir);
    const keep = await open(path, 'r+');
    const source = openFile(path);
    const pending = source.next();
    setTimeout(() => source.stop(), 20);
    expect(await pending).toBeNull();
    source.close();
    await keep.close();
  });
});

describe('what is not known', () => {
  it('is skipped and counted: blocks among the metadata and among the events', async () => {
    const unknown = block(0x0bad, Buffer.alloc(300, 7));
    const big = block(0x7777, Buffer.alloc(900_000, 1));
    const path = tmp.file(
      'unknown.scap',
      Buffer.concat([section(2), unknown, close(1n, 1), unknown, big, close(2n, 2), close(3n, 3), unknown]),
    );
    for (const readSize of [100, 512 * 1024]) {
      const got = await readFileAll(path, { readSize });
      expect(got.error).toBeUndefined();
      expect(got.skipped).toBe(4);
      expect(got.blocks).toHaveLength(3);
    }
  });

  it('does not lose the events around an event that contradicts itself', async () => {
    const bad = Buffer.from(close(2n, 2));
    bad.writeUInt16LE(9999, 10 + 26); // the parameter's length
    const worse = Buffer.from(close(2n, 2));
    worse.writeUInt32LE(0xffffffff, 10 + 22); // the number of parameters
    const longer = Buffer.from(close(2n, 2));
    longer.writeUInt32LE(5000, 10 + 16); // the event's length
    const path = tmp.file(
      'bad-event.scap',
      Buffer.concat([section(2), close(1n, 1), bad, worse, longer, close(3n, 3)]),
    );
    const got = await readFileAll(path);
    expect(got.error).toBeUndefined();
    expect(got.blocks).toHaveLength(2);
    expect(got.skipped).toBe(3);
  });

  it('is passed on if only the event type is unknown', async () => {
    const event = Buffer.from(close(1n, 1));
    event.writeUInt16LE(60000, 10 + 20);
    const got = await readFileAll(tmp.file('type.scap', Buffer.concat([section(2), event])));
    expect(got.blocks).toHaveLength(1);
  });
});

describe('what is wrong', () => {
  it('is named at once when the file cannot be opened', () => {
    expect(() => openFile('/proc/nonexistent/x.scap')).toThrow(
      'cannot open /proc/nonexistent/x.scap: no such file',
    );
    expect(() => openFile(tmp.dir)).toThrow('is a directory');
  });

  it('is a file that is no capture', async () => {
    expect((await expectError(tmp.file('text', Buffer.from('hello, world')))).message).toContain(
      'not a system call capture (.scap): it starts with the bytes 68656c6c',
    );
    expect((await expectError(tmp.file('empty', Buffer.alloc(0)))).message).toContain('the file is empty');
    expect((await expectError(tmp.file('short', Buffer.from([10])))).kind).toBe('truncated');
    const swapped = section(2, 1, 0x4d3c2b1a);
    expect((await expectError(tmp.file('swapped', swapped))).message).toContain('big-endian');
    expect((await expectError(tmp.file('v2', section(0, 2)))).message).toContain('version 2.0');
  });

  it('is a capture without events, and a network capture', async () => {
    const none = await expectError(tmp.file('none', section(2)));
    expect([none.kind, none.offset]).toEqual(['empty', 28]);
    const pcapng = Buffer.concat([section(0), block(1, bytes().u32(1, 0)), block(6, Buffer.alloc(32))]);
    expect((await expectError(tmp.file('pcapng', pcapng))).message).toContain('network capture');
  });

  it('is a cut, wherever it is: everything before comes, then the place', async () => {
    const whole = Buffer.concat([section(2), ...eventBlocks.slice(10, 40)]);
    const ends: number[] = [28];
    for (const b of eventBlocks.slice(10, 40)) ends.push(ends.at(-1)! + b.length);
    for (let cut = 29; cut < whole.length; cut++) {
      const before = ends.filter((end) => end <= cut).length - 1;
      const at = ends[before];
      const got = await readAll(openBytes(whole.subarray(0, cut), { readSize: 333 }));
      expect(got.blocks).toHaveLength(before);
      if (cut === at) {
        expect(got.error).toBeUndefined();
        continue;
      }
      expect(got.error).toMatchObject({ name: 'CaptureError', kind: 'truncated', offset: at });
      expect((got.error as Error).message).toMatch(
        /truncated at byte \d+: a block needs \d+ bytes, \d+ are there/,
      );
    }
  });

  it('is a cut gzip file: everything that can be inflated comes first', async () => {
    for (const part of [0.1, 0.5, 0.9, 0.999]) {
      const cut = Math.floor(packed.length * part);
      const got = await readFileAll(tmp.file('cut.gz', packed.subarray(0, cut)));
      expect(got.error).toMatchObject({ name: 'CaptureError', kind: 'truncated' });
      // Deflate works in blocks of some 10 KB of compressed data: all but the last of them come out.
      expect(got.blocks.length).toBeGreaterThan(eventBlocks.length * part * 0.5 - 2000);
      const all = Buffer.concat(got.blocks);
      expect(all.equals(eventBytes.subarray(0, all.length))).toBe(true);
    }
  });

  it('is a cut gzip trailer, though no block is cut', async () => {
    const got = await readFileAll(tmp.file('trailer.gz', packed.subarray(0, packed.length - 6)));
    expect(got.blocks).toHaveLength(eventBlocks.length);
    expect(got.error).toMatchObject({ kind: 'truncated' });
  });

  it('is damage in gzip data', async () => {
    const bad = Buffer.from(packed);
    bad.fill(0xff, 150_000, 150_020);
    const got = await readFileAll(tmp.file('bad.gz', bad));
    expect(got.error).toMatchObject({ name: 'CaptureError' });
    // What the sound part holds for sure: all but the last block of deflate.
    const sound = gunzipSync(packed.subarray(0, 149_000), { finishFlush: constants.Z_SYNC_FLUSH });
    const all = Buffer.concat(got.blocks);
    expect(all.length).toBeGreaterThan(sound.length * 0.9 - 4096);
    expect(all.equals(eventBytes.subarray(0, all.length))).toBe(true);
  });

  it('is something else behind the gzip data: everything before comes', async () => {
    for (const surplus of [Buffer.from('not gzip'), plain]) {
      const got = await readFileAll(tmp.file('surplus.gz', Buffer.concat([packed, surplus])));
      expect(got.error).toMatchObject({ name: 'CaptureError', kind: 'damaged' });
      expect(got.blocks.length).toBeGreaterThanOrEqual(eventBlocks.length - 1);
    }
  });

  it('is a capture in the other byte order', async () => {
    const section = Buffer.alloc(28);
    section.writeUInt32BE(0x0a0d0d0a, 0);
    section.writeUInt32BE(28, 4);
    section.writeUInt32BE(0x1a2b3c4d, 8);
    section.writeUInt32BE(28, 24);
    const got = await readFileAll(tmp.file('big.scap', Buffer.concat([section, Buffer.alloc(100)])));
    expect(got.error).toMatchObject({ kind: 'format', message: expect.stringContaining('big-endian') });
  });

  it('is a device without anything, gzip of nothing, and a file below a file', async () => {
    const empty = expect.objectContaining({ message: expect.stringContaining('the file is empty') });
    expect((await readFileAll('/dev/null')).error).toEqual(empty);
    expect((await readFileAll(tmp.file('nothing.gz', gzipSync('')))).error).toEqual(empty);
    expect(() => openFile(`${tmp.file('plain', Buffer.from('x'))}/below`)).toThrow('not a directory');
  });

  it('is a block whose end does not repeat its length', async () => {
    const bad = Buffer.from(close(2n, 2));
    bad.writeUInt32LE(4, bad.length - 4);
    const first = close(1n, 1);
    const path = tmp.file('trailer.scap', Buffer.concat([section(2), first, bad, close(3n, 3)]));
    const got = await readFileAll(path);
    expect(got.blocks).toHaveLength(1);
    expect(got.error).toMatchObject({ kind: 'damaged', offset: 28 + first.length });
  });

  it('is a length that nobody can mean, without memory for it', async () => {
    for (const type of [0x216, 0x215, 0x4242]) {
      const lie = bytes().u32(type, 0xfffffff0).raw(Buffer.alloc(100)).get();
      const before = process.memoryUsage().arrayBuffers;
      const got = await readFileAll(tmp.file('lie.scap', Buffer.concat([section(2), close(1n, 1), lie])));
      expect(got.blocks).toHaveLength(1);
      expect(got.error).toMatchObject({ offset: 28 + close(1n, 1).length });
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8_000_000);
    }
  });
});

describe('files over 4 GiB', () => {
  it('are read to the end, by offsets that do not fit 32 bits', async () => {
    // A sparse file: one unknown block of 4 GiB less a little, then events. Only its ends are on the disk.
    const path = `${tmp.dir}/huge.scap`;
    const head = Buffer.concat([section(2), close(1n, 1)]);
    const total = 0xfffffff0;
    const out = await open(path, 'w');
    await out.write(head, 0, head.length, 0);
    await out.write(bytes().u32(0x4242, total).get(), 0, 8, head.length);
    await out.write(bytes().u32(total).get(), 0, 4, head.length + total - 4);
    const end = head.length + total;
    const tail = Buffer.concat([close(2n, 2), close(3n, 3), Buffer.from([1, 2, 3])]);
    await out.write(tail, 0, tail.length, end);
    await out.close();
    const got = await readFileAll(path, { readSize: 16 * 1024 * 1024 });
    expect(got.blocks).toHaveLength(3);
    expect(got.skipped).toBe(1);
    expect((got.error as CaptureError).offset).toBe(end + tail.length - 3);
  });
});
