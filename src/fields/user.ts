import type { Machine } from '../machine/machine.js';
import type { ThreadInfo } from '../machine/thread.js';
import { PT } from '../scap/events.generated.js';
import type { UserEntry } from '../scap/head.js';
import type { Extractor, FieldValue } from './field.js';
import type { FieldClass } from './registry.js';
import { ofThread, threadField } from './thread.js';

/** User 0 is root wherever nothing else is known. */
const ROOT: UserEntry = { uid: 0, gid: 0, name: 'root', home: '/root', shell: '<NA>' };

/** Audit id of a session that nobody logged in to. */
const UNSET = 0xffffffff;

function ofUser(read: (user: UserEntry) => FieldValue): Extractor {
  return ofThread((t, machine) => {
    const { users } = machine;
    const user = users.user(t.containerId, t.uid) ?? (t.uid === 0 && !users.ignored ? ROOT : undefined);
    return user === undefined ? undefined : read(user);
  });
}

function loginName(thread: ThreadInfo, machine: Machine): FieldValue {
  if (thread.loginuid < 0) return '';
  // Who logged in is always one of the host's users.
  return thread.loginuid === UNSET ? '<NA>' : machine.users.user('', thread.loginuid)?.name;
}

/** Not known shows as 0 without a name, nobody as -1: sysdig's users have filters for these. */
function loginUid(thread: ThreadInfo): FieldValue {
  if (thread.loginuid < 0) return 0;
  return thread.loginuid === UNSET ? -1 : thread.loginuid;
}

/** Fields about the user that a process runs as. */
export const USER_FIELDS: FieldClass = {
  name: 'user',
  description: 'The user that the process runs as.',
  fields: [
    threadField(
      'user.uid',
      PT.UINT32,
      'Id of the user.',
      ofThread((t) => t.uid),
      { fmt: 'id' },
    ),
    threadField(
      'user.name',
      PT.CHARBUF,
      'Name of the user.',
      ofUser((u) => u.name),
    ),
    threadField(
      'user.homedir',
      PT.CHARBUF,
      'Home directory of the user.',
      ofUser((u) => u.home),
    ),
    threadField(
      'user.shell',
      PT.CHARBUF,
      'Login shell of the user.',
      ofUser((u) => u.shell),
    ),
    threadField(
      'user.loginuid',
      PT.INT64,
      'Id of the user that logged in, whoever the process runs as now; -1 if nobody did.',
      ofThread(loginUid),
      { fmt: 'id' },
    ),
    threadField('user.loginname', PT.CHARBUF, 'Name of the user that logged in.', ofThread(loginName)),
  ],
};
