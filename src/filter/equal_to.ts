import type { PlannedCheck } from './plan.js';

/** The values of `field = a`, `field in (a, b)`; null for any other check. */
export function equalTo<T>(
  check: PlannedCheck,
  fieldName: string,
  convert: (text: string, value: unknown) => T,
): ReadonlySet<T> | null {
  const { field, multi } = check.operand;
  if (field?.text !== fieldName || multi !== undefined) return null;
  if (check.custom !== undefined || check.other !== undefined || check.quantifier !== undefined) return null;
  if (check.op !== '=' && check.op !== 'in' && check.op !== 'intersects') return null;
  return new Set(check.texts.map((text, i) => convert(text, check.values[i])));
}
