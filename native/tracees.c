#include <stdlib.h>
#include "tracees.h"

struct tracee *tracee_find(const struct tracees *all, pid_t tid) {
    struct tracee *p = all->slots[(unsigned)tid % TRACEE_SLOTS];
    while (p && p->tid != tid)
        p = p->next;
    return p;
}

struct tracee *tracee_add(struct tracees *all, pid_t tid) {
    struct tracee *p = tracee_find(all, tid);
    if (p)
        return p;
    p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    p->tid = tid;
    p->tgid = remote_tgid(tid);
    p->next = all->slots[(unsigned)tid % TRACEE_SLOTS];
    all->slots[(unsigned)tid % TRACEE_SLOTS] = p;
    return p;
}

void tracee_forget(struct tracees *all, pid_t tid) {
    for (struct tracee **at = &all->slots[(unsigned)tid % TRACEE_SLOTS]; *at; at = &(*at)->next) {
        if ((*at)->tid != tid)
            continue;
        struct tracee *gone = *at;
        *at = gone->next;
        free(gone);
        return;
    }
}

void tracees_free(struct tracees *all) {
    for (unsigned i = 0; i < TRACEE_SLOTS; i++)
        while (all->slots[i])
            tracee_forget(all, all->slots[i]->tid);
}
