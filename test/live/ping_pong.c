/* Two processes, each on a CPU of its own, pass a byte back and forth through pipes. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void pin(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    sched_setaffinity(0, sizeof(set), &set);
}

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 1000;
    int there[2], back[2];
    char byte = 'x';
    if (pipe(there) || pipe(back))
        return 1;
    if (fork() == 0) {
        pin(1);
        close(there[1]);
        close(back[0]);
        while (read(there[0], &byte, 1) == 1)
            if (write(back[1], &byte, 1) != 1)
                return 1;
        return 0;
    }
    pin(0);
    close(there[0]);
    close(back[1]);
    for (int i = 0; i < rounds; i++)
        if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
            return 1;
    close(there[1]);
    wait(NULL);
    return 0;
}
