/* Segments that one capture alone saw: resets, FINs, what was sent twice or cut otherwise. */
#include "places.h"

/* A reset in the server's name, amid the connection, at `places`. */
static size_t reset_amid(struct places *s, unsigned places, unsigned side, uint8_t ttl)
{
    size_t at = send_to(s, places, side, WT_TCP_RST, NULL, 0);
    for (unsigned k = 0; k < 2; k++)
        if (ttl)
            s->at[k].list[at].ttl = ttl;
    return at;
}

static void test_reset_injected(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    open_tcp(&s);
    shake(&s);
    size_t at = reset_amid(&s, A, WT_SERVER, 0);
    send_data(&s, WT_SERVER, 300);
    compare(&t, &s);
    int d = only_one(&t, "reset-injected");
    assert_int_equal(t.differences[d].from, WT_SERVER);
    assert_int_equal(t.differences[d].frame[0], at + 1);
    assert_int_equal(t.differences[d].frame[1], 0);
    assert_false(t.differences[d].probable);
    assert_null(strstr(t.differences[d].text, "TTL"));
    s.at[0].list[at].ttl = 47; /* its way was another one */
    compare(&t, &s);
    d = only_one(&t, "reset-injected");
    assert_non_null(strstr(t.differences[d].text, "Its TTL is 47, while the server's other segments have 61."));
    s.at[1].list[at].absent = false; /* near miss: the server did send it */
    compare(&t, &s);
    assert_string_equal(t.ids, "");
    end(&s);
}

static void test_reset_lost(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    open_tcp(&s);
    shake(&s);
    reset_amid(&s, A, WT_CLIENT, 0);
    send_data(&s, WT_SERVER, 300);
    compare(&t, &s);
    assert_string_equal(t.ids, "reset-lost ");
    assert_int_equal(t.differences[0].severity, WT_WARNING);
    end(&s);
}

static void test_reset_both_ways(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    open_tcp(&s);
    shake(&s);
    reset_amid(&s, A, WT_SERVER, 0);
    reset_amid(&s, B, WT_CLIENT, 0);
    send_data(&s, WT_SERVER, 300);
    send_data(&s, WT_CLIENT, 300);
    compare(&t, &s);
    assert_string_equal(t.ids, "reset-both-ways reset-injected reset-injected ");
    end(&s);
}

/* A reset that came when the other capture had ended may have passed it. */
static void test_reset_after_the_end(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    open_tcp(&s);
    shake(&s);
    s.now += 60000ll * MS;
    reset_amid(&s, A, WT_SERVER, 0);
    compare(&t, &s);
    assert_string_equal(t.ids, "reset-injected ");
    assert_true(t.differences[0].probable);
    end(&s);
}

static void test_fins(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    s.at[0].list[FINS + 1].absent = true; /* the server's came to nobody */
    compare(&t, &s);
    assert_string_equal(t.ids, "fin-lost ");
    assert_true(t.differences[0].probable);
    s.at[0].list[FINS + 1].absent = false;
    s.at[1].list[FINS + 1].absent = true; /* it never left */
    compare(&t, &s);
    assert_string_equal(t.ids, "fin-injected ");
    assert_int_equal(t.differences[0].frame[0], FINS + 2);
    end(&s);
}

/* A capture that missed the FIN has what stands behind it. */
static void test_fin_missed(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    s.at[1].list[FINS + 1].absent = true;
    send_both(&s, WT_SERVER, WT_TCP_ACK, NULL, 0);
    compare(&t, &s);
    assert_string_equal(t.ids, "");
    end(&s);
}

/* The network lost it on the way, and it was sent again. */
static void test_sent_again(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    open_tcp(&s);
    shake(&s);
    uint32_t next = s.next[WT_CLIENT];
    size_t lost = send_data(&s, WT_CLIENT, 300);
    s.next[WT_CLIENT] = next;
    size_t again = send_to(&s, BOTH, WT_CLIENT, WT_TCP_ACK, s.at[0].list[lost].bytes, 300);
    s.at[1].list[lost].absent = true;
    close_tcp(&s);
    compare(&t, &s);
    assert_string_equal(t.ids, "segments-lost ");
    assert_true(t.differences[0].probable);
    s.at[1].list[lost].absent = false; /* near miss: both saw both; the loss was elsewhere */
    compare(&t, &s);
    assert_string_equal(t.ids, "");
    s.at[0].list[again].absent = true;
    compare(&t, &s);
    assert_string_equal(t.ids, "segments-doubled ");
    end(&s);
}

/* The same bytes in other segments, as a network card or a proxy cuts them. */
static void test_resized(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    open_tcp(&s);
    shake(&s);
    uint32_t next = s.next[WT_SERVER];
    size_t whole = send_data(&s, WT_SERVER, 900);
    s.at[1].list[whole].absent = true;
    s.next[WT_SERVER] = next;
    send_to(&s, B, WT_SERVER, WT_TCP_ACK, s.at[0].list[whole].bytes, 400);
    send_to(&s, B, WT_SERVER, WT_TCP_ACK, s.at[0].list[whole].bytes + 400, 500);
    compare(&t, &s);
    assert_string_equal(t.ids, "segments-resized ");
    assert_int_equal(t.differences[0].severity, WT_NOTICE);
    assert_int_equal(t.differences[0].from, WT_SERVER);
    end(&s);
}

/* A link takes smaller packets only, and says so to nobody. */
static void test_too_large(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        begin(&s);
        open_tcp(&s);
        shake(&s);
        send_data(&s, WT_SERVER, i == 1 ? 1400 : 100); /* near miss: as large a one came through */
        uint32_t acknowledged = s.next[WT_SERVER];
        size_t lost = send_data(&s, WT_SERVER, 1400);
        s.next[WT_SERVER] = acknowledged;
        size_t again = send_to(&s, B, WT_SERVER, WT_TCP_ACK, s.at[0].list[lost].bytes, 1400);
        s.at[0].list[lost].absent = true;
        if (i == 2) /* near miss: one alone may be lost by chance */
            s.at[1].list[again].absent = true;
        size_t last = send_data(&s, WT_CLIENT, 50);
        for (unsigned k = 0; k < 2; k++)
            s.at[k].list[last].ack = acknowledged;
        compare(&t, &s);
        (void)only_one(&t, "bytes-lost");
        assert_true((strstr(t.ids, "mtu-suspected") != NULL) == (i == 0));
        if (i == 0) {
            int d = only_one(&t, "mtu-suspected");
            assert_true(t.differences[d].probable);
            assert_non_null(strstr(t.differences[d].text, "of 1400 bytes or more were lost between B and A (2 "));
        }
        end(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reset_injected),
        cmocka_unit_test(test_reset_lost),
        cmocka_unit_test(test_reset_both_ways),
        cmocka_unit_test(test_reset_after_the_end),
        cmocka_unit_test(test_fins),
        cmocka_unit_test(test_fin_missed),
        cmocka_unit_test(test_sent_again),
        cmocka_unit_test(test_resized),
        cmocka_unit_test(test_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
