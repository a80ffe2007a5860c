/* One path that was captured on both sides of a NAT, a proxy or a load balancer. */
#include "wire.h"

static uint8_t ring[WT_LIMIT_QUIC_NEWEST + 1][ROOM];

static void at_the_other(unsigned from, const uint8_t *p, size_t n)
{
    ends[WT_CLIENT].port++;
    send_datagram(from, p, n);
    ends[WT_CLIENT].port--;
}

/* Each datagram at both points: one of the client's at the nearer first, one of the server's at the farther, where the
 * client has another port. */
static void twice(const struct wt_packet *p)
{
    enum { SOURCE_PORT = 20, TARGET_PORT = 22 };
    static uint8_t bytes[ROOM];
    const bool to_server = wt_get16(p->data + TARGET_PORT) == ends[WT_SERVER].port;
    struct wt_packet near = *p, far = *p;
    memcpy(bytes, p->data, p->length);
    bytes[(to_server ? SOURCE_PORT : TARGET_PORT) + 1]++;
    far.data = bytes;
    near.frame = 2 * p->frame - to_server;
    far.frame = 2 * p->frame - !to_server;
    wt_observer_packet(o, to_server ? &near : &far);
    wt_observer_packet(o, to_server ? &far : &near);
}

static void one_path(void **state)
{
    enum { DATA = 4 };
    const struct how plain = {0};
    (void)state;
    instead = twice;
    shake_hands();
    for (unsigned i = 0; i < DATA; i++) {
        say_data(WT_SERVER, &plain, i, 1);
        say_data(WT_CLIENT, &plain, i, 1);
    }
    instead = NULL;
    finish();
    assert_int_equal(told.count, 1);
    assert_int_equal(told.state, WT_ESTABLISHED);
    assert_int_equal(told.client_port, 50000);
    assert_int_equal(told.paths, 1);
    for (unsigned side = 0; side < 2; side++) {
        assert_int_equal(told.packets[side], 2 + DATA);
        assert_int_equal(told.opened[side], 2 + DATA);
        assert_int_equal(told.stream_bytes[side], DATA);
    }
    assert_non_null(strstr(told.findings, "capture-duplicates "));
}

/* So many datagrams pass the one point before the first of them passes the other. */
static void bursts(unsigned n)
{
    size_t size[WT_LIMIT_QUIC_NEWEST + 1];
    const struct how plain = {0};
    const uint8_t ping[4] = {1};
    observe(true);
    shake_hands();
    for (unsigned i = 0; i < n; i++) {
        size[i] = seal(ring[i], WT_CLIENT, WT_QUIC_1RTT, &plain, wt_span_of(ping, sizeof ping));
        send_datagram(WT_CLIENT, ring[i], size[i]);
    }
    at_the_other(WT_CLIENT, ring[0], size[0]);
    finish();
    assert_int_equal(told.count, 1);
    assert_int_equal(told.paths, n <= WT_LIMIT_QUIC_NEWEST ? 1 : 2);
    assert_int_equal(told.packets[WT_CLIENT], 2 + n + (n > WT_LIMIT_QUIC_NEWEST));
    (void)stop(NULL);
}

static void many_between(void **state)
{
    (void)state;
    bursts(WT_LIMIT_QUIC_NEWEST);
    bursts(WT_LIMIT_QUIC_NEWEST + 1);
}

/* The same bytes much later are no copy: RFC 9000, 10.2.1 lets an endpoint that closes send its last packet again, and
 * that may be from another address. */
static void much_later(void **state)
{
    const struct how plain = {0};
    const uint8_t close[] = {0x1c, 0, 0, 0};
    (void)state;
    shake_hands();
    const size_t n = seal(ring[0], WT_CLIENT, WT_QUIC_1RTT, &plain, wt_span_of(close, sizeof close));
    send_datagram(WT_CLIENT, ring[0], n);
    now += WT_LIMIT_RTO_NS;
    at_the_other(WT_CLIENT, ring[0], n);
    finish();
    assert_int_equal(told.paths, 2);
    assert_null(strstr(told.findings, "capture-duplicates "));
}

/* What the capture has of two packets may be the same bytes of their headers. */
static void what_is_cut(void **state)
{
    const struct how plain = {0};
    const uint8_t ping[4] = {1};
    enum { CAPTURED = 20 };
    (void)state;
    shake_hands();
    for (unsigned i = 0; i < 2; i++) {
        const size_t n = seal(ring[i], WT_CLIENT, WT_QUIC_HANDSHAKE, &plain, wt_span_of(ping, sizeof ping));
        send_as(WT_CLIENT, ring[i], n, CAPTURED);
        ends[WT_CLIENT].port++;
    }
    finish();
    assert_int_equal(told.paths, 2);
    assert_null(strstr(told.findings, "capture-duplicates "));
}

/* A client that moves sends what it has not sent. */
static void one_that_moves(void **state)
{
    const struct how plain = {0};
    (void)state;
    shake_hands();
    say_data(WT_CLIENT, &plain, 0, 4);
    ends[WT_CLIENT].port++;
    say_data(WT_CLIENT, &plain, 0, 4);
    finish();
    assert_int_equal(told.paths, 2);
    assert_int_equal(told.opened[WT_CLIENT], 4);
}

/* As many other points as there may be paths. */
static void many_points(void **state)
{
    const struct how plain = {0};
    const uint8_t ping[4] = {1};
    (void)state;
    shake_hands();
    const size_t n = seal(ring[0], WT_CLIENT, WT_QUIC_1RTT, &plain, wt_span_of(ping, sizeof ping));
    send_datagram(WT_CLIENT, ring[0], n);
    for (unsigned i = 0; i <= WT_LIMIT_QUIC_PATHS; i++) {
        assert_int_equal(o->lost[WT_LOST_QUIC_PATHS], 0);
        ends[WT_CLIENT].port++;
        send_datagram(WT_CLIENT, ring[0], n);
    }
    assert_int_equal(o->lost[WT_LOST_QUIC_PATHS], 1);
    assert_int_equal(seen()->alias_count, WT_LIMIT_QUIC_PATHS);
    finish();
    assert_int_equal(told.paths, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_path, start, stop),
        cmocka_unit_test(many_between),
        cmocka_unit_test_setup_teardown(much_later, start, stop),
        cmocka_unit_test_setup_teardown(what_is_cut, start, stop),
        cmocka_unit_test_setup_teardown(one_that_moves, start, stop),
        cmocka_unit_test_setup_teardown(many_points, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
