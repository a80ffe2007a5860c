/* A certificate chain with its private key, ready to be sent and signed with. */
#ifndef WT_ENDPOINT_IDENTITY_H
#define WT_ENDPOINT_IDENTITY_H

#include "base/buffer.h"
#include "crypto/signing.h"
#include "wiretale/endpoint.h"

struct wt_identity {
    struct wt_crypto *crypto;
    struct wt_private_key *key; /* NULL: elsewhere */
    struct wt_public_key *public_key;
    struct wt_signing *signing;
    struct x509_st *leaf;
    struct wt_buffer chain; /* certificate_list up to TLS 1.2: each certificate behind its length */
    struct wt_buffer list;  /* that of TLS 1.3: each followed by its extensions */
    struct wt_buffer staple;
};

/* Whether its certificate is for the name. */
bool wt_identity_is_for(const struct wt_identity *identity, const char *name);
/* The first scheme of `preferred` that the key has and the peer accepts; 0: none. */
uint16_t wt_identity_scheme(const struct wt_identity *identity, struct wt_span preferred, bool tls13,
                            bool (*accepts)(const void *context, uint16_t scheme), const void *context);
/* Whether a suite up to TLS 1.2 is authenticated by this kind of key. */
bool wt_identity_fits(const struct wt_identity *identity, enum wt_auth auth);

#endif
