/* What was sent again, what was lost, which numbers are missing; and what only looks so. */
#include "wire.h"

#include "observer/quic/loss.h"

static const struct how plain;

static struct how numbered(uint64_t number)
{
    return (struct how){.number = number, .has_number = true};
}

/* An ACK of first to last, and of `more` ranges of one packet each below it, with one between them that is not. */
static void acknowledge(unsigned from, enum wt_quic_packet type, uint64_t first, uint64_t last, unsigned more)
{
    uint8_t ranges[256], payload[512];
    struct wt_writer r = wt_writer_start(ranges, sizeof ranges);
    for (unsigned i = 0; i < more; i++) {
        wt_write_varint(&r, 0);
        wt_write_varint(&r, 0);
    }
    const struct wt_quic_frame f = {.kind = WT_FRAME_ACK,
                                    .type = 0x02,
                                    .ack = {.largest_acknowledged = last,
                                            .first_ack_range = last - first,
                                            .ack_range_count = more,
                                            .ack_ranges = wt_span_of(ranges, r.n)}};
    struct wt_writer w = wt_writer_start(payload, sizeof payload);
    wt_quic_frame_write(&w, &f);
    send_sealed(from, type, &plain, wt_span_of(payload, w.n));
}

static const struct wt_quic_resend *again(size_t n)
{
    size_t count;
    const struct wt_quic_resend *list = wt_quic_loss_list(seen(), &count);
    assert_int_equal(count, n);
    return list;
}

static void say_numbered(unsigned from, uint64_t number, uint64_t offset, size_t n)
{
    const struct how how = numbered(number);
    say_data(from, &how, offset, n);
}

static void a_hello_that_had_arrived(void **state)
{
    (void)state;
    const struct parameters p = right_parameters();
    say_client_hello((struct wt_span){0}, 0);
    say_client_hello((struct wt_span){0}, 0);
    const uint32_t second = frame;
    acknowledge(WT_SERVER, WT_QUIC_INITIAL, 0, 1, 0);
    answer(&p);
    const struct wt_quic_resend *a = again(1);
    assert_true(wt_quic_loss_is_crypto(a->what));
    assert_int_equal(a->from, WT_CLIENT);
    assert_int_equal(a->type, WT_QUIC_INITIAL);
    assert_int_equal(a->number, 1);
    assert_int_equal(a->first_number, 0);
    assert_int_equal(a->offset, 0);
    assert_int_equal(a->frame, second);
    assert_int_equal(a->acknowledged, second + 1);
    assert_int_equal(a->acknowledged_ns - a->ns, 1000000);
    assert_int_equal(a->first_acknowledged, second + 1);
    assert_false(wt_quic_loss_is_lost(seen(), a));
    assert_int_equal(wt_quic_loss_count(seen(), WT_CLIENT).again, 1);
    assert_int_equal(wt_quic_loss_count(seen(), WT_CLIENT).lost, 0);
}

/* RFC 9002, 6.1: what was sent before an acknowledged packet, and was not. */
static void data_that_were_lost(void **state)
{
    (void)state;
    shake_hands();
    say_numbered(WT_SERVER, 0, 0, 100);
    say_numbered(WT_SERVER, 1, 100, 100);
    say_numbered(WT_SERVER, 2, 200, 100);
    say_numbered(WT_SERVER, 3, 50, 200);
    again(3);
    assert_int_equal(wt_quic_loss_count(seen(), WT_SERVER).lost, 0); /* nobody has said so yet */
    acknowledge(WT_CLIENT, WT_QUIC_1RTT, 2, 3, 1);                   /* and 0 */
    const struct wt_quic_resend *a = again(3);
    assert_int_equal(wt_quic_loss_count(seen(), WT_SERVER).lost, 1);
    assert_int_equal(wt_quic_loss_count(seen(), WT_SERVER).again, 1);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(a[i].number, 3);
        assert_int_equal(wt_quic_loss_is_lost(seen(), &a[i]), a[i].first_number == 1);
        assert_int_equal(a[i].length, a[i].first_number == 1 ? 100 : 50);
    }
    /* its acknowledgment was late: it was not lost */
    acknowledge(WT_CLIENT, WT_QUIC_1RTT, 0, 3, 0);
    assert_int_equal(wt_quic_loss_count(seen(), WT_SERVER).lost, 0);
}

/* The packet is named that acknowledged what is sent again, while it is the newest that acknowledged anything. */
static void data_that_had_arrived(void **state)
{
    (void)state;
    shake_hands();
    for (unsigned i = 0; i < 4; i++)
        say_numbered(WT_SERVER, i, 100 * i, 100);
    acknowledge(WT_CLIENT, WT_QUIC_1RTT, 0, 1, 0);
    acknowledge(WT_CLIENT, WT_QUIC_1RTT, 0, 3, 0);
    const uint32_t newest = frame;
    say_numbered(WT_SERVER, 4, 0, 100);
    say_numbered(WT_SERVER, 5, 200, 100);
    acknowledge(WT_CLIENT, WT_QUIC_1RTT, 0, 5, 0);
    const struct wt_quic_resend *a = again(2);
    for (unsigned i = 0; i < 2; i++) {
        assert_true(a[i].arrived);
        assert_false(wt_quic_loss_is_lost(seen(), &a[i]));
        assert_int_equal(a[i].acknowledged, frame);
    }
    assert_int_equal(a[0].first_acknowledged, 0);
    assert_int_equal(a[1].first_acknowledged, newest);
}

/* Two taps that were merged late: numbers of one byte are not those after what was acknowledged. */
static void acknowledged_before_it_comes(void **state)
{
    (void)state;
    shake_hands();
    acknowledge(WT_CLIENT, WT_QUIC_1RTT, 0, 1000, 0);
    for (unsigned i = 0; i < 4; i++) {
        const struct how how = {.number = i, .has_number = true, .one_byte = true};
        say_data(WT_SERVER, &how, 100 * i, 100);
    }
    finish();
    assert_int_equal(told.opened[WT_SERVER], 6);
    assert_int_equal(told.stream_bytes[WT_SERVER], 400);
}

/* The path, or who captured, may change the order, and double packets. */
static void order_is_no_loss(void **state)
{
    (void)state;
    static uint8_t out[ROOM], frames[ROOM], data[100];
    shake_hands();
    say_numbered(WT_CLIENT, 0, 0, 100);
    say_numbered(WT_CLIENT, 2, 200, 100);
    say_numbered(WT_CLIENT, 1, 100, 100);
    say_numbered(WT_CLIENT, 5, 300, 100);
    say_numbered(WT_CLIENT, 4, 300, 100); /* 5 was sent after it: that it is known by its number */
    const struct wt_quic_frame f = {
        .kind = WT_FRAME_STREAM, .type = 0x0e, .offset = 400, .data = wt_span_of(data, sizeof data)};
    struct wt_writer w = wt_writer_start(frames, sizeof frames);
    wt_quic_frame_write(&w, &f);
    const struct how how = numbered(6);
    const size_t n = seal(out, WT_CLIENT, WT_QUIC_1RTT, &how, wt_span_of(frames, w.n));
    send_datagram(WT_CLIENT, out, n);
    ends[WT_CLIENT].port++; /* by another way and later, so that it is no copy of the capture's */
    now += WT_LIMIT_RTO_NS;
    send_datagram(WT_CLIENT, out, n);
    acknowledge(WT_SERVER, WT_QUIC_1RTT, 4, 6, 0);
    again(0);
    assert_int_equal(wt_quic_loss_count(seen(), WT_CLIENT).again, 0);
}

static void another_stream_is_not_the_same(void **state)
{
    (void)state;
    uint8_t data[10] = {0}, frames[64];
    shake_hands();
    for (unsigned i = 0; i < 2; i++) {
        const struct wt_quic_frame f = {
            .kind = WT_FRAME_STREAM, .type = 0x0e, .stream_id = 4 * i, .data = wt_span_of(data, sizeof data)};
        struct wt_writer w = wt_writer_start(frames, sizeof frames);
        wt_quic_frame_write(&w, &f);
        send_sealed(WT_CLIENT, WT_QUIC_1RTT, &plain, wt_span_of(frames, w.n));
    }
    again(0);
}

/* RFC 9000, 17.2.5.3: after a Retry the client begins again. */
static void a_retry_loses_nothing(void **state)
{
    (void)state;
    uint8_t retry[128], tag[WT_QUIC_TAG];
    struct wt_writer w = wt_writer_start(retry, sizeof retry);
    say_client_hello((struct wt_span){0}, 0);
    wt_write_u8(&w, 0xf0);
    wt_write_u32(&w, version);
    wt_write_opaque(&w, wt_span_of(ends[WT_CLIENT].id, 8), 1, 0, 20, "dcid");
    wt_write_opaque(&w, wt_span_text("retry-id"), 1, 0, 20, "scid");
    wt_write_bytes(&w, wt_span_text("token"));
    assert_true(wt_quic_retry_tag(o->crypto, wt_quic_version_find(version), wt_span_of(first_id, first_id_length),
                                  wt_span_of(retry, w.n), tag));
    wt_write_bytes(&w, wt_span_of(tag, sizeof tag));
    send_datagram(WT_SERVER, retry, w.n);
    struct wt_quic *q = seen();
    memcpy(first_id, "retry-id", 8);
    say_client_hello(wt_span_text("token"), 0);
    size_t count;
    (void)wt_quic_loss_list(q, &count);
    assert_int_equal(count, 0);
    say_client_hello(wt_span_text("token"), 0);
    (void)wt_quic_loss_list(q, &count);
    assert_int_equal(count, 1);
}

/* RFC 9001, 4.6.2: streams of 0-RTT that was not accepted begin anew. */
static void rejected_early_data_are_not_lost(void **state)
{
    (void)state;
    uint8_t data[50] = {0}, frames[128];
    const struct parameters p = right_parameters();
    const struct wt_quic_frame f = {.kind = WT_FRAME_STREAM, .type = 0x0e, .data = wt_span_of(data, sizeof data)};
    struct wt_writer w = wt_writer_start(frames, sizeof frames);
    const struct how early = {.to = first_id, .to_length = first_id_length};
    wt_quic_frame_write(&w, &f);
    say_client_hello((struct wt_span){0}, 0);
    send_sealed(WT_CLIENT, WT_QUIC_0RTT, &early, wt_span_of(frames, w.n));
    answer(&p);
    client_finishes();
    assert_int_equal(seen()->side[WT_CLIENT].opened[WT_QUIC_0RTT], 1);
    send_sealed(WT_CLIENT, WT_QUIC_1RTT, &plain, wt_span_of(frames, w.n));
    again(0);
    send_sealed(WT_CLIENT, WT_QUIC_1RTT, &plain, wt_span_of(frames, w.n));
    assert_int_equal(again(1)->first_type, WT_QUIC_1RTT);
}

/* RFC 9000, 12.3: "A receiver MUST discard a newly unprotected packet unless it is certain that it has not processed
 * another packet with the same packet number". Far behind, where numbers are not remembered one by one, it may be one
 * that comes late. */
static void a_copy_is_read_once(void **state)
{
    (void)state;
    shake_hands();
    say_numbered(WT_CLIENT, 2, 20, 10);
    say_numbered(WT_CLIENT, 2, 20, 10);
    assert_int_equal(seen()->side[WT_CLIENT].stream_bytes, 10);
    assert_int_equal(seen()->side[WT_CLIENT].numbers[WT_SPACE_APPLICATION].repeated, 1);
    say_numbered(WT_CLIENT, 1, 10, 10); /* late */
    assert_int_equal(seen()->side[WT_CLIENT].stream_bytes, 20);
    say_numbered(WT_CLIENT, 100, 30, 10);
    say_numbered(WT_CLIENT, 0, 0, 10);
    assert_int_equal(seen()->side[WT_CLIENT].stream_bytes, 40);
}

static void numbers_that_are_missing(void **state)
{
    (void)state;
    unsigned acknowledged;
    size_t n;
    shake_hands();
    say_numbered(WT_CLIENT, 0, 0, 10);
    say_numbered(WT_CLIENT, 5, 50, 10); /* 1 to 4 were passed over */
    acknowledge(WT_SERVER, WT_QUIC_1RTT, 2, 5, 0);
    say_numbered(WT_CLIENT, 3, 30, 10); /* late */
    const struct wt_quic_gap *gap = wt_quic_loss_gaps(seen(), &n);
    assert_int_equal(n, 1);
    assert_int_equal(gap->first, 1);
    assert_int_equal(gap->last, 4);
    assert_int_equal(wt_quic_loss_missing(seen(), gap, &acknowledged), 3);
    assert_int_equal(acknowledged, 2);
    const struct wt_quic_loss_counts counts = wt_quic_loss_count(seen(), WT_CLIENT);
    assert_int_equal(counts.uncaptured, 2);
    assert_int_equal(counts.skipped, 1);
    /* a packet that was not opened may be any of them */
    uint8_t out[64];
    const struct how how = {.updates = 0};
    const size_t length = seal(out, WT_CLIENT, WT_QUIC_1RTT, &how, wt_span_of("\1\0\0\0", 4));
    out[length - 1] ^= 1;
    send_datagram(WT_CLIENT, out, length);
    assert_int_equal(wt_quic_loss_count(seen(), WT_CLIENT).uncaptured, 0);
    assert_int_equal(wt_quic_loss_count(seen(), WT_CLIENT).skipped, 0);
}

/* Lost before the capture: what the packets had comes under later numbers than what is behind it. Who leaves numbers
 * out (RFC 9000, 21.4) sends nothing again. */
static void lost_before_the_capture(void **state)
{
    (void)state;
    size_t n;
    shake_hands();
    say_numbered(WT_SERVER, 0, 0, 100);
    say_numbered(WT_SERVER, 2, 200, 100);
    say_numbered(WT_SERVER, 4, 300, 100); /* 3 was left out */
    say_numbered(WT_SERVER, 5, 100, 100);
    acknowledge(WT_CLIENT, WT_QUIC_1RTT, 4, 5, 0);
    const struct wt_quic_resend *a = again(1);
    assert_true(a->unseen);
    assert_int_equal(a->first_number, 1);
    assert_int_equal(a->number, 5);
    const struct wt_quic_gap *gaps = wt_quic_loss_gaps(seen(), &n);
    assert_int_equal(n, 2);
    assert_true(gaps[0].again);
    assert_false(gaps[1].again);
    const struct wt_quic_loss_counts counts = wt_quic_loss_count(seen(), WT_SERVER);
    assert_int_equal(counts.lost, 1);
    assert_int_equal(counts.skipped, 1);
    assert_int_equal(counts.again, 1);
    /* late, it is no loss */
    say_numbered(WT_SERVER, 3, 400, 10);
    assert_int_equal(wt_quic_loss_count(seen(), WT_SERVER).skipped, 0);
    again(1);
}

/* --- limits ------------------------------------------------------------------------------------------------------- */

static void frames_that_are_remembered(void **state)
{
    (void)state;
    shake_hands();
    for (uint64_t i = 0; i < WT_LIMIT_QUIC_SENT; i++)
        say_data(WT_CLIENT, &plain, i, 1);
    say_data(WT_CLIENT, &plain, 0, 1); /* the oldest that there is room for; then it is the newest */
    again(1);
    say_data(WT_CLIENT, &plain, 1, 1); /* which has taken the place of this one's neighbour */
    again(2);
    for (uint64_t i = 0; i < WT_LIMIT_QUIC_SENT; i++)
        say_data(WT_CLIENT, &plain, WT_LIMIT_QUIC_SENT + i, 1);
    say_data(WT_CLIENT, &plain, 2, 1); /* that is forgotten */
    again(2);
}

static void that_is_told_one_by_one(void **state)
{
    (void)state;
    shake_hands();
    for (uint64_t i = 0; i <= WT_LIMIT_QUIC_RESENT; i++)
        say_data(WT_CLIENT, &plain, 0, 1);
    again(WT_LIMIT_QUIC_RESENT);
    assert_int_equal(wt_quic_loss_count(seen(), WT_CLIENT).again, WT_LIMIT_QUIC_RESENT);
    say_data(WT_CLIENT, &plain, 0, 1);
    again(WT_LIMIT_QUIC_RESENT);
    assert_int_equal(wt_quic_loss_count(seen(), WT_CLIENT).again, WT_LIMIT_QUIC_RESENT + 1);
}

static void gaps_that_are_told(void **state)
{
    (void)state;
    size_t n;
    shake_hands();
    for (uint64_t i = 0; i < WT_LIMIT_QUIC_GAPS; i++)
        say_numbered(WT_CLIENT, 2 * i, i, 1);
    (void)wt_quic_loss_gaps(seen(), &n);
    assert_int_equal(n, WT_LIMIT_QUIC_GAPS - 1);
    for (uint64_t i = 0; i < 2; i++)
        say_numbered(WT_CLIENT, 2 * (WT_LIMIT_QUIC_GAPS + i), WT_LIMIT_QUIC_GAPS + i, 1);
    (void)wt_quic_loss_gaps(seen(), &n);
    assert_int_equal(n, WT_LIMIT_QUIC_GAPS);
}

/* One range more, and what is between the lowest two passes for acknowledged: nothing of it is called lost. */
static void ranges_that_are_remembered(void **state)
{
    (void)state;
    shake_hands();
    for (unsigned more = 0; more < 2; more++) {
        const uint64_t base = 1000 * more;
        say_numbered(WT_SERVER, base + 1, 10 * base, 1);
        for (uint64_t i = 0; i < WT_LIMIT_QUIC_ACKNOWLEDGED - 1 + more; i++)
            acknowledge(WT_CLIENT, WT_QUIC_1RTT, base + 2 * i, base + 2 * i, 0);
        say_numbered(WT_SERVER, base + 500, 10 * base, 1);
        acknowledge(WT_CLIENT, WT_QUIC_1RTT, base + 500, base + 500, 0);
        const struct wt_quic_resend *a = again(1 + more);
        assert_int_equal(wt_quic_loss_is_lost(seen(), &a[more]), more == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_hello_that_had_arrived, start, stop),
        cmocka_unit_test_setup_teardown(data_that_were_lost, start, stop),
        cmocka_unit_test_setup_teardown(data_that_had_arrived, start, stop),
        cmocka_unit_test_setup_teardown(acknowledged_before_it_comes, start, stop),
        cmocka_unit_test_setup_teardown(order_is_no_loss, start, stop),
        cmocka_unit_test_setup_teardown(another_stream_is_not_the_same, start, stop),
        cmocka_unit_test_setup_teardown(a_retry_loses_nothing, start, stop),
        cmocka_unit_test_setup_teardown(rejected_early_data_are_not_lost, start, stop),
        cmocka_unit_test_setup_teardown(numbers_that_are_missing, start, stop),
        cmocka_unit_test_setup_teardown(a_copy_is_read_once, start, stop),
        cmocka_unit_test_setup_teardown(lost_before_the_capture, start, stop),
        cmocka_unit_test_setup_teardown(frames_that_are_remembered, start, stop),
        cmocka_unit_test_setup_teardown(that_is_told_one_by_one, start, stop),
        cmocka_unit_test_setup_teardown(gaps_that_are_told, start, stop),
        cmocka_unit_test_setup_teardown(ranges_that_are_remembered, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
