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
const closeRange = (pid: number, first: number, last: number, flags = 0) =>
  block('SYSCALL_CLOSE_RANGE_X', pid, { res: 0, first, last, flags });
const dup2 = (pid: number, from: number, to: number) =>
  block('SYSCALL_DUP_1_X', pid, { res: to, oldfd: from });
const copy = (pid: number, to: number) => [
  block('SYSCALL_FCNTL_E', pid, { fd: 0, cmd: 1 }),
  block('SYSCALL_FCNTL_X', pid, { res: to }),
];
const execute = (pid: number) =>
  block('SYSCALL_EXECVE_19_X', pid, { res: 0, exe: 'sleep', comm: 'sleep', pid, tid: pid });
const exit = (pid: number) => block('PROCEXIT_1_E', pid, { status: 0 });
const open = (pid: number, fd: number, name: string) =>
  block('SYSCALL_OPENAT_2_X', pid, { fd, dirfd: -100, name, flags: 1, mode: 0, dev: 1, ino: 1 });

function emptyHead(processes: CaptureHead['processes']): CaptureHead {
  return { machine: null, interfaces: [], users: [], groups: [], processes, version: [1, 2] };
}

/** Fds of process 10 when it is completed: `number name`. */
function completed(
  blocks: readonly (Buffer | readonly Buffer[])[],
  rest: {
    found?: CaptureHead['processes'];
    present?: Record<number, FdEntry[]>;
    fds?: FdEntry[];
  } = {},
): string[] {
  const parent = processEntry(10, { fds: rest.fds ?? [file(0, '/dev/null')] });
  const head = emptyHead([parent, ...(rest.found ?? [])]);
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

  it('tells of those that went as others took their numbers', () => {
    expect(completed([inParent(10, 11), dup2(10, 0, 8)], child)).toEqual(HAD);
    // Found with what it opened later.
    const later = { ...child, fds: [file(0, '/dev/null'), file(8, '/dev/null')] };
    expect(completed([inParent(10, 11), dup2(10, 0, 8)], later)).toEqual(HAD);
    expect(completed([inParent(10, 11), close(10, 8), open(10, 8, '/dev/null')], later)).toEqual(HAD);
    // Before the child was born: it has the new one.
    expect(completed([dup2(10, 0, 8), inParent(10, 11), dup2(10, 0, 8)], child)).toEqual(LACKS);
    expect(completed([copy(10, 8), inParent(10, 11), close(10, 8)], child)).toEqual(LACKS);
  });

  it('tells of those that were closed as a range', () => {
    expect(completed([inParent(10, 11), closeRange(10, 3, 0xffffffff)], child)).toEqual(HAD);
    expect(completed([inParent(10, 11), closeRange(10, 3, 7)], child)).toEqual(LACKS);
    expect(completed([inParent(10, 11), closeRange(10, 3, 0xffffffff, 4)], child)).toEqual(LACKS);
    const unnamed = block('GENERIC_X', 10, { ID: 0, nativeID: 436 });
    expect(completed([inParent(10, 11), unnamed], child)).toEqual(HAD);
    expect(completed([unnamed, inParent(10, 11)], child)).toEqual(LACKS);
    // The child opens files: this may be one of those.
    expect(completed([inParent(10, 11), open(11, 3, '/x'), closeRange(10, 3, 9)], child)).toEqual(LACKS);
    const found = [processEntry(11, { ptid: 10, fds: [file(8, '/etc/hostname')] })];
    expect(completed([inParent(10, 11), open(11, 3, '/x'), closeRange(10, 3, 9)], { found })).toEqual(HAD);
  });

  it('tells of those that executing closed', () => {
    const marked = { present: { 11: [{ ...file(8, '/etc/hostname'), openFlags: 4097 }] } };
    expect(completed([inParent(10, 11), execute(10)], marked)).toEqual(HAD);
    // Not marked, it would be there still.
    expect(completed([inParent(10, 11), execute(10)], child)).toEqual(LACKS);
    // It cannot be inherited.
    expect(completed([inParent(10, 11), execute(11), execute(10)], marked)).toEqual(LACKS);
  });

  it('does not take for inherited what the child has opened by that number', () => {
    expect(completed([inParent(10, 11), open(11, 8, '/mine'), close(10, 8)], child)).toEqual(LACKS);
    expect(completed([inParent(10, 11), close(10, 8), open(11, 8, '/mine')], child)).toEqual(LACKS);
  });

  it('knows processes that had ended when they would have been found, as they tell themselves', () => {
    const head = emptyHead([processEntry(1)]);
    const present: Record<number, FdEntry[]> = { 21: [file(8, '/etc/hostname')] };
    const birth = told({ res: 21, ...ids(20, 1), comm: 'make', exe: 'make', args: '-j\0', uid: 7 });
    completeHead(head, [birth, exit(20)], (pid) => present[pid] ?? []);
    expect(head.processes.map(({ tid }) => tid)).toEqual([1, 20]);
    expect(head.processes[1]).toMatchObject({ pid: 20, ptid: 1, comm: 'make', args: ['-j'], uid: 7 });
    expect(head.processes[1]?.cgroups).toEqual(['cpuset=/']);
    expect(head.processes[1]?.fds.map(({ fd, name }) => `${fd} ${name}`)).toEqual(['8 /etc/hostname']);
  });

  it('tells of files of those that were found in their end', () => {
    expect(completed([inParent(10, 11), exit(10)], { ...child, fds: [] })).toEqual([
      '0 /x',
      '8 /etc/hostname',
    ]);
    expect(completed([exit(10), inParent(10, 11)], { ...child, fds: [] })).toEqual([]);
  });

  it('does not know those from the beginning that were born later', () => {
    const head = emptyHead([processEntry(1)]);
    const of = (blocks: Buffer[]) => {
      completeHead(head, blocks, () => []);
      return head.processes.map(({ tid }) => tid);
    };
    expect(of([inParent(1, 20), inParent(20, 21), exit(20)])).toEqual([1]);
    expect(of([inChild(20, 1), inParent(20, 21), exit(20)])).toEqual([1]);
  });
});
