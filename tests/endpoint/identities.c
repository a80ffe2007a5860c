#include "identities.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static EVP_PKEY *make_key(const struct test_leaf *leaf)
{
    const char *type = leaf->type ? leaf->type : "EC";
    if (!strcmp(type, "EC"))
        return EVP_EC_gen(leaf->curve ? leaf->curve : "P-256");
    if (!strcmp(type, "RSA"))
        return EVP_RSA_gen((unsigned)(leaf->bits ? leaf->bits : 2048));
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    assert_true(ctx && EVP_PKEY_keygen_init(ctx) == 1);
    if (!strcmp(type, "RSA-PSS"))
        assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 2048), 1);
    assert_int_equal(EVP_PKEY_keygen(ctx, &key), 1);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static void add(X509 *x, X509 *issuer, int id, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, id, value);
    assert_non_null(e);
    assert_int_equal(X509_add_ext(x, e, -1), 1);
    X509_EXTENSION_free(e);
}

static X509 *make(EVP_PKEY *key, const char *name, X509 *issuer, EVP_PKEY *signer, long from, long until)
{
    static long serial = 1;
    X509 *x = X509_new();
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
    ASN1_TIME_set(X509_getm_notBefore(x), from);
    ASN1_TIME_set(X509_getm_notAfter(x), until);
    X509_set_pubkey(x, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const uint8_t *)name, -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x));
    (void)signer;
    return x;
}

static void sign(X509 *x, EVP_PKEY *key)
{
    bool own = EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448");
    assert_true(X509_sign(x, key, own ? NULL : EVP_sha256()) > 0);
}

/* One bit of its signature. */
static void damage(X509 *x)
{
    const ASN1_BIT_STRING *signature;
    X509_get0_signature(&signature, NULL, x);
    signature->data[signature->length - 1] ^= 1;
}

static void append(struct test_pem *out, BIO *bio)
{
    char *p;
    long n = BIO_get_mem_data(bio, &p);
    out->text = realloc(out->text, out->n + (size_t)n + 1);
    assert_non_null(out->text);
    memcpy(out->text + out->n, p, (size_t)n);
    out->n += (size_t)n;
    out->text[out->n] = '\0';
    BIO_free(bio);
}

static void append_certificate(struct test_pem *out, X509 *x)
{
    BIO *bio = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_X509(bio, x), 1);
    append(out, bio);
}

void test_ca_start_under(struct test_ca *ca, const struct test_ca *root)
{
    static unsigned number;
    char name[32];
    *ca = (struct test_ca){.key = EVP_EC_gen("P-256"), .under = root != NULL};
    snprintf(name, sizeof name, "Test %s %u", root ? "Issuer" : "Root", ++number);
    X509 *issuer = root ? root->certificate : NULL;
    EVP_PKEY *signer = root ? root->key : ca->key;
    ca->certificate = make(ca->key, name, issuer, signer, TEST_NOW - 86400, TEST_NOW + 86400L * 365);
    issuer = issuer ? issuer : ca->certificate;
    add(ca->certificate, issuer, NID_basic_constraints, "critical,CA:TRUE");
    add(ca->certificate, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
    add(ca->certificate, issuer, NID_subject_key_identifier, "hash");
    if (root)
        add(ca->certificate, issuer, NID_authority_key_identifier, "keyid");
    sign(ca->certificate, signer);
    append_certificate(&ca->pem, ca->certificate);
}

void test_ca_start(struct test_ca *ca)
{
    test_ca_start_under(ca, NULL);
}

void test_ca_end(struct test_ca *ca)
{
    EVP_PKEY_free(ca->key);
    X509_free(ca->certificate);
    free(ca->pem.text);
}

struct wt_trust *test_ca_trust(const struct test_ca *ca)
{
    enum wt_problem_id why;
    struct wt_trust *trust = wt_trust_new();
    wt_trust_without_system(trust);
    assert_true(wt_trust_add_ca(trust, ca->pem.text, ca->pem.n, &why));
    return trust;
}

void test_identity_pem(const struct test_ca *ca, const struct test_leaf *leaf, struct test_pem *chain,
                       struct test_pem *key_pem)
{
    const char *name = leaf->name ? leaf->name : "www.example.com";
    char san[300];
    EVP_PKEY *key = make_key(leaf), *signer = leaf->self_signed ? key : ca->key;
    long until = leaf->expired ? TEST_NOW - 3600 : TEST_NOW + 86400L * 30;
    long from = leaf->not_yet ? TEST_NOW + 3600 : TEST_NOW - 7200;
    X509 *x = make(key, name, leaf->self_signed ? NULL : ca->certificate, signer, from, until);
    X509 *issuer = leaf->self_signed ? x : ca->certificate;
    snprintf(san, sizeof san, "DNS:%s", name);
    add(x, issuer, NID_subject_alt_name, san);
    add(x, issuer, NID_ext_key_usage, leaf->client ? "clientAuth" : "serverAuth");
    add(x, issuer, NID_subject_key_identifier, "hash");
    if (leaf->must_staple)
        add(x, issuer, NID_tlsfeature, "status_request");
    if (ca->under)
        add(x, issuer, NID_info_access, "caIssuers;URI:http://ca.example.com/issuer.der");
    sign(x, signer);
    if (leaf->bad_signature)
        damage(x);
    *chain = *key_pem = (struct test_pem){0};
    append_certificate(chain, x);
    if (leaf->chain_too)
        append_certificate(chain, ca->certificate);
    BIO *bio = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
    append(key_pem, bio);
    X509_free(x);
    EVP_PKEY_free(key);
}

struct wt_identity *test_identity(const struct test_ca *ca, const struct test_leaf *leaf)
{
    struct test_pem chain, key;
    enum wt_problem_id why;
    test_identity_pem(ca, leaf, &chain, &key);
    struct wt_identity *identity = wt_identity_new(chain.text, chain.n, key.text, key.n, NULL, &why);
    assert_non_null(identity);
    free(chain.text);
    free(key.text);
    return identity;
}
