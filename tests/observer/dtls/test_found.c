/* DTLS found by its content: on any port, in the middle of a connection, in what carries it; what shares its port; and
 * what is none. */
#include "datagrams.h"

static struct world w;
static struct wt_buffer out, room;
static const struct wt_span none;

static int begin(void **state)
{
    (void)state;
    world_begin(&w, NULL);
    return 0;
}

static int end(void **state)
{
    (void)state;
    world_end(&w);
    wt_buffer_free(&out);
    wt_buffer_free(&room);
    return 0;
}

static void add_hello(uint8_t random)
{
    handshake(&out, 0, WT_HANDSHAKE_CLIENT_HELLO, 0, client_hello(&room, random, "", none));
}

/* Its bytes behind a head, of a datagram that is not otherwise DTLS. */
static void send_behind(unsigned from, const void *head, size_t n)
{
    struct wt_buffer all = {0};
    assert_true(wt_buffer_add(&all, head, n));
    assert_true(wt_buffer_add(&all, out.p, out.n));
    send_buffer(&w, from, &all);
    wt_buffer_free(&all);
    out.n = 0;
}

/* RFC 8656, 12.4 and 18.4: TURN's ChannelData and its Send indication, of one connection; RFC 5415, 4.2: CAPWAP. */
static void in_what_carries_it(void **state)
{
    (void)state;
    add_hello(0x43);
    uint8_t send[24] = {0x00, 0x16, 0, 0, 0x21, 0x12, 0xa4, 0x42};
    const size_t padded = (out.n + 3) / 4 * 4;
    send[3] = (uint8_t)(4 + padded);
    send[21] = 0x13;
    send[23] = (uint8_t)out.n;
    for (size_t n = out.n; n < padded; n++) {
        assert_true(wt_buffer_add(&out, "\0", 1));
    }
    send_behind(WT_CLIENT, send, sizeof send);
    record(&out, WT_CONTENT_ALERT, WT_DTLS12, 0, 0, wt_span_text("\2\50"));
    const uint8_t channel[4] = {0x40, 0x01, 0, (uint8_t)out.n};
    send_behind(WT_SERVER, channel, sizeof channel);
    w.client_port = 41000;
    add_hello(0x44);
    send_behind(WT_CLIENT, "\1\0\0\0", 4);
    (void)world_finish(&w);
    assert_int_equal(w.told_count, 2);
    assert_string_equal(messages_of(&w.told[0]), ">client_hello 0, <alert");
    assert_string_equal(messages_of(&w.told[1]), ">client_hello 0");
}

/* RFC 7983, 7: by the first byte. */
static void with_others_on_its_port(void **state)
{
    static const uint8_t stun[20] = {0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42}, rtp[20] = {0x80, 0x60}, zrtp[20] = {0x10};
    static const uint8_t channel[8] = {0x40, 0, 0, 4, 1, 2, 3, 4}, other[8] = {0xf0};
    (void)state;
    add_hello(0x43);
    send_buffer(&w, WT_CLIENT, &out);
    send_bytes(&w, WT_CLIENT, wt_span_of(stun, sizeof stun));
    for (int i = 0; i < 2; i++)
        send_bytes(&w, WT_SERVER, wt_span_of(rtp, sizeof rtp));
    send_bytes(&w, WT_SERVER, wt_span_of(zrtp, sizeof zrtp));
    send_bytes(&w, WT_SERVER, wt_span_of(channel, sizeof channel));
    send_bytes(&w, WT_SERVER, wt_span_of(other, sizeof other));
    const struct told *t = world_finish(&w);
    assert_int_equal(t->dtls.records, 1);
    assert_int_equal(t->dtls.shared[WT_DTLS_STUN], 1);
    assert_int_equal(t->dtls.shared[WT_DTLS_RTP], 2);
    assert_int_equal(t->dtls.shared[WT_DTLS_ZRTP], 1);
    assert_int_equal(t->dtls.shared[WT_DTLS_TURN_CHANNEL], 1);
    assert_int_equal(t->dtls.shared[WT_DTLS_OTHER], 1);
}

/* The middle of a connection: records of later epochs fill the datagram. */
static void in_the_middle(void **state)
{
    (void)state;
    record(&out, WT_CONTENT_APPLICATION_DATA, WT_DTLS12, 1, 77, wt_span_text("sealed"));
    record(&out, WT_CONTENT_APPLICATION_DATA, WT_DTLS12, 1, 78, wt_span_text("sealed"));
    send_buffer(&w, WT_SERVER, &out);
    const struct told *t = world_finish(&w);
    assert_int_equal(t->c.state, WT_INCOMPLETE);
    assert_true(finding(t, "capture-starts-late") >= 0);
    assert_int_equal(t->dtls.records, 2);
    assert_int_equal(t->list[1].sequence, 78);
    assert_int_equal(t->c.client.port, CLIENT_PORT); /* the lower port is taken for the server's */
}

/* One byte more or less, another version, another type, a fragment that lies: none of DTLS. What the capture has cut
 * is. */
static void what_is_none(void **state)
{
    (void)state;
    add_hello(0x43);
    const size_t n = out.n;
    const struct {
        size_t at;
        uint8_t value;
    } changed[] = {{0, 19},
                   {0, 64},
                   {1, 0xfd},
                   {2, 0xfe},
                   {12, (uint8_t)(out.p[12] - 1)},
                   {12, (uint8_t)(out.p[12] + 1)},
                   {13, 99},
                   {24, (uint8_t)(out.p[24] + 1)}};
    uint8_t datagram[256];
    for (size_t i = 0; i < sizeof changed / sizeof changed[0]; i++) {
        memcpy(datagram, out.p, n);
        datagram[changed[i].at] = changed[i].value;
        w.client_port++;
        send_bytes(&w, WT_CLIENT, wt_span_of(datagram, n));
    }
    for (size_t i = 0; i < 13; i++) {
        w.client_port++;
        send_bytes(&w, WT_CLIENT, wt_span_of(out.p, i));
    }
    w.client_port++;
    send_cut(&w, WT_CLIENT, wt_buffer_span(&out), 60);
    (void)world_finish(&w);
    assert_int_equal(w.told_count, 1);
    assert_int_equal(w.told[0].c.client.port, w.client_port);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(in_what_carries_it, begin, end),
        cmocka_unit_test_setup_teardown(with_others_on_its_port, begin, end),
        cmocka_unit_test_setup_teardown(in_the_middle, begin, end),
        cmocka_unit_test_setup_teardown(what_is_none, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
