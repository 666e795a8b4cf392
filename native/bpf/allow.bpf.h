/*
 * Who is recorded: tgids never recorded, and allow-sets of cgroups, processes, commands and users.
 * A set is a hash map behind a table of bytes indexed by a hash of the key: nearly all that do not
 * belong are turned away by one look at the table, without a look at the map.
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

u8 bloom[TSDIG_SETS + 1][TSDIG_BLOOM] SEC(".data.bloom");

static __always_inline u32 bloom_slot(u64 key) {
    return (key * 0x9e3779b97f4a7c15ull) >> 52;
}

static __always_inline bool in_bloom(u32 set, u64 key) {
    return bloom[set][bloom_slot(key) & (TSDIG_BLOOM - 1)];
}

/* Index of the hierarchy's controller in css_set.subsys: known at load time. */
#define HIERARCHY(i, name)                                                                                   \
    if (cfg.hierarchy == i)                                                                                  \
    css = sets->subsys[bpf_core_enum_value(enum cgroup_subsys_id, name##_cgrp_id) & 15]

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
        return !in_bloom(TSDIG_SET_CGROUP, own) || !bpf_map_lookup_elem(&allow_cgroup, &own);
    }
    for (int i = 0; i < 8; i++) {
        if (!node)
            return false;
        u64 id = node->id;
        if (in_bloom(TSDIG_SET_CGROUP, id) && bpf_map_lookup_elem(&allow_cgroup, &id))
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
    return in_bloom(TSDIG_SET_COMM, comm->word[0] ^ comm->word[1]) && bpf_map_lookup_elem(&allow_comm, comm);
}

static __always_inline bool is_known(u32 tgid) {
    return in_bloom(KNOWN_BY_COMM, tgid) && bpf_map_lookup_elem(&known_by_comm, &tgid);
}

static __always_inline void make_known(u32 tgid) {
    u8 one = 1;
    bloom[KNOWN_BY_COMM][bloom_slot(tgid) & (TSDIG_BLOOM - 1)] = 1;
    bpf_map_update_elem(&known_by_comm, &tgid, &one, BPF_ANY);
}

static __always_inline bool uid_listed(u32 uid) {
    return in_bloom(TSDIG_SET_UID, uid) && bpf_map_lookup_elem(&allow_uid, &uid);
}

/* Do the sets let the current task pass? */
static __always_inline bool allowed(struct task_struct *task, u32 tgid) {
    if (cfg.use_set[TSDIG_SET_PID]) {
        if (!in_bloom(TSDIG_SET_PID, tgid) || !bpf_map_lookup_elem(&allow_pid, &tgid))
            return false;
    }
    if (cfg.use_set[TSDIG_SET_CGROUP] && !cgroup_allowed(task))
        return false;
    if (cfg.use_set[TSDIG_SET_UID]) {
        const struct cred *cred = task->cred;
        if (!uid_listed(cred->euid.val) && !uid_listed(cred->uid.val))
            return false;
    }
    if (cfg.use_set[TSDIG_SET_COMM]) {
        struct comm_key comm = {};
        bpf_get_current_comm(&comm, sizeof(comm));
        if (!comm_listed(&comm) && !is_known(tgid))
            return false;
    }
    return true;
}

/* Do the sets that can be asked about another task than the current one let it pass? */
static __always_inline bool may_run(struct task_struct *task) {
    u32 tgid = task->tgid;
    if (cfg.use_set[TSDIG_SET_PID] &&
        (!in_bloom(TSDIG_SET_PID, tgid) || !bpf_map_lookup_elem(&allow_pid, &tgid)))
        return false;
    return !cfg.use_set[TSDIG_SET_CGROUP] || cgroup_allowed(task);
}

#endif
