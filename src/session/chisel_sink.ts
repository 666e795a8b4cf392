import type { Chisel } from '../chisel/chisel.js';
import { isContainerEvent } from '../container/event.js';
import type { Machine } from '../machine/machine.js';
import type { Sink } from './sink.js';

/**
 * Runs a chisel as a sink. On a live run its intervals go on while nothing happens. In a file (`inFile`), a chisel without
 * intervals looks at what passes the session's filter alone: the rest may be passed over.
 */
export function chiselSink(chisel: Chisel, flush: () => void, inFile = false): Sink {
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
    onPause(machine, known) {
      start(machine);
      if (known === undefined) return;
      chisel.onIdle(known);
      flush();
    },
    onEnd(machine) {
      start(machine);
      if (started) chisel.onCaptureEnd();
      flush();
    },
  };
  const { events, intervals } = chisel.needs;
  if (!events && !intervals) return sink;
  // Chisels see internal events too: procinfo tells CPU times.
  if (!intervals && inFile) {
    sink.onFirst = start;
    sink.onPassed = (ev, machine) => chisel.process(ev, machine);
    return sink;
  }
  sink.onAny = (ev, machine, passed) => {
    if (!started) {
      if (isContainerEvent(ev.type)) return;
      start(machine);
    }
    if (passed && events) chisel.process(ev, machine);
    else if (intervals) chisel.onTime(ev);
  };
  return sink;
}
