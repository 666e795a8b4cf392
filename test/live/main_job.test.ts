import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { begun } from './capture_check.js';
import {
  CAN_RUN_CONTAINERS,
  runBriefly,
  runContainer,
  startDocker,
  type TestContainer,
  until,
} from './docker_fixture.js';
import { TsdigProcess, tsdig } from './tsdig_process.js';

const WEB = 'tsdig-main-web';
const FILTER = `container.name=${WEB}`;

/** CPU time that a process has used, in ns: as exact as the scheduler counts it. */
function cpuNs(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[0]);
}

/** How much CPU time some processes had used at which time. */
class CpuUse {
  private readonly samples: { readonly at: number; readonly used: readonly number[] }[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly pids: readonly number[]) {
    // In the front row, so that on a busy machine the samples are dense too.
    setPriority(-15);
    this.timer = setInterval(() => this.take(), 20);
    this.take();
  }

  private take(): void {
    const used = this.pids.map(cpuNs);
    this.samples.push({ at: (performance.timeOrigin + performance.now()) * 1e6, used });
  }

  stop(): void {
    clearInterval(this.timer);
    this.take();
    setPriority(0);
  }

  /** ns that process `i` had used at a time (ns since the epoch), between samples by the straight line. */
  at(time: number, i: number): number {
    const after = this.samples.findIndex((sample) => sample.at >= time);
    if (after <= 0) throw new Error('no samples around this time');
    const [one, two] = [this.samples[after - 1], this.samples[after]];
    return one.used[i] + ((time - one.at) / (two.at - one.at)) * (two.used[i] - one.used[i]);
  }
}

/** One line of -j: a table of topprocs_cpu. */
interface CpuTable {
  readonly ts: string;
  /** Process, host pid, pid in the container, container, ns. */
  readonly data: readonly (readonly [string, string, string, string, number])[];
}

describe.runIf(CAN_RUN_CONTAINERS)('the main job on a real container', () => {
  let web: TestContainer;
  let dir: string;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tsdig-main-'));
    await startDocker();
    web = await runContainer(WEB, ['sleep', '600']);
  });

  afterAll(async () => {
    await web?.remove();
    rmSync(dir, { recursive: true, force: true });
  });

  it('topprocs_cpu shows who burns the CPU, with both pids and the container, and who sleeps', async () => {
    void web.exec('timeout', '60', 'sh', '-c', 'while :; do :; done');
    const top = new TsdigProcess(['-pc', '-c', 'topprocs_cpu', FILTER]);
    expect(await top.saw(/^CPU% +Process +Host_pid +Container_pid +container\.name\s*$/m)).toBe(true);
    expect(await top.saw(/^[1-9][\d.]+% +sh +\d+ +\d+ +tsdig-main-web\s*$/m), top.stdout).toBe(true);
    expect(await top.saw(/^0\.00% +sleep +\d+ +1 +tsdig-main-web\s*$/m), top.stdout).toBe(true);
    const { code, stdout } = await top.interrupt();
    expect(code).toBe(0);
    // Nothing of other containers or the host.
    expect(stdout).not.toMatch(/\bhost\s*$/m);
    await web.exec('sh', '-c', 'kill -9 -1');
  });

  it('its figures are within 5 points of what the scheduler counts over the same time', async () => {
    // One process that burns what it gets, and one that pauses about half of the time.
    const scripts = [
      'while :; do :; done',
      'while :; do i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done; usleep 15000; done',
    ];
    for (const script of scripts) void web.exec('timeout', '120', 'sh', '-c', script);
    const top = new TsdigProcess(['-pc', '-j', '-c', 'topprocs_cpu', FILTER]);
    const tables = (): CpuTable[] => {
      const lines = top.stdout.split('\n');
      return lines.slice(0, -1).map((line) => JSON.parse(line) as CpuTable);
    };
    // usleep makes short-lived children of the same name: the burners are those that live and have used CPU time.
    const burners = (): number[] =>
      [
        ...new Set(
          tables().flatMap(({ data }) => data.map(([name, pid]) => (name === 'sh' ? Number(pid) : 0))),
        ),
      ]
        .filter((pid) => existsSync(`/proc/${pid}/schedstat`) && cpuNs(pid) > 1e8)
        .sort((a, b) => a - b);
    await until(() => burners().length === 2, 40_000, 'the two processes are not in the tables');
    const pids = burners();
    const use = new CpuUse(pids);
    const first = tables().length;
    // Six tables whose whole time lies within the samples.
    await until(() => tables().length >= first + 8, 40_000, 'no tables');
    use.stop();
    expect((await top.interrupt()).code).toBe(0);
    await web.exec('sh', '-c', 'kill -9 -1');
    const looked = tables().slice(first + 1, first + 8);
    const from = Number(looked[0].ts);
    const to = Number(looked[6].ts);
    for (const [i, pid] of pids.entries()) {
      const ran = looked
        .slice(1)
        .flatMap(({ data }) => data.filter((row) => row[1] === String(pid)))
        .reduce((sum, row) => sum + row[4], 0);
      const shown = (ran / (to - from)) * 100;
      const used = ((use.at(to, i) - use.at(from, i)) / (to - from)) * 100;
      expect(Math.abs(shown - used), `pid ${pid}: shown ${shown}, used ${used}`).toBeLessThan(5);
      expect(used).toBeGreaterThan(5);
    }
  });

  it('topprocs_net counts the bytes of a transfer over loopback exactly', async () => {
    const bytes = 3_210_000;
    const net = new TsdigProcess(['-v', '-pc', '-j', '-c', 'topprocs_net', FILTER]);
    await net.attached();
    // Port 9000 is 2328 in the kernel's tables, a listening socket 0A.
    const listening = 'cat /proc/net/tcp /proc/net/tcp6 | grep -q ":2328 .* 0A "';
    const script = `nc -l -p 9000 -e cat & until ${listening}; do usleep 50000; done; head -c ${bytes} /dev/zero | nc 127.0.0.1 9000 | wc -c`;
    expect((await web.exec('sh', '-c', script)).stdout.trim()).toBe(String(bytes));
    const { code, stdout } = await net.interrupt();
    expect(code).toBe(0);
    // Each row: name, host pid, container pid, container, bytes. nc sends and gets back all of it.
    const rows = stdout
      .trim()
      .split('\n')
      .flatMap((line) => (JSON.parse(line) as { data: [string, string, string, string, number][] }).data);
    const byPid = new Map<string, number>();
    for (const [, pid, , container, moved] of rows) {
      expect(container).toBe(WEB);
      byPid.set(pid, (byPid.get(pid) ?? 0) + moved);
    }
    expect([...byPid.values()]).toEqual([2 * bytes, 2 * bytes]);
  });

  it('spy_users shows what someone types, with user, pid, depth and directories', async () => {
    const spy = new TsdigProcess(['-v', '-pc', '-c', 'spy_users', FILTER]);
    await spy.attached();
    const shell = spawn('script', ['-qec', `docker exec -it ${WEB} sh`, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    let screen = '';
    shell.stdout.setEncoding('latin1').on('data', (text: string) => {
      screen += text;
    });
    await until(() => screen.includes('# '), 40_000, 'no prompt');
    for (const line of ['/bin/ls /etc', 'cd /tmp', 'cat /etc/passwd']) {
      shell.stdin.write(`${line}\n`);
      expect(await spy.saw(line), spy.stdout).toBe(true);
    }
    shell.stdin.write('exit\n');
    const { code } = await spy.interrupt();
    const stdout = spy.plain;
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^\\s*\\d+ \\d\\d:\\d\\d:\\d\\d root@${WEB}\\) +/bin/ls /etc$`, 'm'));
    expect(stdout).toMatch(/cat \/etc\/passwd$/m);
    expect(stdout).toMatch(/cd \/tmp$/m);
    shell.kill();
  });

  it('evt.type=open shows each file that cat opens, though it calls openat', async () => {
    const lines = new TsdigProcess(['-v', '-pc', 'proc.name=cat', 'and', 'evt.type=open', 'and', FILTER]);
    await lines.attached();
    await web.exec('cat', '/etc/passwd', '/etc/group');
    expect(await lines.saw('/etc/group')).toBe(true);
    const { code, stdout } = await lines.interrupt();
    expect(code).toBe(0);
    const exits = stdout.split('\n').filter((line) => line.includes(' < '));
    expect(exits.filter((line) => line.includes('/etc/passwd'))).toHaveLength(1);
    expect(exits.filter((line) => line.includes('/etc/group'))).toHaveLength(1);
    for (const line of stdout.trim().split('\n')) expect(line).toContain(`${WEB} (${web.id}) cat (`);
  });

  it('records, replays, and sysdig reads the same', async () => {
    const file = join(dir, 'web.scap');
    const recording = new TsdigProcess(['-w', file, FILTER]);
    await begun(file);
    await web.exec('cat', '/etc/passwd');
    await web.exec('sh', '-c', 'echo hello > /tmp/x');
    await web.exec('sh', '-c', 'cat /etc/group | wc -l');
    await web.exec('timeout', '1', 'sh', '-c', 'while :; do :; done');
    expect((await recording.interrupt()).code).toBe(0);

    const opened = await tsdig('-r', file, '-pc', 'proc.name=cat and evt.type=open and evt.dir=<');
    expect(opened.stdout).toContain('/etc/passwd');
    expect((await tsdig('-r', file, '-pc', '-c', 'topprocs_cpu', FILTER)).stdout).toContain(WEB);
    expect((await tsdig('-r', file, '-c', 'topfiles_bytes')).stdout).toMatch(/^6B\s+\/tmp\/x$/m);
    expect((await tsdig('-r', file, '-pc', '-c', 'spy_users')).stdout).toMatch(
      /root@\S+\) +cat \/etc\/group/,
    );

    const format = '%evt.num %evt.type %evt.dir %proc.name %evt.args';
    const peer = execFileSync('sysdig', ['-r', file, '-p', format], {
      encoding: 'latin1',
      env: { ...process.env, TZ: 'UTC' },
      maxBuffer: 1 << 28,
    });
    const ours = await tsdig('-r', file, '-p', format);
    const theirLines = peer.trim().split('\n');
    const ourLines = ours.stdout.trim().split('\n');
    expect(theirLines.length).toBeGreaterThan(100);
    expect(ourLines.length).toBe(theirLines.length);
    for (const [i, theirs] of theirLines.entries()) {
      const [num, type] = theirs.split(' ');
      expect(ourLines[i].split(' ')[0]).toBe(num);
      // Calls and flags newer than this sysdig, parameters that were added since, and parents that are not in the file.
      if (type === '<unknown>' || type === 'sigreturn') continue;
      const numbers = (line: string): string => line.replace(/\((?!<)[^()]*\)/g, '').trimEnd();
      const plain = numbers(ourLines[i]).replaceAll('(<NA>)', '');
      // The address is a number in today's event table.
      if (type === 'mmap') continue;
      if (/^(execve|clone|fork|vfork)/.test(type))
        expect(plain.split(' pid=')[0]).toBe(numbers(theirs).split(' pid=')[0]);
      else expect(plain.startsWith(numbers(theirs)), `${theirs}\n${ourLines[i]}`).toBe(true);
    }
  });

  it('names a container that started after tsdig from its first event', async () => {
    const name = 'tsdig-main-late';
    // A busy Docker may take longer to tell than events wait by default.
    const wait = ['-v', '--container-wait', '10000'];
    const lines = new TsdigProcess([
      ...wait,
      '-p',
      '%evt.type %proc.name %container.name',
      `container.name=${name}`,
    ]);
    await lines.attached();
    await runBriefly(name, ['sh', '-c', 'true; cat /etc/hostname; sleep 0.2']);
    expect(await lines.saw(/^procexit (sh|exe|sleep) /m)).toBe(true);
    const { code, stdout } = await lines.interrupt();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^execve /m);
    expect(stdout).toMatch(/^procexit (sh|exe) /m);
    // Without a filter on the name: nothing inside the container may be nameless.
    const all = new TsdigProcess([
      ...wait,
      '-p',
      '%container.id %container.name %evt.type %proc.name',
      'container.id!=host and evt.type in (execve,openat,procexit)',
    ]);
    await all.attached();
    await runBriefly(name, ['cat', '/etc/hostname']);
    expect(await all.saw('procexit cat')).toBe(true);
    const seen = (await all.interrupt()).stdout.trim().split('\n');
    expect(seen.length).toBeGreaterThan(3);
    expect(
      seen.filter((line) => line.includes('<NA>') || /^\S+ (openat|execve|procexit)/.test(line)),
    ).toEqual([]);
  });
});
