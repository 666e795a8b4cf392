/* The perf engine's parts: its state, and what opens the kernel's rings. */
#ifndef TSDIG_PERF_H
#define TSDIG_PERF_H

#include <linux/perf_event.h>
#include "command.h"
#include "engine.h"
#include "params.h"
#include "perf_threads.h"

enum point { SYS_ENTER, SYS_EXIT, SWITCH, FORK, EXEC, EXIT, SIGNAL, POINTS };

/* Where the fields are that are looked at. */
enum field { ENTER_ID, ENTER_ARGS, EXIT_ID, EXIT_RET, NEXT_PID, CHILD_PID, EXEC_FILE, SIG, HANDLER, FIELDS };

/* One CPU's ring. */
struct perf_lane {
    struct perf_event_mmap_page *page;
    uint8_t *data;
    uint64_t tail, head;
    uint64_t next_ts; /* UINT64_MAX: nothing there */
    int fd;           /* the event that the ring belongs to */
};

struct perf {
    struct tsdig *capture;
    struct tsdig_command *command;
    struct tsdig_sys sys[TSDIG_MAX_SYSCALLS];
    uint8_t wanted[TSDIG_MAX_SYSCALLS];
    bool all_calls;
    unsigned exec_plan;
    uint32_t snaplen;
    uint64_t wall_offset; /* of the monotonic clock */
    int ids[POINTS];      /* -1: not attached */
    int offsets[FIELDS];
    int *fds;
    enum point *points; /* of each of fds */
    int fd_count;
    int32_t own; /* process id of tsdig */
    struct perf_lane *lanes;
    int cpus;
    uint64_t size;
    struct tsdig_counters counters;
    bool stalled; /* the reader was waited for */
    int bell;     /* eventfd: stop */
    struct perf_threads threads;
    uint8_t event[EVENT_ROOM];
    uint8_t record[1 << 16];
};

/* Finds the tracepoints and the fields of their records. -1 with one line of text. */
int perf_look_up(struct perf *p, const struct tsdig_options *options, char *error, uint32_t size);
/* Opens the events of all CPUs, disabled. -1 with one line of text. */
int perf_open_lanes(struct perf *p, char *error, uint32_t size);
/* Tells the kernel which records it need not make. Of the thread that reads them: its own calls are left out.
 */
void perf_set_filters(struct perf *p);
void perf_close_lanes(struct perf *p);

#endif
