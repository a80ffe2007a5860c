/* What every message's test asks: decoded with and without a trail alike, every byte in the trail, encoded to the same
 * bytes, refused at every cut with the field and offset that the cut hits, refused with bytes behind. */
#ifndef WT_TESTS_CODEC_MESSAGE_CHECK_H
#define WT_TESTS_CODEC_MESSAGE_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "codec/codec.h"
#include "trail_check.h"

enum { ROOM = 8192, EVENTS = 1024 };

/* Hex digits with blanks between. The last bytes made stay valid until the next call. */
static inline struct wt_span hex(const char *text)
{
    static uint8_t room[ROOM];
    size_t n = 0;
    for (; *text; text++) {
        if (*text == ' ' || *text == '\n')
            continue;
        unsigned byte = 0;
        assert_true(n < sizeof room && sscanf(text, "%2x", &byte) == 1);
        room[n++] = (uint8_t)byte;
        text++;
    }
    return wt_span_of(room, n);
}

/* A copy that ends where its memory ends, for the sanitizers' sake; free it. */
static inline uint8_t *exact(struct wt_span bytes, size_t n)
{
    uint8_t *copy = calloc(n ? n : 1, 1);
    assert_non_null(copy);
    memcpy(copy, bytes.p, n < bytes.n ? n : bytes.n);
    return copy;
}

static inline enum wt_code decode_at(const struct wt_codec_context *c, uint8_t type, struct wt_span bytes, size_t n,
                                     struct wt_error *error)
{
    struct wt_message_body body;
    uint8_t *copy = exact(bytes, n);
    enum wt_code code = wt_message_decode(c, type, wt_span_of(copy, n), NULL, &body, error);
    free(copy);
    return code;
}

/* The first field that a cut after n bytes hits, as the whole message's trail has it: vectors are refused by their
 * prefix, before anything inside them is read. */
static inline const struct wt_trail_event *hit(const struct wt_trail *t, size_t n)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct wt_trail_event *e = &t->events[i];
        if ((e->form != WT_TRAIL_STRUCT || e->prefix) && (size_t)e->offset + e->length > n)
            return e;
    }
    return NULL;
}

/* `whole`: a shorter length at which the message is complete as well (extensions may be left out), or SIZE_MAX. */
static inline void check_cuts(const struct wt_codec_context *c, uint8_t type, struct wt_span bytes,
                              const struct wt_trail *trail, size_t whole)
{
    struct wt_error error;
    for (size_t n = 0; n < bytes.n; n++) {
        enum wt_code code = decode_at(c, type, bytes, n, &error);
        if (n == whole) {
            assert_int_equal(code, WT_OK);
            continue;
        }
        const struct wt_trail_event *e = hit(trail, n);
        assert_non_null(e);
        assert_int_equal(code, WT_TRUNCATED);
        assert_string_equal(error.field, e->field);
        assert_int_equal(error.offset, e->offset - e->prefix);
    }
    /* A byte behind the end is too much, or too little of a part that was left out. */
    enum wt_code code = decode_at(c, type, bytes, bytes.n + 1, &error);
    assert_true(code == WT_TRAILING || code == WT_TRUNCATED);
    assert_int_equal(error.offset, bytes.n);
}

/* Decodes a message that is well, into *out (valid until the next call), with all checks but the cuts. */
static inline struct wt_trail *check_whole(const struct wt_codec_context *c, uint8_t type, struct wt_span bytes,
                                           struct wt_message_body *out)
{
    static struct wt_trail_event events[EVENTS];
    static struct wt_trail trail;
    static uint8_t room[ROOM];
    struct wt_message_body plain;
    struct wt_error error;
    struct wt_span again;
    trail = (struct wt_trail){events, 0, EVENTS, 0};
    assert_int_equal(wt_message_decode(c, type, bytes, NULL, &plain, &error), WT_OK);
    assert_int_equal(wt_message_decode(c, type, bytes, &trail, out, &error), WT_OK);
    assert_memory_equal(&plain, out, sizeof plain);
    const char *complaint = trail_check(&trail, bytes.n);
    if (complaint)
        fail_msg("%s", complaint);
    struct wt_writer w = wt_writer_start(room, sizeof room);
    wt_message_encode(&w, c, out);
    assert_int_equal(wt_writer_done(&w, &again), WT_OK);
    assert_true(wt_span_equal(bytes, again));
    /* A byte too little room is told, not overrun. */
    w = wt_writer_start(room, bytes.n - 1);
    if (bytes.n) {
        wt_message_encode(&w, c, out);
        assert_int_equal(wt_writer_done(&w, &again), WT_NO_SPACE);
    }
    return &trail;
}

/* All checks. */
static inline void check_message(const struct wt_codec_context *c, uint8_t type, struct wt_span bytes, size_t whole,
                                 struct wt_message_body *out)
{
    check_cuts(c, type, bytes, check_whole(c, type, bytes, out), whole);
}

/* The message is refused, for this reason, at this place. */
static inline void check_refused(const struct wt_codec_context *c, uint8_t type, const char *text, enum wt_code code,
                                 const char *field, size_t offset)
{
    struct wt_error error;
    struct wt_span bytes = hex(text);
    assert_int_equal(decode_at(c, type, bytes, bytes.n, &error), code);
    assert_string_equal(error.field, field);
    assert_int_equal(error.offset, offset);
}

/* The trail's n-th event named `field`. */
static inline const struct wt_trail_event *event_of(const struct wt_trail *t, const char *field, size_t nth)
{
    for (size_t i = 0; i < t->n; i++)
        if (!strcmp(t->events[i].field, field) && nth-- == 0)
            return &t->events[i];
    fail_msg("no event %s", field);
    return NULL;
}

static inline void assert_span(struct wt_span have, const char *text)
{
    uint8_t want[ROOM];
    size_t n = 0;
    for (; *text; text++) {
        unsigned byte = 0;
        if (*text == ' ')
            continue;
        assert_true(n < sizeof want && sscanf(text++, "%2x", &byte) == 1);
        want[n++] = (uint8_t)byte;
    }
    assert_int_equal(have.n, n);
    if (n)
        assert_memory_equal(have.p, want, n);
}

#endif
