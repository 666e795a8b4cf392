import { ContainerType } from '../container.js';
import { idBetween, type PathMatcher, shortId } from './match.js';

/**
 * Kubernetes runtimes, containers of the CRI: `cri-containerd-<id>.scope`, `crio-<id>.scope`, `crio-<id>`,
 * and `<slice>:cri-containerd:<id>` where a systemd path was given to the cgroupfs driver.
 * `crio-conmon-<id>.scope` is the monitor. sysdig leaves the type open until metadata comes; so do we.
 */
export const matchCri: PathMatcher = (part) => {
  let fullId = idBetween(part, 'cri-containerd-', '.scope');
  let engine = 'containerd';
  if (fullId === '') {
    const colon = part.indexOf(':cri-containerd:');
    if (colon >= 0) fullId = idBetween(part, part.slice(0, colon + 16), '');
  }
  if (fullId === '') {
    fullId = idBetween(part, 'crio-', '.scope') || idBetween(part, 'crio-', '');
    engine = 'cri-o';
  }
  if (fullId === '') {
    const colon = part.indexOf(':crio:');
    if (colon >= 0) fullId = idBetween(part, part.slice(0, colon + 6), '');
  }
  if (fullId === '') return null;
  return { id: shortId(fullId), fullId, type: ContainerType.UNKNOWN, engine };
};
