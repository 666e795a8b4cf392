import { beforeEach, describe, expect, it } from 'vitest';
import type { EventView } from '../../src/event/view.js';
import { EventView as View } from '../../src/event/view.js';
import type { FieldOptions } from '../../src/fields/field.js';
import { planField } from '../../src/fields/registry.js';
import { Machine } from '../../src/machine/machine.js';
import { PPME } from '../../src/scap/events.generated.js';
import { type BuiltOptions, builtEvent, bytes, eventBlock } from './built_event.js';

const { u32, i64, text, raw, none } = bytes;
/** 2026-11-21 07:06:24.005128132 UTC */
const TS = 1795244784005128132n;

process.env.TZ = 'UTC';

let machine: Machine;
beforeEach(() => {
  machine = new Machine();
});

function field(name: string, ev: EventView, options: FieldOptions = {}): unknown {
  machine.process(ev);
  return planField(name, options).extract(ev, machine);
}

function event(type: number, params: Buffer[] = [], options: BuiltOptions = {}): EventView {
  return builtEvent(type, params, { ts: TS, ...options });
}

describe('times', () => {
  it('are shown in all the ways sysdig has', () => {
    const ev = event(PPME.SYSCALL_CLOSE_X, [i64(0)]);
    expect(field('evt.time', ev)).toBe('07:06:24.005128132');
    expect(field('evt.time.s', ev)).toBe('07:06:24');
    expect(field('evt.time.iso8601', ev)).toBe('2026-11-21T07:06:24.005128132+0000');
    expect(field('evt.datetime', ev)).toBe('2026-11-21 07:06:24.005128132');
    expect(field('evt.datetime.s', ev)).toBe('2026-11-21 07:06:24');
    expect(field('evt.rawtime', ev)).toBe(TS);
    expect(field('evt.rawtime.s', ev)).toBe(1795244784);
    expect(field('evt.rawtime.ns', ev)).toBe(5128132);
    expect(field('evt.outputtime', ev)).toBe('07:06:24.005128132');
    expect(field('evt.outputtime', ev, { time: 'a' })).toBe('1795244784.005128132');
    expect(field('evt.outputtime', ev, { time: 'r' })).toBe('0.000000000');
    expect(field('evt.outputtime', ev, { time: 'iso' })).toBe('2026-11-21T07:06:24.005128132Z');
  });

  it('follow the time zone of the process unless UTC is asked for', () => {
    process.env.TZ = 'Asia/Tokyo';
    const ev = event(PPME.SYSCALL_CLOSE_X, [i64(0)]);
    expect(field('evt.time.s', ev)).toBe('16:06:24');
    expect(field('evt.time.s', ev, { utc: true })).toBe('07:06:24');
    process.env.TZ = 'UTC';
  });

  it('count from the first event that is no metadata', () => {
    const blocks = [
      eventBlock(PPME.PROCINFO_E, [i64(1), i64(2)], { ts: TS - 5000n }),
      eventBlock(PPME.SYSCALL_CLOSE_E, [i64(1)], { ts: TS }),
      eventBlock(PPME.SYSCALL_CLOSE_X, [i64(0)], { ts: TS + 1500000000n }),
    ];
    const whole = Buffer.concat(blocks);
    const ev = new View();
    const dv = new DataView(whole.buffer, whole.byteOffset, whole.length);
    ev.attach(whole, dv);
    ev.setBase(View.secondOf(dv, 0));
    const seen: unknown[] = [];
    for (let off = 0; off < whole.length; off = ev.next) {
      ev.at(off);
      if (ev.type !== PPME.PROCINFO_E)
        seen.push([field('evt.reltime', ev), field('evt.reltime.s', ev), field('evt.reltime.ns', ev)]);
    }
    expect(seen).toEqual([
      [0, 0, 0],
      [1500000000, 1, 500000000],
    ]);
  });

  it('measure calls, and the gap since the event before', () => {
    const enter = event(PPME.SYSCALL_CLOSE_E, [i64(1)]);
    const exit = event(PPME.SYSCALL_CLOSE_X, [i64(0)], { ts: TS + 4456n });
    expect(field('evt.latency', enter)).toBe(0);
    expect(field('evt.latency', exit)).toBe(4456);
    const human = planField('evt.latency.human');
    expect(human.extract(exit, machine)).toBe('4.45us');
    const delta = planField('evt.deltatime', { output: true });
    expect([enter, exit, enter].map((ev) => delta.extract(ev, machine))).toEqual([
      0,
      4456,
      18446744073709551616n - 4456n,
    ]);
  });
});

describe('what happened', () => {
  it('has direction, name and category', () => {
    const ev = event(PPME.SYSCALL_OPENAT_2_E, [i64(-100), text('/x'), u32(1), u32(0)]);
    expect(field('evt.dir', ev)).toBe('>');
    expect(field('evt.type', ev)).toBe('openat');
    expect(field('syscall.type', ev)).toBe('openat');
    expect(field('evt.category', ev)).toBe('file');
    expect(field('evt.type.is.openat', ev)).toBe(1);
    expect(field('evt.type.is.open', ev)).toBe(0);
    expect(field('syscall.type', event(PPME.SCHEDSWITCH_6_E, [i64(0)]))).toBeUndefined();
    expect(field('evt.category', event(PPME.SCHEDSWITCH_6_E, [i64(0)]))).toBe('scheduler');
  });

  it('succeeded or failed', () => {
    const failed = event(PPME.SYSCALL_OPEN_X, [i64(-2), text('/x'), u32(1), u32(0), u32(0)]);
    expect(field('evt.res', failed)).toBe('ENOENT');
    expect(field('evt.rawres', failed)).toBe(-2);
    expect(field('evt.failed', failed)).toBe(true);
    expect(field('evt.count.error.file', failed)).toBe(1);
    expect(field('evt.count.error.net', failed)).toBeUndefined();
    const enter = event(PPME.SYSCALL_OPEN_E, [text('/x'), u32(1), u32(0)]);
    expect(field('evt.res', enter)).toBeUndefined();
    expect(field('evt.failed', enter)).toBe(false);
    expect(field('evt.res', event(PPME.SYSCALL_CLOSE_X, [i64(0)]))).toBe('SUCCESS');
    expect(field('evt.res', event(PPME.SYSCALL_CLOSE_X, [i64(-9999)]))).toBe('-9999');
  });

  it('moved data', () => {
    const read = event(PPME.SYSCALL_READ_X, [i64(3), raw('abc')]);
    expect(field('evt.is_io', read)).toBe(true);
    expect(field('evt.is_io_read', read)).toBe(true);
    expect(field('evt.io_dir', read)).toBe('read');
    expect(String(field('evt.buffer', read))).toBe('abc');
    expect(field('evt.io_dir', event(PPME.SYSCALL_WRITE_X, [i64(3), raw('abc')]))).toBe('write');
    expect(field('evt.io_dir', event(PPME.SYSCALL_CLOSE_X, [i64(0)]))).toBeUndefined();
    expect(field('evt.buffer', event(PPME.SYSCALL_CLOSE_X, [i64(0)]))).toBeUndefined();
  });

  it('opened a file for something', () => {
    const open = (flags: number, mode: number) =>
      event(PPME.SYSCALL_OPEN_X, [i64(3), text('/x'), u32(flags), u32(mode), u32(0)]);
    const all = (ev: EventView) =>
      ['read', 'write', 'exec', 'create'].filter((what) => field(`evt.is_open_${what}`, ev) === true);
    expect(all(open(1, 0))).toEqual(['read']);
    expect(all(open(3, 0))).toEqual(['read', 'write']);
    expect(all(open(4 | 2, 0o755))).toEqual(['write', 'exec']);
    expect(all(open(4 | 2, 0o644))).toEqual(['write']);
    expect(all(open(0x4000 | 4 | 2, 0o644))).toEqual(['write', 'create']);
    expect(all(event(PPME.SYSCALL_OPEN_E, [text('/x'), u32(1), u32(0)]))).toEqual([]);
  });

  it('is near a moment', () => {
    const ev = event(PPME.SYSCALL_CLOSE_X, [i64(0)]);
    const around = planField(`evt.around[${TS - 3000000n}]`);
    expect(around.compare?.('=', ['3'])?.(ev, machine)).toBe(true);
    expect(around.compare?.('=', ['2'])?.(ev, machine)).toBe(false);
    expect(around.compare?.('=', ['x'])).toBeUndefined();
  });

  it('has an absolute path where a directory fd was given', () => {
    const renamed = event(PPME.SYSCALL_RENAMEAT_X, [
      i64(0),
      i64(-100),
      text('/a'),
      i64(-100),
      text('/b/../c'),
    ]);
    expect(field('evt.abspath', renamed)).toBe('/a');
    expect(field('evt.abspath.src', renamed)).toBe('/a');
    expect(field('evt.abspath.dst', renamed)).toBe('/c');
    expect(field('evt.abspath', event(PPME.SYSCALL_OPEN_X, [i64(0), none()]))).toBeUndefined();
  });

  it('counts how often it was asked', () => {
    const count = planField('util.cnt');
    const ev = event(PPME.SYSCALL_CLOSE_X, [i64(0)]);
    expect([count.extract(ev, machine), count.extract(ev, machine)]).toEqual([1, 2]);
  });
});
