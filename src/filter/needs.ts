import { eachCheck, type PlannedNode, type PlannedOperand } from './plan.js';

/** What a filter looks at, so that no more state is kept than that. */
export interface FilterNeeds {
  /** The thread table: proc.*, thread.*, and all that hangs on them. */
  readonly threads: boolean;
  /** Fd tables. */
  readonly fds: boolean;
  readonly containers: boolean;
  readonly users: boolean;
  /** Parameters of the event itself. */
  readonly params: boolean;
}

/** Fields of evt.* that the event header alone gives. */
const HEADER =
  /^(evt\.(num|type|type\.is|dir|cpu|count|time|time\.s|time\.iso8601|datetime|datetime\.s|rawtime|rawtime\.s|rawtime\.ns|reltime|reltime\.s|reltime\.ns|deltatime|deltatime\.s|deltatime\.ns|is_io|is_io_read|is_io_write|io_dir|is_wait|source|is_async|hostname)|syscall\.type|util\.cnt)$/;
/** Fields of evt.* that look at parameters but not at any state. */
const PARAMS = /^evt\.(rawarg|res|rawres|failed|buffer|is_open_\w+|asynctype)$/;

const NOTHING: FilterNeeds = { threads: false, fds: false, containers: false, users: false, params: false };

/** What a field needs, by its name. Unknown classes need everything. */
export function fieldNeeds(name: string): FilterNeeds {
  if (HEADER.test(name)) return { ...NOTHING, params: true };
  if (PARAMS.test(name)) return { ...NOTHING, params: true };
  if (/^evt\.latency/.test(name)) return { ...NOTHING, threads: true };
  if (/^(evt|fs|syslog|fdlist)\./.test(name)) return { ...NOTHING, threads: true, fds: true, params: true };
  if (/^((user|group)\.|thread\.cap)/.test(name)) return { ...NOTHING, threads: true, users: true };
  if (/^(container|k8s|mesos|marathon)\./.test(name)) return { ...NOTHING, threads: true, containers: true };
  if (/^fd\.container/.test(name))
    return { threads: true, fds: true, containers: true, users: false, params: true };
  if (/^fd\./.test(name)) return { ...NOTHING, threads: true, fds: true, params: true };
  if (/^proc\.(is_container_|is_)/.test(name)) return { ...NOTHING, threads: true, containers: true };
  if (/^proc\.(fd|std|cwd)/.test(name)) return { ...NOTHING, threads: true, fds: true };
  if (/^(proc|thread)\./.test(name)) return { ...NOTHING, threads: true };
  return { threads: true, fds: true, containers: true, users: true, params: true };
}

/** Joins needs: of several fields, of a filter and a template. */
export function joinNeeds(a: FilterNeeds, b: FilterNeeds): FilterNeeds {
  return {
    threads: a.threads || b.threads,
    fds: a.fds || b.fds,
    containers: a.containers || b.containers,
    users: a.users || b.users,
    params: a.params || b.params,
  };
}

/** What a whole filter needs. */
export function filterNeeds(node: PlannedNode): FilterNeeds {
  let needs = NOTHING;
  const add = (operand: PlannedOperand | undefined): void => {
    if (operand === undefined) return;
    for (const field of operand.fields) needs = joinNeeds(needs, fieldNeeds(field.def.name));
  };
  eachCheck(node, (check) => {
    add(check.operand);
    add(check.other);
  });
  return needs;
}
