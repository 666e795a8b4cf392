import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';

/** One thing that live capture needs. */
export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'missing' | 'note';
  readonly detail: string;
  /** What to do about it; '' when nothing has to be done. */
  readonly remedy: string;
}

const CAP_NAMES: readonly (readonly [bit: number, name: string, use: string])[] = [
  [39, 'CAP_BPF', 'load eBPF programs'],
  [38, 'CAP_PERFMON', 'attach to tracepoints'],
  [19, 'CAP_SYS_PTRACE', "read other users' processes in /proc"],
];
const CAP_SYS_ADMIN = 21;

const SOCKETS: readonly (readonly [engine: string, path: string])[] = [
  ['Docker', '/var/run/docker.sock'],
  ['Podman', '/run/podman/podman.sock'],
  ['containerd', '/run/containerd/containerd.sock'],
  ['CRI-O', '/run/crio/crio.sock'],
];

/** What it means that a socket is not there, where that is not all. */
const WITHOUT: Readonly<Record<string, string>> = {
  Podman: 'names and images of its containers come from its files, labels do not',
};

/** Looks at everything live capture needs, in the order in which it would fail. */
export async function runChecks(hostRoot = process.env['TSDIG_HOST_ROOT'] ?? ''): Promise<Check[]> {
  const checks: Check[] = [];
  const add = (name: string, ok: boolean, detail: string, remedy: string): void => {
    checks.push({ name, state: ok ? 'ok' : 'missing', detail, remedy: ok ? '' : remedy });
  };
  const linux = process.platform === 'linux';
  add(
    'Linux',
    linux,
    linux ? release() : process.platform,
    'live capture needs Linux; capture files can be read here: tsdig -r FILE',
  );
  if (!linux) return checks;
  const [major, minor] = release().split('.').map(Number);
  add(
    'kernel 5.11 or later',
    major > 5 || (major === 5 && minor >= 11),
    release(),
    'older kernels: tsdig --engine perf',
  );
  add(
    'BTF',
    existsSync('/sys/kernel/btf/vmlinux'),
    '/sys/kernel/btf/vmlinux',
    'boot a kernel with CONFIG_DEBUG_INFO_BTF=y, or use --engine perf',
  );
  const caps = effectiveCapabilities();
  for (const [bit, name, use] of CAP_NAMES) {
    const held = hasBit(caps, bit) || (bit !== 19 && hasBit(caps, CAP_SYS_ADMIN));
    add(name, held, use, 'run with sudo');
  }
  const tracefs = ['/sys/kernel/tracing/events', '/sys/kernel/debug/tracing/events'].find((path) =>
    existsSync(path),
  );
  checks.push({
    name: 'tracefs',
    state: tracefs ? 'ok' : 'note',
    detail: tracefs ?? 'not mounted: only --engine perf needs it',
    remedy: tracefs ? '' : 'mount -t tracefs tracefs /sys/kernel/tracing',
  });
  checks.push(await helperCheck());
  add(
    '/proc of the host',
    readable(join(hostRoot || '/', 'proc/1/stat')),
    join(hostRoot || '/', 'proc'),
    'in a container: -v /proc:/host/proc:ro and TSDIG_HOST_ROOT=/host',
  );
  for (const [engine, path] of SOCKETS) {
    const full = hostRoot + path;
    const found = isSocket(full);
    checks.push({
      name: `${engine} socket`,
      state: found ? 'ok' : 'note',
      detail: found ? full : `${full} is not there: ${WITHOUT[engine] ?? 'its containers have no names'}`,
      remedy: '',
    });
  }
  const clock = readText('/sys/devices/system/clocksource/clocksource0/current_clocksource');
  const slow = clock !== '' && !/^(tsc|kvm-clock|arch_sys_counter|hyperv)/.test(clock);
  checks.push({
    name: 'clock',
    state: slow ? 'note' : 'ok',
    detail: clock || 'unknown',
    remedy: slow
      ? 'a slow clock source makes each event dearer: boot with clocksource=tsc if the machine allows'
      : '',
  });
  const cgroups = existsSync('/sys/fs/cgroup/cgroup.controllers')
    ? 'v2'
    : existsSync('/sys/fs/cgroup/unified')
      ? 'v1 and v2'
      : 'v1';
  checks.push({ name: 'cgroups', state: 'ok', detail: cgroups, remedy: '' });
  return checks;
}

async function helperCheck(): Promise<Check> {
  const name = 'native helper';
  try {
    const { openLive } = await import('../capture/live.js');
    const live = await openLive({ syscalls: 'none', tracepoints: { lifecycle: true } });
    live.close();
    return { name, state: 'ok', detail: 'eBPF programs load', remedy: '' };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const unbuilt = error instanceof Error && error.name === 'NativeMissingError';
    // The others say themselves what to do.
    const remedy = unbuilt
      ? 'npm run build:native says what is missing'
      : 'as it says, or tsdig --engine perf | ptrace';
    return { name, state: 'missing', detail: message, remedy };
  }
}

function effectiveCapabilities(): bigint {
  const match = /^CapEff:\s*([0-9a-f]+)/m.exec(readText('/proc/self/status'));
  return match ? BigInt(`0x${match[1]}`) : 0n;
}

function hasBit(bits: bigint, bit: number): boolean {
  return ((bits >> BigInt(bit)) & 1n) === 1n;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function readable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function isSocket(path: string): boolean {
  try {
    return statSync(path).isSocket();
  } catch {
    return false;
  }
}

/** `tsdig doctor`: a line per check, the remedy beside each failure. Exit code 1 if live capture cannot work. */
export async function printDoctor(words: readonly string[]): Promise<number> {
  const checks = await runChecks();
  if (words.includes('-j') || words.includes('--json')) {
    process.stdout.write(`${JSON.stringify(checks)}\n`);
  } else {
    const marks = { ok: 'ok  ', missing: 'FAIL', note: 'note' };
    const width = Math.max(...checks.map((check) => check.name.length));
    for (const { name, state, detail, remedy } of checks) {
      process.stdout.write(
        `${marks[state]}  ${name.padEnd(width)}  ${detail}${remedy ? `\n      ${' '.repeat(width)}  → ${remedy}` : ''}\n`,
      );
    }
  }
  return checks.some((check) => check.state === 'missing') ? 1 : 0;
}
