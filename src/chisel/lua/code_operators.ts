import type { BinaryOp } from './ast.js';

/*
 * Lua's operators between two operands that can be read again: as JavaScript's where the operands are of the type that the
 * operator is for, and by the helpers of ops.ts for all others.
 */

/** For two numbers, of `..` two texts. */
export function plainOperation(op: BinaryOp, a: string, b: string): string {
  switch (op) {
    case '..':
      return `${a}+${b}`;
    case '%':
      return `${a}-Math.floor(${a}/${b})*${b}`;
    case '^':
      return `Math.pow(${a},${b})`;
    case '-':
      return `${a}- ${b}`;
    default:
      return `${a}${op}${b}`;
  }
}

/** For operands of any type. `names` tells an error what they are. */
export function anyOperation(op: BinaryOp, a: string, b: string, names: string): string {
  switch (op) {
    case '..':
      return `$concat(${a},${b},${names})`;
    case '<':
      return `$lt(${a},${b})`;
    case '<=':
      return `$le(${a},${b})`;
    case '>':
      return `$lt(${b},${a})`;
    case '>=':
      return `$le(${b},${a})`;
    default:
      return `$arith("${op}",${a},${b},${names})`;
  }
}

/** Whether the operator gives true or false. */
export function isComparison(op: BinaryOp): boolean {
  return op === '==' || op === '~=' || op === '<' || op === '<=' || op === '>' || op === '>=';
}
