import {
  ContainerInfo,
  type ContainerMount,
  type ContainerProbe,
  ContainerType,
  LookupState,
  type PortMapping,
} from './container.js';
import { ipv4Number, ipv4Text } from './ipv4.js';

/**
 * The JSON text of container events ↔ ContainerInfo. Keys, types and defaults as capture files have them
 * (format notes, section 6.1); unknown keys are skipped, values of a wrong type count as absent.
 */

type Json = Record<string, unknown>;

/** `engine` is ours: it names engines that have no number. Other readers skip unknown keys. */
const OWN_ENGINE = 'engine';

/**
 * Reads a container event's text.
 *
 * @param text a byte string, `{"container":{…}}`, perhaps with a newline or NUL behind it
 * @returns null when it is not JSON, or names no container
 */
export function parseContainerJson(text: string): ContainerInfo | null {
  let root: unknown;
  try {
    root = JSON.parse(Buffer.from(text.replace(/[\0\s]+$/, ''), 'latin1').toString('utf8'));
  } catch {
    return null;
  }
  const c = object(object(root)?.['container']);
  const id = c === undefined ? '' : str(c, 'id');
  if (c === undefined || id === '') return null;
  const info = new ContainerInfo(id, str(c, 'full_id') || id, num(c, 'type', ContainerType.UNKNOWN));
  info.engine = str(c, OWN_ENGINE);
  info.name = str(c, 'name');
  info.image = str(c, 'image');
  info.imageId = str(c, 'imageid');
  info.imageRepo = str(c, 'imagerepo');
  info.imageTag = str(c, 'imagetag');
  info.imageDigest = str(c, 'imagedigest');
  info.privileged = c['privileged'] === true;
  info.isPodSandbox = c['is_pod_sandbox'] === true;
  info.hostPid = c['host_pid'] === true;
  info.hostNetwork = c['host_network'] === true;
  info.hostIpc = c['host_ipc'] === true;
  info.lookupState = num(c, 'lookup_state', LookupState.SUCCESSFUL);
  // A file cannot hold a look-up under way: nobody is going to finish it.
  if (info.lookupState === LookupState.STARTED) info.lookupState = LookupState.FAILED;
  info.createdTime = num(c, 'created_time', 0);
  info.mounts = list(c, 'Mounts').map(mount);
  info.user = str(c, 'User');
  info.healthcheck = probe(c['Healthcheck']);
  info.livenessProbe = probe(c['LivenessProbe']);
  info.readinessProbe = probe(c['ReadinessProbe']);
  info.ip = ipText(c['ip']);
  info.cniJson = str(c, 'cni_json');
  info.podSandboxId = str(c, 'pod_sandbox_id');
  info.portMappings = list(c, 'port_mappings').map(portMapping);
  info.labels = labels(c['labels']);
  info.podSandboxLabels = labels(c['pod_sandbox_labels']);
  info.env = list(c, 'env')
    .filter((value) => typeof value === 'string')
    .map(bytes);
  info.memoryLimit = num(c, 'memory_limit', 0);
  info.swapLimit = num(c, 'swap_limit', 0);
  info.cpuShares = num(c, 'cpu_shares', 1024);
  info.cpuQuota = num(c, 'cpu_quota', 0);
  info.cpuPeriod = num(c, 'cpu_period', 100000);
  info.cpusetCpuCount = num(c, 'cpuset_cpu_count', 0);
  info.mesosTaskId = str(c, 'mesos_task_id');
  info.metadataDeadline = num(c, 'metadata_deadline', 0);
  return info;
}

/**
 * The text of a container event: a byte string without newline and NUL. Every key that sysdig writes is there,
 * in its order (capitals first, then alphabetical), so that any reader understands it.
 */
export function containerToJson(info: ContainerInfo): string {
  const c: Json = {
    Mounts: info.mounts.map((m) => ({
      Destination: text(m.dest),
      Mode: text(m.mode),
      Propagation: text(m.propagation),
      RW: m.rw,
      Source: text(m.source),
    })),
    User: text(info.user),
  };
  if (info.healthcheck !== null) c['Healthcheck'] = probeJson(info.healthcheck);
  if (info.livenessProbe !== null) c['LivenessProbe'] = probeJson(info.livenessProbe);
  if (info.readinessProbe !== null) c['ReadinessProbe'] = probeJson(info.readinessProbe);
  c['cni_json'] = text(info.cniJson);
  c['cpu_period'] = info.cpuPeriod;
  c['cpu_quota'] = info.cpuQuota;
  c['cpu_shares'] = info.cpuShares;
  c['cpuset_cpu_count'] = info.cpusetCpuCount;
  c['created_time'] = info.createdTime;
  if (info.engine !== '') c[OWN_ENGINE] = info.engine;
  c['env'] = info.env.map(text);
  c['full_id'] = text(info.fullId);
  c['host_ipc'] = info.hostIpc;
  c['host_network'] = info.hostNetwork;
  c['host_pid'] = info.hostPid;
  c['id'] = text(info.id);
  c['image'] = text(info.image);
  c['imagedigest'] = text(info.imageDigest);
  c['imageid'] = text(info.imageId);
  c['imagerepo'] = text(info.imageRepo);
  c['imagetag'] = text(info.imageTag);
  c['ip'] = info.ip;
  c['is_pod_sandbox'] = info.isPodSandbox;
  c['labels'] = labelsJson(info.labels);
  c['lookup_state'] = info.lookupState;
  c['memory_limit'] = info.memoryLimit;
  if (info.mesosTaskId !== '') c['mesos_task_id'] = text(info.mesosTaskId);
  c['metadata_deadline'] = info.metadataDeadline;
  c['name'] = text(info.name);
  c['pod_sandbox_id'] = text(info.podSandboxId);
  c['pod_sandbox_labels'] = labelsJson(info.podSandboxLabels);
  c['port_mappings'] = info.portMappings.map((p) => ({
    ContainerPort: p.containerPort,
    HostIp: p.hostIp,
    HostPort: p.hostPort,
  }));
  c['privileged'] = info.privileged;
  c['swap_limit'] = info.swapLimit;
  c['type'] = info.type;
  return Buffer.from(JSON.stringify({ container: c }), 'utf8').toString('latin1');
}

/** Text of the engines (UTF-16) → byte string (the bytes of its UTF-8). */
export function bytes(value: string): string {
  return isAscii(value) ? value : Buffer.from(value, 'utf8').toString('latin1');
}

function text(value: string): string {
  return isAscii(value) ? value : Buffer.from(value, 'latin1').toString('utf8');
}

function isAscii(value: string): boolean {
  for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) > 127) return false;
  return true;
}

function object(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

function str(c: Json, key: string): string {
  const value = c[key];
  return typeof value === 'string' ? bytes(value) : '';
}

function num(c: Json, key: string, otherwise: number): number {
  const value = c[key];
  return typeof value === 'number' ? value : otherwise;
}

function list(c: Json, key: string): unknown[] {
  const value = c[key];
  return Array.isArray(value) ? value : [];
}

function mount(value: unknown): ContainerMount {
  const m = object(value) ?? {};
  return {
    source: str(m, 'Source'),
    dest: str(m, 'Destination'),
    mode: str(m, 'Mode'),
    rw: m['RW'] === true,
    propagation: str(m, 'Propagation'),
  };
}

function probe(value: unknown): ContainerProbe | null {
  const p = object(value);
  if (p === undefined || typeof p['exe'] !== 'string') return null;
  return {
    exe: bytes(p['exe']),
    args: list(p, 'args')
      .filter((arg) => typeof arg === 'string')
      .map(bytes),
  };
}

function probeJson(p: ContainerProbe): Json {
  return { args: p.args.map(text), exe: text(p.exe) };
}

function portMapping(value: unknown): PortMapping {
  const p = object(value) ?? {};
  const hostIp = p['HostIp'];
  return {
    hostIp: typeof hostIp === 'string' ? ipv4Number(hostIp) : num(p, 'HostIp', 0),
    hostPort: num(p, 'HostPort', 0),
    containerPort: num(p, 'ContainerPort', 0),
  };
}

function ipText(value: unknown): string {
  if (typeof value === 'number') return ipv4Text(value);
  return typeof value === 'string' && value !== '' ? bytes(value) : '0.0.0.0';
}

function labels(value: unknown): Map<string, string> {
  const map = new Map<string, string>();
  for (const [key, label] of Object.entries(object(value) ?? {})) {
    if (typeof label === 'string') map.set(bytes(key), bytes(label));
  }
  return map;
}

/** An empty map is written as null, as sysdig does. */
function labelsJson(map: ReadonlyMap<string, string>): Record<string, string> | null {
  if (map.size === 0) return null;
  const out: Record<string, string> = Object.create(null);
  for (const key of [...map.keys()].sort()) out[text(key)] = text(map.get(key) as string);
  return out;
}
