/* One connection, from either seat.
 *
 *   input.c     bytes → records → content        output.c   content → records → bytes
 *   messages.c  a message of the peer: its order (flow), rules, what it teaches; one of ours: written and sent
 *   secrets.c   traffic secrets and protectors, when the flow's table says so
 *   client.c, client12.c, client13.c, server.c, server12.c, server13.c   what a seat answers
 *   exchange12.c   TLS 1.2: from a key exchange, and a pre-shared key, to the master secret
 *   flight.c    a flight's steps, and the questions for which they wait
 *   verify.c    the peer's certificates            failure.c  how it ends
 *   meaning.c   what the peer's alert means            tap.c      who is told of all of it
 *
 * Which message may come, and which keys start after it, is flow/flow.def's; what a message must say is
 * handshake/rules.def's. Here is only what a seat does. */
#ifndef WT_ENDPOINT_ENGINE_H
#define WT_ENDPOINT_ENGINE_H

#include "base/buffer.h"
#include "carriage/framing.h"
#include "carriage/record_protector.h"
#include "certificate/certificates.h"
#include "certificate/judgements.h"
#include "endpoint/party.h"
#include "endpoint/tickets.h"
#include "flow/flow.h"
#include "handshake/handshake.h"
#include "handshake/keys13.h"
#include "handshake/rules.h"
#include "keys/prf.h"
#include "registry/limits.h"

/* How it came to its end. */
struct wt_failure {
    const char *id; /* of the finding; NULL: none */
    struct wt_error error;
    uint64_t number[2]; /* that its sentence has places for */
    uint8_t alert;      /* AlertDescription */
    uint8_t message;    /* HandshakeType that it is about; 0: none */
    uint8_t content;    /* ContentType of the record that it is about; 0: none */
    uint8_t excess;     /* enum wt_excess: of what the peer sent too much; 0: of nothing */
    bool has_alert, sent;
};

/* Of what a peer may send no more than so much: excess.def */
enum wt_excess {
    WT_EXCESS_NONE,
#define WT_EXCESS(id, alert, finding, text) WT_EXCESS_##id,
#include "endpoint/excess.def"
#undef WT_EXCESS
};

/* An event as it waits: what it points to is found when it is fetched. */
struct wt_told {
    const char *finding;
    uint8_t kind, alert;
    bool sent, fatal;
};

/* One thing that a seat does: true when it is done, or waits for an answer (e->ask). False: the connection has ended.
 */
typedef bool wt_flight_step(struct wt_endpoint *e);

/* TLS 1.3: early data. */
struct wt_early {
    bool offered;  /* client: the newest hello does */
    bool open;     /* server: accepted, and not at their end */
    uint32_t room; /* bytes: client: that may be sent in all, server: that may still come */
    uint32_t skip; /* server: bytes of records that are skipped, where they were not accepted */
    size_t sent;   /* client: bytes of e->waiting that were */
};

/* Of the handshake before, while another one is under way: what holds until that is done. */
struct wt_before {
    struct wt_chosen chosen;
    bool requested, resumed;
};

/* What a handshake needs until it is done. */
struct wt_exchanging {
    wt_flight_step *const *step;         /* the next one of a flight; NULL: none is on its way */
    uint8_t answered;                    /* enum wt_ask: its answer is there, and was not used yet */
    bool identity_given, accepted;       /* answers: `identity` is the program's; the chain is to be taken */
    bool judged;                         /* the peer's chain */
    struct wt_buffer to_sign, signature; /* of a key that is elsewhere */
    struct wt_buffer held;               /* messages that came while a question was open, each with its header */
    struct wt_share share;               /* ours, that goes into a ServerKeyExchange */
    struct wt_exchange *exchange[WT_LIMIT_KEY_SHARES]; /* client: by the order of its shares; TLS 1.2: the first */
    uint16_t group[WT_LIMIT_KEY_SHARES];
    struct wt_buffer shares;            /* client: its key_share list */
    struct wt_shared shared;            /* of the (EC)DHE exchange */
    struct wt_keys13_trunk trunk;       /* TLS 1.3: of that and `psk` */
    uint8_t grease[6];                  /* client: RFC 8701, 2: of each value its first digit */
    uint8_t random[32], session_id[32]; /* client: of its hello */
    uint8_t session_id_length;
    const struct wt_identity *identity; /* ours */
    uint16_t scheme;                    /* that we sign with */
    struct wt_before *before;           /* NULL: it is the connection's first */
    uint16_t version, suite;            /* server: that it has chosen; suite: TLS 1.2 */
    struct wt_span alpn;                /* server: the protocol that it has chosen; the party's */
    /* resumption */
    struct wt_session session;                                    /* client: that it offers, server: that it resumes */
    struct wt_kept_session *offers;                               /* client: where that is; NULL: none */
    struct wt_span psk;                                           /* TLS 1.3: that is in use */
    uint16_t psk_index;                                           /* its place in the ClientHello */
    const struct wt_external_psk *offered[WT_LIMIT_OFFERED_PSKS]; /* client: by their order in the newest hello */
    uint8_t offered_psks, offered_session;                        /* how many; of them sessions, which are first */
    uint8_t psk_at; /* server: the place of the identity that is looked for */
    struct wt_early early;
    bool without_share;      /* server: psk_ke */
    bool gets_ticket;        /* server, TLS 1.2: the client does */
    struct wt_buffer ticket; /* client, TLS 1.2: that came, until the Finished after it is verified */
    uint32_t ticket_lifetime;
    struct wt_protector_pair {
        struct wt_record_protector *open, *seal;
    } pending; /* up to TLS 1.2: the pending states (RFC 5246, 6.1) */
};

struct wt_endpoint {
    struct wt_party *party;
    const struct wt_endpoint_tap *tap; /* or NULL */
    struct wt_buffer untold;           /* what came while a question was open, for the tap */
    uint8_t side, peer;                /* enum wt_side */
    bool established, ended;
    bool said_close, got_close; /* close_notify */
    bool closed;                /* the transport is at its end */
    bool read_all;              /* nothing more is read */
    bool opened;                /* a record was opened under keys */
    bool verified, requested, retried;
    bool seals_cbc;    /* up to TLS 1.2: records of ours have an IV of 16 bytes */
    bool ccs_sent;     /* TLS 1.3: the one for middleboxes */
    bool keys_changed; /* in the record that is read */
    bool update_asked; /* a KeyUpdate of ours is due */
    bool end_waits;    /* wt_endpoint_end() came before the handshake was done */
    uint8_t ask;       /* enum wt_ask: the question that is open; 0: none */
    bool ask_told;     /* its event was fetched */
    bool resumed, early_accepted;
    bool false_started;                    /* client, TLS 1.2: RFC 7918 */
    int32_t ticket_age_skew;               /* server: seconds */
    uint32_t early_sent;                   /* client: bytes of early data */
    bool has_peer;                         /* of which peer_sha256 is the certificate, in this handshake or before */
    uint8_t later;                         /* requests for a certificate after the handshake: that were sent, or came */
    uint8_t status;                        /* enum wt_ocsp_status: of the server's certificate */
    uint8_t empties, updates, again_count; /* in a row: records without content, KeyUpdates, renegotiations */
    uint8_t warnings;
    uint8_t tickets;          /* client, TLS 1.3: that were taken */
    bool again, most_is_size; /* another handshake is under way (RFC 5746); of the one before: */
    uint32_t most[2];         /* by side: wt_rules_record_most() */
    int64_t now_ms;
    int64_t authenticated, peer_until; /* as struct wt_session has them */
    uint8_t peer_sha256[32];
    uint8_t resumption[WT_DIGEST_MOST]; /* client, TLS 1.3: the resumption master secret */
    struct wt_kept_session *session;    /* client: the newest that the server gave */
    const struct wt_external_psk *psk;  /* in use; the party's, or: */
    struct wt_external_psk *given_psk;  /* server: the program's answer, with its bytes behind it; or NULL */
    char *host;                         /* client: asked for; server: that the client asked for */
    uint16_t port;                      /* client: of the server; 0: not said */
    struct wt_handshake h;
    struct wt_flow flow;
    struct wt_framing framing;
    const struct wt_handshake_message *due; /* that is to be answered when its record is at its end; at that index */
    size_t due_at;
    struct wt_record_protector *open, *seal;
    struct wt_exchanging *x;           /* until the handshake is done */
    uint8_t secret[2][WT_DIGEST_MOST]; /* by side: TLS 1.3's traffic secret in force; TLS 1.2: [0] the master secret */
    uint8_t next[2][WT_DIGEST_MOST];   /* application traffic secrets that are not in force yet */
    uint8_t exporter[WT_DIGEST_MOST];
    /* input: bytes [begin, end) of `in`; `data` are inside a record that ends at `begin` */
    struct wt_buffer in;
    size_t begin;
    struct wt_span data;
    /* output */
    struct wt_buffer out;
    size_t sent;              /* of `out` */
    struct wt_buffer flight;  /* handshake messages that go into the next records */
    struct wt_buffer waiting; /* application data from before the handshake's end */
    struct wt_told events[WT_LIMIT_EVENTS];
    uint8_t event_first, event_count;
    struct wt_failure failure;
    struct wt_finding finding; /* that wt_endpoint_why() made of it */
    char *why_text;
    const struct wt_certificate_facts **certificates; /* the peer's */
    size_t certificate_room;
    struct wt_buffer staple, timestamps;    /* that the server has sent with them */
    struct wt_scts scts;                    /* of its certificate */
    const struct wt_judgement *judgement;   /* of them */
    const char *wrong[WT_CHAIN_FAULTS + 2]; /* findings, the worst first */
    uint8_t certificate_count, wrong_count, wrong_alert;
    bool presented; /* a certificate of ours was sent */
    bool declined;  /* another handshake, by no_renegotiation */
};

/* What a seat makes of a message of its peer: before the keys that it starts are in force, and after. `at`: its index
 * in h.messages, where it is one that proofs cover. False: the connection has ended. */
struct wt_received {
    uint8_t type;
    size_t at;
    const struct wt_message_body *body;
};

#endif
