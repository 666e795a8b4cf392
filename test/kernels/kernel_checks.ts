import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { SYSCALLS_AARCH64, SYSCALLS_X86_64 } from '../../src/scap/syscalls.generated.js';
import { eventName, exitsBesideStrace, expectSameArguments } from '../live/beside_strace.js';
import { decodeBlocks, namesOf, type RecordedEvent } from '../live/recording.js';
import { parseStrace, type StraceCall } from '../live/strace_lines.js';
import { GROUPS_JOB, itTellsContainers } from './container_groups.js';
import { Guest, type Machine } from './guest.js';

const ROOT = resolve(import.meta.dirname, '../..');
const EVENT_BLOCKS = new Set([0x216, 0x217, 0x221, 0x222]);

/** Filters that make the kernel's part of a capture different programs: each has to get past the verifier. */
const FILTERS = [
  '--page-faults',
  'evt.type=openat',
  'container.name=web',
  'proc.name=cat',
  'proc.apid=1',
  'proc.pid=4000',
  'container.id!=host',
];

/** A container by the name of its cgroup: there is no engine, and cgroups of version 2 alone. */
const CONTAINER = 'ab'.repeat(32);
const GROUP = `/docker/${CONTAINER}`;
/** Calls of others meanwhile; entered and left, they are as many events twice over, if the kernel recorded them. */
const OTHERS = 20_000;

const JOB = `
tsdig="node /app/node_modules/tsdig/dist/cli/main.cjs"
cd /tmp; mkdir strace here
uname -r
$tsdig -v -M 1 -w /tmp/plain.scap 2>&1 | grep '^tsdig: engine'
${FILTERS.map((filter) => `echo "filter ${filter}: $($tsdig --engine ebpf -M 1 -w /tmp/f.scap ${filter} 2>&1 | grep '^tsdig: [^n]' | head -n 1)"`).join('\n')}
$tsdig --engine ebpf -v -p '*%evt.type %evt.dir %container.id %thread.cgroup.memory %fd.name' container.id=${CONTAINER.slice(0, 12)} > group 2> group.err &
until grep -q '^tsdig: engine' group.err; do sleep 0.1; done
mkdir -p /sys/fs/cgroup${GROUP}
dd if=/dev/zero of=/dev/null bs=1 count=${OTHERS / 2} 2> /dev/null
sh -c 'echo $$ > /sys/fs/cgroup${GROUP}/cgroup.procs; exec cat /job' > /dev/null
sleep 0.5
kill -INT $!
wait
grep -h '^Driver Events' group.err
sed 's/^/group /' group
${GROUPS_JOB}
cd here
$tsdig --engine ebpf -w /tmp/calls.scap -- strace -ff -a 1 -s 200 -o /tmp/strace/t /bin/workload
echo "status $?"
cd /tmp
echo "-- files"
tar -cz strace calls.scap | base64
echo "-- end of files"
`;

/** The events of a capture file. */
function eventsOf(file: string, names: Map<number, string>): RecordedEvent[] {
  const bytes = readFileSync(file);
  const blocks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 4))
    if (EVENT_BLOCKS.has(bytes.readUInt32LE(at)))
      blocks.push(bytes.subarray(at, at + bytes.readUInt32LE(at + 4)));
  return decodeBlocks(Buffer.concat(blocks), names);
}

/**
 * Describes what holds on Debian's kernel for a machine, emulated: what the verifier of the kernel here takes, that of another
 * may not.
 */
export function describeKernel(machine: Machine): void {
  const arch = machine.debian;
  describe(`Debian's kernel on ${arch}`, () => {
    let work: string;
    let output: string;
    const calls = new Map<number, StraceCall[]>();
    let events: RecordedEvent[];

    beforeAll(async () => {
      work = mkdtempSync(join(tmpdir(), 'tsdig-kernel-'));
      const guest = new Guest(machine, work, inject('tarball'));
      guest.compile('bin/workload', join(ROOT, 'test/live/workload.c'));
      guest.compile('bin/cgroup_namespace', join(ROOT, 'test/kernels/cgroup_namespace.c'));
      const text = await guest.run(JOB);
      const [, told, packed] = /^([\s\S]*)-- files\n([\s\S]*)-- end of files/.exec(text) ?? [];
      if (packed === undefined) throw new Error(`the machine gave no files: ${text}`);
      output = told!;
      const archive = join(work, 'out.tar.gz');
      writeFileSync(archive, Buffer.from(packed, 'base64'));
      execFileSync('tar', ['-xzf', archive, '-C', work]);
      for (const file of readdirSync(join(work, 'strace')))
        calls.set(
          Number(file.slice(2)),
          // What this architecture does not have is no call.
          parseStrace(readFileSync(join(work, 'strace', file), 'latin1')).filter(
            (c) => !/^syscall_0x/.test(c.name),
          ),
        );
      events = eventsOf(
        join(work, 'calls.scap'),
        namesOf(arch === 'arm64' ? SYSCALLS_AARCH64 : SYSCALLS_X86_64),
      );
    }, 600_000);
    afterAll(() => {
      if (!process.env.TSDIG_KEEP) rmSync(work, { recursive: true, force: true });
    }, 60_000);

    it('is captured from with eBPF', () => {
      expect(/^tsdig: engine: .*/m.exec(output)?.[0]).toBe('tsdig: engine: eBPF');
    });

    it.each(FILTERS)('takes the programs for %s', (filter) => {
      const complaint = output.split('\n').find((line) => line.startsWith(`filter ${filter}:`));
      if (arch === 'arm64' && filter === '--page-faults')
        expect(complaint).toMatch(/no tracepoints for page faults/);
      else expect(complaint).toBe(`filter ${filter}: `);
    });

    it('sees what happens in a new cgroup of a container, and nothing of others', () => {
      const lines = output.split('\n').filter((line) => line.startsWith('group '));
      const of = (call: string, file: string) => `group ${call} < ${CONTAINER.slice(0, 12)} ${GROUP} ${file}`;
      expect(lines).toContain(of('execve', '<NA>'));
      expect(lines).toContain(of('openat', '/job'));
      for (const line of lines) expect(line).toContain(` ${CONTAINER.slice(0, 12)} ${GROUP} `);
      expect(Number(/^Driver Events:(\d+)/m.exec(output)?.[1])).toBeLessThan(OTHERS);
    });

    itTellsContainers(() => output);

    it('has the same calls as strace, in the same order, thread by thread', () => {
      expect(calls.size).toBeGreaterThan(5);
      const exits = exitsBesideStrace(calls, events);
      for (const [tid, list] of calls) {
        const theirs = list.filter((c) => !c.name.startsWith('exit')).map((c) => eventName(c, 'compatible'));
        expect(
          exits.get(tid)!.map((e) => e.name),
          `thread ${tid}`,
        ).toEqual(theirs);
      }
    });

    it('has the same results and arguments as strace', () => {
      const exits = exitsBesideStrace(calls, events);
      let compared = 0;
      for (const [tid, list] of calls)
        compared += expectSameArguments(
          list.filter((c) => !c.name.startsWith('exit')),
          exits.get(tid)!,
        );
      expect(compared).toBeGreaterThan(500);
    });
  });
}
