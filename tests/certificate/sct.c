#include "sct.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

size_t test_sct_make(EVP_PKEY *log, X509 *leaf, const uint8_t id[32], uint8_t out[TEST_SCT_ROOM])
{
    uint8_t entry[4096], signature[128], *der = NULL;
    size_t n = 0, length = sizeof signature;
    int cert = i2d_X509(leaf, &der);
    memset(entry, 0, 12);
    entry[9] = 1; /* timestamp */
    n = 12;
    entry[n++] = 0;
    entry[n++] = (uint8_t)(cert >> 8);
    entry[n++] = (uint8_t)cert;
    memcpy(entry + n, der, (size_t)cert);
    n += (size_t)cert;
    entry[n++] = 0;
    entry[n++] = 0;
    OPENSSL_free(der);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    assert_true(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, log));
    assert_true(EVP_DigestSign(ctx, signature, &length, entry, n));
    EVP_MD_CTX_free(ctx);
    uint8_t *p = out + 4;
    *p++ = 0;
    memcpy(p, id, 32);
    p += 32;
    memset(p, 0, 8);
    p[7] = 1;
    p += 8;
    *p++ = 0;
    *p++ = 0;
    *p++ = 4; /* ecdsa_secp256r1_sha256 */
    *p++ = 3;
    *p++ = (uint8_t)(length >> 8);
    *p++ = (uint8_t)length;
    memcpy(p, signature, length);
    p += length;
    size_t all = (size_t)(p - out);
    out[0] = (uint8_t)((all - 2) >> 8);
    out[1] = (uint8_t)(all - 2);
    out[2] = (uint8_t)((all - 4) >> 8);
    out[3] = (uint8_t)(all - 4);
    return all;
}
