import { PT } from '../scap/events.generated.js';
import type { FieldClass } from './registry.js';
import { ofThread, threadField } from './thread.js';

/** Fields about the group that a process runs as. */
export const GROUP_FIELDS: FieldClass = {
  name: 'group',
  description: 'The group that the process runs as.',
  fields: [
    threadField(
      'group.gid',
      PT.UINT32,
      'Id of the group.',
      ofThread((t) => t.gid),
      { fmt: 'id' },
    ),
    threadField(
      'group.name',
      PT.CHARBUF,
      'Name of the group.',
      ofThread((t, m) => m.users.group(t.containerId, t.gid)?.name ?? (t.gid === 0 ? 'root' : undefined)),
    ),
  ],
};
