#include "memory.h"

#include "wiretale/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static bool refused;

void tool_memory_refused(void)
{
    __atomic_store_n(&refused, true, __ATOMIC_RELAXED);
}

void *tool_grown(void *list, size_t count, size_t *room, size_t size)
{
    enum { LEAST = 16 };
    const size_t more = *room ? 2 * *room : LEAST;
    if (list && count < *room)
        return list;
    void *grown = tool_checked(reallocarray(list, more, size));
    if (grown)
        *room = more;
    return grown;
}

char *tool_format(const char *format, ...)
{
    va_list list;
    char *text = NULL;
    va_start(list, format);
    int n = vasprintf(&text, format, list); // NOLINT(clang-analyzer-valist.*): started above
    va_end(list);
    return tool_checked(n < 0 ? NULL : text);
}

bool tool_memory_is_short(void)
{
    return wt_memory_refusals() > 0 || __atomic_load_n(&refused, __ATOMIC_RELAXED);
}
