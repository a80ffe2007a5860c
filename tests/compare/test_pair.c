/* What a pair is told as: addresses, options of TCP, the order of differences. */
#include "places.h"

static void test_translated(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    s.at[1].client_port = 61000;
    compare(&t, &s);
    assert_string_equal(t.ids, "address-translated ");
    assert_string_equal(t.differences[0].text, "The client is 192.0.2.10 port 40000 in A and 192.0.2.10 port 61000 in "
                                               "B: its address is translated between A and B (NAT).");
    assert_int_equal(t.differences[0].severity, WT_NOTICE);
    end(&s);
}

static void test_mss(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    s.at[1].list[SYN].mss = 1300;
    compare(&t, &s);
    assert_string_equal(t.ids, "mss-changed ");
    assert_int_equal(t.differences[0].from, WT_CLIENT);
    end(&s);
    begin(&s);
    talk(&s);
    s.at[1].list[SYN_ACK].mss = 0; /* the option was taken out */
    compare(&t, &s);
    assert_string_equal(t.ids, "mss-changed ");
    assert_int_equal(t.differences[0].from, WT_SERVER);
    end(&s);
}

static void test_sequence(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    s.at[1].shift[WT_SERVER] = 0x90000000;
    compare(&t, &s);
    assert_string_equal(t.ids, "sequence-rewritten ");
    assert_int_equal(t.differences[0].from, WT_SERVER);
    assert_non_null(strstr(t.differences[0].text, "500001 in A and 2416419105 in B"));
    end(&s);
}

/* A relay has two TCP connections; a firewall that hides the numbers has one. */
static void test_relayed(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        begin(&s);
        talk(&s);
        s.at[1].shift[WT_CLIENT] = 0x12345678;
        s.at[1].shift[WT_SERVER] = 0x90000000;
        s.at[1].client_port = 61000;
        s.at[1].list[SYN].mss = 1300;
        s.at[1].window_scale = i;
        compare(&t, &s);
        assert_string_equal(t.ids, i ? "tcp-ended-between "
                                     : "mss-changed sequence-rewritten sequence-rewritten address-translated ");
        s.at[1].list[REQUEST].absent = true; /* it took it, and did not pass it on */
        for (size_t k = REQUEST; k < s.at[1].n; k++) {
            if (s.at[1].list[k].side == WT_SERVER)
                s.at[1].list[k].ack = s.at[1].list[REQUEST].seq;
            else
                s.at[1].list[k].absent = true;
        }
        compare(&t, &s);
        assert_true((strstr(t.ids, "bytes-lost") != NULL) == (i == 1));
        assert_true((strstr(t.ids, "capture-missed-bytes") != NULL) == (i == 0));
        end(&s);
    }
}

/* What breaks a connection is told before what belongs to the places. */
static void test_order(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    s.at[1].client_port = 61000;
    s.at[1].list[SYN].mss = 1300;
    memcpy(s.at[1].list[CLIENT_HELLO].bytes + where_in(&s.at[1].list[CLIENT_HELLO], "example"), "EXAMPLE", 7);
    compare(&t, &s);
    assert_string_equal(t.ids, "message-rewritten field-changed bytes-changed mss-changed address-translated ");
    assert_non_null(strstr(t.json, "\"id\":\"message-rewritten\",\"severity\":\"error\",\"from\":\"client\""));
    end(&s);
}

/* A connection of one capture alone is told with what was seen of it. */
static void test_alone(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    s.at[1].n = 0;
    compare(&t, &s);
    assert_string_equal(t.ids, "connection-missing ");
    assert_true(t.c.seen[0].present && !t.c.seen[1].present);
    assert_null(strstr(t.text, "closer to the client"));
    assert_null(strstr(t.json, "matched_by"));
    compare_as(&t, &s, 1);
    assert_true(!t.c.seen[0].present && t.c.seen[1].present);
    for (size_t i = 0; i < 14; i++)
        free(s.at[1].list[i].bytes);
    s.at[1].n = 0;
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_translated), cmocka_unit_test(test_mss),   cmocka_unit_test(test_sequence),
        cmocka_unit_test(test_relayed),    cmocka_unit_test(test_order), cmocka_unit_test(test_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
