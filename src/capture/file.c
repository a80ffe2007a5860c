#include "capture/file.h"

#include "base/memory.h"
#include "capture/foreign.h"

#include "capture/unpack.h"
#include "capture/window.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

bool wt_capture_fail(struct wt_capture *c, enum wt_code code, const char *field, uint64_t offset, uint64_t value,
                     uint64_t bound)
{
    c->done = true;
    c->error = (struct wt_error){.code = code, .field = field, .offset = offset, .value = value, .bound = bound};
    return false;
}

bool wt_capture_ends(struct wt_capture *c, const char *field, uint64_t offset, uint64_t bound, bool may_end)
{
    uint64_t there = c->input.offset + wt_input_left(&c->input) - offset;
    c->done = true;
    if (c->input.stopped)
        return false;
    if (!c->input.error.code && wt_input_has_shrunk(&c->input))
        return wt_capture_fail(c, WT_SHRUNK, NULL, offset, 0, 0);
    if (c->input.error.code) {
        c->error = c->input.error;
        if (c->error.code == WT_TRUNCATED) {
            c->error.value = there;
            c->error.bound = bound > there ? bound : there + 1;
            c->error.offset = offset;
        }
        return false;
    }
    return may_end && there == 0 ? false : wt_capture_fail(c, WT_TRUNCATED, field, offset, there, bound);
}

static struct wt_capture *start(int fd, struct wt_span memory, wt_capture_wait wait, void *context,
                                struct wt_error *error)
{
    struct wt_capture *c = wt_calloc(1, sizeof *c);
    if (!c) {
        if (fd >= 0)
            (void)close(fd);
        *error = (struct wt_error){.code = WT_MEMORY, .field = "capture"};
        return NULL;
    }
    c->input.wait = wait;
    c->input.wait_context = context;
    if (wt_input_open(&c->input, fd, memory) && (wt_pcap_open(c) || wt_pcapng_open(c)))
        return c;
    *error = c->input.error;
    if (error->code == WT_OK)
        *error = wt_foreign_error(wt_span_of(c->input.buffer + c->input.begin, wt_input_left(&c->input)));
    wt_capture_close(c);
    return NULL;
}

struct wt_capture *wt_capture_open_fd(int fd, const char *name, struct wt_error *error)
{
    (void)name;
    return start(fd, (struct wt_span){0}, NULL, NULL, error);
}

struct wt_capture *wt_capture_open_growing(int fd, wt_capture_wait wait, void *context, struct wt_error *error)
{
    return start(fd, (struct wt_span){0}, wait, context, error);
}

struct wt_capture *wt_capture_open_memory(struct wt_span file, struct wt_error *error)
{
    return start(-1, file, NULL, NULL, error);
}

struct wt_capture *wt_capture_open(const char *path, struct wt_error *error)
{
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        *error = (struct wt_error){.code = WT_IO, .field = "open", .value = (uint64_t)errno};
        return NULL;
    }
    return wt_capture_open_fd(fd, path, error);
}

bool wt_capture_next(struct wt_capture *c, struct wt_packet *packet)
{
    const bool there = !c->done && c->next(c, packet);
    if (__builtin_expect(c->input.window != NULL, 0) && wt_window_is_lost(c->input.window))
        return wt_capture_fail(c, WT_SHRUNK, NULL, c->input.offset, 0, 0);
    return there;
}

const struct wt_error *wt_capture_error(const struct wt_capture *c)
{
    return &c->error;
}

uint64_t wt_capture_position(const struct wt_capture *c)
{
    return c->input.raw - (c->input.unpack ? wt_unpack_left(c->input.unpack) : wt_input_left(&c->input));
}

uint64_t wt_capture_size(const struct wt_capture *c)
{
    return c->input.size;
}

const char *wt_capture_format(const struct wt_capture *c)
{
    return c->format;
}

const char *wt_capture_compression(const struct wt_capture *c)
{
    return c->input.unpack ? wt_unpack_format(c->input.unpack) : NULL;
}

void wt_capture_on_secrets(struct wt_capture *c,
                           void (*secrets)(void *context, const struct wt_capture_secrets *secrets), void *context)
{
    c->on_secrets = secrets;
    c->secrets_context = context;
}

void wt_capture_on_name(struct wt_capture *c, void (*name)(void *context, struct wt_span address, struct wt_span name),
                        void *context)
{
    c->on_name = name;
    c->name_context = context;
}

void wt_capture_close(struct wt_capture *c)
{
    if (!c)
        return;
    wt_input_close(&c->input);
    free(c->ng.interfaces);
    free(c);
}
