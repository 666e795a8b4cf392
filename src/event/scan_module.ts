import { SCAN_CODE } from './scan_code.generated.js';
import type { ScanMemory } from './scan_memory.js';
import { type ExportedNumber, webAssembly } from './web_assembly.js';

/** What assembly/ exports. */
export interface ScanModule {
  setTables(
    wanted: number,
    classes: number,
    paths: number,
    addresses: number,
    places: number,
    placeMask: number,
    enters: number,
    closings: number,
  ): void;
  setTexts(table: number, count: number, types: number): void;
  setKnown(places: number, mask: number): void;
  scan(
    start: number,
    limit: number,
    bias: number,
    effects: number,
    watching: number,
    offsets: number,
    ordinals: number,
    marks: number,
    fds: number,
  ): number;
  begin(
    length: number,
    bytes: number,
    offsets: number,
    marks: number,
    fds: number,
    answers: number,
    calls: number,
  ): void;
  skip(i: number, ruled: number, epoch: number): number;
  know(tid: number, fd: number, epoch: number): void;
  readonly met: ExportedNumber;
  readonly stop: ExportedNumber;
  readonly count: ExportedNumber;
  readonly listed: ExportedNumber;
  readonly threads: ExportedNumber;
}

let compiled: object | undefined;

/**
 * The code of assembly/ over a memory.
 * @throws where there is no WebAssembly.
 */
export function scanModule(memory: ScanMemory): ScanModule {
  const { Module, Instance } = webAssembly();
  compiled ??= new Module(Buffer.from(SCAN_CODE, 'base64'));
  const module = new Instance(compiled, { env: { memory: memory.memory } }).exports as ScanModule;
  const { wanted, classes, paths, addresses, places, enters, closings } = memory.tables;
  module.setTables(
    wanted.byteOffset,
    classes.byteOffset,
    paths.byteOffset,
    addresses.byteOffset,
    places.byteOffset,
    places.length / 16 - 1,
    enters.byteOffset,
    closings.byteOffset,
  );
  const { known } = memory.skip;
  module.setKnown(known.byteOffset, known.length / 16 - 1);
  return module;
}
