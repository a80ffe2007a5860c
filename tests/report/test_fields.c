/* The public fields: of certificates and OCSP answers that openssl made, of a list of SCTs, of messages; whole, cut at
 * every byte and damaged. */
#include "wiretale/fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

struct seen {
    size_t n, explained, stop_at;
    bool error;
    struct wt_span whole;
    char text[65536];
    size_t text_n;
    enum wt_code code;
};

/* "path=value\n"; each field is inside what was handed in, and its bytes are where it says. */
static bool on_field(void *context, const struct wt_field *f)
{
    struct seen *s = context;
    assert_false(s->error); /* nothing comes after the error */
    assert_true(f->offset <= s->whole.n && f->length <= s->whole.n - f->offset);
    if (f->kind == WT_FIELD_ERROR) {
        s->error = true;
        assert_non_null(f->error);
        assert_true(*f->text != '\0');
        s->code = f->error->code;
        return true;
    }
    assert_true(f->prefix <= f->offset);
    s->explained += f->explanation != NULL;
    assert_ptr_equal(f->bytes.p, s->whole.p + f->offset);
    assert_int_equal(f->bytes.n, f->length);
    assert_non_null(f->name);
    assert_non_null(strstr(f->path, f->name));
    s->n++;
    size_t room = sizeof s->text - s->text_n;
    int n = 0;
    if (f->kind == WT_FIELD_OID)
        n = snprintf(s->text + s->text_n, room, "%s=%s %s\n", f->path, f->text, f->value_name ? f->value_name : "-");
    else if (f->kind == WT_FIELD_TEXT)
        n = snprintf(s->text + s->text_n, room, "%s=%.*s\n", f->path, (int)f->bytes.n, (const char *)f->bytes.p);
    else if (f->kind == WT_FIELD_NUMBER || f->kind == WT_FIELD_CODE)
        n = snprintf(s->text + s->text_n, room, "%s=%llu\n", f->path, (unsigned long long)f->number);
    else
        n = snprintf(s->text + s->text_n, room, "%s+%zu\n", f->path, f->length);
    assert_in_range(n, 1, (int)room - 1);
    s->text_n += (size_t)n;
    return s->n != s->stop_at;
}

typedef bool walk(struct wt_span, wt_field_sink *, void *);

static bool see(struct seen *s, walk *fields, struct wt_span bytes)
{
    size_t stop_at = s->stop_at;
    memset(s, 0, sizeof *s);
    s->stop_at = stop_at;
    s->whole = bytes;
    return fields(bytes, on_field, s);
}

static void has(const struct seen *s, const char *line)
{
    if (!strstr(s->text, line))
        fail_msg("missing %s in\n%s", line, s->text);
}

static struct wt_span certificate_of(const char *name)
{
    char path[512];
    uint8_t *der = NULL;
    (void)snprintf(path, sizeof path, "%s/tests/captures/pki/%s.pem", SOURCE, name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    X509 *x = PEM_read_X509(f, NULL, NULL, NULL);
    (void)fclose(f);
    assert_non_null(x);
    int n = i2d_X509(x, &der);
    X509_free(x);
    assert_true(n > 0);
    return (struct wt_span){der, (size_t)n};
}

static struct seen s;

static void test_certificate(void **state)
{
    (void)state;
    struct wt_span der = certificate_of("rsa");
    assert_true(see(&s, wt_fields_certificate, der));
    assert_false(s.error);
    has(&s, "Certificate/tbsCertificate/version=2\n");
    has(&s, "Certificate/tbsCertificate/serialNumber=4096\n");
    has(&s, "Certificate/tbsCertificate/signature/algorithm=1.2.840.113549.1.1.11 sha256WithRSAEncryption\n");
    has(&s, "Certificate/tbsCertificate/signature/parameters+0\n");
    has(&s, "Certificate/tbsCertificate/issuer/RelativeDistinguishedName[2]/AttributeTypeAndValue[0]/type=2.5.4.3 "
            "commonName\n");
    has(&s, "AttributeTypeAndValue[0]/value=wiretale test intermediate\n");
    has(&s, "Certificate/tbsCertificate/validity/notBefore=200101000000Z\n");
    has(&s, "Certificate/tbsCertificate/subjectPublicKeyInfo/algorithm/algorithm=1.2.840.113549.1.1.1 rsaEncryption\n");
    has(&s,
        "Certificate/tbsCertificate/subjectPublicKeyInfo/subjectPublicKey+270\n"); /* without the unused-bits byte */
    has(&s, "/extnValue/subjectAltName/dNSName[0]=www.example.com\n");
    has(&s, "Certificate/signatureValue+256\n");
    assert_in_range(s.explained, 10, s.n);
    OPENSSL_free((void *)(uintptr_t)der.p);
    der = certificate_of("intermediate");
    assert_true(see(&s, wt_fields_certificate, der));
    has(&s, "/critical=255\n");
    has(&s, "/extnValue/basicConstraints/cA=255\n");
    OPENSSL_free((void *)(uintptr_t)der.p);
}

/* Every kind of key and signature that the captures' certificates have. */
static void test_all(void **state)
{
    static const char *const names[] = {"rsa",   "p256",    "p384", "p521",   "ed25519",   "ed448",       "dsa",
                                        "other", "expired", "root", "future", "client-ca", "client-p256", "rsa-pss"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct wt_span der = certificate_of(names[i]);
        if (!see(&s, wt_fields_certificate, der))
            fail_msg("%s: %s", names[i], s.text);
        has(&s, "Certificate/signatureValue+");
        OPENSSL_free((void *)(uintptr_t)der.p);
    }
}

/* Cut anywhere, it is walked as far as it goes, and the last field says where it ends. */
static void test_cut(void **state)
{
    (void)state;
    struct wt_span der = certificate_of("rsa");
    size_t before = 0;
    for (size_t n = 0; n < der.n; n++) {
        uint8_t *exact = malloc(n + !n);
        memcpy(exact, der.p, n);
        assert_false(see(&s, wt_fields_certificate, (struct wt_span){exact, n}));
        assert_true(s.error);
        assert_int_equal(s.code, WT_TRUNCATED);
        free(exact);
    }
    /* outer lengths that are right: the damage is inside */
    uint8_t *copy = malloc(der.n);
    for (size_t i = 0; i < der.n; i++) {
        memcpy(copy, der.p, der.n);
        copy[i] ^= 0x81;
        bool whole = see(&s, wt_fields_certificate, (struct wt_span){copy, der.n});
        assert_true(whole != s.error);
        before += s.error;
    }
    assert_in_range(before, 50, der.n); /* some changes are to values, which may be any */
    free(copy);
    OPENSSL_free((void *)(uintptr_t)der.p);
}

/* X.690 lets elements nest without end: this one a thousand deep, where anything may be. */
static void test_deep(void **state)
{
    uint8_t der[4 + 4 * 1000];
    size_t n = 0;
    (void)state;
    for (size_t left = sizeof der - 4; n + 4 <= sizeof der; left -= 4) {
        der[n++] = 0x30;
        der[n++] = 0x82;
        der[n++] = (uint8_t)(left >> 8);
        der[n++] = (uint8_t)left;
    }
    assert_false(see(&s, wt_fields_certificate, (struct wt_span){der, n}));
    assert_true(s.error);
}

static void test_ocsp(void **state)
{
    char path[512];
    uint8_t der[8192];
    (void)state;
    (void)snprintf(path, sizeof path, "%s/tests/captures/pki/revoked.ocsp", SOURCE);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(der, 1, sizeof der, f);
    (void)fclose(f);
    assert_true(see(&s, wt_fields_ocsp, (struct wt_span){der, n}));
    has(&s, "OCSPResponse/responseStatus=0\n");
    has(&s, "responseBytes/responseType=1.3.6.1.5.5.7.48.1.1 Basic OCSP Response\n");
    has(&s, "/responses/SingleResponse[0]/certID/hashAlgorithm/algorithm=1.3.14.3.2.26 sha1\n");
    has(&s, "/SingleResponse[0]/revoked/revocationTime=");
    has(&s, "/BasicOCSPResponse/signature+");
    for (size_t i = 0; i < n; i++)
        assert_false(see(&s, wt_fields_ocsp, (struct wt_span){der, i}));
}

static void test_scts(void **state)
{
    uint8_t list[2 + 2 + 1 + 32 + 8 + 2 + 2 + 2 + 3] = {0, 52, 0, 50};
    (void)state;
    list[4 + 33 + 7] = 9;                /* timestamp */
    memcpy(list + 47, "\4\3\0\3sig", 7); /* ecdsa_secp256r1_sha256 */
    assert_true(see(&s, wt_fields_scts, (struct wt_span){list, sizeof list}));
    has(&s, "sct_list/serialized_sct[0]/sct_version=0\n");
    has(&s, "sct_list/serialized_sct[0]/id+32\n");
    has(&s, "sct_list/serialized_sct[0]/timestamp=9\n");
    has(&s, "sct_list/serialized_sct[0]/algorithm=1027\n");
    has(&s, "sct_list/serialized_sct[0]/signature+3\n");
    assert_false(see(&s, wt_fields_scts, (struct wt_span){list, sizeof list - 1}));
    assert_true(s.error);
}

static const struct wt_message *message;

static bool of_message(struct wt_span body, wt_field_sink *field, void *context)
{
    struct wt_message m = *message;
    m.body = body;
    return wt_fields_message(&m, field, context);
}

static void test_message(void **state)
{
    static const uint8_t body[] = "\3\3"
                                  "cccccccccccccccccccccccccccccccc"
                                  "\0\0\2\300\57\1\0\0\13\0\0\0\7\0\5\0\0\2hi";
    const struct wt_message hello = {.content_type = 22, .type = 1, .flags = WT_MESSAGE_TYPED};
    struct wt_span whole = {body, sizeof body - 1};
    (void)state;
    message = &hello;
    assert_true(see(&s, of_message, whole));
    has(&s, "legacy_version=771\n");
    has(&s, "cipher_suites/cipher_suite[0]=49199\n");
    has(&s, "extensions/extension[0]/extension_type=0\n");
    has(&s, "extensions/extension[0]/extension_data/server_name_list/server_name[0]/host_name=hi\n");
    assert_false(see(&s, of_message, (struct wt_span){body, 20}));
    assert_int_equal(s.code, WT_TRUNCATED);
    s.stop_at = 2; /* the callback ends it */
    assert_false(see(&s, of_message, whole));
    assert_int_equal(s.n, 2);
    assert_false(s.error);
    s.stop_at = 0;
    assert_true(see(&s, of_message, (struct wt_span){NULL, 0})); /* encrypted: nothing to walk */
    assert_int_equal(s.n, 0);
    const struct wt_message alert = {.content_type = 21, .flags = WT_MESSAGE_TYPED};
    message = &alert;
    assert_true(see(&s, of_message, (struct wt_span){(const uint8_t *)"\2\50", 2}));
    has(&s, "level=2\ndescription=40\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_certificate), cmocka_unit_test(test_all),  cmocka_unit_test(test_cut),
        cmocka_unit_test(test_deep),        cmocka_unit_test(test_ocsp), cmocka_unit_test(test_scts),
        cmocka_unit_test(test_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
