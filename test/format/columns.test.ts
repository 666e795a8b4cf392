import { describe, expect, it } from 'vitest';
import { columnsOf, fitColumns } from '../../src/format/columns.js';

const fitted = (text: string, width: number): [string, number] => {
  const bytes = Buffer.from(text, 'utf8');
  const { end, used } = fitColumns(bytes, 0, bytes.length, width);
  return [bytes.utf8Slice(0, end), used];
};

describe('columns of a terminal', () => {
  it('are two for wide characters, none for marks, one for the others', () => {
    expect([...'aé日한🚀'].map((char) => columnsOf(char.codePointAt(0) ?? 0))).toEqual([1, 1, 2, 2, 2]);
    expect(columnsOf(0x301)).toBe(0);
  });

  it.each([
    ['plain', 3, ['pla', 3]],
    ['日本語', 5, ['日本', 4]],
    ['日本語', 6, ['日本語', 6]],
    ['é́x', 2, ['é́x', 2]],
    ['🚀🚀', 3, ['🚀', 2]],
    ['', 4, ['', 0]],
  ])('%s in %i', (text, width, expected) => {
    expect(fitted(text, width)).toEqual(expected);
  });

  it('takes bytes that are no UTF-8 without going wrong', () => {
    const bytes = Uint8Array.from([0x61, 0x80, 0xff, 0xe6, 0x62]);
    expect(fitColumns(bytes, 0, 5, 10).end).toBe(5);
  });
});
