#include "base/format.h"

#include "base/digits.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct room {
    char *to;
    size_t n, most; /* the end of the string has its place behind */
};

static void put(struct room *r, const char *text, size_t n)
{
    if (n > r->most - r->n)
        n = r->most - r->n;
    memcpy(r->to + r->n, text, n);
    r->n += n;
}

static void put_number(struct room *r, uint64_t value, bool negative)
{
    char digits[1 + WT_DECIMAL_MOST] = "-";
    char *from = digits + !negative, *end = wt_digits_decimal(digits + 1, value);
    put(r, from, (size_t)(end - from));
}

/* The conversion behind a '%', past which *format then is. False when it is not one of ours. */
static bool convert(struct room *r, const char **format, va_list *arguments)
{
    const char *p = *format;
    unsigned longs = 0;
    size_t most = SIZE_MAX;
    if (*p == '.' && p[1] >= '0' && p[1] <= '9') {
        for (p++, most = 0; *p >= '0' && *p <= '9' && most < 10000; p++)
            most = 10 * most + (size_t)(*p - '0');
        if (*p != 's')
            return false;
    }
    for (; *p == 'l' || *p == 'z'; p++)
        longs++;
    _Static_assert(sizeof(size_t) == sizeof(unsigned long), "%zu is as long as %lu");
    *format = p + 1;
    switch (*p) {
    case 'u':
        put_number(r, longs ? va_arg(*arguments, unsigned long) : va_arg(*arguments, unsigned), false);
        return longs < 2;
    case 'd': {
        const int64_t value = longs ? va_arg(*arguments, long) : va_arg(*arguments, int);
        put_number(r, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0);
        return longs < 2;
    }
    case 's': {
        const char *text = longs ? NULL : va_arg(*arguments, const char *);
        if (text)
            put(r, text, strnlen(text, most));
        return text != NULL;
    }
    case 'c':
        put(r, &(char){(char)va_arg(*arguments, int)}, 1);
        return !longs;
    case '%':
        put(r, "%", 1);
        return !longs;
    default:
        return false;
    }
}

size_t wt_format_list(char *to, size_t size, const char *format, va_list arguments)
{
    struct room r = {to, 0, size - 1};
    const char *p = format;
    va_list ours;
    bool known = true;
    va_copy(ours, arguments);
    while (known && *p) {
        const char *next = strchrnul(p, '%');
        put(&r, p, (size_t)(next - p));
        p = next;
        if (*p == '%') {
            p++;
            known = convert(&r, &p, &ours);
        }
    }
    va_end(ours);
    if (!known) {
        const int n = vsnprintf(to, size, format, arguments);
        return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
    }
    to[r.n] = 0;
    return r.n;
}

size_t wt_format(char *to, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const size_t n = wt_format_list(to, size, format, arguments);
    va_end(arguments);
    return n;
}
