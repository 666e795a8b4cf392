import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { RECORDER_PRIORITY } from '../../src/session/priority.js';
import { captureDir } from '../capture/read_all.js';
import { CAN_RECORD } from './recording.js';
import { TsdigProcess } from './tsdig_process.js';

/** How long it may take on a busy machine. */
const BUSY_MS = 40_000;

/** Nice value of a process's first thread: the 19th word of its stat. */
function niceOf(pid: number | undefined): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[16]);
}

describe.runIf(CAN_RECORD)('priority', () => {
  const scratch = captureDir();
  let run: TsdigProcess | undefined;
  afterEach(() => void run?.child.kill('SIGKILL'));

  it('is the recorder’s alone, not that of a command that it follows', async () => {
    const file = scratch.file('command.scap', Buffer.alloc(0));
    const out = join(file, '../nice.txt');
    run = new TsdigProcess(['-v', '-w', file, '--', 'sh', '-c', `nice > ${out}; exec sleep 60`]);
    await run.attached();
    await expect.poll(() => niceOf(run?.child.pid), { timeout: BUSY_MS }).toBe(RECORDER_PRIORITY);
    await expect
      .poll(() => readFileSync(out, 'latin1').trim(), { timeout: BUSY_MS })
      .toBe(String(niceOf(process.pid)));
    await run.interrupt();
  });

  it('is not raised to print', async () => {
    run = new TsdigProcess(['-v', 'proc.name=nosuch']);
    await run.attached();
    expect(niceOf(run.child.pid)).toBe(niceOf(process.pid));
    await run.interrupt();
  });
});
