import { ContainerType } from '../container.js';
import type { PathMatcher } from './match.js';

const BPM = /(?:^|-)bpm-(.+?)(?:\.scope)?$/;

/** BOSH process manager: `bpm-<job>` or `runc-bpm-<job>.scope`. The job is the id, at whatever length. */
export const matchBpm: PathMatcher = (part) => {
  if (!part.includes('bpm-') || /\.(service|slice|socket|mount)$/.test(part)) return null;
  const name = BPM.exec(part)?.[1];
  if (name === undefined) return null;
  return { id: name, fullId: name, type: ContainerType.BPM, engine: 'bpm' };
};
