import type { FieldOptions, PlannedField } from '../fields/field.js';
import type { LineBuffer } from '../fields/line_buffer.js';
import { showControls } from '../format/control.js';
import { compileTemplate } from '../format/template.js';
import { parseTemplate } from '../format/template_parser.js';
import type { LineWriter } from '../session/line_sink.js';
import type { Options } from './options.js';

const RESET = '\x1b[0m';
const RED = '\x1b[31m';
const DIM = '\x1b[2m';

/** Colours by what a field means; fields that are not here keep the terminal's own. */
const COLORS: readonly (readonly [field: RegExp, color: string])[] = [
  [/^(evt\.num|evt\.cpu|container\.id|thread\.v?tid|evt\.dir)$/, DIM],
  [/^(container\.name|k8s\.pod\.name|container\.image)/, '\x1b[35m'],
  [/^(proc\.p?name|proc\.cmdline|proc\.exepath)/, '\x1b[36m'],
  [/^user\.name/, '\x1b[33m'],
  [/^(evt\.type|syscall\.type)$/, '\x1b[1m'],
  [/^fd\.name|^fs\.path/, '\x1b[34m'],
];

/** Fields that turn red when the call failed. */
const TELLS_FAILURE = /^evt\.(type|info|args|res)$/;

/** Whether lines have colours: as --color says, else on a terminal where NO_COLOR is not set. */
export function wantsColor(
  options: Pick<Options, 'color' | 'json'>,
  terminal: boolean,
  env: NodeJS.ProcessEnv = process.env,
): boolean {
  if (options.json || options.color === 'never') return false;
  if (options.color === 'always') return true;
  return terminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}

/**
 * The lines of a template with colours by meaning. Captured control bytes are made visible before any colour is
 * written, so what comes out is safe for a terminal as it is. `multiline` keeps line ends (hex dumps).
 */
export function coloredLines(
  text: string,
  options: FieldOptions,
  multiline: boolean,
): LineWriter & { readonly fields: readonly PlannedField[] } {
  const { segments, lenient } = parseTemplate(text, { ...options, output: true });
  const failed = compileTemplate('%evt.failed', options);
  const parts = segments.map(({ literal, field, key, width }) => {
    if (field === undefined) return { literal, template: null, color: '', red: false };
    const own = compileTemplate(`${lenient ? '*' : ''}%${width > 0 ? width : ''}${key}`, options);
    const color = COLORS.find(([name]) => name.test(field.def.name))?.[1] ?? '';
    return { literal: '', template: own, color, red: TELLS_FAILURE.test(field.def.name) };
  });
  const fields = [...failed.fields, ...segments.flatMap((segment) => segment.field ?? [])];
  const anyRed = parts.some((part) => part.red);
  return {
    fields,
    write(out: LineBuffer, ev, machine) {
      const start = out.pos;
      const isFailure = anyRed && failed.render(ev, machine) === 'true';
      for (const { literal, template, color, red } of parts) {
        if (template === null) {
          out.text(Buffer.from(literal, 'utf8').latin1Slice());
          continue;
        }
        const paint = red && isFailure ? RED : color;
        out.text(paint);
        const from = out.pos;
        if (!template.write(out, ev, machine)) {
          out.pos = start;
          return false;
        }
        showControls(out, from, multiline);
        if (paint !== '') out.text(RESET);
      }
      return true;
    },
  };
}
