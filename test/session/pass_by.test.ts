import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFile } from '../../src/capture/file.js';
import { containerHooks } from '../../src/container/hooks.js';
import { compileFilter } from '../../src/filter/compile.js';
import type { CaptureHead } from '../../src/scap/head.js';
import type { SessionSummary } from '../../src/session/session.js';
import { filteredRun } from './filtered_run.js';

const CAPTURE = join(import.meta.dirname, '../../examples/web.scap.gz');
const FIXTURES = join(import.meta.dirname, '../fixtures');
const LINE = '*%evt.num %evt.latency %evt.type %proc.name %fd.num %fd.name %evt.args';

/** The lines that pass, and how many events the machine took in the whole way. */
async function run(
  text: string,
  everyEvent: boolean,
  capture = CAPTURE,
): Promise<{ lines: string[]; whole: number; state: CaptureHead; summary: SessionSummary }> {
  const { machine, ...told } = await filteredRun(openFile(capture), text, LINE, everyEvent, (m) =>
    containerHooks(m.containers),
  );
  return { ...told, state: machine.snapshot() };
}

describe('events of threads and fds that are ruled out', () => {
  it.each([
    'proc.name=nginx',
    'container.name=web and evt.type!=close',
    'proc.pname=sh',
    'user.name=nosuch',
    'fd.name contains /etc',
    'not fd.name contains /',
    'fd.type=ipv4',
    'fd.typechar=f and evt.is_io=true',
    'proc.name=cat or fd.name startswith /proc',
    'fd.name exists',
    'evt.type=openat and proc.name=cat',
    'evt.type in (open, openat, close) and fd.name contains /etc/nosuch',
    'fd.typechar=4',
    "fd.name=''",
    'fd.sip exists',
  ])('%s: the same lines, with fewer events taken in', async (text) => {
    const [short, long] = await Promise.all([run(text, false), run(text, true)]);
    expect(short.lines).toEqual(long.lines);
    expect(short.state).toEqual(long.state);
    expect(short.summary).toEqual({ ...long.summary, lastTs: short.summary.lastTs });
    expect(short.whole).toBeLessThan(long.whole);
  });

  it('a filter with other fields is asked of every event', async () => {
    const [short, long] = await Promise.all([
      run('proc.name=cat or evt.buflen>5', false),
      run('proc.name=cat or evt.buflen>5', true),
    ]);
    expect(short).toEqual(long);
    expect(short.lines.length).toBeGreaterThan(0);
  });

  it('every eighth filter of the conformance list that looks at threads and fds', async () => {
    const capture = join(FIXTURES, 'containers.scap.gz');
    const list = JSON.parse(readFileSync(join(FIXTURES, 'filters/containers-extract.json'), 'utf8')) as {
      filter: string;
      refused?: boolean;
    }[];
    const ruled = list.filter((entry) => !entry.refused && compileFilter(entry.filter).ruling !== null);
    expect(ruled.length).toBeGreaterThan(50);
    for (const { filter } of ruled.filter((_, i) => i % 8 === 0)) {
      const [short, long] = await Promise.all([run(filter, false, capture), run(filter, true, capture)]);
      expect(short.lines, filter).toEqual(long.lines);
      expect(short.state, filter).toEqual(long.state);
    }
  }, 300_000);
});
