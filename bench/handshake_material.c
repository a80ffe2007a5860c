/* An authority, and a certificate of each kind under it. */
#include "handshake.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

static char *text_of(BIO *bio)
{
    char *p;
    long n = BIO_get_mem_data(bio, &p);
    char *text = malloc((size_t)n + 1);
    if (!text)
        abort();
    memcpy(text, p, (size_t)n);
    text[n] = '\0';
    BIO_free(bio);
    return text;
}

static void extend(X509 *x, X509 *issuer, int id, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, id, value);
    X509_add_ext(x, e, -1);
    X509_EXTENSION_free(e);
}

static X509 *certificate(EVP_PKEY *key, const char *name, X509 *issuer, EVP_PKEY *signer)
{
    static long serial = 1;
    X509 *x = X509_new();
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 86400 * 30L);
    X509_set_pubkey(x, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const uint8_t *)name, -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x));
    extend(x, issuer ? issuer : x, NID_basic_constraints, issuer ? "CA:FALSE" : "critical,CA:TRUE");
    if (issuer)
        extend(x, issuer, NID_subject_alt_name, "DNS:www.example.com");
    X509_sign(x, signer, EVP_sha256());
    return x;
}

static char *pem_of(X509 *x)
{
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, x);
    return text_of(bio);
}

void make_material(struct material *m)
{
    EVP_PKEY *ca_key = EVP_EC_gen("P-256");
    X509 *ca = certificate(ca_key, "bench root", NULL, ca_key);
    m->ca = pem_of(ca);
    for (unsigned rsa = 0; rsa < 2; rsa++) {
        EVP_PKEY *key = rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
        X509 *x = certificate(key, "www.example.com", ca, ca_key);
        m->chain[rsa] = pem_of(x);
        BIO *bio = BIO_new(BIO_s_mem());
        PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
        m->key[rsa] = text_of(bio);
        X509_free(x);
        EVP_PKEY_free(key);
    }
    X509_free(ca);
    EVP_PKEY_free(ca_key);
}
