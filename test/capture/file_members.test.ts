import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openFile } from '../../src/capture/file.js';
import { CaptureError } from '../../src/scap/capture_error.js';
import { MEMBER_PREFIX, markMember, memberSizes } from '../../src/scap/gzip_member.js';
import { captureDir, fixture, readAll, readFileAll } from './read_all.js';

const tmp = captureDir();
const plain = gunzipSync(readFileSync(fixture('containers-compat.scap.gz')));

/** Marked members of `size` bytes each. */
function members(bytes: Buffer, size: number): Buffer {
  const list: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const raw = bytes.subarray(at, at + size);
    list.push(markMember(gzipSync(raw), raw.length));
  }
  return Buffer.concat(list);
}

describe('members that say their sizes', () => {
  it('are gzip for everybody else', () => {
    expect(gunzipSync(members(plain, 50_000)).equals(plain)).toBe(true);
  });

  it('say them truly', () => {
    const member = members(plain, plain.length);
    expect(memberSizes(member, 0)).toEqual({ packed: member.length, raw: plain.length });
    expect(memberSizes(member.subarray(0, MEMBER_PREFIX - 1), 0)).toBeUndefined();
    expect(memberSizes(gzipSync(plain), 0)).toBeUndefined();
  });

  it.each([1000, 40_000, 1 << 20, 1 << 23])('are read like one (%i bytes each)', async (size) => {
    const expected = await readFileAll(fixture('containers-compat.scap.gz'));
    const part = size === 1000 ? plain.subarray(0, 500_000) : plain;
    const got = await readFileAll(tmp.file('members.gz', members(part, size)));
    const all = Buffer.concat(got.blocks);
    expect(all.length).toBeGreaterThan(400_000);
    expect(all.equals(Buffer.concat(expected.blocks).subarray(0, all.length))).toBe(true);
    if (part === plain) expect(got.error).toBeUndefined();
  });

  it('may be followed by others', async () => {
    const cut = 300_000;
    const path = tmp.file(
      'mixed.gz',
      Buffer.concat([members(plain.subarray(0, cut), 40_000), gzipSync(plain.subarray(cut))]),
    );
    const expected = await readFileAll(fixture('containers-compat.scap.gz'));
    const source = openFile(path);
    const got = await readAll(source);
    expect(got.error).toBeUndefined();
    expect(Buffer.concat(got.blocks).equals(Buffer.concat(expected.blocks))).toBe(true);
    expect(source.progress().done).toBe(source.progress().total);
  });

  it('that are cut give everything before', async () => {
    const packed = members(plain, 100_000);
    const path = tmp.file('cut.gz', packed.subarray(0, packed.length - 300));
    const got = await readFileAll(path);
    expect(got.error).toMatchObject({ kind: 'truncated' });
    expect(Buffer.concat(got.blocks).length).toBeGreaterThan(plain.length * 0.8);
  });

  it('that lie about their sizes are damage, and cost no memory', async () => {
    const packed = members(plain.subarray(0, 200_000), 50_000);
    for (const [raw, size] of [
      [70_000_000, undefined],
      [10, undefined],
      [0, undefined],
      [undefined, 100],
      [undefined, 0xffffffff],
    ]) {
      const bad = Buffer.from(packed);
      if (raw !== undefined) bad.writeUInt32LE(raw, 20);
      if (size !== undefined) bad.writeUInt32LE(size, 16);
      const before = process.memoryUsage().arrayBuffers;
      const got = await readFileAll(tmp.file('lie.gz', bad));
      // Where the sizes make no sense at all, the file is read without them.
      if (got.error !== undefined) expect(got.error).toBeInstanceOf(CaptureError);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40_000_000);
    }
  });

  it('with bytes changed never give anything but CaptureError', async () => {
    const packed = members(plain.subarray(0, 60_000), 15_000);
    let failures = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.noBias(fc.nat(packed.length - 1)),
        fc.integer({ min: 1, max: 255 }),
        async (at, change) => {
          const bytes = Buffer.from(packed);
          bytes[at] ^= change;
          const got = await readFileAll(tmp.file('flip.gz', bytes));
          if (got.error === undefined) return;
          expect(got.error).toBeInstanceOf(CaptureError);
          expect((got.error as Error).message).not.toContain('\n');
          failures++;
        },
      ),
      { numRuns: 150 },
    );
    expect(failures).toBeGreaterThan(100);
  });
});
