/* Which message may come now, what it changes, and which keys start after it: the table of flow.def behind two cursors,
 * one per side. One table for all seats: an endpoint steps strictly, an observer leniently. */
#ifndef WT_FLOW_FLOW_H
#define WT_FLOW_FLOW_H

#include "codec/codec.h"
#include "registry/registry.h"

#include <stdbool.h>
#include <stddef.h>

/* WT_STATE_...: client's first, then the server's. */
enum wt_flow_state {
#define WT_FLOW_STATE(side, state, name) WT_STATE_##state,
#define WT_FLOW(...)
#include "flow/flow.def"
#undef WT_FLOW_STATE
#undef WT_FLOW
    WT_STATE_COUNT
};

/* Facts about a handshake. "Learnt" ones are what a message shows (wt_flow_facts()), the others are marks of rows. */
#define WT_FACT(n) ((uint64_t)1 << (n))
#define WT_FACT_TLS13 WT_FACT(0)          /* learnt: the ServerHello chooses TLS 1.3 */
#define WT_FACT_RESUMED WT_FACT(1)        /* learnt in TLS 1.3: a PSK was selected */
#define WT_FACT_RETRY WT_FACT(2)          /* there was a HelloRetryRequest */
#define WT_FACT_VERIFY_REQUEST WT_FACT(3) /* there was a HelloVerifyRequest */
#define WT_FACT_CERTIFICATE_REQUESTED WT_FACT(4)
#define WT_FACT_NEEDS_SERVER_KEYS WT_FACT(5) /* learnt: the family always has a ServerKeyExchange */
#define WT_FACT_STATUS_PROMISED WT_FACT(6)   /* learnt: ServerHello has status_request */
#define WT_FACT_TICKET_PROMISED WT_FACT(7)   /* learnt: ServerHello has session_ticket */
#define WT_FACT_EARLY_OFFERED WT_FACT(8)     /* learnt: ClientHello has early_data */
#define WT_FACT_EARLY_ACCEPTED WT_FACT(9)    /* learnt: EncryptedExtensions has it too, and no retry was */
#define WT_FACT_CLIENT_HELLO WT_FACT(10)
#define WT_FACT_SERVER_HELLO WT_FACT(11)
#define WT_FACT_SERVER_CERTIFICATE WT_FACT(12)
#define WT_FACT_SERVER_KEYS WT_FACT(13)
#define WT_FACT_SERVER_DONE WT_FACT(14)
#define WT_FACT_SERVER_CCS WT_FACT(15)
#define WT_FACT_SERVER_FINISHED WT_FACT(16)
#define WT_FACT_CLIENT_CERTIFICATE WT_FACT(17)
#define WT_FACT_CLIENT_KEYS WT_FACT(18)
#define WT_FACT_CLIENT_CCS WT_FACT(19)
#define WT_FACT_CLIENT_FINISHED WT_FACT(20)
#define WT_FACT_RENEGOTIATION WT_FACT(21)
#define WT_FACT_SETTINGS_PROMISED WT_FACT(22) /* learnt: the server's EncryptedExtensions has application_settings */
#define WT_FACT_HELLO_UNANSWERED WT_FACT(23)  /* a ClientHello has come, and no answer */
#define WT_FACT_TICKET_OFFERED WT_FACT(24)    /* learnt: ClientHello has a session ticket (RFC 5077) */
#define WT_FACT_MAY_RESUME WT_FACT(25)        /* learnt: the session that is offered may be resumed */
#define WT_FACT_MUST_RESUME WT_FACT(26)       /* learnt: the ServerHello says that it is */
#define WT_FACT_NEEDS_SERVER_CERTIFICATE WT_FACT(27) /* learnt: the key exchange has a server Certificate */
#define WT_FACT_NO_SERVER_CERTIFICATE WT_FACT(28)    /* learnt: it has none. Neither: not known */
#define WT_FACT_NO_SERVER_KEYS WT_FACT(29)           /* learnt: the family never has a ServerKeyExchange */
#define WT_FACT_NEEDS_CLIENT_VERIFY WT_FACT(30)      /* learnt: the client's Certificate can sign */
#define WT_FACT_NO_CLIENT_VERIFY WT_FACT(31)         /* learnt: it is empty. Neither: not known */
#define WT_FACT_CERTIFICATE_MAY_BE_OMITTED                                                                             \
    WT_FACT(32)                             /* learnt: before TLS 1.2 a requested Certificate may be left out */
#define WT_FACT_IMPLICIT_VERIFY WT_FACT(33) /* learnt: the client's certificate may take part in the key exchange */
#define WT_FACT_URL_AGREED WT_FACT(34)      /* learnt: ServerHello has client_certificate_url */
#define WT_FACT_CLIENT_MAY_SUPPLEMENT WT_FACT(35) /* learnt: SupplementalData was agreed on, and has not come */
#define WT_FACT_SERVER_MAY_SUPPLEMENT WT_FACT(36)
#define WT_FACT_NEXT_PROTOCOL_PROMISED WT_FACT(37) /* learnt: ServerHello has next_protocol_negotiation */
#define WT_FACT_CHANNEL_ID_PROMISED WT_FACT(38)    /* learnt: ServerHello has channel_id */
#define WT_FACT_CLIENT_INFLATES WT_FACT(39)        /* learnt: ClientHello has compress_certificate */
#define WT_FACT_SERVER_INFLATES WT_FACT(40)        /* learnt: CertificateRequest has it */
#define WT_FACT_POST_AUTH_OFFERED WT_FACT(41)      /* learnt: ClientHello has post_handshake_auth */
#define WT_FACT_POST_REQUEST WT_FACT(42)           /* a CertificateRequest after the handshake is open; counted */
#define WT_FACT_DTLS WT_FACT(43)                   /* learnt: ClientHello's version is DTLS's */
/* only ever marked by lenient rows */
#define WT_FACT_CLIENT_HIDDEN WT_FACT(44) /* after its handshake it sent a handshake record that nobody opened */
#define WT_FACT_SERVER_HIDDEN WT_FACT(45)
#define WT_FACT_CLIENT_AHEAD WT_FACT(46) /* it answered what the server has not been seen to ask */
#define WT_FACT_SERVER_AHEAD WT_FACT(47)
/* of who carries the handshake: set before the first message */
#define WT_FACT_QUIC WT_FACT(48)

/* Messages beside the handshake types (0 to 255). */
enum { WT_FLOW_CCS = 256, WT_FLOW_HIDDEN };

/* Which traffic keys are in force once the message of the row is over: that side's, for what it sends. */
enum wt_flow_keys {
    WT_KEYS_NONE,
    WT_KEYS_CLIENT_PENDING, /* up to TLS 1.2: the pending write state becomes the current one (RFC 5246, 7.1) */
    WT_KEYS_SERVER_PENDING,
    WT_KEYS_CLIENT_EARLY,     /* client_early_traffic_secret (RFC 8446, 7.1) */
    WT_KEYS_CLIENT_HANDSHAKE, /* client_handshake_traffic_secret, after early keys */
    WT_KEYS_SERVER_HANDSHAKE, /* server_handshake_traffic_secret; the client's early keys go on */
    WT_KEYS_BOTH_HANDSHAKE,   /* both sides' handshake_traffic_secret; the client's early keys, if any, were refused */
    WT_KEYS_CLIENT_APPLICATION,
    WT_KEYS_SERVER_APPLICATION,
    WT_KEYS_CLIENT_UPDATE, /* application_traffic_secret_N+1 (RFC 8446, 7.2) */
    WT_KEYS_SERVER_UPDATE,
};

struct wt_flow_row {
    uint8_t state, next, keys;
    bool lenient; /* only an observer takes it */
    uint16_t message;
    uint64_t need, forbid, other, marks, clears;
    const char *rfc;
};

/* Start with wt_flow_start(). 16 bytes. */
struct wt_flow {
    uint64_t facts;
    uint8_t state[2]; /* by side: enum wt_side of the public API, 0 client, 1 server */
    uint8_t requests; /* open requests after the handshake */
};

enum wt_flow_seat {
    WT_FLOW_STRICT,  /* an endpoint: what the RFCs forbid is refused, and changes nothing */
    WT_FLOW_LENIENT, /* an observer: goes on after a breach, and takes lenient rows */
};

enum wt_flow_verdict {
    WT_FLOW_EXPECTED,
    WT_FLOW_EARLY,      /* in its place for its own side, but before what the other side must have shown */
    WT_FLOW_UNEXPECTED, /* no row fits; a lenient cursor has moved to after the message where the table knows it */
};

void wt_flow_start(struct wt_flow *flow);

/* What a message shows that decides what may follow it, beside its type: from `side`, after all that `flow` has seen.
 * `session_id`: of the newest ClientHello, for a ServerHello. What cannot be known is left open, so that either may
 * follow. A message that did not decode gives what there is of it. */
uint64_t wt_flow_facts(const struct wt_flow *flow, unsigned side, const struct wt_message_body *message,
                       struct wt_span session_id);

/* Learns the message's facts and moves the cursor of `side` over it, in one go. Strict: anything but WT_FLOW_EXPECTED
 * leaves the flow as it was. *row (if not NULL) gets the row that fits, NULL when none. */
enum wt_flow_verdict wt_flow_step(struct wt_flow *flow, unsigned side, unsigned message, uint64_t facts,
                                  enum wt_flow_seat seat, const struct wt_flow_row **row);

static inline bool wt_flow_has(const struct wt_flow *flow, uint64_t facts)
{
    return (flow->facts & facts) == facts;
}

/* What the side may send now, in the table's order, each message once, into out (at most `size`); returns how many. For
 * sentences such as "expected certificate or server_key_exchange". */
size_t wt_flow_expected(const struct wt_flow *flow, unsigned side, uint16_t *out, size_t size);

bool wt_flow_is_expected(const struct wt_flow *flow, unsigned side, unsigned message);

/* Whether a side can go on with its handshake by itself: a message may come next that needs nothing more of the other
 * side. Where that is so of one side alone, it is its turn. */
bool wt_flow_can_go_on(const struct wt_flow *flow, unsigned side);

/* Asked before a step that comes to WT_FLOW_UNEXPECTED: the rows of the messages that would have had to come first, the
 * fewest there can be; 0 when the message has no place later in this handshake either. */
enum { WT_FLOW_SKIPPED_MOST = 6 };
size_t wt_flow_skipped(const struct wt_flow *flow, unsigned side, unsigned message, uint64_t facts,
                       const struct wt_flow_row *out[WT_FLOW_SKIPPED_MOST]);

/* The table itself, for tests and documentation. */
const struct wt_flow_row *wt_flow_rows(size_t *count);
const char *wt_flow_state_name(enum wt_flow_state state);
unsigned wt_flow_state_side(enum wt_flow_state state);

#endif
