import { readFileSync } from 'node:fs';
import { CompiledEngine } from '../../src/chisel/compiled_engine.js';
import type { LuaEngine } from '../../src/chisel/engine.js';
import { FengariEngine } from '../../src/chisel/fengari_engine.js';
import { Interrupt } from '../../src/chisel/interrupt.js';
import { StringOutput } from '../../src/chisel/output.js';

export type EngineName = 'compiled' | 'fengari';
export const ENGINES: readonly EngineName[] = ['compiled', 'fengari'];

/** A fresh engine and what it prints. */
export function engineFor(
  name: EngineName,
  modulePath: readonly string[] = [],
): { engine: LuaEngine; out: StringOutput } {
  const out = new StringOutput();
  const options = { out, interrupt: new Interrupt(), modulePath };
  return { engine: name === 'compiled' ? new CompiledEngine(options) : new FengariEngine(options), out };
}

/** What a piece of Lua prints; the message of the error that ends it stands behind. */
export function printed(name: EngineName, source: string): string {
  const { engine, out } = engineFor(name);
  try {
    engine.run(source, 'test.lua');
  } catch (e) {
    out.write(`ERROR ${(e as Error).message.split('\n')[0]}`);
  }
  return out.text;
}

/** Runs a chisel file's main chunk and on_init. */
export function runFile(name: EngineName, path: string): string {
  const { engine, out } = engineFor(name);
  engine.run(readFileSync(path).latin1Slice(), path);
  engine.callback('on_init')?.();
  return out.text;
}
