import { openFile } from '../../src/capture/file.js';
import { containerHooks } from '../../src/container/hooks.js';
import { EventView } from '../../src/event/view.js';
import { Machine } from '../../src/machine/machine.js';
import { EC, PPME } from '../../src/scap/events.generated.js';

/** EVF flag: for the state only, not shown. */
const STATE_ONLY = 1;

/** Metadata that a capture begins with: read, but not counted by -n. */
const INITIAL: ReadonlySet<number> = new Set<number>([
  PPME.CONTAINER_E,
  PPME.CONTAINER_JSON_E,
  PPME.CONTAINER_JSON_2_E,
  PPME.USER_ADDED_E,
  PPME.GROUP_ADDED_E,
  PPME.ASYNCEVENT_E,
]);

export interface ReplayOptions {
  /** As -n: stop after so many events that pass the filter. */
  readonly maxEvents?: number;
  readonly filter?: (ev: EventView, machine: Machine) => boolean;
  /** Every event that passed the filter and is not the capture's initial state, shown or not. */
  readonly onCounted?: (ev: EventView, machine: Machine) => void;
  /** Each event that is shown. */
  readonly onEvent: (ev: EventView, machine: Machine) => void;
}

/** Plays a capture through a machine, as `sysdig -r` does. */
export async function replay(path: string, options: ReplayOptions): Promise<void> {
  const source = openFile(path);
  const machine = new Machine();
  Object.assign(machine.hooks, containerHooks(machine.containers));
  const ev = new EventView();
  const max = options.maxEvents ?? Number.POSITIVE_INFINITY;
  let num = 0;
  let passed = 0;
  let initial = true;
  try {
    for (let item = await source.next(); item !== null && passed < max; item = await source.next()) {
      if (item.kind === 'head') {
        machine.load(item.head);
        continue;
      }
      ev.attach(item.bytes, item.dv);
      if (num === 0) ev.setBase(EventView.secondOf(item.dv, item.start));
      for (let off = item.start; off < item.end && passed < max; ) {
        const isEvent = ev.at(off);
        off = ev.next;
        if (!isEvent) continue;
        ev.num = ++num;
        machine.process(ev);
        if (initial) {
          if (INITIAL.has(ev.type)) continue;
          initial = false;
        }
        if ((ev.blockFlags & STATE_ONLY) !== 0 || ev.info === undefined) continue;
        if (options.filter !== undefined && !options.filter(ev, machine)) continue;
        passed++;
        options.onCounted?.(ev, machine);
        if ((ev.info.category & EC.INTERNAL) === 0) options.onEvent(ev, machine);
      }
    }
  } finally {
    source.close();
  }
}
