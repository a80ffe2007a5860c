#include "spool.h"

#include "memory.h"
#include "rights.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static bool rotates(const struct tool_spool *s)
{
    return s->size_most || s->seconds;
}

static bool fail(struct tool_spool *s, const char *name, int reason)
{
    if (!s->failed)
        tool_complain(s->command, "%s: %s", name, wt_error_reason(reason));
    s->failed = true;
    return false;
}

static bool write_file(void *context, const void *bytes, size_t length)
{
    struct tool_spool *s = context;
    const int reason = tool_write(s->fd, bytes, length);
    if (reason)
        return fail(s, s->path, reason);
    s->written += length;
    return true;
}

/* NAME.pcapng becomes NAME_00001_20260131120000.pcapng, as dumpcap names them: in the order of their names they are in
 * the order of their packets. */
static char *name_of(const struct tool_spool *s, int64_t ns)
{
    const char *slash = strrchr(s->path, '/'), *dot = strrchr(slash ? slash : s->path, '.');
    time_t second = (time_t)(ns / 1000000000);
    struct tm at = {0};
    char stamp[32];
    size_t stem = dot && dot > (slash ? slash + 1 : s->path) ? (size_t)(dot - s->path) : strlen(s->path);
    if (!rotates(s))
        return tool_checked(strdup(s->path));
    (void)localtime_r(&second, &at);
    (void)strftime(stamp, sizeof stamp, "%Y%m%d%H%M%S", &at);
    return tool_format("%.*s_%05lu_%s%s", (int)stem, s->path, s->number, stamp, s->path + stem);
}

/* The name is kept, where files are let go, in the place of the one that is. */
static void keep_name(struct tool_spool *s, char *name)
{
    char **slot = s->names ? &s->names[(s->number - 1) % s->count] : NULL;
    if (!slot) {
        free(name);
        return;
    }
    if (*slot && strcmp(*slot, name) != 0)
        (void)unlink(*slot);
    free(*slot);
    *slot = name;
}

static bool begin(struct tool_spool *s, int64_t ns)
{
    s->number++;
    char *name = name_of(s, ns);
    if (!name)
        return fail(s, s->path, ENOMEM);
    s->fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    s->written = 0;
    s->begun_ns = ns;
    s->writer = s->fd < 0 ? NULL : wt_capture_writer_new(write_file, s);
    if (!s->writer) {
        (void)fail(s, name, s->fd < 0 ? errno : ENOMEM);
        free(name);
        return false;
    }
    if (geteuid() == 0 && fchown(s->fd, s->uid, s->gid) != 0) {
        (void)fail(s, name, errno);
        free(name);
        return false;
    }
    keep_name(s, name);
    return true;
}

static bool end(struct tool_spool *s)
{
    bool ok = !s->writer || wt_capture_writer_finish(s->writer);
    wt_capture_writer_free(s->writer);
    s->writer = NULL;
    if (s->fd >= 0 && close(s->fd) != 0)
        ok = fail(s, s->path, errno);
    s->fd = -1;
    return ok;
}

bool tool_spool_open(struct tool_spool *s)
{
    struct timespec now;
    s->fd = -1;
    if (!s->path)
        return true;
    if (s->count && rotates(s) && !(s->names = tool_checked(calloc(s->count, sizeof *s->names))))
        return fail(s, s->path, ENOMEM);
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return begin(s, (int64_t)now.tv_sec * 1000000000 + now.tv_nsec);
}

bool tool_spool_may_rotate(const struct tool_spool *s)
{
    return !s->path || !rotates(s) || tool_rights_may_make(s->command, s->path, s->uid);
}

bool tool_spool_packet(struct tool_spool *s, const struct wt_packet *packet)
{
    if (!s->writer)
        return !s->failed;
    bool full = s->size_most && s->written + packet->length + 64 > s->size_most && s->written;
    bool old = s->seconds && packet->time.ns - s->begun_ns >= (int64_t)s->seconds * 1000000000;
    if ((full || old) && (!end(s) || !begin(s, packet->time.ns)))
        return false;
    return wt_capture_write_packet(s->writer, packet) || fail(s, s->path, EIO);
}

void tool_spool_flush(struct tool_spool *s)
{
    if (s->writer)
        (void)wt_capture_writer_finish(s->writer);
}

bool tool_spool_close(struct tool_spool *s)
{
    bool ok = end(s) && !s->failed;
    for (uint64_t i = 0; s->names && i < s->count; i++)
        free(s->names[i]);
    free(s->names);
    s->names = NULL;
    return ok;
}
