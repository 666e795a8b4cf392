/*
 * Closing what the kernel takes its time to close: leaving the tracepoint of a single call waits until no
 * program runs that may still look at it, one tracepoint after the other, however many threads close. Who
 * ends a capture need not wait for that. The end of a process would wait as well; but of a file that another
 * process has open nothing is left when it is closed, until that one closes it, too.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "closer.h"

#define MAX_FDS 64

static int by_number(const void *a, const void *b) {
    return *(const int *)a - *(const int *)b;
}

static void close_between(int first, int last) {
    if (first <= last)
        syscall(SYS_close_range, (unsigned)first, (unsigned)last, 0);
}

/* Only calls that are allowed between fork and exec. `fds` is sorted; `until` one of them. */
static void __attribute__((noreturn)) last_to_close(const int *fds, int count, int until) {
    /* The first process is waited for, this one by nobody. */
    if (fork() != 0)
        _exit(0);
    prctl(PR_SET_NAME, "tsdig-detach");
    /* At once: who reads our output waits for its end. */
    int next = 0;
    for (int i = 0; i < count; i++) {
        close_between(next, fds[i] - 1);
        next = fds[i] + 1;
    }
    close_between(next, INT32_MAX);
    char byte;
    while (read(until, &byte, 1) < 0 && errno == EINTR)
        ;
    _exit(0);
}

int closer_start(const int *fds, int count) {
    int kept[MAX_FDS], until[2];
    if (count >= MAX_FDS || pipe2(until, O_CLOEXEC) < 0)
        return -1;
    memcpy(kept, fds, (size_t)count * sizeof(*fds));
    kept[count] = until[0];
    qsort(kept, (size_t)count + 1, sizeof(*kept), by_number);
    /* No handler of this process's may run in the other one. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0)
        last_to_close(kept, count + 1, until[0]);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    int status;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    close(until[0]);
    if (pid > 0)
        return until[1];
    close(until[1]);
    return -1;
}
