/*
 * The thread that merges the CPUs' records by time into the ring of event blocks.
 *
 * A record may be taken when no CPU can still publish an earlier one. A CPU whose `busy` flag is down
 * stamps its next event later than the look at that flag; one that is busy stamps it no earlier than the
 * last time it wrote down. The least of these times is the watermark.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include "attach.h"
#include "capture.h"

/* Stores of another CPU may be seen this much late. */
#define MARGIN_NS 20000
/* With nothing to do for this many looks, sleep until the doorbell rings. */
#define IDLE_LOOKS 20
/* Between two looks while events come. */
#define SHORTEST_NAP_NS 200000
#define LONGEST_NAP_NS 5000000
#define PUBLISH_BYTES (256 * 1024)
/* A shorter sleep than this goes unnoticed. */
#define SLEEP_NS 1000000ull
/* So much of the ring is used at least before it is begun anew. */
#define RESTART_BYTES (512 * 1024)
/* A CPU with less since the last look is none to keep away from. */
#define BUSY_BYTES (64 * 1024)
/* So far ahead records are fetched: the other CPU's cache has them. */
#define PREFETCH_BYTES 768
/* Losses this far apart are two times of losses. */
#define LOSS_OVER_NS 200000000ull

static const struct tsdig_record *record_at(struct tsdig *t, struct lane *lane) {
    return (const struct tsdig_record *)(lane->data + (lane->tail & (t->buffer_size - 1)));
}

static uint64_t record_time(const struct tsdig_record *record) {
    return *(const uint64_t *)(record + 1);
}

static void lane_advance(struct tsdig *t, struct lane *lane) {
    lane->next_ts = lane->tail < lane->head ? record_time(record_at(t, lane)) : UINT64_MAX;
}

/* The machine has slept: from now on events are later by that. A reading that was interrupted tells nothing.
 */
static void notice_sleep(struct tsdig *t) {
    uint64_t before = clock_monotonic(), boot = clock_boot();
    if (clock_monotonic() - before < SLEEP_NS / 2 && boot - before > t->asleep + SLEEP_NS)
        t->asleep = boot - before;
}

/* Looks at what every CPU has published; the time up to which it may be taken. */
static uint64_t look(struct tsdig *t, uint64_t *most) {
    uint64_t mark = clock_monotonic() - MARGIN_NS;
    *most = 0;
    for (int i = 0; i < t->cpus; i++) {
        struct lane *lane = &t->lanes[i];
        struct tsdig_region *region = lane->region;
        uint32_t busy = __atomic_load_n(&region->busy, __ATOMIC_ACQUIRE);
        uint64_t last = __atomic_load_n(&region->last_ts, __ATOMIC_ACQUIRE);
        lane->head = __atomic_load_n(&region->head, __ATOMIC_ACQUIRE);
        if (busy && last < mark)
            mark = last;
        lane_advance(t, lane);
        uint64_t filled = lane->head - lane->tail;
        if (filled > *most)
            *most = filled;
    }
    return mark;
}

static void set_stalled(struct tsdig *t, bool stalled) {
    if (t->stalled == stalled)
        return;
    t->stalled = stalled;
    for (int i = 0; i < t->cpus; i++)
        __atomic_store_n(&t->lanes[i].region->stalled, stalled, __ATOMIC_RELAXED);
}

static void publish(struct tsdig *t, uint64_t head) {
    uint64_t before = t->ring.head;
    if (head == before)
        return;
    __atomic_store_n(&t->ring.head, head, __ATOMIC_SEQ_CST);
    if (!__atomic_load_n(&t->reader_waits, __ATOMIC_SEQ_CST))
        return;
    /* With something there already it wakes by itself in time. */
    uint64_t tail = __atomic_load_n(&t->ring.tail, __ATOMIC_SEQ_CST);
    if (before == tail || head - tail >= WAKE_BYTES) {
        pthread_mutex_lock(&t->lock);
        pthread_cond_signal(&t->filled);
        pthread_mutex_unlock(&t->lock);
    }
}

static void timed_wait(struct tsdig *t, pthread_cond_t *cond, int64_t ns) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    ns += until.tv_nsec;
    until.tv_sec += ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    pthread_cond_timedwait(cond, &t->lock, &until);
}

/* Waits for the reader to make room for `need` bytes behind `head`. False: the capture is being closed. */
static bool wait_for_room(struct tsdig *t, uint64_t head, uint64_t need) {
    publish(t, head);
    while (head + need - __atomic_load_n(&t->ring.tail, __ATOMIC_ACQUIRE) > t->ring.size) {
        set_stalled(t, true);
        pthread_mutex_lock(&t->lock);
        __atomic_store_n(&t->writer_waits, true, __ATOMIC_SEQ_CST);
        if (head + need - __atomic_load_n(&t->ring.tail, __ATOMIC_SEQ_CST) > t->ring.size && !t->closing)
            timed_wait(t, &t->drained, 20000000);
        t->writer_waits = false;
        bool closing = t->closing;
        pthread_mutex_unlock(&t->lock);
        if (closing)
            return false;
    }
    set_stalled(t, false);
    return true;
}

/* Room that the block of an event of `len` bytes takes at most, with what is written beyond its end. */
#define BLOCK_ROOM(len) ((uint64_t)(len) + 32)

/* Writes one record as an event block (format: block header, CPU, event, padding, trailer). */
static uint64_t write_block(struct tsdig *t, uint64_t head, const struct tsdig_record *record, int cpu) {
    uint8_t *to = t->ring.base + (head & (t->ring.size - 1));
    uint32_t len = record->len;
    uint32_t total = (14 + len + 3) & ~3u;
    const uint8_t *from = (const uint8_t *)(record + 1);
    /* Most events are short: in steps of a size that the compiler knows, a little beyond the end. */
    if (len <= 128)
        for (uint32_t i = 0; i < len; i += 16)
            memcpy(to + 10 + i, from + i, 16);
    else
        memcpy(to + 10, from, len);
    uint64_t wall = record_time(record) + t->asleep + t->wall_offset;
    memcpy(to + 10, &wall, 8);
    uint64_t start = 0x216 | (uint64_t)total << 32;
    memcpy(to, &start, 8);
    uint16_t id = (uint16_t)cpu;
    memcpy(to + 8, &id, 2);
    /* Nothing but zeros between the event and the trailer. */
    memset(to + 10 + len, 0, 4);
    memcpy(to + total - 4, &total, 4);
    return head + total;
}

/* Events lost so far, on all CPUs. */
static uint64_t lost_events(struct tsdig *t) {
    uint64_t lost = 0;
    for (int i = 0; i < t->cpus; i++)
        for (int cause = 0; cause < TSDIG_CAUSES; cause++)
            for (int prio = 0; prio < TSDIG_PRIOS; prio++)
                lost += t->lanes[i].region->drops[cause][prio];
    return lost;
}

/*
 * Marks in the stream where events are missing: a DROP_E when a time of losses begins, a DROP_X when it is
 * over. Their parameter is a sampling ratio; 1, for nothing is left out on purpose.
 */
static void mark_losses(struct tsdig *t) {
    uint64_t lost = lost_events(t), now = clock_boot();
    if (lost != t->lost) {
        t->lost = lost;
        t->lost_at = now;
    }
    bool losing = t->lost_at != 0 && now - t->lost_at < LOSS_OVER_NS;
    if (losing == t->losing)
        return;
    struct __attribute__((packed)) drop_event {
        uint64_t ts, tid;
        uint32_t len;
        uint16_t type;
        uint32_t nparams;
        uint16_t param_len;
        uint32_t ratio;
    };
    struct {
        struct tsdig_record head;
        struct drop_event event;
        uint8_t read_beyond[16];
    } mark = {.head = {.len = sizeof(struct drop_event)}};
    mark.event = (struct drop_event){.ts = t->last_ts,
                                     .tid = UINT64_MAX,
                                     .len = sizeof(struct drop_event),
                                     .type = losing ? 148 : 149,
                                     .nparams = 1,
                                     .param_len = 4,
                                     .ratio = 1};
    uint64_t head = t->ring.head;
    /* Without room it is tried again at the next look: this thread must not wait here. */
    if (head + BLOCK_ROOM(sizeof(mark.event)) - __atomic_load_n(&t->ring.tail, __ATOMIC_ACQUIRE) >
        t->ring.size)
        return;
    t->losing = losing;
    publish(t, write_block(t, head, &mark.head, 0));
}

/* Takes all records up to the watermark, in order. False: the capture is being closed. */
static bool merge(struct tsdig *t, uint64_t mark) {
    if ((t->ring.head & (t->ring.size - 1)) > RESTART_BYTES)
        ring_restart(&t->ring);
    uint64_t head = t->ring.head, published = head;
    uint64_t tail = __atomic_load_n(&t->ring.tail, __ATOMIC_ACQUIRE);
    for (;;) {
        int first = -1;
        uint64_t least = mark, second = mark;
        for (int i = 0; i < t->cpus; i++) {
            uint64_t ts = t->lanes[i].next_ts;
            if (ts < least) {
                second = least;
                least = ts;
                first = i;
            } else if (ts < second) {
                second = ts;
            }
        }
        if (first < 0)
            break;
        /* Take from this CPU until another one has an earlier record. */
        struct lane *lane = &t->lanes[first];
        uint64_t given = lane->tail;
        while (lane->next_ts <= second && lane->next_ts < mark) {
            const struct tsdig_record *record = record_at(t, lane);
            __builtin_prefetch((const uint8_t *)record + PREFETCH_BYTES);
            uint64_t need = BLOCK_ROOM(record->len);
            if (head + need - tail > t->ring.size) {
                __atomic_store_n(&lane->region->tail, lane->tail, __ATOMIC_RELEASE);
                given = lane->tail;
                if (!wait_for_room(t, head, need))
                    return false;
                published = head;
                tail = __atomic_load_n(&t->ring.tail, __ATOMIC_ACQUIRE);
            }
            t->last_ts = lane->next_ts;
            head = write_block(t, head, record, first);
            lane->taken++;
            lane->tail += (record->len + sizeof(*record) + 7) & ~7ull;
            lane_advance(t, lane);
            if (lane->tail - given > 64 * 1024) {
                __atomic_store_n(&lane->region->tail, lane->tail, __ATOMIC_RELEASE);
                given = lane->tail;
            }
        }
        __atomic_store_n(&lane->region->tail, lane->tail, __ATOMIC_RELEASE);
        if (head - published > PUBLISH_BYTES) {
            publish(t, head);
            published = head;
        }
    }
    publish(t, head);
    return true;
}

/* How long to sleep so that the fullest buffer is a quarter full then: each waking up costs the watched time.
 */
static long next_nap(long nap, uint64_t most, uint64_t size) {
    uint64_t next = (uint64_t)nap * (size / 4) / most;
    return next < SHORTEST_NAP_NS ? SHORTEST_NAP_NS : next > LONGEST_NAP_NS ? LONGEST_NAP_NS : (long)next;
}

static void sleep_ns(long ns) {
    struct timespec t = {.tv_nsec = ns};
    nanosleep(&t, NULL);
}

/* Sleeps until a CPU writes an event, or a moment. */
static void sleep_on_bell(struct tsdig *t) {
    for (int i = 0; i < t->cpus; i++)
        __atomic_store_n(&t->lanes[i].region->want_wake, 1, __ATOMIC_SEQ_CST);
    for (int i = 0; i < t->cpus; i++)
        if (__atomic_load_n(&t->lanes[i].region->head, __ATOMIC_SEQ_CST) != t->lanes[i].tail)
            return;
    struct epoll_event event;
    epoll_wait(t->bell_fd, &event, 1, 250);
    ring_buffer__consume(t->bell);
}

/*
 * Falling behind loses events, and this thread runs for moments only. Where the kernel shares out time by
 * session, being nice counts within the session alone: so real time, with the least priority there is.
 * Without the privilege: as it is.
 */
static void go_first(void) {
    struct sched_param least = {.sched_priority = sched_get_priority_min(SCHED_RR)};
    if (pthread_setschedparam(pthread_self(), SCHED_RR, &least) != 0)
        setpriority(PRIO_PROCESS, (id_t)gettid(), -15);
}

/*
 * Where nearly all events come from one CPU, this thread goes to another one: by itself a thread of real time
 * stays where it is, whomever it interrupts.
 */
static void keep_away(struct tsdig *t) {
    uint64_t all = 0, most = 0;
    int busiest = -1, quietest = -1, here = sched_getcpu();
    cpu_set_t allowed;
    for (int i = 0; i < t->cpus; i++) {
        uint64_t filled = t->lanes[i].head - t->lanes[i].tail;
        all += filled;
        if (filled > most) {
            most = filled;
            busiest = i;
        }
    }
    if (most < BUSY_BYTES || busiest != here || most < all - all / 4 ||
        sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
        return;
    for (int i = 0; i < t->cpus && i < CPU_SETSIZE; i++) {
        uint64_t filled = t->lanes[i].head - t->lanes[i].tail;
        if (i != here && CPU_ISSET(i, &allowed) &&
            (quietest < 0 || filled < t->lanes[quietest].head - t->lanes[quietest].tail))
            quietest = i;
    }
    if (quietest < 0)
        return;
    cpu_set_t other;
    CPU_ZERO(&other);
    CPU_SET(quietest, &other);
    if (sched_setaffinity(0, sizeof(other), &other) == 0)
        sched_setaffinity(0, sizeof(allowed), &allowed);
}

/* The counters of the capture, which ends here: what is recorded later is not part of it. */
static void note_final(struct tsdig *t) {
    t->final_missed = attach_missed(t);
    for (int i = 0; i < t->cpus; i++) {
        struct lane *lane = &t->lanes[i];
        lane->final = *lane->region;
        lane->final.events = lane->taken;
    }
}

void *merge_run(void *capture) {
    struct tsdig *t = capture;
    go_first();
    pthread_setname_np(pthread_self(), "tsdig-merge");
    int idle = 0;
    long nap = LONGEST_NAP_NS;
    for (;;) {
        notice_sleep(t);
        bool stopping = __atomic_load_n(&t->stopping, __ATOMIC_ACQUIRE);
        uint64_t most, before = t->ring.head;
        uint64_t mark = look(t, &most);
        keep_away(t);
        bool last = stopping && mark >= t->end_at;
        if (last)
            mark = t->end_at;
        if (most > 0 && !merge(t, mark))
            break;
        if (!stopping)
            __atomic_store_n(&t->known, mark, __ATOMIC_RELEASE);
        if (t->last_ts)
            mark_losses(t);
        if (last || (stopping && __atomic_load_n(&t->closing, __ATOMIC_ACQUIRE)))
            break;
        if (stopping) {
            sleep_ns(SHORTEST_NAP_NS);
            continue;
        }
        /* Without progress a CPU is held up within an event: it needs the time more. */
        if (most > t->buffer_size / 4 && t->ring.head != before)
            continue;
        if (most > 0) {
            idle = 0;
            nap = next_nap(nap, most, t->buffer_size);
            sleep_ns(nap);
        } else if (++idle < IDLE_LOOKS) {
            sleep_ns(8000000);
        } else {
            sleep_on_bell(t);
        }
    }
    note_final(t);
    pthread_mutex_lock(&t->lock);
    __atomic_store_n(&t->ended, true, __ATOMIC_RELEASE);
    pthread_cond_broadcast(&t->filled);
    pthread_mutex_unlock(&t->lock);
    return NULL;
}
