/**
 * Shape of the event table. The table itself (`EVENTS`, `PPME`) is generated into
 * `events.generated.ts` from `src/scap/data/`.
 */

/** Parameter types by their number in the format (PT_* of the scap format). */
export type ParamTypeName = string;

/** One parameter of an event type, in file order. */
export interface ParamInfo {
  readonly name: string;
  /** PT_* number: see `PT` in `events.generated.ts`. */
  readonly type: number;
  /** How sysdig prints it: 'na' | 'dec' | 'hex' | 'oct' | 'padded' | 'id' | 'list'. */
  readonly fmt: string;
  /** Key into `FLAG_TABLES`. */
  readonly flagsTable?: string;
  /** Key into `DYN_PARAMS` (PT_DYN alternatives). */
  readonly dynTable?: string;
  /** For PT_FSRELPATH: index of the directory fd parameter. */
  readonly dirfdParam?: number;
}

/** One event type. */
export interface EventInfo {
  readonly id: number;
  /** `PPME_SYSCALL_OPEN_E` without the `PPME_` prefix: `SYSCALL_OPEN_E`. */
  readonly name: string;
  /** What `evt.type` shows (`open`); generic events show their system call instead. */
  readonly evtName: string;
  readonly enter: boolean;
  /** Low part of the category: EC_* number. */
  readonly category: number;
  /** EC_* source bits (EC_SYSCALL 512, EC_TRACEPOINT 4096 …). */
  readonly source: number;
  /** EF_* bits: see `EF`. */
  readonly flags: number;
  readonly params: readonly ParamInfo[];
  /** Parameter count to write for a new event of this type. */
  readonly writeNparams: number;
}

/** [name, type, fmt, flagsTable, dynTable, 1 + dirfdParam]: what is missing is 0, or left out at the end. */
export type ParamRow = readonly [string, number, string, (string | 0)?, (string | 0)?, number?];

/** [name, evtName, enter, category, source, flags, writeNparams, params]. */
export type EventRow = readonly [string, string, number, number, number, number, number, readonly ParamRow[]];

/** The event table of its rows, which stand in the order of the ids. */
export function eventTable(rows: readonly EventRow[]): readonly EventInfo[] {
  return rows.map(([name, evtName, enter, category, source, flags, writeNparams, params], id) => ({
    id,
    name,
    evtName,
    enter: enter === 1,
    category,
    source,
    flags,
    params: params.map(paramInfo),
    writeNparams,
  }));
}

function paramInfo([name, type, fmt, flagsTable, dynTable, dirfd]: ParamRow): ParamInfo {
  const plain = { name, type, fmt };
  if (!flagsTable && !dynTable && !dirfd) return plain;
  return {
    ...plain,
    ...(flagsTable && { flagsTable }),
    ...(dynTable && { dynTable }),
    ...(dirfd && { dirfdParam: dirfd - 1 }),
  };
}
