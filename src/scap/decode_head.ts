import { BLOCK_HEADER, BYTE_ORDER_MAGIC, BYTE_ORDER_SWAPPED, blockKind } from './blocks.js';
import { BodyCursor } from './body_cursor.js';
import { CaptureError } from './capture_error.js';
import { decodeInterfaces, decodeMachine, decodeUsers } from './decode_machine.js';
import type { CaptureHead } from './head.js';
import { StoredFds } from './stored_fds.js';
import { holdProcesses, StoredProcesses } from './stored_processes.js';

/** The newest major version of the section header that is understood. */
const MAJOR_VERSION = 1;

/** Thread id, and what an entry begins with at least. */
const SMALLEST_LIST = 8 + 4;

/** A head without anything in it. */
export function emptyHead(): CaptureHead {
  return {
    machine: null,
    interfaces: [],
    users: [],
    groups: [],
    processes: [],
    version: [1, 2],
  };
}

/**
 * Gathers the metadata blocks of one section into a CaptureHead. Blocks may come in any order but the section header.
 * Every method throws CaptureError for bytes that contradict the format.
 */
export class HeadBuilder {
  readonly head: CaptureHead = emptyHead();
  private readonly processes = new StoredProcesses();

  constructor() {
    holdProcesses(this.head, this.processes);
  }

  /**
   * Adds the whole block at `off` of `bytes`; `base` is where `bytes[0]` stands in the capture.
   * Returns false for a block type that carries no known metadata.
   */
  add(bytes: Buffer, off: number, base: number): boolean {
    const kind = blockKind(bytes.readUInt32LE(off));
    const body = off + BLOCK_HEADER;
    const end = off + bytes.readUInt32LE(off + 4) - 4;
    const head = this.head;
    switch (kind.kind) {
      case 'section':
        head.version = decodeSection(new BodyCursor(bytes, body, end, base, 'section header'));
        return true;
      case 'machine':
        head.machine = decodeMachine(new BodyCursor(bytes, body, end, base, 'machine info'));
        return true;
      case 'interfaces':
        decodeInterfaces(
          new BodyCursor(bytes, body, end, base, 'interface list'),
          kind.version,
          head.interfaces,
        );
        return true;
      case 'users':
        decodeUsers(
          new BodyCursor(bytes, body, end, base, 'user list'),
          kind.version,
          head.users,
          head.groups,
        );
        return true;
      case 'processes':
        this.processes.add(new BodyCursor(bytes, body, end, base, 'process list'), kind.version);
        return true;
      case 'fds': {
        const c = new BodyCursor(bytes, body, end, base, 'fd list');
        // Most threads have a list without entries.
        if (c.left < SMALLEST_LIST) c.i64();
        else this.processes.addFds(new StoredFds(c, kind.version));
        return true;
      }
      default:
        return false;
    }
  }
}

/** What to say of a capture in the other byte order. */
export function bigEndian(): CaptureError {
  return new CaptureError(
    'format',
    'the capture was written on a big-endian machine: only little-endian captures can be read',
    0,
  );
}

/** Section header: checks the byte order and the version (section 2.1). Gives [major, minor]. */
function decodeSection(c: BodyCursor): [number, number] {
  const at = c.pos;
  const magic = c.u32();
  if (magic === BYTE_ORDER_SWAPPED) throw bigEndian();
  if (magic !== BYTE_ORDER_MAGIC) {
    c.pos = at;
    c.fail(`byte order mark 0x${magic.toString(16)} instead of 0x${BYTE_ORDER_MAGIC.toString(16)}`);
  }
  const major = c.u16();
  const minor = c.u16();
  if (major > MAJOR_VERSION)
    throw new CaptureError(
      'format',
      `the capture has format version ${major}.${minor}, newer than ${MAJOR_VERSION}.x: a newer program is needed`,
      0,
    );
  return [major, minor];
}
