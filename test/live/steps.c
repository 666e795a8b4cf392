/* A fixed sequence of calls in a process, its child, a thread and a program it executes; the same in every run. Run in
 * an empty directory. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void on_signal(int number) {
    (void)number;
}

static void *thread(void *folder) {
    mkdir(folder, 0750);
    rmdir(folder);
    return NULL;
}

static void talk(void) {
    int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    bind(server, (struct sockaddr *)&at, sizeof(at));
    listen(server, 3);
    getsockname(server, (struct sockaddr *)&at, &len);
    connect(client, (struct sockaddr *)&at, sizeof(at));
    int peer = accept(server, NULL, NULL);
    send(client, "over the wire", 13, 0);
    char buf[32];
    recv(peer, buf, sizeof(buf), 0);
    close(peer);
    close(client);
    close(server);
}

int main(int argc, char **argv) {
    char buf[64];
    if (argc > 1) {
        chdir("/");
        access("/etc/passwd", R_OK);
        return 7;
    }
    int fd = open("first.txt", O_RDWR | O_CREAT, 0640);
    write(fd, "hello", 5);
    struct iovec v[2] = {{"scattered ", 10}, {"words", 5}};
    writev(fd, v, 2);
    lseek(fd, 2, SEEK_SET);
    read(fd, buf, 10);
    close(fd);
    open("no/such/file", O_RDONLY);
    close(77);
    int p[2];
    pipe2(p, 0);
    signal(SIGUSR1, on_signal);
    raise(SIGUSR1);
    pid_t child = fork();
    if (child == 0) {
        close(p[0]);
        write(p[1], "from the child", 14);
        char *args[] = {argv[0], "again", NULL}, *env[] = {"MARK=steps", NULL};
        execve("/no/such/program", args, env);
        execve("/proc/self/exe", args, env);
        _exit(1);
    }
    close(p[1]);
    read(p[0], buf, sizeof(buf));
    int status;
    waitpid(child, &status, 0);
    pthread_t t;
    pthread_create(&t, NULL, thread, "folder");
    pthread_join(t, NULL);
    talk();
    unlink("first.txt");
    return WEXITSTATUS(status) - 3;
}
