import { RuledCalls } from '../event/scan_codes.js';
import type { EventView } from '../event/view.js';
import { Call, rowAt } from '../machine/call_table.js';
import type { FdTable } from '../machine/fd_table.js';
import type { Machine } from '../machine/machine.js';
import { isFdRuled, noteRuled } from '../machine/pass_by.js';
import type { RuledFiles } from '../machine/ruled_files.js';

/**
 * What a filter on nothing but fds says of events: whether it lets those pass that are about no fd, about an fd that is not known, about
 * one of a table. Whose events they are counts for nothing.
 */
export class RuledFds {
  private readonly machine: Machine;
  /** For openings; null: paths rule out nothing. */
  private readonly files: RuledFiles | null;
  private noFd = false;
  private unknownEnters = false;
  private unknownExits = false;

  constructor(machine: Machine, files: RuledFiles | null) {
    this.machine = machine;
    this.files = files;
  }

  /** Whether all calls about fds that are not known are ruled out, both as they begin and as they end. */
  get rulesUnknown(): boolean {
    return this.unknownEnters && this.unknownExits;
  }

  /** What is known to be ruled out beside fds: `RuledCalls` flags. */
  get calls(): number {
    return (this.noFd ? RuledCalls.NO_FD : 0) | (this.rulesUnknown ? RuledCalls.UNKNOWN_FD : 0);
  }

  /** Whether an event about no fd is ruled out: once one of its thread (`row`) was, or of any other. */
  rulesNoFd(row: number): boolean {
    const { machine } = this;
    this.noFd ||= machine.threads.calls.words[rowAt(row) + Call.RULED] === machine.generation;
    return this.noFd;
  }

  /**
   * Whether the event of a call that begins (`enters`) or ends is ruled out, by the fd that it is about.
   * @param row of its thread. `table`: null if it has none.
   */
  rules(row: number, table: FdTable | null, fd: number, enters: boolean): boolean {
    if (!isFdRuled(this.machine, row, fd, enters ? Call.ENTER_RULED : Call.EXIT_RULED)) return false;
    if (table?.has(fd)) return true;
    if (enters) this.unknownEnters = true;
    else this.unknownExits = true;
    return true;
  }

  /** Whether an fd of a table that is there has been found to be ruled out, for the thread of a row. */
  rulesPresent(row: number, table: FdTable, fd: number): boolean {
    return table.has(fd) && isFdRuled(this.machine, row, fd, Call.ENTER_RULED);
  }

  /** Opens the file of the event at `off`, one that tells the path as its enter event does, if that is ruled out. */
  open(ev: EventView, off: number, row: number, table: FdTable, fd: number): boolean {
    const { machine, files } = this;
    const thread = machine.threads.calls.thread(row);
    if (files === null || thread === undefined || !files.opens(machine, ev, off, table, fd)) return false;
    noteRuled(thread, table, fd, machine.generation);
    return true;
  }
}
