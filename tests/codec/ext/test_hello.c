/* The extensions of RFC 6066, 8422, 5246, 7301, 5077, 5746, 6962, 7366, 7627, 7685 and 8449. */
#include "ext_check.h"

static void test_server_name(void **state)
{
    union wt_ext_body b;
    uint8_t type;
    struct wt_span name;
    (void)state;
    struct wt_trail *t = ext_check(WT_EXT_SERVER_NAME, WT_IN_CH, "000c 00 0009 612e6578616d706c65", &b);
    assert_span(b.server_name.host_name, "612e6578616d706c65");
    assert_int_equal(event_of(t, "host_name", 0)->form, WT_TRAIL_TEXT);
    assert_int_equal(event_of(t, "name_type", 0)->kind, WT_REG_NAME_TYPE);
    assert_int_equal(event_of(t, "server_name", 0)->form, WT_TRAIL_STRUCT);
    assert_int_equal(event_of(t, "server_name_list", 0)->form, WT_TRAIL_LIST);
    /* "all future data structures associated with new NameTypes MUST begin with a 16-bit length field" */
    ext_check(WT_EXT_SERVER_NAME, WT_IN_CH, "0009 07 0002 aabb 00 0001 61", &b);
    struct wt_span rest = b.server_name.server_name_list;
    assert_true(wt_ext_server_name_next(&rest, &type, &name));
    assert_int_equal(type, 7);
    assert_span(name, "aabb");
    assert_true(wt_ext_server_name_next(&rest, &type, &name));
    assert_int_equal(type, 0);
    assert_span(name, "61");
    assert_false(wt_ext_server_name_next(&rest, &type, &name));
    /* "The "extension_data" field of this extension SHALL be empty." */
    ext_check(WT_EXT_SERVER_NAME, WT_IN_SH12, "", &b);
    ext_check(WT_EXT_SERVER_NAME, WT_IN_EE, "", &b);
    ext_refused(WT_EXT_SERVER_NAME, WT_IN_CH, "0000", WT_LENGTH, "server_name_list", 0, "RFC 6066, 3");
    ext_refused(WT_EXT_SERVER_NAME, WT_IN_CH, "0003 00 0000", WT_LENGTH, "host_name", 3, NULL);
    ext_refused(WT_EXT_SERVER_NAME, WT_IN_CH, "0006 00 0009 616161", WT_TRUNCATED, "host_name", 3, NULL);
    ext_refused(WT_EXT_SERVER_NAME, WT_IN_CH, "0008 00 0001 61 00 0001 62", WT_DUPLICATE, "name_type", 6,
                "\"The ServerNameList MUST NOT contain more than one name of the same name_type.\"");
}

static void test_small(void **state)
{
    static const uint16_t empty[] = {WT_EXT_CLIENT_CERTIFICATE_URL,
                                     WT_EXT_TRUNCATED_HMAC,
                                     WT_EXT_ENCRYPT_THEN_MAC,
                                     WT_EXT_EXTENDED_MASTER_SECRET,
                                     WT_EXT_CHANNEL_ID_OLD,
                                     WT_EXT_CHANNEL_ID,
                                     WT_EXT_RRC,
                                     WT_EXT_POST_HANDSHAKE_AUTH};
    union wt_ext_body b;
    (void)state;
    /* RFC 7366, 2, RFC 7627, 5.1 and the others: "The "extension_data" field of this extension SHALL be empty." */
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        ext_check(empty[i], WT_IN_CH, "", &b);
        assert_true(b.empty.present);
        ext_refused(empty[i], WT_IN_CH, "00", WT_TRAILING, "extension_data", 0, NULL);
        if (empty[i] != WT_EXT_POST_HANDSHAKE_AUTH)
            ext_check(empty[i], WT_IN_SH12, "", &b);
    }
    ext_check(WT_EXT_TLS_CERT_WITH_EXTERN_PSK, WT_IN_SH, "", &b);

    ext_check(WT_EXT_MAX_FRAGMENT_LENGTH, WT_IN_CH, "04", &b);
    assert_int_equal(b.max_fragment_length.max_fragment_length, 4);
    ext_check(WT_EXT_MAX_FRAGMENT_LENGTH, WT_IN_SH12, "01", &b);
    ext_refused(WT_EXT_MAX_FRAGMENT_LENGTH, WT_IN_CH, "00", WT_VALUE, "max_fragment_length", 0,
                "\"If a server receives a maximum fragment length negotiation request for a value other than the "
                "allowed values, it MUST abort the handshake");
    ext_refused(WT_EXT_MAX_FRAGMENT_LENGTH, WT_IN_EE, "05", WT_VALUE, "max_fragment_length", 0, NULL);

    ext_check(WT_EXT_RECORD_SIZE_LIMIT, WT_IN_CH, "4001", &b);
    assert_int_equal(b.record_size_limit.record_size_limit, 0x4001);
    ext_check(WT_EXT_RECORD_SIZE_LIMIT, WT_IN_EE, "0040", &b);
    ext_refused(WT_EXT_RECORD_SIZE_LIMIT, WT_IN_CH, "003f", WT_VALUE, "record_size_limit", 0,
                "\"Endpoints MUST NOT send a \"record_size_limit\" extension with a value smaller than 64.\"");

    ext_check(WT_EXT_HEARTBEAT, WT_IN_CH, "01", &b);
    assert_int_equal(b.heartbeat.mode, 1);
    ext_check(WT_EXT_HEARTBEAT, WT_IN_SH12, "02", &b);
    ext_refused(WT_EXT_HEARTBEAT, WT_IN_CH, "03", WT_VALUE, "mode", 0, "\"Upon reception of an unknown mode");

    ext_check(WT_EXT_RENEGOTIATION_INFO, WT_IN_CH, "00", &b);
    assert_int_equal(b.renegotiation_info.renegotiated_connection.n, 0);
    ext_check(WT_EXT_RENEGOTIATION_INFO, WT_IN_SH12, "03 010203", &b);
    assert_span(b.renegotiation_info.renegotiated_connection, "010203");
}

static void test_lists(void **state)
{
    union wt_ext_body b;
    (void)state;
    struct wt_trail *t = ext_check(WT_EXT_SUPPORTED_GROUPS, WT_IN_CH, "0006 2a2a 001d 0017", &b);
    assert_int_equal(wt_codes_count(b.supported_groups.named_group_list), 3);
    assert_int_equal(wt_codes_at(b.supported_groups.named_group_list, 1), 0x1d);
    assert_int_equal(event_of(t, "named_group", 1)->value, 0x1d);
    assert_int_equal(event_of(t, "named_group", 1)->kind, WT_REG_GROUP);
    ext_check(WT_EXT_SUPPORTED_GROUPS, WT_IN_EE, "0002 001d", &b);
    /* RFC 8446, 4.2.7: "NamedGroup named_group_list<2..2^16-1>;" */
    ext_refused(WT_EXT_SUPPORTED_GROUPS, WT_IN_CH, "0000", WT_LENGTH, "named_group_list", 0, "RFC 8446, 4.2.7");
    ext_refused(WT_EXT_SUPPORTED_GROUPS, WT_IN_CH, "0003 001d 00", WT_LENGTH, "named_group_list", 2, NULL);

    ext_check(WT_EXT_EC_POINT_FORMATS, WT_IN_CH, "03 010200", &b);
    assert_span(b.ec_point_formats.ec_point_format_list, "010200");
    ext_check(WT_EXT_EC_POINT_FORMATS, WT_IN_SH12, "01 00", &b);
    ext_refused(WT_EXT_EC_POINT_FORMATS, WT_IN_CH, "00", WT_LENGTH, "ec_point_format_list", 0, NULL);
    ext_refused(WT_EXT_EC_POINT_FORMATS, WT_IN_CH, "02 0102", WT_VALUE, "ec_point_format_list", 1,
                "the extension does not contain the uncompressed point format");

    ext_check(WT_EXT_SIGNATURE_ALGORITHMS, WT_IN_CH, "0004 0403 0804", &b);
    assert_true(wt_codes_have(b.signature_algorithms.supported_signature_algorithms, 0x0804));
    ext_check(WT_EXT_SIGNATURE_ALGORITHMS, WT_IN_CR, "0002 0403", &b);
    /* draft-ietf-tls-tls13-16, 4.2.3: "an empty "signature_algorithms" extension" of a server with a certificate */
    ext_whole(WT_EXT_SIGNATURE_ALGORITHMS, WT_IN_SH, hex(""), &b);
    assert_int_equal(b.signature_algorithms.supported_signature_algorithms.n, 0);
    ext_refused(WT_EXT_SIGNATURE_ALGORITHMS, WT_IN_CH, "", WT_TRUNCATED, "supported_signature_algorithms", 0, NULL);
    ext_check(WT_EXT_SIGNATURE_ALGORITHMS_CERT, WT_IN_CH, "0002 0804", &b);
    ext_check(WT_EXT_SIGNATURE_ALGORITHMS_CERT, WT_IN_CR, "0002 0804", &b);
    ext_refused(WT_EXT_SIGNATURE_ALGORITHMS, WT_IN_CH, "ffff", WT_LENGTH, "supported_signature_algorithms", 0, NULL);

    ext_whole(WT_EXT_PADDING, WT_IN_CH, hex(""), &b);
    ext_whole(WT_EXT_PADDING, WT_IN_CH, hex("00000000"), &b);
    assert_int_equal(b.padding.padding.n, 4);
    ext_whole(WT_EXT_PADDING_OLD, WT_IN_CH, hex("00"), &b);
    ext_refused(WT_EXT_PADDING, WT_IN_CH, "00000100", WT_VALUE, "padding", 2,
                "\"The client MUST fill the padding extension completely with zero bytes\"");

    ext_whole(WT_EXT_SESSION_TICKET, WT_IN_CH, hex("a1a2a3"), &b);
    assert_span(b.session_ticket.ticket, "a1a2a3");
    ext_whole(WT_EXT_SESSION_TICKET, WT_IN_CH, hex(""), &b);
    ext_check(WT_EXT_SESSION_TICKET, WT_IN_SH12, "", &b);
}

static void test_alpn(void **state)
{
    union wt_ext_body b;
    struct wt_span name;
    (void)state;
    struct wt_trail *t = ext_check(WT_EXT_ALPN, WT_IN_CH, "000c 02 6832 08 687474702f312e31", &b);
    struct wt_span rest = b.alpn.protocol_name_list;
    assert_true(wt_ext_opaque_next(&rest, 1, &name));
    assert_span(name, "6832");
    assert_true(wt_ext_opaque_next(&rest, 1, &name));
    assert_span(name, "687474702f312e31");
    assert_false(wt_ext_opaque_next(&rest, 1, &name));
    assert_int_equal(event_of(t, "protocol_name", 1)->form, WT_TRAIL_TEXT);
    ext_check(WT_EXT_ALPN, WT_IN_SH12, "0003 02 6832", &b);
    ext_check(WT_EXT_ALPN, WT_IN_EE, "0003 02 6832", &b);
    /* RFC 7301, 3.1: "Empty strings MUST NOT be included and byte strings MUST NOT be truncated." */
    ext_refused(WT_EXT_ALPN, WT_IN_CH, "0004 02 6832 00", WT_LENGTH, "protocol_name", 5, "RFC 7301, 3.1");
    ext_refused(WT_EXT_ALPN, WT_IN_CH, "0003 03 6832", WT_TRUNCATED, "protocol_name", 2, NULL);
    ext_refused(WT_EXT_ALPN, WT_IN_CH, "0000", WT_LENGTH, "protocol_name_list", 0, NULL);
    /* Servers have been seen to send these two. */
    ext_refused(WT_EXT_ALPN, WT_IN_SH12, "0000", WT_LENGTH, "protocol_name_list", 0, NULL);
    ext_refused(WT_EXT_ALPN, WT_IN_SH12, "0004 01 61 01 62", WT_VALUE, "protocol_name_list", 2,
                "\"MUST contain exactly one \"ProtocolName\"\"");
}

static void test_status_request(void **state)
{
    union wt_ext_body b;
    (void)state;
    ext_check(WT_EXT_STATUS_REQUEST, WT_IN_CH, "01 0000 0000", &b);
    assert_int_equal(b.status_request.status_type, 1);
    struct wt_trail *t = ext_check(WT_EXT_STATUS_REQUEST, WT_IN_CH, "01 0008 0002 aabb 0002 ccdd 0003 300100", &b);
    assert_span(b.status_request.responder_id_list, "0002aabb0002ccdd");
    assert_span(b.status_request.request_extensions, "300100");
    assert_int_equal(event_of(t, "responder_id", 1)->length, 2);
    ext_check(WT_EXT_STATUS_REQUEST, WT_IN_SH12, "", &b);
    ext_check(WT_EXT_STATUS_REQUEST, WT_IN_CR, "", &b);
    ext_check(WT_EXT_STATUS_REQUEST, WT_IN_CT, "01 000003 300100", &b);
    assert_span(b.status_request.response, "300100");
    /* RFC 6066, 8: "opaque OCSPResponse<1..2^24-1>;", "opaque ResponderID<1..2^16-1>;" */
    ext_refused(WT_EXT_STATUS_REQUEST, WT_IN_CT, "01 000000", WT_LENGTH, "response", 1, "RFC 6066, 8");
    ext_refused(WT_EXT_STATUS_REQUEST, WT_IN_CH, "01 0002 0000 0000", WT_LENGTH, "responder_id", 3, NULL);
    ext_unknown(WT_EXT_STATUS_REQUEST, WT_IN_CH, "09 0000 0000");
    ext_unknown(WT_EXT_STATUS_REQUEST, WT_IN_EE, "");
}

static void test_status_request_v2(void **state)
{
    union wt_ext_body b;
    uint8_t type;
    struct wt_span request;
    (void)state;
    struct wt_trail *t =
        ext_check(WT_EXT_STATUS_REQUEST_V2, WT_IN_CH, "0014 02 0004 0000 0000 01 0005 0000 0001 aa 09 0002 bbbb", &b);
    assert_int_equal(event_of(t, "request", 0)->form, WT_TRAIL_STRUCT);
    assert_int_equal(event_of(t, "request", 2)->form, WT_TRAIL_BYTES);
    struct wt_span rest = b.status_request_v2.certificate_status_req_list;
    assert_true(wt_ext_status_request_v2_next(&rest, &type, &request));
    assert_true(wt_ext_status_request_v2_next(&rest, &type, &request));
    assert_true(wt_ext_status_request_v2_next(&rest, &type, &request));
    assert_int_equal(type, 9);
    assert_span(request, "bbbb");
    assert_false(wt_ext_status_request_v2_next(&rest, &type, &request));
    ext_check(WT_EXT_STATUS_REQUEST_V2, WT_IN_SH12, "", &b);
    ext_refused(WT_EXT_STATUS_REQUEST_V2, WT_IN_CH, "0000", WT_LENGTH, "certificate_status_req_list", 0, NULL);
    ext_refused(WT_EXT_STATUS_REQUEST_V2, WT_IN_CH, "0008 01 0005 0000 0000 00", WT_TRAILING, "request", 9, NULL);
}

static void test_trusted_ca_keys(void **state)
{
    union wt_ext_body b;
    uint8_t type;
    struct wt_span id;
    (void)state;
    ext_check(WT_EXT_TRUSTED_CA_KEYS, WT_IN_CH,
              "0030 00 01 0102030405060708090a0b0c0d0e0f1011121314 02 0002 3000"
              "03 0102030405060708090a0b0c0d0e0f1011121315",
              &b);
    struct wt_span rest = b.trusted_ca_keys.trusted_authorities_list;
    for (unsigned i = 0; i < 4; i++) {
        static const size_t lengths[] = {0, 20, 2, 20};
        assert_true(wt_ext_trusted_ca_keys_next(&rest, &type, &id));
        assert_int_equal(type, i);
        assert_int_equal(id.n, lengths[i]);
    }
    assert_int_equal(id.p[19], 0x15);
    assert_false(wt_ext_trusted_ca_keys_next(&rest, &type, &id));
    ext_check(WT_EXT_TRUSTED_CA_KEYS, WT_IN_CH, "0000", &b);
    ext_check(WT_EXT_TRUSTED_CA_KEYS, WT_IN_SH12, "", &b);
    ext_refused(WT_EXT_TRUSTED_CA_KEYS, WT_IN_CH, "0003 02 0000", WT_LENGTH, "x509_name", 3, "RFC 6066, 6");
    ext_unknown(WT_EXT_TRUSTED_CA_KEYS, WT_IN_CH, "0002 04 00");
}

#define LOG_ID "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define SCT "00" LOG_ID "0000018bcfe56800 0000 0403 0002 3000" /* 47 + 2 bytes */

static void test_sct(void **state)
{
    union wt_ext_body b;
    struct wt_sct sct;
    (void)state;
    struct wt_trail *t = ext_check(WT_EXT_SIGNED_CERTIFICATE_TIMESTAMP, WT_IN_CT, "0038 0031" SCT "0003 05aabb", &b);
    struct wt_span rest = b.signed_certificate_timestamp.sct_list;
    assert_true(wt_ext_sct_next(&rest, &sct));
    assert_int_equal(sct.sct_version, 0);
    assert_span(sct.id, LOG_ID);
    assert_int_equal(sct.timestamp, 1700000000000);
    assert_int_equal(sct.extensions.n, 0);
    assert_int_equal(sct.algorithm, 0x0403);
    assert_span(sct.signature, "3000");
    assert_true(wt_ext_sct_next(&rest, &sct));
    assert_int_equal(sct.sct_version, 5);
    assert_span(sct.serialized, "05aabb");
    assert_false(wt_ext_sct_next(&rest, &sct));
    assert_int_equal(event_of(t, "serialized_sct", 1)->prefix, 2);
    ext_check(WT_EXT_SIGNED_CERTIFICATE_TIMESTAMP, WT_IN_SH12, "0033 0031" SCT, &b);
    /* RFC 6962, 3.3.1: with "empty "extension_data"" */
    ext_check(WT_EXT_SIGNED_CERTIFICATE_TIMESTAMP, WT_IN_CH, "", &b);
    ext_check(WT_EXT_SIGNED_CERTIFICATE_TIMESTAMP, WT_IN_CR, "", &b);
    ext_refused(WT_EXT_SIGNED_CERTIFICATE_TIMESTAMP, WT_IN_CT, "0000", WT_LENGTH, "sct_list", 0, "RFC 6962, 3.3");
    ext_refused(WT_EXT_SIGNED_CERTIFICATE_TIMESTAMP, WT_IN_CT, "0004 0002 0001", WT_TRUNCATED, "id", 5, NULL);
    ext_refused(WT_EXT_SIGNED_CERTIFICATE_TIMESTAMP, WT_IN_CT, "0034 0032" SCT "00", WT_TRAILING, "serialized_sct", 53,
                NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server_name),     cmocka_unit_test(test_small),
        cmocka_unit_test(test_lists),           cmocka_unit_test(test_alpn),
        cmocka_unit_test(test_status_request),  cmocka_unit_test(test_status_request_v2),
        cmocka_unit_test(test_trusted_ca_keys), cmocka_unit_test(test_sct),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
