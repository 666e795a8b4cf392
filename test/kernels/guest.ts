import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/** A machine to emulate: Debian's name of the architecture, Node's, the compiler, and QEMU's command line. */
export interface Machine {
  readonly debian: 'amd64' | 'arm64';
  readonly node: 'x64' | 'arm64';
  readonly compiler: string;
  readonly qemu: readonly string[];
  readonly console: string;
}

export const MACHINES: Record<'amd64' | 'arm64', Machine> = {
  amd64: {
    debian: 'amd64',
    node: 'x64',
    compiler: 'gcc',
    qemu: ['qemu-system-x86_64', '-accel', 'tcg,thread=multi', '-cpu', 'max'],
    console: 'ttyS0',
  },
  arm64: {
    debian: 'arm64',
    node: 'arm64',
    compiler: 'aarch64-linux-gnu-gcc',
    qemu: ['qemu-system-aarch64', '-machine', 'virt', '-cpu', 'cortex-a72'],
    console: 'ttyAMA0',
  },
};

/** What the emulated machine runs first: /job, between two lines that enclose its output. */
const INIT = `#!/bin/sh
/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin HOME=/root NO_COLOR=1
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp; mount -t tracefs trace /sys/kernel/tracing; mount -t cgroup2 cgroup /sys/fs/cgroup
ip link set lo up; dmesg -n 1
echo "== begin"
sh /job
echo "== end"
poweroff -f
`;

/** Debian's kernel and a root file system with Node, strace and the tsdig of `tarball` in it. */
export class Guest {
  private readonly root: string;
  private readonly kernel: string;

  /** `work`: an empty folder. Throws when a package cannot be had. */
  constructor(
    readonly machine: Machine,
    private readonly work: string,
    tarball: string,
  ) {
    this.root = join(work, 'root');
    const fetch = (dir: string, ...names: string[]) =>
      execFileSync(process.execPath, [
        join(ROOT, 'scripts/debian-packages.mjs'),
        machine.debian,
        dir,
        ...names,
      ]);
    fetch(join(work, 'kernel'), `linux-image-${machine.debian}`);
    this.kernel = join(
      work,
      'kernel/boot',
      readdirSync(join(work, 'kernel/boot')).find((n) => n.startsWith('vmlinuz'))!,
    );
    fetch(
      this.root,
      'busybox-static',
      'libc6',
      'libgcc-s1',
      'libstdc++6',
      'liblzma5',
      'libunwind8',
      'strace',
    );
    for (const dir of ['proc', 'sys', 'dev', 'tmp', 'root', 'etc', 'app', 'usr/bin', 'bin'])
      mkdirSync(join(this.root, dir), { recursive: true });
    if (!existsSync(join(this.root, 'bin/sh'))) symlinkSync('busybox', join(this.root, 'bin/sh'));
    this.addNode();
    const cpu = [`--cpu=${machine.node}`, '--os=linux', '--omit=dev'];
    execFileSync('npm', [
      ...['install', '--prefix', join(this.root, 'app'), ...cpu],
      ...['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', tarball],
    ]);
    this.add('init', INIT, 0o755);
  }

  /** This Node's version, for the machine. */
  private addNode(): void {
    const bin = join(this.root, 'usr/bin/node');
    if (this.machine.node === process.arch) {
      copyFileSync(process.execPath, bin);
      return;
    }
    const version = execFileSync('npm', ['view', `node-linux-${this.machine.node}@20`, 'version', '--json'], {
      encoding: 'utf8',
    });
    const newest = [JSON.parse(version)].flat().at(-1) as string;
    const dir = join(this.work, 'node');
    mkdirSync(dir);
    execFileSync('npm', ['pack', '--silent', `node-linux-${this.machine.node}@${newest}`], { cwd: dir });
    execFileSync('tar', ['-xzf', readdirSync(dir)[0]!, 'package/bin/node'], { cwd: dir });
    copyFileSync(join(dir, 'package/bin/node'), bin);
  }

  /** Puts a file into the machine. */
  add(path: string, content: string, mode = 0o644): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content);
    chmodSync(join(this.root, path), mode);
  }

  /** Compiles a C program into the machine, linked statically. */
  compile(path: string, source: string): void {
    execFileSync(this.machine.compiler, ['-w', '-static', '-o', join(this.root, path), source, '-lpthread']);
  }

  /**
   * Boots, runs a shell script and powers off. Gives what it printed. Throws when it does not end in time. Emulated processors
   * hang now and then, with whatever they are at; the kernel says so. Then it is booted once more, and that is said, too.
   */
  async run(script: string, seconds = 420): Promise<string> {
    this.add('job', script);
    const first = await this.boot(seconds);
    if (!HUNG.test(first)) return between(first);
    process.stderr.write(`the emulated machine hung: ${HUNG.exec(first)?.[0]}; it is booted once more\n`);
    return between(await this.boot(seconds));
  }

  /** Gives all that the machine printed. It is switched off when it hangs. */
  private async boot(seconds: number): Promise<string> {
    const image = join(this.work, 'initramfs');
    const printed = join(this.work, 'console');
    const pack = 'find . | cpio -o -H newc --quiet > "$0"';
    execFileSync('sh', ['-c', pack, image], { cwd: this.root });
    const [qemu, ...options] = this.machine.qemu;
    const words = [
      ...options,
      ...['-m', '2G', '-smp', '2', '-no-reboot', '-net', 'none', '-monitor', 'none', '-display', 'none'],
      // A file takes all: of what a pipe does not take at once, QEMU's serial line loses characters.
      ...['-serial', `file:${printed}`],
      ...['-kernel', this.kernel, '-initrd', image],
      ...['-append', `console=${this.machine.console} quiet panic=-1`],
    ];
    const complaints = await new Promise<string>((resolve) => {
      const machine = execFile(qemu!, words, { timeout: seconds * 1000 }, (_error, stdout, stderr) => {
        clearInterval(watch);
        resolve(stdout + stderr);
      });
      const watch = setInterval(() => {
        if (existsSync(printed) && HUNG.test(readFileSync(printed, 'latin1'))) machine.kill();
      }, 2000);
    });
    return readFileSync(printed, 'latin1').replaceAll('\r', '') + complaints;
  }
}

/** What the kernel says of a processor that has not come back for a minute. */
const HUNG = /watchdog: BUG: soft lockup - CPU#\d+ stuck for ([4-9]\d|\d{3,})s!.*/;

/** The job's output, of all that a machine printed. */
function between(text: string): string {
  const begin = text.indexOf('== begin\n');
  const end = text.lastIndexOf('== end');
  if (begin < 0 || end < 0) throw new Error(`the machine did not end well: ${text.slice(-2000)}`);
  return text.slice(begin + 9, end);
}
