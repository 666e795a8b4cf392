import type { EventView } from '../event/view.js';
import type { Machine } from '../machine/machine.js';
import { PT } from '../scap/events.generated.js';
import { bufferPlace } from './evt_args.js';
import { isSyslog } from './evt_io.js';
import type { FieldDef, FieldValue } from './field.js';

const FACILITIES: readonly string[] = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'clock',
  'authpriv',
  'ftp',
  'ntp',
  'logaudit',
  'logalert',
  'cron',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
];
const SEVERITIES: readonly string[] = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];

interface Message {
  readonly priority: number;
  readonly text: string;
}

/** Largest priority: facility 23, severity 7. */
const MAX_PRIORITY = 191;

/** The message that a write to the system log carries: `<priority>text`. */
function message(ev: EventView, m: Machine): Message | undefined {
  if (!isSyslog(ev, m)) return undefined;
  const place = bufferPlace(ev);
  if (place < 0) return undefined;
  const match = /^<(\d{1,3})>([\s\S]*)$/.exec(ev.str(place));
  if (match === null || Number(match[1]) > MAX_PRIORITY) return undefined;
  return { priority: Number(match[1]), text: match[2] };
}

function field(
  name: string,
  type: number,
  description: string,
  read: (message: Message) => FieldValue,
): FieldDef {
  return {
    name,
    type,
    fmt: type === PT.CHARBUF ? 'na' : 'dec',
    description,
    extract: (ev, m) => {
      const found = message(ev, m);
      return found === undefined ? undefined : read(found);
    },
  };
}

/** Class syslog. */
export const SYSLOG_FIELDS: readonly FieldDef[] = [
  field(
    'syslog.facility.str',
    PT.CHARBUF,
    'Facility of the message, such as daemon.',
    ({ priority }) => FACILITIES[priority >> 3],
  ),
  field(
    'syslog.facility',
    PT.UINT32,
    'Facility of the message as a number, 0 to 23.',
    ({ priority }) => priority >> 3,
  ),
  field(
    'syslog.severity.str',
    PT.CHARBUF,
    'Severity of the message: emerg, alert, crit, err, warn, notice, info, debug.',
    ({ priority }) => SEVERITIES[priority & 7],
  ),
  field(
    'syslog.severity',
    PT.UINT32,
    'Severity of the message as a number: 0 is worst, 7 least.',
    ({ priority }) => priority & 7,
  ),
  field('syslog.message', PT.CHARBUF, 'Text of the message.', ({ text }) => text),
];
