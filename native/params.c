/*
 * The plans of events, carried out from outside of the kernel. Every parameter has the form that
 * bpf/params.bpf.h gives it; what cannot be learnt from here is 0, empty or <NA>.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "capture.h"
#include "events.h"
#include "params.h"
#include "syscalls.generated.h"

/* The tables are written for the eBPF programs. */
typedef uint64_t u64;
typedef uint32_t u32;
typedef uint16_t u16;
#define __noinline static __attribute__((noinline))
#if defined(__x86_64__)
#define __TARGET_ARCH_x86
#elif defined(__aarch64__)
#define __TARGET_ARCH_arm64
#endif
#define TSDIG_WITH_PLANS
#include "bpf/tables.generated.h"

#define PATH_ROOM 4096u

#define ARG(c, i) ((c)->args[(i) % 6])

unsigned plan_clone(void) {
    return PLAN_SYSCALL_CLONE_20_X;
}
unsigned plan_execve(bool full) {
    return full ? PLAN_SYSCALL_EXECVE_19_X_FULL : PLAN_SYSCALL_EXECVE_19_X;
}
unsigned plan_type(unsigned plan) {
    return tsdig_plans[plan].type;
}

void sys_table(const struct tsdig_options *o, struct tsdig_sys *table) {
    memcpy(table, tsdig_syscalls, sizeof(tsdig_syscalls));
    for (size_t i = 0; (o->flags & TSDIG_FULL_EVENTS) && i < sizeof(tsdig_full) / sizeof(tsdig_full[0]);
         i++) {
        table[tsdig_full[i][0]].enter = tsdig_full[i][1];
        table[tsdig_full[i][0]].exit = tsdig_full[i][2];
    }
    for (unsigned i = 0; i < TSDIG_MAX_SYSCALLS; i++) {
        if (table[i].exit == 0)
            table[i].exit = 1; /* newer than the table: generic */
        if (!(o->syscalls[i] & 1))
            table[i].enter = TSDIG_NO_PLAN;
        if (!(o->syscalls[i] & 2))
            table[i].exit = TSDIG_NO_PLAN;
    }
}

uint32_t compat_number(uint32_t raw) {
#if defined(__x86_64__)
    return tsdig_ia32[raw & (TSDIG_MAX_SYSCALLS - 1)];
#else
    return raw;
#endif
}

void call_from_compat(struct call *c, uint32_t raw) {
#if defined(__x86_64__)
    static const uint16_t socketcalls[32] = {0,  41, 49, 42, 50, 43, 51, 52,  53,  491, 492,
                                             44, 45, 48, 54, 55, 46, 47, 288, 299, 307};
    c->nr = tsdig_ia32[raw & (TSDIG_MAX_SYSCALLS - 1)];
    c->time64 = raw >= TSDIG_FIRST_TIME64;
    if (c->nr == 493 && socketcalls[c->args[0] & 31]) {
        c->nr = socketcalls[c->args[0] & 31];
        uint32_t args[6] = {0};
        remote_read(&c->who, (uint32_t)c->args[1], args, sizeof(args));
        for (int i = 0; i < 6; i++)
            c->args[i] = args[i];
    } else if (c->nr == 494) {
        c->args[5] <<= 12; /* mmap2 counts pages */
    }
#else
    c->nr = raw;
#endif
}

/* ---- files ---- */

/* stat of a descriptor of the process; of its program with fd -1. */
static bool file_stat(struct call *c, int64_t fd, struct stat *st) {
    char path[64];
    if (!c->settled && !c->life)
        return false;
    if (fd < 0)
        snprintf(path, sizeof(path), "/proc/%d/exe", c->who.tid);
    else
        snprintf(path, sizeof(path), "/proc/%d/fd/%d", c->who.tid, (int)fd);
    return stat(path, st) == 0;
}

static u32 device_of(dev_t dev) {
    u32 low = minor(dev);
    return (low & 0xff) | major(dev) << 8 | (low & ~0xffu) << 12;
}

static u64 open_flags(struct call *c, u64 kernel_flags) {
    u64 v = map_value((u32)kernel_flags, MAP_OPEN_FLAGS);
    return c->ret >= 0 && c->created ? v | 0x4000 : v;
}

/* ---- tasks ---- */

static u64 exe_flags(struct call *c) {
    struct stat st;
    struct remote *r = &c->who;
    if (!file_stat(c, -1, &st))
        return 0;
    remote_status(r);
    bool may = st.st_mode & 02;
    if (r->fsuid == st.st_uid)
        may = st.st_mode & 0200;
    else if (r->fsgid == st.st_gid)
        may = st.st_mode & 020;
    u64 flags = may || (r->cap_eff & 2) ? 1 : 0; /* CAP_DAC_OVERRIDE */
    char link[16];
    if (st.st_nlink == 0 && remote_link(r, "exe", link, sizeof(link)) > 7 && memcmp(link, "/memfd:", 7) == 0)
        flags |= 4;
    return flags;
}

/* When the first process of this process's pid namespace started; only ours can be seen. */
static u64 namespace_start(struct call *c) {
    remote_status(&c->who);
    if (c->ret != 0 || c->who.pid_level != 0)
        return 0;
    struct remote init = {.tid = 1};
    char text[1024];
    size_t n = remote_file(&init, "stat", text, sizeof(text) - 1);
    text[n] = 0;
    char *rest = strrchr(text, ')');
    unsigned long long ticks = 0;
    if (rest)
        sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
               &ticks);
    return ticks * (1000000000ull / (u64)sysconf(_SC_CLK_TCK));
}

static u64 task_value(struct call *c, u32 which) {
    struct remote *r = &c->who;
    struct rlimit64 limit = {0, 0};
    char text[16] = "";
    switch (which) {
    case TASK_TID:
        return (u64)r->tid;
    case TASK_PID:
        return (u64)r->tgid;
    case TASK_PTID:
        remote_status(r);
        return (u64)r->ppid;
    case TASK_FDLIMIT:
        prlimit64(r->tid, RLIMIT_NOFILE, NULL, &limit);
        return limit.rlim_cur;
    case TASK_MAJFLT:
        remote_stat(r);
        return r->majflt;
    case TASK_MINFLT:
        remote_stat(r);
        return r->minflt;
    case TASK_VTID:
        remote_status(r);
        return (u64)r->vtid;
    case TASK_VPID:
        remote_status(r);
        return (u64)r->vpid;
    case TASK_PIDNS:
        return namespace_start(c);
    case TASK_TTY:
        remote_stat(r);
        return r->tty;
    case TASK_VPGID:
        remote_status(r);
        return (u64)r->vpgid;
    case TASK_PGID:
        remote_status(r);
        return (u64)r->pgid;
    case TASK_LOGINUID:
        return remote_file(r, "loginuid", text, sizeof(text) - 1) ? strtoul(text, NULL, 10) : 0xffffffff;
    case TASK_EXEFLAGS:
        return exe_flags(c);
    }
    return 0;
}

static u64 cred_value(struct call *c, u32 which) {
    struct remote *r = &c->who;
    remote_status(r);
    switch (which) {
    case CRED_EUID:
        return r->euid;
    case CRED_EGID:
        return r->egid;
    case CRED_INH:
        return r->cap_inh;
    case CRED_PRM:
        return r->cap_prm;
    }
    return r->cap_eff;
}

static u64 exe_inode_value(struct call *c, u32 which) {
    struct stat st;
    if (!file_stat(c, -1, &st))
        return 0;
    if (which == EXE_INO_INO)
        return st.st_ino;
    const struct timespec *t = which == EXE_INO_CTIME ? &st.st_ctim : &st.st_mtim;
    return (u64)t->tv_sec * 1000000000ull + (u64)t->tv_nsec;
}

/* Are the children of this process in another pid namespace than it is? */
static bool children_elsewhere(const struct remote *r) {
    char own[64], children[64];
    size_t n = remote_link(r, "ns/pid", own, sizeof(own));
    size_t m = remote_link(r, "ns/pid_for_children", children, sizeof(children));
    return n > 0 && m > 0 && (n != m || memcmp(own, children, n) != 0);
}

static u64 clone_flags(struct call *c, u32 arg) {
    u64 flags = arg == 0 ? c->args[0] : arg == 1 ? remote_u64(&c->who, c->args[0]) : 0;
    remote_status(&c->who);
    u64 v = map_value((u32)flags, MAP_CLONE_FLAGS);
    bool elsewhere = c->ret > 0 && ((flags & 0x20000000) || children_elsewhere(&c->who));
    return c->who.pid_level || elsewhere ? v | 0x20000000 : v;
}

/* ---- memory ---- */

void remote_message(const struct remote *r, uint64_t at, struct remote_msg *m) {
    memset(m, 0, sizeof(*m));
    if (r->compat) {
        u32 v[7] = {0};
        remote_read(r, at, v, sizeof(v));
        *m = (struct remote_msg){v[0], v[1], v[2], v[3], v[4], v[5]};
    } else {
        u64 v[7] = {0};
        remote_read(r, at, v, sizeof(v));
        *m = (struct remote_msg){v[0], (u32)v[1], v[2], v[3], v[4], v[5]};
    }
}

static void read_iovec(const struct remote *r, u64 at, u32 index, u64 *base, u64 *len) {
    *base = remote_long(r, at, 2 * index);
    *len = remote_long(r, at, 2 * index + 1);
}

static u64 iov_total(struct call *c, u64 at, u64 count) {
    u32 total = 0;
    for (u32 i = 0; i < 32 && i < count; i++) {
        u64 base, len;
        read_iovec(&c->who, at, i, &base, &len);
        total += (u32)len;
    }
    return total;
}

static u64 quota_value(struct call *c, u32 which) {
    u32 raw = (u32)c->args[0], sub = raw >> 8;
    u64 at = c->args[3];
    const struct remote *r = &c->who;
    bool block = sub == 0x800007 || sub == 0x800008, info = sub == 0x800005 || sub == 0x800006;
    switch (which) {
    case 0:
        return map_value(sub, MAP_QUOTACTL_CMD);
    case 1:
        return map_value(raw & 0xff, MAP_QUOTACTL_TYPE);
    case 2:
        return block || sub == 0x5803 || sub == 0x5804 ? c->args[2] : 0;
    case 3:
        return sub == 0x800002 ? map_value(c->args[2], MAP_QUOTACTL_FMT) : 1;
    case 4 ... 8:
        return block ? remote_u64(r, at + 8 * (which - 4)) : 0;
    case 9 ... 10:
        return block ? remote_u64(r, at + 8 * (which - 3)) : 0;
    case 11 ... 12:
        return info ? remote_u64(r, at + 8 * (which - 11)) : 0;
    case 13:
        return info ? remote_u32(r, at + 16) : 0;
    case 14:
        return sub == 0x800004 ? map_value(remote_u32(r, at), MAP_QUOTACTL_FMT) : 1;
    }
    return 0;
}

static bool prctl_names(struct call *c) {
    u32 option = (u32)c->args[0];
    return option == 15 || option == 16; /* PR_SET_NAME, PR_GET_NAME */
}

static u64 param_value(struct call *c, u32 op) {
    struct remote *r = &c->who;
    u32 arg = op >> 8 & 0xff, extra = op >> 24;
    u64 a = ARG(c, arg);
    struct stat st;
    struct remote_msg m;
    switch (op & 0xff) {
    case OP_MAP:
        return map_value((u32)a, extra);
    case OP_MASK:
        return a & 07777;
    case OP_RETS32:
        return (u32)c->ret;
    case OP_RETSIZE:
        return c->ret > 0 ? (u64)c->ret : 0;
    case OP_POS:
        if (!r->compat)
            return a;
        return c->nr == 490 ? a << 32 | ARG(c, arg + 1) : a | ARG(c, arg + 1) << 32;
    case OP_DEREF32:
        return a ? remote_u32(r, a + extra) : 0;
    case OP_DEREF64:
        return a ? remote_long(r, a, 0) : 0;
    case OP_IOVSIZE:
        return iov_total(c, a, (u32)ARG(c, extra));
    case OP_MSGSIZE:
        remote_message(r, a, &m);
        return iov_total(c, m.iov, m.iovlen);
    case OP_MMSG:
        if (arg == 0)
            return c->ret > 0 ? remote_u32(r, c->args[1] + TSDIG_MESSAGE_DONE(r->compat)) : (u64)c->ret;
        remote_message(r, a, &m);
        return c->ret > 0 ? remote_u32(r, a + TSDIG_MESSAGE_DONE(r->compat)) : iov_total(c, m.iov, m.iovlen);
    case OP_TIMESPEC:
        if (c->time64)
            return a ? remote_u64(r, a) * 1000000000 + remote_u64(r, a + 8) : 0;
        return a ? remote_long(r, a, 0) * 1000000000 + remote_long(r, a, 1) : 0;
    case OP_SIGSET:
        return a ? remote_u32(r, a) : 0;
    case OP_OPENMODE:
        return (a & 0100) || (a & 020000000) ? ARG(c, extra) & 07777 : 0;
    case OP_OPENFLAGSX:
        return open_flags(c, a);
    case OP_HOW: {
        u64 how[3] = {0};
        remote_read(r, c->args[2], how, sizeof(how));
        if (arg == HOW_FLAGS)
            return extra ? open_flags(c, how[0]) : map_value((u32)how[0], MAP_OPEN_FLAGS);
        if (arg == HOW_MODE)
            return (how[0] & 0100) || (how[0] & 020000000) ? how[1] & 07777 : 0;
        return map_value(how[2], MAP_OPENAT2_RESOLVE);
    }
    case OP_DEV:
        return c->ret >= 0 && file_stat(c, c->ret, &st) ? device_of(st.st_dev) : 0;
    case OP_INO:
        return c->ret >= 0 && file_stat(c, c->ret, &st) ? st.st_ino : 0;
    case OP_SV:
        return c->ret < 0 ? (u64)-1 : (u64)(int64_t)(int32_t)remote_u32(r, c->args[3] + 4 * (arg & 1));
    case OP_SVSOCK:
        /* In place of the kernel's pointers: numbers of the sockets, which tell them apart as well. */
        return c->ret < 0 || !c->settled ? 0
                                         : socket_inode(c, (int)remote_u32(r, c->args[3] + 4 * (arg & 1)));
    case OP_PIPEFD:
        return c->ret < 0 ? (u64)-1 : (u64)(int64_t)(int32_t)remote_u32(r, c->args[0] + 4 * (arg & 1));
    case OP_PIPEINO:
        return c->ret >= 0 && file_stat(c, (int)remote_u32(r, c->args[0]), &st) ? st.st_ino : 0;
    case OP_QUEUE:
        return c->ret < 0 || !c->settled ? 0 : socket_queue(c, (int)c->args[0], arg);
    case OP_OPTNAME:
        return c->args[1] == 1 ? map_value((u32)c->args[2], MAP_SOCKOPT_OPTNAME) : 0;
    case OP_RLIMIT:
        return c->ret != 0 ? (u64)-1 : remote_long(r, a, extra);
    case OP_RLIMITSET:
        return a ? remote_long(r, a, extra) : 0;
    case OP_RLIMITNEW:
        return a ? remote_u64(r, a + 8 * extra) : 0;
    case OP_RLIMITOLD:
        return c->ret != 0 ? (u64)-1 : a ? remote_u64(r, a + 8 * extra) : 0;
    case OP_VM:
        if (!c->settled && !c->life)
            return 0;
        remote_status(r);
        return arg == VM_SIZE ? r->vm_size : arg == VM_RSS ? r->vm_rss : r->vm_swap;
    case OP_TASK:
        return task_value(c, arg);
    case OP_CRED:
        return cred_value(c, arg);
    case OP_EXE_INO:
        return exe_inode_value(c, arg);
    case OP_CLONEFLAGS:
        return clone_flags(c, arg);
    case OP_SEMBUF: {
        u32 index = arg / 3, part = arg % 3;
        if (c->ret < 0 || index >= (u32)c->args[2])
            return 0;
        u64 v = remote_u64(r, c->args[1] + 6 * index) >> (16 * part);
        return part == 2 ? map_value(v & 0xffff, MAP_SEMOP_FLAGS) : v & 0xffff;
    }
    case OP_SEMVAL:
        return (u32)c->args[2] == 16 ? c->args[3] : 0;
    case OP_MOUNTFLAGS:
        return (a & 0xffff0000) == 0xc0ed0000 ? a & 0xffff : a;
    case OP_MKNODMODE: {
        u64 type = a & S_IFMT;
        bool known =
            type == S_IFIFO || type == S_IFCHR || type == S_IFBLK || type == S_IFREG || type == S_IFSOCK;
        return (a & 07777) | (type == 0 ? S_IFREG : known ? type : 0);
    }
    case OP_PRCTLARG:
        if (prctl_names(c))
            return 0;
        /* PR_GET_CHILD_SUBREAPER answers through the pointer. */
        return (u32)c->args[0] == 37 ? (u64)(int64_t)(int32_t)remote_u32(r, c->args[1]) : c->args[1];
    case OP_URING:
        if (arg == URING_FLAGS)
            return map_value(remote_u32(r, c->args[1] + 8), MAP_IO_URING_SETUP_FLAGS);
        return map_value(remote_u32(r, c->args[1] + 20), MAP_IO_URING_SETUP_FEATS);
    case OP_QUOTA:
        return quota_value(c, arg);
    }
    return 0;
}

#include "param_texts.h"

/* ---- events ---- */

uint32_t event_call(uint8_t *to, uint64_t ts, uint64_t tid, unsigned index, unsigned sc, struct call *c) {
    const volatile struct tsdig_plan *plan = &tsdig_plans[index];
    u32 n = plan->nparams, off = EVENT_HEADER + 2 * n;
    u32 unread = c->unreadable;
    c->life = plan->prio == TSDIG_PRIO_LIFE;
    c->rest = 0;
    for (u32 i = 0; i < n; i++) {
        u32 op = tsdig_ops[plan->first_op + i];
        u32 kind = op & 0xff;
        u32 len = op >> 16 & 0xff;
        if (kind <= OP_LAST_VALUE) {
            u64 v;
            if (kind == OP_RET)
                v = (u64)c->ret;
            else if (kind == OP_ARG)
                v = c->args[(op >> 8 & 7) % 6];
            else if (kind == OP_SARG)
                v = (u64)(int64_t)(int32_t)c->args[(op >> 8 & 7) % 6];
            else if (kind == OP_SC)
                v = sc;
            else if (kind == OP_NR)
                v = c->nr;
            else if (kind == OP_CONST)
                v = op >> 24;
            else
                v = param_value(c, op);
            memcpy(to + off, &v, 8);
        } else {
            len = param_text(c, op, to + off);
        }
        uint16_t short_len = (uint16_t)len;
        memcpy(to + EVENT_HEADER + 2 * i, &short_len, 2);
        off += len;
        if (off > TSDIG_MAX_EVENT)
            return 0;
    }
    /* Better without parameters than with an unreadable one: the exit event has them. */
    if ((plan->flags & TSDIG_PLAN_OPTIONAL) && c->unreadable != unread) {
        n = 0;
        off = EVENT_HEADER;
    }
    event_header(to, ts, tid, off, plan->type, n);
    return off;
}

bool event_next_message(struct call *c, unsigned plan, uint32_t done) {
    /* Later than the call the counts of bytes are those of some other call. */
    if (!c->exit || !c->settled || !(tsdig_plans[plan].flags & TSDIG_PLAN_MESSAGES))
        return false;
    if (done >= TSDIG_MAX_MESSAGES || (int64_t)done >= c->ret)
        return false;
    c->args[1] += TSDIG_MESSAGE_STEP(c->who.compat);
    return true;
}
