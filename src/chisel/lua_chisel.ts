import { resolve } from 'node:path';
import type { EventView } from '../event/view.js';
import type { PlannedField } from '../fields/field.js';
import type { Machine } from '../machine/machine.js';
import { evtTable, FieldHandle } from './api_evt.js';
import { type SysdigHost, sysdigTable } from './api_sysdig.js';
import { matchArguments } from './arguments.js';
import type { Chisel, ChiselNeeds } from './chisel.js';
import {
  ChiselError,
  ChiselExit,
  ChiselInterrupted,
  isControl,
  type LuaCallback,
  type LuaEngine,
} from './engine.js';
import { Interrupt } from './interrupt.js';
import { IntervalClock } from './intervals.js';
import { readSource } from './lua/modules.js';
import { LuaTable } from './lua/table.js';
import type { LuaValue } from './lua/value.js';
import { LuaError, NONE } from './lua/value.js';
import { startEngine } from './lua_engines.js';
import { metadataOf } from './metadata.js';
import { printEvent, scriptOutput } from './print_event.js';
import type { ChiselFilter, ChiselRuntime, ChiselTemplate } from './runtime.js';
import { EventContext } from './runtime.js';
import { chiselDirs, findChisel, moduleDirs, shippedChiselDir } from './search.js';
import { mayAskForThreads } from './thread_questions.js';

/** One Lua file with its state: what chisel.exec replaces. */
class Script implements SysdigHost {
  readonly engine: LuaEngine;
  readonly context = new EventContext();
  readonly clock = new IntervalClock();
  readonly handles: FieldHandle[] = [];
  filter: ChiselFilter | null = null;
  template: ChiselTemplate | null = null;
  private templateText = '';
  started = false;
  crossing = false;
  /** Set by chisel.exec during on_init. */
  replacement: { readonly name: string; readonly args: string[] } | null = null;
  onEvent: (() => LuaValue) | undefined;
  private initialised = false;
  readonly modulePath: readonly string[];

  constructor(
    readonly runtime: ChiselRuntime,
    readonly interrupt: Interrupt,
    readonly path: string,
    readonly name: string,
  ) {
    const modulePath = moduleDirs(path, chiselDirs(runtime.chiselDirs));
    this.modulePath = modulePath;
    const source = readSource(path);
    this.engine = startEngine(
      runtime.engine,
      { out: scriptOutput(runtime), interrupt, modulePath },
      (engine) => {
        engine.setGlobal('sysdig', sysdigTable(this));
        engine.setGlobal('evt', evtTable(this.context, runtime));
        engine.setGlobal('chisel', this.chiselTable());
        this.guard(() => engine.run(source, path));
      },
    );
  }

  /** Runs Lua code; os.exit(0) and the like pass through, and the interrupt watcher is put to rest. */
  guard<T>(action: () => T): T {
    this.interrupt.begin();
    try {
      return action();
    } finally {
      this.interrupt.rest();
    }
  }

  /** Hands the arguments over and runs on_init. */
  init(args: string | readonly string[] | undefined): void {
    const { engine, name, runtime } = this;
    const meta = metadataOf(engine);
    if (meta.args === undefined)
      throw new ChiselError(`Failed to load chisel ${this.path}: args table missing`);
    const values = matchArguments(name, meta.args, args);
    if (values.length > 0) {
      const setArg = engine.callback('on_set_arg');
      if (setArg === undefined)
        throw new ChiselError(`chisel ${name} declares arguments but has no on_set_arg function`);
      for (const a of values) {
        const ok = this.guard(() => setArg(a.name, a.value));
        if (ok !== true)
          throw new ChiselError(
            `chisel ${name} refuses its argument ${a.name}=${Buffer.from(a.value, 'latin1').toString()} (on_set_arg did not return true)`,
          );
      }
    }
    const init = engine.callback('on_init');
    const result = init === undefined ? true : this.guard(init);
    if (this.replacement !== null) return;
    if (result === false) throw new ChiselError(`init() for chisel ${name} failed.`);
    if (result !== true) throw new ChiselError(`on_init of chisel ${name} must return true or false`);
    this.initialised = true;
    this.onEvent = engine.eventCallback('on_event');
    // The buffer format may have been set after fields were requested.
    for (const h of this.handles) h.replan(runtime.planField(h.field.text));
    if (this.template !== null) this.template = runtime.compileTemplate(this.templateText);
  }

  private chiselTable(): LuaTable {
    const { runtime } = this;
    const text = (v: LuaValue, what: string): string => {
      if (typeof v === 'string') return v;
      if (typeof v === 'number') return String(v);
      throw new LuaError(`chisel.${what} needs a text`);
    };
    const explain = <T>(action: () => T): T => {
      try {
        return action();
      } catch (e) {
        throw e instanceof LuaError ? e : new LuaError(e instanceof Error ? e.message : String(e));
      }
    };
    const interval = (what: string, scale: number, precise: boolean) => (v: LuaValue) => {
      const n = Math.trunc(Number(v) * scale);
      if (!(n > 0)) throw new LuaError(`chisel.${what} needs a positive number`);
      this.clock.set(n, precise);
      return NONE;
    };
    return LuaTable.record({
      request_field: (field) => {
        if (field === undefined) throw new LuaError('chisel requesting nil field');
        const name = text(field, 'request_field');
        let planned: PlannedField;
        try {
          planned = planRequested(runtime, name);
        } catch (e) {
          throw new LuaError(
            `chisel requesting nonexistent field ${name}: ${e instanceof Error ? e.message : String(e)}`,
          );
        }
        const handle = new FieldHandle(planned);
        this.handles.push(handle);
        return handle;
      },
      set_filter: (f) => {
        const t = text(f, 'set_filter');
        this.filter = t === '' ? null : explain(() => runtime.compileFilter(t));
        return true;
      },
      set_event_formatter: (f) => {
        const t = text(f, 'set_event_formatter');
        this.templateText = t === 'default' ? '' : t;
        this.template = explain(() => runtime.compileTemplate(this.templateText));
        return true;
      },
      set_interval_s: interval('set_interval_s', 1e9, false),
      set_interval_ns: interval('set_interval_ns', 1, false),
      set_precise_interval_ns: interval('set_precise_interval_ns', 1, true),
      exec: (name, ...args) => {
        if (this.initialised) throw new LuaError('chisel.exec can be called in on_init only');
        this.replacement = { name: text(name, 'exec'), args: args.map((a) => text(a, 'exec')) };
        return NONE;
      },
    });
  }
}

/**
 * A requested field. As in sysdig an event argument may be followed by more letters (`evt.arg.environment` is
 * `evt.arg.env`): old chisels have such names.
 */
function planRequested(runtime: ChiselRuntime, name: string): PlannedField {
  try {
    return runtime.planField(name);
  } catch (e) {
    const m = /^(evt\.(?:raw)?arg\.)(\w+)$/.exec(name);
    if (m === null) throw e;
    for (let n = m[2].length - 1; n >= 2; n--) {
      try {
        return runtime.planField(m[1] + m[2].slice(0, n));
      } catch {
        // A shorter one may be known.
      }
    }
    throw e;
  }
}

/** A chisel written in Lua. Errors in it come as ChiselError. */
export class LuaChisel implements Chisel {
  private script: Script;
  private readonly interrupt = new Interrupt();
  private onInterval: LuaCallback | undefined;
  private template: ChiselTemplate | null = null;
  private filter: ChiselFilter | null = null;
  private onEvent: (() => LuaValue) | undefined;
  private context: EventContext;
  private clock: IntervalClock;
  private baseSec = 0;
  private firstTs = Number.NaN;
  private lastTs = 0;
  private seen = false;
  /** os.exit was called: nothing more is run. */
  private exited = false;

  /**
   * Loads the file and runs its main chunk.
   * @throws ChiselError
   */
  constructor(
    readonly name: string,
    path: string,
    private readonly args: string | undefined,
    private readonly runtime: ChiselRuntime,
  ) {
    this.script = this.load(path, name);
    this.context = this.script.context;
    this.clock = this.script.clock;
  }

  private load(path: string, name: string): Script {
    try {
      return new Script(this.runtime, this.interrupt, path, name);
    } catch (e) {
      if (isControl(e)) throw e;
      throw new ChiselError(`Failed to load chisel ${path}: ${e instanceof Error ? e.message : String(e)}`);
    }
  }

  get needs(): ChiselNeeds {
    const fields = this.script.handles.map((h) => h.field);
    if (this.script.template !== null) fields.push(...this.script.template.fields);
    const filter = this.script.filter;
    return {
      fields,
      filter: filter === null ? undefined : { text: filter.text, fields: filter.fields },
      events: this.script.onEvent !== undefined,
      threads: mayAskForThreads(this.script.path, this.script.modulePath),
      intervals: this.script.clock.active,
    };
  }

  onInit(): void {
    try {
      this.init();
    } catch (e) {
      // What it printed so far may say why.
      this.runtime.out.flush();
      throw this.refusal(e);
    }
  }

  /** Why a chisel does not start. Of those that come with tsdig only the reason matters: an argument is wrong. */
  private refusal(e: unknown): unknown {
    const shipped = resolve(this.script.path).startsWith(`${shippedChiselDir()}/`);
    if (!shipped || !(e instanceof ChiselError) || !e.fromLua) return this.explain(e);
    const reason = e.message.split('\n', 1)[0].replace(/^\S+\.lua:\d+: /, '');
    return new ChiselError(`${this.name}: ${reason} (tsdig -i ${this.name} explains its arguments)`);
  }

  private init(): void {
    let args: string | readonly string[] | undefined = this.args;
    for (let depth = 0; ; depth++) {
      const script = this.script;
      script.init(args);
      const next = script.replacement;
      if (next === null) break;
      if (depth > 20) throw new ChiselError(`chisel ${this.name} replaces itself by chisel.exec without end`);
      // An executed chisel stands beside the one that executes it, or in the usual places.
      const own = script.path.includes('/') ? script.path.slice(0, script.path.lastIndexOf('/')) : '.';
      this.script = this.load(findChisel(next.name, [own, ...(this.runtime.chiselDirs ?? [])]), next.name);
      args = next.args;
    }
    this.context = this.script.context;
    this.clock = this.script.clock;
    this.refresh();
    this.onInterval = this.script.engine.callback('on_interval');
  }

  /** Callbacks may set filter and formatter at any time before the events. */
  private refresh(): void {
    this.filter = this.script.filter;
    this.template = this.script.template;
    this.onEvent = this.script.onEvent;
  }

  onCaptureStart(machine: Machine): void {
    this.context.machine = machine;
    this.script.started = true;
    const start = this.script.engine.callback('on_capture_start');
    let result: LuaValue = true;
    try {
      if (start !== undefined) result = this.script.guard(start);
    } catch (e) {
      throw this.refusal(e);
    }
    if (result !== true) {
      throw new ChiselError(`on_capture_start of chisel ${this.name} did not return true`);
    }
    this.refresh();
  }

  onTime(ev: EventView): void {
    this.note(ev);
    if (this.clock.isDue(ev.ts)) {
      this.context.ev = ev;
      this.script.crossing = true;
      this.runIntervals(ev.ts);
      this.script.crossing = false;
    }
  }

  private note(ev: EventView): void {
    if (!this.seen) {
      this.seen = true;
      this.baseSec = ev.baseSec;
      this.firstTs = ev.ts;
    }
    this.lastTs = ev.ts;
  }

  process(ev: EventView, machine: Machine): void {
    this.onTime(ev);
    if (this.filter !== null && !this.filter.matches(ev, machine)) return;
    const onEvent = this.onEvent;
    if (onEvent === undefined) return;
    const context = this.context;
    context.ev = ev;
    context.machine = machine;
    this.interrupt.begin();
    let accepted: LuaValue;
    try {
      accepted = onEvent();
    } catch (e) {
      this.interrupt.rest();
      this.failed(e, 'on_event');
      return;
    }
    if (accepted === true && this.template !== null) printEvent(this.template, this.runtime, ev, machine);
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
    const end = this.script.engine.callback('on_capture_end');
    if (end === undefined || this.exited) return;
    const second = Math.floor(this.lastTs / 1e9);
    const delta = this.seen ? this.lastTs - this.firstTs : 0;
    const sec = this.baseSec + second;
    const ns = this.lastTs - second * 1e9;
    try {
      this.script.guard(() => end(sec, ns, delta));
    } catch (e) {
      this.failed(e, 'on_capture_end');
    }
  }

  private runIntervals(at: number): void {
    const call = this.onInterval;
    this.clock.run(at, this.baseSec, (sec, ns, delta) => {
      if (call === undefined)
        throw new ChiselError(`chisel ${this.name} sets an interval but has no on_interval function`);
      let goOn: LuaValue;
      try {
        goOn = this.script.guard(() => call(sec, ns, delta));
      } catch (e) {
        this.failed(e, 'on_interval');
        return;
      }
      if (goOn !== true) {
        throw new ChiselError(`execution terminated by the ${this.name} chisel`);
      }
    });
  }

  /** A callback threw. The user's interrupt of one that does not return ends the run in the normal way. */
  private failed(e: unknown, callback: string): void {
    if (e instanceof ChiselExit) this.exited = true;
    if (!(e instanceof ChiselInterrupted)) throw this.explain(e);
    this.runtime.log(`${callback} of chisel ${this.name} was interrupted`, 'warning');
    this.runtime.endCapture();
  }

  private explain(e: unknown): unknown {
    if (!(e instanceof ChiselError) || !e.fromLua) return e;
    return new ChiselError(`${this.name} chisel error: ${e.message}`);
  }
}
