#include "observer/quic/headers.h"

#include "observer/quic/ids.h"
#include "observer/quic/ledger.h"
#include "observer/quic/opener.h"
#include "observer/udp/connections.h"
#include "protect/quic.h"

static void take_id(struct wt_quic_cid *to, struct wt_span id)
{
    *to = (struct wt_quic_cid){.n = (uint8_t)(id.n <= WT_QUIC_CID_MOST ? id.n : 0)};
    if (to->n)
        memcpy(to->bytes, id.p, to->n);
}

/* --- the first packets -------------------------------------------------------------------------------------------- */

/* RFC 9000, 7.2: the client's first packets go to an id that it chose. Packets with it still come when the server's own
 * is known: their sender shows by it. */
static void begin_client(struct wt_quic *q, const struct wt_quic_header *h)
{
    take_id(&q->original, h->dcid);
    q->initial = q->attempt = q->original;
    (void)wt_quic_ids_add(q, WT_SERVER, h->dcid, WT_QUIC_UNNUMBERED);
}

void wt_quic_headers_first(struct wt_quic *q, unsigned from, const struct wt_quic_header *h)
{
    q->version = h->version;
    q->row = h->row;
    q->flags |= WT_QUIC_HELLO_FIRST;
    if (!h->has_ids) /* the capture cut it off before: a later packet says them */
        return;
    if (from == WT_CLIENT && h->packet != WT_QUIC_HANDSHAKE) {
        begin_client(q, h);
        q->flags |= h->token.n ? 0 : WT_QUIC_BEGUN;
        return;
    }
    if (h->packet == WT_QUIC_VERSION_NEGOTIATION)
        begin_client(q, &(struct wt_quic_header){.dcid = h->scid});
    /* RFC 9000, 17.2: the Destination Connection ID is the receiver's own, as its Source Connection ID had it */
    (void)wt_quic_ids_add(q, !from, h->dcid, WT_QUIC_UNNUMBERED);
    q->side[!from].id_length = (uint8_t)h->dcid.n;
    q->side[!from].has_id = h->packet != WT_QUIC_VERSION_NEGOTIATION;
}

/* --- any long header ---------------------------------------------------------------------------------------------- */

static bool was_tried(const struct wt_quic *q, uint32_t version)
{
    for (unsigned i = 0; i < q->tried_count; i++)
        if (q->tried[i] == version)
            return true;
    return false;
}

static void try_version(struct wt_quic *q, uint32_t version)
{
    if (!was_tried(q, version) && q->tried_count < WT_LIMIT_QUIC_VERSIONS)
        q->tried[q->tried_count++] = version;
}

/* RFC 9000, 6.2: a client that has got a Version Negotiation packet begins a new connection attempt with another
 * version; to who watches it is the same connection. */
static void begin_anew(struct wt_quic *q, const struct wt_quic_header *h)
{
    wt_quic_opener_drop_initial(q);
    wt_quic_connection_restart(q, false);
    wt_quic_connection_restart(q, true);
    take_id(&q->initial, h->dcid);
    q->attempt = q->initial;
    /* a Retry's id: the attempt began in a packet that is not here */
    if (q->flags & WT_QUIC_RETRY_SEEN && wt_span_equal(h->dcid, wt_quic_cid_span(&q->retry_scid)))
        q->attempt.n = 0;
    (void)wt_quic_ids_add(q, WT_SERVER, h->dcid, WT_QUIC_UNNUMBERED);
    q->version = h->version;
    q->row = h->row;
    q->flags |= WT_QUIC_HELLO_FIRST | (h->has_ids ? WT_QUIC_BEGUN : 0);
    q->side[WT_SERVER].has_id = false;
    wt_udp_patience(q->c, 0);
}

bool wt_quic_headers_may_begin(const struct wt_quic *q, unsigned from, const struct wt_quic_header *h)
{
    return from == WT_CLIENT && h->packet == WT_QUIC_INITIAL && h->has_ids && !q->original.n &&
           !(q->flags & WT_QUIC_RETRY_SEEN) && h->dcid.n >= WT_QUIC_FIRST_ID && h->dcid.n <= WT_QUIC_CID_MOST;
}

/* It goes to an id that nobody has issued. */
static bool begins_late(const struct wt_quic *q, unsigned from, const struct wt_quic_header *h)
{
    if (!wt_quic_headers_may_begin(q, from, h))
        return false;
    for (const struct wt_quic_id *id = q->ids; id; id = id->sibling)
        if (wt_span_equal(wt_quic_cid_span(&id->cid), h->dcid))
            return false;
    return true;
}

void wt_quic_headers_begin(struct wt_quic *q, const struct wt_quic_header *h)
{
    wt_quic_opener_drop_initial(q);
    begin_client(q, h);
    q->flags |= WT_QUIC_HELLO_FIRST | (h->token.n ? 0 : WT_QUIC_BEGUN);
}

void wt_quic_headers_long(struct wt_quic *q, unsigned from, const struct wt_quic_header *h)
{
    const bool negotiation = h->packet == WT_QUIC_VERSION_NEGOTIATION;
    if (from == WT_CLIENT) {
        if (begins_late(q, from, h))
            wt_quic_headers_begin(q, h);
        if (q->flags & WT_QUIC_NEGOTIATED && h->packet == WT_QUIC_INITIAL && h->version != q->version &&
            !q->side[WT_SERVER].opened[WT_QUIC_INITIAL])
            begin_anew(q, h);
        try_version(q, h->version);
    }
    if (from == WT_CLIENT && !q->has_client_scid && h->has_ids) {
        take_id(&q->client_scid, h->scid);
        q->has_client_scid = true;
    }
    if (from == WT_SERVER && h->scid.n)
        take_id(&q->server_scid, h->scid);
    /* the client has begun anew in a packet that is not here, to an id that nobody knows */
    if (from == WT_SERVER && !negotiation && q->flags & WT_QUIC_NEGOTIATED && !was_tried(q, h->version))
        q->attempt.n = 0;
    if (from == WT_SERVER && !negotiation && h->packet != WT_QUIC_RETRY && h->row) {
        /* RFC 9368, 2.3: the server answers in the version that it chose, which may be another than the client's */
        q->version = h->version;
        q->row = h->row;
    }
}

void wt_quic_headers_ids(struct wt_quic *q, unsigned from, const struct wt_quic_header *h)
{
    struct wt_quic_side *side = &q->side[from];
    if (!h->has_ids || (h->packet == WT_QUIC_0RTT && side->has_id))
        return;
    side->id_length = (uint8_t)(h->scid.n <= WT_QUIC_CID_MOST ? h->scid.n : 0);
    if (!side->has_id || !side->knows_first)
        take_id(&side->first_scid, h->scid);
    side->has_id = side->knows_first = true;
    (void)wt_quic_ids_add(q, from, h->scid, 0);
}

/* --- Version Negotiation ------------------------------------------------------------------------------------------ */

/* RFC 9000, 6.2: the client abandons the attempt; another begins at once, or none does. */
enum { AFTER_NEGOTIATION_NS = 2000000000 };

void wt_quic_headers_negotiation(struct wt_quic *q, unsigned from, const struct wt_quic_header *h)
{
    if (from != WT_SERVER || q->side[WT_SERVER].opened[WT_QUIC_INITIAL])
        return; /* RFC 9000, 6.2: "A client MUST discard any Version Negotiation packet if it has received and
                   successfully processed any other packet" */
    /* "A client MUST discard a Version Negotiation packet that lists the QUIC version selected by the client." */
    for (size_t at = 0; at + 4 <= h->supported_versions.n; at += 4)
        if (q->tried_count && wt_get32(h->supported_versions.p + at) == q->version)
            return;
    q->offered_count = 0;
    for (size_t at = 0; at + 4 <= h->supported_versions.n && q->offered_count < WT_LIMIT_QUIC_VERSIONS; at += 4)
        q->offered[q->offered_count++] = wt_get32(h->supported_versions.p + at);
    q->flags |= WT_QUIC_NEGOTIATED;
    wt_udp_patience(q->c, AFTER_NEGOTIATION_NS);
    q->negotiation_frame = q->negotiation_frame ? q->negotiation_frame : q->o->frame;
}

/* --- Retry -------------------------------------------------------------------------------------------------------- */

/* RFC 9001, 5.8; of a version without a tag, and where the packet that it answers is not here, nobody can say. */
static bool is_discarded(struct wt_quic *q, const struct wt_quic_header *h, struct wt_span packet)
{
    uint8_t tag[WT_QUIC_TAG];
    if (!h->retry_tag.n || !(q->flags & WT_QUIC_BEGUN) || !q->attempt.n)
        return false;
    const struct wt_quic_cid *answered = q->flags & WT_QUIC_UNSEEN_RETRY ? &q->attempt : &q->initial;
    if (!wt_quic_retry_tag(q->o->crypto, h->row, wt_quic_cid_span(answered),
                           wt_span_cut(packet, 0, packet.n - WT_QUIC_TAG), tag))
        return false;
    if (memcmp(tag, h->retry_tag.p, WT_QUIC_TAG) == 0) {
        q->flags |= WT_QUIC_RETRY_OK;
        return false;
    }
    q->flags |= WT_QUIC_RETRY_BAD;
    q->retry_bad_frame = q->retry_bad_frame ? q->retry_bad_frame : q->o->frame;
    return true;
}

/* RFC 9000, 17.2.5.2: "A client MUST accept and process at most one Retry packet for each connection attempt"; "Clients
 * MUST discard Retry packets that have a Retry Integrity Tag that cannot be validated". */
void wt_quic_headers_retry(struct wt_quic *q, unsigned from, const struct wt_quic_header *h, struct wt_span packet)
{
    if (from != WT_SERVER || q->flags & WT_QUIC_RETRY_SEEN || !h->row || q->side[WT_SERVER].opened[WT_QUIC_INITIAL])
        return;
    if (is_discarded(q, h, packet))
        return;
    q->retry_frame = q->o->frame;
    q->retry_token = (uint16_t)(h->token.n < UINT16_MAX ? h->token.n : UINT16_MAX);
    q->flags |= WT_QUIC_RETRY_SEEN | WT_QUIC_HELLO_AGAIN;
    if (q->flags & WT_QUIC_RETRY_OK)
        wt_quic_ledger_verified(q);
    take_id(&q->retry_scid, h->scid);
    if (q->flags & WT_QUIC_UNSEEN_RETRY) { /* what it asked for was captured before it, and is read */
        q->flags &= ~(uint32_t)(WT_QUIC_UNSEEN_RETRY | WT_QUIC_HELLO_AGAIN);
        return;
    }
    wt_quic_opener_drop_initial(q);
    q->initial = q->retry_scid;
    wt_quic_connection_restart(q, false);
    (void)wt_quic_ids_add(q, WT_SERVER, h->scid, WT_QUIC_UNNUMBERED);
}
