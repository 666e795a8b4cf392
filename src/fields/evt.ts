import { PPME, PT } from '../scap/events.generated.js';
import { EVT_ABSPATH, EVT_ARGS_FIELDS } from './evt_args.js';
import {
  EVT_BUFLEN,
  EVT_BUFLEN_FIELDS,
  EVT_IO_FIELDS,
  EVT_OPEN_CREATE,
  EVT_OPEN_EXEC,
  EVT_OPEN_FIELDS,
} from './evt_io.js';
import { EVT_COUNT_FIELDS, EVT_RESULT_FIELDS } from './evt_result.js';
import { EVT_LATENCY_FIELDS, EVT_OUTPUT_TIME, EVT_RELTIME_FIELDS, EVT_TIME_FIELDS } from './evt_time.js';
import { EVT_TYPE_FIELDS } from './evt_type.js';
import { type FieldDef, FieldError } from './field.js';

const NO_VALUE = (): undefined => undefined;

function withoutValue(name: string, description: string, hidden = false): FieldDef {
  return { name, type: PT.CHARBUF, fmt: 'na', description, hidden, extract: NO_VALUE };
}

const NS_PER_MS = 1000000n;

/** Events within some milliseconds of a moment: the argument is the moment, the operand the distance. */
const EVT_AROUND: FieldDef = {
  name: 'evt.around',
  type: PT.UINT64,
  fmt: 'dec',
  argument: 'required',
  filterOnly: true,
  noRhsField: true,
  noTransformer: true,
  description:
    'evt.around[T]=D takes the events at most D milliseconds away from the time T (nanoseconds since the epoch).',
  bind: (arg) => {
    if (arg === undefined || !/^\d+$/.test(arg))
      throw new FieldError('evt.around needs a time in ns since the epoch: evt.around[T]');
    const moment = BigInt(arg);
    return {
      extract: (ev) => {
        const away = ev.absTs - moment;
        return Number((away < 0n ? -away : away) / NS_PER_MS);
      },
      compare: (op, operands) => {
        if ((op !== '=' && op !== '==') || operands.length !== 1 || !/^\d+$/.test(operands[0]))
          return undefined;
        const reach = BigInt(operands[0]) * NS_PER_MS;
        return (ev) => {
          const away = ev.absTs - moment;
          return (away < 0n ? -away : away) <= reach;
        };
      },
    };
  },
};

/** Class evt: all events. */
export const EVT_FIELDS: readonly FieldDef[] = [
  {
    name: 'evt.num',
    type: PT.UINT64,
    fmt: 'id',
    description:
      'Number of the event in the capture, from 1. Events that are filtered out or not shown count too.',
    extract: (ev) => ev.num,
    write: (out, ev) => {
      out.dec(ev.num);
      return true;
    },
  },
  ...EVT_TIME_FIELDS,
  ...EVT_RELTIME_FIELDS,
  withoutValue('evt.pluginname', 'Name of the plugin that made the event.'),
  withoutValue('evt.plugininfo', 'What the plugin that made the event says about it.'),
  {
    name: 'evt.source',
    type: PT.CHARBUF,
    fmt: 'na',
    description: "Where the event comes from: 'syscall' for those of the kernel.",
    extract: (ev) => (ev.type === PPME.PLUGINEVENT_E ? undefined : 'syscall'),
  },
  {
    name: 'evt.is_async',
    type: PT.BOOL,
    fmt: 'na',
    description: 'true for events that were put into the stream by other means than the kernel.',
    extract: (ev) => ev.type === PPME.ASYNCEVENT_E,
  },
  {
    name: 'evt.asynctype',
    type: PT.CHARBUF,
    fmt: 'na',
    description: "Kind of such an event, for example 'container'.",
    extract: (ev) => (ev.type === PPME.ASYNCEVENT_E ? ev.str(1) : undefined),
  },
  {
    name: 'evt.hostname',
    type: PT.CHARBUF,
    fmt: 'na',
    description: 'Name of the machine that was recorded.',
    extract: (_ev, m) => m.machineInfo?.hostname ?? '',
  },
];

/** Class evt, the part for system calls and the like. */
export const SYSCALL_EVT_FIELDS: readonly FieldDef[] = [
  ...EVT_LATENCY_FIELDS,
  EVT_OUTPUT_TIME,
  ...EVT_TYPE_FIELDS,
  ...EVT_ARGS_FIELDS,
  EVT_BUFLEN,
  ...EVT_RESULT_FIELDS,
  ...EVT_IO_FIELDS,
  ...EVT_COUNT_FIELDS,
  EVT_AROUND,
  EVT_ABSPATH,
  ...EVT_BUFLEN_FIELDS,
  ...EVT_OPEN_FIELDS,
  withoutValue('evt.infra.docker.name', 'Docker event: its name.', true),
  withoutValue('evt.infra.docker.container.id', 'Docker event: id of the container.', true),
  withoutValue('evt.infra.docker.container.name', 'Docker event: name of the container.', true),
  withoutValue('evt.infra.docker.container.image', 'Docker event: image of the container.', true),
  EVT_OPEN_EXEC,
  EVT_OPEN_CREATE,
  {
    name: 'util.cnt',
    type: PT.UINT64,
    fmt: 'id',
    description: 'Counts how often it was asked for, from 1.',
    bind: () => {
      let count = 0;
      return { extract: () => ++count };
    },
  },
];
