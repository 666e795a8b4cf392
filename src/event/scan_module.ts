import { SCAN_CODE } from './scan_code.generated.js';
import { RULED_PATH_SIZE } from './scan_codes.js';
import { NOTE_SIZE, type ScanMemory } from './scan_memory.js';
import { webAssembly } from './web_assembly.js';

/** What native/scan/ exports: see there. Memory is said by its place. */
export interface ScanModule {
  set_tables(
    wanted: number,
    classes: number,
    paths: number,
    addresses: number,
    fdParams: number,
    places: number,
    placeMask: number,
    enters: number,
    closings: number,
  ): void;
  set_texts(table: number, count: number, types: number): void;
  set_notes(fds: number, fdMask: number, threads: number, threadMask: number): void;
  set_paths(params: number, places: number, mask: number): void;
  set_lists(
    answers: number,
    rows: number,
    borns: number,
    tables: number,
    calls: number,
    sources: number,
    held: number,
  ): void;
  /** Gives where FOUND begins. */
  scan(
    bytes: number,
    from: number,
    limit: number,
    moved: number,
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
    threads: number,
    byFd: number,
  ): void;
  know(thread: number, tid: number): void;
  skip(i: number, ruled: number, epoch: number): number;
  note(table: number, fd: number, epoch: number, flags: number, keep: number): void;
  forget(table: number, fd: number, epoch: number): void;
  noted(table: number, fd: number, epoch: number): number;
  rule_calls(calls: number): void;
  rule_path(offset: number): void;
  collect(): number;
}

/** Words of struct scan_found (native/scan/scan.h). */
export const FOUND = { end: 0, stop: 1, count: 2, listed: 3, threads: 4, met: 5, words: 6 } as const;

let compiled: object | undefined;

/**
 * The code of native/scan/ over a memory.
 * @throws where there is no WebAssembly.
 */
export function scanModule(memory: ScanMemory): ScanModule {
  const { Module, Instance } = webAssembly();
  compiled ??= new Module(Buffer.from(SCAN_CODE, 'base64'));
  const module = new Instance(compiled, { env: { memory: memory.memory } }).exports as ScanModule;
  const { wanted, classes, paths, addresses, fdParams, places, enters, closings } = memory.tables;
  module.set_tables(
    wanted.byteOffset,
    classes.byteOffset,
    paths.byteOffset,
    addresses.byteOffset,
    fdParams.byteOffset,
    places.byteOffset,
    places.length / 16 - 1,
    enters.byteOffset,
    closings.byteOffset,
  );
  const { fdNotes, threadNotes, answers, rows, borns, tables, calls, sources, held, ruledPaths } =
    memory.skip;
  module.set_notes(
    ...([fdNotes.byteOffset, fdNotes.length / NOTE_SIZE - 1] as const),
    ...([threadNotes.byteOffset, threadNotes.length / NOTE_SIZE - 1] as const),
  );
  module.set_paths(paths.byteOffset, ruledPaths.byteOffset, ruledPaths.length / RULED_PATH_SIZE - 1);
  module.set_lists(
    ...([answers.byteOffset, rows.byteOffset, borns.byteOffset, tables.byteOffset] as const),
    ...([calls.byteOffset, sources.byteOffset, held.byteOffset] as const),
  );
  return module;
}
