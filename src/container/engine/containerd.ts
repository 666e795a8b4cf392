import { isFullId, shortId } from '../cgroup/match.js';
import { ContainerInfo, ContainerType, LookupState } from '../container.js';
import { type ContainerEngine, EngineError } from './engine.js';
import { GrpcError, GrpcSocket } from './grpc.js';
import { completeImageName, splitImageName } from './image_name.js';
import { addOciSpec } from './oci_spec.js';
import { ProtoError, ProtoReader, ProtoWriter } from './protobuf.js';

const CONTAINERS = '/containerd.services.containers.v1.Containers';
const NAMESPACES = '/containerd.services.namespaces.v1.Namespaces';
const TASKS = '/containerd.services.tasks.v1.Tasks';
const IMAGES = '/containerd.services.images.v1.Images';
/** Docker keeps its containers in this namespace, without their names: Docker itself is asked for those. */
const DOCKERS_NAMESPACE = 'moby';

/**
 * containerd's own API: containers of nerdctl, ctr and others that do not come from Kubernetes (and those that do,
 * where the CRI plugin is switched off). Field numbers as in containerd's published service definitions.
 */
export class ContainerdEngine implements ContainerEngine {
  readonly title: string;
  private readonly grpc: GrpcSocket;

  constructor(socketPath: string, timeoutMs?: number) {
    this.grpc = new GrpcSocket(socketPath, timeoutMs);
    this.title = `containerd at ${socketPath}`;
  }

  async list(): Promise<ContainerInfo[]> {
    const out: ContainerInfo[] = [];
    for (const namespace of await this.namespaces()) {
      const running = await this.running(namespace);
      if (running.size === 0) continue;
      const r = await this.read(`${CONTAINERS}/List`, Buffer.alloc(0), namespace);
      while (r.next()) {
        if (r.field !== 1) continue;
        const info = readContainer(r.message());
        if (running.has(info.fullId)) out.push(info);
      }
    }
    return out;
  }

  async inspect(fullId: string): Promise<ContainerInfo | null> {
    const request = new ProtoWriter().string(1, Buffer.from(fullId, 'latin1').toString('utf8')).bytes();
    for (const namespace of await this.namespaces()) {
      const answer = await this.call(`${CONTAINERS}/Get`, request, namespace);
      if (answer === null) continue;
      const r = new ProtoReader(answer);
      while (r.next()) {
        if (r.field !== 1) continue;
        const info = readContainer(r.message());
        await this.addDigest(info, namespace);
        return info;
      }
    }
    return null;
  }

  close(): void {
    this.grpc.close();
  }

  private async namespaces(): Promise<string[]> {
    const names: string[] = [];
    const r = new ProtoReader(
      (await this.call(`${NAMESPACES}/List`, Buffer.alloc(0), '')) ?? Buffer.alloc(0),
    );
    while (r.next()) {
      if (r.field !== 1) continue;
      const item = r.message();
      while (item.next()) if (item.field === 1 && item.text() !== DOCKERS_NAMESPACE) names.push(item.text());
    }
    return names;
  }

  /** Ids of the containers that have a task: ListTasksResponse.tasks.container_id. */
  private async running(namespace: string): Promise<Set<string>> {
    const ids = new Set<string>();
    const r = await this.read(`${TASKS}/List`, Buffer.alloc(0), namespace);
    while (r.next()) {
      if (r.field !== 1) continue;
      // Process: container_id 1, id 2; which of the two holds the id depends on the version.
      const task = r.message();
      while (task.next()) if (task.field === 1 || task.field === 2) ids.add(task.text());
    }
    return ids;
  }

  /** The digest that the image's name points to: GetImageResponse.image.target.digest. */
  private async addDigest(info: ContainerInfo, namespace: string): Promise<void> {
    if (info.image === '' || info.imageDigest !== '') return;
    const request = new ProtoWriter().string(1, Buffer.from(info.image, 'latin1').toString('utf8')).bytes();
    const r = await this.read(`${IMAGES}/Get`, request, namespace);
    while (r.next()) {
      if (r.field !== 1) continue;
      const image = r.message();
      while (image.next()) {
        if (image.field !== 3) continue;
        const target = image.message();
        while (target.next()) if (target.field === 2) info.imageDigest = target.text();
      }
    }
  }

  /** The answer of one call, empty when containerd says that there is no such thing. */
  private async read(method: string, request: Buffer, namespace: string): Promise<ProtoReader> {
    return new ProtoReader((await this.call(method, request, namespace)) ?? Buffer.alloc(0));
  }

  /** One call; null when containerd says that there is no such thing. */
  private async call(method: string, request: Buffer, namespace: string): Promise<Buffer | null> {
    try {
      return await this.grpc.call(
        method,
        request,
        namespace === '' ? {} : { 'containerd-namespace': namespace },
      );
    } catch (error) {
      if (error instanceof GrpcError && error.notFound) return null;
      if (error instanceof GrpcError || error instanceof ProtoError)
        throw new EngineError(`${this.title}: ${error.message}`);
      throw error;
    }
  }
}

/** Container: id 1, labels 2, image 3, spec 5 (Any: value 2, JSON), created_at 8 (Timestamp: seconds 1). */
function readContainer(r: ProtoReader): ContainerInfo {
  let id = '';
  const labels = new Map<string, string>();
  let image = '';
  let created = 0;
  let spec: unknown;
  while (r.next()) {
    if (r.field === 1) id = r.text();
    else if (r.field === 2) labels.set(...r.entry());
    else if (r.field === 3) image = r.text();
    else if (r.field === 5) spec = readSpec(r.message());
    else if (r.field === 8) {
      const time = r.message();
      while (time.next()) if (time.field === 1) created = time.int();
    }
  }
  const info = new ContainerInfo(isFullId(id) ? shortId(id) : id, id, ContainerType.CONTAINERD);
  info.lookupState = LookupState.SUCCESSFUL;
  info.name = labels.get('nerdctl/name') ?? labels.get('io.kubernetes.container.name') ?? id;
  info.labels = labels;
  info.image = image;
  info.createdTime = created;
  info.isPodSandbox = labels.get('io.cri-containerd.kind') === 'sandbox';
  const name = completeImageName(splitImageName(image), [], []);
  info.imageRepo = name.repo;
  info.imageTag = name.tag;
  info.imageDigest = name.digest;
  addOciSpec(info, spec);
  return info;
}

function readSpec(any: ProtoReader): unknown {
  while (any.next()) {
    if (any.field !== 2) continue;
    try {
      return JSON.parse(any.body().toString('utf8'));
    } catch {
      return undefined;
    }
  }
  return undefined;
}
