import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ENGINES, engineFor, printed, runFile } from './engines.js';

const LUA = join(import.meta.dirname, 'lua');

/** Lines of a stored output of LuaJIT that fengari, a Lua 5.3, cannot give: line number → why. */
const FENGARI_OWN: { readonly [file: string]: { readonly [line: number]: string } } = {
  language: { 3: '% of infinity', 89: 'words of a syntax error' },
  libraries: { 2: 'find behind the end', 9: 'gsub of empty matches' },
};

describe.each(ENGINES)('%s engine', (name) => {
  test.each(['language', 'libraries'])('prints for %s.lua what LuaJIT prints', (file) => {
    const expected = readFileSync(join(LUA, `${file}.expected.txt`))
      .latin1Slice()
      .split('\n');
    const got = runFile(name, join(LUA, `${file}.lua`)).split('\n');
    if (name === 'fengari') {
      for (const line of Object.keys(FENGARI_OWN[file])) {
        expect(got[Number(line) - 1]).not.toBe(expected[Number(line) - 1]);
        got[Number(line) - 1] = expected[Number(line) - 1];
      }
    }
    expect(got).toEqual(expected);
  });

  test('an error carries file, line and Lua traceback in one block', () => {
    const { engine } = engineFor(name);
    engine.run(
      'local function inner(t)\n  return t.x.y\nend\nfunction on_event()\n  local r = inner({})\n  return r\nend',
      'my.lua',
    );
    const call = engine.callback('on_event')!;
    expect(call).toThrow(/^my\.lua:2: attempt to index .*(field 'x'.*nil value|nil value.*field 'x')/);
    try {
      call();
    } catch (e) {
      const lines = (e as Error).message.split('\n');
      expect(lines[1]).toBe('stack traceback:');
      expect(lines.slice(2).map((l) => /my\.lua:(\d+):/.exec(l)?.[1])).toEqual(['2', '5']);
    }
  });

  test('print takes a line in parts as if they had been joined before', () => {
    const source = `
      local n, word, nothing = 0.1, "word", nil
      local joining = setmetatable({}, { __concat = function(a, b) return "joined with " .. tostring(b) end })
      local function two() return "one", "two" end
      print("a" .. n .. 1e15 .. -0 .. word)
      print("a" .. two() .. "c" .. two())
      print(("x" .. "y") .. "z" .. #word .. ("w" .. 1))
      print("a" .. joining .. "c" .. 1)
      print(pcall(function() print("a" .. nothing .. "c") end))
      print(pcall(function() print("a" .. "b" .. nothing) end))
      print(pcall(function() print("a" .. {} .. "c" .. 1) end))
      print("a" .. "b" .. "c", "d" .. "e" .. "f")
      local order = {}
      local function note(x) order[#order + 1] = x return x end
      print(note("1") .. note("2") .. note("3") .. table.concat(order))
      local own = print
      print = function(...) own(select("#", ...), ...) end
      print("a" .. "b" .. "c")
      print = nil
      own(pcall(function() print("a" .. "b" .. "c") end))
    `;
    // Both engines differ from each other in the words of errors only.
    const lines = printed(name, source)
      .split('\n')
      .map((line) => line.replace(/^false\t.*(concatenate|call).*/, 'false\t$1'));
    expect(lines).toEqual([
      ...[expect.stringMatching(/^a0.11e\+15-?0word$/), 'aonecone', 'xyz4w1', 'ajoined with c1'],
      ...[
        'false\tconcatenate',
        'false\tconcatenate',
        'false\tconcatenate',
        'abc\tdef',
        '123123',
        '1\tabc',
        'false\tcall',
        '',
      ],
    ]);
  });

  test('an error in a library function is blamed on its caller', () => {
    const { engine } = engineFor(name);
    engine.run('function on_event()\n  local at = string.find("x", "[")\n  return at\nend', 'lib.lua');
    expect(engine.callback('on_event')!).toThrow(
      /^lib\.lua:2: malformed pattern \(missing ']'\)\nstack traceback:\n {4}lib\.lua:2: in function/,
    );
  });

  test('a deep recursion is an error, not a crash, and its traceback is short', () => {
    const { engine } = engineFor(name);
    engine.run(
      'local function f(n) return f(n + 1) + 1 end\nfunction on_event() return f(1) end',
      'deep.lua',
    );
    const call = engine.callback('on_event')!;
    try {
      call();
      expect.unreachable();
    } catch (e) {
      expect((e as Error).message).toMatch(/stack overflow/);
      expect((e as Error).message.split('\n').length).toBeLessThan(40);
    }
    // The state works on.
    engine.run('x = 1', 'later.lua');
    expect(engine.getGlobal('x')).toBe(1);
  });

  test('bytes pass unchanged through tables, patterns and print', () => {
    const all = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join('');
    const { engine, out } = engineFor(name);
    engine.setGlobal('bytes', all);
    engine.run(
      'local t = {[bytes] = bytes} for k, v in pairs(t) do io.write(k, v:gsub("^(.*)$", "%1"), "\\n") end',
      'b.lua',
    );
    expect(out.text).toBe(`${all}${all}\n`);
  });

  test('a callback sees arguments and gives its first result', () => {
    const { engine } = engineFor(name);
    engine.run('function add(a, b) return a + b, "second" end function nothing() end', 'c.lua');
    expect(engine.callback('add')!(2, 3)).toBe(5);
    expect(engine.callback('nothing')!()).toBe(undefined);
    expect(engine.callback('missing')).toBe(undefined);
  });

  test('pcall does not catch the end of the program', () => {
    const { engine, out } = engineFor(name);
    engine.run('function f() pcall(function() os.exit(3) end) print("went on") end', 'e.lua');
    expect(engine.callback('f')!).toThrow(/exit 3/);
    expect(out.text).toBe('');
  });
});

describe('the compiling engine', () => {
  test.each([
    ['x = = 1', "test.lua:1: unexpected symbol near '='"],
    ['if x then', "test.lua:1: 'end' expected near '<eof>'"],
    ['\n\nfor i = 1 do end', "test.lua:3: ',' expected near 'do'"],
    ['x = "abc', "test.lua:1: unfinished string near '<eof>'"],
    ['x = 12abc', "test.lua:1: malformed number near '12abc'"],
    ['break', "test.lua:1: no loop to break near '<eof>'"],
    [
      'local function f() return ... end',
      "test.lua:1: cannot use '...' outside a vararg function near '...'",
    ],
    ['f(', "test.lua:1: unexpected symbol near '<eof>'"],
    ['a.b:c = 1', "test.lua:1: function arguments expected near '='"],
    ['while true do\n\n\n', "test.lua:4: 'end' expected (to close 'while' at line 1) near '<eof>'"],
    ['x = [[abc', "test.lua:1: unfinished long string near '<eof>'"],
    ['return 1 x = 2', "test.lua:1: '<eof>' expected near 'x'"],
  ])('%j: %s', (source, message) => {
    expect(printed('compiled', source)).toBe(`ERROR ${message}`);
  });

  test('debug.getinfo tells the line of a level', () => {
    const source = `
      local function who() return debug.getinfo(2, "Sl") end
      local info = who()
      print(info.currentline, info.short_src, debug.getinfo(1).currentline, debug.getinfo(99))`;
    expect(printed('compiled', source)).toBe('3\ttest.lua\t4\tnil\n');
  });

  test('leaves coroutines, goto and environments to fengari', async () => {
    const { startEngine } = await import('../../src/chisel/lua_engines.js');
    const { StringOutput } = await import('../../src/chisel/output.js');
    const { Interrupt } = await import('../../src/chisel/interrupt.js');
    for (const source of [
      'local c = coroutine.wrap(function() coroutine.yield(1) coroutine.yield(2) end) print(c(), c())',
      'local env = {print = print} setfenv(function() print(1, 2) end, env)() print(setfenv ~= nil)',
      'do goto done print("never") ::done:: print(1, 2) end',
    ]) {
      const out = new StringOutput();
      const engine = startEngine(undefined, { out, interrupt: new Interrupt(), modulePath: [] }, (e) =>
        e.run(source, 'x.lua'),
      );
      expect(engine.kind).toBe('fengari');
      expect(out.text).toMatch(/^1\t2\n/);
    }
  });

  test('any bytes are a program or a syntax error with its place', () => {
    const piece = fc.constantFrom(
      ...'x y f local function end if then else elseif while do for in repeat until return break nil true not and or ( ) { } [ ] = == ~= < <= .. ... + - * / % ^ # , ; : . 1 0x1f 1e5 "s" \'q\' [[l]] --c\n'.split(
        ' ',
      ),
      '\n',
      '\0',
      'é',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const { engine } = engineFor('compiled');
        try {
          engine.run(`do return end ${pieces.join(' ')}`, 'fuzz.lua');
        } catch (e) {
          // What runs has ended at the return: only the parser can have complained.
          expect((e as Error).message).toMatch(/^fuzz\.lua:\d+: |needs the fengari engine/);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('random expressions have the value that fengari gives them', () => {
    const leaf = fc.oneof(
      fc.integer({ min: -50, max: 50 }).map((n) => (n < 0 ? `(${n})` : String(n))),
      fc.constantFrom(
        '0.5',
        '1e10',
        '"12"',
        '"x"',
        'nil',
        'true',
        'false',
        't[1]',
        't.k',
        't.none',
        'a',
        'b',
        'f(2, 3)',
        '(f(1, 2))',
        '#t',
        '#"abc"',
      ),
    );
    const { expr } = fc.letrec((tie) => ({
      expr: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc
          .tuple(
            tie('expr'),
            fc.constantFrom('+', '-', '*', '/', '^', '..', '==', '~=', '<', '<=', '>', '>=', 'and', 'or'),
            tie('expr'),
          )
          .map(([l, op, r]) => `(${l as string} ${op} ${r as string})`),
        fc.tuple(fc.constantFrom('not ', '-', '#'), tie('expr')).map(([op, e]) => `(${op}${e as string})`),
        tie('expr').map((e) => `({${e as string}, k = ${e as string}}).k`),
        tie('expr').map((e) => `(function(...) return ... end)(${e as string}, 1)`),
      ),
    }));
    fc.assert(
      fc.property(expr, (e) => {
        const program = `local t = {7, k = "v"} local a, b = 3, "4" local function f(x, y) return x * y, x end
          local ok, v = pcall(function() return ${e as string} end) print(ok, ok and tostring(v))`;
        const strip = (s: string): string =>
          s.replace(/(table|function): \S+/g, '$1').replace(/-nan/g, 'nan');
        expect(strip(printed('compiled', program))).toBe(strip(printed('fengari', program)));
      }),
      { numRuns: 150 },
    );
  });
});
