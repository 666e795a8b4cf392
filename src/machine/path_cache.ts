import type { EventView } from '../event/view.js';
import { isCleanPath } from './paths.js';

/** Powers of two: a path has so many slots to be in. */
const SLOTS = 8192;
const WAYS = 4;
const SETS = SLOTS / WAYS;
/** Longer paths are read anew each time. */
const LONGEST = 128;

/**
 * Path parameters as texts. Programs open the same files again and again: a path whose bytes were seen lately
 * gives the text made then, which costs a third of making it, and what was found out about it.
 */
export class PathCache {
  /** The last text given is absolute and nothing in it has to be resolved. */
  clean = false;
  /** The slot of the last text given; -1: it has none. */
  private last = -1;
  private bytes: DataView | null = null;
  private readonly lengths = new Uint8Array(SLOTS);
  private readonly texts: string[] = [];
  private readonly cleans = new Uint8Array(SLOTS);
  private readonly ruled = new Uint8Array(SLOTS);
  /** By set of slots: which one was filled last. */
  private readonly filled = new Uint8Array(SETS);

  /** Text of parameter `i`, as `ev.str(i)` gives it. */
  read(ev: EventView, i: number): string {
    const length = ev.paramLen(i);
    this.last = -1;
    if (length === 0 || length > LONGEST) return this.make(ev, i);
    const { dv } = ev;
    const from = ev.paramOffset(i);
    const words = length & ~3;
    let hash = length;
    for (let k = 0; k < words; k += 4) {
      hash = Math.imul(hash ^ dv.getInt32(from + k, true), 0x2c1b3c6d);
      hash ^= hash >>> 15;
    }
    for (let k = words; k < length; k++) hash = Math.imul(hash ^ dv.getUint8(from + k), 0x297a2d39);
    const set = (hash ^ (hash >>> 16)) & (SETS - 1);
    const first = WAYS * set;
    for (let slot = first; slot < first + WAYS; slot++) {
      if (!this.holds(slot, dv, from, length)) continue;
      this.clean = this.cleans[slot] === 1;
      this.last = slot;
      return this.texts[slot];
    }
    this.filled[set] = (this.filled[set] + 1) % WAYS;
    return this.put(first + this.filled[set], ev, i);
  }

  /** Whether the slot has this path. */
  private holds(slot: number, dv: DataView, from: number, length: number): boolean {
    if (this.lengths[slot] !== length) return false;
    const bytes = this.memory();
    const at = slot * LONGEST;
    const words = length & ~3;
    let k = 0;
    while (k < words && dv.getInt32(from + k, true) === bytes.getInt32(at + k, true)) k += 4;
    if (k < words) return false;
    while (k < length && dv.getUint8(from + k) === bytes.getUint8(at + k)) k++;
    return k === length;
  }

  /** Puts the path of parameter `i` into the slot. */
  private put(slot: number, ev: EventView, i: number): string {
    const text = this.make(ev, i);
    const bytes = this.memory();
    const { dv } = ev;
    const length = ev.paramLen(i);
    const from = ev.paramOffset(i);
    const at = slot * LONGEST;
    this.lengths[slot] = length;
    this.texts[slot] = text;
    this.cleans[slot] = this.clean ? 1 : 0;
    this.ruled[slot] = 0;
    this.last = slot;
    for (let k = 0; k < length; k++) bytes.setUint8(at + k, dv.getUint8(from + k));
    return text;
  }

  /** Whether the path last given is absolute and one of which a filter was found to let no plain file pass. */
  get ruledOut(): boolean {
    return this.last >= 0 && this.ruled[this.last] === 1;
  }

  /** Notes that of the path last given, if it is `path`, a filter lets no plain file pass. */
  ruleOut(path: string): void {
    const { last } = this;
    if (last >= 0 && this.cleans[last] === 1 && this.texts[last] === path) this.ruled[last] = 1;
  }

  private make(ev: EventView, i: number): string {
    const text = ev.str(i);
    this.clean = text.charCodeAt(0) === 47 && isCleanPath(text);
    return text;
  }

  private memory(): DataView {
    let bytes = this.bytes;
    if (bytes === null) {
      bytes = new DataView(new ArrayBuffer(SLOTS * LONGEST));
      this.bytes = bytes;
      for (let slot = 0; slot < SLOTS; slot++) this.texts.push('');
    }
    return bytes;
  }
}
