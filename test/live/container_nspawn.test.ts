import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containerIdOf } from '../../src/container/cgroup.js';
import { isInstalled } from '../installed.js';
import { CAN_RUN_CONTAINERS, until } from './docker_fixture.js';
import { TsdigProcess } from './tsdig_process.js';

const NAME = 'tsdig-nspawn';
/** As systemd names the scope of a machine: `-` is escaped. */
const SCOPE = '/machine.slice/machine-tsdig\\x2dnspawn.scope';
/** Where systemd keeps its own groups: beside the hierarchies of version 1, or in the only one. */
const HIERARCHIES = ['/sys/fs/cgroup/systemd', '/sys/fs/cgroup/unified', '/sys/fs/cgroup'].filter((path) =>
  existsSync(join(path, 'cgroup.procs')),
);
const BUSYBOX = '/usr/bin/busybox';

/**
 * systemd-nspawn itself. Where no systemd runs that would make the scope of the machine, the test makes it and starts
 * systemd-nspawn inside, which divides it into supervisor and payload as it always does.
 */
describe.runIf(CAN_RUN_CONTAINERS && isInstalled('systemd-nspawn'))('systemd-nspawn, the real one', () => {
  const root = mkdtempSync(join(tmpdir(), 'tsdig-nspawn-'));
  let machine: ChildProcess | undefined;
  let watching: TsdigProcess;

  beforeAll(async () => {
    for (const folder of ['bin', 'etc', 'usr', 'proc', 'sys', 'dev', 'run', 'tmp', 'var', 'root'])
      mkdirSync(join(root, folder));
    copyFileSync(BUSYBOX, join(root, 'bin/busybox'));
    for (const command of ['sh', 'sleep', 'cat']) symlinkSync('busybox', join(root, 'bin', command));
    writeFileSync(join(root, 'etc/os-release'), 'NAME=test\n');
    writeFileSync(join(root, 'etc/inside'), 'inside\n');
    for (const path of HIERARCHIES) mkdirSync(join(path, SCOPE), { recursive: true });
    watching = new TsdigProcess([
      ...['--unbuffered', '-p', '%evt.type %container.name %container.id %proc.name %proc.vpid %fd.name'],
      `container.name=${NAME} and evt.type=openat and evt.dir=<`,
    ]);
    // Nothing has to be seen of what is there before; what comes is waited for.
    await until(() => watching.child.pid !== undefined && attached(), 40_000, 'tsdig does not begin');
    const join_ = HIERARCHIES.map((path) => `echo $$ > '${path}${SCOPE}/cgroup.procs'`).join('; ');
    const nspawn = `systemd-nspawn -q --register=no --keep-unit -M ${NAME} -D ${root} --kill-signal=SIGKILL`;
    machine = spawn(
      'sh',
      ['-c', `${join_}; exec ${nspawn} /bin/sh -c 'while :; do cat /etc/inside; sleep 1; done'`],
      {
        stdio: 'ignore',
        detached: true,
      },
    );
  });

  afterAll(async () => {
    if (machine !== undefined && machine.exitCode === null) {
      const ended = new Promise((resolve) => machine?.on('exit', resolve));
      process.kill(-machine.pid!, 'SIGTERM');
      await ended;
    }
    for (const path of HIERARCHIES)
      for (const group of ['/payload', '/supervisor', ''])
        try {
          rmdirSync(join(path, SCOPE + group));
        } catch {
          // It was never made.
        }
    rmSync(root, { recursive: true, force: true });
  });

  /** Whether recording has begun: its programs are attached. */
  function attached(): boolean {
    const links = execFileSync('sh', ['-c', `ls -l /proc/${watching.child.pid}/fd 2>/dev/null || true`], {
      encoding: 'latin1',
    });
    return (links.match(/bpf_link/g) ?? []).length >= 3;
  }

  it('is named from its cgroups, also when it starts later than tsdig', async () => {
    expect(await watching.saw(/\/etc\/inside$/m)).toBe(true);
    const { stdout } = await watching.interrupt();
    const line = stdout.split('\n').find((text) => text.includes('/etc/inside'))!;
    expect(line).toMatch(new RegExp(`^openat ${NAME} ${NAME} \\S+ \\d+ /etc/inside$`));
    // The supervisor is a process of the host.
    const supervisor = readFileSync(`/proc/${machine!.pid}/cgroup`, 'latin1').trim().split('\n');
    expect(supervisor.join()).toContain('/supervisor');
    expect(containerIdOf(supervisor)).toBe('');
    const inside = execFileSync('pgrep', ['--oldest', '--full', '^/bin/sh -c while :; do cat /etc/inside'], {
      encoding: 'latin1',
    }).trim();
    expect(readFileSync(`/proc/${inside}/cgroup`, 'latin1')).toContain(`${SCOPE}/payload`);
  });
});
