/**
 * Block types of a scap file and the fixed sizes in them. A block is
 * `u32 type, u32 total length, body, 0-3 bytes of padding, u32 total length`, all little endian.
 */

/** Current block types: what is written. */
export const Block = {
  /** Section header: starts every section. */
  SECTION: 0x0a0d0d0a,
  MACHINE: 0x201,
  INTERFACES: 0x219,
  USERS: 0x220,
  PROCESSES: 0x215,
  FDS: 0x218,
  EVENT: 0x216,
  EVENT_FLAGS: 0x217,
  EVENT_LARGE: 0x221,
  EVENT_FLAGS_LARGE: 0x222,
} as const;

/** Event blocks of the first format: the event header lacks the parameter count. */
export const OldBlock = {
  EVENT: 0x204,
  EVENT_PRERELEASE: 0x8010abcd,
  EVENT_FLAGS: 0x208,
} as const;

/** Written in the section header: tells the byte order. */
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** The same number read from a file of the other byte order. */
export const BYTE_ORDER_SWAPPED = 0x4d3c2b1a;

/** Type and total length. */
export const BLOCK_HEADER = 8;
/** Header and trailer: the smallest block. */
export const BLOCK_FRAME = 12;

/** Event header with the parameter count, and without it (first format). */
export const EVENT_HEADER = 26;
export const OLD_EVENT_HEADER = 22;

/** EVF flag: parsed for state, not shown. */
export const EVF_STATE_ONLY = 1;

/** What a block type means to the reader. */
export type BlockKind =
  | { kind: 'section' | 'machine' | 'unknown' }
  | { kind: 'event' }
  | { kind: 'interfaces' | 'users' | 'processes' | 'fds'; version: number };

const KINDS = new Map<number, BlockKind>([
  [Block.SECTION, { kind: 'section' }],
  [0x201, { kind: 'machine' }],
  [0x8002abcd, { kind: 'machine' }],
  [0x205, { kind: 'interfaces', version: 1 }],
  [0x8011abcd, { kind: 'interfaces', version: 1 }],
  [0x219, { kind: 'interfaces', version: 2 }],
  [0x206, { kind: 'users', version: 1 }],
  [0x8012abcd, { kind: 'users', version: 1 }],
  [0x220, { kind: 'users', version: 2 }],
  [0x202, { kind: 'processes', version: 1 }],
  [0x8000abcd, { kind: 'processes', version: 1 }],
  [0x207, { kind: 'processes', version: 2 }],
  [0x8013abcd, { kind: 'processes', version: 2 }],
  [0x209, { kind: 'processes', version: 3 }],
  [0x8014abcd, { kind: 'processes', version: 3 }],
  [0x210, { kind: 'processes', version: 4 }],
  [0x211, { kind: 'processes', version: 5 }],
  [0x212, { kind: 'processes', version: 6 }],
  [0x213, { kind: 'processes', version: 7 }],
  [0x214, { kind: 'processes', version: 8 }],
  [0x215, { kind: 'processes', version: 9 }],
  [0x203, { kind: 'fds', version: 1 }],
  [0x8001abcd, { kind: 'fds', version: 1 }],
  [0x218, { kind: 'fds', version: 2 }],
  [Block.EVENT, { kind: 'event' }],
  [Block.EVENT_FLAGS, { kind: 'event' }],
  [Block.EVENT_LARGE, { kind: 'event' }],
  [Block.EVENT_FLAGS_LARGE, { kind: 'event' }],
  [OldBlock.EVENT, { kind: 'event' }],
  [OldBlock.EVENT_PRERELEASE, { kind: 'event' }],
  [OldBlock.EVENT_FLAGS, { kind: 'event' }],
]);

const UNKNOWN: BlockKind = { kind: 'unknown' };

/** Meaning of a block type number; `unknown` for what this program does not know. */
export function blockKind(type: number): BlockKind {
  return KINDS.get(type) ?? UNKNOWN;
}

/** Total length of a block with a body of `body` bytes: framed and padded to 4. */
export function blockLength(body: number): number {
  return (BLOCK_FRAME + body + 3) & ~3;
}
