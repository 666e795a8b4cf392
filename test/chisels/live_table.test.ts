import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openFile } from '../../src/capture/file.js';
import { EventView } from '../../src/event/view.js';
import { PPME } from '../../src/scap/events.generated.js';
import { FIXTURES, runChisel } from './run_chisel.js';

const CAPTURE = join(FIXTURES, 'containers.scap.gz');
const ESC = '\x1b';

/** Lines of a frame as the terminal shows them. */
function screen(frame: string): string[] {
  return frame
    .replaceAll(/\x1b\[[?0-9;]*[A-Za-z]/g, '')
    .replace(/\n$/, '')
    .split('\n');
}

describe('a live table on a terminal', () => {
  const size = { width: 72, height: 10 };

  test('redraws in place: home, each line cleared behind its end, one write per frame', async () => {
    const { flushed } = await runChisel(CAPTURE, ['-pc', '-c', 'topprocs_net'], {
      live: true,
      terminal: size,
    });
    const frames = flushed.filter((part) => part.includes(`${ESC}[H`));
    expect(frames.length).toBeGreaterThan(5);
    expect(frames[0].startsWith(`${ESC}[?25l${ESC}[2J${ESC}[H`)).toBe(true);
    for (const frame of frames.slice(1)) {
      expect(frame.startsWith(`${ESC}[H`)).toBe(true);
      expect(frame).not.toContain(`${ESC}[2J`);
    }
    for (const frame of frames) {
      expect(frame.endsWith(`${ESC}[K\n${ESC}[J`)).toBe(true);
      expect(frame.split('\n').every((line) => line.endsWith(`${ESC}[K`) || line === `${ESC}[J`)).toBe(true);
    }
  });

  test('gives the cursor back at the end', async () => {
    const { text } = await runChisel(CAPTURE, ['-c', 'topprocs_net'], { live: true, terminal: size });
    expect(text.endsWith(`${ESC}[0m${ESC}[?25h`)).toBe(true);
  });

  test('fits width and height', async () => {
    for (const width of [40, 72, 200]) {
      const { flushed } = await runChisel(CAPTURE, ['-pc', '-c', 'topfiles_bytes'], {
        live: true,
        terminal: { width, height: 10 },
      });
      for (const frame of flushed.filter((part) => part.includes(`${ESC}[H`))) {
        const lines = screen(frame);
        expect(lines.length).toBeLessThan(10);
        for (const line of lines)
          expect(Buffer.from(line, 'latin1').toString().length).toBeLessThanOrEqual(width);
      }
    }
  });

  test('puts the numbers below each other, units last', async () => {
    const { flushed } = await runChisel(CAPTURE, ['-pc', '-c', 'topprocs_net', 'container.name=web'], {
      live: true,
      terminal: { width: 100, height: 30 },
    });
    const busy = flushed.map(screen).find((lines) => lines.length > 6) ?? [];
    const title = busy[0];
    expect(title).toMatch(/^ +Bytes {2}Process +Host_pid {2}Container_pid {2}container\.name$/);
    for (const end of [title.indexOf('Bytes') + 5, title.indexOf('Host_pid') + 8]) {
      for (const row of busy.slice(2)) expect(row.slice(end - 1, end + 1)).toMatch(/^[\dBM] $/);
    }
  });

  test('says when nothing matched', async () => {
    const { flushed } = await runChisel(CAPTURE, ['-c', 'topprocs_net', 'proc.name=nobody-here'], {
      live: true,
      terminal: size,
    });
    const frames = flushed.filter((part) => part.includes(`${ESC}[H`));
    expect(frames.length).toBeGreaterThan(5);
    for (const frame of frames)
      expect(screen(frame)[2]).toMatch(/^\(nothing matched in the second up to \d\d:\d\d:\d\d\)$/);
  });
});

describe('a live table in a pipe', () => {
  test('is a block per second without escape sequences', async () => {
    const { text } = await runChisel(CAPTURE, ['-c', 'topprocs_net'], { live: true });
    expect(text).not.toContain(ESC);
    const blocks = text.trimEnd().split('\n\n');
    expect(blocks.length).toBeGreaterThan(5);
    for (const block of blocks) expect(block.split('\n')[0].trimEnd()).toMatch(/^Bytes {15}Process {13}PID$/);
  });

  test('adds up to the table of the whole file', async () => {
    const bytes = async (live: boolean): Promise<number> => {
      const { text } = await runChisel(CAPTURE, ['-j', '-c', 'topprocs_net'], { live });
      return text
        .trimEnd()
        .split('\n')
        .flatMap((line) => (JSON.parse(line) as { data: [string, string, number][] }).data)
        .reduce((sum, row) => sum + row[2], 0);
    };
    const whole = await bytes(false);
    expect(whole).toBeGreaterThan(100_000);
    expect(await bytes(true)).toBe(whole);
  });
});

describe('CPU time from switches', () => {
  // Without sysdig's samples (procinfo) the slices count.
  const WORDS = ['-j', '-c', 'topprocs_cpu', 'evt.type!=procinfo'];

  /** Slices per thread in ns, from the raw events: a thread has run since the switch before on its CPU. */
  async function slices(): Promise<{ byTid: Map<number, number>; elapsed: number }> {
    const source = openFile(CAPTURE);
    const ev = new EventView();
    const last = new Map<number, number>();
    const byTid = new Map<number, number>();
    let first = Number.NaN;
    let end = 0;
    for (let item = await source.next(); item !== null; item = await source.next()) {
      if (item.kind === 'head') continue;
      ev.attach(item.bytes, item.dv);
      if (Number.isNaN(first)) ev.setBase(EventView.secondOf(item.dv, item.start));
      for (let off = item.start; off < item.end; off = ev.next) {
        if (!ev.at(off)) continue;
        if (Number.isNaN(first)) first = ev.ts;
        end = ev.ts;
        if (ev.type !== PPME.SCHEDSWITCH_6_E) continue;
        const since = last.get(ev.cpu);
        last.set(ev.cpu, ev.ts);
        if (since !== undefined) byTid.set(ev.tid, (byTid.get(ev.tid) ?? 0) + ev.ts - since);
      }
    }
    source.close();
    return { byTid, elapsed: end - first };
  }

  test('is what the slices of the process add up to', async () => {
    const { byTid } = await slices();
    const { text } = await runChisel(CAPTURE, WORDS);
    const rows = (JSON.parse(text) as { data: [string, string, number][] }).data;
    expect(rows.length).toBe(10);
    // Of a process with one thread and one name the row's ns are the thread's.
    const same = rows.filter((row) => row[2] > 0 && row[2] === byTid.get(Number(row[1])));
    expect(same.length).toBeGreaterThanOrEqual(4);
  });

  test('never exceeds the second that it is shown for', async () => {
    const { text } = await runChisel(CAPTURE, WORDS, { live: true });
    const tables = text
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { data: [string, string, number][] }).data);
    expect(tables.length).toBeGreaterThan(5);
    let busy = 0;
    for (const rows of tables) {
      for (const row of rows) {
        expect(row[2]).toBeLessThan(2.05e9);
        busy += row[2];
      }
    }
    expect(busy).toBeGreaterThan(0);
  });

  test('keeps a sleeping process in the table with nothing', async () => {
    const { text } = await runChisel(CAPTURE, WORDS, { live: true });
    const tables = text
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { data: [string, string, number][] }).data);
    expect(tables.some((rows) => rows.some((row) => row[2] === 0))).toBe(true);
  });
});
