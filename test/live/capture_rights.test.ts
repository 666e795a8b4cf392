import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { helperFile } from '../../src/capture/helper_files.js';
import { CAN_RECORD, compileProgram } from './recording.js';

const NATIVE = fileURLToPath(new URL('../../native', import.meta.url));

describe.runIf(CAN_RECORD)('rights that live capture needs', () => {
  let program: string;

  beforeAll(() => {
    program = compileProgram('open_capture', `-I${NATIVE}`);
    const folder = dirname(program);
    for (const name of ['libtsdig.so', 'tsdig.bpf.o']) copyFileSync(helperFile(name)!, join(folder, name));
    chmodSync(folder, 0o755);
  });

  /** What opening says to a user with these capabilities only. */
  function openWith(...caps: string[]): string {
    const list = caps.map((c) => `+${c}`).join(',') || '-all';
    const folder = dirname(program);
    const rights = caps.length > 0 ? [`--inh-caps=${list}`, `--ambient-caps=${list}`] : [];
    const command = ['--reuid=65534', '--regid=65534', '--clear-groups', ...rights, program];
    try {
      return execFileSync('setpriv', [...command, join(folder, 'libtsdig.so'), join(folder, 'tsdig.bpf.o')], {
        encoding: 'utf8',
      }).trim();
    } catch (error) {
      return (error as { stdout: string }).stdout.trim();
    }
  }

  it('names what is missing and the remedy, in one line', () => {
    expect(openWith()).toMatch(/^live capture needs CAP_BPF: run with sudo, or setcap [^\n]+$/);
    expect(openWith('bpf')).toMatch(/^live capture needs CAP_PERFMON: run with sudo, or setcap [^\n]+$/);
  });

  it('are CAP_BPF and CAP_PERFMON, not root', () => {
    expect(openWith('bpf', 'perfmon')).toBe('ok');
  });

  it('says which file does not fit', () => {
    const folder = dirname(program);
    writeFileSync(join(folder, 'empty.o'), '');
    const open = (object: string) => {
      try {
        return execFileSync(program, [join(folder, 'libtsdig.so'), join(folder, object)], {
          encoding: 'utf8',
        });
      } catch (error) {
        return (error as { stdout: string }).stdout.trim();
      }
    };
    expect(open('missing.o')).toMatch(
      /missing\.o is missing: build live capture with `npm run build:native`$/,
    );
    expect(open('empty.o')).toMatch(/^cannot open .*empty\.o: /);
  });
});
