import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { LineBuffer } from '../../src/fields/line_buffer.js';
import { FIELD_CLASSES } from '../../src/fields/registry.js';
import { compileJsonTemplate } from '../../src/format/json.js';
import { compileTemplate, templateOf } from '../../src/format/template.js';
import { CaptureError } from '../../src/scap/capture_error.js';
import { replay } from '../conformance/replay.js';

const directory = mkdtempSync(join(tmpdir(), 'tsdig-damaged-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A small generator, so that a failure can be repeated from its seed. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

/** Offset of each event block. */
function eventBlocks(bytes: Buffer): number[] {
  const found: number[] = [];
  for (let off = 0; off + 12 <= bytes.length; off += bytes.readUInt32LE(off + 4)) {
    if (bytes.readUInt32LE(off) === 0x216) found.push(off);
  }
  return found;
}

const EXAMPLES: Readonly<Record<string, string>> = {
  'evt.arg': '.res',
  'evt.rawarg': '.res',
  'evt.type.is': '.open',
  'proc.aenv': '[PATH]',
};

const everyField = `*%evt.num ${FIELD_CLASSES.flatMap((group) => group.fields)
  .filter((def) => !def.filterOnly)
  .map((def) => `%${def.name}${EXAMPLES[def.name] ?? (def.argument === 'required' ? '[0]' : '')}`)
  .join(' ')}`;

describe('damaged events', () => {
  const whole = gunzipSync(readFileSync(resolve(import.meta.dirname, '../fixtures/http.scap.gz')));
  const all = eventBlocks(whole);
  const end = all[1500];

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('are printed or refused, never thrown at: seed %i', async (seed) => {
    const bytes = Buffer.from(whole.subarray(0, end));
    const next = random(seed);
    for (let i = 0; i < 400; i++) {
      const block = all[Math.floor(next() * 1500)];
      const size = bytes.readUInt32LE(block + 4);
      // Behind the block's header and its time: type, counts, lengths, parameters.
      const at = block + 18 + Math.floor(next() * (size - 22));
      bytes[at] = next() < 0.5 ? 255 : Math.floor(next() * 256);
    }
    const path = join(directory, `${seed}.scap`);
    writeFileSync(path, bytes);
    for (const template of [
      compileTemplate(templateOf('c')),
      compileTemplate(everyField, { buffers: 'hexascii' }),
      compileJsonTemplate(everyField),
    ]) {
      const out = new LineBuffer();
      let lines = 0;
      try {
        await replay(path, {
          onEvent(ev, machine) {
            out.pos = 0;
            if (template.write(out, ev, machine)) lines++;
          },
        });
      } catch (error) {
        expect(error).toBeInstanceOf(CaptureError);
      }
      expect(lines).toBeGreaterThan(0);
    }
  });
});
