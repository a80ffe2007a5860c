/* TLCP's two certificates (GB/T 38636-2020, 6.4.5.3): a side has one to sign with and one that others encrypt for, the
 * first before the second. What tells them apart is the key usage (RFC 5280, 4.2.1.3). */
#ifndef WT_CERTIFICATE_PAIR_H
#define WT_CERTIFICATE_PAIR_H

#include "crypto/sign.h"
#include "wiretale/story.h"

/* What a certificate of a list may be. */
enum wt_pair_role {
    WT_PAIR_NEITHER, /* an authority's, or one that may do neither */
    WT_PAIR_SIGNING,
    WT_PAIR_ENCRYPTION,
    WT_PAIR_EITHER, /* its key usage allows both, or is not there */
};

enum wt_pair_role wt_pair_role_of(struct wt_crypto *crypto, struct wt_span der);
/* The same of facts that are known already. */
enum wt_pair_role wt_pair_role_of_facts(const struct wt_certificate_facts *facts);

/* Which of a list they are, by index; SIZE_MAX: it is not there. */
struct wt_pair {
    size_t signing, encryption;
};

/* One that may be either is what the other is not: the first of two signs. */
struct wt_pair wt_pair_of(const uint8_t *roles, size_t count);
struct wt_pair wt_pair_of_facts(const struct wt_certificate_facts *const *certificates, size_t count);

#endif
