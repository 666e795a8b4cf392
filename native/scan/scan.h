/*
 * The walk over the events of a capture file: checks each, lists those that somebody looks at, and says what
 * these do. Compiled twice: to WebAssembly, which every Node runs at full speed from the first event on, and
 * to machine code, which threads of the helper run (read_ahead.c). Block and event layout:
 * src/scap/blocks.ts, src/scap/scan_events.ts.
 */
#ifndef TSDIG_SCAN_H
#define TSDIG_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "scan_codes.generated.h"

/* By event type, or what is said beside it. Filled by src/event/effects.ts and src/event/watched_texts.ts. */
struct scan_tables {
    const uint8_t *wanted;    /* a Verdict; behind the types the codes of generic events */
    const uint8_t *classes;   /* an EventClass */
    const uint8_t *paths;     /* exit events that open a file: index of the path */
    const uint8_t *addresses; /* events with an address of a message: its index */
    const uint8_t *fd_params; /* a FdParam */
    const uint8_t *texts;     /* TEXT_SIZE bytes each: see find_texts.c */
    const uint8_t *searched;  /* whether to look for them in it */
    uint32_t text_count;      /* 0: nothing is looked for */
};

/* A thread of the chunk: the table of them uses open addressing. */
struct thread_place {
    int32_t tid;
    int32_t chunk; /* in which the place was taken: it is free in all others */
    int32_t number;
    int32_t unused;
};

/* A closing call under way; a thread has one at most. */
struct closing {
    int32_t thread;
    int32_t fd;
    int32_t index; /* of its enter event in the list */
};

/* What a scan writes to beside its lists. Room for as many threads as a chunk can have events, and one. */
struct scan_space {
    struct thread_place *places; /* twice as many: a power of two */
    uint32_t place_mask;
    uint32_t *enters; /* by thread: where its last enter event in this chunk is, counted from 1; 0: none */
    struct closing *closings;
    int32_t chunk;
};

/* Lists of a scan, one word each per listed event. */
struct scan_lists {
    int32_t *offsets;
    int32_t *ordinals; /* which event of the chunk it is */
    /* Where effects are asked for: its Effect, and above MARK_THREAD bits its thread; fds that go with it. */
    int32_t *marks;
    int32_t *fds;
};

/* What a scan has found. */
struct scan_found {
    uint32_t end;    /* where it stopped */
    int32_t stop;    /* why: a Stop */
    int32_t count;   /* events that were stepped over, */
    int32_t listed;  /* those of them that are listed, */
    int32_t threads; /* and threads that these are of, and one more */
    int32_t met;     /* 1: a watched text has occurred in a listed event */
};

/*
 * Steps over sound event blocks from the byte `from` of `bytes` on; reads nothing from `limit` on but
 * SLACK bytes that count for nothing. It believes no length before it has been checked.
 * @param moved is added to the offsets that are listed.
 * @param effects says also what the listed events do.
 * @param watching looks for texts in them.
 */
void scan_events(const struct scan_tables *tables, struct scan_space *space, const struct scan_lists *lists,
                 const uint8_t *bytes, uint32_t from, uint32_t limit, int32_t moved, int effects,
                 int watching, struct scan_found *found);

/* Whether one of the texts occurs in the event block from `at` to `end`. Unknown types are all looked at. */
int finds_texts(const struct scan_tables *tables, const uint8_t *at, uint32_t type, const uint8_t *end);

/* Whether the path of an event (Effect_OPEN) is one of those of which a filter lets no plain file pass. */
int is_ruled_path(const uint8_t *event);

/* It is. */
void rule_path_of(const uint8_t *event);

/* Of the WebAssembly module only. */
#define TSDIG_EXPORT __attribute__((visibility("default")))

static inline uint16_t load16(const uint8_t *at) {
    uint16_t value;
    __builtin_memcpy(&value, at, sizeof value);
    return value;
}

static inline uint32_t load32(const uint8_t *at) {
    uint32_t value;
    __builtin_memcpy(&value, at, sizeof value);
    return value;
}

static inline uint64_t load64(const uint8_t *at) {
    uint64_t value;
    __builtin_memcpy(&value, at, sizeof value);
    return value;
}

/* Fields of a plain event block (EVENT_BLOCK), from its first byte on. */
#define TID 18
#define TYPE 30
#define NPARAMS 32
/* Lengths of the parameters, 16 bits each; behind them the parameters. */
#define LENGTHS 36

static inline uint32_t param_length(const uint8_t *at, uint32_t i) {
    return i < load32(at + NPARAMS) ? load16(at + LENGTHS + 2 * i) : 0;
}

static inline const uint8_t *param(const uint8_t *at, uint32_t i) {
    const uint8_t *from = at + LENGTHS + 2 * load32(at + NPARAMS);
    for (uint32_t k = 0; k < i; k++)
        from += load16(at + LENGTHS + 2 * k);
    return from;
}

/* memcmp would have to be brought along into WebAssembly. */
static inline int same_bytes(const uint8_t *a, const uint8_t *b, uint32_t length) {
    uint32_t i = 0;
    for (; i + 8 <= length; i += 8)
        if (load64(a + i) != load64(b + i))
            return 0;
    for (; i < length; i++)
        if (a[i] != b[i])
            return 0;
    return 1;
}

#endif
