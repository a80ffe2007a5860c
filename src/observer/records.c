/* A TLS connection's two streams: records, and what of them is to be read. */
#include "observer/records.h"

#include "observer/breaches.h"
#include "observer/detect/carrier.h"
#include "observer/detect/ssl2.h"
#include "observer/facts.h"
#include "observer/keys/opener.h"
#include "observer/places.h"

/* A record that is not opened and whose bytes are wanted all the same: data of a suite that does not encrypt. */
static bool wants_whole(struct wt_seat *s, const struct wt_tls_side *side, const struct wt_record *r)
{
    struct wt_tls *tls = s->c->tls;
    bool data = side->mac && r->type == WT_CONTENT_APPLICATION_DATA && side->cover != WT_COVER_KEYS;
    return data && wt_keyring_make(s->o, tls);
}

bool wt_records_is_plain_ccs(const struct wt_tls_side *side, const struct wt_record *r)
{
    return side->cover != WT_COVER_KEYS || r->length == 1;
}

/* Whether the body of a record is read that passes in the clear, as far as one knows. */
static bool on_begin_plain(struct wt_seat *s, const struct wt_record *r)
{
    struct wt_tls *tls = s->c->tls;
    struct wt_tls_side *side = &tls->side[s->from];
    switch (r->type) {
    case WT_CONTENT_HANDSHAKE:
        side->flags &= (uint16_t)~WT_SIDE_HIDDEN_NOW;
        if (side->cover == WT_COVER_KEYS || !tls->handshake) {
            side->flags |= WT_SIDE_HIDDEN_NOW;
            return false;
        }
        wt_framing_record(&tls->handshake->reader[s->direction]);
        /* Without a hello before it, or behind a CCS that may have meant keys, content is looked at before it is
         * believed; not the first that a side says at all. */
        bool first = r->number == 1 && wt_transport_opened(&s->c->transport, s->direction);
        if ((side->cover == WT_COVER_MAYBE || (!first && !(side->flags & WT_SIDE_HELLO))) &&
            tls->handshake->reader[s->direction].held.n == 0)
            tls->handshake->reader[s->direction].lost = true;
        return true;
    case WT_CONTENT_CHANGE_CIPHER_SPEC:
        return tls->log && wt_records_is_plain_ccs(side, r);
    case WT_CONTENT_ALERT:
    case WT_CONTENT_HEARTBEAT:
        return side->cover != WT_COVER_KEYS;
    default:
        return false;
    }
}

static bool on_begin(void *context, const struct wt_record *r)
{
    struct wt_seat *s = context;
    struct wt_tls *tls = s->c->tls;
    struct wt_tls_side *side = &tls->side[s->from];
    s->body = (struct wt_span){0};
    side->head_length = 0;
    wt_places_record(s->o, s->c, s->direction, &tls->cursor[s->direction]);
    if (tls->handshake)
        tls->handshake->reach.end[s->direction] = s->fed - tls->cursor[s->direction].after + r->length;
    side->flags &= (uint16_t) ~(WT_SIDE_OPENING | WT_SIDE_WHOLE | WT_SIDE_ALIEN_NOW);
    if (r->flags & WT_RECORD_SSL2)
        return wt_ssl2_begin(s->o, s->c, s->direction);
    if (__builtin_expect(r->length > (side->most ? side->most : WT_LIMIT_PLAINTEXT), 0)) {
        wt_breaches_record(s->o, tls, s->from, r, NULL);
        if (r->flags & WT_RECORD_OVERLONG)
            return false; /* nobody reads on in it */
    }
    s->o->shown.n = 0;
    if (wt_keyring_awaited(s->o) && wt_opener_protected(tls, s->from, r) && wt_opener_wants(s->o, tls, s->from, r)) {
        side->flags = (uint16_t)((side->flags | WT_SIDE_OPENING) & ~WT_SIDE_HIDDEN_NOW);
        return !tls->keys->by[s->from].skips;
    }
    if (wants_whole(s, side, r)) {
        side->flags |= WT_SIDE_WHOLE;
        tls->keys->by[s->from].partial.n = 0;
        return true;
    }
    return on_begin_plain(s, r) || wt_records_is_shown(s);
}

/* What is no handshake message: read where it lies when it comes in one piece; else its first bytes are put together,
 * which are all that is asked of it. */
static void gather_body(struct wt_seat *s, struct wt_tls_side *side, const struct wt_record *r, struct wt_span piece)
{
    if (piece.n == r->length) {
        s->body = piece;
        return;
    }
    for (size_t i = 0; i < piece.n && side->head_length < sizeof side->head; i++)
        side->head[side->head_length++] = piece.p[i];
    s->body = wt_span_of(side->head, side->head_length);
}

static void on_body(void *context, const struct wt_record *r, uint32_t at, struct wt_span piece)
{
    struct wt_seat *s = context;
    struct wt_tls *tls = s->c->tls;
    struct wt_tls_side *side = &tls->side[s->from];
    if (wt_records_is_shown(s))
        (void)wt_buffer_add(&s->o->shown, piece.p, piece.n);
    if (r->flags & WT_RECORD_SSL2) {
        wt_ssl2_body(s->o, s->c, s->direction, piece);
    } else if (side->flags & (WT_SIDE_OPENING | WT_SIDE_WHOLE)) {
        if (piece.n == r->length)
            s->body = piece;
        else
            wt_opener_body(s->o, tls, s->from, r, piece);
    } else if (r->type == WT_CONTENT_APPLICATION_DATA) {
        return; /* only to be shown */
    } else if (r->type != WT_CONTENT_HANDSHAKE) {
        gather_body(s, side, r, piece);
    } else if (!(side->flags & WT_SIDE_HIDDEN_NOW) && tls->handshake) {
        struct wt_framing *reader = &tls->handshake->reader[s->direction];
        /* Behind a CCS before any ServerHello only a hello can be in the clear: TLS 1.3's second ClientHello. */
        if (side->cover == WT_COVER_MAYBE && reader->lost && !reader->held.n &&
            piece.p[0] != WT_HANDSHAKE_CLIENT_HELLO && piece.p[0] != WT_HANDSHAKE_SERVER_HELLO) {
            side->flags |= WT_SIDE_HIDDEN_NOW;
            side->cover = WT_COVER_KEYS;
            return;
        }
        uint32_t end = r->length > side->mac ? r->length - side->mac : 0;
        piece = wt_span_cut(piece, 0, end > at ? end - at : 0);
        s->record = r;
        wt_places_fragment(s->o, s->c, s->direction, at, piece.n, reader);
        if (!wt_framing_feed(reader, piece, wt_records_handshake, s)) {
            bool alien = side->cover == WT_COVER_NONE && side->flags & WT_SIDE_HELLO && !side->missing;
            side->flags |= (uint16_t)(WT_SIDE_HIDDEN_NOW | (alien ? WT_SIDE_ALIEN_NOW : 0));
            if (side->cover == WT_COVER_MAYBE)
                side->cover = WT_COVER_KEYS;
            if (alien)
                wt_records_alien(s, r, at + (uint32_t)piece.n);
        }
    }
}

/* RFC 5246, 7.2.1: close_notify ends what the sender says in TLS; where the application provides for it the connection
 * goes on without (RFC 4217, 12.3: FTP's CCC). The other side's need not be in the capture. */
static bool has_left_tls(const struct wt_seat *s)
{
    const struct wt_tls *tls = s->c->tls;
    const struct wt_transport *t = &s->c->transport;
    const bool seen =
        !wt_transport_is_one_sided(t) && !tls->side[!s->from].missing && !wt_transport_unseen(t, !s->direction);
    return wt_facts_has_closed(tls, s->from) && (wt_facts_has_closed(tls, !s->from) || !seen);
}

static void on_lost(void *context, const uint8_t head[5])
{
    struct wt_seat *s = context;
    (void)head;
    if (has_left_tls(s))
        return;
    wt_finding_add(s->c->tls, WT_FINDING_NOT_A_RECORD, s->o->frame, wt_tls_sender_within(s->from), 0, 0);
}

static struct wt_carriage_sink sink_of(struct wt_seat *s)
{
    return (struct wt_carriage_sink){on_begin, on_body, wt_records_end, on_lost, s};
}

void wt_records_data(struct wt_observer *o, struct wt_conversation *c, unsigned direction, struct wt_span bytes)
{
    struct wt_record_cursor *cursor = &c->tls->cursor[direction];
    if (wt_record_skips(cursor, bytes.n))
        return;
    struct wt_seat s = {.o = o, .c = c, .direction = direction, .from = wt_tls_side_of(c->tls, direction)};
    if (!wt_transport_is_datagrams(&c->transport))
        s.fed = c->transport.tcp[direction].next + (uint32_t)bytes.n;
    struct wt_carriage_sink sink = sink_of(&s);
    wt_record_feed(cursor, bytes, &sink);
}

void wt_records_gap(struct wt_observer *o, struct wt_conversation *c, unsigned direction, uint64_t n)
{
    struct wt_tls *tls = c->tls;
    struct wt_record_cursor *cursor = &tls->cursor[direction];
    unsigned from = wt_tls_side_of(tls, direction);
    struct wt_tls_side *side = &tls->side[from];
    side->missing += n;
    if (wt_carrier_gap(tls, direction))
        n = UINT64_MAX;
    if (!(side->flags & WT_SIDE_STARTED)) {
        side->flags |= WT_SIDE_STARTED;
        cursor->state |= WT_RECORD_LOST | WT_RECORD_ANY_VERSION;
        return;
    }
    struct wt_seat s = {.o = o, .c = c, .direction = direction, .from = from};
    struct wt_carriage_sink sink = sink_of(&s);
    bool in_handshake = cursor->state & WT_RECORD_WANTED && cursor->record.type == WT_CONTENT_HANDSHAKE;
    /* of a fragment that is nothing but handshake messages in the clear */
    bool clear = in_handshake && !(side->flags & (WT_SIDE_HIDDEN_NOW | WT_SIDE_OPENING)) && !side->mac;
    bool inside = wt_record_gap(cursor, n, &sink);
    clear = clear && inside;
    wt_keyring_gap(tls, from, n);
    if (tls->handshake && !tls->outcome.ready_ns)
        tls->handshake->common.messages.broken = true;
    if (tls->handshake && (!inside || in_handshake))
        (void)wt_framing_gap(&tls->handshake->reader[direction], clear ? n : 0);
}
