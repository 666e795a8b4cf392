import { describe, expect, it } from 'vitest';
import { ContainerInfo, ContainerType } from '../../src/container/container.js';
import { compileFilter } from '../../src/filter/compile.js';
import { explainChecks } from '../../src/filter/explain.js';
import { ENTER, EXIT, nativeCalls, planPushdown, stateCalls, stateTypes } from '../../src/filter/pushdown.js';
import { PPME } from '../../src/scap/events.generated.js';

const plan = (text: string) => planPushdown(compileFilter(text));
const list = <T>(set: ReadonlySet<T> | null | undefined): T[] | null => (set ? [...set] : null);

function container(name: string, image: string): ContainerInfo {
  const id = name.repeat(12).slice(0, 12);
  const info = new ContainerInfo(id, id.repeat(5), ContainerType.DOCKER);
  info.name = name;
  info.image = image;
  [info.imageRepo, info.imageTag] = image.split(':') as [string, string];
  return info;
}

describe('what the kernel can decide', () => {
  it('system calls and their halves', () => {
    expect([...(plan('evt.type=openat').calls ?? [])]).toEqual([['openat', ENTER | EXIT]]);
    expect([...(plan('evt.type=openat and evt.dir=<').calls ?? [])]).toEqual([['openat', EXIT]]);
    expect([...(plan('evt.type=open').calls?.keys() ?? [])].sort()).toEqual(['open', 'openat', 'openat2']);
    expect([...(plan('syscall.type=getppid').calls ?? [])]).toEqual([['getppid', ENTER | EXIT]]);
    expect([...(plan('evt.type=getppid').calls ?? [])]).toEqual([['getppid', ENTER | EXIT]]);
    expect(plan('evt.type=openat or proc.name=cat').calls).toBeNull();
    const io = plan('evt.is_io_read=true and fd.type=ipv4').calls;
    expect(io?.get('recvfrom')).toBe(ENTER | EXIT);
    expect(io?.has('write')).toBe(false);
    expect(plan('evt.rawres<0 and evt.type=openat').calls?.get('openat')).toBe(EXIT);
    expect(plan('fd.name contains x').calls?.has('getppid')).toBe(false);
    const native = nativeCalls(plan('evt.type=openat').calls, 'x64');
    expect(native[257]).toBe(ENTER | EXIT);
    expect(native.filter((halves) => halves !== 0).length).toBe(1);
    expect(nativeCalls(plan('evt.type=openat').calls, 'arm64')[56]).toBe(ENTER | EXIT);
    expect(nativeCalls(null, 'x64')[0]).toBe(ENTER | EXIT);
  });

  it('other events', () => {
    expect([...plan('evt.type=switch').tracepoints]).toEqual(['switch']);
    expect(plan('evt.type=switch').calls?.size).toBe(0);
    expect(plan('evt.type=openat').tracepoints.size).toBe(0);
    expect(plan('proc.name=cat').tracepoints).toContain('procexit');
  });

  it('tasks', () => {
    expect(list(plan('proc.name=cat').comms)).toEqual(['cat']);
    expect(list(plan('proc.name in (cat, ls) and evt.type=openat').comms)).toEqual(['cat', 'ls']);
    expect(list(plan('proc.name in (cat, ls) and proc.name=ls').comms)).toEqual(['ls']);
    expect(list(plan('proc.name=cat or proc.name=ls').comms)).toEqual(['cat', 'ls']);
    expect(list(plan('proc.name=a-very-long-command-name').comms)).toEqual(['a-very-long-com']);
    expect(plan('proc.name=cat or evt.type=openat').comms).toBeNull();
    expect(plan('not proc.name=cat').comms).toBeNull();
    expect(plan('not (proc.name!=cat)').comms).toBeNull();
    expect(plan('proc.name!=cat').comms).toBeNull();
    expect(plan('proc.name startswith c').comms).toBeNull();
    expect(plan('tolower(proc.name)=cat').comms).toBeNull();
    expect(plan('proc.aname=cat').comms).toBeNull();
    expect(list(plan('proc.pid=12').pids)).toEqual([12]);
    expect(list(plan('thread.tid in (1,2)').tids)).toEqual([1, 2]);
    expect(plan('proc.pid>12').pids).toBeNull();
    expect(list(plan('user.uid=0').users?.uids)).toEqual([0]);
    expect(list(plan('user.name=root or user.uid=3').users?.names)).toEqual(['root']);
  });

  it('containers, whatever is asked of them', () => {
    const web = container('web', 'nginx:1.2');
    const db = container('db', 'postgres:16');
    const passing = (filter: string) => {
      const limit = plan(filter).containers;
      if (limit === null) return null;
      const all = [web, db].filter((info) => limit.passes(info)).map((info) => info.name);
      return [...(limit.passes(null) ? ['host'] : []), ...all, ...(limit.nestedPasses ? ['nested'] : [])];
    };
    expect(passing('container.id!=host')).toEqual(['web', 'db', 'nested']);
    expect(passing('container.name!=host and evt.type=open')).toEqual(['web', 'db']);
    expect(passing('container.name!=host and not container.name=web')).toEqual(['db']);
    expect(passing('container.name startswith w')).toEqual(['web']);
    expect(passing('container.image contains postgres or container.image=none')).toEqual(['db']);
    expect(passing('container.image.repository=none')).toBeNull();
    expect(passing('container.type=docker and proc.name=cat')).toEqual(['web', 'db']);
    expect(passing('container.name in (web, host)')).toEqual(['host', 'web']);
    expect(passing('container.name exists and container.id!=host')).toEqual(['web', 'db']);
    expect(passing('(container.name=web and evt.type=open) or container.name=db')).toEqual(['web', 'db']);
    // Threads that nobody knows are in no container, and may be anywhere.
    expect(passing('not container.id=host')).toBeNull();
    expect(passing('container.id!=host or evt.type=open')).toBeNull();
    expect(passing('container.id!=host or evt.num=1')).toBeNull();
    expect(plan('container.id!=host and evt.type=open').containers?.text).toBe('container.id != host');
  });

  it('containers', () => {
    expect(list(plan('container.name=web').containers?.names)).toEqual(['web']);
    expect(list(plan('container.name=web or container.id=0123456789ab').containers?.ids)).toEqual([
      '0123456789ab',
    ]);
    expect(list(plan('container.name in (a,b) and container.name=b').containers?.names)).toEqual(['b']);
    // What moves into the container counts as the host's for a while: nothing of it may be left out.
    expect(plan('container.name!=web').containers).toBeNull();
    expect(plan('container.name=web or evt.type=open').containers).toBeNull();
    expect(plan('not container.name=web').containers).toBeNull();
  });
});

describe('what is recorded for the sake of state', () => {
  const { needs } = plan('evt.type=openat and proc.name=cat');
  it('processes for proc fields, nothing for headers', () => {
    expect(stateTypes(plan('evt.type=openat').needs).includes(1)).toBe(false);
    const types = stateTypes(needs);
    expect(types[PPME.SYSCALL_EXECVE_19_X]).toBe(1);
    expect(types[PPME.PROCEXIT_1_E]).toBe(1);
    expect(types[PPME.SYSCALL_CLONE_20_X]).toBe(1);
    expect(types[PPME.SYSCALL_CLOSE_X]).toBe(0);
    expect([...stateCalls(needs)]).toContain('clone3');
  });
  it('fds too for fd fields', () => {
    const types = stateTypes(plan('fd.name contains x').needs);
    expect(types[PPME.SYSCALL_CLOSE_X]).toBe(1);
    expect(types[PPME.SYSCALL_EXECVE_19_X]).toBe(1);
    expect([...stateCalls(plan('fd.name contains x').needs)]).toContain('dup3');
  });
});

describe('--explain', () => {
  it('says what each check takes', () => {
    const filter = compileFilter(
      'evt.type=openat and (proc.name=cat or fd.name  contains /etc) and container.name=web and evt.rawres<0 and evt.num>5 and user.name=root',
    );
    expect(explainChecks(filter).map(({ text, why }) => `${text}: ${why}`)).toEqual([
      "evt.type=openat: by the event's header alone",
      'proc.name=cat: needs the table of processes and threads',
      'fd.name contains /etc: only events of types that can have it; then needs to know what the file descriptors stand for',
      'container.name=web: needs the container that the task belongs to',
      'evt.rawres<0: only events of types that can have it; then needs the event itself, no state',
      'evt.num>5: needs the event itself, no state',
      'user.name=root: needs the names of users and groups',
    ]);
  });
});
