import type { FieldOptions, PlannedField } from '../fields/field.js';
import { planField } from '../fields/registry.js';
import { EVENTS } from '../scap/events.generated.js';
import { PPM_SC_NAMES } from '../scap/syscalls.generated.js';
import type { Node } from './ast.js';
import { generate } from './codegen.js';
import { type FilterNeeds, filterNeeds } from './needs.js';
import { parseFilter } from './parser.js';
import { COUNTING, eachCheck, type PlannedNode, type Predicate, planFilter } from './plan.js';
import { type Ruling, rulingOf } from './ruling.js';
import { buildTests, closure } from './test_tree.js';
import {
  Decisions,
  decide,
  GENERIC_TYPES,
  MAYBE,
  NEVER,
  type TypeFacts,
  type Verdict,
  verdictTable,
} from './type_table.js';

export { FilterError } from './error.js';
export type { FilterNeeds } from './needs.js';

export interface FilterOptions {
  /** Falco's grammar only: no loose values, no units. Default false. */
  readonly strict?: boolean;
  /** `evt.type=open` also means openat and openat2. Default true. */
  readonly openFamily?: boolean;
  /** Finds fields. Default: the registry of src/fields. */
  readonly resolveField?: (text: string) => PlannedField;
  /** How fields read: service names for ports (-R) are compared, too. */
  readonly fields?: FieldOptions;
  /** Run as closures instead of generated code. Default: only where code generation is forbidden. */
  readonly closures?: boolean;
}

/** A filter, compiled once to be asked for every event. */
export interface CompiledFilter {
  /** As the user wrote it. */
  readonly text: string;
  /**
   * Whether the machine's current event passes. Called behind `machine.process(ev)`. A check whose field has no value
   * is false, whatever its operator.
   */
  readonly matches: Predicate;
  readonly ast: Node;
  /** The tree with fields resolved: for the interpreter and for `planPushdown`. */
  readonly plan: PlannedNode;
  /** Every field that is read, once each. */
  readonly fields: readonly PlannedField[];
  /** By event type id (all 65536): 1 = an event of the type may match. null = any may. */
  readonly eventTypes: Uint8Array | null;
  /** The same for the calls that generic events stand for, by PPM_SC code (all 65536). null = any may match. */
  readonly genericCodes: Uint8Array | null;
  readonly needs: FilterNeeds;
  /** What can be said of a thread or an fd for all of its events at once; null: nothing. */
  readonly ruling: Ruling | null;
}

/** Types that the table does not decide: of them the whole filter is asked. */
const ASK_ALL = 3;

/**
 * Compiles a filter.
 * @throws FilterError with the place in the text: show its `render()`.
 */
export function compileFilter(text: string, options: FilterOptions = {}): CompiledFilter {
  const strict = options.strict ?? false;
  const ast = parseFilter(text, { strict });
  const plan = planFilter(ast, text, {
    resolveField: options.resolveField ?? ((name) => planField(name, options.fields)),
    openFamily: options.openFamily ?? true,
    eitherEnd: options.resolveField === undefined,
    strict,
  });
  const decisions = new Decisions();
  const verdicts = verdictTable((facts) => decide(plan, facts, decisions));
  // Beyond the table nothing can be said of a type: such events are asked for everything.
  const eventTypes = new Uint8Array(verdicts.length).fill(1);
  const known = new Uint8Array(EVENTS.length);
  const fields = fieldsOf(plan);
  const counting = fields.some((field) => COUNTING.test(field.def.name));
  verdicts.fill(ASK_ALL, counting ? 0 : EVENTS.length);
  let all = true;
  for (let t = 0; t < EVENTS.length; t++) {
    if (verdicts[t] === NEVER) {
      eventTypes[t] = 0;
      all = false;
    }
    if (verdicts[t] !== MAYBE) continue;
    // Generic events differ among each other.
    if (GENERIC_TYPES.includes(t) || EVENTS[t] === undefined) verdicts[t] = ASK_ALL;
    else known[t] = 1;
  }
  return {
    text,
    matches: run(plan, decisions, verdicts, known, options.closures ?? false),
    ast,
    plan,
    fields,
    eventTypes: all ? null : eventTypes,
    genericCodes: counting ? null : matchingCodes((facts) => decide(plan, facts, decisions)),
    needs: filterNeeds(plan),
    ruling: rulingOf(plan, options.fields?.portNames ?? false),
  };
}

function matchingCodes(judge: (facts: TypeFacts) => Verdict): Uint8Array | null {
  const codes = new Uint8Array(65536).fill(1);
  let all = true;
  for (let code = 1; code < PPM_SC_NAMES.length; code++) {
    const call = PPM_SC_NAMES[code];
    if (call === undefined || GENERIC_TYPES.some((type) => judge({ info: EVENTS[type], call }) !== NEVER))
      continue;
    codes[code] = 0;
    all = false;
  }
  return all ? null : codes;
}

function run(
  plan: PlannedNode,
  decisions: Decisions,
  verdicts: Uint8Array,
  known: Uint8Array,
  closures: boolean,
): Predicate {
  const forKnown = buildTests(plan, decisions, known);
  const forAll = buildTests(plan, decisions, null);
  if (!closures) {
    try {
      return generate(verdicts, forKnown, forAll);
    } catch (error) {
      if (!(error instanceof EvalError)) throw error;
    }
  }
  const ofKnown = closure(forKnown);
  const ofAll = closure(forAll);
  return (ev, m) => {
    const verdict = verdicts[ev.type];
    if (verdict === MAYBE) return ofKnown(ev, m);
    return verdict === ASK_ALL ? ofAll(ev, m) : verdict !== NEVER;
  };
}

function fieldsOf(plan: PlannedNode): PlannedField[] {
  const fields = new Map<string, PlannedField>();
  eachCheck(plan, (check) => {
    for (const operand of [check.operand, check.other])
      for (const field of operand?.fields ?? []) fields.set(field.text, field);
  });
  return [...fields.values()];
}
