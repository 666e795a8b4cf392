import { execFile, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Real Docker containers for live tests. Installs nothing: Docker and busybox-static must be there. Starts dockerd
 * where none runs (and leaves it running: other test files may be using it), makes a small image of busybox,
 * and runs containers without network. Every container carries the label `tsdig.test`: only such are ever removed.
 */

const run = promisify(execFile);

/** The image that `startDocker` makes: busybox with all its commands, /tmp, and a user `tester` (1000). */
export const TEST_IMAGE = 'tsdig-test:latest';
const TEST_LABEL = 'tsdig.test';
const BUSYBOX = '/bin/busybox';
const LOCK = join(tmpdir(), 'tsdig-dockerd.lock');

/** Whether live tests with containers can run at all: they need root. In CI they always do. */
export const CAN_RUN_CONTAINERS = process.platform === 'linux' && process.getuid?.() === 0;

/** Result of a command: never rejects for a non-zero exit code. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the docker command line. */
export async function docker(...args: string[]): Promise<CommandResult> {
  try {
    const { stdout, stderr } = await run('docker', args, { maxBuffer: 64 << 20 });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const failed = error as { code?: number | string; stdout?: string; stderr?: string; message: string };
    if (failed.code === 'ENOENT') throw new Error('docker is not installed: apt-get install docker.io');
    return {
      code: typeof failed.code === 'number' ? failed.code : 1,
      stdout: failed.stdout ?? '',
      stderr: failed.stderr ?? failed.message,
    };
  }
}

async function dockerOk(...args: string[]): Promise<string> {
  const result = await docker(...args);
  if (result.code !== 0) throw new Error(`docker ${args.join(' ')}: ${result.stderr.trim()}`);
  return result.stdout;
}

/** Makes sure that dockerd answers and that the test image is there. Call it in `beforeAll`, with a limit of 60 s. */
export async function startDocker(): Promise<void> {
  // Test files run in parallel: only one of them may start the daemon or make the image.
  const release = await lock();
  try {
    if (!(await isUp())) await startDaemon();
    if ((await docker('image', 'inspect', TEST_IMAGE)).code !== 0) await makeImage();
  } finally {
    release();
  }
}

async function isUp(): Promise<boolean> {
  return (await docker('version', '--format', '{{.Server.Version}}')).code === 0;
}

async function startDaemon(): Promise<void> {
  const log = openSync(join(tmpdir(), 'tsdig-dockerd.log'), 'a');
  const daemon = spawn('dockerd', ['--storage-driver=vfs', '--iptables=false', '--bridge=none'], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  const gone = new Promise<never>((_, reject) => {
    daemon.on('error', reject);
    daemon.on('exit', (code) =>
      reject(new Error(`dockerd ended with ${code}: see ${tmpdir()}/tsdig-dockerd.log`)),
    );
  });
  daemon.unref();
  await Promise.race([gone, until(isUp, 120_000, 'dockerd does not answer')]);
  gone.catch(() => {});
}

async function makeImage(): Promise<void> {
  if (!existsSync(BUSYBOX)) throw new Error(`no ${BUSYBOX}: apt-get install busybox-static`);
  const root = mkdtempSync(join(tmpdir(), 'tsdig-image-'));
  try {
    for (const dir of ['bin', 'etc', 'tmp', 'proc', 'sys', 'dev', 'root', 'var', 'home'])
      mkdirSync(join(root, dir));
    // Becomes the container's root folder: mkdtemp made it private.
    chmodSync(root, 0o755);
    chmodSync(join(root, 'tmp'), 0o1777);
    copyFileSync(BUSYBOX, join(root, 'bin/busybox'));
    chmodSync(join(root, 'bin/busybox'), 0o755);
    const { stdout } = await run(BUSYBOX, ['--list']);
    for (const name of stdout.split('\n')) {
      if (name !== '' && name !== 'busybox') symlinkSync('busybox', join(root, 'bin', name));
    }
    writeFileSync(
      join(root, 'etc/passwd'),
      'root:x:0:0:root:/root:/bin/sh\ntester:x:1000:1000::/home:/bin/sh\n',
    );
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\ntester:x:1000:\n');
    const tar = join(root, '..', `${root.split('/').at(-1)}.tar`);
    await run('tar', ['-C', root, '-cf', tar, '.']);
    try {
      await dockerOk('import', '--change', 'CMD ["sh"]', '--change', 'ENV PATH=/bin', tar, TEST_IMAGE);
    } finally {
      rmSync(tar, { force: true });
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** What `runContainer` may be told beside the command. */
export interface ContainerOptions {
  readonly labels?: Readonly<Record<string, string>>;
  /** Further words for `docker run`, before the image. */
  readonly extra?: readonly string[];
  readonly image?: string;
}

/** A running container of a test. */
export class TestContainer {
  readonly name: string;
  readonly fullId: string;

  constructor(name: string, fullId: string) {
    this.name = name;
    this.fullId = fullId;
  }

  /** The short id, as container.id shows it. */
  get id(): string {
    return this.fullId.slice(0, 12);
  }

  /** Host pid of its first process; 0 when it has ended. */
  async pid(): Promise<number> {
    return Number((await dockerOk('inspect', '--format', '{{.State.Pid}}', this.fullId)).trim());
  }

  /** Runs a command in it and waits for its end. */
  exec(...command: string[]): Promise<CommandResult> {
    return docker('exec', this.fullId, ...command);
  }

  /** Stops and removes it, whatever state it is in. */
  async remove(): Promise<void> {
    await docker('rm', '--force', '--volumes', this.fullId);
  }
}

/** Starts a container without network. A container that an earlier test left under this name is removed first. */
export async function runContainer(
  name: string,
  command: readonly string[],
  options: ContainerOptions = {},
): Promise<TestContainer> {
  await removeLeftOver(name);
  const labels = Object.entries(options.labels ?? {}).flatMap(([key, value]) => [
    '--label',
    `${key}=${value}`,
  ]);
  const fullId = await dockerOk(
    'run',
    '--detach',
    '--init=false',
    '--network=none',
    '--name',
    name,
    '--label',
    `${TEST_LABEL}=1`,
    ...labels,
    ...(options.extra ?? []),
    options.image ?? TEST_IMAGE,
    ...command,
  );
  return new TestContainer(name, fullId.trim());
}

/** Runs a container to its end and removes it; gives its output. */
export async function runBriefly(name: string, command: readonly string[]): Promise<CommandResult> {
  await removeLeftOver(name);
  return docker(
    'run',
    '--rm',
    '--network=none',
    '--name',
    name,
    '--label',
    `${TEST_LABEL}=1`,
    TEST_IMAGE,
    ...command,
  );
}

async function removeLeftOver(name: string): Promise<void> {
  const found = await docker(
    'ps',
    '--all',
    '--quiet',
    '--filter',
    `name=^/${name}$`,
    '--filter',
    `label=${TEST_LABEL}`,
  );
  const id = found.stdout.trim();
  if (id !== '') await docker('rm', '--force', '--volumes', id);
}

/** Waits until `test` holds, asking every 50 ms. */
export async function until(
  test: () => boolean | Promise<boolean>,
  limitMs: number,
  failure: string,
): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await test())) {
    if (Date.now() > end) throw new Error(`${failure} (waited ${limitMs} ms)`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A lock between processes: a folder can be made only once. One that is too old was left by a killed run. */
async function lock(): Promise<() => void> {
  const end = Date.now() + 150_000;
  for (;;) {
    try {
      mkdirSync(LOCK);
      return () => rmdirSync(LOCK);
    } catch {
      if (Date.now() > end) rmSync(LOCK, { recursive: true, force: true });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
