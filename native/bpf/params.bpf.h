/*
 * How single parameters are got that are more than a plain argument. Two functions, both verified on
 * their own: `param_value` gives a number, `param_text` writes bytes into the record and gives their count.
 */
#ifndef TSDIG_PARAMS_H
#define TSDIG_PARAMS_H

/* The parts of an op, and what it is about: an argument of the call. */
#define OP_ARG_OF(op) (((op) >> 8) & 0xff)
#define OP_EXTRA_OF(op) ((op) >> 24)
#define ARG(r, i) ((r)->args[(i)&7])

#include "files.bpf.h"
#include "tasks.bpf.h"
#include "user_memory.bpf.h"
#include "sockets.bpf.h"
#include "process.bpf.h"

#define FMODE_CREATED 0x100000

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
        return sockaddr_text(off, a, ARG(r, extra));
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

/* What a msghdr points to. Apart for the sake of the limit on stacks. */
__noinline u32 message_text(u32 op, u32 off) {
    struct tsdig_region *r = region_get();
    if (!r)
        return 0;
    u64 a = ARG(r, OP_ARG_OF(op));
    u64 got = r->ret > 0 ? r->ret : 0;
    u32 kind = op & 0xff;
    if ((kind == OP_CONTROL && r->ret < 0) || (kind == OP_MMSGR && !got))
        return 0;
    struct user_msghdr m = {};
    read_msghdr(r, a, &m);
    if (kind == OP_CONTROL)
        return data_user(r, off, m.control, m.controllen);
    if (!got && kind != OP_MSGR)
        got = cfg.snaplen;
    else if (kind != OP_MSGR && kind != OP_MSGW)
        got = user_u32(a + TSDIG_MESSAGE_DONE(r->compat));
    return data_iov(off, m.iov, m.iovlen, got);
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
    case OP_MSGW:
    case OP_MMSGR:
    case OP_MMSGW:
    case OP_CONTROL:
        return message_text(op, off);
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
