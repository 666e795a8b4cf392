import { EventView } from '../event/view.js';
import type { PlannedField } from '../fields/field.js';
import { encodeEvent } from '../scap/encode_event.js';
import { PPME } from '../scap/events.generated.js';
import { LuaTable } from './lua/table.js';
import type { ChiselFilter, ChiselRuntime } from './runtime.js';

/** Fields of each entry: what CPU tables have as columns. */
const FIELDS = ['proc.name', 'proc.pid', 'proc.vpid', 'container.name', 'container.id'] as const;
/** Where the thread id stands in an event block. */
const TID_OFFSET = 18;

/**
 * The threads that the user's filter lets pass, with how long each has been running on a CPU without a switch, so that
 * tables can show slices that have not ended and processes that sleep: the list behind sysdig.get_thread_cpu.
 * Threads that are not running are listed only for their process (its main thread). Fields are asked as of a
 * switch event of the thread.
 */
export class ThreadCpu {
  private readonly runtime: ChiselRuntime;
  private readonly view = new EventView();
  private readonly block: Buffer;
  private fields: readonly PlannedField[] | null = null;
  private filters: readonly ChiselFilter[] | null = null;

  constructor(runtime: ChiselRuntime) {
    this.runtime = runtime;
    this.block = encodeEvent(PPME.SCHEDSWITCH_6_E, { ts: 0n, tid: 0 }, [0, 0, 0, 0, 0, 0]);
    this.view.attach(this.block, new DataView(this.block.buffer, this.block.byteOffset, this.block.length));
  }

  /**
   * `nowNs`: time up to which slices are counted, ns since the epoch; `crossing`: the event of that time has not been
   * counted, so the slice that it ends, if it is a switch, still belongs to the list; `scope`: a filter beside the
   * user's, '' for none.
   */
  list(nowNs: bigint, crossing: boolean, scope = ''): LuaTable {
    const { runtime, view, block } = this;
    const machine = runtime.machine;
    const out = new LuaTable();
    if (machine === null) return out;
    this.fields ??= FIELDS.map((name) => runtime.planField(name));
    this.filters ??= [runtime.filterText, scope]
      .filter((text) => text !== '')
      .map((text) => runtime.compileFilter(text));
    const running = this.runningSince(nowNs);
    const current = machine.thread;
    if (crossing && current !== null && machine.execTime > 0) running.set(current.tid, machine.execTime);
    let n = 0;
    for (const thread of machine.threads.values()) {
      const ran = running.get(thread.tid);
      if (ran === undefined && thread.tid !== thread.pid) continue;
      block.writeBigInt64LE(BigInt(thread.tid), TID_OFFSET);
      view.at(0);
      machine.thread = thread;
      if (!this.filters.every((filter) => filter.matches(view, machine))) continue;
      const entry = LuaTable.record({ running_ns: ran ?? 0 });
      for (const field of this.fields) {
        // As evt.field gives them: pids are numbers, names are text.
        const value = field.extract(view, machine);
        if (typeof value === 'number' || typeof value === 'string') entry.set(field.text, value);
      }
      out.set(++n, entry);
    }
    machine.thread = current;
    return out;
  }

  /** ns that the thread on each CPU has run, by thread id. */
  private runningSince(nowNs: bigint): Map<number, number> {
    const { machine } = this.runtime;
    const running = new Map<number, number>();
    if (machine === null) return running;
    const now = Number(nowNs - BigInt(machine.baseSec) * 1_000_000_000n);
    for (const [cpu, tid] of machine.lastNext.entries()) {
      const since = machine.lastSwitch[cpu];
      if (tid > 0 && since !== undefined) running.set(tid, Math.max(0, now - since));
    }
    return running;
  }
}
