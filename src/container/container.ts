/**
 * What is known about one container, and the table of all of them.
 *
 * All text is byte strings (latin1: one char per captured byte), like everywhere below the output
 * edge. The shape follows the container JSON of capture files (format notes, section 6.1).
 */

/** Container engine numbers as capture files store them in the key `type`. */
export const ContainerType = {
  DOCKER: 0,
  LXC: 1,
  LIBVIRT_LXC: 2,
  MESOS: 3,
  RKT: 4,
  CUSTOM: 5,
  CRI: 6,
  CONTAINERD: 7,
  CRIO: 8,
  BPM: 9,
  STATIC: 10,
  PODMAN: 11,
  UNKNOWN: 65535,
} as const;

/** `container.type` as it is printed, by engine number. Numbers without a name print as `<NA>`. */
export const CONTAINER_TYPE_NAMES: Readonly<Record<number, string>> = {
  0: 'docker',
  1: 'lxc',
  2: 'libvirt-lxc',
  3: 'mesos',
  4: 'rkt',
  5: 'custom',
  6: 'cri',
  7: 'containerd',
  8: 'cri-o',
  9: 'bpm',
  10: 'static',
  11: 'podman',
};

/** How far the look-up of a container's metadata has come. Files store these numbers; only 1 makes the data usable. */
export const LookupState = { STARTED: 0, SUCCESSFUL: 1, FAILED: 2 } as const;

/** One mount of a container. */
export interface ContainerMount {
  source: string;
  dest: string;
  mode: string;
  rw: boolean;
  propagation: string;
}

/** A health check or probe: the program and its arguments. */
export interface ContainerProbe {
  exe: string;
  args: string[];
}

/** A published port. */
export interface PortMapping {
  /** IPv4 address as a 32-bit number, first octet highest; 0 = all addresses. */
  hostIp: number;
  hostPort: number;
  containerPort: number;
}

/** One container. A fresh one holds only what its cgroup path tells; a look-up or a container event fills the rest. */
export class ContainerInfo {
  /** Short id: 12 hex digits for most engines, the name for LXC and systemd-nspawn. */
  id: string;
  /** The whole id; same as `id` where the engine has only one. */
  fullId: string;
  /** ContainerType number. */
  type: number;
  /**
   * Name of an engine that has no number in the file format (`systemd-nspawn`), '' otherwise.
   * `typeName` prefers it.
   */
  engine = '';
  name = '';
  /** Image as the container was started with, name and tag. */
  image = '';
  /** 64 hex digits, without `sha256:`. */
  imageId = '';
  imageRepo = '';
  imageTag = '';
  /** With `sha256:`. */
  imageDigest = '';
  privileged = false;
  hostPid = false;
  hostNetwork = false;
  hostIpc = false;
  isPodSandbox = false;
  /** LookupState number. */
  lookupState: number = LookupState.STARTED;
  /** Seconds since the epoch, 0 if unknown. */
  createdTime = 0;
  mounts: ContainerMount[] = [];
  /** User the container's command runs as; '' = the image's default. */
  user = '';
  healthcheck: ContainerProbe | null = null;
  livenessProbe: ContainerProbe | null = null;
  readinessProbe: ContainerProbe | null = null;
  /** Dotted quad; `0.0.0.0` if unknown. */
  ip = '0.0.0.0';
  /** CNI result of the pod sandbox, JSON text; '' if none. */
  cniJson = '';
  /** Full id of the pod sandbox this container belongs to (its own for a sandbox); '' if none. */
  podSandboxId = '';
  portMappings: PortMapping[] = [];
  /** Sorted by key only if the engine gave them so. */
  labels: Map<string, string> = new Map();
  podSandboxLabels: Map<string, string> = new Map();
  /** NAME=value; captures carry only variables of Mesos and Marathon. */
  env: string[] = [];
  /** Bytes, 0 = no limit. */
  memoryLimit = 0;
  swapLimit = 0;
  cpuShares = 1024;
  /** µs per `cpuPeriod`; 0 = no limit. */
  cpuQuota = 0;
  cpuPeriod = 100000;
  cpusetCpuCount = 0;
  mesosTaskId = '';
  /** ns since the epoch; 0 = none. Only carried through. */
  metadataDeadline = 0;

  constructor(id: string, fullId: string = id, type: number = ContainerType.UNKNOWN) {
    this.id = id;
    this.fullId = fullId;
    this.type = type;
  }

  /** `container.type` as printed; undefined when the engine is unknown. */
  get typeName(): string | undefined {
    return this.engine !== '' ? this.engine : CONTAINER_TYPE_NAMES[this.type];
  }

  /** Whether name, image and the rest were really found. While false they print as `<NA>`. */
  get known(): boolean {
    return this.lookupState === LookupState.SUCCESSFUL;
  }

  /** Pod metadata that Kubernetes' runtimes put on each container (CRI labels). */
  get podName(): string | undefined {
    return this.label('io.kubernetes.pod.name');
  }

  get podNamespace(): string | undefined {
    return this.label('io.kubernetes.pod.namespace');
  }

  get podUid(): string | undefined {
    return this.label('io.kubernetes.pod.uid');
  }

  private label(key: string): string | undefined {
    return this.labels.get(key) ?? this.podSandboxLabels.get(key);
  }
}

/** What a cgroup path alone tells of a container. */
export interface CgroupContainer {
  readonly id: string;
  readonly fullId: string;
  /** ContainerType number as sysdig reads it from the path; UNKNOWN where only a look-up can tell. */
  readonly type: number;
  /** Which engine to ask: `docker`, `podman`, `cri`, `containerd`, `cri-o`, `lxc`, `systemd-nspawn`, … */
  readonly engine: string;
}

/** Engines whose path holds the name itself: nothing else has to be asked for it. */
const NAMED_BY_PATH: ReadonlySet<number> = new Set([
  ContainerType.LXC,
  ContainerType.LIBVIRT_LXC,
  ContainerType.BPM,
  ContainerType.CUSTOM,
]);

/** The containers of one observed machine, by short id. */
export class ContainerTable {
  private readonly byId = new Map<string, ContainerInfo>();
  /** Called by `note` for each container met for the first time. */
  onNew: ((info: ContainerInfo, found: CgroupContainer) => void) | null = null;
  /** Counts changes, so that whoever caches something by container can notice. */
  version = 0;

  /** The container with this short id; undefined for the host ('') and for unknown ones. */
  get(id: string): ContainerInfo | undefined {
    return id === '' ? undefined : this.byId.get(id);
  }

  /** Adds or replaces. */
  add(info: ContainerInfo): void {
    this.byId.set(info.id, info);
    this.version++;
  }

  /**
   * The entry of a container seen in a cgroup path: the present one, or a new one that knows only that.
   * The machine calls it for every process that it meets; a resolver hears of the new ones.
   */
  note(found: CgroupContainer): ContainerInfo {
    let info = this.byId.get(found.id);
    if (info === undefined) {
      info = new ContainerInfo(found.id, found.fullId, found.type);
      if (found.engine === 'systemd-nspawn') info.engine = found.engine;
      if (NAMED_BY_PATH.has(found.type)) {
        info.name = found.id;
        info.lookupState = LookupState.SUCCESSFUL;
      }
      this.add(info);
      this.onNew?.(info, found);
    }
    return info;
  }

  remove(id: string): boolean {
    const had = this.byId.delete(id);
    if (had) this.version++;
    return had;
  }

  clear(): void {
    this.byId.clear();
    this.version++;
  }

  get size(): number {
    return this.byId.size;
  }

  [Symbol.iterator](): IterableIterator<ContainerInfo> {
    return this.byId.values();
  }
}
