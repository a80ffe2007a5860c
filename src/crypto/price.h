/* What verifying a signature costs, and what may be spent on it: keys come from the wire, and whoever sends one chooses
 * how long it takes to verify with it. */
#ifndef WT_CRYPTO_PRICE_H
#define WT_CRYPTO_PRICE_H

#include <openssl/types.h>
#include <stdbool.h>
#include <stdint.h>

/* What may be spent, in prices. All zero: whatever it takes. */
struct wt_work {
    bool limited, begun;
    int64_t second; /* of the capture */
    uint32_t left;  /* of that second */
    uint32_t connection_left;
};

enum wt_afford {
    WT_AFFORDED,
    WT_TOO_DEAR,  /* never, with a key like this */
    WT_OVERSPENT, /* not any more in this second, or for this connection */
};

/* What one verification with the key costs: about as many microseconds. 0: it is not on the list (WT_LIMIT_RSA_BITS,
 * WT_LIMIT_RSA_EXPONENT, WT_LIMIT_DSA_BITS). */
uint32_t wt_price_of(const EVP_PKEY *key);

/* Whether a verification of that price may be done; it is paid then. */
enum wt_afford wt_work_spend(struct wt_work *work, uint32_t price);
/* The proofs of another connection are looked at, at that second of the capture. */
void wt_work_begin(struct wt_work *work, int64_t second);

/* How the verifications by one key went. */
struct wt_key_record {
    uint32_t held;   /* since the last that did not */
    uint32_t failed; /* since the last that did not */
    int64_t second;  /* of the capture: of the newest that failed */
};
/* A key whose signatures have failed WT_LIMIT_KEY_FAILURES times in a row is tried once a second from then on. */
bool wt_key_is_given_up(const struct wt_key_record *record, const struct wt_work *work);
void wt_key_note(struct wt_key_record *record, const struct wt_work *work, bool held);

#endif
