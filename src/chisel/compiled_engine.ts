import { Script } from 'node:vm';
import type { EngineOptions, LuaCallback, LuaEngine } from './engine.js';
import { ChiselError, isControl } from './engine.js';
import { baseLibrary } from './lua/baselib.js';
import { bitLibrary } from './lua/bitlib.js';
import { HELPERS } from './lua/code_names.js';
import { generate } from './lua/codegen.js';
import { chunkFile, errorValue, luaFrames, traceback } from './lua/errors.js';
import { GlobalTable } from './lua/globals.js';
import { ioLibrary } from './lua/iolib.js';
import * as iteration from './lua/iteration.js';
import { LuaSyntaxError, UnsupportedLua } from './lua/lexer.js';
import { mathLibrary } from './lua/mathlib.js';
import * as ops from './lua/ops.js';
import { osLibrary } from './lua/oslib.js';
import { parse } from './lua/parser.js';
import { printJoined } from './lua/print.js';
import { stringLibrary } from './lua/stringlib.js';
import { LuaTable } from './lua/table.js';
import { tableLibrary } from './lua/tablelib.js';
import { toText } from './lua/text.js';
import type { LuaFunction, LuaValue } from './lua/value.js';
import { first, NONE } from './lua/value.js';

/** Levels of the stack that an error keeps: enough for a traceback, and for finding the level that raised it. */
const STACK_LEVELS = 50;

/** Lua 5.1 compiled to JavaScript. Throws UnsupportedLua for sources that need fengari. */
export class CompiledEngine implements LuaEngine {
  readonly kind = 'compiled';
  private readonly globals = new GlobalTable();
  private readonly helpers: { [name: string]: unknown } = {};

  constructor(private readonly options: EngineOptions) {
    Error.stackTraceLimit = Math.max(Error.stackTraceLimit, STACK_LEVELS);
    const all: { readonly [name: string]: unknown } = { ...ops, ...iteration, printJoined };
    for (const name of HELPERS) this.helpers[name] = all[name];
    this.openLibraries();
  }

  private openLibraries(): void {
    const { globals, options } = this;
    const string = stringLibrary(toText);
    ops.setStringMethods(string);
    const libraries: { [name: string]: LuaTable } = {
      string,
      table: tableLibrary(),
      math: mathLibrary(),
      io: ioLibrary(options.out),
      os: osLibrary(options.out),
      bit: bitLibrary(),
      jit: LuaTable.record({
        version: 'tsdig',
        os: 'Linux',
        arch: 'x64',
        on: () => NONE,
        off: () => NONE,
        flush: () => NONE,
        status: () => false,
      }),
      debug: LuaTable.record({
        traceback: (message) => {
          const lines = traceback(new Error());
          const head = message === undefined ? '' : `${toText(message)}\n`;
          return `${head}stack traceback:${lines.map((l) => `\n\t${l}`).join('')}`;
        },
        getinfo: (level) => {
          // Level 1 is who calls; of a function nothing is known.
          const frame = typeof level === 'number' ? luaFrames(new Error())[level - 1] : undefined;
          if (frame === undefined && typeof level === 'number') return undefined;
          const chunk = frame?.chunk ?? '?';
          return LuaTable.record({
            currentline: frame?.line ?? -1,
            short_src: chunk,
            source: `@${chunk}`,
            what: frame?.where === 'in main chunk' ? 'main' : 'Lua',
          });
        },
      }),
    };
    const base = baseLibrary({
      globals,
      out: options.out,
      modulePath: options.modulePath,
      compile: (source, chunk) => this.compile(source, chunk),
    });
    for (const [name, f] of Object.entries(base)) globals.setStr(name, f);
    const loaded = (globals.getStr('package') as LuaTable).getStr('loaded') as LuaTable;
    for (const [name, library] of Object.entries(libraries)) {
      globals.setStr(name, library);
      loaded.setStr(name, library);
    }
    loaded.setStr('_G', globals);
  }

  /** Compiles a chunk to a function of its varargs. Throws LuaSyntaxError or UnsupportedLua. */
  private compile(source: string, chunk: string): LuaFunction {
    const code = generate(parse(source, chunk));
    const script = new Script(`(function($h,$I,$cell){${code}})`, { filename: chunkFile(chunk) });
    const make = script.runInThisContext() as (
      helpers: object,
      interrupt: object,
      cell: (name: string) => object,
    ) => LuaFunction;
    return make(this.helpers, this.options.interrupt, (name) => this.globals.cell(name));
  }

  setGlobal(name: string, value: LuaValue): void {
    this.globals.setStr(name, value);
  }

  getGlobal(name: string): LuaValue {
    return this.globals.getStr(name);
  }

  run(source: string, chunk: string): void {
    try {
      this.compile(source, chunk)();
    } catch (e) {
      throw this.explain(e);
    }
  }

  callback(name: string): LuaCallback | undefined {
    const f = this.globals.getStr(name);
    if (typeof f !== 'function') return undefined;
    return (...args) => {
      try {
        return first(f(...args));
      } catch (e) {
        throw this.explain(e);
      }
    };
  }

  eventCallback(name: string): (() => LuaValue) | undefined {
    const f = this.globals.getStr(name);
    if (typeof f !== 'function') return undefined;
    return () => {
      try {
        return first(f());
      } catch (e) {
        throw this.explain(e);
      }
    };
  }

  private explain(e: unknown): unknown {
    if (e instanceof ChiselError || e instanceof UnsupportedLua || isControl(e)) return e;
    if (e instanceof LuaSyntaxError) return ChiselError.ofLua(e.message, []);
    const value = errorValue(e);
    const message =
      typeof value === 'string' || typeof value === 'number'
        ? String(value)
        : `(error object is a ${ops.typeName(value)} value)`;
    return ChiselError.ofLua(message, e instanceof Error ? traceback(e) : []);
  }
}
