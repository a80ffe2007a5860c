#include "flow/flow.h"

enum { CLIENT, SERVER };

/* The .def speaks of handshake types, facts and states by their short names. */
enum {
    CLIENT_HELLO = WT_FACT_CLIENT_HELLO,
    SERVER_HELLO = WT_FACT_SERVER_HELLO,
    TLS13 = WT_FACT_TLS13,
    RESUMED = WT_FACT_RESUMED,
    RETRY = WT_FACT_RETRY,
    VERIFY_REQUEST = WT_FACT_VERIFY_REQUEST,
    CERTIFICATE_REQUESTED = WT_FACT_CERTIFICATE_REQUESTED,
    NEEDS_SERVER_KEYS = WT_FACT_NEEDS_SERVER_KEYS,
    STATUS_PROMISED = WT_FACT_STATUS_PROMISED,
    TICKET_PROMISED = WT_FACT_TICKET_PROMISED,
    EARLY_OFFERED = WT_FACT_EARLY_OFFERED,
    EARLY_ACCEPTED = WT_FACT_EARLY_ACCEPTED,
    SERVER_CERTIFICATE = WT_FACT_SERVER_CERTIFICATE,
    SERVER_KEYS = WT_FACT_SERVER_KEYS,
    SERVER_DONE = WT_FACT_SERVER_DONE,
    SERVER_CCS = WT_FACT_SERVER_CCS,
    SERVER_FINISHED = WT_FACT_SERVER_FINISHED,
    CLIENT_CERTIFICATE = WT_FACT_CLIENT_CERTIFICATE,
    CLIENT_KEYS = WT_FACT_CLIENT_KEYS,
    CLIENT_CCS = WT_FACT_CLIENT_CCS,
    CLIENT_FINISHED = WT_FACT_CLIENT_FINISHED,
    RENEGOTIATION = WT_FACT_RENEGOTIATION,
    SETTINGS_PROMISED = WT_FACT_SETTINGS_PROMISED,
};

/* So that a row's message may be a handshake type or one of ours. */
enum {
    WT_HANDSHAKE_WT_FLOW_CCS = WT_FLOW_CCS,
    WT_HANDSHAKE_WT_FLOW_HIDDEN = WT_FLOW_HIDDEN,
};

static const struct wt_flow_row rows[] = {
#define WT_FLOW(side_, state_, message_, need_, forbid_, other_, next_, marks_, rfc_)                                  \
    {.side = side_,                                                                                                    \
     .state = WT_STATE_##state_,                                                                                       \
     .next = WT_STATE_##next_,                                                                                         \
     .message = WT_HANDSHAKE_##message_,                                                                               \
     .need = need_,                                                                                                    \
     .forbid = forbid_,                                                                                                \
     .other = other_,                                                                                                  \
     .marks = marks_,                                                                                                  \
     .rfc = rfc_},
#include "flow/flow.def"
#undef WT_FLOW
};

static const char *const state_names[] = {
    "client_hello",
    "client_flight",
    "client_key_exchange",
    "client_certificate_verify",
    "client_change_cipher_spec",
    "client_finished",
    "client_done",
    "client13_flight",
    "client13_certificate_verify",
    "client13_finished",
    "client13_done",
    "server_hello",
    "server_flight",
    "server_certificate_status",
    "server_key_exchange",
    "server_certificate_request",
    "server_hello_done",
    "server_new_session_ticket",
    "server_change_cipher_spec",
    "server_finished",
    "server_done",
    "server13_encrypted_extensions",
    "server13_certificate_request",
    "server13_certificate",
    "server13_certificate_verify",
    "server13_finished",
    "server13_done",
};

const char *wt_flow_state_name(enum wt_flow_state state)
{
    return (unsigned)state < sizeof state_names / sizeof *state_names ? state_names[state] : "unknown";
}

const struct wt_flow_row *wt_flow_rows(size_t *count)
{
    *count = sizeof rows / sizeof *rows;
    return rows;
}

void wt_flow_start(struct wt_flow *flow)
{
    *flow = (struct wt_flow){.state = {WT_STATE_C_HELLO, WT_STATE_S_HELLO}};
}

static bool fits(const struct wt_flow_row *row, const struct wt_flow *flow, unsigned side)
{
    return row->side == side && (flow->facts & row->need) == row->need && !(flow->facts & row->forbid);
}

/* The row for a message in the cursor's state; else, to go on behind an unexpected one, the first row for it in any
 * state. */
static const struct wt_flow_row *find(const struct wt_flow *flow, unsigned side, unsigned message, bool any_state)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].message == message && fits(&rows[i], flow, side) &&
            (any_state || rows[i].state == flow->state[side]))
            return &rows[i];
    return NULL;
}

/* What a step leaves behind that is more than its marks. */
static void settle(struct wt_flow *flow, const struct wt_flow_row *row)
{
    const uint32_t handshake = CERTIFICATE_REQUESTED | SERVER_CERTIFICATE | SERVER_KEYS | SERVER_DONE | SERVER_CCS |
                               SERVER_FINISHED | CLIENT_CERTIFICATE | CLIENT_KEYS | CLIENT_CCS | CLIENT_FINISHED |
                               RESUMED | STATUS_PROMISED | TICKET_PROMISED | NEEDS_SERVER_KEYS;
    /* A renegotiation starts a handshake of its own (RFC 5246, 7.4.1.2); its other side follows from here. */
    if (row->marks & RENEGOTIATION && row->side == CLIENT)
        flow->facts &= ~handshake;
    if (row->marks & SERVER_KEYS)
        flow->facts &= ~(uint32_t)NEEDS_SERVER_KEYS;
    flow->facts |= row->marks;
    flow->state[row->side] = row->next;
}

enum wt_flow_verdict wt_flow_step(struct wt_flow *flow, unsigned side, unsigned message,
                                  const struct wt_flow_row **taken)
{
    enum wt_flow_verdict verdict = WT_FLOW_EXPECTED;
    const struct wt_flow_row *row = find(flow, side, message, false);
    if (!row) {
        verdict = WT_FLOW_UNEXPECTED;
        row = find(flow, side, message, true);
    } else if ((flow->facts & row->other) != row->other) {
        verdict = WT_FLOW_EARLY;
    }
    if (taken)
        *taken = row;
    if (row)
        settle(flow, row);
    return verdict;
}

size_t wt_flow_expected(const struct wt_flow *flow, unsigned side, uint16_t *out, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].state == flow->state[side] && fits(&rows[i], flow, side) && n < size)
            out[n++] = rows[i].message;
    return n;
}
