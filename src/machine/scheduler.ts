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
  const { cpu, ts } = ev;
  const last = machine.lastSwitch[cpu];
  machine.lastSwitch[cpu] = ts;
  const ran = last === undefined ? 0 : ts - last;
  machine.execTime = ran;
  if (thread !== null) thread.totalExecTime += ran;
  const usual = usualParams(ev);
  if (usual < 0) {
    machine.lastNext[cpu] = ev.paramLen(0) === 8 ? ev.i64(0) : -1;
    if (thread !== null && ev.type === PPME.SCHEDSWITCH_6_E && ev.nparams >= 6)
      takeMemory(machine, ev, thread);
    return;
  }
  const { dv } = ev;
  const next = dv.getInt32(usual, true);
  const high = dv.getInt32(usual + 4, true);
  machine.lastNext[cpu] = high === next >> 31 ? next : high * 4294967296 + (next >>> 0);
  if (thread === null) return;
  thread.pfmajor = dv.getUint32(usual + 12, true) * 4294967296 + dv.getUint32(usual + 8, true);
  thread.pfminor = dv.getUint32(usual + 20, true) * 4294967296 + dv.getUint32(usual + 16, true);
  const main = machine.mainThread(thread) ?? thread;
  main.vmsizeKb = dv.getUint32(usual + 24, true);
  main.vmrssKb = dv.getUint32(usual + 28, true);
  main.vmswapKb = dv.getUint32(usual + 32, true);
}

/** Lengths of three 64-bit numbers and three of 32 bits, two in a word. */
const USUAL_LENGTHS = [0x00080008, 0x00040008, 0x00040004] as const;

/** Where the parameters of a switch stand if they are as all writers have them, else -1: a third of all events may be switches. */
function usualParams(ev: EventView): number {
  if (ev.type !== PPME.SCHEDSWITCH_6_E || ev.nparams !== 6) return -1;
  const { dv } = ev;
  const lengths = ev.hdr + ev.hdrLen;
  if (
    dv.getInt32(lengths, true) !== USUAL_LENGTHS[0] ||
    dv.getInt32(lengths + 4, true) !== USUAL_LENGTHS[1] ||
    dv.getInt32(lengths + 8, true) !== USUAL_LENGTHS[2]
  )
    return -1;
  return lengths + 12;
}

/** The numbers of a switch that has them in other lengths. */
function takeMemory(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  thread.pfmajor = ev.u64(1);
  thread.pfminor = ev.u64(2);
  const main = machine.mainThread(thread) ?? thread;
  main.vmsizeKb = ev.u32(3);
  main.vmrssKb = ev.u32(4);
  main.vmswapKb = ev.u32(5);
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
