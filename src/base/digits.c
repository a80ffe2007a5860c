#include "base/digits.h"

#define ROW(h)                                                                                                         \
    {{h, '0'}}, {{h, '1'}}, {{h, '2'}}, {{h, '3'}}, {{h, '4'}}, {{h, '5'}}, {{h, '6'}}, {{h, '7'}}, {{h, '8'}},        \
    {                                                                                                                  \
        {                                                                                                              \
            h, '9'                                                                                                     \
        }                                                                                                              \
    }
const struct wt_digit_pair wt_decimal_pairs[100] = {ROW('0'), ROW('1'), ROW('2'), ROW('3'), ROW('4'),
                                                    ROW('5'), ROW('6'), ROW('7'), ROW('8'), ROW('9')};

#define HEX_ROW(h)                                                                                                     \
    ROW(h), {{h, 'a'}}, {{h, 'b'}}, {{h, 'c'}}, {{h, 'd'}}, {{h, 'e'}},                                                \
    {                                                                                                                  \
        {                                                                                                              \
            h, 'f'                                                                                                     \
        }                                                                                                              \
    }
const struct wt_digit_pair wt_hex_pairs[256] = {
    HEX_ROW('0'), HEX_ROW('1'), HEX_ROW('2'), HEX_ROW('3'), HEX_ROW('4'), HEX_ROW('5'), HEX_ROW('6'), HEX_ROW('7'),
    HEX_ROW('8'), HEX_ROW('9'), HEX_ROW('a'), HEX_ROW('b'), HEX_ROW('c'), HEX_ROW('d'), HEX_ROW('e'), HEX_ROW('f')};
#undef HEX_ROW
#undef ROW

/* Of n bits a number has about n * log10(2) digits, which is 1233 / 4096. */
static unsigned digits_in(uint64_t value)
{
    static const uint64_t powers[WT_DECIMAL_MOST] = {0,
                                                     10,
                                                     100,
                                                     1000,
                                                     10000,
                                                     100000,
                                                     1000000,
                                                     10000000,
                                                     100000000,
                                                     1000000000,
                                                     10000000000,
                                                     100000000000,
                                                     1000000000000,
                                                     10000000000000,
                                                     100000000000000,
                                                     1000000000000000,
                                                     10000000000000000,
                                                     100000000000000000,
                                                     1000000000000000000,
                                                     10000000000000000000u};
    unsigned about = (unsigned)(64 - __builtin_clzll(value)) * 1233 >> 12;
    return about + (value >= powers[about]);
}

/* From the last digit on two at a time: a division costs more than all the rest. */
char *wt_digits_fixed(char *to, uint64_t value, unsigned width)
{
    char *end = to + width;
    for (; width > 1; width -= 2, value /= 100)
        (void)wt_digits_pair(to + width - 2, (unsigned)(value % 100));
    if (width)
        *to = (char)('0' + value % 10);
    return end;
}

/* Of a number below 10,000. */
static inline char *few(char *to, unsigned value)
{
    const unsigned high = value / 100;
    if (high >= 10)
        to = wt_digits_pair(to, high);
    else if (high)
        *to++ = (char)('0' + high);
    if (value >= 10)
        return wt_digits_pair(to, value % 100);
    *to = (char)('0' + value);
    return to + 1;
}

char *wt_digits_decimal(char *to, uint64_t value)
{
    if (value < 10000)
        return few(to, (unsigned)value);
    if (value >= 100000000)
        return wt_digits_fixed(to, value, digits_in(value));
    const unsigned low = (unsigned)value % 10000;
    to = wt_digits_pair(few(to, (unsigned)value / 10000), low / 100);
    return wt_digits_pair(to, low % 100);
}

typedef uint8_t lanes __attribute__((vector_size(16)));

/* 16 bytes at once: their halves as numbers, interleaved, then as digits. */
static void hex16(char *to, const uint8_t *from)
{
    const lanes nine = {9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9};
    lanes bytes;
    memcpy(&bytes, from, sizeof bytes);
    const lanes high = bytes >> 4, low = bytes & 15;
    lanes first = __builtin_shufflevector(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    lanes second = __builtin_shufflevector(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    first += '0' + ((lanes)(first > nine) & ('a' - '0' - 10));
    second += '0' + ((lanes)(second > nine) & ('a' - '0' - 10));
    memcpy(to, &first, sizeof first);
    memcpy(to + sizeof first, &second, sizeof second);
}

char *wt_digits_hex(char *to, struct wt_span bytes)
{
    size_t i = 0;
    for (; bytes.n - i >= 16; i += 16, to += 32)
        hex16(to, bytes.p + i);
    for (; i < bytes.n; i++, to += 2)
        memcpy(to, wt_hex_pairs[bytes.p[i]].digits, 2);
    return to;
}
