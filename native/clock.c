/* The clocks: events are stamped with the monotonic one, and told in wall time as it was when the capture
 * began. */
#define _GNU_SOURCE
#include <time.h>
#include "capture.h"

static uint64_t read_clock(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

uint64_t clock_boot(void) {
    return read_clock(CLOCK_BOOTTIME);
}

uint64_t clock_monotonic(void) {
    return read_clock(CLOCK_MONOTONIC);
}

/* What `other` is ahead of `base`: from the tightest of a few readings. */
static uint64_t ahead(clockid_t other, clockid_t base) {
    uint64_t best = UINT64_MAX, offset = 0;
    for (int i = 0; i < 16; i++) {
        uint64_t before = read_clock(base);
        uint64_t there = read_clock(other);
        uint64_t after = read_clock(base);
        if (after - before >= best)
            continue;
        best = after - before;
        offset = there - (before + (after - before) / 2);
    }
    return offset;
}

uint64_t wall_minus_boot(void) {
    return ahead(CLOCK_REALTIME, CLOCK_BOOTTIME);
}

uint64_t boot_minus_monotonic(void) {
    return ahead(CLOCK_BOOTTIME, CLOCK_MONOTONIC);
}
