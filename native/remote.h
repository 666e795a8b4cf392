/* What can be learnt about another process from outside: its memory, its files, what /proc says of it. */
#ifndef TSDIG_REMOTE_H
#define TSDIG_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct remote {
    pid_t tid, tgid;
    bool compat; /* a 32-bit program: its pointers have 4 bytes */
    bool have_status, have_stat;
    bool known; /* status was read once: what it said stands when the process is gone */
    /* of /proc/TID/status */
    int64_t ppid, vtid, vpid, pgid, vpgid;
    uint32_t pid_level; /* depth of its pid namespace below ours */
    uint32_t euid, egid, fsuid, fsgid;
    uint64_t cap_inh, cap_prm, cap_eff;
    uint32_t vm_size, vm_rss, vm_swap; /* KiB */
    /* of /proc/TID/stat */
    uint64_t minflt, majflt;
    uint32_t tty;
};

/* Forgets what was read: the process may have run since. */
void remote_refresh(struct remote *r);
void remote_status(struct remote *r);
void remote_stat(struct remote *r);

/* Copies memory. Bytes got: fewer than wanted where it is not mapped. */
size_t remote_read(const struct remote *r, uint64_t at, void *to, size_t n);
uint64_t remote_u64(const struct remote *r, uint64_t at);
uint32_t remote_u32(const struct remote *r, uint64_t at);
/* Element `index` of an array of pointers or longs. */
uint64_t remote_long(const struct remote *r, uint64_t at, unsigned index);
/* Copies a string, cut to `room` with its NUL. Bytes with the NUL, 0: unreadable. */
size_t remote_string(const struct remote *r, uint64_t at, char *to, size_t room);

/* Reads a file or a link of /proc/TID. Bytes got, without a NUL. */
size_t remote_file(const struct remote *r, const char *name, char *to, size_t room);
size_t remote_link(const struct remote *r, const char *name, char *to, size_t room);
/* A descriptor of the process as one of ours, -1: not to be had. */
int remote_fd(const struct remote *r, int fd);

/* Process id of a thread, -1: it is gone. */
pid_t remote_tgid(pid_t tid);

#endif
