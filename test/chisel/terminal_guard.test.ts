import { expect, test } from 'vitest';
import { StringOutput } from '../../src/chisel/output.js';
import { GuardedOutput } from '../../src/chisel/terminal_guard.js';

const shown = (text: string): string => {
  const out = new StringOutput();
  new GuardedOutput(out).write(text);
  return out.text;
};

test.each([
  ['plain text\n\ttab', 'plain text\n\ttab'],
  ['\x1b[31mred\x1b[0m \x1b[2J\x1b[1;1H\x1b[?25l', '\x1b[31mred\x1b[0m \x1b[2J\x1b[1;1H\x1b[?25l'],
  ['\x1b]0;title\x07', '\\x1b]0;title\\a'],
  ['\x1b[6n\x1b[c\x1bP1$r', '\\x1b[6n\\x1b[c\\x1bP1$r'],
  ['\rprogress\r', '\rprogress\r'],
  ['one\r\ntwo', 'one\r\ntwo'],
  ['hidden\rshown', 'hidden\\rshown'],
  ['a\x00b\x7f', 'a\\x00b\\x7f'],
  ['gr\xc3\xbc\xc3\x9fe', 'gr\xc3\xbc\xc3\x9fe'],
  ['\xc2\x9b31m', '\\xc2\\x9b31m'],
  ['\xff\xfe', '\\xff\\xfe'],
  ['\x1b[31m\x1b]52;c;x\x07', '\x1b[31m\\x1b]52;c;x\\a'],
])('%j', (text, safe) => expect(shown(text)).toBe(safe));
