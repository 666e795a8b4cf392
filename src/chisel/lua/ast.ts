/** A local variable. Each has a name of its own in the generated code, so none shadows another. */
export interface Local {
  readonly name: string;
  readonly js: string;
}

export type Expr =
  | { readonly kind: 'nil' | 'true' | 'false' | 'vararg'; readonly line: number }
  | { readonly kind: 'number'; readonly value: number; readonly line: number }
  | { readonly kind: 'string'; readonly value: string; readonly line: number }
  /** upvalue: it belongs to a function around this one. */
  | { readonly kind: 'local'; readonly local: Local; readonly upvalue: boolean; readonly line: number }
  | { readonly kind: 'global'; readonly name: string; readonly line: number }
  | { readonly kind: 'index'; readonly object: Expr; readonly key: Expr; readonly line: number }
  | { readonly kind: 'call'; readonly callee: Expr; readonly args: readonly Expr[]; readonly line: number }
  | {
      readonly kind: 'method';
      readonly object: Expr;
      readonly name: string;
      readonly args: readonly Expr[];
      readonly line: number;
    }
  | { readonly kind: 'function'; readonly body: FunctionBody; readonly line: number }
  | {
      readonly kind: 'binary';
      readonly op: BinaryOp;
      readonly left: Expr;
      readonly right: Expr;
      readonly line: number;
    }
  | { readonly kind: 'and' | 'or'; readonly left: Expr; readonly right: Expr; readonly line: number }
  | { readonly kind: 'not' | 'minus' | 'length'; readonly operand: Expr; readonly line: number }
  | { readonly kind: 'paren'; readonly inner: Expr; readonly line: number }
  | {
      readonly kind: 'table';
      /** In the order of the source; without a key it is the next of the list. */
      readonly items: readonly { readonly key: Expr | undefined; readonly value: Expr }[];
      readonly line: number;
    };

export type BinaryOp = '+' | '-' | '*' | '/' | '%' | '^' | '..' | '==' | '~=' | '<' | '<=' | '>' | '>=';

export interface FunctionBody {
  /** For tracebacks; '' if it has none. */
  readonly name: string;
  readonly params: readonly Local[];
  readonly isVararg: boolean;
  readonly block: Block;
  readonly line: number;
  readonly endLine: number;
}

export type Target = Extract<Expr, { kind: 'local' | 'global' | 'index' }>;

export type Statement =
  | {
      readonly kind: 'local';
      readonly locals: readonly Local[];
      readonly values: readonly Expr[];
      readonly line: number;
    }
  | {
      readonly kind: 'localfunction';
      readonly local: Local;
      readonly body: FunctionBody;
      readonly line: number;
    }
  | {
      readonly kind: 'assign';
      readonly targets: readonly Target[];
      readonly values: readonly Expr[];
      readonly line: number;
    }
  | { readonly kind: 'call'; readonly call: Expr; readonly line: number }
  | { readonly kind: 'do'; readonly block: Block; readonly line: number }
  | { readonly kind: 'while'; readonly condition: Expr; readonly block: Block; readonly line: number }
  | { readonly kind: 'repeat'; readonly condition: Expr; readonly block: Block; readonly line: number }
  | {
      readonly kind: 'if';
      readonly arms: readonly { readonly condition: Expr; readonly block: Block }[];
      readonly otherwise: Block | undefined;
      readonly line: number;
    }
  | {
      readonly kind: 'fornum';
      readonly local: Local;
      readonly start: Expr;
      readonly limit: Expr;
      readonly step: Expr | undefined;
      readonly block: Block;
      readonly line: number;
    }
  | {
      readonly kind: 'forin';
      readonly locals: readonly Local[];
      readonly values: readonly Expr[];
      readonly block: Block;
      readonly line: number;
    }
  | { readonly kind: 'return'; readonly values: readonly Expr[]; readonly line: number }
  | { readonly kind: 'break'; readonly line: number };

export type Block = readonly Statement[];

/** How an error names a value: LuaJIT's words. */
export function describe(e: Expr): string {
  switch (e.kind) {
    case 'local':
      return `${e.upvalue ? 'upvalue' : 'local'} '${e.local.name}'`;
    case 'global':
      return `global '${e.name}'`;
    case 'index':
      return e.key.kind === 'string' ? `field '${e.key.value}'` : '';
    case 'paren':
      return describe(e.inner);
    default:
      return '';
  }
}

/** Evaluating it twice costs nothing and changes nothing. */
export function isSimple(e: Expr): boolean {
  return (
    e.kind === 'local' ||
    e.kind === 'number' ||
    e.kind === 'string' ||
    e.kind === 'nil' ||
    e.kind === 'true' ||
    e.kind === 'false'
  );
}

/** A literal. */
export function isConstant(e: Expr): boolean {
  return isSimple(e) && e.kind !== 'local';
}

/** It may have any number of values. */
export function isMulti(e: Expr | undefined): boolean {
  return e !== undefined && (e.kind === 'call' || e.kind === 'method' || e.kind === 'vararg');
}
