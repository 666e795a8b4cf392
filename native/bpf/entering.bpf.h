/*
 * Entering a call is seen by a program on the raw sys_enter, which costs every call of every process: so it
 * is attached only while it is needed, if so configured. Leaving is seen always, and tells when it is.
 */
#ifndef TSDIG_ENTERING_H
#define TSDIG_ENTERING_H

struct tsdig_entering entering SEC(".data.entering");

/* Wakes the helper's thread that attaches. */
struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 4096);
} asks SEC(".maps");

static __always_inline bool comes_and_goes(void) {
    return cfg.by_calls || cfg.demand != TSDIG_DEMAND_NONE;
}

static __always_inline void need_entering(void) {
    entering.asked_at = bpf_ktime_get_ns();
    if (entering.asked)
        return;
    entering.asked = 1;
    u64 ask = 1;
    bpf_ringbuf_output(&asks, &ask, sizeof(ask), BPF_RB_FORCE_WAKEUP);
}

/* A thread is born: the next ones may be processes of the set. */
static __always_inline void watch_births(u32 tid) {
    entering.last_born = tid;
    if (tsdig_soon(&entering, tid))
        need_entering();
}

/* Threads that were met since the program on the raw sys_enter is there: of which a call can no more be under
 * way that it has not seen entered. Where only 32-bit calls are its own, these alone count. */
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 4096);
    __type(key, u32);
    __type(value, u8);
} met SEC(".maps");

/* Had this thread been met before? */
static __always_inline bool meet(u32 tid) {
    u8 one = 1;
    if (bpf_map_lookup_elem(&met, &tid))
        return true;
    bpf_map_update_elem(&met, &tid, &one, BPF_ANY);
    return false;
}

/* Threads in a call that was recorded when it was entered, while the programs that see that change. */
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 4096);
    __type(key, u32);
    __type(value, u8);
} in_call SEC(".maps");

/* Is it for the program on the raw sys_enter to record calls of 64 bits? */
static __always_inline bool raw_records(void) {
    return !cfg.by_calls || entering.swap >= TSDIG_SWAP_EITHER;
}

/* A call of 64 bits is entered: has another program recorded that? */
static __always_inline bool is_recorded(u32 tid) {
    u32 swap = entering.swap;
    u8 one = 1;
    if (swap == TSDIG_SWAP_NONE || swap == TSDIG_SWAP_DONE)
        return false;
    if (swap == TSDIG_SWAP_EITHER && bpf_map_lookup_elem(&in_call, &tid))
        return true;
    bpf_map_update_elem(&in_call, &tid, &one, BPF_ANY);
    return false;
}

static __always_inline void leave_call(u32 tid) {
    u32 swap = entering.swap;
    if (swap == TSDIG_SWAP_MARK || swap == TSDIG_SWAP_EITHER)
        bpf_map_delete_elem(&in_call, &tid);
}

/*
 * A call passes that the program on the raw sys_enter may have to see. If it is left and has not been seen
 * entered, an event is missing: it is counted, and the next ones are going to be seen.
 */
static __always_inline void watch_entering(struct tsdig_region *r, struct task_struct *task, u32 nr, s64 ret,
                                           bool compat, bool exit) {
    nr &= TSDIG_MAX_SYSCALLS - 1;
    if (cfg.sys[nr].enter == TSDIG_NO_PLAN)
        return;
    bool attached = entering.attached;
    if (cfg.by_calls) {
        if (!compat || (attached && meet(task->pid)) || !exit)
            return;
    } else if (attached) {
        if (!entering.fresh || meet(task->pid) || !exit)
            return;
    } else if (!exit) {
        return;
    }
    if (!attached)
        need_entering();
    u32 life = cfg.sys[nr].life;
    /* A new process enters no call. A 32-bit program is executed by calls of both kinds; by one of 64 bits if
     * it is the first one. */
    if ((life & TSDIG_LIFE) && ret == 0 && (cfg.by_calls || !(life & TSDIG_LIFE_EXEC)))
        return;
    r->drops[TSDIG_DROP_UNSEEN][TSDIG_PRIO_LOW]++;
}

#endif
