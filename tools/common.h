/* What the commands that look at connections have in common: which connections, with which keys, how they look. */
#ifndef WIRETALE_TOOL_COMMON_H
#define WIRETALE_TOOL_COMMON_H

#include "secrets.h"
#include "tool.h"
#include "trust.h"
#include "wiretale/filter.h"
#include "wiretale/observer.h"

struct tool_common {
    struct tool_look look;
    struct tool_secrets secrets;
    struct wt_trust *trust; /* NULL: no option named any */
    const char *expression; /* of the filter, or NULL */
    const char *output;     /* file that is to be written, or NULL */
    struct wt_filter *filter;
    char *composed; /* the expression, where options add to it */
    bool json, one_stream, failed;
    uint64_t max_memory; /* bytes; 0: the observer's default */
    uint32_t stream;
    uint8_t verify; /* enum wt_verify */
};

/* Takes an option that several commands have; false with the mending line printed. */
bool tool_common_option(struct tool_common *common, const struct tool_arguments *arguments);
/* A number of a stream. */
bool tool_common_stream(struct tool_common *common, const struct tool_command *command, const char *word);
/* Compiles the filter; where it is wrong is shown under the expression. */
bool tool_common_compile(struct tool_common *common, const struct tool_command *command);
bool tool_common_wants(const struct tool_common *common, const struct wt_connection *connection);
/* The file that is to be written has been named; else the mending line is printed. */
bool tool_common_has_output(const struct tool_common *common, const struct tool_command *command);
/* For commands that read their inputs twice: none of them is standard input or another pipe. */
bool tool_common_rereads(const struct tool_command *command, char **inputs, int count, const char *why);
void tool_common_close(struct tool_common *common);

/* ---- input.c: captures, and what is said when they cannot be read */

/* NULL with the reason printed. Its secrets blocks go to `secrets`, unless that is NULL. */
struct wt_capture *tool_capture_open(const struct tool_command *command, const char *name,
                                     struct tool_secrets *secrets);
/* The same of a pipe, or of a file that grows: what has ended is told while it has nothing to read. */
struct tool_await;
int tool_capture_fd(const struct tool_command *command, const char *name); /* -1 with the reason printed */
struct wt_capture *tool_capture_await(const struct tool_command *command, const char *name, int fd,
                                      struct tool_secrets *secrets, struct tool_await *await);
/* Whether that is how it is to be read. */
bool tool_capture_is_pipe(const char *name);
/* Closes it; false, with the place printed, when it was damaged. */
bool tool_capture_close(const struct tool_command *command, const char *name, struct wt_capture *capture);
/* Hands every packet to the observer until `stop` (may be NULL) is true. Packets are counted on from `before`, those of
 * earlier pieces of the same capture; returns the newest one's number. */
uint32_t tool_capture_read(const char *name, struct wt_capture *capture, struct wt_observer *observer, const bool *stop,
                           uint32_t before);

#endif
