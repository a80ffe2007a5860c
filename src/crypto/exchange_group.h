/* What the kinds of groups share: a group made ready, a key pair of it, and what a kind does with them. */
#ifndef WT_CRYPTO_EXCHANGE_GROUP_H
#define WT_CRYPTO_EXCHANGE_GROUP_H

#include "crypto/exchange.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

/* Not changed once it is made. */
struct wt_exchange_group {
    const struct wt_exchange_kind *kind;
    OSSL_LIB_CTX *lib;
    uint16_t id;                   /* 0: a field that a peer has named by its numbers */
    size_t client, server, secret; /* bytes of the shares and of what comes of them */
    union {
        struct {
            EC_GROUP *group;
            BIGNUM *order;
            bool whole; /* every point of the curve is of the subgroup: the cofactor is 1 */
        } ec;
        struct {
            BIGNUM *p, *g, *last; /* p - 1 */
            BN_MONT_CTX *mont;
            uint8_t *prime, *generator; /* as they are written */
            size_t generator_n;
            unsigned exponent; /* bits of a private key */
        } ff;
        struct wt_montgomery *mont;
        EVP_PKEY_CTX *maker; /* hybrids: out of bytes to a key */
    };
};

struct wt_exchange {
    const struct wt_exchange_group *group;
    struct wt_exchange_group *own; /* the same, where nobody else has it */
    BIGNUM *scalar;                /* curves and finite fields */
    EVP_PKEY *pkey;                /* hybrids */
    void *deriving;                /* Montgomery curves: the provider's, which holds the private key */
};

struct wt_exchange_kind {
    bool (*prepare)(struct wt_exchange_group *g, const struct wt_group *row);
    void (*release)(struct wt_exchange_group *g);
    /* The private key into *e, the public one into *share. */
    bool (*create)(const struct wt_exchange_group *g, const struct wt_random *random, struct wt_exchange *e,
                   struct wt_share *share);
    enum wt_exchanged (*finish)(const struct wt_exchange *e, struct wt_span peer, struct wt_shared *shared);
    /* NULL: there is nothing but `scalar` and `pkey`. */
    void (*drop)(struct wt_exchange *e);
    /* NULL: create and finish. */
    enum wt_exchanged (*answer)(const struct wt_exchange_group *g, struct wt_span peer, struct wt_share *share,
                                struct wt_shared *shared);
};

extern const struct wt_exchange_kind wt_exchange_curve, wt_exchange_montgomery, wt_exchange_field, wt_exchange_kem;

#endif
