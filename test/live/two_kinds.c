/* Opens a file by a call of 64 bits and one by a call of 32 bits (not with an argument), for each line of its input; says so. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static long open32(const char *path) {
    long ret;
    __asm__ volatile("int $0x80"
                     : "=a"(ret)
                     : "a"(295L), "b"(-100L), "c"(path), "d"(0L), "S"(0L)
                     : "memory", "r8", "r9", "r10", "r11");
    return ret;
}

int main(int argc, char **argv) {
    (void)argv;
    /* Where 32 bits reach. */
    char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    char line[16];
    /* What was not touched before cannot be read when the call is entered. */
    static char path[32];
    strcpy(path, "/no/such/file64");
    strcpy(low, "/no/such/file32");
    while (fgets(line, sizeof(line), stdin)) {
        openat(AT_FDCWD, path, O_RDONLY);
        if (argc < 2)
            open32(low);
        puts("done");
        fflush(stdout);
    }
    return 0;
}
