/*
 * Starts the command that is to be recorded, and holds it until recording has begun.
 *
 * The process waits in a read, which the engines do not see yet: they are told of it after the read, while it
 * waits in user space, without system calls, for the last word. So what they record begins with its execve.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "capture.h"
#include "command.h"

extern char **environ;

/* Turns between looks whether tsdig is still there. */
#define SPINS 100000000u

static void nap(long ns) {
    struct timespec t = {.tv_nsec = ns};
    nanosleep(&t, NULL);
}

static bool executable(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* The program a name stands for: PATH is searched here, so that the search is not recorded. NULL: none. */
static char *find_program(const char *name) {
    if (strchr(name, '/'))
        return strdup(name);
    const char *path = getenv("PATH");
    if (!path || !*path)
        path = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
    for (;;) {
        size_t len = strcspn(path, ":");
        char *full = NULL;
        if (asprintf(&full, "%.*s/%s", (int)(len ? len : 1), len ? path : ".", name) < 0)
            return NULL;
        if (executable(full))
            return full;
        free(full);
        if (!path[len])
            return NULL;
        path += len + 1;
    }
}

/* What the new process does: only calls that are allowed between fork and exec. */
static void __attribute__((noreturn)) child(const char *path, char **argv, char **script, int release_fd,
                                            int trouble_fd, struct command_gate *gate) {
    signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    /* Node keeps its standard files from programs it starts. */
    for (int fd = 0; fd <= 2; fd++)
        fcntl(fd, F_SETFD, 0);
    pid_t parent = getppid();
    char byte;
    if (read(release_fd, &byte, 1) != 1)
        _exit(127); /* tsdig is gone */
    __atomic_store_n(&gate->awake, 1, __ATOMIC_SEQ_CST);
    for (uint32_t i = 1; !__atomic_load_n(&gate->go, __ATOMIC_SEQ_CST); i++)
        if (i % SPINS == 0 && getppid() != parent)
            _exit(127);
    execve(path, argv, environ);
    int error = errno;
    if (error == ENOEXEC) {
        /* A script without a first line that names its interpreter: as shells do. */
        execve("/bin/sh", script, environ);
        error = errno;
    }
    ssize_t written = write(trouble_fd, &error, sizeof(error));
    (void)written;
    _exit(error == ENOENT ? 127 : 126);
}

static void command_free(struct tsdig_command *c) {
    if (c->release_fd >= 0)
        close(c->release_fd);
    if (c->trouble_fd >= 0)
        close(c->trouble_fd);
    if (c->gate)
        munmap(c->gate, sizeof(*c->gate));
    pthread_mutex_destroy(&c->lock);
    pthread_cond_destroy(&c->changed);
    free(c->path);
    free(c);
}

int tsdig_command_start(const char *words, uint32_t count, struct tsdig_command **out, char *error,
                        uint32_t error_size) {
    *out = NULL;
    /* The program's arguments, and the same behind "sh" and the script's path. */
    char **argv = calloc(2 * (size_t)count + 3, sizeof(*argv));
    struct tsdig_command *c = calloc(1, sizeof(*c));
    if (!argv || !c || count == 0) {
        free(argv);
        free(c);
        return -1;
    }
    c->release_fd = c->trouble_fd = -1;
    pthread_mutex_init(&c->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&c->changed, &attr);
    pthread_condattr_destroy(&attr);
    char **script = argv + count + 1;
    for (uint32_t i = 0; i < count; i++, words += strlen(words) + 1)
        argv[i] = script[i + 1] = (char *)words;
    c->path = find_program(argv[0]);
    script[0] = (char *)"sh";
    script[1] = c->path;
    int release[2] = {-1, -1}, trouble[2] = {-1, -1};
    if (!c->path) {
        snprintf(error, error_size, "%s: command not found", argv[0]);
        goto failed;
    }
    if (!executable(c->path)) {
        snprintf(error, error_size, "%s: cannot be executed: %s", argv[0],
                 access(c->path, F_OK) == 0 ? "no execute permission, or not a file" : strerror(errno));
        goto failed;
    }
    c->gate = mmap(NULL, sizeof(*c->gate), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (c->gate == MAP_FAILED)
        c->gate = NULL;
    if (!c->gate || pipe2(release, O_CLOEXEC) < 0 || pipe2(trouble, O_CLOEXEC | O_NONBLOCK) < 0) {
        snprintf(error, error_size, "cannot start %s: %s", argv[0], strerror(errno));
        goto failed;
    }
    c->pid = fork();
    if (c->pid == 0) {
        close(release[1]);
        child(c->path, argv, script, release[0], trouble[1], c->gate);
    }
    if (c->pid < 0) {
        snprintf(error, error_size, "cannot start %s: %s", argv[0], strerror(errno));
        goto failed;
    }
    close(release[0]);
    close(trouble[1]);
    c->release_fd = release[1];
    c->trouble_fd = trouble[0];
    free(argv);
    *out = c;
    return 0;
failed:
    for (int i = 0; i < 2; i++) {
        if (release[i] >= 0)
            close(release[i]);
        if (trouble[i] >= 0)
            close(trouble[i]);
    }
    free(argv);
    command_free(c);
    return -1;
}

int32_t tsdig_command_pid(struct tsdig_command *c) {
    return c->pid;
}

int tsdig_command_release(struct tsdig_command *c, struct tsdig *t) {
    if (c->release_fd < 0)
        return 0;
    ssize_t written = write(c->release_fd, "g", 1);
    close(c->release_fd);
    c->release_fd = -1;
    /* It wakes in an instant; if it was killed meanwhile, waiting for its end will tell. */
    for (int i = 0; written == 1 && i < 20000 && !__atomic_load_n(&c->gate->awake, __ATOMIC_SEQ_CST); i++)
        nap(50000);
    uint32_t pid = (uint32_t)c->pid;
    int result = t ? tsdig_allow(t, TSDIG_SET_PID, &pid, 1) : 0;
    __atomic_store_n(&c->gate->go, 1, __ATOMIC_SEQ_CST);
    return result;
}

void command_traced(struct tsdig_command *c, bool traced) {
    pthread_mutex_lock(&c->lock);
    c->traced = traced;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
}

void command_ended(struct tsdig_command *c, int status) {
    pthread_mutex_lock(&c->lock);
    c->ended = true;
    c->status = status;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
}

/* Waits up to `ms` for an untraced process. */
static void wait_untraced(struct tsdig_command *c, int ms) {
    int status = 0;
    int fd = (int)syscall(SYS_pidfd_open, c->pid, 0);
    if (fd >= 0) {
        struct pollfd one = {.fd = fd, .events = POLLIN};
        poll(&one, 1, ms);
        close(fd);
    }
    for (int passed = 0;; passed += 5) {
        pid_t got = waitpid(c->pid, &status, WNOHANG);
        if (got == c->pid && WIFSTOPPED(status))
            continue; /* of a trace that is just ending */
        if (got == c->pid || (got < 0 && errno == ECHILD)) {
            command_ended(c, got < 0 ? 0 : status);
            return;
        }
        if (fd >= 0 || passed >= ms) /* before Linux 5.3 there is nothing to poll */
            return;
        nap(5000000);
    }
}

int tsdig_command_wait(struct tsdig_command *c, int32_t timeout_ms, int32_t *code) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + (int64_t)timeout_ms * 1000000;
    until.tv_sec += ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    pthread_mutex_lock(&c->lock);
    int err = 0;
    while (c->traced && !c->ended && err == 0)
        err = pthread_cond_timedwait(&c->changed, &c->lock, &until);
    bool ended = c->ended, traced = c->traced;
    pthread_mutex_unlock(&c->lock);
    if (!ended && !traced) {
        wait_untraced(c, timeout_ms);
        ended = c->ended;
    }
    if (!ended)
        return 0;
    *code = WIFSIGNALED(c->status) ? 128 + WTERMSIG(c->status) : WEXITSTATUS(c->status);
    return 1;
}

int32_t tsdig_command_trouble(struct tsdig_command *c, char *text, uint32_t size) {
    int error = 0;
    if (read(c->trouble_fd, &error, sizeof(error)) != sizeof(error))
        return 0;
    snprintf(text, size, "%s cannot be executed: %s", c->path, strerror(error));
    return 1;
}

void tsdig_command_signal(struct tsdig_command *c, int32_t signal_number) {
    if (!c->ended)
        kill(c->pid, signal_number);
}

void tsdig_command_close(struct tsdig_command *c) {
    if (!c)
        return;
    if (c->release_fd >= 0) {
        /* Never released: it goes when it finds the pipe closed. */
        close(c->release_fd);
        c->release_fd = -1;
        wait_untraced(c, 1000);
    }
    /* The thread that traces it is about to leave. */
    for (int i = 0; i < 1000 && __atomic_load_n(&c->traced, __ATOMIC_SEQ_CST); i++)
        nap(1000000);
    command_free(c);
}
