#include "qlog.h"

#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PENDING = 16384 }; /* bytes of a connection that wait to be written */

/* A connection's. Its file is open while it is written to, and no longer: there may be many. */
struct tool_qlog_file {
    struct tool_qlog_file *next; /* of the bucket */
    struct tool_qlog *all;
    uint64_t connection;
    struct wt_qlog *qlog;
    char name[96];  /* what it will be called */
    char part[104]; /* what it is called until it is whole */
    bool made;
    size_t n;
    char pending[PENDING];
};

static void complain(struct tool_qlog *q, const char *name, int reason)
{
    if (!q->failed)
        tool_complain(q->command, "%s/%s: %s", q->path, name, wt_error_reason(reason));
    q->failed = true;
}

bool tool_qlog_open(struct tool_qlog *q)
{
    if (!q->path)
        return true;
    q->inside = tool_format("%s/.qlog", q->path);
    if (!q->inside) {
        tool_complain(q->command, "%s", _("out of memory"));
        return false;
    }
    if (mkdir(q->path, 0777) != 0 && errno != EEXIST) {
        tool_complain(q->command, "%s: %s", q->path, wt_error_reason(errno));
        return false;
    }
    q->fd = open(q->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    q->open = q->fd >= 0;
    if (!q->open)
        tool_complain(q->command, "%s: %s", q->path, wt_error_reason(errno));
    return q->open;
}

void tool_qlog_capture(struct tool_qlog *q)
{
    q->capture++;
}

/* --- one file ----------------------------------------------------------------------------------------------------- */

static int open_part(struct tool_qlog_file *f)
{
    const int flags = O_WRONLY | O_NOFOLLOW | O_CLOEXEC;
    if (f->made)
        return openat(f->all->fd, f->part, flags | O_APPEND);
    int fd = openat(f->all->fd, f->part, flags | O_CREAT | O_EXCL, 0666);
    if (fd < 0 && errno == EEXIST && unlinkat(f->all->fd, f->part, 0) == 0) /* of a run that was ended */
        fd = openat(f->all->fd, f->part, flags | O_CREAT | O_EXCL, 0666);
    f->made = fd >= 0;
    return fd;
}

static bool write_all(int fd, const char *bytes, size_t n)
{
    while (n) {
        const ssize_t w = write(fd, bytes, n);
        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0)
            return false;
        bytes += w;
        n -= (size_t)w;
    }
    return true;
}

/* What waits, and then these. */
static bool put_out(struct tool_qlog_file *f, const char *bytes, size_t n)
{
    if (f->all->failed)
        return false;
    const int fd = open_part(f);
    bool ok = fd >= 0 && write_all(fd, f->pending, f->n) && write_all(fd, bytes, n);
    if (!ok)
        complain(f->all, f->name, errno);
    if (fd >= 0 && close(fd) != 0 && ok) {
        complain(f->all, f->name, errno);
        ok = false;
    }
    f->n = 0;
    return ok;
}

static bool take(void *context, const char *bytes, size_t n)
{
    struct tool_qlog_file *f = context;
    if (n > sizeof f->pending - f->n)
        return put_out(f, bytes, n);
    memcpy(f->pending + f->n, bytes, n);
    f->n += n;
    return true;
}

static struct tool_qlog_file **place_of(struct tool_qlog *q, uint64_t connection)
{
    struct tool_qlog_file **at = &q->buckets[connection % TOOL_QLOG_BUCKETS];
    while (*at && (*at)->connection != connection)
        at = &(*at)->next;
    return at;
}

/* "STREAM-ODCID.qlog", of several captures with the capture's number before it. */
static struct tool_qlog_file *new_file(struct tool_qlog *q, const struct wt_quic_packet_told *p)
{
    struct tool_qlog_file *f = q->count < TOOL_QLOG_OPEN ? calloc(1, sizeof *f) : NULL;
    char odcid[2 * 20 + 1] = "", capture[16] = "";
    if (f && !(f->qlog = wt_qlog_new())) {
        free(f);
        f = NULL;
    }
    if (!f) {
        q->left_out++;
        return NULL;
    }
    for (size_t i = 0; i < p->odcid.n && i < 20; i++)
        (void)snprintf(odcid + 2 * i, 3, "%02x", p->odcid.p[i]);
    if (q->many)
        (void)snprintf(capture, sizeof capture, "%u-", q->capture);
    (void)snprintf(f->name, sizeof f->name, "%s%" PRIu32 "%s%s.qlog", capture, p->stream, p->odcid.n ? "-" : "", odcid);
    (void)snprintf(f->part, sizeof f->part, "%s.part", f->name);
    f->all = q;
    f->connection = p->connection;
    q->count++;
    return f;
}

static void finish(struct tool_qlog_file *f)
{
    struct tool_qlog *q = f->all;
    if (put_out(f, "", 0)) {
        if (renameat(q->fd, f->part, q->fd, f->name) == 0)
            q->written++;
        else
            complain(q, f->name, errno);
    }
    if (q->failed && f->made)
        (void)unlinkat(q->fd, f->part, 0);
}

static void drop(struct tool_qlog *q, struct tool_qlog_file **at)
{
    struct tool_qlog_file *f = *at;
    *at = f->next;
    q->count--;
    wt_qlog_free(f->qlog);
    free(f);
}

void tool_qlog_packet(struct tool_qlog *q, const struct wt_quic_packet_told *p)
{
    if (!q->open)
        return;
    struct tool_qlog_file **at = place_of(q, p->connection);
    if (!*at && !p->end)
        *at = new_file(q, p);
    struct tool_qlog_file *f = *at;
    if (!f)
        return;
    struct wt_output output = {.write = take, .context = f};
    wt_qlog_packet(f->qlog, &output, p);
    if (!p->end)
        return;
    finish(f);
    drop(q, at);
}

bool tool_qlog_close(struct tool_qlog *q)
{
    if (!q->open)
        return true;
    for (size_t i = 0; i < TOOL_QLOG_BUCKETS; i++)
        while (q->buckets[i]) {
            if (q->buckets[i]->made)
                (void)unlinkat(q->fd, q->buckets[i]->part, 0);
            drop(q, &q->buckets[i]);
        }
    if (q->left_out)
        tool_complain(q->command, _("%s: connections that were left out, because too many were open at once: %" PRIu64),
                      q->path, q->left_out);
    if (!q->failed)
        tool_complain(q->command, _("%s: qlog files written: %" PRIu64), q->path, q->written);
    tool_qlog_free(q);
    return !q->failed;
}

void tool_qlog_free(struct tool_qlog *q)
{
    if (q->open)
        (void)close(q->fd);
    free(q->inside);
    q->inside = NULL;
    q->open = false;
}
