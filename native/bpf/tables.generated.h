/* Made by scripts/generate-native-tables.mjs: do not edit. */
#ifndef TSDIG_TABLES_H
#define TSDIG_TABLES_H

enum tsdig_kind {
    OP_RET,
    OP_ARG,
    OP_SARG,
    OP_CONST,
    OP_SC,
    OP_NR,
    OP_MAP,
    OP_MASK,
    OP_RETS32,
    OP_RETSIZE,
    OP_POS,
    OP_DEREF32,
    OP_DEREF64,
    OP_IOVSIZE,
    OP_MSGSIZE,
    OP_TIMESPEC,
    OP_SIGSET,
    OP_OPENMODE,
    OP_OPENFLAGS,
    OP_OPENFLAGSX,
    OP_HOW,
    OP_DEV,
    OP_INO,
    OP_LAYERS,
    OP_SV,
    OP_SVSOCK,
    OP_PIPEFD,
    OP_PIPEINO,
    OP_QUEUE,
    OP_OPTNAME,
    OP_RLIMIT,
    OP_RLIMITSET,
    OP_RLIMITNEW,
    OP_RLIMITOLD,
    OP_VM,
    OP_TASK,
    OP_CRED,
    OP_EXE_INO,
    OP_CLONEFLAGS,
    OP_SEMBUF,
    OP_SEMVAL,
    OP_MOUNTFLAGS,
    OP_QUOTA,
    OP_MMSG,
    OP_MKNODMODE,
    OP_PRCTLARG,
    OP_URING,
    OP_STR,
    OP_STRRET,
    OP_DATAR,
    OP_DATAW,
    OP_IOVR,
    OP_IOVW,
    OP_MSGR,
    OP_MSGW,
    OP_CONTROL,
    OP_MMSGR,
    OP_MMSGW,
    OP_SOCKADDR,
    OP_TUPLE,
    OP_FDLIST,
    OP_OPTVAL,
    OP_EXE,
    OP_REST,
    OP_CWD,
    OP_COMM,
    OP_CGROUPS,
    OP_ENV,
    OP_EXEPATH,
    OP_PTADDR,
    OP_PTDATA,
    OP_CALLEXE,
    OP_CALLARGS,
    OP_CALLENV,
    OP_CALLFILE,
    OP_PRCTLNAME,
    OP_FDPATH,
    OP_FSBYTES,
    OP_FSTEXT,
};
#define OP_LAST_FIXED OP_NR
#define OP_LAST_VALUE OP_URING

enum { VM_SIZE, VM_RSS, VM_SWAP };
enum { TASK_TID, TASK_PID, TASK_PTID, TASK_FDLIMIT, TASK_MAJFLT, TASK_MINFLT, TASK_VTID, TASK_VPID, TASK_PIDNS, TASK_TTY, TASK_VPGID, TASK_PGID, TASK_LOGINUID, TASK_EXEFLAGS };
enum { CRED_EUID, CRED_EGID, CRED_INH, CRED_PRM, CRED_EFF };
enum { EXE_INO_INO, EXE_INO_CTIME, EXE_INO_MTIME };
enum { QUEUE_PCT, QUEUE_LEN, QUEUE_MAX };
enum { HOW_FLAGS, HOW_MODE, HOW_RESOLVE };
enum { TUPLE_OUT, TUPLE_IN };
enum { URING_FLAGS, URING_FEATURES };

#define PLAN_SYSCALL_CLONE_20_X 85
#define PLAN_SYSCALL_EXECVE_19_X 91
#define PLAN_SYSCALL_EXECVE_19_X_FULL 92

#ifdef TSDIG_WITH_PLANS
static const volatile struct tsdig_plan tsdig_plans[TSDIG_MAX_PLANS] = {
    {0, 2, 0, 34, 0, 0, 0}, /* GENERIC_E */
    {1, 2, 2, 34, 0, 0, 0}, /* GENERIC_X */
    {6, 2, 4, 42, 0, 0, 0}, /* SYSCALL_READ_E */
    {7, 4, 6, 54, 0, 1, 0}, /* SYSCALL_READ_X */
    {8, 2, 10, 42, 0, 0, 0}, /* SYSCALL_WRITE_E */
    {9, 4, 12, 54, 0, 1, 0}, /* SYSCALL_WRITE_X */
    {2, 3, 16, 4136, 0, 2, 0}, /* SYSCALL_OPEN_E */
    {3, 6, 19, 4162, 1, 0, 0}, /* SYSCALL_OPEN_X */
    {4, 1, 25, 36, 0, 0, 0}, /* SYSCALL_CLOSE_E */
    {5, 2, 26, 46, 1, 0, 0}, /* SYSCALL_CLOSE_X */
    {66, 0, 28, 26, 0, 0, 0}, /* SYSCALL_STAT_E */
    {67, 2, 28, 4134, 0, 0, 0}, /* SYSCALL_STAT_X */
    {70, 1, 30, 36, 0, 0, 0}, /* SYSCALL_FSTAT_E */
    {71, 2, 31, 46, 0, 0, 0}, /* SYSCALL_FSTAT_X */
    {68, 0, 33, 26, 0, 0, 0}, /* SYSCALL_LSTAT_E */
    {69, 2, 33, 4134, 0, 0, 0}, /* SYSCALL_LSTAT_X */
    {80, 2, 35, 200, 0, 0, 0}, /* SYSCALL_POLL_E */
    {81, 3, 37, 210, 0, 0, 0}, /* SYSCALL_POLL_X */
    {86, 3, 40, 49, 0, 0, 0}, /* SYSCALL_LSEEK_E */
    {87, 4, 43, 59, 0, 0, 0}, /* SYSCALL_LSEEK_X */
    {160, 6, 47, 78, 0, 0, 0}, /* SYSCALL_MMAP_E */
    {161, 10, 53, 106, 0, 0, 0}, /* SYSCALL_MMAP_X */
    {328, 3, 63, 52, 0, 0, 0}, /* SYSCALL_MPROTECT_E */
    {329, 4, 66, 62, 0, 0, 0}, /* SYSCALL_MPROTECT_X */
    {164, 2, 70, 46, 0, 0, 0}, /* SYSCALL_MUNMAP_E */
    {165, 6, 72, 74, 0, 0, 0}, /* SYSCALL_MUNMAP_X */
    {158, 1, 78, 36, 0, 0, 0}, /* SYSCALL_BRK_4_E */
    {159, 5, 79, 64, 0, 0, 0}, /* SYSCALL_BRK_4_X */
    {170, 3, 84, 56, 0, 0, 0}, /* SYSCALL_IOCTL_3_E */
    {171, 4, 87, 66, 0, 0, 0}, /* SYSCALL_IOCTL_3_X */
    {112, 3, 91, 52, 0, 0, 0}, /* SYSCALL_PREAD_E */
    {113, 5, 94, 64, 0, 1, 0}, /* SYSCALL_PREAD_X */
    {114, 3, 99, 52, 0, 0, 0}, /* SYSCALL_PWRITE_E */
    {115, 5, 102, 64, 0, 1, 0}, /* SYSCALL_PWRITE_X */
    {116, 1, 107, 36, 0, 0, 0}, /* SYSCALL_READV_E */
    {117, 4, 108, 54, 0, 1, 0}, /* SYSCALL_READV_X */
    {118, 2, 112, 42, 0, 0, 0}, /* SYSCALL_WRITEV_E */
    {119, 4, 114, 54, 0, 1, 0}, /* SYSCALL_WRITEV_X */
    {264, 1, 118, 32, 0, 0, 0}, /* SYSCALL_ACCESS_E */
    {265, 3, 119, 4140, 0, 0, 0}, /* SYSCALL_ACCESS_X */
    {60, 0, 122, 26, 0, 0, 0}, /* SYSCALL_PIPE_E */
    {61, 4, 122, 66, 1, 0, 0}, /* SYSCALL_PIPE_X */
    {82, 0, 126, 26, 0, 0, 0}, /* SYSCALL_SELECT_E */
    {83, 1, 126, 36, 0, 0, 0}, /* SYSCALL_SELECT_X */
    {124, 1, 127, 36, 0, 0, 0}, /* SYSCALL_DUP_E */
    {125, 1, 128, 36, 1, 0, 0}, /* SYSCALL_DUP_X */
    {366, 1, 129, 36, 0, 0, 0}, /* SYSCALL_DUP_1_E */
    {367, 2, 130, 46, 1, 0, 0}, /* SYSCALL_DUP_1_X */
    {362, 1, 132, 36, 0, 0, 0}, /* SYSCALL_DUP2_E */
    {363, 3, 133, 56, 1, 0, 0}, /* SYSCALL_DUP2_X */
    {134, 1, 136, 36, 0, 0, 0}, /* SYSCALL_NANOSLEEP_E */
    {135, 2, 137, 46, 0, 0, 0}, /* SYSCALL_NANOSLEEP_X */
    {188, 4, 139, 66, 0, 0, 0}, /* SYSCALL_SENDFILE_E */
    {189, 5, 143, 76, 0, 0, 0}, /* SYSCALL_SENDFILE_X */
    {18, 3, 148, 44, 0, 0, 0}, /* SOCKET_SOCKET_E */
    {19, 4, 151, 54, 1, 0, 0}, /* SOCKET_SOCKET_X */
    {22, 2, 155, 166, 0, 0, 0}, /* SOCKET_CONNECT_E */
    {23, 4, 157, 338, 1, 0, 0}, /* SOCKET_CONNECT_X */
    {246, 0, 161, 26, 0, 0, 0}, /* SOCKET_ACCEPT_5_E */
    {247, 5, 161, 213, 1, 0, 0}, /* SOCKET_ACCEPT_5_X */
    {30, 3, 166, 204, 0, 0, 0}, /* SOCKET_SENDTO_E */
    {31, 5, 169, 216, 0, 1, 0}, /* SOCKET_SENDTO_X */
    {34, 2, 174, 42, 0, 0, 0}, /* SOCKET_RECVFROM_E */
    {35, 5, 176, 216, 0, 1, 0}, /* SOCKET_RECVFROM_X */
    {48, 3, 181, 204, 0, 0, 0}, /* SOCKET_SENDMSG_E */
    {49, 5, 184, 216, 0, 1, 0}, /* SOCKET_SENDMSG_X */
    {52, 1, 189, 36, 0, 0, 0}, /* SOCKET_RECVMSG_E */
    {53, 6, 190, 218, 0, 1, 0}, /* SOCKET_RECVMSG_X */
    {36, 2, 196, 39, 0, 0, 0}, /* SOCKET_SHUTDOWN_E */
    {37, 3, 198, 49, 1, 0, 0}, /* SOCKET_SHUTDOWN_X */
    {20, 1, 201, 36, 0, 0, 0}, /* SOCKET_BIND_E */
    {21, 3, 202, 176, 1, 0, 0}, /* SOCKET_BIND_X */
    {24, 2, 205, 42, 0, 0, 0}, /* SOCKET_LISTEN_E */
    {25, 3, 207, 52, 0, 0, 0}, /* SOCKET_LISTEN_X */
    {38, 0, 210, 26, 0, 0, 0}, /* SOCKET_GETSOCKNAME_E */
    {39, 0, 210, 26, 0, 0, 0}, /* SOCKET_GETSOCKNAME_X */
    {40, 0, 210, 26, 0, 0, 0}, /* SOCKET_GETPEERNAME_E */
    {41, 0, 210, 26, 0, 0, 0}, /* SOCKET_GETPEERNAME_X */
    {42, 3, 210, 44, 0, 0, 0}, /* SOCKET_SOCKETPAIR_E */
    {43, 8, 213, 94, 1, 0, 0}, /* SOCKET_SOCKETPAIR_X */
    {44, 0, 221, 26, 0, 0, 0}, /* SOCKET_SETSOCKOPT_E */
    {45, 6, 221, 316, 0, 0, 0}, /* SOCKET_SETSOCKOPT_X */
    {46, 0, 227, 26, 0, 0, 0}, /* SOCKET_GETSOCKOPT_E */
    {47, 6, 227, 316, 1, 0, 0}, /* SOCKET_GETSOCKOPT_X */
    {222, 0, 233, 26, 2, 0, 0}, /* SYSCALL_CLONE_20_E */
    {223, 21, 233, 12476, 2, 0, 0}, /* SYSCALL_CLONE_20_X */
    {224, 0, 254, 26, 2, 0, 0}, /* SYSCALL_FORK_20_E */
    {225, 21, 254, 12476, 2, 0, 0}, /* SYSCALL_FORK_20_X */
    {226, 0, 275, 26, 2, 0, 0}, /* SYSCALL_VFORK_20_E */
    {227, 21, 275, 12476, 2, 0, 0}, /* SYSCALL_VFORK_20_X */
    {292, 1, 296, 4124, 2, 0, 0}, /* SYSCALL_EXECVE_19_E */
    {293, 30, 297, 24830, 2, 0, 0}, /* SYSCALL_EXECVE_19_X */
    {293, 31, 327, 28928, 2, 0, 0}, /* SYSCALL_EXECVE_19_X_FULL */
    {128, 2, 358, 39, 0, 0, 0}, /* SYSCALL_KILL_E */
    {129, 3, 360, 49, 0, 0, 0}, /* SYSCALL_KILL_X */
    {262, 3, 363, 44, 0, 0, 0}, /* SYSCALL_SEMGET_E */
    {263, 4, 366, 54, 0, 0, 0}, /* SYSCALL_SEMGET_X */
    {250, 1, 370, 32, 0, 0, 0}, /* SYSCALL_SEMOP_E */
    {251, 9, 371, 72, 0, 0, 0}, /* SYSCALL_SEMOP_X */
    {252, 4, 380, 48, 0, 0, 0}, /* SYSCALL_SEMCTL_E */
    {253, 5, 384, 58, 0, 0, 0}, /* SYSCALL_SEMCTL_X */
    {150, 2, 389, 39, 0, 0, 0}, /* SYSCALL_FCNTL_E */
    {151, 3, 391, 49, 1, 0, 0}, /* SYSCALL_FCNTL_X */
    {242, 2, 394, 42, 0, 0, 0}, /* SYSCALL_FLOCK_E */
    {243, 3, 396, 52, 0, 0, 0}, /* SYSCALL_FLOCK_X */
    {236, 1, 399, 36, 0, 0, 0}, /* SYSCALL_GETDENTS_E */
    {237, 2, 400, 46, 0, 0, 0}, /* SYSCALL_GETDENTS_X */
    {92, 0, 402, 26, 0, 0, 0}, /* SYSCALL_GETCWD_E */
    {93, 2, 402, 4134, 0, 0, 0}, /* SYSCALL_GETCWD_X */
    {94, 0, 404, 26, 0, 0, 0}, /* SYSCALL_CHDIR_E */
    {95, 2, 404, 4134, 1, 0, 0}, /* SYSCALL_CHDIR_X */
    {96, 1, 406, 36, 0, 0, 0}, /* SYSCALL_FCHDIR_E */
    {97, 2, 407, 46, 1, 0, 0}, /* SYSCALL_FCHDIR_X */
    {174, 0, 409, 26, 0, 0, 0}, /* SYSCALL_RENAME_E */
    {175, 3, 409, 8232, 0, 0, 0}, /* SYSCALL_RENAME_X */
    {276, 1, 412, 32, 0, 0, 0}, /* SYSCALL_MKDIR_2_E */
    {277, 3, 413, 4140, 0, 0, 0}, /* SYSCALL_MKDIR_2_X */
    {278, 0, 416, 26, 0, 0, 0}, /* SYSCALL_RMDIR_2_E */
    {279, 2, 416, 4134, 0, 0, 0}, /* SYSCALL_RMDIR_2_X */
    {58, 2, 418, 4130, 0, 2, 0}, /* SYSCALL_CREAT_E */
    {59, 6, 420, 4160, 1, 0, 0}, /* SYSCALL_CREAT_X */
    {308, 0, 426, 26, 0, 0, 0}, /* SYSCALL_LINK_2_E */
    {309, 3, 426, 8232, 0, 0, 0}, /* SYSCALL_LINK_2_X */
    {300, 0, 429, 26, 0, 0, 0}, /* SYSCALL_UNLINK_2_E */
    {301, 2, 429, 4134, 0, 0, 0}, /* SYSCALL_UNLINK_2_X */
    {178, 0, 431, 26, 0, 0, 0}, /* SYSCALL_SYMLINK_E */
    {179, 3, 431, 8232, 0, 0, 0}, /* SYSCALL_SYMLINK_X */
    {314, 0, 434, 26, 0, 0, 0}, /* SYSCALL_CHMOD_E */
    {315, 3, 434, 4140, 0, 0, 0}, /* SYSCALL_CHMOD_X */
    {316, 0, 437, 26, 0, 0, 0}, /* SYSCALL_FCHMOD_E */
    {317, 3, 437, 52, 0, 0, 0}, /* SYSCALL_FCHMOD_X */
    {378, 0, 440, 26, 0, 0, 0}, /* SYSCALL_CHOWN_E */
    {379, 4, 440, 4146, 0, 0, 0}, /* SYSCALL_CHOWN_X */
    {382, 0, 444, 26, 0, 0, 0}, /* SYSCALL_FCHOWN_E */
    {383, 4, 444, 58, 0, 0, 0}, /* SYSCALL_FCHOWN_X */
    {380, 0, 448, 26, 0, 0, 0}, /* SYSCALL_LCHOWN_E */
    {381, 4, 448, 4146, 0, 0, 0}, /* SYSCALL_LCHOWN_X */
    {140, 1, 452, 29, 0, 0, 0}, /* SYSCALL_GETRLIMIT_E */
    {141, 4, 453, 59, 0, 0, 0}, /* SYSCALL_GETRLIMIT_X */
    {168, 2, 457, 40, 0, 0, 0}, /* SYSCALL_PTRACE_E */
    {169, 5, 459, 72, 0, 0, 0}, /* SYSCALL_PTRACE_X */
    {202, 0, 464, 26, 0, 0, 0}, /* SYSCALL_GETUID_E */
    {203, 1, 464, 32, 0, 0, 0}, /* SYSCALL_GETUID_X */
    {206, 0, 465, 26, 0, 0, 0}, /* SYSCALL_GETGID_E */
    {207, 1, 465, 32, 0, 0, 0}, /* SYSCALL_GETGID_X */
    {198, 1, 466, 32, 0, 0, 0}, /* SYSCALL_SETUID_E */
    {199, 2, 467, 42, 1, 0, 0}, /* SYSCALL_SETUID_X */
    {200, 1, 469, 32, 0, 0, 0}, /* SYSCALL_SETGID_E */
    {201, 2, 470, 42, 1, 0, 0}, /* SYSCALL_SETGID_X */
    {204, 0, 472, 26, 0, 0, 0}, /* SYSCALL_GETEUID_E */
    {205, 1, 472, 32, 0, 0, 0}, /* SYSCALL_GETEUID_X */
    {208, 0, 473, 26, 0, 0, 0}, /* SYSCALL_GETEGID_E */
    {209, 1, 473, 32, 0, 0, 0}, /* SYSCALL_GETEGID_X */
    {294, 2, 474, 46, 0, 0, 0}, /* SYSCALL_SETPGID_E */
    {295, 3, 476, 56, 0, 0, 0}, /* SYSCALL_SETPGID_X */
    {274, 0, 479, 26, 0, 0, 0}, /* SYSCALL_SETSID_E */
    {275, 1, 479, 36, 1, 0, 0}, /* SYSCALL_SETSID_X */
    {426, 0, 480, 26, 0, 0, 0}, /* SYSCALL_SETREUID_E */
    {427, 3, 480, 48, 1, 0, 0}, /* SYSCALL_SETREUID_X */
    {428, 0, 483, 26, 0, 0, 0}, /* SYSCALL_SETREGID_E */
    {429, 3, 483, 48, 1, 0, 0}, /* SYSCALL_SETREGID_X */
    {192, 3, 486, 44, 0, 0, 0}, /* SYSCALL_SETRESUID_E */
    {193, 4, 489, 54, 1, 0, 0}, /* SYSCALL_SETRESUID_X */
    {210, 0, 493, 26, 0, 0, 0}, /* SYSCALL_GETRESUID_E */
    {211, 4, 493, 54, 0, 0, 0}, /* SYSCALL_GETRESUID_X */
    {194, 3, 497, 44, 0, 0, 0}, /* SYSCALL_SETRESGID_E */
    {195, 4, 500, 54, 1, 0, 0}, /* SYSCALL_SETRESGID_X */
    {212, 0, 504, 26, 0, 0, 0}, /* SYSCALL_GETRESGID_E */
    {213, 4, 504, 54, 0, 0, 0}, /* SYSCALL_GETRESGID_X */
    {352, 0, 508, 26, 0, 0, 0}, /* SYSCALL_CAPSET_E */
    {353, 4, 508, 66, 1, 0, 0}, /* SYSCALL_CAPSET_X */
    {414, 0, 512, 26, 0, 0, 0}, /* SYSCALL_MKNOD_E */
    {415, 4, 512, 4146, 0, 0, 0}, /* SYSCALL_MKNOD_X */
    {344, 0, 516, 26, 0, 0, 0}, /* SYSCALL_MLOCK_E */
    {345, 3, 516, 56, 0, 0, 0}, /* SYSCALL_MLOCK_X */
    {346, 0, 519, 26, 0, 0, 0}, /* SYSCALL_MUNLOCK_E */
    {347, 3, 519, 56, 0, 0, 0}, /* SYSCALL_MUNLOCK_X */
    {348, 0, 522, 26, 0, 0, 0}, /* SYSCALL_MLOCKALL_E */
    {349, 2, 522, 42, 0, 0, 0}, /* SYSCALL_MLOCKALL_X */
    {350, 0, 524, 26, 0, 0, 0}, /* SYSCALL_MUNLOCKALL_E */
    {351, 1, 524, 36, 0, 0, 0}, /* SYSCALL_MUNLOCKALL_X */
    {400, 0, 525, 26, 0, 0, 0}, /* SYSCALL_PRCTL_E */
    {401, 4, 525, 71, 1, 0, 0}, /* SYSCALL_PRCTL_X */
    {142, 1, 529, 29, 0, 0, 0}, /* SYSCALL_SETRLIMIT_E */
    {143, 4, 530, 59, 0, 0, 0}, /* SYSCALL_SETRLIMIT_X */
    {266, 0, 534, 26, 0, 0, 0}, /* SYSCALL_CHROOT_E */
    {267, 2, 534, 4134, 1, 0, 0}, /* SYSCALL_CHROOT_X */
    {256, 1, 536, 32, 0, 0, 0}, /* SYSCALL_MOUNT_E */
    {257, 5, 537, 12336, 1, 0, 0}, /* SYSCALL_MOUNT_X */
    {258, 1, 542, 32, 0, 0, 0}, /* SYSCALL_UMOUNT_E */
    {259, 2, 543, 4134, 1, 0, 0}, /* SYSCALL_UMOUNT_X */
    {390, 1, 545, 32, 0, 0, 0}, /* SYSCALL_UMOUNT2_E */
    {391, 3, 546, 4140, 1, 0, 0}, /* SYSCALL_UMOUNT2_X */
    {410, 0, 549, 26, 0, 0, 0}, /* SYSCALL_INIT_MODULE_E */
    {411, 4, 549, 4146, 0, 1, 0}, /* SYSCALL_INIT_MODULE_X */
    {424, 0, 553, 26, 0, 0, 0}, /* SYSCALL_DELETE_MODULE_E */
    {425, 3, 553, 4140, 0, 0, 0}, /* SYSCALL_DELETE_MODULE_X */
    {190, 4, 556, 42, 0, 0, 0}, /* SYSCALL_QUOTACTL_E */
    {191, 18, 560, 8344, 0, 0, 0}, /* SYSCALL_QUOTACTL_X */
    {130, 2, 578, 39, 0, 0, 0}, /* SYSCALL_TKILL_E */
    {131, 3, 580, 49, 0, 0, 0}, /* SYSCALL_TKILL_X */
    {64, 3, 583, 50, 0, 0, 0}, /* SYSCALL_FUTEX_E */
    {65, 4, 586, 60, 0, 0, 0}, /* SYSCALL_FUTEX_X */
    {374, 1, 590, 32, 0, 0, 0}, /* SYSCALL_EPOLL_CREATE_E */
    {375, 2, 591, 42, 1, 0, 0}, /* SYSCALL_EPOLL_CREATE_X */
    {238, 1, 593, 36, 0, 0, 0}, /* SYSCALL_GETDENTS64_E */
    {239, 2, 594, 46, 0, 0, 0}, /* SYSCALL_GETDENTS64_X */
    {78, 1, 596, 36, 0, 0, 0}, /* SYSCALL_EPOLLWAIT_E */
    {79, 2, 597, 46, 0, 0, 0}, /* SYSCALL_EPOLLWAIT_X */
    {132, 3, 599, 49, 0, 0, 0}, /* SYSCALL_TGKILL_E */
    {133, 4, 602, 59, 0, 0, 0}, /* SYSCALL_TGKILL_X */
    {138, 1, 606, 29, 0, 0, 0}, /* SYSCALL_INOTIFY_INIT_E */
    {139, 2, 607, 39, 1, 0, 0}, /* SYSCALL_INOTIFY_INIT_X */
    {306, 4, 609, 4146, 0, 2, 0}, /* SYSCALL_OPENAT_2_E */
    {307, 7, 613, 4172, 1, 0, 0}, /* SYSCALL_OPENAT_2_X */
    {304, 0, 620, 26, 0, 0, 0}, /* SYSCALL_MKDIRAT_E */
    {305, 4, 620, 4150, 0, 0, 0}, /* SYSCALL_MKDIRAT_X */
    {416, 0, 624, 26, 0, 0, 0}, /* SYSCALL_MKNODAT_E */
    {417, 5, 624, 4156, 0, 0, 0}, /* SYSCALL_MKNODAT_X */
    {384, 0, 629, 26, 0, 0, 0}, /* SYSCALL_FCHOWNAT_E */
    {385, 6, 629, 4162, 0, 0, 0}, /* SYSCALL_FCHOWNAT_X */
    {418, 0, 635, 26, 0, 0, 0}, /* SYSCALL_NEWFSTATAT_E */
    {419, 4, 635, 4150, 0, 0, 0}, /* SYSCALL_NEWFSTATAT_X */
    {302, 0, 639, 26, 0, 0, 0}, /* SYSCALL_UNLINKAT_2_E */
    {303, 4, 639, 4150, 0, 0, 0}, /* SYSCALL_UNLINKAT_2_X */
    {176, 0, 643, 26, 0, 0, 0}, /* SYSCALL_RENAMEAT_E */
    {177, 5, 643, 8252, 0, 0, 0}, /* SYSCALL_RENAMEAT_X */
    {310, 0, 648, 26, 0, 0, 0}, /* SYSCALL_LINKAT_2_E */
    {311, 6, 648, 8258, 0, 0, 0}, /* SYSCALL_LINKAT_2_X */
    {180, 0, 654, 26, 0, 0, 0}, /* SYSCALL_SYMLINKAT_E */
    {181, 4, 654, 8242, 0, 0, 0}, /* SYSCALL_SYMLINKAT_X */
    {312, 0, 658, 26, 0, 0, 0}, /* SYSCALL_FCHMODAT_E */
    {313, 4, 658, 4150, 0, 0, 0}, /* SYSCALL_FCHMODAT_X */
    {254, 3, 662, 206, 0, 0, 0}, /* SYSCALL_PPOLL_E */
    {255, 4, 665, 216, 0, 0, 0}, /* SYSCALL_PPOLL_X */
    {284, 1, 669, 32, 0, 0, 0}, /* SYSCALL_UNSHARE_E */
    {285, 2, 670, 42, 0, 0, 0}, /* SYSCALL_UNSHARE_X */
    {166, 4, 672, 62, 0, 0, 0}, /* SYSCALL_SPLICE_E */
    {167, 5, 676, 72, 0, 0, 0}, /* SYSCALL_SPLICE_X */
    {126, 3, 681, 45, 0, 0, 0}, /* SYSCALL_SIGNALFD_E */
    {127, 4, 684, 55, 1, 0, 0}, /* SYSCALL_SIGNALFD_X */
    {136, 2, 688, 32, 0, 0, 0}, /* SYSCALL_TIMERFD_CREATE_E */
    {137, 3, 690, 42, 1, 0, 0}, /* SYSCALL_TIMERFD_CREATE_X */
    {62, 2, 693, 42, 0, 0, 0}, /* SYSCALL_EVENTFD_E */
    {63, 3, 695, 52, 1, 0, 0}, /* SYSCALL_EVENTFD_X */
    {248, 1, 698, 32, 0, 0, 0}, /* SOCKET_ACCEPT4_5_E */
    {249, 5, 699, 213, 1, 0, 0}, /* SOCKET_ACCEPT4_5_X */
    {388, 1, 704, 32, 0, 0, 0}, /* SOCKET_ACCEPT4_6_E */
    {389, 6, 705, 219, 1, 0, 0}, /* SOCKET_ACCEPT4_6_X */
    {398, 2, 711, 42, 0, 0, 0}, /* SYSCALL_SIGNALFD4_E */
    {399, 4, 713, 56, 1, 0, 0}, /* SYSCALL_SIGNALFD4_X */
    {396, 1, 717, 36, 0, 0, 0}, /* SYSCALL_EVENTFD2_E */
    {397, 3, 718, 50, 1, 0, 0}, /* SYSCALL_EVENTFD2_X */
    {376, 1, 721, 32, 0, 0, 0}, /* SYSCALL_EPOLL_CREATE1_E */
    {377, 2, 722, 42, 1, 0, 0}, /* SYSCALL_EPOLL_CREATE1_X */
    {364, 1, 724, 36, 0, 0, 0}, /* SYSCALL_DUP3_E */
    {365, 4, 725, 62, 1, 0, 0}, /* SYSCALL_DUP3_X */
    {392, 0, 729, 26, 0, 0, 0}, /* SYSCALL_PIPE2_E */
    {393, 5, 729, 72, 1, 0, 0}, /* SYSCALL_PIPE2_X */
    {394, 0, 734, 26, 0, 0, 0}, /* SYSCALL_INOTIFY_INIT1_E */
    {395, 2, 734, 40, 1, 0, 0}, /* SYSCALL_INOTIFY_INIT1_X */
    {120, 2, 736, 46, 0, 0, 0}, /* SYSCALL_PREADV_E */
    {121, 5, 738, 64, 0, 1, 0}, /* SYSCALL_PREADV_X */
    {122, 3, 743, 52, 0, 0, 0}, /* SYSCALL_PWRITEV_E */
    {123, 5, 746, 64, 0, 1, 0}, /* SYSCALL_PWRITEV_X */
    {54, 0, 751, 26, 0, 0, 0}, /* SOCKET_RECVMMSG_E */
    {55, 6, 751, 218, 0, 5, 0}, /* SOCKET_RECVMMSG_X */
    {144, 2, 757, 39, 0, 0, 0}, /* SYSCALL_PRLIMIT_E */
    {145, 7, 759, 89, 0, 0, 0}, /* SYSCALL_PRLIMIT_X */
    {336, 0, 766, 26, 0, 0, 0}, /* SYSCALL_OPEN_BY_HANDLE_AT_E */
    {337, 6, 766, 4166, 1, 0, 0}, /* SYSCALL_OPEN_BY_HANDLE_AT_X */
    {50, 0, 772, 26, 0, 0, 0}, /* SOCKET_SENDMMSG_E */
    {51, 5, 772, 216, 0, 5, 0}, /* SOCKET_SENDMMSG_X */
    {240, 2, 777, 42, 0, 0, 0}, /* SYSCALL_SETNS_E */
    {241, 3, 779, 52, 0, 0, 0}, /* SYSCALL_SETNS_X */
    {420, 0, 782, 26, 0, 0, 0}, /* SYSCALL_PROCESS_VM_READV_E */
    {421, 3, 782, 48, 0, 1, 0}, /* SYSCALL_PROCESS_VM_READV_X */
    {422, 0, 785, 26, 0, 0, 0}, /* SYSCALL_PROCESS_VM_WRITEV_E */
    {423, 3, 785, 48, 0, 1, 0}, /* SYSCALL_PROCESS_VM_WRITEV_X */
    {412, 0, 788, 26, 0, 0, 0}, /* SYSCALL_FINIT_MODULE_E */
    {413, 4, 788, 4150, 0, 0, 0}, /* SYSCALL_FINIT_MODULE_X */
    {318, 0, 792, 26, 0, 0, 0}, /* SYSCALL_RENAMEAT2_E */
    {319, 6, 792, 8258, 0, 0, 0}, /* SYSCALL_RENAMEAT2_X */
    {298, 2, 798, 46, 0, 0, 0}, /* SYSCALL_SECCOMP_E */
    {299, 3, 800, 56, 0, 0, 0}, /* SYSCALL_SECCOMP_X */
    {404, 0, 803, 26, 0, 0, 0}, /* SYSCALL_MEMFD_CREATE_E */
    {405, 3, 803, 4140, 1, 0, 0}, /* SYSCALL_MEMFD_CREATE_X */
    {368, 1, 806, 36, 0, 0, 0}, /* SYSCALL_BPF_2_E */
    {369, 2, 807, 42, 1, 0, 0}, /* SYSCALL_BPF_2_X */
    {330, 3, 809, 4140, 2, 0, 0}, /* SYSCALL_EXECVEAT_E */
    {331, 30, 812, 24830, 2, 0, 0}, /* SYSCALL_EXECVEAT_X */
    {320, 0, 842, 26, 0, 0, 0}, /* SYSCALL_USERFAULTFD_E */
    {321, 2, 842, 42, 1, 0, 0}, /* SYSCALL_USERFAULTFD_X */
    {370, 0, 844, 26, 0, 0, 0}, /* SYSCALL_MLOCK2_E */
    {371, 4, 844, 62, 0, 0, 0}, /* SYSCALL_MLOCK2_X */
    {332, 3, 848, 56, 0, 0, 0}, /* SYSCALL_COPY_FILE_RANGE_E */
    {333, 6, 851, 86, 0, 0, 0}, /* SYSCALL_COPY_FILE_RANGE_X */
    {338, 0, 857, 26, 0, 0, 0}, /* SYSCALL_IO_URING_SETUP_E */
    {339, 8, 857, 78, 1, 0, 0}, /* SYSCALL_IO_URING_SETUP_X */
    {340, 0, 865, 26, 0, 0, 0}, /* SYSCALL_IO_URING_ENTER_E */
    {341, 6, 865, 70, 0, 0, 0}, /* SYSCALL_IO_URING_ENTER_X */
    {342, 0, 871, 26, 0, 0, 0}, /* SYSCALL_IO_URING_REGISTER_E */
    {343, 5, 871, 66, 0, 0, 0}, /* SYSCALL_IO_URING_REGISTER_X */
    {372, 0, 876, 26, 0, 0, 0}, /* SYSCALL_FSCONFIG_E */
    {373, 7, 876, 8256, 0, 1, 0}, /* SYSCALL_FSCONFIG_X */
    {408, 0, 883, 26, 0, 0, 0}, /* SYSCALL_PIDFD_OPEN_E */
    {409, 3, 883, 52, 1, 0, 0}, /* SYSCALL_PIDFD_OPEN_X */
    {334, 0, 886, 26, 2, 0, 0}, /* SYSCALL_CLONE3_E */
    {335, 21, 886, 12476, 2, 0, 0}, /* SYSCALL_CLONE3_X */
    {451, 4, 907, 54, 1, 0, 0}, /* SYSCALL_CLOSE_RANGE_X */
    {326, 5, 911, 4152, 0, 2, 0}, /* SYSCALL_OPENAT2_E */
    {327, 8, 916, 4178, 1, 0, 0}, /* SYSCALL_OPENAT2_X */
    {406, 0, 924, 26, 0, 0, 0}, /* SYSCALL_PIDFD_GETFD_E */
    {407, 4, 924, 62, 1, 0, 0}, /* SYSCALL_PIDFD_GETFD_X */
    {88, 3, 928, 49, 0, 0, 0}, /* SYSCALL_LLSEEK_E */
    {89, 4, 931, 59, 0, 0, 0}, /* SYSCALL_LLSEEK_X */
    {28, 2, 935, 42, 0, 0, 0}, /* SOCKET_SEND_E */
    {29, 5, 937, 216, 0, 1, 0}, /* SOCKET_SEND_X */
    {32, 2, 942, 42, 0, 0, 0}, /* SOCKET_RECV_E */
    {33, 5, 944, 216, 0, 1, 0}, /* SOCKET_RECV_X */
};

static const volatile tsdig_op tsdig_ops[TSDIG_MAX_OPS] = {
    /* GENERIC_E */
    0x20004, /* sc */ 0x20005, /* nr */
    /* GENERIC_X */
    0x20004, /* sc */ 0x20005, /* nr */
    /* SYSCALL_READ_E */
    0x80002, /* fd0 */ 0x40201, /* a2 */
    /* SYSCALL_READ_X */
    0x80000, /* ret */ 0x2000131, /* datar:1:2 */ 0x80002, /* fd0 */ 0x40201, /* a2 */
    /* SYSCALL_WRITE_E */
    0x80002, /* fd0 */ 0x40201, /* a2 */
    /* SYSCALL_WRITE_X */
    0x80000, /* ret */ 0x2000132, /* dataw:1:2 */ 0x80002, /* fd0 */ 0x40201, /* a2 */
    /* SYSCALL_OPEN_E */
    0x2f, /* str:0 */ 0x40106, /* map:open_flags:1 */ 0x2040111, /* openmode:1:2 */
    /* SYSCALL_OPEN_X */
    0x80000, /* ret */ 0x2f, /* str:0 */ 0x40113, /* openflagsx:1 */ 0x2040111, /* openmode:1:2 */ 0x40015, /* dev */ 0x80016, /* ino */
    /* SYSCALL_CLOSE_E */
    0x80002, /* fd0 */
    /* SYSCALL_CLOSE_X */
    0x80000, /* ret */ 0x80002, /* fd0 */
    /* SYSCALL_STAT_X */
    0x80000, /* ret */ 0x2f, /* str:0 */
    /* SYSCALL_FSTAT_E */
    0x80002, /* fd0 */
    /* SYSCALL_FSTAT_X */
    0x80000, /* ret */ 0x80002, /* fd0 */
    /* SYSCALL_LSTAT_X */
    0x80000, /* ret */ 0x2f, /* str:0 */
    /* SYSCALL_POLL_E */
    0x3c, /* fdlist:0 */ 0x80202, /* s2 */
    /* SYSCALL_POLL_X */
    0x80000, /* ret */ 0x13c, /* fdlist:1 */ 0x80202, /* s2 */
    /* SYSCALL_LSEEK_E */
    0x80002, /* fd0 */ 0x80101, /* a1 */ 0x28010206, /* map:lseek_whence:2 */
    /* SYSCALL_LSEEK_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x80101, /* a1 */ 0x28010206, /* map:lseek_whence:2 */
    /* SYSCALL_MMAP_E */
    0x80001, /* a0 */ 0x80101, /* a1 */ 0x9040206, /* map:prot_flags:2 */ 0xa040306, /* map:mmap_flags:3 */ 0x80402, /* fd4 */ 0x80501, /* a5 */
    /* SYSCALL_MMAP_X */
    0x80000, /* ret */ 0x40022, /* vm:size */ 0x40122, /* vm:rss */ 0x40222, /* vm:swap */ 0x80001, /* a0 */ 0x80101, /* a1 */ 0x9040206, /* map:prot_flags:2 */ 0xa040306, /* map:mmap_flags:3 */ 0x80402, /* fd4 */ 0x80501, /* a5 */
    /* SYSCALL_MPROTECT_E */
    0x80001, /* a0 */ 0x80101, /* a1 */ 0x9040206, /* map:prot_flags:2 */
    /* SYSCALL_MPROTECT_X */
    0x80000, /* ret */ 0x80001, /* a0 */ 0x80101, /* a1 */ 0x9040206, /* map:prot_flags:2 */
    /* SYSCALL_MUNMAP_E */
    0x80001, /* a0 */ 0x80101, /* a1 */
    /* SYSCALL_MUNMAP_X */
    0x80000, /* ret */ 0x40022, /* vm:size */ 0x40122, /* vm:rss */ 0x40222, /* vm:swap */ 0x80001, /* a0 */ 0x80101, /* a1 */
    /* SYSCALL_BRK_4_E */
    0x80001, /* a0 */
    /* SYSCALL_BRK_4_X */
    0x80000, /* ret */ 0x40022, /* vm:size */ 0x40122, /* vm:rss */ 0x40222, /* vm:swap */ 0x80001, /* a0 */
    /* SYSCALL_IOCTL_3_E */
    0x80002, /* fd0 */ 0x80101, /* a1 */ 0x80201, /* a2 */
    /* SYSCALL_IOCTL_3_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x80101, /* a1 */ 0x80201, /* a2 */
    /* SYSCALL_PREAD_E */
    0x80002, /* fd0 */ 0x40201, /* a2 */ 0x8030a, /* pos:3 */
    /* SYSCALL_PREAD_X */
    0x80000, /* ret */ 0x2000131, /* datar:1:2 */ 0x80002, /* fd0 */ 0x40201, /* a2 */ 0x8030a, /* pos:3 */
    /* SYSCALL_PWRITE_E */
    0x80002, /* fd0 */ 0x40201, /* a2 */ 0x8030a, /* pos:3 */
    /* SYSCALL_PWRITE_X */
    0x80000, /* ret */ 0x2000132, /* dataw:1:2 */ 0x80002, /* fd0 */ 0x40201, /* a2 */ 0x8030a, /* pos:3 */
    /* SYSCALL_READV_E */
    0x80002, /* fd0 */
    /* SYSCALL_READV_X */
    0x80000, /* ret */ 0x40009, /* retsize */ 0x2000133, /* iovr:1:2 */ 0x80002, /* fd0 */
    /* SYSCALL_WRITEV_E */
    0x80002, /* fd0 */ 0x204010d, /* iovsize:1:2 */
    /* SYSCALL_WRITEV_X */
    0x80000, /* ret */ 0x2000134, /* iovw:1:2 */ 0x80002, /* fd0 */ 0x204010d, /* iovsize:1:2 */
    /* SYSCALL_ACCESS_E */
    0xc040106, /* map:access_flags:1 */
    /* SYSCALL_ACCESS_X */
    0x80000, /* ret */ 0x2f, /* str:0 */ 0xc040106, /* map:access_flags:1 */
    /* SYSCALL_PIPE_X */
    0x80000, /* ret */ 0x8001a, /* pipefd:0 */ 0x8011a, /* pipefd:1 */ 0x8001b, /* pipeino */
    /* SYSCALL_SELECT_X */
    0x80000, /* ret */
    /* SYSCALL_DUP_E */
    0x80002, /* fd0 */
    /* SYSCALL_DUP_X */
    0x80000, /* ret */
    /* SYSCALL_DUP_1_E */
    0x80002, /* fd0 */
    /* SYSCALL_DUP_1_X */
    0x80000, /* ret */ 0x80002, /* fd0 */
    /* SYSCALL_DUP2_E */
    0x80002, /* fd0 */
    /* SYSCALL_DUP2_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x80102, /* fd1 */
    /* SYSCALL_NANOSLEEP_E */
    0x8000f, /* timespec:0 */
    /* SYSCALL_NANOSLEEP_X */
    0x80000, /* ret */ 0x8000f, /* timespec:0 */
    /* SYSCALL_SENDFILE_E */
    0x80002, /* fd0 */ 0x80102, /* fd1 */ 0x8020c, /* deref64:2 */ 0x80301, /* a3 */
    /* SYSCALL_SENDFILE_X */
    0x80000, /* ret */ 0x8020c, /* deref64:2 */ 0x80002, /* fd0 */ 0x80102, /* fd1 */ 0x80301, /* a3 */
    /* SOCKET_SOCKET_E */
    0x22040006, /* map:socket_family:0 */ 0x40101, /* a1 */ 0x40201, /* a2 */
    /* SOCKET_SOCKET_X */
    0x80000, /* ret */ 0x22040006, /* map:socket_family:0 */ 0x40101, /* a1 */ 0x40201, /* a2 */
    /* SOCKET_CONNECT_E */
    0x80002, /* fd0 */ 0x200013a, /* sockaddr:1:2 */
    /* SOCKET_CONNECT_X */
    0x80000, /* ret */ 0x100003b, /* tuple:out:1 */ 0x80002, /* fd0 */ 0x200013a, /* sockaddr:1:2 */
    /* SOCKET_ACCEPT_5_X */
    0x80000, /* ret */ 0x200013b, /* tuple:in:2 */ 0x1001c, /* queue:pct */ 0x4011c, /* queue:len */ 0x4021c, /* queue:max */
    /* SOCKET_SENDTO_E */
    0x80002, /* fd0 */ 0x40201, /* a2 */ 0x300003b, /* tuple:out:3 */
    /* SOCKET_SENDTO_X */
    0x80000, /* ret */ 0x2000132, /* dataw:1:2 */ 0x80002, /* fd0 */ 0x40201, /* a2 */ 0x300003b, /* tuple:out:3 */
    /* SOCKET_RECVFROM_E */
    0x80002, /* fd0 */ 0x40201, /* a2 */
    /* SOCKET_RECVFROM_X */
    0x80000, /* ret */ 0x2000131, /* datar:1:2 */ 0x300013b, /* tuple:in:3 */ 0x80002, /* fd0 */ 0x40201, /* a2 */
    /* SOCKET_SENDMSG_E */
    0x80002, /* fd0 */ 0x4010e, /* msgsize:1 */ 0x400003b, /* tuple:out:4 */
    /* SOCKET_SENDMSG_X */
    0x80000, /* ret */ 0x136, /* msgw:1 */ 0x80002, /* fd0 */ 0x4010e, /* msgsize:1 */ 0x400003b, /* tuple:out:4 */
    /* SOCKET_RECVMSG_E */
    0x80002, /* fd0 */
    /* SOCKET_RECVMSG_X */
    0x80000, /* ret */ 0x40009, /* retsize */ 0x135, /* msgr:1 */ 0x400013b, /* tuple:in:4 */ 0x137, /* control:1 */ 0x80002, /* fd0 */
    /* SOCKET_SHUTDOWN_E */
    0x80002, /* fd0 */ 0x27010106, /* map:shutdown_how:1 */
    /* SOCKET_SHUTDOWN_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x27010106, /* map:shutdown_how:1 */
    /* SOCKET_BIND_E */
    0x80002, /* fd0 */
    /* SOCKET_BIND_X */
    0x80000, /* ret */ 0x200013a, /* sockaddr:1:2 */ 0x80002, /* fd0 */
    /* SOCKET_LISTEN_E */
    0x80002, /* fd0 */ 0x40101, /* a1 */
    /* SOCKET_LISTEN_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x40101, /* a1 */
    /* SOCKET_SOCKETPAIR_E */
    0x22040006, /* map:socket_family:0 */ 0x40101, /* a1 */ 0x40201, /* a2 */
    /* SOCKET_SOCKETPAIR_X */
    0x80000, /* ret */ 0x80018, /* sv:0 */ 0x80118, /* sv:1 */ 0x80019, /* svsock:0 */ 0x80119, /* svsock:1 */ 0x22040006, /* map:socket_family:0 */ 0x40101, /* a1 */ 0x40201, /* a2 */
    /* SOCKET_SETSOCKOPT_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x24010106, /* map:sockopt_level:1 */ 0x1001d, /* optname */ 0x33d, /* optval:3 */ 0x40401, /* a4 */
    /* SOCKET_GETSOCKOPT_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x24010106, /* map:sockopt_level:1 */ 0x1001d, /* optname */ 0x100033d, /* optval:3:1 */ 0x4040b, /* deref32:4 */
    /* SYSCALL_CLONE_20_X */
    0x80000, /* ret */ 0x3e, /* exe */ 0x3f, /* rest */ 0x80023, /* task:tid */ 0x80123, /* task:pid */ 0x80223, /* task:ptid */ 0x40, /* cwd */ 0x80323, /* task:fdlimit */ 0x80423, /* task:majflt */ 0x80523, /* task:minflt */ 0x40022, /* vm:size */ 0x40122, /* vm:rss */ 0x40222, /* vm:swap */ 0x41, /* comm */ 0x42, /* cgroups */ 0x40026, /* cloneflags:0 */ 0x40024, /* cred:euid */ 0x40124, /* cred:egid */ 0x80623, /* task:vtid */ 0x80723, /* task:vpid */ 0x80823, /* task:pidns */
    /* SYSCALL_FORK_20_X */
    0x80000, /* ret */ 0x3e, /* exe */ 0x3f, /* rest */ 0x80023, /* task:tid */ 0x80123, /* task:pid */ 0x80223, /* task:ptid */ 0x40, /* cwd */ 0x80323, /* task:fdlimit */ 0x80423, /* task:majflt */ 0x80523, /* task:minflt */ 0x40022, /* vm:size */ 0x40122, /* vm:rss */ 0x40222, /* vm:swap */ 0x41, /* comm */ 0x42, /* cgroups */ 0x40226, /* cloneflags:2 */ 0x40024, /* cred:euid */ 0x40124, /* cred:egid */ 0x80623, /* task:vtid */ 0x80723, /* task:vpid */ 0x80823, /* task:pidns */
    /* SYSCALL_VFORK_20_X */
    0x80000, /* ret */ 0x3e, /* exe */ 0x3f, /* rest */ 0x80023, /* task:tid */ 0x80123, /* task:pid */ 0x80223, /* task:ptid */ 0x40, /* cwd */ 0x80323, /* task:fdlimit */ 0x80423, /* task:majflt */ 0x80523, /* task:minflt */ 0x40022, /* vm:size */ 0x40122, /* vm:rss */ 0x40222, /* vm:swap */ 0x41, /* comm */ 0x42, /* cgroups */ 0x40326, /* cloneflags:3 */ 0x40024, /* cred:euid */ 0x40124, /* cred:egid */ 0x80623, /* task:vtid */ 0x80723, /* task:vpid */ 0x80823, /* task:pidns */
    /* SYSCALL_EXECVE_19_E */
    0x2f, /* str:0 */
    /* SYSCALL_EXECVE_19_X */
    0x80000, /* ret */ 0x147, /* callexe:1 */ 0x148, /* callargs:1 */ 0x80023, /* task:tid */ 0x80123, /* task:pid */ 0x80223, /* task:ptid */ 0x40, /* cwd */ 0x80323, /* task:fdlimit */ 0x80423, /* task:majflt */ 0x80523, /* task:minflt */ 0x40022, /* vm:size */ 0x40122, /* vm:rss */ 0x40222, /* vm:swap */ 0x41, /* comm */ 0x42, /* cgroups */ 0x249, /* callenv:2 */ 0x40923, /* task:tty */ 0x80a23, /* task:vpgid */ 0x40c23, /* task:loginuid */ 0x40d23, /* task:exeflags */ 0x80224, /* cred:inh */ 0x80324, /* cred:prm */ 0x80424, /* cred:eff */ 0x80025, /* exe_ino:ino */ 0x80125, /* exe_ino:ctime */ 0x80225, /* exe_ino:mtime */ 0x40024, /* cred:euid */ 0x44, /* exepath */ 0x80b23, /* task:pgid */ 0x40124, /* cred:egid */
    /* SYSCALL_EXECVE_19_X_FULL */
    0x80000, /* ret */ 0x147, /* callexe:1 */ 0x148, /* callargs:1 */ 0x80023, /* task:tid */ 0x80123, /* task:pid */ 0x80223, /* task:ptid */ 0x40, /* cwd */ 0x80323, /* task:fdlimit */ 0x80423, /* task:majflt */ 0x80523, /* task:minflt */ 0x40022, /* vm:size */ 0x40122, /* vm:rss */ 0x40222, /* vm:swap */ 0x41, /* comm */ 0x42, /* cgroups */ 0x249, /* callenv:2 */ 0x40923, /* task:tty */ 0x80a23, /* task:vpgid */ 0x40c23, /* task:loginuid */ 0x40d23, /* task:exeflags */ 0x80224, /* cred:inh */ 0x80324, /* cred:prm */ 0x80424, /* cred:eff */ 0x80025, /* exe_ino:ino */ 0x80125, /* exe_ino:ctime */ 0x80225, /* exe_ino:mtime */ 0x40024, /* cred:euid */ 0x44, /* exepath */ 0x80b23, /* task:pgid */ 0x40124, /* cred:egid */ 0x4a, /* callfile:0 */
    /* SYSCALL_KILL_E */
    0x80002, /* s0 */ 0x10101, /* a1 */
    /* SYSCALL_KILL_X */
    0x80000, /* ret */ 0x80002, /* s0 */ 0x10101, /* a1 */
    /* SYSCALL_SEMGET_E */
    0x40001, /* a0 */ 0x40101, /* a1 */ 0x10040206, /* map:semget_flags:2 */
    /* SYSCALL_SEMGET_X */
    0x80000, /* ret */ 0x40001, /* a0 */ 0x40101, /* a1 */ 0x10040206, /* map:semget_flags:2 */
    /* SYSCALL_SEMOP_E */
    0x40001, /* a0 */
    /* SYSCALL_SEMOP_X */
    0x80000, /* ret */ 0x40201, /* a2 */ 0x20027, /* sembuf:0 */ 0x20127, /* sembuf:1 */ 0x20227, /* sembuf:2 */ 0x20327, /* sembuf:3 */ 0x20427, /* sembuf:4 */ 0x20527, /* sembuf:5 */ 0x40001, /* a0 */
    /* SYSCALL_SEMCTL_E */
    0x40001, /* a0 */ 0x40101, /* a1 */ 0x2a020206, /* map:semctl_cmd:2 */ 0x40028, /* semval */
    /* SYSCALL_SEMCTL_X */
    0x80000, /* ret */ 0x40001, /* a0 */ 0x40101, /* a1 */ 0x2a020206, /* map:semctl_cmd:2 */ 0x40028, /* semval */
    /* SYSCALL_FCNTL_E */
    0x80002, /* fd0 */ 0x23010106, /* map:fcntl_cmd:1 */
    /* SYSCALL_FCNTL_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x23010106, /* map:fcntl_cmd:1 */
    /* SYSCALL_FLOCK_E */
    0x80002, /* fd0 */ 0xf040106, /* map:flock_flags:1 */
    /* SYSCALL_FLOCK_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0xf040106, /* map:flock_flags:1 */
    /* SYSCALL_GETDENTS_E */
    0x80002, /* fd0 */
    /* SYSCALL_GETDENTS_X */
    0x80000, /* ret */ 0x80002, /* fd0 */
    /* SYSCALL_GETCWD_X */
    0x80000, /* ret */ 0x30, /* strret:0 */
    /* SYSCALL_CHDIR_X */
    0x80000, /* ret */ 0x2f, /* str:0 */
    /* SYSCALL_FCHDIR_E */
    0x80002, /* fd0 */
    /* SYSCALL_FCHDIR_X */
    0x80000, /* ret */ 0x80002, /* fd0 */
    /* SYSCALL_RENAME_X */
    0x80000, /* ret */ 0x2f, /* str:0 */ 0x12f, /* str:1 */
    /* SYSCALL_MKDIR_2_E */
    0x40101, /* a1 */
    /* SYSCALL_MKDIR_2_X */
    0x80000, /* ret */ 0x2f, /* str:0 */ 0x40101, /* a1 */
    /* SYSCALL_RMDIR_2_X */
    0x80000, /* ret */ 0x2f, /* str:0 */
    /* SYSCALL_CREAT_E */
    0x2f, /* str:0 */ 0x40107, /* mask:1 */
    /* SYSCALL_CREAT_X */
    0x80000, /* ret */ 0x2f, /* str:0 */ 0x40107, /* mask:1 */ 0x40015, /* dev */ 0x80016, /* ino */ 0x20017, /* layers */
    /* SYSCALL_LINK_2_X */
    0x80000, /* ret */ 0x2f, /* str:0 */ 0x12f, /* str:1 */
    /* SYSCALL_UNLINK_2_X */
    0x80000, /* ret */ 0x2f, /* str:0 */
    /* SYSCALL_SYMLINK_X */
    0x80000, /* ret */ 0x2f, /* str:0 */ 0x12f, /* str:1 */
    /* SYSCALL_CHMOD_X */
    0x80000, /* ret */ 0x2f, /* str:0 */ 0x40107, /* mask:1 */
    /* SYSCALL_FCHMOD_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x40107, /* mask:1 */
    /* SYSCALL_CHOWN_X */
    0x80000, /* ret */ 0x2f, /* str:0 */ 0x40101, /* a1 */ 0x40201, /* a2 */
    /* SYSCALL_FCHOWN_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x40101, /* a1 */ 0x40201, /* a2 */
    /* SYSCALL_LCHOWN_X */
    0x80000, /* ret */ 0x2f, /* str:0 */ 0x40101, /* a1 */ 0x40201, /* a2 */
    /* SYSCALL_GETRLIMIT_E */
    0x26010006, /* map:rlimit_resource:0 */
    /* SYSCALL_GETRLIMIT_X */
    0x80000, /* ret */ 0x8011e, /* rlimit:1:0 */ 0x108011e, /* rlimit:1:1 */ 0x26010006, /* map:rlimit_resource:0 */
    /* SYSCALL_PTRACE_E */
    0x2b020006, /* map:ptrace_requests:0 */ 0x80102, /* s1 */
    /* SYSCALL_PTRACE_X */
    0x80000, /* ret */ 0x245, /* ptaddr:2 */ 0x346, /* ptdata:3 */ 0x2b020006, /* map:ptrace_requests:0 */ 0x80102, /* s1 */
    /* SYSCALL_GETUID_X */
    0x40008, /* rets32 */
    /* SYSCALL_GETGID_X */
    0x40008, /* rets32 */
    /* SYSCALL_SETUID_E */
    0x40001, /* a0 */
    /* SYSCALL_SETUID_X */
    0x80000, /* ret */ 0x40001, /* a0 */
    /* SYSCALL_SETGID_E */
    0x40001, /* a0 */
    /* SYSCALL_SETGID_X */
    0x80000, /* ret */ 0x40001, /* a0 */
    /* SYSCALL_GETEUID_X */
    0x40008, /* rets32 */
    /* SYSCALL_GETEGID_X */
    0x40008, /* rets32 */
    /* SYSCALL_SETPGID_E */
    0x80002, /* s0 */ 0x80102, /* s1 */
    /* SYSCALL_SETPGID_X */
    0x80000, /* ret */ 0x80002, /* s0 */ 0x80102, /* s1 */
    /* SYSCALL_SETSID_X */
    0x80000, /* ret */
    /* SYSCALL_SETREUID_X */
    0x80000, /* ret */ 0x40001, /* a0 */ 0x40101, /* a1 */
    /* SYSCALL_SETREGID_X */
    0x80000, /* ret */ 0x40001, /* a0 */ 0x40101, /* a1 */
    /* SYSCALL_SETRESUID_E */
    0x40001, /* a0 */ 0x40101, /* a1 */ 0x40201, /* a2 */
    /* SYSCALL_SETRESUID_X */
    0x80000, /* ret */ 0x40001, /* a0 */ 0x40101, /* a1 */ 0x40201, /* a2 */
    /* SYSCALL_GETRESUID_X */
    0x80000, /* ret */ 0x4000b, /* deref32:0 */ 0x4010b, /* deref32:1 */ 0x4020b, /* deref32:2 */
    /* SYSCALL_SETRESGID_E */
    0x40001, /* a0 */ 0x40101, /* a1 */ 0x40201, /* a2 */
    /* SYSCALL_SETRESGID_X */
    0x80000, /* ret */ 0x40001, /* a0 */ 0x40101, /* a1 */ 0x40201, /* a2 */
    /* SYSCALL_GETRESGID_X */
    0x80000, /* ret */ 0x4000b, /* deref32:0 */ 0x4010b, /* deref32:1 */ 0x4020b, /* deref32:2 */
    /* SYSCALL_CAPSET_X */
    0x80000, /* ret */ 0x80224, /* cred:inh */ 0x80324, /* cred:prm */ 0x80424, /* cred:eff */
    /* SYSCALL_MKNOD_X */
    0x80000, /* ret */ 0x2f, /* str:0 */ 0x4012c, /* mknodmode:1 */ 0x40201, /* a2 */
    /* SYSCALL_MLOCK_X */
    0x80000, /* ret */ 0x80001, /* a0 */ 0x80101, /* a1 */
    /* SYSCALL_MUNLOCK_X */
    0x80000, /* ret */ 0x80001, /* a0 */ 0x80101, /* a1 */
    /* SYSCALL_MLOCKALL_X */
    0x80000, /* ret */ 0x12040006, /* map:mlockall_flags:0 */
    /* SYSCALL_MUNLOCKALL_X */
    0x80000, /* ret */
    /* SYSCALL_PRCTL_X */
    0x80000, /* ret */ 0x40001, /* a0 */ 0x4b, /* prctlname */ 0x8002d, /* prctlarg */
    /* SYSCALL_SETRLIMIT_E */
    0x26010006, /* map:rlimit_resource:0 */
    /* SYSCALL_SETRLIMIT_X */
    0x80000, /* ret */ 0x8011f, /* rlimitset:1:0 */ 0x108011f, /* rlimitset:1:1 */ 0x26010006, /* map:rlimit_resource:0 */
    /* SYSCALL_CHROOT_X */
    0x80000, /* ret */ 0x2f, /* str:0 */
    /* SYSCALL_MOUNT_E */
    0x40329, /* mountflags:3 */
    /* SYSCALL_MOUNT_X */
    0x80000, /* ret */ 0x2f, /* str:0 */ 0x12f, /* str:1 */ 0x22f, /* str:2 */ 0x40329, /* mountflags:3 */
    /* SYSCALL_UMOUNT_E */
    0x40101, /* a1 */
    /* SYSCALL_UMOUNT_X */
    0x80000, /* ret */ 0x2f, /* str:0 */
    /* SYSCALL_UMOUNT2_E */
    0x19040106, /* map:umount2_flags:1 */
    /* SYSCALL_UMOUNT2_X */
    0x80000, /* ret */ 0x2f, /* str:0 */ 0x19040106, /* map:umount2_flags:1 */
    /* SYSCALL_INIT_MODULE_X */
    0x80000, /* ret */ 0x1000032, /* dataw:0:1 */ 0x80101, /* a1 */ 0x22f, /* str:2 */
    /* SYSCALL_DELETE_MODULE_X */
    0x80000, /* ret */ 0x2f, /* str:0 */ 0x21040106, /* map:delete_module_flags:1 */
    /* SYSCALL_QUOTACTL_E */
    0x2002a, /* quota:0 */ 0x1012a, /* quota:1 */ 0x4022a, /* quota:2 */ 0x1032a, /* quota:3 */
    /* SYSCALL_QUOTACTL_X */
    0x80000, /* ret */ 0x12f, /* str:1 */ 0x100032f, /* str:3:1 */ 0x8042a, /* quota:4 */ 0x8052a, /* quota:5 */ 0x8062a, /* quota:6 */ 0x8072a, /* quota:7 */ 0x8082a, /* quota:8 */ 0x8092a, /* quota:9 */ 0x80a2a, /* quota:10 */ 0x80b2a, /* quota:11 */ 0x80c2a, /* quota:12 */ 0x10d2a, /* quota:13 */ 0x10e2a, /* quota:14 */ 0x2002a, /* quota:0 */ 0x1012a, /* quota:1 */ 0x4022a, /* quota:2 */ 0x1032a, /* quota:3 */
    /* SYSCALL_TKILL_E */
    0x80002, /* s0 */ 0x10101, /* a1 */
    /* SYSCALL_TKILL_X */
    0x80000, /* ret */ 0x80002, /* s0 */ 0x10101, /* a1 */
    /* SYSCALL_FUTEX_E */
    0x80001, /* a0 */ 0x25020106, /* map:futex_op:1 */ 0x80201, /* a2 */
    /* SYSCALL_FUTEX_X */
    0x80000, /* ret */ 0x80001, /* a0 */ 0x25020106, /* map:futex_op:1 */ 0x80201, /* a2 */
    /* SYSCALL_EPOLL_CREATE_E */
    0x40001, /* a0 */
    /* SYSCALL_EPOLL_CREATE_X */
    0x80000, /* ret */ 0x40001, /* a0 */
    /* SYSCALL_GETDENTS64_E */
    0x80002, /* fd0 */
    /* SYSCALL_GETDENTS64_X */
    0x80000, /* ret */ 0x80002, /* fd0 */
    /* SYSCALL_EPOLLWAIT_E */
    0x80202, /* s2 */
    /* SYSCALL_EPOLLWAIT_X */
    0x80000, /* ret */ 0x80202, /* s2 */
    /* SYSCALL_TGKILL_E */
    0x80002, /* s0 */ 0x80102, /* s1 */ 0x10201, /* a2 */
    /* SYSCALL_TGKILL_X */
    0x80000, /* ret */ 0x80002, /* s0 */ 0x80102, /* s1 */ 0x10201, /* a2 */
    /* SYSCALL_INOTIFY_INIT_E */
    0x10003, /* 0 */
    /* SYSCALL_INOTIFY_INIT_X */
    0x80000, /* ret */ 0x10003, /* 0 */
    /* SYSCALL_OPENAT_2_E */
    0x80002, /* fd0 */ 0x12f, /* str:1 */ 0x40206, /* map:open_flags:2 */ 0x3040211, /* openmode:2:3 */
    /* SYSCALL_OPENAT_2_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x12f, /* str:1 */ 0x40213, /* openflagsx:2 */ 0x3040211, /* openmode:2:3 */ 0x40015, /* dev */ 0x80016, /* ino */
    /* SYSCALL_MKDIRAT_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x12f, /* str:1 */ 0x40201, /* a2 */
    /* SYSCALL_MKNODAT_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x12f, /* str:1 */ 0x4022c, /* mknodmode:2 */ 0x40301, /* a3 */
    /* SYSCALL_FCHOWNAT_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x12f, /* str:1 */ 0x40201, /* a2 */ 0x40301, /* a3 */ 0x1a040406, /* map:fchownat_flags:4 */
    /* SYSCALL_NEWFSTATAT_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x12f, /* str:1 */ 0x17040306, /* map:newfstatat_flags:3 */
    /* SYSCALL_UNLINKAT_2_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x12f, /* str:1 */ 0x15040206, /* map:unlinkat_flags:2 */
    /* SYSCALL_RENAMEAT_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x12f, /* str:1 */ 0x80202, /* fd2 */ 0x32f, /* str:3 */
    /* SYSCALL_LINKAT_2_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x12f, /* str:1 */ 0x80202, /* fd2 */ 0x32f, /* str:3 */ 0x16040406, /* map:linkat_flags:4 */
    /* SYSCALL_SYMLINKAT_X */
    0x80000, /* ret */ 0x2f, /* str:0 */ 0x80102, /* fd1 */ 0x22f, /* str:2 */
    /* SYSCALL_FCHMODAT_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x12f, /* str:1 */ 0x40207, /* mask:2 */
    /* SYSCALL_PPOLL_E */
    0x3c, /* fdlist:0 */ 0x8020f, /* timespec:2 */ 0x40310, /* sigset:3 */
    /* SYSCALL_PPOLL_X */
    0x80000, /* ret */ 0x13c, /* fdlist:1 */ 0x8020f, /* timespec:2 */ 0x40310, /* sigset:3 */
    /* SYSCALL_UNSHARE_E */
    0x8040006, /* map:clone_flags:0 */
    /* SYSCALL_UNSHARE_X */
    0x80000, /* ret */ 0x8040006, /* map:clone_flags:0 */
    /* SYSCALL_SPLICE_E */
    0x80002, /* fd0 */ 0x80202, /* fd2 */ 0x80401, /* a4 */ 0x1e040506, /* map:splice_flags:5 */
    /* SYSCALL_SPLICE_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x80202, /* fd2 */ 0x80401, /* a4 */ 0x1e040506, /* map:splice_flags:5 */
    /* SYSCALL_SIGNALFD_E */
    0x80002, /* fd0 */ 0x40003, /* 0 */ 0x10003, /* 0 */
    /* SYSCALL_SIGNALFD_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x40003, /* 0 */ 0x10003, /* 0 */
    /* SYSCALL_TIMERFD_CREATE_E */
    0x10003, /* 0 */ 0x10003, /* 0 */
    /* SYSCALL_TIMERFD_CREATE_X */
    0x80000, /* ret */ 0x10003, /* 0 */ 0x10003, /* 0 */
    /* SYSCALL_EVENTFD_E */
    0x80001, /* a0 */ 0x40003, /* 0 */
    /* SYSCALL_EVENTFD_X */
    0x80000, /* ret */ 0x80001, /* a0 */ 0x40003, /* 0 */
    /* SOCKET_ACCEPT4_5_E */
    0x40003, /* 0 */
    /* SOCKET_ACCEPT4_5_X */
    0x80000, /* ret */ 0x200013b, /* tuple:in:2 */ 0x1001c, /* queue:pct */ 0x4011c, /* queue:len */ 0x4021c, /* queue:max */
    /* SOCKET_ACCEPT4_6_E */
    0x40003, /* 0 */
    /* SOCKET_ACCEPT4_6_X */
    0x80000, /* ret */ 0x200013b, /* tuple:in:2 */ 0x1001c, /* queue:pct */ 0x4011c, /* queue:len */ 0x4021c, /* queue:max */ 0x40003, /* 0 */
    /* SYSCALL_SIGNALFD4_E */
    0x80002, /* fd0 */ 0x40003, /* 0 */
    /* SYSCALL_SIGNALFD4_X */
    0x80000, /* ret */ 0x7020306, /* map:signalfd4_flags:3 */ 0x80002, /* fd0 */ 0x40003, /* 0 */
    /* SYSCALL_EVENTFD2_E */
    0x80001, /* a0 */
    /* SYSCALL_EVENTFD2_X */
    0x80000, /* ret */ 0x6020106, /* map:eventfd2_flags:1 */ 0x80001, /* a0 */
    /* SYSCALL_EPOLL_CREATE1_E */
    0x1d040006, /* map:epoll_create1_flags:0 */
    /* SYSCALL_EPOLL_CREATE1_X */
    0x80000, /* ret */ 0x1d040006, /* map:epoll_create1_flags:0 */
    /* SYSCALL_DUP3_E */
    0x80002, /* fd0 */
    /* SYSCALL_DUP3_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x80102, /* fd1 */ 0x1b040206, /* map:dup3_flags:2 */
    /* SYSCALL_PIPE2_X */
    0x80000, /* ret */ 0x8001a, /* pipefd:0 */ 0x8011a, /* pipefd:1 */ 0x8001b, /* pipeino */ 0x1c040106, /* map:pipe2_flags:1 */
    /* SYSCALL_INOTIFY_INIT1_X */
    0x80000, /* ret */ 0x5020006, /* map:inotify_init1_flags:0 */
    /* SYSCALL_PREADV_E */
    0x80002, /* fd0 */ 0x8030a, /* pos:3 */
    /* SYSCALL_PREADV_X */
    0x80000, /* ret */ 0x40009, /* retsize */ 0x2000133, /* iovr:1:2 */ 0x80002, /* fd0 */ 0x8030a, /* pos:3 */
    /* SYSCALL_PWRITEV_E */
    0x80002, /* fd0 */ 0x204010d, /* iovsize:1:2 */ 0x8030a, /* pos:3 */
    /* SYSCALL_PWRITEV_X */
    0x80000, /* ret */ 0x2000134, /* iovw:1:2 */ 0x80002, /* fd0 */ 0x204010d, /* iovsize:1:2 */ 0x8030a, /* pos:3 */
    /* SOCKET_RECVMMSG_X */
    0x8002b, /* mmsg:0 */ 0x80002, /* fd0 */ 0x4012b, /* mmsg:1 */ 0x138, /* mmsgr:1 */ 0x400013b, /* tuple:in:4 */ 0x137, /* control:1 */
    /* SYSCALL_PRLIMIT_E */
    0x80002, /* s0 */ 0x26010106, /* map:rlimit_resource:1 */
    /* SYSCALL_PRLIMIT_X */
    0x80000, /* ret */ 0x80220, /* rlimitnew:2:0 */ 0x1080220, /* rlimitnew:2:1 */ 0x80321, /* rlimitold:3:0 */ 0x1080321, /* rlimitold:3:1 */ 0x80002, /* s0 */ 0x26010106, /* map:rlimit_resource:1 */
    /* SYSCALL_OPEN_BY_HANDLE_AT_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x40206, /* map:open_flags:2 */ 0x4c, /* fdpath */ 0x40015, /* dev */ 0x80016, /* ino */
    /* SOCKET_SENDMMSG_X */
    0x8002b, /* mmsg:0 */ 0x80002, /* fd0 */ 0x4012b, /* mmsg:1 */ 0x139, /* mmsgw:1 */ 0x400003b, /* tuple:out:4 */
    /* SYSCALL_SETNS_E */
    0x80002, /* fd0 */ 0x8040106, /* map:clone_flags:1 */
    /* SYSCALL_SETNS_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x8040106, /* map:clone_flags:1 */
    /* SYSCALL_PROCESS_VM_READV_X */
    0x80000, /* ret */ 0x80002, /* s0 */ 0x2000133, /* iovr:1:2 */
    /* SYSCALL_PROCESS_VM_WRITEV_X */
    0x80000, /* ret */ 0x80002, /* s0 */ 0x2000134, /* iovw:1:2 */
    /* SYSCALL_FINIT_MODULE_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x12f, /* str:1 */ 0x20040206, /* map:finit_module_flags:2 */
    /* SYSCALL_RENAMEAT2_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x12f, /* str:1 */ 0x80202, /* fd2 */ 0x32f, /* str:3 */ 0x40401, /* a4 */
    /* SYSCALL_SECCOMP_E */
    0x80001, /* a0 */ 0x80101, /* a1 */
    /* SYSCALL_SECCOMP_X */
    0x80000, /* ret */ 0x80001, /* a0 */ 0x80101, /* a1 */
    /* SYSCALL_MEMFD_CREATE_X */
    0x80000, /* ret */ 0x2f, /* str:0 */ 0x14040106, /* map:memfd_create_flags:1 */
    /* SYSCALL_BPF_2_E */
    0x80002, /* s0 */
    /* SYSCALL_BPF_2_X */
    0x80000, /* ret */ 0x40001, /* a0 */
    /* SYSCALL_EXECVEAT_E */
    0x80002, /* fd0 */ 0x12f, /* str:1 */ 0x11040406, /* map:execveat_flags:4 */
    /* SYSCALL_EXECVEAT_X */
    0x80000, /* ret */ 0x247, /* callexe:2 */ 0x248, /* callargs:2 */ 0x80023, /* task:tid */ 0x80123, /* task:pid */ 0x80223, /* task:ptid */ 0x40, /* cwd */ 0x80323, /* task:fdlimit */ 0x80423, /* task:majflt */ 0x80523, /* task:minflt */ 0x40022, /* vm:size */ 0x40122, /* vm:rss */ 0x40222, /* vm:swap */ 0x41, /* comm */ 0x42, /* cgroups */ 0x349, /* callenv:3 */ 0x40923, /* task:tty */ 0x80a23, /* task:vpgid */ 0x40c23, /* task:loginuid */ 0x40d23, /* task:exeflags */ 0x80224, /* cred:inh */ 0x80324, /* cred:prm */ 0x80424, /* cred:eff */ 0x80025, /* exe_ino:ino */ 0x80125, /* exe_ino:ctime */ 0x80225, /* exe_ino:mtime */ 0x40024, /* cred:euid */ 0x44, /* exepath */ 0x80b23, /* task:pgid */ 0x40124, /* cred:egid */
    /* SYSCALL_USERFAULTFD_X */
    0x80000, /* ret */ 0x1c040006, /* map:pipe2_flags:0 */
    /* SYSCALL_MLOCK2_X */
    0x80000, /* ret */ 0x80001, /* a0 */ 0x80101, /* a1 */ 0x13040206, /* map:mlock2_flags:2 */
    /* SYSCALL_COPY_FILE_RANGE_E */
    0x80002, /* fd0 */ 0x80101, /* a1 */ 0x80401, /* a4 */
    /* SYSCALL_COPY_FILE_RANGE_X */
    0x80000, /* ret */ 0x80202, /* fd2 */ 0x80301, /* a3 */ 0x80002, /* fd0 */ 0x80101, /* a1 */ 0x80401, /* a4 */
    /* SYSCALL_IO_URING_SETUP_X */
    0x80000, /* ret */ 0x40001, /* a0 */ 0x4010b, /* deref32:1:0 */ 0x404010b, /* deref32:1:4 */ 0x4002e, /* uring:flags */ 0xc04010b, /* deref32:1:12 */ 0x1004010b, /* deref32:1:16 */ 0x4012e, /* uring:features */
    /* SYSCALL_IO_URING_ENTER_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x40101, /* a1 */ 0x40201, /* a2 */ 0x4040306, /* map:io_uring_enter_flags:3 */ 0x40401, /* a4 */
    /* SYSCALL_IO_URING_REGISTER_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x20101, /* a1 */ 0x80201, /* a2 */ 0x40301, /* a3 */
    /* SYSCALL_FSCONFIG_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x40101, /* a1 */ 0x22f, /* str:2 */ 0x4d, /* fsbytes */ 0x4e, /* fstext */ 0x40401, /* a4 */
    /* SYSCALL_PIDFD_OPEN_X */
    0x80000, /* ret */ 0x80002, /* s0 */ 0x1f040106, /* map:pidfd_open_flags:1 */
    /* SYSCALL_CLONE3_X */
    0x80000, /* ret */ 0x3e, /* exe */ 0x3f, /* rest */ 0x80023, /* task:tid */ 0x80123, /* task:pid */ 0x80223, /* task:ptid */ 0x40, /* cwd */ 0x80323, /* task:fdlimit */ 0x80423, /* task:majflt */ 0x80523, /* task:minflt */ 0x40022, /* vm:size */ 0x40122, /* vm:rss */ 0x40222, /* vm:swap */ 0x41, /* comm */ 0x42, /* cgroups */ 0x40126, /* cloneflags:1 */ 0x40024, /* cred:euid */ 0x40124, /* cred:egid */ 0x80623, /* task:vtid */ 0x80723, /* task:vpid */ 0x80823, /* task:pidns */
    /* SYSCALL_CLOSE_RANGE_X */
    0x80000, /* ret */ 0x40001, /* a0 */ 0x40101, /* a1 */ 0x40201, /* a2 */
    /* SYSCALL_OPENAT2_E */
    0x80002, /* fd0 */ 0x12f, /* str:1 */ 0x40014, /* how:flags */ 0x40114, /* how:mode */ 0x40214, /* how:resolve */
    /* SYSCALL_OPENAT2_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x12f, /* str:1 */ 0x1040014, /* how:flags:1 */ 0x40114, /* how:mode */ 0x40214, /* how:resolve */ 0x40015, /* dev */ 0x80016, /* ino */
    /* SYSCALL_PIDFD_GETFD_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x80102, /* fd1 */ 0x40201, /* a2 */
    /* SYSCALL_LLSEEK_E */
    0x80002, /* fd0 */ 0x8010a, /* pos:1 */ 0x28010406, /* map:lseek_whence:4 */
    /* SYSCALL_LLSEEK_X */
    0x80000, /* ret */ 0x80002, /* fd0 */ 0x8010a, /* pos:1 */ 0x28010406, /* map:lseek_whence:4 */
    /* SOCKET_SEND_E */
    0x80002, /* fd0 */ 0x40201, /* a2 */
    /* SOCKET_SEND_X */
    0x80000, /* ret */ 0x2000132, /* dataw:1:2 */ 0x80002, /* fd0 */ 0x40201, /* a2 */ 0x3b, /* tuple:out */
    /* SOCKET_RECV_E */
    0x80002, /* fd0 */ 0x40201, /* a2 */
    /* SOCKET_RECV_X */
    0x80000, /* ret */ 0x2000131, /* datar:1:2 */ 0x80002, /* fd0 */ 0x40201, /* a2 */ 0x13b, /* tuple:in */
};

/* Kernel value to stored value. */
__noinline u64 map_value(u64 v, u32 map) {
    u64 r = 0;
    switch (map) {
    case 0: /* open_flags */
#if defined(__TARGET_ARCH_arm64)
        r |= (v & 3) == 3 ? 0 : (v & 3) + 1;
        r |= (v & 16448ull) >> 4;
        r |= (v & 128ull) >> 2;
        r |= (v & 512ull) >> 1;
        r |= (v & 590848ull) >> 7;
        r |= (v & 2048ull) >> 5;
        r |= (v & 4096ull) >> 8;
        r |= (v & 131072ull) >> 6;
        r |= (v & 1048576ull) >> 13;
        r |= (v & 4194304ull) >> 9;
#else
        r |= (v & 3) == 3 ? 0 : (v & 3) + 1;
        r |= (v & 32832ull) >> 4;
        r |= (v & 128ull) >> 2;
        r |= (v & 512ull) >> 1;
        r |= (v & 525312ull) >> 7;
        r |= (v & 18432ull) >> 5;
        r |= (v & 4096ull) >> 8;
        r |= (v & 65536ull) >> 6;
        r |= (v & 1048576ull) >> 13;
        r |= (v & 4194304ull) >> 9;
#endif
        break;
    case 1: /* openat2_resolve */
        r |= (v & 1ull) << 4;
        r |= (v & 6ull) << 1;
        r |= (v & 24ull) >> 3;
        r |= (v & 32ull);
        break;
    case 2: /* io_uring_setup_flags */
        r |= (v & 3ull);
        r |= (v & 1ull) << 2;
        r |= (v & 124ull) << 1;
        break;
    case 3: /* io_uring_setup_feats */
        r |= (v & 1791ull);
        break;
    case 4: /* io_uring_enter_flags */
        r |= (v & 15ull);
        break;
    case 5: /* inotify_init1_flags */
        r |= (v & 2048ull) >> 5;
        r |= (v & 524288ull) >> 7;
        break;
    case 6: /* eventfd2_flags */
        r |= (v & 2048ull) >> 5;
        r |= (v & 524288ull) >> 7;
        break;
    case 7: /* signalfd4_flags */
        r |= (v & 2048ull) >> 5;
        r |= (v & 524288ull) >> 7;
        break;
    case 8: /* clone_flags */
        r |= (v & 256ull) << 7;
        r |= (v & 268435968ull) >> 8;
        r |= (v & 1024ull) >> 10;
        r |= (v & 16779264ull);
        r |= (v & 73728ull) >> 3;
        r |= (v & 16384ull) << 13;
        r |= (v & 32768ull) >> 7;
        r |= (v & 131072ull) >> 12;
        r |= (v & 262144ull) >> 6;
        r |= (v & 524288ull) << 6;
        r |= (v & 1048576ull) >> 11;
        r |= (v & 2097152ull) << 2;
        r |= (v & 8388608ull) >> 9;
        r |= (v & 33554432ull) << 3;
        r |= (v & 67108864ull) >> 19;
        r |= (v & 134217728ull) >> 24;
        r |= (v & 536870912ull) >> 23;
        r |= (v & 1073741824ull) >> 26;
        r |= (v & 2147483648ull) >> 29;
        break;
    case 9: /* prot_flags */
        r |= (v & 15ull);
        r |= (v & 50331648ull) >> 20;
        break;
    case 10: /* mmap_flags */
        r |= (v & 3ull);
        r |= (v & 112ull) >> 2;
        r |= (v & 8448ull) << 1;
        r |= (v & 6144ull) >> 1;
        r |= (v & 114688ull) >> 8;
        break;
    case 11: /* poll_events */
        r |= (v & 7ull);
        r |= (v & 1016ull) << 1;
        r |= (v & 8192ull) >> 10;
        break;
    case 12: /* access_flags */
        r |= (v & 7ull);
        break;
    case 13: /* semop_flags */
        r |= (v & 6144ull) >> 11;
        break;
    case 14: /* pf_flags */
        r |= (v & 1) ? 1 : 2;
        r |= (v & 2) ? 4 : 8;
        r |= (v & 4) ? 16 : 32;
        r |= (v & 8) ? 64 : 0;
        r |= (v & 16) ? 128 : 0;
        break;
    case 15: /* flock_flags */
        r |= (v & 15ull);
        break;
    case 16: /* semget_flags */
        r |= (v & 1536ull) << 4;
        break;
    case 17: /* execveat_flags */
        r |= (v & 256ull) >> 7;
        r |= (v & 4096ull) >> 12;
        break;
    case 18: /* mlockall_flags */
        r |= (v & 7ull);
        break;
    case 19: /* mlock2_flags */
        r |= (v & 1ull);
        break;
    case 20: /* memfd_create_flags */
        r |= (v & 7ull);
        break;
    case 21: /* unlinkat_flags */
        r |= (v & 512ull);
        break;
    case 22: /* linkat_flags */
        r |= (v & 5120ull);
        break;
    case 23: /* newfstatat_flags */
        r |= (v & 6400ull);
        break;
    case 24: /* chmod_mode */
        r |= (v & 4095ull);
        break;
    case 25: /* umount2_flags */
        r |= (v & 15ull);
        break;
    case 26: /* fchownat_flags */
        r |= (v & 5120ull);
        break;
    case 27: /* dup3_flags */
        r |= (v & 524288ull) >> 7;
        break;
    case 28: /* pipe2_flags */
        r |= (v & 18432ull) >> 5;
        r |= (v & 524288ull) >> 7;
        break;
    case 29: /* epoll_create1_flags */
        r |= (v & 524288ull) >> 19;
        break;
    case 30: /* splice_flags */
        r |= (v & 15ull);
        break;
    case 31: /* pidfd_open_flags */
        r |= (v & 2048ull) >> 11;
        break;
    case 32: /* finit_module_flags */
        r |= (v & 7ull);
        break;
    case 33: /* delete_module_flags */
        r |= (v & 512ull) >> 9;
        r |= (v & 2048ull) >> 10;
        break;
    case 34: /* socket_family */
        switch (v) {
        case 1 ... 26: r = v; break;
        case 29 ... 39: r = v; break;
        default: r = 0; break;
        }
        break;
    case 35: /* fcntl_cmd */
        switch (v) {
        case 0: r = 1; break;
        case 1: r = 2; break;
        case 2: r = 3; break;
        case 3: r = 4; break;
        case 4: r = 5; break;
        case 5: r = 6; break;
        case 6: r = 8; break;
        case 7: r = 9; break;
        case 8: r = 10; break;
        case 9: r = 12; break;
        case 10: r = 13; break;
        case 11: r = 15; break;
        case 15: r = 21; break;
        case 16: r = 22; break;
        case 36: r = 30; break;
        case 37: r = 31; break;
        case 38: r = 32; break;
        case 1024: r = 23; break;
        case 1025: r = 24; break;
        case 1026: r = 27; break;
        case 1029: r = 25; break;
        case 1030: r = 26; break;
        case 1031: r = 28; break;
        case 1032: r = 29; break;
        default: r = 0; break;
        }
        break;
    case 36: /* sockopt_level */
        switch (v) {
        case 1: r = v; break;
        case 6: r = 2; break;
        default: r = 0; break;
        }
        break;
    case 37: /* futex_op */
        switch (v & ~384ull) {
        case 1 ... 12: r = v & ~384ull; break;
        default: r = 0; break;
        }
        r |= v & 384;
        break;
    case 38: /* rlimit_resource */
        switch (v) {
        case 0 ... 15: r = v; break;
        default: r = 255; break;
        }
        break;
    case 39: /* shutdown_how */
        switch (v) {
        case 0 ... 2: r = v; break;
        default: r = 65535; break;
        }
        break;
    case 40: /* lseek_whence */
        switch (v) {
        case 1 ... 2: r = v; break;
        default: r = 0; break;
        }
        break;
    case 41: /* quotactl_fmt */
        switch (v) {
        case 1: r = 2; break;
        case 2: r = 4; break;
        case 4: r = 8; break;
        default: r = 1; break;
        }
        break;
    case 42: /* semctl_cmd */
        switch (v) {
        case 0: r = 4; break;
        case 1: r = 2; break;
        case 2: r = 1; break;
        case 3: r = 8; break;
        case 11: r = 256; break;
        case 12: r = 512; break;
        case 13: r = 64; break;
        case 14: r = 128; break;
        case 15: r = 1024; break;
        case 16: r = 4096; break;
        case 17: r = 2048; break;
        case 18: r = 32; break;
        case 19: r = 16; break;
        default: r = 0; break;
        }
        break;
    case 43: /* ptrace_requests */
        switch (v) {
        case 0: r = 1; break;
        case 1: r = 2; break;
        case 2: r = 3; break;
        case 4: r = 5; break;
        case 5: r = 6; break;
        case 7: r = 8; break;
        case 8: r = 9; break;
        case 9: r = 10; break;
        case 16: r = 11; break;
        case 17: r = 12; break;
        case 24: r = 13; break;
        case 16896: r = 14; break;
        case 16897: r = 15; break;
        case 16898: r = 16; break;
        case 16899: r = 17; break;
        case 16900: r = 18; break;
        case 16901: r = 19; break;
        case 16902: r = 20; break;
        case 16903: r = 21; break;
        case 16904: r = 22; break;
        case 16905: r = 23; break;
        case 16906: r = 24; break;
        case 16907: r = 25; break;
        default: r = 0; break;
        }
        break;
    case 44: /* sockopt_optname */
        switch (v) {
        case 1 ... 19: r = v; break;
        case 22 ... 50: r = v; break;
        case 20: case 66: r = 20; break;
        case 21: case 67: r = 21; break;
        case 55: r = 52; break;
        case 57: r = 53; break;
        case 59: r = 51; break;
        default: r = 0; break;
        }
        break;
    case 45: /* quotactl_cmd */
        switch (v) {
        case 22529: r = 256; break;
        case 22530: r = 512; break;
        case 22531: r = 1024; break;
        case 22532: r = 2048; break;
        case 22533: r = 4096; break;
        case 22534: r = 8192; break;
        case 22535: r = 16384; break;
        case 8388609: r = 128; break;
        case 8388610: r = 1; break;
        case 8388611: r = 2; break;
        case 8388612: r = 4; break;
        case 8388613: r = 8; break;
        case 8388614: r = 16; break;
        case 8388615: r = 32; break;
        case 8388616: r = 64; break;
        default: r = 0; break;
        }
        break;
    case 46: /* quotactl_type */
        switch (v) {
        case 0: r = 1; break;
        case 1: r = 2; break;
        default: r = 0; break;
        }
        break;
    }
    return r;
}
#define MAP_OPEN_FLAGS 0
#define MAP_OPENAT2_RESOLVE 1
#define MAP_IO_URING_SETUP_FLAGS 2
#define MAP_IO_URING_SETUP_FEATS 3
#define MAP_IO_URING_ENTER_FLAGS 4
#define MAP_INOTIFY_INIT1_FLAGS 5
#define MAP_EVENTFD2_FLAGS 6
#define MAP_SIGNALFD4_FLAGS 7
#define MAP_CLONE_FLAGS 8
#define MAP_PROT_FLAGS 9
#define MAP_MMAP_FLAGS 10
#define MAP_POLL_EVENTS 11
#define MAP_ACCESS_FLAGS 12
#define MAP_SEMOP_FLAGS 13
#define MAP_PF_FLAGS 14
#define MAP_FLOCK_FLAGS 15
#define MAP_SEMGET_FLAGS 16
#define MAP_EXECVEAT_FLAGS 17
#define MAP_MLOCKALL_FLAGS 18
#define MAP_MLOCK2_FLAGS 19
#define MAP_MEMFD_CREATE_FLAGS 20
#define MAP_UNLINKAT_FLAGS 21
#define MAP_LINKAT_FLAGS 22
#define MAP_NEWFSTATAT_FLAGS 23
#define MAP_CHMOD_MODE 24
#define MAP_UMOUNT2_FLAGS 25
#define MAP_FCHOWNAT_FLAGS 26
#define MAP_DUP3_FLAGS 27
#define MAP_PIPE2_FLAGS 28
#define MAP_EPOLL_CREATE1_FLAGS 29
#define MAP_SPLICE_FLAGS 30
#define MAP_PIDFD_OPEN_FLAGS 31
#define MAP_FINIT_MODULE_FLAGS 32
#define MAP_DELETE_MODULE_FLAGS 33
#define MAP_SOCKET_FAMILY 34
#define MAP_FCNTL_CMD 35
#define MAP_SOCKOPT_LEVEL 36
#define MAP_FUTEX_OP 37
#define MAP_RLIMIT_RESOURCE 38
#define MAP_SHUTDOWN_HOW 39
#define MAP_LSEEK_WHENCE 40
#define MAP_QUOTACTL_FMT 41
#define MAP_SEMCTL_CMD 42
#define MAP_PTRACE_REQUESTS 43
#define MAP_SOCKOPT_OPTNAME 44
#define MAP_QUOTACTL_CMD 45
#define MAP_QUOTACTL_TYPE 46

#if defined(__TARGET_ARCH_x86)
/* 32-bit system calls: the number of the same call for 64 bits. */
static const volatile u16 tsdig_ia32[TSDIG_MAX_SYSCALLS] = {
    219, /* 0 restart_syscall */
    60, /* 1 exit */
    57, /* 2 fork */
    0, /* 3 read */
    1, /* 4 write */
    2, /* 5 open */
    3, /* 6 close */
    61, /* 7 waitpid */
    85, /* 8 creat */
    86, /* 9 link */
    87, /* 10 unlink */
    59, /* 11 execve */
    80, /* 12 chdir */
    201, /* 13 time */
    133, /* 14 mknod */
    90, /* 15 chmod */
    94, /* 16 lchown */
    511, /* 17 break */
    4, /* 18 oldstat */
    8, /* 19 lseek */
    39, /* 20 getpid */
    165, /* 21 mount */
    166, /* 22 umount */
    105, /* 23 setuid */
    102, /* 24 getuid */
    511, /* 25 stime */
    101, /* 26 ptrace */
    37, /* 27 alarm */
    5, /* 28 oldfstat */
    34, /* 29 pause */
    132, /* 30 utime */
    511, /* 31 stty */
    511, /* 32 gtty */
    21, /* 33 access */
    141, /* 34 nice */
    511, /* 35 ftime */
    162, /* 36 sync */
    62, /* 37 kill */
    82, /* 38 rename */
    83, /* 39 mkdir */
    84, /* 40 rmdir */
    32, /* 41 dup */
    22, /* 42 pipe */
    100, /* 43 times */
    511, /* 44 prof */
    12, /* 45 brk */
    106, /* 46 setgid */
    104, /* 47 getgid */
    13, /* 48 signal */
    107, /* 49 geteuid */
    108, /* 50 getegid */
    163, /* 51 acct */
    166, /* 52 umount2 */
    511, /* 53 lock */
    16, /* 54 ioctl */
    72, /* 55 fcntl */
    511, /* 56 mpx */
    109, /* 57 setpgid */
    511, /* 58 ulimit */
    63, /* 59 oldolduname */
    95, /* 60 umask */
    161, /* 61 chroot */
    136, /* 62 ustat */
    33, /* 63 dup2 */
    110, /* 64 getppid */
    111, /* 65 getpgrp */
    112, /* 66 setsid */
    13, /* 67 sigaction */
    511, /* 68 sgetmask */
    511, /* 69 ssetmask */
    113, /* 70 setreuid */
    114, /* 71 setregid */
    130, /* 72 sigsuspend */
    127, /* 73 sigpending */
    170, /* 74 sethostname */
    160, /* 75 setrlimit */
    97, /* 76 getrlimit */
    98, /* 77 getrusage */
    96, /* 78 gettimeofday */
    164, /* 79 settimeofday */
    115, /* 80 getgroups */
    116, /* 81 setgroups */
    23, /* 82 select */
    88, /* 83 symlink */
    6, /* 84 oldlstat */
    89, /* 85 readlink */
    511, /* 86 uselib */
    167, /* 87 swapon */
    169, /* 88 reboot */
    78, /* 89 readdir */
    495, /* 90 mmap */
    11, /* 91 munmap */
    76, /* 92 truncate */
    77, /* 93 ftruncate */
    91, /* 94 fchmod */
    93, /* 95 fchown */
    140, /* 96 getpriority */
    141, /* 97 setpriority */
    511, /* 98 profil */
    137, /* 99 statfs */
    138, /* 100 fstatfs */
    173, /* 101 ioperm */
    493, /* 102 socketcall */
    103, /* 103 syslog */
    38, /* 104 setitimer */
    36, /* 105 getitimer */
    4, /* 106 stat */
    6, /* 107 lstat */
    5, /* 108 fstat */
    63, /* 109 olduname */
    172, /* 110 iopl */
    153, /* 111 vhangup */
    511, /* 112 idle */
    511, /* 113 vm86old */
    61, /* 114 wait4 */
    168, /* 115 swapoff */
    99, /* 116 sysinfo */
    511, /* 117 ipc */
    74, /* 118 fsync */
    15, /* 119 sigreturn */
    56, /* 120 clone */
    171, /* 121 setdomainname */
    63, /* 122 uname */
    154, /* 123 modify_ldt */
    159, /* 124 adjtimex */
    10, /* 125 mprotect */
    14, /* 126 sigprocmask */
    511, /* 127 create_module */
    175, /* 128 init_module */
    176, /* 129 delete_module */
    511, /* 130 get_kernel_syms */
    179, /* 131 quotactl */
    121, /* 132 getpgid */
    81, /* 133 fchdir */
    511, /* 134 bdflush */
    139, /* 135 sysfs */
    135, /* 136 personality */
    511, /* 137 afs_syscall */
    122, /* 138 setfsuid */
    123, /* 139 setfsgid */
    490, /* 140 _llseek */
    78, /* 141 getdents */
    23, /* 142 _newselect */
    73, /* 143 flock */
    26, /* 144 msync */
    19, /* 145 readv */
    20, /* 146 writev */
    124, /* 147 getsid */
    75, /* 148 fdatasync */
    511, /* 149 _sysctl */
    149, /* 150 mlock */
    150, /* 151 munlock */
    151, /* 152 mlockall */
    152, /* 153 munlockall */
    142, /* 154 sched_setparam */
    143, /* 155 sched_getparam */
    144, /* 156 sched_setscheduler */
    145, /* 157 sched_getscheduler */
    24, /* 158 sched_yield */
    146, /* 159 sched_get_priority_max */
    147, /* 160 sched_get_priority_min */
    148, /* 161 sched_rr_get_interval */
    35, /* 162 nanosleep */
    25, /* 163 mremap */
    117, /* 164 setresuid */
    118, /* 165 getresuid */
    511, /* 166 vm86 */
    511, /* 167 query_module */
    7, /* 168 poll */
    511, /* 169 nfsservctl */
    119, /* 170 setresgid */
    120, /* 171 getresgid */
    157, /* 172 prctl */
    15, /* 173 rt_sigreturn */
    13, /* 174 rt_sigaction */
    14, /* 175 rt_sigprocmask */
    127, /* 176 rt_sigpending */
    128, /* 177 rt_sigtimedwait */
    129, /* 178 rt_sigqueueinfo */
    130, /* 179 rt_sigsuspend */
    17, /* 180 pread64 */
    18, /* 181 pwrite64 */
    92, /* 182 chown */
    79, /* 183 getcwd */
    125, /* 184 capget */
    126, /* 185 capset */
    131, /* 186 sigaltstack */
    40, /* 187 sendfile */
    511, /* 188 getpmsg */
    511, /* 189 putpmsg */
    58, /* 190 vfork */
    97, /* 191 ugetrlimit */
    494, /* 192 mmap2 */
    76, /* 193 truncate64 */
    77, /* 194 ftruncate64 */
    4, /* 195 stat64 */
    6, /* 196 lstat64 */
    5, /* 197 fstat64 */
    94, /* 198 lchown32 */
    102, /* 199 getuid32 */
    104, /* 200 getgid32 */
    107, /* 201 geteuid32 */
    108, /* 202 getegid32 */
    113, /* 203 setreuid32 */
    114, /* 204 setregid32 */
    115, /* 205 getgroups32 */
    116, /* 206 setgroups32 */
    93, /* 207 fchown32 */
    117, /* 208 setresuid32 */
    118, /* 209 getresuid32 */
    119, /* 210 setresgid32 */
    120, /* 211 getresgid32 */
    92, /* 212 chown32 */
    105, /* 213 setuid32 */
    106, /* 214 setgid32 */
    122, /* 215 setfsuid32 */
    123, /* 216 setfsgid32 */
    155, /* 217 pivot_root */
    27, /* 218 mincore */
    28, /* 219 madvise */
    217, /* 220 getdents64 */
    72, /* 221 fcntl64 */
    511,
    511,
    186, /* 224 gettid */
    187, /* 225 readahead */
    188, /* 226 setxattr */
    189, /* 227 lsetxattr */
    190, /* 228 fsetxattr */
    191, /* 229 getxattr */
    192, /* 230 lgetxattr */
    193, /* 231 fgetxattr */
    194, /* 232 listxattr */
    195, /* 233 llistxattr */
    196, /* 234 flistxattr */
    197, /* 235 removexattr */
    198, /* 236 lremovexattr */
    199, /* 237 fremovexattr */
    200, /* 238 tkill */
    40, /* 239 sendfile64 */
    202, /* 240 futex */
    203, /* 241 sched_setaffinity */
    204, /* 242 sched_getaffinity */
    205, /* 243 set_thread_area */
    211, /* 244 get_thread_area */
    206, /* 245 io_setup */
    207, /* 246 io_destroy */
    208, /* 247 io_getevents */
    209, /* 248 io_submit */
    210, /* 249 io_cancel */
    221, /* 250 fadvise64 */
    511,
    231, /* 252 exit_group */
    212, /* 253 lookup_dcookie */
    213, /* 254 epoll_create */
    233, /* 255 epoll_ctl */
    232, /* 256 epoll_wait */
    216, /* 257 remap_file_pages */
    218, /* 258 set_tid_address */
    222, /* 259 timer_create */
    223, /* 260 timer_settime */
    224, /* 261 timer_gettime */
    225, /* 262 timer_getoverrun */
    226, /* 263 timer_delete */
    227, /* 264 clock_settime */
    228, /* 265 clock_gettime */
    229, /* 266 clock_getres */
    230, /* 267 clock_nanosleep */
    137, /* 268 statfs64 */
    138, /* 269 fstatfs64 */
    234, /* 270 tgkill */
    235, /* 271 utimes */
    221, /* 272 fadvise64_64 */
    511, /* 273 vserver */
    237, /* 274 mbind */
    239, /* 275 get_mempolicy */
    238, /* 276 set_mempolicy */
    240, /* 277 mq_open */
    241, /* 278 mq_unlink */
    242, /* 279 mq_timedsend */
    243, /* 280 mq_timedreceive */
    244, /* 281 mq_notify */
    245, /* 282 mq_getsetattr */
    246, /* 283 kexec_load */
    247, /* 284 waitid */
    511,
    248, /* 286 add_key */
    249, /* 287 request_key */
    250, /* 288 keyctl */
    251, /* 289 ioprio_set */
    252, /* 290 ioprio_get */
    253, /* 291 inotify_init */
    254, /* 292 inotify_add_watch */
    255, /* 293 inotify_rm_watch */
    256, /* 294 migrate_pages */
    257, /* 295 openat */
    258, /* 296 mkdirat */
    259, /* 297 mknodat */
    260, /* 298 fchownat */
    261, /* 299 futimesat */
    262, /* 300 fstatat64 */
    263, /* 301 unlinkat */
    264, /* 302 renameat */
    265, /* 303 linkat */
    266, /* 304 symlinkat */
    267, /* 305 readlinkat */
    268, /* 306 fchmodat */
    269, /* 307 faccessat */
    270, /* 308 pselect6 */
    271, /* 309 ppoll */
    272, /* 310 unshare */
    273, /* 311 set_robust_list */
    274, /* 312 get_robust_list */
    275, /* 313 splice */
    277, /* 314 sync_file_range */
    276, /* 315 tee */
    278, /* 316 vmsplice */
    279, /* 317 move_pages */
    309, /* 318 getcpu */
    281, /* 319 epoll_pwait */
    280, /* 320 utimensat */
    282, /* 321 signalfd */
    283, /* 322 timerfd_create */
    284, /* 323 eventfd */
    285, /* 324 fallocate */
    286, /* 325 timerfd_settime */
    287, /* 326 timerfd_gettime */
    289, /* 327 signalfd4 */
    290, /* 328 eventfd2 */
    291, /* 329 epoll_create1 */
    292, /* 330 dup3 */
    293, /* 331 pipe2 */
    294, /* 332 inotify_init1 */
    295, /* 333 preadv */
    296, /* 334 pwritev */
    297, /* 335 rt_tgsigqueueinfo */
    298, /* 336 perf_event_open */
    299, /* 337 recvmmsg */
    300, /* 338 fanotify_init */
    301, /* 339 fanotify_mark */
    302, /* 340 prlimit64 */
    303, /* 341 name_to_handle_at */
    304, /* 342 open_by_handle_at */
    305, /* 343 clock_adjtime */
    306, /* 344 syncfs */
    307, /* 345 sendmmsg */
    308, /* 346 setns */
    310, /* 347 process_vm_readv */
    311, /* 348 process_vm_writev */
    312, /* 349 kcmp */
    313, /* 350 finit_module */
    314, /* 351 sched_setattr */
    315, /* 352 sched_getattr */
    316, /* 353 renameat2 */
    317, /* 354 seccomp */
    318, /* 355 getrandom */
    319, /* 356 memfd_create */
    321, /* 357 bpf */
    322, /* 358 execveat */
    41, /* 359 socket */
    53, /* 360 socketpair */
    49, /* 361 bind */
    42, /* 362 connect */
    50, /* 363 listen */
    288, /* 364 accept4 */
    55, /* 365 getsockopt */
    54, /* 366 setsockopt */
    51, /* 367 getsockname */
    52, /* 368 getpeername */
    44, /* 369 sendto */
    46, /* 370 sendmsg */
    45, /* 371 recvfrom */
    47, /* 372 recvmsg */
    48, /* 373 shutdown */
    323, /* 374 userfaultfd */
    324, /* 375 membarrier */
    325, /* 376 mlock2 */
    326, /* 377 copy_file_range */
    327, /* 378 preadv2 */
    328, /* 379 pwritev2 */
    329, /* 380 pkey_mprotect */
    330, /* 381 pkey_alloc */
    331, /* 382 pkey_free */
    332, /* 383 statx */
    158, /* 384 arch_prctl */
    333, /* 385 io_pgetevents */
    334, /* 386 rseq */
    511,
    511,
    511,
    511,
    511,
    511,
    64, /* 393 semget */
    66, /* 394 semctl */
    29, /* 395 shmget */
    31, /* 396 shmctl */
    30, /* 397 shmat */
    67, /* 398 shmdt */
    68, /* 399 msgget */
    69, /* 400 msgsnd */
    70, /* 401 msgrcv */
    71, /* 402 msgctl */
    228, /* 403 clock_gettime64 */
    227, /* 404 clock_settime64 */
    305, /* 405 clock_adjtime64 */
    229, /* 406 clock_getres_time64 */
    230, /* 407 clock_nanosleep_time64 */
    224, /* 408 timer_gettime64 */
    223, /* 409 timer_settime64 */
    287, /* 410 timerfd_gettime64 */
    286, /* 411 timerfd_settime64 */
    280, /* 412 utimensat_time64 */
    270, /* 413 pselect6_time64 */
    271, /* 414 ppoll_time64 */
    511,
    333, /* 416 io_pgetevents_time64 */
    299, /* 417 recvmmsg_time64 */
    242, /* 418 mq_timedsend_time64 */
    243, /* 419 mq_timedreceive_time64 */
    220, /* 420 semtimedop_time64 */
    128, /* 421 rt_sigtimedwait_time64 */
    202, /* 422 futex_time64 */
    148, /* 423 sched_rr_get_interval_time64 */
    424, /* 424 pidfd_send_signal */
    425, /* 425 io_uring_setup */
    426, /* 426 io_uring_enter */
    427, /* 427 io_uring_register */
    428, /* 428 open_tree */
    429, /* 429 move_mount */
    430, /* 430 fsopen */
    431, /* 431 fsconfig */
    432, /* 432 fsmount */
    433, /* 433 fspick */
    434, /* 434 pidfd_open */
    435, /* 435 clone3 */
    436, /* 436 close_range */
    437, /* 437 openat2 */
    438, /* 438 pidfd_getfd */
    439, /* 439 faccessat2 */
    440, /* 440 process_madvise */
    441, /* 441 epoll_pwait2 */
    442, /* 442 mount_setattr */
    443, /* 443 quotactl_fd */
    444, /* 444 landlock_create_ruleset */
    445, /* 445 landlock_add_rule */
    446, /* 446 landlock_restrict_self */
    447, /* 447 memfd_secret */
    448, /* 448 process_mrelease */
    449, /* 449 futex_waitv */
    450, /* 450 set_mempolicy_home_node */
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
    511,
};
#endif
#endif

#endif
