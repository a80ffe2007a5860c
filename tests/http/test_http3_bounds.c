/* HTTP/3: what is bounded. */
#include "registry/limits.h"
#include "streams.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct wt_time now = {1000, 9};

struct connection {
    struct wt_arena arena;
    struct wt_http *http;
    uint64_t next[16]; /* offsets, of streams below 16 of whoever opens them */
};

static void say(struct connection *c, enum wt_side side, uint64_t stream, const void *bytes, size_t n)
{
    wt_http3_feed(c->http, side, stream, c->next[stream], wt_span_of(bytes, n), 1, now);
    c->next[stream] += n;
}

/* SETTINGS with a capacity of 65536 of both sides, and their encoder streams. */
static void open_connection(struct connection *c)
{
    *c = (struct connection){.http = wt_http_new(&c->arena)};
    assert_non_null(c->http);
    for (int side = 0; side < 2; side++) {
        say(c, (enum wt_side)side, side ? S_CONTROL : C_CONTROL, "\0\4\5\1\x80\1\0\0", 8);
        say(c, (enum wt_side)side, side ? S_ENCODER : C_ENCODER, "\2", 1);
    }
}

static void close_connection(struct connection *c)
{
    wt_http_free(c->http);
    wt_arena_free(&c->arena);
}

static size_t listed(struct connection *c, size_t *dropped)
{
    size_t count;
    (void)wt_http_exchanges(c->http, &count, dropped);
    return count;
}

/* A request of the static table's fields alone. */
static void ask(struct connection *c, uint64_t stream, bool ends)
{
    wt_http3_feed(c->http, WT_CLIENT, stream, 0, wt_span_of((const uint8_t *)"\1\4\0\0\xd1\xc1", 6), 1, now);
    if (ends)
        wt_http3_fin(c->http, WT_CLIENT, stream);
}

static void answer(struct connection *c, uint64_t stream)
{
    wt_http3_feed(c->http, WT_SERVER, stream, 0, wt_span_of((const uint8_t *)"\1\3\0\0\xd9", 5), 1, now);
    wt_http3_fin(c->http, WT_SERVER, stream);
}

static void test_exchanges(void **state)
{
    struct connection c;
    size_t dropped;
    (void)state;
    open_connection(&c);
    for (uint64_t i = 0; i < WT_LIMIT_EXCHANGES + 100; i++) {
        ask(&c, 4 * i, true);
        answer(&c, 4 * i);
    }
    assert_int_equal(listed(&c, &dropped), WT_LIMIT_EXCHANGES);
    assert_int_equal(dropped, 100);
    close_connection(&c);
}

/* Streams that stay open: those beyond the limit are counted. Four are the connection's own. */
static void test_open_streams(void **state)
{
    (void)state;
    for (uint64_t more = 0; more < 2; more++) {
        struct connection c;
        size_t dropped;
        open_connection(&c);
        for (uint64_t i = 0; i < WT_LIMIT_HTTP_STREAMS - 4 + more; i++)
            ask(&c, 4 * i, false);
        assert_int_equal(listed(&c, &dropped), WT_LIMIT_HTTP_STREAMS - 4);
        assert_int_equal(dropped, more);
        close_connection(&c);
    }
    /* streams of unknown types take no room */
    struct connection c;
    size_t dropped;
    open_connection(&c);
    for (uint64_t i = 10; i < 10 + 2 * WT_LIMIT_HTTP_STREAMS; i++)
        wt_http3_feed(c.http, WT_CLIENT, 4 * i + 2, 0, wt_span_of((const uint8_t *)"\x21x", 2), 1, now);
    ask(&c, 0, true);
    assert_int_equal(listed(&c, &dropped), 1);
    /* a number that an exchange cannot name is counted */
    ask(&c, UINT64_C(1) << 32, true);
    assert_int_equal(listed(&c, &dropped), 1);
    assert_int_equal(dropped, 1);
    close_connection(&c);
}

/* A section of n bytes: ":path" as a literal that fills it, after what the static table has; in two pieces. */
static void ask_long(struct connection *c, size_t n)
{
    uint8_t *b = malloc(n + 16), *p = b;
    assert_non_null(b);
    *p++ = 1;
    *p++ = (uint8_t)(0x80 | n >> 24), *p++ = (uint8_t)(n >> 16), *p++ = (uint8_t)(n >> 8), *p++ = (uint8_t)n;
    memset(p, 'a', n);
    memcpy(p, "\0\0\xd1\x51\x7f", 5); /* :path, with a value of 127 and more */
    size_t value = n - 8 - 127;
    p[5] = (uint8_t)(0x80 | (value & 127)), p[6] = (uint8_t)(0x80 | (value >> 7 & 127)), p[7] = (uint8_t)(value >> 14);
    const size_t all = (size_t)(p - b) + n;
    wt_http3_feed(c->http, WT_CLIENT, 0, 0, wt_span_of(b, 100), 1, now);
    wt_http3_feed(c->http, WT_CLIENT, 0, 100, wt_span_of(b + 100, all - 100), 1, now);
    wt_http3_fin(c->http, WT_CLIENT, 0);
    free(b);
}

static void test_long_section(void **state)
{
    (void)state;
    for (size_t more = 0; more < 2; more++) {
        struct connection c;
        size_t count, dropped;
        open_connection(&c);
        ask_long(&c, WT_LIMIT_HTTP_HEADER + more);
        const struct wt_exchange *x = wt_http_exchanges(c.http, &count, &dropped);
        assert_int_equal(count, 1);
        assert_int_equal(x->request_frame, 1);
        assert_int_equal(x->path.n, more ? 0 : WT_LIMIT_HTTP_TARGET);
        assert_int_equal(wt_http_stopped(c.http, WT_CLIENT), WT_HTTP_STOP_NONE);
        close_connection(&c);
    }
}

/* Sections that wait for the first entry of the table (a Required Insert Count of 1, and that entry): those beyond the
 * limit are listed without their fields; the others are read once it has come. */
static void test_blocked(void **state)
{
    (void)state;
    for (uint64_t more = 0; more < 2; more++) {
        struct connection c;
        size_t count, dropped, with = 0;
        open_connection(&c);
        for (uint64_t i = 0; i < WT_LIMIT_HTTP3_BLOCKED + more; i++) {
            wt_http3_feed(c.http, WT_CLIENT, 4 * i, 0, wt_span_of((const uint8_t *)"\1\4\2\0\xd1\x80", 6), 1, now);
            wt_http3_fin(c.http, WT_CLIENT, 4 * i);
        }
        say(&c, WT_CLIENT, C_ENCODER, "\x3f\xe1\x1f\xc1\2/x", 7); /* a capacity of 4096, and :path "/x" */
        const struct wt_exchange *x = wt_http_exchanges(c.http, &count, &dropped);
        for (size_t i = 0; i < count; i++)
            with += x[i].path.n == 2;
        assert_int_equal(count, WT_LIMIT_HTTP3_BLOCKED + more);
        assert_int_equal(with, WT_LIMIT_HTTP3_BLOCKED);
        close_connection(&c);
    }
}

/* Sections of which the end does not come, on many streams; instructions that wait for SETTINGS. */
static void test_held(void **state)
{
    enum { PIECE = 16384 };
    static uint8_t piece[PIECE + 5] = "\1\x80\0\x80\0";
    const uint64_t fit = WT_LIMIT_HTTP3_HELD / PIECE;
    (void)state;
    for (uint64_t more = 0; more < 2; more++) {
        struct connection c;
        open_connection(&c);
        const size_t before = wt_http_bytes(c.http);
        for (uint64_t i = 0; i < fit + more; i++)
            wt_http3_feed(c.http, WT_CLIENT, 4 * i, 0, wt_span_of(piece, sizeof piece), 1, now);
        const size_t grown = wt_http_bytes(c.http) - before;
        assert_true(grown >= WT_LIMIT_HTTP3_HELD && grown < WT_LIMIT_HTTP3_HELD + WT_LIMIT_HTTP3_HELD / 8);
        close_connection(&c);
    }
    for (size_t more = 0; more < 2; more++) {
        struct connection c = {.http = wt_http_new(&c.arena)};
        size_t count, dropped;
        uint8_t *inserts = malloc(WT_LIMIT_HTTP3_HELD + 1);
        assert_non_null(inserts);
        memset(inserts, 0x20, WT_LIMIT_HTTP3_HELD + 1); /* a capacity of 0, over and over */
        memcpy(inserts + WT_LIMIT_HTTP3_HELD - 7, "\x3f\xe1\x1f\xc1\2/x", 7);
        say(&c, WT_CLIENT, C_ENCODER, "\2", 1);
        say(&c, WT_CLIENT, C_ENCODER, inserts, WT_LIMIT_HTTP3_HELD + more);
        say(&c, WT_SERVER, S_CONTROL, "\0\4\5\1\x80\1\0\0", 8);
        wt_http3_feed(c.http, WT_CLIENT, 0, 0, wt_span_of((const uint8_t *)"\1\4\2\0\xd1\x80", 6), 1, now);
        const struct wt_exchange *x = wt_http_exchanges(c.http, &count, &dropped);
        assert_int_equal(count, 1);
        assert_int_equal(x->path.n, more ? 0 : 2);
        free(inserts);
        close_connection(&c);
    }
}

/* A table that a peer fills with the smallest entries there are costs most: what nghttp3 allocates for it is bounded,
 * whatever SETTINGS allow. */
static void test_table_memory(void **state)
{
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        struct connection c = {.http = wt_http_new(&c.arena)};
        size_t dropped;
        say(&c, WT_SERVER, S_CONTROL, "\0\4\5\1\x84\0\0\0", 8); /* 64 MB */
        say(&c, WT_CLIENT, C_ENCODER, "\2\x3f\xe1\xff\xff\x1f", 6);
        for (size_t i = 0; i < (more ? 65536 : 2048); i++)
            say(&c, WT_CLIENT, C_ENCODER, "\x41y\1z", 4);
        ask(&c, 0, true);
        assert_true(wt_http_bytes(c.http) < WT_LIMIT_QPACK_MEMORY + 65536);
        assert_int_equal(wt_http_stopped(c.http, WT_CLIENT), more ? WT_HTTP_STOP_MEMORY : WT_HTTP_STOP_NONE);
        assert_int_equal(listed(&c, &dropped), !more);
        close_connection(&c);
    }
    /* a string that would be longer than all of it */
    struct connection c;
    open_connection(&c);
    say(&c, WT_CLIENT, C_ENCODER, "\x3f\xe1\xff\3\x5f\xff\xff\xff\x7f", 9);
    assert_int_not_equal(wt_http_stopped(c.http, WT_CLIENT), WT_HTTP_STOP_NONE);
    close_connection(&c);
}

/* Whichever of an entry's blocks is the one that is refused, nothing of it is freed twice. */
static void test_table_memory_ends_anywhere(void **state)
{
    (void)state;
    for (uint8_t first = 0; first < 120; first += 8) {
        struct connection c = {.http = wt_http_new(&c.arena)};
        uint8_t entry[4 + 120] = {0x41, 'y', first};
        say(&c, WT_SERVER, S_CONTROL, "\0\4\5\1\x84\0\0\0", 8); /* 64 MB */
        say(&c, WT_CLIENT, C_ENCODER, "\2\x3f\xe1\xff\xff\x1f", 6);
        say(&c, WT_CLIENT, C_ENCODER, entry, 3 + (size_t)first);
        for (size_t i = 0; i < 100000 && wt_http_stopped(c.http, WT_CLIENT) == WT_HTTP_STOP_NONE; i++)
            say(&c, WT_CLIENT, C_ENCODER, "\x41y\1z", 4);
        assert_int_equal(wt_http_stopped(c.http, WT_CLIENT), WT_HTTP_STOP_MEMORY);
        close_connection(&c);
    }
}

/* One packet's worth of the smallest frames, many times: what stays does not grow. */
static void test_nothing_stays(void **state)
{
    struct connection c;
    size_t dropped;
    (void)state;
    open_connection(&c);
    for (uint64_t i = 0; i < 2 * WT_LIMIT_EXCHANGES; i++)
        ask(&c, 4 * i, true), answer(&c, 4 * i);
    (void)listed(&c, &dropped);
    const size_t before = mallinfo2().uordblks;
    for (uint64_t i = 2 * WT_LIMIT_EXCHANGES; i < 4 * WT_LIMIT_EXCHANGES; i++)
        ask(&c, 4 * i, true), answer(&c, 4 * i);
    assert_true(mallinfo2().uordblks <= before);
    close_connection(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exchanges),
        cmocka_unit_test(test_open_streams),
        cmocka_unit_test(test_long_section),
        cmocka_unit_test(test_blocked),
        cmocka_unit_test(test_held),
        cmocka_unit_test(test_table_memory),
        cmocka_unit_test(test_table_memory_ends_anywhere),
        cmocka_unit_test(test_nothing_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
