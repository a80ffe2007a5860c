/* The progress line: on a terminal, for what takes over a second, and gone before anything else is printed. */
#include "tool.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define FIRST_MS 1000
#define AGAIN_MS 200
#define PACKETS_BETWEEN_LOOKS 2048 /* the clock costs more than a packet does */

static struct {
    char name[41];      /* what fits in a line of it */
    int64_t begun, due; /* milliseconds of the monotonic clock */
    bool wanted, shown;
} progress;

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void tool_progress_begin(const char *name)
{
    progress.wanted = isatty(STDERR_FILENO);
    if (progress.wanted) {
        char *shown = tool_printable(name);
        size_t n = (size_t)snprintf(progress.name, sizeof progress.name, "%s", shown ? shown : "?");
        /* no part of a character */
        if (shown && n >= sizeof progress.name)
            for (n = sizeof progress.name - 1; n && ((uint8_t)shown[n] & 0xc0) == 0x80; n--)
                progress.name[n - 1] = '\0';
        free(shown);
    }
    progress.begun = progress.wanted ? now_ms() : 0;
    progress.due = progress.begun + FIRST_MS;
}

__attribute__((noinline)) static void look(const struct wt_capture *capture, uint64_t packets)
{
    uint64_t position, size;
    int64_t now = now_ms();
    if (now < progress.due)
        return;
    progress.due = now + AGAIN_MS;
    progress.shown = true;
    (void)fputc('\r', stderr);
    position = wt_capture_position(capture);
    size = wt_capture_size(capture);
    if (size > 0 && position > 0 && position <= size) {
        double left = (double)(now - progress.begun) / 1000.0 * (double)(size - position) / (double)position;
        (void)fprintf(stderr, _("%.40s: %3.0f %%, %" PRIu64 " packets, %.0f s left"), progress.name,
                      100.0 * (double)position / (double)size, packets, left);
    } else {
        (void)fprintf(stderr, _("%.40s: %" PRIu64 " packets"), progress.name, packets);
    }
    (void)fputs("\033[K", stderr);
    (void)fflush(stderr);
}

void tool_progress_step(const struct wt_capture *capture, uint64_t packets)
{
    if (progress.wanted && packets % PACKETS_BETWEEN_LOOKS == 0)
        look(capture, packets);
}

void tool_progress_clear(void)
{
    if (!progress.shown)
        return;
    progress.shown = false;
    (void)fputs("\r\033[K", stderr);
    (void)fflush(stderr);
}

void tool_progress_end(void)
{
    tool_progress_clear();
    progress.wanted = false;
}
