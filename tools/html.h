/* The page that read and live write. */
#ifndef WIRETALE_TOOL_HTML_H
#define WIRETALE_TOOL_HTML_H

#include "tool.h"
#include "wiretale/observer.h"
#include "wiretale/page.h"

enum { TOOL_HTML_RECORDS = 16 }; /* of each side: whose protection a page with secrets shows */

struct tool_html {
    const struct tool_command *command; /* who writes it */
    const char *path;                   /* NULL: no page is asked for */
    char *const *inputs;                /* captures that are read: none of them is written over */
    int input_count;
    uint32_t most;
    bool secrets;
    struct wt_page *page;
    uint64_t told; /* connections that were handed to it */

    /* Of a page that holds the newest: the one that takes its place when it is full. That has those that failed while
     * the first half came, up to a quarter, and all that came later. */
    bool newest;
    struct wt_page *next;
    uint32_t held, next_held; /* connections in each */

    /* of a page that is rewritten while connections end */
    bool rewritten;
    uint64_t written; /* how many were told when it was written last */
    int64_t due_ms;   /* by the monotonic clock: not again before this */
    bool full_said;
};

/* False, with the reason printed, without memory. */
bool tool_html_open(struct tool_html *page);
void tool_html_add(struct tool_html *page, const struct wt_connection *connection);
/* Writes the file, whole or not at all; for its owner alone where it holds secrets. False with the reason printed. */
bool tool_html_write(struct tool_html *page, struct wt_observer *observer, const struct wt_overview *overview);
/* From here on tool_html_look() rewrites the file, which is written at once with what there is: whoever opens it finds
 * one, and a place where none can be made is noticed now. What is no file (a pipe) is written at the end alone. False
 * with the reason printed. */
bool tool_html_begin(struct tool_html *page, struct wt_observer *observer, const struct wt_overview *overview);
/* Rewrites it when connections have ended, once a second at most and for a tenth of the time at most, since packets
 * wait meanwhile. */
void tool_html_look(struct tool_html *page, struct wt_observer *observer, const struct wt_overview *overview);
/* Says on standard error what was written, and what was left out. */
void tool_html_report(const struct tool_html *page);
void tool_html_close(struct tool_html *page);

#endif
