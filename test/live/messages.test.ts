import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordFollowed } from './followed.js';
import { CAN_RECORD, compileProgram, type RecordedEvent } from './recording.js';

/** Both ends of a stored IPv4 tuple, as ports. */
const ports = (tuple: unknown) => [(tuple as Buffer).readUInt16LE(5), (tuple as Buffer).readUInt16LE(11)];
const text = (data: unknown) => (data as Buffer).toString('latin1');

describe.runIf(CAN_RECORD).each(['ebpf', 'ptrace'] as const)('vectors of messages, %s', (engine) => {
  let program = '';
  /** The exit events of each call, call by call. */
  const calls: RecordedEvent[][] = [];

  beforeAll(async () => {
    program = compileProgram('messages');
    const { events } = await recordFollowed(engine, [program]);
    for (const event of events.filter((e) => /mmsg$/.test(e.name))) {
      if (event.enter) calls.push([]);
      else calls.at(-1)!.push(event);
    }
  });
  afterAll(() => rmSync(dirname(program), { recursive: true, force: true }));

  it('has one event per message that was sent, with its data and its ends', () => {
    const sent = calls[0]!;
    expect(sent.map((e) => [e.name, ...e.params.slice(0, 3), text(e.params[3])])).toEqual([
      ['sendmmsg', 13, 3, 13, 'first message'],
      ['sendmmsg', 6, 3, 6, 'second'],
      ['sendmmsg', 18, 3, 18, 'the third of three'],
    ]);
    const [from, to] = ports(sent[0]!.params[4]);
    expect(from).toBeGreaterThan(0);
    expect(to).not.toBe(from);
    expect(sent.map((e) => ports(e.params[4]))).toEqual([
      [from, to],
      [from, to],
      [from, from],
    ]);
  });

  it('has one event per message that was received, with its control data', () => {
    const [from, to] = ports(calls[0]![0]!.params[4]);
    const received = calls[1]!;
    expect(received.map((e) => [e.name, ...e.params.slice(0, 3), text(e.params[3])])).toEqual([
      ['recvmmsg', 13, 4, 13, 'first message'],
      ['recvmmsg', 6, 4, 6, 'second'],
    ]);
    for (const event of received) {
      expect(ports(event.params[4])).toEqual([from, to]);
      // A time stamp: struct cmsghdr with its length, SOL_SOCKET, SO_TIMESTAMPNS, then a timespec.
      const control = event.params[5] as Buffer;
      expect([
        control.length,
        control.readUInt32LE(0),
        control.readUInt32LE(8),
        control.readUInt32LE(12),
      ]).toEqual([32, 32, 1, 35]);
    }
  });

  it('has one event with the error of a call that did nothing', () => {
    expect(calls[2]!.map((e) => e.params[0])).toEqual([-11]);
    expect(calls[4]!.map((e) => [e.params[0], e.params[1]])).toEqual([[-9, 77]]);
  });

  it('leaves out messages behind the one that was refused', () => {
    expect(calls[3]!.map((e) => text(e.params[3]))).toEqual(['first message']);
  });

  it('has every message of a long vector', () => {
    const expected = Array.from({ length: 70 }, (_, i) => `m${String(i).padStart(2, '0')}`);
    for (const call of [calls[5]!, calls[6]!]) {
      expect(call.map((e) => text(e.params[3]))).toEqual(expected);
      expect(call.every((e) => e.params[0] === 3 && e.params[2] === 3)).toBe(true);
    }
  });
});
