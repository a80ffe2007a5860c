/* The page that read and live write. */
#ifndef WIRETALE_TOOL_HTML_H
#define WIRETALE_TOOL_HTML_H

#include "tool.h"
#include "wiretale/page.h"

struct tool_html {
    const char *path; /* NULL: no page is asked for */
    uint32_t most;
    bool secrets;
    struct wt_page *page;
    uint64_t told; /* connections that were handed to it */
};

/* Sentences are neutral from here on. False, with the reason printed, without memory. */
bool tool_html_open(struct tool_html *page);
void tool_html_add(struct tool_html *page, const struct wt_connection *connection);
/* Writes the file, whole or not at all; for its owner alone where it holds secrets. `inputs` are the captures that are
 * read, none of which is written over. False with the reason printed. */
bool tool_html_write(struct tool_html *page, const struct tool_command *command, const struct wt_summary *summary,
                     const struct wt_overview *overview, char *const *inputs, int count);
/* Says on standard error what was written, and what was left out. */
void tool_html_report(const struct tool_html *page, const struct tool_command *command);
void tool_html_close(struct tool_html *page);

#endif
