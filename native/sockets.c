/* Sockets of another process: a copy of its descriptor is asked for both ends. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "params.h"

union address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
};

static uint64_t inode_of(int fd) {
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode) ? st.st_ino : 0;
}

uint64_t socket_inode(struct call *c, int fd) {
    int own = remote_fd(&c->who, fd);
    if (own < 0)
        return 0;
    uint64_t inode = inode_of(own);
    close(own);
    return inode;
}

/* A unix socket's path with its NUL; a name without a file begins behind its first byte. */
static uint32_t unix_path(uint8_t *to, const struct sockaddr_un *un, size_t len) {
    size_t room =
        len > offsetof(struct sockaddr_un, sun_path) ? len - offsetof(struct sockaddr_un, sun_path) : 0;
    const char *path = un->sun_path;
    if (room > 0 && path[0] == 0) {
        path++;
        room--;
    }
    size_t n = strnlen(path, room);
    memcpy(to, path, n);
    to[n] = 0;
    return (uint32_t)n + 1;
}

uint32_t socket_address(struct call *c, uint8_t *to, uint64_t at, uint32_t len) {
    union address a;
    memset(&a, 0, sizeof(a));
    if (!at || len < 2)
        return 0;
    if (len > sizeof(a.un))
        len = sizeof(a.un);
    if (remote_read(&c->who, at, &a, len) != len)
        return 0;
    uint16_t port;
    to[0] = (uint8_t)a.any.sa_family;
    if (a.any.sa_family == AF_INET && len >= 8) {
        memcpy(to + 1, &a.in.sin_addr, 4);
        port = ntohs(a.in.sin_port);
        memcpy(to + 5, &port, 2);
        return 7;
    }
    if (a.any.sa_family == AF_INET6 && len >= 24) {
        memcpy(to + 1, &a.in6.sin6_addr, 16);
        port = ntohs(a.in6.sin6_port);
        memcpy(to + 17, &port, 2);
        return 19;
    }
    if (a.any.sa_family == AF_UNIX)
        return 1 + unix_path(to + 1, &a.un, len);
    return 0;
}

/* The address that the call itself names, for sockets without a peer of their own; its length. */
static size_t given_address(struct call *c, bool inbound, unsigned mode, union address *given) {
    memset(given, 0, sizeof(*given));
    uint64_t at = 0, len = sizeof(*given);
    if (mode == 3) {
        at = c->args[4];
        if (!inbound)
            len = (uint32_t)c->args[5];
    }
    if (mode == 4) {
        struct remote_msg m;
        remote_message(&c->who, c->args[1], &m);
        at = m.name;
        len = m.namelen;
    }
    if (len > sizeof(*given))
        len = sizeof(*given);
    if (at && remote_read(&c->who, at, given, len) == len)
        return len;
    memset(given, 0, sizeof(*given));
    return 0;
}

static uint32_t inet_tuple(uint8_t *to, bool inbound, const union address *local,
                           const union address *remote) {
    bool six = local->any.sa_family == AF_INET6;
    const union address *from = inbound ? remote : local, *into = inbound ? local : remote;
    size_t bytes = six ? 16 : 4;
    const union address *both[2] = {from, into};
    uint32_t off = 1;
    for (int i = 0; i < 2; i++) {
        memset(to + off, 0, bytes + 2);
        if (both[i]->any.sa_family == local->any.sa_family) {
            uint16_t port = ntohs(six ? both[i]->in6.sin6_port : both[i]->in.sin_port);
            memcpy(to + off,
                   six ? (const void *)&both[i]->in6.sin6_addr : (const void *)&both[i]->in.sin_addr, bytes);
            memcpy(to + off + bytes, &port, 2);
        }
        off += (uint32_t)bytes + 2;
    }
    return off;
}

/* mode: 0 fd in arg0; 1 connect; 2 accept, the fd is the result; 3 address in arg4; 4 address in the message
 */
uint32_t socket_tuple(struct call *c, uint8_t *to, bool inbound, unsigned mode) {
    if (mode == 1 && c->ret != 0 && c->ret != -EINPROGRESS)
        return 0;
    if ((mode == 2 || inbound) && c->ret < 0)
        return 0;
    /* Later than the call, only a new connection is worth the look: the descriptor's state gives the rest. */
    if (!c->settled && mode != 1 && mode != 2)
        return 0;
    int fd = remote_fd(&c->who, (int)(mode == 2 ? (uint64_t)c->ret : c->args[0]));
    if (fd < 0)
        return 0;
    union address local, remote, given;
    memset(&local, 0, sizeof(local));
    memset(&remote, 0, sizeof(remote));
    socklen_t local_len = sizeof(local), remote_len = sizeof(remote);
    uint32_t n = 0;
    if (getsockname(fd, &local.any, &local_len) == 0) {
        bool connected = getpeername(fd, &remote.any, &remote_len) == 0;
        to[0] = (uint8_t)local.any.sa_family;
        if (local.any.sa_family == AF_UNIX) {
            /* The kernel's pointers are not to be had: the socket's own number stands for it, 0 for the
             * peer's. */
            uint64_t own = inode_of(fd), peer = 0;
            memcpy(to + 1, inbound ? &own : &peer, 8);
            memcpy(to + 9, inbound ? &peer : &own, 8);
            if (!inbound && !connected)
                remote_len = (socklen_t)given_address(c, inbound, mode, &remote);
            const union address *named = inbound ? &local : &remote;
            n = 17 + unix_path(to + 17, &named->un, inbound ? local_len : remote_len);
        } else if (local.any.sa_family == AF_INET || local.any.sa_family == AF_INET6) {
            if (!connected) {
                given_address(c, inbound, mode, &given);
                if (given.any.sa_family == local.any.sa_family)
                    remote = given;
            }
            n = inet_tuple(to, inbound, &local, &remote);
        }
    }
    close(fd);
    return n;
}

uint64_t socket_queue(struct call *c, int fd, unsigned which) {
    int own = remote_fd(&c->who, fd);
    if (own < 0)
        return 0;
    struct tcp_info info;
    socklen_t size = sizeof(info);
    uint32_t len = 0, max = 0;
    /* Of a listening socket these two say how full its queue is. */
    if (getsockopt(own, IPPROTO_TCP, TCP_INFO, &info, &size) == 0) {
        len = info.tcpi_unacked;
        max = info.tcpi_sacked;
    }
    close(own);
    return which == 1 ? len : which == 2 ? max : max ? len * 100 / max : 0;
}
