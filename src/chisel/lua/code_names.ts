import { literal } from './code_text.js';

/** Names of the helpers that generated code uses: the members of the object it is given. */
export const HELPERS = [
  'LuaTable',
  'NONE',
  'next',
  'first',
  'all',
  'index',
  'indexStr',
  'indexSite',
  'Site',
  'setIndex',
  'setIndexStr',
  'callee',
  'method',
  'arith',
  'unm',
  'concat',
  'len',
  'eq',
  'lt',
  'le',
  'tableOf',
  'tableInOrder',
  'iterate',
  'iterateOver',
  'forNumber',
  'missing',
  'setGlobal',
  'printJoined',
] as const;

/** Temporaries of one function: handed out and given back like a stack. */
export interface Temporaries {
  readonly free: string[];
  readonly made: string[];
  count: number;
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * The names in the code of one chunk that stand for nothing in its source, or for globals. `$x` are helpers of ops.ts and what
 * this makes, `G$x` cells of globals; Lua locals are `x$1` (parser.ts), which none of these is.
 */
export class Names {
  private readonly globals = new Map<string, string>();
  private fn: Temporaries = { free: [], made: [], count: 0 };
  private unique = 0;
  private sites = 0;

  /** What the code must begin with, once all of it has been made: helpers, cells and memories. */
  declarations(): string {
    const helpers = `const {${HELPERS.map((h) => `${h}:$${h}`).join(',')}}=$h;`;
    const cells = [...this.globals].map(([name, js]) => `${js}=$cell(${literal(name)})`).join(',');
    const sites = Array.from({ length: this.sites }, (_, i) => `$s${i}=new $Site()`).join(',');
    return `${helpers}${cells === '' ? '' : `const ${cells};`}${sites === '' ? '' : `const ${sites};`}`;
  }

  /** Temporaries belong to a function of their own from here on. Gives those of the function around it, for `leaveFunction`. */
  enterFunction(): Temporaries {
    const outer = this.fn;
    this.fn = { free: [], made: [], count: 0 };
    return outer;
  }

  /** Ends what `enterFunction` began: gives the declaration of the temporaries. */
  leaveFunction(outer: Temporaries): string {
    const { made } = this.fn;
    this.fn = outer;
    return made.length > 0 ? `let ${made.join(',')};` : '';
  }

  /** A memory for one place in the code. */
  site(): string {
    return `$s${this.sites++}`;
  }

  /** The cell of a global. */
  cell(name: string): string {
    let js = this.globals.get(name);
    if (js === undefined) {
      js = IDENTIFIER.test(name) ? `G$${name}` : `G$$${this.globals.size}`;
      this.globals.set(name, js);
    }
    return js;
  }

  /** A temporary of the present function. */
  temp(): string {
    const t = this.fn.free.pop();
    if (t !== undefined) return t;
    const made = `$t${this.fn.count++}`;
    this.fn.made.push(made);
    return made;
  }

  /** Gives temporaries back. */
  release(...temps: (string | undefined)[]): void {
    for (const t of temps) if (t !== undefined) this.fn.free.push(t);
  }

  /** A name for a variable that the code declares where it uses it. */
  fresh(): string {
    return `$v${this.unique++}`;
  }
}
