/* The text of key files, cut into lines, whatever encoding shells, editors and collectors of logs leave it in.
 *
 * Windows' shells write UTF-16 when a program's output is redirected, with a byte order mark or without, and append it
 * to files that began otherwise: how a line is encoded is decided at the beginning of each. */
#ifndef WT_KEYS_KEY_TEXT_H
#define WT_KEYS_KEY_TEXT_H

#include "base/span.h"
#include "registry/limits.h"
#include "wiretale/problem.h"

enum wt_key_coding { WT_CODING_BYTES, WT_CODING_UTF16LE, WT_CODING_UTF16BE };

/* All zero but the three callbacks' members is the beginning of a text. */
struct wt_key_text {
    void (*line)(void *context, struct wt_span line); /* without its end; holds during the call */
    void (*fault)(void *context, size_t at,
                  const struct wt_problem *problem); /* `at`: as wt_key_text_column() takes it */
    void *context;
    uint8_t coding;   /* enum wt_key_coding, of the current line */
    bool within;      /* the current line has begun, so that its encoding is known */
    bool return_last; /* the text so far ends with CR: a LF right after it ends no other line */
    bool too_long;    /* the current line is over its limit, which was reported; the rest of it is skipped */
    bool zeros;       /* NUL bytes before the current line were reported */
    bool halved;      /* `half` is the first byte of a UTF-16 unit */
    uint8_t half;
    uint8_t first[4], first_n; /* of a line whose encoding is not known yet */
    uint64_t ended;            /* lines so far */
    size_t before;             /* bytes of the current line that were skipped: a byte order mark, NUL bytes */
    size_t n;                  /* bytes held of a line whose end has not come */
    uint8_t held[WT_LIMIT_KEYLOG_LINE];
};

void wt_key_text_feed(struct wt_key_text *t, struct wt_span text);
/* A last line without its end is one too. What was held is wiped. */
void wt_key_text_end(struct wt_key_text *t);
/* Of the byte (character in UTF-16) at `at` of the line, from 1. */
size_t wt_key_text_column(const struct wt_key_text *t, size_t at);

/* A whole text of another encoding as bytes, one for each character (0xff for those that are not ASCII), into `out`,
 * which has room for text.n bytes; their number. */
size_t wt_key_text_narrow(struct wt_span text, uint8_t *out);

#endif
