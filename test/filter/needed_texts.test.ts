import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../src/filter/compile.js';

/** What must have occurred before an event can pass; null: nothing can be said. */
function needed(filter: string, portNames = false): string[] | null {
  const { ruling } = compileFilter(filter, { fields: { portNames } });
  return ruling?.texts?.map((text) => text.toString('latin1')).sort() ?? null;
}

describe('texts without which a filter on names lets nothing pass', () => {
  it.each([
    ['fd.name contains /etc/nosuch', 'nosuch'],
    ['fd.name=/etc/passwd', 'passwd'],
    ['fd.filename startswith lib', 'lib'],
    ['fd.directory endswith /log', 'log'],
    ['fd.name pmatch (/var/lib, /srv/www)', 'srv var'],
    ['fd.name in (/etc/passwd, /etc/shadow)', 'passwd shadow'],
    ['fd.name in (/etc/a, /etc/b)', 'etc'],
    ['fd.name=/run/a and fd.name contains passwd', 'run'],
    ['fd.name in (/a/cat, /a/dog) and fd.filename startswith passwd', 'passwd'],
    ['fd.name contains passwd or fd.filename=shadow', 'passwd shadow'],
    ['evt.type=read and (fd.name contains /opt/x or fd.directory=/srv)', 'opt srv'],
    // A socket's name begins with an @ that nobody wrote.
    ['fd.name contains @/tmp/x11', 'tmp'],
    ['fd.name contains "two words"', 'words'],
  ])('%s: %s', (filter, texts) => {
    expect(needed(filter)).toEqual(texts.split(' '));
  });

  it.each([
    'fd.name contains /a/b',
    // Addresses and pointers.
    'fd.name contains 10.0.0.1',
    'fd.name contains fe80',
    // What stands for a directory that is not known.
    'fd.name contains UNKNOWN',
    'fd.name in (/etc/passwd, /a)',
    'fd.name contains passwd or fd.num=3',
    'not fd.name contains passwd',
    'fd.name!=/etc/passwd',
    'fd.name exists',
    'fd.name icontains passwd',
    'fd.name glob *passwd*',
    'fd.name regex pass.*',
    'tolower(fd.name) contains passwd',
    'fd.name=val(proc.exepath)',
    'fd.nameraw contains passwd',
  ])('%s: none', (filter) => {
    expect(needed(filter)).toBeNull();
  });

  it('none where names of services stand for ports', () => {
    expect(needed('fd.name contains http')).toEqual(['http']);
    expect(needed('fd.name contains http', true)).toBeNull();
  });
});
