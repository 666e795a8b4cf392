// Makes captures of any size with the project's own writer: events are encoded once per kind and then copied with
// their time, thread and fd put in.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const CHUNK = 4 * 1024 * 1024;
const START = 1_700_000_000_000_000_000n;
/** ns between two events. */
const STEP = 400n;

/** The encoder, event ids and writer of a build. */
export async function loadWriter(tsdig) {
  const dist = join(tsdig, '../..');
  const load = (path) => import(pathToFileURL(join(dist, path)).href);
  const [{ encodeEvent }, { PPME }, { CaptureWriter }] = await Promise.all([
    load('scap/encode_event.js'),
    load('scap/events.generated.js'),
    load('capture/writer.js'),
  ]);
  return { encodeEvent, PPME, CaptureWriter };
}

/** A process for the head. `fds` are FdEntry objects of src/scap/head.ts, in part. */
export function processEntry(
  tid,
  { pid = tid, ptid = 1, comm = 'worker', args = [], cwd = '/srv/app/', cgroups = [], fds = [] } = {},
) {
  return {
    ...{
      tid,
      pid,
      ptid,
      sid: pid,
      vpgid: pid,
      pgid: pid,
      comm,
      exe: comm,
      exepath: `/usr/bin/${comm}`,
      args,
      cwd,
    },
    ...{
      fdLimit: 1048576,
      flags: tid === pid ? 0x40000000 : 0x2003,
      uid: 0,
      gid: 0,
      vmsizeKb: 9000,
      vmrssKb: 3000,
      vmswapKb: 0,
    },
    ...{
      pfmajor: 0,
      pfminor: 10,
      env: ['PATH=/usr/bin', 'LANG=C.UTF-8'],
      vtid: tid,
      vpid: pid,
      cgroups,
      root: '/',
    },
    ...{
      pidnsInitStartTs: 0n,
      tty: 0,
      loginuid: 0xffffffff,
      exeWritable: false,
      capInheritable: 0n,
      capPermitted: 0n,
      capEffective: 0n,
    },
    ...{
      exeUpperLayer: false,
      exeLowerLayer: false,
      exeFromMemfd: false,
      exeIno: 0,
      exeInoCtime: 0n,
      exeInoMtime: 0n,
    },
    fds: fds.map((fd) => ({ ino: 0, openFlags: 1, dev: 0, ...fd })),
  };
}

export const file = (fd, name) => ({ fd, type: 16, name });
/** An IPv4 connection of 10.0.0.1, port 80, with a client whose address hangs on `n`. */
export const connection = (fd, n) => ({
  ...{ fd, type: 3, name: '', l4proto: 2, sip: Uint8Array.of(10, 0, 0, 1), sport: 80 },
  ...{ dip: Uint8Array.of(10, 1, (n >> 8) & 255, n & 255), dport: 1024 + (n % 60000) },
});

export class Recorder {
  events = 0;
  #encode;
  #writer;
  #chunk = Buffer.alloc(CHUNK);
  #view = new DataView(this.#chunk.buffer, this.#chunk.byteOffset, CHUNK);
  #at = 0;
  #seconds = new Uint32Array(2);
  #time = new BigUint64Array(this.#seconds.buffer);

  /** Begins a capture at `path` with these processes. */
  constructor({ encodeEvent, CaptureWriter }, path, processes, { gzip = false } = {}) {
    this.#encode = encodeEvent;
    this.#time[0] = START;
    const head = {
      ...{ interfaces: [], users: [], groups: [], processes, version: [1, 2] },
      machine: {
        numCpus: 4,
        memorySize: 8e9,
        maxPid: 4194304,
        hostname: 'bench',
        bootTime: START,
        flags: 0n,
      },
    };
    this.#writer = new CaptureWriter(path, { gzip, snapshot: () => head });
  }

  /** A kind of event: its block, and where parameter `patched` (8 bytes) stands in it. */
  kind(type, params, patched = -1) {
    const block = this.#encode(type, { ts: START, tid: 1 }, params);
    let offset = -1;
    if (patched >= 0) {
      offset = 36 + 2 * params.length;
      for (let i = 0; i < patched; i++) offset += block.readUInt16LE(36 + 2 * i);
    }
    return { block, offset };
  }

  /** Writes one event; `value` goes into the patched parameter. A promise when the disk has to be waited for. */
  put(kind, tid, value = 0, cpu = tid & 3) {
    const { block, offset } = kind;
    let wait;
    if (this.#at + block.length > CHUNK) wait = this.#flush();
    const at = this.#at;
    this.#chunk.set(block, at);
    this.#time[0] += STEP;
    const view = this.#view;
    view.setUint16(at + 8, cpu, true);
    view.setUint32(at + 10, this.#seconds[0], true);
    view.setUint32(at + 14, this.#seconds[1], true);
    view.setUint32(at + 18, tid, true);
    if (offset >= 0) {
      view.setInt32(at + offset, value, true);
      view.setInt32(at + offset + 4, value < 0 ? -1 : 0, true);
    }
    this.#at = at + block.length;
    this.events++;
    return wait;
  }

  /** A whole block of one's own (a container's data). */
  raw(block) {
    this.#flush();
    this.#writer.add(block, 0, block.length);
    this.#writer.endChunk();
  }

  get now() {
    return this.#time[0];
  }

  #flush() {
    if (this.#at > 0) this.#writer.add(this.#chunk, 0, this.#at);
    this.#writer.endChunk();
    this.#at = 0;
    return this.#writer.pressure() ?? undefined;
  }

  async close() {
    await this.#flush();
    await this.#writer.close();
  }
}
