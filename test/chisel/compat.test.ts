import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ChiselError } from '../../src/chisel/engine.js';
import { FIXTURES, runChisel, SHARED } from '../chisels/run_chisel.js';
import { compareOutput } from '../chisels/same_output.js';
import { isInstalled } from '../installed.js';
import { runSysdig } from '../sysdig.js';
import { ENGINES, engineFor } from './engines.js';

/*
 * sysdig's own chisels, unmodified, by path: what they print under tsdig against what they print under sysdig. Debian's
 * sysdig 0.29.3 brings the chisels; recordings beside the repository bring what sysdig 0.36 printed with them.
 */

const CHISELS = '/usr/share/sysdig/chisels';
const installed = isInstalled('sysdig') && existsSync(CHISELS);

const files = installed ? readdirSync(CHISELS).filter((f) => f.endsWith('.lua')) : [];
/** Modules and chisels' common code: they are no chisels. */
const LIBRARIES = new Set(['ansiterminal', 'common', 'dkjson', 'http', 'statsd']);
const names = files.map((f) => basename(f, '.lua')).filter((n) => !LIBRARIES.has(n));

describe.runIf(installed).each(ENGINES)('every installed file loads (%s)', (engineName) => {
  test.each(files)('%s', async (file) => {
    const { engine } = engineFor(engineName, [`${CHISELS}/`]);
    const { LuaTable } = await import('../../src/chisel/lua/table.js');
    engine.setGlobal('sysdig', new LuaTable());
    engine.setGlobal('chisel', new LuaTable());
    engine.setGlobal('evt', new LuaTable());
    engine.run(readFileSync(join(CHISELS, file)).latin1Slice(), file);
    const name = basename(file, '.lua');
    if (LIBRARIES.has(name)) return;
    // A chisel declares its arguments; a view for csysdig describes itself (one, left over, under another name).
    const wanted = name === 'v_cpus' ? 'view_infoz' : name.startsWith('v_') ? 'view_info' : 'args';
    expect(engine.getGlobal(wanted)).toBeInstanceOf(LuaTable);
  });
});

interface Case {
  readonly args: readonly string[];
  readonly exit: number;
  readonly stdout: string;
}

/** Where the comparison with 0.36 must fail, and why. */
const NOT_0_36: { readonly [name: string]: string } = {
  flame: '0.36 brings another flame, which only says that it is deprecated',
  fdcount_by: 'descriptors whose names tsdig knows and sysdig does not (docs/differences.md)',
};

/** The chisel has an error in its on_capture_end: sysdig says so and ends with 0, tsdig with 1. */
const FAILS_AT_END = new Set(['containers -pc -c list_login_shells']);

for (const capture of ['containers', 'http']) {
  const list = join(SHARED, 'expected', `${capture}.cases.json`);
  const ready = installed && existsSync(list);
  const cases = ready
    ? (JSON.parse(readFileSync(list, 'utf8')) as Case[]).filter((c) => c.args.includes('-c'))
    : [];
  describe.runIf(ready)(`as sysdig 0.36 prints: ${capture}`, () => {
    test.each(cases.map((c) => [c.args.join(' '), c] as const))('%s', async (_name, c) => {
      const words = [...c.args];
      const at = words.indexOf('-c') + 1;
      const name = words[at];
      words[at] = join(CHISELS, `${name}.lua`);
      const want = gunzipSync(readFileSync(join(SHARED, 'expected', c.stdout))).latin1Slice();
      const fails = c.exit !== 0 || FAILS_AT_END.has(`${capture} ${c.args.join(' ')}`);
      if (fails) {
        await expect(runChisel(join(SHARED, 'recorded', `${capture}.scap.gz`), words)).rejects.toThrow(
          ChiselError,
        );
        return;
      }
      const { text } = await runChisel(join(SHARED, 'recorded', `${capture}.scap.gz`), words);
      if (name in NOT_0_36) {
        expect(text).not.toBe('');
        return;
      }
      expect(agreement(want, text)).toMatch(/^(same|ties|order)$/);
    });
  });
}

/** Beside what compareOutput knows: lists without values (lsof, lscontainers) come in the order of a hash table. */
function agreement(want: string, have: string): string {
  const compared = compareOutput(want, have);
  if (compared === 'same' || compared === 'ties') return compared;
  const sorted = (s: string): string => s.split('\n').sort().join('\n');
  return sorted(want) === sorted(have) ? 'order' : compared;
}

/** Arguments for the chisels that need some. */
const ARGS: { readonly [name: string]: readonly string[] } = {
  fdbytes_by: ['fd.name'],
  fdcount_by: ['fd.type'],
  fdtime_by: ['proc.name'],
  fileslower: ['0'],
  netlower: ['0'],
  scallslower: ['1'],
  spy_ip: ['127.0.0.1'],
  spy_port: ['8080'],
  proc_exec_time: ['0'],
};

/** 0.29.3 takes a container that is being started for the host: with -pc these put its rows elsewhere. */
const STARTING_CONTAINER = new Set([
  'topfiles_errors',
  'topprocs_errors',
  'topscalls',
  'topscalls_time',
  'topfiles_time',
  'topprocs_file',
]);

const BLIND =
  'it lost the events that tell both ends of some sockets when it wrote the capture, and guesses others than 0.36';

/** Chisels that are not compared with 0.29.3 here, and why. */
const NOT_0_29: { readonly [name: string]: string } = {
  around: 'writes files by running sysdig',
  bottlenecks: '0.36 shows more of the arguments',
  echo_fds: '0.36 prints NULL for no data',
  fdcount_by: 'descriptors whose names tsdig knows (docs/differences.md)',
  fileslower: '0.36 knows the container of a starting one',
  iobytes_net: BLIND,
  netlower: BLIND,
  spy_ip: BLIND,
  topcontainers_net: BLIND,
  topprocs_net: BLIND,
  flame: 'its numbers stand in the order of a hash table',
  scallslower: '0.36 knows the container of a starting one',
  shellshock_detect: '0.29.3 refuses its own filter',
  spectrogram: 'needs a terminal',
  spy_file: '0.36 prints NULL for no data',
  subsecoffset: 'needs a terminal',
  table_generator: 'the common part of others, with six arguments',
  topports_server: BLIND,
  tracers_2_statsd: 'sends to a statsd server',
  udp_extract: 'writes files',
  wsysdig_summary: 'runs sysdig again by run_app, which tsdig refuses',
};

describe.runIf(installed)('side by side with the installed sysdig', () => {
  const dir = mkdtempSync(join(tmpdir(), 'tsdig-compat-'));
  afterAll(() => rmSync(dir, { recursive: true }));
  // Written by sysdig itself, so that it holds only events that this sysdig knows.
  const capture = join(dir, 'seen.scap');
  beforeAll(() => {
    const done = spawnSync('sysdig', ['-r', join(FIXTURES, 'containers-compat.scap.gz'), '-w', capture]);
    expect(done.status).toBe(0);
  });

  // What these look at is in small recordings of a memcached, web servers and a syslog.
  test.each([
    ['services', 'memcachelog'],
    ['services', 'httplog'],
    ['services', 'httptop'],
    ['services', 'httptop', 'bytes'],
    ['services', 'spy_ip', '::1'],
    ['services', 'spy_port', '18081'],
    // Of bad priorities sysdig 0.29.3 shows the lower bits.
    ['syslog', 'spy_syslog', 'proc.name=logger'],
  ])('%s: %s %s', async (fixture, name, ...args) => {
    const words = ['-c', join(CHISELS, `${name}.lua`), ...args];
    const file = join(FIXTURES, `${fixture}.scap.gz`);
    const theirs = runSysdig(['-r', file, ...words]);
    const { text } = await runChisel(file, words);
    expect(text.length).toBeGreaterThan(100);
    expect(agreement(theirs.stdout, text)).toMatch(/^(same|ties|order)$/);
  });

  const compared = names.filter((n) => !n.startsWith('v_') && !(n in NOT_0_29));
  const runs = compared.flatMap((n) =>
    STARTING_CONTAINER.has(n) ? [[n, []] as const] : [[n, []] as const, [n, ['-pc']] as const],
  );
  test.each(runs)('%s %j', async (name, extra) => {
    const words = [...extra, '-c', join(CHISELS, `${name}.lua`), ...(ARGS[name] ?? [])];
    const theirs = runSysdig(['-r', capture, ...words]);
    const { text } = await runChisel(capture, words);
    expect(agreement(theirs.stdout, text)).toMatch(/^(same|ties|order)$/);
  });
});
