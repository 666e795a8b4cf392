/**
 * The tree of a filter as written: nothing is resolved yet. Offsets are UTF-16 units of the filter text.
 * Literal text is a byte string (UTF-8 bytes as char codes 0..255), as captured text is.
 */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A constant: `cat`, `'a b'`, `10ms`. */
export interface Literal extends Span {
  readonly kind: 'literal';
  readonly text: string;
}

/** A field as written, with its argument: `proc.name`, `evt.arg.fd`, `proc.aname[2]`. */
export interface FieldRef extends Span {
  readonly kind: 'field';
  readonly name: string;
}

export const TRANSFORMERS = [
  'tolower',
  'toupper',
  'b64',
  'basename',
  'len',
  'join',
  'concat',
  'getopt',
] as const;
export type TransformerName = (typeof TRANSFORMERS)[number];

/** Several operands in brackets, as argument of a transformer: `join(",", (proc.name, proc.pname))`. */
export interface ArgList extends Span {
  readonly kind: 'list';
  readonly items: readonly TransformArg[];
}

export type TransformArg = Operand | Literal | ArgList;

/** `tolower(proc.name)`, `getopt(proc.args, "ab:")[b]`. */
export interface Transform extends Span {
  readonly kind: 'transform';
  readonly name: TransformerName;
  readonly args: readonly TransformArg[];
  /** Text in the brackets behind it. */
  readonly arg?: string;
}

export type Operand = FieldRef | Transform;

/** `val(field)` on the right side of an operator. */
export interface FieldValueRef extends Span {
  readonly kind: 'val';
  readonly field: FieldRef;
}

/** `(a, b, c)` */
export interface LiteralList extends Span {
  readonly kind: 'values';
  readonly items: readonly Literal[];
}

export type Quantifier = 'oneof' | 'anyof' | 'allof';

export const OPERATORS = [
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
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
  'in',
  'intersects',
  'exists',
] as const;
/** `==` is read as `=`. */
export type Operator = (typeof OPERATORS)[number];

/** One comparison. */
export interface Check extends Span {
  readonly kind: 'check';
  readonly left: Operand;
  readonly op: Operator;
  readonly opStart: number;
  /** `field op oneof (list)`. */
  readonly quantifier?: Quantifier;
  /** Absent for `exists`. A list for `in`, `intersects`, `pmatch` and behind a quantifier. */
  readonly right?: Literal | LiteralList | FieldValueRef | Transform;
}

/** `and` / `or` of two or more parts; a part is never of the same kind itself. */
export interface Group extends Span {
  readonly kind: 'and' | 'or';
  readonly items: readonly Node[];
}

/** Negation; its item is never itself a negation. */
export interface Not extends Span {
  readonly kind: 'not';
  readonly item: Node;
}

export type Node = Check | Group | Not;
