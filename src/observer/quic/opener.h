/* Keys that open a side's packets of one level (RFC 9001, 5), and those that follow them by key updates (6). */
#ifndef WT_OBSERVER_QUIC_OPENER_H
#define WT_OBSERVER_QUIC_OPENER_H

#include "keys/quic.h"
#include "observer/quic/connection.h"
#include "protect/quic.h"

struct wt_quic_opener {
    struct wt_crypto *crypto;
    const struct wt_quic_version *row;      /* whose labels they are made with */
    const struct wt_quic_version *updating; /* likewise its updates: of peers of version 2 some have version 1's */
    const struct wt_suite *suite;
    struct wt_mask *mask;               /* of all key phases */
    struct wt_protector *now;           /* of the phase in force */
    struct wt_protector *before, *next; /* of the one before it, for packets that come late, and of the one to come */
    uint8_t secret[WT_DIGEST_MOST];     /* that `now` is made of */
    uint8_t secret_length;
    bool updated;   /* an update has opened something: the label is known */
    bool phase;     /* the Key Phase bit of `now` */
    uint8_t failed; /* packets in a row that it did not open */
    uint64_t first; /* the smallest number that was opened with `now` */
};

/* Of Initial packets of that version, which anyone can open; NULL without memory. Few connections have theirs at a
 * time (WT_LIMIT_QUIC_INITIAL_KEYS): they are made anew when they are asked for. */
struct wt_quic_opener *wt_quic_opener_initial(struct wt_quic *q, unsigned from, const struct wt_quic_version *row);
/* Of Handshake and 1-RTT packets; NULL: they are not known, or not yet. */
struct wt_quic_opener *wt_quic_opener_of(struct wt_quic *q, unsigned from, enum wt_quic_level level,
                                         const struct wt_quic_version *row);
/* Of 0-RTT packets by the *i-th suite, or one behind it, that the client offers and that its secret fits; *i goes on.
 * NULL: there are no more. It is the caller's: wt_quic_opener_free(). */
struct wt_quic_opener *wt_quic_opener_early(struct wt_quic *q, const struct wt_quic_version *row, size_t *i);
/* Whether keys that are not known may still come. */
bool wt_quic_opener_may_come(const struct wt_quic *q, enum wt_quic_level level);

/* The keys after one more update, kept until they are in force; NULL when libcrypto fails. */
struct wt_protector *wt_quic_opener_next(struct wt_quic_opener *k);
/* The next packet of another phase is tried with the other label for updates; false when it is known which one these
 * peers have. RFC 9369, 3.3.2, has "quicv2 ku"; ngtcp2 up to 0.12 says "quic ku" in version 2, too. */
bool wt_quic_opener_relabel(struct wt_quic_opener *k);
/* The keys after n more, and their secret: wt_quic_opener_jump() takes them, or the caller frees them. */
bool wt_quic_opener_ahead(struct wt_quic_opener *k, unsigned n, struct wt_protector **ahead,
                          uint8_t secret[WT_DIGEST_MOST]);
/* A packet with that number was opened with wt_quic_opener_next(): they are in force now. */
bool wt_quic_opener_step(struct wt_quic_opener *k, uint64_t number);
/* The same after n updates. */
void wt_quic_opener_jump(struct wt_quic_opener *k, unsigned n, struct wt_protector *ahead,
                         const uint8_t secret[WT_DIGEST_MOST], uint64_t number);

void wt_quic_opener_free(struct wt_quic_opener *k);
/* Initial keys go: their id changes, or they are not needed any more. */
void wt_quic_opener_drop_initial(struct wt_quic *q);
/* Those of `other`, which are of the same id, become the connection's. */
void wt_quic_opener_hand_over(struct wt_quic *q, struct wt_quic *other);
/* No connection is left. */
void wt_quic_opener_forget(struct wt_observer *o);

#endif
