/* The command, linked with these in the place of malloc() and its kin: ALLOCATION_FAILS=N refuses the Nth one of its
 * own and of the library's (other libraries' are not touched), ALLOCATIONS_TO=FILE says how many there were. */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t count, fails;
static FILE *to; /* opened at once: later the command may no longer open files */

static void __attribute__((constructor)) begin(void)
{
    const char *number = getenv("ALLOCATION_FAILS"), *path = getenv("ALLOCATIONS_TO");
    fails = number ? strtoul(number, NULL, 10) : 0;
    to = path ? fopen(path, "we") : NULL;
}

static void __attribute__((destructor)) end(void)
{
    if (!to)
        return;
    (void)fprintf(to, "%zu\n", count);
    (void)fclose(to);
}

static int is_refused(void)
{
    if (__atomic_add_fetch(&count, 1, __ATOMIC_RELAXED) != fails)
        return 0;
    errno = ENOMEM;
    return 1;
}

#define WRAP(type, name, parameters, arguments)                                                                        \
    type __real_##name parameters;                                                                                     \
    type __wrap_##name parameters;                                                                                     \
    type __wrap_##name parameters                                                                                      \
    {                                                                                                                  \
        return is_refused() ? NULL : __real_##name arguments;                                                          \
    }
WRAP(void *, malloc, (size_t n), (n))
WRAP(void *, calloc, (size_t n, size_t size), (n, size))
WRAP(void *, realloc, (void *p, size_t n), (p, n))
WRAP(void *, reallocarray, (void *p, size_t n, size_t size), (p, n, size))
WRAP(void *, aligned_alloc, (size_t alignment, size_t n), (alignment, n))
WRAP(char *, strdup, (const char *text), (text))
WRAP(char *, strndup, (const char *text, size_t most), (text, most))

int __real_vasprintf(char **text, const char *format, va_list list);
int __wrap_vasprintf(char **text, const char *format, va_list list);
int __wrap_vasprintf(char **text, const char *format, va_list list)
{
    return is_refused() ? -1 : __real_vasprintf(text, format, list);
}

int __wrap_asprintf(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));
int __wrap_asprintf(char **text, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int n = __wrap_vasprintf(text, format, list);
    va_end(list);
    return n;
}
