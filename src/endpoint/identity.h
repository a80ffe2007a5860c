/* A certificate chain with its private key, ready to be sent and signed with. */
#ifndef WT_ENDPOINT_IDENTITY_H
#define WT_ENDPOINT_IDENTITY_H

#include "base/buffer.h"
#include "crypto/signing.h"
#include "registry/limits.h"
#include "wiretale/endpoint.h"

enum { WT_IDENTITY_DEFLATED = WT_LIMIT_IDENTITY_COMPRESSIONS + 2 };
/* What stands with the certificate in a list of TLS 1.3, as its index has it. */
enum { WT_WITH_STAPLE = 1, WT_WITH_TIMESTAMPS = 2, WT_IDENTITY_LISTS = 4 };

struct wt_identity {
    struct wt_crypto *crypto;
    struct wt_private_key *key; /* NULL: elsewhere */
    struct wt_public_key *public_key;
    struct wt_signing *signing;
    struct x509_st *leaf;
    uint16_t curve;           /* of its key, for ECDSA; 0: another kind of key */
    struct wt_buffer chain;   /* certificate_list up to TLS 1.2: each certificate behind its length */
    struct wt_buffer issuers; /* their issuers: DistinguishedName<1..2^16-1> */
    struct wt_buffer staple, timestamps;
    bool compress;
    struct wt_deflater {
        uint16_t algorithm;
        wt_deflate *deflate;
        void *context;
    } by[WT_LIMIT_IDENTITY_COMPRESSIONS]; /* the program's */
    uint8_t by_count;
    /* those of TLS 1.3, each followed by its extensions: by WT_WITH_… */
    struct wt_identity_list {
        struct wt_buffer list;
        struct wt_buffer deflated[WT_IDENTITY_DEFLATED]; /* a Certificate with it, compressed */
    } lists[WT_IDENTITY_LISTS];
};

/* RFC 8879, 7.3: by which algorithm they are, in order of preference: first the program's. 0: none. */
uint16_t wt_identity_algorithm(const struct wt_identity *identity, size_t i);
/* Whether a certificate of its chain is issued by one of the authorities, a list of DistinguishedName. */
bool wt_identity_is_of(const struct wt_identity *identity, struct wt_span authorities);
/* Whether its certificate is for the name. */
bool wt_identity_is_for(const struct wt_identity *identity, const char *name);
/* The first scheme of `preferred` that the key has and the peer accepts; 0: none. */
uint16_t wt_identity_scheme(const struct wt_identity *identity, struct wt_span preferred, bool tls13,
                            bool (*accepts)(const void *context, uint16_t scheme), const void *context);
/* Whether a suite up to TLS 1.2 is authenticated by this kind of key. */
bool wt_identity_fits(const struct wt_identity *identity, enum wt_auth auth);

#endif
