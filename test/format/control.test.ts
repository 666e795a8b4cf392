import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineBuffer } from '../../src/fields/line_buffer.js';
import { showControls } from '../../src/format/control.js';

function shown(text: string, multiline = false): string {
  const out = new LineBuffer(1);
  out.text('kept\x1b');
  const start = out.pos;
  out.text(text);
  showControls(out, start, multiline);
  expect(out.since(0).startsWith('kept\x1b')).toBe(true);
  return out.since(start);
}

describe('showControls', () => {
  it.each([
    ['plain text', 'plain text'],
    ['a\x1b[31mred', 'a\\x1b[31mred'],
    ['line\nend\r\ttab', 'line\\nend\\r\\ttab'],
    ['bell\x07\x00\x7f', 'bell\\a\\x00\\x7f'],
    // C1 controls, alone and as UTF-8
    ['\x9b31m', '\\x9b31m'],
    ['\xc2\x9b31m', '\\xc2\\x9b31m'],
    // U+202E turns the text around
    ['a\xe2\x80\xaeb', 'a\\xe2\\x80\\xaeb'],
    ['F\xc5\x91tan\xc3\xbas', 'F\xc5\x91tan\xc3\xbas'],
    ['\xe2\x82\xac', '\xe2\x82\xac'],
    ['\xff', '\\xff'],
  ])('%j is %j', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it('lets line ends and tabs of dumps through', () => {
    expect(shown('\n\t0x0000: 61\x1b\n', true)).toBe('\n\t0x0000: 61\\x1b\n');
  });

  it('leaves nothing that a terminal would obey', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (array) => {
        const text = Buffer.from(shown(Buffer.from(array).toString('latin1')), 'latin1').toString('utf8');
        expect(text).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/);
      }),
    );
  });
});
