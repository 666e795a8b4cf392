import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runChisel } from './run_chisel.js';

const CAPTURE = join(import.meta.dirname, '../../examples/web.scap.gz');

describe('chisels on a file whose events a filter rules out', () => {
  it.each([
    ['topprocs_cpu', 'container.name=web'],
    ['topscalls', 'container.name=web'],
    ['topfiles_bytes', 'proc.name=cat'],
    ['bottlenecks', 'proc.name=sh'],
    ['echo_fds', 'fd.type=file'],
    ['proc_exec_time', 'container.name=web'],
  ])('%s %s prints the same, with fewer events taken in', async (chisel, filter) => {
    const words = ['-c', chisel, filter];
    const short = await runChisel(CAPTURE, words);
    const long = await runChisel(CAPTURE, words, { everyEvent: true });
    expect(short.text).toBe(long.text);
    expect(short.text.split('\n').length).toBeGreaterThan(2);
    expect(short.taken).toBeLessThan(long.taken);
  });
});
