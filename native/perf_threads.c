#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "perf_threads.h"

static struct perf_thread **slot_of(struct perf_threads *all, int32_t tid) {
    return &all->slots[(uint32_t)tid % (sizeof(all->slots) / sizeof(all->slots[0]))];
}

static struct perf_thread *find(struct perf_threads *all, int32_t tid) {
    struct perf_thread *p = *slot_of(all, tid);
    while (p && p->call.who.tid != tid)
        p = p->next;
    return p;
}

bool perf_thread_known(const struct perf_threads *all, int32_t tid) {
    return find((struct perf_threads *)all, tid) != NULL;
}

struct perf_thread *perf_thread(struct perf_threads *all, int32_t tid, int32_t tgid) {
    struct perf_thread *p = find(all, tid);
    if (!p) {
        p = calloc(1, sizeof(*p));
        if (!p)
            return NULL;
        p->call.who.tid = tid;
        p->next = *slot_of(all, tid);
        *slot_of(all, tid) = p;
    }
    if (tgid > 0)
        p->call.who.tgid = tgid;
    return p;
}

void perf_thread_born(struct perf_threads *all, struct perf_thread *parent, int32_t tid) {
    struct perf_thread *p = perf_thread(all, tid, 0);
    if (!p || !parent)
        return;
    p->call = parent->call;
    p->call.who.tid = tid;
    p->call.who.tgid = 0;
    /* What the parent's status says holds for the child but for who it is. */
    p->call.who.ppid = parent->call.who.tgid;
    p->call.who.vtid = p->call.who.vpid = tid;
    remote_refresh(&p->call.who);
    p->in_call = parent->in_call;
    p->looked = parent->looked;
    memcpy(p->file, parent->file, sizeof(p->file));
    memcpy(p->cwd, parent->cwd, sizeof(p->cwd));
}

void perf_thread_look(struct perf_thread *p) {
    remote_refresh(&p->call.who);
    remote_status(&p->call.who);
    perf_thread_compat(p);
    char cwd[sizeof(p->cwd)];
    size_t n = remote_link(&p->call.who, "cwd", cwd, sizeof(cwd) - 1);
    if (n == 0)
        return;
    memcpy(p->cwd, cwd, n);
    p->cwd[n] = 0;
}

void perf_thread_executed(struct perf_thread *p, const char *file) {
    snprintf(p->file, sizeof(p->file), "%s", file);
    p->looked = false;
    remote_refresh(&p->call.who);
}

bool perf_thread_compat(struct perf_thread *p) {
    if (p->looked)
        return p->call.who.compat;
    p->looked = true;
    char path[48];
    unsigned char head[5] = {0};
    snprintf(path, sizeof(path), "/proc/%d/exe", p->call.who.tid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && p->file[0])
        fd = open(p->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t n = fd < 0 ? 0 : read(fd, head, sizeof(head));
    if (fd >= 0)
        close(fd);
    /* ELFCLASS32 */
    p->call.who.compat = n == sizeof(head) && memcmp(head, "\177ELF\1", 5) == 0;
    return p->call.who.compat;
}

void perf_thread_gone(struct perf_threads *all, int32_t tid) {
    for (struct perf_thread **at = slot_of(all, tid); *at; at = &(*at)->next) {
        if ((*at)->call.who.tid != tid)
            continue;
        struct perf_thread *gone = *at;
        *at = gone->next;
        free(gone);
        return;
    }
}

void perf_threads_free(struct perf_threads *all) {
    for (size_t i = 0; i < sizeof(all->slots) / sizeof(all->slots[0]); i++)
        while (all->slots[i])
            perf_thread_gone(all, all->slots[i]->call.who.tid);
}
