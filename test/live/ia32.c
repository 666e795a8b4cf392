/* A 32-bit program without a C library: what the system calls of such programs become. */
static long call(long nr, long a, long b, long c, long d, long e, long f) {
    long ret;
    __asm__ volatile("pushl %7\n pushl %%ebp\n movl 4(%%esp), %%ebp\n int $0x80\n popl %%ebp\n addl $4, %%esp"
                     : "=a"(ret)
                     : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e), "m"(f)
                     : "memory");
    return ret;
}

void _start(void) {
    static char buf[16];
    struct {
        char *base;
        unsigned int len;
    } v[2] = {{"thirty", 6}, {"two", 3}};
    long fd = call(5, (long)"/etc/hostname", 0, 0, 0, 0, 0); /* open */
    call(3, fd, (long)buf, 4, 0, 0, 0);                      /* read */
    call(140, fd, 0, 2, (long)buf, 0, 0);                    /* _llseek */
    call(180, fd, (long)buf, 2, 1, 0, 0);                    /* pread64 */
    call(6, fd, 0, 0, 0, 0, 0);                              /* close */
    long null = call(5, (long)"/dev/null", 1, 0, 0, 0, 0);
    call(146, null, (long)v, 2, 0, 0, 0);      /* writev */
    call(192, 0, 8192, 3, 0x22, -1, 0);        /* mmap2 */
    long socket[3] = {2, 2, 0};
    long s = call(102, 1, (long)socket, 0, 0, 0, 0); /* socketcall: socket */
    unsigned char to[16] = {2, 0, 0, 9, 127, 0, 0, 1};
    long args[6] = {s, (long)"compat", 6, 0, (long)to, 16};
    call(102, 11, (long)args, 0, 0, 0, 0); /* socketcall: sendto */
    call(199, 0, 0, 0, 0, 0, 0);           /* getuid32 */
    call(10, (long)"/no/such/file", 0, 0, 0, 0, 0); /* unlink */
    struct {
        int fd;
        short events, returned;
    } poll = {null, 4, 0};
    int time32[2] = {0, 5000000};
    long long time64[2] = {1, 7};
    call(309, (long)&poll, 1, (long)time32, 0, 0, 0); /* ppoll */
    call(414, (long)&poll, 1, (long)time64, 0, 0, 0); /* ppoll_time64 */
    struct {
        void *name;
        int name_length;
        void *parts;
        unsigned int count;
        void *control;
        unsigned int control_length, flags, done;
    } message[2] = {{to, 16, v, 2}, {to, 16, v, 1}};
    call(345, s, (long)message, 2, 0, 0, 0); /* sendmmsg */
    call(1, 5, 0, 0, 0, 0, 0);
}
