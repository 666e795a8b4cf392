/*
 * Attaching the programs to their tracepoints.
 *
 * The program on the raw sys_enter costs every call of every process. Where only few calls are entered that
 * anybody wants to see, these calls' own tracepoints cost the others far less; but the kernel does not run
 * them for 32-bit calls. Where a set of cgroups decides and nothing runs in any other, or a set of processes
 * of which none runs, nothing is entered that anybody wants to see. In all these cases the program on
 * sys_exit, which sees every call, tells when the other one is needed, and a thread attaches it then.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <linux/perf_event.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "attach.h"
#include "awaited.h"
#include "call_names.generated.h"
#include "closer.h"
#include "engine.h"
#include "tracefs.h"

/* The kernel leaves one such tracepoint after the other, each in some hundredths of a second. */
#define MAX_CALLS 8
#define MAX_LINKS (sizeof(((struct tsdig *)0)->links) / sizeof(struct bpf_link *))
/* After it was needed the program on sys_enter stays attached for so long. */
#define STAYS_NS 3000000000ull
/* How often the thread looks whether processes that are wanted still run. */
#define LOOK_MS 3000

struct attacher {
    struct tsdig *capture;
    const char *names[MAX_CALLS]; /* of the calls that are seen at tracepoints of their own */
    int events[MAX_CALLS];        /* perf events on these */
    struct bpf_link *call_links[MAX_CALLS];
    int calls;
    struct bpf_link *enter; /* the program on sys_enter */
    struct tsdig_entering *entering;
    int pids_fd; /* the map of the set of processes */
    struct ring_buffer *asks;
    int epoll_fd, order_fd;
    uint64_t fresh_until;
    bool needed;   /* atomic: an order to attach the program on sys_enter */
    bool quiet;    /* atomic: an order to detach it */
    bool stopping; /* atomic: an order to detach everything, and end */
    bool started;
    pthread_t thread;
};

/* Does a 32-bit program run? (One of which that cannot be told is noticed when it calls the kernel.) */
static bool runs_32bit(void) {
    bool found = false;
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    while (proc && !found && (entry = readdir(proc))) {
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        char path[300];
        snprintf(path, sizeof(path), "%s/exe", entry->d_name);
        unsigned char ident[EI_NIDENT];
        int fd = openat(dirfd(proc), path, O_RDONLY | O_CLOEXEC);
        found = fd >= 0 && read(fd, ident, sizeof(ident)) == (ssize_t)sizeof(ident) &&
                memcmp(ident, ELFMAG, SELFMAG) == 0 && ident[EI_CLASS] == ELFCLASS32;
        if (fd >= 0)
            close(fd);
    }
    if (proc)
        closedir(proc);
    return found;
}

static void say(struct tsdig *t, const char *format, ...) {
    size_t at = strlen(t->attachment);
    va_list args;
    va_start(args, format);
    vsnprintf(t->attachment + at, sizeof(t->attachment) - at, format, args);
    va_end(args);
}

/* A perf event on the tracepoint of a call; -1: it has none, or it may not be had. */
static int open_call(int tracefs, const char *name) {
    char path[80];
    snprintf(path, sizeof(path), "syscalls/sys_enter_%s", name);
    int id = tracefs_id(tracefs, path);
    if (id < 0)
        return -1;
    struct perf_event_attr attr = {
        .type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr), .config = (uint64_t)id, .sample_period = 1};
    /* Of one CPU: the program runs on all of them. */
    return (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
}

static void close_calls(struct attacher *a) {
    while (a->calls > 0)
        close(a->events[--a->calls]);
}

/*
 * Opens the tracepoints of the calls that are to be seen entered. False: that does not do, and why is said
 * where it is worth it.
 */
static bool open_calls(struct attacher *a, const struct tsdig_sys *sys, const char **why) {
    int wanted[MAX_CALLS], n = 0;
    for (int nr = 0; nr < (int)TSDIG_MAX_SYSCALLS; nr++) {
        if (sys[nr].enter == TSDIG_NO_PLAN)
            continue;
        if (n == MAX_CALLS)
            return false;
        wanted[n++] = nr;
    }
    if (runs_32bit()) {
        *why = "as a 32-bit program runs";
        return false;
    }
    *why = "as the tracepoints of single calls are not to be had";
    int tracefs = tracefs_open();
    if (tracefs < 0)
        return false;
    for (int i = 0; i < n; i++) {
        const char *name = call_names[wanted[i]];
        int fd = name ? open_call(tracefs, name) : -1;
        if (fd < 0)
            break;
        a->names[a->calls] = name;
        a->events[a->calls++] = fd;
    }
    close(tracefs);
    if (a->calls == n)
        return true;
    close_calls(a);
    return false;
}

static enum tsdig_demand demand_of(const struct tsdig *t, const struct tsdig_options *o) {
    /* Cgroups do not tell when nobody is left in a pid namespace of his own. */
    if ((o->flags & TSDIG_DENY_CGROUPS) && !(o->flags & TSDIG_SPARE_NESTED) &&
        (o->sets & 1u << TSDIG_SET_CGROUP))
        return TSDIG_DEMAND_CGROUPS;
    /* Whom forks add to the set is wanted from its first call on. */
    if ((o->sets & 1u << TSDIG_SET_PID) && !t->follow && awaited_tell())
        return TSDIG_DEMAND_PIDS;
    return TSDIG_DEMAND_NONE;
}

void attach_plan(struct tsdig *t, const struct tsdig_options *o, const struct tsdig_sys *sys) {
    if (!t->enters || !t->exits || !(o->flags & TSDIG_ATTACH_LATER)) {
        say(t, t->enters ? "entering at sys_enter, " : "");
        say(t, t->exits ? "leaving at sys_exit" : "none");
        return;
    }
    struct attacher *a = calloc(1, sizeof(*a));
    if (!a)
        return;
    *a = (struct attacher){.capture = t, .epoll_fd = -1, .order_fd = -1};
    const char *why = NULL;
    t->by_calls = open_calls(a, sys, &why);
    t->demand = t->by_calls ? TSDIG_DEMAND_NONE : demand_of(t, o);
    if (t->by_calls) {
        for (int i = 0; i < a->calls; i++)
            say(t, "%s%s", i ? ", " : "entering ", a->names[i]);
        say(t, a->calls > 1 ? " at tracepoints of their own, " : " at its own tracepoint, ");
    } else {
        static const char *const while_what[] = {
            [TSDIG_DEMAND_NONE] = "",
            [TSDIG_DEMAND_CGROUPS] = " while cgroups are in use that are not ruled out",
            [TSDIG_DEMAND_PIDS] = " while processes that are wanted run or may soon be born"};
        say(t, "entering at sys_enter%s", while_what[t->demand]);
        say(t, why ? " (%s), " : ", ", why);
    }
    say(t, "leaving at sys_exit");
    if (t->by_calls || t->demand != TSDIG_DEMAND_NONE)
        t->attacher = a;
    else
        free(a);
}

static void set_attached(struct attacher *a, unsigned int attached) {
    __atomic_store_n(&a->entering->attached, attached, __ATOMIC_SEQ_CST);
}

/* Without the right to attach any more it stays away: what is unseen is counted. */
static void attach_enter(struct attacher *a) {
    if (a->enter)
        return;
    struct bpf_program *program = bpf_object__find_program_by_name(a->capture->object, "sys_enter");
    a->enter = bpf_program__attach(program);
    if (a->enter)
        set_attached(a, 1);
}

/* Programs have found that it is needed: calls that they have seen are under way. */
static void attach_asked(struct attacher *a) {
    if (a->enter)
        return;
    __atomic_store_n(&a->entering->fresh, 1, __ATOMIC_SEQ_CST);
    a->fresh_until = clock_monotonic() + STAYS_NS;
    attach_enter(a);
}

static void detach_enter(struct attacher *a) {
    /* From here on programs say when it is needed again. */
    set_attached(a, 0);
    __atomic_store_n(&a->entering->asked, 0, __ATOMIC_SEQ_CST);
    bpf_link__destroy(a->enter);
    a->enter = NULL;
}

/* With a set of processes: does one run, or may soon? */
static bool is_awaited(const struct attacher *a) {
    return a->capture->demand == TSDIG_DEMAND_PIDS && awaited_any(a->entering, a->pids_fd);
}

static bool asked_lately(const struct attacher *a) {
    uint64_t asked_at = __atomic_load_n(&a->entering->asked_at, __ATOMIC_SEQ_CST);
    return asked_at != 0 && clock_monotonic() - asked_at <= STAYS_NS;
}

/* Is it needed still, or again? */
static bool is_needed(const struct attacher *a) {
    return asked_lately(a) || is_awaited(a);
}

/* Detaches the program on sys_enter, unless something came that needs it. */
static void leave_enter(struct attacher *a) {
    if (is_needed(a))
        return;
    detach_enter(a);
    /* What came in between was told of while that changed nothing: by programs that have ended by then. */
    syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
    if (is_needed(a))
        attach_asked(a);
}

/* Lets another process wait for the kernel to leave what this one is about to detach: see closer_start. */
static int hand_over(struct tsdig *t) {
    struct attacher *a = t->attacher;
    int fds[MAX_LINKS + 2 * MAX_CALLS + 1], n = 0;
    for (int i = 0; i < t->link_count; i++)
        fds[n++] = bpf_link__fd(t->links[i]);
    if (a->enter)
        fds[n++] = bpf_link__fd(a->enter);
    for (int i = 0; i < a->calls; i++) {
        fds[n++] = a->events[i];
        if (a->call_links[i])
            fds[n++] = bpf_link__fd(a->call_links[i]);
    }
    return closer_start(fds, n);
}

static void detach_all(struct tsdig *t) {
    struct attacher *a = t->attacher;
    int waiting = a && a->calls > 0 ? hand_over(t) : -1;
    for (int i = 0; i < t->link_count; i++)
        bpf_link__destroy(t->links[i]);
    t->link_count = 0;
    if (!a)
        return;
    bpf_link__destroy(a->enter);
    a->enter = NULL;
    /* A link closes the event that it is on. */
    for (; a->calls > 0; a->calls--)
        if (a->call_links[a->calls - 1])
            bpf_link__destroy(a->call_links[a->calls - 1]);
        else
            close(a->events[a->calls - 1]);
    if (waiting >= 0)
        close(waiting);
}

static void set_swap(struct attacher *a, enum tsdig_swap swap) {
    __atomic_store_n(&a->entering->swap, swap, __ATOMIC_SEQ_CST);
}

/*
 * Waits until every call that was being entered has met all programs that were attached then: which the
 * kernel does when the last one leaves the tracepoint of a call. False: there is none to leave.
 */
static bool all_have_entered(const struct attacher *a) {
    static const char *const rare[] = {"acct", "swapoff"};
    const char *name = rare[0];
    for (int i = 0; i < a->calls; i++)
        if (strcmp(a->names[i], rare[0]) == 0)
            name = rare[1];
    int tracefs = tracefs_open();
    int fd = tracefs < 0 ? -1 : open_call(tracefs, name);
    if (fd >= 0)
        close(fd);
    if (tracefs >= 0)
        close(tracefs);
    return fd >= 0;
}

/* The program on sys_enter, which is there now for 32-bit calls, takes over what single calls' tracepoints
 * see. */
static void swap_calls(struct attacher *a) {
    if (!a->enter || a->calls == 0)
        return;
    set_swap(a, TSDIG_SWAP_MARK);
    if (!all_have_entered(a)) {
        set_swap(a, TSDIG_SWAP_NONE);
        return;
    }
    set_swap(a, TSDIG_SWAP_EITHER);
    /* The end need not wait for more than one of them. */
    while (a->calls > 0 && !__atomic_load_n(&a->stopping, __ATOMIC_SEQ_CST))
        bpf_link__destroy(a->call_links[--a->calls]);
    if (a->calls == 0)
        set_swap(a, TSDIG_SWAP_DONE);
}

static int on_ask(void *context, void *data, size_t size) {
    (void)context;
    (void)data;
    (void)size;
    return 0;
}

static void *attacher_run(void *attacher) {
    struct attacher *a = attacher;
    pthread_setname_np(pthread_self(), "tsdig-attach");
    while (!__atomic_load_n(&a->stopping, __ATOMIC_SEQ_CST)) {
        struct epoll_event event;
        bool look = a->enter && a->capture->demand == TSDIG_DEMAND_PIDS;
        bool fresh = a->entering->fresh;
        epoll_wait(a->epoll_fd, &event, 1, look || fresh ? LOOK_MS : -1);
        if (fresh && clock_monotonic() >= a->fresh_until)
            __atomic_store_n(&a->entering->fresh, 0, __ATOMIC_SEQ_CST);
        eventfd_t orders;
        eventfd_read(a->order_fd, &orders);
        ring_buffer__consume(a->asks);
        bool quiet = __atomic_exchange_n(&a->quiet, false, __ATOMIC_SEQ_CST);
        if (look || (quiet && a->enter))
            leave_enter(a);
        if (__atomic_load_n(&a->entering->asked, __ATOMIC_SEQ_CST))
            attach_asked(a);
        if (__atomic_exchange_n(&a->needed, false, __ATOMIC_SEQ_CST))
            attach_enter(a);
        swap_calls(a);
    }
    detach_all(a->capture);
    return NULL;
}

static int open_attacher(struct attacher *a) {
    struct bpf_object *object = a->capture->object;
    a->entering = mmap(NULL, sizeof(*a->entering), PROT_READ | PROT_WRITE, MAP_SHARED,
                       bpf_object__find_map_fd_by_name(object, ".data.entering"), 0);
    if (a->entering == MAP_FAILED) {
        a->entering = NULL;
        return -1;
    }
    a->pids_fd = bpf_object__find_map_fd_by_name(object, "allow_pid");
    if (a->capture->demand == TSDIG_DEMAND_PIDS)
        awaited_begin(a->entering, a->pids_fd);
    a->asks = ring_buffer__new(bpf_object__find_map_fd_by_name(object, "asks"), on_ask, NULL, NULL);
    if (!a->asks)
        return -1;
    a->epoll_fd = ring_buffer__epoll_fd(a->asks);
    a->order_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN};
    return a->order_fd < 0 ? -1 : epoll_ctl(a->epoll_fd, EPOLL_CTL_ADD, a->order_fd, &event);
}

/* The programs whose tracepoints are not theirs for the whole capture. */
static int attach_special(struct attacher *a, struct bpf_program *program) {
    struct tsdig *t = a->capture;
    if (strcmp(bpf_program__name(program), "sys_enter") == 0) {
        bool now = t->demand == TSDIG_DEMAND_CGROUPS || is_awaited(a);
        if (now)
            attach_enter(a);
        return now && !a->enter ? -1 : 0;
    }
    for (int i = 0; i < a->calls; i++)
        if (!(a->call_links[i] = bpf_program__attach_perf_event(program, a->events[i])))
            return -1;
    return 0;
}

static bool is_special(const char *name) {
    return strcmp(name, "sys_enter") == 0 || strcmp(name, "enter_call") == 0;
}

int attach_start(struct tsdig *t) {
    struct attacher *a = t->attacher;
    if (a && open_attacher(a) < 0)
        return engine_fail(t, "cannot share the state of the tracepoints: %s", strerror(errno));
    struct bpf_program *program;
    bpf_object__for_each_program(program, t->object) {
        const char *name = bpf_program__name(program);
        if (!bpf_program__autoload(program))
            continue;
        bool attached;
        if (a && is_special(name))
            attached = attach_special(a, program) == 0;
        else
            attached = (t->links[t->link_count] = bpf_program__attach(program)) && ++t->link_count;
        if (!attached)
            return engine_fail(t, "cannot attach to the tracepoint %s: %s", name, strerror(errno));
    }
    if (!a)
        return 0;
    /* Born since the first look, before the program that tells of births was there. */
    if (is_awaited(a))
        attach_enter(a);
    if (pthread_create(&a->thread, NULL, attacher_run, a) != 0)
        return engine_fail(t, "cannot start the thread that attaches: %s", strerror(errno));
    a->started = true;
    return 0;
}

static void order(struct attacher *a, bool *what) {
    __atomic_store_n(what, true, __ATOMIC_SEQ_CST);
    eventfd_write(a->order_fd, 1);
}

void attach_stop(struct tsdig *t) {
    struct attacher *a = t->attacher;
    if (a && a->started)
        order(a, &a->stopping);
    else
        detach_all(t);
}

void attach_close(struct tsdig *t) {
    struct attacher *a = t->attacher;
    if (!a)
        return;
    if (a->started)
        pthread_join(a->thread, NULL);
    ring_buffer__free(a->asks);
    if (a->order_fd >= 0)
        close(a->order_fd);
    if (a->entering)
        munmap(a->entering, sizeof(*a->entering));
    free(a);
    t->attacher = NULL;
}

void attach_need(struct tsdig *t, enum tsdig_demand demand) {
    struct attacher *a = t->attacher;
    if (!a || !a->started || t->demand != demand)
        return;
    __atomic_store_n(&a->entering->asked_at, clock_monotonic(), __ATOMIC_SEQ_CST);
    order(a, &a->needed);
}

void attach_listed(struct tsdig *t, uint32_t pid) {
    struct attacher *a = t->attacher;
    if (!a || !a->entering || t->demand != TSDIG_DEMAND_PIDS)
        return;
    awaited_note(a->entering, pid);
    attach_need(t, TSDIG_DEMAND_PIDS);
}

uint64_t attach_missed(struct tsdig *t) {
    struct bpf_program *program =
        t->by_calls ? bpf_object__find_program_by_name(t->object, "enter_call") : NULL;
    struct bpf_prog_info info = {0};
    uint32_t size = sizeof(info);
    if (!program || bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) < 0)
        return 0;
    return info.recursion_misses;
}

const char *tsdig_attachment(struct tsdig *t) {
    return t->attachment;
}

int32_t tsdig_entering(struct tsdig *t) {
    struct attacher *a = t->attacher;
    return a && a->entering ? (int32_t)__atomic_load_n(&a->entering->attached, __ATOMIC_SEQ_CST) : -1;
}

void tsdig_quiet(struct tsdig *t) {
    struct attacher *a = t->attacher;
    if (a && a->started && t->demand == TSDIG_DEMAND_CGROUPS && !asked_lately(a))
        order(a, &a->quiet);
}
