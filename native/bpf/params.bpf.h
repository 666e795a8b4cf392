/*
 * How single parameters are got that are more than a plain argument. Two functions, both verified on
 * their own: `param_value` gives a number, `param_text` writes bytes into the record and gives their count.
 */
#ifndef TSDIG_PARAMS_H
#define TSDIG_PARAMS_H

#define OP_ARG_OF(op) (((op) >> 8) & 0xff)
#define OP_EXTRA_OF(op) ((op) >> 24)
#define ARG(r, i) ((r)->args[(i)&7])
#define EINPROGRESS 115
#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define OVERLAYFS_SUPER_MAGIC 0x794c7630
#define FMODE_CREATED 0x100000

/* ---- files and sockets ---- */

static __always_inline struct file *file_of(s32 fd) {
    struct task_struct *task = (struct task_struct *)bpf_get_current_task_btf();
    if (fd < 0)
        return 0;
    struct fdtable *table = BPF_CORE_READ(task, files, fdt);
    u32 max = BPF_CORE_READ(table, max_fds);
    if ((u32)fd >= max)
        return 0;
    struct file **slots = BPF_CORE_READ(table, fd);
    struct file *file = 0;
    bpf_probe_read_kernel(&file, sizeof(file), slots + fd);
    return file;
}

static __always_inline struct sock *sock_of(s32 fd) {
    struct file *file = file_of(fd);
    if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
        return 0;
    struct socket *socket = BPF_CORE_READ(file, private_data);
    return BPF_CORE_READ(socket, sk);
}

/* The kernel's dev_t as the format stores it. */
static __always_inline u32 device_of(u32 dev) {
    u32 major = dev >> 20, minor = dev & 0xfffff;
    return (minor & 0xff) | (major << 8) | ((minor & ~0xffu) << 12);
}

/* 1: on the upper layer of an overlay, 2: on a lower one, 0: no overlay. */
static __always_inline u32 layer_of(struct file *file) {
    struct inode *inode = BPF_CORE_READ(file, f_inode);
    if (BPF_CORE_READ(inode, i_sb, s_magic) != OVERLAYFS_SUPER_MAGIC)
        return 0;
    /* overlayfs keeps the upper dentry right behind the inode; its own BTF may be in a module. */
    u64 upper = 0;
    bpf_probe_read_kernel(&upper, sizeof(upper), (void *)inode + bpf_core_type_size(struct inode));
    return upper ? 1 : 2;
}

/* ---- memory and tasks ---- */

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

/* ---- user memory ---- */

static __always_inline u64 user_u64(u64 at) {
    u64 v = 0;
    bpf_probe_read_user(&v, sizeof(v), (void *)at);
    return v;
}
static __always_inline u32 user_u32(u64 at) {
    u32 v = 0;
    bpf_probe_read_user(&v, sizeof(v), (void *)at);
    return v;
}
/* A pointer or long of the calling program. */
static __always_inline u64 user_long(struct tsdig_region *r, u64 at, u32 index) {
    return r->compat ? user_u32(at + index * 4) : user_u64(at + index * 8);
}

static __always_inline void read_iovec(struct tsdig_region *r, u64 at, u32 index, struct user_iovec *v) {
    if (r->compat) {
        struct user_iovec32 v32 = {};
        bpf_probe_read_user(&v32, sizeof(v32), (void *)(at + index * 8));
        v->base = v32.base;
        v->len = v32.len;
    } else {
        bpf_probe_read_user(v, sizeof(*v), (void *)(at + index * 16));
    }
}

static __always_inline void read_msghdr(struct tsdig_region *r, u64 at, struct user_msghdr *m) {
    if (r->compat) {
        struct user_msghdr32 m32 = {};
        bpf_probe_read_user(&m32, sizeof(m32), (void *)at);
        m->name = m32.name;
        m->namelen = m32.namelen;
        m->iov = m32.iov;
        m->iovlen = m32.iovlen;
        m->control = m32.control;
        m->controllen = m32.controllen;
    } else {
        bpf_probe_read_user(m, sizeof(*m), (void *)at);
    }
}

__noinline u64 iov_total(u64 at, u32 count) {
    struct tsdig_region *r = region_get();
    if (!r)
        return 0;
    volatile u32 *total = &r->left;
    *total = 0;
    for (u32 i = 0; i < 32; i++) {
        struct user_iovec v = {};
        if (i >= count)
            break;
        read_iovec(r, at, i, &v);
        *total += v.len;
    }
    return *total;
}

/* ---- numbers ---- */

static __always_inline u64 open_flags(struct tsdig_region *r, u64 kernel_flags) {
    u64 v = map_value((u32)kernel_flags, MAP_OPEN_FLAGS);
    struct file *file = r->ret >= 0 ? file_of(r->ret) : 0;
    if (file) {
        if (BPF_CORE_READ(file, f_mode) & FMODE_CREATED)
            v |= 0x4000;
        v |= (u64)layer_of(file) << 15;
    }
    return v;
}

static __always_inline u64 timespec_ns(struct tsdig_region *r, u64 at) {
    if (!at)
        return 0;
    if (r->compat == TSDIG_COMPAT_TIME64)
        return user_u64(at) * 1000000000 + user_u64(at + 8);
    return user_long(r, at, 0) * 1000000000 + user_long(r, at, 1);
}

__noinline u64 quota_value(u32 which) {
    struct tsdig_region *r = region_get();
    if (!r)
        return 0;
    u32 raw = r->args[0], sub = raw >> 8;
    u64 at = ARG(r, 3);
    bool block = sub == 0x800007 || sub == 0x800008, info = sub == 0x800005 || sub == 0x800006;
    /* Offsets in if_dqblk and if_dqinfo, as the system call interface fixes them. */
    switch (which) {
    case 0:
        return map_value(sub, MAP_QUOTACTL_CMD);
    case 1:
        return map_value(raw & 0xff, MAP_QUOTACTL_TYPE);
    case 2:
        return block || sub == 0x5803 || sub == 0x5804 ? ARG(r, 2) : 0;
    case 3:
        return sub == 0x800002 ? map_value(ARG(r, 2), MAP_QUOTACTL_FMT) : 1;
    case 4:
    case 5:
    case 6:
    case 7:
    case 8:
        return block ? user_u64(at + 8 * (which - 4)) : 0;
    case 9:
    case 10:
        return block ? user_u64(at + 8 * (which - 3)) : 0;
    case 11:
        return info ? user_u64(at) : 0;
    case 12:
        return info ? user_u64(at + 8) : 0;
    case 13:
        return info ? user_u32(at + 16) : 0;
    case 14:
        return sub == 0x800004 ? map_value(user_u32(at), MAP_QUOTACTL_FMT) : 1;
    }
    return 0;
}

/* prctl: PR_SET_NAME and PR_GET_NAME have a string. */
static __always_inline bool prctl_names(struct tsdig_region *r) {
    u32 option = r->args[0];
    return option == 15 || option == 16;
}

__noinline u64 param_value(u32 op) {
    struct tsdig_region *r = region_get();
    if (!r)
        return 0;
    u32 arg = OP_ARG_OF(op), extra = OP_EXTRA_OF(op);
    u64 a = ARG(r, arg);
    switch (op & 0xff) {
    case OP_MAP:
        return map_value((u32)a, extra);
    case OP_MASK:
        return a & 07777;
    case OP_RETS32:
        return (u32)r->ret;
    case OP_RETSIZE:
        return r->ret > 0 ? r->ret : 0;
    case OP_POS:
        /* 32-bit programs pass an offset as two halves, low first; _llseek high first. */
        if (!r->compat)
            return a;
        return r->nr == 490 ? a << 32 | ARG(r, arg + 1) : a | ARG(r, arg + 1) << 32;
    case OP_DEREF32:
        return a ? user_u32(a + extra) : 0;
    case OP_DEREF64:
        return !a ? 0 : r->compat ? user_u32(a) : user_u64(a);
    case OP_IOVSIZE:
        return iov_total(a, ARG(r, extra));
    case OP_MSGSIZE: {
        struct user_msghdr m = {};
        read_msghdr(r, a, &m);
        return iov_total(m.iov, m.iovlen);
    }
    case OP_MMSG: {
        struct user_msghdr m = {};
        if (arg == 0) /* bytes of the message */
            return r->ret > 0 ? user_u32(ARG(r, 1) + TSDIG_MESSAGE_DONE(r->compat)) : r->ret;
        read_msghdr(r, a, &m);
        return r->ret > 0 ? user_u32(a + TSDIG_MESSAGE_DONE(r->compat)) : iov_total(m.iov, m.iovlen);
    }
    case OP_TIMESPEC:
        return timespec_ns(r, a);
    case OP_SIGSET:
        return a ? user_u32(a) : 0;
    case OP_OPENMODE:
        /* O_CREAT, O_TMPFILE */
        return (a & 0100) || (a & 020000000) ? ARG(r, extra) & 07777 : 0;
    case OP_OPENFLAGSX:
        return open_flags(r, a);
    case OP_HOW: {
        struct user_open_how how = {};
        bpf_probe_read_user(&how, sizeof(how), (void *)ARG(r, 2));
        if (arg == HOW_FLAGS)
            return extra ? open_flags(r, how.flags) : map_value((u32)how.flags, MAP_OPEN_FLAGS);
        if (arg == HOW_MODE)
            return (how.flags & 0100) || (how.flags & 020000000) ? how.mode & 07777 : 0;
        return map_value(how.resolve, MAP_OPENAT2_RESOLVE);
    }
    case OP_DEV: {
        struct file *file = file_of(r->ret < 0 ? -1 : r->ret);
        return file ? device_of(BPF_CORE_READ(file, f_inode, i_sb, s_dev)) : 0;
    }
    case OP_INO: {
        struct file *file = file_of(r->ret < 0 ? -1 : r->ret);
        return file ? BPF_CORE_READ(file, f_inode, i_ino) : 0;
    }
    case OP_LAYERS: {
        struct file *file = file_of(r->ret < 0 ? -1 : r->ret);
        return file ? layer_of(file) : 0;
    }
    case OP_SV:
        return r->ret < 0 ? -1 : (s64)(s32)user_u32(ARG(r, 3) + 4 * (arg & 1));
    case OP_SVSOCK: {
        if (r->ret < 0)
            return 0;
        struct sock *sk = sock_of(user_u32(ARG(r, 3)));
        if (arg == 0 || !sk)
            return (u64)sk;
        return (u64)BPF_CORE_READ((struct unix_sock *)sk, peer);
    }
    case OP_PIPEFD:
        return r->ret < 0 ? -1 : (s64)(s32)user_u32(ARG(r, 0) + 4 * (arg & 1));
    case OP_PIPEINO: {
        struct file *file = r->ret < 0 ? 0 : file_of(user_u32(ARG(r, 0)));
        return file ? BPF_CORE_READ(file, f_inode, i_ino) : 0;
    }
    case OP_QUEUE: {
        struct sock *sk = sock_of(ARG(r, 0));
        if (!sk || r->ret < 0)
            return 0;
        u32 len = BPF_CORE_READ(sk, sk_ack_backlog), max = BPF_CORE_READ(sk, sk_max_ack_backlog);
        return arg == QUEUE_LEN ? len : arg == QUEUE_MAX ? max : max ? len * 100 / max : 0;
    }
    case OP_OPTNAME:
        return ARG(r, 1) == 1 ? map_value((u32)ARG(r, 2), MAP_SOCKOPT_OPTNAME) : 0;
    case OP_RLIMIT:
        return r->ret != 0 ? -1 : (s64)user_long(r, a, extra);
    case OP_RLIMITSET:
        return a ? user_long(r, a, extra) : 0;
    case OP_RLIMITNEW:
        return a ? user_u64(a + 8 * extra) : 0;
    case OP_RLIMITOLD:
        return r->ret != 0 ? -1 : a ? (s64)user_u64(a + 8 * extra) : 0;
    case OP_VM: {
        struct task_struct *task = (void *)r->task;
        struct mm_struct *mm = BPF_CORE_READ(task, mm);
        u32 size = 0, rss = 0, swap = 0;
        if (mm)
            vm_sizes(mm, &size, &rss, &swap);
        return arg == VM_SIZE ? size : arg == VM_RSS ? rss : swap;
    }
    case OP_TASK:
        return task_value(arg);
    case OP_CRED:
        return cred_value(r, arg);
    case OP_EXE_INO:
        return exe_inode_value(r, arg);
    case OP_CLONEFLAGS: {
        /* arg: 0 clone, 1 clone3, 2 fork, 3 vfork */
        struct task_struct *task = (void *)r->task;
        u64 flags = arg == 0 ? a : arg == 1 ? user_u64(ARG(r, 0)) : 0;
        u64 v = map_value((u32)flags, MAP_CLONE_FLAGS);
        struct pid *pid = BPF_CORE_READ(task, thread_pid);
        u32 level = BPF_CORE_READ(pid, level);
        if (level || (r->ret > 0 && BPF_CORE_READ(task, nsproxy, pid_ns_for_children, level) != level))
            v |= 0x20000000;
        return v;
    }
    case OP_SEMBUF: {
        u32 index = arg / 3, part = arg % 3;
        if (r->ret < 0 || index >= (u32)ARG(r, 2))
            return 0;
        u64 v = user_u64(ARG(r, 1) + 6 * index) >> (16 * part);
        return part == 2 ? map_value(v & 0xffff, MAP_SEMOP_FLAGS) : v & 0xffff;
    }
    case OP_SEMVAL:
        return (u32)ARG(r, 2) == 16 ? ARG(r, 3) : 0;
    case OP_MOUNTFLAGS:
        return (a & 0xffff0000) == 0xc0ed0000 ? a & 0xffff : a;
    case OP_MKNODMODE: {
        u32 type = a & S_IFMT;
        bool known =
            type == 0010000 || type == 0020000 || type == 0060000 || type == 0100000 || type == S_IFSOCK;
        return (a & 07777) | (type == 0 ? 0100000 : known ? type : 0);
    }
    case OP_PRCTLARG:
        if (prctl_names(r))
            return 0;
        /* PR_GET_CHILD_SUBREAPER answers through the pointer. */
        return (u32)ARG(r, 0) == 37 ? (s64)(s32)user_u32(ARG(r, 1)) : ARG(r, 1);
    case OP_URING:
        /* struct io_uring_params: flags and features. */
        if (arg == URING_FLAGS)
            return map_value(user_u32(ARG(r, 1) + 8), MAP_IO_URING_SETUP_FLAGS);
        return map_value(user_u32(ARG(r, 1) + 20), MAP_IO_URING_SETUP_FEATS);
    case OP_QUOTA:
        return quota_value(arg);
    }
    return 0;
}

/* ---- texts ---- */

static __always_inline u32 text_na(struct tsdig_region *r, u32 off) {
    store4(region_record(r), off, 0x3e414e3c); /* <NA> */
    store1(region_record(r), off + 4, 0);
    return 5;
}

static __always_inline u32 text_user(struct tsdig_region *r, u32 off, u64 at) {
    if (!at)
        return text_na(r, off);
    long n = bpf_probe_read_user_str(record_at(region_record(r), off), TSDIG_MAX_PATH, (void *)at);
    if (n <= 0) {
        r->unreadable++;
        r->unread++;
        return text_na(r, off);
    }
    return n & 0x1fff;
}

/* Copies `n` bytes of user memory, at most what is kept of a buffer. */
static __always_inline u32 data_user(struct tsdig_region *r, u32 off, u64 at, u64 n) {
    if (n > cfg.snaplen)
        n = cfg.snaplen;
    /* What follows must fit, too. */
    if (off + n > TSDIG_MAX_EVENT - 512)
        n = off < TSDIG_MAX_EVENT - 512 ? TSDIG_MAX_EVENT - 512 - off : 0;
    if (n == 0 || at == 0)
        return 0;
    opaque(n);
    n &= 0xffff;
    if (bpf_probe_read_user(record_at(region_record(r), off), n, (void *)at) != 0) {
        r->unreadable++;
        return 0;
    }
    return n;
}

__noinline u32 data_iov(u32 off, u64 at, u32 count, u64 limit) {
    struct tsdig_region *r = region_get();
    if (!r)
        return 0;
    volatile u32 *left = &r->left, *done = &r->cursor;
    *left = limit < cfg.snaplen ? limit : cfg.snaplen;
    *done = 0;
    for (u32 i = 0; i < 32; i++) {
        struct user_iovec v = {};
        u32 room = *left;
        if (i >= count || room == 0)
            break;
        read_iovec(r, at, i, &v);
        u64 n = v.len < room ? v.len : room;
        if (n == 0)
            continue;
        u32 got = data_user(r, off + *done, v.base, n);
        if (got == 0)
            break;
        *done += got;
        *left = room - got;
    }
    return *done;
}

/* The path in a unix address of the program. Its length ends it where no NUL does; a name without a file
 * begins behind its first byte. */
static __always_inline u32 unix_given(struct tsdig_region *r, u32 off, u64 at, u32 len) {
    void *to = record_at(region_record(r), off);
    u8 first = 0;
    if (len > 110)
        len = 110;
    if (len > 2)
        bpf_probe_read_user(&first, 1, (void *)(at + 2));
    u32 skip = len > 2 && first == 0 ? 3 : 2;
    u64 n = len > skip ? len - skip : 0;
    opaque(n);
    n &= 0x7f;
    store1(region_record(r), off, 0);
    if (n == 0 || bpf_probe_read_user(to, n, (void *)(at + skip)) != 0)
        return 1;
    long got = bpf_probe_read_kernel_str(to, n + 1, to);
    return got > 0 ? got & 0xff : 1;
}

static __always_inline u32 sockaddr_user(struct tsdig_region *r, u32 off, u64 at, u32 len) {
    u8 buf[112] = {};
    if (!at || len < 2)
        return 0;
    if (len > 110)
        len = 110;
    opaque(len);
    len &= 0x7f;
    if (len > 110)
        return 0;
    if (bpf_probe_read_user(buf, len, (void *)at) != 0)
        return 0;
    u16 family = *(u16 *)buf;
    store1(region_record(r), off, family);
    if (family == 2 && len >= 8) {
        store4(region_record(r), off + 1, *(u32 *)(buf + 4));
        store2(region_record(r), off + 5, __builtin_bswap16(*(u16 *)(buf + 2)));
        return 7;
    }
    if (family == 10 && len >= 24) {
        store8(region_record(r), off + 1, *(u64 *)(buf + 8));
        store8(region_record(r), off + 9, *(u64 *)(buf + 16));
        store2(region_record(r), off + 17, __builtin_bswap16(*(u16 *)(buf + 2)));
        return 19;
    }
    if (family == 1)
        return 1 + unix_given(r, off + 1, at, len);
    return 0;
}

/* The path a unix socket is bound to; just a NUL when it has none. */
static __always_inline u32 unix_path(struct tsdig_region *r, u32 off, struct sock *sk) {
    struct unix_address *addr = sk ? BPF_CORE_READ((struct unix_sock *)sk, addr) : 0;
    if (!addr || BPF_CORE_READ(addr, len) <= 2) {
        store1(region_record(r), off, 0);
        return 1;
    }
    u64 path = (u64)__builtin_preserve_access_index(&addr->name[0].sun_path);
    u64 n = BPF_CORE_READ(addr, len) - 2;
    char first = 0;
    bpf_probe_read_kernel(&first, 1, (void *)path);
    if (first == 0) {
        path++;
        n--;
    }
    opaque(n);
    n &= 0x7f;
    long got = bpf_probe_read_kernel_str(record_at(region_record(r), off), n + 1, (void *)path);
    return got > 0 ? got & 0xff : 1;
}

/* mode: 0 fd in arg0; 1 connect; 2 accept, the fd is the result; 3 address in arg4; 4 address in the message
 */
__noinline u32 socket_tuple(u32 off, u32 inbound, u32 mode) {
    struct tsdig_region *r = region_get();
    if (!r)
        return 0;
    if (mode == 1 && r->ret != 0 && r->ret != -EINPROGRESS)
        return 0;
    if ((mode == 2 || inbound) && r->ret < 0)
        return 0;
    struct sock *sk = sock_of(mode == 2 ? r->ret : r->args[0]);
    if (!sk)
        return 0;
    u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
    u64 name = 0;
    u32 name_len = 0;
    if (mode == 3) {
        name = r->args[4];
        name_len = r->args[5];
    } else if (mode == 4) {
        struct user_msghdr m = {};
        read_msghdr(r, r->args[1], &m);
        name = m.name;
        name_len = m.namelen;
    }
    void *rec = region_record(r);
    store1(rec, off, family);
    if (family == 1) {
        struct sock *peer = BPF_CORE_READ((struct unix_sock *)sk, peer);
        store8(rec, off + 1, inbound ? (u64)sk : (u64)peer);
        store8(rec, off + 9, inbound ? (u64)peer : (u64)sk);
        if (!peer && !inbound && name)
            return 17 + unix_given(r, off + 17, name, name_len);
        return 17 + unix_path(r, off + 17, inbound ? sk : peer);
    }
    if (family != 2 && family != 10)
        return 0;
    u16 lport = BPF_CORE_READ(sk, __sk_common.skc_num);
    u16 rport = __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_dport));
    if (rport != 0)
        name = 0;
    u64 given[4] = {}; /* sockaddr_in6 */
    u16 given_family = 0;
    if (name && bpf_probe_read_user(given, 28, (void *)name) == 0) {
        given_family = given[0] & 0xffff;
        if (given_family == family)
            rport = __builtin_bswap16(given[0] >> 16);
    }
    if (family == 2) {
        u32 local = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
        u32 remote = BPF_CORE_READ(sk, __sk_common.skc_daddr);
        if (given_family == 2)
            remote = given[0] >> 32;
        store4(rec, off + 1, inbound ? remote : local);
        store2(rec, off + 5, inbound ? rport : lport);
        store4(rec, off + 7, inbound ? local : remote);
        store2(rec, off + 11, inbound ? lport : rport);
        return 13;
    }
    u64 local[2] = {}, remote[2] = {};
    BPF_CORE_READ_INTO(&local, sk, __sk_common.skc_v6_rcv_saddr);
    BPF_CORE_READ_INTO(&remote, sk, __sk_common.skc_v6_daddr);
    if (given_family == 10) {
        remote[0] = given[1];
        remote[1] = given[2];
    }
    u32 l = off + (inbound ? 19 : 1), m = off + (inbound ? 1 : 19);
    store8(rec, l, local[0]);
    store8(rec, l + 8, local[1]);
    store2(rec, l + 16, lport);
    store8(rec, m, remote[0]);
    store8(rec, m + 8, remote[1]);
    store2(rec, m + 16, rport);
    return 37;
}

__noinline u32 poll_list(u32 off, u32 exit) {
    struct tsdig_region *r = region_get();
    if (!r)
        return 0;
    u32 count = r->args[1];
    u64 at = r->args[0];
    void *rec = region_record(r);
    volatile u32 *done = &r->cursor;
    *done = 0;
    for (u32 i = 0; i < 16; i++) {
        u64 entry = 0;
        if (i >= count)
            break;
        if (bpf_probe_read_user(&entry, 8, (void *)(at + i * 8)) != 0)
            break;
        u64 events = exit ? entry >> 48 : (entry >> 32) & 0xffff;
        store8(rec, off + 2 + i * 10, (s64)(s32)entry);
        store2(rec, off + 10 + i * 10, map_value(events, MAP_POLL_EVENTS));
        *done = i + 1;
    }
    store2(rec, off, *done);
    return 2 + *done * 10;
}

__noinline u32 option_value(u32 off, u32 get) {
    struct tsdig_region *r = region_get();
    if (!r)
        return 0;
    void *rec = region_record(r);
    u32 level = r->args[1], name = r->args[2];
    u64 at = r->args[3];
    u32 len = get ? (r->args[4] ? user_u32(r->args[4]) : 0) : (u32)r->args[4];
    store1(rec, off, 0);
    if (!at)
        return 1;
    if (level == 1) {
        switch (name) {
        case 4: /* SO_ERROR */
            store1(rec, off, 1);
            store8(rec, off + 1, -(s64)(s32)user_u32(at));
            return 9;
        case 20: /* SO_RCVTIMEO, SO_SNDTIMEO and their 64-bit forms */
        case 21:
        case 66:
        case 67: {
            u64 sec = name > 60 ? user_u64(at) : user_long(r, at, 0);
            u64 us = name > 60 ? user_u64(at + 8) : user_long(r, at, 1);
            store1(rec, off, 4);
            store8(rec, off + 1, sec * 1000000000 + us * 1000);
            return 9;
        }
        case 57: /* SO_COOKIE */
            store1(rec, off, 3);
            store8(rec, off + 1, user_u64(at));
            return 9;
        case 1 ... 3:
        case 5 ... 12:
        case 15 ... 16:
        case 18 ... 19:
        case 29 ... 30:
        case 32 ... 46:
        case 49:
            if (len >= 4) {
                store1(rec, off, 2);
                store4(rec, off + 1, user_u32(at));
                return 5;
            }
        }
    }
    if (len > 240)
        len = 240;
    return 1 + data_user(r, off + 1, at, len);
}

#include "process.bpf.h"

/* Texts of enter and exit events. */
static __always_inline u32 common_text(struct tsdig_region *r, u32 op, u32 off) {
    u32 arg = OP_ARG_OF(op), extra = OP_EXTRA_OF(op);
    u64 a = ARG(r, arg);
    switch (op & 0xff) {
    case OP_STR:
        if (extra && (r->args[0] >> 8 & 0xffffff) != 0x800002) /* quotactl: a path only for Q_QUOTAON */
            return text_na(r, off);
        return text_user(r, off, a);
    case OP_SOCKADDR:
        return sockaddr_user(r, off, a, ARG(r, extra));
    case OP_TUPLE:
        return socket_tuple(off, arg == TUPLE_IN, extra);
    case OP_FDLIST:
        return poll_list(off, arg);
    }
    return 0;
}

/* Apart from param_text, so that the kernel need not verify the rest for the program of entering, too. */
__noinline u32 enter_text(u32 op, u32 off) {
    struct tsdig_region *r = region_get();
    if (!r)
        return 0;
    return common_text(r, op, off);
}

__noinline u32 param_text(u32 op, u32 off) {
    struct tsdig_region *r = region_get();
    if (!r)
        return 0;
    u32 arg = OP_ARG_OF(op), extra = OP_EXTRA_OF(op);
    u64 a = ARG(r, arg);
    u64 got = r->ret > 0 ? r->ret : 0;
    switch (op & 0xff) {
    case OP_STRRET:
        if (r->ret < 0) {
            store1(region_record(r), off, 0);
            return 1;
        }
        return text_user(r, off, a);
    case OP_DATAR:
        return data_user(r, off, a, got);
    case OP_DATAW:
        return data_user(r, off, a, got ? got : (u32)ARG(r, extra));
    case OP_IOVR:
        return data_iov(off, a, ARG(r, extra), got);
    case OP_IOVW:
        return data_iov(off, a, ARG(r, extra), got ? got : cfg.snaplen);
    case OP_MSGR:
    case OP_MSGW: {
        struct user_msghdr m = {};
        read_msghdr(r, a, &m);
        if ((op & 0xff) == OP_MSGW && !got)
            got = cfg.snaplen;
        return data_iov(off, m.iov, m.iovlen, got);
    }
    case OP_MMSGR:
    case OP_MMSGW: {
        struct user_msghdr m = {};
        if ((op & 0xff) == OP_MMSGR && !got)
            return 0;
        read_msghdr(r, a, &m);
        if (got)
            got = user_u32(a + TSDIG_MESSAGE_DONE(r->compat));
        else
            got = cfg.snaplen;
        return data_iov(off, m.iov, m.iovlen, got);
    }
    case OP_CONTROL: {
        struct user_msghdr m = {};
        if (r->ret < 0)
            return 0;
        read_msghdr(r, a, &m);
        return data_user(r, off, m.control, m.controllen);
    }
    case OP_OPTVAL:
        return option_value(off, extra);
    case OP_PTADDR:
        store1(region_record(r), off, 0);
        store8(region_record(r), off + 1, r->ret < 0 ? 0 : a);
        return 9;
    case OP_PTDATA: {
        u32 request = r->args[0];
        store1(region_record(r), off, 0);
        if (r->ret < 0) {
            store8(region_record(r), off + 1, 0);
        } else if (request >= 1 && request <= 3) {
            store8(region_record(r), off + 1, user_long(r, a, 0));
        } else if (request == 7 || request == 9 || request == 17 || request == 24) {
            store1(region_record(r), off, 1);
            store1(region_record(r), off + 1, a);
            return 2;
        } else {
            store8(region_record(r), off + 1, a);
        }
        return 9;
    }
    case OP_PRCTLNAME:
        return prctl_names(r) ? text_user(r, off, ARG(r, 1)) : text_empty(r, off);
    case OP_FSBYTES: /* FSCONFIG_SET_BINARY */
        return (u32)ARG(r, 1) == 2 ? data_user(r, off, ARG(r, 3), (u32)ARG(r, 4)) : 0;
    case OP_FSTEXT: { /* FSCONFIG_SET_STRING, SET_PATH, SET_PATH_EMPTY */
        u32 cmd = ARG(r, 1);
        return cmd == 1 || cmd == 3 || cmd == 4 ? text_user(r, off, ARG(r, 3)) : text_empty(r, off);
    }
    case OP_COMM: {
        struct task_struct *task = (void *)r->task;
        u64 comm = (u64)__builtin_preserve_access_index(&task->comm);
        long n = bpf_probe_read_kernel_str(record_at(region_record(r), off), 16, (void *)comm);
        return n > 0 ? n & 0x1f : 0;
    }
    case OP_STR:
    case OP_SOCKADDR:
    case OP_TUPLE:
    case OP_FDLIST:
        return common_text(r, op, off);
    default:
        return process_text(op, off);
    }
}

#endif
