/* The system's allocator. What it refuses is counted here, whatever the caller makes of it, so that whoever reports can
 * say that something may be missing: `out_of_memory` in `undecoded`, and a sentence at the end of a command. */
#ifndef WT_BASE_MEMORY_H
#define WT_BASE_MEMORY_H

#include "wiretale/error.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Counts one more, as wt_memory_refusals() gives them: also for what a library was refused. Returns NULL. */
void *wt_memory_refused(void);

/* As the C library's functions of these names; freed by free(). */

static inline void *wt_memory_checked(void *p)
{
    return __builtin_expect(p != NULL, 1) ? p : wt_memory_refused();
}

static inline void *wt_malloc(size_t n)
{
    return wt_memory_checked(malloc(n ? n : 1));
}

static inline void *wt_calloc(size_t n, size_t size)
{
    return wt_memory_checked(n && size ? calloc(n, size) : calloc(1, 1));
}

static inline void *wt_realloc(void *p, size_t n)
{
    return wt_memory_checked(realloc(p, n ? n : 1));
}

static inline void *wt_reallocarray(void *p, size_t n, size_t size)
{
    return wt_memory_checked(n && size ? reallocarray(p, n, size) : realloc(p, 1));
}

static inline void *wt_aligned_alloc(size_t alignment, size_t n)
{
    return wt_memory_checked(aligned_alloc(alignment, n));
}

static inline char *wt_strdup(const char *text)
{
    return wt_memory_checked(strdup(text));
}

static inline char *wt_strndup(const char *text, size_t most)
{
    return wt_memory_checked(strndup(text, most));
}

/* A new string; NULL when there is no room for it. */
char *wt_format_new(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
