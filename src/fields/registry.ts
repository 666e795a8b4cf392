import type { FieldDef, PlannedField } from './field.js';
import { FieldError } from './field.js';

/** A field class as listed by `-l`: one per file. */
export interface FieldClass {
  readonly name: string;
  readonly description: string;
  readonly fields: readonly FieldDef[];
}

/** All classes in the order of the listing. */
export const FIELD_CLASSES: readonly FieldClass[] = [];

/**
 * Finds the longest known field name that is a prefix of `text` and binds what follows as its argument
 * (`evt.arg.fd`, `evt.arg[fd]`, `proc.aname[2]`).
 * @throws FieldError for an unknown field (with a suggestion) or a bad or missing argument.
 */
export function planField(text: string): PlannedField {
  throw new FieldError(`unknown field ${text}`);
}
