import { describe, expect, it } from 'vitest';
import type { EventChunk, Source, SourceItem } from '../../src/capture/source.js';
import type { EventView } from '../../src/event/view.js';
import { Machine } from '../../src/machine/machine.js';
import { encodeEvent } from '../../src/scap/encode_event.js';
import { PPME } from '../../src/scap/events.generated.js';
import { Session } from '../../src/session/session.js';
import type { Sink } from '../../src/session/sink.js';
import { BASE, headOf } from '../machine/observed.js';

const LOOKED: ReadonlySet<number> = new Set<number>([PPME.PROCEXIT_1_E]);

function chunkOf(blocks: readonly Buffer[]): EventChunk {
  const bytes = Buffer.concat(blocks);
  const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return { kind: 'events', bytes, dv, start: 0, end: bytes.length };
}

function event(type: number, at: number, tid = 7): Buffer {
  const ts = BigInt(BASE) * 1_000_000_000n + BigInt(at);
  return encodeEvent(type, { ts, tid }, type === PPME.PROCEXIT_1_E ? [0n, 0n, 0, 0, 0n] : [3n]);
}

/** A live capture of these chunks. */
function recorded(chunks: readonly (readonly Buffer[])[]): Source {
  const items: SourceItem[] = [{ kind: 'head', head: headOf({}) }, ...chunks.map(chunkOf)];
  const rest = { progress: () => ({ done: 0, total: 0 }), stop() {}, close() {} };
  return { kind: 'live', name: '', skipped: 0, next: () => items.shift() ?? null, ...rest };
}

interface Written {
  readonly bytes: Buffer;
  readonly runs: number;
  readonly events: number;
  readonly passed: number;
  readonly lastTs: number;
}

/** What a sink that takes runs gets of these chunks. */
async function written(
  chunks: readonly (readonly Buffer[])[],
  more: Partial<ConstructorParameters<typeof Session>[0]> = {},
  takesRuns: () => boolean = () => true,
): Promise<Written> {
  const pieces: Buffer[] = [];
  let runs = 0;
  const sink: Sink = {
    takesRuns,
    onRun(bytes, start, end) {
      runs++;
      pieces.push(Buffer.from(bytes.subarray(start, end)));
    },
    onAny: (ev) => void pieces.push(Buffer.from(ev.bytes.subarray(ev.block, ev.next))),
  };
  const unlooked = new Uint8Array(65536).map((_, type) => (LOOKED.has(type) ? 0 : 1));
  const options = { source: recorded(chunks), machine: new Machine(), sinks: [sink], unlooked, ...more };
  const { events, passed, lastTs } = await new Session(options).run();
  return { bytes: Buffer.concat(pieces), runs, events, passed, lastTs };
}

const calls = (from: number, count: number, tid = 7): Buffer[] =>
  Array.from({ length: count }, (_, i) => event(PPME.SYSCALL_CLOSE_E, from + i, tid));
const CHUNKS = [calls(0, 3), [...calls(3, 4), event(PPME.PROCEXIT_1_E, 7, 8), ...calls(8, 2)], calls(10, 5)];

describe('events that nobody has to look at', () => {
  it('go on in runs, with the others between them, in order and counted', async () => {
    const all = await written(CHUNKS);
    expect(all.bytes.equals(Buffer.concat(CHUNKS.flat()))).toBe(true);
    expect(all).toMatchObject({ events: 15, passed: 15, runs: 3, lastTs: 14 });
  });

  it('are looked at one by one while a sink wants to see them, or only so many are wanted', async () => {
    const seen = await written(CHUNKS, {}, () => false);
    expect(seen.bytes.equals(Buffer.concat(CHUNKS.flat()))).toBe(true);
    expect(seen).toMatchObject({ events: 15, passed: 15, runs: 0 });
    expect(await written(CHUNKS, { maxEvents: 12 })).toMatchObject({ passed: 12, runs: 0 });
    const other: Sink = { onEvent() {} };
    expect(await written(CHUNKS, { sinks: [other] })).toMatchObject({ events: 15, passed: 15, runs: 0 });
  });

  it('are looked at while some are held back, from the event on that began it', async () => {
    const held: Buffer[] = [];
    let holding = false;
    let injected = false;
    const hold = (ev: EventView): boolean => {
      if (ev.type === PPME.PROCEXIT_1_E && ev.tid === 8) holding = true;
      if (!holding || injected || ev.tid !== 8) return false;
      held.push(Buffer.from(ev.bytes.subarray(ev.block, ev.next)));
      return true;
    };
    const chunks = [
      calls(0, 3),
      [...calls(3, 2), event(PPME.PROCEXIT_1_E, 5, 8), ...calls(6, 2, 8), ...calls(8, 1)],
    ];
    const got = await written(chunks, {
      hold,
      holds: () => holding,
      injected() {
        if (held.length < 3 || injected) return null;
        injected = true;
        return chunkOf(held);
      },
    });
    const [, [, , ...rest]] = chunks;
    expect(got.bytes.equals(Buffer.concat([...calls(0, 5), rest[3], ...rest.slice(0, 3)]))).toBe(true);
    expect(got).toMatchObject({ events: 9, passed: 9, runs: 1 });
  });
});
