/* Reading captures as `wiretale read` does it: for that, and for who has made a capture itself. */
#ifndef WIRETALE_TOOL_READ_H
#define WIRETALE_TOOL_READ_H

#include "tool.h"
#include "wiretale/story.h"

/* The options that say what is shown of captures, besides which connections, keys, trust and look. */
#define OPTIONS_OF_READ                                                                                                \
    OPTION_JSON, OPTION_MESSAGES, OPTION_PLACES, OPTION_HEADERS, OPTION_NO_DIGEST, OPTION_EXPLAIN, OPTION_BYTES,       \
        OPTION_SECRETS, OPTION_RECORD, OPTION_LINES, OPTION_SUMMARY, OPTION_HTML, OPTION_HTML_MAX, OPTION_SVG,         \
        OPTION_QLOG, OPTION_REDACT, OPTION_FAIL_ON, OPTION_MAX_MEMORY
#define OPTIONS_OF_CHOICE OPTION_FILTER, OPTION_FAILED, OPTION_STREAM

/* Who reads: all but the command may be zero. */
struct tool_reader {
    const struct tool_command *command;
    const char *name;    /* what its one capture is called in reports; NULL: as its file */
    bool requests_first; /* of stories */
    /* Captures and keys are open, the look of the text is settled: from here on it is written to standard output. */
    void (*begins)(void *context);
    /* For the observer, which keeps messages then. */
    const struct wt_process *(*process)(void *context, const struct wt_connection *connection);
    /* Each connection, whether or not it is shown. */
    void (*told)(void *context, const struct wt_connection *connection);
    void *context;
};

struct tool_reading;

struct tool_reading *tool_read_new(const struct tool_reader *by); /* NULL without memory, which is said */
/* One of the options above, or of a common group; false with the mending line printed. */
bool tool_read_option(struct tool_reading *reading, const struct tool_arguments *arguments);
/* Another key log; after the options. */
bool tool_read_keylog(struct tool_reading *reading, const char *path);
/* What its one capture is called in reports. */
void tool_read_name(struct tool_reading *reading, const char *name);
/* Whether all that was asked for can be had together; else that is said. */
bool tool_read_settle(struct tool_reading *reading);
/* Captures that are read in their order; an exit status. Once. */
int tool_read_captures(struct tool_reading *reading, char **names, int count);
void tool_read_free(struct tool_reading *reading);

#endif
