import {
  type Block,
  describe,
  type Expr,
  type FunctionBody,
  isConstant,
  isMulti,
  isSimple,
  type Local,
  type Statement,
  type Target,
} from './ast.js';
import { Names } from './code_names.js';
import { anyOperation, isComparison, plainOperation } from './code_operators.js';
import { at, layout, literal, number } from './code_text.js';

/*
 * Lua functions become JavaScript functions, locals `let` variables, nil undefined. The code keeps the lines of its
 * source, so that a JavaScript stack trace is a Lua traceback: `@LINE;` marks in the pieces are replaced by line
 * breaks at the end (layout). A call whose results are used as one value goes through $first, several values travel in arrays.
 */

/** Turns a parsed chunk into the source of a JavaScript function of ($h, $I, $cell): helpers, interrupt, globals. */
export function generate(chunk: FunctionBody): string {
  return new Generator().chunk(chunk);
}

class Generator {
  private readonly names = new Names();

  chunk(body: FunctionBody): string {
    const code = this.functionCode(body, 'main_chunk');
    return layout(`${this.names.declarations()}return ${code};`);
  }

  private functionCode(body: FunctionBody, fallback = 'anonymous'): string {
    const outer = this.names.enterFunction();
    const params = body.params.map((p) => p.js);
    if (body.isVararg) params.push('...$va');
    const block = this.block(body.block);
    const last = body.block.at(-1);
    const temps = this.names.leaveFunction(outer);
    const end = last?.kind === 'return' ? '' : `${at(body.endLine)}return $NONE;`;
    // The name shows in stack traces: `L$` and the Lua name, dots and colons spelled out.
    const name = `L$${(body.name === '' ? fallback : body.name)
      .replace(/\./g, '$d')
      .replace(/:/g, '$c')
      .replace(/[^A-Za-z0-9_$]/g, '_')}`;
    return `(function ${name}(${params.join(',')}){${temps}${block}${end}})`;
  }

  private block(block: Block): string {
    let code = '';
    for (const s of block) {
      code += at(s.line) + this.statement(s);
      // What stands behind a break is unreachable and would only irritate.
      if (s.kind === 'return' || s.kind === 'break') break;
    }
    return code;
  }

  private statement(s: Statement): string {
    switch (s.kind) {
      case 'local':
        return this.localStatement(s.locals, s.values);
      case 'localfunction':
        return `let ${s.local.js};${s.local.js}=${this.functionCode(s.body)};`;
      case 'assign':
        return this.assign(s.targets, s.values);
      case 'call':
        return `${this.callCode(s.call)};`;
      case 'do':
        return `{${this.block(s.block)}}`;
      case 'while':
        return `while(${this.condition(s.condition)}){${TICK}${this.block(s.block)}}`;
      case 'repeat': {
        const body = this.block(s.block);
        return `for(;;){${TICK}${body}if${at(s.condition.line)}(${this.condition(s.condition)})break;}`;
      }
      case 'if': {
        let code = '';
        for (const [i, arm] of s.arms.entries()) {
          const start = i === 0 ? 'if' : `else if${at(arm.condition.line)}`;
          code += `${start}(${this.condition(arm.condition)}){${this.block(arm.block)}}`;
        }
        return s.otherwise === undefined ? code : `${code}else{${this.block(s.otherwise)}}`;
      }
      case 'fornum':
        return this.numericFor(s);
      case 'forin':
        return this.genericFor(s);
      case 'return':
        return this.returnStatement(s.values);
      case 'break':
        return 'break;';
    }
  }

  private returnStatement(values: readonly Expr[]): string {
    if (values.length === 0) return 'return $NONE;';
    if (values.length === 1) {
      const [e] = values;
      if (e.kind === 'vararg') return 'return $va;';
      if (isMulti(e)) return `return (${this.callCode(e)});`;
      return `return (${this.expr(e)});`;
    }
    return `return [${this.list(values)}];`;
  }

  /** Comma-separated values, the last one spread out. */
  private list(values: readonly Expr[]): string {
    return values
      .map((e, i) => {
        if (i < values.length - 1 || !isMulti(e)) return this.expr(e);
        return e.kind === 'vararg' ? '...$va' : `...$all(${this.callCode(e)})`;
      })
      .join(',');
  }

  private localStatement(locals: readonly Local[], values: readonly Expr[]): string {
    const last = values.at(-1);
    if (isMulti(last) && values.length < locals.length) {
      // More names than values, and the last value may be several.
      const parts: string[] = [];
      for (let i = 0; i < values.length - 1; i++) parts.push(`${locals[i].js}=${this.expr(values[i])}`);
      const rest = this.names.fresh();
      parts.push(`${rest}=${last!.kind === 'vararg' ? '$va' : `$all(${this.callCode(last!)})`}`);
      for (let i = values.length - 1; i < locals.length; i++)
        parts.push(`${locals[i].js}=${rest}[${i - values.length + 1}]`);
      return `let ${parts.join(',')};`;
    }
    const parts: string[] = [];
    for (let i = 0; i < Math.max(locals.length, values.length); i++) {
      if (i >= locals.length) parts.push(`${this.names.fresh()}=${this.expr(values[i])}`);
      else
        parts.push(i < values.length ? `${locals[i].js}=${this.expr(values[i])}` : `${locals[i].js}=void 0`);
    }
    return `let ${parts.join(',')};`;
  }

  private assign(targets: readonly Target[], values: readonly Expr[]): string {
    if (targets.length === 1 && values.length === 1) return this.store(targets[0], this.expr(values[0]));
    // Left sides are evaluated first, then all values, then everything is stored.
    let code = '{';
    const stores: ((value: string) => string)[] = targets.map((t) => {
      if (t.kind !== 'index') return (v) => this.store(t, v);
      const o = this.names.fresh();
      code += `const ${o}=${this.expr(t.object)};`;
      const d = literal(describe(t.object));
      if (t.key.kind === 'string') {
        const key = literal(t.key.value);
        return (v) => `$setIndexStr(${o},${key},${v},${d});`;
      }
      const k = this.names.fresh();
      code += `const ${k}=${this.expr(t.key)};`;
      return (v) => `$setIndex(${o},${k},${v},${d});`;
    });
    const names: string[] = [];
    const last = values.at(-1);
    const spread = isMulti(last) && values.length < targets.length;
    for (let i = 0; i < values.length; i++) {
      const v = this.names.fresh();
      if (spread && i === values.length - 1) {
        code += `const ${v}=${last!.kind === 'vararg' ? '$va' : `$all(${this.callCode(last!)})`};`;
        for (let k = i; k < targets.length; k++) names.push(`${v}[${k - i}]`);
      } else {
        code += `const ${v}=${this.expr(values[i])};`;
        names.push(v);
      }
    }
    for (let i = targets.length - 1; i >= 0; i--) code += stores[i](names[i] ?? 'void 0');
    return `${code}}`;
  }

  private store(t: Target, value: string): string {
    switch (t.kind) {
      case 'local':
        return `${t.local.js}=${value};`;
      case 'global':
        return `$setGlobal(${this.names.cell(t.name)},${value});`;
      case 'index': {
        const d = literal(describe(t.object));
        const object = this.expr(t.object);
        if (t.key.kind === 'string') return `$setIndexStr(${object},${literal(t.key.value)},${value},${d});`;
        return `$setIndex(${object},${this.expr(t.key)},${value},${d});`;
      }
    }
  }

  private numericFor(s: Extract<Statement, { kind: 'fornum' }>): string {
    const [v, limit, step] = [this.names.fresh(), this.names.fresh(), this.names.fresh()];
    const bound = (e: Expr, what: string): string =>
      e.kind === 'number' ? number(e.value) : `$forNumber(${this.expr(e)},"${what}")`;
    const init = `${v}=${bound(s.start, 'initial')},${limit}=${bound(s.limit, 'limit')}`;
    const body = `{${TICK}let ${s.local.js}=${v};${this.block(s.block)}}`;
    if (s.step === undefined) return `for(let ${init};${v}<=${limit};${v}++)${body}`;
    const stepCode = bound(s.step, 'step');
    if (s.step.kind === 'number') {
      const test = s.step.value >= 0 ? '<=' : '>=';
      return `for(let ${init};${v}${test}${limit};${v}+=${stepCode})${body}`;
    }
    return `for(let ${init},${step}=${stepCode};${step}>=0?${v}<=${limit}:${v}>=${limit};${v}+=${step})${body}`;
  }

  private genericFor(s: Extract<Statement, { kind: 'forin' }>): string {
    const it = this.names.fresh();
    const [k, v, ...more] = s.locals;
    let names = `let ${k.js}=${it}.key`;
    if (v !== undefined) names += `,${v.js}=${it}.value`;
    for (const [i, local] of more.entries()) names += `,${local.js}=${it}.more(${i + 2})`;
    const [first] = s.values;
    const over =
      s.values.length === 1 && first.kind === 'call' && first.args.length === 1 && !isMulti(first.args[0]);
    const values = over
      ? `$iterateOver(${this.expr(first.callee)},${this.expr(first.args[0])},${literal(describe(first.callee))})`
      : s.values.length === 1 && s.values[0].kind !== 'vararg' && isMulti(s.values[0])
        ? `$iterate(${this.callCode(s.values[0])})`
        : `$iterate([${this.list(s.values)}])`;
    return `for(const ${it}=${values};${it}.step();){${TICK}${names};${this.block(s.block)}}`;
  }

  /** As a JavaScript condition. */
  private condition(e: Expr): string {
    switch (e.kind) {
      case 'true':
      case 'number':
      case 'string':
      case 'function':
        return 'true';
      case 'nil':
      case 'false':
        return 'false';
      case 'not':
        return `!(${this.condition(e.operand)})`;
      case 'and':
        return `((${this.condition(e.left)})&&(${this.condition(e.right)}))`;
      case 'or':
        return `((${this.condition(e.left)})||(${this.condition(e.right)}))`;
      case 'paren':
        if (!isMulti(e.inner)) return this.condition(e.inner);
        break;
      case 'local':
        return `(${e.local.js}!==void 0&&${e.local.js}!==false)`;
      case 'binary':
        if (isComparison(e.op)) return this.expr(e);
        break;
      default:
    }
    const t = this.names.temp();
    const code = `((${t}=${this.expr(e)})!==void 0&&${t}!==false)`;
    this.names.release(t);
    return code;
  }

  /** As one value. */
  private expr(e: Expr): string {
    switch (e.kind) {
      case 'nil':
        return 'void 0';
      case 'true':
      case 'false':
        return e.kind;
      case 'number':
        return number(e.value);
      case 'string':
        return literal(e.value);
      case 'vararg':
        return '$va[0]';
      case 'local':
        return e.local.js;
      case 'global': {
        const cell = this.names.cell(e.name);
        return `(${cell}.v??$missing(${cell}))`;
      }
      case 'index':
        return this.indexCode(e);
      case 'call':
      case 'method':
        return `$first(${this.callCode(e)})`;
      case 'function':
        return this.functionCode(e.body);
      case 'paren':
        return this.expr(e.inner);
      case 'not':
        return `!(${this.condition(e.operand)})`;
      case 'and':
      case 'or':
        return this.logical(e);
      case 'minus': {
        const t = this.names.temp();
        const code = `(typeof (${t}=${this.expr(e.operand)})==="number"?-${t}:$unm(${t},${literal(describe(e.operand))}))`;
        this.names.release(t);
        return code;
      }
      case 'length':
        return `$len(${this.expr(e.operand)},${literal(describe(e.operand))})`;
      case 'binary':
        return this.binary(e);
      case 'table':
        return this.tableCode(e);
    }
  }

  private indexCode(e: Extract<Expr, { kind: 'index' }>): string {
    const d = literal(describe(e.object));
    const object = this.expr(e.object);
    if (e.key.kind === 'string' && e.object.kind === 'global') {
      return `$indexSite(${this.names.site()},${object},${at(e.line)}${literal(e.key.value)},${d})`;
    }
    if (e.key.kind === 'string') return `$indexStr(${object},${at(e.line)}${literal(e.key.value)},${d})`;
    return `$index(${object},${this.expr(e.key)},${d})`;
  }

  private logical(e: Extract<Expr, { kind: 'and' | 'or' }>): string {
    const t = this.names.temp();
    const left = `(${t}=${this.expr(e.left)})!==void 0&&${t}!==false`;
    // The temporary is read right after its test, so the right side may use it again.
    const right = e.kind === 'and' ? this.expr(e.right) : undefined;
    const code = e.kind === 'and' ? `(${left}?${right}:${t})` : `(${left}?${t}:${this.expr(e.right)})`;
    this.names.release(t);
    return code;
  }

  /** An operand as [code to evaluate it, code to read it again]. */
  private operand(e: Expr): { set: string; get: string; temp: string | undefined } {
    if (isSimple(e)) {
      const code = this.expr(e);
      return { set: code, get: code, temp: undefined };
    }
    const value = this.expr(e);
    const t = this.names.temp();
    return { set: `(${t}=${value})`, get: t, temp: t };
  }

  private binary(e: Extract<Expr, { kind: 'binary' }>): string {
    const { op, left, right } = e;
    if (op === '==' || op === '~=') {
      const sign = op === '==' ? '' : '!';
      if (isConstant(left) || isConstant(right))
        return `(${this.expr(left)}${op === '==' ? '===' : '!=='}${this.expr(right)})`;
      // A local on the left is read late, as below.
      if (left.kind === 'local' && !isSimple(right)) {
        const b = this.kept(right);
        this.names.release(b.temp);
        return `(${b.set},${sign}$eq(${left.local.js},${b.get}))`;
      }
      return `${sign}$eq(${this.expr(left)},${this.expr(right)})`;
    }
    // A local is read when the operation happens, after the other operand was evaluated; only concatenation copies
    // its operands one by one. So does LuaJIT.
    const a = op === '..' && left.kind === 'local' && !isSimple(right) ? this.kept(left) : this.operand(left);
    const b = this.operand(right);
    const names = `${literal(describe(left))},${literal(describe(right))}`;
    const isText = op === '..';
    const type = isText ? 'string' : 'number';
    const tests: string[] = [];
    const hoists: string[] = [];
    for (const [x, source] of [
      [a, left],
      [b, right],
    ] as const) {
      // Both operands are evaluated before either is tested, in their order.
      if (x.temp !== undefined) hoists.push(x.set.slice(1, -1));
      if (source.kind !== type) tests.push(`typeof ${x.get}==="${type}"`);
    }
    const test = tests.length === 0 ? 'true' : tests.join('&&');
    const fast = plainOperation(op, a.get, b.get);
    const slow = anyOperation(op, a.get, b.get, names);
    this.names.release(a.temp, b.temp);
    // The right-hand type test of a text comparison happens in the slow path.
    return `(${hoists.map((h) => `${h},`).join('')}${test}?${fast}:${slow})`;
  }

  private kept(e: Expr): { set: string; get: string; temp: string | undefined } {
    const value = this.expr(e);
    const t = this.names.temp();
    return { set: `(${t}=${value})`, get: t, temp: t };
  }

  private tableCode(e: Extract<Expr, { kind: 'table' }>): string {
    const { items } = e;
    if (items.length === 0) return 'new $LuaTable()';
    const listed = items.findIndex((item) => item.key !== undefined);
    const fields = listed < 0 ? [] : items.slice(listed);
    const mixed = fields.some((item) => item.key === undefined);
    const code: string[] = [];
    for (const [i, { key, value }] of items.entries()) {
      if (key !== undefined) code.push(`${at(key.line)}${this.expr(key)},${this.expr(value)}`);
      else if (i === items.length - 1)
        code.push(`${at(value.line)}${mixed ? '$NONE,' : ''}${this.list([value])}`);
      else code.push(`${at(value.line)}${mixed ? '$NONE,' : ''}${this.expr(value)}`);
    }
    if (mixed) return `$tableInOrder(${2 * items.length},[${code.join(',')}])`;
    const n = items.length - fields.length;
    return `$tableOf([${code.slice(0, n).join(',')}],[${code.slice(n).join(',')}])`;
  }

  /** A call with all of its results. */
  private callCode(e: Expr): string {
    if (e.kind === 'call') {
      const d = literal(describe(e.callee));
      if (e.callee.kind === 'local') {
        const f = e.callee.local.js;
        return `${at(e.line)}(typeof ${f}==="function"?${f}:$callee(${f},${d}))(${this.argCode(e.args)})`;
      }
      const callee = this.expr(e.callee);
      const t = this.names.temp();
      this.names.release(t);
      const parts = e.callee.kind === 'global' && e.callee.name === 'print' ? joined(e.args) : [];
      if (parts.length > 2) {
        const values = parts.map((part) => at(part.line) + this.expr(part));
        const names = parts.map((part) => literal(describe(part)));
        return `$printJoined((typeof (${t}=${callee})==="function"?${t}:$callee(${t},${d})),[${names}]${at(e.line)},${values})`;
      }
      return `(typeof (${t}=${callee})==="function"?${t}:$callee(${t},${d}))${at(e.line)}(${this.argCode(e.args)})`;
    }
    if (e.kind === 'method') {
      const simple = e.object.kind === 'local' || e.object.kind === 'string';
      const object = this.expr(e.object);
      const t = simple ? undefined : this.names.temp();
      const self = t ?? object;
      const args = e.args.length === 0 ? self : `${self},${this.argCode(e.args)}`;
      // The object is read before the arguments are evaluated, which may use the temporary again only after it is released.
      const code = `$method(${t === undefined ? object : `${t}=${object}`},${literal(e.name)},${literal(describe(e.object))})${at(e.line)}(${args})`;
      this.names.release(t);
      return code;
    }
    return this.expr(e);
  }

  private argCode(args: readonly Expr[]): string {
    return args
      .map((a, i) => {
        const code = i < args.length - 1 ? this.expr(a) : this.list([a]);
        return at(a.line) + code;
      })
      .join(',');
  }
}

/** The parts of `a .. b .. c`, where that is all that a call is given. */
function joined(args: readonly Expr[]): Expr[] {
  const parts: Expr[] = [];
  let [rest] = args;
  if (args.length !== 1) return parts;
  for (; rest.kind === 'binary' && rest.op === '..'; rest = rest.right) parts.push(rest.left);
  return [...parts, rest];
}

const TICK = 'if(--$I.budget<0)$I.poll();';
