import { chmodSync, copyFileSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordFollowed } from './followed.js';
import { CAN_RECORD, compileProgram } from './recording.js';
import { tsdig } from './tsdig_process.js';

/** What a thread was when it made a file: the file names tell the moment. */
interface Moment {
  readonly [field: string]: string;
}

const FIELDS = {
  event: 'evt.type',
  file: 'fd.name',
  comm: 'proc.name',
  exe: 'proc.exe',
  args: 'proc.args',
  path: 'proc.exepath',
  user: 'user.uid',
  main: 'thread.ismain',
  threads: 'proc.nthreads',
  vpid: 'proc.vpid',
  pid: 'proc.pid',
  parent: 'proc.ppid',
} as const;
/** Between fields: no name here has it. */
const SEPARATOR = '|';

describe.runIf(CAN_RECORD).each(['ebpf', 'ptrace'] as const)('unusual processes, %s', (engine) => {
  let program = '';
  let folder = '';
  const at = (name: string) => join(folder, name);

  beforeAll(() => {
    program = realpathSync(compileProgram('processes'));
    folder = dirname(program);
    mkdirSync(at('folder'));
    writeFileSync(at('script.sh'), '#!/bin/sh -e\n: > by-script\n');
    chmodSync(at('script.sh'), 0o755);
    copyFileSync(program, at('setuid-program'));
    chmodSync(at('setuid-program'), 0o4755);
    chmodSync(folder, 0o777);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs one case; what is known at each successful execve and at the end of each thread, and for files of the folder. */
  async function watch(name: string): Promise<Moment[]> {
    const filter =
      `(evt.type in (execve, execveat) and evt.dir=< and evt.failed=false) or evt.type=procexit or ` +
      `(evt.type in (openat, write) and evt.dir=< and fd.name startswith "${folder}")`;
    const template = `*${Object.values(FIELDS)
      .map((field) => `%${field}`)
      .join(SEPARATOR)}`;
    const here = process.cwd();
    process.chdir(folder);
    const result = await tsdig('--engine', engine, '-p', template, filter, '--', program, name).finally(() =>
      process.chdir(here),
    );
    expect(result.stderr).toBe('');
    const names = Object.keys(FIELDS);
    return result.stdout
      .split('\n')
      .filter((line) => line.includes(SEPARATOR))
      .map((line) => Object.fromEntries(line.split(SEPARATOR).map((value, i) => [names[i]!, value])))
      .map((moment) => ({ ...moment, file: moment.file!.replace(`${folder}/`, '') }));
  }
  const when = (moments: Moment[], file: string) => moments.find((m) => m.file === file);
  const ends = (moments: Moment[]) => moments.filter((m) => m.event === 'procexit');

  it('keeps the process when another thread than the first executes', async () => {
    const moments = await watch('exec-from-thread');
    const { pid } = moments[0]!;
    const known = {
      comm: 'processes',
      args: 'after-exec thread',
      path: program,
      main: 'true',
      threads: '1',
      pid,
    };
    // The directory and the descriptor are those from before.
    expect(when(moments, 'folder/after-exec')).toMatchObject(known);
    expect(moments.filter((m) => m.event === 'write' && m.file === 'kept')).toEqual([
      expect.objectContaining(known),
    ]);
    expect(ends(moments).at(-1)).toMatchObject({ ...known, threads: '0' });
  });

  it('goes on in threads that outlive the first one', async () => {
    const moments = await watch('zombie-leader');
    const known = { comm: 'processes', args: 'zombie-leader', path: program, main: 'false', threads: '1' };
    expect(when(moments, 'kept')?.main).toBe('true');
    expect(moments.find((m) => m.event === 'write' && m.file === 'kept')).toMatchObject(known);
    expect(when(moments, 'by-thread')).toMatchObject(known);
    expect(ends(moments).map((m) => m.main)).toEqual(['true', 'false']);
  });

  it('has many arguments, also of a call that fails', async () => {
    const all = Array.from({ length: 298 }, (_, i) => `a${i + 2}`);
    expect(when(await watch('many-args'), 'after-exec')?.args).toBe(['after-exec', ...all].join(' '));
  });

  it('has arguments as they are: empty, without a name, of any bytes', async () => {
    expect(when(await watch('odd-args'), 'after-exec')).toMatchObject({
      comm: 'processes',
      exe: "not the file's name",
      args: 'after-exec  \ufffd\ufffd a b\tc ',
      path: program,
    });
    const none = (await watch('no-args')).filter((m) => m.event === 'execve').at(-1)!;
    expect([none.comm, none.exe, none.args, none.path]).toEqual(['true', '', '', realpathSync('/bin/true')]);
  });

  it('tells a script from its interpreter', async () => {
    expect(when(await watch('script'), 'by-script')).toMatchObject({
      comm: 'script.sh',
      exe: '/bin/sh',
      args: '-e ./script.sh one two words',
      path: realpathSync('/bin/sh'),
    });
  });

  it.each([
    ['fexec', 'true-by-fd', realpathSync('/bin/true')],
    ['dirfd', 'true-in-dir', realpathSync('/bin/true')],
    ['memfd', 'true-in-memory', '/memfd:hidden (deleted)'],
  ])('finds the program of execveat: %s', async (name, exe, path) => {
    expect((await watch(name)).at(-1)).toMatchObject({ event: 'procexit', exe, path });
  });

  it('has the name that a call gave, also of one that fails and where nobody had read it before', async () => {
    const words = ['-p', '@ %evt.arg.res %evt.arg.filename', 'evt.type=execve and evt.dir=<'];
    const here = process.cwd();
    process.chdir(folder);
    const { stdout } = await tsdig('--engine', engine, ...words, '--', program, 'unread-names').finally(() =>
      process.chdir(here),
    );
    expect(stdout.split('\n').filter((line) => line.startsWith('@'))).toEqual([
      `@ 0 ${program}`,
      '@ ENOENT /no/such/program',
      `@ 0 ${at('script.sh')}`,
    ]);
  });

  // Where no calls are recorded the scheduler tells of new programs.
  if (engine === 'ebpf')
    it('has that name without any call, and what old readers take without it', async () => {
      for (const events of ['full', 'compatible'] as const) {
        const options = { events, syscalls: 'none', tracepoints: { lifecycle: true } } as const;
        const recorded = await recordFollowed(engine, ['/bin/sh', '-c', 'exec /bin/true'], options);
        const names = recorded.events.filter((ev) => ev.name === 'execve').map((ev) => ev.params.slice(30));
        expect(names).toEqual(events === 'full' ? [['/bin/sh'], ['/bin/true']] : [[], []]);
      }
    });

  it('tells both sides of a vfork apart, and forgets the child', async () => {
    const moments = await watch('vfork');
    const child = moments.filter((m) => m.path === realpathSync('/bin/true'));
    expect(child.map((m) => [m.event, m.comm, m.args])).toEqual([
      ['execve', 'true', 'vforked'],
      ['procexit', 'true', 'vforked'],
    ]);
    expect(child[0]!.parent).toBe(moments[0]!.pid);
    expect(when(moments, 'parent-again')).toMatchObject({
      comm: 'processes',
      args: 'vfork',
      pid: moments[0]!.pid,
    });
  });

  // Who is traced cannot gain another user's rights: there is nothing to see with ptrace.
  if (engine === 'ebpf')
    it('has the user that a program of another owner runs as', async () => {
      const after = when(await watch('setuid'), 'after-exec');
      expect(after).toMatchObject({ comm: 'setuid-program', path: at('setuid-program'), user: '0' });
    });

  it('keeps the numbers of nested pid namespaces apart', async () => {
    const moments = await watch('nested');
    const [inside, deeper] = ['inside', 'deeper'].map((file) => when(moments, file)!);
    expect([inside!.vpid, deeper!.vpid]).toEqual(['1', '1']);
    expect(new Set([moments[0]!.pid, inside!.pid, deeper!.pid]).size).toBe(3);
    expect([inside!.parent, deeper!.parent]).toEqual([moments[0]!.pid, inside!.pid]);
    expect(ends(moments).map((m) => m.pid)).toEqual([deeper!.pid, inside!.pid, moments[0]!.pid]);
  });
});
