import { BodyCursor } from './body_cursor.js';
import { checkProcess, decodeProcess, enterProcess } from './decode_processes.js';
import type { CaptureHead, ProcessEntry } from './head.js';
import { ListedTexts } from './listed_texts.js';
import type { StoredFds } from './stored_fds.js';

/** A process list block: its entries are checked, not decoded. */
interface ListBlock {
  readonly bytes: Buffer;
  readonly version: number;
  /** Where each entry begins. */
  readonly places: Uint32Array;
  /** Entries in the blocks before. */
  readonly first: number;
}

/**
 * The processes of a head as the capture stores them. A machine makes its threads of them one by one: of a large one
 * all of them decoded, with their fds, would be as much memory again as the threads are.
 */
export class StoredProcesses {
  length = 0;
  private readonly blocks: ListBlock[] = [];
  private readonly texts = new ListedTexts();
  private readonly fds = new Map<number, StoredFds[]>();
  /** Entry of each tid; the last one, if there are several. */
  private byTid: Map<number, number> | null = null;

  /** Adds what the cursor has of a block. Throws CaptureError for bytes that contradict the format. */
  add(c: BodyCursor, version: number): void {
    const places: number[] = [];
    const begin = c.pos;
    const blockEnd = c.end;
    while (c.left >= 4) {
      places.push(c.pos - begin);
      const entryEnd = enterProcess(c, version);
      checkProcess(c, version);
      if (version >= 9) {
        c.pos = entryEnd;
        c.end = blockEnd;
      }
    }
    const bytes = Buffer.allocUnsafeSlow(c.pos - begin);
    c.bytes.copy(bytes, 0, begin, c.pos);
    this.blocks.push({ bytes, version, places: Uint32Array.from(places), first: this.length });
    this.length += places.length;
    this.byTid = null;
  }

  /** Adds fds. Those of a thread that is not known say nothing: newer readers pass over them too. */
  addFds(list: StoredFds): void {
    if (list.length === 0) return;
    const byTid = this.entryOfTid();
    const i = byTid.get(list.tid);
    if (i === undefined) return;
    const lists = this.fds.get(i);
    if (lists === undefined) this.fds.set(i, [list]);
    else lists.push(list);
  }

  private entryOfTid(): Map<number, number> {
    if (this.byTid === null) {
      this.byTid = new Map();
      for (let i = 0; i < this.length; i++) this.byTid.set(this.ids(i).tid, i);
    }
    return this.byTid;
  }

  /** Thread, process and parent of entry `i`. */
  ids(i: number): { tid: number; pid: number; ptid: number } {
    const { cursor } = this.at(i);
    return { tid: cursor.i64(), pid: cursor.i64(), ptid: cursor.i64() };
  }

  /** Entry `i`, decoded, but without its fds. */
  entry(i: number): ProcessEntry {
    const { cursor, version } = this.at(i);
    return decodeProcess(cursor, version, this.texts);
  }

  /** Lists of the fds of entry `i`: one, nearly always. */
  fdsOf(i: number): readonly StoredFds[] {
    return this.fds.get(i) ?? [];
  }

  /** All of it, decoded. */
  entries(): ProcessEntry[] {
    return Array.from({ length: this.length }, (_, i) => {
      const process = this.entry(i);
      for (const list of this.fdsOf(i)) process.fds = process.fds.concat(list.entries());
      return process;
    });
  }

  private at(i: number): { cursor: BodyCursor; version: number } {
    const block = this.blocks.find(({ first, places }) => i < first + places.length);
    if (block === undefined) throw new RangeError(`there is no process ${i}`);
    const { bytes, version, places, first } = block;
    const cursor = new BodyCursor(bytes, places[i - first], bytes.length, 0, 'process list');
    enterProcess(cursor, version);
    return { cursor, version };
  }
}

const STORED = Symbol('stored processes');

/** A head whose processes are stored. */
type Holder = CaptureHead & { [STORED]?: StoredProcesses | undefined };

/** Gives `head` the processes; they are decoded when `processes` is read first. */
export function holdProcesses(head: CaptureHead, stored: StoredProcesses): void {
  const settle = (processes: ProcessEntry[]): void => {
    Object.defineProperty(head, 'processes', { value: processes, writable: true, enumerable: true });
    Object.defineProperty(head, STORED, { value: undefined, writable: true });
  };
  Object.defineProperty(head, STORED, { value: stored, configurable: true, writable: true });
  Object.defineProperty(head, 'processes', {
    get(): ProcessEntry[] {
      const processes = stored.entries();
      settle(processes);
      return processes;
    },
    set: settle,
    enumerable: true,
    configurable: true,
  });
}

/** The stored processes of a head; undefined where they have been decoded, and may be others by now. */
export function storedProcessesOf(head: CaptureHead): StoredProcesses | undefined {
  return (head as Holder)[STORED];
}
