/* Addresses, both ends of a socket, lists of polled descriptors, socket options. */
#ifndef TSDIG_SOCKETS_H
#define TSDIG_SOCKETS_H

#include "files.bpf.h"
#include "user_memory.bpf.h"

#define EINPROGRESS 115

/* The path in a unix address of the program. Its length ends it where no NUL does; a name without a file
 * begins behind its first byte. */
static __always_inline u32 unix_given(struct tsdig_region *r, u32 off, u64 at, u32 len) {
    void *to = record_at(region_record(r), off);
    u8 first = 0;
    if (len > 110)
        len = 110;
    if (len > 2)
        bpf_probe_read_user(&first, 1, (void *)(at + 2));
    u32 skip = len > 2 && first == 0 ? 3 : 2;
    u64 n = len > skip ? len - skip : 0;
    opaque(n);
    n &= 0x7f;
    store1(region_record(r), off, 0);
    if (n == 0 || bpf_probe_read_user(to, n, (void *)(at + skip)) != 0)
        return 1;
    long got = bpf_probe_read_kernel_str(to, n + 1, to);
    return got > 0 ? got & 0xff : 1;
}

/* An address that the program gave. A function of its own for the sake of the kernel's limit on stacks: 512
 * bytes along all calls, and this needs many. */
__noinline u32 sockaddr_text(u32 off, u64 at, u32 len) {
    struct tsdig_region *r = region_get();
    u8 buf[112] = {};
    if (!r || !at || len < 2)
        return 0;
    if (len > 110)
        len = 110;
    opaque(len);
    len &= 0x7f;
    if (len > 110)
        return 0;
    if (bpf_probe_read_user(buf, len, (void *)at) != 0)
        return 0;
    u16 family = *(u16 *)buf;
    store1(region_record(r), off, family);
    if (family == 2 && len >= 8) {
        store4(region_record(r), off + 1, *(u32 *)(buf + 4));
        store2(region_record(r), off + 5, __builtin_bswap16(*(u16 *)(buf + 2)));
        return 7;
    }
    if (family == 10 && len >= 24) {
        store8(region_record(r), off + 1, *(u64 *)(buf + 8));
        store8(region_record(r), off + 9, *(u64 *)(buf + 16));
        store2(region_record(r), off + 17, __builtin_bswap16(*(u16 *)(buf + 2)));
        return 19;
    }
    if (family == 1)
        return 1 + unix_given(r, off + 1, at, len);
    return 0;
}

/* The path a unix socket is bound to; just a NUL when it has none. */
static __always_inline u32 unix_path(struct tsdig_region *r, u32 off, struct sock *sk) {
    struct unix_address *addr = sk ? BPF_CORE_READ((struct unix_sock *)sk, addr) : 0;
    if (!addr || BPF_CORE_READ(addr, len) <= 2) {
        store1(region_record(r), off, 0);
        return 1;
    }
    u64 path = (u64)__builtin_preserve_access_index(&addr->name[0].sun_path);
    u64 n = BPF_CORE_READ(addr, len) - 2;
    char first = 0;
    bpf_probe_read_kernel(&first, 1, (void *)path);
    if (first == 0) {
        path++;
        n--;
    }
    opaque(n);
    n &= 0x7f;
    long got = bpf_probe_read_kernel_str(record_at(region_record(r), off), n + 1, (void *)path);
    return got > 0 ? got & 0xff : 1;
}

/* mode: 0 fd in arg0; 1 connect; 2 accept, the fd is the result; 3 address in arg4; 4 address in the message
 */
__noinline u32 socket_tuple(u32 off, u32 inbound, u32 mode) {
    struct tsdig_region *r = region_get();
    if (!r)
        return 0;
    if (mode == 1 && r->ret != 0 && r->ret != -EINPROGRESS)
        return 0;
    if ((mode == 2 || inbound) && r->ret < 0)
        return 0;
    struct sock *sk = sock_of(mode == 2 ? r->ret : r->args[0]);
    if (!sk)
        return 0;
    u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
    u64 name = 0;
    u32 name_len = 0;
    if (mode == 3) {
        name = r->args[4];
        name_len = r->args[5];
    } else if (mode == 4) {
        struct user_msghdr m = {};
        read_msghdr(r, r->args[1], &m);
        name = m.name;
        name_len = m.namelen;
    }
    void *rec = region_record(r);
    store1(rec, off, family);
    if (family == 1) {
        struct sock *peer = BPF_CORE_READ((struct unix_sock *)sk, peer);
        store8(rec, off + 1, inbound ? (u64)sk : (u64)peer);
        store8(rec, off + 9, inbound ? (u64)peer : (u64)sk);
        if (!peer && !inbound && name)
            return 17 + unix_given(r, off + 17, name, name_len);
        return 17 + unix_path(r, off + 17, inbound ? sk : peer);
    }
    if (family != 2 && family != 10)
        return 0;
    u16 lport = BPF_CORE_READ(sk, __sk_common.skc_num);
    u16 rport = __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_dport));
    if (rport != 0)
        name = 0;
    u64 given[4] = {}; /* sockaddr_in6 */
    u16 given_family = 0;
    if (name && bpf_probe_read_user(given, 28, (void *)name) == 0) {
        given_family = given[0] & 0xffff;
        if (given_family == family)
            rport = __builtin_bswap16(given[0] >> 16);
    }
    if (family == 2) {
        u32 local = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
        u32 remote = BPF_CORE_READ(sk, __sk_common.skc_daddr);
        if (given_family == 2)
            remote = given[0] >> 32;
        store4(rec, off + 1, inbound ? remote : local);
        store2(rec, off + 5, inbound ? rport : lport);
        store4(rec, off + 7, inbound ? local : remote);
        store2(rec, off + 11, inbound ? lport : rport);
        return 13;
    }
    u64 local[2] = {}, remote[2] = {};
    BPF_CORE_READ_INTO(&local, sk, __sk_common.skc_v6_rcv_saddr);
    BPF_CORE_READ_INTO(&remote, sk, __sk_common.skc_v6_daddr);
    if (given_family == 10) {
        remote[0] = given[1];
        remote[1] = given[2];
    }
    u32 l = off + (inbound ? 19 : 1), m = off + (inbound ? 1 : 19);
    store8(rec, l, local[0]);
    store8(rec, l + 8, local[1]);
    store2(rec, l + 16, lport);
    store8(rec, m, remote[0]);
    store8(rec, m + 8, remote[1]);
    store2(rec, m + 16, rport);
    return 37;
}

__noinline u32 poll_list(u32 off, u32 exit) {
    struct tsdig_region *r = region_get();
    if (!r)
        return 0;
    u32 count = r->args[1];
    u64 at = r->args[0];
    void *rec = region_record(r);
    volatile u32 *done = &r->cursor;
    *done = 0;
    for (u32 i = 0; i < 16; i++) {
        u64 entry = 0;
        if (i >= count)
            break;
        if (bpf_probe_read_user(&entry, 8, (void *)(at + i * 8)) != 0)
            break;
        u64 events = exit ? entry >> 48 : (entry >> 32) & 0xffff;
        store8(rec, off + 2 + i * 10, (s64)(s32)entry);
        store2(rec, off + 10 + i * 10, map_value(events, MAP_POLL_EVENTS));
        *done = i + 1;
    }
    store2(rec, off, *done);
    return 2 + *done * 10;
}

__noinline u32 option_value(u32 off, u32 get) {
    struct tsdig_region *r = region_get();
    if (!r)
        return 0;
    void *rec = region_record(r);
    u32 level = r->args[1], name = r->args[2];
    u64 at = r->args[3];
    u32 len = get ? (r->args[4] ? user_u32(r->args[4]) : 0) : (u32)r->args[4];
    store1(rec, off, 0);
    if (!at)
        return 1;
    if (level == 1) {
        switch (name) {
        case 4: /* SO_ERROR */
            store1(rec, off, 1);
            store8(rec, off + 1, -(s64)(s32)user_u32(at));
            return 9;
        case 20: /* SO_RCVTIMEO, SO_SNDTIMEO and their 64-bit forms */
        case 21:
        case 66:
        case 67: {
            u64 sec = name > 60 ? user_u64(at) : user_long(r, at, 0);
            u64 us = name > 60 ? user_u64(at + 8) : user_long(r, at, 1);
            store1(rec, off, 4);
            store8(rec, off + 1, sec * 1000000000 + us * 1000);
            return 9;
        }
        case 57: /* SO_COOKIE */
            store1(rec, off, 3);
            store8(rec, off + 1, user_u64(at));
            return 9;
        case 1 ... 3:
        case 5 ... 12:
        case 15 ... 16:
        case 18 ... 19:
        case 29 ... 30:
        case 32 ... 46:
        case 49:
            if (len >= 4) {
                store1(rec, off, 2);
                store4(rec, off + 1, user_u32(at));
                return 5;
            }
        }
    }
    if (len > 240)
        len = 240;
    return 1 + data_user(r, off + 1, at, len);
}

#endif
