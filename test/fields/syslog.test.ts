import { describe, expect, it } from 'vitest';
import { planField } from '../../src/fields/registry.js';
import { FdInfo, FdType } from '../../src/machine/fd.js';
import { Machine } from '../../src/machine/machine.js';
import { ThreadInfo } from '../../src/machine/thread.js';
import { PPME } from '../../src/scap/events.generated.js';
import { builtEvent, bytes } from './built_event.js';

function fieldsOf(data: string, path = 'ffff888->ffff999 /dev/log'): unknown[] {
  const machine = new Machine();
  const thread = new ThreadInfo(100, 100);
  thread.ownFds().set(3, new FdInfo(FdType.UNIX_SOCK, path));
  machine.addThread(thread);
  machine.process(builtEvent(PPME.SYSCALL_WRITE_E, [bytes.i64(3), bytes.u32(data.length)]));
  const ev = builtEvent(PPME.SYSCALL_WRITE_X, [bytes.i64(data.length), bytes.raw(data)]);
  machine.process(ev);
  return ['facility.str', 'facility', 'severity.str', 'severity', 'message'].map((name) =>
    planField(`syslog.${name}`).extract(ev, machine),
  );
}

describe('syslog fields', () => {
  it('take the message apart', () => {
    expect(fieldsOf('<38>sshd: hello <1>')).toEqual(['auth', 4, 'info', 6, 'sshd: hello <1>']);
    expect(fieldsOf('<0>')).toEqual(['kern', 0, 'emerg', 0, '']);
  });

  it('have no value for what is no message or goes elsewhere', () => {
    const nothing = [undefined, undefined, undefined, undefined, undefined];
    expect(fieldsOf('hello')).toEqual(nothing);
    expect(fieldsOf('<999>x')).toEqual(nothing);
    expect(fieldsOf('<38>x', '/run/other.sock')).toEqual(nothing);
  });
});
