/* The allow-sets, seen from outside: a map, and the index in front of it (bpf/allow.bpf.h). */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "attach.h"
#include "capture.h"
#include "engine.h"

static const char *const set_maps[TSDIG_SETS] = {"allow_cgroup", "allow_pid", "allow_comm", "allow_uid"};

/* What stands for a key in the index. */
static uint64_t word_of(int32_t set, const void *key) {
    uint64_t words[2] = {0};
    memcpy(words, key, set == TSDIG_SET_COMM ? 16 : set == TSDIG_SET_CGROUP ? 8 : 4);
    if (set == TSDIG_SET_COMM)
        return words[0] ^ words[1];
    return set == TSDIG_SET_CGROUP ? words[0] : tsdig_word((unsigned int)words[0]);
}

/* Programs set slots to TSDIG_MANY meanwhile, which must stay. */
static bool exchange(uint64_t *slot, uint64_t from, uint64_t to) {
    return __atomic_compare_exchange_n(slot, &from, to, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

int tsdig_allow(struct tsdig *t, int32_t set, const void *key, int32_t add) {
    if (set < 0 || set >= TSDIG_SETS) {
        snprintf(t->error, sizeof(t->error), "there is no allow-set %d", set);
        return -1;
    }
    if (t->engine)
        return t->engine->allow(t, set, key, add != 0);
    int fd = bpf_object__find_map_fd_by_name(t->object, set_maps[set]);
    uint64_t word = word_of(set, key);
    uint64_t *slot = &t->set_index[(size_t)set * TSDIG_INDEX + tsdig_slot(word)];
    uint8_t one = 1;
    if (!add) {
        bpf_map_delete_elem(fd, key);
        exchange(slot, word, 0);
        if (set == TSDIG_SET_CGROUP)
            attach_need(t, TSDIG_DEMAND_CGROUPS);
        return 0;
    }
    if (bpf_map_update_elem(fd, key, &one, BPF_ANY) < 0) {
        snprintf(t->error, sizeof(t->error), "cannot add to an allow-set: %s", strerror(errno));
        return -1;
    }
    /* The word of a command is less than the command: it never stands alone. */
    if (set == TSDIG_SET_COMM || (!exchange(slot, 0, word) && *slot != word))
        __atomic_store_n(slot, TSDIG_MANY, __ATOMIC_SEQ_CST);
    if (set == TSDIG_SET_PID) {
        uint32_t pid;
        memcpy(&pid, key, sizeof(pid));
        attach_listed(t, pid);
    }
    return 0;
}
