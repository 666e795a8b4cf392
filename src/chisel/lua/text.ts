import { numberToText } from './number.js';
import { call, metamethod } from './ops.js';
import { LuaTable } from './table.js';
import type { LuaValue } from './value.js';
import { first, LuaError } from './value.js';

const addresses = new WeakMap<object, string>();
let nextAddress = 0x40000000;

function address(o: object): string {
  let a = addresses.get(o);
  if (a === undefined) {
    a = `0x${nextAddress.toString(16)}`;
    nextAddress += 0x28;
    addresses.set(o, a);
  }
  return a;
}

/** tostring(v) */
export function toText(v: LuaValue): string {
  switch (typeof v) {
    case 'string':
      return v;
    case 'number':
      return numberToText(v);
    case 'boolean':
      return v ? 'true' : 'false';
    case 'undefined':
      return 'nil';
    case 'function':
      return `function: ${address(v)}`;
    default: {
      const handler = metamethod(v, '__tostring');
      if (handler !== undefined) {
        const text = first(call(handler, v));
        if (typeof text === 'string') return text;
        if (typeof text === 'number') return numberToText(text);
        throw new LuaError("'tostring' must return a string to 'print'");
      }
      return `${v instanceof LuaTable ? 'table' : 'userdata'}: ${address(v)}`;
    }
  }
}
