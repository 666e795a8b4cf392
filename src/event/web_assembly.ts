import { readFileSync } from 'node:fs';

/** Memory of a module. */
export interface ModuleMemory {
  readonly buffer: ArrayBuffer;
}

/** What is used of it: TypeScript counts the types of WebAssembly among those of browsers. */
interface WebAssemblyApi {
  /** `initial`, `maximum`: in pages of 64 KiB. */
  readonly Memory: new (size: {
    initial: number;
    maximum: number;
  }) => ModuleMemory;
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Record<string, Record<string, ModuleMemory>>,
  ) => { readonly exports: object };
}

/**
 * @throws where Node runs without it (`--jitless`), or where a process may not have as many addresses as it likes (`ulimit -v`): V8
 * sets ten gigabytes of them aside for each memory.
 */
export function webAssembly(): WebAssemblyApi {
  const { WebAssembly } = globalThis as { WebAssembly?: WebAssemblyApi };
  if (WebAssembly === undefined) throw new Error('there is no WebAssembly');
  if (!hasAllAddresses()) throw new Error('the address space is limited');
  return WebAssembly;
}

function hasAllAddresses(): boolean {
  try {
    return /^Max address space +unlimited/m.test(readFileSync('/proc/self/limits', 'latin1'));
  } catch {
    return true;
  }
}
