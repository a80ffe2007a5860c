/* RFC 5246, 7.4.7; RFC 8422, 5.7; RFC 4279, 2 to 4; RFC 5489, 2; RFC 5054, 2.5.4; RFC 6101, 5.6.7. */
#include "message_check.h"

#define CKE WT_HANDSHAKE_CLIENT_KEY_EXCHANGE
#define CONTEXT(version_, kx_) (&(struct wt_codec_context){.version = (version_), .kx = (kx_)})

static void test_rsa(void **state)
{
    struct wt_message_body b;
    (void)state;
    check_message(CONTEXT(WT_TLS12, WT_KX_RSA), CKE, hex("0004 0a0b0c0d"), SIZE_MAX, &b);
    assert_span(b.client_key_exchange.encrypted_premaster, "0a0b0c0d");
    /* RFC 5246, 7.4.7.1: "many SSLv3 implementations do not include the length bytes -- they encode the RSA-encrypted
     * data directly in the ClientKeyExchange message." */
    check_whole(CONTEXT(WT_SSL3, WT_KX_RSA), CKE, hex("0004 0a0b0c0d"), &b);
    assert_span(b.client_key_exchange.encrypted_premaster, "00040a0b0c0d");
    /* "This specification requires correct encoding of the EncryptedPreMasterSecret complete with length bytes." */
    check_refused(CONTEXT(WT_TLS10, WT_KX_RSA), CKE, "0a0b0c0d", WT_TRUNCATED, "encrypted_pre_master_secret", 0);
}

static void test_dh(void **state)
{
    struct wt_message_body b;
    (void)state;
    check_message(CONTEXT(WT_TLS12, WT_KX_DHE), CKE, hex("0002 1234"), SIZE_MAX, &b);
    assert_span(b.client_key_exchange.public_key, "1234");
    check_message(CONTEXT(WT_TLS12, WT_KX_DH), CKE, hex("0002 1234"), 0, &b);
    /* RFC 5246, 7.4.7.2: "In this case, the client key exchange message will be sent, but it MUST be empty." */
    check_message(CONTEXT(WT_TLS12, WT_KX_DH), CKE, hex(""), SIZE_MAX, &b);
    check_refused(CONTEXT(WT_TLS12, WT_KX_DHE), CKE, "", WT_TRUNCATED, "dh_Yc", 0);
    check_refused(CONTEXT(WT_TLS12, WT_KX_DHE), CKE, "0000", WT_LENGTH, "dh_Yc", 0);
    check_message(CONTEXT(WT_TLS12, WT_KX_ECDHE), CKE, hex("03 04aabb"), SIZE_MAX, &b);
    assert_span(b.client_key_exchange.public_key, "04aabb");
    check_message(CONTEXT(WT_TLS12, WT_KX_ECDH), CKE, hex("03 04aabb"), 0, &b);
    check_whole(CONTEXT(WT_TLS12, WT_KX_ECDH), CKE, hex(""), &b);
    check_refused(CONTEXT(WT_TLS12, WT_KX_ECDHE), CKE, "00", WT_LENGTH, "ecdh_Yc", 0);
    check_refused(CONTEXT(WT_TLS12, WT_KX_ECDHE), CKE, "", WT_TRUNCATED, "ecdh_Yc", 0);
}

static void test_psk(void **state)
{
    struct wt_message_body b;
    (void)state;
    check_message(CONTEXT(WT_TLS12, WT_KX_PSK), CKE, hex("0003 6d6561"), SIZE_MAX, &b);
    assert_span(b.client_key_exchange.psk_identity, "6d6561");
    check_message(CONTEXT(WT_TLS12, WT_KX_RSA_PSK), CKE, hex("0001 6d 0002 0a0b"), SIZE_MAX, &b);
    assert_span(b.client_key_exchange.encrypted_premaster, "0a0b");
    check_message(CONTEXT(WT_SSL3, WT_KX_RSA_PSK), CKE, hex("0001 6d 0002 0a0b"), SIZE_MAX, &b);
    check_message(CONTEXT(WT_TLS12, WT_KX_DHE_PSK), CKE, hex("0001 6d 0002 0a0b"), SIZE_MAX, &b);
    assert_span(b.client_key_exchange.public_key, "0a0b");
    check_message(CONTEXT(WT_TLS12, WT_KX_ECDHE_PSK), CKE, hex("0000 02 0a0b"), SIZE_MAX, &b);
    assert_int_equal(b.client_key_exchange.psk_identity.n, 0);
}

/* GB/T 38636-2020, 6.4.5.8. */
static void test_tlcp(void **state)
{
    struct wt_message_body b;
    (void)state;
    check_message(CONTEXT(WT_TLCP, WT_KX_SM2), CKE, hex("0004 0a0b0c0d"), SIZE_MAX, &b);
    assert_span(b.client_key_exchange.encrypted_premaster, "0a0b0c0d");
    check_message(CONTEXT(WT_TLCP, WT_KX_TLCP_RSA), CKE, hex("0004 0a0b0c0d"), SIZE_MAX, &b);
    check_refused(CONTEXT(WT_TLCP, WT_KX_SM2), CKE, "0a0b0c0d", WT_TRUNCATED, "encrypted_pre_master_secret", 0);
    /* with the vector's length, and without, as peers in the field have it */
    struct wt_trail *t = check_whole(CONTEXT(WT_TLCP, WT_KX_SM2_DHE), CKE, hex("0006 03 0029 02 0402"), &b);
    assert_int_equal(event_of(t, "curve_params", 0)->length, 3);
    assert_int_equal(event_of(t, "named_curve", 0)->kind, WT_REG_GROUP);
    assert_true(b.client_key_exchange.has_length);
    assert_span(b.client_key_exchange.public_key, "0402");
    check_whole(CONTEXT(WT_TLCP, WT_KX_SM2_DHE), CKE, hex("03 0029 03 040203"), &b);
    assert_false(b.client_key_exchange.has_length);
    assert_span(b.client_key_exchange.curve_params, "030029");
    assert_span(b.client_key_exchange.public_key, "040203");
    check_refused(CONTEXT(WT_TLCP, WT_KX_SM2_DHE), CKE, "03 0029 00", WT_LENGTH, "public", 3);
    check_refused(CONTEXT(WT_TLCP, WT_KX_SM2_DHE), CKE, "", WT_TRUNCATED, "curve_type", 0);
}

static void test_others(void **state)
{
    static const uint8_t families[] = {WT_KX_NULL, WT_KX_KRB5,   WT_KX_FORTEZZA, WT_KX_GOST,
                                       WT_KX_SM9,  WT_KX_ECCPWD, WT_KX_COUNT,    255};
    struct wt_message_body b;
    (void)state;
    check_message(CONTEXT(WT_TLS12, WT_KX_SRP), CKE, hex("0002 0a0b"), SIZE_MAX, &b);
    assert_span(b.client_key_exchange.public_key, "0a0b");
    check_refused(CONTEXT(WT_TLS12, WT_KX_SRP), CKE, "0000", WT_LENGTH, "srp_A", 0);
    for (size_t i = 0; i < sizeof families; i++) {
        check_whole(CONTEXT(WT_TLS12, families[i]), CKE, hex("010203"), &b);
        assert_span(b.client_key_exchange.other, "010203");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rsa),
        cmocka_unit_test(test_dh),
        cmocka_unit_test(test_psk),
        cmocka_unit_test(test_tlcp),
        cmocka_unit_test(test_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
