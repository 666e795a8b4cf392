#define _GNU_SOURCE
#include "read_ahead.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct read_ahead {
    struct read_ahead_options options;
    struct piece_slot *slots;
    struct piece_found *found; /* by slot */
    struct scan_space space;
    int fd;
    pthread_t thread;
    int running;
    pthread_mutex_t lock;
    pthread_cond_t more;       /* for the reader */
    pthread_cond_t given_back; /* for the thread */
    /* Pieces that have been scanned, handed out, given back. */
    uint64_t scanned, given, freed;
    int ended; /* no piece is scanned any more */
    int stopped;
};

static int make_space(const struct read_ahead_options *options, struct scan_space *space) {
    const size_t events = (options->carry + options->piece) / LEAST_EVENT + 2;
    size_t places = 1;
    while (places < 2 * events)
        places *= 2;
    space->places = calloc(places, sizeof *space->places);
    space->place_mask = (uint32_t)places - 1;
    space->enters = malloc(events * sizeof *space->enters);
    space->closings = malloc(events * sizeof *space->closings);
    return space->places && space->enters && space->closings ? 0 : -1;
}

/* Bytes there were: less than `size` at the end of the file, or where it cannot be read. */
static uint32_t read_piece(int fd, uint8_t *into, uint32_t size, uint64_t position) {
    uint32_t have = 0;
    while (have < size) {
        const ssize_t got = pread(fd, into + have, size - have, (off_t)(position + have));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        have += (uint32_t)got;
    }
    return have;
}

/* Waits for a slot to be free; 0 when nobody wants more. Under the lock. */
static int await_slot(struct read_ahead *r) {
    while (!r->stopped && r->scanned - r->freed >= r->options.slot_count)
        pthread_cond_wait(&r->given_back, &r->lock);
    return !r->stopped;
}

static void *work(void *argument) {
    struct read_ahead *r = argument;
    const struct read_ahead_options *options = &r->options;
    uint64_t position = options->position;
    /* What the piece before leaves to the next one. */
    const uint8_t *rest = NULL;
    uint32_t rest_size = 0;
    int watching = options->watching;
    pthread_mutex_lock(&r->lock);
    for (uint32_t i = 0; !r->ended && await_slot(r); i = (i + 1) % options->slot_count) {
        const int effects = options->effects;
        pthread_mutex_unlock(&r->lock);

        const struct piece_slot *slot = &r->slots[i];
        const uint32_t from = options->carry - rest_size;
        if (rest)
            memcpy(slot->bytes + from, rest, rest_size);
        const uint32_t got = read_piece(r->fd, slot->bytes + options->carry, options->piece, position);
        const uint32_t to = options->carry + got;
        struct piece_found *found = &r->found[i];
        *found = (struct piece_found){i, from, effects, (int64_t)position - options->carry, {0}};
        scan_events(&options->tables, &r->space, &slot->lists, slot->bytes, from, to, 0, effects, watching,
                    &found->scan);
        if (found->scan.met)
            watching = 0;
        rest = slot->bytes + found->scan.end;
        rest_size = to - found->scan.end;
        position += got;

        pthread_mutex_lock(&r->lock);
        r->scanned++;
        r->ended = found->scan.stop != Stop_MORE || got < options->piece || rest_size > options->carry;
        pthread_cond_signal(&r->more);
    }
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

static long processors(void) {
    cpu_set_t allowed;
    /* It fails where there are more than the set has room for. */
    return sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed)
                                                               : sysconf(_SC_NPROCESSORS_ONLN);
}

/* Signals go to the threads that are there for them. */
static int start_thread(struct read_ahead *r) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    r->running = pthread_create(&r->thread, NULL, work, r) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return r->running ? 0 : -1;
}

struct read_ahead *read_ahead_start(const struct read_ahead_options *options) {
    if (processors() < 2)
        return NULL;
    struct read_ahead *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->options = *options;
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->more, NULL);
    pthread_cond_init(&r->given_back, NULL);
    r->fd = fcntl(options->fd, F_DUPFD_CLOEXEC, 0);
    r->slots = malloc(options->slot_count * sizeof *r->slots);
    r->found = calloc(options->slot_count, sizeof *r->found);
    if (r->slots)
        memcpy(r->slots, options->slots, options->slot_count * sizeof *r->slots);
    if (r->fd < 0 || !r->slots || !r->found || make_space(options, &r->space) < 0 || start_thread(r) < 0) {
        read_ahead_stop(r);
        return NULL;
    }
    return r;
}

int read_ahead_next(struct read_ahead *r, struct piece_found *out) {
    pthread_mutex_lock(&r->lock);
    if (r->given > r->freed) {
        r->freed = r->given;
        pthread_cond_signal(&r->given_back);
    }
    while (r->scanned == r->given && !r->ended)
        pthread_cond_wait(&r->more, &r->lock);
    const int there = r->scanned > r->given;
    if (there)
        *out = r->found[r->given++ % r->options.slot_count];
    pthread_mutex_unlock(&r->lock);
    return there;
}

void read_ahead_effects(struct read_ahead *r, int effects) {
    pthread_mutex_lock(&r->lock);
    r->options.effects = effects;
    pthread_mutex_unlock(&r->lock);
}

void read_ahead_stop(struct read_ahead *r) {
    pthread_mutex_lock(&r->lock);
    r->stopped = 1;
    pthread_cond_signal(&r->given_back);
    pthread_mutex_unlock(&r->lock);
    if (r->running)
        pthread_join(r->thread, NULL);
    if (r->fd >= 0)
        close(r->fd);
    pthread_mutex_destroy(&r->lock);
    pthread_cond_destroy(&r->more);
    pthread_cond_destroy(&r->given_back);
    free(r->space.places);
    free(r->space.enters);
    free(r->space.closings);
    free(r->slots);
    free(r->found);
    free(r);
}
