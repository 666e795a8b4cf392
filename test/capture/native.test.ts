import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { NativeMissingError, openLive } from '../../src/capture/live.js';
import { encodeOptions } from '../../src/capture/native.js';
import { isInstalled } from '../installed.js';

const NATIVE = fileURLToPath(new URL('../../native', import.meta.url));

describe('the binding', () => {
  it.runIf(process.platform === 'linux' && isInstalled('cc'))('lays out the options as tsdig.h does', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tsdig-layout-'));
    const members = [
      'abi',
      'snaplen',
      'kernel_size',
      'ring_size',
      'tracepoints',
      'sets',
      'hierarchy',
      'flags',
      'exclude',
      'syscalls',
    ];
    writeFileSync(
      join(folder, 'layout.c'),
      `#include <stddef.h>\n#include <stdio.h>\n#include "tsdig.h"\nint main(void) {\n${members
        .map((m) => `printf("%zu ", offsetof(struct tsdig_options, ${m}));`)
        .join(
          '\n',
        )}\nprintf("%zu %d %zu", sizeof(struct tsdig_options), TSDIG_ABI, sizeof(struct tsdig_counters)); }\n`,
    );
    execFileSync('cc', [`-I${NATIVE}`, '-o', join(folder, 'layout'), join(folder, 'layout.c')]);
    const [
      abi,
      snaplen,
      kernel,
      ring,
      points,
      sets,
      hierarchy,
      flags,
      exclude,
      syscalls,
      size,
      version,
      counters,
    ] = execFileSync(join(folder, 'layout'), { encoding: 'utf8' }).split(' ').map(Number) as number[];
    rmSync(folder, { recursive: true });
    const b = encodeOptions({
      snaplen: 81,
      kernelSize: 2 ** 33,
      ringSize: 5,
      tracepoints: 6,
      sets: 7,
      hierarchy: 8,
      flags: 9,
      exclude: [10, 11, 12],
      syscalls: new Uint8Array(512).fill(3, 511),
    });
    expect(b.length).toBe(size);
    expect(b.readUInt32LE(abi)).toBe(version);
    expect(b.readUInt32LE(snaplen)).toBe(81);
    expect(b.readBigUInt64LE(kernel)).toBe(2n ** 33n);
    expect(b.readBigUInt64LE(ring)).toBe(5n);
    expect([points, sets, hierarchy, flags].map((at) => b.readUInt32LE(at))).toEqual([6, 7, 8, 9]);
    expect([0, 4, 8].map((i) => b.readUInt32LE(exclude! + i))).toEqual([10, 11, 12]);
    expect(b[syscalls! + 511]).toBe(3);
    expect(counters).toBe(80);
  });

  describe('on other systems', () => {
    const platform = process.platform;
    afterEach(() => {
      Object.defineProperty(process, 'platform', { value: platform });
    });

    it('says that live capture is for Linux', async () => {
      Object.defineProperty(process, 'platform', { value: 'darwin' });
      await expect(openLive()).rejects.toThrow(NativeMissingError);
      await expect(openLive()).rejects.toThrow(/^live capture works on Linux only \(this is darwin\)/);
    });
  });
});

describe('the tables of the eBPF programs', () => {
  const table = readFileSync(join(NATIVE, 'bpf/tables.generated.h'), 'utf8');
  const syscalls = readFileSync(join(NATIVE, 'syscalls.generated.h'), 'utf8');

  it('are what the generator makes of the data', () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const before = [table, syscalls];
    execFileSync(process.execPath, [join(root, 'scripts/generate-native-tables.mjs')]);
    const after = ['bpf/tables.generated.h', 'syscalls.generated.h'].map((name) =>
      readFileSync(join(NATIVE, name), 'utf8'),
    );
    expect(
      after[0] === before[0] && after[1] === before[1],
      'run scripts/generate-native-tables.mjs and commit',
    ).toBe(true);
  });

  it.each(['x86_64', 'aarch64'])('give every system call of %s its events', (arch) => {
    const part = syscalls.slice(syscalls.indexOf(`__${arch}__`));
    const rows = part.slice(0, part.indexOf('#endif'));
    const plans = [
      ...table.matchAll(/^ {4}\{(\d+), (\d+), (\d+), (\d+), (\d+), (\d+), 0\}, \/\* (\w+) \*\/$/gm),
    ];
    const events = JSON.parse(readFileSync(join(NATIVE, '../src/scap/data/events.json'), 'utf8')) as {
      writeNparams: number;
    }[];
    const data = JSON.parse(
      readFileSync(join(NATIVE, `../src/scap/data/syscalls-${arch}.json`), 'utf8'),
    ) as Record<
      string,
      { name: string; compatEnterEvent: number | string; compatExitEvent: number | string }
    >;
    let named = 0;
    for (const [nr, call] of Object.entries(data)) {
      const row = new RegExp(`^ +\\[${nr}\\] = \\{(\\d+), (\\d+), (\\d+), \\d\\}`, 'm').exec(rows);
      expect(row, `${nr} ${call.name}`).not.toBe(null);
      const [enter, exit] = [plans[Number(row![1])]!, plans[Number(row![2])]!];
      const generic = typeof call.compatEnterEvent === 'string' || call.name === 'bpf';
      expect([Number(enter[1]), Number(exit[1])], call.name).toEqual(
        generic ? [0, 1] : [call.compatEnterEvent, call.compatExitEvent],
      );
      expect(Number(exit[2])).toBe(events[Number(exit[1])]!.writeNparams);
      // What sysdig 0.29.3 crashes on must never be written.
      expect(Number(row![3])).toBeLessThan(329);
      if (!generic) named++;
    }
    expect(named).toBeGreaterThan(90);
  });

  it.runIf(isInstalled('clang') && process.platform === 'linux')('compile for arm64 and x86', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tsdig-bpf-'));
    for (const arch of ['arm64', 'x86'])
      execFileSync('clang', [
        '-g',
        '-O2',
        '-target',
        'bpf',
        '-mcpu=v3',
        `-D__TARGET_ARCH_${arch}`,
        '-Wall',
        '-Wextra',
        '-Werror',
        '-Wno-unused-function',
        '-Wno-unused-parameter',
        '-c',
        join(NATIVE, 'bpf/tsdig.bpf.c'),
        '-o',
        join(folder, `${arch}.o`),
      ]);
    rmSync(folder, { recursive: true });
  });
});
