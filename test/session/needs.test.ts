import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFile } from '../../src/capture/file.js';
import { containerHooks } from '../../src/container/hooks.js';
import { FIELD_CLASSES } from '../../src/fields/registry.js';
import { compileFilter } from '../../src/filter/compile.js';
import type { FilterNeeds } from '../../src/filter/needs.js';
import { compileTemplate, type Template } from '../../src/format/template.js';
import { Machine } from '../../src/machine/machine.js';
import { ALL_NEEDS, applyPlan, needsOfFields, planRun, tellsUsage } from '../../src/session/run_plan.js';
import { Session } from '../../src/session/session.js';

const CAPTURES = ['containers', 'http'].map((name) =>
  join(import.meta.dirname, `../fixtures/${name}.scap.gz`),
);

/** Arguments for the fields that want one. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  'evt.arg': '.fd',
  'evt.rawarg': '.res',
  'evt.type.is': '.openat',
  'evt.around': '[1]',
  'proc.aname': '[1]',
  'proc.env': '[PATH]',
  'container.label': '.x',
  'k8s.pod.label': '.x',
  'thread.cgroup': '.cpu',
};

const lineOf = (name: string): string => `*%evt.num %${name}${ARGUMENTS[name] ?? ''}`;

function canBePrinted(name: string): boolean {
  try {
    compileTemplate(lineOf(name));
    return true;
  } catch {
    return false;
  }
}

/** Gives the lines of each field, with the state that `needs` lets the machine keep, as they come: field and line by number. */
async function print(
  capture: string,
  names: readonly string[],
  needs: FilterNeeds,
  usage: boolean,
  onLine: (field: number, line: number, text: string) => void,
): Promise<void> {
  const machine = new Machine();
  Object.assign(machine.hooks, containerHooks(machine.containers));
  // Compiled anew: some fields count from line to line.
  const templates = names.map((name) => compileTemplate(lineOf(name)));
  let line = 0;
  const wantedTypes = applyPlan(planRun(undefined, [{ eventTypes: null, needs, usage }]), machine);
  const sink = {
    onEvent(...[ev, m]: Parameters<Template['render']>) {
      templates.forEach((template, i) => {
        onLine(i, line, template.render(ev, m) ?? '');
      });
      line++;
    },
  };
  await new Session({ source: openFile(capture), machine, sinks: [sink], wantedTypes }).run();
}

describe.each(CAPTURES)('what a field gives does not hang on what else is asked for: %s', (capture) => {
  it('every field that can be printed, alone and beside all others', { timeout: 240_000 }, async () => {
    const names = FIELD_CLASSES.flatMap((cls) => cls.fields)
      .filter((def) => !def.deprecated && canBePrinted(def.name))
      .map((def) => def.name);
    expect(names.length).toBeGreaterThan(250);
    const together: string[][] = names.map(() => []);
    await print(capture, names, ALL_NEEDS, true, (field, line, text) => {
      const lines = together[field]!;
      // Most lines repeat the one before: then that one is kept.
      const before = lines[line - 1];
      lines.push(text === before ? before : text);
    });
    // Fields that keep the same state are printed in one run.
    const groups = new Map<string, number[]>();
    names.forEach((name, i) => {
      const { fields } = compileTemplate(lineOf(name));
      const key = JSON.stringify([needsOfFields(fields), tellsUsage(fields)]);
      groups.set(key, [...(groups.get(key) ?? []), i]);
    });
    expect(groups.size).toBeGreaterThan(4);
    // The first difference of each field.
    const differing = new Map<string, string>();
    for (const [key, members] of groups) {
      const [needs, usage] = JSON.parse(key) as [FilterNeeds, boolean];
      const alone = members.map((i) => names[i]!);
      const counts = members.map(() => 0);
      await print(capture, alone, needs, usage, (n, line, text) => {
        const beside = together[members[n]!]![line];
        counts[n]!++;
        if (text !== beside && !differing.has(alone[n]!))
          differing.set(alone[n]!, `line ${line}: ${text} / ${beside}`);
      });
      expect(counts).toEqual(members.map((i) => together[i]!.length));
    }
    expect(Object.fromEntries(differing)).toEqual({});
  });
});

it('a filter keeps the state that its fields need', () => {
  expect(compileFilter('evt.buflen>5').needs.fds).toBe(true);
});
