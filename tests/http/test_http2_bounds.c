/* HTTP/2: what is bounded. */
#include "registry/limits.h"
#include "script.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_huge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
