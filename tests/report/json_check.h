/* Holds output to RFC 8259: one value, valid UTF-8 in strings, no raw controls, no key twice in an object. */
#ifndef TESTS_REPORT_JSON_CHECK_H
#define TESTS_REPORT_JSON_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct json_check {
    const char *p, *end;
};

static bool json_value(struct json_check *c, int depth);

static bool json_char(struct json_check *c, char want)
{
    if (c->p == c->end || *c->p != want)
        return false;
    c->p++;
    return true;
}

/* One code point as RFC 3629 allows it. */
static bool json_utf8(struct json_check *c)
{
    uint8_t a = (uint8_t)*c->p;
    size_t n = a < 0x80 ? 1 : a < 0xc2 ? 0 : a < 0xe0 ? 2 : a < 0xf0 ? 3 : a < 0xf5 ? 4 : 0;
    if (n == 0 || (size_t)(c->end - c->p) < n)
        return false;
    for (size_t i = 1; i < n; i++)
        if (((uint8_t)c->p[i] & 0xc0) != 0x80)
            return false;
    uint8_t b = n > 1 ? (uint8_t)c->p[1] : 0;
    if ((a == 0xe0 && b < 0xa0) || (a == 0xed && b > 0x9f) || (a == 0xf0 && b < 0x90) || (a == 0xf4 && b > 0x8f))
        return false;
    c->p += n;
    return true;
}

static bool json_string(struct json_check *c)
{
    if (!json_char(c, '"'))
        return false;
    while (c->p < c->end && *c->p != '"') {
        if ((uint8_t)*c->p < 0x20 || *c->p == 0x7f)
            return false;
        if (*c->p == '\\') {
            c->p++;
            /* the writer needs no other escapes */
            if (c->p == c->end || !strchr("\"\\", *c->p))
                return false;
            c->p++;
        } else if (!json_utf8(c)) {
            return false;
        }
    }
    return json_char(c, '"');
}

static bool json_digits(struct json_check *c)
{
    const char *from = c->p;
    while (c->p < c->end && *c->p >= '0' && *c->p <= '9')
        c->p++;
    return c->p > from;
}

static bool json_number(struct json_check *c)
{
    (void)json_char(c, '-');
    bool zero = c->p < c->end && *c->p == '0';
    const char *from = c->p;
    if (!json_digits(c) || (zero && c->p - from > 1))
        return false;
    return !json_char(c, '.') || json_digits(c);
}

static bool json_word(struct json_check *c, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(c->end - c->p) < n || memcmp(c->p, word, n) != 0)
        return false;
    c->p += n;
    return true;
}

static bool json_object(struct json_check *c, int depth)
{
    struct {
        const char *p;
        size_t n;
    } keys[256];
    size_t count = 0;
    while (!json_char(c, '}')) {
        if (count && !json_char(c, ','))
            return false;
        const char *key = c->p;
        if (!json_string(c) || count == 256)
            return false;
        size_t n = (size_t)(c->p - key);
        for (size_t i = 0; i < count; i++)
            if (keys[i].n == n && memcmp(keys[i].p, key, n) == 0)
                return false;
        keys[count].p = key;
        keys[count++].n = n;
        if (!json_char(c, ':') || !json_value(c, depth + 1))
            return false;
    }
    return true;
}

static bool json_array(struct json_check *c, int depth)
{
    for (size_t count = 0; !json_char(c, ']'); count++)
        if ((count && !json_char(c, ',')) || !json_value(c, depth + 1))
            return false;
    return true;
}

static bool json_value(struct json_check *c, int depth)
{
    if (c->p == c->end || depth > 64)
        return false;
    switch (*c->p) {
    case '{':
        c->p++;
        return json_object(c, depth);
    case '[':
        c->p++;
        return json_array(c, depth);
    case '"':
        return json_string(c);
    case 't':
        return json_word(c, "true");
    case 'f':
        return json_word(c, "false");
    default: /* null is none of the contract's values */
        return json_number(c);
    }
}

/* One value and a newline, nothing else. */
static bool json_is_line(const char *text, size_t n)
{
    struct json_check c = {text, text + n};
    return json_value(&c, 0) && json_char(&c, '\n') && c.p == c.end;
}

#endif
