import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
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

describe('-e', () => {
  it('does not count the containers and users that a recording begins with', () => {
    const dir = mkdtempSync(join(tmpdir(), 'tsdig-rotation-'));
    try {
      const out = join(dir, 'out');
      expect(tsdig(['-r', CAPTURE, '-w', out, '-e', '8000']).status).toBe(0);
      const events = (name: string) =>
        Number(/Captured Events: (\d+)/.exec(tsdig(['-r', name, '-q', '-v']).stderr)?.[1]);
      // The first file is one short, as with sysdig: the event that makes the number full begins the next.
      expect([events(`${out}0`), events(`${out}1`)]).toEqual([7999, 8000]);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe('-p', () => {
  it('knows line ends and tabs by their letters', () => {
    const { stdout } = tsdig(['-r', CAPTURE, '-p', '%evt.dir\\t%evt.type\\n', 'evt.num=2000']);
    expect(stdout).toMatch(/^[<>]\t\w+\n\n$/);
  });

  it('says what is wrong with a format', () => {
    const complaint = (format: string) => {
      const { status, stderr } = tsdig(['-r', CAPTURE, '-p', format]);
      expect(status, format).not.toBe(0);
      expect(stderr.trimEnd().split('\n'), format).toHaveLength(1);
      return stderr;
    };
    expect(complaint('')).toMatch('-p needs a format');
    expect(complaint('%20')).toMatch('a field name must follow %20');
    expect(complaint('%evt.num %%')).toMatch('a field name must follow %');
    expect(complaint('%-5evt.num')).toMatch('a field name must follow %');
    expect(complaint('%evt.nun')).toMatch('did you mean evt.num?');
  });
});
