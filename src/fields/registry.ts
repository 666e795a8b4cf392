import { CONTAINER_FIELDS } from './container.js';
import { EVT_FIELDS, SYSCALL_EVT_FIELDS } from './evt.js';
import { FD_FIELDS } from './fd.js';
import { FDLIST_FIELDS } from './fdlist.js';
import type { FieldDef, FieldOptions, PlannedField } from './field.js';
import { FieldError } from './field.js';
import { FS_PATH_FIELDS } from './fs_path.js';
import { GROUP_FIELDS } from './group.js';
import { K8S_FIELDS } from './k8s.js';
import { EVTIN_FIELDS, MESOS_FIELDS, SPAN_FIELDS } from './obsolete.js';
import { PROCESS_FIELDS } from './process.js';
import { suggest } from './suggest.js';
import { SYSLOG_FIELDS } from './syslog.js';
import { USER_FIELDS } from './user.js';

/** A field class as listed by `-l`: one per file. */
export interface FieldClass {
  readonly name: string;
  readonly description: string;
  readonly fields: readonly FieldDef[];
}

/** All classes in the order of the listing. */
export const FIELD_CLASSES: readonly FieldClass[] = [
  {
    name: 'evt',
    description: 'Every event, whatever it is: its number, its time, where it comes from.',
    fields: EVT_FIELDS,
  },
  {
    name: 'evt (for system calls)',
    description: 'What is called, with which arguments and result, how long it took, what data it moved.',
    fields: SYSCALL_EVT_FIELDS,
  },
  PROCESS_FIELDS,
  USER_FIELDS,
  GROUP_FIELDS,
  {
    name: 'container',
    description: 'The container that the process runs in. Processes in none have the id, name and type host.',
    fields: CONTAINER_FIELDS,
  },
  FD_FIELDS,
  FS_PATH_FIELDS,
  FDLIST_FIELDS,
  {
    name: 'syslog',
    description: 'Messages that programs send to the system log.',
    fields: SYSLOG_FIELDS,
  },
  {
    name: 'k8s',
    description: 'The Kubernetes pod that the container belongs to, by the labels of its runtime.',
    fields: K8S_FIELDS,
  },
  {
    name: 'mesos',
    description: 'Mesos and Marathon. Recognised for old filters and templates; never a value.',
    fields: MESOS_FIELDS,
  },
  {
    name: 'span',
    description: 'Tracers. Recognised for old filters and templates; never a value.',
    fields: SPAN_FIELDS,
  },
  {
    name: 'evtin',
    description: 'Events within a tracer. Recognised for old filters and templates; never a value.',
    fields: EVTIN_FIELDS,
  },
];

const BY_NAME: ReadonlyMap<string, FieldDef> = new Map(
  FIELD_CLASSES.flatMap((group) => group.fields.map((def) => [def.name, def] as const)),
);
const LONGEST = Math.max(...[...BY_NAME.keys()].map((name) => name.length));

/** The definition of a field by its exact name. */
export function fieldNamed(name: string): FieldDef | undefined {
  return BY_NAME.get(name);
}

/** The longest field name that `text` begins with at `start`, whatever follows it. */
export function longestField(text: string, start = 0): FieldDef | undefined {
  for (let length = Math.min(LONGEST, text.length - start); length > 0; length--) {
    const def = BY_NAME.get(text.slice(start, start + length));
    if (def !== undefined) return def;
  }
  return undefined;
}

/** Names to offer for a misspelt one. */
function offered(): string[] {
  return [...BY_NAME.values()].filter((def) => !def.hidden && !def.deprecated).map((def) => def.name);
}

/** The error for a name that no field has. */
export function unknownField(text: string): FieldError {
  const name = /^[^[]*/.exec(text)?.[0] ?? text;
  const suggestion = suggest(name, offered());
  const hint = suggestion === undefined ? '' : `, did you mean ${suggestion}?`;
  return new FieldError(`unknown field ${text}${hint}`, 0, suggestion);
}

/**
 * Finds the longest known field name that is a prefix of `text` and binds what follows as its argument
 * (`evt.arg.fd`, `evt.arg[fd]`, `proc.aname[2]`, `proc.env["A B"]`).
 * @throws FieldError for an unknown field (with a suggestion) or a bad or missing argument.
 */
export function planField(text: string, options: FieldOptions = {}): PlannedField {
  const def = longestField(text);
  if (def === undefined) throw unknownField(text);
  const rest = text.slice(def.name.length);
  if (rest === '') return bindField(def, undefined, options);
  // `evt.numb`, `proc.names.x`: another name, not an argument.
  if (rest[0] !== '.' && rest[0] !== '[') throw unknownField(text);
  if ((def.argument ?? 'none') === 'none') {
    if (rest[0] === '.') throw unknownField(text);
    throw new FieldError(`${def.name} takes no argument`, def.name.length);
  }
  return bindField(def, argumentOf(def, rest), options);
}

function argumentOf(def: FieldDef, rest: string): string {
  if (rest[0] === '.') return rest.slice(1);
  if (!rest.endsWith(']'))
    throw new FieldError(`${def.name}${rest}: the argument's closing ] is missing`, def.name.length);
  const inner = rest.slice(1, -1);
  const quoted = /^(["'])([\s\S]*)\1$/.exec(inner);
  return quoted === null ? inner : quoted[2];
}

/**
 * Binds a field with its argument (undefined: none given).
 * @throws FieldError for a bad or missing argument.
 */
export function bindField(def: FieldDef, arg: string | undefined, options: FieldOptions = {}): PlannedField {
  if (arg === undefined && def.argument === 'required') {
    throw new FieldError(`${def.name} needs an argument: ${def.name}.x or ${def.name}[x]`);
  }
  const fmt = def.fmt ?? 'dec';
  const text = arg === undefined ? def.name : `${def.name}[${arg}]`;
  if (def.bind !== undefined) {
    const bound = def.bind(arg, options);
    return {
      type: def.type,
      fmt,
      writeJson: def.writeJson,
      plain: def.plain,
      multi: def.multi,
      ...bound,
      text,
      def,
    };
  }
  if (def.extract === undefined) throw new FieldError(`${def.name} can only be used with an argument`);
  return {
    text,
    def,
    type: def.type,
    fmt,
    extract: def.extract,
    multi: def.multi,
    write: def.write,
    writeJson: def.writeJson,
    plain: def.plain,
  };
}
