import { SCAN_CODE } from './scan_code.generated.js';
import type { ScanMemory, ScanSlot } from './scan_memory.js';
import { type ExportedNumber, webAssembly } from './web_assembly.js';

/** What assembly/scan_events.ts exports. */
interface ScanModule {
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
  scan(
    start: number,
    limit: number,
    bias: number,
    effects: number,
    offsets: number,
    ordinals: number,
    marks: number,
    fds: number,
  ): number;
  readonly stop: ExportedNumber;
  readonly count: ExportedNumber;
  readonly listed: ExportedNumber;
  readonly threads: ExportedNumber;
}

/** Walks over runs of events in a memory: see assembly/scan_events.ts. */
export class EventScan {
  /** Of the last scan: events stepped over, those of them that are listed, and threads that these are of, and one more. */
  count = 0;
  listed = 0;
  threads = 0;
  /** Why it stopped: a `Stop` number. */
  stop = 0;
  private readonly module: ScanModule;

  /** @throws where there is no WebAssembly. */
  constructor(memory: ScanMemory) {
    const { Module, Instance } = webAssembly();
    const code = new Module(Buffer.from(SCAN_CODE, 'base64'));
    this.module = new Instance(code, { env: { memory: memory.memory } }).exports as ScanModule;
    const { wanted, classes, paths, addresses, places, enters, closings } = memory.tables;
    this.module.setTables(
      wanted.byteOffset,
      classes.byteOffset,
      paths.byteOffset,
      addresses.byteOffset,
      places.byteOffset,
      places.length / 16 - 1,
      enters.byteOffset,
      closings.byteOffset,
    );
  }

  /**
   * Steps over the sound event blocks in the first `length` bytes of a slot and lists those that the memory's table wants. Those whose
   * block is not of the plain kind are all listed. Gives the offset behind the last one.
   * @param effects whether to say what they do.
   * @param start is added to the offsets that are listed.
   */
  scan(slot: ScanSlot, length: number, effects: boolean, start = 0): number {
    const { module } = this;
    const { byteOffset } = slot.dv;
    const end = module.scan(
      byteOffset,
      byteOffset + length,
      byteOffset - start,
      effects ? 1 : 0,
      slot.offsets.byteOffset,
      slot.ordinals.byteOffset,
      slot.marks.byteOffset,
      slot.fds.byteOffset,
    );
    this.count = module.count.value;
    this.listed = module.listed.value;
    this.threads = module.threads.value;
    this.stop = module.stop.value;
    return end - byteOffset;
  }
}
