/* Ephemeral key exchange: key pairs, shares and shared secrets of the groups of groups.def that libcrypto has.
 *
 * What can be made ready for all exchanges is in struct wt_exchanges, made once: it is not changed after, and several
 * threads may use it at once. */
#ifndef WT_CRYPTO_EXCHANGE_H
#define WT_CRYPTO_EXCHANGE_H

#include "crypto/random.h"

struct wt_exchanges;
struct wt_exchange;

enum {
    WT_SHARE_MOST = 1665,  /* bytes of the longest share: SecP384r1MLKEM1024 */
    WT_SHARED_MOST = 1024, /* bytes of the longest secret: ffdhe8192 */
};

/* NULL when the system gives no memory. What libcrypto lacks is not available, and no error. It goes before the handle,
 * and after all exchanges made of it. */
struct wt_exchanges *wt_exchanges_new(struct wt_crypto *crypto);
void wt_exchanges_free(struct wt_exchanges *groups);

/* Whether keys of a group can be made here. */
bool wt_exchanges_have(const struct wt_exchanges *groups, uint16_t group);
/* Bytes of a share of the group, the client's or the server's (they differ where the server encapsulates); 0 for a
 * group that is not available. */
size_t wt_exchange_share_length(const struct wt_exchanges *groups, uint16_t group, bool server);

enum wt_exchanged {
    WT_EXCHANGED,
    WT_EXCHANGE_BAD_SHARE, /* the peer's share is none of the group: illegal_parameter */
    WT_EXCHANGE_FAILED,    /* no random bytes, no memory, a group that is not available: internal_error */
};

struct wt_share {
    uint8_t bytes[WT_SHARE_MOST];
    size_t n;
};
struct wt_shared {
    uint8_t bytes[WT_SHARED_MOST];
    size_t n;
};

/* A new key pair, its public half in *share: a client's, or in TLS 1.2 a server's (not for a hybrid group, whose server
 * has to see the client's share first). NULL: WT_EXCHANGE_FAILED. The private key comes from `random`, which is not
 * kept; so a private key that is to be given is given by its `fill`: for X25519 and X448 the bytes of RFC 7748, 5; for
 * curves the scalar, as many bytes as the order has (asked for again while it is 0 or not below the order); for finite
 * fields the exponent. (Hybrid groups have libcrypto make theirs in any case.) Free with wt_exchange_free(), which
 * wipes it. */
struct wt_exchange *wt_exchange_new(const struct wt_exchanges *groups, uint16_t group, const struct wt_random *random,
                                    struct wt_share *share);
/* The secret shared with the owner of `peer`. Finite fields: with all its leading zeros, as TLS 1.3 takes it
 * (wt_exchange_strip() for TLS 1.2). Once: RFC 9325 and RFC 8446, C.4 advise against any key's second use, and the
 * private key is wiped whatever the result. */
enum wt_exchanged wt_exchange_finish(struct wt_exchange *exchange, struct wt_span peer, struct wt_shared *shared);
void wt_exchange_free(struct wt_exchange *exchange);

/* A server of TLS 1.3 in one call: the client's share is at hand, and no key pair is kept. Hybrid groups encapsulate.
 */
enum wt_exchanged wt_exchange_answer(const struct wt_exchanges *groups, uint16_t group, const struct wt_random *random,
                                     struct wt_span peer, struct wt_share *share, struct wt_shared *shared);

/* A finite field that a ServerKeyExchange names by its numbers (RFC 5246, 7.4.3). One of RFC 7919 is recognised by its
 * prime; any other is used as it is if its prime has WT_LIMIT_DH_BITS_LEAST to WT_LIMIT_DH_BITS bits and is odd, and
 * 1 < g < p - 1. NULL with WT_EXCHANGE_BAD_SHARE or WT_EXCHANGE_FAILED in *why. */
struct wt_exchange *wt_exchange_new_dh(const struct wt_exchanges *groups, struct wt_span p, struct wt_span g,
                                       const struct wt_random *random, struct wt_share *share, enum wt_exchanged *why);
/* What a server writes there: the prime and generator of a group of RFC 7919, big-endian. False for any other. */
bool wt_exchange_dh(const struct wt_exchanges *groups, uint16_t group, struct wt_span *p, struct wt_span *g);
/* The group of RFC 7919 that has them; 0: none. */
uint16_t wt_exchange_dh_find(const struct wt_exchanges *groups, struct wt_span p, struct wt_span g);

/* RFC 5246, 8.1.2: "Leading bytes of Z that contain all zero bits are stripped before it is used as the
 * pre_master_secret." */
struct wt_span wt_exchange_strip(struct wt_span secret);

/* Wipes what is in there. */
void wt_shared_wipe(struct wt_shared *shared);

#endif
