/*
 * Reads a file of events ahead of who wants them, on a thread of its own: piece by piece, each scanned while
 * its bytes are in the processor's cache.
 *
 *   start → { next }* until it gives 0 → stop
 *
 * It reads nothing but a run of sound event blocks: where that ends, for whatever reason, somebody else has
 * to go on.
 */
#ifndef TSDIG_READ_AHEAD_H
#define TSDIG_READ_AHEAD_H

#include "scan.h"

/* Room for one piece and its lists, somewhere in memory that stays until `read_ahead_stop`. */
struct piece_slot {
    uint8_t *bytes; /* carry + piece + SLACK bytes */
    struct scan_lists lists;
};

struct read_ahead_options {
    int fd;            /* a copy of it is made */
    uint64_t position; /* in the file, of the first block */
    uint32_t piece;    /* bytes read at a time */
    uint32_t carry;    /* most bytes of a block that a piece takes over from the one before */
    struct scan_tables tables;
    const struct piece_slot *slots;
    uint32_t slot_count; /* at least 2 */
    int effects, watching;
};

/* What has been found in a piece. */
struct piece_found {
    uint32_t slot;
    uint32_t from;    /* of the slot's bytes, where the first block begins */
    int effects;      /* whether the lists say them */
    int64_t position; /* in the file, of the slot's first byte: that may be before the file's */
    struct scan_found scan;
};

struct read_ahead;

/* NULL where it cannot be done, or one processor is all that there is. */
struct read_ahead *read_ahead_start(const struct read_ahead_options *options);
/*
 * Waits for the next piece, which is the caller's until the next call. 0 at the end: what comes behind the
 * last piece's events has to be looked at by somebody else.
 */
int read_ahead_next(struct read_ahead *r, struct piece_found *out);
/* Whether pieces that are not being scanned yet are to say what their events do. */
void read_ahead_effects(struct read_ahead *r, int effects);
/* Nothing is written into the slots any more. Frees it. */
void read_ahead_stop(struct read_ahead *r);

#endif
