import { listChisels } from '../chisel/list.js';
import { ContainerTable } from '../container/container.js';
import { ContainerResolver } from '../container/resolver.js';
import { FIELD_CLASSES } from '../fields/registry.js';
import { EVENTS } from '../scap/events.generated.js';
import { PPM_SC_NAMES } from '../scap/syscalls.generated.js';
import type { CompletionNames } from './completion.js';
import { configuredChiselDirs } from './config.js';

const sortedOnce = (names: Iterable<string>): string[] => [...new Set(names)].sort();

/** The names that are true on this machine now. */
export const liveNames: CompletionNames = {
  async fields() {
    return sortedOnce(
      FIELD_CLASSES.flatMap((group) =>
        group.fields.filter((field) => !field.hidden).map((field) => field.name),
      ),
    );
  },
  async chisels() {
    return (await listChisels(configuredChiselDirs())).map((chisel) => chisel.name);
  },
  async eventTypes() {
    const calls = PPM_SC_NAMES.filter((name): name is string => name !== undefined);
    return sortedOnce([...EVENTS.map((event) => event.evtName), ...calls]);
  },
  async containers() {
    const table = new ContainerTable();
    const resolver = new ContainerResolver(table);
    await resolver.start(500);
    resolver.close();
    return sortedOnce([...table].map((container) => container.name).filter((name) => name !== ''));
  },
};
