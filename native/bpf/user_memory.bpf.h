/* What the arguments of a call point to: numbers, texts and buffers in the memory of the calling program. */
#ifndef TSDIG_USER_MEMORY_H
#define TSDIG_USER_MEMORY_H

static __always_inline u64 user_u64(u64 at) {
    u64 v = 0;
    bpf_probe_read_user(&v, sizeof(v), (void *)at);
    return v;
}
static __always_inline u32 user_u32(u64 at) {
    u32 v = 0;
    bpf_probe_read_user(&v, sizeof(v), (void *)at);
    return v;
}
/* A pointer or long of the calling program. */
static __always_inline u64 user_long(struct tsdig_region *r, u64 at, u32 index) {
    return r->compat ? user_u32(at + index * 4) : user_u64(at + index * 8);
}

static __always_inline void read_iovec(struct tsdig_region *r, u64 at, u32 index, struct user_iovec *v) {
    if (r->compat) {
        struct user_iovec32 v32 = {};
        bpf_probe_read_user(&v32, sizeof(v32), (void *)(at + index * 8));
        v->base = v32.base;
        v->len = v32.len;
    } else {
        bpf_probe_read_user(v, sizeof(*v), (void *)(at + index * 16));
    }
}

static __always_inline void read_msghdr(struct tsdig_region *r, u64 at, struct user_msghdr *m) {
    if (r->compat) {
        struct user_msghdr32 m32 = {};
        bpf_probe_read_user(&m32, sizeof(m32), (void *)at);
        m->name = m32.name;
        m->namelen = m32.namelen;
        m->iov = m32.iov;
        m->iovlen = m32.iovlen;
        m->control = m32.control;
        m->controllen = m32.controllen;
    } else {
        bpf_probe_read_user(m, sizeof(*m), (void *)at);
    }
}

__noinline u64 iov_total(u64 at, u32 count) {
    struct tsdig_region *r = region_get();
    if (!r)
        return 0;
    volatile u32 *total = &r->left;
    *total = 0;
    for (u32 i = 0; i < 32; i++) {
        struct user_iovec v = {};
        if (i >= count)
            break;
        read_iovec(r, at, i, &v);
        *total += v.len;
    }
    return *total;
}

static __always_inline u32 text_na(struct tsdig_region *r, u32 off) {
    store4(region_record(r), off, 0x3e414e3c); /* <NA> */
    store1(region_record(r), off + 4, 0);
    return 5;
}

static __always_inline u32 text_user(struct tsdig_region *r, u32 off, u64 at) {
    if (!at)
        return text_na(r, off);
    long n = bpf_probe_read_user_str(record_at(region_record(r), off), TSDIG_MAX_PATH, (void *)at);
    if (n <= 0) {
        r->unreadable++;
        r->unread++;
        return text_na(r, off);
    }
    return n & 0x1fff;
}

/* Copies `n` bytes of user memory, at most what is kept of a buffer. */
static __always_inline u32 data_user(struct tsdig_region *r, u32 off, u64 at, u64 n) {
    if (n > cfg.snaplen)
        n = cfg.snaplen;
    /* What follows must fit, too. */
    if (off + n > TSDIG_MAX_EVENT - 512)
        n = off < TSDIG_MAX_EVENT - 512 ? TSDIG_MAX_EVENT - 512 - off : 0;
    if (n == 0 || at == 0)
        return 0;
    opaque(n);
    n &= 0xffff;
    if (bpf_probe_read_user(record_at(region_record(r), off), n, (void *)at) != 0) {
        r->unreadable++;
        return 0;
    }
    return n;
}

__noinline u32 data_iov(u32 off, u64 at, u32 count, u64 limit) {
    struct tsdig_region *r = region_get();
    if (!r)
        return 0;
    volatile u32 *left = &r->left, *done = &r->cursor;
    *left = limit < cfg.snaplen ? limit : cfg.snaplen;
    *done = 0;
    for (u32 i = 0; i < 32; i++) {
        struct user_iovec v = {};
        u32 room = *left;
        if (i >= count || room == 0)
            break;
        read_iovec(r, at, i, &v);
        u64 n = v.len < room ? v.len : room;
        if (n == 0)
            continue;
        u32 got = data_user(r, off + *done, v.base, n);
        if (got == 0)
            break;
        *done += got;
        *left = room - got;
    }
    return *done;
}

#endif
