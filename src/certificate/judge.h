/* What judges certificates: what is trusted, what was judged before. */
#ifndef WT_CERTIFICATE_JUDGE_H
#define WT_CERTIFICATE_JUDGE_H

#include "certificate/certificates.h"
#include "certificate/trust.h"
#include "registry/limits.h"

#include <openssl/types.h>

enum { WT_JUDGE_SLOTS = 4096 }; /* of the table of verdicts; chains of a run are few */

struct wt_bundle;
struct wt_authorities;
struct wt_judgement;
struct wt_judged_staple;

struct wt_judge {
    struct wt_crypto *crypto;
    struct wt_certificates *certificates;
    const struct wt_trust *trust;
    struct wt_trust own; /* when none was given */
    X509_STORE *store;   /* made for the first chain */
    bool tried, empty;
    struct wt_bundle *bundle; /* a file of roots; NULL: none */
    X509_LOOKUP_METHOD *method;
    struct wt_authorities *authorities;
    struct wt_judgement **slots;
    struct wt_judgement *oldest, *newest; /* of those that nobody keeps, by use */
    size_t count, bytes;                  /* of those; of all */
};

/* `trust` NULL: the system's store alone. All three must outlive it. NULL when the system gives no memory. */
struct wt_judge *wt_judge_new(struct wt_crypto *crypto, struct wt_certificates *certificates,
                              const struct wt_trust *trust);
void wt_judge_free(struct wt_judge *judge);
/* Fills judge->store when it is needed for the first time; false without memory. */
bool wt_judge_open(struct wt_judge *judge);

/* The certificate as a libcrypto object, in the judge's library context; to be freed. NULL if it cannot be read. */
X509 *wt_judge_x509(struct wt_judge *judge, const struct wt_certificate_facts *facts);
/* Of any DER. */
X509 *wt_judge_x509_of(struct wt_judge *judge, struct wt_span der);

/* Whether the signature of `below` is by that key. */
enum wt_signed {
    WT_SIGNED,
    WT_NOT_SIGNED,
    WT_SIGNED_TOO_DEAR, /* not tried: WT_TOO_DEAR, WT_OVERSPENT */
    WT_SIGNED_OVERSPENT
};
enum wt_signed wt_judge_is_signed(struct wt_judge *judge, X509 *below, EVP_PKEY *key);

#endif
