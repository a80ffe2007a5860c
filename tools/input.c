/* Captures as the commands read them. */
#include "await.h"
#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void not_opened(const struct tool_command *command, const char *name, const struct wt_error *error)
{
    char words[512];
    (void)wt_error_format(error, words, sizeof words);
    if (error->code == WT_IO)
        tool_complain(command, "%s: %s", name, wt_error_reason((int)error->value));
    else if (error->code == WT_FORMAT && !error->rule && error->value == 0)
        tool_complain(command, _("%s: the file is empty"), name);
    else if (error->code == WT_FORMAT && !error->rule)
        tool_complain(command, _("%s: not a capture: neither pcap nor pcapng at byte %" PRIu64), name, error->offset);
    else
        tool_complain(command, "%s: %s", name, words);
}

struct wt_capture *tool_capture_open(const struct tool_command *command, const char *name, struct tool_secrets *secrets)
{
    struct wt_error error = {0};
    struct wt_capture *capture = wt_capture_open(name, &error);
    if (!capture)
        not_opened(command, name, &error);
    else if (secrets)
        tool_secrets_listen(secrets, capture, name);
    return capture;
}

bool tool_capture_is_pipe(const char *name)
{
    struct stat st;
    return (strcmp(name, "-") == 0 ? fstat(STDIN_FILENO, &st) : stat(name, &st)) == 0 &&
           (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

int tool_capture_fd(const struct tool_command *command, const char *name)
{
    int fd = strcmp(name, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(name, O_RDONLY | O_CLOEXEC);
    const struct wt_error error = {.code = WT_IO, .field = "open", .value = (uint64_t)errno};
    if (fd < 0)
        not_opened(command, name, &error);
    return fd;
}

struct wt_capture *tool_capture_await(const struct tool_command *command, const char *name, int fd,
                                      struct tool_secrets *secrets, struct tool_await *await)
{
    struct wt_error error = {0};
    struct wt_capture *capture = wt_capture_open_growing(fd, tool_await_more, await, &error);
    if (capture)
        tool_secrets_listen(secrets, capture, name);
    else if (tool_await_is_stopped())
        tool_complain(command, _("%s: interrupted before the capture began"), name);
    else
        not_opened(command, name, &error);
    return capture;
}

bool tool_capture_close(const struct tool_command *command, const char *name, struct wt_capture *capture)
{
    const struct wt_error *error = wt_capture_error(capture);
    bool ok = error->code == WT_OK;
    char words[512];
    if (!ok) {
        (void)wt_error_format(error, words, sizeof words);
        tool_complain(command, _("%s: %s; everything before that point is reported"), name, words);
    }
    wt_capture_close(capture);
    return ok;
}

uint32_t tool_capture_read(const char *name, struct wt_capture *capture, struct wt_observer *observer, const bool *stop,
                           uint32_t before)
{
    struct wt_packet packet;
    uint64_t packets = 0;
    uint32_t newest = before;
    tool_progress_begin(name);
    while (!(stop && *stop) && wt_capture_next(capture, &packet)) {
        packet.frame += before;
        newest = packet.frame;
        wt_observer_packet(observer, &packet);
        tool_progress_step(capture, ++packets);
    }
    tool_progress_end();
    return newest;
}
