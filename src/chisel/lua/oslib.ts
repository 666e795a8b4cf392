import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, renameSync, rmdirSync, statSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChiselExit } from '../engine.js';
import type { ByteOutput } from '../output.js';
import { LuaTable } from './table.js';
import type { LuaResult, LuaValue } from './value.js';
import { LuaError } from './value.js';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** A moment's calendar fields, local or UTC. */
interface Calendar {
  year: number;
  month: number;
  day: number;
  hour: number;
  min: number;
  sec: number;
  wday: number;
  yday: number;
  zoneMinutes: number;
}

function calendar(seconds: number, utc: boolean): Calendar {
  const d = new Date(seconds * 1000);
  const zone = utc ? 0 : -d.getTimezoneOffset();
  // Shifting by the zone lets the UTC getters give local fields.
  const l = new Date(seconds * 1000 + zone * 60000);
  const start = Date.UTC(l.getUTCFullYear(), 0, 1);
  return {
    year: l.getUTCFullYear(),
    month: l.getUTCMonth(),
    day: l.getUTCDate(),
    hour: l.getUTCHours(),
    min: l.getUTCMinutes(),
    sec: l.getUTCSeconds(),
    wday: l.getUTCDay(),
    yday: Math.floor((l.getTime() - start) / 86400000),
    zoneMinutes: zone,
  };
}

const two = (n: number): string => String(n).padStart(2, '0');

function weekOfYear(c: Calendar, firstDay: number): number {
  return Math.floor((c.yday + 7 - ((c.wday - firstDay + 7) % 7)) / 7);
}

/** strftime in the C locale. */
export function formatTime(fmt: string, c: Calendar, seconds: number): string {
  return fmt.replace(/%[EO]?(.)/gs, (whole, letter: string) => {
    switch (letter) {
      case 'a':
        return DAYS[c.wday].slice(0, 3);
      case 'A':
        return DAYS[c.wday];
      case 'b':
      case 'h':
        return MONTHS[c.month].slice(0, 3);
      case 'B':
        return MONTHS[c.month];
      case 'c':
        return formatTime('%a %b %e %H:%M:%S %Y', c, seconds);
      case 'C':
        return two(Math.floor(c.year / 100));
      case 'd':
        return two(c.day);
      case 'D':
      case 'x':
        return formatTime('%m/%d/%y', c, seconds);
      case 'e':
        return String(c.day).padStart(2, ' ');
      case 'F':
        return formatTime('%Y-%m-%d', c, seconds);
      case 'H':
        return two(c.hour);
      case 'I':
        return two(c.hour % 12 === 0 ? 12 : c.hour % 12);
      case 'j':
        return String(c.yday + 1).padStart(3, '0');
      case 'm':
        return two(c.month + 1);
      case 'M':
        return two(c.min);
      case 'n':
        return '\n';
      case 'p':
        return c.hour < 12 ? 'AM' : 'PM';
      case 'r':
        return formatTime('%I:%M:%S %p', c, seconds);
      case 'R':
        return formatTime('%H:%M', c, seconds);
      case 's':
        return String(Math.floor(seconds));
      case 'S':
        return two(c.sec);
      case 't':
        return '\t';
      case 'T':
      case 'X':
        return formatTime('%H:%M:%S', c, seconds);
      case 'u':
        return String(c.wday === 0 ? 7 : c.wday);
      case 'U':
        return two(weekOfYear(c, 0));
      case 'w':
        return String(c.wday);
      case 'W':
        return two(weekOfYear(c, 1));
      case 'y':
        return two(c.year % 100);
      case 'Y':
        return String(c.year);
      case 'z': {
        const abs = Math.abs(c.zoneMinutes);
        return (c.zoneMinutes < 0 ? '-' : '+') + two(Math.floor(abs / 60)) + two(abs % 60);
      }
      case 'Z':
        return c.zoneMinutes === 0
          ? 'UTC'
          : (new Date(seconds * 1000).toLocaleTimeString('en', { timeZoneName: 'short' }).split(' ').at(-1) ??
              '');
      case '%':
        return '%';
      default:
        return whole;
    }
  });
}

function text(v: LuaValue, name: string): string {
  if (typeof v === 'string') return Buffer.from(v, 'latin1').toString();
  if (typeof v === 'number') return String(v);
  throw new LuaError(
    `bad argument #1 to '${name}' (string expected, got ${v === undefined ? 'nil' : typeof v === 'object' ? 'table' : typeof v})`,
  );
}

function attempt(name: string, action: () => void): LuaResult {
  try {
    action();
    return true;
  } catch (e) {
    const err = e as NodeJS.ErrnoException;
    return [
      undefined,
      `${name}: ${err.code === 'ENOENT' ? 'No such file or directory' : err.message}`,
      Math.abs(err.errno ?? 0),
    ];
  }
}

function dateTable(c: Calendar): LuaTable {
  return LuaTable.record({
    year: c.year,
    month: c.month + 1,
    day: c.day,
    hour: c.hour,
    min: c.min,
    sec: c.sec,
    wday: c.wday + 1,
    yday: c.yday + 1,
    isdst: false,
  });
}

function timeOf(t: LuaValue): LuaValue {
  if (t === undefined) return Math.floor(Date.now() / 1000);
  if (!(t instanceof LuaTable)) throw new LuaError("bad argument #1 to 'time' (table expected)");
  const part = (key: string, fallback?: number): number => {
    const v = Number(t.getStr(key) ?? fallback ?? Number.NaN);
    if (Number.isNaN(v)) throw new LuaError(`field '${key}' missing in date table`);
    return Math.trunc(v);
  };
  const d = new Date(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour', 12),
    part('min', 0),
    part('sec', 0),
  );
  return Math.floor(d.getTime() / 1000);
}

/** The `os` table. os.exit throws ChiselExit after flushing `out`; the run ends with that code. */
export function osLibrary(out: ByteOutput): LuaTable {
  return LuaTable.record({
    time: (t) => timeOf(t),
    clock: () => {
      const u = process.cpuUsage();
      return (u.user + u.system) / 1e6;
    },
    date: (fmt, when) => {
      const seconds =
        typeof when === 'number'
          ? when
          : typeof when === 'string'
            ? Number(when)
            : Math.floor(Date.now() / 1000);
      let f = typeof fmt === 'string' ? fmt : '%c';
      const utc = f.startsWith('!');
      if (utc) f = f.slice(1);
      const c = calendar(Math.floor(seconds), utc);
      return f.startsWith('*t') ? dateTable(c) : formatTime(f, c, seconds);
    },
    difftime: (a, b) => Number(a) - Number(b ?? 0),
    getenv: (name) => {
      const v = process.env[text(name, 'getenv')];
      return v === undefined ? undefined : Buffer.from(v).toString('latin1');
    },
    execute: (command) => {
      if (command === undefined) return 1;
      out.flush();
      const done = spawnSync('/bin/sh', ['-c', text(command, 'execute')], { stdio: 'inherit' });
      // LuaJIT gives system(3)'s wait status.
      return done.status === null ? 1 : done.status * 256;
    },
    exit: (code) => {
      out.flush();
      throw new ChiselExit(typeof code === 'number' ? Math.trunc(code) : code === false ? 1 : 0);
    },
    remove: (name) => {
      const path = text(name, 'remove');
      return attempt(path, () => (statSync(path).isDirectory() ? rmdirSync(path) : unlinkSync(path)));
    },
    rename: (from, to) => {
      const path = text(from, 'rename');
      return attempt(path, () => renameSync(path, text(to, 'rename')));
    },
    tmpname: () => freshFile(),
    setlocale: (name) =>
      name === undefined || name === '' || name === 'C' || name === 'POSIX' ? 'C' : undefined,
  });
}

/** Makes an empty file of one's own, so that nobody else can put one there. Who asked for it removes it. */
function freshFile(): string {
  const path = join(tmpdir(), `lua_${randomUUID()}`);
  closeSync(openSync(path, 'wx', 0o600));
  return path;
}
