/* Limits of one direction of a TCP stream. */
#include "tcp_fixture.h"

#include "registry/limits.h"

/* So far the start of a stream without a SYN may move back. */
static void test_start_far_back(void **state)
{
    static char bytes[WT_LIMIT_TCP_REWIND + 2];
    memset(bytes, 'x', sizeof bytes - 1);
    for (unsigned more = 0; more < 2; more++) {
        struct fixture *f = *state;
        f->d = (struct wt_tcp_direction){0};
        data(f, 500000, "");
        bytes[WT_LIMIT_TCP_REWIND + more] = '\0';
        data(f, 500000 - WT_LIMIT_TCP_REWIND - more, bytes);
        assert_int_equal(f->d.base, more ? 499999 : 499999 - WT_LIMIT_TCP_REWIND);
        bytes[WT_LIMIT_TCP_REWIND + more] = 'x';
    }
}

/* Bytes of segments that wait after a hole, with what keeps them: up to the limit, and none over it. */
static void test_bytes_of_one(void **state)
{
    enum { PIECE = 10000 };
    for (unsigned more = 0; more < 2; more++) {
        struct fixture *f = *state;
        uint32_t at = 101; /* one is missing */
        segment(f, 99, WT_TCP_SYN, "", 0);
        bulk(f, at, PIECE);
        const uint64_t cost = f->totals.pending_bytes;
        for (at += PIECE; f->totals.pending_bytes + 2 * cost <= WT_LIMIT_TCP_PENDING; at += PIECE)
            bulk(f, at, PIECE);
        bulk(f, at, (uint32_t)(WT_LIMIT_TCP_PENDING - f->totals.pending_bytes - (cost - PIECE) + more));
        assert_int_equal(f->totals.limit_hits, more);
        assert_int_equal(f->totals.pending_bytes, more ? 0 : WT_LIMIT_TCP_PENDING);
        assert_int_equal(f->told.n > 6 && memcmp(f->told.p, "<1>xxx", 6) == 0, more);
        (void)end(state);
        (void)begin(state);
    }
}

/* The same of all streams together. */
static void test_bytes_of_all(void **state)
{
    uint64_t cost = 0;
    for (unsigned run = 0; run < 3; run++) {
        struct fixture *f = *state;
        const unsigned more = run == 2;
        const uint64_t others = run ? WT_LIMIT_TCP_PENDING_ALL - cost + more : 0;
        segment(f, 99, WT_TCP_SYN, "", 0);
        f->totals.pending_bytes = others;
        data(f, 101, "abc");
        if (!run)
            cost = f->totals.pending_bytes;
        assert_int_equal(f->totals.limit_hits, more);
        expect(f, more ? "<1>abc" : "");
        f->totals.pending_bytes -= others;
        (void)end(state);
        (void)begin(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_start_far_back, begin, end),
        cmocka_unit_test_setup_teardown(test_bytes_of_one, begin, end),
        cmocka_unit_test_setup_teardown(test_bytes_of_all, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
