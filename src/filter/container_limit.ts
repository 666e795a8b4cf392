import type { ContainerInfo } from '../container/container.js';
import { EventView } from '../event/view.js';
import type { Machine } from '../machine/machine.js';
import { equalTo } from './equal_to.js';
import type { PlannedCheck, PlannedNode } from './plan.js';
import { printFilter } from './print.js';
import { buildTests, closure } from './test_tree.js';
import { Decisions } from './type_table.js';

/** Containers that a filter names: of no others may events match. Ids as containers show them (12 digits) or in full. */
interface NamedContainers {
  readonly names: ReadonlySet<string>;
  readonly ids: ReadonlySet<string>;
  readonly images: ReadonlySet<string>;
}

/** What a filter asks of the container of an event's thread, whatever else it asks. */
export interface ContainerLimit extends NamedContainers {
  /** The part of the filter that asks it. */
  readonly text: string;
  /** Whether events of the container may match; null: of what runs in none. */
  passes(container: ContainerInfo | null): boolean;
  /** Whether those may of what runs in no known container, but in a pid namespace of its own: that is not the host. */
  readonly nestedPasses: boolean;
}

/** Fields that nothing but the thread's container decides, and that are there as soon as it is known (an image's digest is not). */
const OF_CONTAINER = /^container\.(id|full_id|name|type|image)$/;

/** Null: events of any container may match, or it cannot be said for all threads of one. */
export function containerLimit(plan: PlannedNode): ContainerLimit | null {
  const part = containerPart(plan);
  if (part === null) return null;
  const test = closure(buildTests(part, new Decisions(), null));
  const asks = (thread: Thread | null, info: ContainerInfo | null): boolean =>
    test(NO_EVENT, machineOf(thread, info));
  const passes = (info: ContainerInfo | null): boolean =>
    asks({ ...HOST, containerId: info?.id ?? '' }, info);
  // Threads that are not known are in no container, and may be anywhere.
  if (asks(null, null)) return null;
  const named = namedContainers(plan);
  // A process that moves into a container counts as the host's until it executes.
  if (named === null && passes(null)) return null;
  return {
    names: named?.names ?? NONE,
    ids: named?.ids ?? NONE,
    images: named?.images ?? NONE,
    text: textOf(part),
    passes,
    nestedPasses: asks(NESTED, null),
  };
}

const NONE: ReadonlySet<string> = new Set();
const NO_EVENT = new EventView();

/** As much of a thread as fields of its container look at. */
interface Thread {
  readonly containerId: string;
  readonly tid: number;
  readonly vtid: number;
  readonly flags: number;
}

const HOST: Thread = { containerId: '', tid: 1, vtid: 1, flags: 0 };
const NESTED: Thread = { containerId: '', tid: 2, vtid: 1, flags: 0 };

/** A machine on which there are this thread and this container alone: fields of containers look at no more. */
function machineOf(thread: Thread | null, info: ContainerInfo | null): Machine {
  const containers = { version: 0, get: (id: string) => (id === info?.id ? info : undefined) };
  return { thread, containers } as unknown as Machine;
}

/** What must hold for an event to match and looks at its thread's container alone; null: nothing. */
function containerPart(node: PlannedNode): PlannedNode | null {
  switch (node.kind) {
    case 'check':
      return isOfContainer(node) ? node : null;
    case 'not':
      return isWhollyOfContainer(node.item) ? node : null;
    case 'or': {
      const items = node.items.map(containerPart);
      return items.includes(null) ? null : { kind: 'or', items: items.filter((item) => item !== null) };
    }
    case 'and': {
      const items = node.items.map(containerPart).filter((item) => item !== null);
      return items.length > 1 ? { kind: 'and', items } : (items[0] ?? null);
    }
  }
}

function isWhollyOfContainer(node: PlannedNode): boolean {
  if (node.kind === 'check') return isOfContainer(node);
  return node.kind === 'not' ? isWhollyOfContainer(node.item) : node.items.every(isWhollyOfContainer);
}

function isOfContainer({ operand, other }: PlannedCheck): boolean {
  const fields = [...operand.fields, ...(other?.fields ?? [])];
  return fields.length > 0 && fields.every((field) => OF_CONTAINER.test(field.def.name));
}

function textOf(node: PlannedNode): string {
  if (node.kind === 'not') return `not (${textOf(node.item)})`;
  if (node.kind !== 'check')
    return node.items
      .map((item) => (item.kind === 'check' || item.kind === 'not' ? textOf(item) : `(${textOf(item)})`))
      .join(` ${node.kind} `);
  return printFilter(node.check);
}

const CONTAINER_FIELDS = ['container.name', 'container.id', 'container.full_id', 'container.image'] as const;

function namedContainers(node: PlannedNode): NamedContainers | null {
  if (node.kind === 'not') return null;
  if (node.kind === 'check') {
    const [names, id, fullId, images] = CONTAINER_FIELDS.map((name) => equalTo(node, name, (text) => text));
    const ids = id ?? fullId;
    if (names === null && ids === null && images === null) return null;
    return { names: names ?? new Set(), ids: ids ?? new Set(), images: images ?? new Set() };
  }
  const limits = node.items.map(namedContainers);
  if (node.kind === 'and') {
    // Any one of them is a limit; the one that lets least through is the best.
    const given = limits.filter((one) => one !== null);
    return given.sort((a, b) => countOf(a) - countOf(b))[0] ?? null;
  }
  const all = { names: new Set<string>(), ids: new Set<string>(), images: new Set<string>() };
  for (const one of limits) {
    if (one === null) return null;
    for (const name of one.names) all.names.add(name);
    for (const id of one.ids) all.ids.add(id);
    for (const image of one.images) all.images.add(image);
  }
  return all;
}

function countOf(one: NamedContainers): number {
  // An image may have many containers.
  return one.names.size + one.ids.size + one.images.size * 10;
}
