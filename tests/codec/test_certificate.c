/* RFC 8446, 4.4.2; RFC 5246, 7.4.2; RFC 7250, 3; RFC 6101, 5.6.2. Also CertificateStatus, CertificateURL and
 * CertificateVerify, which speak of certificates. */
#include "message_check.h"

static const struct wt_codec_context ssl3 = {.version = WT_SSL3}, tls10 = {.version = WT_TLS10},
                                     tls12 = {.version = WT_TLS12}, tls13 = {.version = WT_TLS13},
                                     draft16 = {.version = 0x7f10},
                                     raw12 = {.version = WT_TLS12, .certificate_type = 2},
                                     raw13 = {.version = WT_TLS13, .certificate_type = 2};

static void test_tls12(void **state)
{
    struct wt_message_body b;
    struct wt_certificate_entry entry;
    (void)state;
    check_message(&tls12, WT_HANDSHAKE_CERTIFICATE, hex("00000b 000003 308001 000002 3000"), SIZE_MAX, &b);
    struct wt_span rest = b.certificate.list;
    assert_false(b.certificate.tls13);
    assert_true(wt_certificate_next(&b.certificate, &rest, &entry));
    assert_span(entry.data, "308001");
    assert_true(wt_certificate_next(&b.certificate, &rest, &entry));
    assert_span(entry.data, "3000");
    assert_false(wt_certificate_next(&b.certificate, &rest, &entry));
    check_message(&tls12, WT_HANDSHAKE_CERTIFICATE, hex("000000"), SIZE_MAX, &b);
    /* RFC 5246, 7.4.2: "opaque ASN.1Cert<1..2^24-1>;" */
    check_refused(&tls12, WT_HANDSHAKE_CERTIFICATE, "000003 000000", WT_LENGTH, "cert_data", 3);
    check_refused(&tls12, WT_HANDSHAKE_CERTIFICATE, "000004 000002 30", WT_TRUNCATED, "cert_data", 3);
    check_refused(&tls12, WT_HANDSHAKE_CERTIFICATE, "000002 0000", WT_TRUNCATED, "cert_data", 3);
    /* RFC 6101, 5.6.2: "ASN.1Cert certificate_list<1..2^24-1>;" */
    check_refused(&ssl3, WT_HANDSHAKE_CERTIFICATE, "000000", WT_LENGTH, "certificate_list", 0);
}

static void test_tls13(void **state)
{
    struct wt_message_body b;
    struct wt_certificate_entry entry;
    (void)state;
    check_message(&tls13, WT_HANDSHAKE_CERTIFICATE,
                  hex("02 0102 000014 000002 3000 0006 000500020000 000002 3003 0000"), SIZE_MAX, &b);
    struct wt_span rest = b.certificate.list;
    assert_true(b.certificate.tls13);
    assert_span(b.certificate.request_context, "0102");
    assert_true(wt_certificate_next(&b.certificate, &rest, &entry));
    assert_span(entry.extensions, "000500020000");
    assert_true(wt_certificate_next(&b.certificate, &rest, &entry));
    assert_span(entry.data, "3003");
    assert_int_equal(entry.extensions.n, 0);
    assert_false(wt_certificate_next(&b.certificate, &rest, &entry));
    check_refused(&tls13, WT_HANDSHAKE_CERTIFICATE, "00 000005 000002 3000", WT_TRUNCATED, "extensions", 9);
    /* Before draft 17 the entries had no extensions. */
    check_message(&draft16, WT_HANDSHAKE_CERTIFICATE, hex("00 000005 000002 3000"), SIZE_MAX, &b);
    rest = b.certificate.list;
    assert_true(wt_certificate_next(&b.certificate, &rest, &entry));
    assert_false(wt_certificate_next(&b.certificate, &rest, &entry));
}

static void test_raw_public_key(void **state)
{
    struct wt_message_body b;
    struct wt_certificate_entry entry;
    (void)state;
    check_message(&raw12, WT_HANDSHAKE_CERTIFICATE, hex("000004 30020500"), SIZE_MAX, &b);
    struct wt_span rest = b.certificate.list;
    assert_true(wt_certificate_next(&b.certificate, &rest, &entry));
    assert_span(entry.data, "30020500");
    assert_false(wt_certificate_next(&b.certificate, &rest, &entry));
    check_refused(&raw12, WT_HANDSHAKE_CERTIFICATE, "000000", WT_LENGTH, "ASN1_subjectPublicKeyInfo", 0);
    check_message(&raw13, WT_HANDSHAKE_CERTIFICATE, hex("00 000009 000004 30020500 0000"), SIZE_MAX, &b);
    event_of(check_whole(&raw13, WT_HANDSHAKE_CERTIFICATE, hex("00 000009 000004 30020500 0000"), &b),
             "ASN1_subjectPublicKeyInfo", 0);
}

static void test_verify(void **state)
{
    struct wt_message_body b;
    (void)state;
    check_message(&tls13, WT_HANDSHAKE_CERTIFICATE_VERIFY, hex("0804 0004 5a747c5d"), SIZE_MAX, &b);
    assert_int_equal(b.certificate_verify.signature_scheme, 0x0804);
    assert_span(b.certificate_verify.signature, "5a747c5d");
    check_message(&tls12, WT_HANDSHAKE_CERTIFICATE_VERIFY, hex("0401 0000"), SIZE_MAX, &b);
    check_message(&tls10, WT_HANDSHAKE_CERTIFICATE_VERIFY, hex("0004 5a747c5d"), SIZE_MAX, &b);
    assert_false(b.certificate_verify.has_scheme);
    check_message(&ssl3, WT_HANDSHAKE_CERTIFICATE_VERIFY, hex("0004 5a747c5d"), SIZE_MAX, &b);
}

static void test_status(void **state)
{
    struct wt_message_body b;
    (void)state;
    /* RFC 6066, 8 */
    check_message(&tls12, WT_HANDSHAKE_CERTIFICATE_STATUS, hex("01 000005 3003 0a0106"), SIZE_MAX, &b);
    assert_span(b.certificate_status.response, "30030a0106");
    check_refused(&tls12, WT_HANDSHAKE_CERTIFICATE_STATUS, "01 000000", WT_LENGTH, "response", 1);
    /* RFC 6961, 2.2; the second certificate has no answer */
    check_message(&tls12, WT_HANDSHAKE_CERTIFICATE_STATUS, hex("02 000008 000002 3000 000000"), SIZE_MAX, &b);
    assert_int_equal(b.certificate_status.responses.n, 8);
    check_refused(&tls12, WT_HANDSHAKE_CERTIFICATE_STATUS, "02 000000", WT_LENGTH, "ocsp_response_list", 1);
    check_refused(&tls12, WT_HANDSHAKE_CERTIFICATE_STATUS, "02 000002 0000", WT_TRUNCATED, "ocsp_response", 4);
    check_whole(&tls12, WT_HANDSHAKE_CERTIFICATE_STATUS, hex("63 0102"), &b);
    assert_span(b.certificate_status.response, "0102");
}

#define SHA1 "000102030405060708090a0b0c0d0e0f10111213"

static void test_url(void **state)
{
    struct wt_message_body b;
    (void)state;
    /* RFC 6066, 5 */
    check_message(&tls12, WT_HANDSHAKE_CERTIFICATE_URL, hex("00 001c 0005 687474703a 01" SHA1), SIZE_MAX, &b);
    assert_int_equal(b.certificate_url.list.n, 0x1c);
    /* RFC 6066, 5: "The "padding" byte MUST be 0x01." */
    check_refused(&tls12, WT_HANDSHAKE_CERTIFICATE_URL, "00 001c 0005 687474703a 00" SHA1, WT_VALUE, "padding", 10);
    check_refused(&tls12, WT_HANDSHAKE_CERTIFICATE_URL, "00 0017 0000 01" SHA1, WT_LENGTH, "url", 3);
    check_refused(&tls12, WT_HANDSHAKE_CERTIFICATE_URL, "00 0000", WT_LENGTH, "url_and_hash_list", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tls12),  cmocka_unit_test(test_tls13),  cmocka_unit_test(test_raw_public_key),
        cmocka_unit_test(test_verify), cmocka_unit_test(test_status), cmocka_unit_test(test_url),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
