import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shortId } from '../cgroup/match.js';
import { containerOf } from '../cgroup.js';
import { ContainerInfo, ContainerType, LookupState } from '../container.js';
import { type ContainerEngine, EngineError } from './engine.js';
import { completeImageName, splitImageName } from './image_name.js';
import { type JsonObject, listAt, mapAt, numberAt, objectAt, textAt, textsAt } from './json_value.js';
import { addOciSpec } from './oci_spec.js';

/**
 * Podman without its service, which few hosts run: its storage folder keeps the names and images of all
 * containers (`<driver>-containers/containers.json`) and the runtime's specification of each. Labels are not there.
 */
export class PodmanFiles implements ContainerEngine {
  readonly title: string;
  private readonly storage: string;
  private readonly proc: string;

  /**
   * @param storage `/var/lib/containers/storage`, or `~/.local/share/containers/storage` of a user
   * @param proc the host's /proc
   */
  constructor(storage: string, proc = '/proc') {
    this.storage = storage;
    this.proc = proc;
    this.title = `podman's files in ${storage}`;
  }

  /** The files do not tell which of the containers run: the cgroups of their processes do. */
  async list(): Promise<ContainerInfo[]> {
    const all = (await Promise.all(this.folders().map(entries))).flat().map((one) => objectAt(one));
    if (all.length === 0) return [];
    const running = inUse(this.proc);
    return all.filter((item) => running.has(textAt(item, 'id'))).map(fromEntry);
  }

  async glance(fullId: string): Promise<ContainerInfo | null> {
    const item = (await this.find(fullId))?.item;
    return item === undefined ? null : fromEntry(item);
  }

  async inspect(fullId: string): Promise<ContainerInfo | null> {
    const found = await this.find(fullId);
    if (found === null) return null;
    const { folder, item } = found;
    const info = fromEntry(item);
    const spec = parse(await readFile(join(folder, fullId, 'userdata/config.json'), 'utf8').catch(() => ''));
    addOciSpec(info, spec);
    info.privileged = mapAt(objectAt(spec), 'annotations').get('io.podman.annotations.privileged') === 'TRUE';
    return info;
  }

  close(): void {}

  private async find(fullId: string): Promise<{ folder: string; item: JsonObject } | null> {
    for (const folder of this.folders()) {
      const all = (await entries(folder)).map((one) => objectAt(one));
      const item = all.find((one) => textAt(one, 'id') === fullId);
      if (item !== undefined) return { folder, item };
    }
    return null;
  }

  /** One per storage driver: `overlay-containers`, `vfs-containers`. */
  private folders(): string[] {
    try {
      return readdirSync(this.storage)
        .filter((name) => name.endsWith('-containers'))
        .map((name) => join(this.storage, name));
    } catch (error) {
      throw new EngineError(`${this.title}: ${(error as Error).message}`);
    }
  }
}

/** Where users keep their storage: their home folders, from the host's passwd file. */
export function userStorages(root: string, uids: readonly string[]): string[] {
  if (uids.length === 0) return [];
  let passwd = '';
  try {
    passwd = readFileSync(join(root, 'etc/passwd'), 'latin1');
  } catch {
    return [];
  }
  const homes = passwd
    .split('\n')
    .map((line) => line.split(':'))
    .filter((user) => uids.includes(user[2]) && user[5]?.startsWith('/'))
    .map((user) => user[5]);
  return homes.map((home) => join(root, home, '.local/share/containers/storage'));
}

/** Full ids of the containers that have processes. */
function inUse(proc: string): Set<string> {
  const ids = new Set<string>();
  for (const pid of readdirSync(proc)) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const found = containerOf(readFileSync(join(proc, pid, 'cgroup'), 'latin1').split('\n'));
      if (found !== null) ids.add(found.fullId);
    } catch {
      // It has ended.
    }
  }
  return ids;
}

/** Lists of containers: since Podman 4.4 those that go away with their end (`podman run --rm`) have one of their own. */
const LISTS = ['containers.json', 'volatile-containers.json'];

async function entries(folder: string): Promise<readonly unknown[]> {
  const lists = LISTS.map(async (name) => {
    const list = parse(await readFile(join(folder, name), 'utf8').catch(() => '[]'));
    return Array.isArray(list) ? list : [];
  });
  return (await Promise.all(lists)).flat();
}

function fromEntry(item: JsonObject): ContainerInfo {
  const fullId = textAt(item, 'id');
  const metadata = objectAt(parse(Buffer.from(textAt(item, 'metadata'), 'latin1').toString('utf8')));
  const info = new ContainerInfo(shortId(fullId), fullId, ContainerType.PODMAN);
  info.lookupState = LookupState.SUCCESSFUL;
  info.name = textAt(metadata, 'name') || (textsAt(item, 'names')[0] ?? '');
  info.image = textAt(metadata, 'image-name');
  info.imageId = textAt(item, 'image') || textAt(metadata, 'image-id');
  info.createdTime = numberAt(metadata, 'created-at');
  const name = completeImageName(splitImageName(info.image), [], []);
  info.imageRepo = name.repo;
  info.imageTag = name.tag;
  info.imageDigest = name.digest;
  // CRI-O keeps its containers in the same way, with their pod.
  if (listAt(item, 'names').length > 0 && textAt(metadata, 'pod-id') !== '') {
    info.type = ContainerType.CRIO;
    info.podSandboxId = textAt(metadata, 'pod-id');
  }
  return info;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
