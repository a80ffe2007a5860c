/* Which message may come now, and what it changes: the table of flow.def behind two cursors, one per side. */
#ifndef WT_FLOW_FLOW_H
#define WT_FLOW_FLOW_H

#include "registry/registry.h"

#include <stdbool.h>
#include <stddef.h>

enum wt_flow_state {
    WT_STATE_C_HELLO,
    WT_STATE_C_FLIGHT,
    WT_STATE_C_KEY_EXCHANGE,
    WT_STATE_C_VERIFY,
    WT_STATE_C_CCS,
    WT_STATE_C_FINISHED,
    WT_STATE_C_DONE,
    WT_STATE_C13_FLIGHT,
    WT_STATE_C13_VERIFY,
    WT_STATE_C13_FINISHED,
    WT_STATE_C13_DONE,
    WT_STATE_S_HELLO,
    WT_STATE_S_FLIGHT,
    WT_STATE_S_STATUS,
    WT_STATE_S_KEY_EXCHANGE,
    WT_STATE_S_REQUEST,
    WT_STATE_S_HELLO_DONE,
    WT_STATE_S_TICKET,
    WT_STATE_S_CCS,
    WT_STATE_S_FINISHED,
    WT_STATE_S_DONE,
    WT_STATE_S13_EXTENSIONS,
    WT_STATE_S13_REQUEST,
    WT_STATE_S13_CERTIFICATE,
    WT_STATE_S13_VERIFY,
    WT_STATE_S13_FINISHED,
    WT_STATE_S13_DONE,
};

/* Facts about a handshake; most are marks of rows, some are learnt from the hellos (wt_flow_learn). */
enum {
    WT_FACT_TLS13 = 1 << 0,
    WT_FACT_RESUMED = 1 << 1,
    WT_FACT_RETRY = 1 << 2,
    WT_FACT_VERIFY_REQUEST = 1 << 3,
    WT_FACT_CERTIFICATE_REQUESTED = 1 << 4,
    WT_FACT_NEEDS_SERVER_KEYS = 1 << 5, /* the family always sends a ServerKeyExchange, and it has not come */
    WT_FACT_STATUS_PROMISED = 1 << 6,   /* ServerHello carries status_request */
    WT_FACT_TICKET_PROMISED = 1 << 7,   /* ServerHello carries session_ticket */
    WT_FACT_EARLY_OFFERED = 1 << 8,
    WT_FACT_EARLY_ACCEPTED = 1 << 9,
    WT_FACT_CLIENT_HELLO = 1 << 10,
    WT_FACT_SERVER_HELLO = 1 << 11,
    WT_FACT_SERVER_CERTIFICATE = 1 << 12,
    WT_FACT_SERVER_KEYS = 1 << 13,
    WT_FACT_SERVER_DONE = 1 << 14,
    WT_FACT_SERVER_CCS = 1 << 15,
    WT_FACT_SERVER_FINISHED = 1 << 16,
    WT_FACT_CLIENT_CERTIFICATE = 1 << 17,
    WT_FACT_CLIENT_KEYS = 1 << 18,
    WT_FACT_CLIENT_CCS = 1 << 19,
    WT_FACT_CLIENT_FINISHED = 1 << 20,
    WT_FACT_RENEGOTIATION = 1 << 21,
    WT_FACT_SETTINGS_PROMISED = 1 << 22, /* the server's EncryptedExtensions carries application_settings */
};

/* Messages beside the handshake types (0 to 255). */
enum { WT_FLOW_CCS = 256, WT_FLOW_HIDDEN };

struct wt_flow_row {
    uint8_t side, state, next;
    uint16_t message;
    uint32_t need, forbid, other, marks;
    const char *rfc;
};

/* Start with wt_flow_start(). 12 bytes. */
struct wt_flow {
    uint32_t facts;
    uint8_t state[2]; /* by side: enum wt_side of the public API, 0 client, 1 server */
};

enum wt_flow_verdict {
    WT_FLOW_EXPECTED,
    WT_FLOW_EARLY,      /* in its place for its own side, but before what the other side must have shown */
    WT_FLOW_UNEXPECTED, /* no row fits; the cursor has moved to behind the message where the table knows it */
};

void wt_flow_start(struct wt_flow *flow);
/* Moves the cursor of `side` over the message. *row (if not NULL) gets the row taken, NULL when none. */
enum wt_flow_verdict wt_flow_step(struct wt_flow *flow, unsigned side, unsigned message,
                                  const struct wt_flow_row **row);
/* Adds facts learnt from a hello. */
static inline void wt_flow_learn(struct wt_flow *flow, uint32_t facts)
{
    flow->facts |= facts;
}

static inline bool wt_flow_has(const struct wt_flow *flow, uint32_t facts)
{
    return (flow->facts & facts) == facts;
}

/* What the side may send now, in the table's order, into out (at most `size`); returns how many. For sentences such as
 * "expected certificate or server_key_exchange". */
size_t wt_flow_expected(const struct wt_flow *flow, unsigned side, uint16_t *out, size_t size);

/* The table itself, for tests and documentation. */
const struct wt_flow_row *wt_flow_rows(size_t *count);
const char *wt_flow_state_name(enum wt_flow_state state);

#endif
