/** IPv4 address of the 4 bytes at `off` as dotted text. */
export function ipv4Text(dv: DataView, off: number): string {
  return `${dv.getUint8(off)}.${dv.getUint8(off + 1)}.${dv.getUint8(off + 2)}.${dv.getUint8(off + 3)}`;
}

/** True for ::ffff:a.b.c.d, an IPv4 peer on an IPv6 socket. */
export function isMappedIpv4(dv: DataView, off: number): boolean {
  return dv.getUint32(off) === 0 && dv.getUint32(off + 4) === 0 && dv.getUint32(off + 8) === 0x0000ffff;
}

/**
 * IPv6 address of the 16 bytes at `off` in canonical form (RFC 5952): lower case, the longest run of at least two
 * zero groups as `::`; mapped addresses end in dotted form, as inet_ntop prints them.
 */
export function ipv6Text(dv: DataView, off: number): string {
  if (isMappedIpv4(dv, off)) return `::ffff:${ipv4Text(dv, off + 12)}`;
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(dv.getUint16(off + i));
  let best = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let n = 0;
    while (i + n < 8 && groups[i + n] === 0) n++;
    if (n > bestLength) {
      best = i;
      bestLength = n;
    }
    if (n > 0) i += n - 1;
  }
  const hex = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  if (best < 0) return hex(0, 8);
  // ::a.b.c.d, the old "compatible" form, is also printed dotted; :: and ::1 are not.
  if (best === 0 && bestLength === 6) return `::${ipv4Text(dv, off + 12)}`;
  return `${hex(0, best)}::${hex(best + bestLength, 8)}`;
}

/** Bytes of a dotted IPv4 address; undefined if the text is none. */
export function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const out = new Uint8Array(4);
  for (let i = 0; i < 4; i++) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(parts[i]) || Number(parts[i]) > 255) return undefined;
    out[i] = Number(parts[i]);
  }
  return out;
}

/** Bytes of an IPv6 address in any of its spellings; undefined if the text is none. */
export function parseIpv6(text: string): Uint8Array | undefined {
  let body = text;
  const dotted = /^(.*:)([0-9.]+)$/.exec(text);
  if (dotted?.[2].includes('.')) {
    const v4 = parseIpv4(dotted[2]);
    if (v4 === undefined) return undefined;
    body = `${dotted[1]}${((v4[0] << 8) | v4[1]).toString(16)}:${((v4[2] << 8) | v4[3]).toString(16)}`;
  }
  const halves = body.split('::');
  if (halves.length > 2) return undefined;
  const groupsOf = (half: string): string[] => (half === '' ? [] : half.split(':'));
  const left = groupsOf(halves[0]);
  const right = halves.length === 2 ? groupsOf(halves[1]) : [];
  const zeros = 8 - left.length - right.length;
  if (halves.length === 2 ? zeros < 1 : zeros !== 0) return undefined;
  const groups = [...left, ...new Array<string>(zeros).fill('0'), ...right];
  const out = new Uint8Array(16);
  for (let i = 0; i < 8; i++) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(groups[i])) return undefined;
    const value = Number.parseInt(groups[i], 16);
    out[2 * i] = value >> 8;
    out[2 * i + 1] = value & 0xff;
  }
  return out;
}
