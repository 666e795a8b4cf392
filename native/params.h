/* Events of system calls made outside of the kernel, by the plans that the eBPF programs use, too. */
#ifndef TSDIG_PARAMS_H
#define TSDIG_PARAMS_H

#include <stdbool.h>
#include <stdint.h>
#include "remote.h"

/* Room an event needs at most. */
#define EVENT_ROOM (160u * 1024u)

/* A system call as one of the tracing engines sees it. */
struct call {
    struct remote who;
    uint32_t nr; /* in the table of the 64-bit calls */
    uint64_t args[6];
    bool time64; /* a 32-bit program's call, with times of 64 bits */
    int64_t ret;
    bool exit; /* it returns */
    /* The process is stopped: memory and /proc show this moment. If not, they are read later than the call
     * was made, and only what seldom changes is. */
    bool settled;
    bool created; /* open: the file was not there before */
    uint32_t snaplen;
    uint32_t unreadable; /* counts texts and buffers that could not be read */
    /* The program's file and its folder, for when /proc has nothing any more; may be NULL. */
    const char *known_file, *known_cwd;
    /* within event_call */
    bool life;
    uint32_t rest;
};

/* How each system call is recorded, by number; all 512, with those of a 32-bit program that have no other
 * number. */
struct tsdig_options;
struct tsdig_sys;
void sys_table(const struct tsdig_options *options, struct tsdig_sys *table);

/* Number in the table of a 32-bit program's call, as far as the number alone says. */
uint32_t compat_number(uint32_t raw);
/* Number and arguments of a 32-bit program's call in the terms of the table. */
void call_from_compat(struct call *c, uint32_t raw);

/* The event of a call, by plan, at `to`. Its bytes; 0: too large for the format. */
uint32_t event_call(uint8_t *to, uint64_t ts, uint64_t tid, unsigned plan, unsigned sc, struct call *c);

/* Moves on to the next message of a vector that the call has done, if there is one: it has an event, too.
 * `done`: how many events have been made. */
bool event_next_message(struct call *c, unsigned plan, uint32_t done);

/* Plan numbers of events that are not made by a system call of their own. */
unsigned plan_clone(void);
unsigned plan_execve(bool full);
/* Event id that a plan makes. */
unsigned plan_type(unsigned plan);

/* Of sockets.c: both ends of a socket, its queue, a pointer's worth of identity. */
uint32_t socket_tuple(struct call *c, uint8_t *to, bool inbound, unsigned mode);
uint32_t socket_address(struct call *c, uint8_t *to, uint64_t at, uint32_t len);
uint64_t socket_queue(struct call *c, int fd, unsigned which);
uint64_t socket_inode(struct call *c, int fd);

/* A message's parts, as the calling program lays them out. */
struct remote_msg {
    uint64_t name, namelen, iov, iovlen, control, controllen;
};
void remote_message(const struct remote *r, uint64_t at, struct remote_msg *m);

#endif
