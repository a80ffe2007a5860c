/* Packets of QUIC and records of DTLS without their protection: every byte is in one field, whatever is in them. */
#include "codec/datagram_fields.h"

#include "codec/quic.h"
#include "registry/registry.h"

#include "message_check.h"

static struct wt_trail_event events[EVENTS];

static struct wt_span packet_of(const char *bytes, uint8_t room[256])
{
    const struct wt_span sample = hex(bytes);
    assert_true(sample.n <= 256);
    memcpy(room, sample.p, sample.n);
    return wt_span_of(room, sample.n);
}

/* How many fields have each byte, of those that hold no others, and prefixes. */
static void covers(const struct wt_trail *t, size_t n)
{
    uint8_t taken[256] = {0};
    for (size_t i = 0; i < t->n; i++) {
        const struct wt_trail_event *e = &t->events[i];
        const bool leaf = i + 1 == t->n || t->events[i + 1].depth <= e->depth;
        for (size_t at = e->offset - e->prefix; at < e->offset + (leaf ? e->length : 0); at++)
            taken[at]++;
    }
    for (size_t at = 0; at < n; at++)
        assert_int_equal(taken[at], 1);
}

static bool has(const struct wt_trail *t, const char *field)
{
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->events[i].field, field) == 0)
            return true;
    return false;
}

#define TAG "000102030405060708090a0b0c0d0e0f"

static void opened_packets(void **state)
{
    static const struct {
        const char *bytes;
        size_t id_length;
        const char *fields[4];
    } rows[] = {
        {"c0 00000001 01 aa 01 bb 02 0102 401e 07 06 00 02 0100 02 07 00 00 00 000000 " TAG,
         0,
         {"token", "crypto", "ack", "padding"}},
        {"e1 00000001 01 aa 01 bb 13 0007 01 " TAG, 0, {"source_connection_id", "ping"}},
        {"43 aabbcc 00000009 0e 00 4400 02 6869 1e " TAG, 3, {"stream", "stream_data", "handshake_done"}},
        {"40 07 1c 0a 06 03 626164 " TAG, 0, {"connection_close", "reason_phrase"}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t room[256];
        const struct wt_span packet = packet_of(rows[i].bytes, room);
        struct wt_trail trail = {events, 0, wt_datagram_most_fields(packet.n), 0};
        struct wt_error error;
        wt_quic_packet_fields(packet, rows[i].id_length, true, NULL, &trail, &error);
        assert_int_equal(error.code, WT_OK);
        assert_int_equal(trail.lost, 0);
        covers(&trail, packet.n);
        assert_true(has(&trail, "packet_number") && has(&trail, "authentication_tag"));
        for (size_t k = 0; k < 4 && rows[i].fields[k]; k++)
            assert_true(has(&trail, rows[i].fields[k]));
    }
}

/* What cannot be read ends the frames, and the tag is where it was. */
static void broken_frames(void **state)
{
    uint8_t room[256];
    const struct wt_span packet = packet_of("40 07 01 3f 0102 " TAG, room);
    struct wt_trail trail = {events, 0, EVENTS, 0};
    struct wt_error error;
    (void)state;
    wt_quic_packet_fields(packet, 0, true, NULL, &trail, &error);
    assert_int_equal(error.code, WT_VALUE);
    assert_true(has(&trail, "ping") && has(&trail, "unknown"));
    const struct wt_trail_event *tag = &trail.events[trail.n - 1];
    assert_string_equal(tag->field, "authentication_tag");
    assert_int_equal(tag->offset, packet.n - WT_QUIC_TAG);
}

/* Of what nobody opened, the header as far as it is in the clear. */
static void closed_packets(void **state)
{
    static const char *const rows[] = {"c0 00000001 01 aa 01 bb 02 0102 449e", "40 aabbcc"};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t room[256];
        const struct wt_span header = packet_of(rows[i], room);
        struct wt_trail trail = {events, 0, EVENTS, 0};
        struct wt_error error;
        wt_quic_packet_fields(header, i ? 3 : 0, false, NULL, &trail, &error);
        assert_int_equal(error.code, WT_OK);
        covers(&trail, header.n);
        assert_false(has(&trail, "packet_number"));
    }
}

/* Packets that are cut anywhere, and lengths that lie. */
static void cut_packets(void **state)
{
    uint8_t room[256];
    const struct wt_span packet =
        packet_of("c0 00000001 01 aa 01 bb 02 0102 401e 07 06 00 02 0100 02 07 00 00 00 000000 " TAG, room);
    (void)state;
    for (size_t n = 0; n < packet.n; n++)
        for (unsigned opened = 0; opened < 2; opened++) {
            struct wt_trail trail = {events, 0, EVENTS, 0};
            struct wt_error error;
            wt_quic_packet_fields(wt_span_of(room, n), 20, opened, NULL, &trail, &error);
            for (size_t i = 0; i < trail.n; i++)
                assert_true(trail.events[i].offset + trail.events[i].length <= n);
        }
}

static void records(void **state)
{
    static const struct {
        const char *bytes; /* content behind the header; the length is that of what was sent */
        struct wt_dtls_layout layout;
        const char *field;
    } rows[] = {
        {"16 fefd 0000 000000000001 0010 01 000004 0000 000000 000004 01020304", {13, 0, 22}, "message_seq"},
        {"16 fefd 0001 000000000000 0030 14 00000c 0003 000000 000002 0102", {13, 0, 22}, "fragment_offset"},
        {"17 fefd 0001 000000000001 0040 68656c6c6f", {13, 0, 23}, "application_data"},
        {"17 fefd 0001 000000000001 0040", {13, 0, 0}, "length"},
        {"19 fefd 0001 000000000001 aabb 0040 68656c6c6f", {15, 2, 23}, "cid"},
        {"2e 0007 0031 0010 00000000000000020000000000000001", {5, 0, 26}, "record_number"},
        {"22 07 0102", {2, 0, 21}, "content"},
        {"14 fefd 0000 000000000002 0000", {13, 0, 0}, "fragment"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t room[256];
        const struct wt_span record = packet_of(rows[i].bytes, room);
        struct wt_trail trail = {events, 0, EVENTS, 0};
        struct wt_error error;
        wt_dtls_record_fields(record, &rows[i].layout, &trail, &error);
        assert_int_equal(error.code, WT_OK);
        covers(&trail, record.n);
        assert_true(has(&trail, rows[i].field));
    }
}

static void application(void **state)
{
    (void)state;
    assert_true(wt_datagram_is_application(&(struct wt_trail_event){.field = "stream_data"}));
    assert_true(wt_datagram_is_application(&(struct wt_trail_event){.field = "datagram_data"}));
    assert_true(wt_datagram_is_application(&(struct wt_trail_event){.field = "application_data"}));
    assert_false(wt_datagram_is_application(&(struct wt_trail_event){.field = "crypto_data"}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opened_packets), cmocka_unit_test(broken_frames), cmocka_unit_test(closed_packets),
        cmocka_unit_test(cut_packets),    cmocka_unit_test(records),       cmocka_unit_test(application),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
