#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "engine.h"

/* Bytes appended before the reader is told without being asked. */
#define PUBLISH_BYTES (64 * 1024)

int engine_fail(struct tsdig *t, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(t->error, sizeof(t->error), format, args);
    va_end(args);
    return -1;
}

struct tsdig *engine_new(const struct tsdig_options *o, const struct engine *engine, void *state, char *error,
                         uint32_t error_size) {
    if (o->abi != TSDIG_ABI) {
        snprintf(error, error_size,
                 "the helper has another version than tsdig: build it with `npm run build:native`");
        return NULL;
    }
    struct tsdig *t = capture_new();
    uint64_t size = 1024 * 1024;
    while (size < o->ring_size && size < (1ull << 28))
        size <<= 1;
    if (!t || ring_open(&t->ring, size) < 0) {
        snprintf(error, error_size, "cannot map the event ring (%llu bytes): %s", (unsigned long long)size,
                 strerror(errno));
        free(t);
        return NULL;
    }
    t->engine = engine;
    t->engine_state = state;
    t->wall_offset = wall_minus_boot();
    t->tracepoints = o->tracepoints;
    t->cpus = 1;
    return t;
}

int engine_run(struct tsdig *t, void *(*run)(void *capture)) {
    if (pthread_create(&t->thread, NULL, run, t) != 0)
        return engine_fail(t, "cannot start the capture's thread: %s", strerror(errno));
    t->running = true;
    return 0;
}

void engine_publish(struct tsdig *t) {
    if (t->ring.head == t->appended)
        return;
    __atomic_store_n(&t->ring.head, t->appended, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&t->reader_waits, __ATOMIC_SEQ_CST)) {
        pthread_mutex_lock(&t->lock);
        pthread_cond_signal(&t->filled);
        pthread_mutex_unlock(&t->lock);
    }
}

static bool room_for(struct tsdig *t, uint64_t need) {
    return t->appended + need - __atomic_load_n(&t->ring.tail, __ATOMIC_SEQ_CST) <= t->ring.size;
}

/* Waits for the reader; a stopped capture is still read, one that is being closed is not. */
static bool wait_for_room(struct tsdig *t, uint64_t need, int patience_ms) {
    engine_publish(t);
    for (int passed = 0; !room_for(t, need); passed += 20) {
        if (passed >= patience_ms)
            return false;
        pthread_mutex_lock(&t->lock);
        __atomic_store_n(&t->writer_waits, true, __ATOMIC_SEQ_CST);
        if (!room_for(t, need) && !t->closing) {
            struct timespec until;
            clock_gettime(CLOCK_MONOTONIC, &until);
            until.tv_nsec += 20000000;
            until.tv_sec += until.tv_nsec / 1000000000;
            until.tv_nsec %= 1000000000;
            pthread_cond_timedwait(&t->drained, &t->lock, &until);
        }
        t->writer_waits = false;
        bool closing = t->closing;
        pthread_mutex_unlock(&t->lock);
        if (closing)
            return false;
    }
    return true;
}

bool engine_emit(struct tsdig *t, const uint8_t *event, uint32_t len, int cpu, int patience_ms) {
    uint32_t total = (14 + len + 3) & ~3u, type = 0x216;
    if (!room_for(t, total) && !wait_for_room(t, total, patience_ms))
        return false;
    /* Block header, CPU, event, padding, trailer. */
    uint8_t *to = t->ring.base + (t->appended & (t->ring.size - 1));
    uint16_t id = (uint16_t)cpu;
    memcpy(to, &type, 4);
    memcpy(to + 4, &total, 4);
    memcpy(to + 8, &id, 2);
    memset(to + total - 8, 0, 4);
    memcpy(to + 10, event, len);
    memcpy(to + total - 4, &total, 4);
    t->appended += total;
    if (t->appended - t->ring.head > PUBLISH_BYTES)
        engine_publish(t);
    return true;
}

void engine_end(struct tsdig *t) {
    engine_publish(t);
    pthread_mutex_lock(&t->lock);
    __atomic_store_n(&t->ended, true, __ATOMIC_RELEASE);
    pthread_cond_broadcast(&t->filled);
    pthread_mutex_unlock(&t->lock);
}
