/**
 * tsdig as a library: captures from files and live, filters, templates, chisels.
 *
 *     import { openFile } from 'tsdig';
 *     for await (const event of openFile('trace.scap', { filter: 'evt.type=open', fields: ['proc.name', 'fd.name'] })) …
 */
import { openFile as openFileSource } from './capture/file.js';
import { mergeSources } from './capture/merge.js';
import { Capture, type CaptureOptions } from './library/capture.js';
import { type LiveSettings, openLiveInput } from './session/live_input.js';

/** Opens one or several capture files (several are merged by time); `-` is standard input. @throws FilterError, FieldError */
export function openFile(path: string | readonly string[], options: CaptureOptions = {}): Capture {
  const paths = typeof path === 'string' ? [path] : path;
  return new Capture(
    {
      async open() {
        const sources = paths.map((one) => openFileSource(one));
        return { source: sources.length === 1 ? sources[0] : mergeSources(sources) };
      },
    },
    options,
  );
}

/** Captures what happens on this machine. Errors (LiveError, NativeMissingError) show when it is run. */
export function openLive(options: CaptureOptions & LiveSettings = {}): Capture {
  return new Capture(
    {
      async open(machine, plan) {
        const { source, finish, ...session } = await openLiveInput(
          { compatible: plan.writing, ...options },
          { ...plan, machine },
        );
        return { source, session, ...(finish ? { finish } : {}) };
      },
    },
    options,
  );
}

export { LiveError, NativeMissingError } from './capture/live.js';
export type { EventChunk, Source, SourceCounters } from './capture/source.js';
export { CaptureWriter } from './capture/writer.js';
export {
  type ChiselContext,
  type ChiselDefinition,
  type ChiselEvent,
  defineChisel,
} from './chisel/define.js';
export { ChiselError } from './chisel/engine.js';
export { type Chisel, type ChiselRuntime, loadChisel } from './chisel/host.js';
export type { ContainerInfo, ContainerTable } from './container/container.js';
export type { EventView } from './event/view.js';
export { FieldError, type PlannedField } from './fields/field.js';
export { FIELD_CLASSES, planField } from './fields/registry.js';
export { type CompiledFilter, compileFilter, FilterError } from './filter/compile.js';
export { compileJsonTemplate } from './format/json.js';
export { compileTemplate, type Template } from './format/template.js';
export { Capture, type CaptureOptions } from './library/capture.js';
export type { CapturedEvent, Value } from './library/event.js';
export type { FdInfo } from './machine/fd.js';
export { Machine } from './machine/machine.js';
export type { ThreadInfo } from './machine/thread.js';
export { CaptureError } from './scap/capture_error.js';
export type { LiveSettings } from './session/live_input.js';
export type { Sink } from './session/sink.js';
