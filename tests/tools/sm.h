/* SM2, SM3 and SM4 for the peers of the tests (gm_peer.c), on libcrypto alone: what they send is judged by what has not
 * written it. Each function ends the program when libcrypto fails. */
#ifndef TOOL_TESTS_SM_H
#define TOOL_TESTS_SM_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SM_MOST = 1 << 14, SM3_LENGTH = 32, SM4_BLOCK = 16, SM2_POINT = 65 };

struct bytes {
    uint8_t p[SM_MOST];
    size_t n;
};

void need(bool so, const char *what);
void add(struct bytes *to, const void *p, size_t n);
void add_number(struct bytes *to, uint64_t value, unsigned width);
/* A vector with a length of `width` bytes. */
void add_vector(struct bytes *to, const void *p, size_t n, unsigned width);

void sm3(const struct bytes *in, uint8_t out[SM3_LENGTH]);
void hmac_sm3(const void *key, size_t key_n, const struct bytes *in, uint8_t out[SM3_LENGTH]);

EVP_PKEY *sm2_new(void);
/* 04, x, y. */
void sm2_point(EVP_PKEY *key, uint8_t out[SM2_POINT]);
void sm2_sign(EVP_PKEY *key, const char *identity, const struct bytes *in, struct bytes *signature);
void sm2_encrypt(EVP_PKEY *key, const void *p, size_t n, struct bytes *out);

/* RSA as TLCP has it beside SM2: 2048 bits, PKCS #1 v1.5, with SM3 or SHA-256. */
EVP_PKEY *rsa_new(void);
void rsa_sign(EVP_PKEY *key, bool sha256, const struct bytes *in, struct bytes *signature);
void rsa_encrypt(EVP_PKEY *key, const void *p, size_t n, struct bytes *out);

/* A certificate over the key, by that issuer (itself: a root). `usage` is OpenSSL's ("digitalSignature"). `days`: from
 * now, between which it is valid. */
struct certificate_of {
    const char *name, *usage;
    EVP_PKEY *key, *issuer_key;
    X509 *issuer; /* NULL: itself */
    long from_days, to_days;
};
X509 *sm2_certificate(const struct certificate_of *of);

/* Padded already. */
void sm4_cbc(const uint8_t key[16], const uint8_t iv[16], struct bytes *text);
/* The tag is put behind the text. */
void sm4_gcm(const uint8_t key[16], const uint8_t nonce[12], const struct bytes *aad, struct bytes *text);
void sm4_ccm(const uint8_t key[16], const uint8_t nonce[12], const struct bytes *aad, struct bytes *text);

#endif
