/* Processes of the set of process ids: do they run, will they soon be born? */
#ifndef TSDIG_AWAITED_H
#define TSDIG_AWAITED_H

#include "capture.h"

/* Are the numbers in the set those that this process knows processes by? */
bool awaited_tell(void);
/* The programs are to give notice of the birth of `pid`. */
void awaited_note(struct tsdig_entering *entering, uint32_t pid);
/* The same for all members of the map, and where births are now. */
void awaited_begin(struct tsdig_entering *entering, int map_fd);
/* Does a process in the map run, or may it be born before long? */
bool awaited_any(const struct tsdig_entering *entering, int map_fd);

#endif
