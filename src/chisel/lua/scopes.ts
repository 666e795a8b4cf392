import type { Expr, Local } from './ast.js';

interface Scope {
  readonly names: Map<string, Local>;
  readonly parent: Scope | undefined;
  /** How many functions stand around it. */
  readonly level: number;
}

/** Which local variable a name means at the place that the parser has come to. Each local has a JavaScript name of its own. */
export class Scopes {
  private scope: Scope = { names: new Map(), parent: undefined, level: 0 };
  private level = 0;
  private count = 0;

  /** A local that no name means until it is declared. */
  make(name: string): Local {
    return { name, js: `${name.replace(/[^A-Za-z0-9_]/g, '_')}$${++this.count}` };
  }

  /** Its name means this local from here on, to the end of the scope. */
  declare(local: Local): void {
    this.scope.names.set(local.name, local);
  }

  /** The local that a name means here; undefined: it is a global's. */
  resolve(name: string, line: number): Extract<Expr, { kind: 'local' }> | undefined {
    for (let s: Scope | undefined = this.scope; s !== undefined; s = s.parent) {
      const local = s.names.get(name);
      if (local !== undefined) return { kind: 'local', local, upvalue: s.level !== this.level, line };
    }
    return undefined;
  }

  /** Does something in a scope of its own. */
  within<T>(action: () => T): T {
    const outer = this.scope;
    this.scope = { names: new Map(), parent: outer, level: this.level };
    try {
      return action();
    } finally {
      this.scope = outer;
    }
  }

  /** Does something in the scope of a function: locals from outside are its upvalues. */
  withinFunction<T>(action: () => T): T {
    this.level++;
    try {
      return this.within(action);
    } finally {
      this.level--;
    }
  }
}
