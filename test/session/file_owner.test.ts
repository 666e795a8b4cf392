import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LiveError } from '../../src/capture/live_error.js';
import { fileOwner, findUser } from '../../src/session/file_owner.js';
import { missingRights } from '../../src/session/rights.js';
import { ALL_NEEDS, NO_NEEDS } from '../../src/session/run_plan.js';

describe('owner of the files', () => {
  let dir: string;
  let passwd: string;

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'tsdig-owner-'));
    passwd = join(dir, 'passwd');
    writeFileSync(passwd, '# a comment\nbroken:x:\nsome-one:x:1234:2345:Some One:/home:/bin/sh\n');
  });

  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('finds users by name and by number', () => {
    const someone = { name: 'some-one', uid: 1234, gid: 2345 };
    expect(findUser('some-one', passwd)).toEqual(someone);
    expect(findUser('1234', passwd)).toEqual(someone);
    for (const bad of ['broken', '# a comment', 'no-such-user-at-all'])
      expect(() => findUser(bad, passwd)).toThrow(LiveError);
  });

  it('is who called sudo, only for root, and not root', () => {
    const env = { SUDO_UID: '1000', SUDO_GID: '1001', SUDO_USER: 'me' };
    expect(fileOwner(undefined, env, true)).toEqual({ name: 'me', uid: 1000, gid: 1001 });
    expect(fileOwner(undefined, env, false)).toBe(null);
    expect(fileOwner(undefined, {}, true)).toBe(null);
    expect(fileOwner(undefined, { ...env, SUDO_UID: '0' }, true)).toBe(null);
    expect(fileOwner(undefined, { ...env, SUDO_UID: 'x' }, true)).toBe(null);
  });
});

describe('what is missing without root', () => {
  const status = (caps: bigint) => `Name:\tnode\nCapEff:\t${caps.toString(16).padStart(16, '0')}\n`;
  const ptrace = 1n << 19n;
  const docker = {
    kind: 'docker',
    path: '/run/docker.sock',
    present: true,
    trouble: '/run/docker.sock: connect EACCES',
  };

  it('is told when the run asks for it', () => {
    expect(missingRights(ALL_NEEDS, [], status(0n)).join('\n')).toMatch(
      /need CAP_SYS_PTRACE: run with sudo, or setcap/,
    );
    expect(missingRights(NO_NEEDS, [docker], status(0n))).toEqual([]);
    expect(missingRights(ALL_NEEDS, [], status(ptrace | 4n))).toEqual([]);
    expect(missingRights(ALL_NEEDS, [docker], status(ptrace))).toEqual([
      "names of containers are missing: /run/docker.sock: connect EACCES: run with sudo, or as a member of the socket's group",
    ]);
    // Trouble of another kind, or an engine that is not there, is no question of rights.
    expect(
      missingRights(
        ALL_NEEDS,
        [
          { ...docker, trouble: 'hangs' },
          { ...docker, present: false },
        ],
        status(ptrace),
      ),
    ).toEqual([]);
  });
});
