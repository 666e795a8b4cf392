import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EventView } from '../../src/event/view.js';
import { PathCache } from '../../src/machine/path_cache.js';
import { joinPath } from '../../src/machine/paths.js';
import { encodeEvent } from '../../src/scap/encode_event.js';
import { PPME } from '../../src/scap/events.generated.js';

const view = new EventView();

/** Reads a path as an event has it. */
function read(cache: PathCache, text: string): string {
  const block = encodeEvent(PPME.SYSCALL_OPENAT_2_E, { ts: 1n, tid: 1 }, [-100, text, 1, 0]);
  const padded = Buffer.concat([block, Buffer.alloc(16)]);
  view.attach(padded, new DataView(padded.buffer, padded.byteOffset, padded.length));
  view.at(0);
  return cache.read(view, 1);
}

it('gives the text that the event has, and says rightly whether it is clean', () => {
  const cache = new PathCache();
  // Few characters, so that many paths are alike and the cache is hit.
  const path = fc.string({
    unit: fc.constantFrom('/', '.', 'a', 'b', '\x01', '\xff', 'etc'),
    maxLength: 160,
  });
  fc.assert(
    fc.property(fc.array(path, { minLength: 1, maxLength: 40 }), (paths) => {
      for (const text of [...paths, ...paths]) {
        expect(read(cache, text)).toBe(view.str(1));
        if (cache.clean) expect(joinPath('/dir', text)).toBe(text);
        else expect(/^\/[a-z]+$/.test(text)).toBe(false);
      }
    }),
  );
});

it('remembers which paths are ruled out, and takes none for another that has its place', () => {
  const cache = new PathCache();
  const paths = (of: string): string[] => Array.from({ length: 6000 }, (_, i) => `/${of}/${i}`);
  for (const path of paths('ruled')) {
    read(cache, path);
    cache.ruleOut(path);
  }
  let known = 0;
  for (const path of paths('ruled')) {
    read(cache, path);
    if (cache.ruledOut) known++;
  }
  expect(known).toBeGreaterThan(1000);
  for (const path of [...paths('other'), ...paths('other')]) {
    read(cache, path);
    expect(cache.ruledOut).toBe(false);
  }
});

it('rules out no path that is not the one given last, or has to be resolved', () => {
  const cache = new PathCache();
  const isRuledOut = (path: string, ruled: string): boolean => {
    read(cache, path);
    cache.ruleOut(ruled);
    read(cache, path);
    return cache.ruledOut;
  };
  expect(isRuledOut('/a/b', '/a/c')).toBe(false);
  expect(isRuledOut('a/b', 'a/b')).toBe(false);
  expect(isRuledOut('/a/../b', '/a/../b')).toBe(false);
  expect(isRuledOut(`/${'x'.repeat(200)}`, `/${'x'.repeat(200)}`)).toBe(false);
  expect(isRuledOut('/a/b', '/a/b')).toBe(true);
});
