import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { FieldOptions, TimeMode } from '../../src/fields/field.js';
import { LineBuffer } from '../../src/fields/line_buffer.js';
import { compileFilter } from '../../src/filter/compile.js';
import { compileJsonTemplate } from '../../src/format/json.js';
import { EventSummary } from '../../src/format/summary.js';
import { compileTemplate, DEFAULT_TEMPLATE, templateOf } from '../../src/format/template.js';
import { replay } from './replay.js';

/** The recordings with what sysdig printed for them, beside the repository. Absent on a clean clone. */
export const SHARED = resolve(import.meta.dirname, '../../../shared/captures');

/** One run of sysdig: its arguments and where its standard output is kept. */
export interface Case {
  readonly args: readonly string[];
  readonly exit: number;
  readonly lines: number;
  readonly stdout: string;
}

export function casesOf(directory: string, capture: string): Case[] {
  const path = join(directory, `${capture}.cases.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Case[]) : [];
}

/** Everything but chisels, which have a suite of their own. */
export function printsEvents(one: Case): boolean {
  return !one.args.includes('-c');
}

export interface Plan {
  readonly template: string;
  readonly options: FieldOptions;
  readonly json: boolean;
  readonly summary: boolean;
  readonly maxEvents: number | undefined;
  readonly filter: string;
}

const BUFFERS: Readonly<Record<string, FieldOptions['buffers']>> = {
  '-x': 'hex',
  '-X': 'hexascii',
  '-A': 'ascii',
  '-b': 'base64',
};

/** What the arguments ask for. */
export function planOf(args: readonly string[]): Plan {
  let template = DEFAULT_TEMPLATE;
  let options: FieldOptions = {};
  let json = false;
  let summary = false;
  let maxEvents: number | undefined;
  const filter: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (arg === '-p') template = args[++i];
    else if (arg.startsWith('-p')) template = templateOf(arg.slice(2));
    else if (arg === '-n') maxEvents = Number(args[++i]);
    else if (arg === '-t') options = { ...options, time: args[++i] as TimeMode };
    else if (arg in BUFFERS) options = { ...options, buffers: BUFFERS[arg] };
    else if (arg === '-v') options = { ...options, whole: true };
    else if (arg === '-j') json = true;
    else if (arg === '-S') summary = true;
    else if (arg !== '-q') filter.push(arg);
  }
  return { template, options, json, summary, maxEvents, filter: filter.join(' ') };
}

/** Runs the plan on a capture; a byte string. @throws FieldError, FilterError */
export async function run(capture: string, plan: Plan): Promise<string> {
  const filter = plan.filter === '' ? undefined : compileFilter(plan.filter);
  const common = {
    ...(plan.maxEvents === undefined ? {} : { maxEvents: plan.maxEvents }),
    ...(filter === undefined ? {} : { filter: filter.matches.bind(filter) }),
  };
  if (plan.summary) {
    const summary = new EventSummary();
    await replay(capture, { ...common, onCounted: (ev) => summary.add(ev), onEvent: () => {} });
    return summary.render();
  }
  const template = plan.json
    ? compileJsonTemplate(plan.template, plan.options)
    : compileTemplate(plan.template, plan.options);
  const out = new LineBuffer();
  await replay(capture, {
    ...common,
    onEvent(ev, machine) {
      if (template.write(out, ev, machine)) out.byte(10);
    },
  });
  return out.since(0);
}

export function expectedOutput(directory: string, one: Case): string {
  return gunzipSync(readFileSync(join(directory, one.stdout))).latin1Slice();
}

/**
 * Output by event number, so that one missing line does not shift all others. Lines that belong to the event before
 * them (dumps, line ends inside of arguments) stay with it.
 */
export function byEvent(text: string): Map<string, string> {
  const lines = new Map<string, string>();
  let last = '';
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const key = /^(?:\{.*"evt\.num":(\d+)[,}]|(\d+)(?=[ |]))/.exec(line);
    const num = key?.[1] ?? key?.[2];
    if (num !== undefined && !lines.has(num)) {
      lines.set(num, line);
      last = num;
    } else lines.set(last, `${lines.get(last) ?? ''}\n${line}`);
  }
  return lines;
}
