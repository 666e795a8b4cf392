/*
 * The kernel gives process ids in turn, from the one that was given last: so it shows before a process is
 * born that its number is near. Whoever chooses numbers out of turn (clone3, ns_last_pid) is noticed at the
 * birth only.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include "awaited.h"

/* When all have been given the kernel goes on with this one. */
#define FIRST_AGAIN 300u
/* The first pid namespace's link in /proc. */
#define FIRST_NAMESPACE "pid:[4026531836]"

bool awaited_tell(void) {
    char link[64];
    ssize_t n = readlink("/proc/self/ns/pid", link, sizeof(link));
    return n == (ssize_t)strlen(FIRST_NAMESPACE) && memcmp(link, FIRST_NAMESPACE, (size_t)n) == 0;
}

/* The number after `skip` words in a file of one line; 0: there is none. */
static uint32_t number_in(const char *path, int skip) {
    char line[256];
    unsigned int number = 0;
    FILE *file = fopen(path, "re");
    if (file && fgets(line, sizeof(line), file)) {
        const char *at = line;
        for (; skip > 0 && at; skip--)
            at = (at = strchr(at, ' ')) ? at + 1 : NULL;
        if (!at || sscanf(at, "%u", &number) != 1)
            number = 0;
    }
    if (file)
        fclose(file);
    return number;
}

/* Up to `upto` of its run there are wanted ones. */
static void mark(struct tsdig_entering *entering, uint32_t run, unsigned short upto) {
    if (entering->wanted[run] < upto)
        __atomic_store_n(&entering->wanted[run], upto, __ATOMIC_SEQ_CST);
}

void awaited_note(struct tsdig_entering *entering, uint32_t pid) {
    if (pid >= TSDIG_MOST_PIDS)
        return;
    mark(entering, pid / TSDIG_NEAR, (unsigned short)(pid % TSDIG_NEAR + 1));
    uint32_t most = number_in("/proc/sys/kernel/pid_max", 0);
    if (pid < FIRST_AGAIN + TSDIG_NEAR && most <= TSDIG_MOST_PIDS)
        mark(entering, most / TSDIG_NEAR, TSDIG_NEAR);
}

void awaited_begin(struct tsdig_entering *entering, int map_fd) {
    uint32_t pid, *before = NULL;
    for (; bpf_map_get_next_key(map_fd, before, &pid) == 0; before = &pid)
        awaited_note(entering, pid);
    entering->last_born = number_in("/proc/loadavg", 4);
}

bool awaited_any(const struct tsdig_entering *entering, int map_fd) {
    if (tsdig_soon(entering, __atomic_load_n(&entering->last_born, __ATOMIC_SEQ_CST)))
        return true;
    uint32_t pid, *before = NULL;
    for (; bpf_map_get_next_key(map_fd, before, &pid) == 0; before = &pid)
        if (pid > 0 && (kill((pid_t)pid, 0) == 0 || errno == EPERM))
            return true;
    return false;
}
