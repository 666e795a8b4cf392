/* Inside of a capture: shared by the parts of the helper. */
#ifndef TSDIG_CAPTURE_H
#define TSDIG_CAPTURE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "layout.h"
#include "tsdig.h"

/* User-space ring of event blocks: memory mapped twice in a row. One writer, one reader. */
struct ring {
    uint8_t *base;
    uint64_t size; /* power of two */
    uint64_t head; /* bytes written, published */
    uint64_t tail; /* bytes given back by the reader */
};

/* Reader's side of one CPU's region. */
struct lane {
    struct tsdig_region *region;
    uint8_t *data;
    uint64_t tail;             /* bytes taken */
    uint64_t taken;            /* records */
    uint64_t head;             /* bytes there were at the last look */
    uint64_t next_ts;          /* of the record at tail; UINT64_MAX: none */
    struct tsdig_region final; /* what its head was at the end: programs may be attached still */
};

struct tsdig {
    struct bpf_object *object;
    struct bpf_link *links[16];
    int link_count;
    struct attacher *attacher; /* NULL: what is attached stays as it is */
    int region_fd;
    void *map;
    size_t map_size;
    uint64_t *set_index;  /* of the allow-sets */
    uint64_t buffer_size; /* bytes of one CPU's ring */
    uint64_t wall_offset; /* wall clock minus boot clock when the capture began, ns */
    uint64_t asleep;      /* boot clock minus monotonic clock: grows when the machine sleeps */
    int cpus;
    struct lane *lanes;
    struct ring ring;
    uint64_t last_ts;       /* of the last event in the ring */
    uint64_t known;         /* atomic: all events up to this time are in the ring */
    uint64_t lost, lost_at; /* events lost, and when (boot clock) that was last seen to grow */
    bool losing;
    int bell_fd; /* epoll of the doorbell, and of stop_fd */
    int stop_fd; /* wakes the merging thread for the end */
    void *bell;
    uint32_t tracepoints;
    bool enters, exits;       /* system calls are recorded on entering, on leaving */
    bool by_calls;            /* entering is seen at the tracepoints of single calls */
    enum tsdig_demand demand; /* entering is seen while it may matter: to whom */
    bool life_by_sched;       /* clone and exec events come from the scheduler's tracepoints */
    pthread_t thread;
    bool running;
    bool stopping; /* atomic */
    bool ended;    /* atomic */
    bool closing;
    bool stop_called;      /* atomic */
    uint64_t end_at;       /* from then on nothing is part of the capture: set before `stopping`, monotonic */
    uint64_t final_missed; /* of attach_missed, at the end */
    bool follow;           /* forks extend the set of processes */
    bool by_comm;          /* commands decide who is recorded */
    bool stalled;
    /* The reader sleeps on `filled`, the merging thread on `drained`. */
    pthread_mutex_t lock;
    pthread_cond_t filled, drained;
    bool reader_waits, writer_waits;
    uint64_t woken; /* when the reader came back from its last wait: monotonic, ns */
    char error[512];
    char attachment[512]; /* where system calls are seen, for the user */
    /* Another engine than eBPF makes this capture: its functions, its own data, bytes it has appended. */
    const struct engine *engine;
    void *engine_state;
    uint64_t appended;
};

/* A reader that waits is woken when there is so much, or some and it was not woken for so long: coming back
 * costs it more than many events do. */
#define WAKE_BYTES (512u * 1024u)
#define WAKE_NS 10000000ull

int ring_open(struct ring *ring, uint64_t size);
void ring_close(struct ring *ring);
/* The writer's: goes on at the beginning if all has been read. Memory used lately is in the caches still. */
void ring_restart(struct ring *ring);

/* Thread that merges the lanes by time into the ring. */
void *merge_run(void *capture);

/* Bytes of the index in front of the allow-sets, and of the one that the programs keep for themselves. */
#define SET_INDEX_BYTES ((TSDIG_SETS + 1) * TSDIG_INDEX * sizeof(uint64_t))

/* ns since boot, with and without the time the machine slept. */
uint64_t clock_boot(void);
uint64_t clock_monotonic(void);
uint64_t boot_minus_monotonic(void);
/* Wall clock minus boot clock, ns. */
uint64_t wall_minus_boot(void);
/* The highest number of a CPU that is there: numbers may have gaps. */
int highest_cpu(void);
/* Does this process have a capability, or CAP_SYS_ADMIN, which includes those of ours? */
bool has_capability(int number);
/* An empty capture with its lock, NULL when there is no memory. */
struct tsdig *capture_new(void);

#endif
