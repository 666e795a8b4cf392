import type { EventView } from '../event/view.js';
import { eventName } from '../fields/event_name.js';

/** Lines of the table. */
const TOP = 100;
const NAME_WIDTH = 16;
const RULE = '-'.repeat(22);

/** Counts events by direction and name, for -S. */
export class EventSummary {
  private readonly counts = new Map<string, number>();
  private readonly byType: { name: string; count: number }[] = [];

  /** Counts the current event. */
  add(ev: EventView): void {
    // Generic events have the call's name; all others a fixed one for each type.
    if (ev.type <= 1) {
      const name = `${(ev.type & 1) === 0 ? '>' : '<'} ${eventName(ev)}`;
      this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
      return;
    }
    const known = this.byType[ev.type];
    if (known !== undefined) known.count++;
    else this.byType[ev.type] = { name: `${(ev.type & 1) === 0 ? '>' : '<'} ${eventName(ev)}`, count: 1 };
  }

  /** The table: the most frequent events first. With line ends. */
  render(): string {
    const totals = new Map(this.counts);
    for (const entry of this.byType) {
      if (entry !== undefined) totals.set(entry.name, (totals.get(entry.name) ?? 0) + entry.count);
    }
    const rows = [...totals]
      .sort(([nameA, a], [nameB, b]) => b - a || (nameA < nameB ? -1 : 1))
      .slice(0, TOP);
    const lines = [RULE, `${'Event'.padEnd(NAME_WIDTH)}#Calls`, RULE];
    for (const [name, count] of rows) {
      const [direction, event] = name.split(' ');
      lines.push(`${direction} ${event.padEnd(NAME_WIDTH - 1)} ${count}`);
    }
    return `${lines.join('\n')}\n`;
  }
}
