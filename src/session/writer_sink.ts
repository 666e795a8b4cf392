import type { CaptureWriter } from '../capture/writer.js';
import type { EventView } from '../event/view.js';
import type { Machine } from '../machine/machine.js';
import { PPME } from '../scap/events.generated.js';
import type { CaptureHead } from '../scap/head.js';
import { cutBuffer, fateOfRejected, toStateOnly } from '../scap/rewrite_event.js';
import type { Sink } from './sink.js';

export interface WriterSinkOptions {
  /** Nothing is filtered, cut or held back: whole chunks go to the file as they are. */
  readonly whole: boolean;
  /** Keep, hidden, the rejected events that later state needs. */
  readonly fatFile: boolean;
  /** Cut I/O buffers to this many bytes; undefined: leave them. */
  readonly snaplen: number | undefined;
  /** Files are rotated: the writer has to see each event before the machine does. */
  readonly rotates: boolean;
  /**
   * Keep, hidden, the switches that begin a slice of a thread whose events pass: the one that ends it tells
   * how long it ran only if its begin is there.
   */
  readonly slices?: boolean;
  /** What the file begins with. Default: all that the machine knows. */
  readonly snapshot?: (machine: Machine) => CaptureHead;
}

/** Threads that are remembered at most. */
const MOST_SEEN = 65536;

/** Writes the events that pass (internal ones always) to a capture file. */
export function writerSink(writer: CaptureWriter, options: WriterSinkOptions): Sink {
  const { snaplen, snapshot = (machine: Machine) => machine.snapshot() } = options;
  const add = (ev: EventView): void => {
    if (snaplen !== undefined) {
      const cut = cutBuffer(ev.bytes, ev.dv, ev.block, snaplen);
      if (cut !== null) {
        writer.add(cut, 0, cut.length);
        return;
      }
    }
    writer.add(ev.bytes, ev.block, ev.next);
  };
  const sink: Sink = {
    onHead(machine) {
      writer.newSection(snapshot(machine));
    },
    async onPause() {
      writer.endChunk();
      const pressure = writer.pressure();
      if (pressure !== null) await pressure;
    },
    async onEnd() {
      await writer.close();
    },
  };
  if (options.rotates) sink.onBefore = (ev) => writer.prepare(ev.bytes, ev.block);
  if (options.whole) {
    sink.onChunk = (bytes, start, end) => writer.add(bytes, start, end);
  } else {
    const addHidden = (ev: EventView): void => {
      const hidden = toStateOnly(ev.bytes, ev.block);
      writer.add(hidden, 0, hidden.length);
    };
    /** Threads of which events passed, for `slices`. */
    let seen = new Set<number>();
    sink.onMetadata = add;
    sink.onAny = (ev, _machine, passed) => {
      if (passed) {
        add(ev);
        if (options.slices) {
          if (seen.size >= MOST_SEEN) seen = new Set();
          seen.add(ev.tid);
        }
        return;
      }
      if (options.slices && ev.type === PPME.SCHEDSWITCH_6_E && seen.has(ev.i64(0))) {
        addHidden(ev);
        return;
      }
      const fate = fateOfRejected(ev.type);
      if (fate === 'keep') add(ev);
      else if (options.fatFile && fate === 'state-only') addHidden(ev);
    };
  }
  return sink;
}
