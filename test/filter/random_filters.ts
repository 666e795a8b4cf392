import fc from 'fast-check';
import type { FieldDef } from '../../src/fields/field.js';
import { FIELD_CLASSES } from '../../src/fields/registry.js';
import { COUNTING, classOf } from '../../src/filter/plan.js';
import { PT } from '../../src/scap/events.generated.js';

/** Operators that compare texts alone. */
export const TEXT_OPERATORS = ['contains', 'icontains', 'startswith', 'endswith', 'glob', 'iglob'] as const;

/** Arguments that mean something for fields that want one. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  'evt.arg': ['fd', 'name', 'res', 'data', 'size', '0', '1'],
  'evt.rawarg': ['fd', 'name', 'res', 'data', 'size', 'flags'],
  'evt.type.is': ['open', 'read', 'execve'],
  'evt.around': ['1700000000000000000'],
  'proc.env': ['HOME', 'PATH', 'APP_ENV'],
  'proc.aname': ['0', '1', '2'],
  'proc.apid': ['0', '1', '2'],
  'proc.aexe': ['1'],
  'proc.aexepath': ['1'],
  'proc.acmdline': ['1'],
  'proc.aenv': ['1'],
  'thread.cgroup': ['cpu', 'memory', 'cpuset'],
  'fd.types': [],
  'container.mount': ['0', '/data'],
};

const TEXTS = [
  'openat',
  'read',
  'close',
  'write',
  'switch',
  '<',
  '>',
  'sh',
  'cat',
  'redis-server',
  'nginx',
  'python3',
  'bash',
  'web',
  'db',
  'app',
  'demo',
  'file',
  'ipv4',
  'pipe',
  '/etc',
  '/etc/passwd',
  '/usr/lib',
  '/tmp',
  'root',
  'SUCCESS',
  'ENOENT',
  'etc',
  'lib',
  's',
  'r',
  '*s*',
  '/etc/*',
  '?at',
  '*[a-m]',
  '/',
  'HTTP',
  'GET',
  'docker',
  'host',
  'tcp',
  '',
  'O_RDONLY',
  'fd=3',
  '127.0.0.1',
  'a',
  'e',
  'runc',
  'b.*h',
  '.*',
  '(cat|ls|sh)',
  'true',
  '12',
  '0',
  '3',
  'CAP_CHOWN',
  '<NA>',
];
const NUMBERS = [
  '0',
  '1',
  '2',
  '3',
  '6',
  '80',
  '1000',
  '8080',
  '6379',
  '4096',
  '-1',
  '-2',
  '-11',
  '1000000',
  '12000',
  '10000000000',
  '1700000000000000000',
];
const ADDRESSES = ['127.0.0.1', '0.0.0.0', '172.17.0.2', '::1', '10.0.0.1'];
const NETWORKS = ['127.0.0.0/8', '172.16.0.0/12', '0.0.0.0/0', '::/0', '10.0.0.0/24'];

function quote(text: string): string {
  return `'${text.replaceAll("'", '')}'`;
}

function list(values: readonly string[]): fc.Arbitrary<string> {
  return fc
    .array(fc.constantFrom(...values), { maxLength: 6 })
    .map((items) => `(${items.map(quote).join(', ')})`);
}

/** Checks of one field: `text` is how it is written. */
function checksOf(text: string, def: FieldDef, cls: string): fc.Arbitrary<string> {
  const equality = (values: readonly string[]): fc.Arbitrary<string>[] => [
    fc
      .tuple(fc.constantFrom('=', '!='), fc.constantFrom(...values))
      .map(([op, v]) => `${text} ${op} ${quote(v)}`),
    fc.tuple(fc.constantFrom('in', 'intersects'), list(values)).map(([op, v]) => `${text} ${op} ${v}`),
  ];
  const exists = fc.constant(`${text} exists`);
  if (def.isList === true)
    return fc.oneof(
      exists,
      list(TEXTS).map((v) => `${text} in ${v}`),
      list(TEXTS).map((v) => `${text} intersects ${v}`),
    );
  switch (cls) {
    case 'bool':
      return fc.oneof(exists, ...equality(['true', 'false']));
    case 'number':
      return fc.oneof(
        exists,
        ...equality(NUMBERS),
        fc
          .tuple(fc.constantFrom('<', '<=', '>', '>='), fc.constantFrom(...NUMBERS))
          .map(([op, v]) => `${text} ${op} ${v}`),
      );
    case 'ip':
      return fc.oneof(exists, ...equality([...ADDRESSES, ...NETWORKS]));
    case 'net':
      return fc.oneof(exists, ...equality(NETWORKS));
    case 'bytes':
      return fc.oneof(
        exists,
        ...equality(TEXTS),
        fc
          .tuple(
            fc.constantFrom('contains', 'startswith', 'icontains', 'endswith', 'glob'),
            fc.constantFrom(...TEXTS),
          )
          .map(([op, v]) => `${text} ${op} ${quote(v)}`),
        fc.constantFrom(`${text} bcontains 4745`, `${text} bstartswith 7f45`),
      );
    default: {
      // Only names of events are taken where the whole name counts.
      const values =
        text === 'evt.type' || text === 'syscall.type'
          ? ['openat', 'read', 'close', 'open', 'switch', 'getppid', 'brk']
          : TEXTS;
      const ops = fc.constantFrom(...TEXT_OPERATORS, '<', '>=', '=', '!=');
      const plain = fc.tuple(ops, fc.constantFrom(...values)).map(([op, v]) => `${text} ${op} ${quote(v)}`);
      return fc.oneof(
        exists,
        ...equality(values),
        plain,
        list(values).map((v) => `${text} pmatch ${v}`),
        fc
          .constantFrom('b.*h', '.*', '(cat|ls|sh)', '[a-z]+', '.*etc.*')
          .map((v) => `${text} regex ${quote(v)}`),
        fc
          .tuple(fc.constantFrom('oneof', 'anyof', 'allof'), list(values))
          .map(([q, v]) => `${text} contains ${q} ${v}`),
        fc
          .constantFrom('proc.name', 'fd.name', 'evt.type', 'proc.exe')
          .map((f) => `${text} contains val(${f})`),
        def.noTransformer === true
          ? exists
          : fc.constantFrom('toupper', 'basename').map((t) => `${t}(${text}) = 'SH'`),
        def.noTransformer === true ? exists : fc.constant(`len(${text}) > 5`),
      );
    }
  }
}

const fields = FIELD_CLASSES.flatMap((group) => group.fields).filter(
  (def) =>
    def.printOnly !== true &&
    def.deprecated !== true &&
    !/^(span|evtin)\./.test(def.name) &&
    !COUNTING.test(def.name),
);

const oneCheck = fc.constantFrom(...fields).chain((def) => {
  const known = ARGUMENTS[def.name] ?? (def.argument === 'none' || def.argument === undefined ? [] : ['0']);
  const args =
    def.argument === 'required'
      ? [...known]
      : def.argument === 'optional' && known.length > 0
        ? [...known, '']
        : [''];
  return fc.constantFrom(...args).chain((arg) => {
    const text = arg === '' ? def.name : `${def.name}[${arg}]`;
    if (def.name === 'evt.around') return fc.constant(`${text} = 1000`);
    return checksOf(text, def, def.type === PT.DYN ? 'text' : classOf(def.type));
  });
});

/** The fields that users ask for most: often enough to meet. */
const common = fc.oneof(
  fc.constantFrom(
    'evt.type=openat',
    'evt.type in (read,write)',
    'evt.dir=<',
    'evt.dir=>',
    'evt.type!=close',
    'evt.type=open',
    'evt.type startswith re',
  ),
  fc.constantFrom(
    'proc.name=cat',
    'proc.name in (sh,bash,cat)',
    'container.name=web',
    'container.name in (web,db)',
    'container.id!=host',
    'fd.name contains /etc',
  ),
  fc.constantFrom(
    'proc.pid > 1000',
    'evt.failed=true',
    'fd.type=file',
    'evt.rawres < 0',
    'user.uid=0',
    'user.name=root',
    'evt.arg.name exists',
    'evt.rawarg.res = 0',
  ),
);

/** Filters over every field that system-call events have, with operators and constants that fit. */
export const randomFilter: fc.Arbitrary<string> = fc.letrec<{ node: string; group: string; not: string }>(
  (tie) => ({
    group: fc
      .tuple(
        fc.constantFrom(' and ', ' or '),
        fc.array(fc.oneof({ depthSize: 'small' }, oneCheck, common, tie('not'), tie('group')), {
          minLength: 2,
          maxLength: 4,
        }),
      )
      .map(([op, items]) => `(${items.join(op)})`),
    not: fc.oneof({ depthSize: 'small' }, oneCheck, common, tie('group')).map((item) => `not ${item}`),
    node: fc.oneof({ depthSize: 'small' }, oneCheck, common, tie('group'), tie('not')),
  }),
).node;
