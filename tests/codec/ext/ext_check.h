/* What every extension's body is asked, in every message that it may stand in. */
#ifndef WT_TESTS_CODEC_EXT_CHECK_H
#define WT_TESTS_CODEC_EXT_CHECK_H

#include "../message_check.h"
#include "codec/ext/ext.h"

static const struct wt_codec_context no_context;

/* From memory that ends where the body ends; the spans in *out are not to be used. */
static inline enum wt_code ext_decode_at(uint16_t id, enum wt_ext_where where, struct wt_span bytes, size_t n,
                                         struct wt_error *error)
{
    union wt_ext_body out;
    uint8_t *copy = exact(bytes, n);
    enum wt_code code = wt_extension_decode(id, &no_context, where, wt_span_of(copy, n), NULL, &out, error);
    free(copy);
    return code;
}

/* Decodes a body that is well: alike with and without a trail, each byte in the trail, written back the same. Spans in
 * *out are good until the next hex(). */
static inline struct wt_trail *ext_whole(uint16_t id, enum wt_ext_where where, struct wt_span bytes,
                                         union wt_ext_body *out)
{
    static struct wt_trail_event events[EVENTS];
    static struct wt_trail trail;
    static uint8_t room[ROOM];
    union wt_ext_body plain;
    struct wt_error error;
    struct wt_span again;
    trail = (struct wt_trail){events, 0, EVENTS, 0};
    assert_int_equal(wt_extension_decode(id, &no_context, where, bytes, NULL, &plain, &error), WT_OK);
    assert_int_equal(wt_extension_decode(id, &no_context, where, bytes, &trail, out, &error), WT_OK);
    assert_int_equal(error.code, WT_OK);
    assert_memory_equal(&plain, out, sizeof plain);
    const char *complaint = trail_check(&trail, bytes.n);
    if (complaint)
        fail_msg("%s", complaint);
    struct wt_writer w = wt_writer_start(room, sizeof room);
    assert_true(wt_extension_encode(&w, id, &no_context, where, out));
    assert_int_equal(wt_writer_done(&w, &again), WT_OK);
    assert_true(wt_span_equal(bytes, again));
    if (bytes.n) {
        w = wt_writer_start(room, bytes.n - 1);
        (void)wt_extension_encode(&w, id, &no_context, where, out);
        assert_int_equal(wt_writer_done(&w, &again), WT_NO_SPACE);
    }
    return &trail;
}

/* Every shorter body, and one with a byte more, is refused cleanly. */
static inline void ext_cuts(uint16_t id, enum wt_ext_where where, struct wt_span bytes)
{
    struct wt_error error;
    for (size_t n = 0; n < bytes.n; n++) {
        assert_int_equal(ext_decode_at(id, where, bytes, n, &error), WT_TRUNCATED);
        assert_true(error.offset <= n);
        assert_non_null(error.field);
        assert_non_null(error.rule);
    }
    assert_int_equal(ext_decode_at(id, where, bytes, bytes.n + 1, &error), WT_TRAILING);
    assert_int_equal(error.offset, bytes.n);
}

/* All of it. */
static inline struct wt_trail *ext_check(uint16_t id, enum wt_ext_where where, const char *text, union wt_ext_body *out)
{
    struct wt_span bytes = hex(text);
    ext_cuts(id, where, bytes);
    return ext_whole(id, where, bytes, out);
}

/* Refused for this reason, at this place. What a rule forbids (as against what cannot be read) leaves every field: the
 * trail is whole and the body is written back. `rule` stands in the error's own, or is NULL. */
static inline void ext_refused(uint16_t id, enum wt_ext_where where, const char *text, enum wt_code code,
                               const char *field, size_t offset, const char *rule)
{
    static struct wt_trail_event events[EVENTS];
    static uint8_t room[ROOM];
    struct wt_trail trail = {events, 0, EVENTS, 0};
    union wt_ext_body out;
    struct wt_error error;
    struct wt_span again, bytes = hex(text);
    assert_int_equal(ext_decode_at(id, where, bytes, bytes.n, &error), code);
    assert_string_equal(error.field, field);
    assert_int_equal(error.offset, offset);
    assert_int_equal(wt_extension_decode(id, &no_context, where, bytes, &trail, &out, &error), code);
    assert_non_null(error.rule);
    if (rule && !strstr(error.rule, rule))
        fail_msg("the rule is: %s", error.rule);
    if (code == WT_VALUE || code == WT_DUPLICATE || code == WT_LIMIT) {
        assert_null(trail_check(&trail, bytes.n));
        struct wt_writer w = wt_writer_start(room, sizeof room);
        assert_true(wt_extension_encode(&w, id, &no_context, where, &out));
        assert_int_equal(wt_writer_done(&w, &again), WT_OK);
        assert_true(wt_span_equal(bytes, again));
    } else {
        assert_int_equal(trail.n, 0);
    }
}

/* No form is known here: no error, nothing read. */
static inline void ext_unknown(uint16_t id, enum wt_ext_where where, const char *text)
{
    union wt_ext_body out;
    struct wt_error error;
    assert_int_equal(wt_extension_decode(id, &no_context, where, hex(text), NULL, &out, &error), WT_UNSUPPORTED);
    assert_int_equal(error.code, WT_OK);
}

#endif
