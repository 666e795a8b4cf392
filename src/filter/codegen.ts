import { operandKey, type PlannedOperand, type Predicate } from './plan.js';
import type { Inline, TestNode } from './test_tree.js';

/** Sets up to this size are written out as comparisons. */
const WRITTEN_OUT = 4;

/**
 * Writes the tree as one JavaScript function and compiles it: a predicate of this form costs a third of a tree of
 * closures. Only constants that are quoted here and references to functions enter the code, never text of the user's.
 *
 * `verdicts`: per event type 0 no, 1 yes, 2 ask `known`, 3 ask `all` (types of which the table says nothing).
 *
 * @throws EvalError where code generation is forbidden (`--disallow-code-generation-from-strings`).
 */
export function generate(verdicts: Uint8Array, known: TestNode, all: TestNode): Predicate {
  const constants: unknown[] = [verdicts];
  const knownBody = new Writer(constants).body(known);
  const allBody = new Writer(constants).body(all);
  const names = constants.map((_, i) => `k${i}`).join(',');
  const source = `const [${names}]=k;
function known(ev,m){${knownBody}}
function all(ev,m){${allBody}}
return function matches(ev,m){const d=k0[ev.type];return d===0?false:d===2?known(ev,m):d===1?true:all(ev,m)}`;
  const make = new Function('k', source) as (k: readonly unknown[]) => Predicate;
  return make(constants);
}

class Writer {
  private readonly constants: unknown[];
  /** Operands read more than once are kept in a local variable. */
  private readonly shared = new Map<string, string>();
  private readonly counts = new Map<string, number>();
  private readonly names = new Map<unknown, string>();
  private temps = 0;

  constructor(constants: unknown[]) {
    this.constants = constants;
  }

  body(node: TestNode): string {
    this.count(node);
    const text = this.expression(node);
    const locals = [...this.shared.values()].map((name) => `${name}=k0`);
    for (let i = 0; i < this.temps; i++) locals.push(`t${i}`);
    return `${locals.length > 0 ? `let ${locals.join(',')};` : ''}return ${text};`;
  }

  private count(node: TestNode): void {
    if (node.kind === 'and' || node.kind === 'or') for (const item of node.items) this.count(item);
    else if (node.kind === 'not') this.count(node.item);
    else if (node.kind === 'type') this.count(node.rest);
    else if ('operand' in node) {
      this.countOperand(node.operand);
      if (node.kind === 'pair') this.countOperand(node.other);
    }
  }

  private countOperand(operand: PlannedOperand): void {
    this.counts.set(operandKey(operand), (this.counts.get(operandKey(operand)) ?? 0) + 1);
  }

  private constant(value: unknown): string {
    let name = this.names.get(value);
    if (name === undefined) {
      name = `k${this.constants.push(value) - 1}`;
      this.names.set(value, name);
    }
    return name;
  }

  private temp(): string {
    return `t${this.temps++}`;
  }

  /** The value of an operand: a call, or a variable filled by the first use. The table k0 marks one not yet read. */
  private value(operand: PlannedOperand): string {
    const call = `${this.constant(operand.extract)}(ev,m)`;
    if ((this.counts.get(operandKey(operand)) ?? 0) < 2) return call;
    let name = this.shared.get(operandKey(operand));
    if (name === undefined) {
      name = `v${this.shared.size}`;
      this.shared.set(operandKey(operand), name);
    }
    return `(${name}===k0?(${name}=${call}):${name})`;
  }

  private expression(node: TestNode): string {
    switch (node.kind) {
      case 'const':
        return String(node.value);
      case 'exists':
        return `(${this.value(node.operand)}!==undefined)`;
      case 'run':
        return `${this.constant(node.run)}(ev,m)`;
      case 'type': {
        const table = `${this.constant(node.table)}[ev.type]`;
        return `(${table}===1||${table}!==0&&${this.expression(node.rest)})`;
      }
      case 'not':
        return `!${this.expression(node.item)}`;
      case 'and':
        return `(${node.items.map((item) => this.expression(item)).join('&&')})`;
      case 'or':
        return `(${node.items.map((item) => this.expression(item)).join('||')})`;
      case 'pair': {
        const a = this.temp();
        const b = this.temp();
        const test = this.constant(node.test);
        const left = `(${a}=${this.value(node.operand)})!==undefined`;
        return `(${left}&&(${b}=${this.value(node.other)})!==undefined&&${test}(${a},${b}))`;
      }
      default: {
        const written = node.inline === undefined ? undefined : this.inline(node.operand, node.inline);
        if (written !== undefined) return written;
        const t = this.temp();
        return `((${t}=${this.value(node.operand)})!==undefined&&${this.constant(node.test)}(${t}))`;
      }
    }
  }

  private inline(operand: PlannedOperand, inline: Inline): string | undefined {
    const { op, values } = inline;
    const text = operand.cls === 'text';
    const first = values.length > 0 ? written(values[0]) : '""';
    // Doubles and bigints are equal by value under loose equality.
    const equal = text || operand.cls === 'bool' ? '===' : '==';
    const value = this.value(operand);
    if ((op === '=' || op === 'in' || op === 'intersects') && values.length === 1)
      return `(${value}${equal}${first})`;
    const t = this.temp();
    const there = `(${t}=${value})!==undefined`;
    switch (op) {
      case '=':
      case 'in':
      case 'intersects':
        if (values.length === 0) return 'false';
        if (values.length > WRITTEN_OUT) return undefined;
        return `(${there}&&(${values.map((v) => `${t}${equal}${written(v)}`).join('||')}))`;
      case '!=': {
        if (values.length > WRITTEN_OUT) return undefined;
        const differs = equal === '===' ? '!==' : '!=';
        return `(${there}&&${values.map((v) => `${t}${differs}${written(v)}`).join('&&')})`;
      }
      case '<':
      case '<=':
      case '>':
      case '>=':
        return text ? `(${there}&&${t}${op}${first})` : `(${value}${op}${first})`;
      case 'contains':
        return `(typeof(${t}=${value})==='string'&&${t}.includes(${first}))`;
      case 'startswith':
        return `(typeof(${t}=${value})==='string'&&${t}.startsWith(${first}))`;
      case 'endswith':
        return `(typeof(${t}=${value})==='string'&&${t}.endsWith(${first}))`;
      default:
        return undefined;
    }
  }
}

/** A constant as source text; byte strings in pure ASCII. */
function written(value: string | number | bigint | boolean): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number') return value < 0 ? `(${value})` : String(value);
  if (typeof value === 'boolean') return String(value);
  const escaped = value.replace(
    /[^ !#-[\]-~]/g,
    (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `"${escaped}"`;
}
