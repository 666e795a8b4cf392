import type { Interrupt } from './interrupt.js';
import type { LuaValue } from './lua/value.js';
import { type ByteOutput, OutputError } from './output.js';

/** A callback of a chisel: plain values in, the first result out. Errors come as ChiselError. */
export type LuaCallback = (...args: LuaValue[]) => LuaValue;

/** What an engine needs from the host. */
export interface EngineOptions {
  /** Where print and io.write go. */
  readonly out: ByteOutput;
  /** Asked regularly by running code whether to stop. */
  readonly interrupt: Interrupt;
  /** Directories that `require` searches, each ending in `/`. */
  readonly modulePath: readonly string[];
}

/**
 * One Lua state. Two engines satisfy this: the compiling one, which turns Lua 5.1 into JavaScript, and fengari,
 * which interprets. What a chisel prints is the same under both.
 */
export interface LuaEngine {
  readonly kind: 'compiled' | 'fengari';
  /** Sets a global. Functions and tables of functions are host API. */
  setGlobal(name: string, value: LuaValue): void;
  /** A global by value: under fengari tables are copied (functions in them become nil). */
  getGlobal(name: string): LuaValue;
  /** Compiles and runs a file. `chunk` is the path that messages show. Throws ChiselError. */
  run(source: string, chunk: string): void;
  /** The global function `name`, pinned; undefined if there is none. */
  callback(name: string): LuaCallback | undefined;
  /** The same for a function that gets no arguments and is called for every event. */
  eventCallback(name: string): (() => LuaValue) | undefined;
}

/** An error in a chisel: `message` is one readable block of file, line, reason and Lua traceback. */
export class ChiselError extends Error {
  /** Raised by running Lua code (not by the host around it). */
  readonly fromLua: boolean;
  constructor(message: string, fromLua = false) {
    super(message);
    this.name = 'ChiselError';
    this.fromLua = fromLua;
  }

  /** The error of Lua code: its message and the Lua call stack, innermost first. */
  static ofLua(message: string, traceback: readonly string[]): ChiselError {
    // Of a deep recursion both ends are worth reading.
    const lines =
      traceback.length <= 22 ? traceback : [...traceback.slice(0, 10), '...', ...traceback.slice(-10)];
    const stack = lines.length === 0 ? '' : `\nstack traceback:\n${lines.map((l) => `    ${l}`).join('\n')}`;
    return new ChiselError(message + stack, true);
  }
}

/** Thrown through Lua code to end the run (os.exit); no pcall catches it. */
export class ChiselExit extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`exit ${code}`);
    this.name = 'ChiselExit';
    this.code = code;
  }
}

/** What ends the run from within Lua code: no pcall catches it, and it is no error of the chisel's. */
export function isControl(e: unknown): e is Error {
  return e instanceof ChiselExit || e instanceof ChiselInterrupted || e instanceof OutputError;
}

/** Thrown through Lua code when the user interrupts a callback that does not return; no pcall catches it. */
export class ChiselInterrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'ChiselInterrupted';
  }
}
