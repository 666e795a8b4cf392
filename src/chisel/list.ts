import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { evtTable } from './api_evt.js';
import type { ChiselArgument } from './arguments.js';
import { ChiselError } from './engine.js';
import { Interrupt } from './interrupt.js';
import { readSource } from './lua/modules.js';
import { LuaTable } from './lua/table.js';
import { NONE } from './lua/value.js';
import { startEngine } from './lua_engines.js';
import { type ChiselMetadata, metadataOf } from './metadata.js';
import { StringOutput } from './output.js';
import { type ChiselRuntime, EventContext } from './runtime.js';
import { chiselDirs, findChisel, moduleDirs } from './search.js';

/** What a listing tells of one chisel. Text is UTF-8 decoded. */
export interface ChiselDescription {
  readonly name: string;
  readonly path: string;
  readonly category: string;
  readonly shortDescription: string;
  readonly description: string;
  readonly args: readonly ChiselArgument[];
  readonly hidden: boolean;
}

const utf8 = (bytes: string): string => Buffer.from(bytes, 'latin1').toString();

/** The API of a chisel that is only looked at: its main chunk may ask what the run would say, and gets the dullest answer. */
function inspect(path: string, dirs: readonly string[]): ChiselMetadata {
  const out = new StringOutput();
  const source = readSource(path);
  const modulePath = moduleDirs(path, dirs);
  const nothing = (): typeof NONE => NONE;
  const engine = startEngine(undefined, { out, interrupt: new Interrupt(), modulePath }, (engine) => {
    engine.setGlobal(
      'sysdig',
      LuaTable.record({
        is_live: () => false,
        is_tty: () => false,
        is_print_container_data: () => false,
        get_output_format: () => 'normal',
        get_filter: () => '',
        get_terminal_info: () => LuaTable.record({ width: -1, height: -1 }),
        get_evtsource_name: () => '',
        set_snaplen: nothing,
        set_output_format: nothing,
      }),
    );
    engine.setGlobal(
      'chisel',
      LuaTable.record({ request_field: nothing, set_filter: () => true, set_event_formatter: () => true }),
    );
    engine.setGlobal('evt', evtTable(new EventContext(), {} as ChiselRuntime));
    engine.run(source, path);
  });
  return metadataOf(engine);
}

async function inspectAny(path: string, dirs: readonly string[]): Promise<ChiselMetadata> {
  if (!/\.(m?[jt]s)$/.test(path)) return inspect(path, dirs);
  return (await import('./script_chisel.js')).scriptMetadata(path);
}

/**
 * What a chisel says of itself: its arguments decide what the command line gives it.
 * @throws ChiselError when there is none of that name, it does not load, or it is no chisel
 */
export async function describeChisel(
  nameOrPath: string,
  extraDirs: readonly string[] = [],
): Promise<ChiselDescription> {
  const path = findChisel(nameOrPath, extraDirs);
  let meta: ChiselMetadata;
  try {
    meta = await inspectAny(path, chiselDirs(extraDirs));
  } catch (e) {
    if (e instanceof ChiselError && !e.fromLua) throw e;
    throw new ChiselError(`Failed to load chisel ${path}: ${e instanceof Error ? e.message : String(e)}`);
  }
  if (meta.args === undefined) {
    if (meta.isView)
      throw new ChiselError(`${nameOrPath} is a view of the interactive csysdig, not a chisel`);
    throw new ChiselError(`Failed to load chisel ${path}: args table missing`);
  }
  const name = /[\\/]/.test(nameOrPath) ? path.replace(/^.*[\\/]/, '').replace(/\.[a-z]+$/, '') : nameOrPath;
  return describe(name, path, meta);
}

function describe(name: string, path: string, meta: ChiselMetadata): ChiselDescription {
  return {
    name,
    path,
    category: utf8(meta.category),
    shortDescription: utf8(meta.shortDescription ?? ''),
    description: utf8(meta.description ?? ''),
    args: (meta.args ?? []).map((a) => ({
      ...a,
      name: utf8(a.name),
      description: utf8(a.description),
      type: utf8(a.type),
    })),
    hidden: meta.hidden,
  };
}

/** All chisels that can be called by name, sorted by category and name. Files that do not load are left out. */
export async function listChisels(extraDirs: readonly string[] = []): Promise<ChiselDescription[]> {
  const dirs = chiselDirs(extraDirs);
  const found = new Map<string, ChiselDescription>();
  for (const dir of dirs) {
    let files: string[];
    try {
      files = readdirSync(dir).sort();
    } catch {
      continue;
    }
    for (const file of files) {
      const m = /^(.+)\.(lua|m?[jt]s)$/.exec(file);
      if (m === null || found.has(m[1]) || file.endsWith('.d.ts')) continue;
      const path = join(dir, file);
      // A file without these words is a library: not worth running.
      const text = readFileSync(path, 'latin1');
      if (!text.includes('short_description') && !text.includes('defineChisel')) continue;
      try {
        const meta = await inspectAny(path, dirs);
        if (
          meta.args === undefined ||
          meta.shortDescription === undefined ||
          meta.description === undefined ||
          meta.hidden
        )
          continue;
        found.set(m[1], describe(m[1], path, meta));
      } catch {
        // A broken file is reported when it is asked for by name.
      }
    }
  }
  const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return [...found.values()].sort((a, b) => order(a.category, b.category) || order(a.name, b.name));
}

const NAME_WIDTH = 16;
const LINE_WIDTH = 79;

/** Words of `text` in lines of at most `width`. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(/ +/)) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else {
        line = line === '' ? word : `${line} ${word}`;
      }
    }
    lines.push(line);
  }
  return lines;
}

const indent = ' '.repeat(NAME_WIDTH);

function heading(category: string): string {
  const text = `Category: ${category}`;
  return `\n${text}\n${'-'.repeat(text.length)}\n`;
}

function oneLine(d: ChiselDescription): string {
  const lines = wrap(d.shortDescription, LINE_WIDTH - NAME_WIDTH);
  const first = d.name.length >= NAME_WIDTH ? `${d.name}\n${indent}` : d.name.padEnd(NAME_WIDTH);
  return `${first}${lines.join(`\n${indent}`)}\n`;
}

/** The text of `-cl`. */
export function formatChiselList(chisels: readonly ChiselDescription[]): string {
  let text = '';
  let category: string | undefined;
  for (const d of chisels) {
    if (d.category !== category) {
      category = d.category;
      text += heading(category);
    }
    text += oneLine(d);
  }
  return `${text}\nUse the -i flag to get detailed information about a specific chisel\n\n`;
}

/** The text of `-i NAME`. */
export function formatChiselInfo(d: ChiselDescription): string {
  let text = `${heading(d.category)}${oneLine(d)}\n${wrap(d.description.trim(), LINE_WIDTH).join('\n')}\nArgs:\n`;
  if (d.args.length === 0) text += '(None)\n';
  for (const a of d.args) {
    const line = `[${a.type}] ${a.name} - ${a.description}${a.optional ? ' (optional)' : ''}`;
    text += `${wrap(line, LINE_WIDTH - NAME_WIDTH).join(`\n${indent}`)}\n`;
  }
  return `${text}\n`;
}
