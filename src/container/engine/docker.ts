import { isFullId, shortId } from '../cgroup/match.js';
import {
  ContainerInfo,
  type ContainerProbe,
  ContainerType,
  LookupState,
  type PortMapping,
} from '../container.js';
import { ipv4Number } from '../ipv4.js';
import type { EngineAddress } from './address.js';
import { type ContainerEngine, EngineError } from './engine.js';
import { HttpSocket } from './http_socket.js';
import { bareImageId, completeImageName, type ImageName, splitImageName } from './image_name.js';
import { type JsonObject, listAt, mapAt, numberAt, objectAt, textAt, textsAt } from './json_value.js';
import { addPodProbes } from './pod_probes.js';

/** Labels by which Docker's Kubernetes shim marks pods. */
const POD_SANDBOX_ID = 'io.kubernetes.sandbox.id';
const POD_KIND = 'io.kubernetes.docker.type';

/** The events after which a container's metadata may be new. */
const EVENT_FILTER = encodeURIComponent(
  JSON.stringify({ type: ['container'], event: ['create', 'start', 'rename', 'update'] }),
);

/** Docker's Engine API, which Podman serves too. */
export class DockerEngine implements ContainerEngine {
  readonly title: string;
  private readonly http: HttpSocket;
  private readonly type: number;

  /** @param type DOCKER, or PODMAN on its sockets */
  constructor(address: EngineAddress, type: number = ContainerType.DOCKER, timeoutMs?: number) {
    this.http = new HttpSocket(address, timeoutMs);
    this.type = type;
    this.title = `${type === ContainerType.PODMAN ? 'podman' : 'docker'} at ${this.http.where}`;
  }

  async list(): Promise<ContainerInfo[]> {
    const { status, body } = await this.http.get('/containers/json');
    if (status !== 200 || !Array.isArray(body))
      throw new EngineError(`${this.title}: HTTP status ${status} for the list`);
    return body.map((item) => this.fromList(objectAt(item))).filter((info) => info.id !== '');
  }

  async glance(fullId: string): Promise<ContainerInfo | null> {
    if (!isFullId(fullId)) return null;
    const filters = encodeURIComponent(JSON.stringify({ id: [fullId] }));
    const { status, body } = await this.http.get(`/containers/json?all=true&filters=${filters}`);
    if (status !== 200 || !Array.isArray(body) || body.length !== 1) return null;
    const info = this.fromList(objectAt(body[0]));
    return info.fullId === fullId ? info : null;
  }

  async inspect(fullId: string): Promise<ContainerInfo | null> {
    // Docker would take anything shorter for a name: another engine's container of that name is not Docker's.
    if (!isFullId(fullId)) return null;
    const { status, body } = await this.http.get(`/containers/${encodeURIComponent(fullId)}/json`);
    if (status === 404) return null;
    if (status !== 200)
      throw new EngineError(`${this.title}: HTTP status ${status} for container ${fullId.slice(0, 12)}`);
    const json = objectAt(body);
    const info = this.fromInspect(json, fullId);
    await Promise.all([this.addImage(info), this.addNetwork(info, json), this.addPod(info)]);
    return info;
  }

  watch(onContainer: (fullId: string) => void, onEnd: () => void): void {
    const onEvent = (event: unknown) => {
      const id = textAt(objectAt(event, 'Actor'), 'ID') || textAt(objectAt(event), 'id');
      if (id !== '') onContainer(id);
    };
    this.http.stream(`/events?filters=${EVENT_FILTER}`, onEvent, onEnd);
  }

  close(): void {
    this.http.close();
  }

  private fromList(json: JsonObject): ContainerInfo {
    const fullId = textAt(json, 'Id');
    const info = new ContainerInfo(shortId(fullId), fullId, this.type);
    info.lookupState = LookupState.SUCCESSFUL;
    // Links give further names, `/other/alias`.
    const names = textsAt(json, 'Names').map((name) => name.replace(/^\//, ''));
    info.name = names.find((name) => !name.includes('/')) ?? names[0] ?? '';
    info.image = textAt(json, 'Image');
    info.imageId = bareImageId(textAt(json, 'ImageID'));
    setImageName(info, completeImageName(splitImageName(info.image), [], []));
    info.createdTime = numberAt(json, 'Created');
    info.labels = mapAt(json, 'Labels');
    addMounts(info, json);
    const networks = Object.values(objectAt(json, 'NetworkSettings', 'Networks'));
    info.ip = firstAddress(networks) || '0.0.0.0';
    info.hostNetwork = textAt(objectAt(json, 'HostConfig'), 'NetworkMode') === 'host';
    markPod(info);
    return info;
  }

  private fromInspect(json: JsonObject, askedId: string): ContainerInfo {
    const fullId = textAt(json, 'Id') || askedId;
    const config = objectAt(json, 'Config');
    const host = objectAt(json, 'HostConfig');
    const info = new ContainerInfo(shortId(fullId), fullId, this.type);
    info.lookupState = LookupState.SUCCESSFUL;
    info.name = textAt(json, 'Name').replace(/^\//, '');
    info.image = textAt(config, 'Image');
    info.imageId = bareImageId(textAt(json, 'Image'));
    const created = Date.parse(textAt(json, 'Created'));
    info.createdTime = Number.isNaN(created) || created < 0 ? 0 : Math.floor(created / 1000);
    info.user = textAt(config, 'User');
    info.labels = mapAt(config, 'Labels');
    info.env = textsAt(config, 'Env').filter((text) => /^(MESOS|MARATHON|mesos|marathon)/.test(text));
    info.healthcheck = healthcheck(textsAt(objectAt(config, 'Healthcheck'), 'Test'));
    info.privileged = host['Privileged'] === true;
    info.hostPid = textAt(host, 'PidMode') === 'host';
    info.hostNetwork = textAt(host, 'NetworkMode') === 'host';
    info.hostIpc = textAt(host, 'IpcMode') === 'host';
    info.memoryLimit = numberAt(host, 'Memory');
    info.swapLimit = numberAt(host, 'MemorySwap');
    info.cpuShares = numberAt(host, 'CpuShares') || 1024;
    info.cpuPeriod = numberAt(host, 'CpuPeriod') || 100000;
    info.cpuQuota =
      numberAt(host, 'CpuQuota') || Math.round((numberAt(host, 'NanoCpus') * info.cpuPeriod) / 1e9);
    info.cpusetCpuCount = countCpus(textAt(host, 'CpusetCpus'));
    info.portMappings = portMappings(objectAt(json, 'NetworkSettings', 'Ports'));
    addMounts(info, json);
    markPod(info);
    return info;
  }

  /** Repository, tag and digest: what the name leaves open is asked of the image. An image that is gone costs only that. */
  private async addImage(info: ContainerInfo): Promise<void> {
    const name = splitImageName(info.image);
    let tags: string[] = [];
    let digests: string[] = [];
    if (info.imageId !== '') {
      try {
        const { status, body } = await this.http.get(
          `/images/sha256:${encodeURIComponent(info.imageId)}/json`,
        );
        if (status === 200) {
          tags = textsAt(objectAt(body), 'RepoTags');
          digests = textsAt(objectAt(body), 'RepoDigests');
        }
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
      }
    }
    setImageName(info, completeImageName(name, tags, digests));
  }

  /** The address; that of the container whose network it shares, if it does. */
  private async addNetwork(info: ContainerInfo, json: JsonObject): Promise<void> {
    const settings = objectAt(json, 'NetworkSettings');
    let ip = textAt(settings, 'IPAddress') || firstAddress(Object.values(objectAt(settings, 'Networks')));
    const mode = textAt(objectAt(json, 'HostConfig'), 'NetworkMode');
    if (ip === '' && mode.startsWith('container:')) {
      const other = await this.json(`/containers/${encodeURIComponent(mode.slice(10))}/json`);
      const shared = objectAt(other, 'NetworkSettings');
      ip = textAt(shared, 'IPAddress') || firstAddress(Object.values(objectAt(shared, 'Networks')));
    }
    info.ip = ip || '0.0.0.0';
  }

  /** Labels and probes of the pod, where Docker runs one of Kubernetes' containers. */
  private async addPod(info: ContainerInfo): Promise<void> {
    const sandbox = info.labels.get(POD_SANDBOX_ID);
    if (sandbox === undefined || info.isPodSandbox) return;
    const json = await this.json(`/containers/${encodeURIComponent(sandbox)}/json`);
    info.podSandboxLabels = mapAt(objectAt(json, 'Config'), 'Labels');
    addPodProbes(info, info.podSandboxLabels);
  }

  private async json(path: string): Promise<unknown> {
    try {
      const { status, body } = await this.http.get(path);
      return status === 200 ? body : undefined;
    } catch (error) {
      if (error instanceof EngineError) return undefined;
      throw error;
    }
  }
}

function setImageName(info: ContainerInfo, name: ImageName): void {
  info.imageRepo = name.repo;
  info.imageTag = name.tag;
  info.imageDigest = name.digest;
}

function addMounts(info: ContainerInfo, json: JsonObject): void {
  info.mounts = listAt(json, 'Mounts').map((item) => {
    const mount = objectAt(item);
    return {
      source: textAt(mount, 'Source'),
      dest: textAt(mount, 'Destination'),
      mode: textAt(mount, 'Mode'),
      rw: mount['RW'] === true,
      propagation: textAt(mount, 'Propagation'),
    };
  });
}

function markPod(info: ContainerInfo): void {
  info.isPodSandbox = info.labels.get(POD_KIND) === 'podsandbox';
  info.podSandboxId = info.isPodSandbox ? info.fullId : (info.labels.get(POD_SANDBOX_ID) ?? '');
}

function firstAddress(networks: readonly unknown[]): string {
  for (const network of networks) {
    const ip = textAt(objectAt(network), 'IPAddress');
    if (ip !== '') return ip;
  }
  return '';
}

/** `["CMD", exe, arg…]`, `["CMD-SHELL", script]`; `["NONE"]` and nothing mean none. */
function healthcheck(test: readonly string[]): ContainerProbe | null {
  if (test[0] === 'CMD-SHELL' && test.length > 1) return { exe: '/bin/sh', args: ['-c', test[1]] };
  if (test[0] === 'CMD' && test.length > 1) return { exe: test[1], args: test.slice(2) };
  return null;
}

/** `0-3,7` → 5. */
function countCpus(set: string): number {
  let count = 0;
  for (const part of set.split(',')) {
    const range = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    if (range !== null) count += Number(range[2] ?? range[1]) - Number(range[1]) + 1;
  }
  return count;
}

/** `{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"}]}` */
function portMappings(ports: JsonObject): PortMapping[] {
  const out: PortMapping[] = [];
  for (const [port, bindings] of Object.entries(ports)) {
    if (!Array.isArray(bindings)) continue;
    for (const item of bindings) {
      const binding = objectAt(item);
      const hostPort = Number.parseInt(textAt(binding, 'HostPort'), 10);
      // Bindings to IPv6 repeat those to IPv4; the format has no room for them.
      if (Number.isNaN(hostPort) || textAt(binding, 'HostIp').includes(':')) continue;
      out.push({
        hostIp: ipv4Number(textAt(binding, 'HostIp')),
        hostPort,
        containerPort: Number.parseInt(port, 10),
      });
    }
  }
  return out;
}
