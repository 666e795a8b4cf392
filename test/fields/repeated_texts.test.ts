import { expect, it } from 'vitest';
import { LineBuffer } from '../../src/fields/line_buffer.js';
import { asItIs, RepeatedTexts } from '../../src/fields/repeated_texts.js';

it('writes every text as it is, however often and for whomever it comes', () => {
  const out = new LineBuffer(16);
  const texts = new RepeatedTexts(asItIs);
  const long = 'x'.repeat(300);
  const order: [text: string, owner: number][] = [
    ['', 1],
    ['', 1],
    ['bash', 1],
    ['bash', 1],
    ['bash', 1],
    // The same place as 1.
    ['sh\xff', 257],
    ['sh\xff', 257],
    ['bash', 1],
    ['bash', 1],
    ['bash', 1],
    [long, -1],
    [long, -1],
    [long, -1],
  ];
  for (const [text, owner] of order) texts.put(out, text, owner);
  expect(out.since(0)).toBe(order.map(([text]) => text).join(''));
});

it('asks for the bytes of a text until it has them, and no longer', () => {
  const out = new LineBuffer(16);
  let asked = 0;
  const texts = new RepeatedTexts((to, text) => {
    asked++;
    to.text(`"${text}"`);
  });
  for (let i = 0; i < 5; i++) texts.put(out, 'a', 7);
  expect([out.since(0), asked]).toEqual(['"a""a""a""a""a"', 2]);
});
