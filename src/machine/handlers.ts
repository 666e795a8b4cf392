import { CLONE_EXITS, CLONE_HANDLERS } from './clone.js';
import { EXEC_HANDLERS } from './execve.js';
import { EXIT_HANDLERS } from './exit.js';
import { FILE_HANDLERS } from './files.js';
import type { Handler, HandlerRow } from './handler.js';
import { IDENTITY_HANDLERS } from './identity.js';
import { MEMORY_HANDLERS } from './memory.js';
import { METADATA_HANDLERS } from './metadata.js';
import { SOCKET_HANDLERS } from './sockets.js';
import { SPECIAL_FD_HANDLERS } from './special_fds.js';
import { WORKING_DIRECTORY_HANDLERS } from './working_directory.js';

function table(...groups: readonly (readonly HandlerRow[])[]): (Handler | undefined)[] {
  const handlers: (Handler | undefined)[] = new Array<Handler | undefined>(1024).fill(undefined);
  for (const rows of groups)
    for (const [types, handler] of rows) for (const type of types) handlers[type] = handler;
  return handlers;
}

const threads = [
  METADATA_HANDLERS,
  CLONE_HANDLERS,
  EXEC_HANDLERS,
  EXIT_HANDLERS,
  IDENTITY_HANDLERS,
  WORKING_DIRECTORY_HANDLERS,
];

const fds = [FILE_HANDLERS, SPECIAL_FD_HANDLERS, SOCKET_HANDLERS];

/** Handlers by event type, for each thing a run may need. */
export const HANDLERS = {
  /** Users, groups, containers. */
  metadata: table(METADATA_HANDLERS),
  /** The same and threads, without and with the memory that they use. */
  threads: table(...threads),
  threadsAndMemory: table(...threads, MEMORY_HANDLERS),
  /** The same and fds: with memory that is everything. */
  fds: table(...threads, ...fds),
  all: table(...threads, MEMORY_HANDLERS, ...fds),
  /** Types that may tell who a thread is: program, user, container, relatives; of this thread or of another. */
  tellingThreads: [
    METADATA_HANDLERS,
    CLONE_HANDLERS,
    EXEC_HANDLERS,
    EXIT_HANDLERS,
    IDENTITY_HANDLERS,
  ].flatMap((rows) => rows.flatMap(([types]) => types)),
  /** Exit types that may come from a thread not seen before. */
  creatingThreads: CLONE_EXITS,
} as const;
