import { Command, CommanderError, Option } from 'commander';
import { UsageError } from './usage_error.js';

/** How event times are shown (`-t`). */
export type TimeType = 'h' | 'a' | 'r' | 'd' | 'D' | 'iso' | 'utc';

/** How captured buffers are shown. */
export type BufferFormat = 'normal' | 'hex' | 'hexascii' | 'ascii' | 'base64';

/** The command line, typed. Sizes in bytes, times in the unit of the name. */
export interface Options {
  read: string[];
  write: string | undefined;
  print: string | undefined;
  filter: string;
  json: boolean;
  buffers: BufferFormat;
  timeType: TimeType;
  verbose: boolean;
  debug: boolean;
  quiet: boolean;
  summary: boolean;
  progress: boolean;
  stats: boolean;
  color: 'auto' | 'always' | 'never';
  unbuffered: boolean;
  numEvents: number;
  maxSeconds: number;
  snaplen: number | undefined;
  compress: boolean;
  fileSizeMb: number;
  rotateSeconds: number;
  rotateEvents: number;
  fileLimit: number;
  fatFile: boolean;
  filterProclist: boolean;
  newEvents: boolean;
  displayFilter: boolean;
  excludeUsers: boolean;
  resolvePorts: boolean;
  human: boolean;
  suppressComms: string[];
  pageFaults: boolean;
  largeEnvironment: boolean;
  engine: string;
  bufferSize: number | undefined;
  containerWaitMs: number;
  dockerSocket: string | undefined;
  criSocket: string | undefined;
  criTimeoutMs: number | undefined;
  dropTo: string | undefined;
  explain: boolean;
  list: boolean;
  listMarkdown: boolean;
  listEvents: boolean;
  chiselInfo: string | undefined;
  newChisel: string | undefined;
}

/** Options of sysdig that have no place here, and what to do instead. */
const REFUSED: readonly (readonly [flags: string, instead: string])[] = [
  ['-B, --bpf [probe]', 'no probe has to be named: tsdig brings its own eBPF programs (see --engine)'],
  ['-H, --plugin [plugin]', 'falco plugins are not supported: tsdig captures system calls'],
  ['-I, --input [plugin]', 'falco plugins are not supported: tsdig captures system calls'],
  ['--plugin-config-file [file]', 'falco plugins are not supported: tsdig captures system calls'],
  [
    '-k, --k8s-api [url]',
    'no API server is needed: pods and labels come from the container runtime (--cri SOCKET)',
  ],
  [
    '-K, --k8s-api-cert [file]',
    'no API server is needed: pods and labels come from the container runtime (--cri SOCKET)',
  ],
  [
    '--node-name [name]',
    'no API server is needed: pods and labels come from the container runtime (--cri SOCKET)',
  ],
  ['-m, --mesos-api [url]', 'mesos is not supported: its fields read as <NA>'],
  [
    '-T, --force-tracers-capture',
    'tracers are obsolete: buffers written to /dev/null are captured like others (-s)',
  ],
];

/** Parses a whole number option. */
function wholeNumber(name: string, min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new UsageError(`${name} takes a whole number from ${min} to ${max}, not '${text}'`);
    }
    return value;
  };
}

/** Parses a size: plain bytes, or with K, M, G (powers of 1024). */
function byteSize(name: string) {
  return (text: string): number => {
    const match = /^(\d+(?:\.\d+)?)\s*([kmg]?)i?b?$/i.exec(text);
    if (!match) throw new UsageError(`${name} takes a size such as 16M, not '${text}'`);
    return Math.floor(Number(match[1]) * 1024 ** ['', 'k', 'm', 'g'].indexOf(match[2].toLowerCase()));
  };
}

const collect = (value: string, previous: string[] | undefined): string[] => [...(previous ?? []), value];

/** The options, in the groups of the help text. */
export function commandDefinition(): Command {
  const program = new Command('tsdig');
  program.usage('[options] [filter]').argument('[filter...]').allowExcessArguments(true).helpOption(false);
  program.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
  const option = (flags: string, text: string, parse?: (value: string, previous: never) => unknown): void => {
    const made = new Option(flags, text);
    if (parse) made.argParser(parse as (value: string) => unknown);
    program.addOption(made);
  };
  option(
    '-r, --read <file>',
    'read events from a capture file (- = standard input; several are merged by time)',
    collect as never,
  );
  option('-w, --write <file>', 'write the events to a capture file');
  option('-z, --compress', 'compress the file written');
  option(
    '-C, --file-size <MB>',
    'start a new file at this size (millions of bytes)',
    wholeNumber('-C', 1, 1e9),
  );
  option('-G, --seconds <s>', 'start a new file every so many seconds', wholeNumber('-G', 1, 1e9));
  option('-e, --events-per-file <n>', 'start a new file every so many events', wholeNumber('-e', 1, 1e15));
  option('-W, --limit <n>', 'keep this many files', wholeNumber('-W', 1, 1e6));
  option(
    '-s, --snaplen <bytes>',
    'bytes of each I/O buffer to capture (default 80)',
    wholeNumber('-s', 0, 65536),
  );
  option('-F, --fatfile', 'write what the filter rejects but later state needs, hidden');
  option(
    '--new-events',
    'write event types that sysdig before 0.30 skips, too (chown, memfd_create, prctl …)',
  );
  option('--filter-proclist', 'apply the filter to the process list in the file too');
  option('-p, --print <format>', 'output format; -pc containers, -pk kubernetes, -pp process details');
  option('-j, --json', 'one JSON object per line');
  option(
    '-t, --timetype <type>',
    'time as h (clock), a (epoch), r (relative), d (call), D (previous event), iso, utc',
  );
  option('-x, --print-hex', 'buffers in hex');
  option('-X, --print-hex-ascii', 'buffers in hex and text');
  option('-A, --print-ascii', 'buffers as text only');
  option('-b, --print-base64', 'buffers in base64');
  option('-R, --resolve-ports', 'port numbers as service names');
  option('--human', 'sizes and durations in lines with units (4.00KB, 5.82ms)');
  option('-q, --quiet', 'print no events');
  option('-S, --summary', 'print the most frequent events at the end');
  option('-v, --verbose', 'whole buffers, and how the capture went at the end');
  option('-P, --progress', 'progress on standard error, when that is a terminal');
  option('--stats', 'events and drops every second on standard error');
  option('--color <when>', 'auto, always or never');
  option('--unbuffered', 'write each line at once');
  option('-n, --numevents <n>', 'stop after so many events', wholeNumber('-n', 1, 1e15));
  option('-M, --max-seconds <s>', 'stop after so many seconds', wholeNumber('-M', 1, 1e9));
  option('-d, --displayflt', 'filter what is shown only');
  option('-D, --debug', 'show internal events too');
  option('-E, --exclude-users', 'do not read the user and group tables');
  option('-U, --suppress-comm <name>', 'ignore processes of this name', collect as never);
  option('--explain', 'say what the filter makes the kernel record, and why');
  option('--page-faults', 'capture page faults');
  option('--large-environment', 'read environments above 4 KiB from /proc');
  option('--engine <name>', 'auto, ebpf, perf or ptrace');
  option('--buffer-size <size>', "each CPU's kernel buffer (such as 8M)", byteSize('--buffer-size'));
  option(
    '--container-wait <ms>',
    'how long events wait for the name of a new container (default 300)',
    wholeNumber('--container-wait', 0, 60000),
  );
  option('--docker-socket <path>', 'socket of the Docker engine');
  option('--cri <path>', 'socket of the CRI runtime (containerd, CRI-O)');
  option(
    '--cri-timeout <ms>',
    'how long to wait for the CRI runtime',
    wholeNumber('--cri-timeout', 1, 600000),
  );
  option('--drop-to <user>', 'go on as this user once recording has begun; owner of new files');
  option('-l, --list', 'list the fields (-lv with details)');
  option('--list-markdown', 'list the fields as Markdown');
  option('-L, --list-events', 'list the events');
  option('-i, --chisel-info <name>', 'describe a chisel');
  option('--new-chisel <name>', 'write a chisel to start from into NAME.lua');
  option('-h, --help', 'this page');
  option('--version', 'print the version');
  option('--libs-version', 'print the version of the event table');
  for (const [flags] of REFUSED) program.addOption(new Option(flags).hideHelp());
  return program;
}

/** What the command line asks for besides a run. */
export interface ParsedLine {
  readonly options: Options;
  readonly help: boolean;
  readonly version: boolean;
}

/** Options as the parser gives them. */
interface RawOptions {
  [name: string]: unknown;
}

/**
 * Parses the words that are left when chisels have been taken out.
 * `configuration` gives what the line leaves open (keys of the configuration file).
 * @throws UsageError naming the option that is wrong.
 */
export function parseOptions(
  words: readonly string[],
  configuration: ReadonlyMap<string, { value: string }> = new Map(),
): ParsedLine {
  const program = commandDefinition();
  try {
    program.parse([...defaultsAsWords(configuration), ...words], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      throw new UsageError(
        `${error.message.replace(/^error: /, '').replaceAll('\n', ' ')} (tsdig --help lists the options)`,
      );
    }
    throw error;
  }
  const raw = program.opts<RawOptions>();
  for (const [flags, instead] of REFUSED) {
    const option = new Option(flags);
    if (raw[option.attributeName()] !== undefined) {
      throw new UsageError(`${flags.split(/[ ,]/)[0]} is not available: ${instead}`);
    }
  }
  return {
    options: typed(raw, program.args.join(' ')),
    help: raw['help'] === true,
    version: raw['version'] === true || raw['libsVersion'] === true,
  };
}

/** Configured values as options in front of the command line: the later one wins. */
function defaultsAsWords(configuration: ReadonlyMap<string, { value: string }>): string[] {
  const words: string[] = [];
  for (const [key, option] of CONFIGURABLE) {
    const value = configuration.get(key)?.value;
    if (value === undefined || value === '') continue;
    words.push(`${option}=${value}`);
  }
  return words;
}

const CONFIGURABLE: readonly (readonly [key: string, option: string])[] = [
  ['print', '--print'],
  ['timetype', '--timetype'],
  ['color', '--color'],
  ['snaplen', '--snaplen'],
  ['engine', '--engine'],
  ['buffer_size', '--buffer-size'],
  ['container_wait', '--container-wait'],
  ['docker_socket', '--docker-socket'],
  ['cri', '--cri'],
];

function typed(raw: RawOptions, filter: string): Options {
  const text = (name: string): string | undefined => raw[name] as string | undefined;
  const count = (name: string): number => (raw[name] as number | undefined) ?? 0;
  const flag = (name: string): boolean => raw[name] === true;
  const words = (name: string): string[] => (raw[name] as string[] | undefined) ?? [];
  return {
    read: words('read'),
    write: text('write'),
    print: text('print'),
    filter,
    json: flag('json'),
    buffers: bufferFormat(raw),
    timeType: oneOf('-t', text('timetype') ?? 'h', ['h', 'a', 'r', 'd', 'D', 'iso', 'utc']),
    verbose: flag('verbose'),
    debug: flag('debug'),
    quiet: flag('quiet'),
    summary: flag('summary'),
    progress: flag('progress'),
    stats: flag('stats'),
    color: oneOf('--color', text('color') ?? 'auto', ['auto', 'always', 'never']),
    unbuffered: flag('unbuffered'),
    numEvents: count('numevents'),
    maxSeconds: count('maxSeconds'),
    snaplen: raw['snaplen'] as number | undefined,
    compress: flag('compress'),
    fileSizeMb: count('fileSize'),
    rotateSeconds: count('seconds'),
    rotateEvents: count('eventsPerFile'),
    fileLimit: count('limit'),
    fatFile: flag('fatfile'),
    filterProclist: flag('filterProclist'),
    newEvents: flag('newEvents'),
    displayFilter: flag('displayflt'),
    excludeUsers: flag('excludeUsers'),
    resolvePorts: flag('resolvePorts'),
    human: flag('human'),
    suppressComms: words('suppressComm'),
    pageFaults: flag('pageFaults'),
    largeEnvironment: flag('largeEnvironment'),
    engine: oneOf('--engine', text('engine') ?? 'auto', ['auto', 'ebpf', 'perf', 'ptrace']),
    bufferSize: raw['bufferSize'] as number | undefined,
    containerWaitMs: (raw['containerWait'] as number | undefined) ?? 300,
    dockerSocket: text('dockerSocket'),
    criSocket: text('cri'),
    criTimeoutMs: raw['criTimeout'] as number | undefined,
    dropTo: text('dropTo'),
    explain: flag('explain'),
    list: flag('list'),
    listMarkdown: flag('listMarkdown'),
    listEvents: flag('listEvents'),
    chiselInfo: text('chiselInfo'),
    newChisel: text('newChisel'),
  };
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new UsageError(`${name} takes one of ${allowed.join(', ')}, not '${value}'`);
  return found;
}

function bufferFormat(raw: RawOptions): BufferFormat {
  const chosen: BufferFormat[] = [];
  if (raw['printHex'] === true) chosen.push('hex');
  if (raw['printHexAscii'] === true) chosen.push('hexascii');
  if (raw['printAscii'] === true) chosen.push('ascii');
  if (raw['printBase64'] === true) chosen.push('base64');
  if (chosen.length > 1) throw new UsageError('of -x, -X, -A and -b only one can be given');
  return chosen[0] ?? 'normal';
}
