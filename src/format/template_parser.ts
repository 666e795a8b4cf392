import { FieldError, type FieldOptions, type PlannedField } from '../fields/field.js';
import { bindField, longestField, unknownField } from '../fields/registry.js';

/** A piece of a template: literal text, or a field. */
export interface Segment {
  readonly literal: string;
  readonly field: PlannedField | undefined;
  /** The field as the user wrote it, with its argument; '' for literal text. */
  readonly key: string;
  /** Characters to fill exactly; 0: as long as it is. */
  readonly width: number;
}

export interface ParsedTemplate {
  readonly segments: readonly Segment[];
  /** Began with `*`: fields without value print as `<NA>` instead of keeping the line back. */
  readonly lenient: boolean;
}

const PERCENT = '%';
const MAX_WIDTH = 4096;

/**
 * Takes a template apart: `%field`, `%field[arg]`, `%20field`; a leading `*`; everything else is literal.
 * A field's name is the longest known one at that place: `%evt.numx` is evt.num and an x.
 * @throws FieldError with its offset in `text`.
 */
export function parseTemplate(text: string, options: FieldOptions): ParsedTemplate {
  const segments: Segment[] = [];
  const lenient = text.startsWith('*');
  let at = lenient ? 1 : 0;
  let literal = '';
  const flush = (): void => {
    if (literal !== '') segments.push({ literal, field: undefined, key: '', width: 0 });
    literal = '';
  };
  while (at < text.length) {
    const percent = text.indexOf(PERCENT, at);
    if (percent < 0) {
      literal += text.slice(at);
      break;
    }
    literal += text.slice(at, percent);
    if (percent === text.length - 1) {
      throw new FieldError('the format ends with %: a field name must follow it', percent);
    }
    flush();
    const [segment, next] = parseField(text, percent + 1, options);
    segments.push(segment);
    at = next;
  }
  flush();
  return { segments, lenient };
}

function parseField(text: string, start: number, options: FieldOptions): [Segment, number] {
  let at = start;
  while (at < text.length && isDigit(text.charCodeAt(at))) at++;
  const width = at > start ? Number(text.slice(start, at)) : 0;
  if (width > MAX_WIDTH) throw new FieldError(`a field cannot be wider than ${MAX_WIDTH} characters`, start);
  const def = longestField(text, at);
  if (def === undefined) {
    const name = nameAt(text, at);
    if (name !== '') throw placed(unknownField(name), at);
    throw new FieldError(`a field name must follow ${text.slice(start - 1, at)}`, at);
  }
  if (def.filterOnly) throw new FieldError(`${def.name} is for filters only and cannot be printed`, at);
  const end = at + def.name.length;
  const [arg, next] = (def.argument ?? 'none') === 'none' ? [undefined, end] : argumentAt(text, end);
  try {
    return [{ literal: '', field: bindField(def, arg, options), key: text.slice(at, next), width }, next];
  } catch (error) {
    throw error instanceof FieldError ? placed(error, at) : error;
  }
}

function placed(error: FieldError, offset: number): FieldError {
  return new FieldError(error.message, offset, error.suggestion);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** What looks like a name, for messages; '' if nothing does. */
function nameAt(text: string, at: number): string {
  return /^[a-zA-Z][\w.]*/.exec(text.slice(at))?.[0] ?? '';
}

/** An argument in brackets or behind a dot; undefined if none follows. */
function argumentAt(text: string, at: number): [string | undefined, number] {
  if (text[at] === '[') {
    const close = text.indexOf(']', at);
    if (close < 0) throw new FieldError("the field's argument has no closing ]", at);
    const inner = text.slice(at + 1, close);
    const quoted = /^(["'])([\s\S]*)\1$/.exec(inner);
    return [quoted === null ? inner : quoted[2], close + 1];
  }
  const dotted = /^\.([\w/-]+)/.exec(text.slice(at));
  return dotted === null ? [undefined, at] : [dotted[1], at + dotted[0].length];
}
