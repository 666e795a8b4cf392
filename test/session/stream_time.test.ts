import { describe, expect, it } from 'vitest';
import type { EventChunk, SourceCounters } from '../../src/capture/source.js';
import { EventView } from '../../src/event/view.js';
import { encodeEvent } from '../../src/scap/encode_event.js';
import { PPME } from '../../src/scap/events.generated.js';
import { LossEvents } from '../../src/session/loss_events.js';
import { StreamTime } from '../../src/session/stream_time.js';

function chunkAt(...times: bigint[]): EventChunk {
  // The last one has flags: its time stands elsewhere.
  const blocks = times.map((ts, i) =>
    encodeEvent(PPME.SYSCALL_CLOSE_X, { ts, tid: 7, flags: i === times.length - 1 ? 1 : 0 }, [0n]),
  );
  const bytes = Buffer.concat(blocks);
  return {
    kind: 'events',
    bytes,
    dv: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
    start: 0,
    end: bytes.length,
  };
}

describe('StreamTime', () => {
  it('is that of the last event before the chunk, until the chunk is entered', () => {
    const time = new StreamTime();
    time.arrived(chunkAt(100n, 200n));
    expect(time.now).toBe(100n);
    time.entered();
    expect(time.now).toBe(200n);
    time.arrived(chunkAt(300n, 400n));
    expect(time.now).toBe(200n);
    time.entered();
    expect(time.now).toBe(400n);
  });

  it('never goes back, whatever arrives', () => {
    const time = new StreamTime();
    time.arrived(chunkAt(500n));
    time.entered();
    time.arrived(chunkAt(50n));
    time.entered();
    expect(time.now).toBe(500n);
  });

  it('is the wall clock while there was no event', () => {
    expect(Math.abs(Number(new StreamTime().now / 1_000_000n) - Date.now())).toBeLessThan(60_000);
  });
});

describe('LossEvents', () => {
  const counters = (dropsKernel: number, dropsRing: number): SourceCounters => ({
    events: 10,
    dropsKernel,
    dropsRing,
    dropsOversize: 0,
    unreadable: 0,
  });

  function read(chunk: EventChunk | null): { type: number; ts: bigint; id: string; text: string } | null {
    if (chunk === null) return null;
    const view = new EventView();
    view.attach(chunk.bytes, chunk.dv);
    expect(view.at(chunk.start)).toBe(true);
    expect(view.next).toBe(chunk.end);
    return { type: view.type, ts: view.absTs, id: view.str(0), text: view.str(1) };
  }

  it('tells what was lost since it told last, once, in the order of the stream', () => {
    let at = 0;
    let now = counters(0, 0);
    const time = new StreamTime();
    const losses = new LossEvents(
      () => now,
      time,
      () => at,
    );
    time.arrived(chunkAt(100n, 200n));
    expect(losses.injected()).toBe(null);
    now = counters(5, 0);
    // Looked at a moment ago.
    expect(losses.injected()).toBe(null);
    at += 1000;
    expect(read(losses.injected())).toEqual({
      type: PPME.NOTIFICATION_E,
      ts: 100n,
      id: 'tsdig.lost',
      text: '5 events lost: kernel buffer full',
    });
    time.entered();
    at += 1000;
    expect(losses.injected()).toBe(null);
    now = counters(6, 3);
    at += 1000;
    expect(read(losses.injected())).toEqual({
      type: PPME.NOTIFICATION_E,
      ts: 200n,
      id: 'tsdig.lost',
      text: '4 events lost: tsdig too slow (3), kernel buffer full (1)',
    });
  });

  it('tells the last losses when the stream has ended, however recently it looked', () => {
    let now = counters(0, 0);
    const losses = new LossEvents(
      () => now,
      new StreamTime(),
      () => 0,
    );
    expect(losses.injected()).toBe(null);
    now = counters(1, 0);
    losses.flush();
    expect(read(losses.injected())?.text).toBe('1 event lost: kernel buffer full');
  });
});
