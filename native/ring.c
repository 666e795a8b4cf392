#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>
#include "capture.h"

int ring_open(struct ring *ring, uint64_t size) {
    int fd = memfd_create("tsdig", MFD_CLOEXEC);
    if (fd < 0)
        return -1;
    uint8_t *base = MAP_FAILED;
    if (ftruncate(fd, (off_t)size) == 0)
        base = mmap(NULL, size * 2, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED) {
        close(fd);
        return -1;
    }
    int flags = MAP_SHARED | MAP_FIXED;
    if (mmap(base, size, PROT_READ | PROT_WRITE, flags, fd, 0) == MAP_FAILED ||
        mmap(base + size, size, PROT_READ | PROT_WRITE, flags, fd, 0) == MAP_FAILED) {
        munmap(base, size * 2);
        close(fd);
        return -1;
    }
    close(fd);
    *ring = (struct ring){.base = base, .size = size};
    return 0;
}

void ring_close(struct ring *ring) {
    if (ring->base)
        munmap(ring->base, ring->size * 2);
    ring->base = NULL;
}

/*
 * The reader is between two reads: it holds nothing, and looks at the head before it looks at the tail. So it
 * sees both as they were, both as they are, or a tail beyond the head, which is nothing to read.
 */
void ring_restart(struct ring *ring) {
    uint64_t start = (ring->head + ring->size - 1) & ~(ring->size - 1);
    if (__atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE) != ring->head)
        return;
    __atomic_store_n(&ring->tail, start, __ATOMIC_RELEASE);
    __atomic_store_n(&ring->head, start, __ATOMIC_RELEASE);
}
