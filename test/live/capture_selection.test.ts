import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type LiveOptions, openLive } from '../../src/capture/live.js';
import { SYSCALLS_X86_64 } from '../../src/scap/syscalls.generated.js';
import { CAN_RECORD, compileProgram, decodeBlocks, type RecordedEvent, recordCommand } from './recording.js';
import { FREESTANDING, RUNS_32_BITS } from './thirty_two_bits.js';

const number = (name: string) => SYSCALLS_X86_64.find((row) => row[1] === name)![0];
const shell = (script: string) => ['/bin/sh', '-c', script];
const quiet = { switch: false, signal: false };

/** Names of the comms whose own system calls (not life-cycle events) were recorded. */
function tidsOf(events: RecordedEvent[]): Set<number> {
  const life = /^(clone|clone3|fork|vfork|execve|execveat|procexit)$/;
  return new Set(events.filter((e) => !life.test(e.name)).map((e) => e.tid));
}

/** The execve exits of programs whose argv[1..] contain a text. */
const execsOf = (events: RecordedEvent[], text: string) =>
  events.filter(
    (e) => e.name === 'execve' && !e.enter && e.params[0] === 0 && String(e.params[2]).includes(text),
  );

describe.runIf(CAN_RECORD)('what is not asked for is not recorded', () => {
  it('records the system calls that are asked for, and nothing else', async () => {
    const { events } = await recordCommand(shell('cat /etc/hostname /etc/passwd'), {
      tracepoints: { ...quiet, lifecycle: false },
      syscalls: [number('openat'), number('chdir')],
    });
    // Others on this machine may change their directory.
    expect(events.filter((e) => e.name !== 'openat' && e.name !== 'chdir')).toEqual([]);
    expect(events.some((e) => e.params.includes('/etc/passwd'))).toBe(true);
  });

  it('records exits alone when enters are not wanted', async () => {
    const { events } = await recordCommand(shell('cat /etc/hostname'), {
      tracepoints: quiet,
      exitOnly: true,
    });
    expect(events.filter((e) => e.enter && e.name !== 'procexit')).toEqual([]);
    expect(events.some((e) => e.name === 'read' && e.params[0] !== 0)).toBe(true);
  });

  it('needs no system call tracepoint for scheduling and life cycles', async () => {
    const marker = `sched-only-${process.pid}`;
    const { events } = await recordCommand(shell(`/bin/echo ${marker}; sleep 0.02`), {
      syscalls: 'none',
      tracepoints: { switch: true, lifecycle: true, signal: false },
    });
    const names = new Set(events.map((e) => e.name));
    expect(
      [...names].every((n) => ['switch', 'procexit', 'clone', 'execve'].includes(n)),
      [...names].join(),
    ).toBe(true);
    const [exec] = execsOf(events, marker).filter((e) => e.params[13] === 'echo');
    expect(exec!.params[1]).toBe('/bin/echo');
    const birth = events.find((e) => e.name === 'clone' && e.tid === exec!.tid)!;
    expect(birth.params[0]).toBe(0);
    expect(birth.params[3]).toBe(exec!.tid);
    expect(events.some((e) => e.name === 'procexit' && e.tid === exec!.tid)).toBe(true);
    expect(events.some((e) => e.name === 'switch' && e.tid === exec!.tid)).toBe(true);
  });

  it('never records itself', async () => {
    const threads = () => readdirSync('/proc/self/task').map(Number);
    const before = threads();
    const { events } = await recordCommand(shell('sleep 0.1'));
    // The number of one that ended may be another's.
    const own = new Set(threads().filter((tid) => before.includes(tid)));
    expect(own.size).toBeGreaterThan(4);
    expect(events.length).toBeGreaterThan(50);
    // Its forks before another program runs, and the moments when it makes way for others, are theirs.
    const others = /^(clone|clone3|vfork|fork|switch)$/;
    expect(events.filter((e) => own.has(e.tid) && !others.test(e.name)).map((e) => e.name)).toEqual([]);
  });

  it('passes processes and their descendants', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tsdig-pids-'));
    const [gate, way] = [join(folder, 'gate'), join(folder, 'way')];
    execFileSync('mkfifo', [gate, way]);
    const script = `read x <${gate}; cat /etc/hostname; (exec /bin/ls /); echo done >${way}`;
    const child = spawn('/bin/sh', ['-c', script], { stdio: 'ignore' });
    // It waits at the gate, which opens when everything is recorded.
    const { events } = await recordCommand(shell(`echo go >${gate}; read x <${way}`), {
      tracepoints: quiet,
      allow: { pids: [child.pid!] },
    });
    rmSync(folder, { recursive: true });
    child.kill();
    const family = new Set([child.pid!]);
    for (const e of events)
      if (/clone|fork/.test(e.name) && e.params[0] === 0 && family.has(Number(e.params[5])))
        family.add(e.tid);
    const seen = tidsOf(events);
    expect(seen.size).toBeGreaterThanOrEqual(3);
    expect([...seen].filter((tid) => !family.has(tid))).toEqual([]);
  });

  it('passes commands and users', async () => {
    const comm = await recordCommand(shell('cat /etc/hostname; ls / >/dev/null'), {
      tracepoints: quiet,
      allow: { comms: ['ls'] },
    });
    const cat = new Set(execsOf(comm.events, 'hostname').map((e) => e.tid));
    expect(comm.events.some((e) => e.name === 'getdents64')).toBe(true);
    expect([...tidsOf(comm.events)].some((tid) => cat.has(tid))).toBe(false);
    const user = await recordCommand(shell('cat /etc/hostname; setpriv --reuid 65534 cat /etc/issue'), {
      tracepoints: quiet,
      allow: { uids: [65534] },
    });
    const names = user.events.filter((e) => e.name === 'openat' && !e.enter).map((e) => e.params[2]);
    expect(names).toContain('/etc/issue');
    expect(names).not.toContain('/etc/hostname');
  });

  it('knows a command by its name still when it renames itself', async () => {
    // A shell with a name of its own, which changes that name, forks, and executes something else.
    const folder = mkdtempSync(join(tmpdir(), 'tsdig-rename-'));
    const name = 'before-rename';
    copyFileSync('/bin/sh', join(folder, name));
    const script = `echo after >/proc/self/comm; echo after >/proc/$$/comm; read x </etc/hostname; (read y </etc/passwd); exec cat /etc/issue`;
    const { events } = await recordCommand([join(folder, name), '-c', script], {
      tracepoints: quiet,
      allow: { comms: [name] },
    });
    rmSync(folder, { recursive: true });
    const opened = events.filter((e) => e.name === 'openat' && !e.enter).map((e) => e.params[2]);
    expect(opened).toContain('/etc/hostname');
    expect(opened).toContain('/etc/passwd');
    expect(opened).not.toContain('/etc/issue');
  });

  it('passes effective user ids', async () => {
    const { events } = await recordCommand(
      ['setpriv', '--ruid', '65534', '--euid', '65533', 'cat', '/etc/issue'],
      { tracepoints: quiet, allow: { uids: [65533] } },
    );
    expect(events.some((e) => e.name === 'openat' && e.params[2] === '/etc/issue')).toBe(true);
  });

  it('keeps life-cycle events of everybody, unless told otherwise', async () => {
    const script = shell('/bin/echo somebody else');
    const none = { tracepoints: quiet, allow: { uids: [4242] } } satisfies LiveOptions;
    const all = await recordCommand(script, none);
    expect(execsOf(all.events, 'somebody').length).toBeGreaterThan(0);
    expect(all.events.some((e) => e.name === 'procexit')).toBe(true);
    const allowed = await recordCommand(script, { ...none, lifecycle: 'allowed' });
    expect(allowed.events).toEqual([]);
  });
});

describe.runIf(CAN_RECORD)('cgroups', () => {
  /** A hierarchy mounted here, with a controller or the unified one. */
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '));
  const places: { hierarchy: 'unified' | 'memory' | 'cpu'; path: string }[] = [];
  for (const [, path, type, options] of mounts) {
    if (path === undefined) continue;
    const names = type === 'cgroup2' ? ['unified'] : type === 'cgroup' ? (options?.split(',') ?? []) : [];
    // A hierarchy may be mounted a second time elsewhere.
    for (const hierarchy of ['unified', 'memory', 'cpu'] as const)
      if (names.includes(hierarchy) && !places.some((p) => p.hierarchy === hierarchy))
        places.push({ hierarchy, path });
  }
  const made: string[] = [];
  afterAll(() => {
    for (const path of made.reverse()) rmdirSync(path);
  });

  it.each(places)(
    'passes the tasks of a group and of groups below it: $hierarchy',
    async ({ hierarchy, path }) => {
      const group = `${path}/tsdig-test-${process.pid}`;
      const inner = `${group}/inner`;
      mkdirSync(inner, { recursive: true });
      made.push(group, inner);
      const id = statSync(group, { bigint: true }).ino;
      const script = `cat /etc/issue; sh -c 'echo $$ >${group}/cgroup.procs; exec cat /etc/hostname'; sh -c 'echo $$ >${inner}/cgroup.procs; exec cat /etc/passwd'`;
      const { events } = await recordCommand(shell(script), {
        tracepoints: quiet,
        hierarchy,
        allow: { cgroups: [id] },
      });
      const opened = events.filter((e) => e.name === 'openat' && !e.enter).map((e) => e.params[2]);
      expect(opened).toContain('/etc/hostname');
      expect(opened).toContain('/etc/passwd');
      expect(opened).not.toContain('/etc/issue');
      const cgroups = execsOf(events, '/etc/passwd').map((e) => String(e.params[14]));
      const named = `${hierarchy}=/tsdig-test-${process.pid}/inner\0`;
      if (hierarchy !== 'unified') expect(cgroups.some((text) => text.includes(named))).toBe(true);
    },
  );

  it('passes a group that is added while recording', async () => {
    const place = places[0]!;
    const group = `${place.path}/tsdig-late-${process.pid}`;
    mkdirSync(group);
    made.push(group);
    const source = await openLive({
      tracepoints: quiet,
      hierarchy: place.hierarchy,
      allow: { cgroups: [] },
      lifecycle: 'allowed',
    });
    source.start();
    const run = (file: string) =>
      execFileSync('sh', ['-c', `echo $$ >${group}/cgroup.procs; exec cat ${file}`]);
    run('/etc/hostname');
    const id = statSync(group, { bigint: true }).ino;
    source.allow({ cgroups: [id] });
    run('/etc/passwd');
    source.disallow({ cgroups: [id] });
    run('/etc/issue');
    source.stop();
    const chunks: Buffer[] = [];
    for (let item = await source.next(); item; item = await source.next())
      if (item.kind === 'events') chunks.push(Buffer.from(item.bytes.subarray(item.start, item.end)));
    source.close();
    const opened = decodeBlocks(Buffer.concat(chunks))
      .filter((e) => e.name === 'openat' && !e.enter)
      .map((e) => String(e.params[2]));
    expect(opened.filter((name) => /hostname|passwd|issue/.test(name))).toEqual(['/etc/passwd']);
  });
});

describe.runIf(RUNS_32_BITS)('32-bit programs', () => {
  it('give the events of the same calls of 64-bit ones', async () => {
    const program = compileProgram('ia32', ...FREESTANDING);
    const { events } = await recordCommand([program], { tracepoints: quiet });
    const tid = events.find(
      (e) => e.name === 'execve' && !e.enter && e.params[0] === 0 && e.params[1] === program,
    )!.tid;
    const own = events.filter((e) => e.tid === tid && !e.enter);
    const from = own.findIndex((e) => e.name === 'execve' && e.params[0] === 0);
    const calls = own.slice(from + 1);
    expect(calls.map((e) => e.name)).toEqual([
      'open',
      'read',
      'llseek',
      'pread',
      'close',
      'open',
      'writev',
      'mmap',
      'socket',
      'sendto',
      'getuid',
      'unlink',
      'ppoll',
      'ppoll',
      'sendmmsg',
      'sendmmsg',
    ]);
    expect(calls[0]!.params[1]).toBe('/etc/hostname');
    expect(calls[2]!.params).toEqual([0, 3, 2, 0]);
    expect(calls[3]!.params[4]).toBe(1);
    expect(String(calls[6]!.params[1])).toBe('thirtytwo');
    expect(calls[7]!.params.slice(4, 6)).toEqual([0, 8192]);
    expect(calls[9]!.params[0]).toBe(6);
    expect([...(calls[9]!.params[4] as Buffer).subarray(7)]).toEqual([127, 0, 0, 1, 9, 0]);
    expect(calls[11]!.params).toEqual([-2, '/no/such/file']);
    // The same call with times of 32 and of 64 bits; what is left is written back. Nothing is waited for.
    const waits = events.filter((e) => e.tid === tid && e.enter && e.name === 'ppoll');
    expect(waits.map((e) => e.params[1])).toEqual([5_000_000, 1_000_000_007]);
    expect(calls.slice(14).map((e) => [e.params[0], String(e.params[3])])).toEqual([
      [9, 'thirtytwo'],
      [6, 'thirty'],
    ]);
  });
});

describe.runIf(CAN_RECORD)('losses', () => {
  it('are counted by cause, marked in the stream, and spare life-cycle events', async () => {
    const source = await openLive({
      kernelBufferBytes: 256 << 10,
      ringBytes: 1 << 20,
      tracepoints: { switch: false },
      // Others on this machine would fill the room that is kept for such events.
      allow: { uids: [65531] },
      lifecycle: 'allowed',
    });
    source.start();
    const marker = `spared-${process.pid}`;
    // Nobody reads for now: the ring fills, then the kernel's buffers.
    execFileSync('setpriv', [
      '--reuid=65531',
      'sh',
      '-c',
      `dd if=/dev/zero of=/dev/null bs=1 count=100000 2>/dev/null; for i in 1 2 3; do /bin/echo ${marker}; done`,
    ]);
    const chunks: Buffer[] = [];
    setTimeout(() => source.stop(), 500);
    for (let item = await source.next(); item; item = await source.next())
      if (item.kind === 'events') chunks.push(Buffer.from(item.bytes.subarray(item.start, item.end)));
    const counters = source.counters();
    source.close();
    const events = decodeBlocks(Buffer.concat(chunks));
    expect(counters.dropsRing).toBeGreaterThan(10_000);
    expect(counters.perCpu!.length).toBeGreaterThan(0);
    expect(execsOf(events, marker).filter((e) => e.params[13] === 'echo').length).toBe(3);
    const marks = events.filter((e) => e.name === 'drop').map((e) => e.enter);
    expect(marks.slice(0, 2)).toEqual([true, false]);
    const written = events.filter((e) => e.name !== 'drop').length;
    // An event may be under way when recording ends.
    expect(counters.events - written).toBeGreaterThanOrEqual(0);
    expect(counters.events - written).toBeLessThan(3);
    for (let i = 1; i < events.length; i++)
      if (events[i]!.ts < events[i - 1]!.ts) expect.fail(`event ${i} is earlier than the one before`);
  });

  it('can be closed at any moment', async () => {
    const unstarted = await openLive();
    unstarted.close();
    expect(unstarted.next()).toBe(null);
    const source = await openLive({
      syscalls: 'none',
      tracepoints: { switch: false, lifecycle: false, signal: true },
    });
    source.start();
    const waiting = source.next();
    source.stop();
    source.stop();
    expect(await waiting).toBe(null);
    source.close();
    source.close();
    expect(source.next()).toBe(null);
    expect(source.counters().dropsRing).toBe(0);
  });
});

describe.runIf(CAN_RECORD)('buffers', () => {
  it('are kept up to the snaplen, which may be as long as a block allows', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tsdig-snaplen-'));
    const script = `head -c 100000 /dev/zero | tr '\\0' A >${folder}/big; dd if=${folder}/big of=/dev/null bs=100000 count=1`;
    chmodSync(folder, 0o777);
    // Others on this machine may read without end.
    const uid = 65530;
    const command = ['setpriv', `--reuid=${uid}`, ...shell(script)];
    const wanted = { tracepoints: quiet, syscalls: [number('read')], allow: { uids: [uid] } };
    for (const [snaplen, least] of [
      [0, 0],
      [3000, 3000],
      [65000, 64000],
    ] as const) {
      const { events, counters } = await recordCommand(command, { ...wanted, snaplen });
      const read = events.find((e) => e.name === 'read' && !e.enter && e.params[0] === 100000)!;
      const data = read.params[1] as Buffer;
      expect(data.length).toBeGreaterThanOrEqual(least);
      expect(data.length).toBeLessThanOrEqual(snaplen);
      expect(data.every((b) => b === 65)).toBe(true);
      expect(counters.dropsOversize).toBe(0);
    }
    rmSync(folder, { recursive: true });
  });
});
