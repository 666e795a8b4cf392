import { wrapText } from './listing.js';
import { commandDefinition } from './options.js';

/** The option groups of the help page, by long or short name of their first option. */
export const OPTION_GROUPS: readonly (readonly [title: string, names: readonly string[]])[] = [
  [
    'Where events come from',
    ['read', 'engine', 'snaplen', 'buffer-size', 'page-faults', 'suppress-comm', 'numevents', 'max-seconds'],
  ],
  [
    'Writing capture files',
    [
      'write',
      'compress',
      'file-size',
      'seconds',
      'events-per-file',
      'limit',
      'fatfile',
      'filter-proclist',
      'new-events',
      'drop-to',
    ],
  ],
  [
    'What is printed',
    [
      'print',
      'json',
      'timetype',
      'print-hex',
      'print-hex-ascii',
      'print-ascii',
      'print-base64',
      'resolve-ports',
      'human',
      'quiet',
      'summary',
      'verbose',
      'progress',
      'stats',
      'color',
      'unbuffered',
    ],
  ],
  ['Filters', ['displayflt', 'explain', 'debug']],
  [
    'Containers',
    ['docker-socket', 'cri', 'cri-timeout', 'container-wait', 'exclude-users', 'large-environment'],
  ],
  [
    'Lists',
    ['list', 'list-markdown', 'list-events', 'chisel-info', 'new-chisel', 'help', 'version', 'libs-version'],
  ],
];

/** `-c` is taken out of the command line before the parser sees it: its entry on the page. */
export const CHISEL_OPTION = ['-c, --chisel <name> [args]', 'run a chisel; -cl lists them'] as const;

const EXAMPLES = `Examples:
  tsdig                                              every system call, one line each
  tsdig -pc -c topprocs_cpu container.name=web       what burns the CPU in container web
  tsdig -pc -c spy_users container.name=web          every command someone types there
  tsdig proc.name=cat and evt.type=open              the files that cat opens
  tsdig -w trace.scap container.name=web             record one container
  tsdig -r trace.scap -c topfiles_bytes              replay: the busiest files
  tsdig -- make test                                 start a command and follow it

More: tsdig help filters | fields | chisels | output | files | containers
      tsdig doctor   what live capture needs, and whether it is here
      tsdig config   defaults and where they come from
`;

/** The page of `--help`. */
export function helpPage(width = 100): string {
  const options = new Map(commandDefinition().options.map((option) => [option.long?.slice(2) ?? '', option]));
  let out =
    'Usage: tsdig [options] [filter]\n       tsdig [options] -- command [args]\n\nWatches what programs and containers do through their system calls.\n';
  for (const [title, names] of OPTION_GROUPS) {
    out += `\n${title}:\n`;
    if (title === 'What is printed') out += row(CHISEL_OPTION[0], CHISEL_OPTION[1], width);
    for (const name of names) {
      const option = options.get(name);
      if (option) out += row(option.flags, option.description, width);
    }
  }
  return `${out}\n${EXAMPLES}`;
}

function row(flags: string, text: string, width: number): string {
  const head = `  ${flags.startsWith('--') ? `    ${flags}` : flags}`.padEnd(34);
  return head + wrapText(text, width - 34).join(`\n${' '.repeat(34)}`) + '\n';
}
