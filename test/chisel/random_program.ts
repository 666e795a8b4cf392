/*
 * Lua programs made from a seed, for comparing engines: always the same program for the same seed. They print what they
 * do, end after a bounded number of steps, never depend on the order of a hash table or on addresses, and their errors
 * are caught and printed.
 */

/** A small generator of numbers in [0, 1): mulberry32. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** What every program finds: `p` prints values without addresses, `ks` gives sorted keys, `try` prints a call's outcome. */
export const PRELUDE = `local function text(v)
  if type(v) == "table" then return "{" .. #v .. "}" end
  if type(v) == "function" then return "f" end
  if v ~= v then return "nan" end
  return tostring(v)
end
local function p(...)
  local t = {}
  for i = 1, select("#", ...) do t[i] = text((select(i, ...))) end
  print(table.concat(t, " "))
end
local function ks(t)
  local keys = {}
  for k in pairs(t) do keys[#keys + 1] = tostring(k) end
  table.sort(keys)
  return table.concat(keys, ",")
end
local function try(f, ...)
  local r = { pcall(f, ...) }
  p("try", unpack(r, 1, table.maxn(r)))
  return r[2]
end
local class = {}
class.__index = class
class.__add = function(a, b) return "sum" end
class.__concat = function(a, b) return "joined" end
class.__call = function(self, a, b) return b, a end
class.__lt = function(a, b) return a.n < b.n end
class.__eq = function(a, b) return a.n == b.n end
class.__unm = function(a) return a.n end
class.__newindex = function(t, k, v) rawset(t, k, v == nil and 0 or v) end
function class.new(n) return setmetatable({ n = n }, class) end
function class:get(x) return self.n, x end
`;

const NAMES = ['a', 'b', 'c', 'd', 'e'] as const;

class Program {
  private readonly next: () => number;
  private readonly lines: string[] = [];
  private indent = 0;
  /** Visible locals, innermost last. */
  private scope: string[] = [];
  private loops = 0;
  private counter = 0;
  private budget = 40;
  private vararg = false;

  constructor(seed: number) {
    this.next = random(seed);
  }

  private int(n: number): number {
    return Math.floor(this.next() * n);
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.int(list.length)];
  }

  private chance(p: number): boolean {
    return this.next() < p;
  }

  private line(text: string): void {
    this.lines.push('  '.repeat(this.indent) + text);
  }

  private variable(): string {
    if (this.scope.length > 0 && this.chance(0.9)) return this.pick(this.scope);
    return this.pick(['G', 'H']);
  }

  private leaf(): string {
    return this.pick([
      () => String(this.int(10)),
      () => this.pick(['0.5', '-3', '1e3', '2^53', '1/0', '0x10']),
      () => this.pick(['"x"', '"12"', '"a b,c"', '""', '" 7 "', '[[l]]', '"%d+"', '"0x1f"']),
      () => this.pick(['nil', 'true', 'false']),
      () => this.variable(),
      () => this.variable(),
      () => this.variable(),
      () => (this.vararg ? this.pick(['...', '(...)', 'select("#", ...)', '(select(2, ...))']) : '{}'),
      () => this.pick(['{}', '{ 1, 2, 3 }', '{ x = 1, 4 }', 'class.new(3)', '{ 3, "s", n = 2 }']),
    ])();
  }

  /** A number, hardly ever something else. */
  private num(depth: number): string {
    if (this.chance(0.03)) return this.leaf();
    const known = this.scope.filter((v) => v.startsWith('n'));
    if (depth <= 0 || this.chance(0.2)) {
      if (known.length > 0 && this.chance(0.6)) return this.pick(known);
      return this.pick([String(this.int(20)), '0.5', '-3', '1e3', '2^53', '"12"', 'H.n', '#G']);
    }
    const sub = (): string => this.num(depth - 1);
    return this.pick([
      () => `(${sub()} ${this.pick(['+', '-', '*', '/', '%', '^'])} ${sub()})`,
      () => `(${sub()} ${this.pick(['+', '-', '*'])} ${sub()} ${this.pick(['+', '/', '-'])} ${sub()})`,
      () => `-(${sub()})`,
      () => `#(${this.str(depth - 1)})`,
      () => `(tonumber(${this.expr(depth - 1)}) or ${sub()})`,
      () => `math.${this.pick(['floor', 'ceil', 'abs'])}(${sub()})`,
      () => `math.${this.pick(['max', 'min'])}(${sub()}, ${sub()})`,
      () => `(string.byte(${this.str(depth - 1)}) or 0)`,
      () => `select("#", ${this.expr(depth - 1)})`,
      () => `(function(n, ...) return n + ${sub()}, ... end)(${sub()}, 2)`,
    ])();
  }

  /** A string or number, hardly ever something else. */
  private str(depth: number): string {
    if (this.chance(0.03)) return this.leaf();
    const known = this.scope.filter((v) => v.startsWith('s'));
    if (depth <= 0 || this.chance(0.2)) {
      if (known.length > 0 && this.chance(0.6)) return this.pick(known);
      return this.pick(['"x"', '"12"', '"a b,c"', '""', '" 7 "', '[[l]]', '"k=v;k2=v2"', '"\\0z"']);
    }
    const sub = (): string => this.str(depth - 1);
    return this.pick([
      () => `(${sub()} .. ${sub()})`,
      () => `(${sub()} .. ${this.num(depth - 1)} .. ${sub()})`,
      () => `string.sub(${sub()}, ${this.int(6) - 3}, ${this.int(8) - 3})`,
      () =>
        `(string.gsub(${sub()}, "%w", ${this.pick(['"<%0>"', '{ a = "A", x = 1 }', 'function(c) if c > "c" then return c .. c end end'])}))`,
      () => `(${sub()}):${this.pick(['upper()', 'rep(2)', 'reverse()', 'lower()', 'format(1)'])}`,
      () => `tostring(${this.expr(depth - 1)} == nil)`,
      () => `string.format("%5s|%-4d|%g", ${sub()}, ${this.int(999)}, ${this.num(depth - 1)})`,
      () => `table.concat({ ${sub()}, ${this.num(depth - 1)}, ${sub()} }, ",")`,
      () => `(string.match(${sub()}, "(%w+)") or ${sub()})`,
    ])();
  }

  /** An expression; at depth 0 a leaf. */
  private expr(depth: number): string {
    const kind = this.next();
    if (kind < 0.35) return this.num(depth);
    if (kind < 0.6) return this.str(depth);
    return this.wild(depth);
  }

  /** An expression of any kind, often an error. */
  private wild(depth: number): string {
    if (depth <= 0 || this.chance(0.2)) return this.leaf();
    const sub = (): string => this.expr(depth - 1);
    return this.pick([
      () => `(${sub()} ${this.pick(['+', '-', '*', '/', '%', '^'])} ${sub()})`,
      () => `(${sub()} .. ${sub()})`,
      () => `(${this.num(depth - 1)} ${this.pick(['<', '<=', '>', '>='])} ${this.num(depth - 1)})`,
      () => `(${this.str(depth - 1)} ${this.pick(['<', '<=', '>', '>='])} ${this.str(depth - 1)})`,
      () => `(${sub()} ${this.pick(['==', '~='])} ${sub()})`,
      () => `(${sub()} ${this.pick(['<', '<=', '>', '>='])} ${sub()})`,
      () => `(${sub()} ${this.pick(['and', 'or'])} ${sub()})`,
      () => `(${sub()} ${this.pick(['and', 'or'])} ${sub()} ${this.pick(['and', 'or'])} ${sub()})`,
      () => `(${this.pick(['not ', '- ', '#'])}${this.chance(0.5) ? sub() : this.variable()})`,
      () => `${this.variable()}${this.pick(['.x', '.n', '[1]', '[#G]', '["x"]'])}`,
      () => `(${this.variable()})[ ${sub()} ]`,
      () => `${this.variable()}(${this.args(depth - 1)})`,
      () => `${this.variable()}:${this.pick(['get', 'len', 'upper', 'rep'])}(${this.args(depth - 1)})`,
      () => this.functionExpr(depth - 1),
      () => this.library(depth - 1),
      () => this.library(depth - 1),
      () => `{ ${sub()}, ${sub()}, x = ${sub()} }`,
      () => `{ ${sub()}, [${this.pick(['2', '"k"', '1.5', 'true'])}] = ${sub()}, ${sub()} }`,
    ])();
  }

  private args(depth: number): string {
    return Array.from({ length: this.int(3) }, () => this.expr(depth)).join(', ');
  }

  private library(depth: number): string {
    const s = (): string =>
      this.chance(0.6) ? this.pick(['"a,b;c1"', '"key = value"', '"  trim "', '"x1y22"']) : this.expr(depth);
    const pattern = (): string =>
      this.pick([
        '"%a+"',
        '"(%w)(%d)"',
        '"^%s*(.-)%s*$"',
        '"[^,;]*"',
        '"%d*"',
        '"."',
        '"()b"',
        '"%s-$"',
        '"(.)%1"',
        '"[%w_]+"',
        '"%b()"',
      ]);
    return this.pick([
      () => `tostring(${this.chance(0.5) ? this.int(1000) / 8 : s()})`,
      () => `tonumber(${this.expr(depth)})`,
      () => `type(${this.leaf()})`,
      () => `string.sub(${s()}, ${this.int(6) - 3}${this.chance(0.5) ? `, ${this.int(8) - 3}` : ''})`,
      () => `string.find(${s()}, ${pattern()}${this.chance(0.3) ? `, ${this.int(5) - 2}` : ''})`,
      () => `string.match(${s()}, ${pattern()})`,
      () =>
        `string.gsub(${s()}, ${pattern()}, ${this.pick(['"<%0>"', '"%1"', '""', '{ a = "A", x = 1 }', 'string.upper', '"%%"'])}${this.chance(0.3) ? `, ${this.int(3)}` : ''})`,
      () => `string.rep(${s()}, ${this.int(4)})`,
      () => `string.byte(${s()}, ${this.int(4) - 1}, ${this.int(5) - 2})`,
      () =>
        `string.format(${this.pick(['"%5d|%s"', '"%-6s|%x"', '"%.2f %q"', '"%g,%5.1f"', '"%03d%%"', '"%s %s %s"', '"%c"', '"%+d %e"'])}, ${this.expr(depth)}, ${this.expr(depth)})`,
      () => `select(${this.int(4) - 1}, ${this.expr(depth)}, ${this.expr(depth)})`,
      () => `unpack({ ${this.expr(depth)}, ${this.expr(depth)}, ${this.expr(depth)} }, 1, ${this.int(4)})`,
      () => `math.${this.pick(['floor', 'ceil', 'abs', 'sqrt'])}(${this.expr(depth)})`,
      () => `math.${this.pick(['max', 'min', 'fmod'])}(${this.expr(depth)}, ${1 + this.int(5)})`,
      () => `table.concat({ ${this.leaf()}, ${this.leaf()} }, ",")`,
      () => `pcall(${this.pick(['error', 'tostring', 'string.len', this.variable()])}, ${this.expr(depth)})`,
      () => `rawget(${this.variable()}, "n")`,
      () => `(next(${this.variable()}))`,
    ])();
  }

  private functionExpr(depth: number): string {
    const outer = { scope: this.scope, vararg: this.vararg };
    const params = NAMES.slice(0, this.int(3)).map((n) => n + this.counter++);
    this.vararg = this.chance(0.4);
    this.scope = [...outer.scope, ...params];
    const list = [...params, ...(this.vararg ? ['...'] : [])].join(', ');
    const result = `function(${list}) return ${this.expr(depth)}${this.chance(0.4) ? `, ${this.expr(depth)}` : ''} end`;
    this.scope = outer.scope;
    this.vararg = outer.vararg;
    return `(${result})`;
  }

  private exprs(n: number, depth: number): string {
    return Array.from({ length: Math.max(1, n) }, () => this.expr(depth)).join(', ');
  }

  /** What is made inside of a function without varargs. */
  private plain<T>(make: () => T): T {
    const outer = this.vararg;
    this.vararg = false;
    const made = make();
    this.vararg = outer;
    return made;
  }

  private target(): string {
    const free = (): string => {
      const v = this.variable();
      // Those keep their types, and loops end by them.
      return /^[nsGH]/.test(v) ? `${v === 'G' || v === 'H' ? v : 'G'}.y` : v;
    };
    return this.pick([
      free,
      free,
      () => `${this.variable()}.x`,
      () => `${this.variable()}[ ${this.expr(1)} ]`,
    ])();
  }

  /** Statements in a scope of their own. */
  private block(depth: number, params: readonly string[] = []): void {
    const outer = this.scope;
    this.scope = [...outer, ...params];
    this.indent++;
    const n = 1 + this.int(4);
    for (let i = 0; i < n; i++) this.statement(depth);
    this.indent--;
    this.scope = outer;
  }

  private declare(): string {
    // Names come again, so that inner ones hide outer ones.
    return this.chance(0.5) ? this.pick(NAMES) : `${this.pick(NAMES)}${this.counter++}`;
  }

  private loop(head: string, params: readonly string[], depth: number, before?: string): void {
    this.line(head);
    this.loops++;
    if (before !== undefined) this.line(`  ${before}`);
    this.block(depth, params);
    if (this.chance(0.3)) this.line(`  if ${this.expr(1)} then break end`);
    this.loops--;
  }

  private statement(depth: number): void {
    if (this.budget-- <= 0 || depth <= 0) {
      this.line(`p(${this.exprs(2, 1)})`);
      return;
    }
    const kinds: (() => void)[] = [
      () => {
        const names = Array.from({ length: 1 + this.int(3) }, () => this.declare());
        const values = this.chance(0.85) ? ` = ${this.exprs(this.int(4), 2)}` : '';
        this.line(`local ${names.join(', ')}${values}`);
        this.scope = [...this.scope, ...names];
      },
      () => {
        const k = this.counter++;
        this.line(`local n${k}, s${k} = ${this.num(3)}, ${this.str(3)}`);
        this.scope = [...this.scope, `n${k}`, `s${k}`];
      },
      () => {
        const known = this.scope.filter((v) => v.startsWith('n'));
        if (known.length > 0)
          this.line(`${this.pick(known)}, ${this.target()} = ${this.num(2)}, ${this.expr(2)}`);
        else this.line(`p(${this.num(3)})`);
      },
      () => {
        const known = this.scope.filter((v) => v.startsWith('s'));
        if (known.length > 0) this.line(`${this.pick(known)} = ${this.str(3)}`);
        else this.line(`p(${this.str(3)})`);
      },
      () => this.line(`${this.target()} = ${this.expr(2)}`),
      () => this.line(`${this.target()}, ${this.target()} = ${this.exprs(1 + this.int(3), 2)}`),
      () => this.line(`p(${this.exprs(1 + this.int(3), 2)})`),
      () => this.line(`p(${this.num(3)}, ${this.str(3)})`),
      () => this.line(`try(function() return ${this.plain(() => this.exprs(1 + this.int(3), 3))} end)`),
      () => this.line(`try(${this.functionExpr(2)}, ${this.expr(1)})`),
      () => {
        this.line(`if ${this.expr(2)} then`);
        this.block(depth - 1);
        if (this.chance(0.4)) {
          this.line(`elseif ${this.expr(2)} then`);
          this.block(depth - 1);
        }
        if (this.chance(0.5)) {
          this.line('else');
          this.block(depth - 1);
        }
        this.line('end');
      },
      () => {
        const i = this.declare();
        const [from, to, step] = this.pick([
          ['1', '3', ''],
          ['3', '1', ', -1'],
          ['0', '1', ', 0.25'],
          ['"1"', '2', ''],
          ['2', '#G', ''],
          ['1', '0', ''],
        ]);
        this.loop(`for ${i} = ${from}, ${to}${step} do`, [i], depth - 1);
        this.line('end');
      },
      () => {
        const [k, v] = [this.declare(), this.declare()];
        const over = this.pick(['{ 4, 5, nil, 6 }', 'G', '{ "x", "y" }']);
        this.loop(`for ${k}, ${v} in ipairs(${over}) do`, [k, v], depth - 1);
        this.line('end');
      },
      () => {
        const v = this.declare();
        this.loop(
          `for ${v} in string.gmatch("k1=v1,k2", ${this.pick(['"%w+"', '"(%a)%d"', '"[^,]*"'])}) do`,
          [v],
          depth - 1,
        );
        this.line('end');
      },
      () => {
        const n = `n${this.counter++}`;
        this.line(`local ${n} = 0`);
        this.loop(`while ${n} < 3 do`, [], depth - 1, `${n} = ${n} + 1`);
        this.line('end');
      },
      () => {
        const n = `n${this.counter++}`;
        this.line(`local ${n} = 0`);
        this.loop('repeat', [], depth - 1, `local last = ${n} ${n} = ${n} + 1`);
        this.line(`until ${n} >= 3 or last > 1`);
      },
      () => {
        this.line('do');
        this.block(depth - 1);
        this.line('end');
      },
      () => {
        const name = this.declare();
        const outer = { vararg: this.vararg, loops: this.loops };
        const params = [this.declare(), this.declare()];
        this.vararg = this.chance(0.4);
        this.loops = 0;
        this.line(`local function ${name}(${params.join(', ')}${this.vararg ? ', ...' : ''})`);
        // It may call itself only by way of a global, a bounded number of times.
        this.block(depth - 1, params);
        this.line(`  return ${this.exprs(1 + this.int(3), 2)}`);
        this.line('end');
        this.vararg = outer.vararg;
        this.loops = outer.loops;
        this.scope = [...this.scope, name];
        this.line(`try(${name}, ${this.exprs(1 + this.int(2), 1)})`);
      },
      () => {
        // Closures over a loop's variable.
        const list = this.declare();
        this.line(`local ${list} = {}`);
        this.line(
          `for i = 1, 3 do local j = i ${list}[i] = function(k) j = j + (k or 1) i = i + j return i, j end end`,
        );
        this.line(`p(${list}[1](), ${list}[1](2), ${list}[2](), ${list}[3](-1))`);
        this.scope = [...this.scope, list];
      },
      () => {
        const list = this.declare();
        this.line(`local ${list} = { ${Array.from({ length: 5 }, () => this.int(9)).join(', ')} }`);
        this.line(
          this.pick([
            `table.sort(${list}) p(unpack(${list}))`,
            `table.sort(${list}, function(x, y) return x > y end) p(unpack(${list}))`,
            `table.insert(${list}, ${1 + this.int(5)}, "i") p(table.remove(${list}, ${1 + this.int(6)}), #${list}, unpack(${list}))`,
            `${list}[#${list}] = nil ${list}.k = 1 p(#${list}, ks(${list}))`,
            `p(table.concat(${list}, "-", 2, 4), ks(${list}), next({}))`,
          ]),
        );
        this.scope = [...this.scope, list];
      },
      () => this.line(`try(error, ${this.expr(1)}, ${this.int(3)})`),
      () => {
        const assignment = this.plain(() => `${this.target()} = ${this.expr(2)}`);
        this.line(
          `p(pcall(function() ${assignment} error("e${this.counter++}"${this.chance(0.3) ? ', 2' : ''}) end))`,
        );
      },
    ];
    this.pick(kinds)();
    if (this.loops > 0 && this.chance(0.05)) this.line(`if ${this.expr(1)} then break end`);
  }

  source(): string {
    this.line('local G, H = { 1, 2, 3 }, class.new(5)');
    for (const name of NAMES.slice(0, 3)) this.line(`local ${name} = ${this.expr(1)}`);
    this.scope = ['G', 'H', 'a', 'b', 'c'];
    for (let i = 0; i < 14; i++) {
      // An error ends its own piece only.
      const { scope } = this;
      const guarded = this.chance(0.7);
      if (guarded) this.line('try(function()');
      this.statement(3);
      if (guarded) {
        this.line('end)');
        this.scope = scope;
      }
    }
    return this.lines.join('\n');
  }
}

/** The programs of the seeds as one chunk; each runs on its own and its outcome is printed behind its number. */
export function randomPrograms(seeds: readonly number[]): string {
  return (
    PRELUDE +
    seeds.map((seed) => `print("== ${seed}")\ntry(function()\n${new Program(seed).source()}\nend)`).join('\n')
  );
}
