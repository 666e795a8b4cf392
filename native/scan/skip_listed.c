/*
 * The walk over the listed events of a chunk whose threads, or fds, a filter has ruled out: it stops at the
 * first one that has to be looked at. Changes of fds that it understands it holds back: of all that happens
 * to an fd until somebody asks, the last one is what remains. WebAssembly only; what calls it is `RuledOut`
 * (src/session/ruled_out.ts), which says what each word here means to it.
 */
#include "scan.h"

/* Larger fds are not held back: they need not have a place in their table. */
#define MOST_HELD_FDS 4096
/* Directories one below the other, each opened from the last, whose opening is held back. */
#define MOST_HELD_DEPTH 12

/* What is known of an fd of a table, as long as `epoch` is the present one. */
struct fd_note {
    int32_t table;
    int32_t fd;
    int32_t epoch;
    int32_t flags;  /* FdNote */
    int32_t change; /* the last change that is held back: its place in the list, counted from 1; 0: none */
    int32_t held;   /* where in the list of those it stands */
    int32_t fresh;  /* something of this number was closed since the table was last brought up to date */
    int32_t depth;  /* of an opened file: how many directories above it are held back, too */
};

/* What was found out about a thread, in any chunk: it holds as long as the answer is that. */
struct thread_note {
    int32_t tid;
    int32_t answer;
    int32_t row;
    int32_t born;
    int32_t table;
    int32_t unused[3];
};

static struct thread_note *thread_notes;
static uint32_t thread_note_mask;

/* Notes stand in sets of so many, by table and fd. */
#define WAYS 4

static struct fd_note *notes;
static uint32_t note_mask;

/* Where these stand, each kind: its mask and one more of them. */
TSDIG_EXPORT void set_notes(struct fd_note *fds, uint32_t fd_mask, struct thread_note *threads,
                            uint32_t thread_mask) {
    notes = fds;
    note_mask = fd_mask;
    thread_notes = threads;
    thread_note_mask = thread_mask;
}

/* The list, and what is known of its threads: by their number in it. */
static struct {
    int32_t length;
    int by_fd;            /* events are passed over where their fd is RULED, too */
    const uint8_t *bytes; /* what the places in the list count from */
    const int32_t *offsets, *marks, *fds;
    int32_t *answers; /* what was found out about it; -1: nothing yet */
    int32_t *rows;    /* where its state is */
    int32_t *borns;   /* tells whose that row is */
    int32_t *tables;  /* number of its table of fds; 0: not known, -1: it has none */
    int32_t *calls;   /* the last enter and exit event that was passed over, side by side; -1: none */
    int32_t *sources; /* by event, of a change held back: which one it goes back to, counted from 1 */
    int32_t *held;    /* changes that are held back: numbers of notes, -1: no longer */
    int32_t held_count;
} list;

/* Where the lists are that say what is known of threads and events; see above. */
TSDIG_EXPORT void set_lists(int32_t *answers, int32_t *rows, int32_t *borns, int32_t *tables, int32_t *calls,
                            int32_t *sources, int32_t *held) {
    list.answers = answers;
    list.rows = rows;
    list.borns = borns;
    list.tables = tables;
    list.calls = calls;
    list.sources = sources;
    list.held = held;
}

/* A list begins whose threads a filter may have ruled out: nothing is known of them, nothing held back. */
TSDIG_EXPORT void begin(int32_t length, const uint8_t *bytes, const int32_t *offsets, const int32_t *marks,
                        const int32_t *fds, int32_t threads, int32_t by_fd) {
    list.length = length;
    list.by_fd = by_fd;
    list.bytes = bytes;
    list.offsets = offsets;
    list.marks = marks;
    list.fds = fds;
    list.held_count = 0;
    for (int32_t i = 0; i < threads; i++) {
        list.answers[i] = -1;
        list.rows[i] = 0;
        list.tables[i] = 0;
        list.calls[2 * i] = -1;
        list.calls[2 * i + 1] = -1;
    }
}

/* The list's thread is that with this tid: known so in later lists, as long as the answer is the same. */
TSDIG_EXPORT void know(int32_t thread, int32_t tid) {
    thread_notes[(uint32_t)tid & thread_note_mask] = (struct thread_note){
        tid, list.answers[thread], list.rows[thread], list.borns[thread], list.tables[thread], {0}};
}

/* Whether the thread of the i-th event, of which nothing was found out yet, is known to have this answer. */
static int is_known(int32_t i, int32_t thread, int32_t answer) {
    const int32_t tid = (int32_t)load32(list.bytes + list.offsets[i] + TID);
    const struct thread_note *known = &thread_notes[(uint32_t)tid & thread_note_mask];
    if (thread == 0 || known->tid != tid || known->answer != answer)
        return 0;
    list.answers[thread] = answer;
    list.rows[thread] = known->row;
    list.borns[thread] = known->born;
    list.tables[thread] = known->table;
    return 1;
}

static struct fd_note *set_of(int32_t table, int32_t fd) {
    const uint32_t hash = (uint32_t)table * 0x9e3779b1u + (uint32_t)fd * 0x85ebca6bu;
    return &notes[(hash >> 15) & note_mask & ~(uint32_t)(WAYS - 1)];
}

static struct fd_note *note_of(int32_t table, int32_t fd, int32_t epoch) {
    struct fd_note *set = set_of(table, fd);
    for (int i = 0; i < WAYS; i++)
        if (set[i].epoch == epoch && set[i].fd == fd && set[i].table == table)
            return &set[i];
    return NULL;
}

/* The fd of a table has these flags now (`keep`: beside those that it had), unless there is no room. */
TSDIG_EXPORT void note(int32_t table, int32_t fd, int32_t epoch, int32_t flags, int32_t keep) {
    struct fd_note *place = note_of(table, fd, epoch);
    if (place) {
        place->flags = keep ? place->flags | flags : flags;
        return;
    }
    struct fd_note *set = set_of(table, fd);
    for (int i = 0; i < WAYS && !place; i++)
        if (set[i].epoch != epoch)
            place = &set[i];
    for (int i = 0; i < WAYS && !place; i++)
        if (set[i].change == 0)
            place = &set[i];
    if (place)
        *place = (struct fd_note){table, fd, epoch, flags, 0, 0, 0, 0};
}

/* Nothing is known of the fd of a table any more. No change of it must be held back. */
TSDIG_EXPORT void forget(int32_t table, int32_t fd, int32_t epoch) {
    struct fd_note *place = note_of(table, fd, epoch);
    if (place)
        place->flags = 0;
}

/* What is known of the fd of a table: FdNote flags. */
TSDIG_EXPORT int32_t noted(int32_t table, int32_t fd, int32_t epoch) {
    const struct fd_note *place = note_of(table, fd, epoch);
    return place ? place->flags : 0;
}

/* RuledCalls flags: what is ruled out beside fds. */
static int32_t ruled_calls;

/* From here on these are, too. */
TSDIG_EXPORT void rule_calls(int32_t calls) {
    ruled_calls |= calls;
}

/* Whether a call that begins or ends is done with, by its fd. */
static int passes_call(int32_t fd, int32_t table, int32_t epoch) {
    if (fd == FD_NONE)
        return (ruled_calls & RuledCalls_NO_FD) != 0;
    if (fd == FD_LOOK || table == 0)
        return 0;
    if (fd < 0 || table < 0)
        return (ruled_calls & RuledCalls_UNKNOWN_FD) != 0;
    return (noted(table, fd, epoch) & FdNote_RULED) != 0;
}

/* The i-th event is what has happened to the fd last. `ruled`: FdNote_RULED or 0. */
static void hold(struct fd_note *place, int32_t i, int32_t source, int32_t depth, int32_t ruled) {
    const int closes = (list.marks[i] & EFFECT_BITS) == Effect_CLOSE;
    const int was_there = (place->flags & FdNote_PRESENT) != 0;
    /* A table has its fds in the order in which they were given out: what is given out anew goes last. */
    if (place->change == 0 || (!was_there && !closes)) {
        if (place->change != 0)
            list.held[place->held] = -1;
        place->held = list.held_count++;
        list.held[place->held] = (int32_t)(place - notes);
    }
    if (closes)
        place->fresh = 1;
    place->flags = FdNote_PLAIN | (closes ? 0 : FdNote_PRESENT) | ruled;
    place->change = i + 1;
    place->depth = depth;
    list.sources[i] = source;
}

static int opens_at(struct fd_note *place, int32_t table, int32_t i, int32_t epoch) {
    const int32_t dirfd = list.fds[i] / BESIDE - 1;
    const struct fd_note *directory = dirfd >= 0 ? note_of(table, dirfd, epoch) : NULL;
    int32_t source = 0, depth = 0;
    if (directory && directory->change != 0) {
        const int32_t effect = list.marks[directory->change - 1] & EFFECT_BITS;
        source = directory->change;
        depth = directory->depth + 1;
        if ((effect != Effect_OPEN && effect != Effect_OPEN_AT) || depth > MOST_HELD_DEPTH)
            return 0;
    }
    hold(place, i, source, depth, 0);
    return 1;
}

static int duplicates(struct fd_note *place, int32_t table, int32_t i, int32_t epoch) {
    const int32_t fd = list.fds[i] / BESIDE;
    const struct fd_note *from = note_of(table, fd, epoch);
    if (!from)
        return 0;
    if ((from->flags & FdNote_PRESENT) == 0)
        return (from->flags & FdNote_PLAIN) != 0;
    if (from == place)
        return 1;
    int32_t source = from->change;
    /* A copy of a copy is one of the first. */
    if (source != 0 && list.sources[source - 1] != 0 && (list.marks[source - 1] & EFFECT_BITS) == Effect_DUP)
        source = list.sources[source - 1];
    hold(place, i, source, from->depth, from->flags & FdNote_RULED);
    return 1;
}

/* Whether the i-th event is done with, in a list where fds are ruled out. */
static int passes_ruled(int32_t i, int32_t effect, int32_t table, int32_t epoch) {
    if (effect == Effect_ENTER || effect == Effect_EXIT)
        return passes_call(list.fds[i], table, epoch);
    if (table <= 0 || effect == Effect_NOTHING || effect == Effect_LOOK || effect == Effect_OPEN_AT)
        return 0;
    const int message = effect == Effect_MESSAGE || effect == Effect_MESSAGE_END;
    const int32_t fd = message ? list.fds[i] : list.fds[i] % BESIDE;
    struct fd_note *place = note_of(table, fd, epoch);
    if (!place)
        return 0;
    const int ruled = (place->flags & FdNote_RULED) != 0;
    if (message)
        return ruled && (place->flags & FdNote_SOCKET) != 0;
    if ((place->flags & FdNote_PLAIN) == 0 || fd >= MOST_HELD_FDS)
        return 0;
    if (effect == Effect_DUP)
        return (noted(table, list.fds[i] / BESIDE, epoch) & FdNote_RULED) != 0 &&
               duplicates(place, table, i, epoch);
    if (effect == Effect_CLOSE) {
        if (ruled)
            hold(place, i, 0, 0, (ruled_calls & RuledCalls_UNKNOWN_FD) != 0 ? FdNote_RULED : 0);
        return ruled;
    }
    if (!is_ruled_path(list.bytes + list.offsets[i]))
        return 0;
    hold(place, i, 0, 0, FdNote_RULED);
    return 1;
}

/*
 * Whether the i-th event is done with, in a list where threads are ruled out. Its effect is more than that of
 * a call that begins or ends.
 */
static int passes(int32_t i, int32_t effect, int32_t table, int32_t epoch) {
    const int message = effect == Effect_MESSAGE || effect == Effect_MESSAGE_END;
    if (table <= 0)
        return table < 0 && !message && effect != Effect_LOOK;
    if (effect == Effect_LOOK)
        return 0;
    const int32_t fd = message ? list.fds[i] : list.fds[i] % BESIDE;
    struct fd_note *place = note_of(table, fd, epoch);
    if (!place)
        return 0;
    if (message)
        return (place->flags & FdNote_SOCKET) != 0;
    if ((place->flags & FdNote_PLAIN) == 0 || fd >= MOST_HELD_FDS)
        return 0;
    if (effect == Effect_OPEN_AT)
        return opens_at(place, table, i, epoch);
    if (effect == Effect_DUP)
        return duplicates(place, table, i, epoch);
    hold(place, i, 0, 0, 0);
    return 1;
}

/* Of the path that the listed event at `offset` opens no plain file can pass. */
TSDIG_EXPORT void rule_path(int32_t offset) {
    rule_path_of(list.bytes + offset);
}

/*
 * The first listed event from the i-th on whose thread's answer is not `ruled`, or that has to be looked at
 * or does what is not understood here; the list's length if there is none.
 * @param epoch of the notes that count.
 */
TSDIG_EXPORT int32_t skip(int32_t i, int32_t ruled, int32_t epoch) {
    for (; i < list.length; i++) {
        const int32_t mark = list.marks[i];
        const int32_t thread = mark >> MARK_THREAD;
        if (list.answers[thread] != ruled && (list.answers[thread] != -1 || !is_known(i, thread, ruled)))
            break;
        const int32_t effect = mark & EFFECT_BITS;
        if (effect == Effect_NOTHING && (!list.by_fd || (ruled_calls & RuledCalls_NO_FD) != 0))
            continue;
        const int32_t table = list.tables[thread];
        if (list.by_fd) {
            if (!passes_ruled(i, effect, table, epoch))
                break;
        } else if (effect != Effect_ENTER && effect != Effect_EXIT && !passes(i, effect, table, epoch))
            break;
        list.calls[2 * thread + (mark & 1)] = list.offsets[i];
    }
    return i;
}

/*
 * Nothing is held back any more. Gives how many changes were, and writes them over the list of these in the
 * order in which the fds were given out: twice the event's place in the list, and 1 where something of its
 * number was closed before.
 */
TSDIG_EXPORT int32_t collect(void) {
    int32_t count = 0;
    for (int32_t k = 0; k < list.held_count; k++) {
        if (list.held[k] < 0)
            continue;
        struct fd_note *place = &notes[list.held[k]];
        list.held[count++] = 2 * (place->change - 1) + place->fresh;
        place->change = 0;
        place->fresh = 0;
    }
    list.held_count = 0;
    return count;
}
