import type { EventView } from '../event/view.js';
import { eventName } from '../fields/event_name.js';
import type { FieldValue, PlannedField } from '../fields/field.js';
import type { Machine } from '../machine/machine.js';

/** A field's value for library users: text decoded as UTF-8, bytes as a copy, undefined = the event has none. */
export type Value = number | bigint | string | boolean | Buffer | readonly Value[] | undefined;

/** One event, detached from the capture: yours to keep. */
export interface CapturedEvent {
  /** 1-based number in the capture. */
  readonly num: number;
  /** `open`, `read`, `switch` … */
  readonly type: string;
  readonly direction: 'enter' | 'exit';
  /** ns since the epoch. */
  readonly time: bigint;
  /** Host thread id, -1 for events without a thread. */
  readonly tid: number;
  readonly cpu: number;
  /** The fields that were asked for, by the name they were asked with. */
  readonly fields: Readonly<Record<string, Value>>;
}

/** Copies the current event out of its buffer. */
export function captureEvent(
  ev: EventView,
  machine: Machine,
  fields: ReadonlyMap<string, PlannedField>,
): CapturedEvent {
  const values: Record<string, Value> = {};
  for (const [name, field] of fields) values[name] = publicValue(field.extract(ev, machine));
  return {
    num: ev.num,
    type: eventName(ev),
    direction: (ev.type & 1) === 0 ? 'enter' : 'exit',
    time: ev.absTs,
    tid: ev.tid,
    cpu: ev.cpu,
    fields: values,
  };
}

function publicValue(value: FieldValue): Value {
  if (typeof value === 'string') return Buffer.from(value, 'latin1').toString('utf8');
  if (Buffer.isBuffer(value)) return Buffer.from(value);
  if (Array.isArray(value)) return value.map(publicValue);
  return value as Value;
}
