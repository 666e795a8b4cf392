import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { describeChisel, formatChiselInfo, formatChiselList, listChisels } from '../../src/chisel/list.js';
import { FIXTURES, runChisel } from '../chisels/run_chisel.js';
import { tsdig } from '../cli/command_line.js';
import { ENGINES } from './engines.js';

const CAPTURE = join(FIXTURES, 'containers.scap.gz');
const dir = mkdtempSync(join(tmpdir(), 'tsdig-host-'));
afterAll(() => rmSync(dir, { recursive: true }));
afterEach(() => {
  delete process.env['TSDIG_LUA'];
});

let count = 0;
/** Writes a chisel; gives its path. */
function chisel(body: string, args = '{}'): string {
  const path = join(dir, `c${count++}.lua`);
  writeFileSync(path, `description, short_description, category = "d", "s", "Test"\nargs = ${args}\n${body}`);
  return path;
}

async function run(body: string, words: readonly string[] = [], args = '{}'): Promise<string> {
  return (await runChisel(CAPTURE, ['-c', chisel(body, args), ...words])).text;
}

describe.each(ENGINES)('a chisel on the %s engine', (engine) => {
  const use = (): void => {
    process.env['TSDIG_LUA'] = engine;
  };

  test('goes through its life in order', async () => {
    use();
    const text = await run(
      `
      print("chunk", pcall(sysdig.get_machine_info))
      function on_set_arg(n, v) print("arg", n, v) return true end
      function on_init() print("init") f = chisel.request_field("evt.num") return true end
      function on_capture_start() print("start", sysdig.get_machine_info().num_cpus >= 0) return true end
      n = 0
      function on_event() n = n + 1 if n == 2 then print("event", evt.field(f) == evt.get_num()) sysdig.end_capture() end return true end
      function on_capture_end(s, ns, delta) print("end", s > 1.7e9, ns == math.floor(ns), delta >= 0) end`,
      ['a 1'],
      '{{name="x", description=""}, {name="y", description="", optional=true}}',
    );
    const lines = text.split('\n');
    expect(lines[0]).toMatch(/^chunk\tfalse\t.*get_machine_info can only be called/);
    expect(lines.slice(1)).toEqual([
      'arg\tx\ta',
      'arg\ty\t1',
      'init',
      'start\ttrue',
      'event\ttrue',
      'end\ttrue\ttrue\ttrue',
      '',
    ]);
  });

  test('its own filter and formatter decide what is printed', async () => {
    use();
    const text = await run(`
      function on_init()
        chisel.set_filter("evt.type=execve and evt.dir=<")
        chisel.set_event_formatter("%evt.type %evt.dir %proc.name")
        return true
      end
      function on_event() return true end`);
    const lines = text.trim().split('\n');
    expect(lines.length).toBeGreaterThan(3);
    for (const l of lines) expect(l).toMatch(/^execve < \S/);
  });

  test('values come in their Lua types', async () => {
    use();
    const text = await run(`
      local names = {"evt.num", "proc.name", "evt.is_io_read", "evt.rawtime", "fd.nonexistent"}
      function on_init()
        fields = {}
        for i = 1, 4 do fields[i] = chisel.request_field(names[i]) end
        print(pcall(chisel.request_field, names[5]))
        chisel.set_filter("evt.type=read and evt.dir=< and proc.name exists")
        return true
      end
      function on_event()
        for i = 1, 4 do io.write(type(evt.field(fields[i])), " ") end
        print(evt.field(nil), evt.get_type(), select("#", evt.get_ts()), type(evt.get_cpuid()))
        sysdig.end_capture()
        return true
      end`);
    const lines = text.split('\n');
    expect(lines[0]).toMatch(/^false\t.*chisel requesting nonexistent field fd\.nonexistent/);
    expect(lines[1]).toBe('number string boolean number nil\tread\t2\tnumber');
  });

  test('chisel.exec replaces it by another one with arguments', async () => {
    use();
    const other = chisel(
      'function on_set_arg(n, v) print(n .. "=" .. v) return true end function on_init() print("other") return true end',
      '{{name="p", description=""}}',
    );
    const text = await run(
      `function on_init() chisel.exec("${other}", "two words") end function on_capture_end() print("never") end`,
    );
    expect(text).toBe('p=two words\nother\n');
  });

  test('thread, fd and container tables', async () => {
    use();
    const text = await run(`
      function on_capture_start()
        local threads, fds, files = 0, 0, 0
        for tid, t in pairs(sysdig.get_thread_table()) do
          threads = threads + 1
          assert(t.tid == tid and type(t.comm) == "string" and type(t.args) == "table" and type(t.clone_ts) == "string")
          for fd, info in pairs(t.fdtable) do fds = fds + 1 assert(info.name and info.type) end
        end
        for tid, t in pairs(sysdig.get_thread_table("fd.type=file")) do
          for fd, info in pairs(t.fdtable) do files = files + 1 assert(info.type == "file") end
        end
        local bare = sysdig.get_thread_table_barebone_nofds()
        local k, b = next(bare)
        print(threads > 0, fds > 0, files > 0 and files < fds, b.comm, next(b.fdtable))
        for i, c in ipairs(sysdig.get_container_table()) do io.write(c.name, " ", c.type, ";") end
        print(pcall(sysdig.get_thread_table, "evt.type=open"))
        return true
      end
      function on_init() return true end`);
    const lines = text.split('\n');
    expect(lines[0]).toBe('true\ttrue\ttrue\tnil\tnil');
    expect(lines[1]).toMatch(/^(\w+ docker;){3}false\t.*not supported for thread table filtering/);
  });

  test('intervals are called with the time, in on_interval the current event can be read', async () => {
    use();
    const text = await run(`
      function on_init() f = chisel.request_field("evt.num") chisel.set_interval_ns(100000000) return true end
      n = 0
      function on_interval(s, ns, delta)
        n = n + 1
        if n == 1 then print(delta) end
        assert(type(evt.field(f)) == "number" and ns >= 0 and ns < 1000000000)
        return n < 3
      end`).catch((e: Error) => e.message);
    expect(text).toMatch(/execution terminated by the .* chisel/);
  });

  test('64-bit times are decimal texts', async () => {
    use();
    const text = await run(`function on_init()
      print(sysdig.make_ts(1, 2), sysdig.add_ts("9007199254740993", "1"), sysdig.subtract_ts("10", "20"), sysdig.get_firstevent_ts())
      return true end`);
    expect(text).toBe('1000000002\t9007199254740994\t-10\t0\n');
  });

  test('what it may not do is refused with words', async () => {
    use();
    await expect(run('function on_init() return false end')).rejects.toThrow(/init\(\) for chisel .* failed/);
    await expect(run('function on_init() chisel.set_filter("evt.typ=open") return true end')).rejects.toThrow(
      /evt\.type/,
    );
    await expect(
      run('function on_init() return true end', ['x'], '{{name="a", description=""}}'),
    ).rejects.toThrow(/on_set_arg/);
    await expect(run('args = nil')).rejects.toThrow(/args table missing/);
    await expect(run('this is no lua')).rejects.toThrow(/Failed to load chisel .*c\d+\.lua:3: .* near 'is'/);
    await expect(
      run('function on_init() return true end function on_event() local x = nil + 1 end'),
    ).rejects.toThrow(
      /c\d+\.lua:3: attempt to perform arithmetic on a nil value\nstack traceback:\n.*on_event/,
    );
  });
});

describe('listing', () => {
  test('a chisel describes itself; libraries and hidden ones are not listed', async () => {
    const own = join(dir, 'own');
    mkdirSync(own);
    const file = (name: string, text: string): void => writeFileSync(join(own, name), text);
    file(
      'aa_listed.lua',
      `description = "${'Long words here. '.repeat(10)}"\nshort_description = "Short"\ncategory = "AAA"\nargs = {{name="n", description="how many", argtype="int", optional=true}}`,
    );
    file(
      'aa_hidden.lua',
      'description, short_description, category, args, hidden = "d", "s", "AAA", {}, true',
    );
    file('aa_library.lua', 'local x = {} return x');
    file('aa_broken.lua', 'short_description = = ');
    const listed = (await listChisels([own])).filter((d) => d.path.startsWith(own));
    expect(listed.map((d) => d.name)).toEqual(['aa_listed']);
    const text = formatChiselList(listed);
    expect(text).toContain('\nCategory: AAA\n-------------\naa_listed       Short\n');
    expect(text.endsWith('\nUse the -i flag to get detailed information about a specific chisel\n\n')).toBe(
      true,
    );
    const info = formatChiselInfo(await describeChisel('aa_listed', [own]));
    expect(info).toContain('Args:\n[int] n - how many (optional)\n');
    expect(Math.max(...info.split('\n').map((l) => l.length))).toBeLessThan(80);
    await expect(describeChisel('aa_library', [own])).rejects.toThrow(/args table missing/);
    await expect(describeChisel('aa_broken', [own])).rejects.toThrow(
      /aa_broken\.lua:1: unexpected symbol near '='/,
    );
  });
});

describe('a chisel in JavaScript', () => {
  const define = join(import.meta.dirname, '../../src/chisel/define.ts');
  const script = (body: string): string => {
    const path = join(dir, `s${count++}.mjs`);
    writeFileSync(
      path,
      `const mark = Symbol.for('tsdig.chisel');\nexport default { [mark]: true, description: 'Counts. More.', ${body} };`,
    );
    return path;
  };

  test('has the life of a Lua one', async () => {
    const path = script(`
      args: [{ name: 'type', description: '' }],
      onInit(c) { this.name = c.field('proc.name'); c.setFilter('evt.type=' + c.args.type); c.setFormat('%evt.type %proc.name'); this.n = 0; },
      onCaptureStart(c) { c.print('start'); },
      onEvent(c, e) { this.n++; if (this.n === 2) c.end(); return this.n === 1 && e.type === 'execve' && typeof this.name() === 'string'; },
      onCaptureEnd(c, time, delta) { c.print(this.n + ' ' + (time > 10n ** 18n) + ' ' + (delta >= 0)); },`);
    const { text } = await runChisel(CAPTURE, ['-c', path, 'execve']);
    expect(text).toMatch(/^start\nexecve \S+\n2 true true\n$/);
    const listed = await describeChisel(path);
    expect(listed.shortDescription).toBe('Counts.');
  });

  test('its errors name the file and line', async () => {
    const path = script('onEvent() {\n throw new Error("boom"); },');
    await expect(runChisel(CAPTURE, ['-c', path])).rejects.toThrow(/chisel error: boom\n[\s\S]*s\d+\.mjs:3:/);
  });

  test('imports tsdig from wherever it lies', () => {
    const path = join(dir, 'anywhere.mjs');
    writeFileSync(
      path,
      `import { defineChisel } from 'tsdig';
       let n = 0;
       export default defineChisel({ description: 'x', onEvent() { n++; }, onCaptureEnd(c) { c.print('seen ' + (n > 100)); } });`,
    );
    const run = tsdig(['-r', CAPTURE, '-c', path]);
    expect(run.stderr).toBe('');
    expect(run.stdout).toBe('seen true\n');
  });

  test.each([
    ['a syntax error', 'export default\n 5 5;', /SyntaxError: Unexpected number \(\S+bad\.mjs:2\)$/],
    ['an error of its own', '\n\nnope.x;', /ReferenceError: nope is not defined \(\S+bad\.mjs:3\)$/],
    ['a module that is not there', 'import "./absent.mjs";', /Cannot find module '\S+absent\.mjs'/],
  ])('%s is one line with its place', (_what, source, message) => {
    const path = join(dir, 'bad.mjs');
    writeFileSync(path, source);
    const run = tsdig(['-r', CAPTURE, '-c', path]);
    expect(run.status).toBe(1);
    const lines = run.stderr.trimEnd().split('\n');
    expect(lines.length).toBe(1);
    expect(lines[0]).toMatch(message);
    expect(lines[0].match(/Failed to load/g)?.length).toBe(1);
  });

  test('any other module is refused', async () => {
    const path = join(dir, 'plain.mjs');
    writeFileSync(path, 'export default {};');
    await expect(runChisel(CAPTURE, ['-c', path])).rejects.toThrow(/export default defineChisel/);
  });

  test('defineChisel marks a definition', async () => {
    const { CHISEL_MARK, defineChisel } = (await import(
      define
    )) as typeof import('../../src/chisel/define.js');
    expect(CHISEL_MARK in defineChisel({ description: 'x' })).toBe(true);
  });
});
