/* What is kept of a capture, and what its limits leave out. */
#include "places.h"

static void test_facts(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    compare(&t, &s);
    assert_int_equal(t.connections, 1);
    assert_string_equal(t.ids, "");
    assert_int_equal(t.c.match, WT_MATCH_RANDOMS);
    assert_false(t.c.cut);
    for (unsigned k = 0; k < 2; k++) {
        const struct wt_compare_seen *seen = &t.c.seen[k];
        assert_true(seen->present && seen->tls);
        assert_int_equal(seen->segments, s.at[k].n);
        assert_int_equal(seen->first_frame, 1);
        assert_int_equal(seen->last_frame, s.at[k].n);
        assert_int_equal(seen->mss[WT_CLIENT], 1460);
        assert_int_equal(seen->ttl[WT_CLIENT], k ? 61 : 64);
        assert_int_equal(seen->ttl[WT_SERVER], k ? 64 : 61);
        assert_int_equal(seen->client.port, 40000);
        assert_int_equal(seen->server.port, 443);
    }
    assert_int_equal(t.c.seen[0].bytes[WT_CLIENT], t.c.seen[1].bytes[WT_CLIENT]);
    assert_non_null(strstr(t.text, "No differences except timing."));
    assert_non_null(strstr(t.json, "\"matched_by\":\"randoms\""));
    end(&s);
}

/* A SYN with another number begins a connection of its own. */
static void test_same_ports_again(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    s.next[WT_CLIENT] += 100000;
    s.next[WT_SERVER] += 100000;
    open_tcp(&s);
    shake(&s);
    compare(&t, &s);
    assert_int_equal(t.connections, 2);
    assert_string_equal(t.ids, "");
    end(&s);
    /* near miss: the SYN that is sent again belongs to the one before */
    begin(&s);
    s.next[WT_CLIENT] = 1000;
    send_both(&s, WT_CLIENT, WT_TCP_SYN, NULL, 0);
    s.next[WT_CLIENT] = 1000;
    talk(&s);
    compare(&t, &s);
    assert_int_equal(t.connections, 1);
    end(&s);
}

static void test_snaplen(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    s.at[1].snaplen = 120;
    compare(&t, &s);
    assert_string_equal(t.ids, "capture-cut ");
    assert_int_equal(t.differences[0].severity, WT_NOTICE);
    assert_non_null(strstr(t.differences[0].text, "Capture B lacks"));
    assert_true(t.c.cut);
    s.at[0].snaplen = 120; /* both alike: nothing differs, and it says that not all was compared */
    compare(&t, &s);
    assert_string_equal(t.ids, "");
    assert_true(t.c.cut);
    assert_non_null(strstr(t.text, "No differences except timing in what could be compared."));
    /* what stands in the bytes that were kept is compared */
    s.at[1].list[CLIENT_HELLO].bytes[30] ^= 1;
    compare(&t, &s);
    assert_non_null(strstr(t.ids, "bytes-changed "));
    end(&s);
}

/* RFC 9293, 3.8.4: a keep-alive "may or may not contain one garbage octet of data", with a number that was
 * acknowledged. */
static void test_keep_alive(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    open_tcp(&s);
    shake(&s);
    size_t data = send_data(&s, WT_CLIENT, 300);
    send_data(&s, WT_SERVER, 100);
    s.next[WT_CLIENT]--;
    send_both(&s, WT_CLIENT, WT_TCP_ACK, "", 1);
    send_data(&s, WT_SERVER, 100);
    compare(&t, &s);
    assert_string_equal(t.ids, "");
    s.at[1].list[data].absent = true; /* the only byte there is the keep-alive's */
    compare(&t, &s);
    assert_string_equal(t.ids, "capture-missed-bytes ");
    assert_int_equal(t.differences[0].length, 300);
    end(&s);
}

/* As many ranges of a stream as are kept, and one more: bytes for which a capture has no room, another one in each
 * since they come in another order, are not taken for lost. */
static void test_ranges(void **state)
{
    (void)state;
    for (uint32_t more = 0; more < 2; more++) {
        struct wt_compare *c = wt_compare_new();
        struct places s;
        struct told t;
        struct place_seen one = {.n = 1, .client_ip = 0xc000020a, .client_port = 40000};
        const uint32_t apart = WT_LIMIT_COMPARE_RANGES - 1 + more; /* the handshake is one */
        uint8_t byte = 7;
        assert_non_null(c);
        memset(&t, 0, sizeof t);
        begin(&s);
        open_tcp(&s);
        shake(&s);
        for (unsigned k = 0; k < 2; k++) {
            feed(c, k, &s.at[k]);
            for (uint32_t i = 0; i < apart; i++) {
                const uint32_t at = 2 * (k ? apart - i : i + 1);
                one.list[0] = (struct passed){
                    .ns = s.now, .seq = s.next[0] + at, .flags = WT_TCP_ACK, .ttl = 64, .bytes = &byte, .n = 1};
                feed(c, k, &one);
            }
        }
        wt_compare_finish(c, on_compared, &t);
        assert_int_equal(t.connections, 1);
        assert_null(strstr(t.ids, "bytes"));
        assert_int_equal(t.c.cut, more);
        wt_compare_free(c);
        end(&s);
    }
}

/* Messages of a connection: the last one that is compared differs, where it is the last; one after it; and both. */
static void test_messages(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        const bool more = i > 0;
        struct places s;
        struct told t;
        struct flight f = {{0}};
        begin(&s);
        open_tcp(&s);
        client_hello(&f, (struct hello){.sni = "www.example.com"});
        send_flight(&s, WT_CLIENT, &f);
        server_hello(&f, (struct hello){0});
        for (unsigned k = 0; k < WT_LIMIT_COMPARE_MESSAGES - 3; k++)
            alert(&f, 1, WT_ALERT_NO_RENEGOTIATION);
        certificate(&f);
        const size_t last = f.b.n - 1;
        if (more)
            alert(&f, 1, WT_ALERT_NO_RENEGOTIATION);
        struct passed *p = &s.at[1].list[send_flight(&s, WT_SERVER, &f)];
        p->bytes[p->n - 1] ^= 1;
        p->bytes[last] ^= i == 2;
        compare(&t, &s);
        assert_int_equal(t.c.cut, more);
        assert_int_equal(strstr(t.ids, "message-rewritten") != NULL, i != 1);
        end(&s);
    }
}

static void test_too_many(void **state)
{
    struct wt_compare *c = wt_compare_new();
    struct place_seen one = {.n = 1, .client_port = 1024};
    struct told t;
    uint8_t byte = 0;
    (void)state;
    assert_non_null(c);
    memset(&t, 0, sizeof t);
    one.list[0] = (struct passed){.ns = 1, .seq = 1, .flags = WT_TCP_SYN, .bytes = &byte};
    for (uint32_t i = 0; i < WT_LIMIT_COMPARE_CONVERSATIONS + 3; i++) {
        one.client_ip = 0x0a000000u + i;
        feed(c, 0, &one);
    }
    assert_int_equal(wt_compare_left_out(c), 3);
    struct places s; /* what is in the other capture may have been left out here */
    begin(&s);
    talk(&s);
    feed(c, 1, &s.at[1]);
    wt_compare_finish(c, on_compared, &t);
    assert_string_equal(t.ids, "connection-missing ");
    assert_true(t.differences[0].probable && t.c.cut);
    end(&s);
    wt_compare_free(c);
}

/* Clocks of any time, also far apart: their differences stay numbers. */
static void test_times_of_any_kind(void **state)
{
    static const int64_t clocks[] = {INT64_MIN, INT64_MIN / 2, -1, 0, INT64_MAX / 2, INT64_MAX};
    (void)state;
    for (size_t i = 0; i < 36; i++) {
        struct places s;
        struct told t;
        begin(&s);
        talk(&s);
        for (unsigned k = 0; k < 2; k++)
            for (size_t n = 0; n < s.at[k].n; n++)
                s.at[k].list[n].ns = clocks[k ? i / 6 : i % 6];
        compare(&t, &s);
        assert_int_equal(t.connections, 1);
        assert_true(t.c.between >= 0 && t.c.clock_error >= 0);
        end(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts),    cmocka_unit_test(test_same_ports_again),
        cmocka_unit_test(test_snaplen),  cmocka_unit_test(test_keep_alive),
        cmocka_unit_test(test_ranges),   cmocka_unit_test(test_messages),
        cmocka_unit_test(test_too_many), cmocka_unit_test(test_times_of_any_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
