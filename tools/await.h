/* Inputs that go on while somebody watches: an interface, a pipe, a file that grows. What has ended is told while
 * nothing comes; Ctrl-C ends the input, not the report. */
#ifndef WIRETALE_TOOL_AWAIT_H
#define WIRETALE_TOOL_AWAIT_H

#include "secrets.h"
#include "tool.h"
#include "wiretale/live.h"
#include "wiretale/observer.h"

struct tool_await {
    struct wt_observer *observer;
    struct tool_narrator *narrator;
    struct wt_output *output;
    struct tool_secrets *secrets; /* whose key logs are read as they grow */
    bool grows;                   /* the end of a file is not its end */
    struct wt_time last;          /* of the packet that came last */
    int64_t last_ms, looked_ms;   /* of the monotonic clock: when it came; when time was last told to the observer */
    uint64_t packets;
};

/* Ctrl-C (and TERM, HUP and QUIT) ends the input from now on, the report is ended in order; the second one kills. */
void tool_await_signals(void);
/* The same. `live` is stopped by it, or NULL. */
void tool_await_begin(struct tool_await *await, struct wt_live *live);
/* For wt_capture_open_growing(); `context` is the struct. */
bool tool_await_more(void *context, int fd, bool at_end);
/* A packet came; it is handed on. */
void tool_await_packet(struct tool_await *await, const struct wt_packet *packet);
/* Nothing came: what has ended is told and printed. */
void tool_await_nothing(struct tool_await *await);
/* Whether Ctrl-C was pressed, or one of the others came; and whether what was in the pipe by then had its time. */
bool tool_await_is_stopped(void);
bool tool_await_is_over(void);
/* The input is over: what comes on a terminal does not stand beside its "^C". */
void tool_await_end(void);
int64_t tool_now_ms(void);

#endif
