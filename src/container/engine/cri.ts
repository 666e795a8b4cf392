import { isFullId, shortId } from '../cgroup/match.js';
import { ContainerInfo, ContainerType, LookupState } from '../container.js';
import {
  type CriContainer,
  type CriResources,
  type CriSandbox,
  decodeContainerList,
  decodeContainerStatus,
  decodeImageStatus,
  decodeRuntimeName,
  decodeSandboxList,
  decodeSandboxStatus,
  encodeImageStatus,
  encodeListContainers,
  encodeListSandboxes,
  encodeStatusRequest,
  encodeVersionRequest,
} from './cri_messages.js';
import { type ContainerEngine, EngineError } from './engine.js';
import { GrpcCode, GrpcError, GrpcSocket } from './grpc.js';
import { bareImageId, completeImageName, splitImageName } from './image_name.js';
import { objectAt, textAt } from './json_value.js';
import { addOciSpec } from './oci_spec.js';
import { addPodProbes } from './pod_probes.js';
import { ProtoError } from './protobuf.js';

const NODE = 2;
const PROPAGATION = ['private', 'rslave', 'rshared'];
/** Tried in this order: current runtimes, and those before 2022. */
const VERSIONS = ['runtime.v1', 'runtime.v1alpha2'];

/** A Kubernetes runtime (containerd, CRI-O, …) through the container runtime interface. No API server is asked. */
export class CriEngine implements ContainerEngine {
  readonly title: string;
  private readonly grpc: GrpcSocket;
  private version = '';
  private type: number = ContainerType.CRI;

  constructor(socketPath: string, timeoutMs?: number) {
    this.grpc = new GrpcSocket(socketPath, timeoutMs);
    this.title = `CRI runtime at ${socketPath}`;
  }

  async list(): Promise<ContainerInfo[]> {
    const [containers, pods] = await Promise.all([
      this.call('ListContainers', encodeListContainers(), decodeContainerList),
      this.call('ListPodSandbox', encodeListSandboxes(), decodeSandboxList),
    ]);
    const podOf = new Map(pods.map((pod) => [pod.id, pod]));
    return [
      ...containers.map((c) => {
        const info = this.fromContainer(c);
        const pod = podOf.get(c.podSandboxId);
        info.podSandboxId = c.podSandboxId;
        if (pod !== undefined) addPod(info, pod);
        return info;
      }),
      ...pods.map((pod) => this.fromSandbox(pod)),
    ].filter((info) => info.id !== '');
  }

  async inspect(fullId: string): Promise<ContainerInfo | null> {
    if (!isFullId(fullId)) return null;
    const container = await this.find('ContainerStatus', fullId, decodeContainerStatus);
    if (container === null) {
      const sandbox = await this.find('PodSandboxStatus', fullId, decodeSandboxStatus);
      return sandbox === null ? null : this.fromSandbox(sandbox);
    }
    const info = this.fromContainer(container);
    // The interface tells the pod of a container in the list only; the runtimes' verbose information has it too.
    const details = parseJson(container.info.get('info'));
    info.podSandboxId = textAt(objectAt(details), 'sandboxID');
    info.privileged =
      objectAt(details, 'config', 'linux', 'security_context')['privileged'] === true ||
      objectAt(details)['privileged'] === true;
    addOciSpec(info, objectAt(details, 'runtimeSpec'));
    if (container.resources !== null) addResources(info, container.resources);
    await Promise.all([this.addImage(info, container), this.addSandbox(info)]);
    addPodProbes(info, container.annotations);
    return info;
  }

  close(): void {
    this.grpc.close();
  }

  private fromContainer(c: CriContainer): ContainerInfo {
    const info = new ContainerInfo(shortId(c.id), c.id, this.type);
    info.lookupState = LookupState.SUCCESSFUL;
    info.name = c.name;
    info.image = c.image;
    info.createdTime = Math.floor(c.createdAt / 1e9);
    info.labels = c.labels;
    info.mounts = c.mounts.map((mount) => ({
      source: mount.hostPath,
      dest: mount.containerPath,
      mode: '',
      rw: !mount.readonly,
      propagation: PROPAGATION[mount.propagation] ?? '',
    }));
    const ref = splitImageName(c.imageRef);
    const name = completeImageName(splitImageName(c.image), [], []);
    info.imageRepo = name.repo;
    info.imageTag = name.tag;
    info.imageDigest = name.digest || ref.digest;
    if (c.imageRef.startsWith('sha256:')) info.imageId = bareImageId(c.imageRef);
    return info;
  }

  private fromSandbox(pod: CriSandbox): ContainerInfo {
    const info = new ContainerInfo(shortId(pod.id), pod.id, this.type);
    info.lookupState = LookupState.SUCCESSFUL;
    info.isPodSandbox = true;
    info.podSandboxId = pod.id;
    info.name = pod.name;
    info.createdTime = Math.floor(pod.createdAt / 1e9);
    info.labels = pod.labels;
    info.image = textAt(objectAt(parseJson(pod.info.get('info'))), 'image');
    addPod(info, pod);
    return info;
  }

  /** Image id, tags and digests. A runtime that does not tell costs only those. */
  private async addImage(info: ContainerInfo, c: CriContainer): Promise<void> {
    const wanted = c.imageRef || c.image;
    if (wanted === '') return;
    let image: ReturnType<typeof decodeImageStatus>;
    try {
      const request = encodeImageStatus(Buffer.from(wanted, 'latin1').toString('utf8'));
      image = await this.call('ImageStatus', request, decodeImageStatus, 'ImageService');
    } catch (error) {
      if (error instanceof EngineError) return;
      throw error;
    }
    if (image === null) return;
    info.imageId = bareImageId(image.id);
    // By its id alone, as containerd reports images that were pulled under several names.
    if (splitImageName(info.image).repo === '')
      info.image = image.repoTags[0] ?? image.repoDigests[0] ?? info.image;
    const name = splitImageName(info.image);
    const full = completeImageName(
      { ...name, digest: name.digest || info.imageDigest },
      image.repoTags,
      image.repoDigests,
    );
    info.imageRepo = full.repo;
    info.imageTag =
      name.tag === '' && name.digest !== '' ? (tagOf(image.repoTags, full.repo) ?? '') : full.tag;
    info.imageDigest = full.digest;
  }

  private async addSandbox(info: ContainerInfo): Promise<void> {
    if (info.podSandboxId === '') {
      // CRI-O does not tell it in the status: the list does.
      const all = await this.call('ListContainers', encodeListContainers(), decodeContainerList);
      info.podSandboxId = all.find((one) => one.id === info.fullId)?.podSandboxId ?? '';
    }
    if (info.podSandboxId === '') return;
    const pod = await this.find('PodSandboxStatus', info.podSandboxId, decodeSandboxStatus);
    if (pod !== null) addPod(info, pod);
  }

  /** A status by id; null when there is none. */
  private async find<T>(method: string, id: string, decode: (data: Buffer) => T): Promise<T | null> {
    try {
      return await this.call(method, encodeStatusRequest(id), decode);
    } catch (error) {
      if (error instanceof RefusedError && error.refusal.notFound) return null;
      throw error;
    }
  }

  private async call<T>(
    method: string,
    request: Buffer,
    decode: (data: Buffer) => T,
    service = 'RuntimeService',
  ): Promise<T> {
    if (this.version === '') await this.negotiate();
    return this.unary(`/${this.version}.${service}/${method}`, request, decode);
  }

  /** Finds the version that the server speaks, and which runtime it is. */
  private async negotiate(): Promise<void> {
    for (const version of VERSIONS) {
      try {
        const name = await this.unary(
          `/${version}.RuntimeService/Version`,
          encodeVersionRequest(),
          decodeRuntimeName,
        );
        this.version = version;
        if (name === 'containerd') this.type = ContainerType.CONTAINERD;
        else if (name === 'cri-o') this.type = ContainerType.CRIO;
        return;
      } catch (error) {
        if (!(error instanceof RefusedError) || error.refusal.code !== GrpcCode.UNIMPLEMENTED) throw error;
      }
    }
    throw new EngineError(`${this.title}: no container runtime interface here (is the CRI plugin disabled?)`);
  }

  private async unary<T>(path: string, request: Buffer, decode: (data: Buffer) => T): Promise<T> {
    try {
      return decode(await this.grpc.call(path, request));
    } catch (error) {
      if (error instanceof GrpcError) throw new RefusedError(`${this.title}: ${error.message}`, error);
      if (error instanceof ProtoError) throw new EngineError(`${this.title}: ${error.message}`);
      throw error;
    }
  }
}

/** The runtime answered, with a refusal. */
class RefusedError extends EngineError {
  readonly refusal: GrpcError;
  constructor(message: string, refusal: GrpcError) {
    super(message);
    this.refusal = refusal;
  }
}

/** Address, labels and namespaces of the pod. */
function addPod(info: ContainerInfo, pod: CriSandbox): void {
  info.podSandboxLabels = new Map(pod.labels);
  info.hostNetwork = pod.network === NODE;
  info.hostPid = pod.pid === NODE;
  info.hostIpc = pod.ipc === NODE;
  if (pod.ip !== '' && !pod.ip.includes(':')) info.ip = pod.ip;
  const cni = objectAt(parseJson(pod.info.get('info')))['cniResult'];
  if (cni !== undefined && cni !== null) info.cniJson = Buffer.from(JSON.stringify(cni)).toString('latin1');
  addPodProbes(info, pod.annotations);
}

function addResources(info: ContainerInfo, resources: CriResources): void {
  info.cpuPeriod = resources.cpuPeriod || info.cpuPeriod;
  info.cpuQuota = resources.cpuQuota || info.cpuQuota;
  info.cpuShares = resources.cpuShares || info.cpuShares;
  info.memoryLimit = resources.memoryLimit || info.memoryLimit;
  info.swapLimit = resources.swapLimit || info.swapLimit;
}

function tagOf(repoTags: readonly string[], repo: string): string | undefined {
  return repoTags.map(splitImageName).find((name) => name.repo === repo)?.tag;
}

/** Byte string of UTF-8 JSON → value. */
function parseJson(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(text, 'latin1').toString('utf8'));
  } catch {
    return undefined;
  }
}
