import { spawnSync } from 'node:child_process';
import { register } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { EventView } from '../event/view.js';
import type { PlannedField } from '../fields/field.js';
import type { Machine } from '../machine/machine.js';
import { matchArguments } from './arguments.js';
import type { Chisel, ChiselNeeds } from './chisel.js';
import { CHISEL_MARK, type ChiselContext, type ChiselDefinition, type ChiselEvent } from './define.js';
import { ChiselError, isControl } from './engine.js';
import { IntervalClock } from './intervals.js';
import type { ChiselMetadata } from './metadata.js';
import { printEvent, scriptOutput } from './print_event.js';
import type { ChiselFilter, ChiselRuntime, ChiselTemplate } from './runtime.js';

const utf8 = (bytes: string): string => Buffer.from(bytes, 'latin1').toString();
const byteString = (text: string): string => Buffer.from(text).latin1Slice();

/** Runs in Node's loader: "tsdig" is the library of the program that runs, wherever the chisel lies. */
const LIBRARY_HOOK = `let library;
export function initialize(url) { library = url; }
export function resolve(specifier, context, next) {
  return specifier === 'tsdig' ? { url: library, shortCircuit: true } : next(specifier, context);
}`;

let provided = false;

/** Lets chisels anywhere import "tsdig", also where it is not installed beside them. */
function provideLibrary(): void {
  if (provided) return;
  provided = true;
  register(`data:text/javascript,${encodeURIComponent(LIBRARY_HOOK)}`, {
    data: new URL('../index.js', import.meta.url).href,
  });
}

/** Where the program's own code lies: of no interest to who writes a chisel. */
const PROGRAM = fileURLToPath(new URL('..', import.meta.url));

/** `file:line` of the code that is to blame, undefined where Node does not tell. */
function placeOf(path: string, e: Error): string | undefined {
  if (e instanceof SyntaxError) {
    // What import throws keeps the place to itself.
    const { stderr } = spawnSync(process.execPath, ['--check', path], { encoding: 'utf8' });
    return /^(?:file:\/\/)?(\/.*:\d+)$/m.exec(stderr)?.[1];
  }
  for (const line of (e.stack ?? '').split('\n')) {
    const frame = /^\s+at .*?(?:file:\/\/)?(\/[^()]*:\d+):\d+\)?$/.exec(line)?.[1];
    if (frame !== undefined && !frame.includes(PROGRAM)) return frame;
  }
  return undefined;
}

/** One line about a file that does not load. */
function explain(path: string, e: unknown): ChiselError {
  const place = e instanceof Error ? placeOf(path, e) : undefined;
  const text = e instanceof Error ? `${e.name}: ${e.message}` : String(e);
  return new ChiselError(
    `Failed to load chisel ${path}: ${text.split('\n')[0]}${place === undefined ? '' : ` (${place})`}`,
  );
}

async function load(path: string): Promise<ChiselDefinition> {
  let module: { default?: unknown };
  try {
    provideLibrary();
    module = (await import(pathToFileURL(resolve(path)).href)) as { default?: unknown };
  } catch (e) {
    const code = (e as NodeJS.ErrnoException).code;
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION' && /\.m?ts$/.test(path)) {
      throw new ChiselError(
        `${path} is TypeScript, which this Node (${process.version}) does not run by itself: use Node 22.18 or later, or compile it to .mjs`,
      );
    }
    throw explain(path, e);
  }
  const definition = module.default;
  if (typeof definition !== 'object' || definition === null || !(CHISEL_MARK in definition)) {
    throw new ChiselError(
      `Failed to load chisel ${path}: it has to end in: export default defineChisel({ … })`,
    );
  }
  return definition as unknown as ChiselDefinition;
}

/** Loads a chisel written in TypeScript or JavaScript. */
export async function loadScriptChisel(
  name: string,
  path: string,
  args: string | undefined,
  runtime: ChiselRuntime,
): Promise<Chisel> {
  return new ScriptChisel(name, await load(path), args, runtime);
}

/** What such a file says of itself. */
export async function scriptMetadata(path: string): Promise<ChiselMetadata> {
  const d = await load(path);
  return {
    description: byteString(d.description),
    shortDescription: byteString(d.shortDescription ?? d.description.split(/(?<=[.!?])\s/)[0]),
    category: byteString(d.category ?? 'Misc'),
    args: (d.args ?? []).map((a) => ({
      name: byteString(a.name),
      description: byteString(a.description),
      type: a.type ?? 'string',
      optional: a.optional ?? false,
    })),
    hidden: d.hidden ?? false,
    isView: false,
  };
}

class ScriptChisel implements Chisel {
  private readonly fields: PlannedField[] = [];
  private filter: ChiselFilter | null = null;
  private template: ChiselTemplate | null = null;
  private readonly clock = new IntervalClock();
  private ev!: EventView;
  private machine!: Machine;
  private active = false;
  private baseSec = 0;
  private firstTs = 0;
  private lastTs = 0;
  private seen = false;
  private typeField: PlannedField | undefined;
  private readonly context: ChiselContext;
  private readonly event: ChiselEvent;

  constructor(
    readonly name: string,
    private readonly definition: ChiselDefinition,
    args: string | undefined,
    private readonly runtime: ChiselRuntime,
  ) {
    const declared = (definition.args ?? []).map((a) => ({
      name: a.name,
      description: a.description,
      type: a.type ?? 'string',
      optional: a.optional ?? false,
    }));
    const values: Record<string, string> = {};
    for (const a of matchArguments(name, declared, args)) values[a.name] = utf8(a.value);
    this.context = this.makeContext(values);
    this.event = this.makeEvent();
  }

  private makeContext(args: Record<string, string>): ChiselContext {
    const { runtime } = this;
    const out = scriptOutput(runtime);
    return {
      args,
      live: runtime.live,
      tty: runtime.tty,
      json: runtime.json,
      printContainer: runtime.printContainer,
      filterText: utf8(runtime.filterText),
      sourceName: runtime.sourceName,
      terminalSize: () => runtime.terminalSize(),
      field: (name) => {
        const planned = runtime.planField(byteString(name));
        this.fields.push(planned);
        return () => {
          if (!this.active) throw new ChiselError(`chisel ${this.name} reads ${name} outside onEvent`);
          const v = planned.extract(this.ev, this.machine);
          if (typeof v === 'number' || typeof v === 'boolean' || v === undefined) return v;
          if (typeof v === 'bigint') return Number(v);
          const text = typeof v === 'string' ? v : runtime.renderValue(planned, this.ev, this.machine);
          return text === undefined ? undefined : utf8(text);
        };
      },
      setFilter: (text) => {
        this.filter = text === '' ? null : runtime.compileFilter(byteString(text));
      },
      setFormat: (template) => {
        this.template = runtime.compileTemplate(byteString(template));
      },
      setInterval: (ms) => {
        if (!(ms > 0))
          throw new ChiselError(`chisel ${this.name}: setInterval needs a positive number of milliseconds`);
        this.clock.set(ms * 1e6, false);
      },
      setSnaplen: (bytes) => runtime.setSnaplen(bytes),
      write: (text) => out.write(byteString(text)),
      print: (line) => out.write(`${byteString(line)}\n`),
      end: () => runtime.endCapture(),
    };
  }

  private makeEvent(): ChiselEvent {
    const self = this;
    return {
      get num() {
        return self.ev.num;
      },
      get time() {
        return self.ev.absTs;
      },
      get cpu() {
        return self.ev.cpu;
      },
      get tid() {
        return self.ev.tid;
      },
      get type() {
        self.typeField ??= self.runtime.planField('evt.type');
        return String(self.typeField.extract(self.ev, self.machine) ?? '');
      },
    };
  }

  get needs(): ChiselNeeds {
    return {
      fields: this.template === null ? this.fields : [...this.fields, ...this.template.fields],
      filter: this.filter === null ? undefined : { text: this.filter.text, fields: this.filter.fields },
      events: this.definition.onEvent !== undefined || this.template !== null,
      // It sees what it has fields for.
      threads: false,
      intervals: this.clock.active,
    };
  }

  private guard<T>(action: () => T): T {
    try {
      return action();
    } catch (e) {
      if (e instanceof ChiselError || isControl(e) || !(e instanceof Error)) throw e;
      const stack = (e.stack ?? '')
        .split('\n')
        .filter((l) => /^\s+at /.test(l) && !l.includes(PROGRAM) && !l.includes('node:'));
      throw ChiselError.ofLua(
        `${this.name} chisel error: ${e.message}`,
        stack.map((l) => l.trim()),
      );
    }
  }

  onInit(): void {
    this.guard(() => this.definition.onInit?.(this.context));
  }

  onCaptureStart(machine: Machine): void {
    this.machine = machine;
    this.guard(() => this.definition.onCaptureStart?.(this.context));
  }

  onTime(ev: EventView): void {
    if (!this.seen) {
      this.seen = true;
      this.baseSec = ev.baseSec;
      this.firstTs = ev.ts;
    }
    this.lastTs = ev.ts;
    if (this.clock.isDue(ev.ts)) this.runIntervals(ev.ts);
  }

  process(ev: EventView, machine: Machine): void {
    this.onTime(ev);
    if (this.filter !== null && !this.filter.matches(ev, machine)) return;
    this.ev = ev;
    this.machine = machine;
    this.active = true;
    const onEvent = this.definition.onEvent;
    try {
      const accepted = onEvent === undefined ? true : onEvent.call(this.definition, this.context, this.event);
      if (accepted === true && this.template !== null) printEvent(this.template, this.runtime, ev, machine);
    } catch (e) {
      this.guard(() => {
        throw e;
      });
    } finally {
      this.active = false;
    }
  }

  onIdle(nowNs: bigint): void {
    if (!this.clock.active) return;
    if (!this.seen) {
      this.seen = true;
      this.baseSec = Number(nowNs / 1000000000n);
      this.firstTs = Number(nowNs - BigInt(this.baseSec) * 1000000000n);
    }
    const at = Number(nowNs - BigInt(this.baseSec) * 1000000000n);
    if (at < this.lastTs) return;
    this.lastTs = at;
    if (this.clock.isDue(at)) this.runIntervals(at);
  }

  onCaptureEnd(): void {
    const time = BigInt(this.baseSec) * 1000000000n + BigInt(this.lastTs);
    this.guard(() => this.definition.onCaptureEnd?.(this.context, time, this.lastTs - this.firstTs));
  }

  private runIntervals(at: number): void {
    this.clock.run(at, this.baseSec, (sec, ns, delta) => {
      this.guard(() =>
        this.definition.onInterval?.(this.context, BigInt(sec) * 1000000000n + BigInt(ns), delta),
      );
    });
  }
}
