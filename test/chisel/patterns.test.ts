import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Matcher } from '../../src/chisel/lua/pattern.js';
import { regexOf } from '../../src/chisel/lua/pattern_regex.js';
import { LuaError } from '../../src/chisel/lua/value.js';
import { printed } from './engines.js';

/** The first match by the matcher: start, end, captures. */
function byMatcher(pattern: string, text: string, init: number): unknown {
  const anchored = pattern.startsWith('^');
  const m = new Matcher(text, pattern);
  for (let at = init; at <= text.length; at++) {
    const end = m.match(at, anchored ? 1 : 0);
    if (end >= 0) return [at, end, ...Array.from({ length: m.level }, (_, i) => m.capture(i, at, end))];
    if (anchored) break;
  }
  return null;
}

const item = fc.constantFrom(
  ...[
    'a',
    'b',
    '.',
    '%a',
    '%d',
    '%s',
    '%w',
    '%W',
    '[ab]',
    '[^a]',
    '[%d_-]',
    '[a-c]',
    '[]x]',
    '[^%s]',
    '%.',
    '%%',
    ' ',
    '1',
    '$',
    '-',
    '[a^]',
  ],
);
const piece = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(item, fc.constantFrom('', '', '*', '+', '-', '?')).map(([i, q]) => i + q),
  },
  { weight: 1, arbitrary: fc.constantFrom('(', ')', '(a*)', '(%w+)', '%1', '(.-)') },
);
const pattern = fc
  .tuple(fc.constantFrom('', '', '^'), fc.array(piece, { maxLength: 6 }), fc.constantFrom('', '', '$'))
  .map(([a, pieces, z]) => a + pieces.join('') + z);
const text = fc
  .array(fc.constantFrom('a', 'b', 'c', '1', ' ', '-', '.', '\n', '\0', '\xff', '_'), { maxLength: 12 })
  .map((l) => l.join(''));

describe('patterns', () => {
  test('the regular expression of a pattern matches what the matcher matches', () => {
    fc.assert(
      fc.property(pattern, text, fc.nat(5), (p, s, i) => {
        const re = regexOf(p);
        if (re === null) return;
        const init = Math.min(i, s.length);
        re.lastIndex = init;
        const m = re.exec(s);
        const found = m === null ? null : [m.index, m.index + m[0].length, ...m.slice(1)];
        expect(found).toEqual(byMatcher(p, s, init));
      }),
      { numRuns: 3000 },
    );
  });

  test('most patterns have one', () => {
    for (const p of ['^(%u+) (%g+)', 'Host: (%g+)%.%.', '%s*(.-)%s*$', '[^,]+', '(%d+)-(%d+)', '(a)%1'])
      expect(regexOf(p)).not.toBeNull();
    for (const p of ['%b()', '%f[%a]', '()', '(', 'a)', '[a', '%', '%1']) expect(regexOf(p)).toBeNull();
  });

  test('gsub and gmatch agree between the two ways, empty matches too', () => {
    const gsub = (p: string, s: string): string =>
      printed('compiled', `print((${JSON.stringify(s)}):gsub(${JSON.stringify(p)}, "<%0>"))`);
    // `%f[%z\1-\255]` at the front is true nowhere but forces the matcher; so does a position capture.
    for (const p of ['a*', 'b*', '%w', '.-', 'ab?', '^a', '$', '[^a]+']) {
      for (const s of ['aaa', 'abcab', '', 'xyz', 'baab']) {
        const plain = gsub(p, s);
        const forced = printed(
          'compiled',
          `print((${JSON.stringify(s)}):gsub(${JSON.stringify(p.startsWith('^') ? `^()${p.slice(1)}` : `()${p}`)}, function(at) return nil end))`,
        );
        // As many matches either way.
        expect(plain.split('\t').at(-1)).toBe(forced.split('\t').at(-1));
      }
    }
  });

  test('malformed patterns are errors, never hangs or crashes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...'ab%()[]^$*+-?.1bf'.split('')), { maxLength: 10 }),
        text,
        (p, s) => {
          try {
            byMatcher(p.join(''), s, 0);
          } catch (e) {
            expect(e).toBeInstanceOf(LuaError);
          }
          expect(() => regexOf(p.join(''))).not.toThrow();
        },
      ),
      { numRuns: 1000 },
    );
  });
});

test('a piece of a text is the same text, detached or not', async () => {
  const { detach } = await import('../../src/chisel/lua/detach.js');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 6000 }), fc.nat(10000), (bytes, whole) => {
      const piece = Buffer.from(bytes).latin1Slice();
      expect(detach(piece, whole)).toBe(piece);
    }),
  );
});
