/* What judges certificates: what is trusted, what was judged before. */
#ifndef WT_CERTIFICATE_JUDGE_H
#define WT_CERTIFICATE_JUDGE_H

#include "base/arena.h"
#include "certificate/certificates.h"
#include "certificate/trust.h"
#include "registry/limits.h"

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

enum { WT_JUDGE_SLOTS = 4096 }; /* of the table of verdicts; chains of a run are few */

struct wt_bundle;
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
    struct wt_arena arena;
    struct wt_judgement **slots;
    size_t count;
    struct wt_buffer scratch;
    struct wt_judged_staple *staples; /* all verdicts that are kept, to be freed */
    struct wt_parsed_leaf {
        const struct wt_certificate_facts *of;
        X509 *x;
    } leaves[WT_LIMIT_PARSED_LEAVES];
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

#endif
