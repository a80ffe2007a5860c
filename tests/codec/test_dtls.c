/* DTLS's records, fragments and ACK: read and written alike, every byte in the trail, refused at every cut. */
#include "codec/dtls.h"

#include "message_check.h"

static struct wt_trail_event events[EVENTS];

static const struct sample {
    const char *bytes;
    size_t cid; /* bytes of the connection id that is known */
    uint8_t type;
    uint16_t version, epoch;
    uint64_t sequence;
    const char *id;
    uint8_t sequence_at;
    size_t fragment; /* bytes */
} samples[] = {
    {"16 feff 0000 000000000001 0003 010203", 0, 22, 0xfeff, 0, 1, "", 5, 3},
    {"17 fefd 0001 010203040506 0000", 4, 23, 0xfefd, 1, 0x010203040506, "", 5, 0},
    {"14 0100 0000 000000000000 0001 01", 0, 20, 0x0100, 0, 0, "", 5, 1},
    {"19 fefd 0001 000000000007 aabbccdd 0002 0102", 4, 25, 0xfefd, 1, 7, "aabbccdd", 5, 2},
    {"19 fefd 0001 000000000007 0002 0102", 0, 25, 0xfefd, 1, 7, "", 5, 2},
    {"2e 1234 0004 01020304", 0, 0, 0, 2, 0x1234, "", 1, 4},
    {"23 ff 010203", 0, 0, 0, 3, 0xff, "", 1, 3},
    {"35 aabb 07 0002 0102", 2, 0, 0, 1, 7, "aabb", 3, 2},
};

static void records(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        const struct sample *s = &samples[i];
        struct wt_trail trail = {events, 0, EVENTS, 0};
        struct wt_dtls_record record;
        struct wt_decode decode;
        struct wt_span written;
        uint8_t room[64];
        const struct wt_span sample = hex(s->bytes);
        uint8_t *copy = exact(sample, sample.n);
        const struct wt_span bytes = wt_span_of(copy, sample.n);
        struct wt_reader r = wt_reader_start(&decode, bytes, &trail);
        assert_true(wt_dtls_record_read(&r, s->cid, &record));
        assert_int_equal(decode.error.code, WT_OK);
        assert_int_equal(record.unified, s->type == 0);
        assert_int_equal(record.type, s->type);
        assert_int_equal(record.version, s->version);
        assert_int_equal(record.epoch, s->epoch);
        assert_true(record.sequence == s->sequence);
        assert_int_equal(record.sequence_at, s->sequence_at);
        assert_int_equal(record.fragment.n, s->fragment);
        assert_int_equal(record.size, bytes.n);
        assert_null(trail_check(&trail, bytes.n));
        assert_int_equal(record.cid.n, strlen(s->id) / 2);
        struct wt_writer w = wt_writer_start(room, sizeof room);
        wt_dtls_record_write(&w, &record, record.fragment.n);
        wt_write_bytes(&w, record.fragment);
        assert_int_equal(wt_writer_done(&w, &written), WT_OK);
        assert_int_equal(written.n, bytes.n);
        assert_memory_equal(written.p, bytes.p, bytes.n);
        for (size_t n = 0; n < bytes.n; n++) {
            uint8_t *cut = exact(bytes, n);
            r = wt_reader_start(&decode, wt_span_of(cut, n), NULL);
            const bool open = record.unified && !(record.first & WT_DTLS13_LENGTH) && n > record.sequence_at;
            assert_int_equal(wt_dtls_record_read(&r, s->cid, &record), open);
            assert_true(open || decode.error.code == WT_TRUNCATED);
            free(cut);
        }
        free(copy);
    }
}

/* Several in a datagram; the last may be without a length. */
static void records_follow_each_other(void **state)
{
    struct wt_dtls_record record;
    struct wt_decode decode;
    (void)state;
    struct wt_reader r =
        wt_reader_start(&decode, hex("16 fefd 0000 000000000000 0001 02  2e 0001 0002 0102  22 05 010203"), NULL);
    assert_true(wt_dtls_record_read(&r, 0, &record) && !record.unified);
    assert_true(wt_dtls_record_read(&r, 0, &record) && record.unified && record.epoch == 2);
    assert_int_equal(record.size, 7);
    assert_true(wt_dtls_record_read(&r, 0, &record) && record.fragment.n == 3);
    assert_int_equal(wt_reader_left(&r), 0);
}

static void what_is_no_record(void **state)
{
    static const struct {
        const char *bytes, *field;
        uint64_t offset, value;
    } rows[] = {
        {"80 fefd 0000 000000000000 0000", "type", 0, 0x80},
        {"16 0303 0000 000000000000 0000", "version", 1, 0x0303}, /* TLS */
        {"16 fefc 0000 000000000000 0000", "version", 1, 0xfefc}, /* RFC 9147, 4: never on the wire */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wt_dtls_record record;
        struct wt_decode decode;
        struct wt_reader r = wt_reader_start(&decode, hex(rows[i].bytes), NULL);
        assert_false(wt_dtls_record_read(&r, 0, &record));
        assert_int_equal(decode.error.code, WT_VALUE);
        assert_string_equal(decode.error.field, rows[i].field);
        assert_int_equal(decode.error.offset, rows[i].offset);
        assert_int_equal(decode.error.value, rows[i].value);
    }
}

static void fragments(void **state)
{
    struct wt_trail trail = {events, 0, EVENTS, 0};
    struct wt_dtls_fragment fragment;
    struct wt_decode decode;
    struct wt_span written;
    uint8_t room[64], bytes[64];
    (void)state;
    const struct wt_span sample = hex("0b 000400 0003 0000c8 000004 01020304  0e 000000 0004 000000 000000");
    memcpy(bytes, sample.p, sample.n);
    struct wt_reader r = wt_reader_start(&decode, wt_span_of(bytes, sample.n), &trail);
    struct wt_writer w = wt_writer_start(room, sizeof room);
    assert_true(wt_dtls_fragment_read(&r, &fragment));
    assert_int_equal(fragment.type, WT_HANDSHAKE_CERTIFICATE);
    assert_int_equal(fragment.length, 0x400);
    assert_int_equal(fragment.message_seq, 3);
    assert_int_equal(fragment.fragment_offset, 0xc8);
    assert_int_equal(fragment.bytes.n, 4);
    wt_dtls_fragment_write(&w, &fragment);
    assert_true(wt_dtls_fragment_read(&r, &fragment));
    assert_int_equal(fragment.bytes.n, 0);
    wt_dtls_fragment_write(&w, &fragment);
    assert_int_equal(wt_reader_left(&r), 0);
    assert_null(trail_check(&trail, sample.n));
    assert_int_equal(wt_writer_done(&w, &written), WT_OK);
    assert_int_equal(written.n, sample.n);
    assert_memory_equal(written.p, bytes, sample.n);
    for (size_t n = 0; n < 16; n++) {
        r = wt_reader_start(&decode, wt_span_of(bytes, n), NULL);
        assert_false(wt_dtls_fragment_read(&r, &fragment));
    }
}

static void a_fragment_beyond_its_message_is_said(void **state)
{
    struct wt_dtls_fragment fragment;
    struct wt_decode decode;
    (void)state;
    struct wt_reader r = wt_reader_start(&decode, hex("01 000004 0000 000001 000004 01020304"), NULL);
    assert_true(wt_dtls_fragment_read(&r, &fragment));
    assert_int_equal(decode.error.code, WT_LENGTH);
    assert_string_equal(decode.error.field, "fragment_length");
    assert_int_equal(decode.error.value, 5);
    assert_int_equal(decode.error.bound, 4);
}

static void acknowledgments(void **state)
{
    struct wt_trail trail = {events, 0, EVENTS, 0};
    struct wt_decode decode;
    struct wt_span written;
    uint8_t room[64], bytes[64];
    (void)state;
    const struct wt_span sample = hex("0020 0000000000000002 0000000000000005 0000000000000003 0000010000000000");
    memcpy(bytes, sample.p, sample.n);
    struct wt_reader r = wt_reader_start(&decode, wt_span_of(bytes, sample.n), &trail);
    const struct wt_span numbers = wt_dtls_ack_read(&r);
    assert_true(wt_reader_close(&r, "ack"));
    assert_null(trail_check(&trail, sample.n));
    assert_int_equal(wt_dtls_ack_count(numbers), 2);
    assert_true(wt_dtls_ack_at(numbers, 0).epoch == 2 && wt_dtls_ack_at(numbers, 0).sequence == 5);
    assert_true(wt_dtls_ack_at(numbers, 1).epoch == 3 && wt_dtls_ack_at(numbers, 1).sequence == 0x10000000000);
    struct wt_writer w = wt_writer_start(room, sizeof room);
    wt_dtls_ack_write(&w, numbers);
    assert_int_equal(wt_writer_done(&w, &written), WT_OK);
    assert_memory_equal(written.p, bytes, sample.n);
    /* half a number is said, and those before it are read */
    r = wt_reader_start(&decode, hex("0014 0000000000000002 0000000000000005 00000000"), NULL);
    assert_int_equal(wt_dtls_ack_count(wt_dtls_ack_read(&r)), 1);
    assert_int_equal(decode.error.code, WT_TRAILING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records),
        cmocka_unit_test(records_follow_each_other),
        cmocka_unit_test(what_is_no_record),
        cmocka_unit_test(fragments),
        cmocka_unit_test(a_fragment_beyond_its_message_is_said),
        cmocka_unit_test(acknowledgments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
