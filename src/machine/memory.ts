import { PPME } from '../scap/events.generated.js';
import type { HandlerRow } from './handler.js';

/** Exits of calls that map memory tell how much the thread's process has. */
export const MEMORY_HANDLERS: readonly HandlerRow[] = [
  [
    [PPME.SYSCALL_MMAP_X, PPME.SYSCALL_MMAP2_X, PPME.SYSCALL_MUNMAP_X, PPME.SYSCALL_BRK_4_X],
    (_machine, ev, thread) => {
      if (ev.nparams < 4 || ev.paramLen(3) !== 4) return;
      thread.vmsizeKb = ev.u32(1);
      thread.vmrssKb = ev.u32(2);
      thread.vmswapKb = ev.u32(3);
    },
  ],
];
