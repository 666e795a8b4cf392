import type { ByteOutput } from '../output.js';
import { integerArg, numberArg, tableArg, textArg } from './arguments.js';
import { errorValue } from './errors.js';
import type { GlobalTable } from './globals.js';
import { ipairs, next, pairs } from './iteration.js';
import { LuaSyntaxError, UnsupportedLua } from './lexer.js';
import { findModule, readSource } from './modules.js';
import { textToInteger, textToNumber } from './number.js';
import { call, metamethod, metatableOf, typeName } from './ops.js';
import { printFunction } from './print.js';
import { LuaTable } from './table.js';
import { toText } from './text.js';
import type { LuaFunction, LuaResult, LuaValue } from './value.js';
import { allOf, first, LuaError } from './value.js';

/** What the base library needs of its state. */
export interface BaseOptions {
  readonly globals: GlobalTable;
  readonly out: ByteOutput;
  readonly modulePath: readonly string[];
  /** Throws LuaSyntaxError or UnsupportedLua. */
  compile(source: string, chunk: string): LuaFunction;
}

function protectedCall(f: LuaValue, args: LuaValue[], handler: LuaValue): LuaResult {
  try {
    const r = call(f, ...args);
    return Array.isArray(r) ? [true, ...(r as LuaValue[])] : [true, r as LuaValue];
  } catch (e) {
    if (e instanceof UnsupportedLua) throw e;
    const value = errorValue(e);
    return handler === undefined ? [false, value] : [false, ...allOf(call(handler, value))];
  }
}

function load(options: BaseOptions, source: string, chunk: string): LuaResult {
  try {
    return options.compile(source, chunk);
  } catch (e) {
    if (e instanceof LuaSyntaxError || e instanceof UnsupportedLua) return [undefined, e.message];
    throw e;
  }
}

/** How messages call a chunk given as text. */
function chunkName(source: string, name: LuaValue): string {
  if (typeof name === 'string') return name.replace(/^[@=]/, '');
  const line = source.split('\n')[0];
  return `[string "${line.length < source.length ? `${line}...` : line}"]`;
}

function requireFunction(options: BaseOptions, loaded: LuaTable, preload: LuaTable): LuaFunction {
  return (nameArg) => {
    const name = textArg(nameArg, 1, 'require');
    const known = loaded.getStr(name);
    if (known !== undefined) return known;
    let loader = preload.getStr(name);
    if (loader === undefined) {
      const path = findModule(name, options.modulePath);
      if (path === undefined) {
        throw new LuaError(
          `module '${name}' not found (looked for ${name}.lua in ${options.modulePath.join(', ')})`,
        );
      }
      try {
        loader = options.compile(readSource(path), path);
      } catch (e) {
        if (e instanceof LuaSyntaxError)
          throw new LuaError(`error loading module '${name}': ${e.message}`, 0);
        throw e;
      }
    }
    loaded.setStr(name, true);
    const result = first(call(loader, name));
    if (result !== undefined) loaded.setStr(name, result);
    return loaded.getStr(name);
  };
}

/** The global functions of Lua 5.1. */
export function baseLibrary(options: BaseOptions): { [name: string]: LuaValue } {
  const { globals, out } = options;
  const loaded = new LuaTable();
  const preload = new LuaTable();
  const packageTable = LuaTable.record({
    loaded,
    preload,
    path: options.modulePath.map((d) => `${d}?.lua`).join(';'),
    cpath: '',
    loaders: new LuaTable(),
    config: '/\n;\n?\n!\n-\n',
  });
  loaded.setStr('package', packageTable);
  const readFile = (name: LuaValue): string => {
    const path = Buffer.from(textArg(name, 1, 'loadfile'), 'latin1').toString();
    try {
      return readSource(path);
    } catch {
      throw new LuaError(`cannot open ${path}`, 0);
    }
  };
  return {
    _G: globals,
    _VERSION: 'Lua 5.1',
    package: packageTable,
    require: requireFunction(options, loaded, preload),
    assert: (...args) => {
      const [v, message] = args;
      if (v !== undefined && v !== false) return args;
      if (args.length === 0) throw new LuaError("bad argument #1 to 'assert' (value expected)");
      throw new LuaError(args.length < 2 ? 'assertion failed!' : message, 0);
    },
    collectgarbage: (what) => (what === 'count' ? process.memoryUsage().heapUsed / 1024 : 0),
    gcinfo: () => Math.floor(process.memoryUsage().heapUsed / 1024),
    dofile: (name) => call(options.compile(readFile(name), String(name))),
    error: (value, level) => {
      throw new LuaError(value, level === undefined ? 1 : integerArg(level, 2, 'error'));
    },
    getmetatable: (v) => {
      const hidden = metamethod(v, '__metatable');
      if (hidden !== undefined) return hidden;
      return metatableOf(v) ?? undefined;
    },
    setmetatable: (tv, meta) => {
      const t = tableArg(tv, 1, 'setmetatable');
      if (meta !== undefined && !(meta instanceof LuaTable)) {
        throw new LuaError("bad argument #2 to 'setmetatable' (nil or table expected)");
      }
      if (t.metatable?.getStr('__metatable') !== undefined)
        throw new LuaError('cannot change a protected metatable');
      t.metatable = meta ?? null;
      return t;
    },
    ipairs,
    pairs,
    next,
    load: (chunk, name) => {
      if (typeof chunk === 'string') return load(options, chunk, chunkName(chunk, name));
      let source = '';
      for (;;) {
        const piece = first(call(chunk));
        if (typeof piece !== 'string' || piece === '') break;
        source += piece;
      }
      return load(options, source, chunkName(source, name ?? '=(load)'));
    },
    loadstring: (s, name) => {
      const source = textArg(s, 1, 'loadstring');
      return load(options, source, chunkName(source, name));
    },
    loadfile: (name) => {
      try {
        return load(options, readFile(name), String(name));
      } catch (e) {
        return [undefined, errorValue(e)];
      }
    },
    pcall: (f, ...args) => protectedCall(f, args, undefined),
    xpcall: (f, handler, ...args) => protectedCall(f, args, handler),
    print: printFunction(out),
    rawequal: (a, b) => a === b,
    rawget: (t, k) => tableArg(t, 1, 'rawget').get(k),
    rawlen: (v) => (typeof v === 'string' ? v.length : tableArg(v, 1, 'rawlen').length()),
    rawset: (t, k, v) => {
      if (k === undefined) throw new LuaError('table index is nil');
      tableArg(t, 1, 'rawset').set(k, v);
      return t;
    },
    select: (n, ...args) => {
      if (n === '#') return args.length;
      const i = integerArg(n, 1, 'select');
      if (i < 0) {
        if (-i > args.length) throw new LuaError("bad argument #1 to 'select' (index out of range)");
        return args.slice(args.length + i);
      }
      if (i === 0) throw new LuaError("bad argument #1 to 'select' (index out of range)");
      return args.slice(i - 1);
    },
    tonumber: (...args) => {
      const [v, base] = args;
      if (args.length === 0) throw new LuaError("bad argument #1 to 'tonumber' (value expected)");
      if (base === undefined || base === 10)
        return typeof v === 'number' ? v : typeof v === 'string' ? textToNumber(v) : undefined;
      const b = numberArg(base, 2, 'tonumber');
      if (!(b >= 2 && b <= 36)) throw new LuaError("bad argument #2 to 'tonumber' (base out of range)");
      return textToInteger(textArg(v, 1, 'tonumber'), b);
    },
    tostring: (...args) => {
      if (args.length === 0) throw new LuaError("bad argument #1 to 'tostring' (value expected)");
      return toText(args[0]);
    },
    type: (...args) => {
      if (args.length === 0) throw new LuaError("bad argument #1 to 'type' (value expected)");
      return typeName(args[0]);
    },
    unpack: (tv, iv, jv) => {
      const t = tableArg(tv, 1, 'unpack');
      const from = iv === undefined ? 1 : integerArg(iv, 2, 'unpack');
      const to = jv === undefined ? t.length() : integerArg(jv, 3, 'unpack');
      if (to - from >= 100000) throw new LuaError('too many results to unpack');
      const list: LuaValue[] = [];
      for (let i = from; i <= to; i++) list.push(t.get(i));
      return list;
    },
  };
}
