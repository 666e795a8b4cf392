/*
 * The few kernel structures that the programs look into: only the members that are read, found in the
 * running kernel by name (CO-RE), so that building needs neither kernel headers nor BTF.
 * A name with three underscores (`x___old`) is another shape of `x`, of other kernel versions.
 */
#ifndef TSDIG_KERNEL_H
#define TSDIG_KERNEL_H

typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s16 s16;
typedef __s32 s32;
typedef __s64 s64;
typedef _Bool bool;
#define true 1
#define false 0

enum bpf_map_type {
    BPF_MAP_TYPE_HASH = 1,
    BPF_MAP_TYPE_ARRAY = 2,
    BPF_MAP_TYPE_LRU_HASH = 9,
    BPF_MAP_TYPE_RINGBUF = 27,
};
#define BPF_ANY 0
#define BPF_F_MMAPABLE 1024
#define BPF_RB_FORCE_WAKEUP 2

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
    unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip, cs, flags,
        sp, ss;
};
#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
    u64 regs[31], sp, pc, pstate;
};
struct pt_regs {
    u64 regs[31], sp, pc, pstate;
    u64 orig_x0;
    s32 syscallno;
};
#else
#error "no register layout for this architecture"
#endif

struct list_head {
    struct list_head *next, *prev;
};
typedef struct {
    u32 val;
} kuid_t;
typedef struct {
    u32 val;
} kgid_t;
typedef struct {
} kernel_cap_t;

struct qstr {
    u32 len;
    const unsigned char *name;
};
struct super_block;
struct inode {
    u16 i_mode;
    kuid_t i_uid;
    kgid_t i_gid;
    struct super_block *i_sb;
    unsigned long i_ino;
    u32 i_rdev;
    unsigned int i_nlink;
};
struct timespec64 {
    s64 tv_sec;
    long tv_nsec;
};
struct inode___timespec {
    struct timespec64 i_mtime, i_ctime;
};
struct inode___2ctime {
    struct timespec64 i_mtime, __i_ctime;
};
struct inode___2both {
    struct timespec64 __i_mtime, __i_ctime;
};
struct inode___split {
    s64 i_mtime_sec, i_ctime_sec;
    u32 i_mtime_nsec, i_ctime_nsec;
};
struct dentry {
    unsigned int d_flags;
    struct dentry *d_parent;
    struct qstr d_name;
    struct inode *d_inode;
    struct super_block *d_sb;
};
struct file_system_type {
    const char *name;
};
struct super_block {
    u32 s_dev;
    unsigned long s_magic;
    struct dentry *s_root;
    void *s_fs_info;
};
struct vfsmount {
    struct dentry *mnt_root;
    struct super_block *mnt_sb;
    int mnt_flags;
};
struct mount {
    struct mount *mnt_parent;
    struct dentry *mnt_mountpoint;
    struct vfsmount mnt;
};
struct path {
    struct vfsmount *mnt;
    struct dentry *dentry;
};
struct file {
    unsigned int f_mode;
    struct inode *f_inode;
    void *private_data;
    struct path f_path;
};
struct fdtable {
    unsigned int max_fds;
    struct file **fd;
};
struct files_struct {
    struct fdtable *fdt;
};
struct fs_struct {
    struct path root, pwd;
};

struct upid {
    int nr;
    struct pid_namespace *ns;
};
struct pid {
    unsigned int level;
    struct upid numbers[1];
};
struct pid_namespace {
    struct task_struct *child_reaper;
    unsigned int level;
};
struct nsproxy {
    struct pid_namespace *pid_ns_for_children;
};
struct cred {
    kuid_t uid;
    kgid_t gid;
    kuid_t euid;
    kgid_t egid;
    kuid_t fsuid;
    kgid_t fsgid;
    kernel_cap_t cap_inheritable, cap_permitted, cap_effective;
};
struct rlimit {
    unsigned long rlim_cur, rlim_max;
};
struct tty_driver {
    int major, minor_start;
};
struct tty_struct {
    int index;
    struct tty_driver *driver;
};
enum pid_type { PIDTYPE_PID, PIDTYPE_TGID, PIDTYPE_PGID, PIDTYPE_SID };
typedef struct {
    int counter;
} atomic_t;
struct signal_struct {
    atomic_t live;
    int nr_threads;
    struct pid *pids[4];
    struct tty_struct *tty;
    struct rlimit rlim[16];
    unsigned int is_child_subreaper : 1;
};

typedef struct {
    long counter;
} atomic_long_t;
struct percpu_counter {
    s64 count;
};
struct mm_struct {
    unsigned long total_vm;
    unsigned long arg_start, arg_end, env_start, env_end;
    struct file *exe_file;
};
/* Up to 6.1. The type of the member has no name here: looking for one that is gone would need more
 * privileges. */
struct mm_struct___counts {
    struct {
        atomic_long_t count[4];
    } rss_stat;
};
struct mm_struct___percpu {
    struct percpu_counter rss_stat[4];
};

struct cgroup;
struct kernfs_node {
    const char *name;
    u64 id;
};
struct kernfs_node___old {
    struct kernfs_node *parent;
};
struct kernfs_node___new {
    struct kernfs_node *__parent;
};
struct cgroup_root;
struct cgroup {
    struct kernfs_node *kn;
    struct cgroup_root *root;
};
struct cgroup_subsys {
    const char *name;
};
struct cgroup_subsys_state {
    struct cgroup *cgroup;
    struct cgroup_subsys *ss;
};
struct css_set {
    struct cgroup_subsys_state *subsys[16];
    struct cgroup *dfl_cgrp;
};
enum cgroup_subsys_id {
    cpuset_cgrp_id,
    cpu_cgrp_id,
    cpuacct_cgrp_id,
    io_cgrp_id,
    memory_cgrp_id,
    devices_cgrp_id,
    freezer_cgrp_id,
    pids_cgrp_id,
};

struct thread_info {
    unsigned long flags;
    u32 status;
};
struct task_struct {
    struct thread_info thread_info;
    unsigned int flags;
    struct mm_struct *mm;
    int exit_state, exit_code;
    int pid, tgid;
    struct task_struct *real_parent;
    struct list_head children, sibling;
    struct task_struct *group_leader;
    struct pid *thread_pid;
    u64 start_time, start_boottime;
    unsigned long min_flt, maj_flt;
    const struct cred *cred;
    char comm[16];
    struct fs_struct *fs;
    struct files_struct *files;
    struct nsproxy *nsproxy;
    struct signal_struct *signal;
    kuid_t loginuid;
    struct css_set *cgroups;
};

struct in6_addr {
    u8 s6_addr[16];
};
struct sock_common {
    __be32 skc_daddr, skc_rcv_saddr;
    __be16 skc_dport;
    u16 skc_num;
    u16 skc_family;
    struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
};
struct sock {
    struct sock_common __sk_common;
    u32 sk_ack_backlog, sk_max_ack_backlog;
    u16 sk_type, sk_protocol;
};
struct inet_sock {
    __be32 inet_saddr;
    __be16 inet_sport;
};
struct file_operations;
struct socket {
    struct file *file;
    struct sock *sk;
};
struct sockaddr_un {
    u16 sun_family;
    char sun_path[108];
};
struct unix_address {
    int len;
    struct sockaddr_un name[1];
};
struct unix_sock {
    struct unix_address *addr;
    struct sock *peer;
};

struct kernel_siginfo {
    int si_signo, si_errno, si_code;
    union {
        struct {
            int _pid;
            u32 _uid;
        } _kill;
    } _sifields;
};
#pragma clang attribute pop

/* Shapes of user memory: fixed by the system call interface, read as they are. */
struct user_iovec {
    u64 base, len;
};
struct user_iovec32 {
    u32 base, len;
};
struct user_msghdr {
    u64 name;
    u32 namelen, pad;
    u64 iov, iovlen, control, controllen;
    u32 flags, pad2;
};
struct user_msghdr32 {
    u32 name, namelen, iov, iovlen, control, controllen, flags;
};
struct user_open_how {
    u64 flags, mode, resolve;
};

#endif
