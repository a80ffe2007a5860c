#include "run_keys.h"

#include "memory.h"
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MOST 4096
#define RANDOMS_MOST (1u << 20)
#define LIBRARY "libwiretale-keys.so"

static const char *const files[TOOL_KEYS_SOURCES] = {[TOOL_KEYS_ENVIRONMENT] = "environment.keys",
                                                     [TOOL_KEYS_NODE] = "node.keys",
                                                     [TOOL_KEYS_LIBRARY] = "library.keys",
                                                     [TOOL_KEYS_TRACE] = "trace.keys",
                                                     [TOOL_KEYS_PROBES] = "probes.keys"};

const char *tool_run_keys_name(int source)
{
    static const char *const names[TOOL_KEYS_SOURCES] = {[TOOL_KEYS_ENVIRONMENT] = "SSLKEYLOGFILE",
                                                         [TOOL_KEYS_NODE] = "NODE_OPTIONS",
                                                         [TOOL_KEYS_LIBRARY] = LIBRARY,
                                                         [TOOL_KEYS_TRACE] = N_("breakpoints"),
                                                         [TOOL_KEYS_PROBES] = N_("uprobes")};
    return _(names[source]);
}

/* ---- the program's environment */

static const char *value_of(char *const *environment, const char *name)
{
    const size_t n = strlen(name);
    for (; *environment; environment++)
        if (!strncmp(*environment, name, n) && (*environment)[n] == '=')
            return *environment + n + 1;
    return NULL;
}

/* Takes `line`, "NAME=value". */
static bool set(struct tool_run_keys *k, char *line)
{
    if (!line)
        return false;
    const size_t name = strcspn(line, "=") + 1;
    size_t n = 0;
    k->own[k->own_count++] = line;
    while (k->environment[n] && strncmp(k->environment[n], line, name) != 0)
        n++;
    k->environment[n] = line; /* there is room for all of ours */
    return true;
}

/* Words are parted by blanks there; in quotes a backslash keeps what is behind it. */
static bool add_node(struct tool_run_keys *k)
{
    const char *before = value_of(k->environment, "NODE_OPTIONS"), *path = k->paths[TOOL_KEYS_NODE];
    const char *quote = strpbrk(path, " \"\\") ? "\"" : "";
    if (strpbrk(path, "\"\\"))
        return true; /* no name of ours: TMPDIR has it */
    return set(k, tool_format("NODE_OPTIONS=%s%s%s--tls-keylog=%s%s", before ? before : "",
                              before && *before ? " " : "", quote, path, quote));
}

/* Beside the program, as it is built; else where it is installed. */
static char *find_library(void)
{
    static const char *const beside[] = {"", "preload/"};
    char own[4096];
    const ssize_t n = readlink("/proc/self/exe", own, sizeof own - 1);
    own[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(own, '/');
    for (size_t i = 0; slash && i < sizeof beside / sizeof *beside; i++) {
        char *path = tool_format("%.*s/%s" LIBRARY, (int)(slash - own), own, beside[i]);
        if (path && access(path, R_OK) == 0)
            return path;
        free(path);
    }
    return access(WT_KEYS_LIBRARY, R_OK) == 0 ? tool_checked(strdup(WT_KEYS_LIBRARY)) : NULL;
}

/* The loader has names in a list that blanks and colons part. */
static bool add_library(struct tool_run_keys *k)
{
    char *library = find_library();
    const char *before = value_of(k->environment, "LD_PRELOAD");
    bool ok = true;
    if (library && !strpbrk(library, " :") &&
        (k->paths[TOOL_KEYS_LIBRARY] = tool_folder_make(k->drop, files[TOOL_KEYS_LIBRARY])))
        ok = set(k, tool_format("WIRETALE_KEYLOG=%s", k->paths[TOOL_KEYS_LIBRARY])) &&
             set(k, tool_format("LD_PRELOAD=%s%s%s", library, before && *before ? ":" : "", before ? before : ""));
    free(library);
    return ok;
}

static bool fail(struct tool_run_keys *k, int reason)
{
    tool_complain(k->command, "%s: %s", k->drop->path, wt_error_reason(reason));
    return false;
}

/* Lines go there that we write. */
static bool open_lines(struct tool_run_keys *k, int source)
{
    k->paths[source] = tool_folder_make(k->folder, files[source]);
    k->trace_fd = k->paths[source] ? open(k->paths[source], O_WRONLY | O_APPEND | O_CLOEXEC) : -1;
    return k->trace_fd >= 0;
}

bool tool_run_keys_open(struct tool_run_keys *k, char **from)
{
    size_t n = 0;
    if (!from && !open_lines(k, TOOL_KEYS_PROBES))
        return fail(k, errno);
    if (!from)
        return tool_words_add(&k->logs, k->paths[TOOL_KEYS_PROBES]) || fail(k, ENOMEM);
    const char *users = value_of(from, "SSLKEYLOGFILE");
    k->users = users && *users ? users : NULL;
    while (from[n])
        n++;
    k->environment = tool_checked(calloc(n + 1 + sizeof k->own / sizeof *k->own, sizeof *k->environment));
    for (size_t i = 0; k->environment && i < n; i++)
        k->environment[i] = from[i];
    k->paths[TOOL_KEYS_ENVIRONMENT] = tool_folder_make(k->drop, files[TOOL_KEYS_ENVIRONMENT]);
    k->paths[TOOL_KEYS_NODE] = tool_folder_make(k->drop, files[TOOL_KEYS_NODE]);
    if (!k->environment || !k->paths[TOOL_KEYS_ENVIRONMENT] || !k->paths[TOOL_KEYS_NODE] ||
        !open_lines(k, TOOL_KEYS_TRACE))
        return fail(k, errno);
    bool ok = set(k, tool_format("SSLKEYLOGFILE=%s", k->paths[TOOL_KEYS_ENVIRONMENT])) && add_node(k) && add_library(k);
    for (size_t i = 0; ok && i < TOOL_KEYS_SOURCES; i++)
        ok = !k->paths[i] || tool_words_add(&k->logs, k->paths[i]);
    return ok || fail(k, ENOMEM);
}

void tool_run_keys_line(void *context, pid_t pid, const char *line, size_t length)
{
    const struct tool_run_keys *k = context;
    (void)pid;
    if (k->trace_fd >= 0 && tool_write(k->trace_fd, line, length) == 0)
        (void)tool_write(k->trace_fd, "\n", 1);
}

/* ---- the user's own key log */

void tool_run_keys_copy(struct tool_run_keys *k)
{
    char block[16384];
    ssize_t n;
    if (!k->users)
        return;
    const int fd = open(k->paths[TOOL_KEYS_ENVIRONMENT], O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && (n = pread(fd, block, sizeof block, (off_t)k->copied)) > 0) {
        if (k->users_fd < 0)
            k->users_fd = open(k->users, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
        const int reason = k->users_fd < 0 ? errno : tool_write(k->users_fd, block, (size_t)n);
        k->copied += (uint64_t)n;
        if (!reason)
            continue;
        tool_complain(k->command, "%s: %s", k->users, wt_error_reason(reason));
        k->users = NULL;
        break;
    }
    explicit_bzero(block, sizeof block);
    if (fd >= 0)
        (void)close(fd);
}

/* ---- which source */

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "LABEL RANDOM SECRET" */
static bool random_of(const char *line, uint8_t out[32])
{
    const char *hex = strchr(line, ' ');
    for (unsigned i = 0; hex && i < 32; i++) {
        const int high = digit(hex[1 + 2 * i]), low = high < 0 ? -1 : digit(hex[2 + 2 * i]);
        if (low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return hex && hex[65] == ' ';
}

static int compare(const void *a, const void *b)
{
    const struct tool_key_random *x = a, *y = b;
    const int order = memcmp(x->random, y->random, sizeof x->random);
    return order ? order : (int)x->source - (int)y->source;
}

static void load(struct tool_run_keys *k, int source, size_t *room)
{
    char line[LINE_MOST];
    FILE *f = k->paths[source] ? fopen(k->paths[source], "re") : NULL;
    while (f && fgets(line, sizeof line, f) && k->random_count < RANDOMS_MOST) {
        struct tool_key_random r = {.source = (uint8_t)source};
        const struct tool_key_random *last = k->random_count ? &k->randoms[k->random_count - 1] : NULL;
        if (!random_of(line, r.random) || (last && compare(last, &r) == 0))
            continue;
        struct tool_key_random *grown = tool_grown(k->randoms, k->random_count, room, sizeof *grown);
        if (!grown)
            break;
        k->randoms = grown;
        k->randoms[k->random_count++] = r;
    }
    explicit_bzero(line, sizeof line);
    if (f)
        (void)fclose(f);
}

void tool_run_keys_load(struct tool_run_keys *k)
{
    size_t room = 0;
    for (int source = 0; source < TOOL_KEYS_SOURCES; source++)
        load(k, source, &room);
    if (k->random_count)
        qsort(k->randoms, k->random_count, sizeof *k->randoms, compare);
}

int tool_run_keys_source(const struct tool_run_keys *k, const uint8_t random[32])
{
    size_t low = 0, high = k->random_count;
    while (low < high) { /* the first of that random is of its cheapest source */
        const size_t middle = low + (high - low) / 2;
        if (memcmp(k->randoms[middle].random, random, 32) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < k->random_count && !memcmp(k->randoms[low].random, random, 32) ? k->randoms[low].source : -1;
}

bool tool_run_keys_write(const struct tool_run_keys *k, bool (*write)(void *context, const char *line, size_t length),
                         void *context)
{
    char line[LINE_MOST];
    bool ok = true;
    for (int source = 0; source < TOOL_KEYS_SOURCES; source++) {
        FILE *f = k->paths[source] ? fopen(k->paths[source], "re") : NULL;
        uint8_t random[32];
        while (ok && f && fgets(line, sizeof line, f))
            if (random_of(line, random) && tool_run_keys_source(k, random) == source && strchr(line, '\n'))
                ok = write(context, line, strlen(line));
        if (f)
            (void)fclose(f);
    }
    explicit_bzero(line, sizeof line);
    return ok;
}

static int keep(const struct tool_run_keys *k, int source)
{
    char block[16384];
    ssize_t n = 0;
    char *path = tool_folder_make(k->folder, files[source]);
    const int from = open(k->paths[source], O_RDONLY | O_CLOEXEC), to = path ? open(path, O_WRONLY | O_CLOEXEC) : -1;
    int reason = from < 0 || to < 0 ? errno : 0;
    while (!reason && (n = read(from, block, sizeof block)) > 0)
        reason = tool_write(to, block, (size_t)n);
    if (n < 0)
        reason = errno;
    explicit_bzero(block, sizeof block);
    if (from >= 0)
        (void)close(from);
    if (to >= 0)
        (void)close(to);
    free(path);
    return reason;
}

int tool_run_keys_keep(const struct tool_run_keys *k)
{
    int reason = 0;
    for (int source = 0; source < TOOL_KEYS_SOURCES && !reason; source++)
        if (source != TOOL_KEYS_TRACE && k->paths[source]) /* that is there already */
            reason = keep(k, source);
    return reason;
}

void tool_run_keys_close(struct tool_run_keys *k)
{
    for (int i = 0; i < TOOL_KEYS_SOURCES; i++)
        free(k->paths[i]);
    for (size_t i = 0; i < k->own_count; i++)
        free(k->own[i]);
    if (k->users_fd >= 0)
        (void)close(k->users_fd);
    if (k->trace_fd >= 0)
        (void)close(k->trace_fd);
    free(k->environment);
    free(k->logs.words);
    free(k->randoms);
    *k = (struct tool_run_keys){.users_fd = -1, .trace_fd = -1};
}
