/* Parameters of variable size; part of params.c. `to` has room for the largest. Each gives its bytes. */

static u32 text_na(uint8_t *to) {
    memcpy(to, "<NA>", 5);
    return 5;
}

static u32 text_empty(uint8_t *to) {
    to[0] = 0;
    return 1;
}

/* Is this UTF-8 without control characters? What took a name's place in memory seldom is. */
static bool plausible(const uint8_t *text, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint8_t c = text[i];
        if (c < 0x20 || c == 0x7f || (c & 0xc0) == 0x80 || c >= 0xf8)
            return false;
        for (int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0; more > 0; more--)
            if ((text[++i] & 0xc0) != 0x80)
                return false;
    }
    return true;
}

static u32 text_user(struct call *c, uint8_t *to, u64 at) {
    if (!at)
        return text_na(to);
    size_t n = remote_string(&c->who, at, (char *)to, TSDIG_MAX_PATH);
    if (n > 0 && (c->settled || plausible(to, n - 1)))
        return (u32)n;
    c->unreadable++;
    return text_na(to);
}

static u32 data_user(struct call *c, uint8_t *to, u64 at, u64 n) {
    if (!c->settled || at == 0)
        return 0;
    if (n > c->snaplen)
        n = c->snaplen;
    if (n == 0)
        return 0;
    if (remote_read(&c->who, at, to, n) == n)
        return (u32)n;
    c->unreadable++;
    return 0;
}

static u32 data_iov(struct call *c, uint8_t *to, u64 at, u64 count, u64 limit) {
    u64 left = limit < c->snaplen ? limit : c->snaplen;
    u32 done = 0;
    for (u32 i = 0; c->settled && i < 32 && i < count && left > 0; i++) {
        u64 base, len;
        read_iovec(&c->who, at, i, &base, &len);
        if (len > left)
            len = left;
        if (len == 0)
            continue;
        u32 got = data_user(c, to + done, base, len);
        if (got == 0)
            break;
        done += got;
        left -= got;
    }
    return done;
}

static u32 poll_list(struct call *c, uint8_t *to, bool exit) {
    u64 count = c->args[1];
    u16 done = 0;
    for (u32 i = 0; i < 16 && i < count; i++) {
        u64 entry;
        if (remote_read(&c->who, c->args[0] + i * 8, &entry, 8) != 8)
            break;
        int64_t fd = (int32_t)entry;
        u16 events = (u16)map_value(exit ? entry >> 48 : (entry >> 32) & 0xffff, MAP_POLL_EVENTS);
        memcpy(to + 2 + i * 10, &fd, 8);
        memcpy(to + 10 + i * 10, &events, 2);
        done++;
    }
    memcpy(to, &done, 2);
    return 2 + done * 10u;
}

static u32 option_number(uint8_t *to, uint8_t form, u64 value, u32 bytes) {
    to[0] = form;
    memcpy(to + 1, &value, bytes);
    return 1 + bytes;
}

static u32 option_value(struct call *c, uint8_t *to, bool get) {
    const struct remote *r = &c->who;
    u32 level = (u32)c->args[1], name = (u32)c->args[2];
    u64 at = c->args[3];
    u32 len = get ? (c->args[4] ? remote_u32(r, c->args[4]) : 0) : (u32)c->args[4];
    to[0] = 0;
    if (!at)
        return 1;
    if (level == 1) {
        switch (name) {
        case 4: /* SO_ERROR */
            return option_number(to, 1, (u64) - (int64_t)(int32_t)remote_u32(r, at), 8);
        case 20 ... 21: /* SO_RCVTIMEO, SO_SNDTIMEO and their 64-bit forms */
        case 66 ... 67: {
            u64 sec = name > 60 ? remote_u64(r, at) : remote_long(r, at, 0);
            u64 us = name > 60 ? remote_u64(r, at + 8) : remote_long(r, at, 1);
            return option_number(to, 4, sec * 1000000000 + us * 1000, 8);
        }
        case 57: /* SO_COOKIE */
            return option_number(to, 3, remote_u64(r, at), 8);
        case 1 ... 3:
        case 5 ... 12:
        case 15 ... 16:
        case 18 ... 19:
        case 29 ... 30:
        case 32 ... 46:
        case 49:
            if (len >= 4)
                return option_number(to, 2, remote_u32(r, at), 4);
        }
    }
    return 1 + data_user(c, to + 1, at, len > 240 ? 240 : len);
}

/* The first `room` bytes of strings in a file of /proc; the last one ends there. */
static u32 strings_file(struct call *c, uint8_t *to, const char *name, u32 room) {
    size_t n = remote_file(&c->who, name, (char *)to, room);
    if (n > 0)
        to[n - 1] = 0;
    return (u32)n;
}

static u32 text_of(uint8_t *to, const char *text) {
    u32 n = (u32)strlen(text) + 1;
    memcpy(to, text, n);
    return n;
}

/* argv[0]; the rest of the arguments lies behind it and is the next parameter. */
static u32 exe_text(struct call *c, uint8_t *to) {
    c->rest = 0;
    if (c->ret < 0)
        return text_empty(to);
    u32 all = strings_file(c, to, "cmdline", PATH_ROOM);
    if (all == 0)
        return c->known_file ? text_of(to, c->known_file) : text_na(to);
    u32 exe = (u32)strnlen((char *)to, all) + 1;
    if (exe > all)
        exe = all;
    c->rest = all - exe;
    return exe;
}

/* The strings of an argument vector from `first` on, at most 16 and 4096 bytes. */
static u32 vector_text(struct call *c, uint8_t *to, u64 vector, u32 first, u32 count) {
    u32 done = 0;
    for (u32 i = 0; i < 16 && i < count && done <= 3800; i++) {
        u64 at = vector ? remote_long(&c->who, vector, first + i) : 0;
        size_t n = at ? remote_string(&c->who, at, (char *)to + done, PATH_ROOM - done) : 0;
        if (n == 0)
            break;
        done += (u32)n;
    }
    return done;
}

static u32 link_text(struct call *c, uint8_t *to, const char *name) {
    size_t n = remote_link(&c->who, name, (char *)to, PATH_ROOM - 1);
    if (n == 0)
        return text_na(to);
    to[n] = 0;
    return (u32)n + 1;
}

/* Does the comma-separated list `all`, which ends at a colon, hold `name`? */
static bool lists(const char *all, const char *name) {
    size_t n = strlen(name);
    for (;; all++) {
        if (strncmp(all, name, n) == 0 && (all[n] == ',' || all[n] == ':'))
            return true;
        all += strcspn(all, ",:\n");
        if (*all != ',')
            return false;
    }
}

/* The path of a line of /proc/PID/cgroup for one controller, or of the unified hierarchy (NULL); its bytes.
 */
static const char *cgroup_line(const char *text, const char *controller, size_t *len) {
    for (const char *line = text; line && *line; line = strchr(line, '\n'), line += line != NULL) {
        const char *controllers = strchr(line, ':');
        const char *path = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!path)
            break;
        if (controller ? !lists(controllers + 1, controller) : path != controllers + 1)
            continue;
        *len = strcspn(path + 1, "\n");
        return path + 1;
    }
    return NULL;
}

static u32 cgroup_put(uint8_t *to, const char *name, const char *path, size_t len, size_t most) {
    if (len > most) {
        path += len - most;
        len = most;
    }
    return (u32)sprintf((char *)to, "%s=%.*s", name, (int)len, path) + 1;
}

/* `name=path` of five controllers; those of the unified hierarchy have its path, and where there are others,
 * too, it stands behind them unless it is the root. */
static u32 cgroups_text(struct call *c, uint8_t *to) {
    static const char *const names[5] = {"cpuset", "cpu", "cpuacct", "io", "memory"};
    char text[4096];
    size_t n = remote_file(&c->who, "cgroup", text, sizeof(text) - 1);
    text[n] = 0;
    u32 done = 0;
    size_t unified_len = 0;
    const char *unified = cgroup_line(text, NULL, &unified_len);
    bool hybrid = false;
    for (int i = 0; i < 5; i++) {
        size_t len = unified_len;
        const char *path = cgroup_line(text, i == 3 ? "blkio" : names[i], &len);
        hybrid |= path != NULL;
        if (!path)
            path = unified;
        if (path)
            done += cgroup_put(to + done, names[i], path, len, 700);
    }
    if (hybrid && unified && unified_len > 1)
        done += cgroup_put(to + done, "", unified, unified_len, 500);
    return done;
}

/* What the call that executed this program named it, of which the kernel tells the program. */
static u64 executed_name(const struct remote *r) {
    u64 words[128];
    u32 pairs[128];
    size_t n = remote_file(r, "auxv", (char *)words, sizeof(words));
    memcpy(pairs, words, sizeof(pairs));
    for (size_t i = 0; (i + 2) * (r->compat ? 4 : 8) <= n && i + 2 <= 128; i += 2)
        if ((r->compat ? pairs[i] : words[i]) == AT_EXECFN)
            return r->compat ? pairs[i + 1] : words[i + 1];
    return 0;
}

static u32 process_text(struct call *c, u32 op, uint8_t *to) {
    u32 arg = op >> 8 & 0xff, n;
    char name[32];
    switch (op & 0xff) {
    case OP_EXE:
        return exe_text(c, to);
    case OP_REST:
        return c->rest;
    case OP_CALLEXE:
        if (c->ret >= 0)
            return exe_text(c, to);
        n = vector_text(c, to, ARG(c, arg), 0, 1);
        return n ? n : text_na(to);
    case OP_CALLARGS:
        return c->ret >= 0 ? c->rest : vector_text(c, to, ARG(c, arg), 1, 16);
    case OP_CALLENV:
        if (c->ret < 0)
            return vector_text(c, to, ARG(c, arg), 0, 16);
        return strings_file(c, to, "environ", PATH_ROOM);
    case OP_ENV:
        return strings_file(c, to, "environ", PATH_ROOM);
    case OP_CALLFILE:
        if (c->ret >= 0 && c->known_file)
            return text_of(to, c->known_file);
        return text_user(c, to, c->ret < 0 ? ARG(c, arg) : executed_name(&c->who));
    case OP_CWD:
        return c->known_cwd ? text_of(to, c->known_cwd) : link_text(c, to, "cwd");
    case OP_FDPATH:
        if (c->ret < 0)
            return text_empty(to);
        snprintf(name, sizeof(name), "fd/%d", (int)c->ret);
        return link_text(c, to, name);
    case OP_EXEPATH:
        n = link_text(c, to, "exe");
        return n == 5 && memcmp(to, "<NA>", 5) == 0 && c->known_file ? text_of(to, c->known_file) : n;
    case OP_CGROUPS:
        return cgroups_text(c, to);
    case OP_COMM:
        n = (u32)remote_file(&c->who, "comm", (char *)to, 16);
        if (n == 0 && c->known_file) {
            const char *slash = strrchr(c->known_file, '/');
            return (u32)snprintf((char *)to, 16, "%.15s", slash ? slash + 1 : c->known_file) + 1;
        }
        if (n == 0)
            return text_na(to);
        to[n - 1] = 0; /* a newline */
        return n;
    }
    return 0;
}

static u32 ptrace_data(struct call *c, uint8_t *to) {
    u32 request = (u32)c->args[0];
    u64 data = c->args[3];
    if (c->ret < 0)
        return option_number(to, 0, 0, 8);
    if (request >= 1 && request <= 3)
        return option_number(to, 0, remote_long(&c->who, data, 0), 8);
    if (request == 7 || request == 9 || request == 17 || request == 24)
        return option_number(to, 1, data, 1);
    return option_number(to, 0, data, 8);
}

static u32 param_text(struct call *c, u32 op, uint8_t *to) {
    u32 arg = op >> 8 & 0xff, extra = op >> 24, kind = op & 0xff;
    u64 a = ARG(c, arg);
    u64 got = c->exit && c->ret > 0 ? (u64)c->ret : 0;
    struct remote_msg m;
    switch (kind) {
    case OP_STR:
        if (extra && (c->args[0] >> 8 & 0xffffff) != 0x800002) /* quotactl: a path only for Q_QUOTAON */
            return text_na(to);
        return text_user(c, to, a);
    case OP_STRRET:
        return c->ret < 0 ? text_empty(to) : text_user(c, to, a);
    case OP_SOCKADDR:
        return socket_address(c, to, a, (u32)ARG(c, extra));
    case OP_TUPLE:
        return socket_tuple(c, to, arg == TUPLE_IN, extra);
    case OP_FDLIST:
        return poll_list(c, to, arg);
    case OP_DATAR:
        return data_user(c, to, a, got);
    case OP_DATAW:
        return data_user(c, to, a, got ? got : (u32)ARG(c, extra));
    case OP_IOVR:
        return data_iov(c, to, a, (u32)ARG(c, extra), got);
    case OP_IOVW:
        return data_iov(c, to, a, (u32)ARG(c, extra), got ? got : c->snaplen);
    case OP_MSGR:
    case OP_MSGW:
        remote_message(&c->who, a, &m);
        return data_iov(c, to, m.iov, m.iovlen, kind == OP_MSGW && !got ? c->snaplen : got);
    case OP_MMSGR:
    case OP_MMSGW:
        if (kind == OP_MMSGR && !got)
            return 0;
        remote_message(&c->who, a, &m);
        return data_iov(c, to, m.iov, m.iovlen,
                        got ? remote_u32(&c->who, a + TSDIG_MESSAGE_DONE(c->who.compat)) : c->snaplen);
    case OP_CONTROL:
        if (c->ret < 0)
            return 0;
        remote_message(&c->who, a, &m);
        return data_user(c, to, m.control, m.controllen);
    case OP_OPTVAL:
        return option_value(c, to, extra);
    case OP_PTADDR:
        return option_number(to, 0, c->ret < 0 ? 0 : a, 8);
    case OP_PTDATA:
        return ptrace_data(c, to);
    case OP_PRCTLNAME:
        return prctl_names(c) ? text_user(c, to, c->args[1]) : text_empty(to);
    case OP_FSBYTES: /* FSCONFIG_SET_BINARY */
        return (u32)c->args[1] == 2 ? data_user(c, to, c->args[3], (u32)c->args[4]) : 0;
    case OP_FSTEXT: { /* FSCONFIG_SET_STRING, SET_PATH, SET_PATH_EMPTY */
        u32 cmd = (u32)c->args[1];
        return cmd == 1 || cmd == 3 || cmd == 4 ? text_user(c, to, c->args[3]) : text_empty(to);
    }
    }
    return process_text(c, op, to);
}
