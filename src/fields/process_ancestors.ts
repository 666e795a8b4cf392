import type { Machine } from '../machine/machine.js';
import type { ThreadInfo } from '../machine/thread.js';
import { PT } from '../scap/events.generated.js';
import type { Extractor, FieldDef, FieldValue, MultiKind } from './field.js';
import { FieldError } from './field.js';
import { ofThread } from './thread.js';
import { ancestors, commandLine, environment, variable } from './thread_values.js';

type Read = (thread: ThreadInfo, machine: Machine) => FieldValue;

/** Values of all ancestors, the parent's first; no value for a process without any. */
function ofAll(read: Read): Extractor {
  return ofThread((thread, machine) => {
    const values: NonNullable<FieldValue>[] = [];
    for (const ancestor of ancestors(thread, machine)) {
      const value = read(ancestor, machine);
      if (value !== undefined) values.push(value);
    }
    return values.length === 0 ? undefined : values;
  });
}

/** Value of the n-th ancestor, 0 being the process itself. */
function ofNth(n: number, read: Read): Extractor {
  return ofThread((thread, machine) => {
    const ancestor = machine.ancestor(thread, n);
    return ancestor === null ? undefined : read(ancestor, machine);
  });
}

/** Ancestors beyond this are not asked for by anyone in earnest. */
const MAX_INDEX = 1000;

function indexOf(name: string, arg: string): number {
  const index = /^\d+$/.test(arg) ? Number(arg) : Number.NaN;
  if (!(index <= MAX_INDEX)) {
    throw new FieldError(`${name}: ${arg} is not the number of an ancestor (${name}[1] is the parent)`);
  }
  return index;
}

/** Field of ancestors: with a number of that one, without of any of them. */
export function ancestorField(name: string, type: number, what: string, read: Read): FieldDef {
  return {
    name,
    type,
    description: `${what} of an ancestor: ${name}[1] of the parent, ${name}[2] of its parent; without a number a comparison holds if it does for any ancestor.`,
    fmt: type === PT.CHARBUF ? 'na' : 'id',
    argument: 'optional',
    needs: 'thread',
    noRhsField: true,
    noTransformer: true,
    bind: (arg): { extract: Extractor; multi?: MultiKind } =>
      arg === undefined
        ? { extract: ofAll(read), multi: 'ancestors' }
        : { extract: ofNth(indexOf(name, arg), read) },
  };
}

const envText: Read = (thread, machine) => environment(thread, machine).join(' ');

/** proc.aenv takes a number (that ancestor's environment) or a name (that variable in any ancestor). */
function bindAenv(arg: string | undefined): { extract: Extractor; multi?: MultiKind } {
  if (arg === undefined) return { extract: ofAll(envText), multi: 'ancestors' };
  if (/^\d+$/.test(arg)) return { extract: ofNth(indexOf('proc.aenv', arg), envText) };
  return {
    extract: ofAll((thread, machine) => variable(environment(thread, machine), arg)),
    multi: 'ancestors',
  };
}

/** The ancestor fields by their last part. */
export const ANCESTOR_DEFS = {
  apid: ancestorField('proc.apid', PT.INT64, 'Process id', (t) => t.pid),
  aname: ancestorField('proc.aname', PT.CHARBUF, 'Command name', (t) => t.comm),
  aexe: ancestorField('proc.aexe', PT.CHARBUF, 'First argument of the command line', (t) => t.exe),
  aexepath: ancestorField('proc.aexepath', PT.CHARBUF, 'Path of the program', (t) => t.exepath),
  acmdline: ancestorField('proc.acmdline', PT.CHARBUF, 'Command line', commandLine),
  aenv: {
    ...ancestorField('proc.aenv', PT.CHARBUF, 'Environment', envText),
    description:
      'Environment of an ancestor: proc.aenv[1] of the parent; with a name (proc.aenv[HOME]) that variable in any ancestor.',
    bind: bindAenv,
  },
} as const satisfies Record<string, FieldDef>;
