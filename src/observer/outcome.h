/* When a connection came up, and how it ended. */
#ifndef WT_OBSERVER_OUTCOME_H
#define WT_OBSERVER_OUTCOME_H

#include "base/span.h"

#include <stdbool.h>

struct wt_observer;
struct wt_conversation;
struct wt_tls;

/* What followed the record that can be the client's Finished of TLS 1.3. */
enum {
    WT_AFTER_SERVER_DATA = 1,
    WT_AFTER_SERVER_ALERT = 2,
    WT_AFTER_CLIENT_DATA = 4,
    WT_AFTER_CLIENT_ALERT = 8,   /* before any of the server's: what it answers */
    WT_AFTER_SERVER_PADDED = 16, /* its first record is as long as an alert that was padded */
    WT_AFTER_CLIENT_PADDED = 32, /* so is its last one */
    WT_AFTER_SERVER_LEFT = 64,   /* it had left before the client's Finished came */
};

struct wt_outcome {
    int64_t start_ns, ready_ns;        /* of the first TLS byte; when both sides had finished, 0: not yet */
    uint8_t state;                     /* enum wt_state */
    uint8_t after;                     /* TLS 1.3: WT_AFTER_... */
    uint8_t tag;                       /* TLS 1.3: what its records are longer by: 16, or 8 with CCM_8 */
    uint8_t finished_length;           /* TLS 1.3: bytes of a record with an unpadded Finished in it */
} __attribute__((packed, aligned(4))); /* one in each connection: 20 bytes, not 24 */

/* TLS 1.3: a record under keys was opened: what was inside. */
void wt_outcome_opened_record(struct wt_observer *o, struct wt_conversation *c, unsigned side, uint8_t type,
                              struct wt_span text);
void wt_outcome_hidden_record(struct wt_observer *o, struct wt_conversation *c, unsigned side, uint32_t length);
/* A Finished has passed: notes when the second one did. */
void wt_outcome_finished(struct wt_observer *o, struct wt_conversation *c);
/* What the packet whose bytes are being read acknowledges of the other direction; 0: nothing, or it is not known. */
uint32_t wt_outcome_acknowledgment(const struct wt_observer *o, const struct wt_conversation *c);
void wt_outcome_settle(const struct wt_observer *o, struct wt_conversation *c);
/* TLS 1.3: what the server was seen to say is less than any flight that ends in a Finished. */
bool wt_outcome_flight_is_short(const struct wt_tls *tls);
/* TLS 1.3, without keys: the bytes that the server's Certificate has at most, by the lengths of its flight, and those
 * of the signature after it (0: not known). 0: it may have any. */
uint32_t wt_outcome_certificate_most(const struct wt_tls *tls, uint32_t *signature);
/* Both ends were seen to open the connection, no byte is missing, and it stands still amid the handshake for
 * WT_LIMIT_STALL_NS or more while the capture goes on. */
bool wt_outcome_is_stalled(const struct wt_observer *o, const struct wt_conversation *c);
/* Over UDP nothing but ICMP says that nobody is there: it did, and no message came after it. */
bool wt_outcome_is_undelivered(const struct wt_conversation *c);
/* Since when nothing has come that tells more; over UDP: since the messages
 * that a side says again came first. */
int64_t wt_outcome_quiet_since(const struct wt_conversation *c);
bool wt_outcome_is_established(const struct wt_tls *tls);

#endif
