import { describe, expect, it } from 'vitest';
import { FieldError } from '../../src/fields/field.js';
import { LineBuffer } from '../../src/fields/line_buffer.js';
import { compileTemplate, DEFAULT_TEMPLATE, templateOf } from '../../src/format/template.js';
import { Machine } from '../../src/machine/machine.js';
import { ThreadInfo } from '../../src/machine/thread.js';
import { PPME } from '../../src/scap/events.generated.js';
import { builtEvent, bytes } from '../fields/built_event.js';

process.env.TZ = 'UTC';

const ev = builtEvent(PPME.SYSCALL_CLOSE_E, [bytes.i64(7)]);
const machine = new Machine();
const thread = new ThreadInfo(100, 100);
thread.comm = 'ba\xc5\x91h';
machine.addThread(thread);
machine.process(ev);

function render(text: string): string | undefined {
  return compileTemplate(text).render(ev, machine);
}

function errorOf(text: string): FieldError {
  try {
    compileTemplate(text);
  } catch (error) {
    if (error instanceof FieldError) return error;
    throw error;
  }
  throw new Error(`${text} was accepted`);
}

describe('compileTemplate', () => {
  it('prints fields between literal text', () => {
    expect(render('a %evt.num-%evt.type b')).toBe('a 1-close b');
    expect(render('no field at all')).toBe('no field at all');
    expect(render('')).toBe('');
  });

  it('prints the default line', () => {
    expect(render(DEFAULT_TEMPLATE)).toBe('1 07:06:24.265128132 0 ba\xc5\x91h (100) > close fd=7 ');
    expect(render(templateOf('c'))).toBe(
      '1 07:06:24.265128132 0 host (host) ba\xc5\x91h (100:100) > close fd=7 ',
    );
  });

  it('takes the longest field and leaves the rest as text', () => {
    expect(render('%evt.numx')).toBe('1x');
    expect(render('%evt.num.')).toBe('1.');
    expect(render('%proc.name[1]')).toBe('ba\xc5\x91h[1]');
    expect(render('%evt.arg[0]%evt.arg.fd,')).toBe('77,');
  });

  it('keeps the line back when a field has no value, unless it begins with *', () => {
    expect(render('%evt.num %fd.name')).toBeUndefined();
    expect(render('*%evt.num %fd.name')).toBe('1 <NA>');
    const out = new LineBuffer();
    out.text('before');
    expect(compileTemplate('%evt.num %fd.name').write(out, ev, machine)).toBe(false);
    expect(out.since(0)).toBe('before');
  });

  it('pads and cuts to a width, by characters and not by bytes', () => {
    expect(render('%6proc.name|')).toBe('ba\xc5\x91h  |');
    expect(render('%3proc.name|')).toBe('ba\xc5\x91|');
    expect(render('%2evt.type|')).toBe('cl|');
    expect(render('*%6fd.name|')).toBe('<NA>  |');
    expect(render('%6fd.name|')).toBeUndefined();
  });

  it('takes what the user typed as UTF-8', () => {
    expect(render('ő %evt.num')).toBe('\xc5\x91 1');
  });

  it('says where a wrong template is wrong', () => {
    expect(errorOf('%evt.num %')).toMatchObject({ offset: 9 });
    expect(errorOf('%evt.num %foo.bar').message).toContain('unknown field foo.bar');
    expect(errorOf('%evt.num %proc.nam')).toMatchObject({ offset: 10, suggestion: 'proc.name' });
    expect(errorOf('%%evt.num')).toMatchObject({ offset: 1 });
    expect(errorOf('%-20evt.num')).toMatchObject({ offset: 1 });
    expect(errorOf('%evt.arg').message).toContain('needs an argument');
    expect(errorOf('%evt.around[1]').message).toContain('for filters only');
    expect(errorOf('%evt.arg[0').message).toContain('closing ]');
    expect(errorOf('%99999evt.num').message).toContain('wider');
  });

  it('knows its fields', () => {
    expect(compileTemplate('*%evt.num %evt.arg.fd').fields.map((field) => field.text)).toEqual([
      'evt.num',
      'evt.arg[fd]',
    ]);
  });
});
