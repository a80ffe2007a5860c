/* What is said of a run's connections as a whole: whose they were, which key source opened them, what stayed shut. */
#ifndef WIRETALE_TOOL_RUN_TOLD_H
#define WIRETALE_TOOL_RUN_TOLD_H

#include "run_keys.h"
#include "run_owners.h"
#include "tool.h"

struct tool_told_process;

struct tool_told {
    const char *program; /* of the run */
    const struct tool_run_keys *keys;
    const struct tool_owners *owners;
    const struct tool_words *nameless; /* programs whose TLS is inside, and stripped of names; beside: libraries, too */
    const struct tool_words *held;     /* programs where another's probe is in the place of our breakpoint */
    const char *no_trace; /* what is said of what stayed shut, if there were no breakpoints, untranslated; or NULL */
    bool beside;          /* it ran already */
    int64_t since_ns;     /* when its keys could be had for the first time */
    const char *keyless;  /* why they could not be had at all; "": they could */
    struct tool_told_process *processes;
    size_t count, room;
    uint64_t connections;
};

/* For struct tool_reader; `context` is the struct. */
const struct wt_process *tool_told_process(void *context, const struct wt_connection *connection);
void tool_told_connection(void *context, const struct wt_connection *connection);
/* The sentences, one in a line. */
void tool_told_print(const struct tool_told *told, struct wt_output *output);
void tool_told_free(struct tool_told *told);

#endif
