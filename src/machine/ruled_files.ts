import { PATH_AT } from '../event/effects.js';
import { PPM_O_DIRECTORY } from '../event/scan_codes.js';
import type { EventView } from '../event/view.js';
import type { FdTable, OpenedFiles } from './fd_table.js';
import { asksForSame } from './files.js';
import type { Machine } from './machine.js';
import { keptEnter, noteRuled } from './pass_by.js';

/**
 * Passes over the opening of files whose path a filter has ruled out before (`PathCache.ruleOut`): nothing is looked at
 * but the path's bytes, and the file is a place in the capture until somebody asks for it.
 */
export class RuledFiles {
  /** Place in the capture of the present chunk's first byte. */
  position = 0;
  private readonly files: OpenedFiles;

  constructor(files: OpenedFiles) {
    this.files = files;
  }

  /**
   * Takes in the exit event at `off`, one that follows its enter event and opens a file in the thread of `row`. False: it has to go the whole way.
   */
  pass(machine: Machine, ev: EventView, off: number, row: number): boolean {
    ev.at(off);
    const at = PATH_AT[ev.type];
    if (at === 0 || ev.paramLen(0) !== 8) return false;
    const fd = ev.i64(0);
    if (fd < 0 || fd !== (fd | 0) || !this.isRuled(machine, ev, at)) return false;
    const { calls } = machine.threads;
    const thread = calls.thread(row);
    if (thread === undefined || !asksForSame(ev, at, keptEnter(machine, thread, ev.type))) return false;
    machine.settle();
    const table = machine.fdTable(thread);
    if (table === null || !table.isOf(thread)) return false;
    if (!table.open(fd, this.position + off, '', this.files)) return false;
    thread.lastFd = fd;
    noteRuled(thread, table, fd, machine.generation);
    return true;
  }

  /** The same for an event of which it is known that it opens this fd, by the path that its enter event asks for. */
  opens(machine: Machine, ev: EventView, off: number, table: FdTable, fd: number): boolean {
    ev.at(off);
    return this.isRuled(machine, ev, PATH_AT[ev.type]) && table.open(fd, this.position + off, '', this.files);
  }

  /** Whether the path, parameter `at`, is ruled out, and that of a plain file. */
  private isRuled(machine: Machine, ev: EventView, at: number): boolean {
    // Behind the path stand the flags (of creat the mode, which has no such bit).
    if (ev.paramLen(at + 1) !== 4) return false;
    machine.paths.read(ev, at);
    return machine.paths.ruledOut && (ev.u32(at + 1) & PPM_O_DIRECTORY) === 0;
  }
}
