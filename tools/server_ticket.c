/* --ticket-key: what the keys of tickets follow from, which outlives the process. */
#include "server.h"

#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LEAST = 32, MADE = 48, MOST = 4096 }; /* bytes; LEAST: wiretale/endpoint.h */

static bool complain(const struct server *s, const char *what)
{
    tool_complain(s->speak.command, "--ticket-key %s: %s", s->ticket_file, what);
    return false;
}

/* Whole, or not at all: who starts at the same moment must not read half of it. */
static bool make(const struct server *s)
{
    uint8_t key[MADE];
    char *beside = tool_format("%s.%ld", s->ticket_file, (long)getpid());
    int fd = beside ? open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    bool ok = fd >= 0 && getrandom(key, sizeof key, 0) == (ssize_t)sizeof key &&
              write(fd, key, sizeof key) == (ssize_t)sizeof key && fsync(fd) == 0 &&
              (link(beside, s->ticket_file) == 0 || errno == EEXIST); /* another one was first: its key it is */
    const int reason = errno;
    explicit_bzero(key, sizeof key);
    if (fd >= 0) {
        (void)close(fd);
        (void)unlink(beside);
    }
    free(beside);
    return ok || complain(s, wt_error_reason(reason));
}

/* RFC 8446, C.4, and RFC 5077, 5.5: who has it reads and resumes what it is for: others' files are not used. */
static bool is_private(const struct server *s, int fd)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return complain(s, wt_error_reason(errno));
    if (!S_ISREG(st.st_mode))
        return complain(s, _("not a file"));
    if (st.st_mode & (S_IRWXG | S_IRWXO)) {
        tool_complain(s->speak.command, _("%s: others may use this key: chmod 600 %s"), s->ticket_file, s->ticket_file);
        return false;
    }
    return true;
}

static bool load(struct server *s, int fd)
{
    size_t n = 0;
    ssize_t got = 1;
    s->ticket_key = tool_checked(malloc(MOST));
    while (s->ticket_key && n < MOST && got > 0 && (got = read(fd, s->ticket_key + n, MOST - n)) > 0)
        n += (size_t)got;
    if (!s->ticket_key || got < 0)
        return complain(s, wt_error_reason(errno));
    if (n < LEAST)
        return complain(s, _("a key has 32 random bytes at least: openssl rand -out FILE 48"));
    if (n == MOST)
        return complain(s, _("too large"));
    s->speak.options.ticket_key = (struct wt_span){s->ticket_key, n};
    return true;
}

bool server_ticket_open(struct server *s)
{
    if (!s->ticket_file)
        return true;
    int fd = open(s->ticket_file, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        if (!make(s))
            return false;
        fd = open(s->ticket_file, O_RDONLY | O_CLOEXEC);
    }
    if (fd < 0)
        return complain(s, wt_error_reason(errno));
    const bool ok = is_private(s, fd) && load(s, fd);
    (void)close(fd);
    if (!ok)
        server_ticket_close(s);
    return ok;
}

void server_ticket_close(struct server *s)
{
    if (s->ticket_key)
        explicit_bzero(s->ticket_key, MOST);
    free(s->ticket_key);
    s->ticket_key = NULL;
    s->speak.options.ticket_key = (struct wt_span){0};
}
