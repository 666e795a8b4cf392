import type { Check, FieldValueRef, Literal, LiteralList, Node, Operand, TransformArg } from './ast.js';

/**
 * Writes a tree as filter text that parses to the same tree again, in the loose and in the strict grammar
 * (as far as the tree is within it).
 */
export function printFilter(node: Node): string {
  switch (node.kind) {
    case 'check':
      return printCheck(node);
    case 'not':
      return node.item.kind === 'check' ? `not ${printCheck(node.item)}` : `not (${printFilter(node.item)})`;
    default:
      return node.items
        .map((item) =>
          item.kind === 'and' || item.kind === 'or' ? `(${printFilter(item)})` : printFilter(item),
        )
        .join(` ${node.kind} `);
  }
}

function printCheck(check: Check): string {
  const left = printOperand(check.left);
  if (check.right === undefined) return `${left} ${check.op}`;
  const right = printRight(check.right);
  return check.quantifier === undefined
    ? `${left} ${check.op} ${right}`
    : `${left} ${check.op} ${check.quantifier} ${right}`;
}

function printRight(right: Literal | LiteralList | FieldValueRef | Operand): string {
  switch (right.kind) {
    case 'literal':
      return printLiteral(right.text);
    case 'values':
      return `(${right.items.map((item) => printLiteral(item.text)).join(', ')})`;
    case 'val':
      return `val(${right.field.name})`;
    default:
      return printOperand(right);
  }
}

function printOperand(operand: Operand): string {
  if (operand.kind === 'field') return operand.name;
  const args = operand.args.map(printArgument).join(', ');
  const tail = operand.arg === undefined ? '' : `[${printBracket(operand.arg)}]`;
  return `${operand.name}(${args})${tail}`;
}

function printBracket(arg: string): string {
  if (/^[^\s\]"'()[]+$/.test(arg)) return arg;
  return arg.includes('"') ? `'${arg}'` : `"${arg}"`;
}

function printArgument(arg: TransformArg): string {
  if (arg.kind === 'literal') return /^-?\d+(\.\d+)?$/.test(arg.text) ? arg.text : quote(arg.text);
  if (arg.kind === 'list') return `(${arg.items.map(printArgument).join(', ')})`;
  return printOperand(arg);
}

/** A literal bare where that is safe in both grammars, else quoted. */
export function printLiteral(text: string): string {
  if (/^[A-Za-z0-9_./:@%+*?\-[\]{}^$~]+$/.test(text) && !/^(oneof|anyof|allof)$/.test(text)) return text;
  return quote(text);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\\': '\\\\',
  '"': '\\"',
};

/** Byte string to a quoted literal. Valid UTF-8 is shown as the characters it stands for. */
function quote(bytes: string): string {
  const decoded = Buffer.from(bytes, 'latin1').toString('utf8');
  const text = Buffer.from(decoded, 'utf8').toString('latin1') === bytes ? decoded : undefined;
  const escaped = (text ?? bytes).replace(/[\0-\x1f"\\\x7f-\x9f]|[\xa0-\xff]/g, (c) => {
    const named = ESCAPES[c];
    if (named !== undefined) return named;
    const code = c.charCodeAt(0);
    if (code >= 0xa0 && text !== undefined) return c;
    const utf8 = text === undefined ? c : Buffer.from(c, 'utf8').toString('latin1');
    return [...utf8].map((b) => `\\x${b.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');
  });
  return `"${escaped}"`;
}
