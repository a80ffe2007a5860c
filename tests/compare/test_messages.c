/* Messages that are not the same, field by field; and two connections where one was thought to be. */
#include "places.h"

static void test_name_rewritten(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    size_t at = where_in(&s.at[1].list[CLIENT_HELLO], "example.com");
    memcpy(s.at[1].list[CLIENT_HELLO].bytes + at, "example.org", 11);
    compare(&t, &s);
    assert_string_equal(t.ids, "message-rewritten field-changed bytes-changed ");
    const char *field = t.differences[1].text;
    assert_non_null(strstr(field, ": extensions.server_name.server_name_list.host_name is www"));
    assert_non_null(strstr(field, "is www.example.com in A and www.example.org in B"));
    assert_int_equal(t.differences[0].severity, WT_ERROR);
    assert_int_equal(t.differences[0].frame[0], CLIENT_HELLO + 1);
    assert_int_equal(t.differences[0].frame[1], CLIENT_HELLO + 1);
    assert_int_equal(t.differences[2].offset, at + 8);
    assert_int_equal(t.differences[2].length, 3);
    end(&s);
}

/* A box takes an extension out of the ClientHello, and all lengths with it. */
static void test_extension_removed(void **state)
{
    struct places s;
    struct told t;
    struct flight whole = {{0}}, less = {{0}};
    (void)state;
    begin(&s);
    open_tcp(&s);
    client_hello(&whole, (struct hello){.sni = "www.example.com", .ticket_extension = true});
    client_hello(&less, (struct hello){.sni = "www.example.com"});
    size_t at = send_both(&s, WT_CLIENT, WT_TCP_ACK, whole.b.p, whole.b.n);
    send_data(&s, WT_SERVER, 400);
    send_data(&s, WT_CLIENT, 400);
    rewrite(&s, 1, at, 0, s.at[1].list[at].n, less.b.p, less.b.n);
    compare(&t, &s);
    (void)only_one(&t, "message-rewritten");
    int removed = only_one(&t, "field-removed");
    assert_non_null(strstr(t.differences[removed].text, ": extensions.session_ticket is present"));
    assert_non_null(strstr(t.differences[removed].text, "is present in A but not in B"));
    assert_int_equal(t.differences[removed].from, WT_CLIENT);
    assert_non_null(strstr(t.ids, "bytes-replaced "));
    compare_as(&t, &s, 1);
    (void)only_one(&t, "field-added");
    wt_buffer_free(&whole.b);
    wt_buffer_free(&less.b);
    end(&s);
}

/* An intermediate swallows a flight and closes: what the server never got is said as a message, too. */
static void test_missing(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    for (size_t i = CLIENT_HELLO; i < s.at[1].n; i++)
        s.at[1].list[i].absent = s.at[1].list[i].side == WT_CLIENT && i != s.at[1].n - 1;
    for (size_t i = SERVER_FLIGHT; i < s.at[1].n; i++)
        s.at[0].list[i].absent = s.at[1].list[i].absent = i != s.at[1].n - 1;
    for (unsigned k = 0; k < 2; k++) {
        struct passed *last = &s.at[k].list[s.at[k].n - 1];
        last->seq = s.at[k].list[CLIENT_HELLO].seq;
        last->ack = s.at[k].list[SYN_ACK].seq + 1;
    }
    compare(&t, &s);
    assert_int_equal(t.connections, 1);
    (void)only_one(&t, "bytes-lost");
    end(&s);
}

/* What a capture lacks because it missed packets, was cut or began late nobody took out. */
static void test_not_missing(void **state)
{
    for (unsigned i = 0; i < 3; i++) {
        struct places s;
        struct told t;
        begin(&s);
        talk(&s);
        if (i == 0)
            s.at[1].list[SERVER_FLIGHT].absent = true;
        else if (i == 1)
            s.at[1].snaplen = 90;
        else
            for (size_t k = 0; k < SERVER_FLIGHT; k++)
                s.at[1].list[k].absent = true;
        compare(&t, &s);
        assert_null(strstr(t.ids, "message-"));
        assert_null(strstr(t.ids, "field-"));
        assert_true(t.count > 0);
        compare_as(&t, &s, 1);
        assert_null(strstr(t.ids, "message-"));
        end(&s);
    }
    (void)state;
}

/* Nor does a hole hide that another message was rewritten. */
static void test_rewritten_beside_a_hole(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    s.at[1].list[REQUEST].absent = true;
    size_t at = where_in(&s.at[1].list[CLIENT_HELLO], "example.com");
    memcpy(s.at[1].list[CLIENT_HELLO].bytes + at, "example.org", 11);
    s.at[1].list[s.at[1].n - 1].absent = true;
    send_data(&s, WT_CLIENT, 100);
    compare(&t, &s);
    (void)only_one(&t, "message-rewritten");
    end(&s);
}

static void two_connections(struct places *s)
{
    memset(s->at[1].list[CLIENT_HELLO].bytes + 11, 0x33, 32);
    memset(s->at[1].list[SERVER_FLIGHT].bytes + 11, 0x34, 32);
}

static void test_ended_between(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    two_connections(&s);
    compare(&t, &s); /* by the SYNs' numbers it is certain that the ends are the same */
    assert_string_equal(t.ids, "tls-ended-between ");
    assert_int_equal(t.c.match, WT_MATCH_SEQUENCE);
    assert_false(t.differences[0].probable);
    assert_int_equal(t.differences[0].frame[1], CLIENT_HELLO + 1);
    assert_non_null(strstr(t.differences[0].text, "starts with c1c1c1c1c1c1c1c1 in A, with 3333333333333333 in B"));
    s.at[1].shift[0] = s.at[1].shift[1] = 0x60000000; /* by addresses alone it may be another one of the same ports */
    compare(&t, &s);
    assert_string_equal(t.ids, "tls-ended-between ");
    assert_true(t.differences[0].probable);
    end(&s);
    /* near miss: a random that was damaged on the way, while the server's is the same */
    begin(&s);
    talk(&s);
    memset(s.at[1].list[CLIENT_HELLO].bytes + 11, 0x33, 32);
    compare(&t, &s);
    assert_null(strstr(t.ids, "tls-ended-between"));
    (void)only_one(&t, "message-rewritten");
    end(&s);
}

static void test_alert(void **state)
{
    struct places s;
    struct told t;
    struct flight f = {{0}};
    (void)state;
    begin(&s);
    open_tcp(&s);
    client_hello(&f, (struct hello){.sni = "a.example"});
    send_flight(&s, WT_CLIENT, &f);
    alert(&f, 2, 40);
    size_t at = send_flight(&s, WT_SERVER, &f);
    close_tcp(&s);
    compare(&t, &s);
    assert_string_equal(t.ids, "");
    s.at[0].list[at].bytes[6] = 112;
    compare(&t, &s);
    int field = only_one(&t, "field-changed");
    assert_non_null(strstr(t.differences[field].text, "unrecognized_name in A and handshake_failure in B"));
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_name_rewritten),
        cmocka_unit_test(test_extension_removed),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_not_missing),
        cmocka_unit_test(test_rewritten_beside_a_hole),
        cmocka_unit_test(test_ended_between),
        cmocka_unit_test(test_alert),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
