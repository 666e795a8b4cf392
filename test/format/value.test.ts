import { describe, expect, it } from 'vitest';
import { renderValue } from '../../src/format/value.js';
import { PT } from '../../src/scap/events.generated.js';

describe('renderValue', () => {
  it.each([
    [undefined, PT.CHARBUF, 'na', undefined],
    ['text', PT.CHARBUF, 'na', 'text'],
    [255, PT.UINT32, 'hex', 'FF'],
    [0, PT.UINT32, 'oct', '0'],
    [8, PT.UINT32, 'oct', '010'],
    [35, PT.RELTIME, '10_padded_dec', '000000035'],
    [18446744073709551615n, PT.UINT64, 'dec', '18446744073709551615'],
    [-2, PT.INT64, 'dec', '-2'],
    [0.25, PT.DOUBLE, 'dec', '0.3'],
    [1, PT.BOOL, 'na', 'true'],
    [false, PT.BOOL, 'na', 'false'],
    [['file', 'ipv4'], PT.CHARBUF, 'na', '(file,ipv4)'],
    [[], PT.CHARBUF, 'na', '()'],
    [Buffer.from('a\n'), PT.BYTEBUF, 'na', 'a.'],
    [Buffer.alloc(0), PT.BYTEBUF, 'na', ''],
  ])('%o of type %d as %s is %s', (value, type, fmt, text) => {
    expect(renderValue(value, type, fmt)).toBe(text);
  });

  it('shows buffers as the options say', () => {
    expect(renderValue(Buffer.from('ab'), PT.BYTEBUF, 'na', { buffers: 'base64' })).toBe('YWI=');
  });
});
