/* Headers of QUIC's packets: those that RFC 9001 and RFC 9369 print, coalesced ones, cut and lying ones. */
#include "codec/quic.h"

#include "message_check.h"

static struct wt_trail_event events[EVENTS];

static bool read_header(struct wt_span bytes, size_t dcid, struct wt_trail *trail, struct wt_quic_header *out,
                        struct wt_decode *decode)
{
    struct wt_reader r = wt_reader_start(decode, bytes, trail);
    return wt_quic_header_read(&r, dcid, out);
}

static void expect_span(struct wt_span found, const char *bytes)
{
    const struct wt_span wanted = hex(bytes);
    assert_int_equal(found.n, wanted.n);
    assert_memory_equal(found.p, wanted.p, wanted.n);
}

/* RFC 9001, A.2 and A.3, and RFC 9369, A.2, without their payload; a Handshake packet behind the first. */
static void long_headers(void **state)
{
    static const struct {
        const char *bytes;
        enum wt_quic_packet packet;
        uint32_t version;
        const char *dcid, *scid, *token;
        size_t number_at, size;
    } rows[] = {
        {"c0 00000001 08 8394c8f03e515708 00 00 05 7b9aec34d1 e0 00000001 00", WT_QUIC_INITIAL, 1, "8394c8f03e515708",
         "", "", 17, 22},
        {"cf 00000001 00 08 f067a5502a4262b5 00 4005 c0d9000000", WT_QUIC_INITIAL, 1, "", "f067a5502a4262b5", "", 18,
         23},
        {"c0 00000001 01 aa 01 bb 4003 010203 04 00010203", WT_QUIC_INITIAL, 1, "aa", "bb", "010203", 15, 19},
        {"d7 6b3343cf 08 8394c8f03e515708 00 00 04 a0c95e82", WT_QUIC_INITIAL, 0x6b3343cf, "8394c8f03e515708", "", "",
         17, 21},
        {"d0 00000001 01 aa 01 bb 04 00010203", WT_QUIC_0RTT, 1, "aa", "bb", "", 10, 14},
        {"e0 00000001 01 aa 01 bb 04 00010203", WT_QUIC_HANDSHAKE, 1, "aa", "bb", "", 10, 14},
        {"f0 6b3343cf 01 aa 01 bb 04 00010203", WT_QUIC_HANDSHAKE, 0x6b3343cf, "aa", "bb", "", 10, 14},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wt_quic_header header;
        struct wt_decode decode;
        uint8_t room[128];
        const struct wt_span sample = hex(rows[i].bytes);
        memcpy(room, sample.p, sample.n);
        const struct wt_span bytes = wt_span_of(room, sample.n);
        struct wt_trail trail = {events, 0, EVENTS, 0};
        assert_true(read_header(bytes, 0, NULL, &header, &decode));
        assert_int_equal(header.packet, rows[i].packet);
        assert_int_equal(header.version, rows[i].version);
        assert_int_equal(header.row->number, rows[i].version);
        assert_int_equal(header.number_at, rows[i].number_at);
        assert_int_equal(header.size, rows[i].size);
        expect_span(header.dcid, rows[i].dcid);
        expect_span(header.scid, rows[i].scid);
        expect_span(header.token, rows[i].token);
        /* with the trail, and what is behind it once the protection is off */
        struct wt_reader r = wt_reader_start(&decode, wt_span_cut(bytes, 0, header.size), &trail);
        assert_true(wt_quic_header_read(&r, 0, &header));
        wt_quic_number_read(&r, 4);
        assert_int_equal(decode.error.code, WT_OK);
        assert_null(trail_check(&trail, rows[i].size));
        /* every cut within the packet is one */
        for (size_t n = 0; n < rows[i].size; n++) {
            uint8_t *copy = exact(bytes, n);
            assert_false(read_header(wt_span_of(copy, n), 0, NULL, &header, &decode));
            assert_int_equal(decode.error.code, WT_TRUNCATED);
            free(copy);
        }
    }
}

static void short_headers(void **state)
{
    struct wt_quic_header header;
    struct wt_decode decode;
    const struct wt_span bytes = hex("4c aabbccdd 00010203 0405");
    (void)state;
    assert_true(read_header(bytes, 4, NULL, &header, &decode));
    assert_int_equal(header.packet, WT_QUIC_1RTT);
    assert_null(header.row);
    assert_int_equal(header.number_at, 5);
    assert_int_equal(header.size, bytes.n);
    assert_int_equal(header.dcid.n, 4);
    assert_true(read_header(bytes, 0, NULL, &header, &decode));
    assert_int_equal(header.number_at, 1);
    assert_false(read_header(bytes, bytes.n, NULL, &header, &decode));
    assert_int_equal(decode.error.code, WT_TRUNCATED);
}

/* RFC 9001, A.4; and as drafts before 25 had it. */
static void retries(void **state)
{
    struct wt_quic_header header;
    struct wt_decode decode;
    struct wt_trail trail = {events, 0, EVENTS, 0};
    (void)state;
    const struct wt_span bytes = hex("ff 00000001 00 08f067a5502a4262b5 746f6b656e 04a265ba2eff4d829058fb3f0f2496ba");
    assert_true(read_header(bytes, 0, &trail, &header, &decode));
    assert_int_equal(header.packet, WT_QUIC_RETRY);
    assert_int_equal(header.size, bytes.n);
    assert_int_equal(header.number_at, 0);
    assert_int_equal(header.token.n, 5);
    assert_memory_equal(header.token.p, "token", 5);
    assert_ptr_equal(header.retry_tag.p, bytes.p + bytes.n - WT_QUIC_TAG);
    assert_null(trail_check(&trail, bytes.n));
    assert_false(read_header(wt_span_cut(bytes, 0, 15 + 15), 0, NULL, &header, &decode));
    assert_int_equal(decode.error.code, WT_TRUNCATED);
    assert_string_equal(decode.error.field, "retry_integrity_tag");
    trail.n = 0;
    const struct wt_span old = hex("f0 ff000018 00 01 aa 02 0102 746f6b656e");
    assert_true(read_header(old, 0, &trail, &header, &decode));
    assert_int_equal(header.packet, WT_QUIC_RETRY);
    expect_span(header.original_dcid, "0102");
    assert_int_equal(header.token.n, 5);
    assert_int_equal(header.retry_tag.n, 0);
    assert_null(trail_check(&trail, 16));
}

/* RFC 8999, 6: any bits of the first byte, ids of up to 255 bytes. */
static void version_negotiation(void **state)
{
    struct wt_quic_header header;
    struct wt_decode decode;
    struct wt_trail trail = {events, 0, EVENTS, 0};
    uint8_t bytes[1 + 4 + 1 + 255 + 1 + 1 + 8] = {0x80};
    (void)state;
    bytes[5] = 255;
    bytes[261] = 1;
    bytes[263 + 3] = 1;
    assert_true(read_header(wt_span_of(bytes, sizeof bytes), 0, &trail, &header, &decode));
    assert_int_equal(header.packet, WT_QUIC_VERSION_NEGOTIATION);
    assert_int_equal(header.dcid.n, 255);
    assert_int_equal(header.scid.n, 1);
    assert_int_equal(header.supported_versions.n, 8);
    assert_int_equal(header.size, sizeof bytes);
    assert_null(trail_check(&trail, sizeof bytes));
    /* a version that is cut: RFC 8999, 6 has an endpoint ignore the packet; here it is said */
    assert_true(read_header(wt_span_of(bytes, sizeof bytes - 1), 0, NULL, &header, &decode));
    assert_int_equal(decode.error.code, WT_TRAILING);
    assert_int_equal(header.supported_versions.n, 4);
}

static void versions_that_are_not_known(void **state)
{
    struct wt_quic_header header;
    struct wt_decode decode;
    (void)state;
    assert_true(read_header(hex("c0 1a2a3a4a 01 aa 00 ffff"), 0, NULL, &header, &decode));
    assert_null(header.row);
    assert_int_equal(header.version, 0x1a2a3a4a);
    assert_int_equal(header.rest.n, 2);
    assert_int_equal(header.number_at, 0);
    expect_span(header.dcid, "aa");
}

/* RFC 9000, 15: reserved versions have no packets of their own. What stands there is an Initial packet of a version that
 * has some, when it reads as one; also where a report has kept its header alone. */
static void reserved_versions_borrow_an_initial(void **state)
{
    struct wt_quic_header header;
    struct wt_decode decode;
    (void)state;
    assert_true(read_header(hex("c3 1a2a3a4a 01 aa 00 00 04 01020304"), 0, NULL, &header, &decode));
    assert_ptr_equal(header.row, wt_quic_version_stand_in(0));
    assert_int_equal(header.packet, WT_QUIC_INITIAL);
    assert_int_equal(header.version, 0x1a2a3a4a);
    assert_int_equal(header.number_at, 10);
    assert_int_equal(header.size, 14);
    (void)read_header(hex("c3 1a2a3a4a 01 aa 00 00 04"), 0, NULL, &header, &decode);
    assert_ptr_equal(header.row, wt_quic_version_stand_in(0));
    /* of more than there is, of another type, with an id that no version's Initial has */
    assert_true(read_header(hex("c3 1a2a3a4a 01 aa 00 00 04 010203"), 0, NULL, &header, &decode));
    assert_null(header.row);
    assert_true(read_header(hex("d3 1a2a3a4a 01 aa 00 00 04 01020304"), 0, NULL, &header, &decode));
    assert_null(header.row);
    assert_true(read_header(hex("c3 1a2a3a4a 15 000102030405060708090a0b0c0d0e0f1011121314 00 00 04 01020304"), 0, NULL,
                            &header, &decode));
    assert_null(header.row);
    assert_true(read_header(hex("c3 1a2a3a4b 01 aa 00 00 04 01020304"), 0, NULL, &header, &decode));
    assert_null(header.row);
}

/* RFC 9000, 17.2: "Endpoints that receive a version 1 long header with a value larger than 20 MUST drop the packet." */
static void long_ids(void **state)
{
    struct wt_quic_header header;
    struct wt_decode decode;
    uint8_t bytes[64] = {0xc0, 0, 0, 0, 1, 21};
    (void)state;
    assert_false(read_header(wt_span_of(bytes, sizeof bytes), 0, NULL, &header, &decode));
    assert_int_equal(decode.error.code, WT_LENGTH);
    assert_int_equal(decode.error.value, 21);
    assert_int_equal(decode.error.bound, 20);
    bytes[4] = 2; /* of another version nobody knows how long they may be */
    assert_true(read_header(wt_span_of(bytes, sizeof bytes), 0, NULL, &header, &decode));
}

/* RFC 9001, A.2, A.3 and A.5: what is to be sealed. */
static void writes_what_is_printed(void **state)
{
    static const uint8_t dcid[] = {0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08},
                         scid[] = {0xf0, 0x67, 0xa5, 0x50, 0x2a, 0x42, 0x62, 0xb5};
    const struct {
        struct wt_quic_header header;
        uint64_t number;
        size_t after;
        const char *bytes;
    } rows[] = {
        {{.first = 0xc3, .version = 1, .dcid = {dcid, 8}},
         2,
         1162 + 16,
         "c300000001088394c8f03e5157080000449e00000002"},
        {{.first = 0xc1, .version = 1, .scid = {scid, 8}}, 1, 0x75 - 2, "c1000000010008f067a5502a4262b50040750001"},
        {{.first = 0x42, .packet = WT_QUIC_1RTT}, 654360564, 17, "4200bff4"},
        {{.first = 0xe0, .packet = WT_QUIC_HANDSHAKE, .version = 1, .dcid = {dcid, 1}, .token = {dcid, 8}},
         0x1ff,
         17,
         "e0 00000001 01 83 00 4012 ff"},
        {{.first = 0xc0, .version = 1, .token = {dcid, 2}}, 7, 17, "c0 00000001 00 00 02 8394 4012 07"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t room[64];
        struct wt_span written;
        struct wt_writer w = wt_writer_start(room, sizeof room);
        wt_quic_header_write(&w, &rows[i].header, rows[i].number, rows[i].after);
        assert_int_equal(wt_writer_done(&w, &written), WT_OK);
        expect_span(written, rows[i].bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_headers),
        cmocka_unit_test(short_headers),
        cmocka_unit_test(retries),
        cmocka_unit_test(version_negotiation),
        cmocka_unit_test(long_ids),
        cmocka_unit_test(versions_that_are_not_known),
        cmocka_unit_test(reserved_versions_borrow_an_initial),
        cmocka_unit_test(writes_what_is_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
