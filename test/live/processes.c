/* Processes that begin, change and end in unusual ways. `processes CASE`; each says on standard output what is to be expected. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char *self;

/* A file made by this thread tells which one is at work. */
static void mark(const char *name) {
    close(open(name, O_WRONLY | O_CREAT, 0600));
}

static void *execute(void *arg) {
    execl(self, self, "after-exec", "thread", NULL);
    return arg;
}

static void *wait_for_ever(void *arg) {
    pause();
    return arg;
}

static void exec_from_thread(void) {
    pthread_t t, other;
    dup2(open("kept", O_RDWR | O_CREAT, 0600), 40);
    chdir("folder");
    pthread_create(&other, NULL, wait_for_ever, NULL);
    pthread_create(&t, NULL, execute, NULL);
    pthread_join(t, NULL);
}

static void *outlive(void *arg) {
    /* Until the leader is a zombie. */
    char path[64], line[256];
    sprintf(path, "/proc/self/task/%d/stat", getpid());
    for (;;) {
        FILE *f = fopen(path, "r");
        line[0] = 0;
        if (f && fgets(line, sizeof(line), f) && strstr(line, ") Z "))
            break;
        if (f)
            fclose(f);
        usleep(1000);
    }
    write(41, "zombie", 6);
    mark("by-thread");
    exit(5);
}

static void zombie_leader(void) {
    pthread_t t;
    dup2(open("kept", O_RDWR | O_CREAT, 0600), 41);
    pthread_create(&t, NULL, outlive, NULL);
    syscall(SYS_exit, 0);
}

static void many_args(int count) {
    char **argv = calloc(count + 2, sizeof(*argv));
    argv[0] = self;
    argv[1] = "after-exec";
    for (int i = 2; i < count; i++) {
        argv[i] = malloc(8);
        sprintf(argv[i], "a%d", i);
    }
    execv("/no/such", argv);
    execv(self, argv);
}

static void *renamed(void *arg) {
    prctl(PR_SET_NAME, "worker-1");
    mark("as-worker");
    pthread_setname_np(*(pthread_t *)arg, "other-name");
    return NULL;
}

int main(int argc, char **argv) {
    self = argv[0];
    const char *what = argv[1];
    if (!strcmp(what, "after-exec")) {
        mark("after-exec");
        write(40, "kept", 4);
        return 3;
    }
    mark("begin");
    if (!strcmp(what, "exec-from-thread"))
        exec_from_thread();
    if (!strcmp(what, "zombie-leader"))
        zombie_leader();
    if (!strcmp(what, "many-args"))
        many_args(300);
    if (!strcmp(what, "odd-args")) {
        char *odd[] = {"not the file's name", "after-exec", "", "\xff\xfe", "a b\tc", "", NULL};
        char *env[] = {"", "NO_EQUALS", "X=\xfe", NULL};
        execve(self, odd, env);
    }
    if (!strcmp(what, "no-args")) {
        char *none[] = {NULL};
        execve("/bin/true", none, none);
    }
    if (!strcmp(what, "unread-names")) {
        /* In pages that nobody has read yet: a program on the entry of a call cannot. */
        int fd = memfd_create("names", 0);
        write(fd, "/no/such/program", 17);
        pwrite(fd, "./script.sh", 12, 4096);
        char *none = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
        char *script = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 4096);
        char *one[] = {"script.sh", NULL};
        execve(none, one, environ);
        execve(script, one, environ);
    }
    if (!strcmp(what, "script"))
        execl("./script.sh", "script.sh", "one", "two words", NULL);
    if (!strcmp(what, "fexec")) {
        int fd = open("/bin/true", O_PATH | O_CLOEXEC);
        char *one[] = {"true-by-fd", NULL};
        syscall(SYS_execveat, fd, "", one, environ, AT_EMPTY_PATH);
    }
    if (!strcmp(what, "dirfd")) {
        int fd = open("/bin", O_PATH | O_DIRECTORY);
        char *one[] = {"true-in-dir", NULL};
        syscall(SYS_execveat, fd, "true", one, environ, 0);
    }
    if (!strcmp(what, "memfd")) {
        int from = open("/bin/true", O_RDONLY), fd = memfd_create("hidden", 0);
        char buf[65536];
        ssize_t n;
        while ((n = read(from, buf, sizeof(buf))) > 0)
            write(fd, buf, n);
        char *one[] = {"true-in-memory", NULL};
        syscall(SYS_execveat, fd, "", one, environ, AT_EMPTY_PATH);
    }
    if (!strcmp(what, "vfork")) {
        pid_t pid = vfork();
        if (pid == 0) {
            execl("/bin/true", "true", "vforked", NULL);
            _exit(1);
        }
        waitpid(pid, NULL, 0);
        mark("parent-again");
    }
    if (!strcmp(what, "setuid")) {
        if (fork() == 0) {
            syscall(SYS_setgid, 65534);
            syscall(SYS_setuid, 65534);
            execl("./setuid-program", "setuid-program", "after-exec", NULL);
            _exit(1);
        }
        wait(NULL);
    }
    if (!strcmp(what, "renamed")) {
        pthread_t t, me = pthread_self();
        prctl(PR_SET_NAME, "new-name");
        mark("as-new-name");
        pthread_create(&t, NULL, renamed, &me);
        pthread_join(t, NULL);
        mark("as-other-name");
    }
    if (!strcmp(what, "nested")) {
        unshare(CLONE_NEWPID);
        pid_t pid = fork();
        if (pid == 0) {
            mark("inside");
            unshare(CLONE_NEWPID);
            if (fork() == 0) {
                mark("deeper");
                _exit(0);
            }
            wait(NULL);
            execl("/bin/true", "true", "inner", NULL);
        }
        waitpid(pid, NULL, 0);
    }
    return 0;
}
