import type { EventView } from '../event/view.js';
import { showControls } from '../format/control.js';
import type { Machine } from '../machine/machine.js';
import type { ByteOutput } from './output.js';
import type { ChiselRuntime, ChiselTemplate } from './runtime.js';
import { GuardedOutput } from './terminal_guard.js';

/** Where a chisel's own prints go: to a terminal only what cannot harm it. */
export function scriptOutput(runtime: ChiselRuntime): ByteOutput {
  return runtime.tty ? new GuardedOutput(runtime.out) : runtime.out;
}

/** Prints an event in a chisel's format; nothing if it lacks a field. */
export function printEvent(
  template: ChiselTemplate,
  runtime: ChiselRuntime,
  ev: EventView,
  machine: Machine,
): void {
  const { out } = runtime;
  const lines = out.lines;
  if (lines !== undefined && template.write !== undefined) {
    const start = lines.pos;
    if (!template.write(lines, ev, machine)) return;
    if (runtime.tty) showControls(lines, start, true);
    lines.byte(10);
    out.wrote?.();
    return;
  }
  const line = template.render(ev, machine);
  if (line !== undefined) scriptOutput(runtime).write(`${line}\n`);
}
