/* Closing what the kernel takes its time to close. */
#ifndef TSDIG_CLOSER_H
#define TSDIG_CLOSER_H

/*
 * Starts a process that has `fds` open and nothing else. Returns what keeps it waiting: closed when `fds`
 * have been closed here, which takes no time then; the process ends, and what they stand for is left on its
 * time. -1: there is no such process.
 */
int closer_start(const int *fds, int count);

#endif
