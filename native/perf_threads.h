/* What the perf engine remembers of each thread: the call it is in, and names that outlive the process. */
#ifndef TSDIG_PERF_THREADS_H
#define TSDIG_PERF_THREADS_H

#include <stdbool.h>
#include <stdint.h>
#include "params.h"

struct perf_thread {
    struct perf_thread *next;
    struct call call; /* .who: what /proc said last; inherited from the parent until /proc is read */
    bool in_call;
    bool looked;    /* at the program's word size */
    uint32_t end;   /* wait status, as far as it has shown */
    char file[256]; /* of the program */
    char cwd[256];
};

struct perf_threads {
    struct perf_thread *slots[4096];
};

/* The thread's entry, made if need be. `tgid` 0: not known. NULL: no memory. */
struct perf_thread *perf_thread(struct perf_threads *all, int32_t tid, int32_t tgid);
bool perf_thread_known(const struct perf_threads *all, int32_t tid);
/* The child of `parent` (may be NULL): it is in its parent's call, in its parent's program. */
void perf_thread_born(struct perf_threads *all, struct perf_thread *parent, int32_t tid);
/* Notes what /proc says of it now, for the time when it is gone. */
void perf_thread_look(struct perf_thread *p);
/* A new program. */
void perf_thread_executed(struct perf_thread *p, const char *file);
/* Is it a program of 32 bits? */
bool perf_thread_compat(struct perf_thread *p);
void perf_thread_gone(struct perf_threads *all, int32_t tid);
void perf_threads_free(struct perf_threads *all);

#endif
