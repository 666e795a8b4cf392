import type { InterfaceEntry } from '../scap/head.js';
import { byteString } from './addresses.js';

/** Addresses of the machine's network interfaces. */
export class Interfaces {
  private readonly addresses = new Set<string>();

  load(entries: readonly InterfaceEntry[]): void {
    this.addresses.clear();
    for (const entry of entries) this.addresses.add(byteString(entry.addr));
  }

  /** Whether `addr` (4 or 16 bytes as a byte string) belongs to one of the interfaces. */
  isLocal(addr: string): boolean {
    return this.addresses.has(addr);
  }
}
