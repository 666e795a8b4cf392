import { expect, it } from 'vitest';

/** A cgroup as engines and systemd make it with version 2, and what a process in it belongs to. */
interface Group {
  readonly path: string;
  /** container.id; 'host'. */
  readonly id: string;
  readonly type: string;
}

const hex = (pair: string) => pair.repeat(32);
const short = (pair: string) => pair.repeat(6);
const USER = '/user.slice/user-1000.slice/user@1000.service/user.slice';
const POD = 'kubepods-burstable-pod0f9a4b1c_77aa_4d61_9a43_0c1f6d0ab9e2.slice';

const DOCKER: Group = { path: `/system.slice/docker-${hex('d0')}.scope`, id: short('d0'), type: 'docker' };

const GROUPS: readonly Group[] = [
  DOCKER,
  // systemd within the container.
  { ...DOCKER, path: `${DOCKER.path}/system.slice/within.service` },
  { path: `${USER}/docker-${hex('d1')}.scope`, id: short('d1'), type: 'docker' },
  { path: `/machine.slice/libpod-${hex('a0')}.scope`, id: short('a0'), type: 'podman' },
  { path: `/machine.slice/libpod-${hex('a1')}.scope/container`, id: short('a1'), type: 'podman' },
  { path: `${USER}/libpod-${hex('a2')}.scope/container`, id: short('a2'), type: 'podman' },
  { path: `/machine.slice/libpod-conmon-${hex('a1')}.scope`, id: 'host', type: 'host' },
  {
    path: `/kubepods.slice/kubepods-burstable.slice/${POD}/cri-containerd-${hex('c0')}.scope`,
    id: short('c0'),
    type: 'containerd',
  },
  { path: '/machine.slice/machine-demo.scope/payload', id: 'demo', type: 'systemd-nspawn' },
  { path: '/machine.slice/machine-demo.scope/supervisor', id: 'host', type: 'host' },
  { path: '/system.slice/cron.service', id: 'host', type: 'host' },
];
const CONTAINERS = GROUPS.filter((group) => group.id !== 'host');
const ALL = `'container.id in (${[...new Set(CONTAINERS.map((group) => group.id))].join(', ')})'`;
const ABSENT = short('ee');

/** Files that tell which program it was. */
const marker = (group: Group) => `/etc/group-${GROUPS.indexOf(group)}`;
const BEFORE = '/etc/group-before';
const FORMAT = '*%container.id %container.type %thread.tid %evt.type %evt.dir %fd.name %thread.cgroup.memory';

/**
 * Calls of the host meanwhile, each of which is two events where it is recorded. Many more than what is recorded of new cgroups
 * until they are ruled out: a busy machine that emulates takes its time for that, some ten thousand events.
 */
const OTHERS = 60_000;

/** What the machine does: part of its job, in which `$tsdig` is the command. */
export const GROUPS_JOB = `
cg=/sys/fs/cgroup
echo '+cpu +memory +pids' > $cg/cgroup.subtree_control
# A program, not a function: what is started in the background with it can be ended.
cat > /bin/inside << 'end'
#!/bin/sh
echo $$ > /sys/fs/cgroup$1/cgroup.procs; shift; exec "$@"
end
chmod +x /bin/inside
begun() { until grep -q '^tsdig: engine' $1; do sleep 0.1; done; }
for file in ${[...GROUPS.map(marker), BEFORE].join(' ')}; do echo some > $file; done
mkdir -p /tmp/groups $cg${DOCKER.path}; cd /tmp/groups
inside ${DOCKER.path} sh -c 'while sleep 0.4; do read line < ${BEFORE}; done' & before=$!

$tsdig -v -p '${FORMAT}' ${ALL} > live 2> live.err & pids=$!
$tsdig -v -p '${FORMAT}' container.id=${ABSENT} > none 2> none.err & pids="$pids $!"
$tsdig -v -w all.scap ${ALL} > /dev/null 2> all.err & pids="$pids $!"
for file in live none all; do begun $file.err; done
mkdir -p ${GROUPS.map((group) => `$cg${group.path}`).join(' ')}
# Until calls are seen entered, which takes an emulated machine longer than engines take to get ready.
sleep 1
${GROUPS.map((group) => `inside ${group.path} cat ${marker(group)} > /dev/null`).join('\n')}
dd if=/dev/zero of=/dev/null bs=1 count=${OTHERS / 2} 2> /dev/null
sleep 0.5
kill -INT $pids; wait $pids

inside ${DOCKER.path} cgroup_namespace $tsdig -v -p '${FORMAT}' container.id=${DOCKER.id} > within 2> within.err & pid=$!
$tsdig -r all.scap -p '${FORMAT}' > replayed & reading=$!
$tsdig -r all.scap -pc container.id=${DOCKER.id} and evt.type=openat > one
wait $reading; begun within.err; sleep 0.5
kill -INT $pid; wait $pid
kill $before
for file in one live none replayed within; do sed "s/^/$file: /" $file; done
for file in *.err; do sed "s/^/$file: /" $file; done
cd /tmp
`;

/** Describes what holds of containers' cgroups. `output`: what the machine printed. */
export function itTellsContainers(output: () => string): void {
  const of = (name: string): string[] =>
    output()
      .split('\n')
      .filter((line) => line.startsWith(`${name}: `))
      .map((line) => line.slice(name.length + 2));
  const recorded = (name: string) =>
    Number(
      of(`${name}.err`)
        .join('\n')
        .match(/^Driver Events:(\d+)/m)?.[1],
    );
  /** The lines of the program that reads a file, by the thread that opened it. */
  const program = (lines: readonly string[], file: string): string[] => {
    const tid = lines.find((line) => line.includes(` openat < ${file} `))?.split(' ')[2];
    return tid === undefined ? [] : lines.filter((line) => line.split(' ')[2] === tid);
  };

  it.each(CONTAINERS)('knows $type by the cgroup $path, from the first call of a program on', (group) => {
    const lines = program(of('live'), marker(group));
    expect(lines[0]).toMatch(/ execve < /);
    for (const line of lines) {
      expect(line.startsWith(`${group.id} ${group.type} `), line).toBe(true);
      expect(line.endsWith(` ${group.path}`), line).toBe(true);
    }
    // Every call behind it is there entered and left.
    const calls = lines.slice(1).map((line) => line.split(' ').slice(3, 5).join(' '));
    const left = calls.filter((call) => call.endsWith('<')).map((call) => call.slice(0, -2));
    const entered = calls.filter((call) => call.endsWith('>')).map((call) => call.slice(0, -2));
    expect(left.length).toBeGreaterThan(5);
    for (const call of left) expect(entered).toContain(call);
    expect(left).toEqual(entered.filter((call) => !/^(switch|exit_group|procexit)$/.test(call)));
  });

  it('counts monitors and services as the host', () => {
    const ids = new Set(of('live').map((line) => line.split(' ')[0]));
    expect(ids).toEqual(new Set(CONTAINERS.map((group) => group.id)));
  });

  it('replays a recording with the same containers', () => {
    // What a program had open before is not in a recording of containers alone, nor what no engine has told: of some,
    // the type. The scheduler's events vary.
    const told = (name: string) =>
      CONTAINERS.map((group) =>
        program(of(name), marker(group))
          .map((line) => line.split(' '))
          .filter((words) => words[3] !== 'switch')
          .map((words) => [words[0], ...words.slice(2, 5), words.at(-1)].join(' ')),
      );
    expect(told('replayed')).toEqual(told('live'));
  });

  it('shows one container alone, with what runs below its cgroup', () => {
    const lines = of('one').filter((line) => /< openat /.test(line));
    const files = new Set(lines.flatMap((line) => /\/etc\/group-[a-z0-9]+/.exec(line)?.[0] ?? []));
    const expected = GROUPS.filter((group) => group.id === DOCKER.id).map(marker);
    expect(files).toEqual(new Set([...expected, BEFORE]));
    for (const line of lines) expect(line).toContain(`(${DOCKER.id})`);
    expect(recorded('live')).toBeLessThan(OTHERS);
  });

  it('records nothing for a container that is not there', () => {
    expect(of('none')).toEqual([]);
    expect(recorded('none')).toBeLessThan(OTHERS);
  });

  it('sees the cgroups of the host from within a cgroup namespace', () => {
    const lines = of('within');
    expect(lines.some((line) => line.includes(` ${BEFORE} `))).toBe(true);
    // It runs, though no engine has told of it.
    expect(of('within.err').join()).not.toContain('no container');
    for (const line of lines) expect(line.endsWith(` ${DOCKER.path}`), line).toBe(true);
  });
}
