#include "observer/quic/quic.h"

#include "observer/keys/keyring.h"
#include "observer/quic/application.h"
#include "observer/quic/find.h"
#include "observer/quic/frames.h"
#include "observer/quic/google.h"
#include "observer/quic/headers.h"
#include "observer/quic/ids.h"
#include "observer/quic/ledger.h"
#include "observer/quic/messages.h"
#include "observer/quic/offload.h"
#include "observer/quic/open.h"
#include "observer/quic/opener.h"
#include "observer/quic/settle.h"
#include "observer/quic/standstill.h"
#include "observer/quic/steps.h"
#include "observer/quic/told.h"
#include "observer/quic/waiting.h"
#include "observer/transport/copies.h"
#include "observer/udp/connections.h"
#include "protect/quic.h"

enum {
    MOST_IN_ONE = 1500,  /* bytes that a datagram rarely exceeds: beyond, it may be several */
    MORE_THAN_ACK = 200, /* bytes of a Handshake packet with a part of a flight in it */
};

/* A datagram on its way through. */
struct taking {
    struct wt_quic *q;
    unsigned from;
    size_t id_length;
    size_t offset;  /* of the packet that is read in the datagram */
    size_t segment; /* bytes of each of several that are in one piece; 0: it is one */
    struct wt_quic_work work;
    bool first;                        /* no packet of it was read */
    bool cut;                          /* the capture lacks its end */
    const struct wt_quic_sent *opened; /* the first packet, where it is opened already */
};

/* --- one packet --------------------------------------------------------------------------------------------------- */

static bool opened(struct wt_quic *q, const struct wt_quic_sent *p)
{
    struct wt_keyring *keys = q->c->tls->keys;
    wt_quic_ledger_opened(q, p);
    if (keys && p->type != WT_QUIC_INITIAL)
        keys->by[p->from].opened++;
    if (wt_quic_google_has_frames(q->version))
        wt_quic_google_frames(q, p);
    else
        wt_quic_frames_read(q, p);
    wt_quic_told_packet(q, p, !wt_quic_google_has_frames(q->version));
    return true;
}

/* Whether a side's 1-RTT packets show that it has their keys: the first may be a stateless reset, which the second of
 * them shows. */
static bool has_keys(const struct wt_quic_side *side)
{
    return side->packets[WT_QUIC_HANDSHAKE] || side->opened[WT_QUIC_1RTT] || wt_quic_data_packets(side) > 1;
}

/* What passes under keys that nobody has. A client's 1-RTT keys are made of the transcript up to the server's Finished
 * (RFC 8446, 7.1), and RFC 9001, 5.7: "A client generally receives 1-RTT keys at the same time as the handshake
 * completes", so that its first 1-RTT packet shows that the server's Finished has come. */
static void passed_unopened(struct wt_quic *q, const struct wt_quic_sent *p)
{
    struct wt_tls *tls = q->c->tls;
    struct wt_tls_side *side = &tls->side[p->from];
    if (p->type == WT_QUIC_INITIAL)
        return;
    side->hidden++;
    side->hidden_frame = q->o->frame;
    if (tls->keys)
        tls->keys->by[p->from].unopened++;
    if (p->type != WT_QUIC_1RTT || p->from != WT_CLIENT || !wt_flow_has(&tls->flow, WT_FACT_SERVER_HELLO) ||
        !has_keys(&q->side[p->from]))
        return;
    side->flags |= WT_SIDE_FINISHED;
    wt_outcome_finished(q->o, q->c);
    if (!wt_keyring_awaited(q->o) && tls->outcome.ready_ns)
        wt_tls_end_handshake(tls);
}

static enum wt_quic_outcome read_packet(struct taking *t, struct wt_quic_sent *p)
{
    struct wt_quic *q = t->q;
    enum wt_quic_outcome outcome = WT_QUIC_OPEN_DONE;
    if (t->opened) {
        p->number = t->opened->number;
        p->payload = t->opened->payload;
        p->plain = t->opened->plain;
        t->opened = NULL;
    } else {
        outcome = wt_quic_open_packet(q, p, &t->work);
    }
    if (outcome == WT_QUIC_OPEN_DONE)
        (void)opened(q, p);
    return outcome;
}

/* The first of its type that the side sends shows that it has got further. */
static void note_type(struct wt_quic *q, unsigned from, enum wt_quic_packet type)
{
    const uint8_t bit = (uint8_t)(1u << type);
    if (q->side[from].used & bit || (type == WT_QUIC_1RTT && !has_keys(&q->side[from])))
        return;
    q->side[from].used |= bit;
    wt_quic_standstill_news(q);
}

/* One whose keys have not come. */
static bool give_up(struct wt_quic *q, struct wt_quic_sent *p)
{
    wt_quic_told_packet(q, p, false);
    passed_unopened(q, p);
    return true;
}

/* One that waited: true when it is done with. */
static bool read_again(struct wt_quic *q, struct wt_quic_sent *p)
{
    struct wt_quic_work work = {0};
    const enum wt_quic_outcome outcome = wt_quic_open_packet(q, p, &work);
    if (outcome == WT_QUIC_OPEN_DONE)
        return opened(q, p);
    const bool done = outcome == WT_QUIC_OPEN_NO_KEYS || outcome == WT_QUIC_OPEN_FAILED;
    if (done)
        (void)give_up(q, p);
    return done;
}

static void take_protected(struct taking *t, struct wt_quic_sent *p)
{
    struct wt_quic *q = t->q;
    wt_quic_ledger_packet(q, p->from, p->type);
    note_type(q, p->from, p->type);
    if (p->type != WT_QUIC_INITIAL)
        wt_quic_reset_goes_on(q, p->from);
    q->side[p->from].flight += p->type == WT_QUIC_HANDSHAKE && p->bytes.n >= MORE_THAN_ACK;
    wt_quic_ledger_header(q, p->header, p->bytes, t->offset);
    const enum wt_quic_outcome outcome = t->cut ? WT_QUIC_OPEN_NO_KEYS : read_packet(t, p);
    /* One of a version that nobody knows says nothing of a connection whose version is known. */
    if (p->header->first & WT_QUIC_LONG && (!q->row || (p->header->row && outcome != WT_QUIC_OPEN_FAILED)))
        wt_quic_headers_ids(q, p->from, p->header);
    if (outcome != WT_QUIC_OPEN_DONE && (outcome != WT_QUIC_OPEN_LATER || !wt_quic_waiting_add(q, p)))
        (void)give_up(q, p);
}

/* --- short headers, which go on to the end of their datagram ------------------------------------------------------ */

static void note_offload(struct taking *t, size_t size)
{
    struct wt_quic *q = t->q;
    if (!t->segment) {
        q->offloaded++;
        q->offload_frame = q->offload_frame ? q->offload_frame : q->o->frame;
        q->offload_size = (uint32_t)size;
    }
    t->segment = size;
}

/* The size that opens, of a few that it may have. */
static bool open_part(struct taking *t, struct wt_quic_sent *p, struct wt_span rest)
{
    size_t size;
    for (size_t i = 0; i < WT_LIMIT_QUIC_SEGMENT_GUESSES &&
                       (size = wt_quic_offload_guess(rest, t->id_length, t->q->side[t->from].largest_datagram, i));
         i++) {
        p->bytes = wt_span_cut(rest, 0, size);
        if (read_packet(t, p) == WT_QUIC_OPEN_DONE) {
            note_offload(t, size);
            return true;
        }
    }
    return false;
}

static size_t take_short(struct taking *t, const struct wt_quic_header *h, struct wt_span rest)
{
    struct wt_quic *q = t->q;
    struct wt_quic_sent p = {.header = h, .bytes = rest, .type = WT_QUIC_1RTT, .from = t->from};
    wt_quic_ledger_packet(q, t->from, WT_QUIC_1RTT);
    wt_quic_ledger_header(q, h, rest, t->offset);
    if (!t->segment && rest.n > MOST_IN_ONE && t->id_length && open_part(t, &p, rest))
        return p.bytes.n;
    p.bytes = t->segment ? wt_span_cut(rest, 0, t->segment) : rest;
    const enum wt_quic_outcome outcome = t->cut ? WT_QUIC_OPEN_NO_KEYS : read_packet(t, &p);
    if (outcome != WT_QUIC_OPEN_DONE && !t->cut && wt_quic_reset_take(q, &p))
        return p.bytes.n;
    wt_quic_reset_goes_on(q, t->from);
    note_type(q, t->from, WT_QUIC_1RTT);
    if (outcome == WT_QUIC_OPEN_DONE)
        return p.bytes.n;
    if (outcome == WT_QUIC_OPEN_FAILED && !t->segment && open_part(t, &p, rest))
        return p.bytes.n;
    p.bytes = t->segment ? wt_span_cut(rest, 0, t->segment) : rest;
    if (outcome != WT_QUIC_OPEN_LATER || !wt_quic_waiting_add(q, &p))
        (void)give_up(q, &p);
    const size_t size = outcome != WT_QUIC_OPEN_FAILED && !t->segment && rest.n > MOST_IN_ONE
                            ? wt_quic_offload_size(rest, t->id_length)
                            : 0;
    if (size)
        note_offload(t, size);
    return size ? size : p.bytes.n;
}

/* --- datagrams ---------------------------------------------------------------------------------------------------- */

/* Some senders fill datagrams up behind their last packet: zeros begin none. */
static bool is_filling(struct wt_span rest)
{
    return rest.p[0] == 0 && (rest.n == 1 || memcmp(rest.p, rest.p + 1, rest.n - 1) == 0);
}

/* Many servers go on with the id that the client made up, so that their packets have it before the client's first,
 * where that is captured late: whether it is that shows by its keys. */
static void begin_late(struct taking *t, struct wt_quic_sent *p)
{
    struct wt_quic *keys;
    if (t->opened || t->cut || t->work.failures >= WT_LIMIT_QUIC_FAILURES ||
        !wt_quic_headers_may_begin(t->q, t->from, p->header))
        return;
    if (!wt_quic_open_shows_client(t->q->o, p, &keys)) {
        t->work.failures++;
        return;
    }
    wt_quic_headers_begin(t->q, p->header);
    wt_quic_open_adopt(t->q, keys);
    t->opened = p;
}

static size_t take_long(struct taking *t, const struct wt_quic_header *h, struct wt_span rest)
{
    struct wt_quic_sent p = {.header = h, .bytes = wt_span_cut(rest, 0, h->size), .type = h->packet, .from = t->from};
    struct wt_quic_header untagged = *h;
    begin_late(t, &p);
    wt_quic_headers_long(t->q, t->from, h);
    switch (h->packet) {
    case WT_QUIC_VERSION_NEGOTIATION:
        wt_quic_ledger_packet(t->q, t->from, h->packet);
        wt_quic_ledger_header(t->q, h, p.bytes, t->offset);
        wt_quic_headers_negotiation(t->q, t->from, h);
        wt_quic_told_packet(t->q, &p, false);
        break;
    case WT_QUIC_RETRY:
        wt_quic_ledger_packet(t->q, t->from, h->packet);
        wt_quic_ledger_header(t->q, h, p.bytes, t->offset);
        if (t->cut) /* its tag is what stands last, and is not here */
            untagged.retry_tag = (struct wt_span){0};
        wt_quic_headers_retry(t->q, t->from, &untagged, p.bytes);
        note_type(t->q, t->from, h->packet);
        wt_quic_told_packet(t->q, &p, false);
        break;
    default:
        take_protected(t, &p);
    }
    t->opened = NULL;
    return h->size;
}

/* What follows another packet: RFC 9287 lets its Fixed Bit be 0, so that only its id shows it, if it has one. */
static bool is_short(const struct taking *t, struct wt_span rest)
{
    const struct wt_span id = wt_span_cut(rest, 1, t->id_length);
    if (rest.n < 1 + t->id_length + WT_QUIC_NUMBER_MOST + WT_QUIC_TAG)
        return false;
    for (const struct wt_quic_id *known = t->q->ids; known; known = known->sibling)
        if (known->owner != t->from && wt_span_equal(wt_quic_cid_span(&known->cid), id))
            return true;
    return !id.n;
}

/* A packet; how many bytes it has, 0 when what is left is none. */
static size_t take_packet(struct taking *t, struct wt_span rest)
{
    struct wt_quic_header h;
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, rest, NULL);
    const bool is_long = rest.p[0] & WT_QUIC_LONG;
    if (is_filling(rest) || (!is_long && !t->first && !is_short(t, rest)))
        return 0;
    if (!wt_quic_header_read(&r, t->id_length, &h)) {
        if (!is_long || !h.row || !t->cut)
            return 0;
        h.size = rest.n; /* its Length goes beyond what the capture has */
        h.number_at = h.number_at ? h.number_at : rest.n;
    }
    /* RFC 9000, 12.2: "Senders MUST NOT coalesce QUIC packets with different connection IDs into a single UDP
     * datagram." */
    t->first = false;
    return is_long ? take_long(t, &h, rest) : take_short(t, &h, rest);
}

static void take_datagram(struct wt_observer *o, const struct wt_datagram *d, const struct wt_quic_found *found)
{
    struct wt_quic *q = found->quic;
    struct wt_quic_side *side = &q->side[found->from];
    struct wt_span rest = d->payload;
    const int64_t before_ns = side->last_ns;
    struct taking t = {.q = q,
                       .from = found->from,
                       .id_length = found->id_length,
                       .first = true,
                       .cut = d->segment->missing > 0,
                       .opened = found->opened};
    size_t n;
    side->last_ns = o->now.ns;
    side->last_frame = o->frame;
    side->datagrams++;
    side->alone++;
    q->side[!found->from].alone = 0;
    side->bytes += d->payload.n + d->segment->missing;
    while (rest.n && (n = take_packet(&t, rest))) {
        rest = wt_span_cut(rest, n, SIZE_MAX);
        t.offset += n;
        t.id_length = q->side[!t.from].has_id ? q->side[!t.from].id_length : t.id_length;
    }
    if (!t.segment && d->payload.n > side->largest_datagram)
        side->largest_datagram = (uint32_t)d->payload.n;
    wt_quic_amplification_note(q, found->from);
    wt_quic_standstill_note(q, found->from, before_ns, d->payload);
    if (q->waiting && q->flags & WT_QUIC_KEYS_CHANGED)
        wt_quic_waiting_retry(q, read_again);
    /* by who sent it: addresses change */
    const struct wt_datagram seen = {d->segment, d->payload, d->udp, wt_tls_direction_of(q->c->tls, found->from)};
    if (q->flags & WT_QUIC_AGAIN)
        (void)wt_copies_count(o, q->c->tls, seen.direction, d->segment);
    q->flags &= ~(uint32_t)(WT_QUIC_KEYS_CHANGED | WT_QUIC_AGAIN);
    wt_udp_seen(o, &seen, q->c);
}

/* Captured once more, at another point: counted, and not read again. */
static bool is_copy(struct wt_observer *o, const struct wt_datagram *d, const struct wt_quic_found *found)
{
    struct wt_quic *q = found->quic;
    const uint8_t place = wt_quic_paths_place(q, d, found->from);
    const bool is = wt_quic_points_copy(q, d, found->from, place);
    if (is)
        wt_finding_sum(q->c->tls, WT_FINDING_CAPTURE_DUPLICATES, o->frame, "", 1);
    else
        wt_quic_points_note(q, d, found->from, wt_quic_paths_take(q, d, found->from, place));
    if (wt_udp_of(o, d) != q->c)
        wt_udp_bind(d, q->c);
    return is;
}

bool wt_quic_take(struct wt_observer *o, const struct wt_datagram *d)
{
    struct wt_quic_found found;
    struct wt_quic_sent first;
    if (!wt_quic_find(o, d, &first, &found))
        return wt_quic_google_take(o, d);
    if (!is_copy(o, d, &found))
        take_datagram(o, d, &found);
    return true;
}

/* --- the connection's life ---------------------------------------------------------------------------------------- */

void wt_quic_end(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_quic *q = c->tls ? c->tls->quic : NULL;
    (void)o;
    if (!q || q->flags & WT_QUIC_ENDED)
        return;
    q->flags |= WT_QUIC_ENDED;
    wt_quic_messages_end(q);
    wt_quic_application_end(q);
    wt_quic_waiting_retry(q, give_up);
    wt_quic_told_end(q);
    wt_quic_steps_end(q);
    wt_quic_settle(q);
    wt_quic_ids_drop(q);
}

size_t wt_quic_bytes(const struct wt_quic *quic)
{
    return wt_quic_connection_bytes(quic);
}

void wt_quic_free(struct wt_quic *quic)
{
    if (quic)
        wt_quic_connection_free(quic);
}

bool wt_quic_is_begun(const struct wt_quic *q)
{
    return q && q->flags & WT_QUIC_BEGUN;
}

bool wt_quic_is_undecoded(const struct wt_quic *q)
{
    return q && wt_quic_version_is_google(q->version);
}

void wt_quic_forget(struct wt_observer *o)
{
    wt_quic_ids_free(o->quic_ids);
    wt_quic_opener_forget(o);
    wt_quic_open_room_free(o);
    o->quic_ids = NULL;
}
