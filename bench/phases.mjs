// Where the time of a read goes: nanoseconds per event for each step, in one process, after a round for the compiler.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { median, runOnce } from './measure.mjs';
import { recordings } from './recordings.mjs';

const FILTERS = [
  'evt.type=openat and proc.name=cat',
  'container.name=nosuch',
  'fd.name contains /etc/nosuch',
];
const STEPS = ['read and check', 'skip by header', 'event header', 'state', 'filter'];
const ROUNDS = 5;

/** Where the first event block of a recording begins. */
function firstEvent(path) {
  const fd = openSync(path);
  const header = Buffer.alloc(8);
  let at = 0;
  for (;;) {
    if (readSync(fd, header, 0, 8, at) < 8) break;
    if ([0x216, 0x217, 0x221, 0x222].includes(header.readUInt32LE(0))) break;
    at += header.readUInt32LE(4);
  }
  closeSync(fd);
  return at;
}

/** Processor time of this thread, ns: the compiler and the collector work on others. */
const threadTime =
  process.platform === 'linux'
    ? () => Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0])
    : () => process.cpuUsage().user * 1000;

/** The loop of a session with only the first `steps` of its steps. Returns the events that were not skipped. */
function loop(steps, { source, machine, view, filter, wanted, verdictOn, secondOf }) {
  let looked = 0;
  let based = false;
  for (let item = source.next(); item !== null; item = source.next()) {
    if (item.kind === 'head') {
      machine.load(item.head);
      continue;
    }
    if (steps === 1) continue;
    const { dv, end } = item;
    view.attach(item.bytes, dv);
    let at = item.start;
    if (!based && at < end) {
      based = true;
      view.setBase(secondOf(dv, at));
    }
    while (at < end) {
      const here = at;
      at += dv.getUint32(at + 4, true);
      if (wanted !== undefined && dv.getUint32(here, true) === 0x216 && verdictOn(wanted, dv, here) === 0)
        continue;
      looked++;
      if (steps === 2) continue;
      view.at(here);
      if (steps === 3) continue;
      machine.process(view);
      if (steps === 4) continue;
      filter.matches(view, machine);
    }
  }
  return looked;
}

const PIECE = 512 * 1024;
/** So much of a recording shows what the first events cost. */
const FIRST = 8 * 1024 * 1024;

/** What the compiled scan takes to check, list and sort the events, without reading them: ms for the first ones and for all. */
function scanTimes({ EventScan, ScanMemory, setWanted }, path, from, triage) {
  const memory = new ScanMemory(1, PIECE);
  const [slot] = memory.slots;
  const fd = openSync(path);
  let first = 0;
  let all = 0;
  let began = performance.now();
  setWanted(memory, triage);
  const scan = new EventScan(memory);
  for (let at = from, got = 1; ; ) {
    all += performance.now() - began;
    if (at - from < FIRST) first = all;
    got = readSync(fd, slot.bytes, 0, PIECE, at);
    if (got === 0) break;
    began = performance.now();
    const end = scan.scan(slot, 0, got, true);
    if (end === 0) break;
    at += end;
  }
  closeSync(fd);
  return { first, all };
}

export async function bench({ tsdig, only, runs, say }) {
  const dist = join(tsdig, '../..');
  const load = (path) => import(pathToFileURL(join(dist, path)).href);
  const [
    { openFile },
    { Machine },
    { EventView },
    { compileFilter },
    { containerHooks },
    plans,
    { verdictOn },
    { Session },
    { triageOf },
    scanning,
    memories,
    effects,
  ] = await Promise.all(
    [
      ...[
        'capture/file.js',
        'machine/machine.js',
        'event/view.js',
        'filter/compile.js',
        'container/hooks.js',
      ],
      ...['session/run_plan.js', 'event/wanted.js', 'session/session.js', 'session/triage.js'],
      ...['event/event_scan.js', 'event/scan_memory.js', 'event/effects.js'],
    ].map(load),
  );
  const [recording] = await recordings(tsdig, say, only);
  const rows = [];
  for (const text of FILTERS) {
    const times = STEPS.map(() => []);
    let looked = 0;
    for (let round = 0; round <= ROUNDS; round++) {
      STEPS.forEach((_, i) => {
        const machine = new Machine();
        Object.assign(machine.hooks, containerHooks(machine.containers));
        const filter = compileFilter(text);
        const plan = plans.planRun(filter, [{ eventTypes: null, needs: plans.ALL_NEEDS }]);
        const wanted = plans.applyPlan(plan, machine);
        const source = openFile(recording.plain);
        const view = new EventView();
        const before = threadTime();
        looked = loop(i + 1, {
          source,
          machine,
          view,
          filter,
          wanted,
          verdictOn,
          secondOf: EventView.secondOf,
        });
        if (round > 0) times[i].push(threadTime() - before);
        source.close();
      });
    }
    const scans = [];
    const session = [];
    for (let round = 0; round < ROUNDS; round++) {
      const machine = new Machine();
      Object.assign(machine.hooks, containerHooks(machine.containers));
      const filter = compileFilter(text);
      const wantedTypes = plans.applyPlan(
        plans.planRun(filter, [{ eventTypes: null, needs: plans.ALL_NEEDS }]),
        machine,
      );
      const source = openFile(recording.plain);
      const options = { source, machine, sinks: [{ onEvent() {} }], filter, wantedTypes };
      if (filter.ruling.scope === 'thread') {
        const triage = triageOf(options, machine.passing);
        const modules = { ...scanning, ...memories, ...effects };
        scans.push(scanTimes(modules, recording.plain, firstEvent(recording.plain), triage));
      }
      const run = new Session(options);
      const before = threadTime();
      await run.run();
      session.push(threadTime() - before);
    }
    const upTo = times.map((list) => median(list));
    rows.push({
      ...{ recording: recording.name, filter: text, events: recording.events, looked },
      session: Math.round(median(session) / 1e6),
      ...(scans.length > 0 && {
        scan: Math.round(median(scans.map(({ all }) => all))),
        // Later rounds find it compiled.
        scanFirst: Math.round(scans[0].first),
      }),
      milliseconds: upTo.map((time, i) => Math.round((time - (upTo[i - 1] ?? 0)) / 1e6)),
    });
    say(`${text}: ${(upTo.at(-1) / 1e6).toFixed(0)} ms`);
  }
  const start = { bare: [], tsdig: [] };
  for (let run = 0; run < runs; run++) {
    start.bare.push((await runOnce(process.execPath, ['-e', '0'])).seconds);
    start.tsdig.push((await runOnce(process.execPath, [tsdig, '--version'])).seconds);
  }
  rows.push({ node: median(start.bare), tsdig: median(start.tsdig) });
  return rows;
}

export function table(rows) {
  const lines = [];
  for (const { recording, filter, events, looked, milliseconds, session, scan, scanFirst } of rows.filter(
    (row) => row.filter !== undefined,
  )) {
    lines.push(`${filter} (${recording}, ${events} events, ${looked} looked at)`);
    milliseconds.forEach((time, i) => {
      const each = (time * 1e6) / (i < 2 ? events : looked);
      lines.push(
        `  ${STEPS[i].padEnd(16)} ${String(time).padStart(4)} ms  ${each.toFixed(0).padStart(3)} ns each`,
      );
    });
    if (scan !== undefined) {
      const each = `${((scan * 1e6) / events).toFixed(0).padStart(3)} ns each`;
      lines.push(
        `  ${'compiled scan'.padEnd(16)} ${String(scan).padStart(4)} ms  ${each}, the first 8 MB ${scanFirst} ms`,
      );
    }
    lines.push(`  ${'session'.padEnd(16)} ${String(session).padStart(4)} ms`);
  }
  const start = rows.at(-1);
  lines.push(
    `node alone starts in ${(start.node * 1000).toFixed(0)} ms, tsdig --version in ${(start.tsdig * 1000).toFixed(0)} ms`,
  );
  return lines.join('\n');
}
