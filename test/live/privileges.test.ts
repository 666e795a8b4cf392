import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { begun, checkWhole } from './capture_check.js';
import { CAN_RUN_CONTAINERS, runBriefly, startDocker, until } from './docker_fixture.js';
import { CAN_RECORD } from './recording.js';
import { pause, TsdigProcess, tsdig } from './tsdig_process.js';

const NOBODY = 65534;

/** Words that run what follows as nobody with these capabilities alone. */
function asNobody(...caps: string[]): string[] {
  const list = caps.map((cap) => `+${cap}`).join(',');
  const rights = caps.length > 0 ? [`--inh-caps=${list}`, `--ambient-caps=${list}`] : ['--inh-caps=-all'];
  return ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', ...rights];
}

/** What /proc says about a process. */
function statusOf(pid: number, key: string): string[] {
  const line = new RegExp(`^${key}:(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return (line?.[1] ?? '').trim().split(/\s+/);
}

describe.runIf(CAN_RECORD)('least privilege', () => {
  let dir: string;

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'tsdig-rights-'));
    // Writable for everybody, as /tmp.
    chmodSync(dir, 0o1777);
    mkdirSync(join(dir, 'roots'), { mode: 0o755 });
  });

  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  // CAP_DAC_READ_SEARCH lets nobody read this repository, wherever it is.
  it('records with CAP_BPF, CAP_PERFMON and CAP_SYS_PTRACE, without root', async () => {
    const file = join(dir, 'caps.scap');
    const run = new TsdigProcess(['-w', file, 'proc.name=cat'], {
      under: asNobody('bpf', 'perfmon', 'sys_ptrace', 'dac_read_search'),
    });
    await begun(file);
    execFileSync('cat', ['/etc/hostname']);
    await pause(300);
    const { code, stderr } = await run.interrupt();
    expect(stderr.split('\n').filter((line) => line !== '' && !/ lost: /.test(line))).toEqual([]);
    expect(code).toBe(0);
    expect(statSync(file).uid).toBe(NOBODY);
    await checkWhole(file);
    const { stdout } = await tsdig('-r', file, '-p', '%fd.name', 'evt.type=read');
    expect(stdout).toContain('/etc/hostname\n');
  });

  it('names the capability that is missing, and spares the file that is there', async () => {
    const file = join(dir, 'precious.scap');
    for (const [caps, missing] of [
      [['dac_read_search'], 'CAP_BPF'],
      [['dac_read_search', 'perfmon', 'sys_ptrace'], 'CAP_BPF'],
      [['dac_read_search', 'bpf', 'sys_ptrace'], 'CAP_PERFMON'],
    ] as const) {
      writeFileSync(file, 'precious');
      chmodSync(file, 0o666);
      const { code, stderr } = await new TsdigProcess(['--engine', 'ebpf', '-w', file], {
        under: asNobody(...caps),
      }).ended;
      expect(stderr).toMatch(
        new RegExp(`^tsdig: [^\\n]*needs ${missing}: run with sudo, or setcap [^\\n]+\\n$`),
      );
      expect(code).toBe(1);
      expect(readFileSync(file, 'latin1')).toBe('precious');
    }
  });

  it("says which of others' files it will not know without CAP_SYS_PTRACE", async () => {
    const run = new TsdigProcess(['-p', '%fd.name', 'proc.name=cat'], {
      under: asNobody('bpf', 'perfmon', 'dac_read_search'),
    });
    await until(() => / need CAP_/.test(run.stderr), 40_000, 'it says nothing');
    const { code, stderr } = await run.interrupt();
    expect(code).toBe(0);
    expect(stderr).toMatch(/^tsdig: .* need CAP_SYS_PTRACE: run with sudo, or setcap /m);
  });

  it('--drop-to gives the files to the user and goes on with no rights at all', async () => {
    const file = join(dir, 'dropped.scap');
    const run = new TsdigProcess(['--drop-to', 'nobody', '-w', file, 'proc.name=cat']);
    await begun(file);
    const pid = run.child.pid ?? 0;
    const ids = String(NOBODY);
    // Right behind the opening of the file.
    await until(() => statusOf(pid, 'CapEff')[0] === '0000000000000000', 20_000, 'it keeps its rights');
    expect(statusOf(pid, 'Uid')).toEqual([ids, ids, ids, ids]);
    expect(statusOf(pid, 'Gid')).toEqual([ids, ids, ids, ids]);
    expect(statusOf(pid, 'Groups')).not.toContain('0');
    for (const set of ['CapEff', 'CapPrm', 'CapInh', 'CapAmb'])
      expect(statusOf(pid, set)).toEqual(['0000000000000000']);
    execFileSync('cat', ['/etc/hostname']);
    await pause(300);
    const { code } = await run.interrupt();
    expect(code).toBe(0);
    expect(statSync(file).uid).toBe(NOBODY);
    expect(statSync(file).gid).toBe(NOBODY);
    await checkWhole(file);
    expect((await tsdig('-r', file, '-p', '%fd.name', 'evt.type=read')).stdout).toContain('/etc/hostname\n');
  });

  it('--drop-to refuses users that are not there, before anything is done', async () => {
    const file = join(dir, 'none.scap');
    const { code, stderr } = await tsdig('--drop-to', 'tsdig-nobody', '-w', file);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^tsdig: there is no user tsdig-nobody: [^\n]+\n$/);
    expect(() => statSync(file)).toThrow();
  });

  it('under sudo new files belong to who called it; those that were there keep their owner', async () => {
    const sudo = { SUDO_UID: '1234', SUDO_GID: '2345', SUDO_USER: 'someone' };
    const fresh = join(dir, 'fresh.scap');
    const old = join(dir, 'roots/old.scap');
    writeFileSync(old, '');
    for (const file of [fresh, old]) {
      const run = new TsdigProcess(['-v', '-w', file, 'proc.name=cat'], { env: sudo });
      await run.attached();
      expect((await run.interrupt()).code).toBe(0);
    }
    expect([statSync(fresh).uid, statSync(fresh).gid]).toEqual([1234, 2345]);
    expect([statSync(old).uid, statSync(old).gid]).toEqual([0, 0]);
    // Each file of a row too.
    const row = new TsdigProcess(['-G', '1', '-w', join(dir, 'row.scap'), 'proc.name=sleep'], { env: sudo });
    const files = (): string[] => readdirSync(dir).filter((name) => name.startsWith('row.scap'));
    await until(
      () => {
        execFileSync('sleep', ['0.6']);
        return files().length > 1;
      },
      40_000,
      'no second file',
    );
    const { code } = await row.interrupt();
    expect(code).toBe(0);
    expect(new Set(files().map((name) => statSync(join(dir, name)).uid))).toEqual(new Set([1234]));
  });

  it.runIf(CAN_RUN_CONTAINERS)(
    'names containers that start after --drop-to, as far as the socket has a group',
    async () => {
      await startDocker();
      const socket = statSync('/var/run/docker.sock');
      const reachable = socket.gid !== 0 && (socket.mode & 0o060) === 0o060;
      const name = 'tsdig-dropped';
      const run = new TsdigProcess([
        '-v',
        '--container-wait',
        '10000',
        '--drop-to',
        'nobody',
        '-p',
        '%container.name %proc.name',
        `container.id!=host and evt.type=execve`,
      ]);
      await run.attached();
      await runBriefly(name, ['sh', '-c', 'true; ls; sleep 0.3']);
      expect(await run.saw(reachable ? `${name} sh` : / sh$/m)).toBe(true);
      expect((await run.interrupt()).code).toBe(0);
    },
  );
});
