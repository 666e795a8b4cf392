import type { EventView } from '../event/view.js';
import { PPME, PT } from '../scap/events.generated.js';
import { Clock, fractionOf, humanTime, nine, secondOf, writeSeconds, writeTime } from './clock.js';
import type { Extractor, FieldDef, FieldOptions, FieldValue, FieldWriter } from './field.js';
import { LineBuffer } from './line_buffer.js';

const scratch = new LineBuffer(64);

/** The text of a writer that always has a value. */
function textOf(write: FieldWriter): Extractor {
  return (ev, m) => {
    scratch.pos = 0;
    return write(scratch, ev, m) ? scratch.since(0) : undefined;
  };
}

/** ns since the epoch. */
const absolute: Extractor = (ev) => ev.absTs;

let lastSecond = Number.NaN;
let lastSecondText = '';

const writeAbsolute: FieldWriter = (out, ev) => {
  const whole = Math.floor(ev.ts / 1e9);
  const sec = ev.baseSec + whole;
  if (sec > 0) {
    if (sec !== lastSecond) {
      lastSecond = sec;
      lastSecondText = String(sec);
    }
    out.text(lastSecondText);
    out.pad9(ev.ts - whole * 1e9);
  } else out.text(String(ev.absTs));
  return true;
};

/** A field that is text for people and ns since the epoch in JSON. */
function timeText(name: string, description: string, makeWriter: (clock: Clock) => FieldWriter): FieldDef {
  return {
    name,
    type: PT.CHARBUF,
    fmt: 'na',
    description,
    writeJson: writeAbsolute,
    bind: (_arg, options) => {
      const write = makeWriter(new Clock(options.utc));
      return { extract: textOf(write), write };
    },
  };
}

/** evt.time … evt.rawtime.ns: when the event happened. */
export const EVT_TIME_FIELDS: readonly FieldDef[] = [
  timeText(
    'evt.time',
    'Time of day of the event with nanoseconds, HH:MM:SS.nnnnnnnnn, in the local time zone.',
    (clock) => (out, ev) => {
      writeTime(out, ev, clock);
      return true;
    },
  ),
  timeText(
    'evt.time.s',
    'Time of day of the event, HH:MM:SS, in the local time zone.',
    (clock) => (out, ev) => {
      out.text(clock.time(secondOf(ev)));
      return true;
    },
  ),
  {
    ...timeText(
      'evt.time.iso8601',
      'Time of the event in ISO 8601: UTC, with nanoseconds and offset.',
      () => {
        const clock = new Clock(true);
        return (out, ev) => {
          out.text(clock.date(secondOf(ev)));
          out.byte(84);
          writeTime(out, ev, clock);
          out.text('+0000');
          return true;
        };
      },
    ),
  },
  timeText(
    'evt.datetime',
    'Date and time of the event with nanoseconds, in the local time zone.',
    (clock) => (out, ev) => {
      out.text(clock.date(secondOf(ev)));
      out.byte(32);
      writeTime(out, ev, clock);
      return true;
    },
  ),
  timeText('evt.datetime.s', 'Date and time of the event, in the local time zone.', (clock) => (out, ev) => {
    out.text(clock.date(secondOf(ev)));
    out.byte(32);
    out.text(clock.time(secondOf(ev)));
    return true;
  }),
  {
    name: 'evt.rawtime',
    type: PT.ABSTIME,
    fmt: 'dec',
    description: 'Time of the event in nanoseconds since the epoch.',
    extract: absolute,
    write: writeAbsolute,
  },
  {
    name: 'evt.rawtime.s',
    type: PT.ABSTIME,
    fmt: 'dec',
    description: 'Seconds since the epoch, without fraction.',
    extract: (ev) => secondOf(ev),
  },
  {
    name: 'evt.rawtime.ns',
    type: PT.ABSTIME,
    fmt: '10_padded_dec',
    description: 'Nanoseconds within the second of the event.',
    extract: (ev) => fractionOf(ev),
  },
];

/** ns since the first event that was read. */
function relative(ev: EventView): number {
  return ev.ts - ev.firstTs;
}

/** evt.reltime …: since the start of the capture. */
export const EVT_RELTIME_FIELDS: readonly FieldDef[] = [
  {
    name: 'evt.reltime',
    type: PT.RELTIME,
    fmt: '10_padded_dec',
    description: 'Nanoseconds since the first event of the capture.',
    extract: relative,
  },
  {
    name: 'evt.reltime.s',
    type: PT.RELTIME,
    fmt: 'dec',
    description: 'Whole seconds since the first event of the capture.',
    extract: (ev) => Math.floor(relative(ev) / 1e9),
  },
  {
    name: 'evt.reltime.ns',
    type: PT.RELTIME,
    fmt: '10_padded_dec',
    description: 'Nanoseconds within the second of evt.reltime.',
    extract: (ev) => relative(ev) % 1e9,
  },
];

/** Latency of the call that the event ends; events that are no calls show that of their thread's last one. */
function latencyOf(ev: EventView, m: Parameters<Extractor>[1]): number | undefined {
  // CPU samples are no part of their thread's calls.
  return ev.type === PPME.PROCINFO_E ? undefined : m.latency;
}

const latency: Extractor = latencyOf;

function quantized(options: FieldOptions): Extractor {
  const width = options.screenWidth ?? 0;
  return (ev, m) => {
    const ns = latencyOf(ev, m);
    if (ns === undefined || ns <= 0) return undefined;
    const magnitude = Math.min(Math.log10(ns), 11);
    return Math.floor((magnitude * width) / 11) + 1;
  };
}

const TWO_64 = 18446744073709551616n;

/**
 * ns since this very field was read last, that is since the previous event that got as far as this. Events of
 * different CPUs may stand out of order in a file: as in sysdig the difference is unsigned then.
 */
function deltaReader(output: boolean): (ev: EventView) => number | bigint {
  let last = Number.NaN;
  return (ev) => {
    const before = last;
    last = ev.ts;
    if (Number.isNaN(before)) return output ? 0 : ev.absTs;
    const delta = ev.ts - before;
    return delta < 0 ? TWO_64 + BigInt(delta) : delta;
  };
}

function delta(
  name: string,
  fmt: string,
  description: string,
  part: (ns: number | bigint) => FieldValue,
): FieldDef {
  return {
    name,
    type: PT.RELTIME,
    fmt,
    description,
    bind: (_arg, options) => {
      const read = deltaReader(options.output === true);
      return { extract: (ev) => part(read(ev)) };
    },
  };
}

function wholeSeconds(ns: number | bigint): number {
  return typeof ns === 'bigint' ? Number(ns / 1000000000n) : Math.floor(ns / 1e9);
}

function restOfSecond(ns: number | bigint): number {
  return typeof ns === 'bigint' ? Number(ns % 1000000000n) : ns % 1e9;
}

/** evt.latency … evt.deltatime.ns. */
export const EVT_LATENCY_FIELDS: readonly FieldDef[] = [
  {
    name: 'evt.latency',
    type: PT.RELTIME,
    fmt: 'dec',
    description: 'Nanoseconds that a call took: from its enter event to this exit event. 0 for enter events.',
    extract: latency,
  },
  {
    name: 'evt.latency.s',
    type: PT.RELTIME,
    fmt: 'dec',
    description: 'Whole seconds of evt.latency.',
    extract: (ev, m) => {
      const ns = latencyOf(ev, m);
      return ns === undefined ? undefined : Math.floor(ns / 1e9);
    },
  },
  {
    name: 'evt.latency.ns',
    type: PT.RELTIME,
    fmt: '10_padded_dec',
    description: 'Nanoseconds within the second of evt.latency.',
    extract: (ev, m) => {
      const ns = latencyOf(ev, m);
      return ns === undefined ? undefined : ns % 1e9;
    },
  },
  {
    name: 'evt.latency.quantized',
    type: PT.UINT64,
    fmt: 'dec',
    hidden: true,
    description: 'Column of the latency on a logarithmic scale as wide as the screen.',
    bind: (_arg, options) => ({ extract: quantized(options) }),
  },
  {
    name: 'evt.latency.human',
    type: PT.CHARBUF,
    fmt: 'na',
    description: 'evt.latency with a unit that suits it, such as 10.3ms.',
    extract: (ev, m) => {
      const ns = latencyOf(ev, m);
      return ns === undefined ? undefined : humanTime(ns);
    },
  },
  delta('evt.deltatime', 'dec', 'Nanoseconds since the previous event, of whatever thread.', (ns) => ns),
  delta('evt.deltatime.s', 'dec', 'Whole seconds of evt.deltatime.', wholeSeconds),
  delta('evt.deltatime.ns', '10_padded_dec', 'Nanoseconds within the second of evt.deltatime.', restOfSecond),
];

/** The time as -t wants it. */
function outputTime(options: FieldOptions): FieldWriter {
  const mode = options.time ?? 'h';
  if (mode === 'a') {
    return (out, ev) => {
      out.dec(secondOf(ev));
      out.byte(46);
      out.pad9(fractionOf(ev));
      return true;
    };
  }
  if (mode === 'r') {
    return (out, ev) => {
      writeSeconds(out, Math.max(0, relative(ev)));
      return true;
    };
  }
  if (mode === 'd') {
    return (out, ev, m) => {
      writeSeconds(out, Math.max(0, latencyOf(ev, m) ?? 0));
      return true;
    };
  }
  if (mode === 'D') {
    const read = deltaReader(true);
    return (out, ev) => {
      const ns = read(ev);
      if (typeof ns === 'number') writeSeconds(out, ns);
      else out.text(`${ns / 1000000000n}.${nine(Number(ns % 1000000000n))}`);
      return true;
    };
  }
  if (mode === 'iso') {
    const clock = new Clock(true);
    return (out, ev) => {
      out.text(clock.date(secondOf(ev)));
      out.byte(84);
      writeTime(out, ev, clock);
      out.byte(90);
      return true;
    };
  }
  const clock = new Clock(options.utc);
  return (out, ev) => {
    writeTime(out, ev, clock);
    return true;
  };
}

/** evt.outputtime: what the default line begins with. */
export const EVT_OUTPUT_TIME: FieldDef = {
  name: 'evt.outputtime',
  type: PT.CHARBUF,
  fmt: 'na',
  printOnly: true,
  description: 'Time of the event as the option -t wants it shown.',
  writeJson: writeAbsolute,
  bind: (_arg, options) => {
    const write = outputTime(options);
    return { extract: textOf(write), write };
  },
};
