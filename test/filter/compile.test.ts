import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { compileFilter, FilterError, type FilterOptions } from '../../src/filter/compile.js';
import { EVENTS, PPME } from '../../src/scap/events.generated.js';
import { error, eventOf, machine, matches } from './compiled.js';
import { type StubValues, stubResolver } from './stub_fields.js';

const path = { 'fd.name': '/home/bob/x' };
const buffer = { 'evt.buffer': Buffer.from('GET / HTTP/1.1\r\n') };
const server = {
  'fd.sip': '10.1.2.3',
  'fd.snet': '10.1.2.3',
  'fd.ip': ['127.0.0.1', '10.1.2.3'],
  'fd.port': [40000, 443],
};
const six = { 'fd.sip': 'fe80::1', 'fd.snet': 'fe80::1' };
const family = { 'proc.aname': ['sh', 'bash', 'sshd'] };

describe('what a check says of a value', () => {
  it.each<[string, StubValues, boolean]>([
    ['proc.name=cat', { 'proc.name': 'cat' }, true],
    ['proc.name=cat', { 'proc.name': 'cats' }, false],
    ['proc.name!=cat', { 'proc.name': 'ls' }, true],
    ['proc.name!=cat', {}, false],
    ['not proc.name=cat', {}, true],
    ['proc.name exists', { 'proc.name': '' }, true],
    ['proc.name exists', {}, false],
    ['proc.name=""', { 'proc.name': '' }, true],
    ['proc.name in (a, b, c, d, e, f)', { 'proc.name': 'f' }, true],
    ['proc.name in (a, b, c, d, e, f)', { 'proc.name': 'g' }, false],
    ['proc.name in (a, b)', {}, false],
    ['proc.name in ()', { 'proc.name': '' }, false],
    ['proc.name intersects (a, b)', { 'proc.name': 'b' }, true],
    ['fd.name contains bob', path, true],
    ['fd.name contains BOB', path, false],
    ['fd.name icontains BOB', path, true],
    ['fd.name startswith /home', path, true],
    ['fd.name startswith home', path, false],
    ['fd.name endswith /x', path, true],
    ['fd.name glob /home/*', path, true],
    ['fd.name glob /home', path, false],
    ['fd.name glob "/h?me/*/[w-z]"', path, true],
    ['fd.name glob "/h?me/*/[!w-z]"', path, false],
    ['fd.name glob "/home/*[[:alpha:]]"', path, true],
    ['fd.name glob "*o*o*b*x"', path, true],
    ['fd.name glob "*/bob/*y*"', path, false],
    ['fd.name glob "a\\\\*b"', { 'fd.name': 'a*b' }, true],
    ['fd.name glob "a\\\\*b"', { 'fd.name': 'axb' }, false],
    ['fd.name glob "[ab"', { 'fd.name': '[ab' }, true],
    ['fd.name glob "[]]"', { 'fd.name': ']' }, true],
    ['fd.name iglob "/HOME/*/X"', path, true],
    ['fd.name regex /home/[a-z]+/x', path, true],
    ['fd.name regex home', path, false],
    ["fd.name regex '.*(bob|eve).*'", path, true],
    ["proc.name regex '.'", { 'proc.name': '\xc3\xa9' }, true],
    ['fd.name pmatch (/home)', path, true],
    ['fd.name pmatch (/home/b)', path, false],
    ['fd.name pmatch (home)', path, true],
    ['fd.name pmatch (/usr, /home/bob/)', path, true],
    ['fd.name pmatch (/)', path, true],
    ['fd.name pmatch (/home/*/x)', path, true],
    ['fd.name pmatch (/home/bob/x/y)', path, false],
    ['fd.name pmatch (/home/bob/x)', path, true],
    ['fd.name > /etc', path, true],
    ['fd.name < /etc', path, false],
    ['fd.name > /etc', {}, false],
    ['proc.pid=12', { 'proc.pid': 12 }, true],
    ['proc.pid!=12', { 'proc.pid': 12 }, false],
    ['proc.pid in (1, 12)', { 'proc.pid': 12 }, true],
    ['proc.pid > 11', { 'proc.pid': 12 }, true],
    ['proc.pid > 11', {}, false],
    ['proc.pid <= 11', { 'proc.pid': 12 }, false],
    ['proc.pid = -1', { 'proc.pid': -1 }, true],
    ['evt.num = 0x10', { 'evt.num': 16 }, true],
    ['evt.num > -1', { 'evt.num': 5 }, false],
    ['evt.num = 18446744073709551615', { 'evt.num': 18446744073709551615n }, true],
    ['evt.num = -1', { 'evt.num': 18446744073709551615n }, true],
    ['evt.num > 9007199254740993', { 'evt.num': 9007199254740994n }, true],
    ['evt.num > 9007199254740993', { 'evt.num': 5 }, false],
    ['evt.num in (1, 2, 3, 4, 5, 6)', { 'evt.num': 6n }, true],
    ['evt.num = 6', { 'evt.num': 6n }, true],
    ['evt.latency > 10ms', { 'evt.latency': 10_000_001 }, true],
    ['evt.latency > 10ms', { 'evt.latency': 10_000_000 }, false],
    ['evt.latency >= 0.3s', { 'evt.latency': 300_000_000 }, true],
    ['evt.latency < 2µs', { 'evt.latency': 1999 }, true],
    ['evt.latency < 2us', { 'evt.latency': 2000 }, false],
    ['proc.duration > 1h', { 'proc.duration': 3600_000_000_001 }, true],
    ['proc.duration > 2m', { 'proc.duration': 120_000_000_001 }, true],
    ['evt.buflen >= 4KB', { 'evt.buflen': 4096 }, true],
    ['evt.buflen >= 4kb', { 'evt.buflen': 4095 }, false],
    ['evt.buflen = 1.5KiB', { 'evt.buflen': 1536 }, true],
    ['proc.vmsize >= 1MB', { 'proc.vmsize': 1024 }, true],
    ['proc.vmsize >= 1024', { 'proc.vmsize': 1024 }, true],
    ['evt.failed=true', { 'evt.failed': true }, true],
    ['evt.failed=false', { 'evt.failed': true }, false],
    ['evt.failed!=true', { 'evt.failed': false }, true],
    ['evt.failed in (true, false)', { 'evt.failed': false }, true],
    ['evt.failed=false', {}, false],
    ['evt.buffer contains HTTP', buffer, true],
    ['evt.buffer startswith GET', buffer, true],
    ['evt.buffer startswith HTTP', buffer, false],
    ['evt.buffer bcontains 48545450', buffer, true],
    ['evt.buffer bstartswith 474554', buffer, true],
    ['evt.buffer bstartswith 48', buffer, false],
    ['evt.buffer icontains http/', buffer, true],
    ['evt.buffer endswith "1.1\\r\\n"', buffer, true],
    ['evt.buffer = "GET / HTTP/1.1\\r\\n"', buffer, true],
    ['evt.buffer startswith GET', { 'evt.buffer': Buffer.alloc(2) }, false],
    ['fd.sip=10.1.2.3', server, true],
    ['fd.sip!=10.1.2.3', server, false],
    ['fd.sip=10.0.0.0/8', server, true],
    ['fd.sip in (10.9.9.9, 10.1.2.0/24)', server, true],
    ['fd.snet=10.1.0.0/16', server, true],
    ['fd.snet=10.2.0.0/16', server, false],
    ['fd.snet!=10.2.0.0/16', server, true],
    ['fd.snet in (192.168.0.0/16, 10.1.2.3/32)', server, true],
    ['fd.snet=0.0.0.0/0', server, true],
    ['fd.sip=fe80:0:0:0::1', six, true],
    ['fd.sip=::1', six, false],
    ['fd.snet=fe80::/10', six, true],
    ['fd.snet=0.0.0.0/0', six, false],
    ['fd.ip=10.1.2.3', server, true],
    ['fd.ip=10.9.9.9', server, false],
    ['fd.ip!=10.1.2.3', server, false],
    ['fd.ip!=10.9.9.9', server, true],
    ['fd.ip!=10.9.9.9', {}, false],
    ['fd.ip exists', server, true],
    ['fd.ip exists', {}, false],
    ['fd.port=443', server, true],
    ['fd.port=https', server, true],
    ['fd.port>500', server, true],
    ['fd.port in (80, 443)', server, true],
    ['proc.aname=bash', family, true],
    ['proc.aname=zsh', family, false],
    ['proc.aname!=bash', family, true],
    ['proc.aname startswith ss', family, true],
    ['proc.aname in (zsh, sshd)', family, true],
    ['proc.aname exists', { 'proc.aname': [] }, false],
    ['fd.types in (file, ipv4)', { 'fd.types': ['file', 'ipv4'] }, true],
    ['fd.types in (file)', { 'fd.types': ['file', 'ipv4'] }, false],
    ['fd.types intersects (file)', { 'fd.types': ['file', 'ipv4'] }, true],
    ['fd.types in (file)', { 'fd.types': [] }, true],
    ['fd.types intersects (file)', { 'fd.types': [] }, false],
    ['evt.rawarg.res=-2', { 'evt.rawarg.res': -2 }, true],
    ['evt.rawarg.res < 0', { 'evt.rawarg.res': -2n }, true],
    ['evt.rawarg[1]=/etc', { 'evt.rawarg[1]': '/etc' }, true],
    ['evt.rawarg[1] contains et', { 'evt.rawarg[1]': '/etc' }, true],
    ['evt.rawarg[1] contains et', { 'evt.rawarg[1]': 5 }, false],
    ['evt.rawarg[1] contains et', { 'evt.rawarg[1]': Buffer.from('/etc') }, true],
    ['evt.rawarg[1] > 1s', { 'evt.rawarg[1]': 1_000_000_001 }, true],
    ['evt.rawarg[1] != abc', { 'evt.rawarg[1]': 1 }, true],
    ['fd.name contains anyof (eve, bob)', path, true],
    ['fd.name contains allof (eve, bob)', path, false],
    ['fd.name contains allof (home, bob)', path, true],
    ['fd.name contains oneof (home, bob)', path, false],
    ['fd.name contains oneof (home, eve)', path, true],
    ['fd.name contains oneof ()', path, false],
    ['proc.pid > anyof (5, 50)', { 'proc.pid': 12 }, true],
    ['proc.name=val(proc.exe)', { 'proc.name': 'cat', 'proc.exe': 'cat' }, true],
    ['proc.name=val(proc.exe)', { 'proc.name': 'cat' }, false],
    ['proc.name!=val(proc.exe)', { 'proc.name': 'cat' }, false],
    ['proc.name!=val(proc.exe)', { 'proc.name': 'cat', 'proc.exe': 'ls' }, true],
    ['proc.exe endswith val(proc.name)', { 'proc.name': 'cat', 'proc.exe': '/bin/cat' }, true],
    ['proc.exe glob val(proc.name)', { 'proc.name': '/b*t', 'proc.exe': '/bin/cat' }, true],
    ['evt.latency > val(proc.duration)', { 'evt.latency': 5, 'proc.duration': 4n }, true],
    ['evt.latency = val(proc.duration)', { 'evt.latency': 4, 'proc.duration': 4n }, true],
    ['proc.name in val(fd.types)', { 'proc.name': 'file', 'fd.types': ['x', 'file'] }, true],
    ['tolower(proc.name)=cat', { 'proc.name': 'CaT' }, true],
    ['toupper(proc.name)=CAT', { 'proc.name': 'CaT' }, true],
    ['tolower(toupper(proc.name)) in (cat)', { 'proc.name': 'CaT' }, true],
    ['b64(proc.name)=hello', { 'proc.name': 'aGVsbG8=' }, true],
    ['b64(proc.name) exists', { 'proc.name': 'cat' }, false],
    ['basename(proc.exe)=cat', { 'proc.exe': '/bin/cat' }, true],
    ['basename(proc.exe)=val(proc.name)', { 'proc.exe': '/bin/cat', 'proc.name': 'cat' }, true],
    ['proc.name=basename(proc.exe)', { 'proc.exe': '/bin/cat', 'proc.name': 'cat' }, true],
    ['len(proc.name)=3', { 'proc.name': 'cat' }, true],
    ['len(fd.types) > 1', { 'fd.types': ['x', 'file'] }, true],
    ['len(evt.buffer)=16', buffer, true],
    ['join("-", (proc.name, proc.exe))=a-b', { 'proc.name': 'a', 'proc.exe': 'b' }, true],
    ['join(",", fd.types)="x,file"', { 'fd.types': ['x', 'file'] }, true],
    ['concat(proc.name, ":", proc.exe)=a:b', { 'proc.name': 'a', 'proc.exe': 'b' }, true],
    ['concat(proc.name, proc.exe) exists', { 'proc.name': 'a' }, false],
    ['getopt(proc.exe, "ab:c")[b]=x', { 'proc.exe': '-a -b x -c' }, true],
    ['getopt(proc.exe, "ab:c")[b]=x', { 'proc.exe': '-acbx' }, true],
    ['getopt(proc.exe, "ab:c")[c]=c', { 'proc.exe': '-a -c' }, true],
    ['getopt(proc.exe, "ab:c")[c] exists', { 'proc.exe': '-a -- -c' }, false],
    ['getopt(proc.exe, "ab:c") intersects (x)', { 'proc.exe': 'f -b x' }, true],
  ])('%s', (text, values, expected) => {
    expect(matches(text, values)).toBe(expected);
  });
});

describe('logic', () => {
  const a = 'proc.name=a';
  const b = 'proc.exe=b';
  it.each<[string, boolean]>([
    [`${a} and ${b}`, false],
    [`${a} or ${b}`, true],
    [`not ${a} or ${b}`, false],
    [`not (${a} and ${b})`, true],
    [`${b} or ${b} and ${b} or ${a}`, true],
    [`(${b} or ${a}) and not not ${a}`, true],
    ['proc.name=x or proc.name in (y, a) or proc.name=z', true],
    ['proc.name!=x and proc.name!=y and proc.name!=z', true],
    ['proc.name!=x and proc.name!=a and proc.name!=z', false],
    ['proc.name contains x or proc.name glob ?? or proc.name startswith a', true],
    ['proc.name contains a and proc.name glob ? and proc.name startswith b', false],
    ['proc.pname!=x and proc.pname!=y', false],
  ])('%s', (text, expected) => {
    expect(matches(text, { 'proc.name': 'a', 'proc.exe': 'a' })).toBe(expected);
  });

  it('takes filters of thousands of terms', () => {
    const names = Array.from({ length: 3000 }, (_, i) => `proc.name contains q${i}q or proc.pid=${i}`).join(
      ' or ',
    );
    expect(matches(names, { 'proc.name': 'xq2999qx' })).toBe(true);
    expect(matches(names, { 'proc.name': 'xq3000qx', 'proc.pid': 2999 })).toBe(true);
    expect(matches(names, { 'proc.name': 'xq3000qx', 'proc.pid': 3000 })).toBe(false);
  });
});

describe('evt.type and evt.dir are decided by the header', () => {
  const resolveField = stubResolver({});
  const types = (text: string, options: FilterOptions = {}): string[] => {
    const { eventTypes } = compileFilter(text, { resolveField, ...options });
    if (eventTypes === null) return ['any'];
    return EVENTS.filter((info) => info !== undefined && info.id > 1 && eventTypes[info.id] === 1).map(
      (info) => info.name,
    );
  };

  it('open stands for its family', () => {
    const opens = [
      'SYSCALL_OPEN_E',
      'SYSCALL_OPEN_X',
      'SYSCALL_OPENAT_E',
      'SYSCALL_OPENAT_X',
      'SYSCALL_OPENAT_2_E',
      'SYSCALL_OPENAT_2_X',
      'SYSCALL_OPENAT2_E',
      'SYSCALL_OPENAT2_X',
    ];
    expect(types('evt.type=open')).toEqual(opens);
    expect(types('evt.type in (open)')).toEqual(opens);
    expect(types('evt.type=open', { openFamily: false })).toEqual(['SYSCALL_OPEN_E', 'SYSCALL_OPEN_X']);
    expect(types('evt.type=openat2')).toEqual(['SYSCALL_OPENAT2_E', 'SYSCALL_OPENAT2_X']);
    const others = types('evt.type!=open');
    expect(others).toContain('SYSCALL_CLOSE_E');
    for (const name of opens) expect(others).not.toContain(name);
    expect(types('not evt.type!=open')).toEqual(opens);
  });

  it('joins with the rest of the filter', () => {
    expect(types('evt.type=close and proc.name=cat and evt.dir=<')).toEqual(['SYSCALL_CLOSE_X']);
    expect(types('evt.type=close or proc.name=cat')).toEqual(['any']);
    expect(types('(evt.type=close or evt.type=dup3) and evt.dir=>')).toEqual([
      'SYSCALL_CLOSE_E',
      'SYSCALL_DUP3_E',
    ]);
    expect(types('evt.arg.name contains x and evt.type startswith open')).toContain('SYSCALL_OPEN_X');
    expect(types('evt.arg.name contains x and evt.type startswith open')).not.toContain('SYSCALL_CLOSE_X');
    expect(types('evt.type=close and evt.type=open')).toEqual([]);
  });

  it('leaves unknown types and generic calls open', () => {
    const { eventTypes } = compileFilter('evt.type=getppid', { resolveField });
    expect(eventTypes?.[0]).toBe(1);
    expect(eventTypes?.[60000]).toBe(1);
    expect(eventTypes?.[PPME.SYSCALL_CLOSE_E]).toBe(0);
  });
});

describe('errors', () => {
  it.each<[string, number, string]>([
    ['proc.nam=cat', 0, 'did you mean proc.name?'],
    ['evt.type=opne', 9, 'did you mean open?'],
    ['evt.type in (read, wirte)', 19, 'did you mean write?'],
    ['evt.type=open,close', 9, 'evt.type in (a, b)'],
    ['proc.pid=abc', 9, "'abc' is not a number"],
    ['evt.num=1.5', 8, 'is not a number'],
    ['evt.latency>1e3', 12, '10ms'],
    ['evt.latency > 10 parsecs', 17, "'and' or 'or'"],
    ['evt.latency > 10KB', 14, 'is not a number'],
    ['proc.pid > 4KB', 11, 'is not a number'],
    ['evt.failed=yes', 11, 'true or false'],
    ['fd.sip=999.1.1.1', 7, 'not an IP address'],
    ['fd.snet=1.2.3', 8, 'not a network'],
    ['fd.snet=10.0.0.1', 8, '10.0.0.1/32'],
    ['fd.snet=10.0.0.0/33', 8, 'not a network'],
    ['fd.port=nosuchservice', 8, 'neither a port'],
    ['proc.pid contains 1', 9, 'works on text'],
    ['evt.num regex x', 8, 'works on text'],
    ['evt.failed > true', 11, 'works on numbers'],
    ['fd.sip > 1.2.3.4', 7, 'works on numbers'],
    ["proc.name regex '('", 16, 'bad regular expression'],
    ['evt.buffer bcontains 123', 21, 'hex digits'],
    ['fd.types=file', 8, 'is a list'],
    ['proc.name=val(proc.pid)', 14, 'is a number'],
    ['proc.name regex val(proc.exe)', 20, 'constants'],
    ['fd.sip=val(fd.ip)', 11, 'right side'],
    ['tolower(fd.ip)=x', 8, 'cannot be transformed'],
    ['tolower(proc.pid)=x', 8, 'takes text'],
    ['tolower(proc.name, proc.exe)=x', 0, 'one field'],
    ['concat(proc.name)=x', 0, 'two or more'],
    ['evt.outputtime=x', 0, 'output'],
    ['proc.name=cat and evt.typ=open', 18, 'unknown field'],
  ])('%s', (text, offset, message) => {
    const e = error(text);
    expect(e.message).toContain(message);
    expect(e.offset).toBe(offset);
  });

  it('strict mode takes no units', () => {
    const resolveField = stubResolver({});
    expect(compileFilter('evt.buflen > 4096', { strict: true, resolveField }).fields.length).toBe(1);
    expect(() => compileFilter('evt.buflen = 4KB', { strict: true, resolveField })).toThrow(FilterError);
  });
});

describe('where code generation is forbidden', () => {
  it('filters run as closures', () => {
    class Forbidden {
      constructor() {
        throw new EvalError('Code generation from strings disallowed for this context');
      }
    }
    vi.stubGlobal('Function', Forbidden);
    try {
      const filter = compileFilter('proc.name=cat and evt.type=read', {
        resolveField: stubResolver({ 'proc.name': 'cat' }),
      });
      expect(filter.matches(eventOf(PPME.SYSCALL_READ_X), machine)).toBe(true);
      expect(filter.matches(eventOf(PPME.SYSCALL_CLOSE_X), machine)).toBe(false);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

describe('the filters of the documentation', () => {
  const text = readFileSync(new URL('../../docs/filters.md', import.meta.url), 'utf8');
  const examples = text
    .split('\n')
    .filter((line) => line.startsWith('    ') && !/unknown|\^|evt.type=open and proc.nam=/.test(line))
    .map((line) =>
      line
        .trim()
        .replace(/^tsdig (-r \S+ )?/, '')
        .replace(/^'(.*)'$/, '$1'),
    );
  it.each(examples)('%s', (example) => {
    expect(compileFilter(example).text).toBe(example);
  });
  it('are there', () => {
    expect(examples.length).toBeGreaterThan(8);
  });
});
