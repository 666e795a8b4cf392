import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openFile } from '../../src/capture/file.js';
import { CaptureWriter, type WriterOptions } from '../../src/capture/writer.js';
import { EventView } from '../../src/event/view.js';
import { CaptureError } from '../../src/scap/capture_error.js';
import { emptyHead } from '../../src/scap/decode_head.js';
import { containerEvent, encodeEvent } from '../../src/scap/encode_event.js';
import { PPME } from '../../src/scap/events.generated.js';
import type { CaptureHead, FdEntry, ProcessEntry } from '../../src/scap/head.js';
import { unknownProcess } from '../../src/scap/unknown_process.js';
import { isInstalled } from '../installed.js';
import { sysdig } from '../sysdig.js';
import { captureDir, fixture, readFileAll, viewOf } from './read_all.js';

const tmp = captureDir();
const INPUT = fixture('containers-compat.scap.gz');

/** Copies a capture through the writer; `accept` says which events. */
async function copy(
  input: string,
  output: string,
  options: Partial<WriterOptions> = {},
  accept: (view: EventView) => boolean = () => true,
): Promise<CaptureWriter> {
  const source = openFile(input);
  let head: CaptureHead = emptyHead();
  const writer = new CaptureWriter(output, { snapshot: () => head, ...options });
  const view = new EventView();
  for (;;) {
    const item = await source.next();
    if (item === null) break;
    if (item.kind === 'head') {
      head = item.head;
      writer.newSection(head);
      continue;
    }
    view.attach(item.bytes, item.dv);
    for (let off = item.start; off < item.end; off = view.next) {
      view.at(off);
      writer.prepare(item.bytes, off);
      if (accept(view)) writer.add(item.bytes, off, view.next);
    }
    writer.endChunk();
    await writer.pressure();
  }
  await writer.close();
  source.close();
  return writer;
}

const close = (n: number): Buffer =>
  encodeEvent(PPME.SYSCALL_CLOSE_X, { ts: BigInt(n) * 1_000_000_000n, tid: 7 }, [n]);
describe('a copy', () => {
  it.each([false, true])(
    'has the same events, byte for byte, and the same metadata (gzip: %s)',
    async (gzip) => {
      const path = join(tmp.dir, `copy-${gzip}.scap`);
      await copy(INPUT, path, { gzip });
      const before = await readFileAll(INPUT);
      const after = await readFileAll(path);
      expect(after.error).toBeUndefined();
      expect(after.heads).toEqual(before.heads);
      expect(Buffer.concat(after.blocks).equals(Buffer.concat(before.blocks))).toBe(true);
      expect(readFileSync(path).readUInt16BE(0)).toBe(gzip ? 0x1f8b : 0x0a0d);
    },
  );

  it('of a copy is the same file', async () => {
    const [one, two] = [join(tmp.dir, 'one.scap'), join(tmp.dir, 'two.scap')];
    await copy(INPUT, one);
    await copy(one, two);
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
  });

  it('has just the accepted events, wherever they stand', async () => {
    const path = join(tmp.dir, 'some.scap');
    const accept = (view: EventView): boolean => view.type % 7 !== 0 && view.tid % 3 !== 1;
    await copy(INPUT, path, {}, accept);
    const before = await readFileAll(INPUT);
    const expected = before.blocks.filter((b) => accept(viewOf(b)));
    expect(expected.length).toBeGreaterThan(1000);
    expect(expected.length).toBeLessThan(before.blocks.length);
    const after = await readFileAll(path);
    expect(Buffer.concat(after.blocks).equals(Buffer.concat(expected))).toBe(true);
  });

  it('of old blocks keeps them as they are', async () => {
    const path = join(tmp.dir, 'old.scap');
    await copy(fixture('old-2014.scap'), path);
    const before = await readFileAll(fixture('old-2014.scap'));
    const after = await readFileAll(path);
    expect(after.blocks).toEqual(before.blocks);
    // A file of version 1 of the list becomes one of version 2.
    const types = after.heads[0].processes[1].fds.map((fd) => fd.type);
    expect(types).toEqual([16, 3, 5, 8, 7]);
  });

  it('of several sections has several sections', async () => {
    const twice = tmp.file(
      'twice.scap',
      Buffer.concat([1, 2].map(() => readFileSync(fixture('old-2016.scap')))),
    );
    const path = join(tmp.dir, 'sections.scap');
    await copy(twice, path);
    const after = await readFileAll(path);
    expect(after.heads).toHaveLength(2);
    expect(after.blocks).toHaveLength(14);
  });
});

describe.runIf(isInstalled('sysdig'))('sysdig reads a copy like the original', () => {
  const FIELDS =
    '%evt.num %evt.rawtime %evt.cpu %thread.tid %proc.name %proc.pname %proc.args %container.name %fd.name %user.name %evt.type %evt.args';
  it.each([false, true])('gzip: %s', async (gzip) => {
    const path = join(tmp.dir, `sysdig-${gzip}.scap`);
    await copy(INPUT, path, { gzip });
    const expected = sysdig(['-r', INPUT, '-p', FIELDS]);
    expect(expected.length).toBeGreaterThan(1_000_000);
    expect(sysdig(['-r', path, '-p', FIELDS]) === expected).toBe(true);
  });

  it('and everything that a head can say', async () => {
    const path = join(tmp.dir, 'sysdig-head.scap');
    const v4 = (n: number): Uint8Array => Uint8Array.of(10, 0, 0, n);
    const v6 = Uint8Array.from({ length: 16 }, (_, i) => (i === 0 ? 0xfe : i === 1 ? 0x80 : i));
    const fd = { ino: 1, name: '', openFlags: 0, dev: 0 };
    const fds: FdEntry[] = [
      { ...fd, fd: 0, type: 16, name: '/etc/hosts', openFlags: 1, dev: 5 },
      { ...fd, fd: 1, type: 2, name: '/tmp' },
      { ...fd, fd: 2, type: 3, sip: v4(1), dip: v4(2), sport: 40000, dport: 80, l4proto: 2 },
      { ...fd, fd: 3, type: 4, sip: v6, dip: v6, sport: 40000, dport: 81, l4proto: 3 },
      { ...fd, fd: 4, type: 5, sip: v4(3), sport: 22, l4proto: 2 },
      { ...fd, fd: 5, type: 6, sip: v6, sport: 23, l4proto: 2 },
      { ...fd, fd: 6, type: 7, name: 'pipe:[77]' },
      { ...fd, fd: 7, type: 8, name: '/run/x.sock', source: 1n, destination: 2n },
      ...[9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21].map((type) => ({
        ...fd,
        fd: type,
        type,
        name: `n${type}`,
      })),
    ];
    const process: ProcessEntry = {
      ...unknownProcess(77, 77),
      comm: 'héad'.replace('é', '\xc3\xa9'),
      exe: '/bin/head',
      exepath: '/bin/head',
      args: ['-n', '5'],
      env: ['A=b'],
      cwd: '/tmp/',
      root: '/',
      uid: 1000,
      cgroups: ['cpu=/'],
      exeIno: 12,
      pgid: 77,
      fds,
    };
    const head: CaptureHead = {
      ...emptyHead(),
      machine: { numCpus: 2, memorySize: 1e9, maxPid: 0, hostname: 'box', bootTime: 5n, flags: 0n },
      interfaces: [
        { addr: v6, netmask: v6, broadcast: v6, linkSpeed: 1n, name: 'eth0' },
        { addr: v4(1), netmask: v4(0), broadcast: v4(255), linkSpeed: 1n, name: 'eth0' },
      ],
      users: [{ uid: 1000, gid: 1000, name: 'ann', home: '/home/ann', shell: '/bin/sh' }],
      groups: [{ gid: 1000, name: 'ann' }],
      processes: [{ ...unknownProcess(1, 1), comm: 'init' }, process],
    };
    const writer = new CaptureWriter(path, { snapshot: () => head });
    for (const [i, { fd: number }] of fds.entries()) {
      const enter = encodeEvent(PPME.SYSCALL_READ_E, { ts: BigInt(2 * i + 1), tid: 77 }, [number, 10]);
      const exit = encodeEvent(PPME.SYSCALL_READ_X, { ts: BigInt(2 * i + 2), tid: 77 }, [0, '', number, 10]);
      for (const event of [enter, exit]) {
        writer.add(event, 0, event.length);
        writer.endChunk();
      }
    }
    await writer.close();
    const lines = sysdig([
      '-r',
      path,
      '-p',
      '%proc.name|%proc.args|%proc.cwd|%user.name|%fd.type|%fd.name',
      'evt.dir=>',
    ])
      .trim()
      .split('\n');
    const own = 'h\xc3\xa9ad|-n 5|/tmp/|ann|';
    expect(lines.every((line) => line.startsWith(own))).toBe(true);
    expect(lines.map((line) => line.slice(own.length))).toEqual([
      'file|/etc/hosts',
      'directory|/tmp',
      'ipv4|10.0.0.1:40000->10.0.0.2:80',
      'ipv6|fe80:203:405:607:809:a0b:c0d:e0f:40000->fe80:203:405:607:809:a0b:c0d:e0f:81',
      'ipv4|10.0.0.3:22',
      'ipv6|fe80:203:405:607:809:a0b:c0d:e0f:23',
      'pipe|pipe:[77]',
      'unix|/run/x.sock',
      'event|n9',
      '<NA>|n10',
      'signalfd|n11',
      'eventpoll|n12',
      'inotify|n13',
      'timerfd|n14',
      'netlink|n15',
      '<NA>|n17',
      '<NA>|n18',
      '<NA>|n19',
      '<NA>|n20',
      '<NA>|n21',
    ]);
  });

  it('and a file without any accepted event', async () => {
    const path = join(tmp.dir, 'sysdig-none.scap');
    await copy(INPUT, path, {}, () => false);
    expect(sysdig(['-r', path])).toBe('');
  });

  it('and the files of a rotation, each alone', async () => {
    const writer = await copy(INPUT, join(tmp.dir, 'sysdig-rot'), { rotation: { events: 5000 } });
    expect(writer.files).toHaveLength(4);
    const lines = writer.files.flatMap((file) =>
      sysdig(['-r', file, '-p', '%evt.rawtime %evt.type'])
        .split('\n')
        .filter((l) => l),
    );
    expect(lines.join('\n')).toBe(sysdig(['-r', INPUT, '-p', '%evt.rawtime %evt.type']).trim());
  });
});

describe('rotation', () => {
  /** Events 1, 2, 3 …, one per second; the head names how many were seen. */
  async function record(
    name: string,
    n: number,
    options: Partial<WriterOptions>,
  ): Promise<{ dir: string; writer: CaptureWriter }> {
    const dir = join(tmp.dir, name);
    mkdirSync(dir);
    let seen = 0;
    const snapshot = (): CaptureHead => ({ ...emptyHead(), processes: [unknownProcess(1000 + seen, 1)] });
    const writer = new CaptureWriter(join(dir, 'f'), { snapshot, ...options });
    writer.begin(snapshot());
    for (let i = 1; i <= n; i++) {
      const event = close(i);
      writer.prepare(event, 0);
      seen = i;
      writer.add(event, 0, event.length);
      writer.endChunk();
    }
    await writer.close();
    return { dir, writer };
  }

  it('gives files that each stand alone: head before the first event, containers, events', async () => {
    const { dir, writer } = await record('alone', 9, {
      rotation: { events: 4 },
      preface: (ts) => [containerEvent(ts, '{"container":{}}')],
    });
    expect(readdirSync(dir).sort()).toEqual(['f0', 'f1', 'f2']);
    expect(writer.events).toBe(9);
    const expected = [
      [1000, [1, 2, 3]],
      [1003, [4, 5, 6, 7]],
      [1007, [8, 9]],
    ];
    for (const [i, file] of writer.files.entries()) {
      const { heads, blocks, error } = await readFileAll(file);
      expect(error).toBeUndefined();
      expect(heads[0].processes.map((p) => p.tid)).toEqual([expected[i][0]]);
      const views = blocks.map(viewOf);
      expect(views[0].type).toBe(PPME.CONTAINER_JSON_2_E);
      expect(views[0].absTs).toBe(views[1].absTs);
      expect(views.slice(1).map((v) => v.i64(0))).toEqual(expected[i][1]);
    }
  });

  it('goes round and overwrites', async () => {
    const { dir } = await record('round', 20, { rotation: { seconds: 3, files: 2 } });
    expect(readdirSync(dir).sort()).toEqual(['f0', 'f1']);
    const last = await readFileAll(join(dir, 'f0'));
    expect(last.blocks.map((b) => viewOf(b).i64(0))).toEqual([19, 20]);
  });

  it('works compressed', async () => {
    const { writer } = await record('packed', 50, { gzip: true, rotation: { events: 10 } });
    expect(writer.files).toHaveLength(6);
    let events = 0;
    for (const file of writer.files) {
      const got = await readFileAll(file);
      expect(got.error).toBeUndefined();
      events += got.blocks.length;
    }
    expect(events).toBe(50);
  });

  it('by compressed size gives files of about that size', async () => {
    const dir = join(tmp.dir, 'packed-size');
    mkdirSync(dir);
    const writer = new CaptureWriter(join(dir, 'f'), {
      snapshot: emptyHead,
      gzip: true,
      rotation: { megabytes: 1 },
    });
    // 12 MB of bytes that do not shrink.
    for (let i = 0; i < 2000; i++) {
      const event = encodeEvent(PPME.SYSCALL_READ_X, { ts: BigInt(i), tid: 1 }, [6000, randomBytes(6000)]);
      writer.add(event, 0, event.length);
      writer.endChunk();
      await writer.pressure();
    }
    await writer.close();
    const sizes = writer.files.map((file) => statSync(file).size);
    expect(sizes.length).toBeGreaterThan(1);
    for (const size of sizes.slice(0, -1)) {
      expect(size).toBeGreaterThan(500_000);
      expect(size).toBeLessThan(8_000_000);
    }
  });
});

describe('a file at any moment', () => {
  it('ends with a whole block after flush', async () => {
    for (const gzip of [false, true]) {
      const path = join(tmp.dir, `moment-${gzip}`);
      const writer = new CaptureWriter(path, { snapshot: emptyHead, gzip });
      for (let i = 1; i <= 5; i++) {
        const event = close(i);
        writer.add(event, 0, event.length);
        await writer.flush();
        const got = await readFileAll(path);
        expect(got.error).toBeUndefined();
        expect(got.blocks).toHaveLength(i);
      }
      await writer.close();
      await writer.close();
    }
  });

  it('has every event after a second, without flush', async () => {
    for (const gzip of [false, true]) {
      const path = join(tmp.dir, `second-${gzip}`);
      const writer = new CaptureWriter(path, { snapshot: emptyHead, gzip });
      const event = close(1);
      writer.add(event, 0, event.length);
      writer.endChunk();
      const deadline = Date.now() + 20_000;
      // Idle turns of the run.
      while (statSync(path).size === 0 && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        writer.endChunk();
      }
      const got = await readFileAll(path);
      expect(got.error).toBeUndefined();
      expect(got.blocks).toHaveLength(1);
      await writer.close();
    }
  });

  it('is complete after closeSync, though members were still being compressed', async () => {
    const path = join(tmp.dir, 'sync.gz');
    const writer = new CaptureWriter(path, { snapshot: emptyHead, gzip: true });
    const event = encodeEvent(PPME.SYSCALL_READ_X, { ts: 1n, tid: 1 }, [0, Buffer.alloc(60_000, 65)]);
    for (let i = 0; i < 60; i++) writer.add(event, 0, event.length);
    writer.closeSync();
    const got = await readFileAll(path);
    expect(got.error).toBeUndefined();
    expect(got.blocks).toHaveLength(60);
    expect(gunzipSync(readFileSync(path)).length).toBeGreaterThan(60 * 60_000);
  });

  it('has an event even if none was accepted: one that is not shown', async () => {
    const path = join(tmp.dir, 'none.scap');
    const writer = new CaptureWriter(path, { snapshot: emptyHead });
    await writer.close();
    const got = await readFileAll(path);
    expect(got.error).toBeUndefined();
    expect(got.blocks.map((b) => viewOf(b).type)).toEqual([PPME.SCAPEVENT_E]);
  });
});

describe('what cannot be written', () => {
  it('is said at once when the file cannot be opened', () => {
    expect(() => new CaptureWriter('/proc/nonexistent/x', { snapshot: emptyHead })).toThrow(
      'cannot write /proc/nonexistent/x: no such file',
    );
  });

  it.each([false, true])('is said in one line when the device is full (gzip: %s)', async (gzip) => {
    const writer = new CaptureWriter('/dev/full', { snapshot: emptyHead, gzip });
    const event = encodeEvent(PPME.SYSCALL_READ_X, { ts: 1n, tid: 1 }, [0, Buffer.alloc(60_000, 65)]);
    const fill = async (): Promise<void> => {
      for (let i = 0; i < 100; i++) {
        writer.add(event, 0, event.length);
        writer.endChunk();
        await writer.pressure();
      }
      await writer.flush();
    };
    await expect(fill()).rejects.toThrow(/^cannot write \/dev\/full: no space left on the device; .*[^\n]$/);
    await expect(writer.close()).rejects.toThrow(CaptureError);
  });

  it.runIf(process.getuid?.() === 0).each([false, true])(
    'leaves a file that ends with its last whole block (gzip: %s)',
    async (gzip) => {
      const dir = join(tmp.dir, `small-${gzip}`);
      mkdirSync(dir);
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', dir], { stdio: 'ignore' });
      } catch {
        // A jail that does not let even root mount.
        return;
      }
      try {
        const path = join(dir, 'x.scap');
        const writer = new CaptureWriter(path, { snapshot: emptyHead, gzip, level: 1 });
        const fill = async (): Promise<void> => {
          for (let i = 0; i < 300; i++) {
            const event = encodeEvent(PPME.SYSCALL_READ_X, { ts: BigInt(i), tid: 1 }, [
              0,
              randomBytes(30_001),
            ]);
            writer.add(event, 0, event.length);
            writer.endChunk();
            // Small pieces, so that several members fit before the end.
            if (i % 5 === 0) await writer.flush();
          }
        };
        await expect(fill()).rejects.toThrow('no space left on the device');
        await expect(writer.close()).rejects.toThrow(CaptureError);
        const got = await readFileAll(path);
        expect(got.error).toBeUndefined();
        expect(got.blocks.length).toBeGreaterThan(3);
        expect(got.blocks.length).toBeLessThan(300);
      } finally {
        execFileSync('umount', ['-l', dir]);
      }
    },
  );
});
