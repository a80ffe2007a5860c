#include "secrets.h"

#include "memory.h"
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define FAULTS_NAMED 10
#define FILE_MOST (16u << 20) /* bytes of a private key, or of a list of pre-shared keys */
#define KEY_LOG_BLOCK 0x544c534bu

/* A key log that is being read. */
struct tool_log {
    const char *path;
    struct wt_keys_log *log;
    uint64_t read; /* bytes of the file so far */
    dev_t device;
    ino_t inode;
    struct timespec changed; /* when it was, as of the last look */
    char tail[64];           /* the last of what was read, with which it goes on */
    size_t tail_length;
    int fd;         /* -1: not there (yet) */
    int complained; /* errno of what was already said about it */
};

bool tool_words_add(struct tool_words *w, const char *word)
{
    const char **grown = tool_checked(reallocarray(w->words, w->n + 1, sizeof *grown));
    if (!grown)
        return false;
    w->words = grown;
    w->words[w->n++] = word;
    return true;
}

bool tool_words_add_copy(struct tool_words *w, const char *word)
{
    char *copy = tool_checked(strdup(word));
    if (copy && tool_words_add(w, copy))
        return true;
    free(copy);
    return false;
}

void tool_words_free_copies(struct tool_words *w)
{
    for (size_t i = 0; i < w->n; i++)
        free((char *)(uintptr_t)w->words[i]);
    free(w->words);
    *w = (struct tool_words){.words = NULL};
}

bool tool_secrets_option(struct tool_secrets *s, const struct tool_arguments *a)
{
    struct tool_words *words = a->id == OPTION_KEYLOG              ? &s->logs
                               : a->id == OPTION_RSA_KEY           ? &s->rsa_keys
                               : a->id == OPTION_SM2_KEY           ? &s->sm2_keys
                               : a->id == OPTION_RSA_PASSWORD_FILE ? &s->passwords
                               : a->id == OPTION_PSK               ? &s->psks
                                                                   : &s->psk_files;
    if (tool_words_add(words, a->value))
        return true;
    tool_complain(a->command, "%s", _("out of memory"));
    return false;
}

/* ---- key logs */

static void fault(void *context, const struct wt_keys_fault *f)
{
    struct tool_secrets *s = context;
    char words[512];
    if (s->faults++ >= FAULTS_NAMED)
        return;
    (void)wt_problem_format(f->problem, words, sizeof words);
    tool_complain(s->command, "%s:%" PRIu64 ":%u: %s", f->file, f->line, f->column, words);
}

static void keep_tail(struct tool_log *log, const char *bytes, size_t length)
{
    size_t room = sizeof log->tail, new = length < room ? length : room;
    size_t old = log->tail_length < room - new ? log->tail_length : room - new;
    memmove(log->tail, log->tail + log->tail_length - old, old);
    memcpy(log->tail + old, bytes + length - new, new);
    log->tail_length = old + new;
}

/* All that is there now; false when reading failed. */
static bool drain(struct tool_log *log)
{
    char block[65536];
    struct pollfd waiting = {.fd = log->fd, .events = POLLIN};
    ssize_t n = 0;
    /* a pipe has an end only when its writer goes: what it holds is taken, and no more waited for */
    while (poll(&waiting, 1, 0) > 0 && (n = read(log->fd, block, sizeof block)) > 0) {
        wt_keys_log_feed(log->log, block, (size_t)n);
        log->read += (uint64_t)n;
        keep_tail(log, block, (size_t)n);
    }
    explicit_bzero(block, sizeof block);
    return n >= 0 || errno == EAGAIN || errno == EINTR;
}

static bool read_whole(struct tool_log *log)
{
    char block[65536];
    ssize_t n;
    do {
        n = read(log->fd, block, sizeof block);
        if (n > 0)
            wt_keys_log_feed(log->log, block, (size_t)n);
    } while (n > 0 || (n < 0 && errno == EINTR));
    explicit_bzero(block, sizeof block);
    return n == 0;
}

static void close_log(struct tool_log *log)
{
    if (log->log)
        wt_keys_log_close(log->log);
    if (log->fd >= 0)
        (void)close(log->fd);
    log->log = NULL;
    log->fd = -1;
    log->read = 0;
    log->changed = (struct timespec){0};
    explicit_bzero(log->tail, sizeof log->tail);
    log->tail_length = 0;
}

/* False with errno. */
static bool open_log(struct tool_secrets *s, struct tool_log *log)
{
    bool standard = !strcmp(log->path, "-");
    struct stat st;
    log->fd = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                       : open(log->path, O_RDONLY | O_CLOEXEC | (s->live ? O_NONBLOCK : 0));
    if (log->fd >= 0 && fstat(log->fd, &st) == 0 && !S_ISDIR(st.st_mode)) {
        log->device = st.st_dev;
        log->inode = st.st_ino;
        log->log = wt_keys_log_open(s->keys, standard ? _("standard input") : log->path, false);
        if (log->log)
            return true;
        errno = ENOMEM;
    } else if (log->fd >= 0) {
        errno = EISDIR;
    }
    int reason = errno;
    close_log(log);
    errno = reason;
    return false;
}

static void cannot_read(const struct tool_secrets *s, struct tool_log *log)
{
    if (log->complained != errno)
        tool_complain(s->command, _("key log %s: %s"), log->path, wt_error_reason(errno));
    log->complained = errno;
}

/* Whether the path leads elsewhere by now: the log was rotated. */
static bool is_replaced(const struct tool_log *log)
{
    struct stat st;
    return strcmp(log->path, "-") != 0 && stat(log->path, &st) == 0 &&
           (st.st_dev != log->device || st.st_ino != log->inode);
}

/* Whether the file was emptied and written anew. Its length alone does not show it: it may have grown past where it
 * was.
 */
static bool is_rewritten(struct tool_log *log)
{
    char tail[sizeof log->tail];
    struct stat st;
    if (fstat(log->fd, &st) != 0 || !S_ISREG(st.st_mode))
        return false;
    if ((uint64_t)st.st_size < log->read)
        return true;
    if (st.st_mtim.tv_sec == log->changed.tv_sec && st.st_mtim.tv_nsec == log->changed.tv_nsec)
        return false;
    log->changed = st.st_mtim;
    ssize_t n = pread(log->fd, tail, log->tail_length, (off_t)(log->read - log->tail_length));
    return n != (ssize_t)log->tail_length || memcmp(tail, log->tail, log->tail_length) != 0;
}

/* Through the handle that there is: since it was opened, root may have been given up. */
static void read_again(struct tool_secrets *s, struct tool_log *log)
{
    wt_keys_log_close(log->log);
    log->log = wt_keys_log_open(s->keys, log->path, false);
    log->read = 0;
    log->tail_length = 0;
    if (!log->log || lseek(log->fd, 0, SEEK_SET) < 0 || !drain(log))
        cannot_read(s, log);
}

/* The file that has its name by now. The old one is read on while the new one cannot be. */
static void take_successor(struct tool_secrets *s, struct tool_log *log)
{
    struct tool_log next = {.path = log->path, .fd = -1};
    if (open_log(s, &next)) {
        close_log(log);
        *log = next;
        (void)drain(log);
    } else if (log->complained != errno) {
        log->complained = errno;
        tool_complain(s->command,
                      _("key log %s was replaced, and the new one cannot be read: %s; secrets in it are missing"),
                      log->path, wt_error_reason(errno));
    }
}

static void follow_log(struct tool_secrets *s, struct tool_log *log)
{
    if (log->fd >= 0) {
        bool rewritten = is_rewritten(log), replaced = is_replaced(log);
        if (rewritten)
            read_again(s, log);
        else if (!drain(log))
            cannot_read(s, log);
        if (replaced)
            take_successor(s, log);
        return;
    }
    if (open_log(s, log)) {
        log->complained = 0;
        (void)drain(log);
    } else if (errno != ENOENT) {
        cannot_read(s, log);
    }
}

void tool_secrets_poll(struct tool_secrets *s)
{
    for (size_t i = 0; s->open && i < s->logs.n; i++)
        follow_log(s, &s->open[i]);
}

/* Without being live: all of it, once. */
static bool load_log(struct tool_secrets *s, struct tool_log *log)
{
    bool ok = open_log(s, log) && read_whole(log);
    if (!ok)
        cannot_read(s, log);
    close_log(log);
    return ok;
}

/* A log that is not there yet was given all the same, and what stays encrypted is said to lack its lines. */
static void expect_log(struct tool_secrets *s, const struct tool_log *log)
{
    if (log->fd < 0)
        wt_keys_log_close(wt_keys_log_open(s->keys, log->path, false));
}

static bool load_logs(struct tool_secrets *s)
{
    bool ok = true;
    s->open = tool_checked(calloc(s->logs.n ? s->logs.n : 1, sizeof *s->open));
    for (size_t i = 0; s->open && i < s->logs.n; i++)
        s->open[i] = (struct tool_log){.path = s->logs.words[i], .fd = -1};
    if (s->live)
        tool_secrets_poll(s);
    for (size_t i = 0; s->open && s->live && i < s->logs.n; i++)
        expect_log(s, &s->open[i]);
    for (size_t i = 0; s->open && !s->live && i < s->logs.n; i++)
        ok = load_log(s, &s->open[i]) && ok;
    if (!s->open)
        tool_complain(s->command, "%s", _("out of memory"));
    return ok && s->open;
}

/* ---- private keys and pre-shared keys */

/* A whole file, which the caller wipes and frees; NULL with the reason printed. */
static char *read_file(const struct tool_secrets *s, const char *path, size_t *length)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t room = 65536, n = 0;
    ssize_t got = fd < 0 ? -1 : 1;
    char *bytes = fd < 0 ? NULL : tool_checked(malloc(room + 1));
    while (bytes && got > 0 && n < FILE_MOST) {
        if (n == room) {
            char *grown =
                tool_checked(malloc(2 * room + 1)); /* not realloc(): what it leaves behind could not be wiped */
            if (grown)
                memcpy(grown, bytes, n);
            explicit_bzero(bytes, n);
            free(bytes);
            bytes = grown;
            room *= 2;
            if (!bytes)
                break;
        }
        got = read(fd, bytes + n, room - n);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            n += (size_t)got;
    }
    if (!bytes || got != 0) {
        tool_complain(s->command, "%s: %s", path,
                      got > 0 && bytes ? _("too large for a key file") : wt_error_reason(errno));
        if (bytes)
            explicit_bzero(bytes, n);
        free(bytes);
        bytes = NULL;
    } else {
        bytes[n] = '\0';
        *length = n;
    }
    if (fd >= 0)
        (void)close(fd);
    return bytes;
}

static void forget_file(char *bytes, size_t length)
{
    explicit_bzero(bytes, length);
    free(bytes);
}

/* Passwords of all password files, one per line, cut at their ends. */
struct passwords {
    char **files;
    size_t *lengths;
    size_t n;
};

typedef bool add_key(struct wt_keys *keys, const void *bytes, size_t length, const char *password,
                     enum wt_problem_id *why);

/* Tries the key without a password, then with each. */
static bool add_private_key(struct tool_secrets *s, const char *path, const struct passwords *p, add_key *add)
{
    enum wt_problem_id why = WT_PROBLEM_NONE;
    size_t length = 0;
    char *bytes = read_file(s, path, &length);
    bool ok = bytes && add(s->keys, bytes, length, NULL, &why);
    for (size_t i = 0; bytes && !ok && i < p->n; i++)
        for (const char *line = p->files[i]; !ok && line < p->files[i] + p->lengths[i]; line += strlen(line) + 1)
            ok = add(s->keys, bytes, length, line, &why);
    if (bytes && !ok)
        tool_complain(s->command, "%s: %s", path, wt_problem_text(why));
    if (bytes)
        forget_file(bytes, length);
    return ok;
}

static void cut_lines(char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] == '\n' || (text[i] == '\r' && text[i + 1] == '\n'))
            text[i] = '\0';
}

static bool add_private_keys(struct tool_secrets *s)
{
    struct passwords p = {0};
    size_t n = s->passwords.n;
    bool ok = true;
    p.files = tool_checked(calloc(n ? n : 1, sizeof *p.files));
    p.lengths = tool_checked(calloc(n ? n : 1, sizeof *p.lengths));
    for (; p.files && p.lengths && ok && p.n < n; p.n += ok) {
        p.files[p.n] = read_file(s, s->passwords.words[p.n], &p.lengths[p.n]);
        ok = p.files[p.n];
        if (ok)
            cut_lines(p.files[p.n], p.lengths[p.n]);
    }
    for (size_t i = 0; ok && p.files && p.lengths && i < s->rsa_keys.n; i++)
        ok = add_private_key(s, s->rsa_keys.words[i], &p, wt_keys_add_rsa);
    for (size_t i = 0; ok && p.files && p.lengths && i < s->sm2_keys.n; i++)
        ok = add_private_key(s, s->sm2_keys.words[i], &p, wt_keys_add_sm2);
    for (size_t i = 0; i < p.n; i++)
        forget_file(p.files[i], p.lengths[i]);
    ok = ok && p.files && p.lengths;
    free(p.files);
    free(p.lengths);
    return ok;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "HEX" or "IDENTITY:HEX"; an identity may have colons itself. */
static int add_psk(struct tool_secrets *s, const char *word)
{
    const char *colon = strrchr(word, ':'), *hex = colon ? colon + 1 : word;
    enum wt_problem_id why = WT_PROBLEM_NONE;
    size_t n = strlen(hex) / 2;
    uint8_t *key = tool_checked(malloc(n + 1));
    bool ok = key && n > 0 && strlen(hex) % 2 == 0;
    for (size_t i = 0; ok && i < n; i++) {
        int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);
        ok = high >= 0 && low >= 0;
        key[i] = (uint8_t)(ok ? high << 4 | low : 0);
    }
    int status = TOOL_OK;
    if (!ok) {
        tool_complain(s->command, "%s", _("--psk takes hexadecimal digits, two per byte, optionally after IDENTITY:"));
        status = TOOL_USAGE;
    } else if (!wt_keys_add_psk(s->keys, colon ? word : NULL, colon ? (size_t)(colon - word) : 0, key, n, &why)) {
        tool_complain(s->command, "--psk: %s", wt_problem_text(why));
        status = TOOL_USAGE;
    }
    if (key)
        explicit_bzero(key, n);
    free(key);
    return status;
}

static bool add_psk_file(struct tool_secrets *s, const char *path)
{
    size_t length = 0;
    char *text = read_file(s, path, &length);
    bool ok = text && wt_keys_add_psk_file(s->keys, path, text, length) > 0;
    if (text && !ok)
        tool_complain(s->command, _("%s: no IDENTITY:HEX line"), path);
    if (text)
        forget_file(text, length);
    return ok;
}

/* ---- all of them */

/* SSLKEYLOGFILE was set for other programs, and may be stale: it is no fault when it leads nowhere. */
static void take_environment(struct tool_secrets *s)
{
    const char *path = getenv("SSLKEYLOGFILE");
    if (!path || !*path || s->rsa_keys.n + s->sm2_keys.n + s->psks.n + s->psk_files.n + s->logs.n > 0)
        return;
    if (!s->live && access(path, R_OK) != 0)
        return;
    if (!strcmp(path, "-") || !tool_words_add(&s->logs, path))
        return;
    if (s->live)
        tool_complain(s->command, _("reading keys from %s as it grows (SSLKEYLOGFILE is set)"), path);
    else
        tool_complain(s->command, _("reading keys from %s (SSLKEYLOGFILE is set)"), path);
}

/* Standard input can be one thing only. */
static bool is_taken_twice(const struct tool_secrets *s, char **inputs, int count)
{
    unsigned n = 0;
    for (size_t i = 0; i < s->logs.n; i++)
        n += !strcmp(s->logs.words[i], "-");
    if (n == 0)
        return false;
    for (int i = 0; i < count; i++)
        n += !strcmp(inputs[i], "-");
    return n > 1;
}

/* Secrets are in memory from now on: what is left of a crash is not to hold them, nor is anybody to look into it
 * meanwhile. A sanitizer has to. */
static void guard_memory(void)
{
    const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
#if !WT_SANITIZED
    (void)prctl(PR_SET_DUMPABLE, 0);
#endif
}

int tool_secrets_open(struct tool_secrets *s, const struct tool_command *command, bool live, char **inputs, int count)
{
    s->command = command;
    s->live = live;
    if (is_taken_twice(s, inputs, count)) {
        tool_complain(command, "%s", _("standard input is used twice: give --keylog a file"));
        return TOOL_USAGE;
    }
    if (s->passwords.n > 0 && s->rsa_keys.n + s->sm2_keys.n == 0) {
        tool_complain(command, "%s", _("--rsa-password-file needs --rsa-key or --sm2-key"));
        return TOOL_USAGE;
    }
    s->keys = wt_keys_new(fault, s);
    if (!s->keys) {
        tool_complain(command, "%s", _("out of memory"));
        return TOOL_BAD_INPUT;
    }
    take_environment(s);
    wt_keys_await(s->keys, live && s->logs.n); /* of captures, see tool_secrets_listen() */
    if (s->logs.n || s->psks.n || s->psk_files.n || s->rsa_keys.n || s->sm2_keys.n)
        guard_memory();
    for (size_t i = 0; i < s->psks.n; i++)
        if (add_psk(s, s->psks.words[i]) != TOOL_OK)
            return TOOL_USAGE;
    if (!add_private_keys(s) || !load_logs(s))
        return TOOL_BAD_INPUT;
    for (size_t i = 0; i < s->psk_files.n; i++)
        if (!add_psk_file(s, s->psk_files.words[i]))
            return TOOL_BAD_INPUT;
    return TOOL_OK;
}

static void on_secrets(void *context, const struct wt_capture_secrets *block)
{
    struct tool_secrets *s = context;
    struct wt_keys_log *log;
    if (block->skipped)
        tool_complain(s->command, _("%s: a secrets block of %" PRIu32 " bytes is too large and was skipped"),
                      s->capture, block->skipped);
    if (block->type != KEY_LOG_BLOCK)
        return;
    guard_memory();
    log = wt_keys_log_open(s->keys, s->capture, true);
    if (!log)
        return;
    wt_keys_log_feed(log, block->data.p, block->data.n);
    wt_keys_log_close(log);
}

void tool_secrets_listen(struct tool_secrets *s, struct wt_capture *capture, const char *name)
{
    s->capture = name;
    wt_capture_on_secrets(capture, on_secrets, s);
    const bool all = wt_capture_find_secrets(capture), grows = s->live && s->logs.n;
    wt_keys_await(s->keys, !all || grows);
}

void tool_secrets_close(struct tool_secrets *s)
{
    for (size_t i = 0; s->open && i < s->logs.n; i++)
        close_log(&s->open[i]);
    if (s->faults > FAULTS_NAMED)
        tool_complain(s->command, _("%" PRIu64 " more key lines are unusable"), s->faults - FAULTS_NAMED);
    if (s->keys)
        wt_keys_free(s->keys);
    free(s->open);
    free(s->logs.words);
    free(s->rsa_keys.words);
    free(s->sm2_keys.words);
    free(s->passwords.words);
    free(s->psks.words);
    free(s->psk_files.words);
    *s = (struct tool_secrets){0};
}
