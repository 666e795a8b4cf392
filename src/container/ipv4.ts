/** Dotted quad → 32-bit number, first octet highest; 0 if it is not one. */
export function ipv4Number(text: string): number {
  const octets = text.split('.');
  if (octets.length !== 4 || !octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) < 256))
    return 0;
  return octets.reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

/** 32-bit number → dotted quad. */
export function ipv4Text(value: number): string {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.');
}
