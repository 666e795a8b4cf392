import type { Source } from '../capture/source.js';
import type {
  BufferFormat as ChiselBufferFormat,
  ChiselFilter,
  ChiselRuntime,
  ChiselTemplate,
} from '../chisel/runtime.js';
import type { ContainerInfo } from '../container/container.js';
import type { EventView } from '../event/view.js';
import type { PlannedField } from '../fields/field.js';
import { planField } from '../fields/registry.js';
import { type CompiledFilter, compileFilter } from '../filter/compile.js';
import { type FilterNeeds, joinNeeds } from '../filter/needs.js';
import { renderValue } from '../format/value.js';
import type { Machine } from '../machine/machine.js';
import { needsOfFields } from '../session/run_plan.js';
import type { Session } from '../session/session.js';
import { configuredChiselDirs } from './config.js';
import type { BufferFormat, Options } from './options.js';
import type { Output } from './output.js';
import { chiselTemplate, fieldOptions } from './template_choice.js';
import { isTerminal, say } from './terminal.js';

/** What the command line lends to the chisels of a run. */
export class CliRuntime implements ChiselRuntime {
  readonly out: Output;
  readonly live: boolean;
  readonly tty = isTerminal('stdout');
  readonly printContainer: boolean;
  readonly json: boolean;
  readonly filterText: string;
  readonly sourceName: string;
  readonly chiselDirs: readonly string[];
  readonly machine: Machine;
  /** The filter of the run: the user's, or one that a chisel set. */
  globalFilter: string;
  /** What a chisel asked for, where the user left it open. */
  snaplen: number | undefined;
  /** Command lines to run when this run has ended. */
  readonly afterwards: (readonly string[])[] = [];
  buffers: BufferFormat;
  private readonly options: Options;
  private readonly filters = new Map<string, CompiledFilter>();
  private session: Session | null = null;
  private source: Source | null = null;

  constructor(options: Options, output: Output, machine: Machine, live: boolean) {
    this.options = options;
    this.out = output;
    this.machine = machine;
    this.live = live;
    this.printContainer = options.print === 'c' || options.print === 'container';
    this.json = options.json;
    this.filterText = options.filter;
    this.globalFilter = options.filter;
    this.sourceName = options.read[0] ?? '';
    this.snaplen = options.snaplen;
    this.buffers = options.buffers;
    this.chiselDirs = configuredChiselDirs();
  }

  /** The session and its source, once they exist. */
  attach(session: Session, source: Source): void {
    this.session = session;
    this.source = source;
  }

  terminalSize(): { readonly width: number; readonly height: number } {
    return { width: process.stdout.columns ?? -1, height: process.stdout.rows ?? -1 };
  }

  compileFilter(text: string): ChiselFilter {
    return this.compiled(text);
  }

  /** The filter of this text, compiled once. */
  compiled(text: string): CompiledFilter {
    let filter = this.filters.get(text);
    if (filter === undefined) {
      filter = compileFilter(text, { fields: { portNames: this.options.resolvePorts } });
      this.filters.set(text, filter);
    }
    return filter;
  }

  /** What fields and a chisel's own filter need of the machine. */
  needsOf(fields: readonly PlannedField[], filter: CompiledFilter | undefined): FilterNeeds {
    const needs = needsOfFields(fields);
    return filter === undefined ? needs : joinNeeds(needs, filter.needs);
  }

  planField(text: string): PlannedField {
    return planField(text, { ...fieldOptions(this.options, this), whole: true });
  }

  compileTemplate(text: string): ChiselTemplate {
    return chiselTemplate(text, this.options, this);
  }

  renderValue(field: PlannedField, ev: EventView, machine: Machine): string | undefined {
    const value = field.extract(ev, machine);
    return value === undefined ? undefined : renderValue(value, field.type, field.fmt);
  }

  containers(): Iterable<ContainerInfo> {
    return this.machine.containers;
  }

  firstTs(): bigint {
    return this.absolute(this.session?.summary.firstTs);
  }

  lastTs(): bigint {
    return this.absolute(this.session?.view.ts);
  }

  private absolute(ts: number | undefined): bigint {
    const sec = this.session?.view.baseSec ?? 0;
    return ts === undefined || sec === 0 ? 0n : BigInt(sec) * 1_000_000_000n + BigInt(ts);
  }

  readProgress(): number {
    const progress = this.source?.progress();
    return progress === undefined || progress.total === 0 ? -1 : (progress.done / progress.total) * 100;
  }

  setFilter(text: string): void {
    this.globalFilter = this.globalFilter === '' ? text : `(${this.globalFilter}) and (${text})`;
  }

  setSnaplen(bytes: number): void {
    if (this.options.snaplen === undefined) this.snaplen = Math.max(this.snaplen ?? 0, bytes);
  }

  setBufferFormat(format: ChiselBufferFormat): void {
    if (this.options.buffers !== 'normal') return;
    const known: Partial<Record<ChiselBufferFormat, BufferFormat>> = {
      hex: 'hex',
      hexascii: 'hexascii',
      ascii: 'ascii',
      base64: 'base64',
    };
    this.buffers = known[format] ?? 'normal';
  }

  setFatfileDump(_on: boolean): void {}

  endCapture(): void {
    this.session?.end();
  }

  runAfter(words: readonly string[]): void {
    this.afterwards.push(words);
  }

  log(message: string, severity: 'debug' | 'info' | 'warning' | 'error' | 'critical'): void {
    if (severity === 'debug' && !this.options.debug) return;
    say(`tsdig: ${severity}: ${message}\n`);
  }
}
