/* Connections made in earnest: two peers in one, who derive, sign and seal with the engine's own parts, in the
 * protocol's order. A plan says what they agree on and what is to go wrong; what they say is kept record by record, so
 * that a test can tell it in any order, piece or packet. What no observer can check (that an (EC)DHE secret fits its
 * shares) is made up. */
#ifndef WT_TESTS_OBSERVER_PEERS_H
#define WT_TESTS_OBSERVER_PEERS_H

#include "base/buffer.h"
#include "carriage/record_protector.h"
#include "codec/codec.h"
#include "keys/keylog.h"
#include "keys/prf.h"
#include "keys/schedule.h"
#include "wiretale/observer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/types.h>

/* What is changed by one bit behind its sender's back. */
enum damage {
    WHOLE,
    PARAMS,           /* ServerKeyExchange, behind its signature */
    EXTENSIONS,       /* TLS 1.3: EncryptedExtensions, on their way */
    SERVER_SIGNATURE, /* the bits of ServerKeyExchange's or CertificateVerify's signature */
    CLIENT_SIGNATURE,
    SERVER_FINISHED,
    CLIENT_FINISHED,
    BINDER,
    CLIENT_RECORD, /* the next record of application data, once sealed */
    SERVER_RECORD,
    EVERY_RECORD, /* all of them */
};

struct plan {
    uint16_t version, suite; /* 0: TLS 1.2 with ECDHE_RSA and AES_128_GCM; TLS 1.3 with AES_128_GCM */
    uint8_t seed;            /* what peers draw at random follows from it */
    enum damage damage;
    bool ecdsa, client_certificate;
    struct wt_span psk;
    const char *identity;
    const char *refuses; /* the client answers the server's flight with this alert and no more */
    /* up to TLS 1.2 */
    bool extended_master, encrypt_then_mac, resumed; /* resumed: on `master` of the plan */
    uint8_t master[WT_MASTER];
    uint8_t session, offered_session; /* all bytes of the id that the server makes, that the client offers; 0: none */
    const char *ticket, *offered_ticket; /* made; offered */
    uint8_t compression;
    /* TLS 1.3 */
    bool psk_alone;       /* psk_ke: no key shares */
    bool from_ticket;     /* the PSK is a ticket's: its binder has another label, its age is not 0 */
    bool psk_refused;     /* the server takes the full handshake */
    bool retry;           /* HelloRetryRequest */
    const char *early;    /* early data */
    bool early_refused;   /* the PSK is taken, the early data are not */
    unsigned padding;     /* zeros in every record of TLS 1.3 */
    uint8_t many_offered; /* suites of TLS 1.3 that are offered before the one that is taken */
};

struct piece {
    enum wt_side from;
    struct wt_buffer b;
};

enum { PIECES = 128, SECRETS = 16 };

struct peers {
    struct plan plan;
    struct wt_crypto *crypto;
    const struct wt_suite *suite;
    struct piece pieces[PIECES]; /* a record each */
    size_t n, hellos;            /* records up to the ServerHello */
    struct wt_buffer messages;   /* of this handshake, as the peers see them */
    struct wt_buffer log;        /* every line that such peers write */
    uint8_t random[2][32];
    struct wt_record_protector *seal[2];
    /* up to TLS 1.2 */
    uint8_t premaster[600], master[WT_MASTER], encrypted[512];
    size_t premaster_n, encrypted_n;
    bool in_the_clear; /* records go out as they are, whatever keys there are */
    /* TLS 1.3 */
    struct wt_schedule schedule;
    uint8_t trunk[WT_DIGEST_MOST], resumption[WT_DIGEST_MOST];
    uint8_t traffic[2][WT_DIGEST_MOST]; /* in force */
    uint8_t ticket_psk[WT_DIGEST_MOST];
    unsigned padding;
};

/* A handshake and nothing more; free with peers_part(). */
void peers_meet(struct peers *p, const struct plan *plan);
/* The same with another plan, within the connection (up to TLS 1.2). */
void peers_meet_again(struct peers *p, const struct plan *plan);
void peers_part(struct peers *p);

void peers_say(struct peers *p, enum wt_side from, const char *text);
void peers_alert(struct peers *p, enum wt_side from, uint8_t level, uint8_t description);
/* TLS 1.3, behind the handshake. The ticket's PSK is then in `ticket_psk`. */
void peers_ticket(struct peers *p, const char *ticket, const char *nonce);
void peers_update(struct peers *p, enum wt_side from);
void peers_ask_certificate(struct peers *p, enum damage damage);

/* Lines of p->log whose label is among `labels`, a blank behind each; as a string. */
struct wt_buffer peers_log(const struct peers *p, const char *labels);

/* The server's and the client's own keys: made once. */
EVP_PKEY *peers_key(bool ecdsa);
struct wt_span peers_private_key(void); /* RSA, PEM */
void peers_forget(void);

/* --- parts that peers.c, peers12.c and peers13.c share ------------------------------------------------------------ */

void peers_record(struct peers *p, enum wt_side from, uint8_t type, struct wt_span text);
/* `sent` differs from `body` where it is changed on its way. Both into the transcript of the peers: `body`. */
void peers_message(struct peers *p, enum wt_side from, uint8_t type, struct wt_span body, struct wt_span sent);
void peers_encode(struct peers *p, enum wt_side from, const struct wt_message_body *m);
void peers_extension(struct wt_writer *w, uint16_t id, const void *body, size_t n);
void peers_certificate(struct peers *p, enum wt_side from, struct wt_span request_context);
size_t peers_sign(struct peers *p, enum wt_side from, const struct wt_span *parts, size_t count, uint8_t out[600],
                  uint16_t *scheme);
void peers_note(struct peers *p, enum wt_label label, struct wt_span by, struct wt_span secret);
struct wt_record_protector *peers_protector(struct peers *p, const struct wt_protection *how);
void peers_meet12(struct peers *p);
void peers_meet13(struct peers *p);

#endif
