/* A server's tickets: sessions that the client keeps (RFC 5077; RFC 8446, 4.6.1), sealed under keys that it does not
 * have. Form: name of the key (8 bytes), nonce (12), session (session.h) encrypted, tag (16). */
#ifndef WT_ENDPOINT_TICKETS_H
#define WT_ENDPOINT_TICKETS_H

#include "crypto/cipher.h"
#include "crypto/random.h"
#include "endpoint/session.h"

enum { WT_TICKET_NAME = 8, WT_TICKET_NONCE = 12, WT_TICKET_TAG = 16 };
enum { WT_TICKET_MOST = WT_TICKET_NAME + WT_TICKET_NONCE + WT_SESSION_MOST + WT_TICKET_TAG };

struct wt_ticket_key {
    int64_t period;
    struct wt_cipher_context *seal, *open; /* NULL: there is none */
    uint8_t name[WT_TICKET_NAME];
};

/* A key is for one lifetime of tickets, and opens them for one more. */
struct wt_tickets {
    struct wt_crypto *crypto;
    const struct wt_random *random;
    int64_t lifetime; /* seconds */
    int64_t newest;   /* period */
    bool shared;      /* the keys follow from `root`, for several parties */
    uint8_t root[32];
    struct wt_ticket_key keys[3]; /* by period: the one before, this one, and (shared) the next */
};

/* `shared`: n = 0: each period's key is random, and gone when the next but one begins. False: no memory. */
bool wt_tickets_start(struct wt_tickets *t, struct wt_crypto *crypto, const struct wt_random *random, int64_t lifetime,
                      struct wt_span shared);
void wt_tickets_end(struct wt_tickets *t);

/* Its bytes; 0 without memory or random numbers. */
size_t wt_tickets_seal(struct wt_tickets *t, int64_t now_ms, const struct wt_session *s, uint8_t out[WT_TICKET_MOST]);
/* False when it is none of ours, or too old. `room` is what the session's spans point into: a secret. */
bool wt_tickets_open(struct wt_tickets *t, int64_t now_ms, struct wt_span ticket, uint8_t room[WT_SESSION_MOST],
                     struct wt_session *out);

/* A key for another purpose, that parties which share tickets' keys share as well. */
bool wt_tickets_key(struct wt_tickets *t, const char *purpose, uint8_t out[32]);

#endif
