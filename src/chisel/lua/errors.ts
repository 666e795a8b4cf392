import { isControl } from '../engine.js';
import { numberToText } from './number.js';
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
/** pcall and xpcall: a level of Lua's stack without a line. */
const PROTECTED = /^\s*at protectedCall /;

function frameOf(line: string): LuaFrame | undefined {
  const m = FRAME.exec(line);
  if (m === null) return undefined;
  const name = /L\$([A-Za-z0-9_$]+)/.exec(m[1] ?? '')?.[1] ?? 'anonymous';
  const where =
    name === 'main_chunk'
      ? 'in main chunk'
      : name === 'anonymous'
        ? 'in function'
        : `in function '${name.replaceAll('$d', '.').replaceAll('$c', ':')}'`;
  return { chunk: chunks[Number(m[2])] ?? '?', line: Number(m[3]), where };
}

/** The Lua levels of a JavaScript error's stack, innermost first. */
export function luaFrames(e: Error): LuaFrame[] {
  const frames: LuaFrame[] = [];
  for (const l of (e.stack ?? '').split('\n')) {
    const frame = frameOf(l);
    if (frame !== undefined) frames.push(frame);
  }
  return frames;
}

/** Where the code of a level stands, as text before a message: '' where that is no Lua code. */
function position(e: Error, level: number): string {
  let left = level;
  for (const l of (e.stack ?? '').split('\n')) {
    const frame = frameOf(l);
    if (frame === undefined && !PROTECTED.test(l)) continue;
    if (--left > 0) continue;
    return frame === undefined ? '' : `${frame.chunk}:${frame.line}: `;
  }
  return '';
}

/** Passes on what no pcall may catch. */
export function rethrowControl(e: unknown): void {
  if (isControl(e)) throw e;
}

/** The Lua error object of anything thrown: text gets the position of the code that raised it. */
export function errorValue(e: unknown): LuaValue {
  rethrowControl(e);
  if (e instanceof LuaError) {
    const { value, level } = e;
    // A number is text here, too.
    if ((typeof value !== 'string' && typeof value !== 'number') || level <= 0) return value;
    const at = position(e, level);
    return at === '' ? value : at + (typeof value === 'number' ? numberToText(value) : value);
  }
  if (e instanceof RangeError && /call stack/.test(e.message)) return `${position(e, 1)}stack overflow`;
  return e instanceof Error ? position(e, 1) + e.message : String(e);
}

/** The lines of a traceback for an error. */
export function traceback(e: Error): string[] {
  return luaFrames(e).map((f) => `${f.chunk}:${f.line}: ${f.where}`);
}
