/*
 * The engine for commands without privileges: the thread here traces the command and everything it starts.
 *
 * Every system call stops its thread twice, and what it hands over is read while it stands still: nothing is
 * lost and nothing is guessed, at the price of two stops per call.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <linux/audit.h>
#include <sys/ptrace.h>
#include <linux/ptrace.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "command.h"
#include "engine.h"
#include "events.h"
#include "params.h"
#include "tracees.h"

/* Ends a wait of the tracing thread; nobody else uses it. */
#define WAKE_SIGNAL (SIGRTMAX - 3)
/* PTRACE_O_TRACESYSGOOD marks stops of system calls with it. */
#define SYSCALL_STOP (SIGTRAP | 0x80)

struct tracer {
    struct tsdig *capture;
    struct tsdig_command *command;
    struct tsdig_sys sys[TSDIG_MAX_SYSCALLS];
    uint32_t snaplen;
    bool recording; /* the command has begun to execute */
    struct tracees threads;
    struct tsdig_counters counters;
    uint8_t event[EVENT_ROOM];
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int seized; /* 0 not yet, 1 done, -1 - errno failed */
};

/* ---- events ---- */

static uint64_t now(struct tracer *tr) {
    return clock_boot() + tr->capture->wall_offset;
}

static void emit(struct tracer *tr, uint32_t len) {
    if (len == 0) {
        tr->counters.oversize++;
        return;
    }
    /* The traced thread stands still: it can wait as long as the reader wants. */
    if (engine_emit(tr->capture, tr->event, len, 0, 1 << 30))
        tr->counters.events++;
}

static void emit_call(struct tracer *tr, struct call *c, uint64_t ts, pid_t tid) {
    const struct tsdig_sys *sys = &tr->sys[c->nr];
    unsigned plan = c->exit ? sys->exit : sys->enter;
    if (plan == TSDIG_NO_PLAN)
        return;
    c->unreadable = 0;
    uint32_t made = 0;
    do {
        emit(tr, event_call(tr->event, ts, (uint64_t)tid, plan, sys->sc, c));
    } while (event_next_message(c, plan, ++made));
    tr->counters.unreadable += c->unreadable;
}

static void emit_end(struct tracer *tr, struct tracee *p, uint32_t status) {
    if (p->exited)
        return;
    p->exited = true;
    if (!tr->recording || !(tr->capture->tracepoints & TSDIG_TP_LIFE))
        return;
    struct remote who = {.tid = p->tid, .tgid = p->tgid};
    char name[48], children[16];
    snprintf(name, sizeof(name), "task/%d/children", p->tid);
    int64_t reaper = remote_file(&who, name, children, sizeof(children)) > 0 ? -1 : 0;
    emit(tr, event_procexit(tr->event, now(tr), (uint64_t)p->tid, status, reaper));
}

/* ---- system calls ---- */

/* Will this call make the file it opens? Known before it is made only. */
static bool creates(struct call *c) {
    uint64_t at, flags;
    int dir = -100;
    char path[TSDIG_MAX_PATH], full[TSDIG_MAX_PATH + 64];
    if (c->nr == SYS_openat) {
        dir = (int)c->args[0];
        at = c->args[1];
        flags = c->args[2];
    } else if (c->nr == 437) { /* openat2 */
        dir = (int)c->args[0];
        at = c->args[1];
        flags = remote_u64(&c->who, c->args[2]);
#if defined(SYS_open)
    } else if (c->nr == SYS_open) {
        at = c->args[0];
        flags = c->args[1];
#endif
    } else {
        return false;
    }
    if (!(flags & 0100)) /* O_CREAT */
        return false;
    if (remote_string(&c->who, at, path, sizeof(path)) == 0)
        return false;
    struct stat st;
    if (path[0] == '/')
        snprintf(full, sizeof(full), "/proc/%d/root%s", c->who.tid, path);
    else if (dir == -100)
        snprintf(full, sizeof(full), "/proc/%d/cwd/%s", c->who.tid, path);
    else
        snprintf(full, sizeof(full), "/proc/%d/fd/%d/%s", c->who.tid, dir, path);
    return stat(full, &st) != 0 && errno == ENOENT;
}

static void on_enter(struct tracer *tr, struct tracee *p, const struct __ptrace_syscall_info *info) {
    struct call *c = &p->call;
    memset(c, 0, sizeof(*c));
    c->who = (struct remote){.tid = p->tid, .tgid = p->tgid};
    c->settled = true;
    c->snaplen = tr->snaplen;
    for (int i = 0; i < 6; i++)
        c->args[i] = info->entry.args[i];
    uint64_t nr = info->entry.nr;
#if defined(__x86_64__)
    c->who.compat = info->arch == AUDIT_ARCH_I386;
#endif
    p->in_call = nr < TSDIG_MAX_SYSCALLS;
    if (!p->in_call)
        return;
    c->nr = (uint32_t)nr;
    if (c->who.compat)
        call_from_compat(c, (uint32_t)nr);
    const struct tsdig_sys *sys = &tr->sys[c->nr];
    bool executes = c->nr == SYS_execve || c->nr == SYS_execveat;
    if (!tr->recording && executes && p->tid == tr->command->pid)
        tr->recording = true;
    if (!tr->recording)
        return;
    uint64_t ts = now(tr);
    if (sys->exit > 1)
        c->created = creates(c);
    /* When another thread than the first executes, its exit event carries the first one's id. */
    emit_call(tr, c, ts, executes ? p->tgid : p->tid);
}

static void on_exit_call(struct tracer *tr, struct tracee *p, const struct __ptrace_syscall_info *info) {
    if (!p->in_call)
        return;
    p->in_call = false;
    if (!tr->recording)
        return;
    struct call *c = &p->call;
    remote_refresh(&c->who);
    c->exit = true;
    c->ret = info->exit.rval;
#if defined(__x86_64__)
    if (c->who.compat) {
        uint32_t low = (uint32_t)c->ret;
        c->ret = low >= 0xfffff001u ? (int32_t)low : (int64_t)low;
        c->who.compat = info->arch == AUDIT_ARCH_I386;
    }
#endif
    emit_call(tr, c, now(tr), p->tid);
}

static void on_syscall(struct tracer *tr, struct tracee *p) {
    struct __ptrace_syscall_info info;
    memset(&info, 0, sizeof(info));
    if (ptrace(PTRACE_GET_SYSCALL_INFO, p->tid, (void *)sizeof(info), &info) <= 0)
        return;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
        on_enter(tr, p, &info);
    else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
        on_exit_call(tr, p, &info);
}

/* ---- births and executions ---- */

static void go_on(pid_t tid, int signal_number) {
    ptrace(PTRACE_SYSCALL, tid, NULL, (void *)(long)signal_number);
}

/* A new thread returns from the call that made it: it stops behind that, so the event is made here. */
static void emit_birth(struct tracer *tr, struct tracee *p) {
    if (!tr->recording)
        return;
    struct call c = p->birth;
    if (p->tgid <= 0)
        p->tgid = remote_tgid(p->tid);
    c.who = (struct remote){.tid = p->tid, .tgid = p->tgid, .compat = c.who.compat};
    c.exit = true;
    c.ret = 0;
    emit_call(tr, &c, now(tr), p->tid);
}

/* Both stops come in any order: the new thread's own, and its parent's, which tells what it is. */
static void on_new_thread(struct tracer *tr, struct tracee *parent) {
    unsigned long tid = 0;
    if (ptrace(PTRACE_GETEVENTMSG, parent->tid, NULL, &tid) < 0)
        return;
    struct tracee *p = tracee_add(&tr->threads, (pid_t)tid);
    if (!p)
        return;
    p->birth = parent->call;
    p->announced = true;
    if (!p->attached)
        return;
    emit_birth(tr, p);
    if (p->held)
        go_on(p->tid, 0);
    p->held = false;
}

/* Parents that were killed do not tell of their children any more: nobody may wait for that. */
static void release_orphans(struct tracer *tr) {
    for (unsigned i = 0; i < TRACEE_SLOTS; i++)
        for (struct tracee *p = tr->threads.slots[i]; p; p = p->next) {
            struct remote who = {.tid = p->tid, .tgid = p->tgid};
            if (!p->held)
                continue;
            remote_status(&who);
            if (tracee_find(&tr->threads, p->tgid == p->tid ? (pid_t)who.ppid : p->tgid))
                continue;
            p->held = false;
            go_on(p->tid, 0);
        }
}

/* The program is replaced: all threads but one are gone, and that one has the first one's id now. */
static void on_execute(struct tracer *tr, struct tracee *p) {
    unsigned long former = 0;
    if (ptrace(PTRACE_GETEVENTMSG, p->tid, NULL, &former) == 0 && (pid_t)former != p->tid) {
        struct tracee *was = tracee_find(&tr->threads, (pid_t)former);
        if (was) {
            p->call = was->call;
            p->in_call = was->in_call;
            tracee_forget(&tr->threads, (pid_t)former);
        }
    }
    p->exited = false;
    p->call.who.tid = p->tid;
    p->tgid = p->call.who.tgid = p->tid;
}

/* ---- stops ---- */

static void on_signal(struct tracer *tr, struct tracee *p, int number) {
    siginfo_t info;
    memset(&info, 0, sizeof(info));
    if (!tr->recording || !(tr->capture->tracepoints & TSDIG_TP_SIGNAL))
        return;
    uint64_t sender = 0;
    /* Who sent it is only told for signals that somebody sends. */
    if (ptrace(PTRACE_GETSIGINFO, p->tid, NULL, &info) == 0 &&
        (number == SIGKILL || number == SIGCHLD || number >= 32 ||
         ((number == SIGTERM || number == SIGHUP || number == SIGINT || number == SIGTSTP ||
           number == SIGQUIT) &&
          info.si_code <= 0)))
        sender = (uint64_t)info.si_pid;
    emit(tr, event_signal(tr->event, now(tr), (uint64_t)p->tid, sender, (uint8_t)number));
}

static void on_stop(struct tracer *tr, pid_t tid, int status) {
    struct tracee *p = tracee_add(&tr->threads, tid);
    int number = WSTOPSIG(status), event = status >> 16;
    if (!p || number == 0) {
        go_on(tid, 0);
        return;
    }
    if (!p->attached) {
        p->attached = true;
        p->held = !p->announced && tid != tr->command->pid;
        if (p->held)
            return;
        if (p->announced)
            emit_birth(tr, p);
    }
    switch (event) {
    case 0:
        if (number == SYSCALL_STOP) {
            on_syscall(tr, p);
            go_on(tid, 0);
        } else {
            on_signal(tr, p, number);
            go_on(tid, number);
        }
        return;
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE:
        on_new_thread(tr, p);
        break;
    case PTRACE_EVENT_EXEC:
        on_execute(tr, p);
        break;
    case PTRACE_EVENT_EXIT: {
        unsigned long code = 0;
        if (ptrace(PTRACE_GETEVENTMSG, tid, NULL, &code) == 0)
            emit_end(tr, p, (uint32_t)code);
        break;
    }
    case PTRACE_EVENT_STOP:
        /* Stopped by job control: it stays so until it is continued. */
        if (number == SIGSTOP || number == SIGTSTP || number == SIGTTIN || number == SIGTTOU) {
            ptrace(PTRACE_LISTEN, tid, NULL, NULL);
            return;
        }
        break;
    }
    go_on(tid, 0);
}

/* ---- the thread ---- */

static void on_wake(int number) {
    (void)number;
}

static int seize(struct tracer *tr) {
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                   PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT;
    pid_t pid = tr->command->pid;
    if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)options) < 0)
        return -1 - errno;
    if (ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) < 0)
        return -1 - errno;
    return 1;
}

/* Follows the command until it ends or the capture is stopped. What it started goes on untraced then. */
static void *trace_run(void *capture) {
    struct tsdig *t = capture;
    struct tracer *tr = t->engine_state;
    pthread_setname_np(pthread_self(), "tsdig-trace");
    sigset_t wake;
    sigemptyset(&wake);
    sigaddset(&wake, WAKE_SIGNAL);
    pthread_sigmask(SIG_UNBLOCK, &wake, NULL);
    int seized = seize(tr);
    if (seized > 0)
        command_traced(tr->command, true);
    pthread_mutex_lock(&tr->lock);
    tr->seized = seized;
    pthread_cond_broadcast(&tr->changed);
    pthread_mutex_unlock(&tr->lock);
    while (seized > 0 && !__atomic_load_n(&t->stopping, __ATOMIC_ACQUIRE)) {
        int status;
        /* Children of other threads, which Node waits for, are not ours to reap. */
        pid_t tid = waitpid(-1, &status, __WALL | __WNOTHREAD | WNOHANG);
        if (tid == 0) {
            engine_publish(t);
            tid = waitpid(-1, &status, __WALL | __WNOTHREAD);
        }
        if (tid < 0) {
            if (errno == EINTR)
                continue;
            break;
        }
        if (WIFSTOPPED(status)) {
            on_stop(tr, tid, status);
            continue;
        }
        struct tracee *p = tracee_find(&tr->threads, tid);
        if (p) {
            emit_end(tr, p, (uint32_t)status);
            tracee_forget(&tr->threads, tid);
            release_orphans(tr);
        }
        if (tid == tr->command->pid) {
            command_ended(tr->command, status);
            break;
        }
    }
    /* The kernel lets go of everything that is still traced when this thread is over. */
    command_traced(tr->command, false);
    engine_end(t);
    return NULL;
}

static int explain(struct tsdig *t, int error) {
    char scope[8] = "";
    FILE *file = fopen("/proc/sys/kernel/yama/ptrace_scope", "re");
    if (file && !fgets(scope, sizeof(scope), file))
        scope[0] = 0;
    if (file)
        fclose(file);
    if (scope[0] == '2' || scope[0] == '3')
        return engine_fail(
            t,
            "ptrace is forbidden here (kernel.yama.ptrace_scope is %c): run with sudo, or sysctl "
            "kernel.yama.ptrace_scope=1",
            scope[0]);
    return engine_fail(t, "ptrace does not work here (%s): a container or a debugger forbids it",
                       strerror(error));
}

static int trace_start(struct tsdig *t) {
    struct tracer *tr = t->engine_state;
    struct sigaction action = {.sa_handler = on_wake};
    sigaction(WAKE_SIGNAL, &action, NULL);
    if (engine_run(t, trace_run) < 0)
        return -1;
    pthread_mutex_lock(&tr->lock);
    while (tr->seized == 0)
        pthread_cond_wait(&tr->changed, &tr->lock);
    int seized = tr->seized;
    pthread_mutex_unlock(&tr->lock);
    return seized > 0 ? 0 : explain(t, -1 - seized);
}

static void trace_stop(struct tsdig *t) {
    if (!t->running)
        return;
    /* Again, for a thread that was just about to wait. */
    struct timespec moment = {.tv_nsec = 1000000};
    for (int i = 0; i < 20 && !__atomic_load_n(&t->ended, __ATOMIC_ACQUIRE); i++) {
        pthread_kill(t->thread, WAKE_SIGNAL);
        nanosleep(&moment, NULL);
    }
}

static void trace_count(struct tsdig *t, struct tsdig_counters *out) {
    *out = ((struct tracer *)t->engine_state)->counters;
}

/* The command and what it starts, nothing else: no other set is needed. */
static int trace_allow(struct tsdig *t, int32_t set, const void *key, bool add) {
    (void)t;
    (void)set;
    (void)key;
    (void)add;
    return 0;
}

static void trace_close(struct tsdig *t) {
    struct tracer *tr = t->engine_state;
    tracees_free(&tr->threads);
    pthread_mutex_destroy(&tr->lock);
    pthread_cond_destroy(&tr->changed);
    free(tr);
}

static const struct engine trace_engine = {.start = trace_start,
                                           .stop = trace_stop,
                                           .count = trace_count,
                                           .allow = trace_allow,
                                           .close = trace_close};

/* Where no system call is wanted, clone and execve still tell of the processes. */
static void record_life(const struct tsdig_options *options, struct tsdig_sys *sys) {
    struct tsdig_options own = *options;
    for (unsigned i = 0; i < TSDIG_MAX_SYSCALLS; i++) {
        if (options->syscalls[i])
            return;
        own.syscalls[i] = sys[i].life ? 2 : 0;
    }
    if (options->tracepoints & TSDIG_TP_LIFE)
        sys_table(&own, sys);
}

int tsdig_open_ptrace(const struct tsdig_options *options, struct tsdig_command *command, struct tsdig **out,
                      char *error, uint32_t error_size) {
    *out = NULL;
    struct tracer *tr = calloc(1, sizeof(*tr));
    if (!tr)
        return -1;
    tr->command = command;
    tr->snaplen = options->snaplen > TSDIG_MAX_SNAPLEN ? TSDIG_MAX_SNAPLEN : options->snaplen;
    sys_table(options, tr->sys);
    record_life(options, tr->sys);
    pthread_mutex_init(&tr->lock, NULL);
    pthread_cond_init(&tr->changed, NULL);
    tr->capture = engine_new(options, &trace_engine, tr, error, error_size);
    if (!tr->capture) {
        free(tr);
        return -1;
    }
    *out = tr->capture;
    return 0;
}
