import type { EventView } from '../event/view.js';
import { EC, EVENTS } from '../scap/events.generated.js';
import { PPM_SC_NAMES, SYSCALLS_X86_64 } from '../scap/syscalls.generated.js';

/** Events 0 and 1 stand for every call that has no event type of its own: their first parameter says which. */
const LAST_GENERIC = 1;

const nativeNames: (string | undefined)[] = [];
for (const [number, name] of SYSCALLS_X86_64) nativeNames[number] = name;

/** What evt.type shows: the event's name, for generic events that of the system call. */
export function eventName(ev: EventView): string {
  if (ev.type <= LAST_GENERIC) return genericName(ev);
  const info = ev.info;
  return info === undefined ? '<unknown>' : info.evtName;
}

function genericName(ev: EventView): string {
  if (ev.paramLen(0) < 2) return '<unknown>';
  const code = ev.u16(0);
  const name = code === 0 ? undefined : PPM_SC_NAMES[code];
  if (name !== undefined) return name;
  // Code 0 is what writers give that stay readable for old programs: the native number tells more.
  if (ev.paramLen(1) >= 2) return nativeNames[ev.u16(1)] ?? '<unknown>';
  return '<unknown>';
}

/** What syscall.type shows: nothing for events that are no system calls. */
export function syscallName(ev: EventView): string | undefined {
  const info = ev.info;
  if (info === undefined || (info.source & EC.SYSCALL) === 0) return undefined;
  return eventName(ev);
}

/** Every value that evt.type can have: names of event types and of system calls. */
export const EVENT_NAMES: ReadonlySet<string> = new Set([
  ...EVENTS.map((info) => info.evtName),
  ...PPM_SC_NAMES.filter((name) => name !== undefined),
  ...nativeNames.filter((name) => name !== undefined),
]);

/**
 * Names that a filter on evt.type takes in besides the one it says: current C libraries open files with openat, so
 * whoever asks for `evt.type=open` means these too. syscall.type stays exact.
 */
export const EVT_TYPE_ALIASES: Readonly<Record<string, readonly string[]>> = {
  open: ['openat', 'openat2'],
};

const CATEGORY_NAMES: Readonly<Record<number, string>> = {
  [EC.OTHER]: 'other',
  [EC.FILE]: 'file',
  [EC.NET]: 'net',
  [EC.IPC]: 'IPC',
  [EC.MEMORY]: 'memory',
  [EC.PROCESS]: 'process',
  [EC.SLEEP]: 'sleep',
  [EC.SYSTEM]: 'system',
  [EC.SIGNAL]: 'signal',
  [EC.USER]: 'user',
  [EC.TIME]: 'time',
  [EC.PROCESSING]: 'processing',
  [EC.WAIT]: 'wait',
  [EC.SCHEDULER]: 'scheduler',
  [EC.INTERNAL]: 'internal',
};

/** Name of an event category that is not one of input and output; 'unknown' if it has none. */
export function categoryName(category: number): string {
  return CATEGORY_NAMES[category] ?? 'unknown';
}
