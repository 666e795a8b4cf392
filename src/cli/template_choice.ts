import type { ChiselTemplate } from '../chisel/runtime.js';
import type { BufferMode, FieldOptions } from '../fields/field.js';
import { compileJsonTemplate } from '../format/json.js';
import { compileTemplate, DEFAULT_TEMPLATE, type Template, templateOf } from '../format/template.js';
import type { BufferFormat, Options } from './options.js';
import { isTerminal } from './terminal.js';
import { UsageError } from './usage_error.js';

/** What a run asks for besides the command line: chisels may have chosen a buffer format. */
interface BufferChoice {
  readonly buffers: BufferFormat;
}

/** How fields look under these options. */
export function fieldOptions(options: Options, choice: BufferChoice): FieldOptions {
  const buffers: BufferMode = choice.buffers === 'normal' ? 'dots' : choice.buffers;
  return {
    time: options.timeType === 'utc' ? 'h' : options.timeType,
    utc: options.timeType === 'utc',
    buffers,
    whole: options.verbose || options.buffers !== 'normal',
    portNames: options.resolvePorts,
    // JSON is for programs.
    human: options.human && !options.json,
    ...(isTerminal('stdout') ? { screenWidth: process.stdout.columns } : {}),
  };
}

/** The text of the template that -p chooses, in which \n and \t stand for what they mean. */
export function templateText(options: Options): string {
  if (options.print === '') throw new UsageError('-p needs a format, such as %proc.name');
  const { print = DEFAULT_TEMPLATE } = options;
  return templateOf(print.replaceAll('\\n', '\n').replaceAll('\\t', '\t'));
}

/** The template of the lines that a run prints. @throws FieldError for a wrong -p. */
export function templateFor(options: Options, choice: BufferChoice): Template {
  const compile = options.json ? compileJsonTemplate : compileTemplate;
  return compile(templateText(options), fieldOptions(options, choice));
}

/** The formatter of a chisel; '' is the standard line. */
export function chiselTemplate(text: string, options: Options, choice: BufferChoice): ChiselTemplate {
  const compile = options.json ? compileJsonTemplate : compileTemplate;
  // Chisels print whole buffers.
  const look = { ...fieldOptions(options, choice), whole: true };
  return compile(text === '' ? templateText(options) : text, look);
}
