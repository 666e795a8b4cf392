import type { EventView } from '../event/view.js';
import type { Machine } from './machine.js';
import type { ThreadInfo } from './thread.js';

/** What an event type does to the state. `thread` is that of the event (a stand-in with tid -1 where it has none). */
export type Handler = (machine: Machine, ev: EventView, thread: ThreadInfo) => void;

/** Event types and the handler they share. */
export type HandlerRow = readonly [types: readonly number[], handler: Handler];
