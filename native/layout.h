/*
 * What the eBPF programs and the C helper share: the configuration, the per-CPU region in which events
 * are handed over, and the plans that say how each event is made. Plain numbers only.
 */
#ifndef TSDIG_LAYOUT_H
#define TSDIG_LAYOUT_H

#define TSDIG_MAX_SYSCALLS 512u
#define TSDIG_MAX_PLANS 512u
#define TSDIG_MAX_OPS 2048u
/* Slots of the index in front of each allow-set; what a slot holds that several members share. */
#define TSDIG_INDEX 4096u
#define TSDIG_MANY (~0ull)
#define TSDIG_EXCLUDE 4

/* Room behind the ring of a region, so that a record never wraps: the largest event and a helper's reach. */
#define TSDIG_SLACK (192u * 1024u)
#define TSDIG_CTRL 4096u
/* An event with its header may not be larger: the block's limit in the format. */
#define TSDIG_MAX_EVENT 65500u
#define TSDIG_MAX_SNAPLEN 65000u
#define TSDIG_MAX_PATH 4096u

/* No plan: the system call is not recorded (in this direction). */
#define TSDIG_NO_PLAN 0xffffu

/* Which set an event must pass. */
enum tsdig_set { TSDIG_SET_CGROUP, TSDIG_SET_PID, TSDIG_SET_COMM, TSDIG_SET_UID, TSDIG_SETS };

/* Why an event was lost. */
enum tsdig_cause {
    TSDIG_DROP_BUFFER, /* the CPU's buffer was full: the merging thread did not keep up */
    TSDIG_DROP_RING, /* the same, while that thread waited for room in the ring: the reader did not keep up */
    TSDIG_DROP_SIZE, /* larger than a block can be */
    TSDIG_DROP_NESTED, /* raised while another event was being written on the same CPU */
    TSDIG_DROP_UNSEEN, /* entering a call, before the program that sees it was attached */
    TSDIG_CAUSES
};

/* What an event is worth when room gets short: the first ones are shed first. */
enum tsdig_prio { TSDIG_PRIO_LOW, TSDIG_PRIO_STATE, TSDIG_PRIO_LIFE, TSDIG_PRIOS };

/* How one system call is recorded. */
struct tsdig_sys {
    unsigned short enter, exit; /* plans, or TSDIG_NO_PLAN */
    unsigned short sc;          /* PPM_SC code, 0 where old readers do not know it */
    unsigned short life;        /* TSDIG_LIFE_* */
};

enum {
    TSDIG_LIFE = 1,      /* bypasses the allow-sets if so configured */
    TSDIG_LIFE_EXEC = 2, /* execve, execveat */
};

/* What decides when all calls have to be seen entered; NONE: that does not change. */
enum tsdig_demand {
    TSDIG_DEMAND_NONE,
    TSDIG_DEMAND_CGROUPS, /* while a cgroup is in use that is not ruled out */
    TSDIG_DEMAND_PIDS,    /* while a process of the set runs, or may soon be born */
};

/* Constants of one capture: in read-only memory, so that the verifier removes what is not wanted. */
struct tsdig_config {
    unsigned int ring_mask; /* bytes of a ring - 1 */
    unsigned int snaplen;
    unsigned int exclude[TSDIG_EXCLUDE]; /* tgids never recorded; 0 = none */
    unsigned char use_set[TSDIG_SETS];
    unsigned char follow_forks;
    unsigned char life_for_all;
    unsigned char deny_cgroups;  /* the cgroup set names those that are not recorded */
    unsigned char spare_nested;  /* but for tasks in a pid namespace of their own */
    unsigned char hierarchy;     /* 0 = unified, else 1 + index in tsdig_hierarchies */
    unsigned char life_exits;    /* exits are recorded */
    unsigned char life_by_sched; /* clone and exec events come from the scheduler's tracepoints */
    unsigned char by_calls;      /* entering is seen at single calls' tracepoints, but for 32-bit calls */
    unsigned char demand;        /* enum tsdig_demand */
    unsigned short exec_plan;    /* of a program that the scheduler tells of */
    /* By the number in the register, whichever table of calls it belongs to: bit 0, entering may be recorded;
     * bit 1, leaving. */
    unsigned char gate[TSDIG_MAX_SYSCALLS];
    struct tsdig_sys sys[TSDIG_MAX_SYSCALLS];
};

/* The kernel gives ids in turn: that the next run of so many has a process of the set is known in time. */
#define TSDIG_NEAR 1024u
/* There are none from here on. */
#define TSDIG_MOST_PIDS (1u << 22)

/*
 * The tracepoints of single calls give way to the program on the raw sys_enter. Between two steps the helper
 * waits until each call that was being entered has met all programs there were.
 */
enum tsdig_swap {
    TSDIG_SWAP_NONE,   /* the former record calls of 64 bits */
    TSDIG_SWAP_MARK,   /* so they do, and mark the thread until it has left the call */
    TSDIG_SWAP_EITHER, /* who finds no mark records, and marks: the other one finds it */
    TSDIG_SWAP_DONE,   /* the latter records them */
};

/* What programs and helper tell each other about the program on the raw sys_enter while it comes and goes. */
struct tsdig_entering {
    unsigned int attached;       /* by the helper: it records */
    unsigned int asked;          /* by the programs: it is needed; back to 0 by the helper */
    unsigned long long asked_at; /* the last time it was needed: monotonic, ns */
    unsigned int last_born;      /* of TSDIG_DEMAND_PIDS: the thread that was born last */
    unsigned int swap;           /* enum tsdig_swap: by the helper */
    /* By the helper: it came not long ago because it was needed. Calls may be under way that it has not seen.
     */
    unsigned int fresh, pad;
    /* For each run of TSDIG_NEAR ids: up to where there are processes of the set in it, 0: there are none. By
     * the helper. Behind the last id there is what is at the first ones: the kernel goes on with these. */
    unsigned short wanted[2 * TSDIG_MOST_PIDS / TSDIG_NEAR];
};

/* When the thread `tid` was born last: may a process of the set be born before long? */
static inline int tsdig_soon(const struct tsdig_entering *entering, unsigned int tid) {
    unsigned int run = tid / TSDIG_NEAR & (TSDIG_MOST_PIDS / TSDIG_NEAR - 1);
    return entering->wanted[run] > tid % TSDIG_NEAR || entering->wanted[run + 1];
}

#define TSDIG_GATE_ENTER 1u
#define TSDIG_GATE_EXIT 2u

/* Which slot of an index a member is found at, and what stands there for a number of 32 bits. */
static inline unsigned int tsdig_slot(unsigned long long word) {
    return (unsigned int)((word * 0x9e3779b97f4a7c15ull) >> 52);
}
static inline unsigned long long tsdig_word(unsigned int id) {
    return id | 1ull << 32;
}

/* One parameter, packed as kind | arg << 8 | width << 16 | extra << 24. */
typedef unsigned int tsdig_op;

enum tsdig_plan_flags {
    TSDIG_PLAN_DATA = 1, /* holds a buffer: may be larger by snaplen */
    TSDIG_PLAN_OPTIONAL =
        2, /* better without parameters than with an unreadable one: the exit event has them */
    TSDIG_PLAN_MESSAGES = 4, /* one of a vector of messages: each one done is an event of its own */
};

/* Bytes from one message of such a vector to the next, and from its start to the count of bytes done. */
#define TSDIG_MESSAGE_STEP(compat) ((compat) ? 32 : 64)
#define TSDIG_MESSAGE_DONE(compat) ((compat) ? 28 : 56)
/* The kernel takes no longer vector. */
#define TSDIG_MAX_MESSAGES 1024

/* How one event is made. */
struct tsdig_plan {
    unsigned short type, nparams;
    unsigned short first_op;
    unsigned short max_len; /* bytes of the event at most, buffers (snaplen) aside */
    unsigned char prio, flags;
    unsigned short pad;
};

/* Whose call it is: TIME64: of a 32-bit program that hands over times of 64 bits. */
enum tsdig_compat { TSDIG_COMPAT_NO, TSDIG_COMPAT_32, TSDIG_COMPAT_TIME64 };
/* 32-bit calls from this number on have such times. */
#define TSDIG_FIRST_TIME64 403

/* Head of a record in a region; the event (scap event header and parameters) follows, its time on the
 * monotonic clock. */
struct tsdig_record {
    unsigned int len; /* of the event, without this head and without padding to 8 bytes */
    unsigned int pad;
};

/* First page of a region. The lines are apart because the two sides write different ones. */
struct tsdig_region {
    /* written by the programs */
    unsigned long long head; /* bytes written since the start */
    unsigned int busy;       /* an event is being written */
    unsigned int pad0;
    unsigned long long last_ts; /* monotonic time of the event being written, or of the last one */
    unsigned long long events;
    unsigned long long pad1[4];
    /* written by the programs, rarely */
    unsigned long long drops[TSDIG_CAUSES][TSDIG_PRIOS + 1];
    unsigned long long unreadable;
    unsigned long long pad2[15];
    /* written by the helper */
    unsigned long long tail __attribute__((aligned(64)));
    unsigned int want_wake; /* the reader sleeps: ring the bell */
    unsigned int stalled;   /* the reader waits for room in the ring */
    unsigned long long pad3[6];
    /* scratch of the programs: the call being recorded */
    unsigned long long args[8];
    long long ret;
    unsigned long long task;
    unsigned long long sock[2];
    unsigned int nr;
    unsigned int compat; /* enum tsdig_compat */
    unsigned int rest;   /* bytes of the next parameter, read together with the last one */
    unsigned int unread; /* texts of this event that could not be read */
    /* State of loops: what comes back from memory is unknown to the verifier, so that it need not follow
     * every way. */
    unsigned int cursor, left;
};

#endif
