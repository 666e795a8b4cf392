import { ADDRESS_AT } from '../event/effects.js';
import { KNOWN_TYPES } from '../event/scan_codes.js';
import { PPME } from '../scap/events.generated.js';
import { CLONE_EXITS } from './clone.js';

/**
 * A 1 for event types that, however they are dealt with, leave what is noted of fds as it is (see `ListWalk.note`): they open and
 * close none that was there before, and do not take from a socket what is known of its ends.
 */
export const LEAVES_FDS = Uint8Array.from({ length: KNOWN_TYPES }, (_, type) =>
  ADDRESS_AT[type] > 0 ? 1 : 0,
);
for (const type of [
  ...CLONE_EXITS,
  PPME.PROCEXIT_1_E,
  PPME.SYSCALL_PRLIMIT_X,
  PPME.SYSCALL_PRCTL_X,
  PPME.SYSCALL_GETCWD_X,
  PPME.SYSCALL_CHDIR_X,
  PPME.SYSCALL_FCHDIR_X,
  PPME.SYSCALL_COPY_FILE_RANGE_X,
])
  LEAVES_FDS[type] = 1;
