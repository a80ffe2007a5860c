/* The extensions of RFC 8446, 9849, 8879, 9345, 9149, 9000 and those that TLS 1.3's drafts had. */
#include "ext_check.h"

#include "registry/limits.h"

#define BINDER "20 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

/* draft-ietf-tls-ecdhe-mlkem, 4.1 and 4.2: which part of a hybrid share comes first, and how long it is. */
static void test_hybrid_shares(void **state)
{
    static const struct {
        uint16_t group;
        size_t ecdh, key, ciphertext;
        bool ecdh_first;
    } rows[] = {{0x11eb, 65, 1184, 1088, true}, {0x11ec, 32, 1184, 1088, false}, {0x11ed, 97, 1568, 1568, true}};
    static uint8_t body[4096];
    union wt_ext_body b;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (unsigned server = 0; server < 2; server++) {
            const char *kem = server ? "mlkem_ciphertext" : "mlkem_encapsulation_key";
            size_t kem_n = server ? rows[i].ciphertext : rows[i].key, n = rows[i].ecdh + kem_n, at = server ? 0 : 2;
            body[0] = (uint8_t)((n + 4) >> 8);
            body[1] = (uint8_t)(n + 4);
            body[at] = (uint8_t)(rows[i].group >> 8);
            body[at + 1] = (uint8_t)rows[i].group;
            body[at + 2] = (uint8_t)(n >> 8);
            body[at + 3] = (uint8_t)n;
            struct wt_span whole = wt_span_of(body, at + 4 + n);
            struct wt_trail *t = ext_whole(WT_EXT_KEY_SHARE, server ? WT_IN_SH : WT_IN_CH, whole, &b);
            const struct wt_trail_event *e = event_of(t, kem, 0), *c = event_of(t, "ecdh_share", 0);
            assert_int_equal(e->length, kem_n);
            assert_int_equal(c->length, rows[i].ecdh);
            assert_int_equal(e->offset, at + 4 + (rows[i].ecdh_first ? rows[i].ecdh : 0));
            assert_int_equal(c->offset, at + 4 + (rows[i].ecdh_first ? 0 : kem_n));
            /* of another length: nobody can say where a part ends */
            body[at + 2] = (uint8_t)((n - 1) >> 8);
            body[at + 3] = (uint8_t)(n - 1);
            body[0] = (uint8_t)((n + 3) >> 8);
            body[1] = (uint8_t)(n + 3);
            if (server) {
                body[0] = (uint8_t)(rows[i].group >> 8);
                body[1] = (uint8_t)rows[i].group;
            }
            t = ext_whole(WT_EXT_KEY_SHARE, server ? WT_IN_SH : WT_IN_CH, wt_span_of(body, whole.n - 1), &b);
            for (size_t k = 0; k < t->n; k++)
                assert_string_not_equal(t->events[k].field, kem);
        }
}

static void test_key_share(void **state)
{
    static const uint16_t ids[] = {WT_EXT_KEY_SHARE, WT_EXT_KEY_SHARE_OLD};
    union wt_ext_body b;
    uint16_t group;
    struct wt_span key;
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct wt_trail *t = ext_check(ids[i], WT_IN_CH, "000b 2a2a 0001 00 001d 0002 aabb", &b);
        assert_int_equal(event_of(t, "group", 1)->value, 0x1d);
        struct wt_span rest = b.key_share.client_shares;
        assert_true(wt_ext_key_share_next(&rest, &group, &key));
        assert_int_equal(group, 0x2a2a);
        assert_true(wt_ext_key_share_next(&rest, &group, &key));
        assert_span(key, "aabb");
        assert_false(wt_ext_key_share_next(&rest, &group, &key));
        /* RFC 8446, 4.2.8: an empty list asks for a HelloRetryRequest */
        ext_check(ids[i], WT_IN_CH, "0000", &b);
        ext_check(ids[i], WT_IN_SH12, "001d 0002 aabb", &b); /* drafts of TLS 1.3 without supported_versions */
        ext_check(ids[i], WT_IN_SH, "001d 0002 aabb", &b);
        assert_int_equal(b.key_share.group, 0x1d);
        assert_span(b.key_share.key_exchange, "aabb");
        t = ext_check(ids[i], WT_IN_HRR, "0017", &b);
        assert_int_equal(b.key_share.group, 0x17);
        assert_string_equal(t->events[0].field, "selected_group");
    }
    ext_refused(WT_EXT_KEY_SHARE, WT_IN_CH, "0004 001d 0000", WT_LENGTH, "key_exchange", 4, "RFC 8446, 4.2.8");
    ext_refused(WT_EXT_KEY_SHARE, WT_IN_SH, "001d 0000", WT_LENGTH, "key_exchange", 2, NULL);
    ext_refused(WT_EXT_KEY_SHARE, WT_IN_CH, "000f 001d 0001 01 0017 0001 02 001d 0001 03", WT_DUPLICATE, "group", 12,
                "\"Clients MUST NOT offer multiple KeyShareEntry values for the same group.\"");
    ext_unknown(WT_EXT_KEY_SHARE, WT_IN_EE, "001d 0002 aabb");
}

static void test_pre_shared_key(void **state)
{
    union wt_ext_body b;
    struct wt_span identity;
    uint32_t age;
    (void)state;
    struct wt_trail *t =
        ext_check(WT_EXT_PRE_SHARED_KEY, WT_IN_CH, "000f 0002 aabb 01020304 0001 cc 00000000 0042" BINDER BINDER, &b);
    struct wt_span rest = b.pre_shared_key.identities;
    assert_true(wt_ext_psk_identity_next(&rest, &identity, &age));
    assert_span(identity, "aabb");
    assert_int_equal(age, 0x01020304);
    assert_true(wt_ext_psk_identity_next(&rest, &identity, &age));
    assert_false(wt_ext_psk_identity_next(&rest, &identity, &age));
    assert_int_equal(b.pre_shared_key.binders.n, 66);
    assert_int_equal(event_of(t, "obfuscated_ticket_age", 0)->value, 0x01020304);
    ext_check(WT_EXT_PRE_SHARED_KEY, WT_IN_SH, "0001", &b);
    assert_int_equal(b.pre_shared_key.selected_identity, 1);
    /* RFC 8446, 4.2.11: "PskIdentity identities<7..2^16-1>; PskBinderEntry binders<33..2^16-1>;" */
    ext_refused(WT_EXT_PRE_SHARED_KEY, WT_IN_CH, "0006 0000 00000000", WT_LENGTH, "identities", 0, "RFC 8446, 4.2.11");
    ext_refused(WT_EXT_PRE_SHARED_KEY, WT_IN_CH, "0007 0001 cc 00000000 0020 1f", WT_LENGTH, "binders", 9, NULL);
    ext_refused(WT_EXT_PRE_SHARED_KEY, WT_IN_CH, "0007 0001 cc 00000000 0042" BINDER BINDER, WT_VALUE, "binders", 9,
                "one for each value in the \"identities\" list");
}

static void test_versions(void **state)
{
    union wt_ext_body b;
    (void)state;
    struct wt_trail *t = ext_check(WT_EXT_SUPPORTED_VERSIONS, WT_IN_CH, "06 3a3a 0304 0303", &b);
    assert_true(wt_codes_have(b.supported_versions.versions, 0x0304));
    assert_int_equal(event_of(t, "protocol_version", 1)->kind, WT_REG_VERSION);
    ext_check(WT_EXT_SUPPORTED_VERSIONS, WT_IN_SH, "0304", &b);
    assert_int_equal(b.supported_versions.selected_version, 0x0304);
    ext_check(WT_EXT_SUPPORTED_VERSIONS, WT_IN_HRR, "0304", &b);
    /* RFC 8446, 4.2.1: "ProtocolVersion versions<2..254>;" */
    ext_refused(WT_EXT_SUPPORTED_VERSIONS, WT_IN_CH, "00", WT_LENGTH, "versions", 0, "RFC 8446, 4.2.1");
    ext_refused(WT_EXT_SUPPORTED_VERSIONS, WT_IN_CH, "ff", WT_LENGTH, "versions", 0, NULL);
    ext_refused(WT_EXT_SUPPORTED_VERSIONS, WT_IN_CH, "03 030403", WT_LENGTH, "versions", 1, NULL);
}

static void test_small(void **state)
{
    union wt_ext_body b;
    (void)state;
    ext_check(WT_EXT_COOKIE, WT_IN_CH, "0002 aabb", &b);
    ext_check(WT_EXT_COOKIE, WT_IN_HRR, "0002 aabb", &b);
    assert_span(b.cookie.cookie, "aabb");
    ext_refused(WT_EXT_COOKIE, WT_IN_HRR, "0000", WT_LENGTH, "cookie", 0, "RFC 8446, 4.2.2");

    ext_check(WT_EXT_PSK_KEY_EXCHANGE_MODES, WT_IN_CH, "02 0100", &b);
    assert_span(b.psk_key_exchange_modes.ke_modes, "0100");
    ext_refused(WT_EXT_PSK_KEY_EXCHANGE_MODES, WT_IN_CH, "00", WT_LENGTH, "ke_modes", 0, NULL);

    ext_check(WT_EXT_EARLY_DATA, WT_IN_CH, "", &b);
    ext_check(WT_EXT_EARLY_DATA, WT_IN_EE, "", &b);
    ext_check(WT_EXT_EARLY_DATA, WT_IN_NST, "00004000", &b);
    assert_int_equal(b.early_data.max_early_data_size, 16384);
    ext_check(WT_EXT_TICKET_EARLY_DATA_INFO, WT_IN_NST, "ffffffff", &b);
    assert_int_equal(b.early_data.max_early_data_size, 0xffffffff);

    ext_check(WT_EXT_COMPRESS_CERTIFICATE, WT_IN_CH, "04 0002 0001", &b);
    assert_true(wt_codes_have(b.compress_certificate.algorithms, 2));
    ext_check(WT_EXT_COMPRESS_CERTIFICATE, WT_IN_CR, "02 0003", &b);
    ext_refused(WT_EXT_COMPRESS_CERTIFICATE, WT_IN_CH, "00", WT_LENGTH, "algorithms", 0, NULL);
    ext_refused(WT_EXT_COMPRESS_CERTIFICATE, WT_IN_CH, "ff", WT_LENGTH, "algorithms", 0, NULL);

    ext_check(WT_EXT_TICKET_REQUEST, WT_IN_CH, "02 01", &b);
    assert_int_equal(b.ticket_request.new_session_count, 2);
    assert_int_equal(b.ticket_request.resumption_count, 1);
    ext_check(WT_EXT_TICKET_REQUEST, WT_IN_EE, "03", &b);
    assert_int_equal(b.ticket_request.expected_count, 3);

    ext_check(WT_EXT_TLS_FLAGS, WT_IN_CH, "02 0001", &b);
    assert_span(b.tls_flags.flags, "0001");
    ext_check(WT_EXT_TLS_FLAGS, WT_IN_NST, "00", &b);
    ext_refused(WT_EXT_TLS_FLAGS, WT_IN_EE, "02 0100", WT_VALUE, "flags", 2, "the last byte of flags is not zero");
}

static void test_requests(void **state)
{
    union wt_ext_body b;
    struct wt_span name, oid, values;
    (void)state;
    ext_check(WT_EXT_CERTIFICATE_AUTHORITIES, WT_IN_CH, "0008 0002 3000 0002 3001", &b);
    ext_check(WT_EXT_CERTIFICATE_AUTHORITIES, WT_IN_CR, "0008 0002 3000 0002 3001", &b);
    struct wt_span rest = b.certificate_authorities.authorities;
    assert_true(wt_ext_opaque_next(&rest, 2, &name));
    assert_true(wt_ext_opaque_next(&rest, 2, &name));
    assert_span(name, "3001");
    assert_false(wt_ext_opaque_next(&rest, 2, &name));
    /* RFC 8446, 4.2.4: "DistinguishedName authorities<3..2^16-1>;" */
    ext_refused(WT_EXT_CERTIFICATE_AUTHORITIES, WT_IN_CR, "0002 0000", WT_LENGTH, "authorities", 0, "RFC 8446, 4.2.4");
    ext_refused(WT_EXT_CERTIFICATE_AUTHORITIES, WT_IN_CR, "0005 0000 0001 30", WT_LENGTH, "distinguished_name", 2,
                NULL);

    ext_check(WT_EXT_OID_FILTERS, WT_IN_CR, "000c 03 06012a 0002 0500 01 06 0000", &b);
    rest = b.oid_filters.filters;
    assert_true(wt_ext_oid_filters_next(&rest, &oid, &values));
    assert_span(oid, "06012a");
    assert_span(values, "0500");
    assert_true(wt_ext_oid_filters_next(&rest, &oid, &values));
    assert_int_equal(values.n, 0);
    assert_false(wt_ext_oid_filters_next(&rest, &oid, &values));
    ext_check(WT_EXT_OID_FILTERS, WT_IN_CR, "0000", &b);
    ext_refused(WT_EXT_OID_FILTERS, WT_IN_CR, "0003 00 0000", WT_LENGTH, "certificate_extension_oid", 2, NULL);

    ext_check(WT_EXT_DELEGATED_CREDENTIAL, WT_IN_CH, "0004 0403 0503", &b);
    ext_check(WT_EXT_DELEGATED_CREDENTIAL, WT_IN_CR, "0002 0403", &b);
    ext_check(WT_EXT_DELEGATED_CREDENTIAL, WT_IN_CT, "00093a80 0403 000002 3000 0804 0003 aabbcc", &b);
    assert_int_equal(b.delegated_credential.valid_time, 604800);
    assert_int_equal(b.delegated_credential.dc_cert_verify_algorithm, 0x0403);
    assert_span(b.delegated_credential.subject_public_key_info, "3000");
    assert_int_equal(b.delegated_credential.algorithm, 0x0804);
    assert_span(b.delegated_credential.signature, "aabbcc");
    ext_refused(WT_EXT_DELEGATED_CREDENTIAL, WT_IN_CT, "00093a80 0403 000000", WT_LENGTH, "ASN1_subjectPublicKeyInfo",
                6, "RFC 9345, 4.1");
}

static void test_quic(void **state)
{
    static const uint16_t ids[] = {WT_EXT_QUIC_TRANSPORT_PARAMETERS, WT_EXT_QUIC_TRANSPORT_PARAMETERS_DRAFT};
    union wt_ext_body b;
    uint64_t id, number;
    struct wt_span value;
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct wt_trail *t =
            ext_whole(ids[i], WT_IN_CH, hex("01 04 80007530 0f 03 aabbcc 4020 02 5000 c000000000010001 00 0c 00"), &b);
        struct wt_ext_quic_transport_parameters rest = b.quic_transport_parameters;
        assert_false(rest.old);
        assert_true(wt_ext_quic_next(&rest, &id, &value));
        assert_int_equal(id, 1);
        assert_true(wt_ext_quic_number(value, &number));
        assert_int_equal(number, 30000);
        assert_true(wt_ext_quic_next(&rest, &id, &value));
        assert_span(value, "aabbcc");
        assert_false(wt_ext_quic_number(value, &number));
        assert_true(wt_ext_quic_next(&rest, &id, &value));
        assert_int_equal(id, 0x20);
        assert_true(wt_ext_quic_next(&rest, &id, &value));
        assert_int_equal(id, 0x10001);
        assert_true(wt_ext_quic_next(&rest, &id, &value));
        assert_false(wt_ext_quic_next(&rest, &id, &value));
        assert_int_equal(event_of(t, "transport_parameter_value", 0)->value, 30000);
        assert_int_equal(event_of(t, "transport_parameter_value", 1)->form, WT_TRAIL_BYTES);
        assert_int_equal(event_of(t, "transport_parameter_value", 2)->value, 0x1000);
        assert_int_equal(event_of(t, "transport_parameter_id", 3)->length, 8);
        ext_whole(ids[i], WT_IN_EE, hex(""), &b);
    }
    ext_refused(WT_EXT_QUIC_TRANSPORT_PARAMETERS, WT_IN_CH, "40", WT_TRUNCATED, "transport_parameter_id", 0,
                "RFC 9001, 8.2");
    ext_refused(WT_EXT_QUIC_TRANSPORT_PARAMETERS, WT_IN_CH, "01", WT_TRUNCATED, "transport_parameter_length", 1, NULL);
    ext_refused(WT_EXT_QUIC_TRANSPORT_PARAMETERS, WT_IN_CH, "01 c0", WT_TRUNCATED, "transport_parameter_length", 1,
                NULL);
    ext_refused(WT_EXT_QUIC_TRANSPORT_PARAMETERS, WT_IN_CH, "01 ffffffffffffffff 00", WT_TRUNCATED,
                "transport_parameter_value", 1, NULL);
    ext_refused(WT_EXT_QUIC_TRANSPORT_PARAMETERS, WT_IN_EE, "01 00 0c 00 4001 00", WT_DUPLICATE,
                "transport_parameter_id", 4, "\"An endpoint MUST NOT send a parameter more than once");
    ext_refused(WT_EXT_QUIC_TRANSPORT_PARAMETERS, WT_IN_EE, "80010000 00 80010000 00", WT_DUPLICATE,
                "transport_parameter_id", 5, NULL);
}

/* draft-ietf-quic-transport-26, 18: "TransportParameter TransportParameters<0..2^16-1>", under the same number. */
static void test_quic_old_form(void **state)
{
    static const char draft[] = "0019 0001 0004 80007530 000c 0000 0123 0003 aabbcc 0003 0002 4500 ";
    struct wt_ext_quic_transport_parameters rest;
    union wt_ext_body b;
    uint64_t id, number;
    struct wt_span value;
    (void)state;
    struct wt_trail *t = ext_whole(WT_EXT_QUIC_TRANSPORT_PARAMETERS_DRAFT, WT_IN_CH, hex(draft), &b);
    rest = b.quic_transport_parameters;
    assert_true(rest.old);
    assert_true(wt_ext_quic_next(&rest, &id, &value));
    assert_int_equal(id, 1);
    assert_true(wt_ext_quic_number(value, &number));
    assert_int_equal(number, 30000);
    assert_true(wt_ext_quic_next(&rest, &id, &value));
    assert_int_equal(id, 0x0c);
    assert_int_equal(value.n, 0);
    assert_true(wt_ext_quic_next(&rest, &id, &value));
    assert_int_equal(id, 0x123);
    assert_span(value, "aabbcc");
    assert_true(wt_ext_quic_next(&rest, &id, &value));
    assert_false(wt_ext_quic_next(&rest, &id, &value));
    assert_int_equal(event_of(t, "transport_parameters", 0)->prefix, 2);
    assert_int_equal(event_of(t, "transport_parameter_value", 0)->value, 30000);
    assert_int_equal(event_of(t, "transport_parameter_value", 0)->prefix, 2);
    assert_int_equal(event_of(t, "transport_parameter_value", 2)->form, WT_TRAIL_BYTES);
    assert_int_equal(event_of(t, "transport_parameter_value", 3)->value, 0x500);
    ext_whole(WT_EXT_QUIC_TRANSPORT_PARAMETERS_DRAFT, WT_IN_EE, hex("0000"), &b);
    assert_true(b.quic_transport_parameters.old);
    /* what the new form is, too, and nothing but it: one parameter, number 0 */
    ext_whole(WT_EXT_QUIC_TRANSPORT_PARAMETERS_DRAFT, WT_IN_EE, hex("00 03 aabbcc"), &b);
    assert_false(b.quic_transport_parameters.old);
    /* the extension's final number never had it */
    ext_whole(WT_EXT_QUIC_TRANSPORT_PARAMETERS, WT_IN_CH, hex(draft), &b);
    assert_false(b.quic_transport_parameters.old);
    char long_one[256];
    (void)snprintf(long_one, sizeof long_one, "0044 0123 003c %0120d 0001 0006", 0);
    ext_refused(WT_EXT_QUIC_TRANSPORT_PARAMETERS_DRAFT, WT_IN_CH, long_one, WT_TRUNCATED, "transport_parameter_value",
                68, NULL);
    (void)snprintf(long_one, sizeof long_one, "0043 0123 003c %0120d 0001 00", 0);
    ext_refused(WT_EXT_QUIC_TRANSPORT_PARAMETERS_DRAFT, WT_IN_CH, long_one, WT_TRUNCATED, "transport_parameter_value",
                68, NULL);
    ext_refused(WT_EXT_QUIC_TRANSPORT_PARAMETERS_DRAFT, WT_IN_EE, "0008 000c0000 000c0000", WT_DUPLICATE,
                "transport_parameter_id", 6, "\"An endpoint MUST NOT send a parameter more than once");
}

static void test_quic_limit(void **state)
{
    uint8_t many[5 * (WT_LIMIT_QUIC_PARAMETERS + 1)] = {0};
    union wt_ext_body b;
    struct wt_error error;
    (void)state;
    for (size_t i = 0; i <= WT_LIMIT_QUIC_PARAMETERS; i++) {
        many[5 * i] = 0x90;
        many[5 * i + 3] = (uint8_t)i;
    }
    ext_whole(WT_EXT_QUIC_TRANSPORT_PARAMETERS, WT_IN_CH, wt_span_of(many, sizeof many - 5), &b);
    assert_int_equal(wt_extension_decode(WT_EXT_QUIC_TRANSPORT_PARAMETERS, &no_context, WT_IN_CH,
                                         wt_span_of(many, sizeof many), NULL, &b, &error),
                     WT_LIMIT);
    assert_int_equal(error.offset, sizeof many - 5);
    assert_int_equal(error.bound, WT_LIMIT_QUIC_PARAMETERS);
    assert_int_equal(b.quic_transport_parameters.parameters.n, sizeof many);
}

#define KEY_CONFIG "01 0020 0002 aabb 0004 0001 0001"
#define CONTENTS KEY_CONFIG "40 01 61 0005 0001 0001 ff" /* 13 + 10 bytes */

static void test_ech(void **state)
{
    union wt_ext_body b;
    struct wt_ech_config config;
    (void)state;
    struct wt_trail *t =
        ext_check(WT_EXT_ENCRYPTED_CLIENT_HELLO, WT_IN_CH, "00 0001 0003 07 0002 aabb 0003 010203", &b);
    assert_int_equal(b.encrypted_client_hello.type, 0);
    assert_int_equal(b.encrypted_client_hello.kdf_id, 1);
    assert_int_equal(b.encrypted_client_hello.aead_id, 3);
    assert_int_equal(b.encrypted_client_hello.config_id, 7);
    assert_span(b.encrypted_client_hello.enc, "aabb");
    assert_span(b.encrypted_client_hello.payload, "010203");
    assert_int_equal(event_of(t, "aead_id", 0)->kind, WT_REG_HPKE_AEAD);
    ext_check(WT_EXT_ENCRYPTED_CLIENT_HELLO, WT_IN_CH, "01", &b);
    ext_check(WT_EXT_ENCRYPTED_CLIENT_HELLO, WT_IN_HRR, "0102030405060708", &b);
    assert_span(b.encrypted_client_hello.confirmation, "0102030405060708");
    ext_check(WT_EXT_ENCRYPTED_CLIENT_HELLO, WT_IN_EE, "0021 fe0d 0017" CONTENTS "fe0a 0002 cccc", &b);
    struct wt_span rest = b.encrypted_client_hello.retry_configs;
    assert_true(wt_ext_ech_config_next(&rest, &config));
    assert_int_equal(config.version, 0xfe0d);
    assert_int_equal(config.config_id, 1);
    assert_int_equal(config.kem_id, 0x20);
    assert_span(config.public_key, "aabb");
    assert_span(config.cipher_suites, "00010001");
    assert_int_equal(config.maximum_name_length, 64);
    assert_span(config.public_name, "61");
    assert_span(config.extensions, "00010001ff");
    assert_true(wt_ext_ech_config_next(&rest, &config));
    assert_int_equal(config.version, 0xfe0a);
    assert_span(config.contents, "cccc");
    assert_false(wt_ext_ech_config_next(&rest, &config));
    ext_refused(WT_EXT_ENCRYPTED_CLIENT_HELLO, WT_IN_CH, "02 aabb", WT_VALUE, "type", 0, "\"illegal_parameter\"");
    ext_refused(WT_EXT_ENCRYPTED_CLIENT_HELLO, WT_IN_CH, "00 0001 0003 07 0000 0000", WT_LENGTH, "payload", 8,
                "RFC 9849, 5");
    ext_refused(WT_EXT_ENCRYPTED_CLIENT_HELLO, WT_IN_EE, "0002 0000", WT_LENGTH, "retry_configs", 0, NULL);
    ext_refused(WT_EXT_ENCRYPTED_CLIENT_HELLO, WT_IN_EE, "001c fe0d 0018" CONTENTS "00", WT_TRAILING, "contents", 29,
                NULL);
    ext_check(WT_EXT_ECH_OUTER_EXTENSIONS, WT_IN_CH, "04 000a 0033", &b);
    assert_true(wt_codes_have(b.ech_outer_extensions.outer_extensions, 0x33));
    ext_refused(WT_EXT_ECH_OUTER_EXTENSIONS, WT_IN_CH, "00", WT_LENGTH, "outer_extensions", 0, NULL);
}

static void test_esni(void **state)
{
    union wt_ext_body b;
    (void)state;
    ext_check(WT_EXT_ENCRYPTED_SERVER_NAME, WT_IN_CH, "1301 001d 0002 aabb 0001 cc 0002 dddd", &b);
    assert_int_equal(b.encrypted_server_name.suite, 0x1301);
    assert_int_equal(b.encrypted_server_name.group, 0x1d);
    assert_span(b.encrypted_server_name.encrypted_sni, "dddd");
    ext_whole(WT_EXT_ENCRYPTED_SERVER_NAME, WT_IN_EE, hex("000102030405060708090a0b0c0d0e0f"), &b);
    assert_false(b.encrypted_server_name.has_response_type);
    ext_whole(WT_EXT_ENCRYPTED_SERVER_NAME, WT_IN_EE, hex("00 000102030405060708090a0b0c0d0e0f"), &b);
    assert_true(b.encrypted_server_name.has_response_type);
    assert_int_equal(b.encrypted_server_name.nonce.n, 16);
    ext_check(WT_EXT_ENCRYPTED_SERVER_NAME, WT_IN_EE, "01 0002 aabb", &b);
    assert_span(b.encrypted_server_name.retry_keys, "aabb");
    ext_unknown(WT_EXT_ENCRYPTED_SERVER_NAME, WT_IN_EE, "02 0002 aabb");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hybrid_shares),  cmocka_unit_test(test_key_share),
        cmocka_unit_test(test_pre_shared_key), cmocka_unit_test(test_versions),
        cmocka_unit_test(test_small),          cmocka_unit_test(test_requests),
        cmocka_unit_test(test_quic),           cmocka_unit_test(test_ech),
        cmocka_unit_test(test_esni),           cmocka_unit_test(test_quic_limit),
        cmocka_unit_test(test_quic_old_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
