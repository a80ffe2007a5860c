/* Numbers and bytes as digits, by tables: most of what reports are made of. Nothing is ended by a NUL. */
#ifndef WT_BASE_DIGITS_H
#define WT_BASE_DIGITS_H

#include "base/span.h"

/* Two digits, to be copied at once. */
struct wt_digit_pair {
    char digits[2];
};
extern const struct wt_digit_pair wt_hex_pairs[256];     /* lower-case, of each byte */
extern const struct wt_digit_pair wt_decimal_pairs[100]; /* "00" to "99" */

enum { WT_DECIMAL_MOST = 20 }; /* digits of the largest number of 64 bits */

/* The two digits of a number below 100. Returns where the text goes on. */
static inline char *wt_digits_pair(char *to, unsigned value)
{
    memcpy(to, wt_decimal_pairs[value].digits, 2);
    return to + 2;
}

/* The six digits of a number below 1,000,000: microseconds. Returns where the text goes on. */
static inline char *wt_digits_six(char *to, unsigned value)
{
    to = wt_digits_pair(to, value / 10000);
    to = wt_digits_pair(to, value / 100 % 100);
    return wt_digits_pair(to, value % 100);
}

/* Decimal digits without leading zeros, at most WT_DECIMAL_MOST. Returns where the text goes on. */
char *wt_digits_decimal(char *to, uint64_t value);
/* The last `width` decimal digits, with leading zeros. Returns where the text goes on. */
char *wt_digits_fixed(char *to, uint64_t value, unsigned width);
/* Two hex digits a byte. Returns where the text goes on. */
char *wt_digits_hex(char *to, struct wt_span bytes);

#endif
