#include "run_processes.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORD_MOST 400 /* bytes of an argument that are shown */
#define ARGUMENTS_MOST 64

/* Whole, or what has room, with a NUL behind it; -1: it cannot be read. */
__attribute__((format(printf, 3, 4))) static ssize_t read_file(char *out, size_t size, const char *format, ...)
{
    char path[128];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(path, sizeof path, format, list); // NOLINT(clang-analyzer-valist.*): started above
    va_end(list);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t n = 0;
    ssize_t got = fd < 0 ? -1 : 1;
    while (got > 0 && n < size - 1) {
        got = read(fd, out + n, size - 1 - n);
        n += got > 0 ? (size_t)got : 0;
    }
    if (fd >= 0)
        (void)close(fd);
    out[n] = '\0';
    return got < 0 && n == 0 ? -1 : (ssize_t)n;
}

/* ---- the tree */

static bool is_one_of(pid_t pid, const pid_t *list)
{
    for (; list && *list; list++)
        if (*list == pid)
            return true;
    return false;
}

/* Behind so many words of the line; NULL: it has fewer. */
static const char *behind(const char *line, unsigned words)
{
    for (; words; words--) {
        line += strspn(line, " ");
        line += strcspn(line, " \n");
    }
    return line[0] == ' ' ? line : NULL;
}

/* proc(5): its state is the third field, its flags are the ninth, when it began is the 22nd; the second, in brackets,
 * is anything at all. */
bool tool_processes_stat(pid_t pid, struct tool_process_stat *out)
{
    char room[1024];
    const char *at = read_file(room, sizeof room, "/proc/%d/stat", (int)pid) > 0 ? strrchr(room, ')') : NULL;
    const char *flags = at ? behind(at + 1, 6) : NULL, *begun = at ? behind(at + 1, 19) : NULL;
    *out = (struct tool_process_stat){.state = '\0'};
    if (!flags || !begun)
        return false;
    *out = (struct tool_process_stat){at[2], strtoul(flags, NULL, 10), strtoull(begun, NULL, 10)};
    return true;
}

bool tool_processes_number(pid_t pid, const char *file, const char *word, uint64_t *out)
{
    char path[64], line[256];
    const size_t n = strlen(word);
    bool found = false;
    (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
    FILE *f = fopen(path, "re");
    while (f && !found && fgets(line, sizeof line, f))
        found = !strncmp(line, word, n);
    if (f)
        (void)fclose(f);
    *out = found ? strtoull(line + n, NULL, 10) : 0;
    return found;
}

/* 0: it is gone. */
static uint64_t begun(pid_t pid)
{
    struct tool_process_stat stat;
    return tool_processes_stat(pid, &stat) ? stat.begun : 0;
}

static void add_one(struct tool_processes *p, pid_t pid, const pid_t *except)
{
    if (p->count < TOOL_PROCESSES && !is_one_of(pid, except))
        p->pids[p->count++] = pid;
}

/* One that is followed: once. */
static void add_followed(struct tool_processes *p, pid_t pid, const pid_t *except)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->pids[i] == pid)
            return;
    const size_t place = p->count;
    const uint64_t when = begun(pid);
    if (when)
        add_one(p, pid, except);
    if (p->count > place)
        p->begun[place] = when;
}

/* Each thread has children of its own. */
static void add_children(struct tool_processes *p, pid_t parent, const pid_t *except,
                         void (*one)(struct tool_processes *p, pid_t pid, const pid_t *except))
{
    char path[64], room[16384];
    (void)snprintf(path, sizeof path, "/proc/%d/task", (int)parent);
    DIR *tasks = opendir(path);
    const struct dirent *e;
    while (tasks && (e = readdir(tasks))) {
        if (!isdigit((unsigned char)e->d_name[0]) ||
            read_file(room, sizeof room, "/proc/%d/task/%s/children", (int)parent, e->d_name) <= 0)
            continue;
        char *end = room;
        for (const char *at = room; p->count < TOOL_PROCESSES; at = end) {
            const long pid = strtol(at, &end, 10);
            if (end == at)
                break;
            one(p, (pid_t)pid, except);
        }
    }
    if (tasks)
        (void)closedir(tasks);
}

void tool_processes_find(struct tool_processes *p, pid_t root, const pid_t *except)
{
    p->count = 0;
    add_children(p, root, except, add_one);
    for (size_t i = 0; i < p->count; i++)
        add_children(p, p->pids[i], NULL, add_one);
}

void tool_processes_follow(struct tool_processes *p, pid_t root, const pid_t *except)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->count; i++)
        if (begun(p->pids[i]) == p->begun[i]) {
            p->pids[kept] = p->pids[i];
            p->begun[kept++] = p->begun[i];
        }
    p->count = kept;
    add_followed(p, root, except);
    for (size_t i = 0; i < p->count; i++)
        add_children(p, p->pids[i], except, add_followed);
}

/* ---- their sockets */

/* Calls `each` with the inode of every socket until it is true. */
static bool any_socket(pid_t pid, bool (*each)(void *context, unsigned long inode), void *context)
{
    char path[64], target[64];
    (void)snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *fds = opendir(path);
    const struct dirent *e;
    bool found = false;
    while (fds && !found && (e = readdir(fds))) {
        const ssize_t n = readlinkat(dirfd(fds), e->d_name, target, sizeof target - 1);
        if (n <= 0)
            continue;
        target[n] = '\0';
        if (!strncmp(target, "socket:[", 8))
            found = each(context, strtoul(target + 8, NULL, 10));
    }
    if (fds)
        (void)closedir(fds);
    return found;
}

static bool is_inode(void *context, unsigned long inode)
{
    return inode == *(const unsigned long *)context;
}

struct teller {
    pid_t pid;
    void (*each)(void *context, pid_t pid, unsigned long inode);
    void *context;
};

static bool tell(void *context, unsigned long inode)
{
    const struct teller *t = context;
    t->each(t->context, t->pid, inode);
    return false;
}

void tool_processes_sockets(const struct tool_processes *p, void (*each)(void *context, pid_t pid, unsigned long inode),
                            void *context)
{
    for (size_t i = 0; i < p->count; i++) {
        struct teller t = {p->pids[i], each, context};
        (void)any_socket(t.pid, tell, &t);
    }
}

pid_t tool_processes_holder(const struct tool_processes *p, unsigned long inode)
{
    for (size_t i = 0; inode && i < p->count; i++)
        if (any_socket(p->pids[i], is_inode, &inode))
            return p->pids[i];
    return 0;
}

/* A line of /proc/PID/net/tcp and its kin: its number, both ends, the state, queues, timer, retransmissions, user,
 * timeout, inode. False: it is the heading, or nothing more. */
static bool parse_line(const char *line, unsigned *state, unsigned long *inode)
{
    const char *at = behind(line, 3), *last = behind(line, 9);
    if (!at || !last || !isdigit((unsigned char)line[strspn(line, " ")]))
        return false;
    *state = (unsigned)strtoul(at, NULL, 16);
    *inode = strtoul(last, NULL, 10);
    return true;
}

static bool any_line(pid_t pid, const char *table, bool (*each)(void *context, unsigned state, unsigned long inode),
                     void *context)
{
    char path[64], line[512];
    unsigned state;
    unsigned long inode;
    bool found = false;
    (void)snprintf(path, sizeof path, "/proc/%d/net/%s", (int)pid, table);
    FILE *f = fopen(path, "re");
    while (f && !found && fgets(line, sizeof line, f))
        found = parse_line(line, &state, &inode) && each(context, state, inode);
    if (f)
        (void)fclose(f);
    return found;
}

struct question {
    pid_t pid;
    unsigned long inode;
};

static bool has_inode(void *context, unsigned state, unsigned long inode)
{
    (void)state;
    return inode && inode == *(const unsigned long *)context;
}

static bool is_of_network(void *context, unsigned long inode)
{
    static const char *const tables[] = {"tcp", "tcp6", "udp", "udp6"};
    const struct question *q = context;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (any_line(q->pid, tables[i], has_inode, &inode))
            return true;
    return false;
}

bool tool_processes_talk(const struct tool_processes *p)
{
    for (size_t i = 0; i < p->count; i++) {
        struct question q = {.pid = p->pids[i]};
        if (any_socket(q.pid, is_of_network, &q))
            return true;
    }
    return false;
}

static bool is_open(void *context, unsigned state, unsigned long inode)
{
    enum { TIME_WAIT = 6, CLOSE = 7, LISTEN = 10 };
    (void)context;
    (void)inode;
    return state != TIME_WAIT && state != CLOSE && state != LISTEN;
}

bool tool_processes_network_is_busy(pid_t pid)
{
    return any_line(pid, "tcp", is_open, NULL) || any_line(pid, "tcp6", is_open, NULL);
}

/* ---- what they have in memory, and what they were started with */

bool tool_processes_has(pid_t pid, const char *ending)
{
    char path[64], line[4096];
    const size_t n = strlen(ending);
    bool has = false;
    (void)snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    FILE *f = fopen(path, "re");
    while (f && !has && fgets(line, sizeof line, f)) {
        const size_t length = strcspn(line, "\n");
        has = length >= n && !strncmp(line + length - n, ending, n);
    }
    if (f)
        (void)fclose(f);
    return has;
}

static const char *const telling[] = {"password",    "passwd",  "passphrase",    "secret", "token",      "apikey",
                                      "api-key",     "api_key", "authorization", "cookie", "credential", "bearer",
                                      "private-key", NULL};

/* Whether the part of the word says that something secret follows. */
static bool is_telling(const char *word, size_t length)
{
    for (const char *const *t = telling; *t; t++) {
        const size_t n = strlen(*t);
        for (size_t i = 0; i + n <= length; i++)
            if (!strncasecmp(word + i, *t, n))
                return true;
    }
    return false;
}

/* Options whose value is USER:PASSWORD: of curl and wget, of others too. */
static bool is_user(const char *word)
{
    static const char *const names[] = {"-u", "--user", "-U", "--proxy-user", NULL};
    for (const char *const *n = names; *n; n++)
        if (!strcmp(word, *n))
            return true;
    return false;
}

struct text {
    char *out;
    size_t size, n;
};

static void add(struct text *t, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length && t->n + 1 < t->size; i++)
        t->out[t->n++] = bytes[i];
    t->out[t->n] = '\0';
}

/* What stands for what is left out. */
static void leave_out(struct text *t)
{
    if (t->n + 4 < t->size)
        add(t, "…", strlen("…"));
}

/* user:password@ in a URL, and values of telling parameters in its query. */
static void shorten_url(struct text *t, const char *word)
{
    const char *behind = strstr(word, "://") + 3;
    const size_t authority = strcspn(behind, "/?#");
    const char *at = memrchr(behind, '@', authority), *colon = at ? memchr(behind, ':', (size_t)(at - behind)) : NULL;
    if (colon) {
        add(t, word, (size_t)(colon + 1 - word));
        leave_out(t);
        word = at;
    }
    while (*word) {
        const size_t n = strcspn(word, "?&"), equals = strcspn(word, "=?&");
        if (equals < n && is_telling(word, equals)) {
            add(t, word, equals + 1);
            leave_out(t);
        } else {
            add(t, word, n);
        }
        word += n;
        add(t, word, *word != '\0');
        word += *word != '\0';
    }
}

void tool_processes_shorten(const char *before, const char *word, char *out, size_t size)
{
    struct text t = {.out = out, .size = size < WORD_MOST ? size : WORD_MOST};
    const size_t length = strlen(word), name = strcspn(word, "=: ");
    out[0] = '\0';
    if (before && is_user(before)) {
        const size_t user = strcspn(word, ":");
        add(&t, word, user + (word[user] == ':'));
        if (word[user])
            leave_out(&t);
    } else if (before && before[0] == '-' && !strchr(before, '=') && is_telling(before, strlen(before)) &&
               word[0] != '-') {
        leave_out(&t);
    } else if (name < length && is_telling(word, name)) { /* --password=…, Authorization: …, TOKEN=… */
        add(&t, word, name + 1 + (word[name + 1] == ' '));
        leave_out(&t);
    } else if (strstr(word, "://")) {
        shorten_url(&t, word);
    } else {
        add(&t, word, length);
    }
    if (t.n + 1 == t.size && t.n > 4) {
        t.n -= 4;
        leave_out(&t);
    }
}

/* comm has 15 bytes: the first word or the file may have the rest of it. */
static void name_of(pid_t pid, const char *first, char *out, size_t size)
{
    char comm[64] = "", path[64], file[4096] = "";
    (void)read_file(comm, sizeof comm, "/proc/%d/comm", (int)pid);
    comm[strcspn(comm, "\n")] = '\0';
    (void)snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
    const ssize_t n = readlink(path, file, sizeof file - 1);
    file[n > 0 ? n : 0] = '\0';
    const char *const whole[] = {first, file};
    for (size_t i = 0; i < 2 && strlen(comm) == 15; i++) {
        const char *slash = strrchr(whole[i], '/'), *last = slash ? slash + 1 : whole[i];
        if (!strncmp(last, comm, strlen(comm))) {
            (void)snprintf(out, size, "%.255s", last);
            return;
        }
    }
    (void)snprintf(out, size, "%.255s", *comm ? comm : first);
}

size_t tool_processes_describe(pid_t pid, char *out, size_t size)
{
    char words[16384], name[256];
    const ssize_t length = read_file(words, sizeof words, "/proc/%d/cmdline", (int)pid);
    const char *before = NULL, *end = words + (length > 0 ? length : 0);
    if (length < 0)
        return 0;
    name_of(pid, length ? words : "?", name, sizeof name);
    size_t n = (size_t)snprintf(out, size, "%s", name) + 1;
    unsigned count = 0;
    for (const char *word = words; word < end && count < ARGUMENTS_MOST && n + WORD_MOST < size; count++) {
        tool_processes_shorten(before, word, out + n, size - n);
        n += strlen(out + n) + 1;
        before = word;
        word += strlen(word) + 1;
    }
    return n;
}
