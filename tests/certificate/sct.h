/* Signed certificate timestamps made for a test. */
#ifndef WT_TESTS_CERTIFICATE_SCT_H
#define WT_TESTS_CERTIFICATE_SCT_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <stdint.h>

enum { TEST_SCT_ROOM = 256 };

/* A list of one, v1, over the certificate, by a log of the test's own, whose key is on P-256 (RFC 6962, 3.2). `id`: of
 * the log. Its length. */
size_t test_sct_make(EVP_PKEY *log, X509 *leaf, const uint8_t id[32], uint8_t out[TEST_SCT_ROOM]);

#endif
