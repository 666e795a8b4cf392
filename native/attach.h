/* Which programs are attached to what, and when. */
#ifndef TSDIG_ATTACH_H
#define TSDIG_ATTACH_H

#include "capture.h"

/*
 * Decides, before the programs are loaded, how entering system calls is seen: `sys` says which calls' enter
 * events are wanted. Sets by_calls and demand, at most one of them.
 */
void attach_plan(struct tsdig *t, const struct tsdig_options *o, const struct tsdig_sys *sys);
/* Attaches what was loaded; 0, or -1 with the capture's error set. */
int attach_start(struct tsdig *t);
/*
 * Detaches everything: at once, or on the thread that attaches, for which `attach_close` waits. The kernel
 * takes its time to leave the tracepoints of single calls: a process of their own waits for that.
 */
void attach_stop(struct tsdig *t);
void attach_close(struct tsdig *t);
/* Where this decides: others than before may be recorded from now on, and are to be seen entering their
 * calls. */
void attach_need(struct tsdig *t, enum tsdig_demand demand);
/* A process was added to the set. */
void attach_listed(struct tsdig *t, uint32_t pid);
/* Enter events that were to be seen by a program that the kernel did not run. */
uint64_t attach_missed(struct tsdig *t);

#endif
