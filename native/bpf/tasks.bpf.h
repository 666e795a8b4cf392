/* What a task is: its numbers, memory, rights and program. */
#ifndef TSDIG_TASKS_H
#define TSDIG_TASKS_H

#include "files.bpf.h"

static __always_inline void vm_sizes(struct mm_struct *mm, u32 *size, u32 *rss, u32 *swap) {
    s64 count[4];
    if (bpf_core_field_exists(struct mm_struct___counts, rss_stat.count)) {
        struct mm_struct___counts *m = (void *)mm;
        count[0] = BPF_CORE_READ(m, rss_stat.count[0].counter);
        count[1] = BPF_CORE_READ(m, rss_stat.count[1].counter);
        count[2] = BPF_CORE_READ(m, rss_stat.count[2].counter);
        count[3] = BPF_CORE_READ(m, rss_stat.count[3].counter);
    } else {
        struct mm_struct___percpu *m = (void *)mm;
        count[0] = BPF_CORE_READ(m, rss_stat[0].count);
        count[1] = BPF_CORE_READ(m, rss_stat[1].count);
        count[2] = BPF_CORE_READ(m, rss_stat[2].count);
        count[3] = BPF_CORE_READ(m, rss_stat[3].count);
    }
    s64 pages = count[0] + count[1] + count[3];
    *size = BPF_CORE_READ(mm, total_vm) << 2;
    *rss = pages < 0 ? 0 : pages << 2;
    *swap = count[2] < 0 ? 0 : count[2] << 2;
}

/* The number of `pid` in the namespace at `level`. */
static __always_inline s64 pid_at(struct pid *pid, u32 level) {
    struct upid id = {};
    u64 base = (u64)__builtin_preserve_access_index(&pid->numbers[0]);
    bpf_probe_read_kernel(&id, sizeof(id), (void *)(base + (level & 63) * bpf_core_type_size(struct upid)));
    return id.nr;
}

/* Who will adopt the children of a task that exits; 0: it has none, -1: not known here. */
static __always_inline s64 reaper_of(struct task_struct *task) {
    struct list_head *first = BPF_CORE_READ(task, children.next);
    if ((u64)first == (u64)task + bpf_core_field_offset(struct task_struct, children))
        return 0;
    if (BPF_CORE_READ(task, signal, nr_threads) > 1)
        return -1;
    struct pid *pid = BPF_CORE_READ(task, thread_pid);
    u32 level = BPF_CORE_READ(pid, level);
    struct task_struct *parent = BPF_CORE_READ(task, real_parent);
#pragma unroll
    for (int i = 0; i < 4; i++) {
        struct signal_struct *signal = BPF_CORE_READ(parent, signal);
        if (BPF_CORE_READ_BITFIELD_PROBED(signal, is_child_subreaper))
            return BPF_CORE_READ(parent, pid);
        if (BPF_CORE_READ(parent, pid) <= 1)
            break;
        parent = BPF_CORE_READ(parent, real_parent);
    }
    struct pid_namespace *ns = 0;
    u64 base = (u64)__builtin_preserve_access_index(&pid->numbers[0]);
    struct upid *id = (void *)(base + (level & 63) * bpf_core_type_size(struct upid));
    ns = BPF_CORE_READ(id, ns);
    return BPF_CORE_READ(ns, child_reaper, pid);
}

static __always_inline u64 exe_flags(struct task_struct *task) {
    struct file *file = BPF_CORE_READ(task, mm, exe_file);
    if (!file)
        return 0;
    struct inode *inode = BPF_CORE_READ(file, f_inode);
    const struct cred *cred = BPF_CORE_READ(task, cred);
    u32 mode = BPF_CORE_READ(inode, i_mode);
    u64 flags = 0;
    u32 uid = BPF_CORE_READ(cred, fsuid.val);
    u64 caps = 0;
    bpf_core_read(&caps, sizeof(caps), &cred->cap_effective);
    bool may = mode & 02;
    if (uid == BPF_CORE_READ(inode, i_uid.val))
        may = mode & 0200;
    else if (BPF_CORE_READ(cred, fsgid.val) == BPF_CORE_READ(inode, i_gid.val))
        may = mode & 020;
    if (may || (caps & 2)) /* CAP_DAC_OVERRIDE */
        flags |= 1;
    u32 layer = layer_of(file);
    flags |= layer == 1 ? 2 : layer == 2 ? 8 : 0;
    char name[8] = {};
    bpf_probe_read_kernel(name, 6, BPF_CORE_READ(file, f_path.dentry, d_name.name));
    if (BPF_CORE_READ(inode, i_nlink) == 0 && *(u64 *)name == 0x3a64666d656dull) /* "memfd:" */
        flags |= 4;
    return flags;
}

__noinline u64 task_value(u32 which) {
    struct tsdig_region *r = region_get();
    if (!r)
        return 0;
    struct task_struct *task = (void *)r->task;
    struct pid *pid = BPF_CORE_READ(task, thread_pid);
    u32 level = BPF_CORE_READ(pid, level);
    switch (which) {
    case TASK_TID:
        return (s64)BPF_CORE_READ(task, pid);
    case TASK_PID:
        return (s64)BPF_CORE_READ(task, tgid);
    case TASK_PTID:
        return (s64)BPF_CORE_READ(task, real_parent, pid);
    case TASK_FDLIMIT:
        return BPF_CORE_READ(task, signal, rlim[7].rlim_cur);
    case TASK_MAJFLT:
        return BPF_CORE_READ(task, maj_flt);
    case TASK_MINFLT:
        return BPF_CORE_READ(task, min_flt);
    case TASK_VTID:
        return pid_at(pid, level);
    case TASK_VPID:
        return pid_at(BPF_CORE_READ(task, group_leader, thread_pid), level);
    case TASK_PIDNS: {
        if (r->ret != 0)
            return 0;
        u64 base = (u64)__builtin_preserve_access_index(&pid->numbers[0]);
        struct upid *id = (void *)(base + (level & 63) * bpf_core_type_size(struct upid));
        return BPF_CORE_READ(id, ns, child_reaper, start_time);
    }
    case TASK_TTY: {
        struct tty_struct *tty = BPF_CORE_READ(task, signal, tty);
        if (!tty)
            return 0;
        u32 minor = BPF_CORE_READ(tty, driver, minor_start) + BPF_CORE_READ(tty, index);
        return (minor & 0xff) | ((u32)BPF_CORE_READ(tty, driver, major) << 8) | ((minor & ~0xffu) << 12);
    }
    case TASK_VPGID:
        return pid_at(BPF_CORE_READ(task, signal, pids[PIDTYPE_PGID]), level);
    case TASK_PGID:
        return pid_at(BPF_CORE_READ(task, signal, pids[PIDTYPE_PGID]), 0);
    case TASK_LOGINUID:
        return bpf_core_field_exists(task->loginuid) ? BPF_CORE_READ(task, loginuid.val) : 0xffffffff;
    case TASK_EXEFLAGS:
        return exe_flags(task);
    }
    return 0;
}

static __always_inline u64 cred_value(struct tsdig_region *r, u32 which) {
    struct task_struct *task = (void *)r->task;
    const struct cred *cred = BPF_CORE_READ(task, cred);
    /* A capability set is 64 bits, as two words before 6.3 and as one since. */
    u64 caps = 0;
    switch (which) {
    case CRED_EUID:
        return BPF_CORE_READ(cred, euid.val);
    case CRED_EGID:
        return BPF_CORE_READ(cred, egid.val);
    case CRED_INH:
        bpf_core_read(&caps, sizeof(caps), &cred->cap_inheritable);
        break;
    case CRED_PRM:
        bpf_core_read(&caps, sizeof(caps), &cred->cap_permitted);
        break;
    case CRED_EFF:
        bpf_core_read(&caps, sizeof(caps), &cred->cap_effective);
        break;
    }
    return caps;
}

static __always_inline u64 exe_inode_value(struct tsdig_region *r, u32 which) {
    struct task_struct *task = (void *)r->task;
    struct file *file = BPF_CORE_READ(task, mm, exe_file);
    if (!file)
        return 0;
    struct inode *inode = BPF_CORE_READ(file, f_inode);
    if (which == EXE_INO_INO)
        return BPF_CORE_READ(inode, i_ino);
    bool changed = which == EXE_INO_CTIME;
    s64 sec = 0, ns = 0;
    struct timespec64 t = {};
    if (bpf_core_field_exists(struct inode___split, i_mtime_sec)) {
        struct inode___split *i = (void *)inode;
        sec = changed ? BPF_CORE_READ(i, i_ctime_sec) : BPF_CORE_READ(i, i_mtime_sec);
        ns = changed ? BPF_CORE_READ(i, i_ctime_nsec) : BPF_CORE_READ(i, i_mtime_nsec);
        return sec * 1000000000 + ns;
    }
    if (bpf_core_field_exists(struct inode___2both, __i_mtime)) {
        struct inode___2both *i = (void *)inode;
        t = changed ? BPF_CORE_READ(i, __i_ctime) : BPF_CORE_READ(i, __i_mtime);
    } else if (bpf_core_field_exists(struct inode___2ctime, __i_ctime)) {
        struct inode___2ctime *i = (void *)inode;
        t = changed ? BPF_CORE_READ(i, __i_ctime) : BPF_CORE_READ(i, i_mtime);
    } else {
        struct inode___timespec *i = (void *)inode;
        t = changed ? BPF_CORE_READ(i, i_ctime) : BPF_CORE_READ(i, i_mtime);
    }
    return t.tv_sec * 1000000000 + t.tv_nsec;
}

#endif
