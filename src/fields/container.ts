import type {
  ContainerInfo,
  ContainerMount,
  ContainerProbe,
  ContainerTable,
} from '../container/container.js';
import type { Machine } from '../machine/machine.js';
import { ThreadFlag, type ThreadInfo } from '../machine/thread.js';
import { PT } from '../scap/events.generated.js';
import { type Extractor, type FieldDef, FieldError, type FieldValue } from './field.js';

/** What stands for "in no container" in id, name and type. */
export const HOST = 'host';

/**
 * The thread runs on the host. One in a pid namespace of its own does not, even where its container is not known
 * (yet): such a container has the id '' and neither name nor type.
 */
export function isOnHost(thread: ThreadInfo): boolean {
  return (
    thread.containerId === '' &&
    thread.tid === thread.vtid &&
    (thread.flags & ThreadFlag.CHILD_IN_PIDNS) === 0
  );
}

// The container that was looked up last: events of one container come in runs.
let lastTable: ContainerTable | undefined;
let lastVersion = -1;
let lastId = '';
let lastInfo: ContainerInfo | undefined;

function lookUp(table: ContainerTable, id: string): ContainerInfo | undefined {
  if (id !== lastId || table !== lastTable || table.version !== lastVersion) {
    lastInfo = table.get(id);
    lastTable = table;
    lastVersion = table.version;
    lastId = id;
  }
  return lastInfo;
}

/** Container of the current event's thread; undefined on the host and for unknown threads. */
export function containerOf(m: Machine): ContainerInfo | undefined {
  const id = m.thread?.containerId;
  return id === undefined || id === '' ? undefined : lookUp(m.containers, id);
}

function ofContainer(read: (info: ContainerInfo, m: Machine) => FieldValue): Extractor {
  return (_ev, m) => {
    const info = containerOf(m);
    return info === undefined ? undefined : read(info, m);
  };
}

/** As `ofContainer`, with `host` where the thread runs in no container. */
function orHost(read: (info: ContainerInfo) => string | undefined): Extractor {
  return (_ev, m) => {
    const thread = m.thread;
    if (thread === null) return undefined;
    if (isOnHost(thread)) return HOST;
    const info = lookUp(m.containers, thread.containerId);
    return info === undefined ? undefined : read(info);
  };
}

function text(name: string, description: string, extract: Extractor): FieldDef {
  return { name, type: PT.CHARBUF, fmt: 'na', description, needs: 'thread', extract };
}

function some(value: string): string | undefined {
  return value === '' ? undefined : value;
}

function probeText(probe: ContainerProbe | null): string {
  return probe === null ? 'NONE' : [probe.exe, ...probe.args].join(' ');
}

function mountText(mount: ContainerMount): string {
  return `${mount.source}:${mount.dest}:${mount.mode}:${mount.rw}:${mount.propagation}`;
}

/** `*` and `?` match any characters, slashes too. */
function globMatcher(pattern: string): (value: string) => boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '[\\s\\S]*')
    .replace(/\?/g, '[\\s\\S]');
  const regexp = new RegExp(`^${source}$`);
  return (value) => regexp.test(value);
}

/** A part of the mount that the argument chooses: by place, or by one of its two paths. */
function mountField(
  part: string,
  description: string,
  key: 'source' | 'dest',
  read: (mount: ContainerMount) => string,
): FieldDef {
  const name = part === '' ? 'container.mount' : `container.mount.${part}`;
  return {
    name,
    type: PT.CHARBUF,
    fmt: 'na',
    argument: 'required',
    needs: 'thread',
    description,
    bind: (arg) => {
      if (arg === undefined || arg === '')
        throw new FieldError(`${name} needs an argument: ${name}[0] or ${name}[/path]`);
      const index = /^\d+$/.test(arg) ? Number(arg) : -1;
      const matches = globMatcher(arg);
      return {
        extract: ofContainer((info) => {
          const mount =
            index >= 0 ? info.mounts[index] : info.mounts.find((candidate) => matches(candidate[key]));
          return mount === undefined ? undefined : read(mount);
        }),
      };
    },
  };
}

/** `name:value`, joined by commas. */
export function labelsText(labels: ReadonlyMap<string, string>): string | undefined {
  if (labels.size === 0) return undefined;
  return [...labels].map(([name, value]) => `${name}:${value}`).join(', ');
}

/** Class container. */
export const CONTAINER_FIELDS: readonly FieldDef[] = [
  text(
    'container.id',
    "Short id of the container, 12 digits for most engines; 'host' outside of containers.",
    (_ev, m) => {
      const thread = m.thread;
      if (thread === null) return undefined;
      return isOnHost(thread) ? HOST : thread.containerId;
    },
  ),
  text(
    'container.full_id',
    'Whole id of the container.',
    ofContainer((info) => some(info.fullId)),
  ),
  text(
    'container.name',
    "Name of the container; 'host' outside of containers.",
    orHost((info) => some(info.name)),
  ),
  text(
    'container.image',
    'Image of the container with its tag.',
    ofContainer((info) => some(info.image)),
  ),
  text(
    'container.image.id',
    'Id of the image, 64 hex digits.',
    ofContainer((info) => some(info.imageId)),
  ),
  text(
    'container.type',
    "Engine that runs the container: docker, podman, containerd, cri-o, lxc …; 'host' outside of containers.",
    orHost((info) => info.typeName),
  ),
  {
    name: 'container.privileged',
    type: PT.BOOL,
    fmt: 'na',
    needs: 'thread',
    description: 'true for containers that run privileged.',
    extract: ofContainer((info) => info.privileged),
  },
  text(
    'container.mounts',
    'All mounts as source:dest:mode:rdwr:propagation, joined by commas.',
    ofContainer((info) => info.mounts.map(mountText).join(',')),
  ),
  mountField(
    '',
    'One mount, chosen by its place or by its source path: container.mount[0], container.mount[/data/*].',
    'source',
    mountText,
  ),
  mountField(
    'source',
    'Source path of one mount, chosen by its place or its destination.',
    'dest',
    (mount) => mount.source,
  ),
  mountField(
    'dest',
    'Destination of one mount, chosen by its place or its source.',
    'source',
    (mount) => mount.dest,
  ),
  mountField(
    'mode',
    'Mode of one mount, chosen by its place or its source.',
    'source',
    (mount) => mount.mode,
  ),
  mountField(
    'rdwr',
    "'true' if one mount, chosen by its place or its source, can be written.",
    'source',
    (mount) => String(mount.rw),
  ),
  mountField(
    'propagation',
    'Propagation of one mount, chosen by its place or its source.',
    'source',
    (mount) => mount.propagation,
  ),
  text(
    'container.image.repository',
    'Image without its tag.',
    ofContainer((info) => some(info.imageRepo)),
  ),
  text(
    'container.image.tag',
    'Tag of the image.',
    ofContainer((info) => some(info.imageTag)),
  ),
  text(
    'container.image.digest',
    'Digest of the image in its registry.',
    ofContainer((info) => some(info.imageDigest)),
  ),
  text(
    'container.healthcheck',
    "Command that checks the container's health; NONE if there is none.",
    ofContainer((info) => probeText(info.healthcheck)),
  ),
  text(
    'container.liveness_probe',
    'Command of the liveness probe; NONE if there is none.',
    ofContainer((info) => probeText(info.livenessProbe)),
  ),
  text(
    'container.readiness_probe',
    'Command of the readiness probe; NONE if there is none.',
    ofContainer((info) => probeText(info.readinessProbe)),
  ),
  {
    name: 'container.start_ts',
    type: PT.UINT64,
    fmt: 'dec',
    needs: 'thread',
    description: "Start of the container's first process, in nanoseconds since the epoch.",
    extract: (_ev, m) => {
      const start = firstProcessStart(m);
      return start === undefined ? undefined : plain(start);
    },
  },
  {
    name: 'container.duration',
    type: PT.RELTIME,
    fmt: 'dec',
    description: "Nanoseconds since the start of the container's first process.",
    needs: 'thread',
    extract: (ev, m) => {
      const start = firstProcessStart(m);
      return start === undefined ? undefined : plain(ev.absTs - start);
    },
  },
  text(
    'container.ip',
    'IPv4 address of the container.',
    ofContainer((info) => info.ip),
  ),
  text(
    'container.cni.json',
    'Network of the pod as its CNI plugin reported it, JSON.',
    ofContainer((info) => info.cniJson),
  ),
  flag('container.host_pid', "true for containers in the host's pid namespace.", (info) => info.hostPid),
  flag(
    'container.host_network',
    "true for containers in the host's network namespace.",
    (info) => info.hostNetwork,
  ),
  flag('container.host_ipc', "true for containers in the host's ipc namespace.", (info) => info.hostIpc),
  {
    name: 'container.label',
    type: PT.CHARBUF,
    fmt: 'na',
    argument: 'required',
    needs: 'thread',
    description: 'Value of one label: container.label.app, container.label[com.example/role].',
    bind: (arg) => {
      if (arg === undefined || arg === '')
        throw new FieldError('container.label needs the name of a label: container.label.app');
      return { extract: ofContainer((info) => info.labels.get(arg)) };
    },
  },
  text(
    'container.labels',
    'All labels as name:value, joined by commas.',
    ofContainer((info) => labelsText(info.labels)),
  ),
];

function flag(name: string, description: string, read: (info: ContainerInfo) => boolean): FieldDef {
  return { name, type: PT.BOOL, fmt: 'na', needs: 'thread', description, extract: ofContainer(read) };
}

/** No machine has been running since then: smaller times count from the start of the machine. */
const YEAR_2000 = 946_684_800_000_000_000n;

/**
 * When the first process of the thread's pid namespace started, ns since the epoch; undefined on the host or if unknown.
 * Clone events tell it from the start of the machine on, the scan of /proc from the epoch on.
 */
function firstProcessStart(machine: Machine): bigint | undefined {
  const { thread } = machine;
  if (thread === null || thread.pidnsInitStartTs === 0n || isOnHost(thread)) return undefined;
  if (thread.pidnsInitStartTs >= YEAR_2000) return thread.pidnsInitStartTs;
  const boot = machine.machineInfo?.bootTime ?? 0n;
  return boot === 0n ? undefined : boot + thread.pidnsInitStartTs;
}

/** A double where it is exact. */
function plain(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}
