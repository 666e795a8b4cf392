import { createRequire } from 'node:module';
import type { LuaState } from 'fengari';
import type { EngineOptions, LuaCallback, LuaEngine } from './engine.js';
import { ChiselError, isControl } from './engine.js';
import { FENGARI_PRELUDE } from './fengari_prelude.js';
import { bitLibrary } from './lua/bitlib.js';
import { format } from './lua/format.js';
import { ioLibrary } from './lua/iolib.js';
import { findModule, readSource } from './lua/modules.js';
import { nonFinite, numberToText, textToInteger, textToNumber } from './lua/number.js';
import { osLibrary } from './lua/oslib.js';
import { LuaTable } from './lua/table.js';
import type { LuaFunction, LuaValue } from './lua/value.js';
import { allOf, LuaError, LuaUserdata } from './lua/value.js';

type Fengari = typeof import('fengari');

/** What fengari keeps of a value in a stack slot: enough to make whole numbers doubles. */
interface Slot {
  setfltvalue(n: number): void;
  setsvalue(s: unknown): void;
  ttisnumber(): boolean;
  readonly value: number;
}

let loaded: Fengari | undefined;

/**
 * Loads fengari and makes its numbers doubles: its 32-bit integers overflow silently, and Lua 5.1 has none.
 * Literals and converted texts all pass through luaO_str2num, numbers become text in luaO_tostring.
 */
function loadFengari(): Fengari {
  if (loaded !== undefined) return loaded;
  const before = process.env['FENGARICONF'];
  process.env['FENGARICONF'] = '{"LUA_COMPAT_FLOATSTRING":true}';
  const require = createRequire(import.meta.url);
  const fengari = require('fengari') as Fengari;
  if (before === undefined) delete process.env['FENGARICONF'];
  else process.env['FENGARICONF'] = before;
  const lobject = require('fengari/src/lobject.js') as {
    luaO_str2num(s: Uint8Array, o: Slot): number;
    luaO_tostring(L: LuaState, o: Slot): void;
  };
  const lstring = require('fengari/src/lstring.js') as { luaS_bless(L: LuaState, s: Uint8Array): unknown };
  lobject.luaO_str2num = (s, o) => {
    const end = s.indexOf(0);
    const text = Buffer.from(s.buffer, s.byteOffset, end < 0 ? s.length : end).latin1Slice();
    const n = textToNumber(text);
    if (n === undefined) return 0;
    o.setfltvalue(n);
    return text.length + 1;
  };
  lobject.luaO_tostring = (L, o) => {
    o.setsvalue(lstring.luaS_bless(L, Buffer.from(numberText(o.value), 'latin1')));
  };
  loaded = fengari;
  return fengari;
}

function numberText(n: number): string {
  return nonFinite(n) ?? numberToText(n);
}

const name = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** Lua on fengari, an interpreter of Lua 5.3, brought to 5.1's behaviour. */
export class FengariEngine implements LuaEngine {
  readonly kind = 'fengari';
  private readonly f: Fengari;
  private readonly L: LuaState;
  /** An exit or interrupt on its way through Lua code, which no pcall may stop. */
  private control: Error | null = null;
  private readonly strings = new Map<string, Uint8Array>();
  /** Stack of the last error, kept by the message handler. */
  private trace: string[] = [];
  private readonly handlerRef: number;
  private readonly metatables = new Map<LuaTable, number>();

  constructor(options: EngineOptions) {
    const f = loadFengari();
    this.f = f;
    const L = f.lauxlib.luaL_newstate();
    this.L = L;
    f.lualib.luaL_openlibs(L);
    f.lua.lua_atnativeerror(L, (state) => this.native(state));
    f.lua.lua_pushcfunction(L, (state) => {
      this.keepTrace(state);
      f.lua.lua_settop(state, 1);
      return 1;
    });
    this.handlerRef = f.lauxlib.luaL_ref(L, f.lua.LUA_REGISTRYINDEX);
    f.lua.lua_sethook(
      L,
      (state) => {
        try {
          options.interrupt.poll();
        } catch (e) {
          this.raise(state, e);
        }
      },
      f.lua.LUA_MASKCOUNT,
      20000,
    );
    this.openLibraries(options);
  }

  private openLibraries(options: EngineOptions): void {
    const toText = (v: LuaValue): string =>
      typeof v === 'number' ? numberText(v) : v === undefined ? 'nil' : String(v);
    this.setGlobal(
      'tsdig_host',
      LuaTable.record({
        format: (...args) => format(args, toText),
        tonumber: (v, base) =>
          typeof v === 'number'
            ? v
            : typeof v !== 'string'
              ? undefined
              : base === undefined || base === 10
                ? textToNumber(v)
                : textToInteger(v, Number(base)),
        write: (text) => {
          options.out.write(String(text));
          return [];
        },
        pending: () => this.control !== null,
        io: ioLibrary(options.out),
        os: osLibrary(options.out),
        bit: bitLibrary(),
        find: (module) => {
          const path = findModule(String(module), options.modulePath);
          return path === undefined ? undefined : [readSource(path), path];
        },
      }),
    );
    this.run(FENGARI_PRELUDE, 'prelude');
  }

  setGlobal(global: string, value: LuaValue): void {
    this.push(this.L, value);
    this.f.lua.lua_setglobal(this.L, name(global));
  }

  getGlobal(global: string): LuaValue {
    this.f.lua.lua_getglobal(this.L, name(global));
    const v = this.read(this.L, -1, 0);
    this.f.lua.lua_pop(this.L, 1);
    return v;
  }

  run(source: string, chunk: string): void {
    const { lua } = this.f;
    const L = this.L;
    lua.lua_rawgeti(L, lua.LUA_REGISTRYINDEX, this.handlerRef);
    let rest: Uint8Array | null = name(source);
    const reader = (): Uint8Array | null => {
      const piece = rest;
      rest = null;
      return piece;
    };
    let status = lua.lua_load(L, reader, null, name(`@${chunk}`), name('t'));
    if (status === lua.LUA_OK) status = lua.lua_pcall(L, 0, 0, -2);
    if (status !== lua.LUA_OK) this.fail();
    lua.lua_pop(L, 1);
  }

  callback(global: string): LuaCallback | undefined {
    const { lua, lauxlib } = this.f;
    const L = this.L;
    const type = lua.lua_getglobal(L, name(global));
    if (type !== lua.LUA_TFUNCTION) {
      lua.lua_pop(L, 1);
      return undefined;
    }
    const ref = lauxlib.luaL_ref(L, lua.LUA_REGISTRYINDEX);
    return (...args) => {
      lua.lua_rawgeti(L, lua.LUA_REGISTRYINDEX, this.handlerRef);
      lua.lua_rawgeti(L, lua.LUA_REGISTRYINDEX, ref);
      for (let i = 0; i < args.length; i++) this.push(L, args[i]);
      if (lua.lua_pcall(L, args.length, 1, -2 - args.length) !== lua.LUA_OK) this.fail();
      const v = this.read(L, -1, 0);
      lua.lua_pop(L, 2);
      return v;
    };
  }

  eventCallback(global: string): (() => LuaValue) | undefined {
    return this.callback(global);
  }

  /** Throws what the failed call left on the stack. */
  private fail(): never {
    const { lua, lauxlib } = this.f;
    const message = Buffer.from(lauxlib.luaL_tolstring(this.L, -1)).latin1Slice();
    lua.lua_settop(this.L, 0);
    const control = this.control;
    if (control !== null) {
      this.control = null;
      throw control;
    }
    const trace = this.trace;
    this.trace = [];
    // An error in a library function that the prelude wraps: the caller is to blame.
    const place = /^(.*?:\d+: )in /.exec(trace[0] ?? '')?.[1] ?? '';
    throw ChiselError.ofLua(
      message.replace(/^prelude:\d+: /, () => place),
      trace,
    );
  }

  private keepTrace(L: LuaState): void {
    const { lua, lauxlib } = this.f;
    lauxlib.luaL_traceback(L, L, null, 1);
    const text = Buffer.from(lua.lua_tostring(L, -1)).latin1Slice();
    lua.lua_pop(L, 1);
    this.trace = text
      .split('\n')
      .map((l) => l.trim())
      .filter((l) => l !== '' && l !== 'stack traceback:' && !/^(\[C\]|\[JS\]|prelude)/.test(l));
  }

  /** A JavaScript exception that passed through Lua: makes it the Lua error. */
  private native(L: LuaState): number {
    const e = this.f.lua.lua_touserdata(L, 1);
    if (isControl(e)) this.control = e;
    this.push(L, e instanceof RangeError ? 'stack overflow' : e instanceof Error ? e.message : String(e));
    return 1;
  }

  private raise(L: LuaState, e: unknown): never {
    const { lua, lauxlib } = this.f;
    if (isControl(e)) {
      this.control = e;
      this.push(L, e.message);
    } else if (e instanceof LuaError && typeof e.value !== 'string') {
      this.push(L, e.value);
    } else if (e instanceof Error) {
      lauxlib.luaL_where(L, 1);
      const where = Buffer.from(lua.lua_tostring(L, -1)).latin1Slice();
      lua.lua_pop(L, 1);
      this.push(L, where.startsWith('prelude') ? e.message : where + e.message);
    } else {
      this.push(L, String(e));
    }
    return lua.lua_error(L);
  }

  /** Host text → Lua text. Short texts repeat: their bytes are kept. */
  private bytes(text: string): Uint8Array {
    if (text.length > 64) return Buffer.from(text, 'latin1');
    let b = this.strings.get(text);
    if (b === undefined) {
      b = Buffer.from(text, 'latin1');
      if (this.strings.size > 10000) this.strings.clear();
      this.strings.set(text, b);
    }
    return b;
  }

  private push(L: LuaState, v: LuaValue): void {
    const { lua } = this.f;
    switch (typeof v) {
      case 'number':
        lua.lua_pushnumber(L, v);
        return;
      case 'string': {
        const b = this.bytes(v);
        lua.lua_pushlstring(L, b, b.length);
        return;
      }
      case 'boolean':
        lua.lua_pushboolean(L, v);
        return;
      case 'function':
        this.pushFunction(L, v);
        return;
      case 'object':
        if (v instanceof LuaTable) this.pushTable(L, v);
        else this.pushUserdata(L, v);
        return;
      default:
        lua.lua_pushnil(L);
    }
  }

  private pushTable(L: LuaState, t: LuaTable): void {
    const { lua } = this.f;
    lua.lua_createtable(L, t.arr.length, t.hash === null ? 0 : t.hash.size);
    for (const [k, v] of t.entries()) {
      this.push(L, k);
      this.push(L, v);
      lua.lua_rawset(L, -3);
    }
  }

  private pushUserdata(L: LuaState, v: LuaUserdata): void {
    const { lua, lauxlib } = this.f;
    const box = lua.lua_newuserdata(L, 0);
    box.host = v;
    if (v.metatable === null) return;
    let ref = this.metatables.get(v.metatable);
    if (ref === undefined) {
      this.pushTable(L, v.metatable);
      ref = lauxlib.luaL_ref(L, lua.LUA_REGISTRYINDEX);
      this.metatables.set(v.metatable, ref);
    }
    lua.lua_rawgeti(L, lua.LUA_REGISTRYINDEX, ref);
    lua.lua_setmetatable(L, -2);
  }

  private pushFunction(L: LuaState, f: LuaFunction): void {
    const { lua } = this.f;
    lua.lua_pushcfunction(L, (state) => {
      const n = lua.lua_gettop(state);
      const args: LuaValue[] = new Array<LuaValue>(n);
      for (let i = 0; i < n; i++) args[i] = this.read(state, i + 1, 0);
      let results: readonly LuaValue[];
      try {
        results = allOf(f(...args));
      } catch (e) {
        return this.raise(state, e);
      }
      for (const r of results) this.push(state, r);
      return results.length;
    });
  }

  /** The value in a stack slot; tables are copied down to a depth of 20. */
  private read(L: LuaState, index: number, depth: number): LuaValue {
    const { lua } = this.f;
    switch (lua.lua_type(L, index)) {
      case lua.LUA_TNUMBER:
        return lua.lua_tonumber(L, index);
      case lua.LUA_TSTRING: {
        const s = lua.lua_tostring(L, index);
        return Buffer.from(s.buffer, s.byteOffset, s.length).latin1Slice();
      }
      case lua.LUA_TBOOLEAN:
        return lua.lua_toboolean(L, index);
      case lua.LUA_TUSERDATA: {
        const box = lua.lua_touserdata(L, index) as { host?: unknown };
        return box.host instanceof LuaUserdata ? box.host : undefined;
      }
      case lua.LUA_TTABLE: {
        if (depth > 20) return undefined;
        const t = new LuaTable();
        lua.lua_pushvalue(L, index);
        lua.lua_pushnil(L);
        while (lua.lua_next(L, -2) !== 0) {
          const k = this.read(L, -2, depth + 1);
          if (k !== undefined && !Number.isNaN(k)) t.set(k, this.read(L, -1, depth + 1));
          lua.lua_pop(L, 1);
        }
        lua.lua_pop(L, 1);
        return t;
      }
      default:
        return undefined;
    }
  }
}
