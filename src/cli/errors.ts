import { ChiselExit } from '../chisel/engine.js';
import { ClosedPipeError } from './output.js';
import { UsageError } from './usage_error.js';

/** Errors made for the user: their message is one clear line (some bring a second one with a caret: `render`). */
interface UserError extends Error {
  render?(): string;
}

const USER_ERRORS = new Set([
  'UsageError',
  'FilterError',
  'FieldError',
  'TemplateError',
  'CaptureError',
  'CaptureWriteError',
  'LiveError',
  'NativeMissingError',
  'ChiselError',
  'ConfigError',
]);

const SYSTEM_WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EISDIR: 'is a folder',
  ENOSPC: 'no space left on the device',
  EPERM: 'not permitted',
};

/** What to print on standard error for `error`, and the exit code. Nothing is printed for a closed pipe. */
export function describeError(error: unknown): { text: string; code: number } {
  if (error instanceof ClosedPipeError) return { text: '', code: 0 };
  // A chisel called os.exit.
  if (error instanceof ChiselExit) return { text: '', code: error.code };
  if (!(error instanceof Error)) return { text: `tsdig: ${String(error)}`, code: 1 };
  const user = error as UserError;
  if (USER_ERRORS.has(error.name)) {
    const text = user.render ? user.render() : error.message;
    return { text: `tsdig: ${text}`, code: error instanceof UsageError ? 2 : 1 };
  }
  const system = error as NodeJS.ErrnoException;
  if (system.code !== undefined && SYSTEM_WORDS[system.code] !== undefined) {
    return {
      text: `tsdig: ${system.path ? `${system.path}: ` : ''}${SYSTEM_WORDS[system.code]} (${system.code})`,
      code: 1,
    };
  }
  const detail = process.env['TSDIG_DEBUG'] ? `\n${error.stack}` : ' (TSDIG_DEBUG=1 shows where)';
  return { text: `tsdig: internal error: ${error.message}${detail}`, code: 1 };
}
