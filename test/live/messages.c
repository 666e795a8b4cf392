/* Datagrams in vectors: every message is one of its own. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MANY 70

static int bound(struct sockaddr_in *name) {
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    socklen_t len = sizeof(*name);
    memset(name, 0, sizeof(*name));
    name->sin_family = AF_INET;
    name->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(s, (struct sockaddr *)name, sizeof(*name));
    getsockname(s, (struct sockaddr *)name, &len);
    return s;
}

int main(void) {
    struct sockaddr_in a_name, b_name, from[8];
    int a = bound(&a_name), b = bound(&b_name), one = 1;
    setsockopt(b, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one));

    struct iovec parts[6] = {{"first ", 6}, {"message", 7}, {"second", 6}, {"the third ", 10}, {"of ", 3}, {"three", 5}};
    struct mmsghdr out[3] = {{{&b_name, sizeof(b_name), parts, 2}}, {{&b_name, sizeof(b_name), parts + 2, 1}}, {{&a_name, sizeof(a_name), parts + 3, 3}}};
    sendmmsg(a, out, 3, 0);
    char buf[4][100], control[4][100];
    struct iovec rooms[4];
    struct mmsghdr in[4];
    memset(in, 0, sizeof(in));
    for (int i = 0; i < 4; i++) {
        rooms[i] = (struct iovec){buf[i], sizeof(buf[i])};
        in[i].msg_hdr = (struct msghdr){&from[i], sizeof(from[i]), &rooms[i], 1, control[i], sizeof(control[i])};
    }
    recvmmsg(b, in, 4, MSG_DONTWAIT, NULL);
    recvmmsg(b, in, 4, MSG_DONTWAIT, NULL);
    /* The second one is refused: only the first is sent. */
    out[1].msg_hdr.msg_namelen = 3;
    sendmmsg(a, out, 3, 0);
    sendmmsg(77, out, 3, 0);

    int pair[2];
    socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
    static char text[MANY][8];
    static struct iovec each[MANY];
    static struct mmsghdr many[MANY];
    for (int i = 0; i < MANY; i++) {
        sprintf(text[i], "m%02d", i);
        each[i] = (struct iovec){text[i], 3};
        many[i].msg_hdr = (struct msghdr){.msg_iov = &each[i], .msg_iovlen = 1};
    }
    sendmmsg(pair[0], many, MANY, MSG_DONTWAIT);
    recvmmsg(pair[1], many, MANY, MSG_DONTWAIT, NULL);
    return 0;
}
