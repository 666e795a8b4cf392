import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EventView } from '../../src/event/view.js';
import { PathCache } from '../../src/machine/path_cache.js';
import { joinPath } from '../../src/machine/paths.js';
import { encodeEvent } from '../../src/scap/encode_event.js';
import { PPME } from '../../src/scap/events.generated.js';

it('gives the text that the event has, and says rightly whether it is clean', () => {
  const cache = new PathCache();
  // Few characters, so that many paths are alike and the cache is hit.
  const path = fc.string({
    unit: fc.constantFrom('/', '.', 'a', 'b', '\x01', '\xff', 'etc'),
    maxLength: 160,
  });
  const view = new EventView();
  fc.assert(
    fc.property(fc.array(path, { minLength: 1, maxLength: 40 }), (paths) => {
      for (const text of [...paths, ...paths]) {
        const block = encodeEvent(PPME.SYSCALL_OPENAT_2_E, { ts: 1n, tid: 1 }, [-100, text, 1, 0]);
        const padded = Buffer.concat([block, Buffer.alloc(16)]);
        view.attach(padded, new DataView(padded.buffer, padded.byteOffset, padded.length));
        view.at(0);
        expect(cache.read(view, 1)).toBe(view.str(1));
        if (cache.clean) expect(joinPath('/dir', text)).toBe(text);
        else expect(/^\/[a-z]+$/.test(text)).toBe(false);
      }
    }),
  );
});
