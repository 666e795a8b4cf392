import type { BinaryOp, Block, Expr, FunctionBody, Local, Statement, Target } from './ast.js';
import { Lexer, UnsupportedLua } from './lexer.js';
import { Scopes } from './scopes.js';

/** Left and right binding power; higher binds tighter. */
const BINARY: { readonly [op: string]: readonly [number, number] } = {
  or: [1, 1],
  and: [2, 2],
  '<': [3, 3],
  '>': [3, 3],
  '<=': [3, 3],
  '>=': [3, 3],
  '~=': [3, 3],
  '==': [3, 3],
  '..': [5, 4],
  '+': [6, 6],
  '-': [6, 6],
  '*': [7, 7],
  '/': [7, 7],
  '%': [7, 7],
  '^': [10, 9],
};
const UNARY_POWER = 8;
/** Nesting that the parser follows; deeper is refused, as C Lua does at 200 levels. */
const DEEPEST = 190;

/** Globals whose use the compiling engine leaves to fengari. */
const BEYOND: ReadonlySet<string> = new Set(['coroutine', 'setfenv', 'getfenv', 'module', 'newproxy', 'ffi']);
const DEBUG_KNOWN: ReadonlySet<string> = new Set(['traceback', 'getinfo']);

/** Parses Lua 5.1. Throws LuaSyntaxError, or UnsupportedLua for what the compiler leaves to fengari. */
export function parse(source: string, chunk: string): FunctionBody {
  return new Parser(new Lexer(source, chunk)).chunk();
}

class Parser {
  private readonly scopes = new Scopes();
  private vararg = true;
  private loops = 0;
  private depth = 0;

  constructor(private readonly lex: Lexer) {}

  chunk(): FunctionBody {
    const block = this.block();
    if (this.lex.kind !== 'eof') this.lex.fail("'<eof>' expected");
    return { name: '', params: [], isVararg: true, block, line: 1, endLine: this.lex.line };
  }

  private is(symbol: string): boolean {
    return this.lex.kind === 'symbol' && this.lex.text === symbol;
  }

  private accept(symbol: string): boolean {
    if (!this.is(symbol)) return false;
    this.lex.next();
    return true;
  }

  private expect(symbol: string): void {
    if (!this.accept(symbol)) this.lex.fail(`'${symbol}' expected`);
  }

  private expectClosing(symbol: string, opening: string, line: number): void {
    if (this.accept(symbol)) return;
    if (this.lex.line === line) this.lex.fail(`'${symbol}' expected`);
    this.lex.fail(`'${symbol}' expected (to close '${opening}' at line ${line})`);
  }

  private name(): string {
    if (this.lex.kind !== 'name') this.lex.fail('<name> expected');
    const { text } = this.lex;
    this.lex.next();
    return text;
  }

  private enter(): void {
    if (++this.depth > DEEPEST) this.lex.fail('chunk has too many syntax levels');
  }

  private blockEnds(): boolean {
    const { lex } = this;
    if (lex.kind === 'eof') return true;
    return (
      lex.kind === 'symbol' &&
      (lex.text === 'end' || lex.text === 'else' || lex.text === 'elseif' || lex.text === 'until')
    );
  }

  private block(): Block {
    const statements: Statement[] = [];
    while (!this.blockEnds()) {
      const s = this.statement();
      if (s !== undefined) statements.push(s);
      const last = s !== undefined && (s.kind === 'return' || s.kind === 'break');
      this.accept(';');
      if (last) {
        // LuaJIT, like 5.2, lets break stand anywhere; return must be last.
        if (s.kind === 'return' && !this.blockEnds()) this.lex.fail("'<eof>' expected");
      }
    }
    return statements;
  }

  private innerBlock(): Block {
    return this.scopes.within(() => this.block());
  }

  private loopBlock(): Block {
    this.loops++;
    const b = this.innerBlock();
    this.loops--;
    return b;
  }

  private statement(): Statement | undefined {
    const { lex } = this;
    const { line } = lex;
    if (lex.kind === 'symbol') {
      switch (lex.text) {
        case ';':
          return undefined;
        case '::':
          throw new UnsupportedLua('a label');
        case 'if':
          return this.ifStatement(line);
        case 'while': {
          lex.next();
          const condition = this.expr();
          this.expect('do');
          const block = this.loopBlock();
          this.expectClosing('end', 'while', line);
          return { kind: 'while', condition, block, line };
        }
        case 'do': {
          lex.next();
          const block = this.innerBlock();
          this.expectClosing('end', 'do', line);
          return { kind: 'do', block, line };
        }
        case 'for':
          return this.forStatement(line);
        case 'repeat': {
          lex.next();
          return this.scopes.within(() => {
            this.loops++;
            const block = this.block();
            this.loops--;
            this.expectClosing('until', 'repeat', line);
            return { kind: 'repeat', block, condition: this.expr(), line };
          });
        }
        case 'function':
          return this.functionStatement(line);
        case 'local':
          lex.next();
          return this.accept('function') ? this.localFunction(line) : this.localStatement(line);
        case 'return': {
          lex.next();
          const values = this.blockEnds() || this.is(';') ? [] : this.exprList();
          return { kind: 'return', values, line };
        }
        case 'break':
          lex.next();
          if (this.loops === 0) lex.fail('no loop to break');
          return { kind: 'break', line };
        default:
      }
    }
    return this.exprStatement(line);
  }

  private ifStatement(line: number): Statement {
    const arms: { condition: Expr; block: Block }[] = [];
    let otherwise: Block | undefined;
    do {
      this.lex.next();
      const condition = this.expr();
      this.expect('then');
      arms.push({ condition, block: this.innerBlock() });
    } while (this.is('elseif'));
    if (this.accept('else')) otherwise = this.innerBlock();
    this.expectClosing('end', 'if', line);
    return { kind: 'if', arms, otherwise, line };
  }

  private forStatement(line: number): Statement {
    this.lex.next();
    const first = this.name();
    if (this.accept('=')) {
      const start = this.expr();
      this.expect(',');
      const limit = this.expr();
      const step = this.accept(',') ? this.expr() : undefined;
      this.expect('do');
      return this.scopes.within(() => {
        const local = this.scopes.make(first);
        this.scopes.declare(local);
        const block = this.loopBlock();
        this.expectClosing('end', 'for', line);
        return { kind: 'fornum', local, start, limit, step, block, line };
      });
    }
    const names = [first];
    while (this.accept(',')) names.push(this.name());
    if (!this.is('in')) this.lex.fail("'=' or 'in' expected");
    this.lex.next();
    const values = this.exprList();
    this.expect('do');
    return this.scopes.within(() => {
      const locals = names.map((n) => this.scopes.make(n));
      for (const l of locals) this.scopes.declare(l);
      const block = this.loopBlock();
      this.expectClosing('end', 'for', line);
      return { kind: 'forin', locals, values, block, line };
    });
  }

  private functionStatement(line: number): Statement {
    this.lex.next();
    let name = this.lex.text;
    let target: Target = this.variable(this.name(), line);
    let method = false;
    while (this.is('.') || this.is(':')) {
      method = this.is(':');
      this.lex.next();
      const keyLine = this.lex.line;
      const key = this.name();
      name += (method ? ':' : '.') + key;
      target = {
        kind: 'index',
        object: target,
        key: { kind: 'string', value: key, line: keyLine },
        line: keyLine,
      };
      if (method) break;
    }
    const body = this.functionBody(name, method, line);
    return { kind: 'assign', targets: [target], values: [{ kind: 'function', body, line }], line };
  }

  private localFunction(line: number): Statement {
    const local = this.scopes.make(this.name());
    this.scopes.declare(local);
    return { kind: 'localfunction', local, body: this.functionBody(local.name, false, line), line };
  }

  private localStatement(line: number): Statement {
    const names = [this.name()];
    while (this.accept(',')) names.push(this.name());
    const values = this.accept('=') ? this.exprList() : [];
    const locals = names.map((n) => this.scopes.make(n));
    for (const l of locals) this.scopes.declare(l);
    return { kind: 'local', locals, values, line };
  }

  private exprStatement(line: number): Statement {
    const first = this.suffixed();
    if (this.is('=') || this.is(',')) {
      const targets: Target[] = [this.target(first)];
      while (this.accept(',')) targets.push(this.target(this.suffixed()));
      this.expect('=');
      return { kind: 'assign', targets, values: this.exprList(), line };
    }
    if (first.kind !== 'call' && first.kind !== 'method') {
      this.lex.fail(first.kind === 'paren' ? 'syntax error' : "'=' expected");
    }
    return { kind: 'call', call: first, line };
  }

  private target(e: Expr): Target {
    if (e.kind === 'local' || e.kind === 'global' || e.kind === 'index') return e;
    return this.lex.fail('syntax error');
  }

  private exprList(): Expr[] {
    const list = [this.expr()];
    while (this.accept(',')) list.push(this.expr());
    return list;
  }

  private variable(name: string, line: number): Target {
    const local = this.scopes.resolve(name, line);
    if (local !== undefined) return local;
    if (name === 'goto') throw new UnsupportedLua('goto');
    if (BEYOND.has(name)) throw new UnsupportedLua(name);
    return { kind: 'global', name, line };
  }

  private primary(): Expr {
    const { lex } = this;
    const { line } = lex;
    if (lex.kind === 'name') return this.variable(this.name(), line);
    if (this.accept('(')) {
      const inner = this.expr();
      this.expectClosing(')', '(', line);
      return { kind: 'paren', inner, line };
    }
    return lex.fail('unexpected symbol');
  }

  private suffixed(): Expr {
    this.enter();
    let e = this.primary();
    for (;;) {
      const { lex } = this;
      const { line } = lex;
      if (this.accept('.')) {
        const key = this.name();
        if (e.kind === 'global' && e.name === 'debug' && !DEBUG_KNOWN.has(key))
          throw new UnsupportedLua(`debug.${key}`);
        e = { kind: 'index', object: e, key: { kind: 'string', value: key, line }, line };
      } else if (this.accept('[')) {
        const key = this.expr();
        this.expect(']');
        e = { kind: 'index', object: e, key, line };
      } else if (this.accept(':')) {
        const name = this.name();
        e = { kind: 'method', object: e, name, args: this.args(), line };
      } else if (this.is('(') || this.is('{') || lex.kind === 'string') {
        // A parenthesis on a new line would be ambiguous in 5.1; LuaJIT takes it as a call.
        e = { kind: 'call', callee: e, args: this.args(), line };
      } else {
        this.depth--;
        return e;
      }
    }
  }

  private args(): Expr[] {
    const { lex } = this;
    const { line } = lex;
    if (lex.kind === 'string') {
      const value = lex.text;
      lex.next();
      return [{ kind: 'string', value, line }];
    }
    if (this.is('{')) return [this.table()];
    if (!this.accept('(')) lex.fail('function arguments expected');
    if (this.accept(')')) return [];
    const list = this.exprList();
    this.expectClosing(')', '(', line);
    return list;
  }

  private table(): Expr {
    const { lex } = this;
    const { line } = lex;
    this.enter();
    this.expect('{');
    const items: { key: Expr | undefined; value: Expr }[] = [];
    while (!this.is('}')) {
      const keyLine = lex.line;
      if (this.accept('[')) {
        const key = this.expr();
        this.expect(']');
        this.expect('=');
        items.push({ key, value: this.expr() });
      } else if (lex.kind === 'name' && lex.peekIsAssign()) {
        const key: Expr = { kind: 'string', value: this.name(), line: keyLine };
        this.expect('=');
        items.push({ key, value: this.expr() });
      } else {
        items.push({ key: undefined, value: this.expr() });
      }
      if (!this.accept(',') && !this.accept(';')) break;
    }
    this.expectClosing('}', '{', line);
    this.depth--;
    return { kind: 'table', items, line };
  }

  private functionBody(name: string, method: boolean, line: number): FunctionBody {
    const outerVararg = this.vararg;
    const outerLoops = this.loops;
    this.loops = 0;
    this.enter();
    const body = this.scopes.withinFunction((): FunctionBody => {
      const params: Local[] = [];
      if (method) params.push(this.scopes.make('self'));
      let isVararg = false;
      this.expect('(');
      if (!this.is(')')) {
        do {
          if (this.accept('...')) {
            isVararg = true;
            break;
          }
          params.push(this.scopes.make(this.name()));
        } while (this.accept(','));
      }
      this.expect(')');
      for (const p of params) this.scopes.declare(p);
      this.vararg = isVararg;
      const block = this.block();
      const endLine = this.lex.line;
      this.expectClosing('end', 'function', line);
      return { name, params, isVararg, block, line, endLine };
    });
    this.depth--;
    this.vararg = outerVararg;
    this.loops = outerLoops;
    return body;
  }

  private simple(): Expr {
    const { lex } = this;
    const { line } = lex;
    if (lex.kind === 'number') {
      const value = lex.number;
      lex.next();
      return { kind: 'number', value, line };
    }
    if (lex.kind === 'string') {
      const value = lex.text;
      lex.next();
      return { kind: 'string', value, line };
    }
    if (lex.kind === 'symbol') {
      switch (lex.text) {
        case 'nil':
        case 'true':
        case 'false': {
          const kind = lex.text;
          lex.next();
          return { kind, line };
        }
        case '...':
          if (!this.vararg) lex.fail("cannot use '...' outside a vararg function");
          lex.next();
          return { kind: 'vararg', line };
        case '{':
          return this.table();
        case 'function': {
          lex.next();
          return { kind: 'function', body: this.functionBody('', false, line), line };
        }
        default:
      }
    }
    return this.suffixed();
  }

  private expr(limit = 0): Expr {
    const { lex } = this;
    this.enter();
    let left: Expr;
    const { line } = lex;
    if (this.accept('not')) left = { kind: 'not', operand: this.expr(UNARY_POWER), line };
    else if (this.accept('-')) {
      const operand = this.expr(UNARY_POWER);
      left =
        operand.kind === 'number'
          ? { kind: 'number', value: -operand.value, line }
          : { kind: 'minus', operand, line };
    } else if (this.accept('#')) left = { kind: 'length', operand: this.expr(UNARY_POWER), line };
    else left = this.simple();
    while (lex.kind === 'symbol') {
      const op = lex.text;
      const power = Object.hasOwn(BINARY, op) ? BINARY[op] : undefined;
      if (power === undefined || power[0] <= limit) break;
      const opLine = lex.line;
      lex.next();
      const right = this.expr(power[1]);
      if (op === 'and' || op === 'or') left = { kind: op, left, right, line: opLine };
      else left = { kind: 'binary', op: op as BinaryOp, left, right, line: opLine };
    }
    this.depth--;
    return left;
  }
}
