import type { EventView } from '../event/view.js';
import { PPME } from '../scap/events.generated.js';
import type { Machine } from './machine.js';
import type { ThreadInfo } from './thread.js';

/** Clock ticks in a second, as the kernel shows CPU times to user space (USER_HZ). */
const TICKS = 100;

/**
 * A switch: `thread` has run on this CPU since the switch before it. The first one of a CPU tells nothing, as
 * nobody knows since when it ran. Where switches were filtered out of a recording this counts too much, as sysdig does;
 * tsdig records with each slice also the switch that began it.
 */
export function countExecTime(machine: Machine, ev: EventView, thread: ThreadInfo | null): void {
  const last = machine.lastSwitch[ev.cpu];
  machine.lastSwitch[ev.cpu] = ev.ts;
  machine.lastNext[ev.cpu] = ev.paramLen(0) === 8 ? ev.i64(0) : -1;
  const ran = last === undefined ? 0 : ev.ts - last;
  machine.execTime = ran;
  if (thread === null) return;
  thread.totalExecTime += ran;
  if (ev.type === PPME.SCHEDSWITCH_6_E && ev.nparams >= 6) {
    thread.pfmajor = ev.u64(1);
    thread.pfminor = ev.u64(2);
    const main = machine.mainThread(thread) ?? thread;
    main.vmsizeKb = ev.u32(3);
    main.vmrssKb = ev.u32(4);
    main.vmswapKb = ev.u32(5);
  }
}

/** CPU time of the thread since its start, in ticks, once a second: the difference is the use in percent. */
export function countProcinfo(ev: EventView, thread: ThreadInfo): void {
  if (ev.nparams < 2) return;
  const user = ev.u64(0);
  const system = ev.u64(1);
  const { cpu } = thread;
  thread.cpu = {
    user,
    system,
    userPercent: cpu === null ? Number.NaN : ((user - cpu.user) * 100) / TICKS,
    systemPercent: cpu === null ? Number.NaN : ((system - cpu.system) * 100) / TICKS,
  };
}
