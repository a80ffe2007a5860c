/* Finished texts that wait for those before them: in memory as long as they are few, then in a temporary file. */
#ifndef WIRETALE_TOOL_BACKLOG_H
#define WIRETALE_TOOL_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tool_backlog;

/* NULL without memory. */
struct tool_backlog *tool_backlog_new(void);
/* Makes the temporary file now, for a process that cannot do so later. */
void tool_backlog_prepare(struct tool_backlog *backlog);
void tool_backlog_free(struct tool_backlog *backlog);

/* Keeps a copy of n bytes, which have that place in the order. 0; ENOMEM; or why the temporary file could not be made
 * or written (errno's): then the bytes are not kept, and all that was kept before still is. */
int tool_backlog_add(struct tool_backlog *backlog, uint32_t place, const void *bytes, size_t n);

/* Takes out the text with the smallest place, when that is below `before`: its bytes hold until the next call, NULL
 * with *n 0 where the temporary file could not be read. False: there is none. */
bool tool_backlog_take(struct tool_backlog *backlog, uint32_t before, const char **bytes, size_t *n);

#endif
