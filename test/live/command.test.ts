import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { helperFile } from '../../src/capture/helper_files.js';
import { CAN_RECORD } from './recording.js';
import { TsdigProcess } from './tsdig_process.js';

const MAIN = resolve(import.meta.dirname, '../../dist/cli/main.cjs');
const HOSTNAME = existsSync('/etc/hostname') ? readFileSync('/etc/hostname', 'utf8').trim() : '';
const SYSDIG = spawnSync('sysdig', ['--version']).status === 0;

const folders: string[] = [];
function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tsdig-command-'));
  folders.push(folder);
  return folder;
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Runs tsdig to its end. */
function run(args: readonly string[], input = ''): { code: number | null; stdout: string; stderr: string } {
  const result = spawnSync(process.execPath, [MAIN, ...args], {
    input,
    encoding: 'utf8',
    timeout: 100_000,
    env: { ...process.env, TZ: 'UTC' },
  });
  return { code: result.status, stdout: result.stdout, stderr: result.stderr };
}

describe.runIf(CAN_RECORD).each(['ebpf', 'ptrace', 'perf'])(
  'tsdig -- command, with the %s engine',
  (engine) => {
    it('records the command and its children, nothing else, and passes on what it writes and how it ends', () => {
      const template = '@ %proc.name %thread.tid %evt.type %evt.dir';
      const command = ['sh', '-c', 'cat /etc/hostname; exit 3'];
      const noise = spawn('sh', ['-c', 'while :; do ls / >/dev/null; done'], { stdio: 'ignore' });
      const { code, stdout, stderr } = run([
        '--engine',
        engine,
        '-p',
        template,
        'evt.type!=switch',
        '--',
        ...command,
      ]);
      noise.kill();
      expect(stderr.replace(/^tsdig: perf engine: .*\n/, '')).toBe('');
      expect(code).toBe(3);
      const lines = stdout.split('\n').filter((line) => line.startsWith('@ '));
      // What the command wrote stands between the events.
      expect(stdout.split('\n').filter((line) => line !== '' && !line.startsWith('@ '))).toEqual([HOSTNAME]);
      expect(lines[0]).toMatch(/^@ (node\S*|sh|<NA>) \d+ execve >$/);
      expect(lines[1]).toMatch(/^@ sh \d+ execve <$/);
      expect(lines.at(-1)).toMatch(/^@ sh \d+ procexit >$/);
      expect(new Set(lines.map((line) => line.split(' ')[2])).size).toBe(2);
      expect(new Set(lines.slice(1).map((line) => line.split(' ')[1]))).toEqual(new Set(['sh', 'cat']));
      expect(lines.filter((line) => line.endsWith('procexit >')).length).toBe(2);
    });

    it('filters', () => {
      const words = ['evt.type=read', 'and', 'evt.dir=<', 'and', 'proc.name=cat', 'and', 'fd.num=0'];
      const { code, stdout } = run(
        ['--engine', engine, '-p', '@ %evt.type %fd.num %evt.rawres', ...words, '--', 'cat'],
        'four',
      );
      expect(code).toBe(0);
      expect(
        stdout
          .replace(/^four/m, '')
          .split('\n')
          .filter((line) => line !== ''),
      ).toEqual(['@ read 0 4', '@ read 0 0']);
    });

    it('leaves it its standard input', () => {
      const { code, stdout } = run(['--engine', engine, '-q', '--', 'tr', 'a-z', 'A-Z'], 'loud\n');
      expect(code).toBe(0);
      expect(stdout).toBe('LOUD\n');
    });

    it('ends as the command does, also by a signal', () => {
      expect(run(['--engine', engine, '-q', '--', 'sh', '-c', 'kill -TERM $$']).code).toBe(143);
      expect(run(['--engine', engine, '-q', '--', 'true']).code).toBe(0);
    });

    it('writes a file that replays, here and with sysdig', () => {
      const file = join(freshFolder(), 'command.scap');
      expect(
        run(['--engine', engine, '-w', file, '--', 'sh', '-c', 'cat /etc/hostname >/dev/null; exit 5']).code,
      ).toBe(5);
      const count = (text: string) => text.split('\n').filter((line) => /execve .*res=0/.test(line)).length;
      const replay = run(['-r', file, 'evt.type=execve']);
      expect(count(replay.stdout)).toBe(2);
      if (!SYSDIG) return;
      const peer = spawnSync('sysdig', ['-r', file, 'evt.type=execve'], { encoding: 'utf8' });
      expect(peer.status).toBe(0);
      expect(count(peer.stdout)).toBe(2);
    });

    it('ends the command when it ends first', () => {
      const before = Date.now();
      const { code, stdout } = run(['--engine', engine, '-n', '2', '-p', '%evt.type', '--', 'sleep', '90']);
      expect(stdout.trim().split('\n').length).toBe(2);
      expect(code).toBe(143);
      expect(Date.now() - before).toBeLessThan(60_000);
    });
  },
);

describe.runIf(CAN_RECORD)('tsdig -- command', () => {
  it('says in one line what cannot be executed', () => {
    expect(run(['--', 'no-such-program'])).toMatchObject({
      code: 1,
      stderr: 'tsdig: no-such-program: command not found\n',
    });
    const folder = freshFolder();
    expect(run(['--', folder]).stderr).toMatch(/^tsdig: \S+: cannot be executed: .*\n$/);
    const broken = join(folder, 'broken');
    writeFileSync(broken, '#!/no/such/interpreter\n');
    chmodSync(broken, 0o755);
    const { code, stderr } = run(['-q', '--', broken]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^tsdig: \S+broken cannot be executed: No such file or directory\n$/);
  });

  it('runs scripts without a first line, as shells do', () => {
    const script = join(freshFolder(), 'script');
    writeFileSync(script, 'echo "$1"; exit 6\n');
    chmodSync(script, 0o755);
    const { code, stdout } = run(['-q', '--', script, 'an argument']);
    expect(code).toBe(6);
    expect(stdout).toBe('an argument\n');
  });

  it('passes a Ctrl-C on, and keeps what was recorded', async () => {
    const file = join(freshFolder(), 'stopped.scap');
    const running = new TsdigProcess([
      '-w',
      file,
      '--',
      'sh',
      '-c',
      'sleep 0.01; echo ready; exec sleep 120',
    ]);
    expect(await running.saw('ready')).toBe(true);
    const { code } = await running.interrupt();
    expect(code).toBe(143);
    expect(run(['-r', file, 'proc.name=sleep']).stdout).toMatch(/clock_nanosleep|nanosleep/);
  });

  it('works for an ordinary user, who gets ptrace and is told of it with -v', () => {
    const folder = freshFolder();
    chmodSync(folder, 0o777);
    for (const name of ['libtsdig.so', 'tsdig.bpf.o']) copyFileSync(helperFile(name)!, join(folder, name));
    const file = join(folder, 'user.scap');
    const args = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, MAIN];
    const user = (...words: string[]) =>
      spawnSync('setpriv', [...args, ...words], {
        encoding: 'utf8',
        timeout: 100_000,
        env: { ...process.env, TZ: 'UTC', HOME: folder, TSDIG_NATIVE_DIR: folder },
      });
    const recorded = user('-v', '-w', file, '--', 'sh', '-c', 'id -u; cat /etc/shadow; exit 9');
    expect(recorded.status).toBe(9);
    expect(recorded.stdout).toContain('65534\n');
    expect(recorded.stderr).toMatch(
      /^tsdig: engine: ptrace \(eBPF: live capture needs CAP_BPF: run with sudo/m,
    );
    const replay = run([
      '-r',
      file,
      'evt.type=openat',
      'and',
      'evt.arg.name=/etc/shadow',
      'and',
      'evt.dir=<',
    ]);
    expect(replay.stdout).toMatch(/openat fd=-13\(EACCES\).* name=\/etc\/shadow/);
    const everything = user('-n', '1');
    expect(everything.status).toBe(1);
    expect(everything.stderr).toMatch(/^tsdig: live capture needs CAP_BPF: run with sudo, or setcap .*\n$/);
  });
});
