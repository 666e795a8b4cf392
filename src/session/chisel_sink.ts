import type { Chisel } from '../chisel/chisel.js';
import { isContainerEvent } from '../container/event.js';
import type { Machine } from '../machine/machine.js';
import type { Sink } from './sink.js';

/**
 * Runs a chisel as a sink. `now` gives ns since the epoch on a live run, so that intervals go on while
 * nothing happens; undefined for files.
 */
export function chiselSink(chisel: Chisel, flush: () => void, now?: () => bigint): Sink {
  let opened = false;
  let started = false;
  // A capture's containers stand in events at its start: on_capture_start waits for them, so that they have names.
  const start = (machine: Machine): void => {
    if (started || !opened) return;
    started = true;
    chisel.onCaptureStart(machine);
  };
  const sink: Sink = {
    onHead() {
      opened = true;
    },
    onPause(machine) {
      start(machine);
      if (!now) return;
      chisel.onIdle(now());
      flush();
    },
    onEnd(machine) {
      start(machine);
      if (started) chisel.onCaptureEnd();
      flush();
    },
  };
  // Chisels see internal events too (procinfo tells CPU times), so they listen to everything that passed.
  const { events, intervals } = chisel.needs;
  if (events || intervals) {
    sink.onAny = (ev, machine, passed) => {
      if (!started) {
        if (isContainerEvent(ev.type)) return;
        start(machine);
      }
      if (passed && events) chisel.process(ev, machine);
      else if (intervals) chisel.onTime(ev);
    };
  }
  return sink;
}
