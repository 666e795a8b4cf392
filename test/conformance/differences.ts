/**
 * Where tsdig prints other lines than sysdig 0.36 on purpose. Each key is the anchor of the section in
 * docs/differences.md that gives the reason.
 */

/** Whether a column may differ in this way. */
interface ColumnRule {
  readonly key: string;
  readonly fields: readonly string[];
  readonly allowed: (want: string, have: string) => boolean;
}

/** Whether whole lines differ by nothing but this. */
interface LineRule {
  readonly key: string;
  readonly same: (want: string, have: string) => boolean;
}

const NON_ASCII = /[\x80-\xff]/g;
const SHARED_FDS = 'threads-share-the-fds-of-their-process';
const SOCKET_NAMES = 'failed-connects-keep-their-address';
/** What sysdig prints where it does not know the fd. */
const NO_FD: ReadonlySet<string> = new Set(['<NA>', 'o', '', '/', ':', ':/', 'unknown', '()']);

const withoutPipes = (line: string): string => line.replace(/fd=(\d+)\(<p>\) /g, 'fd=$1 ');

/** The time of a line of -t a with all digits of its fraction. */
function withZeros(line: string): string {
  return line.replace(
    /^(\d+ \d+)\.(\d+)/,
    (_all, start: string, rest: string) => `${start}.${rest.padStart(9, '0')}`,
  );
}

const COLUMN_RULES: readonly ColumnRule[] = [
  {
    key: SHARED_FDS,
    fields: [
      'fd.type',
      'fd.typechar',
      'fd.name',
      'fd.directory',
      'fd.is_server',
      'fd.containername',
      'fd.containerdirectory',
      'fd.connected',
      'fd.name_changed',
      'fd.dev',
      'fd.dev.major',
      'fd.dev.minor',
      'fd.ino',
      'fd.nameraw',
      'fd.types',
      'evt.category',
      'evt.buflen',
      'evt.buflen.in',
    ],
    allowed: (want) => NO_FD.has(want),
  },
  {
    key: SHARED_FDS,
    fields: ['evt.args', 'evt.info'],
    allowed: (want, have) => withoutPipes(want) === withoutPipes(have),
  },
  {
    key: SOCKET_NAMES,
    fields: ['fd.name', 'fd.containername'],
    allowed: (want, have) => /(^|:)NULL$/.test(want) && have.endsWith('/socket'),
  },
  {
    key: 'connects-change-names',
    fields: ['fd.name_changed'],
    allowed: (want, have) => want === 'false' && have === 'true',
  },
  {
    key: 'evt-type-is-prints-its-value',
    fields: ['evt.type.is.open'],
    allowed: (want, have) => want === '<NA>evt.type.is.open' && (have === '0' || have === '1'),
  },
  {
    key: 'cpu-time-is-counted',
    fields: ['thread.exectime', 'thread.totexectime'],
    allowed: (want, have) => want === '0' && /^\d+$/.test(have),
  },
  {
    key: 'threads-belong-to-the-session-of-their-process',
    fields: ['proc.sid'],
    allowed: (want, have) => want === '-1' && /^\d+$/.test(have),
  },
  {
    key: 'threads-belong-to-the-session-of-their-process',
    fields: ['proc.is_sid_leader'],
    allowed: (want, have) => want === 'false' && have === 'true',
  },
  {
    key: 'what-is-not-known-has-no-value',
    fields: ['proc.ppid.duration', 'proc.exe_ino.ctime_duration_proc_start'],
    allowed: (want, have) => /^\d+$/.test(want) && have === '<NA>',
  },
  {
    // These recordings do not tell when their machine started.
    key: 'containers-start-at-a-time-of-the-clock',
    fields: ['container.start_ts', 'container.duration'],
    allowed: (want, have) => /^\d+$/.test(want) && have === '<NA>',
  },
];

const LINE_RULES: readonly LineRule[] = [
  {
    key: 'absolute-times-keep-their-zeros',
    same: (want, have) => have === withZeros(want),
  },
  { key: SHARED_FDS, same: (want, have) => withoutPipes(want) === withoutPipes(have) },
  { key: SHARED_FDS, same: (want, have) => want === '' && /^\d+ $/.test(have) },
  { key: SOCKET_NAMES, same: (want, have) => /^\d+ NULL$/.test(want) && /^\d+ \S*$/.test(have) },
  {
    key: 'file-names-are-whole',
    same: (want, have) =>
      NON_ASCII.test(have) &&
      want.replace(NON_ASCII, '').replaceAll('.', '') === have.replace(NON_ASCII, '').replaceAll('.', ''),
  },
  {
    key: 'errors-of-setpgid-have-names',
    same: (want, have) => want === have.replace(/( setpgid (?:< )?)res=-1\(EPERM\) /, '$1res=-1 '),
  },
  {
    key: 'latency-needs-both-ends',
    same: (want, have) => want.replace(/^(\d+) 0\.\d{9} (.* < clone3 )/, '$1 0.000000000 $2') === have,
  },
];

function explainColumns(want: string, have: string, fields: readonly string[]): string | undefined {
  const wanted = want.split('|');
  const had = have.split('|');
  let first: string | undefined;
  // sysdig ends the line behind fd.types.
  if (had.length === fields.length && wanted.length === fields.indexOf('fd.types') + 1) {
    first = 'lines-go-on-behind-fd-types';
  } else if (wanted.length !== fields.length || had.length !== fields.length) return undefined;
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i] === had[i]) continue;
    const rule = COLUMN_RULES.find((one) => one.fields.includes(fields[i]) && one.allowed(wanted[i], had[i]));
    if (rule === undefined) return undefined;
    first ??= rule.key;
  }
  return first;
}

/** The difference that explains why the lines are not equal; undefined if none does. */
export function explanation(want: string, have: string, fields: readonly string[]): string | undefined {
  const key = explainColumns(want, have, fields) ?? LINE_RULES.find((rule) => rule.same(want, have))?.key;
  if (key !== undefined) return key;
  const padded = withZeros(want);
  return padded === want ? undefined : explanation(padded, have, fields);
}

/** The keys of all differences. */
export const DIFFERENCE_KEYS: ReadonlySet<string> = new Set([
  ...COLUMN_RULES.map((rule) => rule.key),
  ...LINE_RULES.map((rule) => rule.key),
  'lines-go-on-behind-fd-types',
]);
