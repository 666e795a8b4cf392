/*
 * The engine for kernels without eBPF or BTF: the kernel's tracepoints through perf_event_open.
 *
 * The kernel hands over the plain records of its tracepoints: numbers of calls, six arguments, results. What
 * the arguments point to is read from the processes afterwards, where they are still there. Nothing waits for
 * that: a name that has changed or gone meanwhile is <NA>, and buffers are not read at all.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "events.h"
#include "perf.h"

/* A record may become visible this much after its time was taken. */
#define MARGIN_NS 200000ull

/* ---- records ---- */

static void copy_out(struct perf *p, struct perf_lane *lane, uint64_t from, void *to, size_t n) {
    size_t at = from & (p->size - 1);
    size_t first = n < p->size - at ? n : p->size - at;
    memcpy(to, lane->data + at, first);
    memcpy((uint8_t *)to + first, lane->data, n - first);
}

/* Behind the header of a sample. */
struct sample {
    struct perf_event_header head;
    uint32_t pid, tid;
    uint64_t time;
    uint32_t raw_size;
} __attribute__((packed));

/* Finds the time of the lane's next record; losses are counted on the way. */
static void lane_advance(struct perf *p, struct perf_lane *lane) {
    for (;;) {
        lane->next_ts = UINT64_MAX;
        if (lane->tail >= lane->head)
            return;
        struct sample s;
        copy_out(p, lane, lane->tail, &s, sizeof(s));
        if (s.head.type == PERF_RECORD_SAMPLE) {
            lane->next_ts = s.time;
            return;
        }
        if (s.head.type == PERF_RECORD_LOST) {
            uint64_t lost[2];
            copy_out(p, lane, lane->tail + sizeof(s.head), lost, sizeof(lost));
            *(p->stalled ? &p->counters.ring : &p->counters.buffer) += lost[1];
            p->counters.low += lost[1];
        }
        lane->tail += s.head.size;
    }
}

static void emit(struct perf *p, uint32_t len, int cpu) {
    if (len == 0) {
        p->counters.oversize++;
        return;
    }
    /* Meanwhile the kernel's rings fill: what they lose is lost because of the reader. */
    uint64_t before = clock_monotonic();
    if (engine_emit(p->capture, p->event, len, cpu, 1 << 30))
        p->counters.events++;
    p->stalled = clock_monotonic() - before > 10000000;
}

/* Gives a life-cycle event what was known of the process when it was last seen. */
static void name_life(struct perf *p, struct perf_thread *t, struct call *c) {
    c->known_file = c->known_cwd = NULL;
    if (!p->sys[c->nr].life)
        return;
    perf_thread_look(t);
    c->known_file = t->file[0] ? t->file : NULL;
    c->known_cwd = t->cwd[0] ? t->cwd : NULL;
}

static void emit_call(struct perf *p, struct perf_thread *t, uint64_t ts, int cpu, uint32_t tid) {
    struct call *c = &t->call;
    const struct tsdig_sys *sys = &p->sys[c->nr];
    unsigned plan = c->exit ? sys->exit : sys->enter;
    if (plan == TSDIG_NO_PLAN)
        return;
    c->snaplen = p->snaplen;
    c->unreadable = 0;
    name_life(p, t, c);
    emit(p, event_call(p->event, ts, tid, plan, sys->sc, c), cpu);
    p->counters.unreadable += c->unreadable;
}

static int64_t field_of(const uint8_t *raw, int offset, size_t bytes) {
    int64_t v = 0;
    memcpy(&v, raw + offset, bytes);
    return bytes == 4 ? (int32_t)v : v;
}

static bool executes(uint32_t nr) {
    return nr == SYS_execve || nr == SYS_execveat;
}

static void on_enter(struct perf *p, struct perf_thread *t, const struct sample *s, const uint8_t *raw,
                     int cpu) {
    struct call *c = &t->call;
    uint64_t id = (uint64_t)field_of(raw, p->offsets[ENTER_ID], 8);
    t->in_call = id < TSDIG_MAX_SYSCALLS;
    if (!t->in_call)
        return;
    memcpy(c->args, raw + p->offsets[ENTER_ARGS], sizeof(c->args));
    c->nr = (uint32_t)id;
    c->exit = false;
    c->ret = 0;
    c->time64 = false;
    if (perf_thread_compat(t))
        call_from_compat(c, c->nr);
    if (c->nr == SYS_exit || c->nr == SYS_exit_group)
        t->end = (uint32_t)(c->args[0] & 0xff) << 8;
    if (p->wanted[c->nr])
        emit_call(p, t, s->time + p->wall_offset, cpu, executes(c->nr) ? s->pid : s->tid);
}

static void on_exit_call(struct perf *p, struct perf_thread *t, const struct sample *s, const uint8_t *raw,
                         int cpu) {
    struct call *c = &t->call;
    if (!t->in_call)
        return;
    t->in_call = false;
    c->exit = true;
    c->ret = field_of(raw, p->offsets[EXIT_RET], 8);
    if (c->who.compat) {
        uint32_t low = (uint32_t)c->ret;
        c->ret = low >= 0xfffff001u ? (int32_t)low : (int64_t)low;
    }
    if (p->sys[c->nr].life)
        remote_refresh(&c->who);
    if (p->wanted[c->nr])
        emit_call(p, t, s->time + p->wall_offset, cpu, s->tid);
}

/* Signals whose default is to end the process. */
static bool ends_by_default(int64_t number) {
    return number != SIGCHLD && number != SIGCONT && number != SIGURG && number != SIGWINCH &&
           number != SIGSTOP && number != SIGTSTP && number != SIGTTIN && number != SIGTTOU;
}

/* Clone and execve where system calls are not recorded. */
static void emit_life(struct perf *p, struct perf_thread *t, unsigned plan, const struct sample *s, int cpu) {
    struct call c = t->call;
    memset(c.args, 0, sizeof(c.args));
    c.nr = SYS_execve;
    c.exit = true;
    c.ret = 0;
    c.snaplen = 0;
    name_life(p, t, &c);
    if (p->capture->tracepoints & TSDIG_TP_LIFE)
        emit(p, event_call(p->event, s->time + p->wall_offset, (uint64_t)c.who.tid, plan, 0, &c), cpu);
    t->call.who = c.who;
}

static void on_fork(struct perf *p, struct perf_thread *t, const struct sample *s, const uint8_t *raw,
                    int cpu) {
    int32_t child = (int32_t)field_of(raw, p->offsets[CHILD_PID], 4);
    perf_thread_look(t);
    perf_thread_born(&p->threads, t, child);
    struct perf_thread *born = perf_thread(&p->threads, child, 0);
    if (p->ids[SYS_EXIT] >= 0 || !born)
        return;
    int32_t tgid = remote_tgid(child);
    born->call.who.tgid = tgid > 0 ? tgid : child;
    emit_life(p, born, plan_clone(), s, cpu);
}

static void on_switch(struct perf *p, const struct sample *s, const uint8_t *raw, int cpu) {
    int32_t next = (int32_t)field_of(raw, p->offsets[NEXT_PID], 4);
    if (p->command && !perf_thread_known(&p->threads, (int32_t)s->tid) &&
        !perf_thread_known(&p->threads, next))
        return;
    /* Between tsdig and an idle CPU. */
    if (!p->command && next == 0 && (int32_t)s->pid == p->own)
        return;
    emit(p, event_switch(p->event, s->time + p->wall_offset, s->tid, (uint64_t)(uint32_t)next), cpu);
}

static void on_sample(struct perf *p, const struct sample *s, const uint8_t *raw, int cpu) {
    enum point point = POINTS;
    uint16_t type;
    memcpy(&type, raw, sizeof(type)); /* common_type: the tracepoint's id */
    for (int i = 0; i < POINTS; i++)
        if (p->ids[i] == type)
            point = i;
    if (point == SWITCH)
        on_switch(p, s, raw, cpu);
    if (point == SWITCH || (int32_t)s->pid == p->own)
        return;
    struct perf_thread *t = perf_thread(&p->threads, (int32_t)s->tid, (int32_t)s->pid);
    if (!t)
        return;
    uint64_t ts = s->time + p->wall_offset;
    switch (point) {
    case SYS_ENTER:
        on_enter(p, t, s, raw, cpu);
        break;
    case SYS_EXIT:
        on_exit_call(p, t, s, raw, cpu);
        break;
    case FORK:
        on_fork(p, t, s, raw, cpu);
        break;
    case EXEC: {
        /* Where the text is: offset in the low half, length in the high one. */
        uint32_t where = (uint32_t)field_of(raw, p->offsets[EXEC_FILE], 4);
        const char *file = (const char *)raw + (where & 0xffff);
        perf_thread_executed(t, (where & 0xffff) < s->raw_size ? file : "");
        if (p->ids[SYS_EXIT] < 0)
            emit_life(p, t, p->exec_plan, s, cpu);
        break;
    }
    case EXIT:
        if (p->capture->tracepoints & TSDIG_TP_LIFE)
            emit(p, event_procexit(p->event, ts, s->tid, t->end, -1), cpu);
        perf_thread_gone(&p->threads, (int32_t)s->tid);
        break;
    case SIGNAL: {
        int64_t number = field_of(raw, p->offsets[SIG], 4);
        if (field_of(raw, p->offsets[HANDLER], 8) == 0 && ends_by_default(number))
            t->end = (uint32_t)number;
        if (p->capture->tracepoints & TSDIG_TP_SIGNAL)
            emit(p, event_signal(p->event, ts, s->tid, 0, (uint8_t)number), cpu);
        break;
    }
    case SWITCH:
    case POINTS:
        break;
    }
}

/* ---- the thread ---- */

/* Takes the records up to `mark`, in the order of their times. */
static bool take(struct perf *p, uint64_t mark) {
    uint64_t events = p->counters.events;
    for (int cpu = 0; cpu < p->cpus; cpu++) {
        struct perf_lane *lane = &p->lanes[cpu];
        if (!lane->page)
            continue;
        lane->head = __atomic_load_n(&lane->page->data_head, __ATOMIC_ACQUIRE);
        lane_advance(p, lane);
    }
    for (uint32_t taken = 0;; taken++) {
        int first = -1;
        uint64_t least = mark;
        for (int cpu = 0; cpu < p->cpus; cpu++)
            if (p->lanes[cpu].page && p->lanes[cpu].next_ts < least) {
                least = p->lanes[cpu].next_ts;
                first = cpu;
            }
        if (first < 0 || p->capture->closing)
            break;
        struct perf_lane *lane = &p->lanes[first];
        struct sample *s = (struct sample *)p->record;
        struct perf_event_header head;
        copy_out(p, lane, lane->tail, &head, sizeof(head));
        copy_out(p, lane, lane->tail, p->record, head.size);
        on_sample(p, s, p->record + sizeof(*s), first);
        lane->tail += head.size;
        if (taken % 64 == 63)
            __atomic_store_n(&lane->page->data_tail, lane->tail, __ATOMIC_RELEASE);
        lane_advance(p, lane);
    }
    for (int cpu = 0; cpu < p->cpus; cpu++)
        if (p->lanes[cpu].page)
            __atomic_store_n(&p->lanes[cpu].page->data_tail, p->lanes[cpu].tail, __ATOMIC_RELEASE);
    engine_publish(p->capture);
    return p->counters.events != events;
}

static void *perf_run(void *capture) {
    struct tsdig *t = capture;
    struct perf *p = t->engine_state;
    pthread_setname_np(pthread_self(), "tsdig-perf");
    setpriority(PRIO_PROCESS, (id_t)gettid(), -15);
    /* Here, because the filter keeps out this very thread, whose calls would make records that make calls. */
    perf_set_filters(p);
    struct pollfd *bells = calloc((size_t)p->cpus + 1, sizeof(*bells));
    nfds_t count = 0;
    bells[count++] = (struct pollfd){.fd = p->bell, .events = POLLIN};
    for (int cpu = 0; cpu < p->cpus; cpu++)
        if (p->lanes[cpu].page)
            bells[count++] = (struct pollfd){.fd = p->lanes[cpu].fd, .events = POLLIN};
    uint64_t lost = 0;
    while (!__atomic_load_n(&t->stopping, __ATOMIC_ACQUIRE)) {
        uint64_t mark = clock_monotonic() - MARGIN_NS;
        bool busy = take(p, mark);
        __atomic_store_n(&t->known, mark + p->wall_offset, __ATOMIC_RELEASE);
        if (p->counters.buffer + p->counters.ring != lost) {
            lost = p->counters.buffer + p->counters.ring;
            uint64_t ts = clock_monotonic() - MARGIN_NS + p->wall_offset;
            engine_emit(t, p->event, event_drop(p->event, ts, true), 0, 0);
            engine_emit(t, p->event, event_drop(p->event, ts, false), 0, 0);
        }
        /* The sooner records are looked at, the more of what they point to is still there. */
        struct timespec moment = {.tv_nsec = p->command ? 100000 : 500000};
        if (busy)
            nanosleep(&moment, NULL);
        else
            poll(bells, count, p->command ? 1 : 5);
    }
    free(bells);
    for (int i = 0; i < p->fd_count; i++)
        ioctl(p->fds[i], PERF_EVENT_IOC_DISABLE, 0);
    take(p, UINT64_MAX);
    engine_end(t);
    return NULL;
}

static int perf_start(struct tsdig *t) {
    struct perf *p = t->engine_state;
    struct perf_thread *leader =
        p->command ? perf_thread(&p->threads, p->command->pid, p->command->pid) : NULL;
    if (leader)
        perf_thread_look(leader);
    for (int i = 0; i < p->fd_count; i++)
        if (ioctl(p->fds[i], PERF_EVENT_IOC_ENABLE, 0) < 0)
            return engine_fail(t, "cannot enable perf events: %s", strerror(errno));
    return engine_run(t, perf_run);
}

static void perf_stop(struct tsdig *t) {
    struct perf *p = t->engine_state;
    eventfd_write(p->bell, 1);
}

static void perf_count(struct tsdig *t, struct tsdig_counters *out) {
    *out = ((struct perf *)t->engine_state)->counters;
}

/* The kernel follows a command by itself; of everybody, the filter in user space chooses. */
static int perf_allow(struct tsdig *t, int32_t set, const void *key, bool add) {
    (void)t;
    (void)set;
    (void)key;
    (void)add;
    return 0;
}

static void perf_free(struct perf *p) {
    perf_close_lanes(p);
    if (p->bell >= 0)
        close(p->bell);
    perf_threads_free(&p->threads);
    free(p->lanes);
    free(p->fds);
    free(p->points);
    free(p);
}

static void perf_close(struct tsdig *t) {
    perf_free(t->engine_state);
}

static const struct engine perf_engine = {
    .start = perf_start, .stop = perf_stop, .count = perf_count, .allow = perf_allow, .close = perf_close};

/* Which calls have an event, by the number that the kernel tells; all: every one has. */
static void choose_calls(struct perf *p) {
    p->all_calls = true;
    for (unsigned nr = 0; nr < TSDIG_MAX_SYSCALLS; nr++) {
        p->wanted[nr] = p->sys[nr].enter != TSDIG_NO_PLAN || p->sys[nr].exit != TSDIG_NO_PLAN;
        p->all_calls &= p->wanted[nr];
    }
}

int tsdig_open_perf(const struct tsdig_options *options, struct tsdig_command *command, struct tsdig **out,
                    char *error, uint32_t error_size) {
    *out = NULL;
    struct perf *p = calloc(1, sizeof(*p));
    if (!p)
        return -1;
    p->command = command;
    p->snaplen = 0;
    p->bell = eventfd(0, EFD_CLOEXEC);
    p->cpus = highest_cpu() + 1;
    p->lanes = calloc((size_t)p->cpus, sizeof(*p->lanes));
    p->fds = calloc((size_t)p->cpus * POINTS, sizeof(*p->fds));
    for (p->size = 128 * 1024; p->size < options->kernel_size && p->size < (1ull << 28);)
        p->size *= 2;
    sys_table(options, p->sys);
    p->exec_plan = plan_execve(options->flags & TSDIG_FULL_EVENTS);
    choose_calls(p);
    p->points = calloc((size_t)p->cpus * POINTS, sizeof(*p->points));
    p->own = getpid();
    if (p->lanes && p->fds && p->points && perf_look_up(p, options, error, error_size) == 0 &&
        perf_open_lanes(p, error, error_size) == 0)
        p->capture = engine_new(options, &perf_engine, p, error, error_size);
    if (!p->capture) {
        perf_free(p);
        return -1;
    }
    p->wall_offset = p->capture->wall_offset + boot_minus_monotonic();
    *out = p->capture;
    return 0;
}
