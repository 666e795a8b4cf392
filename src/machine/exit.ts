import type { EventView } from '../event/view.js';
import { PPME } from '../scap/events.generated.js';
import type { HandlerRow } from './handler.js';
import type { Machine } from './machine.js';
import type { ThreadInfo } from './thread.js';
import { ThreadFlag } from './thread.js';

function procExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  machine.exits.add(thread.tid, ev.ts);
  if ((thread.flags & ThreadFlag.CLOSED) === 0) {
    thread.flags |= ThreadFlag.CLOSED;
    const main = machine.mainThread(thread);
    if (main !== null) main.nthreads--;
    if (thread.isMain) thread.dead = true;
  }
  if (thread.children !== null && thread.children.size > 0) {
    const said = ev.type === PPME.PROCEXIT_1_E && ev.nparams > 4 && ev.paramLen(4) === 8 ? ev.i64(4) : -1;
    const reaper = said > 0 ? said : findReaper(machine, thread);
    for (const child of [...thread.children]) machine.reparent(child, reaper);
  }
  machine.removeThreadLater(thread);
}

/**
 * Who the kernel gives the children to when the event does not say it: another thread of the process, then the
 * next ancestor that made itself a reaper or is the init of the pid namespace, then pid 1.
 */
function findReaper(machine: Machine, thread: ThreadInfo): number {
  const main = machine.mainThread(thread);
  if (main !== null) {
    if (main !== thread && !main.dead) return main.tid;
    for (const sibling of main.siblings ?? []) if (sibling !== thread) return sibling.tid;
  }
  let at = machine.parent(main ?? thread);
  for (let hops = 0; at !== null && hops < 1000; hops++) {
    if (at.reaper || at.vpid === 1) return at.tid;
    at = machine.parent(at);
  }
  return machine.threads.has(1) ? 1 : 0;
}

export const EXIT_HANDLERS: readonly HandlerRow[] = [[[PPME.PROCEXIT_E, PPME.PROCEXIT_1_E], procExit]];
