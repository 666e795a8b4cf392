import { Verdict } from '../event/scan_codes.js';
import type { CompiledFilter } from '../filter/compile.js';
import { type FilterNeeds, fieldNeeds, joinNeeds } from '../filter/needs.js';
import { planPushdown } from '../filter/pushdown.js';
import type { Machine } from '../machine/machine.js';
import { PPME } from '../scap/events.generated.js';

/** One consumer's demand: which event types reach it, and what of the machine it looks at. */
export interface Demand {
  /** By event type: 1 = the consumer may look at it; null = at any. */
  readonly eventTypes: Uint8Array | null;
  readonly needs: FilterNeeds;
  /** The consumer's own filter, behind the run's. */
  readonly filter?: CompiledFilter | undefined;
  /** Whether it looks at use of processor or memory (as switches tell). Default true. */
  readonly usage?: boolean;
  /** Whether it looks at the processor time of threads as sampled once a second (procinfo). Default false. */
  readonly samples?: boolean;
}

/** Fields that switches and samples of the processor time bring up to date. */
const USAGE = /^(thread\.(exectime|totexectime|cpu|vm|pf)|proc\.vm)/;

/** Whether some of these fields tell of use of processor or memory. */
export function tellsUsage(fields: readonly { readonly def: { readonly name: string } }[]): boolean {
  return fields.some((field) => USAGE.test(field.def.name));
}

/** Fields that have values on samples of the processor time alone. */
const SAMPLED = /^thread\.cpu(\.|$)/;

/** Whether some of these fields need samples of the processor time. */
export function tellsSamples(fields: readonly { readonly def: { readonly name: string } }[]): boolean {
  return fields.some((field) => SAMPLED.test(field.def.name));
}

export const NO_NEEDS: FilterNeeds = {
  threads: false,
  fds: false,
  containers: false,
  users: false,
  params: false,
};
export const ALL_NEEDS: FilterNeeds = {
  threads: true,
  fds: true,
  containers: true,
  users: true,
  params: true,
};

/** What these fields need together. */
export function needsOfFields(fields: readonly { readonly def: { readonly name: string } }[]): FilterNeeds {
  return fields.reduce((needs, field) => joinNeeds(needs, fieldNeeds(field.def.name)), NO_NEEDS);
}

/** Events that pass both filters. */
export function bothTypes(a: Uint8Array | null, b: Uint8Array | null): Uint8Array | null {
  if (a === null) return b;
  if (b === null) return a;
  return joined(a, b, (one, other) => one & other);
}

/** Events that one of the two wants. */
export function eitherType(a: Uint8Array | null, b: Uint8Array | null): Uint8Array | null {
  return a === null || b === null ? null : joined(a, b, (one, other) => one | other);
}

/** Two tables as one, four types at a time: nearly all of them are of no event. */
function joined(a: Uint8Array, b: Uint8Array, join: (one: number, other: number) => number): Uint8Array {
  const both = a.slice();
  const kept = new Uint32Array(both.buffer);
  const others = new Uint32Array(b.slice().buffer);
  for (let i = 0; i < kept.length; i++) kept[i] = join(kept[i], others[i]);
  return both;
}

/** The demands of a whole run joined. */
export interface RunPlan {
  readonly needs: FilterNeeds;
  /** Types that some consumer looks at; null = any. */
  readonly eventTypes: Uint8Array | null;
  /** System calls by name that some consumer looks at; null = any. Tells generic calls apart, which types do not. */
  readonly calls: ReadonlySet<string> | null;
  /** PPM_SC codes of generic events that the filter may let pass; null = any. */
  readonly genericCodes: Uint8Array | null;
  /** Somebody looks at use of processor or memory. */
  readonly usage: boolean;
  /** Somebody looks at samples of the processor time. */
  readonly samples: boolean;
}

/** Joins the global filter's demand with those of the consumers behind it. */
export function planRun(filter: CompiledFilter | undefined, consumers: readonly Demand[]): RunPlan {
  let needs = filter?.needs ?? NO_NEEDS;
  let types: Uint8Array | null = new Uint8Array(65536);
  for (const consumer of consumers) {
    needs = joinNeeds(needs, consumer.needs);
    types = eitherType(types, consumer.eventTypes);
  }
  const eventTypes = bothTypes(types, filter?.eventTypes ?? null);
  const sampled =
    consumers.some((consumer) => consumer.samples ?? false) || tellsSamples(filter?.fields ?? []);
  return {
    needs,
    eventTypes,
    samples: sampled && eventTypes?.[PPME.PROCINFO_E] !== 0,
    calls: consumedCalls(consumers),
    genericCodes: filter?.genericCodes ?? null,
    usage: consumers.some((consumer) => consumer.usage ?? true) || tellsUsage(filter?.fields ?? []),
  };
}

function consumedCalls(consumers: readonly Demand[]): ReadonlySet<string> | null {
  const names = new Set<string>();
  for (const { eventTypes, filter } of consumers) {
    if (eventTypes?.every((wanted) => wanted === 0)) continue;
    const calls = filter === undefined ? null : planPushdown(filter).calls;
    if (calls === null) return null;
    for (const [name, halves] of calls) if (halves !== 0) names.add(name);
  }
  return names;
}

/**
 * Tells the machine what to keep up to date, and gives the table of event types that have to be processed at all:
 * the others are counted on their header alone. Undefined: all of them. Behind the 65536 types stand the codes of
 * generic events, to be looked at where the table has BY_CODE for the type.
 */
export function applyPlan(plan: RunPlan, machine: Machine): Uint8Array | undefined {
  const { needs, eventTypes } = plan;
  machine.plan({
    threads: needs.threads || needs.containers || needs.users,
    fds: needs.fds,
    usage: plan.usage,
    ...(eventTypes ? { types: eventTypes } : {}),
  });
  if (eventTypes === null) return undefined;
  const wanted = new Uint8Array(2 * 65536);
  wanted.set(plan.genericCodes ?? [], 65536);
  wanted.set(eventTypes);
  for (let type = 0; type < machine.interest.length; type++) wanted[type] |= machine.interest[type];
  // No handler looks at generic events.
  if (plan.genericCodes !== null)
    for (const type of [PPME.GENERIC_E, PPME.GENERIC_X])
      if (wanted[type] === 1) wanted[type] = Verdict.BY_CODE;
  return wanted;
}
