import type { InterfaceEntry } from '../scap/head.js';
import { byteString, isAny } from './addresses.js';
import type { FdInfo } from './fd.js';
import { FdType } from './fd.js';

/** Addresses of the machine's network interfaces. */
export class Interfaces {
  private readonly addresses = new Set<string>();
  private ipv4: { addr: string; netmask: string; loopback: boolean }[] = [];

  load(entries: readonly InterfaceEntry[]): void {
    this.addresses.clear();
    this.ipv4 = [];
    for (const entry of entries) {
      const addr = byteString(entry.addr);
      this.addresses.add(addr);
      if (addr.length !== 4) continue;
      this.ipv4.push({ addr, netmask: byteString(entry.netmask), loopback: entry.name.startsWith('lo') });
    }
  }

  /** Fills in the end of an IPv4 connection that its event left unspecified: the address that the kernel would use. */
  complete(fd: FdInfo): void {
    if (fd.type !== FdType.IPV4_SOCK) return;
    const noClient = isAny(fd.cip);
    const noServer = isAny(fd.sip);
    if (noClient === noServer) return;
    if (noClient) fd.cip = this.ownAddressFor(fd.sip) ?? fd.cip;
    else fd.sip = this.ownAddressFor(fd.cip) ?? fd.sip;
  }

  /** Own IPv4 address on the way to `addr`: itself, else the one in its network, else the first that is not loopback. */
  private ownAddressFor(addr: string): string | undefined {
    const found =
      this.ipv4.find((own) => own.addr === addr) ??
      this.ipv4.find((own) => sameNetwork(own.addr, addr, own.netmask)) ??
      this.ipv4.find((own) => !own.loopback);
    return found?.addr;
  }

  /** Whether `addr` (4 or 16 bytes as a byte string) belongs to one of the interfaces. */
  isLocal(addr: string): boolean {
    return this.addresses.has(addr);
  }
}

function sameNetwork(a: string, b: string, mask: string): boolean {
  for (let i = 0; i < 4; i++)
    if (((a.charCodeAt(i) ^ b.charCodeAt(i)) & mask.charCodeAt(i)) !== 0) return false;
  return true;
}
