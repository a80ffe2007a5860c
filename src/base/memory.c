#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>

static size_t refusals;

size_t wt_memory_refusals(void)
{
    return __atomic_load_n(&refusals, __ATOMIC_RELAXED);
}

void *wt_memory_refused(void)
{
    (void)__atomic_add_fetch(&refusals, 1, __ATOMIC_RELAXED);
    return NULL;
}

char *wt_format_new(const char *format, ...)
{
    va_list args;
    char *text = NULL;
    va_start(args, format);
    int n = vasprintf(&text, format, args); // NOLINT(clang-analyzer-valist.*): started above
    va_end(args);
    return n < 0 ? wt_memory_refused() : text;
}
