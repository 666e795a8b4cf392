import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { LiveError } from '../capture/live_error.js';

/** A user as files are owned and processes run. */
export interface UserIds {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** A line of the user table: `name:password:uid:gid:…`. */
function parseUser(line: string): UserIds | null {
  const [name, , uid, gid] = line.split(':');
  if (name === undefined || !/^\d+$/.test(uid ?? '') || !/^\d+$/.test(gid ?? '')) return null;
  return { name, uid: Number(uid), gid: Number(gid) };
}

/**
 * Looks a user up by name or number: in /etc/passwd, then where the system keeps others (getent).
 * @throws LiveError when there is no such user
 */
export function findUser(nameOrUid: string, passwd = '/etc/passwd'): UserIds {
  let lines: string[] = [];
  try {
    lines = readFileSync(passwd, 'latin1').split('\n');
  } catch {
    // Without it getent may still know.
  }
  for (const line of lines) {
    const user = parseUser(line);
    if (user !== null && (user.name === nameOrUid || String(user.uid) === nameOrUid)) return user;
  }
  try {
    const found = parseUser(
      execFileSync('getent', ['passwd', nameOrUid], {
        encoding: 'latin1',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim(),
    );
    if (found !== null) return found;
  } catch {
    // Not there, or no getent.
  }
  throw new LiveError(`there is no user ${nameOrUid}: --drop-to takes the name or the number of one`);
}

/**
 * Who is to own the files that this run makes: the user of --drop-to, else, under sudo, who called sudo; null: who runs it.
 * @throws LiveError when the user of --drop-to does not exist
 */
export function fileOwner(
  dropTo: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
  isRoot = process.getuid?.() === 0,
): UserIds | null {
  if (dropTo !== undefined) return findUser(dropTo);
  if (!isRoot) return null;
  const uid = Number(env['SUDO_UID']);
  const gid = Number(env['SUDO_GID']);
  if (!(uid > 0) || !Number.isInteger(uid) || !Number.isInteger(gid)) return null;
  return { name: env['SUDO_USER'] ?? String(uid), uid, gid };
}
