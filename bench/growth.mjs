// How the cost of an event grows with the number of threads, fds, filter terms and containers.
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compare, hasCommand, median } from './measure.mjs';
import { file, loadWriter, processEntry, Recorder } from './recorder.mjs';

const EVENTS = 1_000_000;
const ROUNDS = 5;

const text = (length) => 'x'.repeat(length);
const idOf = (n) => n.toString(16).padStart(64, 'c');

/** A read and a write of every process in turn, so that all of the tables are used. */
async function traffic(writer, path, events, processes, fdsOf, before = []) {
  const { PPME } = writer;
  const out = new Recorder(writer, path, processes);
  for (const [type, params] of before) out.raw(writer.encodeEvent(type, { ts: out.now, tid: -1 }, params));
  const enter = out.kind(PPME.SYSCALL_READ_E, [3, 4096], 0);
  const exit = out.kind(PPME.SYSCALL_READ_X, [80, text(80)]);
  const tids = processes.map((entry) => entry.tid);
  // A step that has no factor in common with round numbers: goes through all of them.
  for (let i = 0; out.events < events; i++) {
    const tid = tids[(i * 7919) % tids.length];
    out.put(enter, tid, 3 + ((i * 7919) % fdsOf));
    await out.put(exit, tid);
  }
  await out.close();
}

const fdsNamed = (count) =>
  Array.from({ length: count }, (_, i) => file(3 + i, `/var/log/service/file-${i}.log`));

/** The curves: at each size a capture and a filter. */
const CURVES = [
  {
    key: 'threads',
    sizes: [10, 100, 1000, 10_000, 100_000],
    filter: () => 'proc.name=nosuch or fd.name contains nosuch',
    make: (writer, path, events, size) =>
      traffic(
        writer,
        path,
        events,
        Array.from({ length: size }, (_, i) => processEntry(100 + i, { fds: fdsNamed(4) })),
        4,
      ),
  },
  {
    key: 'fds',
    sizes: [10, 100, 1000, 10_000, 100_000],
    filter: () => 'fd.name contains nosuch',
    make: (writer, path, events, size) =>
      traffic(writer, path, events, [processEntry(100, { fds: fdsNamed(size) })], size),
  },
  {
    key: 'terms',
    sizes: [1, 5, 20, 50, 200],
    filter: (size) => Array.from({ length: size }, (_, i) => `proc.name=nosuch${i}`).join(' or '),
    make: (writer, path, events) =>
      traffic(writer, path, events, [processEntry(100, { fds: fdsNamed(4) })], 4),
  },
  {
    key: 'texts',
    sizes: [1, 5, 20, 50, 200],
    filter: (size) => Array.from({ length: size }, (_, i) => `fd.name contains nosuch${i}`).join(' or '),
    make: (writer, path, events) =>
      traffic(writer, path, events, [processEntry(100, { fds: fdsNamed(4) })], 4),
  },
  {
    key: 'containers',
    sizes: [1, 10, 100, 1000, 5000],
    filter: () => 'container.name=nosuch or container.image contains nosuch',
    make: (writer, path, events, size) => {
      const processes = Array.from({ length: size * 2 }, (_, i) =>
        processEntry(100 + i, { cgroups: [`cpu=/docker/${idOf(i % size)}`], fds: fdsNamed(4) }),
      );
      const told = Array.from({ length: size }, (_, i) => {
        const id = idOf(i);
        const container = {
          id: id.slice(0, 12),
          full_id: id,
          name: `service-${i}`,
          image: `registry/service:${i}`,
          type: 0,
        };
        return [writer.PPME.CONTAINER_JSON_2_E, [JSON.stringify({ container })]];
      });
      return traffic(writer, path, events, processes, 4, told);
    },
  },
];

/** Events per second of processor time, read, brought into the state and filtered: the median of some rounds. */
async function measure(modules, path, filterText) {
  const { openFile, Machine, containerHooks, compileFilter, Session, planRun, applyPlan, needsOfFields } =
    modules;
  const rates = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const machine = new Machine();
    Object.assign(machine.hooks, containerHooks(machine.containers));
    const filter = compileFilter(filterText);
    const plan = planRun(filter, [{ eventTypes: null, needs: needsOfFields([]) }]);
    let begun;
    const sink = {
      onHead: () => {
        begun = process.cpuUsage();
      },
      onEvent() {},
    };
    const wantedTypes = applyPlan(plan, machine);
    const session = new Session({ source: openFile(path), machine, sinks: [sink], filter, wantedTypes });
    const { events } = await session.run();
    const { user, system } = process.cpuUsage(begun);
    // The first round is for the compiler.
    if (round > 0) rates.push((events / (user + system)) * 1e6);
  }
  return { rate: median(rates), min: Math.min(...rates), max: Math.max(...rates) };
}

/** The same of sysdig: what its run on the events costs beyond one on the same processes and containers without them. */
async function measurePeer(path, headPath, filterText) {
  const run = (file) => ({ name: file, command: 'sysdig', args: ['-r', file, filterText] });
  const [whole, head] = await compare([run(path), run(headPath)], ROUNDS);
  return whole.failed || head.failed ? undefined : EVENTS / (whole.cpu - head.cpu);
}

/** Runs the curves whose key begins with one of `only` (all if empty). */
export async function bench({ tsdig, only, say }) {
  const dist = join(tsdig, '../..');
  const load = (path) => import(pathToFileURL(join(dist, path)).href);
  const modules = Object.assign(
    {},
    ...(await Promise.all(
      [
        'capture/file.js',
        'machine/machine.js',
        'container/hooks.js',
        'filter/compile.js',
        'session/session.js',
        'session/run_plan.js',
      ].map(load),
    )),
  );
  const writer = await loadWriter(tsdig);
  const scratch = join(tmpdir(), 'tsdig-bench-growth');
  mkdirSync(scratch, { recursive: true });
  const rows = [];
  const withPeer = hasCommand('sysdig');
  try {
    for (const curve of CURVES) {
      if (only.length > 0 && !only.some((prefix) => curve.key.startsWith(prefix))) continue;
      for (const size of curve.sizes) {
        const path = join(scratch, 'growth.scap');
        await curve.make(writer, path, EVENTS, size);
        const result = await measure(modules, path, curve.filter(size));
        let peer;
        if (withPeer) {
          const headPath = join(scratch, 'head.scap');
          await curve.make(writer, headPath, 2, size);
          peer = await measurePeer(path, headPath, curve.filter(size));
        }
        rows.push({ curve: curve.key, size, bytes: statSync(path).size, ...result, peer });
        say(`${curve.key} ${size}: ${(result.rate / 1e6).toFixed(2)} million events/s`);
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return rows;
}

/** A line per curve, and one of sysdig's below it: million events a second at each size. */
export function table(rows) {
  const lines = [];
  const line = (name, points, rateOf) => {
    const cells = points.map((row) => `${row.size}: ${(rateOf(row) / 1e6).toFixed(2)}`.padEnd(14));
    const fall = rateOf(points.at(-1)) / rateOf(points[0]);
    lines.push(`${name.padEnd(11)} ${cells.join('')} last/first ${fall.toFixed(2)}`);
  };
  for (const key of new Set(rows.map((row) => row.curve))) {
    const points = rows.filter((row) => row.curve === key);
    line(key, points, (row) => row.rate);
    if (points.every((row) => row.peer !== undefined)) line('  sysdig', points, (row) => row.peer);
  }
  return `million events per second of processor time\n${lines.join('\n')}`;
}
