import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Group, Node } from '../../src/filter/ast.js';
import { FilterError } from '../../src/filter/error.js';
import { MAX_NESTING, parseFilter } from '../../src/filter/parser.js';
import { printFilter } from '../../src/filter/print.js';

/** The tree without its places in the text. */
function bare(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(bare);
  if (typeof node !== 'object' || node === null) return node;
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(node))
    if (key !== 'start' && key !== 'end' && key !== 'opStart') out[key] = bare(value);
  return out;
}

function error(text: string, strict = false): FilterError {
  try {
    parseFilter(text, { strict });
  } catch (e) {
    if (e instanceof FilterError) return e;
    throw e;
  }
  throw new Error(`accepted: ${text}`);
}

/** The only check of a filter. */
function check(text: string, strict = false) {
  const node = parseFilter(text, { strict });
  if (node.kind !== 'check') throw new Error(`${node.kind}`);
  return node;
}

function value(text: string, strict = false): string | string[] {
  const { right } = check(text, strict);
  if (right?.kind === 'literal') return right.text;
  if (right?.kind === 'values') return right.items.map((item) => item.text);
  throw new Error(`no constant in ${text}`);
}

describe('checks', () => {
  it.each([
    ['proc.name=cat', 'proc.name', '=', 'cat'],
    ['proc.name = cat', 'proc.name', '=', 'cat'],
    ['  proc.name\t==\ncat\r', 'proc.name', '=', 'cat'],
    ['evt.dir=>', 'evt.dir', '=', '>'],
    ['evt.dir=<', 'evt.dir', '=', '<'],
    ['evt.dir!=>', 'evt.dir', '!=', '>'],
    ['evt.dir==>', 'evt.dir', '=', '>'],
    ['evt.num>=10', 'evt.num', '>=', '10'],
    ['evt.rawres=-2', 'evt.rawres', '=', '-2'],
    ['proc.env contains A=b,c', 'proc.env', 'contains', 'A=b,c'],
    ["proc.args contains it's", 'proc.args', 'contains', "it's"],
    ['proc.args contains "a b"', 'proc.args', 'contains', 'a b'],
    ['proc.args contains \'a "b"\'', 'proc.args', 'contains', 'a "b"'],
    ["fd.name glob '/etc/*.conf'", 'fd.name', 'glob', '/etc/*.conf'],
    ['evt.args startswith fd=', 'evt.args', 'startswith', 'fd='],
    ['proc.name=""', 'proc.name', '=', ''],
    ['evt.arg[fd]=3', 'evt.arg[fd]', '=', '3'],
    ['proc.env["A B"]=3', 'proc.env["A B"]', '=', '3'],
    ['container.label.com.example/x-y=1', 'container.label.com.example/x-y', '=', '1'],
    ['proc.name=val', 'proc.name', '=', 'val'],
    ['proc.name=anyof', 'proc.name', '=', 'anyof'],
    ['proc.name=c:\\dir', 'proc.name', '=', 'c:\\dir'],
    ['proc.name startswith"x"', 'proc.name', 'startswith', 'x'],
  ])('%s', (text, field, op, right) => {
    const node = check(text);
    expect(node.left).toMatchObject({ kind: 'field', name: field });
    expect(node.op).toBe(op);
    expect(value(text)).toBe(right);
  });

  it('reads lists', () => {
    expect(value('proc.name in (cat, "l s" ,sh)')).toEqual(['cat', 'l s', 'sh']);
    expect(value('proc.name in(cat)')).toEqual(['cat']);
    expect(value('proc.name in ()')).toEqual([]);
    expect(value('evt.type in open')).toEqual(['open']);
    expect(value('fd.name pmatch (/etc,/usr)')).toEqual(['/etc', '/usr']);
    expect(value('proc.name intersects (a=b, c)')).toEqual(['a=b', 'c']);
  });

  it('reads quantifiers, val() and transformers', () => {
    expect(check('proc.name contains anyof (a, b)').quantifier).toBe('anyof');
    expect(check('proc.name=val(proc.pname)').right).toMatchObject({
      kind: 'val',
      field: { name: 'proc.pname' },
    });
    expect(check('tolower(proc.name)=toupper( proc.exe )')).toMatchObject({
      left: { kind: 'transform', name: 'tolower', args: [{ name: 'proc.name' }] },
      right: { kind: 'transform', name: 'toupper', args: [{ name: 'proc.exe' }] },
    });
    expect(check('join(",", (proc.name, proc.exe))=a').left).toMatchObject({
      args: [{ text: ',' }, { kind: 'list', items: [{ name: 'proc.name' }, { name: 'proc.exe' }] }],
    });
    expect(check('getopt(proc.args, "ab:")[b] exists').left).toMatchObject({ name: 'getopt', arg: 'b' });
  });

  it('keeps text as UTF-8 bytes', () => {
    expect(value("proc.name='é'")).toBe('\xc3\xa9');
    expect(value('proc.name=é')).toBe('\xc3\xa9');
    expect(value('proc.name="\\xe9"')).toBe('\xe9');
  });

  it('reads escapes', () => {
    expect(value('proc.name="\\b\\f\\n\\r\\t\\\\\\/\\"\\ x"')).toBe('\b\f\n\r\t\\/"\\x');
    expect(value("proc.name='\\''")).toBe("'");
  });
});

describe('logic', () => {
  it('binds not tighter than and, and that tighter than or', () => {
    expect(bare(parseFilter('a.a=1 or b.b=1 and not c.c=1'))).toEqual(
      bare(parseFilter('(a.a=1 or (b.b=1 and (not (c.c=1))))')),
    );
  });
  it('toggles repeated not', () => {
    expect(bare(parseFilter('not not a.a=1'))).toEqual(bare(parseFilter('a.a=1')));
    expect(bare(parseFilter('not (not a.a=1)'))).toEqual(bare(parseFilter('a.a=1')));
  });
  it('needs no blanks at brackets', () => {
    expect(parseFilter('(a.a=1)and(b.b=1)or(c.c=1)and not(d.d=1)').kind).toBe('or');
  });
  it('flattens runs', () => {
    const node = parseFilter('a.a=1 and (b.b=1 and c.c=1) and d.d=1');
    expect(node.kind === 'and' && node.items.length).toBe(4);
  });
  it('takes long chains and deep nesting up to the limit', () => {
    const chain = Array.from({ length: 20_000 }, (_, i) => `proc.name=p${i}`).join(' or ');
    expect((parseFilter(chain) as Group).items.length).toBe(20_000);
    expect(parseFilter(`${'('.repeat(MAX_NESTING)}a.a=1${')'.repeat(MAX_NESTING)}`).kind).toBe('check');
    expect(error(`${'('.repeat(MAX_NESTING + 1)}a.a=1${')'.repeat(MAX_NESTING + 1)}`)).toMatchObject({
      offset: 100,
    });
    expect(error('('.repeat(100_000)).message).toContain('deeper than 100');
    expect(error('tolower('.repeat(100_000)).message).toContain('deeper than 100');
  });
});

describe('errors say what and where', () => {
  it.each([
    ['', 0, 'empty'],
    ['evt.type', 0, 'an operator is expected'],
    ['evt.type=', 9, 'a value is missing'],
    ['evt.type=open and', 14, "behind 'and'"],
    ['evt.type=open or ', 14, "behind 'or'"],
    ['not', 0, "behind 'not'"],
    ['(evt.type=open', 0, "missing ')'"],
    ['evt.type=open)', 13, 'closes nothing'],
    ['evt.type = open proc.name=cat', 16, "'and' or 'or'"],
    ['evt.type in (open', 12, "missing ')'"],
    ['evt.type in (open,)', 18, 'a value is expected'],
    ['evt.type in (open close)', 18, "','"],
    ['and evt.type=open', 0, "not 'and'"],
    ['NOT evt.type=open', 0, "write 'not' in lower case"],
    ['evt.type=open AND evt.dir=>', 14, "write 'and' in lower case"],
    ['container.name ~ web', 15, "'regex'"],
    ["proc.name='abc", 10, "missing '"],
    ['proc.name="a\\qb"', 12, 'unknown escape \\q'],
    ['proc.name="a\\x4"', 12, 'two hex digits'],
    ['evt.type=open && proc.name=cat', 14, "write 'and'"],
    ['! evt.type=open', 0, "write 'not'"],
    ['foo(proc.name)=x', 0, "unknown transformer 'foo'"],
    ['tolwer(proc.name)=x', 0, 'did you mean tolower?'],
    ['proc.name contians x', 10, 'did you mean contains?'],
    ['proc.name like x', 10, "write 'glob'"],
    ['evt.type in open,close', 12, 'brackets'],
    ['proc.name in (a,b', 13, "missing ')'"],
    ['evt.arg[fd=3', 7, "missing ']'"],
    ['evt.arg[]=3', 7, 'nothing stands'],
    ['proc.name="a"b', 13, 'closing quote'],
    ['()', 1, 'a field is expected'],
    ['proc.name=val(tolower(proc.exe))', 10, 'val() takes a field'],
    ['val(proc.name)=x', 0, 'right side'],
    ['evt.latency > 10 ms', 17, 'as in 10ms'],
    ['evt.buflen > 4 KB and proc.name=x', 15, 'as in 10KB'],
  ])('%s', (text, offset, message) => {
    const e = error(text);
    expect(e.message).toContain(message);
    expect(e.offset).toBe(offset);
  });

  it('draws a caret under the place', () => {
    expect(error('evt.type=open and proc.name contians x').render()).toBe(
      [
        "filter: unknown operator 'contians' behind 'proc.name' (did you mean contains?)",
        '  evt.type=open and proc.name contians x',
        '                              ^^^^^^^^',
      ].join('\n'),
    );
  });

  it('shows a window of a long filter and no control characters', () => {
    const text = `${'proc.name=aaaaaaaa or '.repeat(50)}proc.name ~ \x1b[31m\u202e`;
    const lines = error(text).render().split('\n');
    expect(lines.length).toBe(3);
    expect(lines[1].length).toBeLessThan(110);
    expect(lines[1][lines[2].indexOf('^')]).toBe('~');
    expect(lines.join('')).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
  });
});

describe('strict grammar', () => {
  it.each(['evt.args startswith fd=', 'proc.name=a,b', 'evt.num > abc', 'fd.name > /etc', 'proc.name=a"b'])(
    'refuses %s',
    (text) => {
      expect(error(text, true).offset).toBeLessThanOrEqual(text.length);
    },
  );
  it.each([
    'evt.num > 1',
    'evt.num >= 0x10',
    'proc.name = "a=b"',
    'evt.type in (a, b) and not(proc.name exists)',
  ])('accepts %s', (text) => {
    expect(parseFilter(text, { strict: true })).toBeDefined();
  });
});

const word = fc.constantFrom('proc.name', 'evt.arg[fd]', 'fd.name', 'evt.type', 'container.label.a-b');
const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('cat', 'a b', '/etc/*', 'val', 'anyof', 'x=y,z', '"', "'", '\\', '(', '\x7f', 'é', ''),
);
const literal = text
  .filter((t) => !t.includes('\0'))
  .map((t) => ({ kind: 'literal', text: Buffer.from(t).toString('latin1') }));
const field = word.map((name) => ({ kind: 'field', name }));
const transform = fc.letrec((tie) => ({
  node: fc.record({
    kind: fc.constant('transform'),
    name: fc.constantFrom('tolower', 'b64', 'len', 'concat', 'join'),
    args: fc.array(fc.oneof({ depthSize: 'small' }, field, literal, tie('list'), tie('node')), {
      maxLength: 3,
    }),
  }),
  list: fc.record({ kind: fc.constant('list'), items: fc.array(field, { maxLength: 3 }) }),
})).node;
const operand = fc.oneof({ weight: 4, arbitrary: field }, { weight: 1, arbitrary: transform });
const values = fc.array(literal, { maxLength: 4 }).map((items) => ({ kind: 'values', items }));
const checkNode = fc.oneof(
  fc.record({ kind: fc.constant('check'), left: operand, op: fc.constant('exists') }),
  fc.record({
    kind: fc.constant('check'),
    left: operand,
    op: fc.constantFrom('=', '!=', '<', '>=', 'contains', 'glob', 'regex'),
    right: fc.oneof(
      literal,
      transform,
      field.map((f) => ({ kind: 'val', field: f })),
    ),
  }),
  fc.record({
    kind: fc.constant('check'),
    left: operand,
    op: fc.constantFrom('=', 'contains', 'bstartswith'),
    quantifier: fc.constantFrom('oneof', 'anyof', 'allof'),
    right: values,
  }),
  fc.record({
    kind: fc.constant('check'),
    left: operand,
    op: fc.constantFrom('in', 'pmatch'),
    right: values,
  }),
);
const tree = fc.letrec<{ and: unknown; or: unknown; not: unknown; any: unknown }>((tie) => ({
  and: fc.record({
    kind: fc.constant('and'),
    items: fc.array(fc.oneof({ depthSize: 'small' }, checkNode, tie('or'), tie('not')), {
      minLength: 2,
      maxLength: 4,
    }),
  }),
  or: fc.record({
    kind: fc.constant('or'),
    items: fc.array(fc.oneof({ depthSize: 'small' }, checkNode, tie('and'), tie('not')), {
      minLength: 2,
      maxLength: 4,
    }),
  }),
  not: fc.record({
    kind: fc.constant('not'),
    item: fc.oneof({ depthSize: 'small' }, checkNode, tie('and'), tie('or')),
  }),
  any: fc.oneof(checkNode, tie('and'), tie('or'), tie('not')),
})).any;

describe('for all texts and trees', () => {
  it('a printed tree parses to the same tree', () => {
    fc.assert(
      fc.property(tree, (node) => {
        const printed = printFilter(node as Node);
        expect(bare(parseFilter(printed))).toEqual(bare(node));
      }),
      { numRuns: 1000 },
    );
  });

  it('parsing gives a tree or a FilterError with its place in the text', () => {
    const token = fc.constantFrom(
      'and',
      'or',
      'not',
      '(',
      ')',
      ' ',
      '  ',
      ',',
      '=',
      '==',
      '!=',
      '<',
      '>=',
      'in',
      'exists',
      'contains',
      'pmatch',
      'anyof',
      'val(',
      'tolower(',
      'join(',
      'proc.name',
      'evt.arg[0]',
      '[',
      ']',
      '"',
      "'",
      '\\',
      '\\x4',
      '\n',
      'é',
      '😀',
      'a',
      '1',
      '-1',
      '0x1',
      '~',
      '&&',
      '!',
    );
    const soup = fc.array(token, { maxLength: 25 }).map((parts) => parts.join(''));
    const anything = fc.oneof(
      soup,
      fc.array(token, { maxLength: 25 }).map((p) => p.join(' ')),
      fc.string(),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(anything, fc.boolean(), (source, strict) => {
        try {
          const node = parseFilter(source, { strict });
          // What was understood can be printed and understood again.
          expect(bare(parseFilter(printFilter(node)))).toEqual(bare(node));
        } catch (e) {
          if (!(e instanceof FilterError)) throw e;
          expect(e.offset).toBeGreaterThanOrEqual(0);
          expect(e.offset).toBeLessThanOrEqual(source.length);
          expect(e.end).toBeGreaterThanOrEqual(e.offset);
          expect(e.message).not.toMatch(/[\n\r]/);
          expect(e.render().split('\n').length).toBe(3);
        }
      }),
      { numRuns: 5000 },
    );
  });
});
