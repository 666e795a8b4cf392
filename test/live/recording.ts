import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LiveOptions, type LiveSource, openLive } from '../../src/capture/live.js';
import { EventView } from '../../src/event/view.js';
import { EVENTS, PT } from '../../src/scap/events.generated.js';
import { SYSCALLS_X86_64, type SyscallRow } from '../../src/scap/syscalls.generated.js';

/** Live recordings for tests: a command runs while everything is recorded; the events are kept, decoded. */

/** Live tests need root and Linux; in CI they are never skipped. */
export const CAN_RECORD = process.platform === 'linux' && process.getuid?.() === 0;

/** One event with its parameters as plain values: numbers (BigInt where needed), byte strings, or raw bytes. */
export interface RecordedEvent {
  readonly ts: bigint;
  readonly cpu: number;
  readonly tid: number;
  readonly type: number;
  /** `evt.type`; of generic events the system call's name. */
  readonly name: string;
  readonly enter: boolean;
  readonly params: readonly (number | bigint | string | Buffer)[];
}

export interface Recording {
  readonly events: RecordedEvent[];
  /** The event blocks, as they came. */
  readonly blocks: Buffer;
  readonly counters: ReturnType<LiveSource['counters']>;
  readonly stdout: string;
  readonly stderr: string;
}

/** The names of an architecture's system calls by native number. */
export function namesOf(rows: readonly SyscallRow[]): Map<number, string> {
  return new Map(rows.map((row) => [row[0], row[1]]));
}

const NAMES_X86_64 = namesOf(SYSCALLS_X86_64);
const SIGNED = new Set<number>([PT.INT8, PT.INT16, PT.INT32, PT.INT64, PT.ERRNO, PT.FD, PT.PID]);
const TEXT = new Set<number>([PT.CHARBUF, PT.FSPATH, PT.FSRELPATH]);

/** All events of a run of blocks. Checks that every block is whole. `names`: of the system calls by native number. */
export function decodeBlocks(blocks: Buffer, names = NAMES_X86_64): RecordedEvent[] {
  const view = new EventView();
  view.attach(blocks, new DataView(blocks.buffer, blocks.byteOffset, blocks.length));
  const events: RecordedEvent[] = [];
  for (let at = 0; at < blocks.length; at = view.next) {
    if (!view.at(at)) throw new Error(`no event block at ${at}`);
    const total = view.next - at;
    if (blocks.readUInt32LE(view.next - 4) !== total)
      throw new Error(`trailer of the block at ${at} differs`);
    let sum = 26 + 2 * view.nparams;
    for (let i = 0; i < view.nparams; i++) sum += view.paramLen(i);
    if (sum !== view.len)
      throw new Error(`event at ${at}: parameters have ${sum} bytes, the event ${view.len}`);
    const info = EVENTS[view.type]!;
    const params = [];
    for (let i = 0; i < view.nparams; i++) params.push(paramOf(view, i, info.params[i]!.type));
    const generic = view.type <= 1;
    events.push({
      ts: view.absTs,
      cpu: view.cpu,
      tid: view.tid,
      type: view.type,
      name: generic ? (names.get(view.u16(1)) ?? `#${view.u16(1)}`) : info.evtName,
      enter: view.type % 2 === 0,
      params,
    });
  }
  return events;
}

function paramOf(view: EventView, i: number, type: number): number | bigint | string | Buffer {
  const raw = view.raw(i);
  if (TEXT.has(type)) return view.str(i);
  const signed = SIGNED.has(type);
  switch (raw.length) {
    case 1:
      return type === PT.BYTEBUF ? Buffer.from(raw) : signed ? raw.readInt8() : raw.readUInt8();
    case 2:
      return type === PT.BYTEBUF ? Buffer.from(raw) : signed ? raw.readInt16LE() : raw.readUInt16LE();
    case 4:
      return type === PT.BYTEBUF ? Buffer.from(raw) : signed ? raw.readInt32LE() : raw.readUInt32LE();
    case 8: {
      if (type === PT.BYTEBUF) return Buffer.from(raw);
      const v = signed ? raw.readBigInt64LE() : raw.readBigUInt64LE();
      return v >= -(2n ** 53n) && v <= 2n ** 53n ? Number(v) : v;
    }
    default:
      return Buffer.from(raw);
  }
}

/** Runs a command while recording; recording ends a moment after it. */
export async function recordCommand(
  command: string[],
  options: LiveOptions = {},
  cwd?: string,
): Promise<Recording> {
  const source = await openLive(options);
  const chunks: Buffer[] = [];
  source.start();
  const done = runCommand(command, cwd).finally(() => setTimeout(() => source.stop(), 60));
  for (;;) {
    const item = await source.next();
    if (item === null) break;
    if (item.kind === 'events') chunks.push(Buffer.from(item.bytes.subarray(item.start, item.end)));
  }
  const counters = source.counters();
  source.close();
  const blocks = Buffer.concat(chunks);
  return { events: decodeBlocks(blocks), blocks, counters, ...(await done) };
}

function runCommand(command: string[], cwd?: string): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      command[0]!,
      command.slice(1),
      { cwd, encoding: 'latin1', timeout: 100_000 },
      (_error, stdout, stderr) => resolve({ stdout, stderr }),
    );
  });
}

/** Compiles one of the C programs beside this file into a fresh folder; the program's path. */
export function compileProgram(name: string, ...flags: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'tsdig-program-'));
  const source = fileURLToPath(new URL(`./${name}.c`, import.meta.url));
  execFileSync('cc', ['-w', ...flags, '-o', join(folder, name), source, '-lpthread']);
  return join(folder, name);
}

/** Writes blocks as a capture file with the least head that every reader takes. */
export function writeCapture(path: string, blocks: Buffer): void {
  const head = Buffer.alloc(28 + 192);
  head.writeUInt32LE(0x0a0d0d0a, 0);
  head.writeUInt32LE(28, 4);
  head.writeUInt32LE(0x1a2b3c4d, 8);
  head.writeUInt16LE(1, 12);
  head.writeUInt16LE(2, 14);
  head.writeBigUInt64LE(0xffffffffffffffffn, 16);
  head.writeUInt32LE(28, 24);
  head.writeUInt32LE(0x201, 28);
  head.writeUInt32LE(192, 32);
  head.writeUInt32LE(1, 36);
  head.writeUInt32LE(192, 28 + 188);
  writeFileSync(path, Buffer.concat([head, blocks]));
}
