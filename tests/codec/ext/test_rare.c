/* Extensions that few peers speak. */
#include "ext_check.h"

static void test_certificate_types(void **state)
{
    static const uint16_t ids[] = {WT_EXT_CERT_TYPE, WT_EXT_CLIENT_CERTIFICATE_TYPE, WT_EXT_SERVER_CERTIFICATE_TYPE};
    static const char *const lists[] = {"certificate_types", "client_certificate_types", "server_certificate_types"};
    union wt_ext_body b;
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct wt_trail *t = ext_check(ids[i], WT_IN_CH, "02 0200", &b);
        assert_span(b.certificate_type.certificate_types, "0200");
        assert_string_equal(t->events[0].field, lists[i]);
        assert_int_equal(t->events[1].kind, WT_REG_CERTIFICATE_TYPE);
        ext_check(ids[i], WT_IN_SH12, "02", &b);
        assert_int_equal(b.certificate_type.certificate_type, 2);
        /* RFC 7250, 3: "CertificateType client_certificate_types<1..2^8-1>;" */
        ext_refused(ids[i], WT_IN_CH, "00", WT_LENGTH, lists[i], 0, NULL);
        ext_refused(ids[i], WT_IN_SH12, "01 02", WT_TRAILING, "extension_data", 1, NULL);
    }
    ext_check(WT_EXT_CLIENT_CERTIFICATE_TYPE, WT_IN_EE, "02", &b);
}

static void test_supplemental(void **state)
{
    union wt_ext_body b;
    (void)state;
    ext_check(WT_EXT_USER_MAPPING, WT_IN_CH, "01 40", &b);
    ext_check(WT_EXT_USER_MAPPING, WT_IN_SH12, "01 40", &b);
    assert_span(b.user_mapping.user_mapping_types, "40");
    ext_refused(WT_EXT_USER_MAPPING, WT_IN_CH, "00", WT_LENGTH, "user_mapping_types", 0, "RFC 4681, 2");
    ext_check(WT_EXT_CLIENT_AUTHZ, WT_IN_CH, "02 0001", &b);
    ext_check(WT_EXT_SERVER_AUTHZ, WT_IN_SH12, "02 0203", &b);
    assert_span(b.authz.authz_format_list, "0203");
    ext_refused(WT_EXT_SERVER_AUTHZ, WT_IN_CH, "00", WT_LENGTH, "authz_format_list", 0, "RFC 5878");
}

static void test_passwords(void **state)
{
    union wt_ext_body b;
    (void)state;
    struct wt_trail *t = ext_check(WT_EXT_SRP, WT_IN_CH, "03 626f62", &b);
    assert_span(b.srp.srp_i, "626f62");
    assert_int_equal(t->events[0].form, WT_TRAIL_TEXT);
    /* RFC 5054, 2.8.1: "opaque srp_I<1..2^8-1>;" */
    ext_refused(WT_EXT_SRP, WT_IN_CH, "00", WT_LENGTH, "srp_I", 0, "RFC 5054, 2.8.1");
    ext_check(WT_EXT_PWD_CLEAR, WT_IN_CH, "03 626f62", &b);
    ext_check(WT_EXT_PWD_PROTECT, WT_IN_CH, "03 626f62", &b);
    assert_span(b.pwd.name, "626f62");
    ext_refused(WT_EXT_PWD_CLEAR, WT_IN_CH, "00", WT_LENGTH, "PWD_name", 0, "RFC 8492, 4.2");
}

static void test_media(void **state)
{
    union wt_ext_body b;
    (void)state;
    ext_check(WT_EXT_USE_SRTP, WT_IN_CH, "0004 0007 0001 02 aabb", &b);
    assert_true(wt_codes_have(b.use_srtp.srtp_protection_profiles, 7));
    assert_span(b.use_srtp.srtp_mki, "aabb");
    ext_check(WT_EXT_USE_SRTP, WT_IN_EE, "0002 0007 00", &b);
    ext_refused(WT_EXT_USE_SRTP, WT_IN_CH, "0000 00", WT_LENGTH, "srtp_protection_profiles", 0, "RFC 5764, 4.1");
    ext_refused(WT_EXT_USE_SRTP, WT_IN_SH12, "0004 0007 0001 00", WT_VALUE, "srtp_protection_profiles", 0,
                "with a single SRTPProtectionProfile value that the server has chosen");
    ext_check(WT_EXT_SUPPORTED_EKT_CIPHERS, WT_IN_CH, "02 0102", &b);
    assert_span(b.supported_ekt_ciphers.supported_ciphers, "0102");
    ext_check(WT_EXT_SUPPORTED_EKT_CIPHERS, WT_IN_EE, "01", &b);
    assert_int_equal(b.supported_ekt_ciphers.selected_cipher, 1);
    ext_check(WT_EXT_EXTERNAL_ID_HASH, WT_IN_CH, "00", &b);
    ext_check(WT_EXT_EXTERNAL_ID_HASH, WT_IN_EE, "02 aabb", &b);
    assert_span(b.external_id_hash.binding_hash, "aabb");
    /* RFC 8844, 3.2: "opaque binding_hash<0..32>;", 4.3: "opaque session_id<20..255>;" */
    ext_refused(WT_EXT_EXTERNAL_ID_HASH, WT_IN_CH, "21", WT_LENGTH, "binding_hash", 0, "RFC 8844, 3.2");
    ext_check(WT_EXT_EXTERNAL_SESSION_ID, WT_IN_CH, "14 000102030405060708090a0b0c0d0e0f10111213", &b);
    assert_int_equal(b.external_session_id.session_id.n, 20);
    ext_refused(WT_EXT_EXTERNAL_SESSION_ID, WT_IN_CH, "13", WT_LENGTH, "session_id", 0, "RFC 8844");
}

static void test_binding(void **state)
{
    union wt_ext_body b;
    (void)state;
    ext_check(WT_EXT_TOKEN_BINDING, WT_IN_CH, "01 00 02 0201", &b);
    assert_int_equal(b.token_binding.major, 1);
    assert_span(b.token_binding.key_parameters_list, "0201");
    ext_check(WT_EXT_TOKEN_BINDING, WT_IN_SH12, "01 00 01 02", &b);
    ext_refused(WT_EXT_TOKEN_BINDING, WT_IN_SH12, "01 00 02 0201", WT_VALUE, "key_parameters_list", 2,
                "exactly one Token Binding key parameters identifier");
    ext_refused(WT_EXT_TOKEN_BINDING, WT_IN_CH, "01 00 00", WT_LENGTH, "key_parameters_list", 2, NULL);
    ext_check(WT_EXT_CONNECTION_ID, WT_IN_CH, "00", &b);
    ext_check(WT_EXT_CONNECTION_ID, WT_IN_SH12, "02 aabb", &b);
    assert_span(b.connection_id.cid, "aabb");
    ext_check(WT_EXT_CONNECTION_ID_DEPRECATED, WT_IN_CH, "01 aa", &b);
    ext_check(WT_EXT_TICKET_PINNING, WT_IN_CH, "0002 aabb", &b);
    assert_span(b.ticket_pinning.ticket, "aabb");
    ext_check(WT_EXT_TICKET_PINNING, WT_IN_EE, "01 cc 0002 aabb 00000e10", &b);
    assert_span(b.ticket_pinning.proof, "cc");
    assert_int_equal(b.ticket_pinning.lifetime, 3600);
}

static void test_cached_info(void **state)
{
    union wt_ext_body b;
    uint8_t type;
    struct wt_span hash;
    (void)state;
    ext_check(WT_EXT_CACHED_INFO, WT_IN_CH, "0007 01 02 aabb 02 01 cc", &b);
    struct wt_span rest = b.cached_info.cached_info;
    assert_true(wt_ext_cached_info_next(&rest, b.cached_info.types_only, &type, &hash));
    assert_int_equal(type, 1);
    assert_span(hash, "aabb");
    assert_true(wt_ext_cached_info_next(&rest, b.cached_info.types_only, &type, &hash));
    assert_false(wt_ext_cached_info_next(&rest, b.cached_info.types_only, &type, &hash));
    ext_check(WT_EXT_CACHED_INFO, WT_IN_EE, "0002 01 02", &b);
    rest = b.cached_info.cached_info;
    assert_true(wt_ext_cached_info_next(&rest, b.cached_info.types_only, &type, &hash));
    assert_true(wt_ext_cached_info_next(&rest, b.cached_info.types_only, &type, &hash));
    assert_int_equal(type, 2);
    assert_false(wt_ext_cached_info_next(&rest, b.cached_info.types_only, &type, &hash));
    /* RFC 7924, 3: "opaque hash_value<1..255>;" */
    ext_refused(WT_EXT_CACHED_INFO, WT_IN_CH, "0002 01 00", WT_LENGTH, "hash_value", 3, "RFC 7924, 3");
}

static void test_proofs(void **state)
{
    union wt_ext_body b;
    (void)state;
    ext_check(WT_EXT_TRANSPARENCY_INFO, WT_IN_CH, "", &b);
    ext_check(WT_EXT_TRANSPARENCY_INFO, WT_IN_CT, "0006 0004 0100 aabb", &b);
    assert_int_equal(b.transparency_info.trans_item_list.n, 6);
    ext_refused(WT_EXT_TRANSPARENCY_INFO, WT_IN_CT, "0003 0001 01", WT_TRUNCATED, "versioned_type", 4, "RFC 9162");
    ext_check(WT_EXT_DNSSEC_CHAIN, WT_IN_CH, "01bb", &b);
    assert_int_equal(b.dnssec_chain.port_number, 443);
    ext_check(WT_EXT_DNSSEC_CHAIN, WT_IN_CT, "0018 0002 aabb", &b);
    assert_int_equal(b.dnssec_chain.ext_support_lifetime, 24);
    assert_span(b.dnssec_chain.authentication_chain, "aabb");
    ext_refused(WT_EXT_DNSSEC_CHAIN, WT_IN_CT, "0018 0000", WT_LENGTH, "AuthenticationChain", 2, "RFC 9102");
}

static void test_protocols(void **state)
{
    static const uint16_t ids[] = {WT_EXT_APPLICATION_SETTINGS_OLD, WT_EXT_APPLICATION_SETTINGS};
    union wt_ext_body b;
    struct wt_span name;
    (void)state;
    ext_check(WT_EXT_NEXT_PROTOCOL_NEGOTIATION, WT_IN_CH, "", &b);
    ext_whole(WT_EXT_NEXT_PROTOCOL_NEGOTIATION, WT_IN_SH12, hex(""), &b);
    ext_whole(WT_EXT_NEXT_PROTOCOL_NEGOTIATION, WT_IN_SH12, hex("02 6832 01 61"), &b);
    struct wt_span rest = b.next_protocol_negotiation.protocols;
    assert_true(wt_ext_opaque_next(&rest, 1, &name));
    assert_true(wt_ext_opaque_next(&rest, 1, &name));
    assert_span(name, "61");
    assert_false(wt_ext_opaque_next(&rest, 1, &name));
    /* "Implementations MUST ensure that the empty string is not included and that no byte strings are truncated." */
    ext_refused(WT_EXT_NEXT_PROTOCOL_NEGOTIATION, WT_IN_SH12, "02 6832 00", WT_LENGTH, "protocol", 3, "nextprotoneg");
    ext_refused(WT_EXT_NEXT_PROTOCOL_NEGOTIATION, WT_IN_SH12, "03 6832", WT_TRUNCATED, "protocol", 0, NULL);
    for (size_t i = 0; i < 2; i++) {
        ext_check(ids[i], WT_IN_CH, "0003 02 6832", &b);
        assert_span(b.application_settings.supported_protocols, "026832");
        ext_whole(ids[i], WT_IN_EE, hex("aabbcc"), &b);
        assert_span(b.application_settings.settings, "aabbcc");
        ext_refused(ids[i], WT_IN_CH, "0002 00 00", WT_LENGTH, "protocol_name", 2, "tls-alps");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_certificate_types),
        cmocka_unit_test(test_supplemental),
        cmocka_unit_test(test_passwords),
        cmocka_unit_test(test_media),
        cmocka_unit_test(test_binding),
        cmocka_unit_test(test_cached_info),
        cmocka_unit_test(test_proofs),
        cmocka_unit_test(test_protocols),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
