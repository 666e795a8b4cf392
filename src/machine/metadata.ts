import { PPME } from '../scap/events.generated.js';
import type { HandlerRow } from './handler.js';
import { ThreadInfo } from './thread.js';

/** Stands for the container that an event tells of: such an event has no thread, but it is somebody's. */
function containerThread(json: string): ThreadInfo {
  const id = /"id"\s*:\s*"([^"\\]+)"/.exec(json)?.[1] ?? '';
  const thread = new ThreadInfo(-1, -1);
  thread.comm = `container:${id}`;
  thread.containerId = id;
  thread.vtid = -2;
  thread.vpid = -2;
  return thread;
}

/** Events about users, groups and containers. They belong to no thread. */
export const METADATA_HANDLERS: readonly HandlerRow[] = [
  [[PPME.CONTAINER_E, PPME.ASYNCEVENT_E], (machine, ev) => machine.hooks.onContainerEvent?.(ev)],
  [
    [PPME.CONTAINER_JSON_E, PPME.CONTAINER_JSON_2_E],
    (machine, ev) => {
      machine.hooks.onContainerEvent?.(ev);
      machine.thread = containerThread(ev.str(0));
    },
  ],
  [
    [PPME.USER_ADDED_E],
    (machine, ev) => {
      if (ev.nparams < 6) return;
      machine.users.addUser(ev.str(5), {
        uid: ev.u32(0),
        gid: ev.u32(1),
        name: ev.str(2),
        home: ev.str(3),
        shell: ev.str(4),
      });
    },
  ],
  [
    [PPME.USER_DELETED_E],
    (machine, ev) => {
      if (ev.nparams >= 6) machine.users.deleteUser(ev.str(5), ev.u32(0));
    },
  ],
  [
    [PPME.GROUP_ADDED_E],
    (machine, ev) => {
      if (ev.nparams >= 3) machine.users.addGroup(ev.str(2), { gid: ev.u32(0), name: ev.str(1) });
    },
  ],
  [
    [PPME.GROUP_DELETED_E],
    (machine, ev) => {
      if (ev.nparams >= 3) machine.users.deleteGroup(ev.str(2), ev.u32(0));
    },
  ],
];
