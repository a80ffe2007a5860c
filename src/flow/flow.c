#include "flow/flow.h"

enum { CLIENT, SERVER };

/* The .def names facts and handshake types by their short names. */
#define TLS13 WT_FACT_TLS13
#define RESUMED WT_FACT_RESUMED
#define RETRY WT_FACT_RETRY
#define VERIFY_REQUEST WT_FACT_VERIFY_REQUEST
#define CERTIFICATE_REQUESTED WT_FACT_CERTIFICATE_REQUESTED
#define NEEDS_SERVER_KEYS WT_FACT_NEEDS_SERVER_KEYS
#define STATUS_PROMISED WT_FACT_STATUS_PROMISED
#define TICKET_PROMISED WT_FACT_TICKET_PROMISED
#define EARLY_OFFERED WT_FACT_EARLY_OFFERED
#define EARLY_ACCEPTED WT_FACT_EARLY_ACCEPTED
#define CLIENT_HELLO WT_FACT_CLIENT_HELLO
#define SERVER_HELLO WT_FACT_SERVER_HELLO
#define SERVER_CERTIFICATE WT_FACT_SERVER_CERTIFICATE
#define SERVER_KEYS WT_FACT_SERVER_KEYS
#define SERVER_DONE WT_FACT_SERVER_DONE
#define SERVER_CCS WT_FACT_SERVER_CCS
#define SERVER_FINISHED WT_FACT_SERVER_FINISHED
#define CLIENT_CERTIFICATE WT_FACT_CLIENT_CERTIFICATE
#define CLIENT_KEYS WT_FACT_CLIENT_KEYS
#define CLIENT_CCS WT_FACT_CLIENT_CCS
#define CLIENT_FINISHED WT_FACT_CLIENT_FINISHED
#define RENEGOTIATION WT_FACT_RENEGOTIATION
#define SETTINGS_PROMISED WT_FACT_SETTINGS_PROMISED
#define HELLO_UNANSWERED WT_FACT_HELLO_UNANSWERED
#define TICKET_OFFERED WT_FACT_TICKET_OFFERED
#define MAY_RESUME WT_FACT_MAY_RESUME
#define MUST_RESUME WT_FACT_MUST_RESUME
#define NEEDS_SERVER_CERTIFICATE WT_FACT_NEEDS_SERVER_CERTIFICATE
#define NO_SERVER_CERTIFICATE WT_FACT_NO_SERVER_CERTIFICATE
#define NO_SERVER_KEYS WT_FACT_NO_SERVER_KEYS
#define NEEDS_CLIENT_VERIFY WT_FACT_NEEDS_CLIENT_VERIFY
#define NO_CLIENT_VERIFY WT_FACT_NO_CLIENT_VERIFY
#define CERTIFICATE_MAY_BE_OMITTED WT_FACT_CERTIFICATE_MAY_BE_OMITTED
#define URL_AGREED WT_FACT_URL_AGREED
#define CLIENT_MAY_SUPPLEMENT WT_FACT_CLIENT_MAY_SUPPLEMENT
#define SERVER_MAY_SUPPLEMENT WT_FACT_SERVER_MAY_SUPPLEMENT
#define NEXT_PROTOCOL_PROMISED WT_FACT_NEXT_PROTOCOL_PROMISED
#define CHANNEL_ID_PROMISED WT_FACT_CHANNEL_ID_PROMISED
#define CLIENT_INFLATES WT_FACT_CLIENT_INFLATES
#define SERVER_INFLATES WT_FACT_SERVER_INFLATES
#define POST_AUTH_OFFERED WT_FACT_POST_AUTH_OFFERED
#define POST_REQUEST WT_FACT_POST_REQUEST
#define DTLS WT_FACT_DTLS
#define QUIC WT_FACT_QUIC
#define CLIENT_HIDDEN WT_FACT_CLIENT_HIDDEN
#define SERVER_HIDDEN WT_FACT_SERVER_HIDDEN
#define CLIENT_AHEAD WT_FACT_CLIENT_AHEAD
#define SERVER_AHEAD WT_FACT_SERVER_AHEAD
#define OF_A_CLIENT_CERTIFICATE (NEEDS_CLIENT_VERIFY | NO_CLIENT_VERIFY)
/* What a renegotiation begins without (RFC 5246, 7.4.1.2): all but that there were hellos, and the transport. */
#define OF_A_HANDSHAKE (~(CLIENT_HELLO | SERVER_HELLO | RENEGOTIATION | DTLS | QUIC | TLS13))

enum { ANY, LENIENT };

/* So that a row's message may be a handshake type or one of ours. */
enum {
    WT_HANDSHAKE_WT_FLOW_CCS = WT_FLOW_CCS,
    WT_HANDSHAKE_WT_FLOW_HIDDEN = WT_FLOW_HIDDEN,
};

static const struct wt_flow_row rows[] = {
#define WT_FLOW_STATE(side, state, name)
#define WT_FLOW(state_, message_, need_, forbid_, other_, next_, marks_, clears_, keys_, seat_, rfc_)                  \
    {.state = WT_STATE_##state_,                                                                                       \
     .next = WT_STATE_##next_,                                                                                         \
     .message = WT_HANDSHAKE_##message_,                                                                               \
     .need = need_,                                                                                                    \
     .forbid = forbid_,                                                                                                \
     .other = other_,                                                                                                  \
     .marks = marks_,                                                                                                  \
     .clears = clears_,                                                                                                \
     .keys = WT_KEYS_##keys_,                                                                                          \
     .lenient = seat_ == LENIENT,                                                                                      \
     .rfc = rfc_},
#include "flow/flow.def"
#undef WT_FLOW_STATE
#undef WT_FLOW
};

/* AT_state: the index of its first row. Each row is on a line of its own. */
#define WT_JOIN2(a, b) a##b
#define WT_JOIN(a, b) WT_JOIN2(a, b)
enum {
#define WT_FLOW_STATE(side, state, name) AT_##state, BEFORE_##state = AT_##state - 1,
#define WT_FLOW(...) WT_JOIN(ROW_, __LINE__),
#include "flow/flow.def"
#undef WT_FLOW_STATE
#undef WT_FLOW
    ROWS
};

static const struct {
    uint8_t side;
    uint16_t first;
    const char *name;
} states[WT_STATE_COUNT + 1] = {
#define WT_FLOW_STATE(side_, state, name_) {.side = side_, .first = AT_##state, .name = name_},
#define WT_FLOW(...)
#include "flow/flow.def"
#undef WT_FLOW_STATE
#undef WT_FLOW
    {.first = ROWS},
};

const char *wt_flow_state_name(enum wt_flow_state state)
{
    return (unsigned)state < WT_STATE_COUNT ? states[state].name : "unknown";
}

unsigned wt_flow_state_side(enum wt_flow_state state)
{
    return states[state].side;
}

const struct wt_flow_row *wt_flow_rows(size_t *count)
{
    *count = ROWS;
    return rows;
}

void wt_flow_start(struct wt_flow *flow)
{
    *flow = (struct wt_flow){.state = {WT_STATE_C_HELLO, WT_STATE_S_HELLO}};
}

static bool fits(const struct wt_flow_row *row, uint64_t facts)
{
    return (facts & row->need) == row->need && !(facts & row->forbid);
}

/* How much of a row has to be so. */
enum strength {
    STRICTLY,  /* a row of all seats, and its facts */
    LENIENTLY, /* a lenient one, and its facts */
    ANYHOW,    /* a row of all seats, whatever the facts; but one of TLS 1.3 is none of TLS 1.2 */
};

static bool is(const struct wt_flow_row *row, unsigned message, uint64_t facts, enum strength strength)
{
    if (row->message != message || row->lenient != (strength == LENIENTLY))
        return false;
    if (strength == ANYHOW)
        return !(row->need & ~facts & TLS13) && !(row->forbid & facts & TLS13);
    return fits(row, facts);
}

static const struct wt_flow_row *find(unsigned first, unsigned end, unsigned message, uint64_t facts,
                                      enum strength strength)
{
    for (unsigned i = first; i < end; i++)
        if (is(&rows[i], message, facts, strength))
            return &rows[i];
    return NULL;
}

static const struct wt_flow_row *find_in(unsigned state, unsigned message, uint64_t facts, enum strength strength)
{
    return find(states[state].first, states[state + 1].first, message, facts, strength);
}

/* After an unexpected message the observer goes on where the table knows it in this version, so that one fault is
 * reported once: where the facts allow for it elsewhere; else as if they did. */
static const struct wt_flow_row *recover(unsigned side, unsigned state, unsigned message, uint64_t facts)
{
    static const uint16_t ranges[][3] = {
        [CLIENT] = {AT_C_HELLO, AT_C13_FLIGHT, AT_S_HELLO}, [SERVER] = {AT_S_HELLO, AT_S13_EXTENSIONS, ROWS}};
    const uint16_t *range = &ranges[side][facts & TLS13 ? 1 : 0];
    const struct wt_flow_row *row = find(range[0], range[1], message, facts, STRICTLY);
    if (!row)
        row = find_in(state, message, facts, ANYHOW);
    return row ? row : find(range[0], range[1], message, facts, ANYHOW);
}

static void settle(struct wt_flow *flow, const struct wt_flow_row *row, uint64_t learnt)
{
    uint64_t clears = row->clears;
    if (row->marks & POST_REQUEST && flow->requests < UINT8_MAX)
        flow->requests++;
    if (clears & POST_REQUEST && flow->requests && --flow->requests)
        clears &= ~POST_REQUEST;
    flow->facts = (flow->facts & ~clears) | learnt | row->marks;
    flow->state[states[row->state].side] = row->next;
}

enum wt_flow_verdict wt_flow_step(struct wt_flow *flow, unsigned side, unsigned message, uint64_t facts,
                                  enum wt_flow_seat seat, const struct wt_flow_row **taken)
{
    enum wt_flow_verdict verdict = WT_FLOW_EXPECTED;
    const uint64_t all = flow->facts | facts;
    const unsigned state = flow->state[side];
    const struct wt_flow_row *row = find_in(state, message, all, STRICTLY);
    if (!row && seat == WT_FLOW_LENIENT)
        row = find_in(state, message, all, LENIENTLY);
    if (!row) {
        verdict = WT_FLOW_UNEXPECTED;
        if (seat == WT_FLOW_LENIENT)
            row = recover(side, state, message, all);
    } else if ((all & row->other) != row->other) {
        verdict = WT_FLOW_EARLY;
    }
    if (taken)
        *taken = row;
    if (row && (verdict == WT_FLOW_EXPECTED || seat == WT_FLOW_LENIENT)) {
        const uint64_t resumed = all & RESUMED;
        settle(flow, row, facts);
        if (verdict == WT_FLOW_UNEXPECTED) /* what has no place does not prove that a session is resumed */
            flow->facts = (flow->facts & ~RESUMED) | resumed;
    }
    return verdict;
}

size_t wt_flow_expected(const struct wt_flow *flow, unsigned side, uint16_t *out, size_t size)
{
    const unsigned state = flow->state[side];
    size_t n = 0;
    for (unsigned i = states[state].first; i < states[state + 1].first && n < size; i++)
        if (!rows[i].lenient && fits(&rows[i], flow->facts) && !(n && out[n - 1] == rows[i].message))
            out[n++] = rows[i].message;
    return n;
}

bool wt_flow_is_expected(const struct wt_flow *flow, unsigned side, unsigned message)
{
    const unsigned state = flow->state[side];
    for (unsigned i = states[state].first; i < states[state + 1].first; i++)
        if (!rows[i].lenient && rows[i].message == message && fits(&rows[i], flow->facts))
            return true;
    return false;
}

static bool is_done(unsigned state)
{
    return state == WT_STATE_C_DONE || state == WT_STATE_C13_DONE || state == WT_STATE_S_DONE ||
           state == WT_STATE_S13_DONE;
}

bool wt_flow_can_go_on(const struct wt_flow *flow, unsigned side)
{
    const unsigned state = flow->state[side];
    for (unsigned i = states[state].first; i < states[state + 1].first && !is_done(state); i++)
        if (!rows[i].lenient && rows[i].next != state && fits(&rows[i], flow->facts) &&
            (flow->facts & rows[i].other) == rows[i].other)
            return true;
    return false;
}

/* Whether the message has a row after `depth` others; those go to `out`. */
static bool reaches(struct wt_flow flow, unsigned side, unsigned message, uint64_t facts, size_t depth,
                    const struct wt_flow_row **out)
{
    const unsigned state = flow.state[side];
    if (depth == 0)
        return find_in(state, message, flow.facts | facts, STRICTLY) != NULL;
    for (unsigned i = states[state].first; i < states[state + 1].first && !is_done(state); i++) {
        struct wt_flow next = flow;
        if (rows[i].lenient || !fits(&rows[i], flow.facts) || rows[i].next == state)
            continue;
        *out = &rows[i];
        settle(&next, &rows[i], 0);
        if (reaches(next, side, message, facts, depth - 1, out + 1))
            return true;
    }
    return false;
}

size_t wt_flow_skipped(const struct wt_flow *flow, unsigned side, unsigned message, uint64_t facts,
                       const struct wt_flow_row *out[WT_FLOW_SKIPPED_MOST])
{
    for (size_t depth = 1; depth <= WT_FLOW_SKIPPED_MOST; depth++)
        if (reaches(*flow, side, message, facts, depth, out))
            return depth;
    return 0;
}
