import { readFileSync } from 'node:fs';
import type { EngineState } from '../container/resolver.js';
import type { FilterNeeds } from '../filter/needs.js';

/** Bits of /proc/self/status' CapEff. */
const CAP_DAC_READ_SEARCH = 2n;
const CAP_SYS_PTRACE = 19n;

/**
 * What this run asks for and will not get, for want of rights: one line each, with the remedy. (Without CAP_BPF and
 * CAP_PERFMON there is no run at all: that is an error of the helper's.)
 */
export function missingRights(
  needs: FilterNeeds,
  engines: readonly EngineState[],
  status = ownStatus(),
): string[] {
  const lines: string[] = [];
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
  const has = (bit: bigint): boolean => ((effective >> bit) & 1n) === 1n;
  if (needs.fds && !has(CAP_SYS_PTRACE))
    lines.push(
      "files and folders that other users' processes have open already need CAP_SYS_PTRACE: run with sudo, or setcap cap_bpf,cap_perfmon,cap_sys_ptrace+ep on node",
    );
  if (needs.users && needs.containers && !has(CAP_SYS_PTRACE) && !has(CAP_DAC_READ_SEARCH))
    lines.push("names of containers' users need CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH: run with sudo");
  if (needs.containers)
    for (const { present, trouble } of engines)
      if (present && /\b(EACCES|EPERM)\b|permission denied/i.test(trouble))
        lines.push(
          `names of containers are missing: ${trouble}: run with sudo, or as a member of the socket's group`,
        );
  return lines;
}

function ownStatus(): string {
  try {
    return readFileSync('/proc/self/status', 'latin1');
  } catch {
    return '';
  }
}
