import type { Machine } from '../machine/machine.js';
import type { ThreadInfo } from '../machine/thread.js';

/** Command lines already joined, by the argument list they came from: lists are replaced, never changed. */
const joined = new WeakMap<readonly string[], string>();

/** Arguments after argv[0], joined by blanks. */
export function argsText(thread: ThreadInfo): string {
  const args = thread.args;
  if (args.length === 0) return '';
  let text = joined.get(args);
  if (text === undefined) {
    text = args.join(' ');
    joined.set(args, text);
  }
  return text;
}

/** proc.cmdline: comm and arguments. */
export function commandLine(thread: ThreadInfo): string {
  return thread.args.length === 0 ? thread.comm : `${thread.comm} ${argsText(thread)}`;
}

/** Value of a variable in `NAME=value` texts. */
export function variable(env: readonly string[], name: string): string | undefined {
  const start = `${name}=`;
  for (const entry of env) if (entry.startsWith(start)) return entry.slice(start.length);
  return undefined;
}

/** Environment of the thread's process. */
export function environment(thread: ThreadInfo, machine: Machine): readonly string[] {
  return (machine.mainThread(thread) ?? thread).env;
}

/** Ancestors of the thread's process, the parent first. Bounded: a damaged capture may hold a loop. */
export function ancestors(thread: ThreadInfo, machine: Machine): ThreadInfo[] {
  const found: ThreadInfo[] = [];
  let at = machine.ancestor(thread, 1);
  while (at !== null && found.length < MAX_DEPTH && !found.includes(at)) {
    found.push(at);
    at = machine.parent(at);
  }
  return found;
}

const MAX_DEPTH = 4096;

/**
 * Leader of a session or process group: the process with that id; if it is gone, the highest ancestor that
 * still carries the id.
 */
export function leader(
  thread: ThreadInfo,
  machine: Machine,
  id: number,
  idOf: (thread: ThreadInfo) => number,
): ThreadInfo | null {
  const named = id >= 0 ? machine.threads.get(id) : undefined;
  if (named !== undefined) return named;
  let found: ThreadInfo | null = thread;
  for (let at = machine.mainThread(thread); at !== null; ) {
    const parent: ThreadInfo | null = machine.parent(at);
    if (parent === null || parent === found || idOf(parent) !== id) break;
    found = parent;
    at = parent;
  }
  return found;
}

const CAPABILITIES: readonly string[] = [
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'KILL',
  'SETGID',
  'SETUID',
  'SETPCAP',
  'LINUX_IMMUTABLE',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_ADMIN',
  'NET_RAW',
  'IPC_LOCK',
  'IPC_OWNER',
  'SYS_MODULE',
  'SYS_RAWIO',
  'SYS_CHROOT',
  'SYS_PTRACE',
  'SYS_PACCT',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_NICE',
  'SYS_RESOURCE',
  'SYS_TIME',
  'SYS_TTY_CONFIG',
  'MKNOD',
  'LEASE',
  'AUDIT_WRITE',
  'AUDIT_CONTROL',
  'SETFCAP',
  'MAC_OVERRIDE',
  'MAC_ADMIN',
  'SYSLOG',
  'WAKE_ALARM',
  'BLOCK_SUSPEND',
  'AUDIT_READ',
  'PERFMON',
  'BPF',
  'CHECKPOINT_RESTORE',
];

const capabilityTexts = new Map<bigint, string>();

/** Names of the capabilities in a mask, lowest first, with blanks between. */
export function capabilityNames(mask: bigint): string {
  let text = capabilityTexts.get(mask);
  if (text === undefined) {
    text = CAPABILITIES.filter((_name, bit) => (mask >> BigInt(bit)) & 1n)
      .map((name) => `CAP_${name}`)
      .join(' ');
    if (capabilityTexts.size >= 1024) capabilityTexts.clear();
    capabilityTexts.set(mask, text);
  }
  return text;
}
