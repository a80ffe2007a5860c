/* The packets of chosen conversations, fragments of IP datagrams among them. */
#include "make.h"
#include "registry/limits.h"
#include "wiretale/write.h"

static const uint8_t ip_a[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1};
static const uint8_t ip_b[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 198, 51, 100, 2};

/* The packet of wrap_tcp() at `frame`, from another port when `port` is not 0. */
static void look_tcp(struct wt_choice *choice, uint32_t frame, uint16_t port)
{
    static struct wrap w;
    wrap_start(&w, "data", 4);
    wrap_tcp(&w, WT_TCP_ACK, 0);
    if (port) {
        w.room[w.begin] = (uint8_t)(port >> 8);
        w.room[w.begin + 1] = (uint8_t)port;
    }
    wrap_ipv4(&w, 6);
    struct wt_packet p = wrap_packet(&w, 101);
    p.frame = frame;
    assert_true(wt_choice_look(choice, &p));
}

static void test_choice(void **state)
{
    (void)state;
    struct wt_choice *c = wt_choice_new();
    look_tcp(c, 1, 0); /* nothing is chosen yet */
    assert_true(wt_choice_add(c, ip_b, 443, ip_a, 40000, 10, 20));
    assert_true(wt_choice_add(c, ip_a, 40000, ip_b, 443, 30, 30)); /* the port is used again */
    for (uint16_t port = 1; port <= 5000; port++)
        assert_true(wt_choice_add(c, ip_a, port, ip_b, 443, 40, UINT32_MAX));
    for (uint32_t frame = 2; frame < 40; frame++)
        look_tcp(c, frame, 0);
    for (uint16_t port = 1; port < 6000; port++)
        look_tcp(c, 100u + port, port);
    look_tcp(c, 100000, 1);
    for (uint32_t frame = 0; frame < 40; frame++)
        assert_int_equal(wt_choice_has(c, frame), (frame >= 10 && frame <= 20) || frame == 30);
    for (uint32_t port = 1; port < 6000; port++)
        assert_int_equal(wt_choice_has(c, 100 + port), port <= 5000);
    assert_true(wt_choice_has(c, 100000));
    assert_false(wt_choice_has(c, UINT32_MAX));
    assert_true(wt_choice_has_address(c, wt_span_of(ip_a + 12, 4)));
    assert_true(wt_choice_has_address(c, wt_span_of(ip_b, 16)));
    assert_false(wt_choice_has_address(c, wt_span_of("\1\2\3\4", 4)));
    assert_false(wt_choice_has_address(c, wt_span_of(ip_b, 15)));
    wt_choice_free(c);
}

/* UDP's ports are not TCP's. */
static void test_udp(void **state)
{
    static struct wrap w;
    (void)state;
    struct wt_choice *c = wt_choice_new();
    assert_true(wt_choice_add_udp(c, ip_a, 40000, ip_b, 443, 10, 20));
    assert_true(wt_choice_add(c, ip_a, 40000, ip_b, 443, 30, 40));
    for (uint32_t frame = 1; frame < 50; frame++) {
        if (frame % 2) {
            look_tcp(c, frame, 0);
            continue;
        }
        wrap_start(&w, "data", 4);
        wrap_udp(&w, 40000, 443);
        wrap_ipv4(&w, 17);
        struct wt_packet p = wrap_packet(&w, 101);
        p.frame = frame;
        assert_true(wt_choice_look(c, &p));
    }
    for (uint32_t frame = 1; frame < 50; frame++)
        assert_int_equal(wt_choice_has(c, frame),
                         frame % 2 ? frame >= 30 && frame <= 40 : frame >= 10 && frame <= 20);
    wt_choice_free(c);
}

/* One piece of a datagram with the segment of wrap_tcp() and 32 bytes of payload. */
static void look_piece(struct wt_choice *choice, uint32_t frame, uint16_t id, uint16_t offset, uint16_t port)
{
    static struct wrap whole, w;
    static const uint8_t payload[32];
    wrap_start(&whole, payload, sizeof payload);
    wrap_tcp(&whole, WT_TCP_ACK, 4);
    whole.room[whole.begin] = (uint8_t)(port >> 8);
    whole.room[whole.begin + 1] = (uint8_t)port;
    wrap_start(&w, whole.room + whole.begin + offset, offset < 48 ? 24 : 8);
    wrap_ipv4_piece(&w, 6, id, offset, offset < 48);
    struct wt_packet p = wrap_packet(&w, 101);
    p.frame = frame;
    assert_true(wt_choice_look(choice, &p));
}

/* A piece does not say whose it is; what they make together does. */
static void test_choice_fragments(void **state)
{
    (void)state;
    struct wt_choice *c = wt_choice_new();
    assert_true(wt_choice_add(c, ip_a, 40000, ip_b, 443, 1, 100));
    look_piece(c, 1, 7, 48, 40000); /* in no order, with another datagram between */
    look_piece(c, 2, 8, 0, 50000);
    look_piece(c, 3, 7, 24, 40000);
    look_piece(c, 4, 8, 24, 50000);
    look_piece(c, 5, 7, 0, 40000);
    look_piece(c, 6, 8, 48, 50000);
    look_piece(c, 7, 9, 0, 40000); /* never whole */
    for (uint32_t frame = 1; frame <= 7; frame++)
        assert_int_equal(wt_choice_has(c, frame), frame <= 5 && frame % 2);
    wt_choice_free(c);
}

/* Pieces that wait, up to the limit; the oldest makes room, and is counted when its datagram is chosen. */
static void test_choice_pieces(void **state)
{
    (void)state;
    for (uint32_t more = 0; more < 3; more++) {
        struct wt_choice *c = wt_choice_new();
        uint32_t frame = 0;
        assert_true(wt_choice_add(c, ip_a, 40000, ip_b, 443, 1, UINT32_MAX));
        look_piece(c, ++frame, 7, 0, 40000);
        look_piece(c, ++frame, 7, 24, 40000);
        while (frame < WT_LIMIT_CHOICE_PIECES + more)
            look_piece(c, ++frame, 8, 0, 50000);
        assert_int_equal(wt_choice_lost(c), 0);
        look_piece(c, ++frame, 7, 48, 40000);
        assert_int_equal(wt_choice_lost(c), more);
        for (uint32_t i = 1; i <= 2; i++)
            assert_int_equal(wt_choice_has(c, i), i > more);
        assert_true(wt_choice_has(c, frame) && !wt_choice_has(c, frame - 1));
        look_piece(c, ++frame, 8, 24, 50000);
        look_piece(c, ++frame, 8, 48, 50000);
        assert_int_equal(wt_choice_lost(c), more); /* of a datagram that is not chosen */
        wt_choice_free(c);
    }
}

/* A piece that takes the place of another datagram waits as all do. */
static void test_choice_datagrams(void **state)
{
    (void)state;
    struct wt_choice *c = wt_choice_new();
    assert_true(wt_choice_add(c, ip_a, 40000, ip_b, 443, 1, UINT32_MAX));
    for (uint16_t id = 1; id <= WT_LIMIT_FRAGMENT_DATAGRAMS + 1; id++)
        look_piece(c, id, id, 0, 40000);
    look_piece(c, 1001, WT_LIMIT_FRAGMENT_DATAGRAMS + 1, 24, 40000);
    look_piece(c, 1002, WT_LIMIT_FRAGMENT_DATAGRAMS + 1, 48, 40000);
    assert_true(wt_choice_has(c, WT_LIMIT_FRAGMENT_DATAGRAMS + 1) && wt_choice_has(c, 1001) && wt_choice_has(c, 1002));
    assert_false(wt_choice_has(c, WT_LIMIT_FRAGMENT_DATAGRAMS));
    assert_int_equal(wt_choice_lost(c), 0);
    wt_choice_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_choice), cmocka_unit_test(test_udp),
        cmocka_unit_test(test_choice_fragments),
        cmocka_unit_test(test_choice_pieces),
        cmocka_unit_test(test_choice_datagrams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
