import { bufferWriter } from '../fields/buffer_text.js';
import type { FieldOptions, FieldValue, FieldWriter, PlannedField } from '../fields/field.js';
import { LineBuffer } from '../fields/line_buffer.js';
import { asItIs, ownerOf, RepeatedTexts } from '../fields/repeated_texts.js';
import { humanAmount, type Unit, unitOfField } from '../fields/unit.js';
import { PT } from '../scap/events.generated.js';

const scratch = new LineBuffer(1024);

/**
 * A field's value as text, a byte string: numbers by their `fmt` ('hex', 'oct', '10_padded_dec', otherwise decimal),
 * lists in parentheses, buffers as the options say. undefined stays undefined: the caller knows what stands for it.
 */
export function renderValue(
  value: FieldValue,
  type: number,
  fmt: string,
  options: FieldOptions = {},
): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return numberText(value, type, fmt);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (Buffer.isBuffer(value)) {
    if (value.length === 0) return '';
    scratch.pos = 0;
    bufferWriter(options)(scratch, value, 0, value.length);
    return scratch.since(0);
  }
  return `(${value.map((item) => renderValue(item, type, fmt, options) ?? '<NA>').join(',')})`;
}

/** Digits of a nanosecond remainder. */
const PADDED = 9;

function numberText(value: number | bigint, type: number, fmt: string): string {
  if (type === PT.BOOL) return value ? 'true' : 'false';
  if (type === PT.DOUBLE) return Number(value).toFixed(1);
  switch (fmt) {
    case 'hex':
      return value.toString(16).toUpperCase();
    case 'oct':
      return value === 0 || value === 0n ? '0' : `0${value.toString(8)}`;
    case '10_padded_dec':
      return String(value).padStart(PADDED, '0');
    default:
      return String(value);
  }
}

/** The fastest way to print a planned field. */
export function fieldWriter(field: PlannedField, options: FieldOptions): FieldWriter {
  const unit = options.human ? unitOfField(field.def.name, field.type) : undefined;
  if (unit !== undefined) return amountWriter(field, unit);
  if (field.write !== undefined) return field.write;
  const { extract, type, fmt } = field;
  const plainNumber =
    fmt !== 'hex' && fmt !== 'oct' && fmt !== '10_padded_dec' && type !== PT.BOOL && type !== PT.DOUBLE;
  const texts = new RepeatedTexts(asItIs);
  const owner = ownerOf(field.def);
  return (out, ev, m) => {
    const value = extract(ev, m);
    if (value === undefined) return false;
    if (typeof value === 'string') texts.put(out, value, owner(ev, m));
    else if (typeof value === 'number' && plainNumber && Number.isSafeInteger(value)) out.dec(value);
    else out.text(renderValue(value, type, fmt, options) ?? '');
    return true;
  };
}

function amountWriter({ extract }: PlannedField, unit: Unit): FieldWriter {
  return (out, ev, m) => {
    const value = extract(ev, m);
    if (typeof value !== 'number' && typeof value !== 'bigint') return false;
    out.text(humanAmount(Number(value), unit));
    return true;
  };
}
