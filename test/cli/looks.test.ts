import { describe, expect, it } from 'vitest';
import { LiveError } from '../../src/capture/live_error.js';
import { coloredLines, wantsColor } from '../../src/cli/color.js';
import { demoInstead } from '../../src/cli/demo.js';
import { parseOptions } from '../../src/cli/options.js';
import { progressLine, progressSink, shortCount } from '../../src/cli/progress.js';
import type { Machine } from '../../src/machine/machine.js';
import { EXAMPLE, tsdig } from './command_line.js';

const ANSI = /\x1b\[[0-9;]*m/g;

describe('colours', () => {
  const args = ['-r', EXAMPLE, '-pc', 'evt.type=open and proc.name=httpd'];

  it('change nothing but colours', () => {
    const plain = tsdig(args).stdout;
    const colored = tsdig(['--color=always', ...args]).stdout;
    expect(plain).not.toMatch(ANSI);
    expect(colored.replace(ANSI, '')).toBe(plain);
  });

  it('say what failed, what is a process and what a container', () => {
    const { stdout } = tsdig([
      '--color=always',
      '-r',
      EXAMPLE,
      '-pc',
      'evt.failed=true and evt.type=openat and evt.dir=<',
    ]);
    for (const line of stdout.trimEnd().split('\n')) {
      expect(line).toContain('\x1b[31mopenat\x1b[0m');
      expect(line).toMatch(/\x1b\[35m(web|db)\x1b\[0m/);
      expect(line).toMatch(/\x1b\[36m\S+\x1b\[0m/);
    }
    expect(stdout).toContain('\x1b[31mfd=-2(ENOENT)');
  });

  it('need a terminal, and are off under NO_COLOR', () => {
    const auto = parseOptions([]).options;
    expect(wantsColor(auto, true, {})).toBe(true);
    expect(wantsColor(auto, false, {})).toBe(false);
    expect(wantsColor(auto, true, { NO_COLOR: '1' })).toBe(false);
    expect(wantsColor(auto, true, { TERM: 'dumb' })).toBe(false);
    expect(wantsColor(parseOptions(['--color', 'never']).options, true, {})).toBe(false);
    expect(wantsColor(parseOptions(['--color', 'always', '-j']).options, true, {})).toBe(false);
  });

  it('refuse a wrong template as plain lines do', () => {
    expect(() => coloredLines('%proc.nam', {}, false)).toThrow(/proc\.name/);
  });
});

describe('progress', () => {
  it('tells percent, events, events per second and time left', () => {
    expect(progressLine(25, 100, 2_000_000, 2000)).toBe(' 25 %  2.0M events  1.0M/s  0:06 left');
    expect(progressLine(0, 0, 500, 1000)).toBe('500 events  500/s');
    expect(shortCount(999_999)).toBe('1000.0k');
  });

  it('appears after a while, is redrawn at a pace and goes away', () => {
    let time = 0;
    const written: string[] = [];
    const sink = progressSink(
      () => ({ done: time, total: 2000 }),
      () => time * 10,
      { write: (text) => written.push(text), now: () => time, width: 20 },
    );
    const machine = {} as Machine;
    for (; time < 1000; time += 50) sink.onPause?.(machine, undefined);
    expect(written).toHaveLength(2);
    expect(written[0]).toMatch(/^\r\x1b\[K {1,2}35 %/);
    for (const line of written) expect(line.length).toBeLessThanOrEqual(4 + 19);
    sink.onEnd?.(machine);
    expect(written.at(-1)).toBe('\r\x1b[K');
  });
});

describe('a first try where live capture cannot work', () => {
  const { options } = parseOptions(['-pc']);
  const failure = new LiveError('needs CAP_BPF: run with sudo');
  const withDemo = (value: string | undefined, run: () => void): void => {
    const before = process.env['TSDIG_DEMO'];
    if (value === undefined) delete process.env['TSDIG_DEMO'];
    else process.env['TSDIG_DEMO'] = value;
    try {
      run();
    } finally {
      if (before === undefined) delete process.env['TSDIG_DEMO'];
      else process.env['TSDIG_DEMO'] = before;
    }
  };

  it('shows the bundled recording, once it is asked for', () => {
    withDemo('1', () => {
      expect(demoInstead(failure, options, null)?.read).toEqual([EXAMPLE]);
      expect(demoInstead(new Error('other'), options, null)).toBeNull();
      expect(demoInstead(failure, { ...options, write: 'x' }, null)).toBeNull();
      expect(demoInstead(failure, options, ['ls'])).toBeNull();
    });
    withDemo(undefined, () => expect(demoInstead(failure, options, null)).toBeNull());
  });

  it('says why in one line and shows the chisel', () => {
    const { stdout, stderr, status } = tsdig(
      ['--engine', 'ebpf', '-pc', '-c', 'topprocs_cpu', 'container.name=web'],
      {
        TSDIG_DEMO: '1',
        // A helper that cannot be loaded.
        TSDIG_NATIVE_DIR: new URL('helper_that_fails', import.meta.url).pathname,
      },
    );
    expect(stderr.trimEnd().split('\n')).toHaveLength(2);
    expect(stderr).toMatch(/cannot be loaded[\s\S]*showing the bundled recording/);
    expect(stdout).toMatch(/% +sh .*web/);
    expect(status).toBe(0);
  });
});
