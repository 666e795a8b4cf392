/** An address as its 4 or 16 bytes. */
export type AddressBytes = readonly number[];

/** Reads a dotted quad or an IPv6 text (with `::` and an embedded dotted quad); undefined if it is neither. */
export function parseAddress(text: string): AddressBytes | undefined {
  return text.includes(':') ? parseV6(text) : parseV4(text);
}

function parseV4(text: string): AddressBytes | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes: number[] = [];
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined;
    bytes.push(Number(part));
  }
  return bytes;
}

function parseV6(text: string): AddressBytes | undefined {
  const halves = text.split('::');
  if (halves.length > 2 || !/^[0-9a-fA-F:.]+$/.test(text)) return undefined;
  const head = groups(halves[0]);
  if (head === undefined) return undefined;
  if (halves.length === 1) return head.length === 16 ? head : undefined;
  const tail = groups(halves[1]);
  if (tail === undefined || head.length + tail.length > 14) return undefined;
  return [...head, ...new Array<number>(16 - head.length - tail.length).fill(0), ...tail];
}

function groups(text: string): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const parts = text.split(':');
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    if (part.includes('.')) {
      const quad = i === parts.length - 1 ? parseV4(part) : undefined;
      if (quad === undefined) return undefined;
      bytes.push(...quad);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
      const group = Number.parseInt(part, 16);
      bytes.push(group >> 8, group & 255);
    }
  }
  return bytes;
}

/** A network: the first `bits` bits of `address`. */
export interface Network {
  readonly address: AddressBytes;
  readonly bits: number;
}

/** Reads `10.0.0.0/8` or `fe80::/10`; undefined if it is neither. */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/');
  if (slash < 0 || !/^\d{1,3}$/.test(text.slice(slash + 1))) return undefined;
  const address = parseAddress(text.slice(0, slash));
  const bits = Number(text.slice(slash + 1));
  return address === undefined || bits > address.length * 8 ? undefined : { address, bits };
}

/** Whether an address lies in a network. IPv4 and IPv6 never mix. */
export function inNetwork(address: AddressBytes, network: Network): boolean {
  if (address.length !== network.address.length) return false;
  let bits = network.bits;
  for (let i = 0; bits > 0; i++, bits -= 8) {
    const mask = bits >= 8 ? 255 : (255 << (8 - bits)) & 255;
    if (((address[i] ^ network.address[i]) & mask) !== 0) return false;
  }
  return true;
}
