import { ChiselExit, ChiselInterrupted } from '../engine.js';
import type { LuaValue } from './value.js';
import { LuaError } from './value.js';

/** Files of generated code are called this and a number: so their frames are found in stack traces. */
export const CHUNK_PREFIX = 'lua-chunk:';

const chunks: string[] = [];

/** Registers a chunk; gives the file name for its generated code. */
export function chunkFile(name: string): string {
  chunks.push(name);
  return `${CHUNK_PREFIX}${chunks.length - 1}`;
}

/** One level of the Lua call stack. */
export interface LuaFrame {
  readonly chunk: string;
  readonly line: number;
  /** `function 'name'`, `main chunk` … */
  readonly where: string;
}

const FRAME = /^\s*at (?:(.*?) \()?lua-chunk:(\d+):(\d+):\d+\)?$/;

/** The Lua levels of a JavaScript error's stack, innermost first. */
export function luaFrames(e: Error): LuaFrame[] {
  const frames: LuaFrame[] = [];
  for (const l of (e.stack ?? '').split('\n')) {
    const m = FRAME.exec(l);
    if (m === null) continue;
    const name = /L\$([A-Za-z0-9_$]+)/.exec(m[1] ?? '')?.[1] ?? 'anonymous';
    const where =
      name === 'main_chunk'
        ? 'in main chunk'
        : name === 'anonymous'
          ? 'in function'
          : `in function '${name.replaceAll('$d', '.').replaceAll('$c', ':')}'`;
    frames.push({ chunk: chunks[Number(m[2])] ?? '?', line: Number(m[3]), where });
  }
  return frames;
}

function untilLua(e: Error): string {
  const stack = e.stack ?? '';
  const at = stack.indexOf(CHUNK_PREFIX);
  return at < 0 ? '' : stack.slice(0, at);
}

function position(e: Error, level: number): string {
  // A library function called by pcall itself has no Lua code to blame.
  if (level === 1 && untilLua(e).includes('at protectedCall ')) return '';
  const frame = luaFrames(e)[level - 1];
  return frame === undefined ? '' : `${frame.chunk}:${frame.line}: `;
}

/** Passes on what no pcall may catch. */
export function rethrowControl(e: unknown): void {
  if (e instanceof ChiselExit || e instanceof ChiselInterrupted) throw e;
}

/** The Lua error object of anything thrown: text gets the position of the code that raised it. */
export function errorValue(e: unknown): LuaValue {
  rethrowControl(e);
  if (e instanceof LuaError) {
    if (typeof e.value !== 'string' || e.level === 0) return e.value;
    return position(e, e.level) + e.value;
  }
  if (e instanceof RangeError && /call stack/.test(e.message)) return `${position(e, 1)}stack overflow`;
  return e instanceof Error ? position(e, 1) + e.message : String(e);
}

/** The lines of a traceback for an error. */
export function traceback(e: Error): string[] {
  return luaFrames(e).map((f) => `${f.chunk}:${f.line}: ${f.where}`);
}
