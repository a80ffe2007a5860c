/* QUIC's frames: read and written alike, every byte in the trail, refused at every cut, rules of their own. */
#include "codec/frame/frame.h"
#include "registry/registry.h"

#include "message_check.h"

static struct wt_trail_event events[EVENTS];

static const struct sample {
    enum wt_quic_frame_kind kind;
    const char *bytes;
    bool open; /* it ends where the packet ends: shorter ones are whole, too */
} samples[] = {
    {WT_FRAME_PADDING, "00", true},
    {WT_FRAME_PADDING, "00000000", true},
    {WT_FRAME_PING, "01", false},
    {WT_FRAME_ACK, "02 00 00 00 00", false},
    {WT_FRAME_ACK, "02 80010000 4064 02 05 01 02 00 4041", false},
    {WT_FRAME_ACK, "03 0a 19 01 02 01 03 01 4050 bfffffff", false},
    {WT_FRAME_RESET_STREAM, "04 04 4100 8000ffff", false},
    {WT_FRAME_STOP_SENDING, "05 08 410c", false},
    {WT_FRAME_CRYPTO, "06 44b0 04 01020304", false},
    {WT_FRAME_CRYPTO, "06 00 00", false},
    {WT_FRAME_NEW_TOKEN, "07 03 aabbcc", false},
    {WT_FRAME_STREAM, "08 04 68656c6c6f", true},
    {WT_FRAME_STREAM, "0f 04 4400 05 68656c6c6f", false},
    {WT_FRAME_STREAM, "0b 00 00", false},
    {WT_FRAME_STREAM, "0c 03 08 00", true},
    {WT_FRAME_MAX_DATA, "10 c000000100000000", false},
    {WT_FRAME_MAX_STREAM_DATA, "11 04 80100000", false},
    {WT_FRAME_MAX_STREAMS, "12 4080", false},
    {WT_FRAME_MAX_STREAMS, "13 d000000000000000", false},
    {WT_FRAME_DATA_BLOCKED, "14 7fff", false},
    {WT_FRAME_STREAM_DATA_BLOCKED, "15 04 7fff", false},
    {WT_FRAME_STREAMS_BLOCKED, "17 03", false},
    {WT_FRAME_NEW_CONNECTION_ID, "18 02 01 04 01020304 000102030405060708090a0b0c0d0e0f", false},
    {WT_FRAME_RETIRE_CONNECTION_ID, "19 00", false},
    {WT_FRAME_PATH_CHALLENGE, "1a 0001020304050607", false},
    {WT_FRAME_PATH_RESPONSE, "1b 0001020304050607", false},
    {WT_FRAME_CONNECTION_CLOSE, "1c 0a 06 03 626164", false},
    {WT_FRAME_CONNECTION_CLOSE, "1c 4128 00 00", false},
    {WT_FRAME_APPLICATION_CLOSE, "1d 4100 02 6f6b", false},
    {WT_FRAME_HANDSHAKE_DONE, "1e", false},
    {WT_FRAME_IMMEDIATE_ACK, "1f", false},
    {WT_FRAME_RESET_STREAM_AT, "24 04 02 4400 4100", false},
    {WT_FRAME_DATAGRAM, "30 646174", true},
    {WT_FRAME_DATAGRAM, "31 03 646174", false},
    {WT_FRAME_IMMEDIATE_ACK_OLD, "40ac", false},
    {WT_FRAME_ACK_FREQUENCY, "40af 01 0a 8000c350 03", false},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool read_one(struct wt_span bytes, struct wt_trail *trail, struct wt_quic_frame *frame,
                     struct wt_decode *decode)
{
    struct wt_reader r = wt_reader_start(decode, bytes, trail);
    const bool done = wt_quic_frame_read(&r, frame);
    return done && wt_reader_left(&r) == 0;
}

static void each_is_read_and_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        struct wt_trail trail = {events, 0, EVENTS, 0};
        struct wt_quic_frame frame, again;
        struct wt_decode decode;
        uint8_t room[256];
        const struct wt_span bytes = hex(samples[i].bytes);
        uint8_t *copy = exact(bytes, bytes.n);
        const struct wt_span one = wt_span_of(copy, bytes.n);
        assert_true(read_one(one, &trail, &frame, &decode));
        assert_int_equal(decode.error.code, WT_OK);
        assert_int_equal(frame.kind, samples[i].kind);
        assert_true(read_one(one, NULL, &again, &decode));
        assert_memory_equal(&frame, &again, sizeof frame);
        assert_null(trail_check(&trail, bytes.n));
        struct wt_writer w = wt_writer_start(room, sizeof room);
        struct wt_span written;
        wt_quic_frame_write(&w, &frame);
        assert_int_equal(wt_writer_done(&w, &written), WT_OK);
        assert_int_equal(written.n, bytes.n);
        assert_memory_equal(written.p, copy, bytes.n);
        free(copy);
    }
}

static void a_cut_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        const struct wt_span bytes = hex(samples[i].bytes);
        for (size_t n = 1; n < bytes.n; n++) {
            struct wt_quic_frame frame;
            struct wt_decode decode;
            uint8_t *copy = exact(bytes, n);
            const bool whole = read_one(wt_span_of(copy, n), NULL, &frame, &decode);
            if (!samples[i].open) {
                assert_false(whole);
                assert_int_equal(decode.error.code, WT_TRUNCATED);
            }
            free(copy);
        }
    }
}

/* A payload is read to its end, or to the frame that cannot be. */
static void frames_follow_each_other(void **state)
{
    const struct wt_span all = hex("01 06 00 02 0102 00 00 02 00 00 00 00 21 01");
    static const enum wt_quic_frame_kind wanted[] = {WT_FRAME_PING, WT_FRAME_CRYPTO, WT_FRAME_PADDING, WT_FRAME_ACK};
    struct wt_quic_frame frame;
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, all, NULL);
    (void)state;
    for (size_t i = 0; i < COUNT(wanted); i++) {
        assert_true(wt_quic_frame_read(&r, &frame));
        assert_int_equal(frame.kind, wanted[i]);
    }
    /* 0x21 has no row: what is behind it cannot be told */
    assert_false(wt_quic_frame_read(&r, &frame));
    assert_int_equal(frame.kind, WT_FRAME_UNKNOWN);
    assert_int_equal(decode.error.code, WT_VALUE);
    assert_int_equal(decode.error.offset, 13);
    assert_int_equal(decode.error.value, 0x21);
    assert_int_equal(wt_reader_left(&r), 0);
}

/* What a frame may not say, with the RFC's sentence; it is read all the same, and what follows it. */
static void rules_are_said(void **state)
{
    static const struct {
        const char *bytes, *field, *rule;
    } rows[] = {
        {"02 01 00 00 02 01", "ack_range", "RFC 9000, 19.3.1"},
        {"02 05 00 01 02 02 00 01", "ack_range", "RFC 9000, 19.3.1"},
        {"02 05 00 01 02 01 01 01", "ack_range", "RFC 9000, 19.3.1"},
        {"02 00 00 01 00 ffffffffffffffff ffffffffffffffff 01", "ack_range", "RFC 9000, 19.3.1"},
        {"06 ffffffffffffffff 01 00 01", "offset", "RFC 9000, 19.6"},
        {"0e 00 ffffffffffffffff 01 00 01", "offset", "RFC 9000, 19.8"},
        {"07 00 01", "token", "RFC 9000, 19.7"},
        {"12 d000000000000001 01", "maximum_streams", "RFC 9000, 19.11"},
        {"16 d000000000000001 01", "maximum_streams", "RFC 9000, 19.14"},
        {"18 01 02 01 aa 000102030405060708090a0b0c0d0e0f 01", "retire_prior_to", "RFC 9000, 19.15"},
        {"18 01 01 00 000102030405060708090a0b0c0d0e0f 01", "connection_id", NULL},
        {"18 01 01 15 000102030405060708090a0b0c0d0e0f1011121314 000102030405060708090a0b0c0d0e0f 01", "connection_id",
         NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct wt_quic_frame frame;
        struct wt_decode decode;
        struct wt_reader r = wt_reader_start(&decode, hex(rows[i].bytes), NULL);
        assert_true(wt_quic_frame_read(&r, &frame));
        assert_int_not_equal(decode.error.code, WT_OK);
        assert_string_equal(decode.error.field, rows[i].field);
        if (rows[i].rule)
            assert_int_equal(strncmp(decode.error.rule, rows[i].rule, strlen(rows[i].rule)), 0);
        assert_true(wt_quic_frame_read(&r, &frame));
        assert_int_equal(frame.kind, WT_FRAME_PING);
        assert_int_equal(wt_reader_left(&r), 0);
    }
}

/* A count that lies costs no more than the bytes that are there. */
static void a_count_of_ranges_is_not_believed(void **state)
{
    struct wt_quic_frame frame;
    struct wt_decode decode;
    (void)state;
    assert_false(read_one(hex("02 0a 00 ffffffffffffffff 00 00 00 00 00"), NULL, &frame, &decode));
    assert_int_equal(decode.error.code, WT_TRUNCATED);
    assert_int_equal(frame.ack.ack_ranges.n, 0);
}

static void ranges_go_down(void **state)
{
    static const uint64_t wanted[][2] = {{95, 100}, {91, 92}, {80, 80}};
    struct wt_quic_ack_walk walk = {0};
    struct wt_quic_frame frame;
    struct wt_decode decode;
    (void)state;
    /* 100 to 95; a gap of 2 (94, 93), 92 and 91; a gap of 10, 80 */
    const struct wt_span bytes = hex("02 4064 00 02 05 01 01 09 00");
    assert_true(read_one(bytes, NULL, &frame, &decode));
    assert_int_equal(decode.error.code, WT_OK);
    for (size_t i = 0; i < COUNT(wanted); i++) {
        assert_true(wt_quic_ack_next(&frame.ack, &walk));
        assert_int_equal(walk.smallest, wanted[i][0]);
        assert_int_equal(walk.largest, wanted[i][1]);
    }
    assert_false(wt_quic_ack_next(&frame.ack, &walk));
    assert_false(wt_quic_ack_next(&frame.ack, &walk));
}

/* Ranges below 0: the walk ends where the reader found them. */
static void ranges_end_where_a_number_would_be_negative(void **state)
{
    struct wt_quic_ack_walk walk = {0};
    struct wt_quic_frame frame;
    struct wt_decode decode;
    (void)state;
    assert_true(read_one(hex("02 05 00 01 02 02 00"), NULL, &frame, &decode));
    assert_int_equal(decode.error.code, WT_VALUE);
    assert_true(wt_quic_ack_next(&frame.ack, &walk));
    assert_int_equal(walk.smallest, 3);
    assert_false(wt_quic_ack_next(&frame.ack, &walk));
    walk = (struct wt_quic_ack_walk){0};
    assert_true(read_one(hex("02 01 00 00 02"), NULL, &frame, &decode));
    assert_false(wt_quic_ack_next(&frame.ack, &walk));
}

/* RFC 9000, 12.4, table 3, and 12.5 */
static void packets_have_their_frames(void **state)
{
    static const struct {
        enum wt_quic_frame_kind kind;
        const char *packets;
        bool eliciting;
    } rows[] = {
        {WT_FRAME_PADDING, "IH01", false},
        {WT_FRAME_PING, "IH01", true},
        {WT_FRAME_ACK, "IH1", false},
        {WT_FRAME_CRYPTO, "IH1", true},
        {WT_FRAME_STREAM, "01", true},
        {WT_FRAME_NEW_TOKEN, "1", true},
        {WT_FRAME_RETIRE_CONNECTION_ID, "1", true},
        {WT_FRAME_PATH_CHALLENGE, "01", true},
        {WT_FRAME_PATH_RESPONSE, "1", true},
        {WT_FRAME_CONNECTION_CLOSE, "IH01", false},
        {WT_FRAME_APPLICATION_CLOSE, "01", false},
        {WT_FRAME_HANDSHAKE_DONE, "1", true},
        {WT_FRAME_DATAGRAM, "01", true},
        {WT_FRAME_UNKNOWN, "", true},
    };
    static const struct {
        char letter;
        enum wt_quic_packet packet;
    } packets[] = {{'I', WT_QUIC_INITIAL}, {'H', WT_QUIC_HANDSHAKE}, {'0', WT_QUIC_0RTT}, {'1', WT_QUIC_1RTT}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (size_t p = 0; p < COUNT(packets); p++)
            assert_int_equal(wt_quic_frame_may_be_in(rows[i].kind, packets[p].packet),
                             strchr(rows[i].packets, packets[p].letter) != NULL);
        assert_false(wt_quic_frame_may_be_in(rows[i].kind, WT_QUIC_RETRY));
        assert_int_equal(wt_quic_frame_is_ack_eliciting(rows[i].kind), rows[i].eliciting);
    }
    assert_string_equal(wt_quic_frame_id(WT_FRAME_APPLICATION_CLOSE), "connection_close");
    assert_string_equal(wt_quic_frame_id(WT_FRAME_UNKNOWN), "unknown");
}

/* Every type that a row has is named, and no name stands where no row is. */
static void every_type_has_a_name(void **state)
{
    static const struct {
        uint64_t first, last;
    } rows[] = {
#define WT_QUIC_FRAME(first, last, ID, id, packets, eliciting, rfc) {first, last},
#include "registry/quic_frames.def"
#undef WT_QUIC_FRAME
    };
    (void)state;
    for (uint64_t type = 0; type < 0x200; type++) {
        bool has = false;
        for (size_t i = 0; i < COUNT(rows); i++)
            has = has || (type >= rows[i].first && type <= rows[i].last);
        assert_int_equal(wt_registry_name(WT_REG_QUIC_FRAME, type) != NULL, has);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_read_and_written),
        cmocka_unit_test(a_cut_is_refused),
        cmocka_unit_test(frames_follow_each_other),
        cmocka_unit_test(rules_are_said),
        cmocka_unit_test(a_count_of_ranges_is_not_believed),
        cmocka_unit_test(ranges_go_down),
        cmocka_unit_test(ranges_end_where_a_number_would_be_negative),
        cmocka_unit_test(packets_have_their_frames),
        cmocka_unit_test(every_type_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
