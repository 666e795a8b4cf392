import type { PlannedField } from '../fields/field.js';
import type { RulingScope } from '../machine/pass_by.js';
import { neededTexts } from './needed_texts.js';
import { COUNTING, eachCheck, type PlannedNode, type Predicate } from './plan.js';
import { buildTests, closure } from './test_tree.js';
import { Decisions } from './type_table.js';

/**
 * Part of a filter that must hold for an event to pass and that looks at nothing but the event's thread, or its
 * thread and fd: as long as these do not change, neither does the answer. So it is asked once for each of them, and
 * events of which it says no are passed over (see src/machine/pass_by.ts).
 */
export interface Ruling extends RulingScope {
  /** False: the event cannot pass the filter. Asked of an event that did not pass; null where that is known to be the reason. */
  readonly mayPass: Predicate | null;
  /** As long as none of these has occurred in the recording no event passes: see `neededTexts`; null: nothing can be said. */
  readonly texts: readonly Buffer[] | null;
}

/** Fields that only `Machine.generation` can change for a thread: what a program and its container are, not what they use. */
const OF_THREAD =
  /^(proc\.(pid|ppid|vpid|sid|name|pname|exe|exepath|args|cmdline|exeline|pexe|pexepath|pcmdline|aname|apid|aexe|aexepath|acmdline)|thread\.(tid|vtid)|container\.(id|full_id|name|type|image|image\.(id|repository|tag|digest))|user\.(uid|name))$/;

/** Fields that only an event about the fd can change, and that are told from the table's entry alone where there is one. */
const OF_FD =
  /^fd\.(name|nameraw|directory|filename|type|typechar|ip|cip|sip|port|cport|sport|net|cnet|snet|proto|l4proto|sockfamily|dev|ino)$/;

/** Those of them that a plain file's path decides. */
const OF_PATH = /^fd\.(name|directory|filename)$/;

/**
 * The ruling of a filter; null where it has no such part.
 * @param portNames whether fields show services instead of ports: names that no recording tells.
 */
export function rulingOf(plan: PlannedNode, portNames: boolean): Ruling | null {
  if (readsOnly(plan, (field) => !COUNTING.test(field.def.name)) === false) return null;
  const parts = plan.kind === 'and' ? plan.items : [plan];
  const ofThread = parts.filter((part) => readsOnly(part, (field) => OF_THREAD.test(field.def.name)));
  const texts = portNames ? null : neededTexts(plan);
  const ruling = (scope: RulingScope['scope'], items: readonly PlannedNode[]): Ruling => ({
    scope,
    unknownFds: items.every((item) => readsOnly(item, (field) => field.def.name !== 'fd.typechar')),
    byFdAlone: items.every((item) =>
      readsOnly(item, ({ def }) => OF_FD.test(def.name) && def.name !== 'fd.typechar'),
    ),
    byPath: items.every((item) => readsOnly(item, (field) => OF_PATH.test(field.def.name))),
    mayPass:
      items.length === parts.length
        ? null
        : closure(buildTests({ kind: 'and', items }, new Decisions(), null)),
    texts: texts?.map((text) => Buffer.from(text, 'latin1')) ?? null,
  });
  if (ofThread.length > 0) return ruling('thread', ofThread);
  const ofFd = parts.filter((part) =>
    readsOnly(part, (field) => OF_THREAD.test(field.def.name) || OF_FD.test(field.def.name)),
  );
  return ofFd.length > 0 ? ruling('fd', ofFd) : null;
}

function readsOnly(node: PlannedNode, allowed: (field: PlannedField) => boolean): boolean {
  let only = true;
  eachCheck(node, (check) => {
    for (const operand of [check.operand, check.other])
      for (const field of operand?.fields ?? []) only &&= allowed(field);
  });
  return only;
}
