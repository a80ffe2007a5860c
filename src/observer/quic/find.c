#include "observer/quic/find.h"

#include "observer/quic/headers.h"
#include "observer/quic/ids.h"
#include "observer/quic/open.h"
#include "observer/udp/connections.h"

enum {
    SHORTEST = 1 + 4 + 1 + 1, /* RFC 8999, 5.1: a long header with empty ids */
    INITIAL_DATAGRAM = 1200,  /* RFC 9000, 14.1 */
    CERTAIN = 4,              /* bytes of an id that does not come by chance between other ends */
    CERTAIN_ALONE = 8,        /* and that tells QUIC from all else, whatever its first byte */
};

/* The side that a datagram goes to by its addresses. Ids of few bytes may be both sides', or begin the other's. */
static unsigned likely_target(const struct wt_quic *here, const struct wt_datagram *d)
{
    unsigned from;
    return wt_quic_paths_sender(here, d, &from) ? !from : WT_CLIENT;
}

/* Of a connection: the target's, should both sides have it. */
static const struct wt_quic_id *id_here(const struct wt_quic *here, struct wt_span cid, unsigned target)
{
    const struct wt_quic_id *found = NULL;
    for (const struct wt_quic_id *id = here->ids; id && (!found || found->owner != target); id = id->sibling)
        if (wt_span_equal(wt_quic_cid_span(&id->cid), cid))
            found = id;
    return found;
}

/* The connection whose ids have it: that of the same ends rather than another, since nothing keeps two clients from
 * choosing the same id. */
static bool by_id(const struct wt_observer *o, const struct wt_quic *here, const struct wt_datagram *d,
                  struct wt_span cid, bool is_source, struct wt_quic_found *found)
{
    const struct wt_quic_id *id = here ? id_here(here, cid, likely_target(here, d) ^ is_source) : NULL;
    if (!id)
        id = wt_quic_ids_find(o, cid);
    if (!id || (id->quic != here && cid.n < CERTAIN))
        return false;
    found->quic = id->quic;
    found->from = is_source ? id->owner : !id->owner;
    return true;
}

/* --- short headers ------------------------------------------------------------------------------------------------ */

static bool begins_with(struct wt_span rest, const struct wt_quic_cid *id)
{
    return id->n && id->n <= rest.n && memcmp(rest.p, id->bytes, id->n) == 0;
}

/* The target's id that most packets have, then any of its. */
static bool short_to(struct wt_quic *here, unsigned to, struct wt_span rest, struct wt_quic_found *found)
{
    struct wt_quic_cid *recent = &here->side[to].recent;
    for (const struct wt_quic_id *id = here->ids; id && !begins_with(rest, recent); id = id->sibling)
        if (id->owner == to && begins_with(rest, &id->cid))
            *recent = id->cid;
    if (!begins_with(rest, recent))
        return false;
    *found = (struct wt_quic_found){here, !to, recent->n};
    return true;
}

static bool short_here(struct wt_quic *here, const struct wt_datagram *d, struct wt_span rest,
                       struct wt_quic_found *found)
{
    const unsigned target = likely_target(here, d);
    const bool has_none = here->side[target].has_id && !here->side[target].id_length;
    return short_to(here, target, rest, found) || (!has_none && short_to(here, !target, rest, found));
}

/* An id that nobody was seen to issue, or none: the addresses tell. */
static bool short_by_address(struct wt_quic *here, const struct wt_datagram *d, struct wt_quic_found *found)
{
    unsigned from;
    if (!wt_quic_paths_sender(here, d, &from))
        return false;
    const struct wt_quic_side *to = &here->side[!from];
    *found = (struct wt_quic_found){here, from, to->has_id ? to->id_length : 0};
    return true;
}

static bool find_short(struct wt_observer *o, struct wt_quic *here, const struct wt_datagram *d,
                       struct wt_quic_found *found)
{
    const struct wt_span rest = wt_span_cut(d->payload, 1, SIZE_MAX);
    const bool fixed = d->payload.p[0] & WT_QUIC_FIXED;
    const struct wt_quic_id *id;
    if (here && short_here(here, d, rest, found))
        return true;
    /* RFC 9287, 3: peers that agreed on it "SHOULD set the QUIC Bit to an unpredictable value" */
    if ((id = wt_quic_ids_find_short(o, rest)) && id->cid.n >= (fixed ? CERTAIN : CERTAIN_ALONE)) {
        *found = (struct wt_quic_found){id->quic, !id->owner, id->cid.n};
        return true;
    }
    return fixed && here && short_by_address(here, d, found);
}

/* --- long headers ------------------------------------------------------------------------------------------------- */

/* A datagram's first packet, as a client's Initial. */
static struct wt_quic_sent initial_of(const struct wt_datagram *d, const struct wt_quic_header *h)
{
    return (struct wt_quic_sent){
        .header = h, .bytes = wt_span_cut(d->payload, 0, h->size), .type = WT_QUIC_INITIAL, .from = WT_CLIENT};
}

/* Two taps that were merged late: what answers a client without an id stands before its first packet. */
static bool comes_late(const struct wt_quic *here, const struct wt_quic_header *h)
{
    const int64_t late = 1000000000; /* nanoseconds */
    return !here->original.n && !here->side[WT_CLIENT].used && !h->scid.n && here->o->now.ns - here->c->last_ns < late;
}

/* A client without an id goes on to a server whose answer the capture lacks: the id that its Initial goes to is the
 * server's, so that the packet's keys are not made of it. */
static bool goes_on(const struct wt_quic *here, const struct wt_datagram *d, const struct wt_quic_header *h)
{
    struct wt_quic *keys;
    struct wt_quic_sent p = initial_of(d, h);
    if (h->scid.n || !here->original.n || d->segment->missing)
        return false;
    const bool begins = wt_quic_open_shows_client(here->o, &p, &keys);
    wt_quic_open_leave(here->o, keys);
    return !begins;
}

/* What an id-less server or client says is known by its ends. A client that begins anew does so with an Initial, which
 * has an id that nobody knows yet, and is not short. */
static bool long_by_address(struct wt_quic *here, const struct wt_datagram *d, const struct wt_quic_header *h,
                            struct wt_quic_found *found)
{
    unsigned from;
    if (!wt_quic_paths_sender(here, d, &from))
        return false;
    *found = (struct wt_quic_found){.quic = here, .from = from};
    if (!here->ids) /* the capture has cut them off so far */
        return true;
    if (from == WT_SERVER || h->packet != WT_QUIC_INITIAL)
        return !h->dcid.n || h->packet == WT_QUIC_VERSION_NEGOTIATION || from == WT_CLIENT;
    const bool anew = here->flags & WT_QUIC_NEGOTIATED && h->version != here->version;
    return anew || h->dcid.n < WT_QUIC_FIRST_ID || (h->token.n && !here->side[WT_SERVER].has_id) ||
           comes_late(here, h) || goes_on(here, d, h);
}

static bool is_listed(struct wt_span versions)
{
    for (size_t at = 0; at + 4 <= versions.n; at += 4) {
        const uint32_t version = wt_get32(versions.p + at);
        if (wt_quic_version_find(version) || wt_quic_version_is_reserved(version))
            return true;
    }
    return false;
}

/* Whether a long header of no known connection is believed to be one: its version is one of few numbers of 32 bits, and
 * its lengths fit. RFC 9000, 14.1: "A client MUST expand the payload of all UDP datagrams carrying Initial packets to
 * at least the smallest allowed maximum datagram size of 1200 bytes": asked of versions that nobody knows. */
static bool begins_one(const struct wt_datagram *d, const struct wt_quic_header *h, bool whole)
{
    const size_t n = d->payload.n + d->segment->missing;
    if (h->dcid.n > WT_QUIC_CID_MOST || h->scid.n > WT_QUIC_CID_MOST)
        return false;
    if (h->packet == WT_QUIC_VERSION_NEGOTIATION)
        return whole && is_listed(h->supported_versions);
    if (wt_quic_version_is_reserved(h->version))
        return n >= INITIAL_DATAGRAM && h->dcid.n >= WT_QUIC_FIRST_ID;
    /* RFC 9287, 3: a server that knows its client may set the bit to either value at once; ids tell such packets from
     * others' */
    const bool greased = whole && h->packet != WT_QUIC_RETRY && h->scid.n >= CERTAIN_ALONE;
    return h->row && (whole || d->segment->missing) && (h->first & WT_QUIC_FIXED || greased);
}

/* Who sends the first packet that is here: the client its Initial, unless the id is too short, or 0-RTT; the server a
 * Retry or a Version Negotiation. Else the lower port is taken for the server's, unless an Initial's keys say
 * otherwise. */
static unsigned first_sender(struct wt_observer *o, const struct wt_datagram *d, const struct wt_quic_header *h,
                             struct wt_quic_sent *opened, struct wt_quic **keys)
{
    const bool to_server = wt_udp_goes_to_server(d);
    if (h->packet == WT_QUIC_RETRY || h->packet == WT_QUIC_VERSION_NEGOTIATION)
        return WT_SERVER;
    if (h->packet == WT_QUIC_0RTT)
        return WT_CLIENT;
    if (h->packet == WT_QUIC_INITIAL && h->token.n)
        return WT_CLIENT;
    *opened = initial_of(d, h);
    if (h->packet == WT_QUIC_INITIAL && !to_server && h->dcid.n >= WT_QUIC_FIRST_ID && !d->segment->missing &&
        wt_quic_open_shows_client(o, opened, keys))
        return WT_CLIENT;
    return to_server ? WT_CLIENT : WT_SERVER;
}

static bool begin(struct wt_observer *o, const struct wt_datagram *d, const struct wt_quic_header *h,
                  struct wt_quic_sent *opened, struct wt_quic_found *found)
{
    struct wt_quic *keys = NULL;
    const unsigned from = first_sender(o, d, h, opened, &keys);
    const bool late = wt_udp_was_closed(o, d) && (from == WT_SERVER || h->packet == WT_QUIC_HANDSHAKE);
    struct wt_quic *q = late ? NULL : wt_quic_connection_new(o, d, from);
    if (!q) {
        wt_quic_open_leave(o, keys);
        return false;
    }
    *found = (struct wt_quic_found){.quic = q, .from = from, .opened = keys ? opened : NULL};
    wt_quic_headers_first(q, from, h);
    if (keys)
        wt_quic_open_adopt(q, keys);
    return true;
}

static bool find_long(struct wt_observer *o, struct wt_quic *here, const struct wt_datagram *d,
                      struct wt_quic_sent *opened, struct wt_quic_found *found)
{
    struct wt_quic_header h;
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, d->payload, NULL);
    if (d->payload.n < SHORTEST)
        return false;
    const bool whole = wt_quic_header_read(&r, 0, &h);
    if (!begins_one(d, &h, whole) && !(here && h.row))
        return false;
    if (by_id(o, here, d, h.dcid, false, found))
        return true;
    /* RFC 9000, 17.2.1: a Version Negotiation packet has the ids of the packet that it answers, changed about */
    if (by_id(o, here, d, h.scid, true, found) && !(h.packet == WT_QUIC_INITIAL && found->quic != here))
        return true;
    if (here && long_by_address(here, d, &h, found))
        return true;
    return begins_one(d, &h, whole) && begin(o, d, &h, opened, found);
}

bool wt_quic_find(struct wt_observer *o, const struct wt_datagram *d, struct wt_quic_sent *opened,
                  struct wt_quic_found *found)
{
    struct wt_conversation *c = wt_udp_of(o, d);
    struct wt_quic *here = c && c->tls ? c->tls->quic : NULL;
    found->opened = NULL;
    if (d->payload.p[0] & WT_QUIC_LONG)
        return find_long(o, here, d, opened, found);
    return (here || o->quic_ids) && find_short(o, here, d, found);
}
