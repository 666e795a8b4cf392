import type { EventView } from '../event/view.js';
import { EVENT_NAMES, EVT_TYPE_ALIASES } from '../fields/event_name.js';
import { FieldError, type FieldValue, type MultiKind, type PlannedField } from '../fields/field.js';
import { suggest } from '../fields/suggest.js';
import type { Machine } from '../machine/machine.js';
import { PT } from '../scap/events.generated.js';
import type {
  Check,
  FieldRef,
  Literal,
  Node,
  Operand,
  Operator,
  Quantifier,
  Transform,
  TransformArg,
} from './ast.js';
import { EITHER_END } from './either_end.js';
import { FilterError } from './error.js';
import { toByteString } from './lexer.js';
import { convertLiteral, type LiteralValue } from './literals.js';
import * as T from './transformers.js';

/** How values compare. 'dynamic': the event decides (evt.rawarg). */
export type ValueClass = 'number' | 'bool' | 'text' | 'bytes' | 'ip' | 'net' | 'dynamic';

export type Predicate = (ev: EventView, machine: Machine) => boolean;
export type Extract = (ev: EventView, machine: Machine) => FieldValue;

/** A field, or a transformer over fields, ready to be read. */
export interface PlannedOperand {
  /** Normalised text. */
  readonly text: string;
  /** Set where equal texts do not mean equal values: see COUNTING. */
  readonly key?: string | undefined;
  readonly cls: ValueClass;
  /** PT_* number. */
  readonly type: number;
  readonly multi?: MultiKind | undefined;
  readonly extract: Extract;
  /** Set when it is a plain field. */
  readonly field?: PlannedField | undefined;
  /** All fields that are read for it: itself, or those within a transformer. */
  readonly fields: readonly PlannedField[];
}

/** A check with its field resolved and its values converted. */
export interface PlannedCheck {
  readonly kind: 'check';
  readonly check: Check;
  readonly operand: PlannedOperand;
  readonly op: Operator;
  readonly quantifier?: Quantifier | undefined;
  /** Converted constants; empty for `exists` and where `other` stands. */
  readonly values: readonly LiteralValue[];
  /** The same as written, byte strings. `evt.type=open` is widened to its family. */
  readonly texts: readonly string[];
  /** The right side where it is a field or transformer. */
  readonly other?: PlannedOperand | undefined;
  /** The field's own comparison. */
  readonly custom?: Predicate | undefined;
}

export interface PlannedGroup {
  readonly kind: 'and' | 'or';
  readonly items: readonly PlannedNode[];
}

export interface PlannedNot {
  readonly kind: 'not';
  readonly item: PlannedNode;
}

export type PlannedNode = PlannedCheck | PlannedGroup | PlannedNot;

export interface PlanOptions {
  /** Finds a field: normally `planField` of the registry. */
  readonly resolveField: (text: string) => PlannedField;
  /** `evt.type=open` also means openat and openat2. */
  readonly openFamily: boolean;
  /** Fields of either end of a connection are read here instead of by their own extractor. */
  readonly eitherEnd: boolean;
  /** Only what sysdig and falco take: no units, no hexadecimal. */
  readonly strict: boolean;
}

const ORDER: ReadonlySet<Operator> = new Set(['<', '<=', '>', '>=']);
const EQUALITY: ReadonlySet<Operator> = new Set(['=', '!=', 'in', 'intersects', 'exists']);
const TEXT_ONLY: ReadonlySet<Operator> = new Set([
  'contains',
  'icontains',
  'bcontains',
  'startswith',
  'bstartswith',
  'endswith',
  'glob',
  'iglob',
  'regex',
  'pmatch',
]);

/** Class of a parameter type. */
export function classOf(type: number): ValueClass {
  switch (type) {
    case PT.BOOL:
      return 'bool';
    case PT.CHARBUF:
    case PT.FSPATH:
    case PT.FSRELPATH:
    case PT.CHARBUFARRAY:
    case PT.CHARBUF_PAIR_ARRAY:
    case PT.SOCKADDR:
    case PT.SOCKTUPLE:
    case PT.FDLIST:
      return 'text';
    case PT.BYTEBUF:
      return 'bytes';
    case PT.IPADDR:
    case PT.IPV4ADDR:
    case PT.IPV6ADDR:
      return 'ip';
    case PT.IPNET:
    case PT.IPV4NET:
    case PT.IPV6NET:
      return 'net';
    case PT.DYN:
    case PT.SIGSET:
    case PT.NONE:
      return 'dynamic';
    default:
      return 'number';
  }
}

const CLASS_WORDS: Readonly<Record<ValueClass, string>> = {
  number: 'a number',
  bool: 'true or false',
  text: 'text',
  bytes: 'a byte buffer',
  ip: 'an IP address',
  net: 'a network address',
  dynamic: 'a parameter',
};

/**
 * Resolves the fields of a tree and converts its constants.
 * @throws FilterError
 */
export function planFilter(node: Node, text: string, options: PlanOptions): PlannedNode {
  return new Planner(text, options).node(node);
}

/**
 * Fields whose value depends on when they were read last, as in sysdig: each check of one counts for itself, and none may
 * be skipped or reordered.
 */
export const COUNTING = /^(evt\.deltatime(\.\w+)?|util\.cnt)$/;

class Planner {
  private readonly filter: string;
  private readonly options: PlanOptions;
  private counting = 0;

  constructor(filter: string, options: PlanOptions) {
    this.filter = filter;
    this.options = options;
  }

  private fail(message: string, at: { start: number; end: number }, suggestion?: string): never {
    throw new FilterError(message, this.filter, at.start, at.end, suggestion);
  }

  node(node: Node): PlannedNode {
    if (node.kind === 'check') return this.check(node);
    if (node.kind === 'not') return { kind: 'not', item: this.node(node.item) };
    return { kind: node.kind, items: node.items.map((item) => this.node(item)) };
  }

  private check(check: Check): PlannedCheck {
    const { op, right, quantifier } = check;
    const operand = this.operand(check.left);
    this.checkOperator(check, operand);
    if (right === undefined) return { kind: 'check', check, operand, op, values: [], texts: [] };
    if (right.kind === 'val' || right.kind === 'transform') {
      const other = this.rightOperand(check, operand, right.kind === 'val' ? right.field : right);
      return { kind: 'check', check, operand, op, quantifier, values: [], texts: [], other };
    }
    const literals = right.kind === 'literal' ? [right] : right.items;
    const custom = this.custom(operand, op, quantifier, literals, check);
    if (custom !== undefined) {
      const texts = literals.map((item) => item.text);
      return { kind: 'check', check, operand, op, quantifier, values: [], texts, custom };
    }
    const values = literals.map((item) => this.literal(item, check, operand));
    const name = operand.field?.def.name;
    let texts = literals.map((item) => item.text);
    if (name === 'evt.type' || name === 'syscall.type') {
      if (EQUALITY.has(op)) for (const item of literals) this.checkEventName(item);
      const wide =
        name === 'evt.type' &&
        this.options.openFamily &&
        texts.some((text) => Object.hasOwn(EVT_TYPE_ALIASES, text));
      const asOp = wide ? familyOperator(op, quantifier, texts.length) : undefined;
      if (asOp !== undefined) {
        texts = [
          ...new Set(
            texts.flatMap((text) => [
              text,
              ...(Object.hasOwn(EVT_TYPE_ALIASES, text) ? EVT_TYPE_ALIASES[text] : []),
            ]),
          ),
        ];
        return { kind: 'check', check, operand, op: asOp, values: texts, texts };
      }
    }
    return { kind: 'check', check, operand, op, quantifier, values, texts };
  }

  private checkEventName(item: Literal): void {
    if (EVENT_NAMES.has(item.text)) return;
    const hint = item.text.includes(',') ? ': several are written as a list, evt.type in (a, b)' : '';
    this.fail(`unknown event type '${item.text}'${hint}`, item, suggest(item.text, EVENT_NAMES));
  }

  private custom(
    operand: PlannedOperand,
    op: Operator,
    quantifier: Quantifier | undefined,
    literals: readonly Literal[],
    check: Check,
  ): Predicate | undefined {
    const compare = operand.field?.compare;
    if (compare === undefined || quantifier !== undefined) return undefined;
    try {
      return compare(
        op,
        literals.map((item) => item.text),
      );
    } catch (error) {
      if (!(error instanceof Error) || error instanceof TypeError) throw error;
      const at = check.right ?? check;
      return this.fail(error.message, literals.length > 0 ? at : check);
    }
  }

  private literal(item: Literal, check: Check, operand: PlannedOperand): LiteralValue {
    const name = operand.field?.def.name ?? '';
    // Ids are no amounts: 4KB of a pid is a slip.
    const units = !this.options.strict && operand.field?.fmt !== 'id';
    const value = convertLiteral(item.text, check.op, operand.cls, operand.type, name, units);
    if (typeof value === 'object' && 'error' in value) this.fail(value.error, item);
    return value;
  }

  private checkOperator(check: Check, operand: PlannedOperand): void {
    const { op, opStart } = check;
    const at = { start: opStart, end: opStart + op.length };
    const written = operand.text;
    if (operand.field?.def.printOnly === true)
      this.fail(`${written} is for output formats, not for filters`, check.left);
    if (operand.multi === 'list' && !(op === 'in' || op === 'intersects' || op === 'exists'))
      if (operand.field?.compare === undefined)
        this.fail(`${written} is a list: use 'in' (all are), 'intersects' (one is) or 'exists'`, at);
    const { cls } = operand;
    if (EQUALITY.has(op) || cls === 'dynamic' || operand.field?.compare !== undefined) return;
    const wants = CLASS_WORDS[cls];
    if (cls === 'text') {
      if (this.options.strict && (op === 'bcontains' || op === 'bstartswith'))
        this.fail(`'${op}' is for byte buffers, ${written} is text`, at);
      return;
    }
    if (cls === 'bytes') {
      if (ORDER.has(op) || op === 'pmatch') this.fail(`'${op}' does not work on ${wants} (${written})`, at);
      return;
    }
    if (TEXT_ONLY.has(op)) this.fail(`'${op}' works on text, and ${written} is ${wants}`, at);
    if (ORDER.has(op) && cls !== 'number')
      this.fail(`'${op}' works on numbers, and ${written} is ${wants}`, at);
  }

  private rightOperand(check: Check, left: PlannedOperand, node: Operand): PlannedOperand {
    const { op } = check;
    if (op === 'regex' || op === 'pmatch') this.fail(`'${op}' wants constants on its right side`, node);
    const right = this.operand(node);
    if (right.field?.def.noRhsField === true || right.multi === 'ends' || right.multi === 'ancestors')
      this.fail(`${right.text} cannot stand on the right side`, node);
    const textual = (cls: ValueClass): boolean => cls === 'text' || cls === 'bytes';
    const fits =
      left.cls === right.cls ||
      left.cls === 'dynamic' ||
      right.cls === 'dynamic' ||
      (textual(left.cls) && textual(right.cls));
    if (!fits)
      this.fail(`${left.text} is ${CLASS_WORDS[left.cls]}, ${right.text} is ${CLASS_WORDS[right.cls]}`, node);
    return right;
  }

  private operand(node: Operand): PlannedOperand {
    return node.kind === 'field' ? this.field(node) : this.transform(node);
  }

  private field(node: FieldRef): PlannedOperand {
    let field: PlannedField;
    try {
      // Arguments are compared with captured bytes.
      field = this.options.resolveField(toByteString(node.name));
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      const start = Math.min(node.end, node.start + Math.max(0, error.offset));
      throw new FilterError(error.message, this.filter, start, Math.max(node.end, start), error.suggestion);
    }
    // The type of a raw parameter may differ from event to event.
    const cls = field.def.name === 'evt.rawarg' ? 'dynamic' : classOf(field.type);
    const multi = field.multi ?? (field.def.isList === true ? 'list' : undefined);
    // A number of its own for each check keeps them apart.
    const key = COUNTING.test(field.def.name) ? `${field.text}#${this.counting++}` : undefined;
    return {
      text: field.text,
      key,
      cls,
      type: field.type,
      multi,
      extract: this.options.eitherEnd ? (EITHER_END[field.text] ?? field.extract) : field.extract,
      field,
      fields: [field],
    };
  }

  private transform(node: Transform): PlannedOperand {
    switch (node.name) {
      case 'tolower':
        return this.simple(node, 'text', PT.CHARBUF, T.toLower);
      case 'toupper':
        return this.simple(node, 'text', PT.CHARBUF, T.toUpper);
      case 'b64':
        return this.simple(node, 'text', PT.CHARBUF, T.fromBase64);
      case 'basename':
        return this.simple(node, 'text', PT.CHARBUF, T.baseName);
      case 'len':
        return this.simple(node, 'number', PT.UINT64, T.lengthOf);
      case 'join':
        return this.join(node);
      case 'concat':
        return this.concat(node);
      default:
        return this.getopt(node);
    }
  }

  private noBrackets(node: Transform): void {
    if (node.arg !== undefined) this.fail(`${node.name}() takes no argument in brackets`, node);
  }

  private simple(
    node: Transform,
    cls: ValueClass,
    type: number,
    apply: (v: FieldValue) => FieldValue,
  ): PlannedOperand {
    this.noBrackets(node);
    if (node.args.length !== 1) this.fail(`${node.name}() takes one field`, node);
    const arg = this.textArgument(node, node.args[0], node.name === 'len');
    const { extract, fields } = arg;
    return {
      text: `${node.name}(${arg.text})`,
      cls,
      type,
      fields,
      extract: (ev, m) => apply(extract(ev, m)),
    };
  }

  /** An argument that must be text (or bytes, or with `list` a list). */
  private textArgument(node: Transform, arg: TransformArg, list: boolean): PlannedOperand {
    if (arg.kind === 'literal') {
      const { text } = arg;
      return {
        text: JSON.stringify(text),
        cls: 'text',
        type: PT.CHARBUF,
        fields: [],
        extract: () => text,
      };
    }
    if (arg.kind === 'list') {
      if (!list) this.fail(`${node.name}() takes no list here`, arg);
      const items = arg.items.map((item) => this.textArgument(node, item, false));
      return {
        text: `(${items.map((item) => item.text).join(',')})`,
        cls: 'text',
        type: PT.CHARBUF,
        multi: 'list',
        fields: items.flatMap((item) => item.fields),
        extract: (ev, m) => items.map((item) => item.extract(ev, m)),
      };
    }
    const operand = this.operand(arg);
    if (
      operand.field?.def.noTransformer === true ||
      operand.multi === 'ends' ||
      operand.multi === 'ancestors'
    )
      this.fail(`${operand.text} cannot be transformed`, arg);
    if (operand.multi === 'list' && !list)
      this.fail(`${node.name}() takes text, and ${operand.text} is a list`, arg);
    if (
      operand.cls !== 'text' &&
      operand.cls !== 'bytes' &&
      operand.cls !== 'dynamic' &&
      operand.multi !== 'list'
    )
      this.fail(`${node.name}() takes text, and ${operand.text} is ${CLASS_WORDS[operand.cls]}`, arg);
    return operand;
  }

  private join(node: Transform): PlannedOperand {
    this.noBrackets(node);
    if (node.args.length !== 2) this.fail('join() takes a separator and a list', node);
    const sep = this.textArgument(node, node.args[0], false);
    const list = this.textArgument(node, node.args[1], true);
    return {
      text: `join(${sep.text},${list.text})`,
      cls: 'text',
      type: PT.CHARBUF,
      fields: [...sep.fields, ...list.fields],
      extract: (ev, m) => {
        const values = list.extract(ev, m);
        if (values === undefined) return undefined;
        return T.join(sep.extract(ev, m), Array.isArray(values) ? values : [values]);
      },
    };
  }

  private concat(node: Transform): PlannedOperand {
    this.noBrackets(node);
    if (node.args.length < 2) this.fail('concat() takes two or more texts', node);
    const parts = node.args.map((arg) => this.textArgument(node, arg, false));
    return {
      text: `concat(${parts.map((part) => part.text).join(',')})`,
      cls: 'text',
      type: PT.CHARBUF,
      fields: parts.flatMap((part) => part.fields),
      extract: (ev, m) =>
        T.join(
          '',
          parts.map((part) => part.extract(ev, m)),
        ),
    };
  }

  private getopt(node: Transform): PlannedOperand {
    const [first, spec] = node.args;
    if (node.args.length !== 2 || spec.kind !== 'literal')
      return this.fail('getopt() takes arguments and a text of option letters', node);
    const args = this.textArgument(node, first, true);
    const option = node.arg === undefined ? undefined : toByteString(node.arg);
    if (option !== undefined && option.length !== 1) this.fail('getopt()[c] takes one option letter', node);
    return {
      text: `getopt(${args.text},${JSON.stringify(spec.text)})${option === undefined ? '' : `[${option}]`}`,
      cls: 'text',
      type: PT.CHARBUF,
      multi: option === undefined ? 'list' : undefined,
      fields: args.fields,
      extract: (ev, m) => T.getOptions(args.extract(ev, m), spec.text, option),
    };
  }
}

/**
 * The operator over the widened list when `open` stands for its family: `in` for what matches one of the values, `!=`
 * (none of them) for what excludes them; undefined where the quantifier leaves nothing to widen.
 */
function familyOperator(
  op: Operator,
  quantifier: Quantifier | undefined,
  count: number,
): Operator | undefined {
  if (op === '=' || op === 'in' || op === 'intersects')
    return quantifier === 'allof' && count > 1 ? undefined : 'in';
  if (op !== '!=') return undefined;
  return quantifier === undefined || quantifier === 'allof' || count === 1 ? '!=' : undefined;
}

/** Equal keys give equal values for one event. */
export function operandKey(operand: PlannedOperand): string {
  return operand.key ?? operand.text;
}

/** Calls `visit` for every check, in the order of the text. */
export function eachCheck(node: PlannedNode, visit: (check: PlannedCheck) => void): void {
  if (node.kind === 'check') visit(node);
  else if (node.kind === 'not') eachCheck(node.item, visit);
  else for (const item of node.items) eachCheck(item, visit);
}
