#include "streams.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROOM = 16384 };

void streams_begin(struct streams *s, size_t table)
{
    *s = (struct streams){.bytes = malloc(STREAM_BYTES)};
    assert_non_null(s->bytes);
    for (int side = 0; side < 2; side++) {
        assert_int_equal(nghttp3_qpack_encoder_new(&s->encoder[side], 65536, nghttp3_mem_default()), 0);
        nghttp3_qpack_encoder_set_max_dtable_capacity(s->encoder[side], table);
        nghttp3_qpack_encoder_set_max_blocked_streams(s->encoder[side], table ? 100 : 0);
    }
}

void streams_done(struct streams *s)
{
    for (int side = 0; side < 2; side++)
        nghttp3_qpack_encoder_del(s->encoder[side]);
    free(s->bytes);
}

static struct item *add(struct streams *s, enum wt_side side, enum item_kind kind, uint64_t stream)
{
    assert_true(s->count < STREAM_ITEMS);
    s->items[s->count] = (struct item){side, kind, stream, s->bytes + s->n, 0};
    return &s->items[s->count++];
}

void on(struct streams *s, enum wt_side side, uint64_t stream)
{
    (void)add(s, side, ITEM_BYTES, stream);
}

void put(struct streams *s, const void *bytes, size_t n)
{
    assert_true(s->n + n <= STREAM_BYTES);
    if (n)
        memcpy(s->bytes + s->n, bytes, n);
    s->n += n;
    s->items[s->count - 1].n += n;
}

void integer(struct streams *s, uint64_t value)
{
    uint8_t b[8];
    const unsigned log = value < 64 ? 0 : value < 16384 ? 1 : value < 1u << 30 ? 2 : 3, n = 1u << log;
    for (unsigned i = 0; i < n; i++)
        b[i] = (uint8_t)(value >> 8 * (n - 1 - i));
    b[0] |= (uint8_t)(log << 6);
    put(s, b, n);
}

void h3_frame(struct streams *s, uint64_t type, const void *payload, size_t n)
{
    integer(s, type);
    integer(s, n);
    put(s, payload, n);
}

size_t h3_section(struct streams *s, enum wt_side side, uint64_t stream, const char *fields, uint8_t *to, size_t room)
{
    nghttp3_nv nv[32];
    nghttp3_buf prefix, section, inserts;
    size_t count = 0;
    while (*fields) {
        const char *colon = strstr(fields, ": "), *end = strchr(fields, '\n');
        assert_true(colon && end && colon < end && count < 32);
        nv[count++] = (nghttp3_nv){(uint8_t *)(uintptr_t)fields, (uint8_t *)(uintptr_t)(colon + 2),
                                   (size_t)(colon - fields), (size_t)(end - colon - 2), NGHTTP3_NV_FLAG_NONE};
        fields = end + 1;
    }
    nghttp3_buf_init(&prefix), nghttp3_buf_init(&section), nghttp3_buf_init(&inserts);
    assert_int_equal(
        nghttp3_qpack_encoder_encode(s->encoder[side], &prefix, &section, &inserts, (int64_t)stream, nv, count), 0);
    if (nghttp3_buf_len(&inserts)) {
        on(s, side, side == WT_CLIENT ? C_ENCODER : S_ENCODER);
        put(s, inserts.pos, nghttp3_buf_len(&inserts));
    }
    const size_t first = nghttp3_buf_len(&prefix), rest = nghttp3_buf_len(&section);
    assert_true(first + rest <= room);
    memcpy(to, prefix.pos, first);
    memcpy(to + first, section.pos, rest);
    nghttp3_buf_free(&prefix, nghttp3_mem_default());
    nghttp3_buf_free(&section, nghttp3_mem_default());
    nghttp3_buf_free(&inserts, nghttp3_mem_default());
    return first + rest;
}

void h3_headers(struct streams *s, enum wt_side side, uint64_t stream, const char *fields)
{
    uint8_t section[8192];
    const size_t n = h3_section(s, side, stream, fields, section, sizeof section);
    on(s, side, stream);
    h3_frame(s, 1, section, n);
}

void fin(struct streams *s, enum wt_side side, uint64_t stream)
{
    (void)add(s, side, ITEM_FIN, stream);
}

void reset(struct streams *s, enum wt_side side, uint64_t stream)
{
    (void)add(s, side, ITEM_RESET, stream);
}

void gap(struct streams *s, enum wt_side side, uint64_t stream, size_t n)
{
    add(s, side, ITEM_GAP, stream)->n = n;
}

void streams_greet(struct streams *s, uint64_t table)
{
    for (int side = 0; side < 2; side++) {
        on(s, (enum wt_side)side, side ? S_CONTROL : C_CONTROL);
        integer(s, 0);
        integer(s, 4);
        integer(s, 1 + (table < 64 ? 1 : table < 16384 ? 2 : table < 1 << 30 ? 4 : 8) + 2);
        integer(s, 1), integer(s, table);
        put(s, "\7\20", 2);
        on(s, (enum wt_side)side, side ? S_ENCODER : C_ENCODER);
        integer(s, 2);
        on(s, (enum wt_side)side, side ? S_DECODER : C_DECODER);
        integer(s, 3);
    }
}

/* --- feeding --- */

struct feeding {
    struct wt_arena arena;
    struct wt_http *http;
    const struct streams *s;
    size_t at[STREAM_ITEMS]; /* bytes of each item that have been fed */
    bool fed[STREAM_ITEMS];
};

static uint64_t offset_of(const struct streams *s, size_t i)
{
    uint64_t offset = 0;
    for (size_t j = 0; j < i; j++)
        if (s->items[j].stream == s->items[i].stream && s->items[j].side == s->items[i].side)
            offset += s->items[j].n;
    return offset;
}

/* All before it on its stream and side have been fed. */
static bool is_next(const struct feeding *f, size_t i)
{
    const struct item *x = f->s->items;
    for (size_t j = 0; j < i; j++)
        if (!f->fed[j] && x[j].stream == x[i].stream && x[j].side == x[i].side)
            return false;
    return !f->fed[i];
}

static void feed(struct feeding *f, size_t i, size_t most)
{
    const struct item *x = &f->s->items[i];
    const uint32_t packet = (uint32_t)i + 1;
    if (x->kind == ITEM_GAP) {
        wt_http3_gap(f->http, x->side, x->stream, x->n);
    } else if (x->kind == ITEM_FIN) {
        wt_http3_fin(f->http, x->side, x->stream);
    } else if (x->kind == ITEM_RESET) {
        wt_http3_reset(f->http, x->side, x->stream);
    } else {
        const size_t n = most < x->n - f->at[i] ? most : x->n - f->at[i];
        uint8_t *piece = malloc(n ? n : 1); /* of its own, so that a sanitizer sees a byte too far */
        assert_non_null(piece);
        memcpy(piece, x->bytes + f->at[i], n);
        wt_http3_feed(f->http, x->side, x->stream, offset_of(f->s, i) + f->at[i], wt_span_of(piece, n), packet,
                      (struct wt_time){packet * INT64_C(1000), 9});
        free(piece);
        f->at[i] += n;
    }
    f->fed[i] = x->kind != ITEM_BYTES || f->at[i] == x->n;
}

static void start(struct feeding *f, const struct streams *s)
{
    *f = (struct feeding){.s = s};
    f->http = wt_http_new(&f->arena);
    assert_non_null(f->http);
}

static void finish(struct feeding *f, const char *want)
{
    char out[ROOM];
    for (size_t i = 0; i < f->s->count; i++)
        assert_true(f->fed[i]);
    wt_http_end(f->http, WT_CLIENT);
    wt_http_end(f->http, WT_SERVER);
    tell_list(f->http, &f->arena, out, sizeof out);
    assert_string_equal(out, want);
}

static void in_order(const struct streams *s, size_t most, const char *want)
{
    struct feeding f;
    start(&f, s);
    for (size_t i = 0; i < s->count; i++)
        while (!f.fed[i])
            feed(&f, i, most);
    finish(&f, want);
}

static void one_side_first(const struct streams *s, enum wt_side first, const char *want)
{
    struct feeding f;
    start(&f, s);
    for (int turn = 0; turn < 2; turn++)
        for (size_t i = 0; i < s->count; i++)
            while ((s->items[i].side == first) == !turn && !f.fed[i])
                feed(&f, i, SIZE_MAX);
    finish(&f, want);
}

static void backwards(const struct streams *s, const char *want)
{
    struct feeding f;
    start(&f, s);
    for (bool more = true; more;) {
        more = false;
        for (size_t i = s->count; i-- > 0 && !more;)
            if (is_next(&f, i)) {
                feed(&f, i, SIZE_MAX);
                more = true;
            }
    }
    finish(&f, want);
}

static void at_random(const struct streams *s, unsigned seed, const char *want)
{
    struct feeding f;
    start(&f, s);
    for (size_t left = s->count; left;) {
        seed = seed * 1103515245u + 12345u;
        const size_t i = (seed >> 16) % s->count;
        if (is_next(&f, i)) {
            feed(&f, i, 1 + (seed >> 8 & 31));
            left -= f.fed[i];
        }
    }
    finish(&f, want);
}

void streams_so(struct streams *s, const char *want)
{
    in_order(s, SIZE_MAX, want);
    in_order(s, 1, want);
    streams_done(s);
}

void streams_always(struct streams *s, const char *want)
{
    in_order(s, SIZE_MAX, want);
    in_order(s, 1, want);
    one_side_first(s, WT_CLIENT, want);
    one_side_first(s, WT_SERVER, want);
    backwards(s, want);
    for (unsigned seed = 1; seed <= 200; seed++)
        at_random(s, seed, want);
    streams_done(s);
}
