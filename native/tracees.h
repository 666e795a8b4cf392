/* The threads that the ptrace engine traces, by number. */
#ifndef TSDIG_TRACEES_H
#define TSDIG_TRACEES_H

#include <stdbool.h>
#include <sys/types.h>
#include "params.h"

#define TRACEE_SLOTS 1024u

/* One traced thread. */
struct tracee {
    struct tracee *next;
    pid_t tid, tgid;
    bool attached;  /* its first stop has come */
    bool held;      /* it waits there until its parent's stop tells of it */
    bool in_call;   /* between entering and leaving */
    bool announced; /* its parent has told of it */
    bool exited;    /* its end has been recorded */
    struct call call;
    struct call birth; /* the call that made it, as its parent's */
};

struct tracees {
    struct tracee *slots[TRACEE_SLOTS];
};

struct tracee *tracee_find(const struct tracees *all, pid_t tid);
/* The thread's entry, made if need be. NULL: no memory. */
struct tracee *tracee_add(struct tracees *all, pid_t tid);
void tracee_forget(struct tracees *all, pid_t tid);
void tracees_free(struct tracees *all);

#endif
