/* Facts of certificates that the test itself makes: RFC 5280, RFC 4514. */
#include "certificate/certificates.h"

#include "registry/limits.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct wt_crypto *digests;
static struct wt_certificates *table;
static EVP_PKEY *p256;

static void add_name(X509_NAME *n, const char *field, int type, const char *value, int length)
{
    assert_true(X509_NAME_add_entry_by_txt(n, field, type, (const unsigned char *)value, length, -1, 0));
}

static X509 *blank(EVP_PKEY *key)
{
    X509 *x = X509_new();
    assert_non_null(x);
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 0x1234);
    assert_true(ASN1_TIME_set_string(X509_getm_notBefore(x), "20200102030405Z"));
    assert_true(ASN1_TIME_set_string(X509_getm_notAfter(x), "20500102030405Z"));
    add_name(X509_get_issuer_name(x), "CN", MBSTRING_UTF8, "issuer", -1);
    add_name(X509_get_subject_name(x), "CN", MBSTRING_UTF8, "a.example", -1);
    assert_true(X509_set_pubkey(x, key));
    return x;
}

static void add_extension(X509 *x, int nid, const char *hex)
{
    long n = 0;
    unsigned char *der = OPENSSL_hexstr2buf(hex, &n);
    ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
    ASN1_OCTET_STRING_set(data, der, (int)n);
    X509_EXTENSION *e = X509_EXTENSION_create_by_NID(NULL, nid, 0, data);
    assert_true(X509_add_ext(x, e, -1));
    X509_EXTENSION_free(e);
    ASN1_OCTET_STRING_free(data);
    OPENSSL_free(der);
}

/* Signs, and gives the facts of the DER; frees x. */
static const struct wt_certificate_facts *facts(X509 *x, EVP_PKEY *key, const EVP_MD *md)
{
    unsigned char *der = NULL;
    assert_true(X509_sign(x, key, md) > 0);
    int n = i2d_X509(x, &der);
    assert_true(n > 0);
    const struct wt_certificate_facts *f = wt_certificates_intern(table, wt_span_of(der, (size_t)n));
    assert_non_null(f);
    assert_true(f->parsed);
    assert_int_equal(f->length, n);
    unsigned char digest[EVP_MAX_MD_SIZE];
    assert_true(EVP_Digest(der, (size_t)n, digest, NULL, EVP_sha256(), NULL));
    assert_memory_equal(f->sha256, digest, 32);
    assert_true(EVP_Digest(der, (size_t)n, digest, NULL, EVP_sha1(), NULL));
    assert_memory_equal(f->sha1, digest, 20);
    /* the same bytes elsewhere: the same facts */
    assert_ptr_equal(f, wt_certificates_intern(table, wt_span_of(der, (size_t)n)));
    OPENSSL_free(der);
    X509_free(x);
    assert_int_equal(ERR_peek_error(), 0);
    return f;
}

static void test_plain(void **state)
{
    (void)state;
    X509 *x = blank(p256);
    add_name(X509_get_subject_name(x), "O", MBSTRING_UTF8, "Gr\xc3\xbc\xc3\x9f, Co", -1);
    const struct wt_certificate_facts *f = facts(x, p256, EVP_sha256());
    /* RFC 4514, 2.1: "starting with the last element of the sequence"; 2.4: a comma is escaped, UTF-8 stands */
    assert_string_equal(f->subject, "O=Gr\xc3\xbc\xc3\x9f\\, Co,CN=a.example");
    assert_string_equal(f->issuer, "CN=issuer");
    assert_string_equal(f->common_name, "a.example");
    assert_string_equal(f->serial, "1234");
    assert_int_equal(f->not_before, 1577934245);
    assert_int_equal(f->not_after, 2524705445);
    assert_int_equal(f->san_count, 0);
    assert_string_equal(f->key_type, "EC");
    assert_int_equal(f->key_bits, 256);
    assert_string_equal(f->key_curve, "secp256r1");
    assert_string_equal(f->signature_algorithm, "ecdsa-with-SHA256");
    assert_false(f->is_ca);
    assert_false(f->self_issued);
}

static void test_keys(void **state)
{
    static const struct {
        const char *algorithm, *parameter, *type, *curve, *signature;
        int bits;
    } rows[] = {
        {"RSA", NULL, "RSA", NULL, "sha256WithRSAEncryption", 1024},
        {"RSA-PSS", NULL, "RSA-PSS", NULL, "rsassaPss", 1024},
        {"EC", "P-384", "EC", "secp384r1", "ecdsa-with-SHA256", 384},
        {"EC", "prime192v1", "EC", "secp192r1", "ecdsa-with-SHA256", 192},
        {"EC", "secp256k1", "EC", "secp256k1", "ecdsa-with-SHA256", 256},
        {"EC", "brainpoolP256r1", "EC", "brainpoolP256r1", "ecdsa-with-SHA256", 256},
        {"ED25519", NULL, "Ed25519", NULL, "ED25519", 256},
        {"ED448", NULL, "Ed448", NULL, "ED448", 456},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool rsa = strncmp(rows[i].algorithm, "RSA", 3) == 0, edwards = strncmp(rows[i].algorithm, "ED", 2) == 0;
        EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, rows[i].algorithm, NULL);
        EVP_PKEY *key = NULL;
        assert_true(EVP_PKEY_keygen_init(c) > 0);
        if (rsa)
            assert_true(EVP_PKEY_CTX_set_rsa_keygen_bits(c, 1024) > 0);
        if (rows[i].parameter)
            assert_true(EVP_PKEY_CTX_set_group_name(c, rows[i].parameter) > 0);
        assert_true(EVP_PKEY_generate(c, &key) > 0);
        EVP_PKEY_CTX_free(c);
        const struct wt_certificate_facts *f = facts(blank(key), key, edwards ? NULL : EVP_sha256());
        EVP_PKEY_free(key);
        assert_string_equal(f->key_type, rows[i].type);
        assert_int_equal(f->key_bits, rows[i].bits);
        if (rows[i].curve)
            assert_string_equal(f->key_curve, rows[i].curve);
        else
            assert_null(f->key_curve);
        assert_string_equal(f->signature_algorithm, rows[i].signature);
    }
}

static const struct wt_certificate_facts *intern_hex(const char *hex)
{
    long n = 0;
    unsigned char *der = OPENSSL_hexstr2buf(hex, &n);
    assert_non_null(der);
    const struct wt_certificate_facts *f = wt_certificates_intern(table, wt_span_of(der, (size_t)n));
    OPENSSL_free(der);
    return f;
}

/* RFC 9881, 2: id-ml-dsa-65 is 2.16.840.1.101.3.4.3.18, whether libcrypto knows it or not; 1.2.3.4 nobody knows. */
static void test_unknown_algorithms(void **state)
{
    (void)state;
#define BODY(algorithm) /* version, serial, algorithm, empty names, validity, key of that algorithm */                 \
    "a003020102"                                                                                                       \
    "020101" algorithm "3000"                                                                                          \
    "301e170d3230303130313030303030305a170d3330303130313030303030305a"                                                 \
    "3000"
    const struct wt_certificate_facts *f =
        intern_hex("3061"
                   "304d" BODY("300b0609608648016503040312") "3012"
                                                             "300b0609608648016503040312"
                                                             "03030000aa"
                                                             "300b0609608648016503040312"
                                                             "03030000aa");
    assert_true(f->parsed);
    assert_string_equal(f->key_type, "ML-DSA-65");
    assert_string_equal(f->signature_algorithm, "ML-DSA-65");
    assert_int_equal(f->key_bits, 0);
    assert_string_equal(f->subject, "");
    assert_null(f->common_name);
    assert_true(f->self_issued); /* both names are empty */
    f = intern_hex("304f"
                   "3041" BODY("300506032a0304") "300c"
                                                 "300506032a0304"
                                                 "03030000aa"
                                                 "300506032a0304"
                                                 "03030000aa");
    assert_true(f->parsed);
    assert_string_equal(f->key_type, "1.2.3.4");
    assert_string_equal(f->signature_algorithm, "1.2.3.4");
#undef BODY
    assert_int_equal(ERR_peek_error(), 0);
}

static void test_names(void **state)
{
    (void)state;
    X509 *x = blank(p256);
    /* dNSName a.example, iPAddress 192.0.2.1 and 2001:db8::1 and of three bytes, rfc822Name x@y, URI u:v,
     * directoryName (empty), dNSName "e\0.x\\" and one of bytes that are no ASCII */
    add_extension(x, NID_subject_alt_name,
                  "3042"
                  "8209612e6578616d706c65"
                  "8704c0000201"
                  "871020010db8000000000000000000000001"
                  "8703010203"
                  "8103784079"
                  "8603753a76"
                  "a4023000"
                  "820565002e785c"
                  "8203ff1b80");
    const struct wt_certificate_facts *f = facts(x, p256, EVP_sha256());
    static const char *const want[] = {"a.example", "192.0.2.1", "2001:db8::1", "010203",
                                       "x@y",       "u:v",       "e\\00.x\\\\", "\\FF\\1B\\80"};
    assert_int_equal(f->san_count, sizeof want / sizeof *want);
    for (size_t i = 0; i < f->san_count; i++)
        assert_string_equal(f->san[i], want[i]);
    x = blank(p256);
    add_extension(x, NID_subject_alt_name, "30058209612e65");
    add_extension(x, NID_basic_constraints, "3003");
    f = facts(x, p256, EVP_sha256());
    assert_int_equal(f->san_count, 0);
    assert_false(f->is_ca);
}

static void test_hostile_names(void **state)
{
    (void)state;
    X509 *x = blank(p256);
    X509_NAME *n = X509_get_subject_name(x);
    add_name(n, "O", V_ASN1_UTF8STRING,
             "\xe2\x80\xae"
             "cod\x1b[2J",
             10); /* RIGHT-TO-LEFT OVERRIDE, an escape sequence */
    add_name(n, "OU", V_ASN1_T61STRING, "\xe9\x9b", 2);
    add_name(n, "CN", V_ASN1_UTF8STRING, "good.example\0.bad\\\n", 19);
    const struct wt_certificate_facts *f = facts(x, p256, EVP_sha256());
    assert_string_equal(f->common_name, "good.example\\00.bad\\\\\\0A");
    assert_string_equal(f->subject, "CN=good.example\\00.bad\\\\\\0A,OU=\xc3\xa9\\C2\\9B,"
                                    "O=\\E2\\80\\AEcod\\1B[2J,CN=a.example");
}

static void configure(X509 *x, int nid, const char *value)
{
    X509V3_CTX context;
    CONF *conf = NCONF_new(NULL);
    X509V3_set_ctx(&context, x, x, NULL, NULL, 0);
    X509V3_set_nconf(&context, conf);
    X509_EXTENSION *e = X509V3_EXT_nconf_nid(conf, &context, nid, (char *)(uintptr_t)value);
    assert_non_null(e);
    assert_true(X509_add_ext(x, e, -1));
    X509_EXTENSION_free(e);
    NCONF_free(conf);
}

static void has_items(const struct wt_text_list *list, const char *const *want)
{
    size_t n = 0;
    for (; want[n]; n++) {
        assert_true(n < list->count);
        assert_string_equal(list->items[n], want[n]);
    }
    assert_int_equal(list->count, n);
}
#define HAS_ITEMS(list, ...) has_items(&(list), (const char *const[]){__VA_ARGS__, NULL})

/* RFC 5280, 4.2: each extension as a fact, and a malformed one as none. */
static void test_extensions(void **state)
{
    (void)state;
    X509 *x = blank(p256);
    configure(x, NID_basic_constraints, "CA:TRUE,pathlen:3");
    configure(x, NID_key_usage, "digitalSignature,keyCertSign,cRLSign");
    configure(x, NID_ext_key_usage, "serverAuth,clientAuth,1.3.6.1.4.1.99999.1");
    configure(x, NID_name_constraints,
              "permitted;DNS:example.com,permitted;IP:192.0.2.0/255.255.255.0,excluded;email:.x.org");
    configure(x, NID_info_access, "OCSP;URI:http://o.example/,caIssuers;URI:http://i.example/a.cer,OCSP;DNS:no");
    configure(x, NID_crl_distribution_points, "URI:http://c.example/1.crl,URI:http://c.example/2.crl");
    configure(x, NID_certificate_policies, "2.23.140.1.2.1,1.2.3.4");
    configure(x, NID_tlsfeature, "status_request");
    add_extension(x, NID_subject_key_identifier, "0404deadbeef");
    add_extension(x, NID_authority_key_identifier, "30068004cafe0001");
    /* a list of one SCT: v1, log id, 2020-01-01T00:00:00.123Z, no extensions, a signature of one byte */
    add_extension(x, NID_ct_precert_scts,
                  "04340032"
                  "003000"
                  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
                  "0000016f5e66e87b"
                  "0000"
                  "04030001aa");
    const struct wt_certificate_facts *f = facts(x, p256, EVP_sha256());
    assert_true(f->is_ca);
    assert_int_equal(f->path_length, 3);
    HAS_ITEMS(f->key_usage, "digitalSignature", "keyCertSign", "cRLSign");
    HAS_ITEMS(f->extended_key_usage, "serverAuth", "clientAuth", "1.3.6.1.4.1.99999.1");
    HAS_ITEMS(f->permitted_names, "dns:example.com", "ip:192.0.2.0/255.255.255.0");
    HAS_ITEMS(f->excluded_names, "email:.x.org");
    HAS_ITEMS(f->ocsp_urls, "http://o.example/");
    HAS_ITEMS(f->issuer_urls, "http://i.example/a.cer");
    HAS_ITEMS(f->crl_urls, "http://c.example/1.crl", "http://c.example/2.crl");
    HAS_ITEMS(f->policies, "2.23.140.1.2.1", "1.2.3.4");
    assert_true(f->must_staple);
    assert_string_equal(f->subject_key_id, "deadbeef");
    assert_string_equal(f->authority_key_id, "cafe0001");
    assert_int_equal(f->sct_count, 1);
    assert_int_equal(f->scts[0].log_id[31], 0x1f);
    assert_true(f->scts[0].timestamp_ms == 1577836800123u);
    x = blank(p256);
    static const int nids[] = {NID_key_usage,      NID_ext_key_usage,           NID_name_constraints,
                               NID_info_access,    NID_crl_distribution_points, NID_certificate_policies,
                               NID_tlsfeature,     NID_subject_key_identifier,  NID_authority_key_identifier,
                               NID_ct_precert_scts};
    for (size_t i = 0; i < sizeof nids / sizeof *nids; i++)
        add_extension(x, nids[i], "3003");
    f = facts(x, p256, EVP_sha256());
    assert_int_equal(f->path_length, -1);
    assert_false(f->must_staple);
    assert_null(f->subject_key_id);
    assert_int_equal(f->key_usage.count + f->extended_key_usage.count + f->policies.count + f->sct_count, 0);
}

/* A certificate that lists without end keeps as much as the limit allows. */
static void test_long_lists(void **state)
{
    (void)state;
    char value[4096] = "";
    size_t n = 0;
    for (unsigned i = 0; i < WT_LIMIT_CERTIFICATE_LIST + 40; i++)
        n += (size_t)snprintf(value + n, sizeof value - n, "%s1.2.3.%u", i ? "," : "", i);
    X509 *x = blank(p256);
    configure(x, NID_certificate_policies, value);
    const struct wt_certificate_facts *f = facts(x, p256, EVP_sha256());
    assert_int_equal(f->policies.count, WT_LIMIT_CERTIFICATE_LIST);
    assert_string_equal(f->policies.items[WT_LIMIT_CERTIFICATE_LIST - 1], "1.2.3.63");
}

/* Timestamps (RFC 6962, 3.3), each with its number in its log's id. */
static size_t count_scts(unsigned sent)
{
    enum { SCT = 49 };
    static char hex[2 * (6 + (2 + SCT) * (WT_LIMIT_CERTIFICATE_LIST + 1)) + 1];
    const unsigned list = (2 + SCT) * sent;
    int n = snprintf(hex, sizeof hex, "0482%04x%04x", list + 2, list);
    for (unsigned i = 0; i < sent; i++)
        n += snprintf(hex + n, sizeof hex - (size_t)n, "003100%064x0000016f5e66e87b000004030002aabb", i);
    X509 *x = blank(p256);
    add_extension(x, NID_ct_precert_scts, hex);
    const struct wt_certificate_facts *f = facts(x, p256, EVP_sha256());
    for (size_t i = 0; i < f->sct_count; i++)
        assert_int_equal(f->scts[i].log_id[31], i);
    return f->sct_count;
}

static void test_many_timestamps(void **state)
{
    (void)state;
    assert_int_equal(count_scts(WT_LIMIT_CERTIFICATE_LIST - 1), WT_LIMIT_CERTIFICATE_LIST - 1);
    assert_int_equal(count_scts(WT_LIMIT_CERTIFICATE_LIST), WT_LIMIT_CERTIFICATE_LIST);
    assert_int_equal(count_scts(WT_LIMIT_CERTIFICATE_LIST + 1), WT_LIMIT_CERTIFICATE_LIST);
}

static void test_authority(void **state)
{
    (void)state;
    X509 *x = blank(p256);
    X509_set_issuer_name(x, X509_get_subject_name(x));
    add_extension(x, NID_basic_constraints, "30030101ff");
    const struct wt_certificate_facts *f = facts(x, p256, EVP_sha256());
    assert_true(f->is_ca);
    assert_true(f->self_issued);
    x = blank(p256);
    add_extension(x, NID_basic_constraints, "3000");
    f = facts(x, p256, EVP_sha256());
    assert_false(f->is_ca);
}

static void test_serials(void **state)
{
    static const struct {
        const char *number, *want;
    } rows[] = {
        {"0", "00"},          {"80", "80"}, /* DER's padding is no part of the number */
        {"0A0B0C", "0a0b0c"}, {"00112233445566778899AABBCCDDEEFF00112233", "112233445566778899aabbccddeeff00112233"},
        {"-1", "ff"},         {"-80", "80"},
        {"-81", "ff7f"},      {"-100", "ff00"},
        {"-8000", "8000"},    {"-1234", "edcc"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        BIGNUM *number = NULL;
        X509 *x = blank(p256);
        assert_true(BN_hex2bn(&number, rows[i].number));
        assert_non_null(BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x)));
        BN_free(number);
        assert_string_equal(facts(x, p256, EVP_sha256())->serial, rows[i].want);
    }
}

/* RFC 5280, 4.1.2.5.1: UTCTime's years from 50 on are 19xx; 4.1.2.5: "99991231235959Z" for no expiry. */
static void test_times(void **state)
{
    (void)state;
    X509 *x = blank(p256);
    assert_true(ASN1_TIME_set_string(X509_getm_notBefore(x), "500101000000Z"));
    assert_true(ASN1_TIME_set_string(X509_getm_notAfter(x), "99991231235959Z"));
    const struct wt_certificate_facts *f = facts(x, p256, EVP_sha256());
    assert_true(f->not_before == -631152000);
    assert_true(f->not_after == 253402300799);
    x = blank(p256);
    ASN1_STRING_set(X509_getm_notBefore(x), "20209902030405Z", 15);
    f = facts(x, p256, EVP_sha256());
    assert_int_equal(f->not_before, 0);
    assert_int_equal(f->not_after, 2524705445);
}

static void test_not_a_certificate(void **state)
{
    (void)state;
    unsigned char *der = NULL;
    X509 *x = blank(p256);
    assert_true(X509_sign(x, p256, EVP_sha256()) > 0);
    int n = i2d_X509(x, &der);
    X509_free(x);
    uint8_t *more = malloc((size_t)n + 1);
    memcpy(more, der, (size_t)n);
    more[n] = 0;
    OPENSSL_free(der);
    assert_true(wt_certificates_intern(table, wt_span_of(more, (size_t)n))->parsed);
    const struct wt_certificate_facts *f = wt_certificates_intern(table, wt_span_of(more, (size_t)n + 1));
    assert_false(f->parsed); /* a byte behind it */
    assert_int_equal(f->length, n + 1);
    for (int cut = 0; cut < n; cut++) {
        uint8_t *part = malloc(cut ? (size_t)cut : 1);
        memcpy(part, more, (size_t)cut);
        f = wt_certificates_intern(table, wt_span_of(part, (size_t)cut));
        free(part);
        assert_non_null(f);
        assert_false(f->parsed);
        assert_int_equal(f->length, cut);
        assert_null(f->subject);
    }
    /* a byte changed anywhere must not trouble anything, whatever it makes of the certificate */
    for (int at = 0; at < n; at++) {
        more[at] ^= 0xff;
        assert_non_null(wt_certificates_intern(table, wt_span_of(more, (size_t)n)));
        more[at] ^= 0xff;
    }
    free(more);
    assert_int_equal(wt_certificates_refused(table), 0);
    assert_int_equal(ERR_peek_error(), 0);
}

/* The program's own errors are none of our business. */
static void test_errors_stay(void **state)
{
    (void)state;
    ERR_raise(ERR_LIB_USER, 42);
    assert_false(wt_certificates_intern(table, wt_span_text("no DER"))->parsed);
    assert_int_equal(ERR_GET_REASON(ERR_get_error()), 42);
    assert_int_equal(ERR_peek_error(), 0);
}

/* A certificate of 1 MiB that differs from others by its number; it need not be one that can be read. */
enum { BIG = 1 << 20 };

static const struct wt_certificate_facts *big(struct wt_certificates *c, unsigned number)
{
    static uint8_t der[BIG];
    der[BIG - 1] = (uint8_t)number;
    der[BIG - 2] = (uint8_t)(number >> 8);
    return wt_certificates_intern(c, wt_span_of(der, BIG));
}

/* What nobody keeps makes room, that which was not used for the longest time first; nothing is refused. */
static void test_forgetting(void **state)
{
    const unsigned most = WT_LIMIT_CERTIFICATES_BYTES / BIG;
    (void)state;
    struct wt_certificates *c = wt_certificates_new(digests);
    assert_non_null(c);
    const struct wt_certificate_facts *kept = wt_certificates_keep(big(c, 0)), *used = big(c, 1), *second = big(c, 2);
    uint8_t digest[32];
    memcpy(digest, second->sha256, sizeof digest);
    for (unsigned i = 3; i < most - 1; i++)
        assert_non_null(big(c, i));
    assert_ptr_equal(big(c, 1), used); /* all fit so far */
    assert_true(wt_certificates_bytes(c) <= WT_LIMIT_CERTIFICATES_BYTES);
    for (unsigned i = most; i < 2 * most - 4; i++) {
        assert_non_null(big(c, i));
        assert_true(wt_certificates_bytes(c) <= WT_LIMIT_CERTIFICATES_BYTES);
    }
    assert_ptr_equal(big(c, 0), kept);
    assert_ptr_equal(big(c, 1), used);
    /* one that has gone is read again */
    assert_memory_equal(big(c, 2)->sha256, digest, sizeof digest);
    assert_int_equal(wt_certificates_refused(c), 0);
    /* those that come later are found behind the places of those that have gone */
    for (unsigned i = most + 8; i < 2 * most - 4; i++)
        assert_int_equal(big(c, i)->length, BIG);
    wt_certificates_release(kept);
    wt_certificates_free(c);
}

/* What is found by its end is compared whole, and also when it is shorter than that. */
static void test_same_end(void **state)
{
    uint8_t der[3][40];
    (void)state;
    struct wt_certificates *c = wt_certificates_new(digests);
    assert_non_null(c);
    memset(der, 0x5a, sizeof der);
    der[1][0] ^= 1;
    der[2][31] ^= 1;
    for (unsigned again = 0; again < 2; again++)
        for (unsigned i = 0; i < 3; i++) {
            const struct wt_certificate_facts *f = wt_certificates_intern(c, wt_span_of(der[i], sizeof der[i]));
            assert_non_null(f);
            assert_memory_equal(wt_certificates_der(f).p, der[i], sizeof der[i]);
            assert_ptr_equal(wt_certificates_intern(c, wt_span_of(der[i], sizeof der[i])), f);
        }
    for (size_t n = 0; n < sizeof der[0]; n++)
        assert_int_equal(wt_certificates_intern(c, wt_span_of(der[0], n))->length, n);
    wt_certificates_free(c);
}

static const struct wt_certificate_facts *held[WT_LIMIT_CERTIFICATES_SHOWN / BIG];
static unsigned held_count, asked_for;

static bool release_one(void *context)
{
    (void)context;
    asked_for++;
    if (!held_count)
        return false;
    wt_certificates_release(held[--held_count]);
    return true;
}

/* What is kept stays, up to a limit of its own; whoever can is asked to release some first. */
static void test_kept(void **state)
{
    (void)state;
    struct wt_certificates *c = wt_certificates_new(digests);
    const struct wt_certificate_facts *f;
    unsigned n = 0;
    assert_non_null(c);
    while (n < sizeof held / sizeof *held && (f = big(c, n)))
        held[n++] = wt_certificates_keep(f);
    assert_int_equal(n, WT_LIMIT_CERTIFICATES_SHOWN / BIG - 1); /* each takes a little more than its bytes */
    assert_int_equal(wt_certificates_refused(c), 1);
    for (unsigned i = 0; i < n; i++)
        assert_ptr_equal(big(c, i), held[i]);
    held_count = n;
    wt_certificates_on_full(c, release_one, NULL);
    assert_non_null(big(c, n));
    assert_true(asked_for > 0 && wt_certificates_bytes(c) <= WT_LIMIT_CERTIFICATES_BYTES);
    assert_int_equal(wt_certificates_refused(c), 1);
    wt_certificates_free(c);
}

static int set_up(void **state)
{
    (void)state;
    digests = wt_crypto_new();
    table = digests ? wt_certificates_new(digests) : NULL;
    p256 = EVP_EC_gen("P-256");
    return table && p256 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    EVP_PKEY_free(p256);
    wt_certificates_free(table);
    wt_crypto_free(digests);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_unknown_algorithms),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_hostile_names),
        cmocka_unit_test(test_authority),
        cmocka_unit_test(test_extensions),
        cmocka_unit_test(test_long_lists),
        cmocka_unit_test(test_many_timestamps),
        cmocka_unit_test(test_serials),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_not_a_certificate),
        cmocka_unit_test(test_errors_stay),
        cmocka_unit_test(test_forgetting),
        cmocka_unit_test(test_same_end),
        cmocka_unit_test(test_kept),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
