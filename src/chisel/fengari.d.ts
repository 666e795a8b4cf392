/** The part of fengari that the chisel host uses (it ships no types). */
declare module 'fengari' {
  export type LuaState = { readonly __lua: unique symbol };
  type CFunction = (L: LuaState) => number;
  export const lua: {
    LUA_REGISTRYINDEX: number;
    LUA_MULTRET: number;
    LUA_OK: number;
    LUA_TNIL: number;
    LUA_TBOOLEAN: number;
    LUA_TLIGHTUSERDATA: number;
    LUA_TNUMBER: number;
    LUA_TSTRING: number;
    LUA_TTABLE: number;
    LUA_TFUNCTION: number;
    LUA_TUSERDATA: number;
    LUA_MASKCOUNT: number;
    lua_atnativeerror(L: LuaState, f: CFunction | null): CFunction | null;
    lua_call(L: LuaState, nargs: number, nresults: number): void;
    lua_createtable(L: LuaState, narr: number, nrec: number): void;
    lua_error(L: LuaState): never;
    lua_getfield(L: LuaState, idx: number, key: Uint8Array): number;
    lua_getglobal(L: LuaState, name: Uint8Array): number;
    lua_gettop(L: LuaState): number;
    lua_insert(L: LuaState, idx: number): void;
    lua_load(
      L: LuaState,
      reader: () => Uint8Array | null,
      data: null,
      chunk: Uint8Array,
      mode: Uint8Array,
    ): number;
    lua_next(L: LuaState, idx: number): number;
    lua_newuserdata(L: LuaState, size: number): { host?: unknown };
    lua_pcall(L: LuaState, nargs: number, nresults: number, msgh: number): number;
    lua_pop(L: LuaState, n: number): void;
    lua_pushboolean(L: LuaState, b: boolean): void;
    lua_pushcfunction(L: LuaState, f: CFunction): void;
    lua_pushlstring(L: LuaState, s: Uint8Array, n: number): void;
    lua_pushnil(L: LuaState): void;
    lua_pushnumber(L: LuaState, n: number): void;
    lua_pushvalue(L: LuaState, idx: number): void;
    lua_rawgeti(L: LuaState, idx: number, n: number): number;
    lua_rawset(L: LuaState, idx: number): void;
    lua_setfield(L: LuaState, idx: number, key: Uint8Array): void;
    lua_setglobal(L: LuaState, name: Uint8Array): void;
    lua_sethook(L: LuaState, f: (L: LuaState, ar: unknown) => void, mask: number, count: number): void;
    lua_setmetatable(L: LuaState, idx: number): number;
    lua_settop(L: LuaState, idx: number): void;
    lua_toboolean(L: LuaState, idx: number): boolean;
    lua_tonumber(L: LuaState, idx: number): number;
    lua_tostring(L: LuaState, idx: number): Uint8Array;
    lua_touserdata(L: LuaState, idx: number): { host?: unknown } | unknown;
    lua_type(L: LuaState, idx: number): number;
  };
  export const lauxlib: {
    luaL_newstate(): LuaState;
    luaL_ref(L: LuaState, t: number): number;
    luaL_tolstring(L: LuaState, idx: number): Uint8Array;
    luaL_traceback(L: LuaState, L1: LuaState, msg: Uint8Array | null, level: number): void;
    luaL_where(L: LuaState, level: number): void;
  };
  export const lualib: {
    luaL_openlibs(L: LuaState): void;
  };
}
