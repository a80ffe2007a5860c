/* Names by the public way: known values, GREASE, versions and drafts, the grid of extensions. */
#include "registry/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void test_known_names(void **state)
{
    static const struct {
        enum wt_registry registry;
        uint64_t value;
        const char *name;
    } facts[] = {
        {WT_REG_CONTENT_TYPE, 22, "handshake"},
        {WT_REG_HANDSHAKE_TYPE, 1, "client_hello"},
        {WT_REG_HANDSHAKE_TYPE, 25, "compressed_certificate"},
        {WT_REG_VERSION, 0x0303, "TLS 1.2"},
        {WT_REG_CIPHER_SUITE, 0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
        {WT_REG_CIPHER_SUITE, 0x0018, "TLS_DH_anon_WITH_RC4_128_MD5"},
        {WT_REG_CIPHER_SUITE, 0x00ff, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"},
        {WT_REG_CIPHER_SUITE, 0x5600, "TLS_FALLBACK_SCSV"},
        {WT_REG_CIPHER_SUITE, 0x1306, "TLS_AEGIS_256_SHA512"},
        {WT_REG_SSL2_CIPHER, 0x010080, "SSL_CK_RC4_128_WITH_MD5"},
        {WT_REG_ALERT_LEVEL, 2, "fatal"},
        {WT_REG_ALERT, 48, "unknown_ca"},
        {WT_REG_EXTENSION, 16, "application_layer_protocol_negotiation"},
        {WT_REG_EXTENSION, 0xff01, "renegotiation_info"},
        {WT_REG_EXTENSION, 0xfe0d, "encrypted_client_hello"},
        {WT_REG_GROUP, 29, "x25519"},
        {WT_REG_GROUP, 0x11ec, "X25519MLKEM768"},
        {WT_REG_SIGNATURE_SCHEME, 0x0804, "rsa_pss_rsae_sha256"},
        {WT_REG_SIGNATURE_SCHEME, 0x0202, "dsa_sha1"},
        {WT_REG_CERTIFICATE_COMPRESSION, 2, "brotli"},
        {WT_REG_PSK_KEY_EXCHANGE_MODE, 1, "psk_dhe_ke"},
        {WT_REG_QUIC_PARAMETER, 0x20, "max_datagram_frame_size"},
        {WT_REG_SIGNATURE_ALGORITHM, 65, "gostr34102012_512"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(facts); i++) {
        const char *name = wt_registry_name(facts[i].registry, facts[i].value);
        assert_non_null(name);
        assert_string_equal(name, facts[i].name);
    }
}

static void test_unknown(void **state)
{
    (void)state;
    assert_null(wt_registry_name(WT_REG_NONE, 0));
    assert_null(wt_registry_name(WT_REG_COUNT, 0));
    assert_null(wt_registry_name((enum wt_registry)200, 0));
    assert_null(wt_registry_name(WT_REG_ALERT, 255));
    assert_null(wt_registry_name(WT_REG_CIPHER_SUITE, 0x1300));
    assert_null(wt_registry_rfc(WT_REG_CIPHER_SUITE, 0x1300));
    /* a value that is too wide for its registry is unknown, not cut down to one that is known */
    assert_null(wt_registry_name(WT_REG_ALERT, 0x100 + 48));
    assert_null(wt_registry_name(WT_REG_EXTENSION, 0x10000));
    assert_null(wt_registry_name(WT_REG_GROUP, 0x1001d));
    assert_null(wt_registry_name(WT_REG_SIGNATURE_SCHEME, 0x10804));
    assert_null(wt_registry_name(WT_REG_CIPHER_SUITE, 0x10a0a));
    assert_null(wt_registry_name(WT_REG_VERSION, UINT64_MAX));
    assert_null(wt_registry_name(WT_REG_CONTENT_TYPE, (uint64_t)1 << 56 | 22));
    assert_null(wt_registry_name(WT_REG_QUIC_PARAMETER, (uint64_t)WT_REG_USER_MAPPING << 56 | 64));
}

/* RFC 8701, 2: cipher suites, extensions, groups, signature algorithms and versions 0x?A?A; PSK modes 0x0B + 0x1F * n.
 */
static void test_grease(void **state)
{
    static const enum wt_registry with[] = {WT_REG_VERSION, WT_REG_CIPHER_SUITE, WT_REG_EXTENSION, WT_REG_GROUP,
                                            WT_REG_SIGNATURE_SCHEME};
    static const uint8_t modes[] = {0x0b, 0x2a, 0x49, 0x68, 0x87, 0xa6, 0xc5, 0xe4};
    (void)state;
    for (size_t r = 0; r < COUNT(with); r++) {
        size_t count = 0;
        for (uint32_t value = 0; value <= UINT16_MAX; value++) {
            const char *name = wt_registry_name(with[r], value);
            bool grease = name != NULL && strcmp(name, "GREASE") == 0;
            assert_int_equal(grease, wt_is_grease((uint16_t)value));
            count += grease;
        }
        assert_int_equal(count, 16);
    }
    size_t count = 0;
    for (uint32_t value = 0; value <= UINT8_MAX; value++) {
        const char *name = wt_registry_name(WT_REG_PSK_KEY_EXCHANGE_MODE, value);
        count += name != NULL && strcmp(name, "GREASE") == 0;
    }
    assert_int_equal(count, COUNT(modes));
    for (size_t i = 0; i < COUNT(modes); i++) {
        assert_string_equal(wt_registry_name(WT_REG_PSK_KEY_EXCHANGE_MODE, modes[i]), "GREASE");
    }
    assert_null(wt_registry_name(WT_REG_SRTP_PROFILE, 0x0a0a));
    assert_null(wt_suite_find(0x0a0a));
    assert_null(wt_extension_find(0xfafa));
    /* RFC 9000, 18.1: "31 * N + 27" */
    assert_string_equal(wt_registry_name(WT_REG_QUIC_PARAMETER, 27), "GREASE");
    assert_string_equal(wt_registry_name(WT_REG_QUIC_PARAMETER, 31 * (UINT64_C(1) << 56) + 27), "GREASE");
    assert_null(wt_registry_name(WT_REG_QUIC_PARAMETER, 28));
}

static void test_versions(void **state)
{
    (void)state;
    assert_string_equal(wt_version_name(WT_SSL2), "SSL 2.0");
    assert_string_equal(wt_version_name(WT_SSL3), "SSL 3.0");
    assert_string_equal(wt_version_name(WT_TLS10), "TLS 1.0");
    assert_string_equal(wt_version_name(WT_TLS13), "TLS 1.3");
    assert_string_equal(wt_version_name(0x7f12), "TLS 1.3 (draft 18)");
    assert_string_equal(wt_version_name(0x7f1c), "TLS 1.3 (draft 28)");
    assert_string_equal(wt_registry_name(WT_REG_VERSION, 0x7f17), "TLS 1.3 (draft 23)");
    assert_string_equal(wt_version_name(0xfb1a), "TLS 1.3 (Facebook draft 26)");
    assert_string_equal(wt_version_name(0x7e02), "TLS 1.3 (Google experiment 2)");
    assert_string_equal(wt_version_name(WT_DTLS12), "DTLS 1.2");
    assert_string_equal(wt_version_name(WT_TLCP), "TLCP 1.1");
    assert_null(wt_version_name(0x0305));
    assert_string_equal(wt_version_name(0x7f1d), "DTLS 1.3 (draft 29)");
    assert_string_equal(wt_version_name(0x7f2b), "DTLS 1.3 (draft 43)");
    assert_null(wt_version_name(0x7f2c));
    assert_true(wt_version_is_dtls(0x7f2b) && !wt_version_is_dtls(0x7f1c) && wt_version_is_dtls(WT_DTLS_OLD));
    assert_int_equal(wt_version_as_tls(WT_DTLS_OLD), WT_TLS11);
    assert_int_equal(wt_version_as_tls(WT_DTLS12), WT_TLS12);
    assert_int_equal(wt_version_as_tls(WT_TLS10), WT_TLS10);
    assert_true(wt_version_is_tls13(WT_TLS13) && wt_version_is_tls13(0x7f12) && wt_version_is_tls13(0xfb17));
    assert_true(wt_version_is_tls13(0x7e02) && wt_version_is_tls13(WT_DTLS13));
    assert_false(wt_version_is_tls13(WT_TLS12) || wt_version_is_tls13(0x7a7a) || wt_version_is_tls13(WT_DTLS12));
}

/* RFC 8446, 4.2: the table of extensions and the messages in which each may stand. */
static void test_extension_grid(void **state)
{
    enum { TLS13 = WT_IN_CH | WT_IN_SH | WT_IN_EE | WT_IN_CT | WT_IN_CR | WT_IN_NST | WT_IN_HRR };
    static const struct {
        enum wt_extension_id id;
        int where;
    } facts[] = {
        /* IANA added CR for server_name from RFC 9261; RFC 8446 has CH, EE */
        {WT_EXT_SERVER_NAME, WT_IN_CH | WT_IN_EE | WT_IN_CR},
        {WT_EXT_MAX_FRAGMENT_LENGTH, WT_IN_CH | WT_IN_EE},
        {WT_EXT_STATUS_REQUEST, WT_IN_CH | WT_IN_CR | WT_IN_CT},
        {WT_EXT_SUPPORTED_GROUPS, WT_IN_CH | WT_IN_EE},
        {WT_EXT_SIGNATURE_ALGORITHMS, WT_IN_CH | WT_IN_CR},
        {WT_EXT_USE_SRTP, WT_IN_CH | WT_IN_EE},
        {WT_EXT_HEARTBEAT, WT_IN_CH | WT_IN_EE},
        {WT_EXT_ALPN, WT_IN_CH | WT_IN_EE},
        {WT_EXT_SIGNED_CERTIFICATE_TIMESTAMP, WT_IN_CH | WT_IN_CR | WT_IN_CT},
        {WT_EXT_CLIENT_CERTIFICATE_TYPE, WT_IN_CH | WT_IN_EE},
        {WT_EXT_SERVER_CERTIFICATE_TYPE, WT_IN_CH | WT_IN_EE},
        {WT_EXT_PADDING, WT_IN_CH},
        {WT_EXT_KEY_SHARE, WT_IN_CH | WT_IN_SH | WT_IN_HRR},
        {WT_EXT_PRE_SHARED_KEY, WT_IN_CH | WT_IN_SH},
        {WT_EXT_PSK_KEY_EXCHANGE_MODES, WT_IN_CH},
        {WT_EXT_EARLY_DATA, WT_IN_CH | WT_IN_EE | WT_IN_NST},
        {WT_EXT_COOKIE, WT_IN_CH | WT_IN_HRR},
        {WT_EXT_SUPPORTED_VERSIONS, WT_IN_CH | WT_IN_SH | WT_IN_HRR},
        {WT_EXT_CERTIFICATE_AUTHORITIES, WT_IN_CH | WT_IN_CR},
        {WT_EXT_OID_FILTERS, WT_IN_CR},
        {WT_EXT_POST_HANDSHAKE_AUTH, WT_IN_CH},
        {WT_EXT_SIGNATURE_ALGORITHMS_CERT, WT_IN_CH | WT_IN_CR},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(facts); i++) {
        const struct wt_extension_info *extension = wt_extension_find((uint16_t)facts[i].id);
        if ((extension->where & TLS13) != facts[i].where) {
            fail_msg("%s: 0x%x", extension->name, extension->where);
        }
    }
    /* what TLS 1.3 took away stands in no message of its own */
    static const enum wt_extension_id gone[] = {WT_EXT_SESSION_TICKET,     WT_EXT_EXTENDED_MASTER_SECRET,
                                                WT_EXT_RENEGOTIATION_INFO, WT_EXT_EC_POINT_FORMATS,
                                                WT_EXT_ENCRYPT_THEN_MAC,   WT_EXT_STATUS_REQUEST_V2};
    for (size_t i = 0; i < COUNT(gone); i++) {
        assert_int_equal(wt_extension_find((uint16_t)gone[i])->where, WT_IN_CH | WT_IN_SH12);
    }
}

static void test_groups_and_schemes(void **state)
{
    (void)state;
    const struct wt_group *p256 = wt_group_find(WT_GROUP_SECP256R1);
    assert_int_equal(p256->kind, WT_GROUP_EC);
    assert_int_equal(p256->bits, 256);
    assert_string_equal(p256->openssl, "prime256v1");
    assert_int_equal(wt_group_find(WT_GROUP_X25519)->kind, WT_GROUP_MONTGOMERY);
    assert_int_equal(wt_group_find(WT_GROUP_FFDHE8192)->bits, 8192);
    assert_int_equal(wt_group_find(WT_GROUP_X25519MLKEM768)->kind, WT_GROUP_HYBRID);
    assert_int_equal(wt_group_find(WT_GROUP_MLKEM768)->kind, WT_GROUP_PQ);
    assert_null(wt_group_find(0));

    /* RFC 8446, 4.2.3: PSS with the two kinds of RSA key; EdDSA hashes by itself */
    const struct wt_scheme *pss = wt_scheme_find(WT_SCHEME_RSA_PSS_PSS_SHA384);
    assert_true(pss->pss && pss->key == WT_KEY_RSA_PSS && pss->hash == WT_HASH_SHA384);
    const struct wt_scheme *rsae = wt_scheme_find(WT_SCHEME_RSA_PSS_RSAE_SHA512);
    assert_true(rsae->pss && rsae->key == WT_KEY_RSA && rsae->hash == WT_HASH_SHA512);
    const struct wt_scheme *ed25519 = wt_scheme_find(WT_SCHEME_ED25519);
    assert_true(ed25519->key == WT_KEY_ED25519 && ed25519->hash == WT_HASH_NONE);
    assert_int_equal(wt_scheme_find(WT_SCHEME_MLDSA65)->key, WT_KEY_ML_DSA);
}

/* RFC 5246, 7.4.1.4.1: the first byte is the HashAlgorithm, the second the SignatureAlgorithm; where TLS 1.3 kept a
 * pair, it kept its meaning (RFC 8446, 4.2.3). */
static void test_tls12_pairs(void **state)
{
    static const enum wt_hash_id hashes[] = {WT_HASH_NONE,   WT_HASH_MD5,    WT_HASH_SHA1,  WT_HASH_SHA224,
                                             WT_HASH_SHA256, WT_HASH_SHA384, WT_HASH_SHA512};
    static const enum wt_scheme_key keys[] = {WT_KEY_OTHER, WT_KEY_RSA, WT_KEY_DSA, WT_KEY_EC};
    (void)state;
    for (unsigned hash = 1; hash < COUNT(hashes); hash++) {
        for (unsigned signature = 1; signature < COUNT(keys); signature++) {
            const struct wt_scheme *scheme = wt_scheme_find((uint16_t)(hash << 8 | signature));
            assert_non_null(scheme);
            assert_int_equal(scheme->hash, hashes[hash]);
            assert_int_equal(scheme->key, keys[signature]);
            assert_false(scheme->pss);
            assert_non_null(strstr(scheme->name, wt_registry_name(WT_REG_HASH_ALGORITHM, hash)));
            assert_non_null(strstr(scheme->name, wt_registry_name(WT_REG_SIGNATURE_ALGORITHM, signature)));
        }
    }
}

static void test_widths(void **state)
{
    (void)state;
    assert_int_equal(wt_registry_width(WT_REG_NONE), 0);
    assert_int_equal(wt_registry_width(WT_REG_COUNT), 0);
    assert_int_equal(wt_registry_width(WT_REG_ALERT), 1);
    assert_int_equal(wt_registry_width(WT_REG_CIPHER_SUITE), 2);
    assert_int_equal(wt_registry_width(WT_REG_SSL2_CIPHER), 3);
    assert_int_equal(wt_registry_width(WT_REG_QUIC_PARAMETER), 0);
    for (int registry = WT_REG_NONE + 1; registry < WT_REG_COUNT; registry++) {
        const bool varint =
            registry == WT_REG_QUIC_PARAMETER || registry == WT_REG_QUIC_FRAME || registry == WT_REG_QUIC_ERROR ||
            registry == WT_REG_HTTP3_ERROR || registry == WT_REG_HTTP3_FRAME || registry == WT_REG_HTTP3_SETTING ||
            registry == WT_REG_HTTP3_STREAM || registry == WT_REG_QPACK_STATIC || registry == WT_REG_QPACK_STATIC_NAME;
        assert_int_equal(wt_registry_width((enum wt_registry)registry) == 0, varint);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_names),    cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_grease),         cmocka_unit_test(test_versions),
        cmocka_unit_test(test_extension_grid), cmocka_unit_test(test_groups_and_schemes),
        cmocka_unit_test(test_tls12_pairs),    cmocka_unit_test(test_widths),
    };
    return cmocka_run_group_tests_name("registry names", tests, NULL, NULL);
}
