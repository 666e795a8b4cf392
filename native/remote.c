#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include "remote.h"

#define PAGE 4096u

void remote_refresh(struct remote *r) {
    r->have_status = r->have_stat = false;
}

size_t remote_file(const struct remote *r, const char *name, char *to, size_t room) {
    char path[96];
    snprintf(path, sizeof(path), "/proc/%d/%s", r->tid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    size_t got = 0;
    while (got < room) {
        ssize_t n = read(fd, to + got, room - got);
        if (n <= 0)
            break;
        got += (size_t)n;
    }
    close(fd);
    return got;
}

size_t remote_link(const struct remote *r, const char *name, char *to, size_t room) {
    char path[96];
    snprintf(path, sizeof(path), "/proc/%d/%s", r->tid, name);
    ssize_t n = readlink(path, to, room);
    return n < 0 ? 0 : (size_t)n;
}

/* First and last number of a list, and how many there are. */
static unsigned number_list(const char *text, int64_t *first, int64_t *last) {
    unsigned count = 0;
    char *end;
    for (;;) {
        int64_t v = strtoll(text, &end, 10);
        if (end == text)
            return count;
        if (count++ == 0)
            *first = v;
        *last = v;
        text = end;
        if (*text == '\n')
            return count;
    }
}

void remote_status(struct remote *r) {
    if (r->have_status)
        return;
    r->have_status = true;
    char text[4096];
    size_t n = remote_file(r, "status", text, sizeof(text) - 1);
    text[n] = 0;
    if (n == 0 && r->known)
        return;
    r->known = n > 0;
    r->ppid = 0;
    r->vtid = r->pgid = r->vpgid = 0;
    r->vtid = r->tid;
    r->vpid = r->tgid;
    r->vm_size = r->vm_rss = r->vm_swap = r->pid_level = 0;
    r->euid = r->egid = r->fsuid = r->fsgid = UINT32_MAX;
    r->cap_inh = r->cap_prm = r->cap_eff = 0;
    for (char *line = text; line && *line; line = strchr(line, '\n'), line += line != NULL) {
        int64_t first;
        unsigned real, saved;
        unsigned long long caps;
        if (sscanf(line, "Uid: %u %u %u %u", &real, &r->euid, &saved, &r->fsuid) == 4)
            continue;
        if (sscanf(line, "Gid: %u %u %u %u", &real, &r->egid, &saved, &r->fsgid) == 4)
            continue;
        if (strncmp(line, "PPid:", 5) == 0)
            number_list(line + 5, &r->ppid, &first);
        else if (strncmp(line, "NStgid:", 7) == 0)
            number_list(line + 7, &first, &r->vpid);
        else if (strncmp(line, "NSpid:", 6) == 0)
            r->pid_level = number_list(line + 6, &first, &r->vtid) - 1;
        else if (strncmp(line, "NSpgid:", 7) == 0)
            number_list(line + 7, &r->pgid, &r->vpgid);
        else if (sscanf(line, "VmSize: %u", &r->vm_size) == 1 || sscanf(line, "VmRSS: %u", &r->vm_rss) == 1 ||
                 sscanf(line, "VmSwap: %u", &r->vm_swap) == 1)
            continue;
        else if (sscanf(line, "CapInh: %llx", &caps) == 1)
            r->cap_inh = caps;
        else if (sscanf(line, "CapPrm: %llx", &caps) == 1)
            r->cap_prm = caps;
        else if (sscanf(line, "CapEff: %llx", &caps) == 1)
            r->cap_eff = caps;
    }
}

void remote_stat(struct remote *r) {
    if (r->have_stat)
        return;
    r->have_stat = true;
    char text[1024];
    size_t n = remote_file(r, "stat", text, sizeof(text) - 1);
    text[n] = 0;
    r->minflt = r->majflt = 0;
    r->tty = 0;
    /* The name may hold anything: what follows begins at the last bracket. */
    char *rest = strrchr(text, ')');
    int tty = 0;
    unsigned long minor = 0, major = 0;
    if (rest && sscanf(rest + 1, " %*c %*d %*d %*d %d %*d %*u %lu %*u %lu", &tty, &minor, &major) == 3) {
        r->tty = (uint32_t)tty;
        r->minflt = minor;
        r->majflt = major;
    }
}

size_t remote_read(const struct remote *r, uint64_t at, void *to, size_t n) {
    size_t got = 0;
    struct iovec local = {to, n}, remote = {(void *)(uintptr_t)at, n};
    ssize_t all = process_vm_readv(r->tid, &local, 1, &remote, 1, 0);
    if (all > 0)
        got = (size_t)all;
    if (got == n || (all < 0 && errno != EFAULT))
        return got;
    /* Part of it is not there: page by page, up to the hole. */
    while (got < n) {
        size_t step = PAGE - ((at + got) & (PAGE - 1));
        if (step > n - got)
            step = n - got;
        local = (struct iovec){(char *)to + got, step};
        remote = (struct iovec){(void *)(uintptr_t)(at + got), step};
        ssize_t part = process_vm_readv(r->tid, &local, 1, &remote, 1, 0);
        if (part <= 0)
            break;
        got += (size_t)part;
    }
    return got;
}

uint64_t remote_u64(const struct remote *r, uint64_t at) {
    uint64_t v = 0;
    return remote_read(r, at, &v, sizeof(v)) == sizeof(v) ? v : 0;
}

uint32_t remote_u32(const struct remote *r, uint64_t at) {
    uint32_t v = 0;
    return remote_read(r, at, &v, sizeof(v)) == sizeof(v) ? v : 0;
}

uint64_t remote_long(const struct remote *r, uint64_t at, unsigned index) {
    return r->compat ? remote_u32(r, at + index * 4) : remote_u64(r, at + index * 8);
}

size_t remote_string(const struct remote *r, uint64_t at, char *to, size_t room) {
    size_t got = 0;
    while (got < room) {
        /* Up to the end of the page: what follows may not be mapped. */
        size_t step = PAGE - ((at + got) & (PAGE - 1));
        if (step > room - got)
            step = room - got;
        if (step > 256 && got == 0)
            step = 256;
        struct iovec local = {to + got, step}, remote = {(void *)(uintptr_t)(at + got), step};
        ssize_t n = process_vm_readv(r->tid, &local, 1, &remote, 1, 0);
        if (n <= 0)
            return 0;
        char *end = memchr(to + got, 0, (size_t)n);
        if (end)
            return (size_t)(end - to) + 1;
        got += (size_t)n;
    }
    to[room - 1] = 0;
    return room;
}

int remote_fd(const struct remote *r, int fd) {
    if (fd < 0)
        return -1;
    int process = (int)syscall(SYS_pidfd_open, r->tgid, 0);
    if (process < 0)
        return -1;
    int own = (int)syscall(SYS_pidfd_getfd, process, fd, 0);
    close(process);
    return own;
}

pid_t remote_tgid(pid_t tid) {
    struct remote r = {.tid = tid};
    char text[512];
    size_t n = remote_file(&r, "status", text, sizeof(text) - 1);
    text[n] = 0;
    const char *line = strstr(text, "\nTgid:");
    return line ? atoi(line + 6) : -1;
}
