import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LineBuffer } from '../../src/fields/line_buffer.js';
import { FIELD_CLASSES } from '../../src/fields/registry.js';
import { compileTemplate } from '../../src/format/template.js';
import { runSysdig, SYSDIG_VERSION } from '../sysdig.js';
import { replay } from './replay.js';

process.env.TZ = 'UTC';

const CAPTURE = resolve(import.meta.dirname, '../fixtures/containers-compat.scap.gz');

/** Arguments for the fields that need one. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  'container.mount': '[0]',
  'container.mount.source': '[0]',
  'container.mount.dest': '[0]',
  'container.mount.mode': '[0]',
  'container.mount.rdwr': '[0]',
  'container.mount.propagation': '[0]',
  'proc.apid': '[0]',
  'proc.aname': '[0]',
  'thread.cgroup': '.cpu',
  'evt.rawarg': '.res',
  'k8s.pod.label': '.app',
};

/**
 * Fields that a sysdig of 2022 cannot agree on for a recording of today, because it does not know some event types (and
 * so misses fds and parents), parameters and kinds of processes. The newer sysdig's output is compared in full.
 */
const NEWER: readonly RegExp[] = [
  /^fd\./,
  /^evt\.(num|args|info|arg|buffer|category|reltime|deltatime|latency\.human|type\.is|res|rawarg)\b/,
  /^evt\.(buflen|abspath|count\.error)\b/,
  /^(syscall\.type|util\.cnt)$/,
  /^proc\.(args|env|exepath|fdopencount|fdusage|is_exe_writable|nchilds|nthreads|pcmdline|pname|ppid)$/,
  /^user\.login/,
  /^group\.gid$/,
  /^container\.(id|name|type)$/,
  // Set by the options of the run, or by chance.
  /^thread\.(cpu|exectime|totexectime)/,
];

/** Fields that the installed sysdig lists and that both should print alike. */
function sharedFields(): string[] {
  const listed = SYSDIG_VERSION === '' ? '' : runSysdig(['-l']).stdout;
  const known = new Set(
    [...listed.matchAll(/^((?:evt|proc|thread|user|group|container|syslog|k8s|fdlist)\.[\w.]+)/gm)].map(
      (m) => m[1],
    ),
  );
  return FIELD_CLASSES.flatMap((group) => group.fields)
    .filter((def) => known.has(def.name) && !def.filterOnly && !def.deprecated)
    .map((def) => def.name)
    .filter((name) => !NEWER.some((pattern) => pattern.test(name)));
}

/** What tells an event from all others. */
const KEYS: readonly string[] = ['evt.rawtime', 'evt.cpu', 'evt.dir', 'thread.tid', 'proc.name'];
const SEPARATOR = '\x01';

/** Columns of each line by what tells the event from others: the old sysdig numbers events differently. */
function byTime(text: string): Map<string, string[]> {
  const lines = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const columns = line.split(SEPARATOR);
    // Which threads are known depends on the event types that are: clone3 is not one of the old sysdig's.
    if (columns.length < KEYS.length || columns[KEYS.length - 1] === '<NA>') continue;
    let key = columns.slice(0, KEYS.length).join(' ');
    while (lines.has(key)) key += "'";
    lines.set(key, columns.slice(KEYS.length));
  }
  return lines;
}

async function compare(names: readonly string[]): Promise<string[]> {
  const template = `*${[...KEYS, ...names.map((name) => name + (ARGUMENTS[name] ?? ''))].map((name) => `%${name}`).join(SEPARATOR)}`;
  const theirs = runSysdig(['-r', CAPTURE, '-p', template]);
  const out = new LineBuffer();
  const compiled = compileTemplate(template);
  await replay(CAPTURE, {
    onEvent(ev, machine) {
      if (compiled.write(out, ev, machine)) out.byte(10);
    },
  });
  const ours = byTime(out.since(0));
  const wanted = byTime(theirs.stdout);
  expect(wanted.size).toBeGreaterThan(10000);
  const wrong: string[] = [];
  for (const [key, columns] of wanted) {
    const own = ours.get(key);
    if (own === undefined) continue;
    columns.forEach((want, i) => {
      if (want !== own[i]) wrong.push(`${names[i]} at ${key}: want ${want}, have ${own[i]}`);
    });
  }
  return wrong;
}

const GROUP = 12;

describe.runIf(SYSDIG_VERSION.includes('0.29.3'))('side by side with sysdig 0.29.3', () => {
  const names = sharedFields();

  it('shares many fields', () => {
    expect(names.length).toBeGreaterThan(60);
  });

  for (let i = 0; i < names.length; i += GROUP) {
    const group = names.slice(i, i + GROUP);
    it(group.join(' '), async () => {
      const wrong = await compare(group);
      expect(wrong.slice(0, 5), `${wrong.length} values differ`).toEqual([]);
    }, 30_000);
  }
});
