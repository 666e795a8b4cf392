/* Makes one call, or a few, of every class that has an event of its own. Run in an empty directory, as root. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/quota.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* Calls that younger architectures do not have: -1 is no call at all. */
#ifdef __aarch64__
#define SYS_getdents -1
#define SYS_stat -1
#define SYS_lstat -1
#define SYS_open -1
#define SYS_rename -1
#define SYS_link -1
#define SYS_symlink -1
#define SYS_chmod -1
#define SYS_unlink -1
#define SYS_pipe -1
#define SYS_dup2 -1
#define SYS_select -1
#define SYS_chown -1
#define SYS_lchown -1
#define SYS_mknod -1
#define SYS_epoll_create -1
#define SYS_fork -1
#endif

static void files(void) {
    char buf[300];
    int fd = open("one.txt", O_RDWR | O_CREAT | O_TRUNC, 0640);
    write(fd, "hello, world\n", 13);
    struct iovec v[3] = {{"abc", 3}, {"", 0}, {"defgh", 5}};
    writev(fd, v, 3);
    pwrite(fd, "XY", 2, 4);
    pwritev(fd, v, 3, 100);
    lseek(fd, 0, SEEK_SET);
    read(fd, buf, sizeof(buf));
    pread(fd, buf, 7, 3);
    struct iovec w[2] = {{buf, 4}, {buf + 100, 10}};
    lseek(fd, -5, SEEK_END);
    readv(fd, w, 2);
    preadv(fd, w, 2, 1);
    syscall(SYS_getdents, open(".", O_RDONLY | O_DIRECTORY), buf, sizeof(buf));
    syscall(SYS_getdents64, open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), buf, sizeof(buf));
    int two = creat("two.txt", 0600);
    off_t off = 2;
    sendfile(two, fd, &off, 5);
    syscall(SYS_copy_file_range, fd, NULL, two, NULL, 4, 0);
    flock(fd, LOCK_EX | LOCK_NB);
    fcntl(fd, F_GETFL);
    fcntl(fd, F_DUPFD_CLOEXEC, 40);
    ioctl(fd, FIONREAD, buf);
    fchmod(fd, 0644);
    struct stat st;
    fstat(fd, &st);
    syscall(SYS_fstat, fd, &st);
    syscall(SYS_stat, "one.txt", &st);
    syscall(SYS_lstat, "nothing", &st);
    access("one.txt", R_OK | W_OK);
    close(two);
    close(fd);
    close(99);
    struct open_how how = {.flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, .mode = 0611, .resolve = RESOLVE_BENEATH};
    close(syscall(SYS_openat2, AT_FDCWD, "three.txt", &how, sizeof(how)));
    close(syscall(SYS_open, "one.txt", O_RDWR | O_CREAT | O_SYNC, 0604));
    open("/no/such/file", O_WRONLY | O_APPEND | O_NONBLOCK);
    mkdir("dir", 0755);
    int dir = open("dir", O_RDONLY | O_DIRECTORY);
    mkdirat(dir, "sub", 0700);
    syscall(SYS_rename, "three.txt", "four.txt");
    renameat(AT_FDCWD, "four.txt", dir, "five.txt");
    renameat2(dir, "five.txt", AT_FDCWD, "six.txt", 1);
    syscall(SYS_link, "six.txt", "seven.txt");
    linkat(AT_FDCWD, "six.txt", dir, "eight.txt", 0);
    syscall(SYS_symlink, "target", "sym");
    symlinkat("../target", dir, "sym2");
    syscall(SYS_chmod, "six.txt", 0600);
    fchmodat(AT_FDCWD, "six.txt", 0640, 0);
    unlinkat(dir, "sym2", 0);
    unlinkat(dir, "sub", AT_REMOVEDIR);
    syscall(SYS_unlink, "sym");
    unlinkat(dir, "eight.txt", 0);
    chdir("dir");
    getcwd(buf, sizeof(buf));
    fchdir(dir);
    chdir("..");
    rmdir("dir");
    chroot("/nowhere");
    mount("none", "/nowhere/at/all", "tmpfs", MS_RDONLY | MS_NOSUID, "size=1m");
    umount2("/nowhere/at/all", MNT_DETACH);
    quotactl(QCMD(Q_GETINFO, USRQUOTA), "/dev/null", 0, buf);
}

static void descriptors(void) {
    int p[2];
    uint64_t one = 1;
    syscall(SYS_pipe, p);
    syscall(SYS_dup2, p[0], 50);
    dup(p[1]);
    dup3(p[1], 51, O_CLOEXEC);
    fcntl(50, F_SETFD, FD_CLOEXEC);
    write(p[1], "through the pipe", 16);
    char buf[64];
    read(50, buf, sizeof(buf));
    int q[2];
    pipe2(q, O_NONBLOCK);
    write(p[1], "spliced", 7);
    splice(p[0], NULL, q[1], NULL, 7, SPLICE_F_MOVE);
    int e = eventfd(5, EFD_NONBLOCK);
    write(e, &one, 8);
    timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    signalfd(-1, &set, 0);
    inotify_init1(IN_CLOEXEC);
    int ep = epoll_create1(0);
    struct epoll_event ev = {.events = EPOLLIN, .data.fd = e};
    epoll_ctl(ep, EPOLL_CTL_ADD, e, &ev);
    epoll_wait(ep, &ev, 1, 10);
    struct pollfd fds[2] = {{e, POLLIN, 0}, {q[0], POLLIN | POLLPRI, 0}};
    poll(fds, 2, 20);
    struct timespec t = {0, 3000000};
    ppoll(fds, 1, &t, NULL);
    fd_set r;
    FD_ZERO(&r);
    FD_SET(e, &r);
    struct timeval tv = {0, 1000};
    syscall(SYS_select, e + 1, &r, NULL, NULL, &tv);
    nanosleep(&t, NULL);
    syscall(SYS_nanosleep, &t, NULL);
}

static void *peer(void *arg) {
    int s = *(int *)arg;
    struct sockaddr_storage from;
    socklen_t len = sizeof(from);
    int c = accept4(s, (struct sockaddr *)&from, &len, SOCK_CLOEXEC);
    char buf[100];
    ssize_t n = recv(c, buf, sizeof(buf), 0);
    send(c, buf, n > 0 ? (size_t)n : 0, 0);
    close(c);
    return NULL;
}

static void stream(int family, struct sockaddr *addr, socklen_t len) {
    int s = socket(family, SOCK_STREAM, 0);
    int one = 1;
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    bind(s, addr, len);
    listen(s, 7);
    getsockname(s, addr, &len);
    pthread_t t;
    pthread_create(&t, NULL, peer, &s);
    int c = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval tv = {2, 500000};
    setsockopt(c, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
    connect(c, addr, len);
    struct sockaddr_storage name;
    socklen_t size = sizeof(name);
    getpeername(c, (struct sockaddr *)&name, &size);
    send(c, "stream of bytes", 15, 0);
    char buf[100];
    recvfrom(c, buf, sizeof(buf), 0, NULL, NULL);
    size = sizeof(one);
    getsockopt(c, SOL_SOCKET, SO_ERROR, &one, &size);
    shutdown(c, SHUT_RDWR);
    pthread_join(t, NULL);
    close(c);
    close(s);
}

static void sockets(void) {
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    stream(AF_INET, (struct sockaddr *)&in, sizeof(in));
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    stream(AF_INET6, (struct sockaddr *)&in6, sizeof(in6));
    struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "socket"};
    stream(AF_UNIX, (struct sockaddr *)&un, sizeof(un));
    int a = socket(AF_INET, SOCK_DGRAM, 0), b = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(to);
    bind(b, (struct sockaddr *)&to, sizeof(to));
    getsockname(b, (struct sockaddr *)&to, &len);
    sendto(a, "datagram", 8, 0, (struct sockaddr *)&to, sizeof(to));
    char buf[64];
    struct sockaddr_in from;
    len = sizeof(from);
    recvfrom(b, buf, sizeof(buf), 0, (struct sockaddr *)&from, &len);
    struct iovec v[2] = {{"two ", 4}, {"parts", 5}};
    struct msghdr m = {.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = v, .msg_iovlen = 2};
    sendmsg(a, &m, 0);
    struct iovec w = {buf, sizeof(buf)};
    struct msghdr n = {.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &w, .msg_iovlen = 1};
    recvmsg(b, &n, 0);
    int pair[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    write(pair[0], "pair", 4);
    read(pair[1], buf, sizeof(buf));
    to.sin_port = htons(1);
    int refused = socket(AF_INET, SOCK_STREAM, 0);
    connect(refused, (struct sockaddr *)&to, sizeof(to));
    accept(refused, NULL, NULL);
}

static void memory(void) {
    void *p = mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(p, 4096, PROT_READ);
    munmap(p, 12288);
    mmap(NULL, 0, PROT_READ, MAP_SHARED, 77, 4096);
    syscall(SYS_brk, 0);
}

static void ids(void) {
    getuid();
    geteuid();
    getgid();
    getegid();
    uid_t a, b, c;
    getresuid(&a, &b, &c);
    getresgid(&a, &b, &c);
    syscall(SYS_setuid, 0);
    syscall(SYS_setgid, 0);
    syscall(SYS_setresuid, -1, 0, -1);
    syscall(SYS_setresgid, 0, -1, 0);
    struct rlimit r;
    syscall(SYS_getrlimit, RLIMIT_NOFILE, &r);
    syscall(SYS_setrlimit, RLIMIT_NOFILE, &r);
    syscall(SYS_prlimit64, 0, RLIMIT_CORE, NULL, &r);
    setpgid(0, 0);
    kill(getpid(), 0);
    syscall(SYS_tkill, syscall(SYS_gettid), 0);
    syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), 0);
    unshare(CLONE_FS);
    setns(-1, CLONE_NEWUTS | CLONE_NEWNET);
    syscall(SYS_seccomp, 2, 0, &a);
    ptrace(PTRACE_PEEKDATA, 1 << 30, 0, 0);
    int sem = semget(IPC_PRIVATE, 2, IPC_CREAT | 0600);
    struct sembuf ops[2] = {{0, 2, IPC_NOWAIT}, {1, 3, 0}};
    semop(sem, ops, 2);
    syscall(SYS_semop, sem, ops, 2);
    semctl(sem, 1, SETVAL, 9);
    semctl(sem, 0, IPC_RMID);
    syscall(SYS_futex, &sem, 1, 1, NULL, NULL, 0);
}

/* Calls that have events of their own in newer versions of the format only. */
static void newer(void) {
    char buf[64];
    int fd = open("owned", O_RDWR | O_CREAT, 0600), target;
    write(fd, "some bytes", 10);
    syscall(SYS_chown, "owned", 1000, 1001);
    syscall(SYS_lchown, "owned", 1002, -1);
    fchown(fd, 0, 0);
    fchownat(AT_FDCWD, "owned", 5, 6, AT_EMPTY_PATH);
    syscall(SYS_mknod, "fifo", S_IFIFO | 0600, 0);
    mknodat(AT_FDCWD, "device", S_IFCHR | 0660, makedev(1, 3));
    syscall(SYS_setreuid, -1, 0);
    syscall(SYS_setregid, 0, -1);
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mlock(p, 4096);
    munlock(p, 4096);
    mlock2(p, 4096, MLOCK_ONFAULT);
    mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
    munlockall();
    mlockall(0x4000);
    struct __user_cap_header_struct cap_head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct caps[2];
    syscall(SYS_capget, &cap_head, caps);
    syscall(SYS_capset, &cap_head, caps);
    syscall(SYS_init_module, "no module", 9, "key=value");
    syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
    union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};
    syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
    syscall(SYS_bpf, 99, &attr, sizeof(attr));
    prctl(PR_SET_NAME, "renamed");
    prctl(PR_GET_NAME, buf);
    prctl(PR_SET_NAME, "workload");
    prctl(PR_SET_DUMPABLE, 1);
    syscall(SYS_delete_module, "no_such_module", O_NONBLOCK);
    syscall(SYS_finit_module, -1, "key=value", 1);
    syscall(SYS_epoll_create, 3);
    int memory = memfd_create("named", MFD_CLOEXEC);
    int pidfd = syscall(SYS_pidfd_open, getpid(), 0);
    syscall(SYS_pidfd_getfd, pidfd, memory, 0);
    struct iovec local = {buf, 10}, remote = {"remote bytes", 12};
    process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
    process_vm_writev(getpid(), &local, 1, &local, 1, 0);
    struct {
        struct file_handle handle;
        unsigned char bytes[128];
    } handle = {.handle.handle_bytes = 128};
    int mount_id;
    name_to_handle_at(AT_FDCWD, "owned", &handle.handle, &mount_id, 0);
    close(open_by_handle_at(AT_FDCWD, &handle.handle, O_RDONLY));
    syscall(SYS_fsconfig, -1, 1, "source", "/dev/x", 0);
    unsigned char params[120] = {0};
    int ring = syscall(SYS_io_uring_setup, 4, params);
    syscall(SYS_io_uring_enter, ring, 0, 0, 1, NULL, 0);
    syscall(SYS_io_uring_register, ring, 99, NULL, 3);
    syscall(SYS_close_range, 200, 300, 0);
}

static void processes(char *self) {
    signal(SIGUSR1, SIG_IGN);
    if (fork() == 0) {
        setsid();
        char *argv[] = {self, "child", "with some", "arguments", NULL};
        char *envp[] = {"COLOR=blue", "EMPTY=", NULL};
        execve("/no/such/program", argv, envp);
        syscall(SYS_execveat, AT_FDCWD, "no-program", argv, envp, AT_SYMLINK_NOFOLLOW);
        execve(self, argv, envp);
        _exit(9);
    }
    wait(NULL);
    pid_t v = vfork();
    if (v == 0)
        _exit(3);
    wait(NULL);
    if (syscall(SYS_fork) == 0)
        raise(SIGKILL);
    wait(NULL);
    uint64_t args[11] = {0};
    args[4] = SIGCHLD;
    if (syscall(SYS_clone3, args, 64) == 0)
        _exit(4);
    wait(NULL);
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "child") == 0)
        return 7;
    files();
    descriptors();
    sockets();
    memory();
    ids();
    newer();
    processes(argv[0]);
    return 0;
}
