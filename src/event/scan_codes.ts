// Numbers that the compiled scan (native/scan/) and TypeScript have in common: scripts/build-wasm.mjs tells C.

/**
 * What a listed event does to what is known of its process, as far as its bytes and those of its enter event tell. It
 * helps where nobody asks about the event itself. Odd numbers from ENTER on are those of exit events.
 */
export enum Effect {
  /** Not said: it has to be looked at. */
  LOOK = 0,
  /** None. */
  NOTHING = 1,
  /** A call begins or has ended: nothing else. */
  ENTER = 2,
  EXIT = 3,
  /** Begin or end of a message with an address, over an fd: it tells something of sockets whose ends are not known yet. */
  MESSAGE = 4,
  MESSAGE_END = 5,
  /** A call has ended that opened a file by its absolute path, or closed an fd: `EventEffects.fds` says which. */
  OPEN = 7,
  CLOSE = 9,
  /** A call has ended that made an fd of another one: `fds` holds the new number and BESIDE times the old one. */
  DUP = 11,
  /** As OPEN, by a relative path: `fds` holds the fd and BESIDE times that of the directory, counted from 1; 0 is the working directory. */
  OPEN_AT = 13,
}

/** Bits of an `Effect` number in a mark; above them stands the thread. */
export const EFFECT_BITS = 15;
export const MARK_THREAD = 4;

/** Fds from here on are looked at. */
export const MOST_FDS = 32767;
export const BESIDE = 32768;

/** How a type's events are dealt with. */
export enum EventClass {
  LOOK = 0,
  ASIDE = 1,
  PLAIN_ENTER = 2,
  PLAIN_EXIT = 3,
  BY_CODE = 4,
  CLOSE_ENTER = 5,
  MESSAGE_ENTER = 6,
  DUPLICATE = 7,
  /** Makes another fd with some of its commands only. */
  FCNTL = 8,
  OPEN = 9,
  CLOSE = 10,
  MESSAGE_EXIT = 11,
}

/** What the table of wanted events says of a type, or of a generic event's code. */
export enum Verdict {
  /** It is counted on its header alone. */
  UNWANTED = 0,
  WANTED = 1,
  /** The code of the generic event decides. */
  BY_CODE = 2,
  // In the table of a run whose filter rules out threads or fds: of events of these nobody has to look at such a type.
  // Numbers beyond the others, so that one comparison tells.
  /** Calls that change nothing but what is known of the call under way; also codes of generic events. */
  PLAIN = 3,
  /** They change nothing. */
  ASIDE = 4,
  /** They change the state, but not what a ruling looks at. */
  CHANGING = 5,
}

/** Event types; in the table of wanted events the codes of generic events stand behind them. */
export const TYPES = 65536;
/** Types beyond these are looked at. */
export const KNOWN_TYPES = 1024;

/** fcntl's commands, as events hold them, that make a new fd. */
export const FCNTL_DUPFD = 1;
export const FCNTL_DUPFD_CLOEXEC = 26;

/** Flag of opening, as events hold it: it has to be a directory. */
export const PPM_O_DIRECTORY = 1024;

/** Bytes of a place for a path that is ruled out: its length and itself. */
export const RULED_PATH_SIZE = 128;

/** Most texts that are looked for at a time, and bytes of each (see native/scan/find_texts.c): its length, which of its bytes is seldom met, itself. */
export const MOST_TEXTS = 4;
export const LONGEST_TEXT = 64;
export const TEXT_SELDOM = 4;
export const TEXT_BYTES = 8;
export const TEXT_SIZE = 72;

/** What is known of an fd in a walk over a list (native/scan/skip_listed.c). */
export enum FdNote {
  /** No call that closes it is under way: changes of it need not be looked at. */
  PLAIN = 1,
  /** It is open; PLAIN alone: it is not. */
  PRESENT = 2,
  /** It is a socket whose messages tell nothing new. */
  SOCKET = 4,
  /** A filter on fds lets no event about it pass, whether it is open or not. */
  RULED = 8,
}

/** Calls that a filter on fds lets not pass, beside those about fds that are RULED. */
export enum RuledCalls {
  /** They are about no fd. */
  NO_FD = 1,
  /** They are about one that is not known. */
  UNKNOWN_FD = 2,
}

/** Which fd the events of a type are about. */
export enum FdParam {
  /** None: the type is not about fds. */
  NONE = 0,
  /** An enter event that does not say it; an exit event: that of its enter event. */
  UNKNOWN = 1,
  /** An enter event's first parameter. */
  FIRST = 2,
  /** Something else: it is looked at. */
  LOOK = 3,
}

// Instead of the fd of a listed event that begins or ends a call.
/** None that is known. */
export const FD_UNKNOWN = -1;
/** It is not about fds. */
export const FD_NONE = -2;
/** It has to be looked at. */
export const FD_LOOK = -3;

/** What the compiled scan has of its own, at the beginning of its memory. */
export const MODULE_BYTES = 4096;

/** Smallest event block (src/scap/blocks.ts). */
export const LEAST_EVENT = 40;
/** Readable bytes that always follow a block handed out: a parameter reader may look 8 bytes past a short value, a search for texts 15. */
export const SLACK = 16;
