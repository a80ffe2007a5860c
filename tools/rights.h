/* What the process may do while it reads what strangers wrote. */
#ifndef WIRETALE_TOOL_RIGHTS_H
#define WIRETALE_TOOL_RIGHTS_H

#include "secrets.h"

#include <stdbool.h>

/* Whether the process can become the user of --user (or, without it, of its own choice): who that is. Else that is
 * said. */
bool tool_rights_user(const struct tool_command *command, const char *name, unsigned *uid, unsigned *gid);
/* Whether who the process is by now can make that file; else that is said. `uid`: who that is. */
bool tool_rights_may_make(const struct tool_command *command, const char *file, unsigned uid);
/* No programs, no connections, and, as far as the kernel can, no files but those of `readable` and `made` (which may be
 * NULL). Where the system, or this build, has no such thing, what was given up is gone all the same. */
void tool_rights_confine(struct tool_words *readable, const char *const *made, size_t made_count);

/* Of a command that reads files. */
struct tool_rights {
    const struct tool_command *command;
    const char *user;          /* --user, or NULL */
    struct tool_words folders; /* where trusted roots are looked for when they are needed */
    bool reads_any;            /* files that only root may read can still be opened */
};

/* Whether there is such a user; else that is said. `root` is one: then nothing is given up. */
bool tool_rights_settle(const struct tool_rights *rights);
/* Before the first byte of a capture is read. Root becomes another user; it stays root, without what it does not need,
 * where `made` (may be NULL) is to be written at the end and no user was named, where that user could not read an
 * input, or where the system refuses. False with the reason printed: it cannot become the user that was named. */
bool tool_rights_begin(struct tool_rights *rights, char **inputs, int count, const char *made);
/* All captures are open. */
void tool_rights_end(struct tool_rights *rights);
void tool_rights_free(struct tool_rights *rights);

#endif
