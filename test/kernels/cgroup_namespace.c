/* Runs a command in a cgroup namespace of its own, whose root is the cgroup that it is in. */
#define _GNU_SOURCE
#include <sched.h>
#include <unistd.h>

int main(int argc, char **argv) {
    if (argc < 2 || unshare(CLONE_NEWCGROUP) < 0)
        return 1;
    execvp(argv[1], argv + 1);
    return 127;
}
