/* The command's own allocations: one that is refused is remembered, whatever becomes of it, and main() says at the end
 * that something may be missing. */
#ifndef TOOL_MEMORY_H
#define TOOL_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Remembers that one was refused. */
void tool_memory_refused(void);

/* What malloc() and its kin have returned, which is returned again. */
static inline void *tool_checked(void *p)
{
    if (!p)
        tool_memory_refused();
    return p;
}

/* The list, moved where it has to be, with room for one more than `count` elements of `size` bytes; *room is how many
 * it has room for, 0 at first. NULL when that is refused: the list stays as it is. */
void *tool_grown(void *list, size_t count, size_t *room, size_t size);
/* A new string; NULL when there is no room for it. */
char *tool_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Whether anything was refused, to the command or to the library. */
bool tool_memory_is_short(void);

#endif
