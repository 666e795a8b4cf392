/* Calls getppid for so many seconds; prints its pid, the calls made, the seconds and the processor seconds they took. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static double now(clockid_t clock) {
	struct timespec ts;
	clock_gettime(clock, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
	double seconds = argc > 1 ? atof(argv[1]) : 1;
	double start = now(CLOCK_MONOTONIC), taken;
	unsigned long calls = 0;

	do {
		/* The clock is read in user space, seldom enough not to count. */
		for (int i = 0; i < 1000; i++)
			syscall(SYS_getppid);
		calls += 1000;
		taken = now(CLOCK_MONOTONIC) - start;
	} while (taken < seconds);
	printf("%d %lu %.6f %.6f\n", getpid(), calls, taken, now(CLOCK_PROCESS_CPUTIME_ID));
	return 0;
}
