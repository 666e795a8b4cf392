import { describe, expect, it } from 'vitest';
import type { Source, SourceItem } from '../../src/capture/source.js';
import { Machine } from '../../src/machine/machine.js';
import { encodeEvent } from '../../src/scap/encode_event.js';
import { PPME } from '../../src/scap/events.generated.js';
import { Session } from '../../src/session/session.js';
import type { Sink } from '../../src/session/sink.js';
import { BASE, headOf } from '../machine/observed.js';

const CHUNKS = 3;
const PER_CHUNK = 10;

/** A live capture that had recorded some chunks before it was stopped. */
function recorded(): Source {
  const items: SourceItem[] = [{ kind: 'head', head: headOf({}) }];
  for (let i = 0; i < CHUNKS; i++) {
    const events = Array.from({ length: PER_CHUNK }, (_, j) => {
      const ts = BigInt(BASE) * 1_000_000_000n + BigInt(i * PER_CHUNK + j);
      return encodeEvent(PPME.SYSCALL_CLOSE_E, { ts, tid: 7 }, [3n]);
    });
    const bytes = Buffer.concat(events);
    const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    items.push({ kind: 'events', bytes, dv, start: 0, end: bytes.length });
  }
  return {
    kind: 'live',
    name: '',
    skipped: 0,
    next: () => items.shift() ?? null,
    progress: () => ({ done: 0, total: 0 }),
    stop() {},
    close() {},
  };
}

async function seenWith(act: (session: Session, seen: number) => void, maxEvents = 0): Promise<number> {
  let seen = 0;
  const sink: Sink = {
    onEvent() {
      act(session, ++seen);
    },
  };
  const session = new Session({ source: recorded(), machine: new Machine(), sinks: [sink], maxEvents });
  await session.run();
  return seen;
}

describe('the end of a live session', () => {
  it('comes after all that had been recorded when it is stopped', async () => {
    expect(await seenWith((session, seen) => seen === 3 && session.stop())).toBe(CHUNKS * PER_CHUNK);
  });

  it('comes at once when it is ended, or has given as many events as wanted', async () => {
    expect(await seenWith((session, seen) => seen === 3 && session.end())).toBe(3);
    expect(await seenWith(() => {}, 12)).toBe(12);
  });
});
