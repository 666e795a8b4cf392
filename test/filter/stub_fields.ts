import { type FieldDef, FieldError, type FieldValue, type PlannedField } from '../../src/fields/field.js';
import { PT } from '../../src/scap/events.generated.js';

const TYPES: Readonly<Record<string, number>> = {
  'evt.type': PT.CHARBUF,
  'evt.dir': PT.CHARBUF,
  'evt.num': PT.UINT64,
  'evt.latency': PT.RELTIME,
  'evt.buflen': PT.UINT32,
  'evt.buffer': PT.BYTEBUF,
  'evt.failed': PT.BOOL,
  'proc.name': PT.CHARBUF,
  'proc.pname': PT.CHARBUF,
  'proc.exe': PT.CHARBUF,
  'proc.pid': PT.INT64,
  'proc.aname': PT.CHARBUF,
  'proc.vmsize': PT.UINT64,
  'proc.duration': PT.RELTIME,
  'fd.name': PT.CHARBUF,
  'fd.ip': PT.IPADDR,
  'fd.sip': PT.IPADDR,
  'fd.snet': PT.IPNET,
  'fd.port': PT.PORT,
  'fd.types': PT.CHARBUF,
  'evt.rawarg': PT.DYN,
  'evt.arg': PT.CHARBUF,
  'evt.outputtime': PT.CHARBUF,
};

/** Values that the stub fields give, by field text. */
export type StubValues = Record<string, FieldValue>;

/** Fields over a plain table of values, for tests of the language alone. */
export function stubResolver(values: StubValues): (text: string) => PlannedField {
  return (text) => {
    const name = Object.keys(TYPES)
      .filter((known) => text === known || text.startsWith(`${known}.`) || text.startsWith(`${known}[`))
      .sort((a, b) => b.length - a.length)[0];
    if (name === undefined)
      throw new FieldError(`unknown field ${text}`, 0, text === 'proc.nam' ? 'proc.name' : undefined);
    const def: FieldDef = {
      name,
      type: TYPES[name],
      description: '',
      noTransformer: name === 'fd.ip',
      noRhsField: name === 'fd.ip',
      isList: name === 'fd.types',
      printOnly: name === 'evt.outputtime',
      multi:
        name === 'fd.ip' || name === 'fd.port'
          ? 'ends'
          : name === 'proc.aname' && text === name
            ? 'ancestors'
            : undefined,
    };
    return {
      text,
      def,
      type: def.type,
      fmt: name === 'proc.pid' ? 'id' : 'na',
      multi: def.multi,
      extract: () => values[text],
    };
  };
}
