import type { EventView } from '../event/view.js';
import { splitStrings } from './cgroups.js';
import type { Machine } from './machine.js';
import { paramLayouts } from './param_layout.js';
import type { ThreadInfo } from './thread.js';

/** Parameters that clone and exec exits have in common. */
const COMMON = [
  'exe',
  'args',
  'tid',
  'pid',
  'ptid',
  'cwd',
  'fdlimit',
  'pgft_maj',
  'pgft_min',
  'vm_size',
  'vm_rss',
  'vm_swap',
  'comm',
  'cgroups',
  'uid',
  'gid',
] as const;

export type CommonLayout = Readonly<Record<(typeof COMMON)[number], number>>;

/** Layouts of the common parameters and the given others. */
export function processLayouts<Name extends string>(
  types: readonly number[],
  others: readonly Name[],
): ReadonlyMap<number, CommonLayout & Readonly<Record<Name, number>>> {
  return paramLayouts(types, [...COMMON, ...others]) as ReadonlyMap<
    number,
    CommonLayout & Readonly<Record<Name, number>>
  >;
}

/** Whether parameter `i` is there with at least `size` bytes. */
export function hasParam(ev: EventView, i: number, size = 1): boolean {
  return i >= 0 && i < ev.nparams && ev.paramLen(i) >= size;
}

/** The list of NUL terminated strings in parameter `i`. */
export function stringsParam(ev: EventView, i: number): string[] {
  if (!hasParam(ev, i)) return [];
  const off = ev.paramOffset(i);
  return splitStrings(ev.bytes.latin1Slice(off, off + ev.paramLen(i)));
}

/** A pid-like parameter, or `otherwise` when it is absent. */
export function pidParam(ev: EventView, i: number, otherwise: number): number {
  return hasParam(ev, i, 8) ? ev.i64(i) : otherwise;
}

/** Takes over what clone and exec exits tell alike: program, arguments, memory, limits, cgroups. */
export function takeCommon(machine: Machine, ev: EventView, at: CommonLayout, thread: ThreadInfo): void {
  if (hasParam(ev, at.exe)) thread.exe = ev.str(at.exe);
  thread.args = stringsParam(ev, at.args);
  if (hasParam(ev, at.comm)) thread.comm = ev.str(at.comm);
  // Oldest events have no comm: the file name of the program stands in.
  else if (at.comm < 0) thread.comm = thread.exe.slice(thread.exe.lastIndexOf('/') + 1);
  if (hasParam(ev, at.fdlimit, 8)) thread.fdLimit = ev.i64(at.fdlimit);
  if (hasParam(ev, at.pgft_maj, 8)) thread.pfmajor = ev.u64(at.pgft_maj);
  if (hasParam(ev, at.pgft_min, 8)) thread.pfminor = ev.u64(at.pgft_min);
  if (hasParam(ev, at.vm_size, 4)) thread.vmsizeKb = ev.u32(at.vm_size);
  if (hasParam(ev, at.vm_rss, 4)) thread.vmrssKb = ev.u32(at.vm_rss);
  if (hasParam(ev, at.vm_swap, 4)) thread.vmswapKb = ev.u32(at.vm_swap);
  if (hasParam(ev, at.cgroups)) {
    const off = ev.paramOffset(at.cgroups);
    const set = machine.cgroupTexts.get(ev.bytes.latin1Slice(off, off + ev.paramLen(at.cgroups)));
    thread.cgroups = set.list;
    thread.containerId = set.containerId;
    if (set.containerId !== '') machine.meetContainer(thread);
  }
}
