// The recordings that `npm run bench -- read` reads: one of a real machine where there is one, and four that are made here,
// once, into bench/data/. Every kind has more than three million events.
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';
import { connection, file, loadWriter, processEntry, Recorder } from './recorder.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const data = join(root, 'bench/data');
const REAL = join(root, '../shared/captures/recorded/big.scap.gz');
const EVENTS = 3_200_000;
/** PPM_SC code and x86-64 number of sched_yield, a call without an event of its own. */
const YIELD = [99, 24];
const text = (length) => 'x'.repeat(length);

/** An IPv4 tuple as events carry it: family, client, server. */
function tuple(n) {
  const bytes = Buffer.from([2, 10, 1, (n >> 8) & 255, n & 255, 0, 0, 10, 0, 0, 1, 80, 0]);
  bytes.writeUInt16LE(1024 + (n % 60000), 5);
  return bytes;
}

/** What programs that handle files do, with a new program every now and then. */
async function files(writer, path, options) {
  const { PPME } = writer;
  const workers = Array.from({ length: 40 }, (_, i) =>
    processEntry(1000 + i, { comm: ['sh', 'cat', 'grep', 'make', 'cc1'][i % 5] }),
  );
  const out = new Recorder(writer, path, [processEntry(1, { ptid: 0, comm: 'init' }), ...workers], options);
  const opens = Array.from({ length: 2000 }, (_, i) => {
    const name = `/usr/lib/package${i % 50}/module${i}/source_file_${i * 7}.txt`;
    return [
      out.kind(PPME.SYSCALL_OPENAT_2_E, [-100, name, 1, 0]),
      out.kind(PPME.SYSCALL_OPENAT_2_X, [3, -100, name, 1, 0, 2049, 1000 + i], 0),
      out.kind(PPME.SYSCALL_STAT_E, []),
      out.kind(PPME.SYSCALL_STAT_X, [0, name]),
    ];
  });
  const missing = [
    out.kind(PPME.SYSCALL_OPENAT_2_E, [-100, '/etc/ld.so.preload', 1, 0]),
    out.kind(PPME.SYSCALL_OPENAT_2_X, [-2, -100, '/etc/ld.so.preload', 1, 0, 0, 0], 0),
  ];
  const readEnter = out.kind(PPME.SYSCALL_READ_E, [3, 4096], 0);
  const readExit = out.kind(PPME.SYSCALL_READ_X, [80, text(80)]);
  const writeEnter = out.kind(PPME.SYSCALL_WRITE_E, [1, 64], 0);
  const writeExit = out.kind(PPME.SYSCALL_WRITE_X, [64, text(64)]);
  const closeEnter = out.kind(PPME.SYSCALL_CLOSE_E, [3], 0);
  const closeExit = out.kind(PPME.SYSCALL_CLOSE_X, [0]);
  const genericEnter = out.kind(PPME.GENERIC_E, YIELD);
  const genericExit = out.kind(PPME.GENERIC_X, YIELD);
  const toIdle = out.kind(PPME.SCHEDSWITCH_6_E, [0, 0, 10, 9000, 3000, 0], 0);
  const execEnter = out.kind(PPME.SYSCALL_EXECVE_19_E, ['/usr/bin/cc1']);
  const exec = (tid) =>
    out.kind(PPME.SYSCALL_EXECVE_19_X, [
      ...[
        0,
        'cc1',
        'module.c\0-O2\0',
        tid,
        tid,
        1,
        '',
        1024,
        0,
        10,
        9000,
        3000,
        0,
        'cc1',
        'cpu=/\0',
        'PATH=/usr/bin\0',
        0,
        tid,
      ],
    ]);
  for (let i = 0; out.events < EVENTS; i++) {
    const tid = 1000 + (i % 40);
    const fd = 3 + (i % 20);
    const [openEnter, openExit, statEnter, statExit] = opens[(i * 31) % opens.length];
    const put = (kind, value) => out.put(kind, tid, value);
    put(statEnter);
    put(statExit);
    put(openEnter);
    put(openExit, fd);
    for (let k = 0; k < 4; k++) {
      put(readEnter, fd);
      put(readExit);
    }
    put(writeEnter, 1);
    put(writeExit);
    put(genericEnter);
    put(genericExit);
    if (i % 5 === 0) {
      put(missing[0]);
      put(missing[1], -2);
    }
    put(closeEnter, fd);
    put(closeExit);
    if (i % 1000 === 0) {
      put(execEnter);
      put(exec(tid));
    }
    await put(toIdle, 1000 + ((i + 1) % 40));
  }
  return out;
}

/** Servers with some hundred connections each. */
async function network(writer, path, options) {
  const { PPME } = writer;
  const fds = Array.from({ length: 300 }, (_, i) => connection(10 + i, i));
  const servers = Array.from({ length: 8 }, (_, i) =>
    processEntry(2000 + i, { comm: i % 2 ? 'nginx' : 'redis-server', fds }),
  );
  const out = new Recorder(writer, path, servers, options);
  const recvEnter = out.kind(PPME.SOCKET_RECVFROM_E, [10, 16384], 0);
  const recvExits = Array.from({ length: 300 }, (_, i) =>
    out.kind(PPME.SOCKET_RECVFROM_X, [120, text(80), tuple(i)]),
  );
  const again = out.kind(PPME.SOCKET_RECVFROM_X, [-11, '', null]);
  const sendEnters = Array.from({ length: 300 }, (_, i) =>
    out.kind(PPME.SOCKET_SENDTO_E, [10, 250, tuple(i)], 0),
  );
  const sendExit = out.kind(PPME.SOCKET_SENDTO_X, [250, text(80)]);
  const readEnter = out.kind(PPME.SYSCALL_READ_E, [10, 4096], 0);
  const readExit = out.kind(PPME.SYSCALL_READ_X, [120, text(80)]);
  const writevEnter = out.kind(PPME.SYSCALL_WRITEV_E, [10, 400], 0);
  const writevExit = out.kind(PPME.SYSCALL_WRITEV_X, [400, text(80)]);
  const waitEnter = out.kind(PPME.SYSCALL_EPOLLWAIT_E, [512]);
  const waitExit = out.kind(PPME.SYSCALL_EPOLLWAIT_X, [1]);
  for (let i = 0; out.events < EVENTS; i++) {
    const tid = 2000 + (i % 8);
    const n = (i * 17) % 300;
    const put = (kind, value) => out.put(kind, tid, value);
    put(waitEnter);
    put(waitExit);
    if (i % 2) {
      put(recvEnter, 10 + n);
      put(recvExits[n]);
      put(sendEnters[n], 10 + n);
      put(sendExit);
      put(recvEnter, 10 + n);
      await put(again);
    } else {
      put(readEnter, 10 + n);
      put(readExit);
      put(writevEnter, 10 + n);
      await put(writevExit);
    }
  }
  return out;
}

/** Switches between many threads, few calls. */
async function scheduler(writer, path, options) {
  const { PPME } = writer;
  const threads = Array.from({ length: 500 }, (_, i) =>
    processEntry(3000 + i, { pid: 3000 + (i - (i % 10)), comm: `worker${i % 7}` }),
  );
  const out = new Recorder(writer, path, threads, options);
  const change = out.kind(PPME.SCHEDSWITCH_6_E, [3001, 2, 4000, 9000, 3000, 0], 0);
  const enter = out.kind(PPME.GENERIC_E, YIELD);
  const exit = out.kind(PPME.GENERIC_X, YIELD);
  for (let i = 0; out.events < EVENTS; i++) {
    const tid = 3000 + ((i * 7) % 500);
    const next = 3000 + (((i + 1) * 7) % 500);
    if (i % 3 === 0) {
      out.put(enter, tid, 0, i & 3);
      out.put(exit, tid, 0, i & 3);
    }
    await out.put(change, tid, next, i & 3);
  }
  return out;
}

/** Twenty thousand threads, and as many fds in some processes. */
async function crowd(writer, path, options) {
  const { PPME } = writer;
  const processes = [];
  for (let p = 0; p < 1000; p++) {
    const pid = 100_000 + p * 20;
    const count = p < 4 ? 20_000 : 50;
    const fds = Array.from({ length: count }, (_, i) => file(3 + i, `/var/data/shard${p}/segment-${i}.log`));
    for (let t = 0; t < 20; t++)
      processes.push(processEntry(pid + t, { pid, comm: 'database', fds: t === 0 ? fds : [] }));
  }
  const out = new Recorder(writer, path, processes, options);
  const enter = out.kind(PPME.SYSCALL_PREAD_E, [3, 4096, 0], 0);
  const exit = out.kind(PPME.SYSCALL_PREAD_X, [4096, text(80)]);
  const writeEnter = out.kind(PPME.SYSCALL_WRITE_E, [3, 64], 0);
  const writeExit = out.kind(PPME.SYSCALL_WRITE_X, [64, text(64)]);
  for (let i = 0; out.events < EVENTS; i++) {
    const p = (i * 37) % 1000;
    const tid = 100_000 + p * 20 + (i % 20);
    const fd = 3 + ((i * 101) % (p < 4 ? 20_000 : 50));
    out.put(enter, tid, fd);
    out.put(exit, tid);
    out.put(writeEnter, tid, fd);
    await out.put(writeExit, tid);
  }
  return out;
}

const KINDS = { files, network, scheduler, crowd };

/** Makes what is missing. Resolves to [{ name, plain, gzip, events }]. `only`: names to restrict to. */
export async function recordings(tsdig, say, only = []) {
  mkdirSync(data, { recursive: true });
  const wanted = (name) => only.length === 0 || only.includes(name);
  const list = [];
  if (existsSync(REAL) && wanted('real')) {
    const plain = join(data, 'real.scap');
    if (!existsSync(plain)) {
      say('unpacking the recording of a real machine');
      await pipeline(createReadStream(REAL), createGunzip(), createWriteStream(`${plain}.part`));
      renameSync(`${plain}.part`, plain);
    }
    list.push({ name: 'real', plain, gzip: REAL, events: countEvents(plain) });
  }
  let writer;
  for (const [name, make] of Object.entries(KINDS)) {
    if (!wanted(name)) continue;
    const entry = { name, plain: join(data, `${name}.scap`), gzip: join(data, `${name}.scap.gz`), events: 0 };
    writer ??= await loadWriter(tsdig);
    for (const [path, gzip] of [
      [entry.plain, false],
      [entry.gzip, true],
    ]) {
      if (existsSync(path)) continue;
      say(`making the recording ${name}${gzip ? ' (-z)' : ''}`);
      const out = await make(writer, `${path}.part`, { gzip });
      await out.close();
      renameSync(`${path}.part`, path);
    }
    entry.events = countEvents(entry.plain);
    list.push(entry);
  }
  return list;
}

/** Event blocks of a plain capture; kept beside it. */
function countEvents(path) {
  const note = `${path}.events`;
  if (existsSync(note)) return Number(readFileSync(note, 'utf8'));
  const bytes = readFileSync(path);
  let events = 0;
  for (let at = 0; at + 8 <= bytes.length; at += bytes.readUInt32LE(at + 4)) {
    const type = bytes.readUInt32LE(at);
    if (type === 0x216 || type === 0x217 || type === 0x221 || type === 0x222) events++;
  }
  writeFileSync(note, String(events));
  return events;
}
