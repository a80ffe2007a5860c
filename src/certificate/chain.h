/* Whether a chain leads to what is trusted, and if not, why. */
#ifndef WT_CERTIFICATE_CHAIN_H
#define WT_CERTIFICATE_CHAIN_H

#include "certificate/authorities.h"
#include "certificate/judge.h"

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

/* Why signatures of a chain, or beside it, were not verified. What else can be said of a chain is said. */
enum wt_untried {
    WT_TRIED,
    WT_UNTRIED_KEY,    /* a key is not on the price list: wt_price_of() */
    WT_UNTRIED_LINKS,  /* more than WT_LIMIT_CHAIN_LINKS */
    WT_UNTRIED_WORK,   /* too much was spent already; it is tried again when the chain is met again */
    WT_UNTRIED_FAILING /* a key whose signatures keep failing; likewise */
};

/* A name that a leaf was compared with. */
struct wt_judged_name {
    char name[256];
    bool known, matches;
};

/* The verdict on one chain in one role, remembered. */
struct wt_judgement {
    struct wt_judgement *next;          /* of its slot */
    struct wt_judgement *older, *newer; /* of those that nobody keeps, by use */
    struct wt_judge *judge;
    const struct wt_certificate_facts **held; /* all that it points to is kept */
    size_t held_count, held_room;
    size_t bytes; /* that it takes, as it was counted */
    uint64_t hash;
    uint32_t keepers;
    uint8_t untried;      /* enum wt_untried */
    int64_t tried_second; /* of the capture: when that was found */
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
    const char *inspector;           /* the product that inspects TLS and is called like an issuer; NULL: none is */
    struct wt_issuer_key missing_key;
    uint64_t pool;       /* wt_authorities_next() when it was verified */
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

/* Verifies the chain and fills the judgement but for `sent`, `side` and what remembers it. */
void wt_chain_verify(struct wt_judge *judge, struct wt_judgement *judgement, int64_t seconds);

#endif
