#include "await.h"

#include "file.h"
#include "html.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_MS                                                                                                       \
    500 /* without a packet for so long, somebody is waiting for the report: a program that packs or sorts is          \
           not yet that slow */
#define LOOK_MS 250   /* between two looks at what has ended, while packets come */
#define FILE_MS 100   /* between two looks at a file that grows */
#define DRAIN_MS 1000 /* after Ctrl-C, which the writer of a pipe gets too: it hands on what it holds, and ends */
#define PACKETS_BETWEEN_LOOKS 8 /* the clock costs more than a packet does */

static volatile sig_atomic_t stopped;
static struct wt_live *listening; /* for the signal handler */
static int64_t stopped_ms;

int64_t tool_now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void stop(int number)
{
    stopped = 1;
    tool_file_guard(number);
    if (listening)
        wt_live_stop(listening);
}

void tool_await_begin(struct tool_await *a, struct wt_live *live)
{
    listening = live;
    a->looked_ms = tool_now_ms();
    tool_await_signals();
}

void tool_await_signals(void)
{
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct sigaction action = {.sa_handler = stop, .sa_flags = (int)SA_RESETHAND}, before;
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++) {
        const bool kept = ending[i] == SIGHUP || ending[i] == SIGQUIT; /* nohup wants to be left alone */
        if (!kept || sigaction(ending[i], NULL, &before) != 0 || before.sa_handler != SIG_IGN)
            (void)sigaction(ending[i], &action, NULL);
    }
}

bool tool_await_is_stopped(void)
{
    return stopped;
}

bool tool_await_is_over(void)
{
    if (!stopped)
        return false;
    int64_t now = tool_now_ms();
    if (!stopped_ms)
        stopped_ms = now;
    return now - stopped_ms >= DRAIN_MS;
}

void tool_await_end(void)
{
    if (stopped && isatty(STDERR_FILENO))
        (void)fputc('\n', stderr);
}

/* The time at the place of the capture: packets may be old, and its clock another. */
static void look(struct tool_await *a, int64_t now)
{
    a->looked_ms = now;
    if (a->packets) {
        struct wt_time time = a->last;
        time.ns += (now - a->last_ms) * 1000000;
        wt_observer_time(a->observer, time);
        tool_narrator_catch_up(a->narrator);
    }
    if (a->narrator->page)
        tool_html_look(a->narrator->page, a->observer, a->narrator->overview);
    tool_stdout_flush(a->output);
}

void tool_await_packet(struct tool_await *a, const struct wt_packet *packet)
{
    wt_observer_packet(a->observer, packet);
    a->last = packet->time;
    if (a->packets++ % PACKETS_BETWEEN_LOOKS != 0 && a->last_ms)
        return;
    a->last_ms = tool_now_ms();
    if (a->last_ms - a->looked_ms >= LOOK_MS)
        look(a, a->last_ms);
}

void tool_await_nothing(struct tool_await *a)
{
    int64_t now = tool_now_ms();
    if (now - a->looked_ms < FILE_MS)
        return;
    look(a, now);
    tool_narrator_pause(a->narrator);
    tool_stdout_flush(a->output);
    if (a->secrets && tool_secrets_grow(a->secrets))
        tool_secrets_poll(a->secrets);
}

bool tool_await_more(void *context, int fd, bool at_end)
{
    struct tool_await *a = context;
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    struct timespec rest = {.tv_nsec = FILE_MS * 1000000};
    if (a->output->failed || (at_end && (!a->grows || stopped)) || tool_await_is_over())
        return false;
    if (!at_end && poll(&ready, 1, stopped ? FILE_MS : PAUSE_MS) > 0)
        return true;
    tool_await_nothing(a);
    if (at_end)
        (void)nanosleep(&rest, NULL); /* a signal cuts it short */
    return !a->output->failed;
}
