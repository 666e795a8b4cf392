import { describe, expect, it } from 'vitest';
import { errnoName, flagNamer, signalName, signalSetNames } from '../../src/fields/flag_text.js';

describe('flagNamer', () => {
  it('names each bit once, so that read-write is not also read-only', () => {
    const name = flagNamer('file_flags', false);
    expect(name(0)).toBe('O_NONE');
    expect(name(1)).toBe('O_RDONLY');
    expect(name(3)).toBe('O_RDWR');
    expect(name(4097)).toBe('O_RDONLY|O_CLOEXEC');
    expect(name(262)).toBe('O_TRUNC|O_CREAT|O_WRONLY');
  });

  it('gives the same answer the second time', () => {
    const name = flagNamer('prot_flags', false);
    expect([name(5), name(5)]).toEqual(['PROT_READ|PROT_EXEC', 'PROT_READ|PROT_EXEC']);
  });

  it('has no name for zero where the table has none', () => {
    expect(flagNamer('unlinkat_flags', false)(0)).toBe('');
    expect(flagNamer('access_flags', false)(0)).toBe('F_OK');
    expect(flagNamer('access_flags', false)(7)).toBe('R_OK|W_OK|X_OK');
  });

  it('compares enumerations as a whole and names all synonyms', () => {
    const family = flagNamer('socket_families', true);
    expect(family(10)).toBe('AF_INET6');
    expect(family(1)).toBe('AF_LOCAL|AF_UNIX');
    expect(flagNamer('futex_operations', false)(129)).toBe('');
    expect(flagNamer('futex_operations', false)(128)).toBe('FUTEX_PRIVATE_FLAG');
  });

  it('leaves out marks that are no flags of the call', () => {
    expect(flagNamer('clone_flags', false)(536871168)).toBe('CLONE_PARENT');
  });

  it('knows bit 31', () => {
    expect(flagNamer('file_flags', false)(0xffffffff)).toContain('O_RDWR');
  });

  it('has no names without a table', () => {
    expect(flagNamer(undefined, false)(1)).toBe('');
    expect(flagNamer('no_such_table', true)(1)).toBe('');
  });
});

describe('names of numbers', () => {
  it('knows errors and signals', () => {
    expect(errnoName(2)).toBe('ENOENT');
    expect(errnoName(512)).toBe('ERESTARTSYS');
    expect(errnoName(9999)).toBe('');
    expect(signalName(9)).toBe('SIGKILL');
    expect(signalName(0)).toBe('');
    expect(signalSetNames(0x80000001)).toBe('SIGHUP');
  });
});
