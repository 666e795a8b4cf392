/* Captures that other engines than eBPF make: what they share. One thread of theirs writes the ring. */
#ifndef TSDIG_ENGINE_H
#define TSDIG_ENGINE_H

#include "capture.h"

/* What the functions of tsdig.h ask of such an engine. */
struct engine {
    int (*start)(struct tsdig *t);
    void (*stop)(struct tsdig *t);
    void (*count)(struct tsdig *t, struct tsdig_counters *out);
    int (*allow)(struct tsdig *t, int32_t set, const void *key, bool add);
    void (*close)(struct tsdig *t); /* its thread is over */
};

/* A capture with a ring, NULL when there is no memory. */
struct tsdig *engine_new(const struct tsdig_options *options, const struct engine *engine, void *state,
                         char *error, uint32_t error_size);
/* Starts the engine's thread. */
int engine_run(struct tsdig *t, void *(*run)(void *capture));
/* Sets the text of tsdig_error; -1. */
int engine_fail(struct tsdig *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Appends an event to the ring, waiting for room if there is none, unless that takes longer than
 * `patience_ms`. False: it was not written.
 */
bool engine_emit(struct tsdig *t, const uint8_t *event, uint32_t len, int cpu, int patience_ms);
/* Lets the reader see what was appended. */
void engine_publish(struct tsdig *t);
/* The last word of the engine's thread. */
void engine_end(struct tsdig *t);

#endif
