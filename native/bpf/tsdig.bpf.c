/* The programs: what each tracepoint records. */
#include "kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include "../layout.h"
#define TSDIG_WITH_PLANS
#include "tables.generated.h"
#include "region.bpf.h"
#include "allow.bpf.h"
#include "params.bpf.h"
#include "entering.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define TS_COMPAT 2

/* Event ids of the tracepoints that are not system calls, and four parameter lengths in one word. */
#define EVENT_SWITCH 152
#define EVENT_PROCEXIT 186
#define EVENT_SIGNALDELIVER 232
#define EVENT_PAGE_FAULT 290
#define LENS4(a, b, c, d) ((u64)(a) | (u64)(b) << 16 | (u64)(c) << 32 | (u64)(d) << 48)

/* Writes one event by its plan. The region is claimed, the call's arguments are in its scratch. */
static __always_inline void record(struct tsdig_region *r, u32 index, u64 tid, bool enter) {
    const volatile struct tsdig_plan *plan = &tsdig_plans[index & (TSDIG_MAX_PLANS - 1)];
    u32 need = plan->max_len + (plan->flags & TSDIG_PLAN_DATA ? cfg.snaplen + 256 : 0);
    if (!region_begin(r, need, plan->prio))
        return;
    u32 n = plan->nparams;
    void *rec = region_header(r, tid, plan->type, n);
    /* Through memory: see `cursor`. */
    *(volatile u32 *)&r->cursor = REC_LENS + 2 * n;
    u32 off = *(volatile u32 *)&r->cursor;
    u32 first = plan->first_op;
    r->unread = 0;
    for (u32 i = 0; i < 32; i++) {
        if (i >= n || off > TSDIG_MAX_EVENT)
            break;
        u32 op = tsdig_ops[(first + i) & (TSDIG_MAX_OPS - 1)];
        u32 kind = op & 0xff;
        u32 len = (op >> 16) & 0xff;
        if (kind <= OP_LAST_FIXED) {
            u64 v;
            if (kind == OP_RET)
                v = r->ret;
            else if (kind == OP_ARG)
                v = r->args[(op >> 8) & 7];
            else if (kind == OP_SARG)
                v = (s64)(s32)r->args[(op >> 8) & 7];
            else if (kind == OP_SC)
                v = cfg.sys[r->nr & (TSDIG_MAX_SYSCALLS - 1)].sc;
            else if (kind == OP_NR)
                v = r->nr;
            else
                v = op >> 24;
            store8(rec, off, v);
        } else if (kind <= OP_LAST_VALUE) {
            store8(rec, off, param_value(op));
        } else {
            len = enter ? enter_text(op, off) : param_text(op, off);
        }
        store2(rec, REC_LENS + 2 * i, len);
        off += len;
    }
    if (off > TSDIG_MAX_EVENT) {
        r->drops[TSDIG_DROP_SIZE][plan->prio & 3]++;
        region_release(r);
        return;
    }
    if (plan->flags & TSDIG_PLAN_OPTIONAL && r->unread) {
        *(u32 *)(rec + REC_EVENT + 20) = plan->type;
        off = REC_LENS;
    }
    region_commit(r, rec, off);
}

/* Writes the event of one more message. On its own, so that the kernel need not verify it for each one. */
__noinline int record_message(u32 index, u64 tid) {
    struct tsdig_region *r = region_get();
    if (r && region_claim(r, TSDIG_PRIO_LOW))
        record(r, index, tid, false);
    return 0;
}

/* sendmmsg, recvmmsg: what follows the first message, which has been written. */
static __always_inline void record_messages(struct tsdig_region *r, u32 index, u64 tid) {
    u64 count = r->ret;
    for (u32 i = 1; i < TSDIG_MAX_MESSAGES; i++) {
        if (i >= count)
            break;
        r->args[1] += TSDIG_MESSAGE_STEP(r->compat);
        record_message(index, tid);
    }
}

/* The commonest event, a system call without an event type of its own, written straight. */
static __always_inline void record_generic(struct tsdig_region *r, u16 type, u64 tid, u16 sc, u16 nr) {
    if (!region_claim(r, TSDIG_PRIO_LOW) || !region_begin(r, 64, TSDIG_PRIO_LOW))
        return;
    void *rec = region_header(r, tid, type, 2);
    *(u32 *)(rec + REC_LENS) = 0x00020002;
    *(u32 *)(rec + REC_LENS + 4) = sc | (u32)nr << 16;
    region_commit(r, rec, REC_LENS + 8);
}

static __always_inline void load_args(struct tsdig_region *r, struct pt_regs *regs, const void *args,
                                      bool compat) {
    if (args) {
        bpf_probe_read_kernel(r->args, 6 * sizeof(u64), args);
        return;
    }
#if defined(__TARGET_ARCH_x86)
    if (compat) {
        r->args[0] = (u32)regs->bx;
        r->args[1] = (u32)regs->cx;
        r->args[2] = (u32)regs->dx;
        r->args[3] = (u32)regs->si;
        r->args[4] = (u32)regs->di;
        r->args[5] = (u32)regs->bp;
        return;
    }
    r->args[0] = regs->di;
    r->args[1] = regs->si;
    r->args[2] = regs->dx;
    r->args[3] = regs->r10;
    r->args[4] = regs->r8;
    r->args[5] = regs->r9;
#else
    /* Copied, not read in place: the verifier does not follow a typed pointer into the union they lie in. */
    bpf_probe_read_kernel(r->args, 6 * sizeof(u64), __builtin_preserve_access_index(&regs->regs));
    r->args[0] = BPF_CORE_READ(regs, orig_x0);
#endif
}

#if defined(__TARGET_ARCH_x86)
/* socketcall(2): which call of the 64-bit table each of its numbers is. */
static const volatile u16 socketcalls[32] = {0,  41, 49, 42, 50, 43, 51, 52,  53,  491, 492,
                                             44, 45, 48, 54, 55, 46, 47, 288, 299, 307};

/* The number a 32-bit call has in our table; socketcall's arguments are fetched by unpack_socketcall. */
static __always_inline u32 compat_number(struct pt_regs *regs, u32 nr) {
    u32 to = tsdig_ia32[nr & (TSDIG_MAX_SYSCALLS - 1)];
    if (to == 493) {
        to = socketcalls[regs->bx & 31];
        return to ? to : 493;
    }
    return to;
}

static __always_inline void compat_args(struct tsdig_region *r, struct pt_regs *regs, u32 raw) {
    if (tsdig_ia32[raw & (TSDIG_MAX_SYSCALLS - 1)] == 493) {
        u32 args[6] = {};
        bpf_probe_read_user(args, sizeof(args), (void *)(u64)(u32)regs->cx);
#pragma unroll
        for (int i = 0; i < 6; i++)
            r->args[i] = args[i];
        return;
    }
    load_args(r, regs, 0, true);
    if (r->nr == 494)
        r->args[5] <<= 12; /* mmap2 counts pages */
}
#endif

/*
 * A system call, entered or left. `args`: seen at its own tracepoint, which gives them where `regs` are
 * elsewhere. 32-bit calls are not seen there.
 */
static __always_inline int syscall(struct pt_regs *regs, const void *args, u32 nr, s64 ret, bool exit) {
    /* Before anything else: on most captures most calls end here. */
    u32 gate = cfg.gate[nr & (TSDIG_MAX_SYSCALLS - 1)];
    if (!(gate & (exit ? TSDIG_GATE_EXIT : TSDIG_GATE_ENTER)) || nr >= TSDIG_MAX_SYSCALLS)
        return 0;
    bool raw_enter = !exit && !args;
    if (raw_enter && comes_and_goes() && !entering.attached)
        return 0;
    struct task_struct *task = (struct task_struct *)bpf_get_current_task_btf();
    bool compat = false;
#if defined(__TARGET_ARCH_x86)
    u32 raw = nr;
    if (!args && task->thread_info.status & TS_COMPAT) {
        compat = true;
        nr = compat_number(regs, nr);
        /* An address may have its top bit set: only errors are negative. */
        ret = (u32)ret >= 0xfffff001u ? (s64)(s32)ret : (s64)(u32)ret;
    }
#endif
    if (raw_enter && !compat && !raw_records())
        return 0;
    if (cfg.by_calls && exit)
        leave_call(task->pid);
    if (nr >= TSDIG_MAX_SYSCALLS)
        return 0;
    /* A bound that the verifier sees, however the compiler keeps the number. */
    opaque(nr);
    nr &= TSDIG_MAX_SYSCALLS - 1;
    u32 plan = exit ? cfg.sys[nr].exit : cfg.sys[nr].enter;
    u32 life = cfg.sys[nr].life;
    if (plan == TSDIG_NO_PLAN)
        return 0;
    /* The scheduler has told of the new program already. */
    if (exit && cfg.life_by_sched && (life & TSDIG_LIFE_EXEC) && ret == 0)
        return 0;
    u32 tgid = task->tgid;
    if (excluded(tgid))
        return 0;
    bool for_all = cfg.life_for_all && (life & TSDIG_LIFE);
    /* Of others it is told who they are, and no more: what they enter may be unseen. */
    if (cfg.demand && !exit)
        for_all = false;
    bool passes = (for_all && !cfg.demand) || allowed(task, tgid);
    if (!passes && !for_all)
        return 0;
    if (cfg.by_calls && !exit && !compat && is_recorded(task->pid))
        return 0;
    struct tsdig_region *r = region_get();
    if (!r)
        return 0;
    if (passes && comes_and_goes())
        watch_entering(r, task, nr, ret, compat, exit);
    /* When another thread than the first executes, the exit event carries the first one's id: so does the
     * enter event. */
    u64 tid = !exit && (life & TSDIG_LIFE_EXEC) ? tgid : (u32)task->pid;
    if (plan < 2) {
        record_generic(r, plan, tid, cfg.sys[nr].sc, nr);
        return 0;
    }
    if (!region_claim(r, TSDIG_PRIO_LOW))
        return 0;
    r->nr = nr;
    r->ret = ret;
    r->task = (u64)task;
#if defined(__TARGET_ARCH_x86)
    r->compat = !compat ? TSDIG_COMPAT_NO : raw >= TSDIG_FIRST_TIME64 ? TSDIG_COMPAT_TIME64 : TSDIG_COMPAT_32;
    if (compat)
        compat_args(r, regs, raw);
    else
        load_args(r, regs, args, false);
#else
    r->compat = TSDIG_COMPAT_NO;
    load_args(r, regs, args, false);
#endif
    record(r, plan, tid, !exit);
    if (exit && ret > 1 && tsdig_plans[plan & (TSDIG_MAX_PLANS - 1)].flags & TSDIG_PLAN_MESSAGES)
        record_messages(r, plan, tid);
    return 0;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(sys_enter, struct pt_regs *regs, long id) {
    return syscall(regs, 0, id, 0, false);
}

/* What the tracepoints of single calls hand over. Behind the arguments that a call has, there is room for
 * six. */
struct call_entered {
    u64 head;
    u32 nr, pad;
    u64 args[6];
};

SEC("tp/syscalls/sys_enter_call")
int enter_call(struct call_entered *call) {
    return syscall(0, call->args, call->nr, 0, false);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit, struct pt_regs *regs, long ret) {
#if defined(__TARGET_ARCH_x86)
    u32 nr = regs->orig_ax;
#else
    u32 nr = BPF_CORE_READ(regs, syscallno);
#endif
    return syscall(regs, 0, nr, ret, true);
}

/* A cgroup is made: what runs in it before long has to be seen entering its calls. */
SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(cgroup_mkdir, struct cgroup *group, const char *path) {
    need_entering();
    return 0;
}

/* A process has moved to another cgroup. */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(cgroup_attach_task, struct cgroup *group, const char *path, struct task_struct *task) {
    if (!cgroup_allowed(task))
        return 0;
    /* What it entered elsewhere is not missing. */
    meet(task->pid);
    need_entering();
    return 0;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(sched_switch, bool preempt, struct task_struct *prev, struct task_struct *next) {
    u32 tgid = prev->tgid;
    /* When a recorded task begins to run has to be known as well as when it stops. */
    if ((excluded(tgid) || !allowed(prev, tgid)) && (excluded(next->tgid) || !may_run(next)))
        return 0;
    /* An idle CPU that wakes for tsdig would keep it awake for ever. */
    if (prev->pid == 0 && excluded(next->tgid))
        return 0;
    struct tsdig_region *r = region_get();
    if (!r || !region_claim(r, TSDIG_PRIO_LOW))
        return 0;
    if (!region_begin(r, 128, TSDIG_PRIO_LOW))
        return 0;
    void *rec = region_header(r, (u32)prev->pid, EVENT_SWITCH, 6);
    *(u64 *)(rec + REC_LENS) = LENS4(8, 8, 8, 4);
    *(u32 *)(rec + REC_LENS + 8) = 0x00040004;
    void *at = rec + REC_LENS + 12;
    *(u64 *)at = (u32)next->pid;
    *(u64 *)(at + 8) = prev->maj_flt;
    *(u64 *)(at + 16) = prev->min_flt;
    struct mm_struct *mm = prev->mm;
    u32 size = 0, rss = 0, swap = 0;
    if (mm)
        vm_sizes(mm, &size, &rss, &swap);
    *(u32 *)(at + 24) = size;
    *(u32 *)(at + 28) = rss;
    *(u32 *)(at + 32) = swap;
    region_commit(r, rec, REC_LENS + 12 + 36);
    return 0;
}

/* May the current task's life-cycle event be recorded? */
static __always_inline bool life_allowed(struct task_struct *task, u32 tgid) {
    return !excluded(tgid) && (cfg.life_for_all || allowed(task, tgid));
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(sched_process_exit, struct task_struct *task) {
    u32 tgid = task->tgid, pid = task->pid;
    bool pass = life_allowed(task, tgid);
    /* The first thread of a process may end before the others: then its number goes on to name them. */
    bool last = BPF_CORE_READ(task, signal, live.counter) == 0;
    if (cfg.use_set[TSDIG_SET_PID] && cfg.follow_forks && last && pid_listed(tgid))
        remove_listed(TSDIG_SET_PID, &allow_pid, tgid);
    if (cfg.use_set[TSDIG_SET_COMM] && last && is_known(tgid))
        remove_listed(KNOWN_BY_COMM, &known_by_comm, tgid);
    if (!pass || !cfg.life_exits)
        return 0;
    struct tsdig_region *r = region_get();
    if (!r || !region_claim(r, TSDIG_PRIO_LIFE))
        return 0;
    if (!region_begin(r, 128, TSDIG_PRIO_LIFE))
        return 0;
    s64 code = (s64)task->exit_code;
    s64 reaper = reaper_of(task);
    void *rec = region_header(r, pid, EVENT_PROCEXIT, 5);
    *(u64 *)(rec + REC_LENS) = LENS4(8, 8, 1, 1);
    *(u16 *)(rec + REC_LENS + 8) = 8;
    void *at = rec + REC_LENS + 10;
    *(u64 *)at = code;
    *(u64 *)(at + 8) = (code >> 8) & 0xff;
    *(u8 *)(at + 16) = code & 0x7f;
    *(u8 *)(at + 17) = (code & 0x80) != 0;
    *(u64 *)(at + 18) = reaper;
    region_commit(r, rec, REC_LENS + 10 + 26);
    return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(sched_process_fork, struct task_struct *parent, struct task_struct *child) {
    u32 tgid = parent->tgid, child_tgid = child->tgid;
    if (cfg.demand == TSDIG_DEMAND_PIDS)
        watch_births(child->pid);
    if (cfg.use_set[TSDIG_SET_PID] && cfg.follow_forks && child_tgid != tgid) {
        if (pid_listed(tgid))
            add_listed(TSDIG_SET_PID, &allow_pid, child_tgid);
    }
    if (cfg.use_set[TSDIG_SET_COMM] && child_tgid != tgid && is_known(tgid))
        make_known(child_tgid);
    if (!cfg.life_by_sched || !life_allowed(parent, tgid))
        return 0;
    struct tsdig_region *r = region_get();
    if (!r || !region_claim(r, TSDIG_PRIO_LIFE))
        return 0;
    u64 flags = 0;
    if (child_tgid == tgid)
        flags |= 0x10000; /* CLONE_THREAD */
    if (child->mm == parent->mm)
        flags |= 0x100; /* CLONE_VM */
    if (child->files == parent->files)
        flags |= 0x400; /* CLONE_FILES */
    if (child->fs == parent->fs)
        flags |= 0x200; /* CLONE_FS */
    r->args[0] = flags;
    r->ret = 0;
    r->compat = 0;
    r->task = (u64)child;
    u32 pid = child->pid;
    record(r, PLAN_SYSCALL_CLONE_20_X, pid, false);
    return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(sched_process_exec, struct task_struct *task) {
    u32 tgid = task->tgid;
    if (cfg.use_set[TSDIG_SET_COMM]) {
        struct comm_key comm = {};
        bpf_get_current_comm(&comm, sizeof(comm));
        if (comm_listed(&comm))
            make_known(tgid);
        else if (is_known(tgid))
            remove_listed(KNOWN_BY_COMM, &known_by_comm, tgid);
    }
    if (!cfg.life_by_sched || !life_allowed(task, tgid))
        return 0;
    struct tsdig_region *r = region_get();
    if (!r || !region_claim(r, TSDIG_PRIO_LIFE))
        return 0;
    r->ret = 0;
    r->compat = 0;
    r->task = (u64)task;
    r->args[0] = 0;
    record(r, cfg.exec_plan, task->pid, false);
    return 0;
}

/* Before a task gets another name: by prctl, by writing to /proc, or when it executes. */
SEC("tp_btf/task_rename")
int BPF_PROG(task_rename, struct task_struct *task, const char *name) {
    struct comm_key comm = {};
    bpf_core_read(&comm, sizeof(comm), &task->comm);
    if (comm_listed(&comm))
        make_known(task->tgid);
    return 0;
}

SEC("tp_btf/signal_deliver")
int BPF_PROG(signal_deliver, int sig, struct kernel_siginfo *info) {
    struct task_struct *task = (struct task_struct *)bpf_get_current_task_btf();
    u64 ids = bpf_get_current_pid_tgid();
    if (excluded(ids >> 32) || !allowed(task, ids >> 32))
        return 0;
    struct tsdig_region *r = region_get();
    if (!r || !region_claim(r, TSDIG_PRIO_LIFE))
        return 0;
    u64 sender = 0;
    int code = BPF_CORE_READ(info, si_code);
    /* Who sent it is only told for signals that somebody sends. */
    if (sig == 9 || sig == 17 || sig >= 32 ||
        ((sig == 15 || sig == 1 || sig == 2 || sig == 20 || sig == 3) && code <= 0))
        sender = BPF_CORE_READ(info, _sifields._kill._pid);
    if (!region_begin(r, 128, TSDIG_PRIO_STATE))
        return 0;
    void *rec = region_header(r, (u32)ids, EVENT_SIGNALDELIVER, 3);
    *(u64 *)(rec + REC_LENS) = LENS4(8, 8, 1, 0);
    void *at = rec + REC_LENS + 6;
    *(u64 *)at = sender;
    *(u64 *)(at + 8) = (u32)ids;
    *(u8 *)(at + 16) = sig;
    region_commit(r, rec, REC_LENS + 6 + 17);
    return 0;
}

static __always_inline int page_fault(u64 address, struct pt_regs *regs, u64 error) {
    struct task_struct *task = (struct task_struct *)bpf_get_current_task_btf();
    u64 ids = bpf_get_current_pid_tgid();
    if (excluded(ids >> 32) || !allowed(task, ids >> 32))
        return 0;
    struct tsdig_region *r = region_get();
    /* In use: the fault of one of these programs, which reads a page that is not there. None of the process's
     * own. */
    if (!r || r->busy || !region_claim(r, TSDIG_PRIO_LOW))
        return 0;
    if (!region_begin(r, 128, TSDIG_PRIO_LOW))
        return 0;
    void *rec = region_header(r, (u32)ids, EVENT_PAGE_FAULT, 3);
    *(u64 *)(rec + REC_LENS) = LENS4(8, 8, 4, 0);
    void *at = rec + REC_LENS + 6;
    *(u64 *)at = address;
#if defined(__TARGET_ARCH_x86)
    *(u64 *)(at + 8) = regs->ip;
#else
    *(u64 *)(at + 8) = regs->pc;
#endif
    *(u32 *)(at + 16) = map_value(error, MAP_PF_FLAGS);
    region_commit(r, rec, REC_LENS + 6 + 20);
    return 0;
}

SEC("tp_btf/page_fault_user")
int BPF_PROG(page_fault_user, unsigned long address, struct pt_regs *regs, unsigned long error) {
    return page_fault(address, regs, error);
}

SEC("tp_btf/page_fault_kernel")
int BPF_PROG(page_fault_kernel, unsigned long address, struct pt_regs *regs, unsigned long error) {
    return page_fault(address, regs, error);
}
