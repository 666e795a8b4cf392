import type { Chisel } from '../chisel/chisel.js';
import type { Sink } from './sink.js';

/**
 * Runs a chisel as a sink. `now` gives ns since the epoch on a live run, so that intervals go on while
 * nothing happens; undefined for files.
 */
export function chiselSink(chisel: Chisel, flush: () => void, now?: () => bigint): Sink {
  let started = false;
  const sink: Sink = {
    onHead(machine) {
      if (started) return;
      started = true;
      chisel.onCaptureStart(machine);
    },
    onEnd() {
      if (started) chisel.onCaptureEnd();
      flush();
    },
  };
  // Chisels see internal events too (procinfo tells CPU times), so they listen to everything that passed.
  const { events, intervals } = chisel.needs;
  if (events && intervals) {
    sink.onAny = (ev, machine, passed) => {
      if (passed) chisel.process(ev, machine);
      else chisel.onTime(ev);
    };
  } else if (events) {
    sink.onAny = (ev, machine, passed) => {
      if (passed) chisel.process(ev, machine);
    };
  } else if (intervals) {
    sink.onAny = (ev) => chisel.onTime(ev);
  }
  if (now) {
    sink.onPause = () => {
      chisel.onIdle(now());
      flush();
    };
  }
  return sink;
}
