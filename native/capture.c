/* Opening, starting and ending a capture: the libbpf side of the helper. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "attach.h"
#include "capture.h"
#include "config.h"
#include "engine.h"
#include "params.h"

/* The last complaint of libbpf, for the error text; of a program that the kernel refused, why. */
static __thread char last_warning[256];
static __thread bool refused;

/* What a verifier's log ends with before its statistics: `sys_exit: combined stack size of 5 calls is 544…`.
 */
static bool keep_refusal(const char *text) {
    const char *name = strchr(text, '\''), *log = strstr(text, "-- BEGIN PROG LOAD LOG --\n");
    if (!name || !log)
        return false;
    const char *reason = "", *end;
    for (const char *line = strchr(log, '\n') + 1; (end = strchr(line, '\n')); line = end + 1)
        if (strncmp(line, "--", 2) != 0 && strncmp(line, "processed ", 10) != 0 &&
            strncmp(line, "verification time", 17) != 0 && strncmp(line, "stack depth", 11) != 0)
            reason = line;
    snprintf(last_warning, sizeof(last_warning), "%.*s: %.*s", (int)strcspn(name + 1, "'"), name + 1,
             (int)strcspn(reason, "\n"), reason);
    return true;
}

static int on_print(enum libbpf_print_level level, const char *format, va_list args) {
    if (getenv("TSDIG_DEBUG"))
        return vfprintf(stderr, format, args);
    char *text;
    if (level != LIBBPF_WARN || refused || vasprintf(&text, format, args) < 0)
        return 0;
    refused = keep_refusal(text);
    if (!refused)
        snprintf(last_warning, sizeof(last_warning), "%s", text);
    free(text);
    return 0;
}

static int fail(struct tsdig *t, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(t->error, sizeof(t->error), format, args);
    va_end(args);
    return -1;
}

static uint64_t power_of_two(uint64_t v, uint64_t least) {
    uint64_t size = least;
    while (size < v && size < (1ull << 28))
        size <<= 1;
    return size;
}

int highest_cpu(void) {
    int highest = (int)sysconf(_SC_NPROCESSORS_CONF) - 1;
    char line[256];
    FILE *present = fopen("/sys/devices/system/cpu/present", "re");
    if (present && fgets(line, sizeof(line), present)) {
        const char *last = line;
        for (const char *c = line; *c; c++)
            if (*c == ',' || *c == '-')
                last = c + 1;
        if (atoi(last) > highest)
            highest = atoi(last);
    }
    if (present)
        fclose(present);
    return highest;
}

bool has_capability(int number) {
    char line[256];
    unsigned long long effective = 0;
    FILE *status = fopen("/proc/self/status", "re");
    while (status && fgets(line, sizeof(line), status))
        if (sscanf(line, "CapEff: %llx", &effective) == 1)
            break;
    if (status)
        fclose(status);
    return (effective >> number & 1) || (effective >> CAP_SYS_ADMIN & 1);
}

/* Why loading failed, for the user: one line, with the remedy. */
static int explain_load(struct tsdig *t, int err) {
    struct utsname kernel;
    uname(&kernel);
    if (err == -EPERM && !has_capability(CAP_BPF))
        return fail(t, "live capture needs CAP_BPF: run with sudo, or setcap "
                       "cap_bpf,cap_perfmon,cap_sys_ptrace+ep $(which node)");
    if (err == -EPERM && !has_capability(CAP_PERFMON))
        return fail(t, "live capture needs CAP_PERFMON: run with sudo, or setcap "
                       "cap_bpf,cap_perfmon,cap_sys_ptrace+ep $(which node)");
    if (err == -EPERM) {
        return fail(t,
                    "the kernel refuses eBPF programs (%s): the container or kernel lockdown forbids it; run "
                    "on the host",
                    strerror(-err));
    }
    if (access("/sys/kernel/btf/vmlinux", R_OK) != 0)
        return fail(t,
                    "kernel %s has no BTF (/sys/kernel/btf/vmlinux): live capture with eBPF needs "
                    "CONFIG_DEBUG_INFO_BTF",
                    kernel.release);
    if (err == -ESRCH && (t->tracepoints & TSDIG_TP_FAULT))
        return fail(t, "kernel %s has no tracepoints for page faults: do without them", kernel.release);
    last_warning[strcspn(last_warning, "\n")] = 0;
    int major = 0, minor = 0;
    sscanf(kernel.release, "%d.%d", &major, &minor);
    bool old = major < 5 || (major == 5 && minor < 11);
    return fail(t, "kernel %s does not load the eBPF programs (%s)%s%s%s", kernel.release, strerror(-err),
                last_warning[0] ? ": " : "", last_warning,
                old ? "; eBPF capture needs Linux 5.11 or later" : "");
}

/* Is this program wanted? */
static bool wanted(struct tsdig *t, const char *name) {
    if (strcmp(name, "sys_enter") == 0)
        return t->enters;
    if (strcmp(name, "enter_call") == 0)
        return t->by_calls;
    if (strcmp(name, "sys_exit") == 0)
        return t->exits;
    if (strcmp(name, "cgroup_mkdir") == 0 || strcmp(name, "cgroup_attach_task") == 0)
        return t->demand == TSDIG_DEMAND_CGROUPS;
    if (strcmp(name, "sched_switch") == 0)
        return t->tracepoints & TSDIG_TP_SWITCH;
    if (strcmp(name, "sched_process_exit") == 0)
        return (t->tracepoints & TSDIG_TP_LIFE) || t->follow || t->by_comm;
    if (strcmp(name, "sched_process_fork") == 0)
        return t->follow || t->by_comm || t->life_by_sched || t->demand == TSDIG_DEMAND_PIDS;
    if (strcmp(name, "sched_process_exec") == 0)
        return t->by_comm || t->life_by_sched;
    if (strcmp(name, "task_rename") == 0)
        return t->by_comm;
    if (strcmp(name, "signal_deliver") == 0)
        return t->tracepoints & TSDIG_TP_SIGNAL;
    return t->tracepoints & TSDIG_TP_FAULT;
}

static int load(struct tsdig *t, const struct tsdig_options *o, const char *object) {
    t->object = bpf_object__open_file(object, NULL);
    if (!t->object) {
        int err = errno;
        if (err == ENOENT)
            return fail(t, "%s is missing: build live capture with `npm run build:native`", object);
        return fail(t, "cannot open %s: %s", object, strerror(err));
    }
    struct bpf_map *config = bpf_object__find_map_by_name(t->object, ".rodata.config");
    struct bpf_map *regions = bpf_object__find_map_by_name(t->object, "regions");
    struct tsdig_config values;
    config_make(t, o, &values);
    if (!config || !regions || bpf_map__set_initial_value(config, &values, sizeof(values)))
        return fail(t, "%s does not belong to this helper: build both with `npm run build:native`", object);
    if (bpf_map__set_max_entries(regions, (__u32)t->cpus) ||
        bpf_map__set_value_size(regions, (__u32)(TSDIG_CTRL + t->buffer_size + TSDIG_SLACK)))
        return fail(t, "cannot size the kernel buffers: %s", strerror(errno));
    struct bpf_program *program;
    bpf_object__for_each_program(program, t->object) {
        bpf_program__set_autoload(program, wanted(t, bpf_program__name(program)));
        if (getenv("TSDIG_DEBUG"))
            bpf_program__set_log_level(program, 4);
    }
    return bpf_object__load(t->object);
}

/* Maps the regions of all CPUs. */
static int map_regions(struct tsdig *t) {
    size_t stride = TSDIG_CTRL + t->buffer_size + TSDIG_SLACK;
    int fd = bpf_object__find_map_fd_by_name(t->object, "regions");
    t->map_size = stride * (size_t)t->cpus;
    t->map = mmap(NULL, t->map_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (t->map == MAP_FAILED) {
        t->map = NULL;
        return fail(t, "cannot map the kernel buffers (%zu bytes): %s; use a smaller --buffer-size",
                    t->map_size, strerror(errno));
    }
    fd = bpf_object__find_map_fd_by_name(t->object, ".data.index");
    t->set_index = mmap(NULL, SET_INDEX_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (t->set_index == MAP_FAILED) {
        t->set_index = NULL;
        return fail(t, "cannot map the allow-sets: %s", strerror(errno));
    }
    for (int i = 0; i < t->cpus; i++) {
        uint8_t *base = (uint8_t *)t->map + stride * (size_t)i;
        t->lanes[i] = (struct lane){.region = (struct tsdig_region *)base, .data = base + TSDIG_CTRL};
    }
    return 0;
}

static int on_bell(void *context, void *data, size_t size) {
    (void)context;
    (void)data;
    (void)size;
    return 0;
}

static int open_bell(struct tsdig *t) {
    t->bell = ring_buffer__new(bpf_object__find_map_fd_by_name(t->object, "doorbell"), on_bell, NULL, NULL);
    if (!t->bell)
        return fail(t, "cannot open the wake-up channel: %s", strerror(errno));
    t->bell_fd = ring_buffer__epoll_fd(t->bell);
    t->stop_fd = eventfd(0, EFD_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN};
    if (t->stop_fd < 0 || epoll_ctl(t->bell_fd, EPOLL_CTL_ADD, t->stop_fd, &event) < 0)
        return fail(t, "cannot open the wake-up channel: %s", strerror(errno));
    return 0;
}

/* Opens and loads; with smaller kernel buffers where memory or the kernel's limits forbid the wanted ones. */
static int prepare(struct tsdig *t, const struct tsdig_options *o, const char *object) {
    if (o->abi != TSDIG_ABI)
        return fail(t, "the helper has another version than tsdig: build it with `npm run build:native`");
    libbpf_set_print(on_print);
    refused = false;
    /* Kernels before 5.11 count maps against this limit; later ones do not care. */
    struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_MEMLOCK, &all);
    t->wall_offset = wall_minus_boot();
    t->asleep = boot_minus_monotonic();
    t->cpus = highest_cpu() + 1;
    t->lanes = calloc((size_t)t->cpus, sizeof(*t->lanes));
    t->tracepoints = o->tracepoints;
    t->follow = (o->sets & (1u << TSDIG_SET_PID)) && (o->flags & TSDIG_FOLLOW_FORKS);
    t->by_comm = o->sets & (1u << TSDIG_SET_COMM);
    for (unsigned int i = 0; i < TSDIG_MAX_SYSCALLS; i++) {
        t->enters |= o->syscalls[i] & 1;
        t->exits |= o->syscalls[i] & 2;
    }
#if defined(__aarch64__)
    /* Here neither the new process nor the new program leaves the system call through sys_exit. */
    t->life_by_sched = t->tracepoints & TSDIG_TP_LIFE;
#else
    t->life_by_sched = (t->tracepoints & TSDIG_TP_LIFE) && !t->exits;
#endif
    struct tsdig_sys sys[TSDIG_MAX_SYSCALLS];
    sys_table(o, sys);
    attach_plan(t, o, sys);
    t->buffer_size = power_of_two(o->kernel_size, 256 * 1024);
    int err;
    for (;;) {
        err = load(t, o, object);
        if ((err != -E2BIG && err != -ENOMEM) || t->buffer_size <= 512 * 1024)
            break;
        bpf_object__close(t->object);
        t->object = NULL;
        t->buffer_size >>= 1;
    }
    if (t->error[0])
        return -1;
    if (err)
        return explain_load(t, err);
    if (ring_open(&t->ring, power_of_two(o->ring_size, 1024 * 1024)) < 0)
        return fail(t, "cannot map the event ring (%llu bytes): %s", (unsigned long long)o->ring_size,
                    strerror(errno));
    return map_regions(t) || open_bell(t) ? -1 : 0;
}

struct tsdig *capture_new(void) {
    struct tsdig *t = calloc(1, sizeof(*t));
    if (!t)
        return NULL;
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->filled, &attr);
    pthread_cond_init(&t->drained, &attr);
    pthread_condattr_destroy(&attr);
    t->stop_fd = -1;
    return t;
}

int tsdig_open(const struct tsdig_options *options, const char *object, struct tsdig **out, char *error,
               uint32_t error_size) {
    *out = NULL;
    struct tsdig *t = capture_new();
    if (!t) {
        snprintf(error, error_size, "no memory for a capture");
        return -1;
    }
    if (prepare(t, options, object) < 0) {
        snprintf(error, error_size, "%s", t->error);
        tsdig_close(t);
        return -1;
    }
    *out = t;
    return 0;
}

int tsdig_start(struct tsdig *t) {
    if (t->engine)
        return t->engine->start(t);
    if (attach_start(t) < 0)
        return -1;
    if (pthread_create(&t->thread, NULL, merge_run, t) != 0)
        return fail(t, "cannot start the merging thread: %s", strerror(errno));
    t->running = true;
    return 0;
}

void *tsdig_ring(struct tsdig *t) {
    return t->ring.base;
}

uint64_t tsdig_ring_size(struct tsdig *t) {
    return t->ring.size;
}

uint64_t tsdig_available(struct tsdig *t) {
    /* In this order: see ring_restart. */
    uint64_t head = __atomic_load_n(&t->ring.head, __ATOMIC_ACQUIRE);
    uint64_t tail = __atomic_load_n(&t->ring.tail, __ATOMIC_ACQUIRE);
    return head > tail ? head - tail : 0;
}

uint64_t tsdig_position(struct tsdig *t) {
    return t->ring.tail & (t->ring.size - 1);
}

uint64_t tsdig_known(struct tsdig *t) {
    return __atomic_load_n(&t->known, __ATOMIC_ACQUIRE);
}

void tsdig_consume(struct tsdig *t, uint64_t bytes) {
    __atomic_store_n(&t->ring.tail, t->ring.tail + bytes, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&t->writer_waits, __ATOMIC_SEQ_CST)) {
        pthread_mutex_lock(&t->lock);
        pthread_cond_signal(&t->drained);
        pthread_mutex_unlock(&t->lock);
    }
}

/* When to come back from a wait that ends at `until` at the latest, with `bytes` there: ns, 0 for at once. */
static uint64_t wait_until(const struct tsdig *t, uint64_t bytes, uint64_t until) {
    if (bytes >= WAKE_BYTES || t->ended || t->closing)
        return 0;
    uint64_t soon = t->woken + WAKE_NS;
    return bytes > 0 && soon < until ? soon : until;
}

int64_t tsdig_wait(struct tsdig *t, int32_t timeout_ms) {
    uint64_t end = clock_monotonic() + (uint64_t)timeout_ms * 1000000;
    pthread_mutex_lock(&t->lock);
    __atomic_store_n(&t->reader_waits, true, __ATOMIC_SEQ_CST);
    for (;;) {
        uint64_t until = wait_until(t, tsdig_available(t), end);
        if (until <= clock_monotonic())
            break;
        struct timespec when = {.tv_sec = (time_t)(until / 1000000000),
                                .tv_nsec = (long)(until % 1000000000)};
        pthread_cond_timedwait(&t->filled, &t->lock, &when);
    }
    __atomic_store_n(&t->reader_waits, false, __ATOMIC_SEQ_CST);
    t->woken = clock_monotonic();
    bool ended = t->ended || t->closing;
    pthread_mutex_unlock(&t->lock);
    uint64_t bytes = tsdig_available(t);
    return bytes ? (int64_t)bytes : ended ? -1 : 0;
}

int32_t tsdig_cpus(struct tsdig *t) {
    return t->cpus;
}

void tsdig_count(struct tsdig *t, int32_t cpu, struct tsdig_counters *out) {
    memset(out, 0, sizeof(*out));
    if (t->engine) {
        t->engine->count(t, out);
        return;
    }
    bool ended = __atomic_load_n(&t->ended, __ATOMIC_ACQUIRE);
    for (int i = 0; i < t->cpus; i++) {
        if (cpu >= 0 && cpu != i)
            continue;
        struct tsdig_region *r = ended ? &t->lanes[i].final : t->lanes[i].region;
        uint64_t *cause[TSDIG_CAUSES] = {&out->buffer, &out->ring, &out->oversize, &out->nested,
                                         &out->unseen};
        uint64_t *prio[TSDIG_PRIOS] = {&out->low, &out->state, &out->life};
        out->events += r->events;
        out->unreadable += r->unreadable;
        for (int c = 0; c < TSDIG_CAUSES; c++)
            for (int p = 0; p < TSDIG_PRIOS; p++) {
                *cause[c] += r->drops[c][p];
                *prio[p] += r->drops[c][p];
            }
    }
    if (cpu < 0) {
        uint64_t missed = ended ? t->final_missed : attach_missed(t);
        out->nested += missed;
        out->low += missed;
    }
}

/* What has happened until now is the rest: the merging thread takes it, whatever may still be attached. */
static void end_recording(struct tsdig *t) {
    t->end_at = clock_monotonic();
    __atomic_store_n(&t->stopping, true, __ATOMIC_SEQ_CST);
    if (t->engine)
        t->engine->stop(t);
    if (t->stop_fd >= 0)
        eventfd_write(t->stop_fd, 1);
    if (!t->running) {
        pthread_mutex_lock(&t->lock);
        __atomic_store_n(&t->ended, true, __ATOMIC_RELEASE);
        pthread_cond_broadcast(&t->filled);
        pthread_mutex_unlock(&t->lock);
    }
}

void tsdig_stop(struct tsdig *t) {
    if (__atomic_exchange_n(&t->stop_called, true, __ATOMIC_SEQ_CST))
        return;
    end_recording(t);
    attach_stop(t);
}

void tsdig_close(struct tsdig *t) {
    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    t->closing = true;
    pthread_cond_broadcast(&t->filled);
    pthread_cond_broadcast(&t->drained);
    pthread_mutex_unlock(&t->lock);
    tsdig_stop(t);
    attach_close(t);
    if (t->running)
        pthread_join(t->thread, NULL);
    if (t->engine)
        t->engine->close(t);
    ring_buffer__free(t->bell);
    if (t->stop_fd >= 0)
        close(t->stop_fd);
    if (t->map)
        munmap(t->map, t->map_size);
    if (t->set_index)
        munmap(t->set_index, SET_INDEX_BYTES);
    bpf_object__close(t->object);
    ring_close(&t->ring);
    free(t->lanes);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

const char *tsdig_error(struct tsdig *t) {
    return t->error;
}
