/* Verification of certificates: chains, names, OCSP responses, SCTs, delegated credentials. */
#ifndef WT_CERTIFICATE_JUDGE_H
#define WT_CERTIFICATE_JUDGE_H

#include "base/arena.h"
#include "certificate/certificates.h"
#include "certificate/trust.h"
#include "registry/limits.h"

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

/* What is wrong with a chain; several may apply. */
enum wt_chain_fault {
    WT_CHAIN_SIGNATURE, /* a signature in it does not verify */
    WT_CHAIN_EXPIRED,
    WT_CHAIN_NOT_YET,
    WT_CHAIN_SELF_SIGNED,    /* the leaf is its own issuer, and not trusted */
    WT_CHAIN_INCOMPLETE,     /* an intermediate was left out */
    WT_CHAIN_UNKNOWN_ISSUER, /* complete, as far as one knows, but leads to no trusted root */
    WT_CHAIN_PURPOSE,        /* key usage, extended key usage, basic or name constraints forbid the use */
    WT_CHAIN_WEAK,           /* a key or a signature's algorithm */
    WT_CHAIN_OTHER,          /* libcrypto rejects it for another reason */
    WT_CHAIN_UNREADABLE,     /* libcrypto cannot read the leaf */
    WT_CHAIN_FAULTS
};

/* What is more to be said of a fault. */
enum wt_chain_why {
    WT_CHAIN_WHY_NONE,
    WT_CHAIN_KEY_USAGE,    /* WT_CHAIN_PURPOSE: key usage or extended key usage */
    WT_CHAIN_NO_AUTHORITY, /* it signs another certificate, and its basicConstraints do not let it */
    WT_CHAIN_PATH_LENGTH,  /* pathLenConstraint */
    WT_CHAIN_NO_CERT_SIGN, /* it signs another certificate, and its key usage lacks keyCertSign */
    WT_CHAIN_NAME_CONSTRAINTS,
    WT_CHAIN_PRECERTIFICATE, /* RFC 6962, 3.1: the poison */
    WT_CHAIN_CRITICAL,       /* a critical extension that libcrypto does not know */
    WT_CHAIN_SHORT_KEY,      /* WT_CHAIN_WEAK */
    WT_CHAIN_MD5,
    WT_CHAIN_SHA1,
    WT_CHAIN_NAMED_ABOVE, /* WT_CHAIN_INCOMPLETE: authorityCertIssuer of the one below is another authority */
    WT_CHAIN_APART,       /* an authority's certificate was sent that fits nowhere but above it */
    WT_CHAIN_ALONE,       /* the leaf was sent alone, and says where its issuer's certificate is */
    WT_CHAIN_CALLED_SO,   /* its name says that it is an intermediate */
    WT_CHAIN_WHYS
};

struct wt_chain_point {
    const struct wt_certificate_facts *who;
    enum wt_chain_why why;
};

/* A name that a leaf was compared with. */
struct wt_judged_name {
    char name[256];
    bool known, matches;
};

struct wt_judged_staple; /* ocsp.c */

/* The verdict on one chain in one role, remembered. */
struct wt_judgement {
    struct wt_judgement *next; /* of its slot */
    const struct wt_certificate_facts *const *sent;
    uint16_t sent_count;
    uint8_t side;
    uint16_t faults;   /* 1 << enum wt_chain_fault */
    bool proved;       /* incomplete: the missing certificate was seen in another connection, or was given */
    bool trusted_then; /* incomplete: with it, the chain leads to a trusted root */
    bool no_store;     /* there is no trust store at all */
    bool must_staple;
    bool strange; /* WT_CHAIN_PURPOSE because of a critical extension that libcrypto does not know; others may */
    struct wt_chain_point point[WT_CHAIN_FAULTS];
    bool weak_leaf;                  /* WT_CHAIN_WEAK is of the leaf's key */
    struct wt_chain_point weak_next; /* what else is weak then */
    const char *missing;             /* name of the issuer that is not there */
    unsigned long missing_hash;
    size_t pool;         /* certificates known from elsewhere when it was verified */
    int64_t from, until; /* seconds: between them no certificate of it becomes valid or expires */
    const struct wt_certificate_facts *const *path;
    uint16_t path_count;
    uint16_t sct_count, sct_verified, sct_bad, sct_unknown; /* in the leaf */
    int64_t sct_latest;                                     /* seconds; 0: none */
    struct wt_judged_name names[2];
    uint8_t next_name;
    struct wt_judged_staple *staple; /* the last one */
    uint16_t staple_length;
};

struct wt_sct_result {
    uint16_t count, verified, bad, unknown;
    int64_t latest; /* seconds: the newest timestamp */
};

struct wt_bundle;
struct wt_judge;

struct wt_judge *wt_judge_new(struct wt_crypto *crypto, struct wt_certificates *certificates,
                              const struct wt_trust *trust);
void wt_judge_free(struct wt_judge *judge);

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

/* chain.c: the verdict on the chain that a side sent, at a time; cached. NULL without memory. */
const struct wt_judgement *wt_chain_judge(struct wt_judge *judge, unsigned side,
                                          const struct wt_certificate_facts *const *sent, size_t count,
                                          int64_t seconds);
/* The certificate as a libcrypto object, in the judge's library context; to be freed. NULL if it cannot be read. */
X509 *wt_chain_x509(struct wt_judge *judge, const struct wt_certificate_facts *facts);

/* chain_names.c: whether the leaf is for this host or address. */
bool wt_chain_names(struct wt_judge *judge, const struct wt_judgement *judgement, const char *host);
void wt_chain_names_free(struct wt_judge *judge);

/* chain_gap.c: what says that the issuer of the last certificate of the path, which is not there, is an intermediate;
 * WT_CHAIN_WHY_NONE: nothing does. */
enum wt_chain_why wt_chain_gap(const struct wt_judgement *judgement, X509 *last);
/* Whether what was sent under that issuer's name has another key than the one that signed. */
bool wt_chain_other_key(X509 *last, const STACK_OF(X509) * sent);

/* Of any DER. */
X509 *wt_chain_x509_of(struct wt_judge *judge, struct wt_span der);

/* bundle.c: NULL if there is no certificate in the file. */
struct wt_bundle *wt_bundle_open(struct wt_judge *judge, const char *path);
bool wt_bundle_look_up(struct wt_judge *judge);
void wt_bundle_free(struct wt_bundle *bundle);

/* clock.c: what shows, together, that a clock with the time `seconds` is behind; 0: not enough. */
enum { WT_CLOCK_LEAF = 1, WT_CLOCK_AUTHORITY = 2, WT_CLOCK_LOG = 4, WT_CLOCK_STAPLE = 8 };
unsigned wt_clock_behind(const struct wt_judgement *judgement, int64_t this_update, int64_t seconds);

/* ocsp.c */
enum wt_ocsp_fault {
    WT_OCSP_FINE,
    WT_OCSP_UNREADABLE,
    WT_OCSP_NOT_SUCCESSFUL,
    WT_OCSP_OTHER_CERTIFICATE,
    WT_OCSP_NO_ISSUER,
    WT_OCSP_NO_SIGNER,
    WT_OCSP_NOT_AUTHORIZED,
    WT_OCSP_SIGNATURE,
    WT_OCSP_EARLY,
    WT_OCSP_OLD,
    WT_OCSP_CLOCK,
    WT_OCSP_FAULTS
};
struct wt_judged_staple {
    struct wt_judged_staple *next;
    uint8_t *der;
    size_t length;
    uint8_t status; /* enum wt_ocsp_status */
    uint8_t fault;  /* enum wt_ocsp_fault, without regard to the time */
    int64_t this_update, next_update, revoked_at;
    const char *revoked_why; /* OpenSSL's name, or NULL */
    uint16_t scts, sct_verified, sct_bad, sct_unknown;
};
const struct wt_judged_staple *wt_ocsp_judge(struct wt_judge *judge, struct wt_judgement *judgement,
                                             struct wt_span response);
/* With regard to the time. */
enum wt_ocsp_fault wt_ocsp_fault_at(const struct wt_judged_staple *staple, int64_t seconds);

/* sct.c */
/* precert: the list is in the leaf itself, and covers it without the list. issuer may be NULL (then precert ones are
 * counted, not verified). */
void wt_sct_judge(struct wt_judge *judge, struct wt_span list, X509 *leaf, X509 *issuer, bool precert,
                  struct wt_sct_result *out);

#endif
