/* Open files and sockets of the current task. */
#ifndef TSDIG_FILES_H
#define TSDIG_FILES_H

#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define OVERLAYFS_SUPER_MAGIC 0x794c7630

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

#endif
