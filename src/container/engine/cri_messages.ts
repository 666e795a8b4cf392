import { ProtoReader, ProtoWriter } from './protobuf.js';

/**
 * The messages of the Kubernetes container runtime interface (runtime.v1 and v1alpha2: same numbers) that we
 * need, with the fields that we need. Field numbers as published in the interface's api.proto.
 */

export interface CriMount {
  containerPath: string;
  hostPath: string;
  readonly: boolean;
  /** 0 private, 1 host to container, 2 both ways. */
  propagation: number;
}

export interface CriResources {
  cpuPeriod: number;
  cpuQuota: number;
  cpuShares: number;
  memoryLimit: number;
  cpusetCpus: string;
  swapLimit: number;
}

export interface CriContainer {
  id: string;
  podSandboxId: string;
  name: string;
  image: string;
  imageRef: string;
  /** ns since the epoch. */
  createdAt: number;
  labels: Map<string, string>;
  annotations: Map<string, string>;
  mounts: CriMount[];
  resources: CriResources | null;
  /** Kept per key; values are JSON. Only where it was asked for. */
  info: Map<string, string>;
}

export interface CriSandbox {
  id: string;
  name: string;
  uid: string;
  namespace: string;
  createdAt: number;
  ip: string;
  /** Namespace modes: 0 pod, 1 container, 2 node, 3 target. */
  network: number;
  pid: number;
  ipc: number;
  labels: Map<string, string>;
  annotations: Map<string, string>;
  info: Map<string, string>;
}

export interface CriImage {
  id: string;
  repoTags: string[];
  repoDigests: string[];
}

const RUNNING = 1;

/** Request by id with `verbose`: ContainerStatusRequest, PodSandboxStatusRequest. */
export function encodeStatusRequest(id: string): Buffer {
  return new ProtoWriter().string(1, id).bool(2, true).bytes();
}

/** VersionRequest. */
export function encodeVersionRequest(): Buffer {
  return new ProtoWriter().string(1, 'v1').bytes();
}

/** ListContainersRequest: the running ones (filter.state.state). */
export function encodeListContainers(): Buffer {
  const state = Buffer.from([1 << 3, RUNNING]);
  const filter = new ProtoWriter().message(2, state).bytes();
  return new ProtoWriter().message(1, filter).bytes();
}

/** ListPodSandboxRequest: all that are ready, which is the default value and hence an empty state message. */
export function encodeListSandboxes(): Buffer {
  const filter = new ProtoWriter().message(2, Buffer.alloc(0)).bytes();
  return new ProtoWriter().message(1, filter).bytes();
}

/** ImageStatusRequest. */
export function encodeImageStatus(image: string): Buffer {
  return new ProtoWriter().message(1, new ProtoWriter().string(1, image).bytes()).bytes();
}

/** VersionResponse → runtime_name. */
export function decodeRuntimeName(data: Buffer): string {
  let name = '';
  const r = new ProtoReader(data);
  while (r.next()) if (r.field === 2) name = r.text();
  return name;
}

/** ListContainersResponse. */
export function decodeContainerList(data: Buffer): CriContainer[] {
  const out: CriContainer[] = [];
  const r = new ProtoReader(data);
  while (r.next()) {
    if (r.field !== 1) continue;
    const c = emptyContainer();
    const item = r.message();
    while (item.next()) {
      if (item.field === 1) c.id = item.text();
      else if (item.field === 2) c.podSandboxId = item.text();
      else if (item.field === 3) c.name = firstText(item.message());
      else if (item.field === 4) c.image = firstText(item.message());
      else if (item.field === 5) c.imageRef = item.text();
      else if (item.field === 7) c.createdAt = item.int();
      else if (item.field === 8) c.labels.set(...item.entry());
      else if (item.field === 9) c.annotations.set(...item.entry());
    }
    out.push(c);
  }
  return out;
}

/** ContainerStatusResponse. */
export function decodeContainerStatus(data: Buffer): CriContainer {
  const c = emptyContainer();
  const r = new ProtoReader(data);
  while (r.next()) {
    if (r.field === 1) readStatus(r.message(), c);
    else if (r.field === 2) c.info.set(...r.entry());
  }
  return c;
}

function readStatus(r: ProtoReader, c: CriContainer): void {
  while (r.next()) {
    if (r.field === 1) c.id = r.text();
    else if (r.field === 2) c.name = firstText(r.message());
    else if (r.field === 4) c.createdAt = r.int();
    else if (r.field === 8) c.image = firstText(r.message());
    else if (r.field === 9) c.imageRef = r.text();
    else if (r.field === 12) c.labels.set(...r.entry());
    else if (r.field === 13) c.annotations.set(...r.entry());
    else if (r.field === 14) c.mounts.push(readMount(r.message()));
    else if (r.field === 16) c.resources = readResources(r.message());
  }
}

function readMount(r: ProtoReader): CriMount {
  const mount: CriMount = { containerPath: '', hostPath: '', readonly: false, propagation: 0 };
  while (r.next()) {
    if (r.field === 1) mount.containerPath = r.text();
    else if (r.field === 2) mount.hostPath = r.text();
    else if (r.field === 3) mount.readonly = r.bool();
    else if (r.field === 5) mount.propagation = r.int();
  }
  return mount;
}

/** ContainerResources: field 1 is the Linux part. */
function readResources(r: ProtoReader): CriResources | null {
  let out: CriResources | null = null;
  while (r.next()) {
    if (r.field !== 1) continue;
    out = { cpuPeriod: 0, cpuQuota: 0, cpuShares: 0, memoryLimit: 0, cpusetCpus: '', swapLimit: 0 };
    const linux = r.message();
    while (linux.next()) {
      if (linux.field === 1) out.cpuPeriod = linux.int();
      else if (linux.field === 2) out.cpuQuota = linux.int();
      else if (linux.field === 3) out.cpuShares = linux.int();
      else if (linux.field === 4) out.memoryLimit = linux.int();
      else if (linux.field === 6) out.cpusetCpus = linux.text();
      else if (linux.field === 10) out.swapLimit = linux.int();
    }
  }
  return out;
}

/** ListPodSandboxResponse. */
export function decodeSandboxList(data: Buffer): CriSandbox[] {
  const out: CriSandbox[] = [];
  const r = new ProtoReader(data);
  while (r.next()) {
    if (r.field !== 1) continue;
    const s = emptySandbox();
    const item = r.message();
    while (item.next()) {
      if (item.field === 1) s.id = item.text();
      else if (item.field === 2) readSandboxMetadata(item.message(), s);
      else if (item.field === 4) s.createdAt = item.int();
      else if (item.field === 5) s.labels.set(...item.entry());
      else if (item.field === 6) s.annotations.set(...item.entry());
    }
    out.push(s);
  }
  return out;
}

/** PodSandboxStatusResponse. */
export function decodeSandboxStatus(data: Buffer): CriSandbox {
  const s = emptySandbox();
  const r = new ProtoReader(data);
  while (r.next()) {
    if (r.field === 2) s.info.set(...r.entry());
    if (r.field !== 1) continue;
    const status = r.message();
    while (status.next()) {
      if (status.field === 1) s.id = status.text();
      else if (status.field === 2) readSandboxMetadata(status.message(), s);
      else if (status.field === 4) s.createdAt = status.int();
      else if (status.field === 5) s.ip = firstText(status.message());
      else if (status.field === 6) readNamespaces(status.message(), s);
      else if (status.field === 7) s.labels.set(...status.entry());
      else if (status.field === 8) s.annotations.set(...status.entry());
    }
  }
  return s;
}

function readSandboxMetadata(r: ProtoReader, s: CriSandbox): void {
  while (r.next()) {
    if (r.field === 1) s.name = r.text();
    else if (r.field === 2) s.uid = r.text();
    else if (r.field === 3) s.namespace = r.text();
  }
}

/** LinuxPodSandboxStatus.namespaces.options */
function readNamespaces(r: ProtoReader, s: CriSandbox): void {
  while (r.next()) {
    if (r.field !== 1) continue;
    const namespaces = r.message();
    while (namespaces.next()) {
      if (namespaces.field !== 2) continue;
      const options = namespaces.message();
      while (options.next()) {
        if (options.field === 1) s.network = options.int();
        else if (options.field === 2) s.pid = options.int();
        else if (options.field === 3) s.ipc = options.int();
      }
    }
  }
}

/** ImageStatusResponse; null when the runtime has no such image. */
export function decodeImageStatus(data: Buffer): CriImage | null {
  const r = new ProtoReader(data);
  while (r.next()) {
    if (r.field !== 1) continue;
    const image: CriImage = { id: '', repoTags: [], repoDigests: [] };
    const item = r.message();
    while (item.next()) {
      if (item.field === 1) image.id = item.text();
      else if (item.field === 2) image.repoTags.push(item.text());
      else if (item.field === 3) image.repoDigests.push(item.text());
    }
    return image;
  }
  return null;
}

/** Field 1 of a message as text: ContainerMetadata.name, ImageSpec.image, PodSandboxNetworkStatus.ip. */
function firstText(r: ProtoReader): string {
  let text = '';
  while (r.next()) if (r.field === 1) text = r.text();
  return text;
}

function emptyContainer(): CriContainer {
  return {
    id: '',
    podSandboxId: '',
    name: '',
    image: '',
    imageRef: '',
    createdAt: 0,
    labels: new Map(),
    annotations: new Map(),
    mounts: [],
    resources: null,
    info: new Map(),
  };
}

function emptySandbox(): CriSandbox {
  return {
    id: '',
    name: '',
    uid: '',
    namespace: '',
    createdAt: 0,
    ip: '',
    network: 0,
    pid: 0,
    ipc: 0,
    labels: new Map(),
    annotations: new Map(),
    info: new Map(),
  };
}
