// What watching costs the watched: the rate of some workloads bare and under tsdig, strace and perf trace.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { hasCommand, median } from './measure.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const scratch = join(tmpdir(), 'tsdig-bench-live');
const SECONDS = 1;
/** For tsdig to have its tracepoints attached and /proc read. */
const READY_MS = 2500;
const PORT = '17379';
/** Of /proc, per second: the same on all machines that Node runs on. */
const TICKS = 100;
/** How long to wait for captures of others before measuring beside them. */
const WAIT_SECONDS = 30;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Runs a command to its end; resolves to what it wrote on both outputs. */
function output(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (piece) => (text += piece));
    child.on('error', reject);
    child.on('close', () => resolve(text));
  });
}

/** Each gives { rate, cpuRate?: per second of its own processor time, calls?: Map of pid to calls }. `wrap` puts a tracer's words before the command. */
function workloads() {
  const loop = join(scratch, 'getppid');
  const runLoop = async (wrap) => {
    const words = [...wrap, loop, String(SECONDS)];
    const [pid, calls, seconds, cpu] = (await output(words[0], words.slice(1)))
      .trim()
      .split('\n')
      .at(-1)
      .split(' ')
      .map(Number);
    return { rate: calls / seconds, cpuRate: calls / cpu, calls: new Map([[pid, calls]]) };
  };
  const list = [
    { key: 'getppid', name: 'getppid loop', run: runLoop },
    {
      key: 'dd',
      name: 'dd if=/dev/zero of=/dev/null bs=1',
      run: async (wrap) => {
        const words = [
          ...wrap,
          'dd',
          'if=/dev/zero',
          'of=/dev/null',
          'bs=1',
          `count=${wrap.length > 0 ? 5000 : 1_000_000}`,
        ];
        const found = /(\d+) bytes.* copied, ([\d.e-]+) s/.exec(await output('env', ['LC_ALL=C', ...words]));
        return { rate: Number(found[1]) / Number(found[2]) };
      },
    },
    {
      key: 'two',
      name: 'two getppid loops in parallel',
      run: async (wrap) => {
        const both = await Promise.all([runLoop(wrap), runLoop(wrap)]);
        const cpuRate = (both[0].cpuRate + both[1].cpuRate) / 2;
        return {
          rate: both[0].rate + both[1].rate,
          cpuRate,
          calls: new Map([...both[0].calls, ...both[1].calls]),
        };
      },
    },
  ];
  if (hasCommand('redis-server') && hasCommand('redis-benchmark'))
    list.push({
      key: 'redis',
      name: 'redis-benchmark on loopback',
      // Tracers of one command would follow the client only.
      wraps: false,
      run: async () => {
        const text = await output('redis-benchmark', [
          '-p',
          PORT,
          '-t',
          'get',
          '-n',
          '60000',
          '-c',
          '20',
          '-q',
        ]);
        return { rate: Number(/([\d.]+) requests per second/.exec(text.replaceAll('\r', '\n'))[1]) };
      },
    });
  return list;
}

/** What watches. `args`: of tsdig; `wrap`: words before the workload's own. */
function watchers() {
  const list = [
    { key: 'bare', name: 'bare' },
    // The floor under everything that looks at system calls this way.
    { key: 'empty_enter', name: 'an empty program on sys_enter', empty: ['enter'] },
    { key: 'empty_exit', name: 'an empty program on sys_exit', empty: ['leave'] },
    { key: 'empty', name: 'empty programs on both', empty: ['enter', 'leave'] },
    {
      key: 'clock',
      name: 'programs on both that look at the clock',
      empty: ['enter_clock', 'leave_clock'],
    },
    {
      key: 'record',
      name: 'tsdig, everything to a file',
      args: ['-w', join(scratch, 'live.scap')],
      records: true,
    },
    { key: 'container', name: 'tsdig, a container that is not there', args: ['container.name=nosuch'] },
    { key: 'pid', name: 'tsdig, a process that is not there', args: ['proc.pid=4000000'] },
    { key: 'comm', name: 'tsdig, a command that is not there', args: ['proc.name=nosuch'] },
    { key: 'syscall', name: 'tsdig, another system call', args: ['evt.type=symlink'] },
    { key: 'topprocs_cpu', name: 'tsdig, topprocs_cpu', args: ['-c', 'topprocs_cpu'] },
  ];
  if (hasCommand('strace'))
    list.push({ key: 'strace', name: 'strace -f', wrap: ['strace', '-f', '-o', '/dev/null'] });
  if (hasCommand('perf'))
    list.push({ key: 'perf', name: 'perf trace', wrap: ['perf', 'trace', '-o', '/dev/null'] });
  return list;
}

class Watched {
  constructor(tsdig, args) {
    this.child = spawn(process.execPath, [tsdig, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.stderr = '';
    this.child.stderr.setEncoding('utf8').on('data', (text) => (this.stderr += text));
    this.ended = new Promise((done) => this.child.on('close', done));
  }

  get resident() {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) * 1024;
  }

  /** Processor seconds of all its threads, also of those that are gone. */
  get processorSeconds() {
    const stat = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8');
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .map(Number);
    return (user + system) / TICKS;
  }

  async stop() {
    this.child.kill('SIGINT');
    await this.ended;
  }
}

/** Empty programs, attached. */
class Empty {
  constructor(programs) {
    const words = [join(scratch, 'empty.bpf.o'), ...programs];
    this.child = spawn(join(scratch, 'attach'), words, { stdio: ['pipe', 'pipe', 'ignore'] });
    this.ready = new Promise((done, fail) => {
      this.child.stdout.once('data', done);
      this.child.on('close', () => fail(new Error('the empty programs do not attach')));
    });
    this.ready.catch(() => {});
  }

  async stop() {
    const ended = new Promise((done) => this.child.on('close', done));
    this.child.stdin.end();
    await ended;
  }
}

function buildEmpty(compiler) {
  const sources = join(here, 'workloads');
  const words = ['-O2', '-g', '-target', 'bpf', '-c', join(sources, 'empty.bpf.c'), '-o'];
  execFileSync('clang', [...words, join(scratch, 'empty.bpf.o')]);
  execFileSync(compiler, ['-O2', '-o', join(scratch, 'attach'), join(sources, 'attach.c'), '-lbpf']);
}

/** Programs of somebody else on raw tracepoints: each costs every process, and makes all ratios too good. */
function othersWatch() {
  const RAW_TRACEPOINT = /^attach_type:\t23$/m;
  let links = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      for (const fd of readdirSync(`/proc/${pid}/fd`)) {
        if (!readlinkSync(`/proc/${pid}/fd/${fd}`).includes('bpf_link')) continue;
        if (RAW_TRACEPOINT.test(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'))) links++;
      }
    } catch {
      // It is gone.
    }
  }
  return links;
}

/** Waits for other captures to end. False: they go on. */
async function alone(say) {
  for (let second = 0; second < WAIT_SECONDS; second++) {
    if (othersWatch() === 0) return true;
    if (second === 0) say('waiting for other captures on this machine to end');
    await sleep(1000);
  }
  return false;
}

/** Lines per second that reach /dev/null while two loops make more than can be printed, and what share was lost. */
async function printing(tsdig) {
  const under = new Watched(tsdig, ['-v']);
  await sleep(READY_MS);
  const loop = join(scratch, 'getppid');
  await Promise.all([output(loop, ['3']), output(loop, ['3'])]);
  await under.stop();
  const [, captured, perSecond] = /Captured Events: (\d+), ([\d.]+) eps/.exec(under.stderr);
  const lost = Number(/Driver Drops:(\d+)/.exec(under.stderr)[1]);
  return { perSecond: Number(perSecond), lost: lost / (lost + Number(captured)) };
}

/** Events of these threads in a capture. */
async function countEvents(dist, path, pids) {
  const { openFile } = await import(pathToFileURL(join(dist, 'capture/file.js')).href);
  const counts = new Map([...pids].map((pid) => [pid, 0]));
  const source = openFile(path);
  try {
    for (let item = await source.next(); item !== null; item = await source.next()) {
      if (item.kind !== 'events') continue;
      for (let at = item.start; at < item.end; at += item.dv.getUint32(at + 4, true)) {
        const tid = item.dv.getUint32(at + 18, true);
        if (counts.has(tid)) counts.set(tid, counts.get(tid) + 1);
      }
    }
  } finally {
    source.close();
  }
  return counts;
}

/** Seconds from the command to its first line, on a machine where something always happens. */
async function startUp(tsdig, runs) {
  const times = [];
  const busy = spawn('dd', ['if=/dev/zero', 'of=/dev/null', 'bs=1'], { stdio: 'ignore' });
  try {
    for (let run = 0; run < runs; run++) {
      const start = performance.now();
      const child = spawn(process.execPath, [tsdig], { stdio: ['ignore', 'pipe', 'ignore'] });
      await new Promise((done) => child.stdout.once('data', done));
      times.push((performance.now() - start) / 1000);
      child.stdout.destroy();
      child.kill('SIGINT');
      await new Promise((done) => child.on('close', done));
    }
  } finally {
    busy.kill();
  }
  return times;
}

/** Runs the workloads whose key begins with one of `only` (all if empty) under every watcher in turn, `runs` times. */
export async function bench({ tsdig, only, runs, say }) {
  if (process.platform !== 'linux' || process.getuid() !== 0) {
    say('the live benchmark needs Linux and root: left out');
    return [];
  }
  const dist = join(tsdig, '../..');
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  const compiler = ['cc', 'clang', 'gcc'].find(hasCommand);
  execFileSync(compiler, ['-O2', '-o', join(scratch, 'getppid'), join(here, 'workloads/getppid.c')]);
  buildEmpty(compiler);
  const redis = hasCommand('redis-server')
    ? spawn('redis-server', ['--port', PORT, '--save', '', '--bind', '127.0.0.1'], { stdio: 'ignore' })
    : undefined;
  const chosen = workloads().filter(
    ({ key }) => only.length === 0 || only.some((prefix) => key.startsWith(prefix)),
  );
  const cells = new Map();
  const cell = (workload, watcher) => {
    const key = `${workload.key} ${watcher.key}`;
    if (!cells.has(key))
      cells.set(key, {
        ...{ workload, watcher, rates: [], cpuRates: [], shares: [] },
        ...{ events: 0, lost: 0, resident: 0 },
      });
    return cells.get(key);
  };
  let start = [];
  let disturbed = false;
  let printed;
  try {
    for (let run = 0; run < runs; run++) {
      for (const watcher of watchers()) {
        disturbed ||= !(await alone(say));
        const empty = watcher.empty === undefined ? undefined : new Empty(watcher.empty);
        await empty?.ready;
        const under = watcher.args === undefined ? undefined : new Watched(tsdig, watcher.args);
        if (under !== undefined) await sleep(READY_MS);
        if (under !== undefined && under.child.exitCode !== null)
          throw new Error(`tsdig ended at once: ${under.stderr}`);
        const expected = new Map();
        for (const workload of chosen) {
          if (watcher.wrap !== undefined && workload.wraps === false) continue;
          const began = performance.now();
          const before = under?.processorSeconds ?? 0;
          const result = await workload.run(watcher.wrap ?? []);
          const into = cell(workload, watcher);
          if (under !== undefined)
            into.shares.push(((under.processorSeconds - before) * 1000) / (performance.now() - began));
          into.rates.push(result.rate);
          if (result.cpuRate !== undefined) into.cpuRates.push(result.cpuRate);
          if (under !== undefined) into.resident = Math.max(into.resident, under.resident);
          if (watcher.records && result.calls !== undefined) expected.set(workload, result.calls);
        }
        await empty?.stop();
        if (under === undefined) continue;
        await under.stop();
        if (!watcher.records) continue;
        const file = watcher.args[1];
        const counts = await countEvents(
          dist,
          file,
          [...expected.values()].flatMap((calls) => [...calls.keys()]),
        );
        for (const [workload, calls] of expected) {
          const into = cell(workload, watcher);
          for (const [pid, made] of calls) {
            into.events += 2 * made;
            into.lost += Math.max(0, 2 * made - counts.get(pid));
          }
        }
        say(`round ${run + 1}: ${(statSync(file).size / 1e6).toFixed(0)} MB recorded`);
        rmSync(file);
      }
    }
    if (only.length === 0) {
      start = await startUp(tsdig, runs);
      printed = await printing(tsdig);
    }
  } finally {
    redis?.kill();
    rmSync(scratch, { recursive: true, force: true });
  }
  const rows = [...cells.values()].map(({ workload, watcher, rates, cpuRates, shares, ...rest }) => {
    const bare = cells.get(`${workload.key} bare`);
    const cpu = cpuRates.length > 0 ? { cpuSlowdown: median(bare.cpuRates) / median(cpuRates) } : {};
    const own = shares.length > 0 ? { share: median(shares) } : {};
    return {
      ...own,
      ...{ workload: workload.key, name: workload.name, watcher: watcher.name, rate: median(rates) },
      ...{
        min: Math.min(...rates),
        max: Math.max(...rates),
        slowdown: median(bare.rates) / median(rates),
        ...cpu,
        ...rest,
      },
    };
  });
  rows.sort(
    (a, b) => chosen.findIndex((w) => w.key === a.workload) - chosen.findIndex((w) => w.key === b.workload),
  );
  if (start.length > 0)
    rows.push({
      workload: 'start',
      name: 'command to first event',
      seconds: median(start),
      min: Math.min(...start),
      max: Math.max(...start),
    });
  if (printed !== undefined) rows.push({ workload: 'print', name: 'printing all of two loops', ...printed });
  if (disturbed) rows.push({ workload: 'disturbed' });
  return rows;
}

/** Slow-down of each workload under each watcher, events lost, processor time and memory of the watcher. */
export function table(rows) {
  const lines = [['workload', 'under', 'per second', 'slow-down', 'in cpu time', 'lost', 'own cpu', 'MB']];
  for (const row of rows) {
    if (row.rate === undefined) continue;
    lines.push([
      row.name,
      row.watcher,
      row.rate.toFixed(0),
      `${row.slowdown.toFixed(2)}x`,
      // A tracer that stops the process makes it wait instead of work.
      row.cpuSlowdown !== undefined ? `${row.cpuSlowdown.toFixed(2)}x` : '-',
      row.events > 0 ? `${((100 * row.lost) / row.events).toFixed(2)} %` : '-',
      // Of one processor, while the workload ran: what watching takes beside it.
      row.share !== undefined ? `${(100 * row.share).toFixed(0)} %` : '-',
      row.resident > 0 ? (row.resident / 1e6).toFixed(0) : '-',
    ]);
  }
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const text = lines.map((line) =>
    line
      .map((word, column) => word.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
  for (const row of rows) {
    if (row.seconds !== undefined)
      text.push(`${row.name}: ${row.seconds.toFixed(2)} s (${row.min.toFixed(2)}-${row.max.toFixed(2)})`);
    if (row.perSecond !== undefined)
      text.push(`${row.name}: ${row.perSecond.toFixed(0)} lines/s, ${(100 * row.lost).toFixed(1)} % lost`);
    if (row.workload === 'disturbed')
      text.push('other captures ran on the machine meanwhile: what they cost is in every figure, bare too');
  }
  return text.join('\n');
}
