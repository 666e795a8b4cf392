/*
 * Parents and children, one pair after the other over some time. Each parent has a file from the beginning, as number 8; when its
 * child is born it gives it up, in a way that the first argument says; the child, which has it too, reads from it when the
 * standard input ends.
 * Arguments: way, pairs, microseconds over which their births are spread.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void give_up(const char *way) {
    if (strcmp(way, "close") == 0)
        close(8);
    else if (strcmp(way, "dup2") == 0)
        dup2(0, 8);
    else if (strcmp(way, "close_range") == 0)
        syscall(SYS_close_range, 3, ~0U, 0);
    else if (strcmp(way, "exec") == 0)
        execlp("cat", "cat", NULL);
    else
        _exit(0);
}

int main(int argc, char **argv) {
    if (argc < 4)
        return 2;
    int pairs = atoi(argv[2]), spread = atoi(argv[3]);
    char line[64];
    /* Who lost its parent is waited for, too. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (int i = 0; i < pairs; i++) {
        if (fork() != 0)
            continue;
        int fd = open("/etc/hostname", O_RDONLY);
        dup3(fd, 8, O_CLOEXEC);
        close(fd);
        usleep((useconds_t)((long)spread * i / pairs));
        if (fork() == 0) {
            while (read(0, line, sizeof(line)) > 0)
                ;
            return read(8, line, sizeof(line)) < 0;
        }
        give_up(argv[1]);
        while (wait(NULL) > 0)
            ;
        return 0;
    }
    while (wait(NULL) > 0)
        ;
    return 0;
}
