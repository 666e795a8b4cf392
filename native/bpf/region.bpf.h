/*
 * The transport, kernel side: a region of shared memory per CPU, in which records are built in place.
 * `head` counts the bytes written since the start; what lies between the reader's `tail` and it is taken.
 * A record never wraps: behind the ring lies room for the largest one.
 */
#ifndef TSDIG_REGION_H
#define TSDIG_REGION_H

/* Read-only while it runs: the verifier knows its values and drops the code that they rule out. */
const volatile struct tsdig_config cfg SEC(".rodata.config");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, 1); /* CPUs: set before loading */
    __uint(key_size, 4);
    __uint(value_size, 8192); /* control page, ring, slack: set before loading */
} regions SEC(".maps");

/* Wakes the reader when it sleeps. */
struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 4096);
} doorbell SEC(".maps");

/* Keeps the compiler from proving away a bound that the verifier needs to see. */
#define opaque(x) asm volatile("" : "+r"(x))

static __always_inline struct tsdig_region *region_get(void) {
    u32 cpu = bpf_get_smp_processor_id();
    return bpf_map_lookup_elem(&regions, &cpu);
}

/* The record under construction: it begins at the head. Up to 64 KiB may be written from any offset below 64
 * KiB. */
static __always_inline void *region_record(struct tsdig_region *r) {
    u64 start = r->head;
    opaque(start);
    start &= cfg.ring_mask;
    return (void *)r + TSDIG_CTRL + start;
}

/* Address of byte `off` of a record. */
static __always_inline void *record_at(void *record, u32 off) {
    u64 o = off;
    opaque(o);
    o &= 0xffff;
    return record + o;
}

static __always_inline void store8(void *record, u32 off, u64 v) {
    *(u64 *)record_at(record, off) = v;
}
static __always_inline void store4(void *record, u32 off, u32 v) {
    *(u32 *)record_at(record, off) = v;
}
static __always_inline void store2(void *record, u32 off, u16 v) {
    *(u16 *)record_at(record, off) = v;
}
static __always_inline void store1(void *record, u32 off, u8 v) {
    *(u8 *)record_at(record, off) = v;
}

/* Offsets in a record: its head, then the event header. */
#define REC_EVENT 8u
#define REC_LENS (REC_EVENT + 26u)

/* Takes the region for one event: a tracepoint that fires inside another one's program finds it taken. */
static __always_inline bool region_claim(struct tsdig_region *r, u32 prio) {
    if (r->busy) {
        r->drops[TSDIG_DROP_NESTED][prio & 3]++;
        return false;
    }
    *(volatile u32 *)&r->busy = 1;
    barrier();
    return true;
}

static __always_inline void region_release(struct tsdig_region *r) {
    barrier();
    *(volatile u32 *)&r->busy = 0;
}

/*
 * Begins an event of at most `need` bytes in a claimed region. False: no room; counted, and released. The
 * less an event matters the more room it must leave: the last eighth of the ring is for life-cycle and state
 * events.
 */
static __always_inline bool region_begin(struct tsdig_region *r, u32 need, u32 prio) {
    u64 size = (u64)cfg.ring_mask + 1;
    u64 used = r->head - *(volatile u64 *)&r->tail;
    u64 keep = prio == TSDIG_PRIO_LOW     ? (size >> 3) + 65536
               : prio == TSDIG_PRIO_STATE ? (size >> 4) + 32768
                                          : 0;
    if (used + need + keep + 64 > size) {
        r->drops[r->stalled ? TSDIG_DROP_RING : TSDIG_DROP_BUFFER][prio & 3]++;
        region_release(r);
        return false;
    }
    return true;
}

/*
 * Writes the event header but for its length; the time is taken here, so that it grows along the ring. It is
 * the largest part of what an event costs, and this is the cheapest clock: the reader makes wall time of it.
 */
static __always_inline void *region_header(struct tsdig_region *r, u64 tid, u16 type, u16 nparams) {
    void *record = region_record(r);
    u64 now = bpf_ktime_get_ns();
    *(volatile u64 *)&r->last_ts = now;
    *(u64 *)(record + REC_EVENT) = now;
    *(u64 *)(record + REC_EVENT + 8) = tid;
    *(u32 *)(record + REC_EVENT + 20) = type | (u32)nparams << 16;
    *(u16 *)(record + REC_EVENT + 24) = 0;
    return record;
}

/* Publishes the record, which ends at offset `off`. */
static __always_inline void region_commit(struct tsdig_region *r, void *record, u32 off) {
    u32 len = off - REC_EVENT;
    *(u32 *)record = len;
    *(u32 *)(record + REC_EVENT + 16) = len;
    r->events++;
    u64 head = r->head + ((off + 7) & ~7u);
    barrier();
#if defined(__TARGET_ARCH_x86)
    /* Stores are seen in order here. */
    *(volatile u64 *)&r->head = head;
#else
    __sync_fetch_and_add(&r->head, head - r->head);
#endif
    region_release(r);
    if (r->want_wake) {
        r->want_wake = 0;
        u64 bell = 1;
        bpf_ringbuf_output(&doorbell, &bell, sizeof(bell), BPF_RB_FORCE_WAKEUP);
    }
}

#endif
