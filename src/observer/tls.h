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
#include "observer/conversations.h"
#include "observer/judge.h"
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
    WT_SIDE_UNREACHED = 4096, /* what it sent from here on never reached the other side, which has left */
    WT_SIDE_AGAIN = 1024,     /* up to TLS 1.2: a handshake message behind the end of the handshake */
};

/* What was noted on the way for the findings: `noted`. */
enum {
    WT_NOTED_SNI = 1, /* the ClientHello has a server_name */
    WT_NOTED_ECH = 2, /* and encrypted_client_hello */
    WT_NOTED_EXTENDED_MASTER_OFFERED = 4,
    WT_NOTED_EXTENDED_MASTER = 8, /* both hellos have it */
    WT_NOTED_SECURE_RENEGOTIATION_OFFERED = 16,
    WT_NOTED_SECURE_RENEGOTIATION = 32,
    WT_NOTED_COMPRESSION = 64,
    WT_NOTED_PSK_ALONE = 128,   /* TLS 1.3: no key share in the ServerHello */
    WT_NOTED_CLIENT_SHA1 = 256, /* the client's proof is signed over MD5 or SHA-1 */
    WT_NOTED_HELLO_REQUEST = 512,
    WT_NOTED_CLIENT_RENEGOTIATION = 1024,
    WT_NOTED_CUT = 2048,        /* the client closed before any close_notify; and shifted by one: the server */
    WT_NOTED_CUT_RESET = 8192,  /* by a RST */
    WT_NOTED_DIALOGUE = 32768,  /* something was said before TLS */
    WT_NOTED_NEVER_TLS = 16384, /* one side was no TLS peer at all: the connection failed */
};

/* One side. A million connections are remembered: large members first, and no room between them. */
struct wt_tls_side {
    struct wt_data_count data;
    uint64_t missing;
    uint32_t hidden;        /* TLS 1.3: records of type application_data after ServerHello (client: early data not) */
    uint32_t hidden_frame;  /* of the newest of the hidden */
    uint32_t message_frame; /* of the newest handshake message that could be read */
    uint16_t flags;
    uint8_t cover;
    uint8_t alert_level;
    uint8_t mac;             /* a suite with NULL encryption: its records end with so many bytes of MAC */
    uint8_t head[3];         /* the first bytes of an alert or heartbeat record that comes in pieces */
    uint8_t head_length : 2; /* of it */
    uint8_t has_message : 1;
    uint8_t message; /* the newest handshake message's type */
};

/* What only lives while the handshake does. */
struct wt_tls_handshake {
    struct wt_handshake common;  /* as any seat has it; its messages are for proofs, and few when nobody will ask */
    struct wt_framing reader[2]; /* by direction, as the records that they read */
    bool keeps_transcript;
    uint64_t made[2];   /* hashes of the session id and the ticket that this handshake makes */
    uint16_t shares[6]; /* TLS 1.3: groups of the first ClientHello's key shares, as far as there is room */
    uint8_t share_count;
    uint32_t flight_bytes; /* TLS 1.3: in the server's hidden records, without content types and tags */
};

/* Why a proof is bad or cannot be judged: proofs.c says it in words. */
struct wt_tls_proof {
    uint32_t frame;
    uint8_t result, reason;
} __attribute__((packed, aligned(2))); /* seven in each connection: six bytes, not eight */

struct wt_list_alert {
    struct wt_list_alert *next;
    struct wt_alert_seen alert;
};

struct wt_list_finding {
    struct wt_list_finding *next;
    uint8_t row; /* enum wt_finding_id */
    uint32_t frame;
    uint64_t number[2];
    const char *text;       /* static, or in the arena */
    uint8_t fault, noticed; /* enum wt_fault, enum wt_noticed */
    bool probable;
    bool told;     /* the text is the whole sentence */
    uint8_t grade; /* enum wt_severity + 1 when it is another than the row's; 0: the row's */
};

struct wt_message_log; /* kept messages */
struct wt_carrier;     /* packets of another protocol around the TLS stream */

struct wt_tls {
    struct wt_tls_side side[2];        /* by side: as far as it is known, else as it is guessed (wt_tls_take_role()) */
    struct wt_record_cursor cursor[2]; /* by direction of the transport, which they belong to */
    struct wt_flow flow;
    struct wt_arena arena;
    struct wt_tls_handshake *handshake; /* NULL once both sides have finished, or at the end */
    struct wt_keyring *keys;            /* NULL unless something can be opened */
    struct wt_message_log *log;         /* NULL unless messages are kept */
    struct wt_carrier *carrier;         /* NULL: TLS stands bare in TCP */
    const char *starttls;
    int64_t start_ns, ready_ns;
    struct wt_transport_end end;
    struct wt_span sni, alpn;
    const struct wt_certificate_facts **certificates[2]; /* by enum wt_side */
    struct wt_tls_chain server_chain;                    /* how they were judged: see wt_tls_chain() */
    struct wt_tls_chain *client_chain;                   /* NULL: no certificate of the client */
    struct wt_list_alert *alerts;
    struct wt_list_finding *findings;
    const struct wt_list_finding *cause; /* the root cause of a failure, when it is known */
    uint16_t alert_count, finding_count;
    uint16_t certificate_count[2];
    struct wt_tls_proof proofs[WT_PROOF_COUNT];
    uint32_t resumed_from;
    uint32_t asked;          /* secrets that the store held when it was last asked for this connection's */
    uint64_t presumed;       /* the fact that says what has not been seen; 0: none */
    uint32_t presumed_frame; /* of the message that presumes it */
    uint32_t noted;          /* WT_NOTED_... */
    uint32_t hello_frame[2]; /* packets of the hellos, by side */
    uint32_t key_frame;      /* of ServerKeyExchange */
    uint32_t proof_frame;    /* of the client's CertificateVerify */
    uint32_t renegotiation_frame, early_frame; /* early_frame: the last packet of early data that was read */
    uint32_t pause_us, pause_frame;            /* the longest wait in the handshake, and the packet that ended it */
    uint16_t version, offered, suite, suites_offered, group, scheme;
    uint16_t dh_bits;      /* of the prime in ServerKeyExchange */
    uint16_t heartbeat[2]; /* by side: payload bytes that its newest request really has, plus one */
    uint8_t client;        /* direction that the client sends in */
    uint8_t protocol, state, resumption, early_data, renegotiations;
    uint8_t kx, server_certificate_type, client_certificate_type;
    uint8_t tag;             /* TLS 1.3: what its records are longer by: 16, or 8 with CCM_8 */
    uint8_t finished_length; /* TLS 1.3: bytes of a record with an unpadded Finished in it */
    uint8_t after;           /* TLS 1.3: WT_AFTER_... */
    uint8_t presumed_type;   /* the message that has not been seen to be asked for */
    uint8_t pause_from;      /* side that sent the packet that ended the longest wait */
    uint8_t compression;
    uint8_t last_from; /* side that sent the newest stream bytes */
    bool client_known : 1, has_suite : 1, has_resumed_from : 1, retried : 1, announced : 1;
    bool asked_status : 1; /* the client wants an OCSP answer stapled */
    bool out_of_order : 1; /* messages were kept in another order than their packets' */
    uint8_t ja3[16], ja3s[16];
    bool has_ja3, has_ja3s;
    char ja4[37];
};

/* What followed the record that can be the client's Finished of TLS 1.3. */
enum {
    WT_AFTER_SERVER_DATA = 1,
    WT_AFTER_SERVER_ALERT = 2,
    WT_AFTER_CLIENT_DATA = 4,
    WT_AFTER_CLIENT_ALERT = 8,   /* before any of the server's */
    WT_AFTER_SERVER_PADDED = 16, /* its first record is as long as an alert that was padded */
    WT_AFTER_CLIENT_PADDED = 32, /* so is its last one */
};

struct wt_observer;

/* A connection was found: `offset_time` is the time of its first TLS byte. NULL without memory. */
struct wt_tls *wt_tls_new(struct wt_observer *o, struct wt_conversation *c);
void wt_tls_free(struct wt_tls *tls);
/* The handshake's own state, made anew when a renegotiation begins. NULL without memory. */
struct wt_tls_handshake *wt_tls_handshake(struct wt_observer *o, struct wt_tls *tls);

/* Stream bytes of one direction, and holes in it. */
void wt_tls_data(struct wt_observer *o, struct wt_conversation *c, unsigned direction, struct wt_span bytes);
/* The same behind a carrier's packets: bytes of the TLS stream itself. */
void wt_tls_records(struct wt_observer *o, struct wt_conversation *c, unsigned direction, struct wt_span bytes);
void wt_tls_gap(struct wt_observer *o, struct wt_conversation *c, unsigned direction, uint64_t n);
/* Nothing more comes: what is half there is told, the state is settled. */
void wt_tls_end(struct wt_observer *o, struct wt_conversation *c);

/* message.c: a ClientHello in SSL 2.0's form begins a handshake, with its challenge as 32 bytes. tls->handshake is
 * there. */
void wt_tls_ssl2_hello(struct wt_observer *o, struct wt_tls *tls, const struct wt_ssl2_client_hello *hello);
/* One whole handshake message; `flags`: WT_MESSAGE_... that its record gives it. */
void wt_tls_message(struct wt_observer *o, struct wt_conversation *c, unsigned side, uint8_t type, struct wt_span body,
                    uint32_t length, const struct wt_message_place *place, unsigned flags);
/* order.c: a message takes its row in the flow; what breaks the order is a finding. `message`: its handshake type,
 * HelloRetryRequest's for a ServerHello that is one, or WT_FLOW_CCS; `facts`: wt_flow_facts(). False when it is certain
 * that it has no place there. */
bool wt_order_step(struct wt_observer *o, struct wt_conversation *c, unsigned side, unsigned message, uint64_t facts);
/* Nothing more comes: what was presumed and never shown. */
void wt_order_end(struct wt_conversation *c);
/* A session is resumed (the server's CCS, or TLS 1.3's selected PSK, proved it). */
void wt_tls_resumed(struct wt_observer *o, struct wt_conversation *c);
/* A certificate of a side's chain, in order; facts are shared by all connections of a run. */
void wt_tls_add_certificate(struct wt_observer *o, struct wt_conversation *c, unsigned side, struct wt_span der);
/* ssl2.c: records of SSL 2.0, within those of a connection that opens with its hello. */
bool wt_ssl2_begin(struct wt_observer *o, struct wt_conversation *c, unsigned direction);
void wt_ssl2_body(struct wt_observer *o, struct wt_conversation *c, unsigned direction, struct wt_span piece);
void wt_ssl2_end(struct wt_observer *o, struct wt_conversation *c, unsigned direction, const struct wt_record *record);
/* carrier.c: when the hello at `hello` of the stream lies in such a packet, where that packet begins; else SIZE_MAX. */
size_t wt_carrier_begin(struct wt_tls *tls, struct wt_span stream, size_t hello);
void wt_carrier_data(struct wt_observer *o, struct wt_conversation *c, unsigned direction, struct wt_span bytes);
void wt_carrier_free(struct wt_carrier *carrier);
/* outcome.c */
/* TLS 1.3: a record under keys was opened: what was inside. */
void wt_tls_opened_record(struct wt_observer *o, struct wt_conversation *c, unsigned side, uint8_t type,
                          struct wt_span text);
void wt_tls_hidden_record(struct wt_observer *o, struct wt_conversation *c, unsigned side, uint32_t length);
/* A Finished has passed: notes when the second one did. */
void wt_tls_finished(struct wt_observer *o, struct wt_conversation *c);
void wt_tls_settle(const struct wt_observer *o, struct wt_conversation *c);
/* TLS 1.3: what the server was seen to say is less than any flight that ends in a Finished. */
bool wt_tls_flight_is_short(const struct wt_tls *tls);
/* Both ends were seen to open the connection, no byte is missing, and it stands still amid the handshake for
 * WT_LIMIT_STALL_NS or more while the capture goes on. */
bool wt_tls_is_stalled(const struct wt_observer *o, const struct wt_conversation *c);
bool wt_tls_is_established(const struct wt_tls *tls);

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

/* judge.c: a side's chain; all zero when the client sent none. */
const struct wt_tls_chain *wt_tls_chain(const struct wt_tls *tls, unsigned side);

static inline bool wt_tls_is_13(const struct wt_tls *tls)
{
    return wt_version_is_tls13(tls->version);
}

/* log.c: kept messages. The returned message is the log's own, for its maker to fill further; NULL when not kept. */
struct wt_message *wt_log_add(struct wt_observer *o, struct wt_conversation *c, struct wt_message message,
                              struct wt_span body);
const struct wt_message *wt_log_messages(const struct wt_message_log *log, size_t *count, size_t *dropped);
struct wt_message_log *wt_log_new(void);
void wt_log_free(struct wt_message_log *log);
/* Raw fingerprint strings, kept with the messages. */
void wt_log_strings(struct wt_message_log *log, const char *ja3, const char *ja3s, const char *ja4);
void wt_log_get_strings(const struct wt_message_log *log, const char **ja3, const char **ja3s, const char **ja4);
/* Before the story is told: in the order of their packets. */
void wt_log_sort(struct wt_message_log *log);
/* The sides change places. */
void wt_log_turn(struct wt_message_log *log);

/* story.c: fills the public view; it holds until the next call. */
void wt_story_fill(struct wt_observer *o, struct wt_conversation *c, struct wt_connection *out);
void wt_story_clear(struct wt_observer *o);

#endif
