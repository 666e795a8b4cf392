import { FIELD_CLASSES } from '../fields/registry.js';
import { EVENTS, PT } from '../scap/events.generated.js';

const TYPE_NAMES: readonly string[] = (() => {
  const names: string[] = [];
  for (const [name, number] of Object.entries(PT)) names[number] = name;
  return names;
})();

const NAME_WIDTH = 30;

/** Breaks text at blanks into lines of at most `width` characters. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines;
}

/** The fields by class, as `-l` prints them; `detailed` (-lv) adds types and arguments. */
export function listFields(detailed: boolean, width = 110): string {
  let out = '';
  for (const group of FIELD_CLASSES) {
    const fields = group.fields.filter((field) => !field.hidden);
    if (fields.length === 0) continue;
    out += '\n-------------------------------\n';
    out += `Field Class:                  ${group.name}\n`;
    out += indented('Description:                  ', group.description, width) + '\n';
    for (const field of fields) {
      const notes = [
        field.filterOnly ? 'FILTER ONLY' : '',
        field.deprecated ? 'DEPRECATED' : '',
        detailed && field.argument === 'required' ? 'ARGUMENT REQUIRED' : '',
        detailed && field.argument === 'optional' ? 'ARGUMENT ALLOWED' : '',
        detailed && field.isList ? 'LIST' : '',
        detailed ? `Type: ${TYPE_NAMES[field.type]}` : '',
      ].filter((note) => note !== '');
      const text = (notes.length > 0 ? `(${notes.join(', ')}) ` : '') + field.description;
      const name =
        field.name.length < NAME_WIDTH
          ? field.name.padEnd(NAME_WIDTH)
          : `${field.name}\n${' '.repeat(NAME_WIDTH)}`;
      out += indented(name, text, width);
    }
  }
  return out;
}

function indented(head: string, text: string, width: number): string {
  return head + wrapText(text, Math.max(20, width - NAME_WIDTH)).join(`\n${' '.repeat(NAME_WIDTH)}`) + '\n';
}

/** The fields as Markdown tables (`--list-markdown`). */
export function listFieldsMarkdown(): string {
  let out = '';
  for (const group of FIELD_CLASSES) {
    const fields = group.fields.filter((field) => !field.hidden);
    if (fields.length === 0) continue;
    out += `\n## Field Class: ${group.name}\n\n${group.description}\n\nName | Type | Description\n:----|:-----|:-----------\n`;
    for (const field of fields) {
      out += `\`${field.name}\` | ${TYPE_NAMES[field.type]} | ${field.description.replaceAll('|', '\\|')}\n`;
    }
  }
  return out;
}

/** Every event type with its parameters (`-L`). */
export function listEvents(): string {
  let out = '';
  for (const event of EVENTS) {
    const params = event.params.map((param) => `${TYPE_NAMES[param.type]} ${param.name}`);
    out += `${event.enter ? '>' : '<'} ${event.evtName}(${params.join(', ')})\n`;
  }
  return out;
}
