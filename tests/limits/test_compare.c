/* What large limits of `wiretale compare` do, with lower ones: what is over is left out, and that is said. */
#include "compare/compare.h"
#include "registry/limits.h"

#include "../compare/places.h"

static unsigned cuts; /* connections that were not compared whole */

static void on_pair(void *context, const struct wt_compared *c)
{
    cuts += c->cut;
    on_compared(context, c);
}

static struct wt_compare *new_compare(struct told *t)
{
    struct wt_compare *c = wt_compare_new();
    assert_non_null(c);
    memset(t, 0, sizeof *t);
    cuts = 0;
    return c;
}

/* n bytes of another conversation, in its server's segments of at most 2000, in the first capture. */
static void feed_other(struct wt_compare *c, uint16_t port, size_t n)
{
    static uint8_t bytes[2000];
    struct place_seen one = {.n = 1, .client_ip = 0x0a000001, .client_port = port};
    for (uint32_t at = 0; at < n; at += sizeof bytes) {
        one.list[0] = (struct passed){.ns = 1,
                                      .seq = 1 + at,
                                      .side = WT_SERVER,
                                      .flags = WT_TCP_ACK,
                                      .bytes = bytes,
                                      .n = n - at < sizeof bytes ? n - at : sizeof bytes};
        feed(c, 0, &one);
    }
}

/* A handshake, with numbers and a random of its own. */
static void shake_as(struct places *s, unsigned number)
{
    begin(s);
    s->conversation = (uint8_t)number;
    s->next[WT_CLIENT] = 1000 * (number + 1);
    open_tcp(s);
    shake(s);
    for (unsigned k = 0; k < 2; k++)
        memset(s->at[k].list[CLIENT_HELLO].bytes + 11, (int)number, 32);
}

static void test_segments(void **state)
{
    (void)state;
    for (unsigned more = 0; more < 12; more++) {
        struct told t;
        struct wt_compare *c = new_compare(&t);
        struct places s;
        begin(&s);
        talk(&s);
        const size_t others = WT_LIMIT_COMPARE_SEGMENTS - 2 * s.at[0].n + more;
        for (size_t i = 0; i < others; i++)
            feed_other(c, 1024, 1);
        feed(c, 0, &s.at[0]);
        feed(c, 1, &s.at[1]);
        wt_compare_finish(c, on_pair, &t);
        assert_int_equal(t.connections, 1);
        assert_string_equal(t.ids, "");
        assert_int_equal(t.c.cut, more > 0);
        assert_int_equal(t.c.seen[0].segments, s.at[0].n);
        assert_int_equal(t.c.seen[1].segments, s.at[1].n - more);
        wt_compare_free(c);
        end(&s);
    }
}

/* The last byte that is compared differs, where it is the last; one after it; and both. */
static void test_stream(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        const bool longer = i > 0;
        struct told t;
        struct places s;
        begin(&s);
        open_tcp(&s);
        shake(&s);
        const uint32_t until = s.at[0].list[SYN_ACK].seq + 1 + WT_LIMIT_COMPARE_STREAM + longer;
        size_t last = 0;
        while (s.next[WT_SERVER] != until) {
            const uint32_t left = until - s.next[WT_SERVER];
            last = send_data(&s, WT_SERVER, left < 1500 ? left : 1000);
        }
        struct passed *p = &s.at[1].list[last];
        p->bytes[p->n - 1] ^= 1;
        p->bytes[p->n - 2] ^= i == 2;
        compare(&t, &s);
        assert_int_equal(t.c.cut, longer);
        assert_string_equal(t.ids, i == 1 ? "" : "bytes-changed ");
        assert_true(i == 1 || t.differences[0].length == 1);
        end(&s);
    }
}

/* No room is left for the options of the SYNs in the second capture: they do not differ for that, nor does it take a
 * relay to have other numbers. */
static void test_options(void **state)
{
    (void)state;
    for (unsigned other = 0; other < 2; other++) {
        struct told t;
        struct wt_compare *c = new_compare(&t);
        struct places s;
        begin(&s);
        talk(&s);
        s.at[1].shift[WT_CLIENT] = s.at[1].shift[WT_SERVER] = other;
        s.at[0].window_scale = s.at[1].window_scale = true;
        feed(c, 0, &s.at[0]);
        while (wt_arena_alloc(&c->arena, 1))
            ;
        struct place_seen syns = s.at[1];
        syns.n = SYN_ACK + 1;
        feed(c, 1, &syns);
        c->arena.limit = 0;
        s.at[1].list[SYN].absent = s.at[1].list[SYN_ACK].absent = true;
        feed(c, 1, &s.at[1]);
        wt_compare_finish(c, on_pair, &t);
        assert_int_equal(t.connections, 1);
        assert_string_equal(t.ids, other ? "sequence-rewritten sequence-rewritten " : "");
        assert_true(t.c.cut);
        wt_compare_free(c);
        end(&s);
    }
}

/* Bytes of all streams. */
static void test_streams(void **state)
{
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        struct told t;
        struct wt_compare *c = new_compare(&t);
        struct places s;
        size_t left = WT_LIMIT_COMPARE_BYTES + more;
        begin(&s);
        talk(&s);
        for (size_t i = 0; i < s.at[0].n; i++)
            left -= 2 * s.at[0].list[i].n;
        for (uint16_t port = 1024; left; port++) {
            const size_t n = left < WT_LIMIT_COMPARE_STREAM ? left : WT_LIMIT_COMPARE_STREAM;
            feed_other(c, port, n);
            left -= n;
        }
        feed(c, 0, &s.at[0]);
        feed(c, 1, &s.at[1]);
        wt_compare_finish(c, on_pair, &t);
        assert_int_equal(t.connections, 1);
        assert_string_equal(t.ids, "");
        assert_int_equal(t.c.cut, more);
        assert_in_range(c->stream_bytes, WT_LIMIT_COMPARE_BYTES - 2000, WT_LIMIT_COMPARE_BYTES);
        assert_true(more || c->stream_bytes == WT_LIMIT_COMPARE_BYTES);
        wt_compare_free(c);
        end(&s);
    }
}

/* SYNs of other conversations, whose options take 16 bytes each among those of the messages. */
static void feed_syns(struct wt_compare *c, unsigned n)
{
    struct place_seen one = {.n = 1, .client_ip = 0x0a000001};
    for (unsigned i = 0; i < n; i++) {
        one.client_port = (uint16_t)(1024 + i);
        one.list[0] = (struct passed){.ns = 1, .flags = WT_TCP_SYN, .mss = 1460, .bytes = (uint8_t[1]){0}};
        feed(c, 0, &one);
    }
}

/* Messages of all connections: as many as there is room for, and one connection more, which differs no more for it.
 * What it is that finds no room is another thing each time. */
static void test_messages(void **state)
{
    enum { COST = 512 }; /* more than what is kept at one time */
    (void)state;
    for (unsigned n = 1, at = 0; at < COST / 16; n++) {
        struct told t;
        struct wt_compare *c = new_compare(&t);
        feed_syns(c, at);
        for (unsigned i = 0; i < n; i++) {
            struct places s;
            shake_as(&s, i);
            feed(c, 0, &s.at[0]);
            feed(c, 1, &s.at[1]);
            end(&s);
        }
        wt_compare_finish(c, on_pair, &t);
        const bool over = c->arena.refused;
        assert_int_equal(t.connections, n);
        assert_string_equal(t.ids, "");
        assert_int_equal(cuts > 0, over);
        assert_true(c->arena.used <= WT_LIMIT_COMPARE_BYTES && c->stream_bytes < WT_LIMIT_COMPARE_BYTES);
        assert_true(!over || c->arena.used > WT_LIMIT_COMPARE_BYTES - COST);
        wt_compare_free(c);
        at += over;
        n -= over ? 3 : 0; /* with less room it is over not much sooner */
    }
}

/* Four connections of each capture have the same randoms, and no ports in common: each of the ones is held against all
 * of the others, and then against those until one is left. One more pair is one try more. */
static void test_tries(void **state)
{
    enum { MANY = 4 };
    _Static_assert(MANY * MANY + MANY * (MANY + 1) / 2 == WT_LIMIT_COMPARE_TRIES, "as many tries");
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        struct told t;
        struct wt_compare *c = new_compare(&t);
        for (unsigned i = 0; i < MANY; i++) {
            struct places s;
            shake_as(&s, 0);
            for (unsigned k = 0; k < 2; k++)
                s.at[k].client_port = (uint16_t)(10000 * (k + 1) + i);
            feed(c, 0, &s.at[0]);
            feed(c, 1, &s.at[1]);
            end(&s);
        }
        for (unsigned i = 0; i < 1 + more; i++) { /* the first of them is in A alone */
            struct places s;
            shake_as(&s, 1 + i);
            feed(c, 0, &s.at[0]);
            if (i)
                feed(c, 1, &s.at[1]);
            end(&s);
        }
        wt_compare_finish(c, on_pair, &t);
        for (size_t i = 0; i < t.count; i++)
            if (strcmp(t.differences[i].id, "connection-missing") == 0)
                assert_int_equal(t.differences[i].probable, more);
        assert_non_null(strstr(t.ids, "connection-missing"));
        assert_int_equal(t.connections, MANY + 1 + 2 * more); /* of the one that is not tried both are alone */
        assert_int_equal(cuts > 0, more);
        wt_compare_free(c);
    }
}

static void test_differences(void **state)
{
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        struct told t;
        struct places s;
        begin(&s);
        open_tcp(&s);
        shake(&s);
        const size_t request = send_data(&s, WT_CLIENT, 1200), answer = send_data(&s, WT_SERVER, 1200);
        for (size_t i = 0; i < WT_LIMIT_COMPARE_DIFFERENCES / 2 + more; i++) {
            s.at[1].list[request].bytes[40 + 50 * i] ^= 1;
            if (i < WT_LIMIT_COMPARE_DIFFERENCES / 2)
                s.at[1].list[answer].bytes[40 + 50 * i] ^= 1;
        }
        compare(&t, &s);
        assert_int_equal(t.c.difference_count, WT_LIMIT_COMPARE_DIFFERENCES);
        assert_int_equal(t.c.cut, more);
        end(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_segments), cmocka_unit_test(test_stream),      cmocka_unit_test(test_streams),
        cmocka_unit_test(test_messages), cmocka_unit_test(test_differences), cmocka_unit_test(test_tries),
        cmocka_unit_test(test_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
