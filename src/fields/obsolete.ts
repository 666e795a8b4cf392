import { PT } from '../scap/events.generated.js';
import { type FieldDef, FieldError } from './field.js';

/** A field that old filters and templates name and that nothing fills any more: recognised, never a value. */
function obsolete(name: string, type: number, description: string, argument = false): FieldDef {
  return {
    name,
    type,
    fmt: type === PT.CHARBUF ? 'na' : 'dec',
    deprecated: true,
    description,
    ...(argument
      ? {
          argument: 'required' as const,
          bind: (arg: string | undefined) => {
            if (arg === undefined || arg === '') throw new FieldError(`${name} needs an argument`);
            return { extract: () => undefined };
          },
        }
      : { extract: () => undefined }),
  };
}

const NUMBER = PT.UINT64;
const TEXT = PT.CHARBUF;

/** Class span: tracers, marks that programs wrote to /dev/null. */
export const SPAN_FIELDS: readonly FieldDef[] = [
  obsolete('span.id', PT.INT64, 'Tracer: id.'),
  obsolete('span.time', TEXT, 'Tracer: time of its start.'),
  obsolete('span.ntags', PT.UINT32, 'Tracer: number of tags.'),
  obsolete('span.nargs', PT.UINT32, 'Tracer: number of arguments.'),
  obsolete('span.tags', TEXT, 'Tracer: all tags.'),
  obsolete('span.tag', TEXT, 'Tracer: one tag.', true),
  obsolete('span.args', TEXT, 'Tracer: all arguments.'),
  obsolete('span.arg', TEXT, 'Tracer: one argument.', true),
  obsolete('span.enterargs', TEXT, 'Tracer: all arguments of its start.'),
  obsolete('span.enterarg', TEXT, 'Tracer: one argument of its start.', true),
  obsolete('span.duration', PT.RELTIME, 'Tracer: nanoseconds from start to end.'),
  obsolete('span.duration.quantized', NUMBER, 'Tracer: duration on a logarithmic scale.'),
  obsolete('span.duration.human', TEXT, 'Tracer: duration with a unit.'),
  obsolete('span.duration.fortag', PT.RELTIME, 'Tracer: duration of spans with so many tags.', true),
  obsolete('span.count', NUMBER, 'Tracer: 1 for each end.'),
  obsolete('span.count.fortag', NUMBER, 'Tracer: 1 for each end with so many tags.', true),
  obsolete('span.childcount.fortag', NUMBER, 'Tracer: 1 for each child.', true),
  obsolete('span.idtag', TEXT, 'Tracer: tags with id.', true),
  obsolete('span.rawtime', TEXT, 'Tracer: time of its start in ns.'),
  obsolete('span.rawparenttime', TEXT, "Tracer: time of its parent's start in ns."),
];

/** The same six or seven questions for four ways of belonging to a span. */
function within(prefix: string, whose: string): FieldDef[] {
  return [
    obsolete(`${prefix}.id`, PT.INT64, `Id of ${whose}.`),
    obsolete(`${prefix}.ntags`, PT.UINT32, `Number of tags of ${whose}.`),
    obsolete(`${prefix}.nargs`, PT.UINT32, `Number of arguments of ${whose}.`),
    obsolete(`${prefix}.tags`, TEXT, `Tags of ${whose}.`),
    obsolete(`${prefix}.tag`, TEXT, `One tag of ${whose}.`, true),
    obsolete(`${prefix}.args`, TEXT, `Arguments of ${whose}.`),
    obsolete(`${prefix}.arg`, TEXT, `One argument of ${whose}.`, true),
  ];
}

/** Class evtin: events that happen within a tracer's span. */
export const EVTIN_FIELDS: readonly FieldDef[] = [
  ...within('evtin.span', "the thread's open span"),
  ...within('evtin.span.p', 'an open span of the thread or one of its parents'),
  ...within('evtin.span.s', 'an open span of the same script'),
  ...within('evtin.span.m', 'a span open anywhere on the machine'),
];

/** Class mesos. */
export const MESOS_FIELDS: readonly FieldDef[] = [
  obsolete('mesos.task.name', TEXT, 'Mesos: name of the task.'),
  obsolete('mesos.task.id', TEXT, 'Mesos: id of the task.'),
  obsolete('mesos.task.label', TEXT, 'Mesos: one label of the task.', true),
  obsolete('mesos.task.labels', TEXT, 'Mesos: labels of the task.'),
  obsolete('mesos.framework.name', TEXT, 'Mesos: name of the framework.'),
  obsolete('mesos.framework.id', TEXT, 'Mesos: id of the framework.'),
  obsolete('marathon.app.name', TEXT, 'Marathon: name of the application.'),
  obsolete('marathon.app.id', TEXT, 'Marathon: id of the application.'),
  obsolete('marathon.app.label', TEXT, 'Marathon: one label of the application.', true),
  obsolete('marathon.app.labels', TEXT, 'Marathon: labels of the application.'),
  obsolete('marathon.group.name', TEXT, 'Marathon: name of the group.'),
  obsolete('marathon.group.id', TEXT, 'Marathon: id of the group.'),
];
