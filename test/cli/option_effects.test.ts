import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, tsdig } from './command_line.js';

const CAPTURE = resolve(ROOT, 'test/fixtures/containers-compat.scap.gz');
const printed = (...args: string[]): string[] =>
  tsdig(['-r', CAPTURE, ...args])
    .stdout.split('\n')
    .slice(0, -1);

describe('-n', () => {
  it('counts the events that pass the filter, also those that no chisel looks at', () => {
    const { stderr } = tsdig(['-r', CAPTURE, '-n', '1000', '-q', '-v']);
    expect(stderr).toMatch(/Captured Events: 1000,/);
    const net = tsdig(['-r', CAPTURE, '-n', '1000', '-v', '-c', 'topprocs_net']);
    expect(net.stderr).toMatch(/Captured Events: 1000,/);
  });
});

describe('-v', () => {
  it('counts all events, also where nothing is printed', () => {
    const passed = (...args: string[]) =>
      /Captured Events: (\d+)/.exec(tsdig(['-r', CAPTURE, '-v', '-q', ...args]).stderr)?.[1];
    expect(Number(passed())).toBeGreaterThan(17000);
    expect(passed('evt.type=openat')).toBe(String(printed('-p', '%evt.num', 'evt.type=openat').length));
  });
});

describe('-E', () => {
  it('leaves users and groups without names', () => {
    const users = (...args: string[]) =>
      new Set(printed('-p', '*%user.uid %user.name', 'user.uid=0', ...args));
    expect(users()).toEqual(new Set(['0 root']));
    expect(users('-E')).toEqual(new Set(['0 <NA>']));
    expect(printed('-E', 'user.name=root')).toEqual([]);
  });
});

describe('-U', () => {
  it('drops events whatever else is asked for', () => {
    const of = (...args: string[]) => printed('-p', '*%proc.name', ...args);
    expect(of().filter((name) => name === 'nginx').length).toBeGreaterThan(10);
    expect(of('-U', 'nginx')).not.toContain('nginx');
    expect(printed('-U', 'nginx', '-p', '%evt.type').length).toBe(of('-U', 'nginx').length);
  });
});
