import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ContainerType } from '../container.js';
import { type EngineAddress, parseEngineAddress } from './address.js';
import type { EnginePlace } from './engine_slot.js';
import { PodmanFiles, userStorages } from './podman_files.js';

/** Where to look for engines. */
export interface EngineOptions {
  /** What `--docker-socket` says; DOCKER_HOST otherwise; the usual places otherwise. */
  readonly dockerSocket?: string | undefined;
  /** What `--cri` says; the usual places otherwise. */
  readonly criSocket?: string | undefined;
  /** Folder under which the host's files are mounted. Default: TSDIG_HOST_ROOT, HOST_ROOT or SYSDIG_HOST_ROOT. */
  readonly hostRoot?: string | undefined;
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** How long an engine may take over one request, ms. */
  readonly timeoutMs?: number | undefined;
  /** One line about a setting that cannot be used. */
  readonly notice?: ((line: string) => void) | undefined;
}

const CRI_SOCKETS = [
  '/run/containerd/containerd.sock',
  '/run/crio/crio.sock',
  '/run/k3s/containerd/containerd.sock',
  '/run/host-containerd/containerd.sock',
  '/run/cri-dockerd.sock',
];
const CONTAINERD_SOCKETS = CRI_SOCKETS.filter((path) => path.endsWith('containerd.sock'));

/** All places where engines are looked for, present or not. The modules of an engine are loaded when it is first asked. */
export function enginePlaces(options: EngineOptions = {}): EnginePlace[] {
  const env = options.env ?? process.env;
  const root = hostRoot(options);
  const at = (path: string) => join(root, path);
  // Where the host's sockets are mounted into a container, /var/run is a folder of its own, not a link to /run.
  const socketAt = (path: string) =>
    [at(path), at(join('/var', path))].find((candidate) => existsSync(candidate)) ?? at(path);
  const users = runtimeFolders(at('/run/user'));
  const { timeoutMs, notice } = options;
  const places: EnginePlace[] = [];

  const dockers = chosen('DOCKER_HOST', options.dockerSocket, env, notice) ?? [
    { path: socketAt('/run/docker.sock') },
    ...users.map((folder) => ({ path: join(folder, 'docker.sock') })),
  ];
  for (const address of dockers) places.push(dockerPlace(address, 'docker', ContainerType.DOCKER, timeoutMs));

  const podmans = chosen('CONTAINER_HOST', undefined, env, notice) ?? [
    { path: socketAt('/run/podman/podman.sock') },
    ...users.map((folder) => ({ path: join(folder, 'podman/podman.sock') })),
  ];
  for (const address of podmans) places.push(dockerPlace(address, 'podman', ContainerType.PODMAN, timeoutMs));
  const uids = users.map((folder) => basename(folder));
  for (const path of [at('/var/lib/containers/storage'), ...userStorages(root, uids)]) {
    places.push({
      kind: 'podman',
      path,
      fallback: true,
      open: async () => new PodmanFiles(path, at('/proc')),
    });
  }

  const criSockets =
    options.criSocket === undefined ? CRI_SOCKETS.map(socketAt) : [socketPath(options.criSocket)];
  for (const path of criSockets) {
    places.push({
      kind: 'cri',
      path,
      open: async () => new (await import('./cri.js')).CriEngine(path, timeoutMs),
    });
  }
  for (const path of options.criSocket === undefined ? CONTAINERD_SOCKETS.map(socketAt) : criSockets) {
    places.push({
      kind: 'containerd',
      path,
      fallback: true,
      open: async () => new (await import('./containerd.js')).ContainerdEngine(path, timeoutMs),
    });
  }
  return places;
}

/** The folder that stands for the host's `/`. */
export function hostRoot(options: EngineOptions = {}): string {
  const env = options.env ?? process.env;
  return options.hostRoot || env['TSDIG_HOST_ROOT'] || env['HOST_ROOT'] || env['SYSDIG_HOST_ROOT'] || '/';
}

function dockerPlace(
  address: EngineAddress,
  kind: string,
  type: number,
  timeoutMs: number | undefined,
): EnginePlace {
  return {
    kind,
    path: 'path' in address ? address.path : null,
    open: async () => new (await import('./docker.js')).DockerEngine(address, type, timeoutMs),
  };
}

/** The address that an option or the environment chooses; undefined when neither says anything usable. */
function chosen(
  variable: string,
  option: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  notice: ((line: string) => void) | undefined,
): EngineAddress[] | undefined {
  const text = option || env[variable];
  if (!text) return undefined;
  const address = parseEngineAddress(text);
  if (address !== null) return [address];
  notice?.(
    `${option ? 'the socket' : variable} "${text}" cannot be used: give unix:///path or tcp://host:port`,
  );
  return undefined;
}

function socketPath(text: string): string {
  return text.startsWith('unix://') ? text.slice(7) : text;
}

/** Users with a session: their engines listen under /run/user/UID. */
function runtimeFolders(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d+$/.test(name))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}
