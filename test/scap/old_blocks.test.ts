import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EventView } from '../../src/event/view.js';
import { captureDir, fixture, readFileAll } from '../capture/read_all.js';
import { isInstalled } from '../installed.js';
import { sysdig } from '../sysdig.js';
import {
  capture2014,
  capture2016,
  OLD_PROCESSES,
  OLD_T0,
  prereleaseCapture,
  processes,
  section,
} from './old_capture.js';

const tmp = captureDir();

const OLD_FILES = [
  { name: 'old-prerelease.scap', build: prereleaseCapture, version: 1, minor: 0, cpus: 2 },
  { name: 'old-2014.scap', build: capture2014, version: 4, minor: 0, cpus: 4 },
  { name: 'old-2016.scap', build: capture2016, version: 6, minor: 1, cpus: 8 },
];

function viewOf(block: Buffer): EventView {
  const view = new EventView();
  const padded = Buffer.concat([block, Buffer.alloc(16)]);
  view.attach(padded, new DataView(padded.buffer, padded.byteOffset, padded.length));
  expect(view.at(0)).toBe(true);
  return view;
}

describe.each(OLD_FILES)('$name', ({ name, build, version, minor, cpus }) => {
  it('is what the builder makes', () => {
    if (process.env['UPDATE_FIXTURES']) writeFileSync(fixture(name), build());
    expect(readFileSync(fixture(name)).equals(build())).toBe(true);
  });

  it('gives the metadata of its version', async () => {
    const { heads, error, skipped } = await readFileAll(fixture(name));
    expect(error).toBeUndefined();
    expect(skipped).toBe(0);
    expect(heads).toHaveLength(1);
    const [head] = heads;
    expect(head.version).toEqual([1, minor]);
    expect(head.machine).toMatchObject({ numCpus: cpus, memorySize: 1 << 30 });
    expect(head.interfaces.map((i) => [i.name, i.addr.length, Number(i.linkSpeed)])).toEqual([
      ['eth0', 4, 1000],
      ['lo', 4, 0],
      ['lo', 16, 0],
    ]);
    expect(head.users).toEqual([{ uid: 1000, gid: 1001, name: 'ann', home: '/home/ann', shell: '/bin/sh' }]);
    expect(head.groups).toEqual([{ gid: 1001, name: 'staff' }]);
    expect(head.processes.map((p) => p.comm)).toEqual(['init', 'cat']);
    const cat = head.processes[1];
    expect(cat).toMatchObject({
      tid: 42,
      pid: 42,
      ptid: 1,
      exe: '/bin/cat',
      exepath: '',
      args: ['-n', '/etc/passwd'],
      cwd: '/tmp/',
      fdLimit: 1024,
      uid: 1000,
      gid: 1001,
      vmsizeKb: version >= 2 ? 5000 : 0,
      pfminor: version >= 2 ? 222 : 0,
      env: version >= 3 ? ['HOME=/root', 'LANG=C'] : [],
      vtid: version >= 4 ? 1042 : 42,
      cgroups: version >= 4 ? ['cpu=/', 'memory=/x'] : [],
      root: version >= 5 ? '/' : '',
      sid: version >= 6 ? 42 : 0,
      loginuid: 0xffffffff,
    });
    expect(cat.fds.map((fd) => [fd.fd, fd.type, fd.name])).toEqual([
      [0, 1, '/dev/null'],
      [4, 3, ''],
      [5, 5, ''],
      [6, 8, '/run/x.sock'],
      [7, 7, 'pipe:[15]'],
    ]);
    expect(cat.fds[1]).toMatchObject({ sport: 40000, dport: 80, l4proto: 2 });
    expect([...cat.fds[1].dip!]).toEqual([10, 0, 0, 2]);
    expect(cat.fds[3]).toMatchObject({ source: 0xffff8800_00000001n });
  });

  it('gives the events although their headers lack the parameter count', async () => {
    const { blocks } = await readFileAll(fixture(name));
    const views = blocks.map(viewOf);
    const fifth = version === 1 ? [280, 2] : [4, 1];
    expect(views.map((v) => [v.type, v.nparams])).toEqual([
      [2, 0],
      [3, 4],
      [6, 2],
      [7, 2],
      fifth,
      [4, 1],
      [5, 1],
    ]);
    expect(views.map((v) => v.tid)).toEqual(new Array(7).fill(42));
    expect(views[1].absTs).toBe(OLD_T0 + 1000n);
    expect(views[1].i64(0)).toBe(3);
    expect(views[1].str(1)).toBe('/etc/passwd');
    expect(views[3].raw(1).toString()).toBe('root:');
    expect(views[4].blockFlags).toBe(version === 1 ? 0 : 1);
    if (version === 1) expect([views[4].str(0), views[4].str(1)]).toEqual(['id', 'hello']);
  });

  it.runIf(isInstalled('sysdig'))('is read by sysdig with the same events', async () => {
    const { blocks } = await readFileAll(fixture(name));
    const shown = blocks.map(viewOf).filter((v) => (v.blockFlags & 1) === 0);
    const out = sysdig(['-r', fixture(name), '-p', '%evt.rawtime %thread.tid %evt.type']);
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => line.split(' ').slice(0, 2)),
    ).toEqual(shown.map((v) => [String(v.absTs), '42']));
  });
});

describe('process list versions', () => {
  it.each([
    [0x202, 1],
    [0x207, 2],
    [0x209, 3],
    [0x8013abcd, 2],
    [0x8014abcd, 3],
    [0x210, 4],
    [0x211, 5],
    [0x212, 6],
    [0x213, 7],
    [0x214, 8],
  ])('block 0x%s is version %i', async (type, version) => {
    const path = tmp.file(
      `pl-${type}.scap`,
      Buffer.concat([section(2), processes(type, version, OLD_PROCESSES)]),
    );
    const { heads } = await readFileAll(path);
    const list = heads[0].processes;
    expect(list.map((p) => p.tid)).toEqual([1, 42]);
    expect(list[1].args).toEqual(['-n', '/etc/passwd']);
    expect(list[1].exepath).toBe(version >= 7 ? '/usr/bin/cat' : '');
    expect(list[1].vpgid).toBe(version >= 8 ? 42 : 0);
    expect(list[1].root).toBe(version >= 5 ? '/' : '');
  });
});

it('the fixtures are there', () => {
  for (const { name } of OLD_FILES) expect(existsSync(fixture(name))).toBe(true);
});
