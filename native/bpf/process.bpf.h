/* Parameters of clone and exec: arguments, environment, paths, cgroups. */
#ifndef TSDIG_PROCESS_H
#define TSDIG_PROCESS_H

#define PATH_ROOM 4096u

/* Room in which paths are put together from their end. */
struct {
    __uint(type, 6); /* BPF_MAP_TYPE_PERCPU_ARRAY */
    __uint(max_entries, 1);
    __uint(key_size, 4);
    __uint(value_size, PATH_ROOM * 3);
} path_room SEC(".maps");

/* Puts `/name` before byte r->cursor of the room, unless it is full. */
static __always_inline void path_prepend(struct tsdig_region *r, void *room, const void *name, u32 len) {
    u32 at = *(volatile u32 *)&r->cursor;
    if (len == 0 || len > 255 || at < len + 2 || at > PATH_ROOM)
        return;
    u64 n = len;
    opaque(n);
    n &= 0xff;
    u64 to = at - len;
    opaque(to);
    to &= PATH_ROOM - 1;
    bpf_probe_read_kernel(room + to, n, name);
    to = at - len - 1;
    opaque(to);
    to &= PATH_ROOM - 1;
    *(char *)(room + to) = '/';
    *(volatile u32 *)&r->cursor = at - len - 1;
}

/* Copies the path that begins at byte r->cursor of the room into the record, with a NUL. */
static __always_inline u32 path_emit(struct tsdig_region *r, u32 off, void *room) {
    u32 at = *(volatile u32 *)&r->cursor;
    u64 from = at;
    opaque(from);
    from &= PATH_ROOM - 1;
    if (at >= PATH_ROOM) {
        store2(region_record(r), off, '/');
        return 2;
    }
    u64 n = PATH_ROOM - at;
    opaque(n);
    n &= 0x1fff;
    bpf_probe_read_kernel(record_at(region_record(r), off), n, room + from);
    store1(region_record(r), off + n, 0);
    return n + 1;
}

/* The path of a file as its process sees it. */
__noinline u32 path_text(u32 off, u64 mnt_addr, u64 dentry_addr, u32 deleted_mark) {
    struct tsdig_region *r = region_get();
    if (!r)
        return 0;
    u32 zero = 0;
    void *room = bpf_map_lookup_elem(&path_room, &zero);
    if (!room)
        return 0;
    struct vfsmount *vfs = (void *)mnt_addr;
    struct dentry *dentry = (void *)dentry_addr;
    struct task_struct *task = (void *)r->task;
    struct fs_struct *fs = BPF_CORE_READ(task, fs);
    struct dentry *root = BPF_CORE_READ(fs, root.dentry);
    struct vfsmount *root_mnt = BPF_CORE_READ(fs, root.mnt);
    struct mount *mnt = (void *)vfs - bpf_core_field_offset(struct mount, mnt);
    *(volatile u32 *)&r->cursor = PATH_ROOM;
    for (int i = 0; i < 48; i++) {
        if (dentry == root && vfs == root_mnt)
            break;
        struct dentry *top = BPF_CORE_READ(mnt, mnt.mnt_root);
        struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
        if (dentry == top || dentry == parent) {
            struct mount *up = BPF_CORE_READ(mnt, mnt_parent);
            if (dentry != top) /* in no folder, as files in memory are: it has its name only */
                path_prepend(r, room, BPF_CORE_READ(dentry, d_name.name), BPF_CORE_READ(dentry, d_name.len));
            if (up == mnt || dentry != top)
                break;
            dentry = BPF_CORE_READ(mnt, mnt_mountpoint);
            mnt = up;
            vfs = (void *)mnt + bpf_core_field_offset(struct mount, mnt);
            continue;
        }
        u32 len = BPF_CORE_READ(dentry, d_name.len);
        path_prepend(r, room, BPF_CORE_READ(dentry, d_name.name), len);
        dentry = parent;
    }
    u32 n = path_emit(r, off, room);
    if (deleted_mark && n > 1) {
        store8(region_record(r), off + n - 1, 0x6574656c65642820ull); /* " (delete" */
        store4(region_record(r), off + n + 7, 0x2964);                /* "d)" */
        n += 10;
    }
    return n;
}

static __always_inline u32 text_empty(struct tsdig_region *r, u32 off) {
    store1(region_record(r), off, 0);
    return 1;
}

/* Copies a range of the process's memory that holds strings; at most 4096 bytes, the last one NUL. */
static __always_inline u32 strings_user(struct tsdig_region *r, u32 off, u64 from, u64 to) {
    if (from == 0 || to <= from)
        return 0;
    u64 n = to - from;
    if (n > 4096)
        n = 4096;
    opaque(n);
    n &= 0x1fff;
    if (bpf_probe_read_user(record_at(region_record(r), off), n, (void *)from) != 0) {
        r->unreadable++;
        return 0;
    }
    store1(region_record(r), off + n - 1, 0);
    return n;
}

/* argv[0]; the rest of the arguments lies behind it and is the next parameter. */
__noinline u32 exe_text(u32 off) {
    struct tsdig_region *r = region_get();
    if (!r)
        return 0;
    struct task_struct *task = (void *)r->task;
    struct mm_struct *mm = BPF_CORE_READ(task, mm);
    r->rest = 0;
    if (!mm || r->ret < 0)
        return text_empty(r, off);
    u64 from = BPF_CORE_READ(mm, arg_start), to = BPF_CORE_READ(mm, arg_end);
    long first = bpf_probe_read_user_str(record_at(region_record(r), off), 4096, (void *)from);
    if (first <= 0)
        return text_na(r, off);
    u32 all = strings_user(r, off, from, to);
    u32 exe = first & 0x1fff;
    if (all > exe)
        r->rest = all - exe;
    return exe;
}

/* The strings of an argument vector from `first` on, at most 16 and 4096 bytes. */
__noinline u32 vector_text(u32 off, u64 vector, u32 first, u32 count) {
    struct tsdig_region *r = region_get();
    if (!r)
        return 0;
    volatile u32 *cursor = &r->cursor;
    *cursor = 0;
    for (u32 i = 0; i < 16; i++) {
        u32 done = *cursor;
        if (i >= count || done > 3800)
            break;
        u64 at = vector ? user_long(r, vector, first + i) : 0;
        if (!at)
            break;
        u32 o = off + done;
        long n = bpf_probe_read_user_str(record_at(region_record(r), o), 4096 - 256, (void *)at);
        if (n <= 0)
            break;
        done += n & 0xfff;
        if (done > 4096) {
            done = 4096;
            store1(region_record(r), off + done - 1, 0);
        }
        *cursor = done;
    }
    return *cursor;
}

static __always_inline void cgroup_path(struct tsdig_region *r, void *room, struct cgroup *group) {
    struct kernfs_node *node = BPF_CORE_READ(group, kn);
    *(volatile u32 *)&r->cursor = PATH_ROOM;
    for (int i = 0; i < 12; i++) {
        struct kernfs_node *parent;
        if (bpf_core_field_exists(struct kernfs_node___new, __parent))
            parent = BPF_CORE_READ((struct kernfs_node___new *)node, __parent);
        else
            parent = BPF_CORE_READ((struct kernfs_node___old *)node, parent);
        if (!node || !parent)
            break;
        /* The name's length: the string is read to the room behind the one that holds the path. */
        const char *name = BPF_CORE_READ(node, name);
        long n = bpf_probe_read_kernel_str(room + PATH_ROOM, 256, name);
        if (n > 1)
            path_prepend(r, room, name, (n - 1) & 0xff);
        node = parent;
    }
}

/* `name=path` of one controller: at most 1 KiB, so that all five fit. */
__noinline u32 cgroup_text(u32 off, u32 index) {
    struct tsdig_region *r = region_get();
    if (!r)
        return 0;
    u32 zero = 0;
    void *room = bpf_map_lookup_elem(&path_room, &zero);
    if (!room)
        return 0;
    struct task_struct *task = (void *)r->task;
    struct css_set *sets = BPF_CORE_READ(task, cgroups);
    struct cgroup_subsys_state *css = 0;
    bpf_probe_read_kernel(&css, sizeof(css),
                          (void *)__builtin_preserve_access_index(&sets->subsys[0]) + index * 8);
    if (!css)
        return 0;
    const char *name = BPF_CORE_READ(css, ss, name);
    long n = bpf_probe_read_kernel_str(record_at(region_record(r), off), 32, name);
    if (n <= 1)
        return 0;
    n &= 0x1f;
    store1(region_record(r), off + n - 1, '=');
    struct cgroup *group = BPF_CORE_READ(css, cgroup);
    struct cgroup *unified = BPF_CORE_READ(sets, dfl_cgrp);
    /* On the unified hierarchy a controller may be managed further up than the task's own group. */
    if (BPF_CORE_READ(group, root) == BPF_CORE_READ(unified, root))
        group = unified;
    cgroup_path(r, room, group);
    if (PATH_ROOM - r->cursor > 700)
        r->cursor = PATH_ROOM - 700;
    return n + path_emit(r, off + n, room);
}

/* `=path` where the unified hierarchy is mounted beside those of version 1 and the task is in a group of it:
 * some containers can be told by it alone. `index`: of a controller. */
__noinline u32 unified_text(u32 off, u32 index) {
    struct tsdig_region *r = region_get();
    if (!r)
        return 0;
    u32 zero = 0;
    void *room = bpf_map_lookup_elem(&path_room, &zero);
    if (!room)
        return 0;
    struct task_struct *task = (void *)r->task;
    struct css_set *sets = BPF_CORE_READ(task, cgroups);
    struct cgroup_subsys_state *css = 0;
    bpf_probe_read_kernel(&css, sizeof(css),
                          (void *)__builtin_preserve_access_index(&sets->subsys[0]) + index * 8);
    struct cgroup *unified = BPF_CORE_READ(sets, dfl_cgrp);
    if (!css || !unified || BPF_CORE_READ(css, cgroup, root) == BPF_CORE_READ(unified, root))
        return 0;
    cgroup_path(r, room, unified);
    if (r->cursor >= PATH_ROOM)
        return 0;
    if (PATH_ROOM - r->cursor > 500)
        r->cursor = PATH_ROOM - 500;
    store1(region_record(r), off, '=');
    return 1 + path_emit(r, off + 1, room);
}

#define CGROUP(name)                                                                                         \
    if (bpf_core_enum_value_exists(enum cgroup_subsys_id, name##_cgrp_id))                                   \
    *left += cgroup_text(off + *left, bpf_core_enum_value(enum cgroup_subsys_id, name##_cgrp_id))

__noinline u32 process_text(u32 op, u32 off) {
    struct tsdig_region *r = region_get();
    if (!r)
        return 0;
    struct task_struct *task = (void *)r->task;
    u32 arg = OP_ARG_OF(op);
    u32 n = 0;
    switch (op & 0xff) {
    case OP_EXE:
        return exe_text(off);
    case OP_REST:
        return r->rest;
    case OP_CALLEXE:
        if (r->ret >= 0)
            return exe_text(off);
        n = vector_text(off, ARG(r, arg), 0, 1);
        return n ? n : text_na(r, off);
    case OP_CALLARGS:
        if (r->ret >= 0)
            return r->rest;
        return vector_text(off, ARG(r, arg), 1, 16);
    case OP_CALLENV:
        if (r->ret < 0)
            return vector_text(off, ARG(r, arg), 0, 16);
        /* fallthrough */
    case OP_ENV: {
        struct mm_struct *mm = BPF_CORE_READ(task, mm);
        if (!mm)
            return 0;
        return strings_user(r, off, BPF_CORE_READ(mm, env_start), BPF_CORE_READ(mm, env_end));
    }
    case OP_CALLFILE: {
        /* What the call named is gone with the old program. The new one has it behind its environment. */
        struct mm_struct *mm = BPF_CORE_READ(task, mm);
        return text_user(r, off, r->ret < 0 ? ARG(r, arg) : mm ? BPF_CORE_READ(mm, env_end) : 0);
    }
    case OP_CWD: {
        struct fs_struct *fs = BPF_CORE_READ(task, fs);
        if (!fs)
            return text_empty(r, off);
        return path_text(off, (u64)BPF_CORE_READ(fs, pwd.mnt), (u64)BPF_CORE_READ(fs, pwd.dentry), 0);
    }
    case OP_FDPATH: {
        struct file *file = r->ret < 0 ? 0 : file_of(r->ret);
        if (!file)
            return text_empty(r, off);
        return path_text(off, (u64)BPF_CORE_READ(file, f_path.mnt), (u64)BPF_CORE_READ(file, f_path.dentry),
                         0);
    }
    case OP_EXEPATH: {
        struct file *file = BPF_CORE_READ(task, mm, exe_file);
        if (!file)
            return text_na(r, off);
        u32 gone = BPF_CORE_READ(file, f_inode, i_nlink) == 0;
        return path_text(off, (u64)BPF_CORE_READ(file, f_path.mnt), (u64)BPF_CORE_READ(file, f_path.dentry),
                         gone);
    }
    case OP_CGROUPS: {
        volatile u32 *left = &r->left;
        *left = 0;
        CGROUP(cpuset);
        CGROUP(cpu);
        CGROUP(cpuacct);
        CGROUP(io);
        CGROUP(memory);
        if (bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id))
            *left += unified_text(off + *left, bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id));
        return *left;
    }
    }
    return 0;
}

#endif
