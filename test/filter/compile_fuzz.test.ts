import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFilter, FilterError } from '../../src/filter/compile.js';
import { printLiteral } from '../../src/filter/print.js';
import { error, matches } from './compiled.js';
import { TEXT_OPERATORS } from './random_filters.js';

describe('values of any kind', () => {
  const text = fc.oneof(
    fc.string({
      unit: fc.constantFrom('a', 'b', 'B', '*', '?', '[', ']', '!', '-', '/', '\\', '\xe9', '.'),
      maxLength: 8,
    }),
    fc.string({ maxLength: 8 }),
  );
  it('generated code, closures and interpreter agree', () => {
    const ops = fc.constantFrom('=', '!=', '<', '>=', ...TEXT_OPERATORS, 'in', 'pmatch');
    fc.assert(
      fc.property(ops, text, text, fc.boolean(), (op, have, want, negated) => {
        fc.pre(!want.includes('\0'));
        const list = op === 'in' || op === 'pmatch';
        const literal = printLiteral(want);
        const filter = `${negated ? 'not ' : ''}fd.name ${op} ${list ? `(${literal})` : literal}`;
        matches(filter, { 'fd.name': have });
      }),
      { numRuns: 2000 },
    );
  });

  it('names of the host language are text like any other', () => {
    for (const word of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(matches(`proc.name in (${word})`, { 'proc.name': word })).toBe(true);
      expect(matches(`fd.name glob "[[:${word}:]]"`, { 'fd.name': 'x' })).toBe(false);
      expect(error(`evt.type=${word}`).message).toContain('unknown event type');
      expect(error(`proc.name ${word} x`).message).toContain('unknown operator');
      expect(error(`evt.latency > 5${word}`).message).toContain('is not a number');
      expect(error(`fd.port=${word}`).message).toContain('neither');
      expect(error(`proc.name=x ${word}`).message).toContain("'and' or 'or'");
      expect(error(`${word}(proc.name)=x`).message).toContain('unknown transformer');
    }
  });

  it('compiling gives a filter or a FilterError with its place', () => {
    const field = fc.constantFrom(
      'proc.name',
      'fd.sip',
      'fd.net',
      'evt.type',
      'evt.num',
      'evt.latency',
      'evt.failed',
      'fd.port',
      'evt.arg[',
      'evt.rawarg.res',
      'proc.aname[',
      'evt.buffer',
      'fd.types',
      'evt.around[',
      'container.mount[',
      'x.y',
      'len(proc.name)',
      'tolower(fd.ip)',
    );
    const op = fc.constantFrom(
      '=',
      '!=',
      '<',
      '>=',
      'in',
      'pmatch',
      'intersects',
      'contains',
      'regex',
      'glob',
      'bcontains',
      'exists',
      'icontains',
      '= anyof',
    );
    const value = fc.oneof(
      fc.string({ maxLength: 10 }),
      fc.constantFrom(
        '1',
        '10ms',
        '1.2.3.4',
        '::1',
        '10.0.0.0/8',
        '::/129',
        '(a,b)',
        '()',
        'val(proc.name)',
        '99999999999999999999',
        '-0',
        '[',
        '(',
        '"\\xff"',
        '((a)',
        'x{9}{9}',
        'http',
        'open',
        'true',
      ),
    );
    const one = fc
      .tuple(field, fc.string({ maxLength: 3 }), op, value)
      .map(([f, arg, o, v]) => `${f.endsWith('[') ? `${f}${arg}]` : f} ${o} ${v}`);
    fc.assert(
      fc.property(
        fc.array(one, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(' and ', ' or ', ' and not '),
        (parts, join) => {
          const source = parts.join(join);
          try {
            compileFilter(source);
          } catch (e) {
            if (!(e instanceof FilterError)) throw e;
            expect(e.offset).toBeGreaterThanOrEqual(0);
            expect(e.offset).toBeLessThanOrEqual(source.length);
            expect(e.render().split('\n').length).toBe(3);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('no pattern takes long', () => {
    const hostile = `${'a*'.repeat(100)}b`;
    expect(
      matches(`fd.name contains zzz or fd.name iglob "${hostile}"`, { 'fd.name': 'a'.repeat(10_000) }),
    ).toBe(false);
  });
});
