import type { EventView } from '../event/view.js';
import type { FieldOptions, FieldValue, FieldWriter, PlannedField } from '../fields/field.js';
import { LineBuffer, literalCode } from '../fields/line_buffer.js';
import { ownerOf, RepeatedTexts } from '../fields/repeated_texts.js';
import type { Machine } from '../machine/machine.js';
import { PT } from '../scap/events.generated.js';
import type { Template, TemplateOptions } from './template.js';
import { parseTemplate } from './template_parser.js';
import { byteString } from './unicode.js';
import { renderValue } from './value.js';

const QUOTE = 34;
const BACKSLASH = 92;
const HEX = '0123456789abcdef';
/** The letters of the short escapes, by control byte. */
const SHORT_ESCAPES: readonly (string | undefined)[] = (() => {
  const list: (string | undefined)[] = [];
  list[8] = 'b';
  list[9] = 't';
  list[10] = 'n';
  list[12] = 'f';
  list[13] = 'r';
  return list;
})();
/** U+FFFD in UTF-8: what stands for bytes that are no UTF-8. */
const REPLACEMENT = '\xef\xbf\xbd';

const scratch = new LineBuffer(4096);

/**
 * Compiles a template into JSON objects: one object per event, its fields' names as keys in alphabetical order, null for
 * what has no value. Always valid: bytes that are no UTF-8 become U+FFFD, 64-bit numbers keep all their digits.
 * A template that does not begin with `*` leaves out events that lack a field, as in text.
 * @throws FieldError with the offset in `text` of what is wrong.
 */
export function compileJsonTemplate(text: string, options: TemplateOptions = {}): Template {
  // Programs read this: buffers are never cut.
  const parsed = parseTemplate(text, { ...options, output: true, whole: true });
  const fields = parsed.segments.flatMap((segment) => (segment.field === undefined ? [] : [segment.field]));
  const byKey = new Map<string, PlannedField>();
  for (const { field, key } of parsed.segments) if (field !== undefined) byKey.set(key, field);
  const keys = [...byKey.keys()].sort();
  const members = keys.map((key) => memberOf(key, byKey.get(key) as PlannedField, options));
  const write = joinMembers(members, parsed.lenient);
  const own = new LineBuffer(4096);
  return {
    text,
    fields,
    write,
    render(ev: EventView, machine: Machine) {
      own.pos = 0;
      return write(own, ev, machine) ? own.since(0) : undefined;
    },
  };
}

/** One key with what writes its value. */
interface Member {
  readonly key: string;
  readonly write: FieldWriter;
  /** Always text without escapes (`plain`): the quotes are written here. */
  readonly bare: boolean;
}

/** One function for all members. Quotes go with the keys around them: fewer, longer pieces. */
function joinMembers(members: readonly Member[], lenient: boolean): FieldWriter {
  let code = 'const start = out.pos;\n';
  let closing = '';
  members.forEach(({ key, bare }, i) => {
    const quote = bare ? '"' : '';
    code += literalCode(byteString(`${closing}${i === 0 ? '{' : ','}${JSON.stringify(key)}:${quote}`));
    const missing = lenient ? literalCode('null') : 'out.pos = start; return false;';
    code += bare ? `write${i}(out, ev, m);\n` : `if (!write${i}(out, ev, m)) { ${missing} }\n`;
    closing = quote;
  });
  code += literalCode(members.length === 0 ? '{}' : `${closing}}`);
  const names = members.map((_, i) => `write${i}`);
  const make = new Function(...names, `return (out, ev, m) => {\n${code}return true;\n}`) as (
    ...args: unknown[]
  ) => FieldWriter;
  return make(...members.map((member) => member.write));
}

function memberOf(key: string, field: PlannedField, options: FieldOptions): Member {
  const { write, plain } = field;
  if (field.writeJson === undefined && write !== undefined && plain) return { key, write, bare: true };
  return { key, write: jsonWriter(field, options), bare: false };
}

/** Types whose values are written as text: the rest are numbers, booleans and lists. */
const TEXT_TYPES: ReadonlySet<number> = new Set<number>([PT.CHARBUF, PT.BYTEBUF, PT.FSPATH, PT.FSRELPATH]);
const NUMBER_TYPES: ReadonlySet<number> = new Set<number>([
  PT.INT8,
  PT.INT16,
  PT.INT32,
  PT.INT64,
  PT.UINT8,
  PT.UINT16,
  PT.UINT32,
  PT.UINT64,
  PT.PID,
  PT.ABSTIME,
]);

/** Writes a field as a JSON value, in the fastest way that its type allows. */
function jsonWriter(field: PlannedField, options: FieldOptions): FieldWriter {
  const { extract, write, type, fmt } = field;
  if (field.writeJson !== undefined) return field.writeJson;
  if (write !== undefined && TEXT_TYPES.has(type) && fmt === 'na') return quoted(write);
  // Plain decimal text is a JSON number already.
  if (write !== undefined && NUMBER_TYPES.has(type) && (fmt === 'dec' || fmt === 'id')) return write;
  if (type === PT.CHARBUF) return remembered(field, options);
  return (out, ev, m) => {
    const value = extract(ev, m);
    if (value === undefined) return false;
    writeJson(out, value, field, options);
    return true;
  };
}

/** 1 for the bytes that cannot stand in a JSON string as they are, or only if they are part of UTF-8. */
const SPECIAL = new Uint8Array(256);
for (let c = 0; c < 256; c++) SPECIAL[c] = c < 32 || c > 126 || c === QUOTE || c === BACKSLASH ? 1 : 0;

/** Text from a writer, in quotes: written in place, and only where something needs it written again with escapes. */
function quoted(write: FieldWriter): FieldWriter {
  return (out, ev, m) => {
    const before = out.pos;
    out.byte(QUOTE);
    if (!write(out, ev, m)) {
      out.pos = before;
      return false;
    }
    const bytes = out.bytes;
    const end = out.pos;
    for (let i = before + 1; i < end; i++) {
      if (SPECIAL[bytes[i]] === 1) {
        const start = scratch.pos;
        scratch.raw(bytes, before + 1, end);
        out.pos = before;
        writeJsonText(out, scratch.bytes, start, scratch.pos);
        scratch.pos = start;
        return true;
      }
    }
    out.byte(QUOTE);
    return true;
  };
}

/** Names repeat: their quoted forms are kept. */
function remembered(field: PlannedField, options: FieldOptions): FieldWriter {
  const { extract } = field;
  const known = new RepeatedTexts(writeJsonString);
  const owner = ownerOf(field.def);
  return (out, ev, m) => {
    const value = extract(ev, m);
    if (value === undefined) return false;
    if (typeof value === 'string') known.put(out, value, owner(ev, m));
    else writeJson(out, value, field, options);
    return true;
  };
}

function writeJson(out: LineBuffer, value: FieldValue, field: PlannedField, options: FieldOptions): void {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) out.dec(value);
    else out.text(Number.isFinite(value) ? String(value) : 'null');
  } else if (typeof value === 'string') writeJsonString(out, value);
  else if (typeof value === 'bigint') out.text(String(value));
  else if (typeof value === 'boolean') out.text(value ? 'true' : 'false');
  else if (value === undefined) out.text('null');
  else if (Buffer.isBuffer(value))
    writeJsonString(out, renderValue(value, field.type, field.fmt, options) ?? '');
  else {
    value.forEach((item, i) => {
      out.byte(i === 0 ? 91 : 44);
      writeJson(out, item, field, options);
    });
    out.text(value.length === 0 ? '[]' : ']');
  }
}

/** Writes a byte string as a JSON string. */
export function writeJsonString(out: LineBuffer, text: string): void {
  const n = text.length;
  let plain = true;
  for (let i = 0; i < n; i++) {
    const c = text.charCodeAt(i);
    if (c < 32 || c > 126 || c === QUOTE || c === BACKSLASH) {
      plain = false;
      break;
    }
  }
  if (plain) {
    out.byte(QUOTE);
    out.text(text);
    out.byte(QUOTE);
    return;
  }
  const start = scratch.pos;
  scratch.text(text);
  writeJsonText(out, scratch.bytes, start, scratch.pos);
  scratch.pos = start;
}

/** Writes bytes as a JSON string. */
export function writeJsonText(out: LineBuffer, from: Buffer, start: number, end: number): void {
  out.reserve((end - start) * 6 + 2);
  const to = out.bytes;
  let pos = out.pos;
  to[pos++] = QUOTE;
  for (let i = start; i < end; i++) {
    const c = from[i];
    if (c >= 32 && c < 128) {
      if (c === QUOTE || c === BACKSLASH) to[pos++] = BACKSLASH;
      to[pos++] = c;
    } else if (c < 32) {
      to[pos++] = BACKSLASH;
      const short = SHORT_ESCAPES[c];
      if (short !== undefined) to[pos++] = short.charCodeAt(0);
      else {
        to[pos++] = 117;
        to[pos++] = 48;
        to[pos++] = 48;
        to[pos++] = HEX.charCodeAt(c >> 4);
        to[pos++] = HEX.charCodeAt(c & 15);
      }
    } else {
      const length = utf8Length(from, i, end);
      if (length === 0) for (let k = 0; k < 3; k++) to[pos++] = REPLACEMENT.charCodeAt(k);
      else {
        for (let k = 0; k < length; k++) to[pos++] = from[i + k];
        i += length - 1;
      }
    }
  }
  to[pos++] = QUOTE;
  out.pos = pos;
}

/** Bytes of the well-formed UTF-8 character (two bytes or more) at `i`, 0 if none stands there (RFC 3629). */
export function utf8Length(bytes: Buffer, i: number, end: number): number {
  const first = bytes[i];
  const length =
    first >= 0xc2 && first < 0xe0
      ? 2
      : first >= 0xe0 && first < 0xf0
        ? 3
        : first >= 0xf0 && first < 0xf5
          ? 4
          : 0;
  if (length === 0 || i + length > end) return 0;
  const second = bytes[i + 1];
  // No overlong forms, no surrogates, nothing above U+10FFFF.
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let k = 2; k < length; k++) if ((bytes[i + k] & 0xc0) !== 0x80) return 0;
  return length;
}
