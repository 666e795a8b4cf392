import type { Chisel } from '../chisel/chisel.js';
import type { EventView } from '../event/view.js';
import type { Machine } from '../machine/machine.js';
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
  if (chisel.needs.events) sink.onEvent = (ev: EventView, machine: Machine) => chisel.process(ev, machine);
  if (chisel.needs.intervals) sink.onAny = (ev: EventView) => chisel.onTime(ev);
  if (now) {
    sink.onPause = () => {
      chisel.onIdle(now());
      flush();
    };
  }
  return sink;
}
