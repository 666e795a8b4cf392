/* Calls at the edges of what parameters can hold. Run in an empty directory, as root. Prints the address of its guarded page. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

/* Two pages, the second one out of reach: the address of its start. */
static char *edge(void) {
    char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(p + 4096, 4096, PROT_NONE);
    memset(p, 'x', 4096);
    return p + 4096;
}

static void memory(void) {
    char *end = edge();
    int fd = open("data", O_RDWR | O_CREAT, 0600);
    write(fd, NULL, 5);
    memcpy(end - 4, "tail", 4);
    write(fd, end - 4, 40);
    struct iovec v[2] = {{end - 4, 4}, {end, 4}};
    writev(fd, v, 2);
    write(fd, end, 3);
    write(fd, "", 0);
    lseek(fd, 0, SEEK_SET);
    read(fd, end - 2, 64);
    strcpy(end - 5, "data");
    close(open(end - 5, O_RDONLY));
    memcpy(end - 4, "data", 4);
    open(end - 4, O_RDONLY);
    open(NULL, O_RDONLY);
    open((char *)16, O_RDONLY);
    open("", O_RDONLY);
    close(open("data", O_RDONLY | O_NOFOLLOW | O_NOATIME | O_LARGEFILE | O_DSYNC));
}

static void names(void) {
    static char name[5000];
    close(open("\xff\xfe caf\xc3\xa9 \x01\n", O_WRONLY | O_CREAT, 0600));
    memset(name, 0, sizeof(name));
    for (int i = 0; i < 4095; i += 2)
        memcpy(name + i, "./", 2);
    name[4095] = 0;
    close(open(name, O_RDONLY | O_DIRECTORY));
    memset(name, 'n', 4999);
    open(name, O_RDONLY);
    mkdir("dir", 0700);
    int dir = open("dir", O_PATH | O_DIRECTORY);
    close(openat(dir, "inside", O_CREAT | O_WRONLY, 0644));
    openat(-7, "nowhere", O_RDONLY);
    close(openat(-7, "/dev/null", O_RDONLY));
    close(openat(dir, ".", O_TMPFILE | O_RDWR, 0611));
}

static struct sockaddr_un un(const char *name, size_t n) {
    struct sockaddr_un a;
    memset(&a, 'J', sizeof(a));
    a.sun_family = AF_UNIX;
    memcpy(a.sun_path, name, n);
    return a;
}

static void unix_sockets(void) {
    char buf[64];
    /* An abstract name: its length is all that ends it. */
    struct sockaddr_un a = un("\0abstract", 9);
    socklen_t len = offsetof(struct sockaddr_un, sun_path) + 9;
    int s = socket(AF_UNIX, SOCK_STREAM, 0), c = socket(AF_UNIX, SOCK_STREAM, 0);
    bind(s, (struct sockaddr *)&a, len);
    listen(s, 3);
    connect(c, (struct sockaddr *)&a, len);
    int d = accept(s, NULL, NULL);
    /* A path without a NUL behind it. */
    struct sockaddr_un b = un("relative", 8);
    len = offsetof(struct sockaddr_un, sun_path) + 8;
    int e = socket(AF_UNIX, SOCK_DGRAM, 0), f = socket(AF_UNIX, SOCK_DGRAM, 0);
    bind(e, (struct sockaddr *)&b, len);
    sendto(f, "to a path", 9, 0, (struct sockaddr *)&b, len);
    recvfrom(e, buf, sizeof(buf), 0, NULL, NULL);
    struct iovec v = {"by message", 10};
    struct msghdr m = {.msg_name = &b, .msg_namelen = len, .msg_iov = &v, .msg_iovlen = 1};
    sendmsg(f, &m, 0);
    /* As long as a path can be. */
    char longest[108];
    memset(longest, 'p', sizeof(longest));
    struct sockaddr_un g = un(longest, 108);
    int h = socket(AF_UNIX, SOCK_STREAM, 0);
    bind(h, (struct sockaddr *)&g, sizeof(g));
    connect(h, (struct sockaddr *)&g, sizeof(g));
    /* A descriptor in the message's control data. */
    char control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec w = {"fd", 2};
    struct msghdr n = {.msg_iov = &w, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
    struct cmsghdr *head = CMSG_FIRSTHDR(&n);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    int passed = open("data", O_RDONLY);
    memcpy(CMSG_DATA(head), &passed, sizeof(int));
    sendmsg(c, &n, 0);
    struct iovec x = {buf, sizeof(buf)};
    struct msghdr o = {.msg_iov = &x, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
    recvmsg(d, &o, 0);
    memcpy(&passed, CMSG_DATA(CMSG_FIRSTHDR(&o)), sizeof(int));
    read(passed, buf, 4);
}

static void inet_sockets(void) {
    char buf[64];
    struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    socklen_t len = sizeof(to);
    int a = socket(AF_INET6, SOCK_DGRAM, 0), b = socket(AF_INET6, SOCK_DGRAM, 0);
    bind(b, (struct sockaddr *)&to, sizeof(to));
    getsockname(b, (struct sockaddr *)&to, &len);
    sendto(a, "six", 3, 0, (struct sockaddr *)&to, sizeof(to));
    recvfrom(b, buf, sizeof(buf), 0, NULL, NULL);
    struct sockaddr_in6 mapped = to;
    inet_pton(AF_INET6, "::ffff:127.0.0.1", &mapped.sin6_addr);
    int c = socket(AF_INET6, SOCK_DGRAM, 0);
    sendto(c, "mapped", 6, 0, (struct sockaddr *)&mapped, sizeof(mapped));
    int d = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    connect(d, (struct sockaddr *)&four, sizeof(four));
    send(d, "connected", 9, 0);
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    connect(d, &none, sizeof(none));
    sendto(d, "none", 4, 0, NULL, 0);
    int e = socket(AF_INET, SOCK_STREAM, 0);
    bind(e, (struct sockaddr *)&four, 3);
    bind(e, NULL, 16);
}

static void other_sockets(void) {
    int a = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    struct sockaddr_nl nl = {.nl_family = AF_NETLINK};
    bind(a, (struct sockaddr *)&nl, sizeof(nl));
    struct {
        struct nlmsghdr head;
        char rest[16];
    } ask = {{32, 18, 0x301, 1, 0}};
    sendto(a, &ask, sizeof(ask), 0, (struct sockaddr *)&nl, sizeof(nl));
    static char answer[16384];
    recv(a, answer, sizeof(answer), 0);
    int b = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    struct sockaddr_ll ll = {.sll_family = AF_PACKET, .sll_ifindex = 1};
    bind(b, (struct sockaddr *)&ll, sizeof(ll));
    socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    socket(77, SOCK_STREAM, 0);
    socket(AF_VSOCK, SOCK_STREAM, 0);
}

int main(int argc, char **argv) {
    memory();
    names();
    unix_sockets();
    inet_sockets();
    other_sockets();
    return 0;
}
