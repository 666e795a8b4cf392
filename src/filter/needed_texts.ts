import type { PlannedCheck, PlannedNode } from './plan.js';

/** Fields whose names a recording tells, or that are put together of those at slashes. */
const NAMES = /^fd\.(name|directory|filename)$/;
/** Operators that hold only where each part of the constant stands in the value. */
const HOLDING: ReadonlySet<string> = new Set(['=', 'in', 'contains', 'startswith', 'endswith', 'pmatch']);
/** Shorter ones occur anywhere. */
const SHORTEST = 3;
/** What stands in names that nobody told. */
const MADE_UP = '<UNKNOWN>';
/** Addresses, ports and pointers are made of other letters. */
const TELLING = /[g-zG-Z_]/;

/**
 * Byte strings of which at least one must have occurred in a recording (in its head, or in an event) before the filter can let
 * an event pass; null where nothing can be said of it.
 */
export function neededTexts(node: PlannedNode): readonly string[] | null {
  if (node.kind === 'check') return textsOf(node);
  if (node.kind === 'not') return null;
  const found = node.items.map(neededTexts);
  if (node.kind === 'and') return found.reduce(fewer, null);
  if (found.includes(null)) return null;
  return [...new Set(found.flatMap((texts) => texts ?? []))];
}

function fewer(a: readonly string[] | null, b: readonly string[] | null): readonly string[] | null {
  if (a === null || b === null) return a ?? b;
  return b.length < a.length ? b : a;
}

function textsOf(check: PlannedCheck): readonly string[] | null {
  const { operand, op, quantifier, texts, other, custom } = check;
  const named = operand.field !== undefined && NAMES.test(operand.field.def.name);
  if (!named || !HOLDING.has(op) || quantifier !== undefined || other !== undefined || custom !== undefined)
    return null;
  const parts = texts.map(tellingPart);
  if (parts.length === 0 || parts.includes('')) return null;
  return [...new Set(parts)];
}

/** The longest part of a name that can only have come from the recording as a whole; '': there is none. */
function tellingPart(text: string): string {
  const parts = (text.match(/[\w.-]+/g) ?? []).filter(
    (part) => part.length >= SHORTEST && TELLING.test(part) && !MADE_UP.includes(part),
  );
  return parts.reduce((longest, part) => (part.length > longest.length ? part : longest), '');
}
