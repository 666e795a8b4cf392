import { describe, expect, it } from 'vitest';
import { completeHead } from '../../src/machine/head_gaps.js';
import { encodeEvent } from '../../src/scap/encode_event.js';
import { EVENTS, PPME } from '../../src/scap/events.generated.js';
import type { CaptureHead, FdEntry } from '../../src/scap/head.js';
import { BASE, cloneParams, processEntry } from './observed.js';

function file(fd: number, name: string): FdEntry {
  return { fd, ino: 1, type: 1, name, openFlags: 1, dev: 0 };
}

let now = BigInt(BASE) * 1_000_000_000n;
function block(name: keyof typeof PPME, tid: number, params: Record<string, string | number>): Buffer {
  const values = EVENTS[PPME[name]]!.params.map((param) => params[param.name] ?? null);
  return encodeEvent(PPME[name], { ts: now++, tid }, values);
}

const ids = (tid: number, ptid: number) => ({ tid, pid: tid, ptid, vtid: tid, vpid: tid });
const told = (params: Parameters<typeof cloneParams>[0]) =>
  block('SYSCALL_CLONE_20_X', Number(params['tid']), cloneParams(params) as Record<string, string | number>);
const inParent = (parent: number, child: number) => told({ res: child, ...ids(parent, 1) });
const inChild = (child: number, parent: number) => told({ res: 0, ...ids(child, parent) });
const close = (pid: number, fd: number) => [
  block('SYSCALL_CLOSE_E', pid, { fd }),
  block('SYSCALL_CLOSE_X', pid, { res: 0, fd }),
];
const open = (pid: number, fd: number, name: string) =>
  block('SYSCALL_OPENAT_2_X', pid, { fd, dirfd: -100, name, flags: 1, mode: 0, dev: 1, ino: 1 });

/** Fds of process 10 when it is completed: `number name`. */
function completed(
  blocks: readonly (Buffer | readonly Buffer[])[],
  rest: { found?: CaptureHead['processes']; present?: Record<number, FdEntry[]> } = {},
): string[] {
  const parent = processEntry(10, { fds: [file(0, '/dev/null')] });
  const head: CaptureHead = {
    machine: null,
    interfaces: [],
    users: [],
    groups: [],
    processes: [parent, ...(rest.found ?? [])],
    version: [1, 2],
  };
  completeHead(head, blocks.flat(), (pid) => rest.present?.[pid] ?? []);
  return parent.fds.map(({ fd, name }) => `${fd} ${name}`);
}

const HAD = ['0 /dev/null', '8 /etc/hostname'];
const LACKS = ['0 /dev/null'];
const child = { present: { 11: [file(0, '/x'), file(8, '/etc/hostname')] } };

describe('the head of a recording', () => {
  it('tells of files that a process closed before it was found, as its children have them', () => {
    expect(completed([inParent(10, 11), close(10, 8)], child)).toEqual(HAD);
    expect(completed([inParent(10, 11), inChild(11, 10), close(10, 8)], child)).toEqual(HAD);
    const found = [processEntry(11, { ptid: 10, fds: [file(8, '/etc/hostname')] })];
    expect(completed([inParent(10, 11), close(10, 8)], { found })).toEqual(HAD);
  });

  it('takes a child for the older one whose birth only itself tells', () => {
    expect(completed([close(10, 8), inChild(11, 10)], child)).toEqual(HAD);
  });

  it('asks the children of children', () => {
    const present = { 12: [file(8, '/etc/hostname')] };
    const blocks = [inParent(10, 11), inParent(11, 12), close(11, 8), close(10, 8)];
    expect(completed(blocks, { present })).toEqual(HAD);
  });

  it('does not tell of files that were opened later, or that the child opened', () => {
    expect(completed([open(10, 8, '/etc/hostname'), inParent(10, 11), close(10, 8)], child)).toEqual(LACKS);
    expect(completed([inParent(10, 11)], child)).toEqual(LACKS);
    // Born after it was closed.
    expect(completed([close(10, 8), inParent(10, 11), inChild(11, 10)], child)).toEqual(LACKS);
    expect(completed([inParent(10, 11), close(10, 0), close(11, 8)], child)).toEqual(LACKS);
  });
});
