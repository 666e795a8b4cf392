import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineBuffer, Literal, literalCode } from '../../src/fields/line_buffer.js';

function written(write: (out: LineBuffer) => void, size = 4): string {
  const out = new LineBuffer(size);
  write(out);
  return out.since(0);
}

describe('LineBuffer', () => {
  it('writes every whole number as JavaScript does', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (n) => {
        expect(written((out) => out.dec(n))).toBe(String(n));
      }),
    );
    for (const n of [
      0, 9, 10, 99, 100, 2147483647, 2147483648, 4294967295, 9007199254740991, -1, -2147483648,
    ]) {
      expect(written((out) => out.dec(n))).toBe(String(n));
    }
  });

  it('pads fractions to nine digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999999999 }), (n) => {
        expect(written((out) => out.pad9(n))).toBe(String(n).padStart(9, '0'));
      }),
    );
  });

  it('writes 64-bit hexadecimal without leading zeros', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 0xffffffffffffffffn }), (value) => {
        const high = Number(value >> 32n);
        const low = Number(value & 0xffffffffn);
        expect(written((out) => out.hex64(high, low, true))).toBe(value.toString(16).toUpperCase());
        expect(written((out) => out.hex64(high | 0, low | 0, false))).toBe(value.toString(16));
      }),
    );
  });

  it('grows as needed and keeps what was written, short and long texts alike', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 200 })), (texts) => {
        const latin = texts.map((text) => text.replace(/[^\x00-\xff]/gu, '?'));
        expect(
          written((out) => {
            for (const text of latin) out.text(text);
          }),
        ).toBe(latin.join(''));
        const all = Buffer.from(latin.join(''), 'latin1');
        expect(written((out) => out.raw(all, 0, all.length))).toBe(latin.join(''));
      }),
      { numRuns: 30 },
    );
  });

  it('writes texts that were made ready as they are, whatever their length', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 40 })), (texts) => {
        const latin = texts.map((text) => text.replace(/[^\x00-\xff]/gu, '?'));
        expect(
          written((out) => {
            for (const text of latin) out.literal(new Literal(text));
          }),
        ).toBe(latin.join(''));
      }),
    );
  });

  it('generates code that writes a text and nothing else', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    const ascii = fc.string({ unit: 'binary-ascii', maxLength: 40 });
    fc.assert(
      fc.property(fc.oneof(text, ascii), (any) => {
        const latin = any.replace(/[^\x00-\xff]/gu, '?');
        const write = new Function('out', literalCode(latin)) as (out: LineBuffer) => void;
        expect(
          written((out) => {
            out.byte(60);
            write(out);
            out.byte(62);
            write(out);
          }),
        ).toBe(`<${latin}>${latin}`);
      }),
    );
  });

  it('drops what was written last when pos is set back', () => {
    const out = new LineBuffer(2);
    out.text('kept');
    const mark = out.pos;
    out.text('dropped');
    out.pos = mark;
    out.byte(33);
    expect(out.since(0)).toBe('kept!');
  });
});
