/* Which connection of one capture is which of the other. */
#include "places.h"

static void translate(struct places *s)
{
    s->at[1].client_ip = 0xcb007109;
    s->at[1].client_port = 61000;
}

static void absent(struct places *s, unsigned place, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        s->at[place].list[i].absent = true;
}

static void renumber(struct places *s)
{
    s->at[1].shift[WT_CLIENT] = 0x71234567;
    s->at[1].shift[WT_SERVER] = 0x8badf00d;
}

static void test_randoms(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    translate(&s);
    renumber(&s);
    compare(&t, &s);
    assert_int_equal(t.connections, 1);
    assert_int_equal(t.c.match, WT_MATCH_RANDOMS);
    assert_string_equal(t.ids, "sequence-rewritten sequence-rewritten address-translated ");
    assert_false(t.c.unaligned[0] || t.c.unaligned[1]);
    end(&s);
}

static void test_one_random(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    translate(&s);
    renumber(&s);
    absent(&s, 1, SERVER_FLIGHT, s.at[1].n);
    compare(&t, &s);
    assert_int_equal(t.connections, 1);
    assert_int_equal(t.c.match, WT_MATCH_RANDOM);
    end(&s);
}

/* TCP was refused: there are no randoms. A lone SYN and its answer are matched by their numbers. */
static void test_sequence(void **state)
{
    for (unsigned i = 0; i < 3; i++) {
        struct places s;
        struct told t;
        begin(&s);
        if (i < 2) { /* that the server speaks TLS is known */
            talk(&s);
            s.conversation = 1;
        }
        s.next[WT_CLIENT] = 777;
        send_both(&s, WT_CLIENT, WT_TCP_SYN, NULL, 0);
        size_t reset = send_both(&s, WT_SERVER, WT_TCP_RST | WT_TCP_ACK, NULL, 0);
        if (i == 1)
            s.at[1].list[reset].absent = true;
        translate(&s);
        compare(&t, &s);
        if (i < 2) {
            assert_int_equal(t.connections, 2);
            assert_int_equal(t.c.match, WT_MATCH_SEQUENCE);
        }
        /* somebody between refused it */
        assert_true((strstr(t.ids, "reset-injected") != NULL) == (i == 1));
        end(&s);
    }
    (void)state;
}

/* Two conversations whose clients begin with one number, of which only one speaks TLS and shows no random: a capture is
 * the same as itself, and so is one whose other conversation came first. */
static void test_same_sequence(void **state)
{
    static const uint8_t cut_hello[] = {22, 3, 1, 7, 126, 1, 0, 7, 122, 3, 3, 210};
    for (unsigned first = 0; first < 2; first++) {
        struct places s;
        struct told t;
        begin(&s);
        for (unsigned i = 0; i < 2; i++) {
            s.conversation = (uint8_t)i;
            s.next[WT_CLIENT] = 1000;
            send_both(&s, WT_CLIENT, WT_TCP_SYN, NULL, 0);
            if (i == first)
                send_both(&s, WT_CLIENT, WT_TCP_ACK, cut_hello, sizeof cut_hello);
        }
        compare(&t, &s);
        assert_int_equal(t.connections, 1);
        assert_int_equal(t.c.match, WT_MATCH_SEQUENCE);
        assert_string_equal(t.ids, "");
        end(&s);
    }
    (void)state;
}

/* Both conversations have the same randoms in both captures, as behind a translator that was captured on both of its
 * sides: those with the same addresses belong together, whatever their order. */
static void test_same_randoms(void **state)
{
    struct wt_compare *c = wt_compare_new();
    struct told t;
    struct places s[2];
    (void)state;
    assert_non_null(c);
    memset(&t, 0, sizeof t);
    for (unsigned i = 0; i < 2; i++) {
        begin(&s[i]);
        s[i].next[WT_CLIENT] = 1000 * (i + 1);
        s[i].at[0].client_port = s[i].at[1].client_port = (uint16_t)(40000 + i);
        talk(&s[i]);
    }
    for (unsigned i = 0; i < 2; i++)
        feed(c, 0, &s[i].at[0]);
    for (unsigned i = 2; i-- > 0;)
        feed(c, 1, &s[i].at[1]);
    wt_compare_finish(c, on_compared, &t);
    assert_int_equal(t.connections, 2);
    assert_string_equal(t.ids, "");
    wt_compare_free(c);
    for (unsigned i = 0; i < 2; i++)
        end(&s[i]);
}

/* A box that ends TLS has numbers and randoms of its own: the addresses are left. */
static void test_ends(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    renumber(&s);
    memset(s.at[1].list[CLIENT_HELLO].bytes + 11, 0x33, 32);
    memset(s.at[1].list[SERVER_FLIGHT].bytes + 11, 0x34, 32);
    compare(&t, &s);
    assert_int_equal(t.connections, 1);
    assert_int_equal(t.c.match, WT_MATCH_ENDS);
    end(&s);
}

static void test_nothing(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    renumber(&s);
    translate(&s);
    memset(s.at[1].list[CLIENT_HELLO].bytes + 11, 0x33, 32);
    memset(s.at[1].list[SERVER_FLIGHT].bytes + 11, 0x34, 32);
    compare(&t, &s);
    assert_int_equal(t.connections, 2);
    assert_string_equal(t.ids, "connection-missing connection-missing ");
    assert_non_null(strstr(t.text, "This connection is only in A"));
    assert_non_null(strstr(t.text, "This connection is only in B"));
    end(&s);
}

/* Both legs of a proxy: nothing is alike but the name, and that a host has both. They begin so far apart, and more. */
static void test_legs(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        const bool later = i & 1, more = i & 2;
        const int64_t apart = WT_LIMIT_COMPARE_LEGS_NS + more;
        struct places s;
        struct told t;
        begin(&s);
        talk(&s);
        renumber(&s);
        s.at[1].client_ip = 0xc0000250;
        s.at[1].server_ip = 0xcb007150;
        s.at[1].clock = (later ? apart : -apart) - THERE * MS;
        memset(s.at[1].list[CLIENT_HELLO].bytes + 11, 0x33, 32);
        memset(s.at[1].list[SERVER_FLIGHT].bytes + 11, 0x34, 32);
        compare(&t, &s);
        assert_int_equal(t.connections, more ? 2 : 1);
        assert_int_equal(t.c.match, more ? WT_MATCH_NONE : WT_MATCH_NAME);
        end(&s);
    }
}

/* All randoms are the same here: then the numbers of the SYNs tell which is which. */
static void test_many(void **state)
{
    struct wt_compare *c = wt_compare_new();
    struct told t;
    struct places s[8];
    (void)state;
    assert_non_null(c);
    memset(&t, 0, sizeof t);
    for (unsigned i = 0; i < 8; i++) {
        begin(&s[i]);
        s[i].next[WT_CLIENT] = 1000 * (i + 1);
        s[i].at[0].client_port = s[i].at[1].client_port = (uint16_t)(40000 + i);
        talk(&s[i]);
        memset(s[i].at[0].list[CLIENT_HELLO].bytes + 11, (int)i, 32);
        memset(s[i].at[1].list[CLIENT_HELLO].bytes + 11, (int)i, 32);
        feed(c, 0, &s[i].at[0]);
    }
    for (unsigned i = 8; i-- > 0;) /* in another order */
        feed(c, 1, &s[i].at[1]);
    wt_compare_finish(c, on_compared, &t);
    assert_int_equal(t.connections, 8);
    assert_string_equal(t.ids, "");
    wt_compare_free(c);
    for (unsigned i = 0; i < 8; i++)
        end(&s[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_randoms),       cmocka_unit_test(test_one_random),   cmocka_unit_test(test_sequence),
        cmocka_unit_test(test_same_sequence), cmocka_unit_test(test_same_randoms), cmocka_unit_test(test_ends),
        cmocka_unit_test(test_nothing),       cmocka_unit_test(test_many),         cmocka_unit_test(test_legs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
