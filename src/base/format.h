/* printf for the few conversions that nearly all sentences have. */
#ifndef WT_BASE_FORMAT_H
#define WT_BASE_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/* As vsnprintf() and snprintf(), which do what these do not know: they know %s, also with a precision, %c, %% and
 * decimal numbers, all without flags and width. Return the length of what is in `to`, which is less than `size`. */
size_t wt_format_list(char *to, size_t size, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));
size_t wt_format(char *to, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
