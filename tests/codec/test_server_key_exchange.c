/* RFC 5246, 7.4.3; RFC 8422, 5.4; RFC 4492, 5.4; RFC 4279, 2 to 4; RFC 5489, 2; RFC 5054, 2.5.3; RFC 6101, 5.6.3. */
#include "message_check.h"

#define SKE WT_HANDSHAKE_SERVER_KEY_EXCHANGE
#define CONTEXT(version_, kx_) (&(struct wt_codec_context){.version = (version_), .kx = (kx_)})
#define DH "0002 ff17 0001 02 0002 1234"

static void test_dh(void **state)
{
    struct wt_message_body b;
    (void)state;
    check_message(CONTEXT(WT_TLS12, WT_KX_DHE), SKE, hex(DH "0401 0003 a0a1a2"), SIZE_MAX, &b);
    assert_span(b.server_key_exchange.dh_p, "ff17");
    assert_span(b.server_key_exchange.dh_g, "02");
    assert_span(b.server_key_exchange.dh_ys, "1234");
    assert_span(b.server_key_exchange.params, DH);
    assert_true(b.server_key_exchange.is_signed && b.server_key_exchange.has_scheme);
    assert_int_equal(b.server_key_exchange.signature_scheme, 0x0401);
    assert_span(b.server_key_exchange.signature, "a0a1a2");
    check_message(CONTEXT(WT_TLS11, WT_KX_DHE), SKE, hex(DH "0003 a0a1a2"), SIZE_MAX, &b);
    assert_false(b.server_key_exchange.has_scheme);
    check_message(CONTEXT(WT_SSL3, WT_KX_DHE_EXPORT), SKE, hex(DH "0003 a0a1a2"), SIZE_MAX, &b);
    check_message(CONTEXT(WT_TLS12, WT_KX_DH_ANON), SKE, hex(DH), SIZE_MAX, &b);
    assert_false(b.server_key_exchange.is_signed);
    /* RFC 5246, 7.4.3: "opaque dh_p<1..2^16-1>; opaque dh_g<1..2^16-1>; opaque dh_Ys<1..2^16-1>;" */
    check_refused(CONTEXT(WT_TLS12, WT_KX_DHE), SKE, "0000", WT_LENGTH, "dh_p", 0);
    check_refused(CONTEXT(WT_TLS12, WT_KX_DHE), SKE, "0001 17 0000", WT_LENGTH, "dh_g", 3);
    check_refused(CONTEXT(WT_TLS12, WT_KX_DHE), SKE, "0001 17 0001 02 0000", WT_LENGTH, "dh_Ys", 6);
}

static void test_ecdhe(void **state)
{
    struct wt_message_body b;
    (void)state;
    struct wt_trail *t = check_whole(CONTEXT(WT_TLS12, WT_KX_ECDHE), SKE, hex("03 0017 03 040102 0403 0002 3000"), &b);
    assert_int_equal(event_of(t, "params", 0)->length, 7);
    assert_int_equal(event_of(t, "named_curve", 0)->kind, WT_REG_GROUP);
    check_message(CONTEXT(WT_TLS12, WT_KX_ECDHE), SKE, hex("03 0017 03 040102 0403 0002 3000"), SIZE_MAX, &b);
    assert_int_equal(b.server_key_exchange.curve_type, 3);
    assert_int_equal(b.server_key_exchange.named_curve, 0x17);
    assert_span(b.server_key_exchange.ec_point, "040102");
    assert_span(b.server_key_exchange.params, "03001703040102");
    assert_int_equal(b.server_key_exchange.signature_scheme, 0x0403);
    check_message(CONTEXT(WT_TLS10, WT_KX_ECDHE), SKE, hex("03 0017 03 040102 0002 3000"), SIZE_MAX, &b);
    check_message(CONTEXT(WT_TLS12, WT_KX_ECDH_ANON), SKE, hex("03 0017 03 040102"), SIZE_MAX, &b);
    /* RFC 8422, 5.4: "opaque point <1..2^8-1>;" */
    check_refused(CONTEXT(WT_TLS12, WT_KX_ECDHE), SKE, "03 0017 00", WT_LENGTH, "public", 3);
    check_refused(CONTEXT(WT_TLS12, WT_KX_ECDHE), SKE, "04 0017 00", WT_VALUE, "curve_type", 0);
    check_refused(CONTEXT(WT_TLS12, WT_KX_ECDHE), SKE, "00", WT_VALUE, "curve_type", 0);
}

/* GB/T 38636-2020, 6.4.5.4. */
static void test_tlcp(void **state)
{
    struct wt_message_body b;
    (void)state;
    check_message(CONTEXT(WT_TLCP, WT_KX_SM2), SKE, hex("0003 a0a1a2"), SIZE_MAX, &b);
    assert_true(b.server_key_exchange.is_signed && !b.server_key_exchange.has_scheme);
    assert_int_equal(b.server_key_exchange.params.n, 0);
    assert_span(b.server_key_exchange.signature, "a0a1a2");
    check_message(CONTEXT(WT_TLCP, WT_KX_TLCP_RSA), SKE, hex("0003 a0a1a2"), SIZE_MAX, &b);
    assert_span(b.server_key_exchange.signature, "a0a1a2");
    check_message(CONTEXT(WT_TLCP, WT_KX_SM2_DHE), SKE, hex("03 0029 02 0402 0003 a0a1a2"), SIZE_MAX, &b);
    assert_span(b.server_key_exchange.params, "030029020402");
    assert_int_equal(b.server_key_exchange.named_curve, WT_GROUP_CURVESM2);
    assert_span(b.server_key_exchange.signature, "a0a1a2");
    check_refused(CONTEXT(WT_TLCP, WT_KX_SM2), SKE, "00", WT_TRUNCATED, "signature", 0);
}

static void test_explicit_curves(void **state)
{
    struct wt_message_body b;
    (void)state;
    check_message(CONTEXT(WT_TLS10, WT_KX_ECDHE), SKE,
                  hex("01 02 fffb 01 0a 01 0b 03 040506 01 07 01 01 03 040102 0002 3000"), SIZE_MAX, &b);
    assert_span(b.server_key_exchange.ec_explicit, "02fffb010a010b0304050601070101");
    check_message(CONTEXT(WT_TLS10, WT_KX_ECDHE), SKE,
                  hex("02 00a3 01 01 06 01 0a 01 0b 03 040506 01 07 01 01 03 040102 0002 3000"), SIZE_MAX, &b);
    check_message(CONTEXT(WT_TLS10, WT_KX_ECDHE), SKE,
                  hex("02 00a3 02 01 06 01 07 01 08 01 0a 01 0b 03 040506 01 07 01 01 03 040102 0002 3000"), SIZE_MAX,
                  &b);
    check_refused(CONTEXT(WT_TLS10, WT_KX_ECDHE), SKE, "02 00a3 03 01 06", WT_VALUE, "basis", 3);
    check_refused(CONTEXT(WT_TLS10, WT_KX_ECDHE), SKE, "01 00", WT_LENGTH, "prime_p", 1);
}

static void test_rsa_export(void **state)
{
    struct wt_message_body b;
    (void)state;
    check_message(CONTEXT(WT_TLS10, WT_KX_RSA_EXPORT), SKE, hex("0002 c001 0003 010001 0002 a0a1"), SIZE_MAX, &b);
    assert_span(b.server_key_exchange.rsa_modulus, "c001");
    assert_span(b.server_key_exchange.rsa_exponent, "010001");
    check_message(CONTEXT(WT_SSL3, WT_KX_RSA), SKE, hex("0002 c001 0003 010001 0002 a0a1"), SIZE_MAX, &b);
}

static void test_psk(void **state)
{
    struct wt_message_body b;
    (void)state;
    check_message(CONTEXT(WT_TLS12, WT_KX_PSK), SKE, hex("0004 68696e74"), SIZE_MAX, &b);
    assert_span(b.server_key_exchange.psk_identity_hint, "68696e74");
    check_message(CONTEXT(WT_TLS12, WT_KX_RSA_PSK), SKE, hex("0000"), SIZE_MAX, &b);
    check_message(CONTEXT(WT_TLS12, WT_KX_DHE_PSK), SKE, hex("0001 68" DH), SIZE_MAX, &b);
    assert_span(b.server_key_exchange.dh_ys, "1234");
    check_message(CONTEXT(WT_TLS12, WT_KX_ECDHE_PSK), SKE, hex("0000 03 001d 02 aabb"), SIZE_MAX, &b);
    assert_span(b.server_key_exchange.ec_point, "aabb");
    assert_false(b.server_key_exchange.is_signed);
}

static void test_srp(void **state)
{
    struct wt_message_body b;
    (void)state;
    /* SRP_SHA does not sign, SRP_SHA_RSA does; the family is the same. */
    check_message(CONTEXT(WT_TLS12, WT_KX_SRP), SKE, hex("0002 eeaf 0001 02 02 beb2 0001 bd 0401 0001 a0"), 13, &b);
    assert_true(b.server_key_exchange.is_signed);
    assert_span(b.server_key_exchange.srp_n, "eeaf");
    assert_span(b.server_key_exchange.srp_g, "02");
    assert_span(b.server_key_exchange.srp_s, "beb2");
    assert_span(b.server_key_exchange.srp_b, "bd");
    check_message(CONTEXT(WT_TLS12, WT_KX_SRP), SKE, hex("0002 eeaf 0001 02 02 beb2 0001 bd"), SIZE_MAX, &b);
    assert_false(b.server_key_exchange.is_signed);
}

static void test_kept_as_it_lies(void **state)
{
    static const uint8_t r_s[128] = {1};
    struct wt_message_body b;
    (void)state;
    check_message(CONTEXT(WT_SSL3, WT_KX_FORTEZZA), SKE, wt_span_of(r_s, sizeof r_s), SIZE_MAX, &b);
    assert_int_equal(b.server_key_exchange.fortezza_r.n, 128);
    for (unsigned kx = 0; kx < 256; kx++) {
        switch (kx) {
        case WT_KX_NULL:
        case WT_KX_DH:
        case WT_KX_ECDH:
        case WT_KX_KRB5:
        case WT_KX_GOST:
        case WT_KX_SM9:
        case WT_KX_ECCPWD:
        case WT_KX_TLS13:
        case WT_KX_COUNT:
        case 255:
            check_whole(CONTEXT(WT_TLS12, (uint8_t)kx), SKE, hex("0a0b0c"), &b);
            assert_span(b.server_key_exchange.params, "0a0b0c");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dh),
        cmocka_unit_test(test_ecdhe),
        cmocka_unit_test(test_rsa_export),
        cmocka_unit_test(test_explicit_curves),
        cmocka_unit_test(test_tlcp),
        cmocka_unit_test(test_psk),
        cmocka_unit_test(test_srp),
        cmocka_unit_test(test_kept_as_it_lies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
