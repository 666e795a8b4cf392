import { unknownProcess } from '../scap/unknown_process.js';

/** What a thread has from the program that it runs: the file and its rights. Never changed in place: threads and their children share it. */
export interface Program {
  readonly exeWritable: boolean;
  readonly exeUpperLayer: boolean;
  readonly exeLowerLayer: boolean;
  readonly exeFromMemfd: boolean;
  readonly exeIno: number;
  /** ns since the epoch. */
  readonly exeInoCtime: bigint;
  readonly exeInoMtime: bigint;
  readonly capInheritable: bigint;
  readonly capPermitted: bigint;
  readonly capEffective: bigint;
}

/** Nothing is known of it. */
export const UNKNOWN_PROGRAM: Program = partOf(unknownProcess(-1, -1));

/** The program of a process list's entry. */
export function programOf(entry: Program): Program {
  const { exeWritable, exeUpperLayer, exeLowerLayer, exeFromMemfd, exeIno } = entry;
  const { exeInoCtime, exeInoMtime, capInheritable, capPermitted, capEffective } = entry;
  const file = exeWritable || exeUpperLayer || exeLowerLayer || exeFromMemfd || exeIno !== 0;
  const told = file || exeInoCtime !== 0n || exeInoMtime !== 0n;
  if (!told && capInheritable === 0n && capPermitted === 0n && capEffective === 0n) return UNKNOWN_PROGRAM;
  return partOf(entry);
}

function partOf(entry: Program): Program {
  const { exeWritable, exeUpperLayer, exeLowerLayer, exeFromMemfd } = entry;
  const { exeIno, exeInoCtime, exeInoMtime, capInheritable, capPermitted, capEffective } = entry;
  return {
    ...{ exeWritable, exeUpperLayer, exeLowerLayer, exeFromMemfd },
    ...{ exeIno, exeInoCtime, exeInoMtime, capInheritable, capPermitted, capEffective },
  };
}
