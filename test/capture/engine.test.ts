import { describe, expect, it } from 'vitest';
import { candidates, type Engine, type EngineOpener, openEngine } from '../../src/capture/engine.js';
import type { LiveSource } from '../../src/capture/live.js';
import { LiveError, NativeMissingError } from '../../src/capture/live_error.js';
import type { NativeCommand } from '../../src/capture/native.js';

/** A stand-in for a source that starts, or fails to; `closed` gets the engine's name when it is closed. */
function source(engine: Engine, failure?: string, closed: Engine[] = []): LiveSource {
  const fake: Pick<LiveSource, 'engine' | 'start' | 'close'> = {
    engine,
    start() {
      if (failure !== undefined) throw new LiveError(failure);
    },
    close() {
      closed.push(engine);
    },
  };
  return fake as LiveSource;
}

const COMMAND = {} as NativeCommand;

/** An opener of which only some engines work. */
function opener(working: readonly Engine[], tried: Engine[] = []): EngineOpener {
  return async (engine) => {
    tried.push(engine);
    if (!working.includes(engine)) throw new LiveError(`no ${engine} here`);
    return source(engine);
  };
}

describe('choice of the engine', () => {
  it('tries the best first, ptrace only with a command', () => {
    expect(candidates('auto', false)).toEqual(['ebpf', 'perf']);
    expect(candidates('auto', true)).toEqual(['ebpf', 'ptrace', 'perf']);
    expect(candidates('perf', true)).toEqual(['perf']);
  });

  it('takes the first that opens and says so, with the reasons against the better ones', async () => {
    const lines: string[] = [];
    const tried: Engine[] = [];
    const chosen = (line: string) => void lines.push(line);
    const first = await openEngine({}, { command: null, chosen }, opener(['ebpf', 'perf'], tried));
    expect(first.engine).toBe('ebpf');
    expect(tried).toEqual(['ebpf']);
    const second = await openEngine({}, { command: COMMAND, chosen }, opener(['ptrace', 'perf']));
    expect(second.engine).toBe('ptrace');
    expect(lines).toEqual(['engine: eBPF', 'engine: ptrace (eBPF: no ebpf here)']);
  });

  it('goes on when an engine opens but does not start, and closes it', async () => {
    const closed: Engine[] = [];
    const broken = source('ebpf', 'cannot attach', closed);
    const got = await openEngine({}, { command: null }, async (engine) =>
      engine === 'ebpf' ? broken : source(engine),
    );
    expect(got.engine).toBe('perf');
    expect(closed).toEqual(['ebpf']);
  });

  it('does not try others than the one asked for', async () => {
    const tried: Engine[] = [];
    await expect(
      openEngine({ engine: 'ebpf' }, { command: COMMAND }, opener(['perf', 'ptrace'], tried)),
    ).rejects.toThrow(/^no ebpf here$/);
    expect(tried).toEqual(['ebpf']);
  });

  it('fails with every reason in one line', async () => {
    const failed = openEngine({}, { command: null }, opener([]));
    await expect(failed).rejects.toThrow(LiveError);
    await expect(failed).rejects.toThrow(/^no ebpf here \(perf_event_open: no perf here\)$/);
  });

  it('needs a command for ptrace', async () => {
    await expect(openEngine({ engine: 'ptrace' }, { command: null }, opener(['ptrace']))).rejects.toThrow(
      /follows a command: tsdig --engine ptrace -- COMMAND/,
    );
  });

  it('does not look for another engine when the helper is missing', async () => {
    const tried: Engine[] = [];
    const failed = openEngine({}, { command: COMMAND }, async (engine) => {
      tried.push(engine);
      throw new NativeMissingError('not built');
    });
    await expect(failed).rejects.toThrow(NativeMissingError);
    expect(tried).toEqual(['ebpf']);
  });

  it('tells what the perf engine lacks, and that ptrace knows nothing of CPU time where that is wanted', async () => {
    const notices: string[] = [];
    const notice = (line: string) => void notices.push(line);
    await openEngine({ engine: 'perf' }, { command: null, notice }, opener(['perf']));
    await openEngine(
      { engine: 'ptrace', syscalls: 'none', tracepoints: { switch: true } },
      { command: COMMAND, notice },
      opener(['ptrace']),
    );
    await openEngine({ engine: 'ptrace' }, { command: COMMAND, notice }, opener(['ptrace']));
    expect(notices.length).toBe(2);
    expect(notices[0]).toMatch(/^perf engine: no buffers.*<NA>/);
    expect(notices[1]).toMatch(/CPU time/);
  });

  it('tells in the same line why eBPF does not record, where nobody chose the perf engine', async () => {
    for (const command of [null, COMMAND]) {
      const notices: string[] = [];
      const notice = (line: string) => void notices.push(line);
      await openEngine({}, { command, notice }, opener(['perf']));
      expect(notices).toEqual([
        expect.stringMatching(
          /^eBPF does not work here \(no ebpf here\): the perf engine records, with no buffers/,
        ),
      ]);
    }
  });
});
