import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { openFile } from '../../src/capture/file.js';
import type { EventChunk, Source } from '../../src/capture/source.js';
import { Verdict } from '../../src/event/scan_codes.js';
import { verdictOn } from '../../src/event/wanted.js';
import { captureDir } from './read_all.js';

const CAPTURE = join(import.meta.dirname, '../fixtures/http.scap.gz');

/** What a run sees of a capture. */
interface Seen {
  heads: number;
  events: number;
  /** Number and bytes of each wanted event. */
  wanted: string[];
  /** Chunks that came with a list. */
  listed: number;
  skipped: number;
  error: unknown;
}

/** Generic events of some calls and reads are wanted. */
function wantedEvents(): Uint8Array {
  const wanted = new Uint8Array(2 * 65536);
  for (const type of [6, 7]) wanted[type] = 1;
  for (const type of [0, 1]) wanted[type] = Verdict.BY_CODE;
  for (let code = 0; code < 65536; code += 3) wanted[65536 + code] = 1;
  return wanted;
}

function note(seen: Seen, chunk: EventChunk, wanted: Uint8Array): void {
  const { dv, bytes, list } = chunk;
  const take = (off: number, number: number): void => {
    const block = bytes.toString('latin1', off, off + dv.getUint32(off + 4, true));
    seen.wanted.push(`${number} ${block}`);
  };
  if (list !== undefined) {
    seen.listed++;
    for (let i = 0; i < list.length; i++) take(list.offsets[i], seen.events + list.ordinals[i]);
    seen.events += list.events;
    return;
  }
  for (let off = chunk.start; off < chunk.end; off += dv.getUint32(off + 4, true)) {
    if (dv.getUint32(off, true) !== 0x216 || verdictOn(wanted, dv, off) !== 0) take(off, seen.events);
    seen.events++;
  }
}

/** Reads to the end; from the first chunk on with a list, if that is wanted. */
async function read(source: Source, listed: boolean): Promise<Seen> {
  const seen: Seen = { heads: 0, events: 0, wanted: [], listed: 0, skipped: 0, error: undefined };
  const wanted = wantedEvents();
  try {
    for (;;) {
      const item = await source.next();
      if (item === null) break;
      if (item.kind === 'head') {
        seen.heads++;
        continue;
      }
      note(seen, item, wanted);
      if (listed) source.narrow?.(wanted);
    }
  } catch (error) {
    seen.error = error;
  }
  seen.skipped = source.skipped;
  source.close();
  return seen;
}

describe('chunks with a list', () => {
  const scratch = captureDir();
  let section: Buffer;
  let files = 0;
  const scratchFile = (bytes: Buffer): string => scratch.file(`${files++}.scap`, bytes);

  beforeAll(() => {
    section = gunzipSync(readFileSync(CAPTURE));
  });

  async function both(bytes: Buffer): Promise<[Seen, Seen]> {
    const path = scratchFile(bytes);
    return [
      await read(openFile(path, { readSize: 65536 }), false),
      await read(openFile(path, { readSize: 65536 }), true),
    ];
  }

  it('have the same events under the same numbers', async () => {
    const [alone, listed] = await both(section);
    expect(listed.listed).toBeGreaterThan(3);
    expect(alone.listed).toBe(0);
    expect(alone.wanted.length).toBeGreaterThan(50);
    expect({ ...listed, listed: 0 }).toEqual(alone);
  });

  it('leave out unknown blocks, and begin anew with a further section', async () => {
    const unknown = Buffer.alloc(40, 7);
    unknown.writeUInt32LE(0x7777, 0);
    unknown.writeUInt32LE(40, 4);
    unknown.writeUInt32LE(40, 36);
    const [alone, listed] = await both(Buffer.concat([section, unknown, section]));
    expect(listed.heads).toBe(2);
    expect(listed.skipped).toBe(1);
    expect({ ...listed, listed: 0 }).toEqual(alone);
  });

  it('a cut and a damaged file end with the same error at the same byte', async () => {
    const cut = section.subarray(0, section.length - 11);
    const damaged = Buffer.from(section);
    damaged.fill(0xff, section.length - 5000, section.length - 4900);
    for (const bytes of [cut, damaged]) {
      const [alone, listed] = await both(bytes);
      expect(listed.listed).toBeGreaterThan(3);
      expect(String(listed.error)).toBe(String(alone.error));
      expect({ ...listed, listed: 0, error: 0 }).toEqual({ ...alone, error: 0 });
    }
  });
});
