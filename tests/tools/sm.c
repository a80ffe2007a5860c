#include "sm.h"

#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void need(bool so, const char *what)
{
    if (so)
        return;
    (void)fprintf(stderr, "gm_peer: %s failed\n", what);
    exit(1);
}

void add(struct bytes *to, const void *p, size_t n)
{
    need(n <= SM_MOST - to->n, "room for so much");
    if (n)
        memcpy(to->p + to->n, p, n);
    to->n += n;
}

void add_number(struct bytes *to, uint64_t value, unsigned width)
{
    for (unsigned i = width; i-- > 0;) {
        const uint8_t byte = (uint8_t)(value >> 8 * i);
        add(to, &byte, 1);
    }
}

void add_vector(struct bytes *to, const void *p, size_t n, unsigned width)
{
    add_number(to, n, width);
    add(to, p, n);
}

void sm3(const struct bytes *in, uint8_t out[SM3_LENGTH])
{
    need(EVP_Digest(in->p, in->n, out, NULL, EVP_sm3(), NULL) == 1, "SM3");
}

void hmac_sm3(const void *key, size_t key_n, const struct bytes *in, uint8_t out[SM3_LENGTH])
{
    need(HMAC(EVP_sm3(), key, (int)key_n, in->p, in->n, out, NULL) != NULL, "HMAC");
}

EVP_PKEY *sm2_new(void)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
    need(key != NULL, "an SM2 key");
    return key;
}

void sm2_point(EVP_PKEY *key, uint8_t out[SM2_POINT])
{
    size_t n = 0;
    need(EVP_PKEY_get_octet_string_param(key, "encoded-pub-key", out, SM2_POINT, &n) == 1 && n == SM2_POINT, "a point");
}

/* A context that signs with SM2 under an identity, which the digest's context does not own. */
static EVP_MD_CTX *signer(EVP_PKEY *key, const char *identity, EVP_PKEY_CTX **owned)
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    *owned = EVP_PKEY_CTX_new(key, NULL);
    need(c && *owned && EVP_PKEY_CTX_set1_id(*owned, identity, (int)strlen(identity)) == 1, "an identity");
    EVP_MD_CTX_set_pkey_ctx(c, *owned);
    need(EVP_DigestSignInit(c, NULL, EVP_sm3(), NULL, key) == 1, "EVP_DigestSignInit");
    return c;
}

void sm2_sign(EVP_PKEY *key, const char *identity, const struct bytes *in, struct bytes *signature)
{
    EVP_PKEY_CTX *owned;
    EVP_MD_CTX *c = signer(key, identity, &owned);
    signature->n = SM_MOST;
    need(EVP_DigestSign(c, signature->p, &signature->n, in->p, in->n) == 1, "EVP_DigestSign");
    EVP_MD_CTX_free(c);
    EVP_PKEY_CTX_free(owned);
}

EVP_PKEY *rsa_new(void)
{
    EVP_PKEY *key = EVP_RSA_gen(2048);
    need(key != NULL, "an RSA key");
    return key;
}

/* RFC 8017, 8.2.1: what is in front of the digest says whose it is. */
void rsa_sign(EVP_PKEY *key, bool sha256, const struct bytes *in, struct bytes *signature)
{
    static const char of_sm3[] = "\x30\x30\x30\x0c\x06\x08\x2a\x81\x1c\xcf\x55\x01\x83\x11\x05\x00\x04\x20";
    static const char of_sha256[] = "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";
    struct bytes info = {.n = 0};
    uint8_t digest[SM3_LENGTH];
    unsigned n = 0;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(key, NULL);
    need(EVP_Digest(in->p, in->n, digest, &n, sha256 ? EVP_sha256() : EVP_sm3(), NULL) == 1, "a digest");
    add(&info, sha256 ? of_sha256 : of_sm3, sha256 ? sizeof of_sha256 - 1 : sizeof of_sm3 - 1);
    add(&info, digest, n);
    signature->n = SM_MOST;
    need(c && EVP_PKEY_sign_init(c) == 1 && EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PADDING) == 1 &&
             EVP_PKEY_sign(c, signature->p, &signature->n, info.p, info.n) == 1,
         "EVP_PKEY_sign");
    EVP_PKEY_CTX_free(c);
}

void rsa_encrypt(EVP_PKEY *key, const void *p, size_t n, struct bytes *out)
{
    sm2_encrypt(key, p, n, out); /* PKCS #1 v1.5 unless told otherwise */
}

void sm2_encrypt(EVP_PKEY *key, const void *p, size_t n, struct bytes *out)
{
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(key, NULL);
    out->n = SM_MOST;
    need(c && EVP_PKEY_encrypt_init(c) == 1 && EVP_PKEY_encrypt(c, out->p, &out->n, p, n) == 1, "EVP_PKEY_encrypt");
    EVP_PKEY_CTX_free(c);
}

static void extend(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    need(e && X509_add_ext(x, e, -1) == 1, "an extension");
    X509_EXTENSION_free(e);
}

X509 *sm2_certificate(const struct certificate_of *of)
{
    static long serial = 1000;
    X509 *x = X509_new();
    need(x && X509_set_version(x, X509_VERSION_3) && ASN1_INTEGER_set(X509_get_serialNumber(x), serial++), "X509_new");
    X509_NAME *name = X509_get_subject_name(x);
    need(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)of->name, -1, -1, 0) == 1, "a name");
    need(X509_set_issuer_name(x, of->issuer ? X509_get_subject_name(of->issuer) : name) == 1, "an issuer");
    need(X509_time_adj_ex(X509_getm_notBefore(x), (int)of->from_days, 0, NULL) &&
             X509_time_adj_ex(X509_getm_notAfter(x), (int)of->to_days, 0, NULL) && X509_set_pubkey(x, of->key),
         "dates and a key");
    extend(x, of->issuer ? of->issuer : x, NID_basic_constraints, of->issuer ? "CA:FALSE" : "critical,CA:TRUE");
    extend(x, of->issuer ? of->issuer : x, NID_key_usage, of->usage);
    if (of->issuer && strchr(of->name, '.')) {
        char san[80];
        (void)snprintf(san, sizeof san, "DNS:%s", of->name);
        extend(x, of->issuer, NID_subject_alt_name, san);
    }
    EVP_PKEY_CTX *owned;
    EVP_MD_CTX *c = signer(of->issuer_key, "1234567812345678", &owned);
    need(X509_sign_ctx(x, c) > 0, "X509_sign_ctx");
    EVP_MD_CTX_free(c);
    EVP_PKEY_CTX_free(owned);
    return x;
}

static void encrypt(const EVP_CIPHER *cipher, const uint8_t *key, const uint8_t *iv, uint8_t *text, size_t length)
{
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    int n = 0;
    need(c && EVP_EncryptInit_ex(c, cipher, NULL, key, iv) == 1 && EVP_CIPHER_CTX_set_padding(c, 0) == 1 &&
             EVP_EncryptUpdate(c, text, &n, text, (int)length) == 1,
         "SM4");
    EVP_CIPHER_CTX_free(c);
}

void sm4_cbc(const uint8_t key[16], const uint8_t iv[16], struct bytes *text)
{
    encrypt(EVP_sm4_cbc(), key, iv, text->p, text->n);
}

static void block_of(const uint8_t key[16], uint8_t block[SM4_BLOCK])
{
    encrypt(EVP_sm4_ecb(), key, NULL, block, SM4_BLOCK);
}

/* NIST SP 800-38D, 6.3: the product of two blocks, bit by bit. */
static void multiply(uint8_t x[SM4_BLOCK], const uint8_t h[SM4_BLOCK])
{
    uint8_t z[SM4_BLOCK] = {0}, v[SM4_BLOCK];
    memcpy(v, h, SM4_BLOCK);
    for (int i = 0; i < 128; i++) {
        const bool low = v[15] & 1;
        for (int k = 0; k < SM4_BLOCK && x[i / 8] >> (7 - i % 8) & 1; k++)
            z[k] ^= v[k];
        for (int k = 15; k > 0; k--)
            v[k] = (uint8_t)(v[k] >> 1 | v[k - 1] << 7);
        v[0] = (uint8_t)(v[0] >> 1 ^ (low ? 0xe1 : 0));
    }
    memcpy(x, z, SM4_BLOCK);
}

static void ghash(uint8_t y[SM4_BLOCK], const uint8_t h[SM4_BLOCK], const uint8_t *p, size_t n)
{
    for (size_t at = 0; at < n; at += SM4_BLOCK) {
        for (size_t k = 0; k < SM4_BLOCK && at + k < n; k++)
            y[k] ^= p[at + k];
        multiply(y, h);
    }
}

void sm4_gcm(const uint8_t key[16], const uint8_t nonce[12], const struct bytes *aad, struct bytes *text)
{
    uint8_t h[SM4_BLOCK] = {0}, counter[SM4_BLOCK] = {0}, y[SM4_BLOCK] = {0}, first[SM4_BLOCK];
    struct bytes lengths = {.n = 0};
    block_of(key, h);
    memcpy(counter, nonce, 12);
    counter[15] = 1;
    memcpy(first, counter, sizeof first);
    block_of(key, first);
    counter[15] = 2;
    encrypt(EVP_sm4_ctr(), key, counter, text->p, text->n);
    add_number(&lengths, 8 * aad->n, 8);
    add_number(&lengths, 8 * text->n, 8);
    ghash(y, h, aad->p, aad->n);
    ghash(y, h, text->p, text->n);
    ghash(y, h, lengths.p, lengths.n);
    for (int k = 0; k < SM4_BLOCK; k++)
        y[k] ^= first[k];
    add(text, y, SM4_BLOCK);
}

static void cbc_mac(const uint8_t key[16], uint8_t y[SM4_BLOCK], const uint8_t *p, size_t n)
{
    for (size_t at = 0; at < n; at += SM4_BLOCK) {
        for (size_t k = 0; k < SM4_BLOCK && at + k < n; k++)
            y[k] ^= p[at + k];
        block_of(key, y);
    }
}

/* NIST SP 800-38C: a tag of 16 bytes, and a length in three. */
void sm4_ccm(const uint8_t key[16], const uint8_t nonce[12], const struct bytes *aad, struct bytes *text)
{
    uint8_t y[SM4_BLOCK] = {0}, counter[SM4_BLOCK] = {2}, first[SM4_BLOCK];
    struct bytes head = {.n = 0}, more = {.n = 0};
    add_number(&head, 0x40 | (16 - 2) / 2 << 3 | 2, 1);
    add(&head, nonce, 12);
    add_number(&head, text->n, 3);
    add_vector(&more, aad->p, aad->n, 2);
    cbc_mac(key, y, head.p, head.n);
    cbc_mac(key, y, more.p, more.n);
    cbc_mac(key, y, text->p, text->n);
    memcpy(counter + 1, nonce, 12);
    memcpy(first, counter, sizeof first);
    block_of(key, first);
    counter[15] = 1;
    encrypt(EVP_sm4_ctr(), key, counter, text->p, text->n);
    for (int k = 0; k < SM4_BLOCK; k++)
        y[k] ^= first[k];
    add(text, y, SM4_BLOCK);
}
