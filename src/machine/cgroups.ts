/** A set of cgroups as threads carry it: shared by all threads that are in the same ones. */
export interface CgroupSet {
  /** subsys=/path */
  readonly list: string[];
  /** '' = on the host. */
  readonly containerId: string;
}

/** Cgroup texts already taken apart, with the container they mean. */
export class CgroupTexts {
  private readonly known = new Map<string, CgroupSet>();
  private readonly containerIdOf: (cgroups: readonly string[]) => string;

  constructor(containerIdOf: (cgroups: readonly string[]) => string) {
    this.containerIdOf = containerIdOf;
  }

  /** @param text `subsys=/path`, each NUL terminated, as events and process lists store them. */
  get(text: string): CgroupSet {
    let set = this.known.get(text);
    if (set === undefined) {
      const list = splitStrings(text).map(fullName);
      set = { list, containerId: this.containerIdOf(list) };
      // Bounded: a machine that starts containers for years must not fill memory.
      if (this.known.size >= 4096) this.known.clear();
      this.known.set(text, set);
    }
    return set;
  }
}

/** Kernel names of subsystems that users know by another name. */
const FULL_NAMES: readonly (readonly [string, string])[] = [
  ['io=', 'blkio='],
  ['mem=', 'memory='],
  ['perf=', 'perf_event='],
];

function fullName(entry: string): string {
  for (const [short, full] of FULL_NAMES)
    if (entry.startsWith(short)) return full + entry.slice(short.length);
  return entry;
}

/** Strings of a list in which each ends with NUL (the last one may lack it). */
export function splitStrings(text: string): string[] {
  if (text === '') return [];
  const end = text.charCodeAt(text.length - 1) === 0 ? text.length - 1 : text.length;
  return text.slice(0, end).split('\0');
}
