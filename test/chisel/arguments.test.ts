import { describe, expect, test } from 'vitest';
import { matchArguments, splitArguments } from '../../src/chisel/arguments.js';

const arg = (name: string, optional = false, type = 'string') => ({ name, description: '', type, optional });

describe('splitting', () => {
  test.each([
    ['a b', ['a', 'b']],
    ["'a b' c", ['a b', 'c']],
    ['`evt.type=open and x` 5', ['evt.type=open and x', '5']],
    ["  a\t b ''", ['a', 'b', '']],
    ["it's 'quoted", ['its quoted']],
    ['', []],
  ])('%j', (text, words) => expect(splitArguments(text)).toEqual(words));
});

describe('matching', () => {
  test('values go to the arguments in their order', () => {
    expect(matchArguments('c', [arg('a', true), arg('b')], 'x y')).toEqual([
      { name: 'a', value: 'x' },
      { name: 'b', value: 'y' },
    ]);
  });

  test('a last argument that is a filter takes all that is left', () => {
    expect(
      matchArguments('c', [arg('a'), arg('f', true, 'filter')], '1 evt.type=open or evt.type=close'),
    ).toEqual([
      { name: 'a', value: '1' },
      { name: 'f', value: 'evt.type=open or evt.type=close' },
    ]);
  });

  test('too few and too many are told apart', () => {
    const two = [arg('a'), arg('b'), arg('c', true)];
    expect(() => matchArguments('x', two, undefined)).toThrow('missing arguments for chisel x: it needs a b');
    expect(() => matchArguments('x', two, '1')).toThrow(
      'wrong number of parameters for chisel x, 2 required, 1 given',
    );
    expect(() => matchArguments('x', two, '1 2 3 4')).toThrow(
      'too many parameters for chisel x, 2 required, 1 optional, 4 given',
    );
    expect(matchArguments('x', [arg('o', true)], undefined)).toEqual([]);
  });
});
