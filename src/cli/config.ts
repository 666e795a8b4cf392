import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'smol-toml';

/** A wrong value in the configuration: one line that names file or variable, key and remedy. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

type Kind = 'text' | 'number' | 'list';

/** One setting: its key in the file, its variable, its kind and what it does. */
interface Setting {
  readonly key: string;
  readonly variable: string;
  readonly kind: Kind;
  readonly default: string;
  readonly text: string;
}

const SETTINGS: readonly Setting[] = [
  { key: 'print', variable: 'TSDIG_PRINT', kind: 'text', default: '', text: 'output format, as with -p' },
  {
    key: 'timetype',
    variable: 'TSDIG_TIMETYPE',
    kind: 'text',
    default: 'h',
    text: 'how times are shown, as with -t',
  },
  { key: 'color', variable: 'TSDIG_COLOR', kind: 'text', default: 'auto', text: 'auto, always or never' },
  {
    key: 'snaplen',
    variable: 'TSDIG_SNAPLEN',
    kind: 'number',
    default: '80',
    text: 'bytes of each buffer, as with -s',
  },
  {
    key: 'engine',
    variable: 'TSDIG_ENGINE',
    kind: 'text',
    default: 'auto',
    text: 'auto, ebpf, perf or ptrace',
  },
  {
    key: 'buffer_size',
    variable: 'TSDIG_BUFFER_SIZE',
    kind: 'text',
    default: '8M',
    text: "each CPU's kernel buffer",
  },
  {
    key: 'container_wait',
    variable: 'TSDIG_CONTAINER_WAIT',
    kind: 'number',
    default: '300',
    text: 'ms that events wait for the name of a new container',
  },
  {
    key: 'docker_socket',
    variable: 'TSDIG_DOCKER_SOCKET',
    kind: 'text',
    default: '',
    text: 'socket of the Docker engine',
  },
  { key: 'cri', variable: 'TSDIG_CRI', kind: 'text', default: '', text: 'socket of the CRI runtime' },
  {
    key: 'chisel_dirs',
    variable: 'TSDIG_CHISEL_DIR',
    kind: 'list',
    default: '',
    text: 'folders of chisels, searched first (; between them in the variable)',
  },
];

/** Values by key, as text; only those that are set somewhere. `from` says where. */
export type Configuration = ReadonlyMap<string, { readonly value: string; readonly from: string }>;

/** Where the configuration file is looked for. */
export function configPath(): string {
  return join(
    process.env['XDG_CONFIG_HOME'] || join(process.env['HOME'] ?? homedir(), '.config'),
    'tsdig',
    'config.toml',
  );
}

/**
 * Reads file and variables (which win over the file).
 * @throws ConfigError for a file that is no TOML, an unknown key or a value of the wrong kind.
 */
export function loadConfiguration(): Configuration {
  const result = new Map<string, { value: string; from: string }>();
  const path = configPath();
  for (const [key, value] of Object.entries(readConfigFile(path))) {
    const setting = SETTINGS.find((candidate) => candidate.key === key);
    if (!setting) {
      throw new ConfigError(
        `${path}: unknown setting '${key}' (known: ${SETTINGS.map((s) => s.key).join(', ')})`,
      );
    }
    result.set(key, { value: asText(setting, value, path), from: path });
  }
  for (const setting of SETTINGS) {
    const value = process.env[setting.variable];
    if (value !== undefined && value !== '')
      result.set(setting.key, { value: asText(setting, value, setting.variable), from: setting.variable });
  }
  return result;
}

function readConfigFile(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return {};
  }
  try {
    return parse(text);
  } catch (error) {
    throw new ConfigError(`${path}: ${(error as Error).message.split('\n')[0]}`);
  }
}

function asText(setting: Setting, value: unknown, from: string): string {
  const wrong = (wanted: string): never => {
    throw new ConfigError(`${from}: ${setting.key} must be ${wanted}, not '${String(value)}'`);
  };
  if (setting.kind === 'number') return /^\d+$/.test(String(value)) ? String(value) : wrong('a whole number');
  if (setting.kind === 'list' && Array.isArray(value)) return value.map(String).join(';');
  if (typeof value === 'object') return wrong('a text');
  return String(value);
}

/** Prints each setting with its value and where it comes from (`tsdig config`). */
export function printConfig(): number {
  const configuration = loadConfiguration();
  let out = `# ${configPath()}\n`;
  for (const setting of SETTINGS) {
    const found = configuration.get(setting.key);
    const value = found?.value ?? setting.default;
    const shown = setting.kind === 'text' || setting.kind === 'list' ? JSON.stringify(value) : value;
    out += `${`${setting.key} = ${shown}`.padEnd(36)} # ${setting.text}; ${found ? `from ${found.from}` : `default (${setting.variable})`}\n`;
  }
  process.stdout.write(out);
  return 0;
}

/** The folders of chisels that the configuration names. The variable is read by the search itself. */
export function configuredChiselDirs(): string[] {
  const found = loadConfiguration().get('chisel_dirs');
  return found === undefined || found.from === 'TSDIG_CHISEL_DIR'
    ? []
    : found.value.split(';').filter((dir) => dir !== '');
}
