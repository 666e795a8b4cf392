import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FieldError } from '../../src/fields/field.js';
import { FIELD_CLASSES, longestField, planField } from '../../src/fields/registry.js';

function errorOf(text: string): FieldError {
  try {
    planField(text);
  } catch (error) {
    if (error instanceof FieldError) return error;
    throw error;
  }
  throw new Error(`${text} was accepted`);
}

describe('planField', () => {
  it('takes the longest field name, and what follows as its argument', () => {
    expect(planField('evt.type').def.name).toBe('evt.type');
    expect(planField('evt.type.is.open').def.name).toBe('evt.type.is');
    expect(planField('evt.arg.fd').text).toBe('evt.arg[fd]');
    expect(planField('evt.arg[fd]').text).toBe('evt.arg[fd]');
    expect(planField('container.mount.source[/data]').def.name).toBe('container.mount.source');
    expect(planField('proc.env["A B"]').text).toBe('proc.env[A B]');
    expect(planField('k8s.pod.label.app').text).toBe('k8s.pod.label[app]');
  });

  it('suggests the name that was meant', () => {
    expect(errorOf('proc.nam').suggestion).toBe('proc.name');
    expect(errorOf('evt.tpye').suggestion).toBe('evt.type');
    expect(errorOf('fd.naem').message).toBe('unknown field fd.naem, did you mean fd.name?');
    expect(errorOf('completely.different').suggestion).toBeUndefined();
  });

  it('does not take a longer word for a field', () => {
    expect(errorOf('evt.numb').message).toContain('unknown field evt.numb');
    expect(errorOf('evt.num.x').message).toContain('unknown field');
    expect(errorOf('').message).toContain('unknown field');
  });

  it('says what is wrong with an argument', () => {
    expect(errorOf('evt.arg').message).toBe('evt.arg needs an argument: evt.arg.x or evt.arg[x]');
    expect(errorOf('evt.num[1]').message).toBe('evt.num takes no argument');
    expect(errorOf('evt.arg.nosuch').message).toBe('unknown event argument nosuch');
    expect(errorOf('evt.arg.naem').suggestion).toBe('name');
    expect(errorOf('evt.arg[fd').message).toContain('closing ]');
    expect(errorOf('evt.type.is.opn').suggestion).toBe('open');
    expect(errorOf('evt.abspath.x').message).toContain('src or dst');
    expect(errorOf('evt.around[soon]').message).toContain('time in ns');
  });

  it('throws nothing but FieldError, whatever it is given', () => {
    const names = FIELD_CLASSES.flatMap((group) => group.fields.map((def) => def.name));
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.string(),
        fc.constantFrom('', '.', '['),
        (name, rest, joint) => {
          try {
            planField(name + joint + rest);
          } catch (error) {
            expect(error).toBeInstanceOf(FieldError);
            expect((error as FieldError).message).not.toContain('\n'.repeat(2));
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('FIELD_CLASSES', () => {
  const all = FIELD_CLASSES.flatMap((group) => group.fields);

  it('names every field once and describes it', () => {
    expect(new Set(all.map((def) => def.name)).size).toBe(all.length);
    for (const def of all) expect(def.description, def.name).toMatch(/\S.*[.…]$/);
  });

  it('gives each field a way to its value', () => {
    for (const def of all) {
      expect(def.extract !== undefined || def.bind !== undefined, def.name).toBe(true);
      if (def.argument === 'required') expect(def.bind, def.name).toBeDefined();
    }
  });

  it('finds every field by its own name', () => {
    for (const def of all) expect(longestField(def.name)).toBe(def);
  });
});
