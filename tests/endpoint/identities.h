/* Certificates and keys made for a test: an authority, and what it vouches for. */
#ifndef WT_TESTS_ENDPOINT_IDENTITIES_H
#define WT_TESTS_ENDPOINT_IDENTITIES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/types.h>

#include "wiretale/endpoint.h"

/* The time at which all of them are valid. */
enum { TEST_NOW = 1750000000 };
/* The same for an endpoint, and seconds in its unit. */
#define TEST_MS(seconds) ((int64_t)(seconds)*1000)

struct test_pem {
    char *text;
    size_t n;
};

/* An authority of its own; `pem` is its certificate. */
struct test_ca {
    EVP_PKEY *key;
    X509 *certificate;
    struct test_pem pem;
    bool under; /* its certificate is another's */
};
void test_ca_start(struct test_ca *ca);
/* One whose certificate another has issued. */
void test_ca_start_under(struct test_ca *ca, const struct test_ca *root);
void test_ca_end(struct test_ca *ca);
struct wt_trust *test_ca_trust(const struct test_ca *ca);

/* What is to be made of a leaf; all zero: an EC key on P-256, for www.example.com, valid, for servers. */
struct test_leaf {
    const char *name, *type; /* type: "EC", "RSA", "ED25519", "ED448", "RSA-PSS" */
    const char *curve;
    int bits;
    bool expired, not_yet, client, self_signed, chain_too, must_staple, bad_signature;
};
struct wt_identity *test_identity(const struct test_ca *ca, const struct test_leaf *leaf);
/* The same as PEM, the chain and its key. */
void test_identity_pem(const struct test_ca *ca, const struct test_leaf *leaf, struct test_pem *chain,
                       struct test_pem *key);

#endif
