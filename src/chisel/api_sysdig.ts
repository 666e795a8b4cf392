import { createSocket, type Socket } from 'node:dgram';
import { hostname } from 'node:os';
import { LuaTable } from './lua/table.js';
import type { LuaValue } from './lua/value.js';
import { LuaError, NONE } from './lua/value.js';
import { containerTable, threadTable } from './machine_tables.js';
import type { BufferFormat, ChiselRuntime } from './runtime.js';
import { ThreadCpu } from './thread_cpu.js';

/** What the chisel that a `sysdig` table belongs to lends to it. */
export interface SysdigHost {
  readonly runtime: ChiselRuntime;
  /** on_capture_start has been reached. */
  readonly started: boolean;
  /** on_interval runs because of an event that crosses the interval's end: it has not been given to on_event. */
  readonly crossing: boolean;
}

const BUFFER_FORMATS: ReadonlySet<string> = new Set([
  'normal',
  'json',
  'simple',
  'hex',
  'hexascii',
  'ascii',
  'base64',
  'jsonbase64',
]);
const SEVERITIES: ReadonlySet<string> = new Set(['debug', 'info', 'warning', 'error', 'critical']);

function text(v: LuaValue, name: string): string {
  if (typeof v === 'string') return v;
  if (typeof v === 'number') return String(v);
  throw new LuaError(
    `bad argument #1 to '${name}' (string expected, got ${v === undefined ? 'no value' : typeof v === 'object' ? 'table' : typeof v})`,
  );
}

/** A 64-bit number as scripts write it: decimal text, or a number. */
function wide(v: LuaValue, name: string): bigint {
  const s = typeof v === 'number' ? String(Math.trunc(v)) : text(v, name);
  if (!/^-?\d+$/.test(s))
    throw new LuaError(`bad argument to '${name}' (a decimal number as text expected, got ${s})`);
  return BigInt.asIntN(64, BigInt(s));
}

/** Byte string → text for the system. */
function decode(s: string): string {
  return Buffer.from(s, 'latin1').toString();
}

/** One UDP socket for a chisel's output. Datagrams are sent in the background, in order. */
class UdpOutput {
  private socket: Socket | undefined;
  private port = 0;
  private address = '';

  setPeer(address: string, port: number): void {
    this.address = address;
    this.port = port;
    this.socket ??= createSocket(address.includes(':') ? 'udp6' : 'udp4').unref();
  }

  send(message: string): void {
    if (this.socket === undefined) throw new LuaError('call sysdig.udp_setpeername before sysdig.udp_send');
    // Nobody listening is not the chisel's trouble.
    this.socket.send(Buffer.from(message, 'latin1'), this.port, this.address, () => undefined);
  }
}

/** The `sysdig` table. */
export function sysdigTable(host: SysdigHost): LuaTable {
  const { runtime } = host;
  const udp = new UdpOutput();
  const threadCpu = new ThreadCpu(runtime);
  const table = (name: string, withFds: boolean, barebone: boolean) => (filter: LuaValue) =>
    threadTable(runtime, {
      withFds,
      barebone,
      filter: filter === undefined ? undefined : text(filter, name),
    });
  const t = LuaTable.record({
    set_filter: (f) => {
      runtime.setFilter(text(f, 'set_filter'));
      return NONE;
    },
    set_snaplen: (n) => {
      const bytes = Number(n);
      if (!(bytes >= 0)) throw new LuaError("bad argument #1 to 'set_snaplen' (number expected)");
      runtime.setSnaplen(Math.trunc(bytes));
      return NONE;
    },
    set_output_format: (f) => {
      const name = text(f, 'set_output_format');
      if (!BUFFER_FORMATS.has(name))
        throw new LuaError(`unknown output format ${name}: one of ${[...BUFFER_FORMATS].join(', ')}`);
      runtime.setBufferFormat(name as BufferFormat);
      return NONE;
    },
    set_fatfile_dump_mode: (on) => {
      runtime.setFatfileDump(on === true);
      return NONE;
    },
    is_live: () => runtime.live,
    is_tty: () => runtime.tty,
    get_terminal_info: () => {
      const { width, height } = runtime.terminalSize();
      return LuaTable.record({ width, height });
    },
    get_filter: () => runtime.filterText,
    get_machine_info: () => {
      const machine = runtime.machine;
      if (!host.started || machine === null) {
        throw new LuaError('get_machine_info can only be called from the on_capture_start callback on');
      }
      const info = machine.machineInfo;
      return LuaTable.record({
        num_cpus: info?.numCpus ?? 0,
        memory_size_bytes: info?.memorySize ?? 0,
        max_pid: info?.maxPid ?? 0,
        hostname: info?.hostname ?? (runtime.live ? hostname() : ''),
      });
    },
    get_thread_table: table('get_thread_table', true, false),
    get_thread_table_nofds: table('get_thread_table_nofds', false, false),
    get_thread_table_barebone: table('get_thread_table_barebone', true, true),
    get_thread_table_barebone_nofds: table('get_thread_table_barebone_nofds', false, true),
    // Ours: what a live CPU table needs besides the switches.
    get_thread_cpu: (sec, nsec, scope) =>
      threadCpu.list(
        BigInt(Number(sec)) * 1_000_000_000n + BigInt(Number(nsec)),
        host.crossing,
        scope === undefined ? '' : text(scope, 'get_thread_cpu'),
      ),
    get_container_table: () => containerTable(runtime),
    is_print_container_data: () => runtime.printContainer,
    get_output_format: () => (runtime.json ? 'json' : 'normal'),
    get_evtsource_name: () => runtime.sourceName,
    get_firstevent_ts: () => String(runtime.firstTs()),
    get_lastevent_ts: () => String(runtime.lastTs()),
    make_ts: (sec, nsec) =>
      String(BigInt(Math.trunc(Number(sec))) * 1000000000n + BigInt(Math.trunc(Number(nsec ?? 0)))),
    add_ts: (a, b) => String(BigInt.asIntN(64, wide(a, 'add_ts') + wide(b, 'add_ts'))),
    subtract_ts: (a, b) => String(BigInt.asIntN(64, wide(a, 'subtract_ts') - wide(b, 'subtract_ts'))),
    run_app: (app) => {
      const command = decode(text(app, 'run_app'));
      if (runtime.runAfter) {
        runtime.runAfter(appWords(command));
        return NONE;
      }
      runtime.log(
        `this chisel wants to start another program at its end, which tsdig does not do: ${command}`,
        'warning',
      );
      return NONE;
    },
    end_capture: () => {
      runtime.endCapture();
      return NONE;
    },
    log: (message, severity) => {
      const level = severity === undefined ? 'info' : text(severity, 'log');
      if (!SEVERITIES.has(level))
        throw new LuaError(`unknown severity ${level}: one of ${[...SEVERITIES].join(', ')}`);
      runtime.log(text(message, 'log'), level as 'info');
      return NONE;
    },
    udp_setpeername: (address, port) => {
      udp.setPeer(decode(text(address, 'udp_setpeername')), Math.trunc(Number(port)));
      return NONE;
    },
    udp_send: (message) => {
      udp.send(text(message, 'udp_send'));
      return NONE;
    },
    get_read_progress: () => runtime.readProgress(),
    // Of the commercial agent: chisels that feed it run, and what they push goes nowhere.
    push_metric: () => NONE,
    set_fatal: (message) => {
      throw new LuaError(text(message ?? 'fatal error', 'set_fatal'));
    },
  });
  return t;
}

/** The words of a command line for tsdig: blanks part them, double quotes hold them together. A leading program name goes. */
function appWords(command: string): string[] {
  const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]);
  return /^(\S*\/)?(sysdig|csysdig|tsdig)$/.test(words[0] ?? '') ? words.slice(1) : words;
}
