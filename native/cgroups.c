/* From which cgroup namespace the calling thread reads /proc/PID/cgroup. */
#define _GNU_SOURCE
#include <sched.h>
#include "tsdig.h"

int tsdig_cgroup_namespace(int32_t fd) {
    return setns(fd, CLONE_NEWCGROUP);
}
