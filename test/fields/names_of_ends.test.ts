import { describe, expect, it } from 'vitest';
import { portName } from '../../src/fields/port_names.js';
import { planField } from '../../src/fields/registry.js';
import { compileFilter, FilterError } from '../../src/filter/compile.js';
import { FdInfo, FdType, Role } from '../../src/machine/fd.js';
import { Machine } from '../../src/machine/machine.js';
import { ThreadInfo } from '../../src/machine/thread.js';
import { PPME } from '../../src/scap/events.generated.js';
import { builtEvent, bytes } from './built_event.js';

/** A machine whose thread 100 has just read from 10.0.0.1:40000->127.0.0.1:443 (fd 5) or from 0.0.0.0:22 (fd 6). */
function reading(fd: number) {
  const machine = new Machine();
  const thread = new ThreadInfo(100, 100);
  machine.addThread(thread);
  const connection = new FdInfo(FdType.IPV4_SOCK, '10.0.0.1:40000->127.0.0.1:443');
  connection.cip = '\x0a\x00\x00\x01';
  connection.cport = 40000;
  connection.sip = '\x7f\x00\x00\x01';
  connection.sport = 443;
  connection.takeRole(Role.CLIENT);
  const listening = new FdInfo(FdType.IPV4_SERVSOCK, '0.0.0.0:22');
  listening.sip = '\0\0\0\0';
  listening.sport = 22;
  thread.ownFds().set(5, connection);
  thread.ownFds().set(6, listening);
  const ev = builtEvent(PPME.SYSCALL_READ_E, [bytes.i64(fd), bytes.u32(10)]);
  machine.process(ev);
  return {
    value: (name: string, portNames: boolean) => planField(name, { portNames }).extract(ev, machine),
    matches: (filter: string, portNames = false) =>
      compileFilter(filter, { fields: { portNames } }).matches(ev, machine),
  };
}

describe('service names for ports (-R)', () => {
  // What the machine calls them; a machine without names shows numbers.
  const https = portName(443) ?? '443';
  const ssh = portName(22) ?? '22';

  it('stand in names and protocols, not in ports', () => {
    const { value } = reading(5);
    expect(value('fd.name', true)).toBe(`10.0.0.1:40000->127.0.0.1:${https}`);
    expect(value('fd.containername', true)).toBe(`:10.0.0.1:40000->127.0.0.1:${https}`);
    expect(value('fd.sproto', true)).toBe(https);
    expect(value('fd.cproto', true)).toBe('40000');
    expect(value('fd.sport', true)).toBe(443);
    expect(value('fd.name', false)).toBe('10.0.0.1:40000->127.0.0.1:443');
    expect(value('fd.sproto', false)).toBe('443');
    expect(reading(6).value('fd.name', true)).toBe(`0.0.0.0:${ssh}`);
  });

  it('are what filters compare then', () => {
    expect(reading(6).matches(`fd.name contains ':${ssh}'`, true)).toBe(true);
    expect(reading(6).matches("fd.name contains ':22'")).toBe(true);
  });
});

describe('host names', () => {
  const { matches } = reading(5);

  it('are resolved for the filter and compared by address', () => {
    expect(matches('fd.sip.name=localhost')).toBe(true);
    expect(matches('fd.sip.name!=localhost')).toBe(false);
    expect(matches('fd.cip.name=localhost')).toBe(false);
    expect(matches('fd.cip.name!=localhost')).toBe(true);
    expect(matches('fd.sip.name in (10.0.0.7, 127.0.0.1)')).toBe(true);
    expect(matches('fd.rip.name=10.9.9.9')).toBe(false);
    // A listening socket has no client.
    expect(reading(6).matches('fd.cip.name!=10.9.9.9')).toBe(false);
  });

  it('know no other comparison', () => {
    expect(() => compileFilter('fd.sip.name contains local')).toThrow(FilterError);
    expect(matches('fd.sip.name exists')).toBe(false);
  });
});
