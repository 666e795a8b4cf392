/**
 * The binding to the native helper (native/tsdig.h): every FFI declaration of tsdig stands here.
 * koffi and the helper are loaded when a live capture is opened, never for reading files.
 */
import { createRequire } from 'node:module';
import { helperFile } from './helper_files.js';
import { LiveError, NativeMissingError } from './live_error.js';

/** TSDIG_ABI of native/tsdig.h. */
const ABI = 3;
/** sizeof(struct tsdig_options) and the offsets of its members. */
const OPTIONS = {
  size: 568,
  abi: 0,
  snaplen: 4,
  kernelSize: 8,
  ringSize: 16,
  tracepoints: 24,
  sets: 28,
  hierarchy: 32,
  flags: 36,
  exclude: 40,
  syscalls: 56,
} as const;

/** TSDIG_TP_* */
export const TRACEPOINT = { switch: 1, life: 2, signal: 4, fault: 8 } as const;
/** TSDIG_FOLLOW_FORKS, TSDIG_LIFE_FOR_ALL, TSDIG_DENY_CGROUPS, TSDIG_FULL_EVENTS, TSDIG_ATTACH_LATER, TSDIG_SPARE_NESTED */
export const FLAG = {
  followForks: 1,
  lifeForAll: 2,
  denyCgroups: 4,
  fullEvents: 8,
  attachLater: 16,
  spareNested: 32,
} as const;
/** What is recorded of a system call: entering it, leaving it. */
export const HALF = { enter: 1, exit: 2 } as const;
/** Numbers of the allow-sets. */
export const ALLOW_SET = { cgroup: 0, pid: 1, comm: 2, uid: 3 } as const;

/** struct tsdig_options, in JavaScript's terms. */
export interface NativeOptions {
  snaplen: number;
  kernelSize: number;
  ringSize: number;
  tracepoints: number;
  sets: number;
  hierarchy: number;
  flags: number;
  /** At most 3 process ids. */
  exclude: number[];
  /** 512 bytes: by system call number, the halves of HALF. */
  syscalls: Uint8Array;
}

/** struct tsdig_counters. */
export interface NativeCounters {
  events: number;
  buffer: number;
  ring: number;
  oversize: number;
  nested: number;
  unseen: number;
  unreadable: number;
  low: number;
  state: number;
  life: number;
}

/** The part of koffi that is used, typed. */
interface Koffi {
  load(path: string): { func(signature: string): NativeFunction };
  view(pointer: unknown, length: number): ArrayBuffer;
  decode(buffer: Buffer, type: string): unknown;
}

interface NativeFunction {
  (...args: unknown[]): unknown;
  async(...args: unknown[]): void;
}

interface Library {
  koffi: Koffi;
  open: NativeFunction;
  start: NativeFunction;
  ring: NativeFunction;
  ringSize: NativeFunction;
  wait: NativeFunction;
  available: NativeFunction;
  position: NativeFunction;
  known: NativeFunction;
  consume: NativeFunction;
  cpus: NativeFunction;
  count: NativeFunction;
  allow: NativeFunction;
  attachment: NativeFunction;
  entering: NativeFunction;
  quiet: NativeFunction;
  stop: NativeFunction;
  close: NativeFunction;
  error: NativeFunction;
  openPtrace: NativeFunction;
  openPerf: NativeFunction;
  commandStart: NativeFunction;
  commandPid: NativeFunction;
  commandRelease: NativeFunction;
  commandWait: NativeFunction;
  commandTrouble: NativeFunction;
  commandSignal: NativeFunction;
  commandClose: NativeFunction;
  cgroupNamespace: NativeFunction;
}

let library: Library | undefined;

const HOW_TO_BUILD =
  'install clang, libbpf-dev, libelf-dev, zlib1g-dev, make and g++, then run `npm run build:native`';

function loadLibrary(): Library {
  if (library) return library;
  if (process.platform !== 'linux')
    throw new NativeMissingError(
      `live capture works on Linux only (this is ${process.platform}); read a recording with -r`,
    );
  const path = helperFile('libtsdig.so');
  if (path === undefined)
    throw new NativeMissingError(
      `live capture has not been built: ${HOW_TO_BUILD}; reading recordings (-r) works without`,
    );
  const require = createRequire(import.meta.url);
  let koffi: Koffi;
  try {
    koffi = require('koffi') as Koffi;
  } catch (error) {
    throw new NativeMissingError(
      `the npm package koffi cannot be loaded (${lineOf(error)}): run \`npm install\``,
    );
  }
  try {
    const lib = koffi.load(path);
    library = {
      koffi,
      open: lib.func(
        'int tsdig_open(void *options, const char *object, _Out_ void **out, void *error, uint32_t size)',
      ),
      openPtrace: lib.func(
        'int tsdig_open_ptrace(void *options, void *command, _Out_ void **out, void *error, uint32_t size)',
      ),
      openPerf: lib.func(
        'int tsdig_open_perf(void *options, void *command, _Out_ void **out, void *error, uint32_t size)',
      ),
      start: lib.func('int tsdig_start(void *t)'),
      ring: lib.func('void *tsdig_ring(void *t)'),
      ringSize: lib.func('uint64_t tsdig_ring_size(void *t)'),
      wait: lib.func('int64_t tsdig_wait(void *t, int32_t timeout_ms)'),
      available: lib.func('uint64_t tsdig_available(void *t)'),
      position: lib.func('uint64_t tsdig_position(void *t)'),
      known: lib.func('uint64_t tsdig_known(void *t)'),
      consume: lib.func('void tsdig_consume(void *t, uint64_t bytes)'),
      cpus: lib.func('int32_t tsdig_cpus(void *t)'),
      count: lib.func('void tsdig_count(void *t, int32_t cpu, void *out)'),
      allow: lib.func('int tsdig_allow(void *t, int32_t set, void *key, int32_t add)'),
      attachment: lib.func('const char *tsdig_attachment(void *t)'),
      entering: lib.func('int32_t tsdig_entering(void *t)'),
      quiet: lib.func('void tsdig_quiet(void *t)'),
      stop: lib.func('void tsdig_stop(void *t)'),
      close: lib.func('void tsdig_close(void *t)'),
      error: lib.func('const char *tsdig_error(void *t)'),
      commandStart: lib.func(
        'int tsdig_command_start(void *words, uint32_t count, _Out_ void **out, void *error, uint32_t size)',
      ),
      commandPid: lib.func('int32_t tsdig_command_pid(void *c)'),
      commandRelease: lib.func('int tsdig_command_release(void *c, void *t)'),
      commandWait: lib.func('int tsdig_command_wait(void *c, int32_t timeout_ms, _Out_ int32_t *code)'),
      commandTrouble: lib.func('int32_t tsdig_command_trouble(void *c, void *text, uint32_t size)'),
      commandSignal: lib.func('void tsdig_command_signal(void *c, int32_t number)'),
      commandClose: lib.func('void tsdig_command_close(void *c)'),
      cgroupNamespace: lib.func('int tsdig_cgroup_namespace(int32_t fd)'),
    };
  } catch (error) {
    throw new NativeMissingError(`the helper ${path} cannot be loaded (${lineOf(error)}): ${HOW_TO_BUILD}`);
  }
  return library;
}

function lineOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}

/** Puts this thread into the cgroup namespace that `fd` is open on; false where it may not. Throws NativeMissingError. */
export function setCgroupNamespace(fd: number): boolean {
  return loadLibrary().cgroupNamespace(fd) === 0;
}

/** struct tsdig_options as bytes. */
export function encodeOptions(o: NativeOptions): Buffer {
  const b = Buffer.alloc(OPTIONS.size);
  b.writeUInt32LE(ABI, OPTIONS.abi);
  b.writeUInt32LE(o.snaplen, OPTIONS.snaplen);
  b.writeBigUInt64LE(BigInt(o.kernelSize), OPTIONS.kernelSize);
  b.writeBigUInt64LE(BigInt(o.ringSize), OPTIONS.ringSize);
  b.writeUInt32LE(o.tracepoints, OPTIONS.tracepoints);
  b.writeUInt32LE(o.sets, OPTIONS.sets);
  b.writeUInt32LE(o.hierarchy, OPTIONS.hierarchy);
  b.writeUInt32LE(o.flags, OPTIONS.flags);
  o.exclude.slice(0, 3).forEach((pid, i) => {
    b.writeUInt32LE(pid, OPTIONS.exclude + 4 * i);
  });
  b.set(o.syscalls.subarray(0, 512), OPTIONS.syscalls);
  return b;
}

/** An open capture of the helper. Nothing here waits: only `wait` takes time, on another thread. */
export class NativeCapture {
  /** The ring of event blocks, twice in a row: a run of events that starts in the first half is contiguous. */
  readonly ring: Buffer;
  readonly ringView: DataView;
  private handle: unknown;
  private readonly lib: Library;

  private constructor(lib: Library, handle: unknown) {
    this.lib = lib;
    this.handle = handle;
    const memory = lib.koffi.view(lib.ring(handle), Number(lib.ringSize(handle)) * 2);
    this.ring = Buffer.from(memory);
    this.ringView = new DataView(memory);
  }

  /** Loads the eBPF programs, on another thread. Throws NativeMissingError, LiveError. */
  static async open(options: NativeOptions, bpfObject?: string): Promise<NativeCapture> {
    const lib = loadLibrary();
    const object = bpfObject ?? helperFile('tsdig.bpf.o');
    if (object === undefined)
      throw new NativeMissingError(
        `the eBPF programs have not been built: ${HOW_TO_BUILD}; reading recordings (-r) works without`,
      );
    return NativeCapture.opened(lib, lib.open, encodeOptions(options), object);
  }

  /** A capture of a held command with ptrace. Throws NativeMissingError, LiveError. */
  static openPtrace(options: NativeOptions, command: NativeCommand): Promise<NativeCapture> {
    const lib = loadLibrary();
    return NativeCapture.opened(lib, lib.openPtrace, encodeOptions(options), command.handle);
  }

  /** A capture with perf_event_open, of a held command or of everything. Throws NativeMissingError, LiveError. */
  static openPerf(options: NativeOptions, command: NativeCommand | null): Promise<NativeCapture> {
    const lib = loadLibrary();
    return NativeCapture.opened(lib, lib.openPerf, encodeOptions(options), command?.handle ?? null);
  }

  /** Calls one of the functions that open, on another thread. */
  private static async opened(
    lib: Library,
    open: NativeFunction,
    ...args: unknown[]
  ): Promise<NativeCapture> {
    const out: unknown[] = [null];
    const error = Buffer.alloc(512);
    const status = await new Promise<unknown>((resolve, reject) => {
      open.async(...args, out, error, error.length, (err: unknown, result: unknown) =>
        err ? reject(err) : resolve(result),
      );
    });
    if (status !== 0) throw new LiveError(error.toString('utf8', 0, error.indexOf(0)));
    return new NativeCapture(lib, out[0]);
  }

  /** Attaches the programs. Throws LiveError. */
  start(): void {
    if (this.lib.start(this.handle) !== 0) throw new LiveError(String(this.lib.error(this.handle)));
  }

  /** Bytes of whole event blocks that can be read from `position()` on. */
  available(): number {
    return this.handle === null ? 0 : Number(this.lib.available(this.handle));
  }

  /** Offset in `ring` of the first unread byte. */
  position(): number {
    return Number(this.lib.position(this.handle));
  }

  /** Time up to which all events are, or were, in the ring: ns since the epoch, 0n where the engine does not tell. */
  known(): bigint {
    return this.handle === null ? 0n : BigInt(this.lib.known(this.handle) as number | bigint);
  }

  /** Gives back `bytes` read bytes. */
  consume(bytes: number): void {
    this.lib.consume(this.handle, bytes);
  }

  /** Waits on another thread until there are events: bytes there are, 0 when the time was up, -1 at the end. */
  wait(timeoutMs: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.lib.wait.async(this.handle, timeoutMs, (err: unknown, result: unknown) =>
        err ? reject(err) : resolve(Number(result)),
      );
    });
  }

  get cpus(): number {
    return Number(this.lib.cpus(this.handle));
  }

  /** Counters of one CPU, or of all (-1). */
  count(cpu = -1): NativeCounters {
    const b = Buffer.alloc(80);
    this.lib.count(this.handle, cpu, b);
    const at = (i: number) => Number(b.readBigUInt64LE(i * 8));
    return {
      events: at(0),
      buffer: at(1),
      ring: at(2),
      oversize: at(3),
      nested: at(4),
      unseen: at(5),
      unreadable: at(6),
      low: at(7),
      state: at(8),
      life: at(9),
    };
  }

  /** Adds a key to an allow-set (ALLOW_SET), or takes it out. Throws LiveError. */
  allow(set: number, key: Buffer, add: boolean): void {
    if (this.lib.allow(this.handle, set, key, add ? 1 : 0) !== 0)
      throw new LiveError(String(this.lib.error(this.handle)));
  }

  /** Where system calls are seen, in words; '' with other engines than eBPF. */
  attachment(): string {
    return this.handle === null ? '' : String(this.lib.attachment(this.handle));
  }

  /** Whether the program that sees all calls entered is attached; undefined: it does not come and go. */
  entering(): boolean | undefined {
    const state = this.handle === null ? -1 : Number(this.lib.entering(this.handle));
    return state < 0 ? undefined : state === 1;
  }

  /** Nothing runs whose entering of calls is wanted: that program goes, unless it was needed just now. */
  quiet(): void {
    if (this.handle !== null) this.lib.quiet(this.handle);
  }

  /** Detaches: what is recorded can still be read. Safe to call twice. */
  stop(): void {
    if (this.handle !== null) this.lib.stop(this.handle);
  }

  /** Lets a held command execute, and puts it into the set of process ids first if `follow`. Throws LiveError. */
  release(command: NativeCommand, follow: boolean): void {
    if (this.lib.commandRelease(command.handle, follow ? this.handle : null) !== 0)
      throw new LiveError(String(this.lib.error(this.handle)));
  }

  /** Frees everything; the ring must not be touched afterwards, and no `wait` may be under way. */
  close(): void {
    if (this.handle === null) return;
    const handle = this.handle;
    this.handle = null;
    this.lib.close(handle);
  }
}

/** A process of our own that is held until it is released, then executes a command. */
export class NativeCommand {
  readonly handle: unknown;
  readonly pid: number;
  private readonly lib: Library;
  private open = true;

  private constructor(lib: Library, handle: unknown) {
    this.lib = lib;
    this.handle = handle;
    this.pid = Number(lib.commandPid(handle));
  }

  /** Starts the process of `argv`. Throws LiveError when there is no such program. */
  static start(argv: readonly string[]): NativeCommand {
    const lib = loadLibrary();
    const out: unknown[] = [null];
    const error = Buffer.alloc(512);
    const words = Buffer.from(`${argv.join('\0')}\0`, 'utf8');
    if (lib.commandStart(words, argv.length, out, error, error.length) !== 0)
      throw new LiveError(error.toString('utf8', 0, error.indexOf(0)));
    return new NativeCommand(lib, out[0]);
  }

  /** Waits on another thread: the exit code (128 + signal), undefined when the time was up. */
  wait(timeoutMs: number): Promise<number | undefined> {
    const code = [0];
    return new Promise((resolve, reject) => {
      this.lib.commandWait.async(this.handle, timeoutMs, code, (err: unknown, result: unknown) =>
        err ? reject(err) : resolve(result === 1 ? code[0] : undefined),
      );
    });
  }

  /** Why the program could not be executed, after its end; undefined if it could. */
  trouble(): string | undefined {
    const text = Buffer.alloc(512);
    if (this.lib.commandTrouble(this.handle, text, text.length) !== 1) return undefined;
    return text.toString('utf8', 0, text.indexOf(0));
  }

  signal(number: number): void {
    this.lib.commandSignal(this.handle, number);
  }

  /** Frees it; a process that was not released goes. No `wait` may be under way. */
  close(): void {
    if (!this.open) return;
    this.open = false;
    this.lib.commandClose(this.handle);
  }
}
