/* Where the keys of a run come from: what its program is given for that, and which connection was opened with what. */
#ifndef WIRETALE_TOOL_RUN_KEYS_H
#define WIRETALE_TOOL_RUN_KEYS_H

#include "run_folder.h"
#include "secrets.h"

#include <stdint.h>

/* The cheapest first. */
enum tool_key_source {
    TOOL_KEYS_ENVIRONMENT,
    TOOL_KEYS_NODE,
    TOOL_KEYS_LIBRARY,
    TOOL_KEYS_TRACE,
    TOOL_KEYS_PROBES,
    TOOL_KEYS_SOURCES
};

struct tool_key_random {
    uint8_t random[32];
    uint8_t source; /* enum tool_key_source */
};

struct tool_run_keys {
    const struct tool_command *command;
    const struct tool_folder *folder;
    const struct tool_folder *drop; /* where programs write: the same, or one in which others may, too */
    char *paths[TOOL_KEYS_SOURCES]; /* of the key logs; NULL: that source is not to be had */
    struct tool_words logs;         /* those that there are */
    char **environment;             /* the program's, all of it */
    char *own[8];                   /* what of it is ours */
    size_t own_count;
    int trace_fd;      /* where lines go that were read at breakpoints, or by probes */
    const char *users; /* the user's own SSLKEYLOGFILE, or NULL */
    int users_fd;
    uint64_t copied;                 /* bytes of the key log that went there */
    struct tool_key_random *randoms; /* sorted */
    size_t random_count;
};

/* Makes the key logs, and the environment from `from`; for a program that runs already, and has one, `from` is NULL.
 * False with the reason printed. */
bool tool_run_keys_open(struct tool_run_keys *keys, char **from);
/* A line that was read at a breakpoint or by a probe; for struct tool_trace and struct tool_probes. */
void tool_run_keys_line(void *context, pid_t pid, const char *line, size_t length);
/* What the user's own key log does not have yet. */
void tool_run_keys_copy(struct tool_run_keys *keys);
/* Once the program has ended: by which source there are lines for which random. */
void tool_run_keys_load(struct tool_run_keys *keys);
/* By which source the key log has lines for it; -1: there are none. */
int tool_run_keys_source(const struct tool_run_keys *keys, const uint8_t random[32]);
/* What people call the source. */
const char *tool_run_keys_name(int source);
/* Lines of all key logs, each connection's from its cheapest source; false when `write` failed. */
bool tool_run_keys_write(const struct tool_run_keys *keys,
                         bool (*write)(void *context, const char *line, size_t length), void *context);
/* What programs wrote elsewhere comes into the folder, which is kept: 0, or errno. */
int tool_run_keys_keep(const struct tool_run_keys *keys);
void tool_run_keys_close(struct tool_run_keys *keys);

#endif
