/* A certificate with all that a certificate can name, in all types of string: none of it survives, and what is left can
 * be read as before. */
#include "redact/certificates.h"
#include "redact/fields.h"
#include "standins.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void add_name(X509_NAME *name, int nid, int type, const char *bytes, int n)
{
    assert_true(X509_NAME_add_entry_by_NID(name, nid, type, (const unsigned char *)bytes, n, -1, 0));
}

static void add(X509 *x, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, x, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_nconf_nid(NULL, &context, nid, value);
    if (!e)
        fail_msg("%s", value);
    assert_true(X509_add_ext(x, e, -1));
    X509_EXTENSION_free(e);
}

static void add_unknown(X509 *x)
{
    ASN1_OBJECT *id = OBJ_txt2obj("1.3.6.1.4.1.55555.7.1", 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    assert_true(ASN1_OCTET_STRING_set(value,
                                      (const unsigned char *)"\x0c\x0d"
                                                             "Hidden Secret",
                                      15));
    X509_EXTENSION *e = X509_EXTENSION_create_by_OBJ(NULL, id, 0, value);
    assert_true(e && X509_add_ext(x, e, -1));
    X509_EXTENSION_free(e);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(id);
}

static int made(uint8_t **der)
{
    X509 *x = X509_new();
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509_NAME *name = X509_get_subject_name(x);
    assert_true(X509_set_version(x, 2));
    assert_true(BN_to_ASN1_INTEGER(BN_value_one(), X509_get_serialNumber(x)) != NULL);
    assert_true(ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), 0xa1b2c3d4e5f60718));
    assert_true(ASN1_TIME_set_string(X509_getm_notBefore(x), "231114221320Z"));
    assert_true(ASN1_TIME_set_string(X509_getm_notAfter(x), "20630101123456Z"));
    add_name(name, NID_countryName, V_ASN1_PRINTABLESTRING, "QQ", 2);
    add_name(name, NID_organizationName, V_ASN1_T61STRING, "Secret T\xe9letex", 14);
    add_name(name, NID_organizationalUnitName, V_ASN1_BMPSTRING, "\0S\0e\0c\0r\0e\0t\0 \0B\0M\0P", 20);
    add_name(name, NID_localityName, V_ASN1_UNIVERSALSTRING, "\0\0\0S\0\0\0e\0\0\0c\0\0\0r\0\0\0e\0\0\0t", 24);
    add_name(name, NID_stateOrProvinceName, V_ASN1_UTF8STRING, "Geh\xc3\xa9imnis Secret", 17);
    add_name(name, NID_commonName, V_ASN1_UTF8STRING, "www.secret.example", 18);
    assert_true(X509_set_issuer_name(x, name));
    assert_true(X509_set_pubkey(x, key));
    add(x, NID_subject_alt_name,
        "DNS:www.secret.example,DNS:*.secret.example,IP:203.0.113.77,IP:2001:db8::77,email:secret@secret.example,"
        "URI:https://secret.example/secret,RID:1.3.6.1.4.1.55555.9,otherName:1.3.6.1.4.1.55555.8;UTF8:Secret Other");
    add(x, NID_name_constraints, "permitted;DNS:secret.example,excluded;IP:203.0.113.0/255.255.255.0");
    add(x, NID_info_access, "OCSP;URI:http://ocsp.secret.example/secret");
    add(x, NID_crl_distribution_points, "URI:http://crl.secret.example/secret.crl");
    /* 1.3.6.1.4.1.55555.5 and 2.23.140.1.2.1 */
    add(x, NID_certificate_policies, "DER:3017300b06092b0601040183b203053008060667810c010201");
    add(x, NID_key_usage, "digitalSignature");
    add(x, NID_ext_key_usage, "serverAuth");
    add_unknown(x);
    assert_true(X509_sign(x, key, EVP_sha256()) > 0);
    *der = NULL;
    const int n = i2d_X509(x, der);
    X509_free(x);
    EVP_PKEY_free(key);
    return n;
}

static bool has(const uint8_t *in, size_t n, const void *what, size_t length)
{
    for (size_t i = 0; i + length <= n; i++)
        if (memcmp(in + i, what, length) == 0)
            return true;
    return false;
}

static void nothing_survives(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        uint8_t n;
    } originals[] = {{"ecret", 5},
                     {"\0e\0c\0r\0e\0t", 10},
                     {"\0\0\0e\0\0\0c\0\0\0r", 12},
                     {"letex", 5},
                     {"imnis", 5},
                     {"\xcb\x00\x71\x4d", 4},
                     {"\x20\x01\x0d\xb8", 4},
                     {"Hidden", 6},
                     {"\xa1\xb2\xc3\xd4", 4},
                     {"231114", 6},
                     {"20630101", 8},
                     {"\x83\xb2\x03", 3} /* 55555 */};
    uint8_t *der, *out;
    const int n = made(&der);
    assert_true(n > 0);
    out = malloc((size_t)n);
    wt_standins_start(s, INT64_C(1700000000000000000)); /* 2023-11-14 22:13:20 */
    wt_redact_certificate(s, wt_span_of(der, (size_t)n), out);
    for (size_t i = 0; i < sizeof originals / sizeof *originals; i++) {
        assert_true(has(der, (size_t)n, originals[i].bytes, originals[i].n));
        assert_false(has(out, (size_t)n, originals[i].bytes, originals[i].n));
    }
    free(out);
    OPENSSL_free(der);
}

static void it_can_be_read(void **state)
{
    (void)state;
    uint8_t *der;
    const int n = made(&der);
    struct wt_redact_certificates *c = wt_redact_certificates_new(crypto, s);
    const struct wt_certificate_facts in = {
        .der = {der, (size_t)n}, .length = (uint32_t)n, .parsed = true, .key_bits = 256};
    const struct wt_certificate_facts *f = wt_redact_certificate_facts(c, &in);
    assert_true(f && f->parsed);
    assert_ptr_equal(f, wt_redact_certificate_facts(c, &in));
    assert_true(f->san_count >= 6);
    assert_string_equal(f->san[0], f->common_name);
    assert_string_equal(f->san[0] + 4, f->san[1] + 2);
    assert_memory_equal(f->san[2], "198.18.", 7);
    assert_memory_equal(f->san[3], "3fff:", 5);
    assert_string_equal(strchr(f->san[4], '@') + 1, f->san[1] + 2);
    assert_string_equal(f->key_type, "EC");
    assert_string_equal(f->key_curve, "secp256r1");
    assert_int_equal(f->key_bits, 256);
    assert_true(f->self_issued);
    assert_string_equal(f->key_usage.items[0], "digitalSignature");
    assert_string_equal(f->extended_key_usage.items[0], "serverAuth");
    assert_string_equal(f->policies.items[1], "2.23.140.1.2.1");
    assert_true(f->not_before == 946684800);
    assert_true(f->not_after == 946684800 + INT64_C(1200000000));
    assert_int_equal(strlen(f->serial), 16);
    wt_redact_certificates_free(c);
    OPENSSL_free(der);
}

/* Damaged at every byte: never more than the bytes of the original's structure. */
static void damaged(void **state)
{
    (void)state;
    uint8_t *der, *out;
    const int n = made(&der);
    out = malloc((size_t)n);
    for (int i = 0; i < n; i++) {
        const uint8_t kept = der[i];
        for (unsigned flip = 1; flip < 256; flip = flip * 5 + 2) {
            der[i] = (uint8_t)(kept ^ flip);
            wt_redact_certificate(s, wt_span_of(der, (size_t)n), out);
            assert_false(has(out, (size_t)n, "secret.example", 14));
        }
        der[i] = kept;
        wt_redact_certificate(s, wt_span_of(der, (size_t)i), out);
    }
    free(out);
    OPENSSL_free(der);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_survives), cmocka_unit_test(it_can_be_read),
                                       cmocka_unit_test(damaged)};
    return cmocka_run_group_tests(tests, begin, end);
}
