/* What a connection's keys are made of, and what they open.
 *
 * A connection has one of these once the first of its records could be opened or one of its proofs judged: NULL costs
 * nothing. Keys come in where the store lets them (a master secret, a premaster, a traffic secret, a private key, a
 * PSK), and leave as one protector per side. */
#ifndef WT_OBSERVER_KEYRING_H
#define WT_OBSERVER_KEYRING_H

#include "base/arena.h"
#include "base/buffer.h"
#include "carriage/record_protector.h"
#include "crypto/hash.h"
#include "handshake/keys12.h"
#include "handshake/keys13.h"
#include "keys/store.h"
#include "observer/keys/opener.h"
#include "wiretale/observer.h"

struct wt_keyring {
    struct wt_keys *forgets;   /* the store that wipes its secrets of this connection at the end; NULL: none */
    struct wt_crypto *crypto;  /* what it has of them is wiped then, too */
    struct wt_opener by[2];    /* by side */
    uint8_t client_random[32]; /* of the newest handshake */
    uint8_t master[WT_MASTER]; /* up to TLS 1.2 */
    uint8_t source;            /* enum wt_secret_source */
    bool has_master;           /* of this handshake */
    bool in_log;               /* a key log has its client random: it was counted in the observer's `fits` */
    uint32_t lines;            /* labels that have a line in key_log, for this handshake */
    struct wt_list_step *steps, **last_step;
    struct wt_list_step *record_steps, **last_record_step;
    struct wt_list_step **record_begin; /* where the steps of the newest record begin, and which it is */
    uint32_t record_number, record_count[2], record_bytes;
    uint8_t record_side;
    uint32_t step_count;
    uint32_t steps_lost, record_steps_lost; /* over the limit; of the newest record */
    struct wt_arena told;                   /* steps that are kept; wiped when the connection goes */
    struct wt_list_line *key_log;           /* newest first */
    struct wt_http *http;
    struct wt_buffer early; /* early data that wait for the server's word */
    uint32_t early_frame;
    struct wt_time early_time;
    struct wt_arena exchanges;
    const char *application;
};

/* A line of NSS's key log format. */
struct wt_list_line {
    struct wt_list_line *next;
    struct wt_span random, secret;
    uint8_t label;
};

struct wt_list_step {
    struct wt_list_step *next;
    struct wt_told_step told;
};

struct wt_observer;
struct wt_conversation;
struct wt_tls;
struct wt_client_hello;
struct wt_server_hello;
struct wt_client_key_exchange;
struct wt_record;

/* --- keyring.c: where keys come from; up to TLS 1.2 -----------------------------------------------------------------
 */

/* Whether the store can open anything, or may be able to later. */
bool wt_keyring_awaited(const struct wt_observer *o);
/* The connection's own, made when the store may hold something for it; NULL without. */
struct wt_keyring *wt_keyring_of(struct wt_observer *o, struct wt_tls *tls);
/* Bytes that it takes. */
size_t wt_keyring_bytes(const struct wt_keyring *keys);
/* The same whether or not there are keys: for what is readable without. NULL without memory. */
struct wt_keyring *wt_keyring_make(struct wt_observer *o, struct wt_tls *tls);
void wt_keyring_free(struct wt_keyring *s);
/* The sides change places: see wt_tls_take_role(). */
void wt_keyring_turn(struct wt_keyring *s);
/* Another handshake has begun within the connection (a renegotiation). */
void wt_keyring_hello(struct wt_observer *o, struct wt_tls *tls);
/* What opens the side's next record; true when `now` is set. wt_keyring_of() came before. */
bool wt_keyring_prepare12(struct wt_observer *o, struct wt_tls *tls, unsigned side);
bool wt_keyring_prepare13(struct wt_observer *o, struct wt_tls *tls, unsigned side);
/* Up to TLS 1.2: a ChangeCipherSpec of that side. */
void wt_keyring_change(struct wt_observer *o, struct wt_tls *tls, unsigned side);
/* Whether the master secret of this handshake up to TLS 1.2 is known: then it stands in secrets->master. */
bool wt_keyring_master(struct wt_observer *o, struct wt_tls *tls);
/* A gap: the side's records do not open any more. */
void wt_keyring_gap(struct wt_tls *tls, unsigned side, uint64_t n);
/* Sessions: this handshake's master secret under the hashes of the id and the ticket that it makes; any secret; back.
 */
void wt_keyring_session(struct wt_observer *o, struct wt_tls *tls);
void wt_keyring_remember(struct wt_observer *o, uint64_t hash, struct wt_span secret, uint8_t source);
const struct wt_session_secret *wt_keyring_recall(const struct wt_observer *o, uint64_t hash);

/* --- keyring_private.c -----------------------------------------------------------------------------------------------
 */

/* Whether private keys were given that may open such a connection's premaster secret. */
bool wt_keyring_has_private(const struct wt_observer *o, const struct wt_tls *tls);
/* Opens one: RSA's, or SM2's with TLCP's ECC. */
bool wt_keyring_decrypt(struct wt_observer *o, const struct wt_tls *tls, struct wt_span encrypted,
                        uint8_t premaster[48]);

/* --- keyring_steps.c ------------------------------------------------------------------------------------------------
 */

/* Whose steps they are; the caller's, who keeps it as long as steps are reported. */
struct wt_step_sink {
    struct wt_steps steps;
    struct wt_keyring *keys;
    const struct wt_messages *messages; /* that hashes are over */
    uint32_t frame;
    uint8_t side;    /* 2: of both */
    uint32_t record; /* number of the record that is shown; 0: of the derivation */
};

/* Makes *sink keep steps of the derivation (NULL unless asked for) and of a record. */
const struct wt_steps *wt_keyring_steps(struct wt_step_sink *sink, const struct wt_observer *o,
                                        const struct wt_tls *tls, unsigned side);
const struct wt_steps *wt_keyring_record_steps(struct wt_step_sink *sink, const struct wt_observer *o,
                                               const struct wt_tls *tls, unsigned side, uint32_t record);
/* An encrypted record of so many bytes is about to be opened: whether its steps are kept, by either option. What an
 * earlier try at it left is gone. */
bool wt_keyring_shows(const struct wt_observer *o, struct wt_tls *tls, unsigned side, uint32_t record, size_t bytes);
/* Notes a line for `key_log`, once per label and handshake. */
void wt_keyring_line(struct wt_observer *o, struct wt_tls *tls, enum wt_label label, struct wt_span secret);

/* --- keyring13.c ----------------------------------------------------------------------------------------------------
 */

/* The side goes over to its next keys: behind its Finished, its EndOfEarlyData, its KeyUpdate. */
void wt_keyring_epoch(struct wt_tls *tls, unsigned side, enum wt_epoch epoch);
void wt_keyring_update(struct wt_observer *o, struct wt_tls *tls, unsigned side);
/* A protector of another epoch of the side, to try; the i-th where several suites are possible. NULL when there is
 * none. */
struct wt_record_protector *wt_keyring_try(struct wt_observer *o, struct wt_tls *tls, unsigned side,
                                           enum wt_epoch epoch, size_t i, struct wt_opener *candidate);
/* The traffic secret of an epoch, from the store or the schedule; its length, 0 when it is not known. */
size_t wt_keyring_traffic(struct wt_observer *o, struct wt_tls *tls, unsigned side, enum wt_epoch epoch,
                          uint8_t secret[WT_DIGEST_MOST]);
/* The same of early data, which are under the PSK's suite before a ServerHello names it (RFC 8446, 4.2.10): of the i-th
 * that it may be. *suite is NULL when there are no more. */
size_t wt_keyring_early(struct wt_observer *o, struct wt_tls *tls, size_t i, const struct wt_suite **suite,
                        uint8_t secret[WT_DIGEST_MOST]);
/* The PSK of an identity that the client offers, given or remembered; `external` tells how it came. */
bool wt_keyring_psk(struct wt_observer *o, struct wt_span identity, struct wt_span *psk, bool *external);
/* A ticket of TLS 1.3: its PSK is remembered where the schedule is known. */
void wt_keyring_ticket13(struct wt_observer *o, struct wt_tls *tls, struct wt_span ticket, struct wt_span nonce);

/* Remembered sessions' secrets. */
struct wt_session_secret {
    uint8_t bytes[WT_DIGEST_MOST];
    uint8_t length, source;
};

#endif
