import { suggest } from '../fields/suggest.js';
import {
  type ArgList,
  type Check,
  type FieldRef,
  type Literal,
  type LiteralList,
  type Node,
  OPERATORS,
  type Operand,
  type Operator,
  type Quantifier,
  TRANSFORMERS,
  type Transform,
  type TransformArg,
  type TransformerName,
} from './ast.js';
import { isBlank, Lexer } from './lexer.js';

/** Brackets, negations and transformers may nest this deep. */
export const MAX_NESTING = 100;

const SYMBOLS = ['==', '=', '!=', '<=', '<', '>=', '>'] as const;
const LIST_OPERATORS: readonly Operator[] = ['in', 'intersects', 'pmatch'];
const ORDER_OPERATORS: readonly Operator[] = ['<', '<=', '>', '>='];
const QUANTIFIERS = ['oneof', 'anyof', 'allof'] as const;

const UNIT = /^(ns|us|µs|ms|s|min|m|h|d|b|[kmgt]i?b?)$/i;

/** What people write instead of an operator, and what to write. */
const FOREIGN = new Map(
  Object.entries({
    '&&': "write 'and'",
    '&': "write 'and'",
    '||': "write 'or'",
    '|': "write 'or'",
    '!': "write 'not' in front of the check, or '!='",
    '=~': "write 'regex', 'glob' or 'contains'",
    '~': "write 'regex', 'glob' or 'contains'",
    '~=': "write 'regex', 'glob' or 'contains'",
    '<>': "write '!='",
    like: "write 'glob' or 'contains'",
    matches: "write 'regex' or 'glob'",
    is: "write '='",
    eq: "write '='",
    ne: "write '!='",
  }),
);

export interface ParseOptions {
  /** Only what falco's grammar accepts: no `=`, `,` or quotes inside bare values, numbers behind `<` and `>`. */
  readonly strict?: boolean;
}

/**
 * Parses a filter.
 *
 * Two grammars are in use: that of falco and recent sysdig, and the older, looser one of sysdig up to 0.29. The loose
 * reading accepts both wherever they do not contradict each other: `and` binds tighter than `or` (the old one demanded
 * brackets), values end at a blank or bracket and may hold `=`, `,` and quotes (the new one stops there), `==` is `=`,
 * `not not x` is `x`, a backslash in a bare value is a backslash, `<` and `>` also compare text.
 *
 * @throws FilterError
 */
export function parseFilter(text: string, options: ParseOptions = {}): Node {
  return new Parser(new Lexer(text, options.strict ?? false)).filter();
}

class Parser {
  private readonly lex: Lexer;
  private depth = 0;

  constructor(lexer: Lexer) {
    this.lex = lexer;
  }

  filter(): Node {
    const lex: Lexer = this.lex;
    lex.skipBlanks();
    if (lex.atEnd()) lex.fail('the filter is empty');
    const node = this.orExpression();
    lex.skipBlanks();
    if (!lex.atEnd()) this.trailing();
    return node;
  }

  private trailing(): never {
    const lex: Lexer = this.lex;
    const chunk = lex.chunk();
    const end = lex.pos + chunk.length;
    if (lex.peek() === ')') lex.fail("this ')' closes nothing");
    const word = lex.word();
    if (/^(and|or|not)$/i.test(word) && word !== word.toLowerCase())
      lex.fail(`write '${word.toLowerCase()}' in lower case`, lex.pos, end, word.toLowerCase());
    if (word === 'and' || word === 'or') lex.fail(`a blank is missing behind '${word}'`, lex.pos, end);
    if (UNIT.test(chunk) && /\d[ \t]+$/.test(lex.text.slice(0, lex.pos)))
      lex.fail(`a unit stands directly behind its number, as in 10${chunk}`, lex.pos, end);
    const foreign = FOREIGN.get(chunk) ?? FOREIGN.get(chunk.slice(0, 2)) ?? FOREIGN.get(chunk.slice(0, 1));
    if (foreign !== undefined) lex.fail(`'${chunk}' is not part of the language: ${foreign}`, lex.pos, end);
    return lex.fail(`'and' or 'or' is expected here, not '${chunk}'`, lex.pos, end);
  }

  private enter(): void {
    if (++this.depth > MAX_NESTING) this.lex.fail(`nested deeper than ${MAX_NESTING} levels`);
  }

  private leave(): void {
    this.depth--;
  }

  private orExpression(): Node {
    return this.sequence('or', () => this.sequence('and', () => this.notExpression()));
  }

  /** One or more parts with `and` (`or`) between them; parts of the same kind are taken in. */
  private sequence(kind: 'and' | 'or', part: () => Node): Node {
    const first = part();
    const items: Node[] = [];
    const add = (node: Node): void => {
      if (node.kind === kind) for (const item of node.items) items.push(item);
      else items.push(node);
    };
    let last = first;
    for (;;) {
      const back = this.lex.pos;
      this.lex.skipBlanks();
      const start = this.lex.pos;
      if (!this.lex.takeKeyword(kind)) {
        this.lex.pos = back;
        break;
      }
      this.lex.skipBlanks();
      if (this.lex.atEnd()) this.lex.fail(`a check is missing behind '${kind}'`, start, start + kind.length);
      if (items.length === 0) add(first);
      last = part();
      add(last);
    }
    return items.length === 0 ? first : { kind, items, start: first.start, end: last.end };
  }

  private notExpression(): Node {
    const lex: Lexer = this.lex;
    lex.skipBlanks();
    const start = lex.pos;
    let negated = false;
    while (lex.takeKeyword('not')) {
      negated = !negated;
      lex.skipBlanks();
      if (lex.atEnd()) lex.fail("a check is missing behind 'not'", start, lex.pos);
    }
    const node = lex.peek() === '(' ? this.bracket() : this.check();
    if (!negated) return node;
    return node.kind === 'not' ? node.item : { kind: 'not', item: node, start, end: node.end };
  }

  private bracket(): Node {
    const lex: Lexer = this.lex;
    const open = lex.pos;
    this.enter();
    lex.pos++;
    lex.skipBlanks();
    if (lex.atEnd()) lex.fail("missing ')' for this '('", open);
    const node = this.orExpression();
    lex.skipBlanks();
    if (lex.atEnd()) lex.fail("missing ')' for this '('", open);
    if (!lex.take(')')) this.trailing();
    this.leave();
    return { ...node, start: open, end: lex.pos };
  }

  private check(): Check {
    const lex: Lexer = this.lex;
    const left = this.operand();
    lex.skipBlanks();
    const opStart = lex.pos;
    const op = this.operator(left);
    if (op === 'exists') return { kind: 'check', left, op, opStart, start: left.start, end: lex.pos };
    lex.skipBlanks();
    if (lex.atEnd()) lex.fail(`a value is missing behind '${op}'`);
    if (LIST_OPERATORS.includes(op)) {
      const right = this.call() ?? this.list(true);
      return { kind: 'check', left, op, opStart, right, start: left.start, end: lex.pos };
    }
    const quantifier = this.quantifier();
    if (quantifier !== undefined) {
      const right = this.list(false);
      return { kind: 'check', left, op, opStart, quantifier, right, start: left.start, end: lex.pos };
    }
    let right: Literal | Check['right'] = this.call();
    if (right === undefined && lex.strict && ORDER_OPERATORS.includes(op)) {
      right = lex.number();
      if (right === undefined) lex.fail(`a number is expected behind '${op}'`);
    }
    right ??= lex.value(false);
    return { kind: 'check', left, op, opStart, right, start: left.start, end: lex.pos };
  }

  private operand(): Operand {
    const lex: Lexer = this.lex;
    const start = lex.pos;
    const word = lex.word();
    if (word === 'and' || word === 'or')
      if (!/[.[]/.test(lex.text[start + word.length] ?? ''))
        lex.fail(`a field is expected here, not '${word}'`, start, start + word.length);
    if (/^(not|and|or)$/i.test(word) && word !== word.toLowerCase())
      lex.fail(`write '${word.toLowerCase()}' in lower case`, start, start + word.length, word.toLowerCase());
    const call = this.transform();
    if (call !== undefined) return call;
    const name = lex.field();
    if (name === '') {
      const chunk = lex.chunk();
      if (lex.peek() === '!') lex.fail(`'!' is not part of the language: write 'not'`, start);
      lex.fail(
        chunk === '' ? 'a field is expected here' : `a field is expected here, not '${chunk}'`,
        start,
        start + chunk.length,
      );
    }
    return { kind: 'field', name, start, end: lex.pos };
  }

  private operator(left: Operand): Operator {
    const lex: Lexer = this.lex;
    const written = lex.text.slice(left.start, left.end);
    if (lex.atEnd()) {
      if (/^(not|and|or)$/.test(written))
        lex.fail(`a check is missing behind '${written}'`, left.start, left.end);
      lex.fail(`an operator is expected behind '${written}', such as = or contains`, left.start, left.end);
    }
    if (lex.text.startsWith('<>', lex.pos) || lex.text.startsWith('=~', lex.pos))
      if (isBlank(lex.text[lex.pos + 2] ?? '')) this.unknownOperator(written);
    for (const symbol of SYMBOLS) {
      if (!lex.text.startsWith(symbol, lex.pos)) continue;
      lex.pos += symbol.length;
      return symbol === '==' ? '=' : symbol;
    }
    const word = lex.word();
    const op = OPERATORS.find((name) => name === word);
    if (op === undefined) this.unknownOperator(written);
    const next = lex.text[lex.pos + word.length];
    if (lex.strict && op !== 'exists' && next !== undefined && next !== '(' && !isBlank(next))
      lex.fail(`a blank is missing behind '${word}'`, lex.pos, lex.pos + word.length);
    lex.pos += word.length;
    return op;
  }

  private unknownOperator(written: string): never {
    const lex: Lexer = this.lex;
    const chunk = lex.chunk();
    const end = lex.pos + chunk.length;
    const word = lex.word();
    const foreign = FOREIGN.get(word) ?? FOREIGN.get(chunk) ?? FOREIGN.get(chunk.slice(0, 2));
    if (foreign !== undefined) lex.fail(`'${word || chunk}' is not an operator: ${foreign}`, lex.pos, end);
    if (lex.peek() === ')' || word === 'and' || word === 'or')
      lex.fail(`an operator is expected behind '${written}', such as = or contains`, lex.pos, end);
    lex.fail(
      `unknown operator '${chunk}' behind '${written}'`,
      lex.pos,
      end,
      suggest(word || chunk, OPERATORS),
    );
  }

  /** `oneof (`, `anyof (`, `allof (`. */
  private quantifier(): Quantifier | undefined {
    const lex: Lexer = this.lex;
    const word = QUANTIFIERS.find((name) => name === lex.word());
    if (word === undefined) return undefined;
    const back = lex.pos;
    lex.pos += word.length;
    lex.skipBlanks();
    if (lex.peek() === '(') return word;
    lex.pos = back;
    return undefined;
  }

  /** `(a, b)`; a single bare word is a list of one. */
  private list(bare: boolean): LiteralList {
    const lex: Lexer = this.lex;
    const start = lex.pos;
    if (!lex.take('(')) {
      if (!bare) lex.fail('a list in brackets is expected here, as in (a, b)');
      const item = lex.value(true);
      lex.skipBlanks();
      if (lex.peek() === ',')
        lex.fail('a list of several values needs brackets, as in (a, b)', start, lex.pos + 1);
      return { kind: 'values', items: [item], start, end: item.end };
    }
    const items: Literal[] = [];
    lex.skipBlanks();
    if (lex.take(')')) return { kind: 'values', items, start, end: lex.pos };
    for (;;) {
      lex.skipBlanks();
      if (lex.atEnd()) lex.fail("missing ')' for this '('", start);
      if (lex.peek() === ')' || lex.peek() === ',') lex.fail('a value is expected here');
      items.push(lex.value(true));
      lex.skipBlanks();
      if (lex.take(')')) return { kind: 'values', items, start, end: lex.pos };
      if (lex.atEnd()) lex.fail("missing ')' for this '('", start);
      if (!lex.take(','))
        lex.fail("',' or ')' is expected here, in the list of values", lex.pos, lex.pos + lex.chunk().length);
    }
  }

  /** `val(field)` or a transformer, on the right side. */
  private call(): Transform | { kind: 'val'; field: FieldRef; start: number; end: number } | undefined {
    const lex: Lexer = this.lex;
    const start = lex.pos;
    const word = lex.word();
    if (word === '' || lex.text[start + word.length] !== '(') return undefined;
    if (word !== 'val') return this.transform();
    lex.pos += word.length + 1;
    lex.skipBlanks();
    const at = lex.pos;
    const name = lex.field();
    if (name === '') lex.fail('a field is expected here');
    if (lex.peek() === '(')
      lex.fail('val() takes a field only: transformers stand without it', start, lex.pos + 1);
    const field: FieldRef = { kind: 'field', name, start: at, end: lex.pos };
    this.closeCall(start);
    return { kind: 'val', field, start, end: lex.pos };
  }

  private closeCall(start: number): void {
    const lex: Lexer = this.lex;
    lex.skipBlanks();
    if (lex.take(')')) return;
    if (lex.atEnd()) lex.fail("missing ')' for the '(' of this", start, lex.text.indexOf('(', start) + 1);
    lex.fail("')' is expected here", lex.pos, lex.pos + lex.chunk().length);
  }

  /** `name(arg, …)`, undefined when no call stands here. */
  private transform(): Transform | undefined {
    const lex: Lexer = this.lex;
    const start = lex.pos;
    const word = lex.word();
    if (word === '') return undefined;
    let open = start + word.length;
    const name: TransformerName | undefined = TRANSFORMERS.find((t) => t === word);
    if (name !== undefined) while (isBlank(lex.text[open] ?? '')) open++;
    if (lex.text[open] !== '(') return undefined;
    if (name === undefined) {
      if (word === 'val') lex.fail('val() stands on the right side of an operator', start, open);
      lex.fail(`unknown transformer '${word}'`, start, open, suggest(word, TRANSFORMERS) ?? undefined);
    }
    this.enter();
    lex.pos = open + 1;
    const args = this.transformArgs(start);
    const arg = lex.peek() === '[' ? lex.bracketArgument() : undefined;
    this.leave();
    const node: Transform = { kind: 'transform', name, args, start, end: lex.pos };
    return arg === undefined ? node : { ...node, arg };
  }

  /** Arguments up to and with the closing bracket. */
  private transformArgs(start: number): TransformArg[] {
    const lex: Lexer = this.lex;
    const args: TransformArg[] = [];
    lex.skipBlanks();
    if (lex.take(')')) return args;
    for (;;) {
      lex.skipBlanks();
      args.push(this.transformArg());
      lex.skipBlanks();
      if (lex.take(',')) continue;
      this.closeCall(start);
      return args;
    }
  }

  private transformArg(): TransformArg {
    const lex: Lexer = this.lex;
    const start = lex.pos;
    const c = lex.peek();
    if (c === '"' || c === "'") return lex.value(true);
    if (c === '(') {
      this.enter();
      lex.pos++;
      const items = this.transformArgs(start);
      this.leave();
      const list: ArgList = { kind: 'list', items, start, end: lex.pos };
      return list;
    }
    return lex.number() ?? this.operand();
  }
}
