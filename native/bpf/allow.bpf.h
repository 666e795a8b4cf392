/*
 * Who is recorded: tgids never recorded, and allow-sets of cgroups, processes, commands and users.
 * A set is a hash map behind an index: a slot holds the one member that falls on it, TSDIG_MANY if there may
 * be several, or 0. So nearly always one look tells, and a look at the map costs as much as recording an
 * event.
 */
#ifndef TSDIG_ALLOW_H
#define TSDIG_ALLOW_H

struct comm_key {
    u64 word[2];
};

#define ALLOW_MAP(name, key_type)                                                                            \
    struct {                                                                                                 \
        __uint(type, BPF_MAP_TYPE_HASH);                                                                     \
        __uint(max_entries, 16384);                                                                          \
        __type(key, key_type);                                                                               \
        __type(value, u8);                                                                                   \
    } name SEC(".maps")

ALLOW_MAP(allow_cgroup, u64);
ALLOW_MAP(allow_pid, u32);
ALLOW_MAP(allow_comm, struct comm_key);
ALLOW_MAP(allow_uid, u32);

/*
 * Processes whose command was in the set when they last executed, or before they renamed themselves:
 * user space knows them by that name still (a rename is no event of the format).
 */
ALLOW_MAP(known_by_comm, u32);
#define KNOWN_BY_COMM TSDIG_SETS

u64 set_index[TSDIG_SETS + 1][TSDIG_INDEX] SEC(".data.index");

static __always_inline u64 indexed(u32 set, u64 word) {
    return set_index[set][tsdig_slot(word) & (TSDIG_INDEX - 1)];
}

/* Is `key`, which stands in the index as `word`, in the set? */
static __always_inline bool listed(u32 set, void *map, const void *key, u64 word) {
    u64 there = indexed(set, word);
    if (there == word)
        return true;
    return there == TSDIG_MANY && bpf_map_lookup_elem(map, key);
}

/* Adds a member while programs run on other CPUs: plain stores may meet, so no single member is named. */
static __always_inline void add_listed(u32 set, void *map, u32 id) {
    u8 one = 1;
    bpf_map_update_elem(map, &id, &one, BPF_ANY);
    set_index[set][tsdig_slot(tsdig_word(id)) & (TSDIG_INDEX - 1)] = TSDIG_MANY;
}

static __always_inline void remove_listed(u32 set, void *map, u32 id) {
    bpf_map_delete_elem(map, &id);
    set_index[set][tsdig_slot(tsdig_word(id)) & (TSDIG_INDEX - 1)] = TSDIG_MANY;
}

static __always_inline bool pid_listed(u32 tgid) {
    return listed(TSDIG_SET_PID, &allow_pid, &tgid, tsdig_word(tgid));
}

static __always_inline bool cgroup_listed(u64 id) {
    return listed(TSDIG_SET_CGROUP, &allow_cgroup, &id, id);
}

/* Index of the hierarchy's controller in css_set.subsys: known at load time. */
#define HIERARCHY(i, name)                                                                                   \
    if (cfg.hierarchy == i)                                                                                  \
    css = sets->subsys[bpf_core_enum_value(enum cgroup_subsys_id, name##_cgrp_id) & 15]

/* Is it, or will its children be, in a pid namespace of their own? To user space that is not the host. */
static __always_inline bool is_nested(struct task_struct *task) {
    return task->nsproxy->pid_ns_for_children->level || task->thread_pid->level;
}

static __always_inline bool cgroup_allowed(struct task_struct *task) {
    struct css_set *sets = task->cgroups;
    struct cgroup *group;
    if (cfg.hierarchy == 0) {
        group = sets->dfl_cgrp;
    } else {
        struct cgroup_subsys_state *css = 0;
        HIERARCHY(1, cpuset);
        HIERARCHY(2, cpu);
        HIERARCHY(3, cpuacct);
        HIERARCHY(4, io);
        HIERARCHY(5, devices);
        HIERARCHY(6, freezer);
        HIERARCHY(7, memory);
        HIERARCHY(8, pids);
        if (!css)
            return false;
        group = css->cgroup;
    }
    struct kernfs_node *node = group->kn;
    if (cfg.deny_cgroups) {
        /* The very cgroup only: a new one below a denied one is recorded until user space knows it. */
        u64 own = node->id;
        return !cgroup_listed(own) || (cfg.spare_nested && is_nested(task));
    }
    for (int i = 0; i < 8; i++) {
        if (!node)
            return false;
        if (cgroup_listed(node->id))
            return true;
        if (bpf_core_field_exists(struct kernfs_node___new, __parent))
            node = ((struct kernfs_node___new *)node)->__parent;
        else
            node = ((struct kernfs_node___old *)node)->parent;
    }
    return false;
}

static __always_inline bool excluded(u32 tgid) {
#pragma unroll
    for (int i = 0; i < TSDIG_EXCLUDE; i++)
        if (cfg.exclude[i] && tgid == cfg.exclude[i])
            return true;
    return false;
}

static __always_inline bool comm_listed(struct comm_key *comm) {
    /* Sixteen bytes: the index can only say that it is none. */
    return indexed(TSDIG_SET_COMM, comm->word[0] ^ comm->word[1]) && bpf_map_lookup_elem(&allow_comm, comm);
}

static __always_inline bool is_known(u32 tgid) {
    return listed(KNOWN_BY_COMM, &known_by_comm, &tgid, tsdig_word(tgid));
}

static __always_inline void make_known(u32 tgid) {
    add_listed(KNOWN_BY_COMM, &known_by_comm, tgid);
}

static __always_inline bool uid_listed(u32 uid) {
    return listed(TSDIG_SET_UID, &allow_uid, &uid, tsdig_word(uid));
}

/* A word of text up to its first NUL, zeros behind it. */
static __always_inline u64 until_nul(u64 word) {
    u64 nul = (word - 0x0101010101010101ull) & ~word & 0x8080808080808080ull;
    return nul ? word & (((nul & -nul) >> 7) - 1) : word;
}

/* The command of a task. Older kernels leave what was there before behind a shorter name. */
static __always_inline void comm_of(struct task_struct *task, struct comm_key *comm) {
    const u64 *words = (const u64 *)task->comm;
    u64 first = words[0];
    comm->word[0] = until_nul(first);
    comm->word[1] = comm->word[0] == first && first >> 56 ? until_nul(words[1]) : 0;
}

/* Do the sets let the current task pass? */
static __always_inline bool allowed(struct task_struct *task, u32 tgid) {
    if (cfg.use_set[TSDIG_SET_PID] && !pid_listed(tgid))
        return false;
    if (cfg.use_set[TSDIG_SET_CGROUP] && !cgroup_allowed(task))
        return false;
    if (cfg.use_set[TSDIG_SET_UID]) {
        const struct cred *cred = task->cred;
        if (!uid_listed(cred->euid.val) && !uid_listed(cred->uid.val))
            return false;
    }
    if (cfg.use_set[TSDIG_SET_COMM]) {
        struct comm_key comm;
        comm_of(task, &comm);
        if (!comm_listed(&comm) && !is_known(tgid))
            return false;
    }
    return true;
}

/* Do the sets that can be asked about another task than the current one let it pass? */
static __always_inline bool may_run(struct task_struct *task) {
    u32 tgid = task->tgid;
    if (cfg.use_set[TSDIG_SET_PID] && !pid_listed(tgid))
        return false;
    return !cfg.use_set[TSDIG_SET_CGROUP] || cgroup_allowed(task);
}

#endif
