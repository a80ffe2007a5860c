/* RFC 8446, 4.3.2; RFC 5246, 7.4.4; RFC 4346, 7.4.4; draft-ietf-tls-tls13-18, 4.3.2. */
#include "message_check.h"

#define CR WT_HANDSHAKE_CERTIFICATE_REQUEST

static const struct wt_codec_context ssl3 = {.version = WT_SSL3}, tls11 = {.version = WT_TLS11},
                                     tls12 = {.version = WT_TLS12}, tls13 = {.version = WT_TLS13},
                                     draft18 = {.version = 0x7f12}, draft19 = {.version = 0x7f13};

static void test_tls12(void **state)
{
    struct wt_message_body b;
    struct wt_span name;
    (void)state;
    check_message(&tls12, CR, hex("02 0140 0004 0401 0403 0008 0002 3000 0002 3001"), SIZE_MAX, &b);
    assert_span(b.certificate_request.certificate_types, "0140");
    assert_int_equal(wt_codes_count(b.certificate_request.signature_algorithms), 2);
    struct wt_span rest = b.certificate_request.authorities;
    assert_true(wt_dn_next(&rest, &name));
    assert_span(name, "3000");
    assert_true(wt_dn_next(&rest, &name));
    assert_span(name, "3001");
    assert_false(wt_dn_next(&rest, &name));
    /* RFC 5246, 7.4.4: "ClientCertificateType certificate_types<1..2^8-1>;" */
    check_refused(&tls12, CR, "00 0002 0401 0000", WT_LENGTH, "certificate_types", 0);
    check_refused(&tls12, CR, "01 01 0000 0000", WT_LENGTH, "supported_signature_algorithms", 2);
    check_refused(&tls12, CR, "01 01 0003 040100 0000", WT_LENGTH, "supported_signature_algorithms", 4);
    /* "opaque DistinguishedName<1..2^16-1>;" */
    check_refused(&tls12, CR, "01 01 0002 0401 0002 0000", WT_LENGTH, "distinguished_name", 8);
}

static void test_before(void **state)
{
    struct wt_message_body b;
    (void)state;
    check_message(&tls11, CR, hex("02 0102 0004 0002 3000"), SIZE_MAX, &b);
    assert_int_equal(b.certificate_request.signature_algorithms.n, 0);
    check_message(&ssl3, CR, hex("01 01 0000"), SIZE_MAX, &b);
}

static void test_tls13(void **state)
{
    struct wt_message_body b;
    (void)state;
    check_message(&tls13, CR, hex("01 aa 0014 000d 0006 0004 0804 0403 002f 0006 0004 0002 3000"), SIZE_MAX, &b);
    assert_span(b.certificate_request.request_context, "aa");
    assert_span(b.certificate_request.signature_algorithms, "08040403");
    assert_span(b.certificate_request.authorities, "00023000");
    check_message(&draft19, CR, hex("00 0008 000d 0004 0002 0804"), SIZE_MAX, &b);
    /* A malformed extension is the block's affair: the message stands, the lists stay empty. */
    check_message(&tls13, CR, hex("00 0007 000d 0003 0001 08"), SIZE_MAX, &b);
    assert_int_equal(b.certificate_request.signature_algorithms.n, 0);
    /* RFC 8446, 4.3.2: "Extension extensions<2..2^16-1>;" */
    check_refused(&tls13, CR, "00 0000", WT_LENGTH, "extensions", 1);
}

static void test_early_drafts(void **state)
{
    struct wt_message_body b;
    (void)state;
    check_message(&draft18, CR, hex("00 0002 0804 0004 0002 3000 000a 03 551d0f 0004 03020780"), SIZE_MAX, &b);
    assert_span(b.certificate_request.signature_algorithms, "0804");
    assert_int_equal(b.certificate_request.certificate_extensions.n, 10);
    check_refused(&draft18, CR, "00 0002 0804 0000 0003 00 0000", WT_LENGTH, "certificate_extension_oid", 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tls12),
        cmocka_unit_test(test_before),
        cmocka_unit_test(test_tls13),
        cmocka_unit_test(test_early_drafts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
