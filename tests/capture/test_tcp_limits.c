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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_start_far_back, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
