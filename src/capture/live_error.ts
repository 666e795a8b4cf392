import { CaptureError } from '../scap/capture_error.js';

/** Live capture does not work here: `message` is one line with what is missing and the remedy. */
export class LiveError extends CaptureError {
  constructor(message: string) {
    super('io', message);
    this.name = 'LiveError';
  }
}

/** The native helper has not been built or cannot be loaded: `message` says what to install and run. */
export class NativeMissingError extends LiveError {
  constructor(message: string) {
    super(message);
    this.name = 'NativeMissingError';
  }
}
