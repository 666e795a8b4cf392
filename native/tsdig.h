/*
 * tsdig's helper for live capture: the whole interface. Plain C, usable from anything.
 *
 *   open → start → { wait, available, position, consume }* → stop → ... until wait gives -1 → close
 *
 * One thread reads; stop and allow may be called from others. Functions that can fail give 0, or -1 with
 * one line of text in tsdig_error() that says what is wrong and what to do.
 */
#ifndef TSDIG_H
#define TSDIG_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TSDIG_API __attribute__((visibility("default")))
#define TSDIG_ABI 3

struct tsdig;

/* Tracepoints beside the system calls. */
enum {
    TSDIG_TP_SWITCH = 1,
    TSDIG_TP_LIFE = 2, /* exits; without system calls also forks and execs */
    TSDIG_TP_SIGNAL = 4,
    TSDIG_TP_FAULT = 8,
};

enum {
    TSDIG_FOLLOW_FORKS = 1,  /* children of allowed processes become allowed */
    TSDIG_LIFE_FOR_ALL = 2,  /* clone, exec and exit of everybody, whatever the sets say */
    TSDIG_DENY_CGROUPS = 4,  /* the set of cgroups names those that are not recorded */
    TSDIG_FULL_EVENTS = 8,   /* event ids that sysdig 0.29.3 does not know, too: more parameters */
    TSDIG_ATTACH_LATER = 16, /* this process keeps the right to attach programs: not all are there always */
    TSDIG_SPARE_NESTED = 32, /* tasks in a pid namespace of their own are recorded in denied cgroups, too */
};

struct tsdig_options {
    uint32_t abi;         /* TSDIG_ABI */
    uint32_t snaplen;     /* bytes kept of buffers, at most 65000 */
    uint64_t kernel_size; /* bytes of buffer per CPU; rounded up to a power of two */
    uint64_t ring_size;   /* bytes of the ring; rounded up to a power of two */
    uint32_t tracepoints; /* TSDIG_TP_* */
    uint32_t sets;        /* bit n: set n (tsdig_allow) decides who is recorded */
    uint32_t hierarchy; /* of cgroup ids: 0 unified, 1 cpuset, 2 cpu, 3 cpuacct, 4 io, 5 devices, 6 freezer, 7
                           memory, 8 pids */
    uint32_t flags;     /* TSDIG_FOLLOW_FORKS | TSDIG_LIFE_FOR_ALL */
    uint32_t exclude[4];   /* process ids never recorded, 0 = none; the calling process always is */
    uint8_t syscalls[512]; /* by number: bit 0 records entering, bit 1 leaving */
};

/* What was recorded and lost since the start; of all CPUs or of one. */
struct tsdig_counters {
    uint64_t events;     /* written by the eBPF programs */
    uint64_t buffer;     /* lost: the CPU's buffer was full */
    uint64_t ring;       /* lost: it was full because the ring was, that is, the reader was too slow */
    uint64_t oversize;   /* lost: larger than a block of the format */
    uint64_t nested;     /* lost: raised while another event was being written on that CPU */
    uint64_t unseen;     /* lost: calls entered before the program that sees it was attached */
    uint64_t unreadable; /* texts and buffers that could not be read from the process */
    uint64_t low, state,
        life; /* the lost ones by what they were: I/O and generic, file descriptors, processes */
};

/* Prepares a capture: loads the programs of `object`. On failure *out is NULL and `error` has the reason. */
TSDIG_API int tsdig_open(const struct tsdig_options *options, const char *object, struct tsdig **out,
                         char *error, uint32_t error_size);
/* Attaches the programs: recording begins. */
TSDIG_API int tsdig_start(struct tsdig *t);

/* The ring: `size` bytes, mapped twice in a row, so that every run of events is contiguous. */
TSDIG_API void *tsdig_ring(struct tsdig *t);
TSDIG_API uint64_t tsdig_ring_size(struct tsdig *t);

/* Waits until there are events, at most `timeout_ms`. Bytes there are, 0 after the time, -1 at the end. */
TSDIG_API int64_t tsdig_wait(struct tsdig *t, int32_t timeout_ms);
/* Bytes of whole event blocks that can be read now from tsdig_position() on. */
TSDIG_API uint64_t tsdig_available(struct tsdig *t);
/* Offset in the ring of the first unread byte: below the ring's size. */
TSDIG_API uint64_t tsdig_position(struct tsdig *t);
/*
 * A time (ns since the epoch): the ring holds, or held, all events up to it. 0: this engine does not tell.
 * Whoever asks first and then finds nothing more in the ring knows everything up to that time.
 */
TSDIG_API uint64_t tsdig_known(struct tsdig *t);
/* Gives back the first `bytes` unread bytes. */
TSDIG_API void tsdig_consume(struct tsdig *t, uint64_t bytes);

/* Number of CPUs, and the counters of one (-1: of all). */
TSDIG_API int32_t tsdig_cpus(struct tsdig *t);
TSDIG_API void tsdig_count(struct tsdig *t, int32_t cpu, struct tsdig_counters *out);

/* Adds a key to a set, or takes it out: 0 cgroup (u64 id), 1 process (u32 tgid), 2 command (16 bytes, NUL
 * padded), 3 user (u32). */
TSDIG_API int tsdig_allow(struct tsdig *t, int32_t set, const void *key, int32_t add);

/* Where system calls are seen, in words; empty with other engines. */
TSDIG_API const char *tsdig_attachment(struct tsdig *t);
/* 1 while the program that sees all calls entered is attached, 0 while it is not, -1: that does not change.
 */
TSDIG_API int32_t tsdig_entering(struct tsdig *t);
/* All cgroups in use are in the set of those that are not recorded: that program goes, unless it was needed
 * just now. It comes back by itself. */
TSDIG_API void tsdig_quiet(struct tsdig *t);

/* Detaches: what is recorded already can still be read, then wait gives -1. Safe to call twice. */
TSDIG_API void tsdig_stop(struct tsdig *t);
TSDIG_API void tsdig_close(struct tsdig *t);
TSDIG_API const char *tsdig_error(struct tsdig *t);

/*
 * A command that is recorded from its first instruction on:
 *
 *   command_start → open, start → command_release → read events … command_wait → stop → … → command_close
 */
struct tsdig_command;

/* Starts a process that will execute a command, and holds it. `words` are `count` strings, one behind the
 * other, each with its NUL. */
TSDIG_API int tsdig_command_start(const char *words, uint32_t count, struct tsdig_command **out, char *error,
                                  uint32_t error_size);
TSDIG_API int32_t tsdig_command_pid(struct tsdig_command *c);
/* Lets it execute. With `t`, which must have been opened with set 1: its process id is added to that set
 * first. */
TSDIG_API int tsdig_command_release(struct tsdig_command *c, struct tsdig *t);
/* Waits for its end: 0 after the time, 1 when it has ended, with its exit code (128 + signal) in *code. */
TSDIG_API int tsdig_command_wait(struct tsdig_command *c, int32_t timeout_ms, int32_t *code);
/* 1, with one line of text, if the program could not be executed. After its end. */
TSDIG_API int32_t tsdig_command_trouble(struct tsdig_command *c, char *text, uint32_t size);
TSDIG_API void tsdig_command_signal(struct tsdig_command *c, int32_t signal_number);
/* Frees it. No wait may be under way, and the capture that traces it must have been closed. */
TSDIG_API void tsdig_command_close(struct tsdig_command *c);

/* As tsdig_open, for a held command that is traced with ptrace: needs no privileges, and sees nothing else.
 */
TSDIG_API int tsdig_open_ptrace(const struct tsdig_options *options, struct tsdig_command *command,
                                struct tsdig **out, char *error, uint32_t error_size);
/* As tsdig_open, through perf_event_open on the kernel's tracepoints. With `command`: it and its children
 * only. */
TSDIG_API int tsdig_open_perf(const struct tsdig_options *options, struct tsdig_command *command,
                              struct tsdig **out, char *error, uint32_t error_size);

/* Puts the calling thread into a cgroup namespace (setns). 0, or -1 and errno. */
TSDIG_API int tsdig_cgroup_namespace(int32_t fd);

#ifdef __cplusplus
}
#endif
#endif
