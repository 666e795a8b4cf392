import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Text, ipv6Text, isMappedIpv4, parseIpv4, parseIpv6 } from '../../src/scap/ip_text.js';
import { decodeDyn, decodeFdlist, decodeStrings, encodeFdlist } from '../../src/scap/list_params.js';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  decodeSockaddr,
  decodeSocktuple,
  encodeSockaddr,
  encodeSocktuple,
} from '../../src/scap/socket_params.js';
import { inet_ntop_cases } from './ip_cases.js';

const view = (b: Uint8Array): DataView => new DataView(b.buffer, b.byteOffset, b.byteLength);
const bytesText = (n: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: n, maxLength: n }).map((b) => Buffer.from(b).toString('latin1'));
const path = fc
  .uint8Array({ maxLength: 108 })
  .map((b) => Buffer.from(b.map((c) => c || 47)).toString('latin1'));
const port = fc.integer({ min: 0, max: 65535 });
const inet = fc.constantFrom(AF_INET, AF_INET6).chain((family) => {
  const end = fc.record({ ip: bytesText(family === AF_INET ? 4 : 16), port });
  return fc.record({ family: fc.constant(family), source: end, destination: end });
});

describe('socket addresses', () => {
  it('have the sizes of the format', () => {
    expect(encodeSockaddr({ family: AF_INET, ip: '\x7f\0\0\x01', port: 80 }).toString('hex')).toBe(
      '027f0000015000',
    );
    expect(encodeSockaddr({ family: AF_INET6, ip: '\0'.repeat(16), port: 80 })).toHaveLength(19);
    expect(encodeSockaddr({ family: AF_UNIX, path: '/x' }).toString('hex')).toBe('012f7800');
    expect(encodeSockaddr({ family: 'other', number: 16 })).toHaveLength(0);
  });

  it('come back as they were', () => {
    fc.assert(
      fc.property(inet, path, (tuple, unixPath) => {
        const addr = { family: tuple.family, ...tuple.source };
        const b = encodeSockaddr(addr);
        expect(decodeSockaddr(view(b), 0, b.length)).toEqual(addr);
        const unix = { family: AF_UNIX, path: unixPath } as const;
        const u = encodeSockaddr(unix);
        expect(decodeSockaddr(view(u), 0, u.length)).toEqual(unix);
      }),
    );
  });

  it('that are too short are nothing', () => {
    const b = encodeSockaddr({ family: AF_INET, ip: '\x7f\0\0\x01', port: 80 });
    for (let len = 0; len < b.length; len++) expect(decodeSockaddr(view(b), 0, len)).toBeUndefined();
    expect(decodeSockaddr(view(Buffer.from([16, 0])), 0, 2)).toEqual({ family: 'other', number: 16 });
  });
});

describe('socket tuples', () => {
  it('have the sizes of the format', () => {
    const end = { ip: '\x0a\0\0\x01', port: 1 };
    expect(encodeSocktuple({ family: AF_INET, source: end, destination: end })).toHaveLength(13);
    const end6 = { ip: '\0'.repeat(16), port: 1 };
    expect(encodeSocktuple({ family: AF_INET6, source: end6, destination: end6 })).toHaveLength(37);
    expect(encodeSocktuple({ family: AF_UNIX, source: 1n, destination: 2n, path: 'ab' })).toHaveLength(20);
  });

  it('come back as they were', () => {
    fc.assert(
      fc.property(inet, path, fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (tuple, unixPath, pointer) => {
        const b = encodeSocktuple(tuple);
        expect(decodeSocktuple(view(b), 0, b.length)).toEqual(tuple);
        for (const len of [0, 5, b.length - 1]) expect(decodeSocktuple(view(b), 0, len)).toBeUndefined();
        const unix = {
          family: AF_UNIX,
          source: pointer,
          destination: pointer >> 2n,
          path: unixPath,
        } as const;
        const u = encodeSocktuple(unix);
        expect(decodeSocktuple(view(u), 0, u.length)).toEqual(unix);
      }),
    );
  });
});

describe('lists', () => {
  it('of polled fds come back as they were', () => {
    const entry = fc.record({ fd: fc.integer({ min: -1 }), flags: fc.integer({ min: -32768, max: 32767 }) });
    fc.assert(
      fc.property(fc.array(entry), (list) => {
        const b = encodeFdlist(list);
        expect(b).toHaveLength(2 + 10 * list.length);
        expect(decodeFdlist(view(b), 0, b.length)).toEqual(list);
      }),
    );
  });

  it('of polled fds with a count that lies are cut to what is there', () => {
    const b = encodeFdlist([
      { fd: 1, flags: 1 },
      { fd: 2, flags: 2 },
    ]);
    b.writeUInt16LE(60000, 0);
    expect(decodeFdlist(view(b), 0, b.length)).toHaveLength(2);
    expect(decodeFdlist(view(b), 0, 13)).toHaveLength(1);
    expect(decodeFdlist(view(b), 0, 1)).toEqual([]);
  });

  it('of strings end with or without NUL', () => {
    const b = Buffer.from('a\0bc\0\0d\0');
    expect(decodeStrings(b, 0, b.length)).toEqual(['a', 'bc', '', 'd']);
    expect(decodeStrings(b, 0, 4)).toEqual(['a', 'bc']);
    expect(decodeStrings(b, 0, 0)).toEqual([]);
  });
});

describe('values of several types', () => {
  it('are told by their first byte', () => {
    const b = Buffer.from([2, 5, 0, 0, 0]);
    expect(decodeDyn(view(b), 0, 5, 'sockopt_dynamic_param')).toEqual({
      type: 7,
      fmt: 'dec',
      off: 1,
      len: 4,
    });
    b[0] = 200;
    expect(decodeDyn(view(b), 0, 5, 'sockopt_dynamic_param')).toBeUndefined();
    expect(decodeDyn(view(b), 0, 0, 'sockopt_dynamic_param')).toBeUndefined();
    expect(decodeDyn(view(b), 0, 5, undefined)).toBeUndefined();
  });
});

describe('addresses as text', () => {
  it.each(inet_ntop_cases)('%s is %s', (hex, text) => {
    const b = Buffer.from(hex, 'hex');
    expect(ipv6Text(view(b), 0)).toBe(text);
    expect(Buffer.from(parseIpv6(text)!).toString('hex')).toBe(hex);
  });

  it('come back as they were', () => {
    // Zeros are frequent, as in real addresses.
    const byte = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(byte, { minLength: 16, maxLength: 16 }), (list) => {
        const b = Buffer.from(list);
        const text = ipv6Text(view(b), 0);
        expect(text).toMatch(/^[0-9a-f:.]+$/);
        expect(Buffer.from(parseIpv6(text)!).equals(b)).toBe(true);
        expect(parseIpv4(ipv4Text(view(b), 0))).toEqual(new Uint8Array(b.subarray(0, 4)));
      }),
      { numRuns: 500 },
    );
  });

  it('are refused when they are none', () => {
    for (const bad of ['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.1.1.1', 'a.b.c.d', '1.2.3.-4', ' 1.2.3.4'])
      expect(parseIpv4(bad)).toBeUndefined();
    for (const bad of [
      '',
      ':',
      '1::2::3',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '12345::',
      'g::',
      '::1.2.3',
      '1:2:3:4:5:6:7::8',
    ])
      expect(parseIpv6(bad)).toBeUndefined();
    expect(isMappedIpv4(view(Buffer.from(parseIpv6('::ffff:1.2.3.4')!)), 0)).toBe(true);
    expect(isMappedIpv4(view(Buffer.from(parseIpv6('::1.2.3.4')!)), 0)).toBe(false);
  });
});
