import { describe, expect, it } from 'vitest';
import type { Source, SourceCounters } from '../../src/capture/source.js';
import { Machine } from '../../src/machine/machine.js';
import { RunReport } from '../../src/session/run_report.js';
import { Session } from '../../src/session/session.js';

function source(counters?: SourceCounters): Source {
  return {
    kind: counters ? 'live' : 'file',
    name: '',
    skipped: 0,
    next: () => null,
    progress: () => ({ done: 0, total: 0 }),
    stop() {},
    close() {},
    ...(counters ? { counters: () => counters } : {}),
  };
}

/** What a report says at the end. */
function atEnd(verbose: boolean, counters?: SourceCounters): string {
  const lines: string[] = [];
  const from = source(counters);
  const session = new Session({ source: from, machine: new Machine(), sinks: [] });
  session.summary.events = 40;
  session.summary.passed = 20;
  session.summary.suppressed = 3;
  const report = new RunReport(
    { verbose, stats: false, write: (line) => void lines.push(line) },
    from,
    session,
  );
  report.end();
  return lines.join('');
}

const GOOD: SourceCounters = { events: 1000, dropsKernel: 0, dropsRing: 0, dropsOversize: 0, unreadable: 0 };

describe('RunReport', () => {
  it('says nothing when nothing was lost and nothing was asked', () => {
    expect(atEnd(false, GOOD)).toBe('');
    expect(atEnd(false)).toBe('');
  });

  it('names causes, share and remedy of losses in one line', () => {
    expect(atEnd(false, { ...GOOD, dropsKernel: 1000 })).toBe(
      'tsdig: 1000 events lost: kernel buffer full; 50.0 % of all; a larger --buffer-size (such as 32M) or a narrower filter loses fewer\n',
    );
    expect(atEnd(false, { ...GOOD, dropsKernel: 1, dropsRing: 2 })).toMatch(
      /^tsdig: 3 events lost: tsdig too slow \(2\), kernel buffer full \(1\); 0\.3 % of all; .*-w FILE.*\n$/,
    );
    expect(atEnd(false, { ...GOOD, events: 1e6, dropsOversize: 1 })).toMatch(
      /^tsdig: 1 event lost: too large; less than 0\.1 % of all; .*-s.*\n$/,
    );
  });

  it("tells with -v in sysdig's words", () => {
    const perCpu = [
      { cpu: 0, dropsKernel: 0, dropsOversize: 0 },
      { cpu: 1, dropsKernel: 7, dropsOversize: 0 },
    ];
    const lines = atEnd(true, { ...GOOD, dropsKernel: 7, unreadable: 2, perCpu }).split('\n');
    expect(lines.slice(0, 6)).toEqual([
      'Driver Events:1000',
      'Driver Drops:7',
      'Drops by cause: tsdig too slow 0, kernel buffer full 7, too large 0',
      'Drops of CPU 1: kernel buffer full 7, too large 0',
      'Unreadable Parameters:2',
      'Suppressed by Comm:3',
    ]);
    expect(lines[6]).toMatch(/^Elapsed time: \d+\.\d{3}, Captured Events: 20, \d+\.\d\d eps$/);
    expect(atEnd(true).split('\n').slice(0, 3)).toEqual([
      'Driver Events:0',
      'Driver Drops:0',
      'Suppressed by Comm:3',
    ]);
  });

  it('counts per second', async () => {
    let counters = GOOD;
    const from = { ...source(GOOD), counters: () => counters };
    const session = new Session({ source: from, machine: new Machine(), sinks: [] });
    const report = new RunReport({ verbose: false, stats: false, write() {} }, from, session);
    session.summary.events = 5000;
    await new Promise((done) => setTimeout(done, 20));
    expect(
      Number(/^tsdig: (\d+) events\/s, lost 0, memory \d+ MB$/.exec(report.statsLine())?.[1]),
    ).toBeGreaterThan(1000);
    counters = { ...GOOD, dropsRing: 4 };
    expect(report.statsLine()).toMatch(
      /^tsdig: 0 events\/s, lost 4 \(tsdig too slow 4, kernel buffer full 0, too large 0\), /,
    );
    expect(report.statsLine()).toMatch(/ lost 0,/);
  });
});
