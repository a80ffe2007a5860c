/* HTTP/2: what is bounded. */
#include "registry/limits.h"
#include "script.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void feed(struct wt_http *h, enum wt_side side, const void *bytes, size_t n)
{
    wt_http_feed(h, side, (struct wt_span){bytes, n}, 1, (struct wt_time){1000, 9});
}

/* A request of the static table's fields alone, and its answer. */
static void ask(struct wt_http *h, uint32_t stream)
{
    uint8_t frame_[] = "\0\0\3\1\5\0\0\0\0\x82\x84\x87";
    frame_[5] = (uint8_t)(stream >> 24), frame_[6] = (uint8_t)(stream >> 16), frame_[7] = (uint8_t)(stream >> 8);
    frame_[8] = (uint8_t)stream;
    feed(h, WT_CLIENT, frame_, sizeof frame_ - 1);
}

static void answer(struct wt_http *h, uint32_t stream)
{
    uint8_t frame_[] = "\0\0\1\1\5\0\0\0\0\x88";
    frame_[5] = (uint8_t)(stream >> 24), frame_[6] = (uint8_t)(stream >> 16), frame_[7] = (uint8_t)(stream >> 8);
    frame_[8] = (uint8_t)stream;
    feed(h, WT_SERVER, frame_, sizeof frame_ - 1);
}

static void reset(struct wt_http *h, uint32_t stream)
{
    uint8_t frame_[] = "\0\0\4\3\0\0\0\0\0\0\0\0\10";
    frame_[5] = (uint8_t)(stream >> 24), frame_[6] = (uint8_t)(stream >> 16), frame_[7] = (uint8_t)(stream >> 8);
    frame_[8] = (uint8_t)stream;
    feed(h, WT_CLIENT, frame_, sizeof frame_ - 1);
}

static void test_limits(void **state)
{
    struct wt_arena arena = {0};
    size_t count, dropped;
    (void)state;
    /* More exchanges than are kept, each over at once. */
    struct wt_http *h = wt_http_new(&arena);
    feed(h, WT_CLIENT, PREFACE "\0\0\0\4\0\0\0\0\0", 33);
    feed(h, WT_SERVER, "\0\0\0\4\0\0\0\0\0", 9);
    for (uint32_t i = 0; i < WT_LIMIT_EXCHANGES + 100; i++) {
        ask(h, 2 * i + 1);
        answer(h, 2 * i + 1);
    }
    const struct wt_exchange *x = wt_http_exchanges(h, &count, &dropped);
    assert_int_equal(count, WT_LIMIT_EXCHANGES);
    assert_int_equal(dropped, 100);
    for (size_t i = 0; i < count; i++)
        assert_true(x[i].stream == 2 * i + 1 && x[i].status == 200 && x[i].path.n == 1);
    wt_http_free(h);
    wt_arena_free(&arena);
    /* More at once than are followed: those that were reset make room, the others do not. */
    h = wt_http_new(&arena);
    feed(h, WT_CLIENT, PREFACE "\0\0\0\4\0\0\0\0\0", 33);
    feed(h, WT_SERVER, "\0\0\0\4\0\0\0\0\0", 9);
    for (uint32_t i = 0; i < WT_LIMIT_HTTP_STREAMS + 100; i++) {
        ask(h, 2 * i + 1);
        if (i < 60)
            reset(h, 2 * i + 1);
    }
    assert_non_null(wt_http_exchanges(h, &count, &dropped));
    assert_int_equal(count, WT_LIMIT_HTTP_STREAMS + 60);
    assert_int_equal(dropped, 40);
    wt_http_free(h);
    wt_arena_free(&arena);
    /* Server first: nothing is counted twice. */
    h = wt_http_new(&arena);
    feed(h, WT_CLIENT, PREFACE "\0\0\0\4\0\0\0\0\0", 33);
    feed(h, WT_SERVER, "\0\0\0\4\0\0\0\0\0", 9);
    for (uint32_t i = 0; i < WT_LIMIT_EXCHANGES + 100; i++) {
        answer(h, 2 * i + 1);
        ask(h, 2 * i + 1);
    }
    assert_non_null(wt_http_exchanges(h, &count, &dropped));
    assert_int_equal(count, WT_LIMIT_EXCHANGES);
    assert_int_equal(dropped, 100);
    wt_http_free(h);
    wt_arena_free(&arena);
}

/* Large bodies are counted, not looked at: 16 MiB frames without end, and one header block in a flood of
 * CONTINUATIONs, which costs no memory. */
static void test_huge(void **state)
{
    struct wt_arena arena = {.limit = 65536};
    static uint8_t zeros[1 << 20];
    size_t count, dropped;
    (void)state;
    struct wt_http *h = wt_http_new(&arena);
    feed(h, WT_CLIENT, PREFACE "\0\0\0\4\0\0\0\0\0", 33);
    feed(h, WT_SERVER, "\0\0\0\4\0\0\0\0\0", 9);
    ask(h, 1);
    feed(h, WT_SERVER, "\0\0\1\1\4\0\0\0\1\x88", 10);
    for (int i = 0; i < 1000; i++) {
        feed(h, WT_SERVER, "\xff\xff\xff\0\0\0\0\0\1", 9);
        for (int k = 0; k < 15; k++)
            feed(h, WT_SERVER, zeros, sizeof zeros);
        feed(h, WT_SERVER, zeros, sizeof zeros - 1);
    }
    feed(h, WT_CLIENT, "\0\0\1\1\1\0\0\0\3\x82", 10);
    for (int i = 0; i < 200000; i++) /* a literal without indexing: "x: y" */
        feed(h, WT_CLIENT, "\0\0\5\11\0\0\0\0\3\0\1x\1y", 14);
    feed(h, WT_CLIENT, "\0\0\1\11\4\0\0\0\3\x84", 10);
    const struct wt_exchange *x = wt_http_exchanges(h, &count, &dropped);
    assert_int_equal(count, 2);
    assert_int_equal(x[0].response_body, 1000ull * 0xffffff);
    assert_int_equal(x[1].path.n, 1);
    assert_false(arena.refused);
    wt_http_free(h);
    wt_arena_free(&arena);
}

/* Both sides have said their first words. */
static struct wt_http *greeted(struct wt_arena *arena)
{
    struct wt_http *h = wt_http_new(arena);
    assert_non_null(h);
    feed(h, WT_CLIENT, PREFACE "\0\0\0\4\0\0\0\0\0", 33);
    feed(h, WT_SERVER, "\0\0\0\4\0\0\0\0\0", 9);
    return h;
}

/* Bytes on the heap; 0 where a sanitizer keeps it. */
static size_t heap(void)
{
    return mallinfo2().uordblks;
}

enum { ENTRY = 60000, MEBIBYTE = 1 << 20 };

/* A request whose path of ENTRY bytes goes into the client's table: from here on one byte names it. */
static void enter_path(struct wt_http *h)
{
    static uint8_t block[ENTRY + 32];
    /* RFC 7541, 6.3: the table may hold 262,144 bytes; 6.2.1 and 5.1: the path, and its length */
    static const uint8_t begin[] = {0x3f, 0xe1, 0xff, 0x0f, 0x82, 0x87, 0x44, 0x7f, 0xe1, 0xd3, 0x03};
    const size_t n = sizeof begin + ENTRY;
    memcpy(block, begin, sizeof begin);
    memset(block + sizeof begin, 'a', ENTRY);
    block[sizeof begin] = '/';
    const uint8_t head[] = {(uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n, 1, 5, 0, 0, 0, 1};
    feed(h, WT_CLIENT, head, sizeof head);
    feed(h, WT_CLIENT, block, n);
    assert_int_equal(wt_http_stopped(h, WT_CLIENT), WT_HTTP_STOP_NONE);
}

/* A header block of 16 MiB, each byte of which stands for 60,000. */
static void test_hpack_bomb(void **state)
{
    struct wt_arena arena = {0};
    static uint8_t bomb[MEBIBYTE];
    size_t count, dropped, before = heap();
    (void)state;
    memset(bomb, 0xbe, sizeof bomb);
    struct wt_http *h = greeted(&arena);
    enter_path(h);
    feed(h, WT_CLIENT, "\0\0\2\1\1\0\0\0\3\x82\x87", 11);
    for (int i = 0; i < 16; i++) {
        feed(h, WT_CLIENT, "\x10\0\0\11\0\0\0\0\3", 9);
        feed(h, WT_CLIENT, bomb, sizeof bomb);
    }
    feed(h, WT_CLIENT, "\0\0\0\11\4\0\0\0\3", 9);
    assert_int_equal(wt_http_stopped(h, WT_CLIENT), WT_HTTP_STOP_NONE);
    const struct wt_exchange *x = wt_http_exchanges(h, &count, &dropped);
    assert_int_equal(count, 2);
    assert_int_equal(x[0].path.n, WT_LIMIT_HTTP_TARGET);
    assert_int_equal(x[1].path.n, WT_LIMIT_HTTP_TARGET);
    assert_in_range(arena.used, 1, 4 * WT_LIMIT_HTTP_TARGET);
    assert_in_range(heap() - before, 0, MEBIBYTE);
    wt_http_free(h);
    wt_arena_free(&arena);
    /* one request of a byte after the other: what is kept of them has the arena's bound */
    arena = (struct wt_arena){.limit = MEBIBYTE};
    h = greeted(&arena);
    enter_path(h);
    for (uint32_t i = 1; i < 2 * WT_LIMIT_EXCHANGES; i++) {
        uint8_t request[] = "\0\0\3\1\5\0\0\0\0\x82\x87\xbe";
        request[6] = (uint8_t)(2 * i >> 16), request[7] = (uint8_t)(2 * i >> 8), request[8] = (uint8_t)(2 * i + 1);
        feed(h, WT_CLIENT, request, sizeof request - 1);
        answer(h, 2 * i + 1);
    }
    assert_non_null(wt_http_exchanges(h, &count, &dropped));
    assert_true(arena.refused);
    assert_in_range(arena.used, 1, MEBIBYTE);
    assert_int_equal(count + dropped, 2 * WT_LIMIT_EXCHANGES);
    wt_http_free(h);
    wt_arena_free(&arena);
}

/* RFC 7541, 4.4: a new entry evicts older ones: a flood of the smallest costs no more than a full table does. */
static void test_table_flood(void **state)
{
    struct wt_arena arena = {0};
    static uint8_t flood[4 * 8192];
    size_t before = heap(), count, dropped;
    (void)state;
    for (size_t i = 0; i < sizeof flood; i += 4) /* RFC 7541, 6.2.1: "a" without a value, 33 bytes of the table */
        memcpy(flood + i, "\x40\1a\0", 4);
    struct wt_http *h = greeted(&arena);
    enter_path(h);
    feed(h, WT_CLIENT, "\0\0\2\1\1\0\0\0\3\x82\x84", 11);
    for (int i = 0; i < 64; i++) {
        feed(h, WT_CLIENT, "\0\x80\0\11\0\0\0\0\3", 9);
        feed(h, WT_CLIENT, flood, sizeof flood);
    }
    feed(h, WT_CLIENT, "\0\0\0\11\4\0\0\0\3", 9);
    assert_int_equal(wt_http_stopped(h, WT_CLIENT), WT_HTTP_STOP_NONE);
    assert_non_null(wt_http_exchanges(h, &count, &dropped));
    assert_int_equal(count, 2);
    assert_in_range(heap() - before, 0, 4 * MEBIBYTE);
    wt_http_free(h);
    wt_arena_free(&arena);
}

/* SETTINGS that change with each frame, and a table size over the bound, which RFC 7541, 6.3 makes an error: "The new
 * maximum size MUST be lower than or equal to the limit determined by the protocol using HPACK." */
static void test_settings_flood(void **state)
{
    struct wt_arena arena = {0};
    size_t before, count, dropped;
    (void)state;
    struct wt_http *h = greeted(&arena);
    ask(h, 1);
    before = heap();
    for (uint32_t i = 0; i < 200000; i++) {
        uint8_t settings[] = "\0\0\6\4\0\0\0\0\0\0\1\0\0\0\0";
        settings[11] = (uint8_t)(i << 6), settings[12] = (uint8_t)i;
        feed(h, i & 1 ? WT_SERVER : WT_CLIENT, settings, sizeof settings - 1);
    }
    assert_in_range(heap() - before, 0, 4096);
    answer(h, 1);
    const struct wt_exchange *x = wt_http_exchanges(h, &count, &dropped);
    assert_int_equal(count, 1);
    assert_int_equal(x[0].status, 200);
    feed(h, WT_CLIENT, "\0\0\7\1\5\0\0\0\3\x3f\xe1\xff\x1f\x82\x84\x87", 16); /* 524,288 */
    assert_int_equal(wt_http_stopped(h, WT_CLIENT), WT_HTTP_STOP_HPACK);
    wt_http_free(h);
    wt_arena_free(&arena);
}

/* Requests that are reset at once (CVE-2023-44487): all are counted, none but the first are kept, and each costs the
 * same although the table of streams is full. */
static void test_reset_flood(void **state)
{
    struct wt_arena arena = {0};
    size_t count, dropped, before;
    (void)state;
    struct wt_http *h = greeted(&arena);
    before = heap();
    for (uint32_t i = 0; i < 1000000; i++) {
        ask(h, 2 * i + 1);
        if (i >= WT_LIMIT_HTTP_STREAMS - 1) /* all places but one are taken for good */
            reset(h, 2 * i + 1);
    }
    const struct wt_exchange *x = wt_http_exchanges(h, &count, &dropped);
    assert_int_equal(count, WT_LIMIT_EXCHANGES);
    assert_int_equal(dropped, 1000000 - WT_LIMIT_EXCHANGES);
    assert_false(x[0].reset);
    assert_true(x[count - 1].reset);
    assert_in_range(heap() - before, 0, 4 * MEBIBYTE);
    wt_http_free(h);
    wt_arena_free(&arena);
}

/* Of streams that were reset the oldest makes room: what was on its way when the others were reset still counts. */
static void test_reset_makes_room(void **state)
{
    struct wt_arena arena = {0};
    size_t count, dropped;
    (void)state;
    struct wt_http *h = greeted(&arena);
    for (uint32_t i = 0; i < WT_LIMIT_HTTP_STREAMS; i++)
        ask(h, 2 * i + 1);
    for (uint32_t i = WT_LIMIT_HTTP_STREAMS; i-- > 0;)
        reset(h, 2 * i + 1);
    ask(h, 2 * WT_LIMIT_HTTP_STREAMS + 1);
    for (uint32_t i = 0; i <= WT_LIMIT_HTTP_STREAMS; i++)
        answer(h, 2 * i + 1);
    const struct wt_exchange *x = wt_http_exchanges(h, &count, &dropped);
    assert_int_equal(count, WT_LIMIT_HTTP_STREAMS + 1);
    assert_int_equal(dropped, 0);
    for (uint32_t i = 0; i <= WT_LIMIT_HTTP_STREAMS; i++)
        assert_int_equal(x[i].status, i == WT_LIMIT_HTTP_STREAMS - 1 ? 0 : 200);
    wt_http_free(h);
    wt_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits),           cmocka_unit_test(test_huge),
        cmocka_unit_test(test_hpack_bomb),       cmocka_unit_test(test_table_flood),
        cmocka_unit_test(test_settings_flood),   cmocka_unit_test(test_reset_flood),
        cmocka_unit_test(test_reset_makes_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
