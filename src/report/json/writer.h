/* Streaming JSON: appends to a block on the caller's stack and hands full blocks to the output. It allocates nothing
 * and cannot fail; a closed pipe sticks in the output. Commas are its business, the pairing of open and close its
 * caller's.
 *
 * Every string it writes is valid UTF-8 and shows nothing that a terminal would obey: bytes that are no UTF-8, control
 * characters and those that turn the direction of writing stand as \xHH, byte for byte. In strings from the wire a
 * backslash is doubled, so that they can be turned back into the very bytes. */
#ifndef WT_REPORT_JSON_WRITER_H
#define WT_REPORT_JSON_WRITER_H

#include "base/span.h"
#include "wiretale/capture.h"
#include "wiretale/report.h"

#include <stdbool.h>
#include <string.h>

enum {
    WT_JSON_SECOND = 19,
    WT_JSON_TIME = WT_JSON_SECOND + 13
}; /* bytes of "YYYY-MM-DDTHH:MM:SS", and with the rest */

struct wt_json_marks;
struct wt_json_memo;

struct wt_json {
    struct wt_output *output;
    struct wt_json_marks *marks; /* of the message that is written now; mostly NULL */
    struct wt_json_memo *memo;   /* of who writes; NULL: nothing is kept */
    size_t n;
    bool comma; /* the next value or key on its level comes after another */
    bool has_second;
    uint8_t time_n;
    char time_text[WT_JSON_TIME]; /* the newest time, of so many bytes */
    int64_t second;
    uint64_t ns; /* with `digits` of them, as it was written */
    unsigned digits;
    char room[16384];
};

void wt_json_start(struct wt_json *j, struct wt_output *output);
/* Ends the line and hands out what is left. */
void wt_json_line(struct wt_json *j);
/* Hands out what is left, without an end of line. */
void wt_json_flush(struct wt_json *j);

/* Room for n more bytes, n far below the block's size: where they go. */
char *wt_json_flushed(struct wt_json *j);
static inline char *wt_json_room(struct wt_json *j, size_t n)
{
    return sizeof j->room - j->n < n ? wt_json_flushed(j) : j->room + j->n;
}

/* What was written there: values or members with the commas between them, perhaps nothing. */
static inline void wt_json_wrote(struct wt_json *j, size_t n)
{
    j->n += n;
    j->comma |= n > 0;
}

/* '{' or '[' */
static inline void wt_json_open(struct wt_json *j, char bracket)
{
    char *p = wt_json_room(j, 2);
    *p = ',';
    p[j->comma] = bracket;
    j->n += 1u + j->comma;
    j->comma = false;
}

/* '}' or ']' */
static inline void wt_json_close(struct wt_json *j, char bracket)
{
    *wt_json_room(j, 1) = bracket;
    j->n++;
    j->comma = true;
}

/* A static name, far shorter than the block: plain ASCII that needs no escape. Inline, since a literal's length is
 * known where it is compiled, and keys are half of what is written. */
static inline void wt_json_key_of(struct wt_json *j, const char *key, size_t n)
{
    char *p = wt_json_room(j, n + 4);
    *p = ',';
    p += j->comma;
    *p++ = '"';
    memcpy(p, key, n);
    p += n;
    *p++ = '"';
    *p++ = ':';
    j->n = (size_t)(p - j->room);
    j->comma = false;
}

/* Likewise, of a string literal. */
#define wt_json_key(j, literal) wt_json_key_of(j, "" literal "", sizeof(literal) - 1)
/* Likewise, of a keyword of ours. */
static inline void wt_json_key_word(struct wt_json *j, const char *word)
{
    wt_json_key_of(j, word, strlen(word));
}

/* A key made of static names: `a` and `b` in a row. */
void wt_json_key_joined(struct wt_json *j, const char *a, const char *b);
/* A key that may hold anything. */
void wt_json_key_text(struct wt_json *j, const char *key);

void wt_json_bool(struct wt_json *j, bool value);
void wt_json_null(struct wt_json *j);
/* JSON that was written before: a value, or members or elements with the commas between them. Nothing when empty. */
void wt_json_raw(struct wt_json *j, struct wt_span json);
void wt_json_number(struct wt_json *j, uint64_t value);
void wt_json_integer(struct wt_json *j, int64_t value);
void wt_json_hex(struct wt_json *j, struct wt_span bytes);
/* A code point: "0x" and `bytes` bytes of hex digits; as many as it needs for 0. */
void wt_json_code(struct wt_json *j, uint64_t value, unsigned bytes);
/* Text of our own or made printable before; NULL is the empty string. */
void wt_json_text(struct wt_json *j, const char *text);
/* The same of its first n bytes. */
void wt_json_text_of(struct wt_json *j, const char *text, size_t n);
/* A name or keyword of ours, not NULL: static, far shorter than the block, of plain ASCII that needs no escape. */
static inline void wt_json_word_of(struct wt_json *j, const char *word, size_t n)
{
    char *p = wt_json_room(j, n + 3);
    *p = ',';
    p += j->comma;
    *p++ = '"';
    memcpy(p, word, n); // NOLINT(bugprone-not-null-terminated-result): a quote ends it
    p[n] = '"';
    j->n = (size_t)(p + n + 1 - j->room);
    j->comma = true;
}

static inline void wt_json_word(struct wt_json *j, const char *word)
{
    wt_json_word_of(j, word, strlen(word));
}

/* Text of our own of any length, of plain ASCII that needs no escape; left out when it is NULL. */
void wt_json_member_plain(struct wt_json *j, const char *key, const char *text);

/* "word: text" */
void wt_json_text_joined(struct wt_json *j, const char *word, const char *text);
/* Bytes from the wire. */
void wt_json_wire(struct wt_json *j, struct wt_span bytes);
/* A point in time, RFC 3339 UTC with the clock's own digits. */
void wt_json_time(struct wt_json *j, struct wt_time time);
/* Seconds since 1970 UTC; a year that has not four digits becomes the nearest that has. */
void wt_json_date(struct wt_json *j, int64_t seconds);
/* Nanoseconds as seconds with so many digits (at most 9). */
void wt_json_seconds(struct wt_json *j, int64_t ns, unsigned digits);

/* Members of an object, under a static name; the length of a literal is known where it is compiled. */
static inline void wt_json_member_number(struct wt_json *j, const char *key, uint64_t value)
{
    wt_json_key_of(j, key, strlen(key));
    wt_json_number(j, value);
}

/* These are left out where there is nothing to report: NULL, no bytes, false. */
static inline void wt_json_member_text(struct wt_json *j, const char *key, const char *value)
{
    if (!value)
        return;
    wt_json_key_of(j, key, strlen(key));
    wt_json_text(j, value);
}

static inline void wt_json_member_word(struct wt_json *j, const char *key, const char *word)
{
    if (!word)
        return;
    wt_json_key_of(j, key, strlen(key));
    wt_json_word(j, word);
}

static inline void wt_json_member_wire(struct wt_json *j, const char *key, struct wt_span bytes)
{
    if (!bytes.n)
        return;
    wt_json_key_of(j, key, strlen(key));
    wt_json_wire(j, bytes);
}

static inline void wt_json_member_flag(struct wt_json *j, const char *key, bool value)
{
    if (!value)
        return;
    wt_json_key_of(j, key, strlen(key));
    wt_json_bool(j, true);
}

#endif
