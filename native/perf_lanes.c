/* The perf engine's events: which tracepoints, on which CPUs, into which rings. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "perf.h"
#include "tracefs.h"

#define FILTER_ROOM 4096

static const char *const point_names[POINTS] = {"raw_syscalls/sys_enter",   "raw_syscalls/sys_exit",
                                                "sched/sched_switch",       "sched/sched_process_fork",
                                                "sched/sched_process_exec", "sched/sched_process_exit",
                                                "signal/signal_deliver"};

static const struct {
    enum point point;
    const char *name;
} fields[FIELDS] = {[ENTER_ID] = {SYS_ENTER, "id"},    [ENTER_ARGS] = {SYS_ENTER, "args"},
                    [EXIT_ID] = {SYS_EXIT, "id"},      [EXIT_RET] = {SYS_EXIT, "ret"},
                    [NEXT_PID] = {SWITCH, "next_pid"}, [CHILD_PID] = {FORK, "child_pid"},
                    [EXEC_FILE] = {EXEC, "filename"},  [SIG] = {SIGNAL, "sig"},
                    [HANDLER] = {SIGNAL, "sa_handler"}};

/* A thread is of the command when it stops running, as its own record says, or when it begins to, which is
 * another one's record: so everybody's switches are looked at. */
static bool of_everybody(struct perf *p, enum point point) {
    return !p->command || point == SWITCH;
}

static int attach(struct perf *p, enum point point, int cpu) {
    struct perf_event_attr attr;
    memset(&attr, 0, sizeof(attr));
    attr.size = sizeof(attr);
    attr.type = PERF_TYPE_TRACEPOINT;
    attr.config = (uint64_t)p->ids[point];
    attr.sample_period = 1;
    attr.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_RAW;
    attr.disabled = 1;
    attr.inherit = !of_everybody(p, point);
    attr.use_clockid = 1;
    attr.clockid = CLOCK_MONOTONIC;
    /* Waking up for each record is dear to the one that is traced. */
    attr.watermark = 1;
    attr.wakeup_watermark = 2048;
    pid_t pid = of_everybody(p, point) ? -1 : p->command->pid;
    return (int)syscall(SYS_perf_event_open, &attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

/* Which records the kernel need not make: of calls nobody asked for, and of this program. */
static void set_filter(struct perf *p, int fd, enum point point) {
    char text[FILTER_ROOM];
    size_t n = 0;
    /* Another thread begins to run when one of tsdig's stops: that is not left out. */
    if (!p->command && point != SWITCH)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "common_pid != %d && common_pid != %d", getpid(),
                              gettid());
    if ((point == SYS_ENTER || point == SYS_EXIT) && !p->all_calls) {
        size_t from = n;
        const char *join = n ? " && (" : "(";
        for (unsigned nr = 0; nr < TSDIG_MAX_SYSCALLS && n < sizeof(text) - 32; nr++) {
            /* The number may be one of a 32-bit program's; 493 is socketcall, which is many. */
            uint32_t compat = compat_number(nr);
            if (!p->wanted[nr] && !p->wanted[compat] && compat != 493 && nr != SYS_exit &&
                nr != SYS_exit_group)
                continue;
            n += (size_t)snprintf(text + n, sizeof(text) - n, "%sid==%u", join, nr);
            join = "||";
        }
        if (n >= sizeof(text) - 32) {
            n = from; /* too many: all of them */
            text[n] = 0;
        } else if (n > from) {
            snprintf(text + n, sizeof(text) - n, ")");
        }
    }
    /* What is not filtered here is sorted out later. */
    if (text[0] && n)
        ioctl(fd, PERF_EVENT_IOC_SET_FILTER, text);
}

void perf_close_lanes(struct perf *p) {
    for (int i = 0; i < p->fd_count; i++)
        close(p->fds[i]);
    p->fd_count = 0;
    for (int cpu = 0; cpu < p->cpus; cpu++)
        if (p->lanes[cpu].page)
            munmap(p->lanes[cpu].page, p->size + 4096);
}

static int explain(int error, char *text, uint32_t size) {
    if (error == EPERM || error == EACCES)
        snprintf(text, size,
                 has_capability(CAP_PERFMON) ? "the kernel refuses perf events on tracepoints (%s): a "
                                               "container forbids it; run on the host"
                                             : "perf events need CAP_PERFMON (%s): run with sudo",
                 strerror(error));
    else
        snprintf(text, size, "cannot open perf events: %s", strerror(error));
    return -1;
}

/* Opens all events of one CPU into one ring. -1 with errno; a CPU that is not running has none. */
static int open_lane(struct perf *p, int cpu) {
    struct perf_lane *lane = &p->lanes[cpu];
    lane->fd = -1;
    lane->next_ts = UINT64_MAX;
    for (int point = 0; point < POINTS; point++) {
        if (p->ids[point] < 0)
            continue;
        int fd = attach(p, point, cpu);
        if (fd < 0)
            return errno == ENODEV && lane->fd < 0 ? 0 : -1;
        p->points[p->fd_count] = point;
        p->fds[p->fd_count++] = fd;
        if (lane->fd >= 0) {
            if (ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, lane->fd) < 0)
                return -1;
            continue;
        }
        lane->fd = fd;
        void *map = mmap(NULL, p->size + 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (map == MAP_FAILED)
            return -1;
        lane->page = map;
        lane->data = (uint8_t *)map + 4096;
    }
    return 0;
}

int perf_look_up(struct perf *p, const struct tsdig_options *o, char *error, uint32_t size) {
    int tracefs = tracefs_open();
    if (tracefs < 0) {
        int reason = errno;
        if (reason == EPERM || reason == EACCES)
            return explain(reason, error, size);
        snprintf(error, size, "tracefs cannot be read (%s): mount -t tracefs none /sys/kernel/tracing",
                 strerror(reason));
        return -1;
    }
    bool calls = false;
    for (unsigned i = 0; i < TSDIG_MAX_SYSCALLS; i++)
        calls |= p->wanted[i];
    bool wanted[POINTS] = {
        [SYS_ENTER] = calls, [SYS_EXIT] = calls, [SWITCH] = o->tracepoints & TSDIG_TP_SWITCH,
        [FORK] = true,       [EXEC] = true,      [EXIT] = true,
        [SIGNAL] = true}; /* how processes end */
    for (int point = 0; point < POINTS; point++)
        p->ids[point] = wanted[point] ? tracefs_id(tracefs, point_names[point]) : -1;
    bool known = true;
    for (int field = 0; field < FIELDS; field++) {
        enum point point = fields[field].point;
        p->offsets[field] =
            p->ids[point] < 0 ? 0 : tracefs_field(tracefs, point_names[point], fields[field].name);
        known &= p->offsets[field] >= 0;
    }
    close(tracefs);
    if (known && (!calls || p->ids[SYS_ENTER] >= 0))
        return 0;
    snprintf(error, size,
             "this kernel's tracepoints are not known to tsdig: it was built without "
             "CONFIG_FTRACE_SYSCALLS, or is too new");
    return -1;
}

int perf_open_lanes(struct perf *p, char *error, uint32_t size) {
    for (;; p->size /= 2) {
        int result = 0;
        for (int cpu = 0; cpu < p->cpus && result == 0; cpu++)
            result = open_lane(p, cpu);
        if (result == 0)
            return 0;
        int reason = errno;
        perf_close_lanes(p);
        memset(p->lanes, 0, (size_t)p->cpus * sizeof(*p->lanes));
        /* EPERM of mmap: more than may be locked. */
        if ((reason != ENOMEM && reason != EPERM) || p->size <= 128 * 1024)
            return explain(reason, error, size);
    }
}

void perf_set_filters(struct perf *p) {
    for (int i = 0; i < p->fd_count; i++)
        set_filter(p, p->fds[i], p->points[i]);
}
