import { EventView } from '../event/view.js';
import { CaptureError } from '../scap/capture_error.js';
import type { FdInfo } from './fd.js';
import type { OpenedDirectory, OpenedFiles } from './fd_table.js';
import { directoryOfFd, openedFile } from './files.js';

/** Reads bytes of the capture file again, from `position` on. Gives how many there were. */
export type ReadAgain = (into: Buffer, position: number, length: number) => number;

/** Bytes that are read at a time: an opening event with a usual path and those behind it. */
const WINDOW = 4096;
/** The smallest event block. */
const MIN_BLOCK = 36;
/** No event that opens a file is longer: two paths of 4 KiB at most. */
const MAX_BLOCK = 65536;

/**
 * Files whose opening was passed over, as their threads are ruled out: who asks for one has the event that opened it read
 * again. Hardly anybody does: most files are closed unasked.
 */
export class RereadFiles implements OpenedFiles {
  private readonly readAgain: ReadAgain;
  private readonly view = new EventView();
  private window = Buffer.alloc(WINDOW);
  private dv = new DataView(this.window.buffer, this.window.byteOffset, WINDOW);
  /** What stands in the window. */
  private from = 0;
  private end = 0;

  constructor(readAgain: ReadAgain) {
    this.readAgain = readAgain;
  }

  /** @throws CaptureError if the event no longer stands there. */
  openedAt(position: number, directory: OpenedDirectory): FdInfo {
    const path =
      typeof directory === 'string'
        ? directory
        : directoryOfFd(this.openedAt(directory.position, directory.directory));
    if (position < this.from || position + MIN_BLOCK > this.end) this.load(position, WINDOW);
    // Within the window: an integer of 32 bits, however far behind in the file.
    let at = (position - this.from) | 0;
    const whole = this.end - position >= MIN_BLOCK ? this.dv.getUint32(at + 4, true) : MIN_BLOCK;
    if (position + whole > this.end && whole <= MAX_BLOCK) {
      this.load(position, whole);
      at = 0;
    }
    if (position + whole > this.end || this.dv.getUint32(at, true) !== 0x216)
      throw new CaptureError(
        'io',
        `byte ${position} no longer says what it did: the file was changed while it was read`,
        position,
      );
    const { view } = this;
    view.attach(this.window, this.dv);
    view.at(at);
    return openedFile(view, path);
  }

  private load(position: number, length: number): void {
    if (length > this.window.length) {
      this.window = Buffer.alloc(length);
      this.dv = new DataView(this.window.buffer, this.window.byteOffset, length);
    }
    this.from = position;
    this.end = position + this.readAgain(this.window, position, Math.max(length, WINDOW));
  }
}
