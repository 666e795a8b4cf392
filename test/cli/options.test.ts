import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../src/cli/options.js';
import { UsageError } from '../../src/cli/usage_error.js';

const parse = (line: string) => parseOptions(line.split(' ')).options;

describe('parseOptions', () => {
  it('reads options as people write them', () => {
    const options = parse('-zw out.scap -pc -n 10 -s 2000 proc.name=cat and evt.type=open');
    expect(options).toMatchObject({
      write: 'out.scap',
      compress: true,
      print: 'c',
      numEvents: 10,
      snaplen: 2000,
      filter: 'proc.name=cat and evt.type=open',
    });
  });

  it('takes options behind the filter and negative numbers in it', () => {
    expect(parse('evt.type=open -q')).toMatchObject({ filter: 'evt.type=open', quiet: true });
    expect(parse('evt.rawres < -1').filter).toBe('evt.rawres < -1');
  });

  it('collects several files and names', () => {
    expect(parse('-r a -r b -U x -U y')).toMatchObject({ read: ['a', 'b'], suppressComms: ['x', 'y'] });
  });

  it('understands sizes', () => {
    expect(parse('--buffer-size 16M').bufferSize).toBe(16 * 1024 * 1024);
  });

  it.each([
    ['-n many', /-n takes a whole number/],
    ['-t z', /-t takes one of/],
    ['-x -A', /only one can be given/],
    ['--nonsense', /unknown option '--nonsense'/],
    ['-k http://x', /no API server is needed/],
    ['-H plugin', /plugins are not supported/],
    ['--buffer-size big', /takes a size/],
  ])('refuses %s with one line', (line, message) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(message);
  });

  it.each([
    ['-n5 -s2000', { numEvents: 5, snaplen: 2000 }],
    ['-qS -j', { quiet: true, summary: true, json: true }],
    ['-w f -C 1 -W 3 -G 60', { write: 'f', fileSizeMb: 1, fileLimit: 3, rotateSeconds: 60 }],
    ['-vX -tr proc.name=cat', { verbose: true, buffers: 'hexascii', timeType: 'r', filter: 'proc.name=cat' }],
    ['-pc -rf proc.name=cat', { print: 'c', read: ['f'], filter: 'proc.name=cat' }],
    ['--print=%proc.name --read=f', { print: '%proc.name', read: ['f'] }],
    ['-lv', { list: true, verbose: true }],
    ['-i topprocs_cpu', { chiselInfo: 'topprocs_cpu' }],
    ['--engine ptrace -P', { engine: 'ptrace', progress: true }],
    ['not fd.name contains /proc and evt.dir = >', { filter: 'not fd.name contains /proc and evt.dir = >' }],
  ])('understands %s', (line, expected) => {
    expect(parse(line)).toMatchObject(expected);
  });

  it('lets the command line win over the configuration', () => {
    const configuration = new Map([
      ['snaplen', { value: '100' }],
      ['print', { value: 'c' }],
    ]);
    expect(parseOptions(['-s', '5'], configuration).options).toMatchObject({ snaplen: 5, print: 'c' });
  });
});
