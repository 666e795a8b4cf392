#include "scan.h"

#define BLOCK_FRAME 12
#define EVENT_HEADER 26
#define MIN_EVENT (BLOCK_FRAME + 2 + EVENT_HEADER)
#define EVENT_BLOCK 0x216
#define EVENT_FLAGS_BLOCK 0x217
#define EVENT_LARGE_BLOCK 0x221
#define EVENT_FLAGS_LARGE_BLOCK 0x222

#define AT_FDCWD -100
/* An enter event of sending with more parameters tells the address, as this one. */
#define SEND_ADDRESS 2

/* A scan under way. */
struct scan {
    const struct scan_tables *tables;
    struct scan_space *space;
    const struct scan_lists *lists;
    const uint8_t *bytes;
    int32_t threads;
    int32_t closing;
};

/* Whether the event whose header is at `header` lies within `room` bytes, and its parameters within it. */
static int is_sound(const uint8_t *header, uint32_t room) {
    const uint32_t length = load32(header + 16);
    const uint16_t type = load16(header + 20);
    const uint32_t nparams = load32(header + 22);
    const int large = type == 322 || type == 324 || type == 402;
    uint64_t sum = EVENT_HEADER + (uint64_t)nparams * (large ? 4 : 2);
    /* The lengths lie inside the block as well: the loops below cannot leave it. */
    if (length > room || sum > length)
        return 0;
    const uint8_t *at = header + EVENT_HEADER;
    if (large)
        for (uint32_t i = 0; i < nparams; i++, at += 4)
            sum += load32(at);
    else
        for (uint32_t i = 0; i < nparams; i++, at += 2)
            sum += load16(at);
    return sum <= length;
}

/* The first parameter, 64 bits, where 32 are enough; -1 otherwise. */
static int32_t first_param(const uint8_t *at) {
    if (load32(at + NPARAMS) == 0 || load16(at + LENGTHS) != 8)
        return -1;
    const int64_t value = (int64_t)load64(param(at, 0));
    return value == (int32_t)value ? (int32_t)value : -1;
}

/* The result of a call, -1 where there is none or it failed. */
static int32_t result_of(const uint8_t *at) {
    const int32_t value = first_param(at);
    return value < 0 ? -1 : value;
}

/* The fd that an enter event of a known type is about. */
static int32_t enter_fd(const struct scan *scan, const uint8_t *at) {
    const uint8_t kind = scan->tables->fd_params[load16(at + TYPE)];
    if (kind == FdParam_LOOK)
        return FD_LOOK;
    if (kind != FdParam_FIRST)
        return FD_UNKNOWN;
    if (load32(at + NPARAMS) == 0 || load16(at + LENGTHS) != 8)
        return FD_LOOK;
    const int64_t value = (int64_t)load64(param(at, 0));
    if (value != (int32_t)value)
        return FD_LOOK;
    return value < 0 ? FD_UNKNOWN : (int32_t)value;
}

/* Which fd a call is about that begins or ends by an event of this known type; `enter`: NULL if not seen. */
static inline int32_t call_fd(const struct scan *scan, uint16_t type, const uint8_t *enter) {
    const uint8_t kind = scan->tables->fd_params[type];
    if (kind == FdParam_NONE)
        return FD_NONE;
    return enter && kind != FdParam_LOOK ? enter_fd(scan, enter) : FD_LOOK;
}

/* What the table of wanted events says of a plain event block. */
static uint8_t verdict_on(const struct scan_tables *tables, const uint8_t *at) {
    const uint8_t verdict = tables->wanted[load16(at + TYPE)];
    if (verdict != Verdict_BY_CODE)
        return verdict;
    const int coded = param_length(at, 0) >= 2;
    return tables->wanted[TYPES + (coded ? load16(param(at, 0)) : 0)];
}

/* Where a thread of the chunk stands, or can be put. */
static struct thread_place *place_of(const struct scan_space *space, int32_t tid) {
    uint32_t place = (((uint32_t)tid * 0x9e3779b1u) >> 16) & space->place_mask;
    while (space->places[place].chunk == space->chunk && space->places[place].tid != tid)
        place = (place + 1) & space->place_mask;
    return &space->places[place];
}

/* Number of a thread within the chunk. */
static int32_t thread_of(struct scan *scan, int32_t tid) {
    struct scan_space *space = scan->space;
    struct thread_place *place = place_of(space, tid);
    if (place->chunk == space->chunk)
        return place->number;
    *place = (struct thread_place){tid, space->chunk, scan->threads, 0};
    space->enters[scan->threads] = 0;
    return scan->threads++;
}

/* What the thread does is not followed: its last enter event in the chunk need not be that of its next exit
 * event. */
static void forget_enter(struct scan *scan, int32_t tid) {
    const struct thread_place *place = place_of(scan->space, tid);
    if (place->chunk == scan->space->chunk)
        scan->space->enters[place->number] = 0;
}

static void forget_closing(struct scan *scan, int32_t i) {
    scan->closing--;
    scan->space->closings[i] = scan->space->closings[scan->closing];
}

/* The i-th closing call has to be looked at. */
static void disturb(struct scan *scan, int32_t i) {
    scan->lists->marks[scan->space->closings[i].index] &= ~EFFECT_BITS;
    forget_closing(scan, i);
}

static void disturb_thread(struct scan *scan, int32_t thread) {
    for (int32_t i = scan->closing - 1; i >= 0; i--)
        if (scan->space->closings[i].thread == thread)
            disturb(scan, i);
}

/*
 * The fd (-1: whichever) has been made. Where its number is given out again before a call that closes it has
 * returned, both events of that call have to be looked at.
 */
static void makes_fd(struct scan *scan, int32_t fd) {
    for (int32_t i = scan->closing - 1; i >= 0; i--)
        if (fd < 0 || scan->space->closings[i].fd == fd)
            disturb(scan, i);
}

/* The enter event of the call that an exit event of this type ends; NULL: it was not seen in this chunk. */
static const uint8_t *own_enter(const struct scan *scan, uint16_t type, int32_t thread) {
    const uint32_t last = scan->space->enters[thread];
    const uint8_t *before = last != 0 ? scan->bytes + (last - 1) : NULL;
    return before && load16(before + TYPE) == type - 1 ? before : NULL;
}

static void entered(struct scan *scan, const uint8_t *at, int32_t thread) {
    scan->space->enters[thread] = (uint32_t)(at - scan->bytes) + 1;
    /* The end of a call was lost: what closing it began goes on. */
    if (scan->closing > 0)
        disturb_thread(scan, thread);
}

static int32_t closes(struct scan *scan, const uint8_t *at, int32_t thread, int32_t index) {
    const int32_t fd = first_param(at);
    /* Two threads that close the same: whose end counts, their order tells. */
    makes_fd(scan, fd);
    scan->space->closings[scan->closing++] = (struct closing){thread, fd, index};
    return Effect_ENTER;
}

static int32_t closed(struct scan *scan, const uint8_t *at, int32_t thread, int32_t index) {
    int32_t i = scan->closing - 1;
    while (i >= 0 && scan->space->closings[i].thread != thread)
        i--;
    if (i < 0)
        return Effect_LOOK;
    const int32_t fd = scan->space->closings[i].fd;
    if (result_of(at) != 0 || fd < 0 || fd >= MOST_FDS) {
        disturb(scan, i);
        return Effect_LOOK;
    }
    forget_closing(scan, i);
    scan->lists->fds[index] = fd;
    return Effect_CLOSE;
}

/* `enter`: the enter event of the call, maybe this one. */
static int32_t message(struct scan *scan, const uint8_t *at, uint16_t type, const uint8_t *enter,
                       int32_t index) {
    const int begins = enter == at;
    const int32_t fd = first_param(enter);
    if (fd < 0) {
        makes_fd(scan, -1);
        return Effect_LOOK;
    }
    uint32_t length = 0;
    if (scan->tables->addresses[type & ~1] > 0 && load32(enter + NPARAMS) > SEND_ADDRESS)
        length = param_length(enter, SEND_ADDRESS);
    else if (!begins)
        length = param_length(at, scan->tables->addresses[type]);
    if (length == 0)
        return begins ? Effect_ENTER : Effect_EXIT;
    makes_fd(scan, -1);
    scan->lists->fds[index] = fd;
    return begins ? Effect_MESSAGE : Effect_MESSAGE_END;
}

/* Whether an fcntl makes a new fd. */
static int duplicates(const uint8_t *at, const uint8_t *enter) {
    int32_t command = 0;
    if (param_length(at, 2) == 1)
        command = *param(at, 2);
    else if (param_length(enter, 1) >= 1)
        command = *param(enter, 1);
    return command == FCNTL_DUPFD || command == FCNTL_DUPFD_CLOEXEC;
}

static int32_t duplicate(struct scan *scan, const uint8_t *at, uint8_t class, const uint8_t *enter,
                         int32_t index) {
    const int32_t fd = result_of(at);
    if (fd < 0 || (class == EventClass_FCNTL && !duplicates(at, enter)))
        return Effect_EXIT;
    const int32_t from = first_param(enter);
    if (from < 0 || from >= MOST_FDS || fd >= MOST_FDS)
        return Effect_LOOK;
    makes_fd(scan, fd);
    scan->lists->fds[index] = from * BESIDE + fd;
    return Effect_DUP;
}

/* `path`: index of the path; before it stands the fd of the directory, if the call has one. */
static int32_t opens_relative(struct scan *scan, const uint8_t *at, uint32_t path, int32_t fd,
                              int32_t index) {
    int32_t dirfd = AT_FDCWD;
    if (path > 1) {
        if (param_length(at, 1) != 8)
            return Effect_LOOK;
        const int64_t number = (int64_t)load64(param(at, 1));
        dirfd = (int32_t)number;
        if (dirfd != number)
            return Effect_LOOK;
    }
    if (dirfd != AT_FDCWD && (dirfd < 0 || dirfd >= MOST_FDS))
        return Effect_LOOK;
    scan->lists->fds[index] = fd + BESIDE * (dirfd == AT_FDCWD ? 0 : dirfd + 1);
    return Effect_OPEN_AT;
}

static int32_t opens(struct scan *scan, const uint8_t *at, uint16_t type, const uint8_t *enter,
                     int32_t index) {
    const int32_t fd = result_of(at);
    if (fd < 0)
        return Effect_EXIT;
    makes_fd(scan, fd);
    if (fd >= MOST_FDS)
        return Effect_LOOK;
    const uint32_t n = scan->tables->paths[type];
    const uint8_t *path = param(at, n);
    const uint32_t length = param_length(at, n);
    if (length == 0)
        return Effect_LOOK;
    int32_t effect = Effect_OPEN;
    scan->lists->fds[index] = fd;
    if (*path != '/')
        effect = opens_relative(scan, at, n, fd, index);
    /* The enter event says what was asked for: it wins where the two differ. */
    if (effect == Effect_LOOK || load32(enter + NPARAMS) < n)
        return effect;
    const uint32_t asked = param_length(enter, n - 1);
    return asked == length && same_bytes(path, param(enter, n - 1), length) ? effect : Effect_LOOK;
}

/* `enter`: the enter event of the call, NULL if it is not in this chunk. */
static int32_t exit_effect(struct scan *scan, const uint8_t *at, uint16_t type, uint8_t class,
                           const uint8_t *enter, int32_t thread, int32_t index) {
    if (!enter)
        return Effect_LOOK;
    switch (class) {
    case EventClass_FCNTL:
    case EventClass_DUPLICATE:
        return duplicate(scan, at, class, enter, index);
    case EventClass_OPEN:
        return opens(scan, at, type, enter, index);
    case EventClass_CLOSE:
        return closed(scan, at, thread, index);
    case EventClass_MESSAGE_EXIT:
        return result_of(at) < 0 ? Effect_EXIT : message(scan, at, type, enter, index);
    default:
        return Effect_LOOK;
    }
}

static int32_t enter_effect(struct scan *scan, const uint8_t *at, uint16_t type, uint8_t class,
                            int32_t thread, int32_t index) {
    int32_t effect = Effect_LOOK;
    entered(scan, at, thread);
    if (class == EventClass_PLAIN_ENTER)
        effect = Effect_ENTER;
    else if (class == EventClass_CLOSE_ENTER)
        effect = closes(scan, at, thread, index);
    else if (class == EventClass_MESSAGE_ENTER)
        effect = message(scan, at, type, at, index);
    else
        makes_fd(scan, -1);
    if (effect == Effect_ENTER)
        scan->lists->fds[index] = call_fd(scan, type, at);
    return effect;
}

/* Effect of a plain event block. */
static int32_t effect_of(struct scan *scan, const uint8_t *at, int32_t thread, int32_t index) {
    const uint16_t type = load16(at + TYPE);
    uint8_t class = scan->tables->classes[type];
    if (class == EventClass_ASIDE)
        return Effect_NOTHING;
    const int is_enter = (type & 1) == 0;
    if (class == EventClass_BY_CODE && verdict_on(scan->tables, at) == Verdict_PLAIN)
        class = is_enter ? EventClass_PLAIN_ENTER : EventClass_PLAIN_EXIT;
    if (class == EventClass_PLAIN_EXIT) {
        scan->lists->fds[index] = scan->tables->fd_params[type] == FdParam_NONE
                                      ? FD_NONE
                                      : call_fd(scan, type, own_enter(scan, type, thread));
        return Effect_EXIT;
    }
    if (is_enter)
        return enter_effect(scan, at, type, class, thread, index);
    if (class == EventClass_BY_CODE) {
        makes_fd(scan, -1);
        return Effect_LOOK;
    }
    const uint8_t *own = own_enter(scan, type, thread);
    scan->space->enters[thread] = 0;
    const int32_t effect = exit_effect(scan, at, type, class, own, thread, index);
    if (effect == Effect_LOOK)
        makes_fd(scan, -1);
    /* Of a file that was not opened only the event itself tells. */
    if (effect == Effect_EXIT)
        scan->lists->fds[index] = class == EventClass_OPEN ? FD_LOOK : call_fd(scan, type, own);
    return effect;
}

void scan_events(const struct scan_tables *tables, struct scan_space *space, const struct scan_lists *lists,
                 const uint8_t *bytes, uint32_t from, uint32_t limit, int32_t moved, int effects,
                 int watching, struct scan_found *found) {
    struct scan scan = {tables, space, lists, bytes, 1, 0};
    int32_t stop = Stop_MORE, ordinal = 0, index = 0, last_tid = 0, last_thread = 0, met = 0;
    const uint8_t *at = bytes + from, *end = bytes + limit;
    space->chunk++;
    while (end - at >= BLOCK_FRAME) {
        const uint32_t block_type = load32(at);
        const uint32_t total = load32(at + 4);
        uint32_t flags = 0;
        if (block_type == EVENT_FLAGS_BLOCK || block_type == EVENT_FLAGS_LARGE_BLOCK)
            flags = 4;
        else if (block_type != EVENT_BLOCK && block_type != EVENT_LARGE_BLOCK) {
            stop = Stop_OTHER;
            break;
        }
        if (total < MIN_EVENT + flags) {
            stop = Stop_FRAME;
            break;
        }
        if (total > (uint32_t)(end - at))
            break;
        if (load32(at + total - 4) != total) {
            stop = Stop_FRAME;
            break;
        }
        if (!is_sound(at + 10 + flags, total - 14 - flags)) {
            stop = Stop_EVENT;
            break;
        }
        const int plain_block = block_type == EVENT_BLOCK;
        if (!plain_block || verdict_on(tables, at) != Verdict_UNWANTED) {
            lists->offsets[index] = (int32_t)(at - bytes) + moved;
            lists->ordinals[index] = ordinal;
            if (watching && !met) {
                const uint32_t type = plain_block ? load16(at + TYPE) : KNOWN_TYPES;
                met = finds_texts(tables, at, type, at + total);
            }
            if (effects) {
                int32_t mark = Effect_LOOK;
                /* No thread of Linux has a number beyond 32 bits. */
                if (!plain_block || load32(at + TID + 4) != 0) {
                    makes_fd(&scan, -1);
                    forget_enter(&scan, (int32_t)load32(at + TID + flags));
                } else {
                    const int32_t tid = (int32_t)load32(at + TID);
                    if (tid != last_tid || last_thread == 0) {
                        last_tid = tid;
                        last_thread = thread_of(&scan, tid);
                    }
                    mark = (int32_t)((uint32_t)last_thread << MARK_THREAD) |
                           effect_of(&scan, at, last_thread, index);
                }
                lists->marks[index] = mark;
            }
            index++;
        }
        at += total;
        ordinal++;
    }
    *found = (struct scan_found){(uint32_t)(at - bytes), stop, ordinal, index, scan.threads, met};
}
