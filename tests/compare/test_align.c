/* Captures that begin at other places of a connection, laid over each other. */
#include "places.h"

static void late(struct places *s, unsigned place, size_t from)
{
    for (size_t i = 0; i < from; i++)
        s->at[place].list[i].absent = true;
}

static void test_late(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    late(&s, 1, CLIENT_HELLO);
    compare(&t, &s);
    assert_int_equal(t.connections, 1);
    assert_int_equal(t.c.match, WT_MATCH_RANDOMS);
    assert_string_equal(t.ids, ""); /* no byte of a stream is wanting */
    end(&s);
    begin(&s);
    talk(&s);
    late(&s, 1, CLIENT_FLIGHT);
    compare(&t, &s);
    assert_int_equal(t.c.match, WT_MATCH_ENDS);
    for (size_t i = 0; i < t.count; i++) {
        assert_string_equal(t.differences[i].id, "capture-shorter");
        assert_int_equal(t.differences[i].severity, WT_NOTICE);
    }
    assert_int_equal(t.count, 2);
    compare_as(&t, &s, 1);
    assert_string_equal(t.ids, "capture-shorter capture-shorter ");
    end(&s);
}

/* A firewall changes the numbers, and the SYNs that would show it are not in the capture. */
static void test_late_and_renumbered(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    late(&s, 1, CLIENT_FLIGHT);
    s.at[1].shift[WT_CLIENT] = 0x60000000;
    s.at[1].shift[WT_SERVER] = 5000; /* near: by the numbers alone these would be other bytes */
    compare(&t, &s);
    assert_false(t.c.unaligned[0] || t.c.unaligned[1]);
    assert_string_equal(t.ids, "sequence-rewritten sequence-rewritten capture-shorter capture-shorter ");
    s.at[1].list[REQUEST].bytes[100] ^= 0xff; /* they are compared */
    compare(&t, &s);
    assert_int_equal(t.differences[only_one(&t, "bytes-changed")].length, 1);
    end(&s);
}

static void test_nothing_in_common(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    late(&s, 1, REQUEST);
    s.at[1].shift[WT_CLIENT] = 0x60000000;
    for (size_t i = CLIENT_HELLO; i < s.at[1].n; i++)
        if (s.at[1].list[i].side == WT_CLIENT)
            noise(&s, s.at[1].list[i].bytes, s.at[1].list[i].n);
    compare(&t, &s);
    assert_true(t.c.unaligned[WT_CLIENT]);
    assert_false(t.c.unaligned[WT_SERVER]);
    assert_non_null(strstr(t.text, "The client's stream was not compared"));
    assert_non_null(strstr(t.json, "\"not_aligned\":[\"client\"]"));
    end(&s);
}

/* Who is the client is known by the other capture, also behind a translator of its port. */
static void test_client_by_the_other(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    late(&s, 1, SERVER_FINISHED);
    compare(&t, &s);
    assert_int_equal(t.c.seen[1].client.port, 40000);
    assert_int_equal(t.c.seen[1].server.port, 443);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_late),
        cmocka_unit_test(test_late_and_renumbered),
        cmocka_unit_test(test_nothing_in_common),
        cmocka_unit_test(test_client_by_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
