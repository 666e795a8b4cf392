/*
 * The walk over the listed events of a chunk whose threads a filter has ruled out: it stops at the first one
 * that has to be looked at, or that changes something. WebAssembly only; what calls it is `RuledOut`
 * (src/session/ruled_out.ts).
 */
#include "scan.h"

/* Of a plain event block, from its first byte on. */
#define TID 18

/* An fd that is known to tell nothing new by a message. */
struct known_fd {
    int32_t tid;
    int32_t fd;
    int32_t epoch; /* at which that was so */
    int32_t unused;
};

static struct known_fd *known;
static uint32_t known_mask;

/* Where these stand: `mask + 1` of them. */
TSDIG_EXPORT void set_known(struct known_fd *places, uint32_t mask) {
    known = places;
    known_mask = mask;
}

static struct known_fd *place_of(int32_t tid, int32_t fd) {
    const uint32_t place = ((uint32_t)tid * 0x9e3779b1u + (uint32_t)fd * 0x85ebca6bu) >> 15;
    return &known[place & known_mask];
}

/* The thread's fd tells nothing new by a message, until the epoch is another. */
TSDIG_EXPORT void know(int32_t tid, int32_t fd, int32_t epoch) {
    *place_of(tid, fd) = (struct known_fd){tid, fd, epoch, 0};
}

/* The list, and what is known of its threads. */
static struct {
    int32_t length;
    const uint8_t *bytes; /* what the places in the list count from */
    const int32_t *offsets, *marks, *fds;
    const int32_t *answers; /* by thread: what was found out about it */
    int32_t *calls;         /* by thread: the last enter and exit event that was passed over, side by side */
} list;

/* A list begins whose threads a filter may have ruled out. */
TSDIG_EXPORT void begin(int32_t length, const uint8_t *bytes, const int32_t *offsets, const int32_t *marks,
                        const int32_t *fds, const int32_t *answers, int32_t *calls) {
    list.length = length;
    list.bytes = bytes;
    list.offsets = offsets;
    list.marks = marks;
    list.fds = fds;
    list.answers = answers;
    list.calls = calls;
}

/*
 * The first listed event from the i-th on whose thread's answer is not `ruled`, or whose effect is more than
 * that of a call that begins or ends; the list's length if there is none.
 * @param epoch of the fds that are known.
 */
TSDIG_EXPORT int32_t skip(int32_t i, int32_t ruled, int32_t epoch) {
    for (; i < list.length; i++) {
        const int32_t mark = list.marks[i];
        const int32_t thread = mark >> MARK_THREAD;
        if (list.answers[thread] != ruled)
            break;
        const int32_t effect = mark & EFFECT_BITS;
        if (effect == Effect_NOTHING)
            continue;
        const int32_t off = list.offsets[i];
        if (effect != Effect_ENTER && effect != Effect_EXIT) {
            if (effect != Effect_MESSAGE && effect != Effect_MESSAGE_END)
                break;
            const int32_t tid = (int32_t)load32(list.bytes + off + TID);
            const struct known_fd *place = place_of(tid, list.fds[i]);
            if (place->tid != tid || place->fd != list.fds[i] || place->epoch != epoch)
                break;
        }
        list.calls[2 * thread + (mark & 1)] = off;
    }
    return i;
}
