/* Bytes that are not the same, and bytes that one capture alone has. */
#include "places.h"

static void test_changed(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    s.at[1].list[ANSWER].bytes[500] ^= 1;
    s.at[1].list[ANSWER].bytes[510] ^= 1; /* one run with the one before */
    s.at[1].list[ANSWER].bytes[900] ^= 1;
    compare(&t, &s);
    assert_string_equal(t.ids, "bytes-changed bytes-changed ");
    uint64_t before = s.at[0].list[ANSWER].seq - s.at[0].list[SYN_ACK].seq - 1;
    assert_int_equal(t.differences[0].offset, before + 500);
    assert_int_equal(t.differences[0].length, 11);
    assert_int_equal(t.differences[1].offset, before + 900);
    assert_int_equal(t.differences[0].from, WT_SERVER);
    assert_int_equal(t.differences[0].frame[0], ANSWER + 1);
    end(&s);
}

static void test_many_changed(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    for (size_t i = 0; i < WT_LIMIT_COMPARE_RUNS; i++)
        s.at[1].list[ANSWER].bytes[40 + 50 * i] ^= 1;
    compare(&t, &s);
    assert_int_equal(t.count, WT_LIMIT_COMPARE_RUNS);
    assert_null(strstr(t.text, "places after these"));
    for (size_t i = WT_LIMIT_COMPARE_RUNS; i < WT_LIMIT_COMPARE_RUNS + 12; i++)
        s.at[1].list[ANSWER].bytes[40 + 50 * i] ^= 1;
    compare(&t, &s);
    assert_int_equal(t.count, WT_LIMIT_COMPARE_RUNS + 1); /* and that there are more */
    assert_non_null(strstr(t.differences[WT_LIMIT_COMPARE_RUNS].text, "12 places after these"));
    end(&s);
}

static void test_replaced(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        static const struct {
            size_t less, more;
        } cases[] = {{10, 0}, {0, 10}, {4, 60}};
        uint8_t put_in[64];
        begin(&s);
        talk(&s);
        noise(&s, put_in, sizeof put_in);
        rewrite(&s, 1, ANSWER, 500, cases[i].less, put_in, cases[i].more);
        compare(&t, &s);
        int d = only_one(&t, "bytes-replaced");
        uint64_t before = s.at[0].list[ANSWER].seq - s.at[0].list[SYN_ACK].seq - 1;
        /* a byte that happens to be the same may move the borders */
        assert_in_range(t.differences[d].offset, before + 500, before + 503);
        assert_null(strstr(t.ids, "bytes-lost"));
        assert_null(strstr(t.ids, "bytes-injected"));
        assert_null(strstr(t.ids, "bytes-changed"));
        end(&s);
    }
}

/* Near miss: bytes are changed in their place, and one capture ends before the other. Nothing was put in. */
static void test_not_replaced(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    s.at[1].list[CLIENT_HELLO].bytes[20] ^= 1;
    for (size_t i = REQUEST; i < s.at[1].n; i++)
        s.at[1].list[i].absent = true;
    compare(&t, &s);
    assert_null(strstr(t.ids, "bytes-replaced"));
    (void)only_one(&t, "bytes-changed");
    assert_non_null(strstr(t.ids, "capture-shorter"));
    end(&s);
}

/* What passed the first place and was acknowledged by nobody is lost. */
static void test_lost(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    for (unsigned acknowledged = 0; acknowledged < 2; acknowledged++) {
        begin(&s);
        open_tcp(&s);
        shake(&s);
        send_data(&s, WT_CLIENT, 300);
        send_data(&s, WT_SERVER, 200);
        size_t from = s.at[1].n;
        send_data(&s, WT_CLIENT, 700);
        uint32_t ack = s.next[WT_CLIENT];
        send_both(&s, WT_SERVER, WT_TCP_ACK, NULL, 0);
        for (unsigned k = 0; k < 2; k++)
            s.at[k].list[from + 1].ack = acknowledged ? ack : ack - 700;
        s.at[1].list[from].absent = true;
        compare(&t, &s);
        assert_string_equal(t.ids, acknowledged ? "capture-missed-bytes " : "bytes-lost ");
        assert_int_equal(t.differences[0].length, 700);
        assert_int_equal(t.differences[0].from, WT_CLIENT);
        assert_int_equal(t.differences[0].frame[0], from + 1);
        assert_int_equal(t.differences[0].frame[1], 0);
        assert_int_equal(t.differences[0].probable, acknowledged);
        end(&s);
    }
}

/* Later bytes came: the capture may have missed these, unless they were sent again, and again did not come. */
static void test_lost_or_missed(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    for (unsigned again = 0; again < 2; again++) {
        begin(&s);
        open_tcp(&s);
        shake(&s);
        uint32_t before = s.next[WT_CLIENT];
        size_t lost = send_data(&s, WT_CLIENT, 400);
        uint32_t behind = s.next[WT_CLIENT];
        if (again) {
            s.next[WT_CLIENT] = before;
            send_to(&s, A, WT_CLIENT, WT_TCP_ACK, s.at[0].list[lost].bytes, 400);
        }
        s.next[WT_CLIENT] = behind;
        send_data(&s, WT_CLIENT, 50);
        s.next[WT_CLIENT] = before; /* for what the server acknowledges */
        send_both(&s, WT_SERVER, WT_TCP_ACK, NULL, 0);
        s.at[1].list[lost].absent = true;
        compare(&t, &s);
        assert_string_equal(t.ids, "bytes-lost ");
        assert_int_equal(t.differences[0].probable, !again);
        end(&s);
    }
}

/* The server's own place lacks its last bytes; that it sent them is shown by the number of its next segment. */
static void test_missed_at_the_end(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    for (unsigned shown = 0; shown < 2; shown++) {
        begin(&s);
        open_tcp(&s);
        shake(&s);
        send_data(&s, WT_SERVER, 200);
        uint32_t before = s.next[WT_SERVER];
        size_t last = send_data(&s, WT_SERVER, 300);
        s.at[1].list[last].absent = true;
        if (!shown)
            s.next[WT_SERVER] = before;
        send_both(&s, WT_SERVER, WT_TCP_ACK, NULL, 0);
        compare(&t, &s);
        assert_string_equal(t.ids, shown ? "capture-missed-bytes " : "bytes-injected ");
        end(&s);
    }
}

static void test_missed(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    s.at[1].list[ANSWER].absent = true; /* the server's own place did not see it, and the client has it */
    compare(&t, &s);
    assert_string_equal(t.ids, "capture-missed-bytes ");
    assert_non_null(strstr(t.differences[0].text, "are missing from capture B"));
    end(&s);
}

/* One capture misses every other segment: of those so many are told, and of any more that there are some. */
static void test_many_missed(void **state)
{
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        struct places s;
        struct told t;
        begin(&s);
        open_tcp(&s);
        shake(&s);
        for (unsigned i = 0; i < WT_LIMIT_COMPARE_LONE + more; i++) {
            s.at[1].list[send_data(&s, WT_SERVER, 20)].absent = true;
            (void)send_data(&s, WT_SERVER, 20);
        }
        compare(&t, &s);
        assert_int_equal(t.count, WT_LIMIT_COMPARE_LONE);
        assert_int_equal(t.c.cut, more);
        for (size_t i = 0; i < t.count; i++)
            assert_string_equal(t.differences[i].id, "capture-missed-bytes");
        end(&s);
    }
}

/* Behind the server's FIN its stream has no more bytes; somebody sent some in its name. */
static void test_injected(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    s.next[WT_SERVER]--; /* in place of the FIN */
    size_t at = send_data(&s, WT_SERVER, 90);
    s.at[1].list[at].absent = true;
    for (unsigned k = 0; k < 2; k++) /* while both run */
        s.at[k].list[at].ns = s.at[k].list[at - 1].ns - (k ? 0 : 2 * MS);
    compare(&t, &s);
    int d = only_one(&t, "bytes-injected");
    assert_false(t.differences[d].probable);
    assert_int_equal(t.differences[d].length, 90);
    assert_int_equal(t.differences[d].frame[0], at + 1);
    assert_non_null(strstr(t.differences[d].text, "in the name of the server"));
    end(&s);
}

static void test_shorter(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    for (size_t i = ANSWER; i < s.at[1].n; i++)
        s.at[1].list[i].absent = true;
    compare(&t, &s);
    for (size_t i = 0; i < t.count; i++)
        assert_int_equal(t.differences[i].severity != WT_ERROR, true);
    assert_string_equal(t.ids, "capture-shorter capture-shorter "); /* of the client's stream the FIN alone */
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changed),
        cmocka_unit_test(test_many_changed),
        cmocka_unit_test(test_replaced),
        cmocka_unit_test(test_lost_or_missed),
        cmocka_unit_test(test_missed_at_the_end),
        cmocka_unit_test(test_not_replaced),
        cmocka_unit_test(test_lost),
        cmocka_unit_test(test_missed),
        cmocka_unit_test(test_many_missed),
        cmocka_unit_test(test_injected),
        cmocka_unit_test(test_shorter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
