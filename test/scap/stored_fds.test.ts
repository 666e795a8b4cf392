import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodyCursor } from '../../src/scap/body_cursor.js';
import { CaptureError } from '../../src/scap/capture_error.js';
import { checkFd, decodeFd } from '../../src/scap/decode_fds.js';
import { checkProcess, decodeProcess } from '../../src/scap/decode_processes.js';
import { ListedTexts } from '../../src/scap/listed_texts.js';

/** Where `read` ends, or that it fails. */
function endOf(bytes: Buffer, read: (c: BodyCursor) => void): number | 'damaged' {
  const c = new BodyCursor(bytes, 0, bytes.length, 0, 'list');
  try {
    read(c);
    return c.pos;
  } catch (error) {
    if (error instanceof CaptureError) return 'damaged';
    throw error;
  }
}

/** Small lengths are frequent, so that whole entries come about. */
const bytes = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 255 })), {
    maxLength: 400,
  })
  .map((list) => Buffer.from(list));

describe('going over an entry without decoding it', () => {
  it('ends, or fails, where decoding does: fds', () => {
    let whole = 0;
    fc.assert(
      fc.property(bytes, fc.integer({ min: 0, max: 24 }), fc.constantFrom(1, 2), (list, type, version) => {
        const entry = Buffer.concat([
          Buffer.alloc(16),
          Buffer.of(type),
          list,
          Buffer.alloc((list.length * 13) % 50),
        ]);
        const end = endOf(entry, (c) => decodeFd(c, version));
        if (end !== 'damaged') whole++;
        expect(endOf(entry, (c) => checkFd(c, version))).toBe(end);
      }),
      { numRuns: 2000 },
    );
    expect(whole).toBeGreaterThan(200);
  });

  it('fails where decoding does: processes of every version', () => {
    let whole = 0;
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 9 }), (list, version) => {
        const padded = Buffer.concat([list, Buffer.alloc(list.length % 3 === 0 ? 0 : 300)]);
        const end = endOf(padded, (c) => decodeProcess(c, version, new ListedTexts()));
        if (end !== 'damaged') whole++;
        const checked = endOf(padded, (c) => checkProcess(c, version));
        // What version 9 adds may be missing, and ends with the entry.
        if (version === 9) expect(checked === 'damaged').toBe(end === 'damaged');
        else expect(checked).toBe(end);
      }),
      { numRuns: 2000 },
    );
    expect(whole).toBeGreaterThan(200);
  });
});
