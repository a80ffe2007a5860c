#include "observer/quic/parameters.h"

#include "base/uninitialized.h"
#include "codec/ext/ext.h"
#include "observer/quic/connection.h"
#include "observer/quic/ids.h"
#include "observer/quic/told.h"
#include "observer/udp/connections.h"

/* RFC 9000, 18.2; RFC 9368, 3. */
enum {
    ORIGINAL_DESTINATION_CONNECTION_ID = 0x00,
    MAX_IDLE_TIMEOUT = 0x01,
    STATELESS_RESET_TOKEN = 0x02,
    PREFERRED_ADDRESS = 0x0d,
    INITIAL_SOURCE_CONNECTION_ID = 0x0f,
    RETRY_SOURCE_CONNECTION_ID = 0x10,
    VERSION_INFORMATION = 0x11,
};

/* 18.2, figure 22: two addresses with their ports, a connection id with its length, a token. */
enum { PREFERRED_ID = 4 + 2 + 16 + 2 };

struct reading {
    struct wt_quic *q;
    unsigned from;
    bool has_original, source, retry; /* they were there */
    struct wt_span original;
    enum wt_quic_mismatch mismatch;
};

static void mismatch(struct reading *r, enum wt_quic_mismatch what)
{
    if (r->mismatch == WT_QUIC_MISMATCH_NONE)
        r->mismatch = what;
}

static void hold(struct reading *r, struct wt_span value, const struct wt_quic_cid *against, enum wt_quic_mismatch what)
{
    if (!wt_span_equal(value, wt_quic_cid_span(against)))
        mismatch(r, what);
}

static void preferred_address(struct reading *r, struct wt_span value)
{
    const struct wt_span rest = wt_span_cut(value, PREFERRED_ID, SIZE_MAX);
    const size_t n = rest.n ? rest.p[0] : 0;
    if (rest.n != 1 + n + WT_RESET_TOKEN)
        return;
    /* 5.1.1: "If the preferred_address transport parameter is sent, the sequence number of the supplied connection ID
     * is 1." */
    struct wt_quic_id *id = wt_quic_ids_add(r->q, r->from, wt_span_cut(rest, 1, n), 1);
    if (id)
        wt_quic_ids_token(id, wt_span_cut(rest, 1 + n, WT_RESET_TOKEN));
}

/* 18.2: "A stateless reset token ... used in verifying a stateless reset": of the id that the handshake chose. */
static void reset_token(struct reading *r, struct wt_span token)
{
    for (struct wt_quic_id *id = r->q->ids; id; id = id->sibling)
        if (id->owner == r->from && id->sequence == 0)
            wt_quic_ids_token(id, token);
}

/* RFC 9368, 4: "the client ... verifies that the Chosen Version in the server's version_information matches the version
 * in use". */
static void version_information(struct reading *r, struct wt_span value)
{
    struct wt_quic *q = r->q;
    const uint32_t chosen = value.n >= 4 ? wt_get32(value.p) : 0;
    const uint32_t in_use = r->from == WT_CLIENT && q->tried_count ? q->tried[q->tried_count - 1] : q->version;
    if (value.n < 4 || value.n % 4 || chosen != in_use)
        mismatch(r, WT_QUIC_MISMATCH_VERSION);
}

/* RFC 9000, 10.1: "The effective value at an endpoint is computed as the minimum of the two advertised values (or the
 * sole advertised value, if only one endpoint advertises a non-zero value)." What one has sent the other may have
 * later, "at least three times the current Probe Timeout" are kept in any case, and some say that it is over when their
 * own time is: three times as long, within bounds. */
static int64_t patience(const struct wt_quic *q)
{
    enum { LEAST = 10000, MOST = 120000 }; /* milliseconds */
    const int64_t ms = 1000000;
    const uint64_t a = q->side[0].idle_ms, b = q->side[1].idle_ms, least = a && (!b || a < b) ? a : b;
    const uint64_t beyond = 2 * least < LEAST ? LEAST : 2 * least > MOST ? MOST : 2 * least;
    return least && least <= UINT32_MAX ? (int64_t)(least + beyond) * ms : 0;
}

static void parameter(struct reading *r, uint64_t id, struct wt_span value)
{
    struct wt_quic *q = r->q;
    uint64_t number;
    switch (id) {
    case ORIGINAL_DESTINATION_CONNECTION_ID:
        r->original = value;
        r->has_original = true;
        break;
    case MAX_IDLE_TIMEOUT:
        if (wt_ext_quic_number(value, &number))
            q->side[r->from].idle_ms = number;
        wt_udp_patience(q->c, patience(q));
        break;
    case STATELESS_RESET_TOKEN:
        reset_token(r, value);
        break;
    case PREFERRED_ADDRESS:
        preferred_address(r, value);
        break;
    case INITIAL_SOURCE_CONNECTION_ID:
        r->source = true;
        if (q->side[r->from].knows_first)
            hold(r, value, &q->side[r->from].first_scid, WT_QUIC_MISMATCH_SOURCE);
        break;
    case RETRY_SOURCE_CONNECTION_ID:
        r->retry = true;
        if (q->flags & WT_QUIC_RETRY_SEEN)
            hold(r, value, &q->retry_scid, WT_QUIC_MISMATCH_RETRY);
        break;
    case VERSION_INFORMATION:
        version_information(r, value);
        break;
    default:
        break;
    }
}

/* RFC 9000, 7.3: against the client's first packet, where that is here: a first one that has a token may be the answer
 * to a Retry that was not captured, which the parameters of its server tell. */
static void check_original(struct reading *r)
{
    const struct wt_quic *q = r->q;
    const bool first = q->flags & WT_QUIC_BEGUN || !(r->retry || q->flags & WT_QUIC_RETRY_SEEN);
    if (r->from == WT_SERVER && r->has_original && q->attempt.n && first && !(q->flags & WT_QUIC_UNSEEN_RETRY))
        hold(r, r->original, &q->attempt, WT_QUIC_MISMATCH_ORIGINAL);
}

/* RFC 9000, 7.3: "absence of the retry_source_connection_id transport parameter from the server after receiving a Retry
 * packet" and "presence ... when no Retry packet was received" are TRANSPORT_PARAMETER_ERROR; so is the absence of the
 * others. The drafts before 28 had other names for them. */
static void check_presence(struct reading *r)
{
    const struct wt_quic *q = r->q;
    const bool draft = q->version >> 24 == 0xff && (q->version & 0xff) < 28;
    const bool known = q->row && !draft && !(q->version >> 24 == 0xfa) && q->version >> 24 != 0x54;
    if (!known)
        return;
    if (!r->source)
        mismatch(r, WT_QUIC_MISMATCH_SOURCE);
    if (r->from != WT_SERVER || q->flags & WT_QUIC_UNSEEN_RETRY)
        return;
    if (!r->has_original)
        mismatch(r, WT_QUIC_MISMATCH_ORIGINAL);
    if (r->retry != ((q->flags & WT_QUIC_RETRY_SEEN) != 0) && q->flags & WT_QUIC_BEGUN)
        mismatch(r, WT_QUIC_MISMATCH_RETRY);
}

static void read_all(struct wt_quic *q, unsigned from, struct wt_ext_quic_transport_parameters all)
{
    struct reading r = {.q = q, .from = from};
    wt_quic_told_parameters(q, from, all);
    struct wt_span value;
    uint64_t id;
    while (all.parameters.n && wt_ext_quic_next(&all, &id, &value))
        parameter(&r, id, value);
    check_original(&r);
    check_presence(&r);
    q->verified[from] = (struct wt_quic_verified){
        .frame = q->o->frame, .mismatch = (uint8_t)r.mismatch, .seen = true, .ids = r.source || r.has_original};
}

void wt_quic_parameters_message(struct wt_quic *q, unsigned from, uint8_t type, struct wt_span body)
{
    const bool hello = type == WT_HANDSHAKE_CLIENT_HELLO && from == WT_CLIENT;
    const bool answer = type == WT_HANDSHAKE_ENCRYPTED_EXTENSIONS && from == WT_SERVER;
    const struct wt_codec_context context = {WT_TLS13, WT_KX_TLS13, 0, from == WT_SERVER};
    struct wt_message_body m WT_UNINITIALIZED;
    struct wt_error error;
    struct wt_span parameters;
    uint16_t extension = WT_EXT_QUIC_TRANSPORT_PARAMETERS;
    if ((!hello && !answer) || wt_message_decode(&context, type, body, NULL, &m, &error) != WT_OK)
        return;
    const struct wt_extensions *e = hello ? &m.client_hello.extensions : &m.encrypted_extensions.extensions;
    if (wt_extensions_find(e, extension, &parameters) ||
        wt_extensions_find(e, extension = WT_EXT_QUIC_TRANSPORT_PARAMETERS_DRAFT, &parameters))
        read_all(q, from, wt_ext_quic_of(extension, parameters));
}
