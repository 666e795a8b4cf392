import { PATH_AT } from '../event/effects.js';
import type { EventView } from '../event/view.js';
import type { OpenedFiles } from './fd_table.js';
import { asksForSame, PPM_O_DIRECTORY } from './files.js';
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
    // Behind the path stand the flags (of creat the mode, which has no such bit).
    if (at === 0 || ev.paramLen(0) !== 8 || ev.paramLen(at + 1) !== 4) return false;
    const fd = ev.i64(0);
    if (fd < 0 || fd !== (fd | 0)) return false;
    machine.paths.read(ev, at);
    if (!machine.paths.ruledOut || (ev.u32(at + 1) & PPM_O_DIRECTORY) !== 0) return false;
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
}
