import type { CaptureWriter } from '../capture/writer.js';
import type { EventView } from '../event/view.js';
import type { Machine } from '../machine/machine.js';
import { EVENTS, PPME } from '../scap/events.generated.js';
import { isPassing, type WritableHead } from '../scap/head.js';
import { cutBuffer, fateOfRejected, toStateOnly } from '../scap/rewrite_event.js';
import { FirstFile, type FirstFileLimits } from './first_file.js';
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
   * Keep, hidden, what later events need to be understood: the switches that begin a slice of a thread whose events
   * pass (the one that ends it tells how long it ran only if its begin is there), and the births of
   * processes in pid namespaces (only they tell the pid inside).
   */
  readonly context?: boolean;
  /** When the next file begins, for a row of files. */
  readonly rotation?: FirstFileLimits;
  /** What the file begins with. Default: all that the machine knows. */
  readonly snapshot?: (machine: Machine) => WritableHead;
}

/** Threads that are remembered at most. */
const MOST_SEEN = 65536;

/** A switch to a thread whose events pass. */
function beginsSlice(ev: EventView, seen: ReadonlySet<number>): boolean {
  return ev.type === PPME.SCHEDSWITCH_6_E && seen.has(ev.i64(0));
}

/** By event type: index of the pid inside the namespace in the clone family's exits, 0 for all other types. */
const VTID_PARAM = new Uint8Array(65536);
for (const type of [
  PPME.SYSCALL_CLONE_20_X,
  PPME.SYSCALL_FORK_20_X,
  PPME.SYSCALL_VFORK_20_X,
  PPME.SYSCALL_CLONE3_X,
])
  VTID_PARAM[type] = EVENTS[type].params.findIndex((param) => param.name === 'vtid');

/** The child's side of a clone whose thread id differs inside its pid namespace. */
function beginsInNamespace(ev: EventView): boolean {
  const vtid = VTID_PARAM[ev.type];
  return vtid > 0 && ev.paramLen(vtid) === 8 && ev.i64(0) === 0 && ev.i64(vtid) !== ev.tid;
}

/** Writes the events that pass (internal ones always) to a capture file. */
export function writerSink(writer: CaptureWriter, options: WriterSinkOptions): Sink {
  const { snaplen, snapshot = (machine: Machine) => machine.passingHead() } = options;
  /** Until what was recorded while /proc was read has been given. */
  let first: FirstFile | null = null;
  const put = (bytes: Buffer, start: number, end: number, counted = true): void => {
    if (first?.precedes(bytes, start)) first.add(bytes, start, end, counted);
    else {
      first = null;
      writer.add(bytes, start, end, counted);
    }
  };
  const add = (ev: EventView): void => {
    if (snaplen !== undefined) {
      const cut = cutBuffer(ev.bytes, ev.dv, ev.block, snaplen);
      if (cut !== null) {
        put(cut, 0, cut.length);
        return;
      }
    }
    put(ev.bytes, ev.block, ev.next);
  };
  const sink: Sink = {
    onHead(machine) {
      const head = snapshot(machine);
      if (machine.scannedUntil > 0n && !options.whole)
        // It is written later than now.
        first = new FirstFile(
          writer,
          machine,
          isPassing(head) ? machine.snapshot() : head,
          options.rotation ?? {},
        );
      else writer.newSection(head);
    },
    async onPause(_machine, known) {
      if (first?.passed(known)) first = null;
      writer.endChunk();
      const pressure = writer.pressure();
      if (pressure !== null) await pressure;
    },
    async onEnd() {
      first?.write();
      first = null;
      await writer.close();
    },
  };
  if (options.rotates)
    sink.onBefore = (ev) => {
      if (first?.precedes(ev.bytes, ev.block)) return;
      first = null;
      writer.prepare(ev.bytes, ev.block);
    };
  if (options.whole) {
    sink.onChunk = (bytes, start, end) => writer.add(bytes, start, end);
  } else {
    const addHidden = (ev: EventView): void => {
      const hidden = toStateOnly(ev.bytes, ev.block);
      put(hidden, 0, hidden.length);
    };
    /** Threads of which events passed, for `context`. */
    let seen = new Set<number>();
    sink.takesRuns = () => first === null && snaplen === undefined && !options.rotates;
    sink.onRun = (bytes, start, end) => writer.add(bytes, start, end);
    sink.onMetadata = (ev) => put(ev.bytes, ev.block, ev.next, false);
    sink.onAny = (ev, _machine, passed) => {
      if (passed) {
        add(ev);
        if (options.context) {
          if (seen.size >= MOST_SEEN) seen = new Set();
          seen.add(ev.tid);
        }
        return;
      }
      if (options.context && (beginsSlice(ev, seen) || beginsInNamespace(ev))) {
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
