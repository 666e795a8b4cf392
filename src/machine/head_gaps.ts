import { EventView } from '../event/view.js';
import { EF, EVENTS, PPME } from '../scap/events.generated.js';
import type { CaptureHead, FdEntry } from '../scap/head.js';
import { CLONE_EXITS } from './clone.js';
import { hasParam, pidParam, processLayouts } from './process_params.js';

const LAYOUTS = processLayouts(CLONE_EXITS, ['vtid']);

/** Exit events whose result is a new fd, by type. */
const OPENS = EVENTS.map((info) => !info.enter && (info.flags & EF.CREATES_FD) !== 0);

/**
 * Completes what a capture begins with by what the first events say must have been there. A process that closes a file that it
 * was not found with had it when the capture began: it was found later than that. What file it was its children still
 * tell that were born before it was closed. Replayed, the same event closes it: nothing stays that is not there.
 * `blocks`: the first events, one block each. `present`: what a process has open now.
 */
export function completeHead(
  head: CaptureHead,
  blocks: readonly Buffer[],
  present: (pid: number) => readonly FdEntry[],
): void {
  const processes = new Map(head.processes.map((entry) => [entry.tid, entry]));
  const born = new Map<number, number[]>();
  const threads = new Map<number, number>();
  const opened = new Set<string>();
  const closing = new Map<number, number>();
  const looked = new Map<number, readonly FdEntry[]>();
  const processOf = (tid: number): number => processes.get(tid)?.pid ?? threads.get(tid) ?? tid;
  const filesOf = (pid: number): readonly FdEntry[] => {
    let files = processes.get(pid)?.fds ?? looked.get(pid);
    if (files === undefined) {
      files = present(pid);
      looked.set(pid, files);
    }
    return files;
  };
  const inherited = (pid: number, fd: number): FdEntry | undefined => {
    for (const child of born.get(pid) ?? []) {
      const file = filesOf(child).find((entry) => entry.fd === fd) ?? inherited(child, fd);
      if (file !== undefined) return file;
    }
    return undefined;
  };
  const closed = (pid: number, fd: number): void => {
    const process = processes.get(pid);
    if (process === undefined || opened.delete(`${pid} ${fd}`)) return;
    if (process.fds.some((entry) => entry.fd === fd)) return;
    const file = inherited(pid, fd);
    if (file !== undefined) process.fds.push({ ...file });
  };
  const isBorn = (parent: number, child: number): void => {
    const children = born.get(parent);
    if (children === undefined) born.set(parent, [child]);
    else if (!children.includes(child)) children.push(child);
  };
  /** In the parent. Inside another pid namespace the result is not the host's number. */
  const birth = (ev: EventView): void => {
    const vtid = LAYOUTS.get(ev.type)?.vtid ?? -1;
    if (hasParam(ev, 0, 8) && ev.i64(0) > 0 && pidParam(ev, vtid, ev.tid) === ev.tid)
      isBorn(processOf(ev.tid), ev.i64(0));
  };
  /** In the child, which may come later than what the parent does next: where that one's event is missing, it is the older one. */
  const ownBirth = (ev: EventView, known: ReadonlySet<number>): void => {
    const at = LAYOUTS.get(ev.type);
    if (at === undefined || !hasParam(ev, 0, 8) || ev.i64(0) !== 0) return;
    const pid = pidParam(ev, at.pid, ev.tid);
    if (pid !== ev.tid) threads.set(ev.tid, pid);
    else if (!known.has(pid)) isBorn(processOf(pidParam(ev, at.ptid, -1)), pid);
  };

  const view = new EventView();
  const each = (take: () => void): void => {
    for (const block of blocks) {
      view.attach(block, new DataView(block.buffer, block.byteOffset, block.length));
      if (view.at(0)) take();
    }
  };
  const told = new Set<number>();
  each(() => {
    if (LAYOUTS.has(view.type) && hasParam(view, 0, 8)) told.add(view.i64(0));
  });
  each(() => ownBirth(view, told));
  each(() => {
    const { type, tid } = view;
    if (type === PPME.SYSCALL_CLOSE_E) {
      if (hasParam(view, 0, 8)) closing.set(tid, view.i64(0));
    } else if (type === PPME.SYSCALL_CLOSE_X) {
      const fd = hasParam(view, 1, 8) ? view.i64(1) : closing.get(tid);
      if (fd !== undefined && hasParam(view, 0, 8) && view.i64(0) === 0) closed(processOf(tid), fd);
    } else if (LAYOUTS.has(type)) birth(view);
    else if (OPENS[type] && hasParam(view, 0, 8)) opened.add(`${processOf(tid)} ${view.i64(0)}`);
  });
}
