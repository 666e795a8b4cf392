import type { ByteOutput } from '../output.js';
import { numberToText } from './number.js';
import { concat } from './ops.js';
import { toText } from './text.js';
import { type LuaFunction, type LuaResult, type LuaValue, NONE } from './value.js';

/** `print`, which takes a line in parts as well. */
export interface PrintFunction extends LuaFunction {
  /** Prints strings and numbers as one line. */
  readonly parts: (values: readonly LuaValue[]) => void;
}

/** The global function `print`. */
export function printFunction(out: ByteOutput): PrintFunction {
  const { lines } = out;
  const print = (...args: LuaValue[]): LuaResult => {
    const text = args[0];
    // One text as a rule: into the buffer as it is.
    if (lines !== undefined && args.length === 1 && typeof text === 'string') {
      lines.text(text);
      lines.byte(10);
      out.wrote?.();
      return NONE;
    }
    let line = '';
    for (let i = 0; i < args.length; i++) {
      const v = args[i];
      line += (i === 0 ? '' : '\t') + (typeof v === 'string' ? v : toText(v));
    }
    out.write(`${line}\n`);
    return NONE;
  };
  const parts = (values: readonly LuaValue[]): void => {
    if (lines === undefined) {
      out.write(`${values.map(partText).join('')}\n`);
      return;
    }
    for (let i = 0; i < values.length; i++) lines.text(partText(values[i]));
    lines.byte(10);
    out.wrote?.();
  };
  return Object.assign(print, { parts });
}

function partText(value: LuaValue): string {
  return typeof value === 'string' ? value : numberToText(value as number);
}

/**
 * Calls `print` with `a .. b .. c`, as chisels do for every line. The parts go out one by one, where nothing but texts and
 * numbers is to be joined: to make one text of them and to copy that costs as much again.
 * @param names what messages call the parts.
 */
export function printJoined(
  print: LuaFunction,
  names: readonly string[],
  ...values: readonly LuaValue[]
): LuaResult {
  const { parts } = print as Partial<PrintFunction>;
  if (parts !== undefined && areTexts(values)) {
    parts(values);
    return NONE;
  }
  let last = values.length - 1;
  let text = values[last];
  let name = names[last];
  while (--last >= 0) {
    text = concat(values[last], text, names[last], name);
    name = '';
  }
  return print(text);
}

/** Whether they are strings and numbers. */
function areTexts(values: readonly LuaValue[]): boolean {
  for (let i = 0; i < values.length; i++) {
    const type = typeof values[i];
    if (type !== 'string' && type !== 'number') return false;
  }
  return true;
}
