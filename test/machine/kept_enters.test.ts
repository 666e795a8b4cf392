import { describe, expect, it } from 'vitest';
import { Call, doublesAt, LATENCY, rowAt } from '../../src/machine/call_table.js';
import { KeptEnters } from '../../src/machine/kept_enters.js';
import { ThreadInfo, ThreadTable } from '../../src/machine/thread.js';
import { encodeEvent } from '../../src/scap/encode_event.js';
import { PPME } from '../../src/scap/events.generated.js';

/** Two enter events of `close`, with fds 5 and 6, in one chunk. */
function chunkOf(): { bytes: Buffer; dv: DataView; second: number } {
  const first = encodeEvent(PPME.SYSCALL_CLOSE_E, { ts: 1n, tid: 7 }, [5]);
  const bytes = Buffer.concat([first, encodeEvent(PPME.SYSCALL_CLOSE_E, { ts: 2n, tid: 8 }, [6])]);
  return {
    bytes,
    dv: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
    second: first.length,
  };
}

function observed(): { enters: KeptEnters; waits: ThreadInfo; done: ThreadInfo } {
  const threads = new ThreadTable();
  const [waits, done] = [new ThreadInfo(7, 7), new ThreadInfo(8, 8)];
  threads.set(7, waits).set(8, done);
  const enters = new KeptEnters(threads.calls);
  const { bytes, dv, second } = chunkOf();
  enters.beginChunk(bytes, dv);
  enters.keep(waits.row, waits, dv, 0);
  enters.keep(done.row, done, dv, second);
  expect(enters.of(waits)?.i64(0)).toBe(5);
  expect(enters.of(done)?.i64(0)).toBe(6);
  // The second call returns within the chunk.
  done.calls.doubles[doublesAt(done.row) + LATENCY] = 1000;
  enters.endChunk();
  // The next chunk lies in the same place.
  bytes.fill(0xff);
  return { enters, waits, done };
}

describe('enter events that are kept', () => {
  it('outlive their chunk where their exit has not come', () => {
    const { enters, waits } = observed();
    expect(enters.of(waits)?.i64(0)).toBe(5);
  });

  it('are not copied where it has', () => {
    const { enters, done } = observed();
    expect(enters.of(done)).toBeNull();
    expect(done.enterOwn).toBeNull();
  });

  it('belong to no thread that has the row later', () => {
    const threads = new ThreadTable();
    const first = new ThreadInfo(7, 7);
    threads.set(7, first);
    const enters = new KeptEnters(threads.calls);
    const { bytes, dv } = chunkOf();
    enters.beginChunk(bytes, dv);
    enters.keep(first.row, first, dv, 0);
    threads.delete(7);
    const next = new ThreadInfo(9, 9);
    threads.set(9, next);
    enters.endChunk();
    expect(enters.of(next)).toBeNull();
    expect(next.calls.words[rowAt(next.row) + Call.KEPT]).toBeLessThan(0);
    expect(enters.of(first)).toBeNull();
  });
});
