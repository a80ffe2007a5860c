#include "file.h"

#include "memory.h"
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_MOST 4

/* What is to vanish when a signal ends us: secrets and plaintext are not left lying about half written. */
static char *volatile unfinished[OPEN_MOST];

static void tidy(int number)
{
    for (int i = 0; i < OPEN_MOST; i++)
        if (unfinished[i])
            (void)unlink(unfinished[i]);
    (void)raise(number); /* the handler is gone (SA_RESETHAND): this ends us as the signal does */
}

void tool_file_guard(int number)
{
    struct sigaction action = {.sa_handler = tidy, .sa_flags = (int)SA_RESETHAND};
    (void)sigaction(number, &action, NULL);
}

static void remember(char *temporary)
{
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct sigaction action = {.sa_handler = tidy, .sa_flags = (int)SA_RESETHAND}, before;
    for (int i = 0; i < OPEN_MOST; i++) {
        if (!unfinished[i]) {
            unfinished[i] = temporary;
            break;
        }
    }
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
        if (sigaction(ending[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL)
            (void)sigaction(ending[i], &action, NULL);
}

static void forget(const char *temporary)
{
    for (int i = 0; i < OPEN_MOST; i++)
        if (unfinished[i] == temporary)
            unfinished[i] = NULL;
}

static void complain(const struct tool_file *f, int reason)
{
    const char *name = f->path && strcmp(f->path, "-") != 0 ? f->path : _("standard output");
    tool_complain(f->command, "%s: %s", name, wt_error_reason(reason));
}

static bool to_standard_output(struct tool_file *f, bool text)
{
    if (!text && isatty(STDOUT_FILENO)) {
        tool_complain(f->command, "%s", _("standard output is a terminal: name a file, or redirect with > or |"));
        return false;
    }
    f->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    if (f->fd < 0)
        complain(f, errno);
    return f->fd >= 0;
}

static bool is_input(const struct tool_file *f, const struct stat *target, char *const *inputs, int count)
{
    struct stat st;
    for (int i = 0; i < count; i++) {
        bool standard = !strcmp(inputs[i], "-");
        if ((standard ? fstat(STDIN_FILENO, &st) : stat(inputs[i], &st)) != 0 || st.st_dev != target->st_dev ||
            st.st_ino != target->st_ino)
            continue;
        tool_complain(f->command, _("%s is the input: name another file"), f->path ? f->path : "?");
        return true;
    }
    return false;
}

/* In a folder where everybody may put files (sticky, as /tmp is), one that somebody else has put there waits for what
 * we write: Linux refuses such FIFOs and files to who would create them (fs.protected_fifos, fs.protected_regular), but
 * not everywhere. The folder's owner may. */
static bool is_foreign(const struct tool_file *f)
{
    struct stat st, folder;
    const char *slash = strrchr(f->path, '/');
    char *parent = tool_checked(slash ? strndup(f->path, (size_t)(slash - f->path) + 1) : strdup("."));
    if (!parent) {
        complain(f, ENOMEM);
        return true;
    }
    const bool shared = stat(parent, &folder) == 0 && folder.st_mode & S_ISVTX && folder.st_mode & (S_IWGRP | S_IWOTH);
    const bool foreign = shared && lstat(f->path, &st) == 0 && st.st_uid != geteuid() && st.st_uid != folder.st_uid;
    free(parent);
    if (foreign)
        tool_complain(f->command,
                      _("%s is somebody else's, in a folder that everybody can write to: name another file"), f->path);
    return foreign;
}

static bool begin_temporary(struct tool_file *f)
{
    f->temporary = tool_format("%s.XXXXXX", f->target);
    if (!f->temporary) {
        complain(f, ENOMEM);
        return false;
    }
    /* a signal between the two would leave it behind */
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, &before);
    f->fd = mkostemp(f->temporary, O_CLOEXEC); /* mode 0600 */
    const int reason = errno;
    if (f->fd >= 0)
        remember(f->temporary);
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    if (f->fd >= 0)
        return true;
    complain(f, reason);
    free(f->temporary);
    f->temporary = NULL;
    return false;
}

bool tool_file_open(struct tool_file *f, const struct tool_command *command, const char *path, char *const *inputs,
                    int count, bool text)
{
    struct stat st;
    *f = (struct tool_file){.command = command, .path = tool_checked(strdup(path)), .fd = -1};
    if (!strcmp(path, "-"))
        return to_standard_output(f, text);
    bool there = stat(path, &st) == 0;
    if (!f->path) {
        complain(f, ENOMEM);
        return false;
    }
    if ((there && is_input(f, &st, inputs, count)) || is_foreign(f))
        return false;
    if (there && S_ISDIR(st.st_mode)) {
        complain(f, EISDIR);
        return false;
    }
    if (there && !S_ISREG(st.st_mode)) { /* a device or a pipe keeps its name */
        f->fd = open(path, O_WRONLY | O_CLOEXEC);
        if (f->fd < 0)
            complain(f, errno);
        return f->fd >= 0;
    }
    /* a symbolic link stays one: what it leads to is written */
    f->target = there ? realpath(path, NULL) : tool_checked(strdup(path));
    if (!f->target) {
        complain(f, errno);
        return false;
    }
    if (begin_temporary(f))
        return true;
    tool_file_drop(f);
    return false;
}

void tool_file_share(const struct tool_file *f)
{
    const mode_t mask = umask(0);
    (void)umask(mask);
    if (f->temporary)
        (void)fchmod(f->fd, 0666 & ~mask);
}

bool tool_file_write(void *context, const void *bytes, size_t length)
{
    struct tool_file *f = context;
    if (!f->error)
        f->error = tool_write(f->fd, bytes, length);
    return !f->error;
}

bool tool_file_commit(struct tool_file *f)
{
    if (f->fd < 0)
        return false;
    if (close(f->fd) != 0 && !f->error)
        f->error = errno;
    f->fd = -1;
    if (!f->error && f->temporary && rename(f->temporary, f->target) != 0)
        f->error = errno;
    if (f->error == EPIPE && !f->temporary) /* the reader had enough: no failure of ours */
        f->error = 0;
    if (f->error) {
        complain(f, f->error);
    } else if (f->temporary) {
        forget(f->temporary);
        free(f->temporary);
        f->temporary = NULL;
    }
    tool_file_drop(f);
    return !f->error;
}

void tool_file_drop(struct tool_file *f)
{
    if (f->fd >= 0)
        (void)close(f->fd);
    f->fd = -1;
    if (f->temporary) {
        (void)unlink(f->temporary);
        forget(f->temporary);
    }
    free(f->temporary);
    free(f->target);
    free(f->path);
    f->temporary = f->target = f->path = NULL;
}
