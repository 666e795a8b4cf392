import { openFile } from '../../src/capture/file.js';
import { containerHooks } from '../../src/container/hooks.js';
import type { EventView } from '../../src/event/view.js';
import { Machine } from '../../src/machine/machine.js';
import { EC } from '../../src/scap/events.generated.js';
import { Session } from '../../src/session/session.js';

/**
 * Runs a recording through a machine and hands every event that sysdig would show to `onEvent`. The users, groups and
 * containers at the start of a recording are state, not events.
 */
export async function replay(
  path: string,
  onEvent: (ev: EventView, machine: Machine) => void,
): Promise<void> {
  const machine = new Machine();
  Object.assign(machine.hooks, containerHooks(machine.containers));
  let begun = false;
  const sink = {
    onEvent(ev: EventView, m: Machine): void {
      begun ||= ((ev.info?.source ?? 0) & EC.METAEVENT) === 0;
      if (begun) onEvent(ev, m);
    },
  };
  await new Session({ source: openFile(path), machine, sinks: [sink] }).run();
}
