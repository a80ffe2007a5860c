/* One TLS connection as the observer follows it: two record cursors, the flow, and the facts that the story tells. */
#ifndef WT_OBSERVER_TLS_H
#define WT_OBSERVER_TLS_H

#include "base/arena.h"
#include "carriage/framing.h"
#include "carriage/record.h"
#include "codec/codec.h"
#include "diagnosis/findings.h"
#include "flow/flow.h"
#include "handshake/handshake.h"
#include "observer/agreed.h"
#include "observer/facts.h"
#include "observer/fingerprint/fingerprint.h"
#include "observer/judge.h"
#include "observer/keys/proofs.h"
#include "observer/message/order.h"
#include "observer/outcome.h"
#include "observer/transport/conversations.h"
#include "wiretale/observer.h"

/* How sure we are that a direction's records pass under keys. */
enum wt_cover { WT_COVER_NONE, WT_COVER_MAYBE /* a CCS before the version was known */, WT_COVER_KEYS };

enum {
    WT_SIDE_STARTED = 1,    /* its first TLS byte has been found */
    WT_SIDE_HELLO = 2,      /* its hello was seen */
    WT_SIDE_HIDDEN_NOW = 4, /* the current handshake record is not to be read */
    WT_SIDE_ALERT_HALF = 8, /* one byte of an alert is held */
    WT_SIDE_FINISHED = 16,  /* its Finished passed (up to TLS 1.2: the handshake record behind its CCS) */
    WT_SIDE_NOT_TLS = 32,   /* it speaks something else */
    WT_SIDE_FATAL = 64,     /* it sent a fatal alert that could be read */
    WT_SIDE_CLOSE_NOTIFY = 128,
    WT_SIDE_OPENING = 256, /* the current record's body is gathered to be opened */
    WT_SIDE_WHOLE = 512,   /* the current record's body is gathered to be read or shown as it is */
    WT_SIDE_LAST_ALERT =
        2048, /* its last record is an alert that nobody could read, or of an alert's length (TLS 1.3) */
    WT_SIDE_UNREACHED = 4096,     /* what it sent from here on never reached the other side, which has left */
    WT_SIDE_AGAIN = 1024,         /* up to TLS 1.2: a handshake message behind the end of the handshake */
    WT_SIDE_ALIEN_NOW = 8192,     /* the rest of the current handshake record, in the clear, is no handshake message */
    WT_SIDE_MOST_IS_SIZE = 16384, /* `most` is a record_size_limit, else a max_fragment_length */
};

/* One side. A million connections are remembered: large members first, and no room between them. */
struct wt_tls_side {
    struct wt_data_count data;
    uint64_t missing;
    int64_t spoke_ns;              /* of the packet with its newest bytes */
    uint32_t spoke_acknowledgment; /* and what that acknowledges; 0: nothing, or it is not known */
    uint32_t hidden;        /* TLS 1.3: records of type application_data after ServerHello (client: early data not) */
    uint32_t hidden_frame;  /* of the newest of the hidden */
    uint32_t message_frame; /* of the newest handshake message that could be read */
    uint16_t flags;
    uint16_t most; /* plaintext bytes of its records that the peers agreed on; 0: no less than the protocol's */
    uint8_t cover;
    uint8_t alert_level;
    uint8_t mac;             /* a suite with NULL encryption: its records end with so many bytes of MAC */
    uint8_t head[3];         /* the first bytes of a record of no handshake messages that comes in pieces */
    uint8_t head_length : 2; /* of it */
    uint8_t has_message : 1;
    uint8_t message; /* the newest handshake message's type */
};

/* TLS 1.3 without keys: what of the client's stream a record of the server answers, by TCP's numbers (RFC
 * 9293, 3.10.7.4: an acknowledgment covers what its sender has received). The order of packets in a capture is that of
 * the place where it was made. */
struct wt_reach {
    uint32_t end[2];            /* by direction: the number after the record that is being read */
    uint32_t acknowledgment[2]; /* by side: of the packet with its newest hidden record; 0: not known */
    uint32_t finished;          /* after the record that can be the client's Finished */
    uint32_t goodbye;           /* after its first record of an alert's length since; with has_goodbye */
    uint32_t answer;            /* what the server's first record after the Finished acknowledges; 0: not known */
    uint32_t hello;             /* after the record with the server's first hello; with has_hello */
    int64_t hello_ns;
    bool has_goodbye, has_finished, has_hello;
};

/* What only lives while the handshake does. */
struct wt_tls_handshake {
    struct wt_handshake common;  /* as any seat has it; its messages are for proofs, and few when nobody will ask */
    struct wt_framing reader[2]; /* by direction, as the records that they read */
    bool keeps_transcript;
    uint64_t made[2];   /* hashes of the session id and the ticket that this handshake makes */
    uint16_t shares[6]; /* TLS 1.3: groups of the first ClientHello's key shares, as far as there is room */
    uint8_t share_count;
    uint16_t longest[2];   /* by side: bytes of the longest handshake record that was not encrypted */
    uint32_t flight_bytes; /* TLS 1.3: in the server's hidden records, without content types and tags */
    uint16_t flight[4];    /* likewise of each of the last of them, the newest first */
    struct wt_reach reach;
};

struct wt_journal;
struct wt_message_log; /* kept messages */
struct wt_quic;
struct wt_dtls;
struct wt_carrier; /* packets of another protocol around the TLS stream */

/* One per connection, of which a million are remembered: 600 bytes. */
struct wt_tls {
    struct wt_tls_side side[2];        /* by side: as far as it is known, else as it is guessed (wt_tls_take_role()) */
    struct wt_record_cursor cursor[2]; /* by direction of the transport, which they belong to */
    struct wt_flow flow;
    struct wt_arena arena;
    struct wt_tls_handshake *handshake; /* NULL once both sides have finished, or at the end */
    struct wt_keyring *keys;            /* NULL unless something can be opened */
    struct wt_message_log *log;         /* NULL unless messages are kept */
    struct wt_carrier *carrier;         /* NULL: TLS stands bare in TCP */
    struct wt_quic *quic;               /* NULL: it is not QUIC's */
    struct wt_dtls *dtls;               /* NULL: it is not DTLS */
    const char *starttls;
    uint64_t same;        /* hash of both randoms; 0: not known */
    struct wt_life *life; /* of its packets; NULL: nothing to tell */
    struct wt_transport_end end;
    struct wt_newest newest[2]; /* by direction of the transport */
    struct wt_journal *journal; /* NULL: nothing is remembered */
    struct wt_authentication authentication;
    struct wt_findings report;
    struct wt_tls_agreed agreed;
    struct wt_outcome outcome;
    struct wt_seen seen;
    struct wt_pace pace;
    uint32_t asked; /* secrets that the store held when it was last asked for this connection's */
    struct wt_presumed presumed;
    struct wt_tls_proof proofs[WT_PROOF_COUNT];
    uint8_t client; /* direction that the client sends in */
    bool client_known : 1, announced : 1, journaling : 1;
    bool uncompared : 1;   /* a limit keeps what was read from being compared with copies of it */
    bool unwanted : 1;     /* nobody asks for its story: see options.wanted */
    bool out_of_order : 1; /* messages were kept in another order than their packets' */
    struct wt_tls_fingerprints fingerprints;
};

struct wt_observer;

/* A connection was found: `offset_time` is the time of its first TLS byte. NULL without memory. */
struct wt_tls *wt_tls_new(struct wt_observer *o, struct wt_conversation *c);
void wt_tls_free(struct wt_tls *tls);
/* The handshake's own state, made anew when a renegotiation begins. NULL without memory. */
struct wt_tls_handshake *wt_tls_handshake(struct wt_observer *o, struct wt_tls *tls);
/* It is over, and all that only lived with it. */
void wt_tls_end_handshake(struct wt_tls *tls);

/* An alert, or what stands for one: kept, as far as there is room, and what it says of its sender. NULL: there is none.
 */
struct wt_list_alert;
struct wt_list_alert *wt_tls_alert(struct wt_tls *tls, const struct wt_alert_seen *alert);

/* Stream bytes of one direction, and holes in it. */
void wt_tls_data(struct wt_observer *o, struct wt_conversation *c, unsigned direction, struct wt_span bytes);
/* Nothing more comes: what is half there is told, the state is settled. */
void wt_tls_end(struct wt_observer *o, struct wt_conversation *c);

/* A transport has directions, TLS has sides: where one becomes the other. */
static inline unsigned wt_tls_side_of(const struct wt_tls *tls, unsigned direction)
{
    return direction == tls->client ? WT_CLIENT : WT_SERVER;
}

static inline unsigned wt_tls_direction_of(const struct wt_tls *tls, unsigned side)
{
    return side == WT_CLIENT ? tls->client : !tls->client;
}

/* The client is known now to send in that direction: when it was taken for the other one, all that was recorded of the
 * sides changes places. Does nothing once it is known. */
void wt_tls_take_role(struct wt_tls *tls, unsigned client);

/* The record of a side that is being read, or the newest. */
static inline const struct wt_record *wt_tls_record(const struct wt_tls *tls, unsigned side)
{
    return &tls->cursor[wt_tls_direction_of(tls, side)].record;
}

/* Records that have begun of a side. */
static inline uint32_t wt_tls_record_count(const struct wt_tls *tls, unsigned side)
{
    return wt_tls_record(tls, side)->number;
}

/* A side as a finding's text begins with it or has it within; to be translated where it is told. */
const char *wt_tls_sender(unsigned side);
const char *wt_tls_sender_within(unsigned side);

static inline bool wt_tls_is_13(const struct wt_tls *tls)
{
    return wt_version_is_tls13(tls->agreed.version);
}

#endif
