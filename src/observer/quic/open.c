#include "observer/quic/open.h"

#include "base/memory.h"
#include "observer/quic/ids.h"
#include "observer/quic/opener.h"
#include "observer/quic/steps.h"
#include "observer/udp/connections.h"

#include <stdlib.h>

enum { DATAGRAM_MOST = 65535 };

/* Room for one packet's header without its protection, and for its payload. */
static uint8_t *room_of(struct wt_observer *o)
{
    if (!o->quic_room)
        o->quic_room = wt_malloc(2 * (size_t)(DATAGRAM_MOST + 1));
    return o->quic_room;
}

void wt_quic_open_room_free(struct wt_observer *o)
{
    if (o->quic_room)
        wt_wipe(o->quic_room, 2 * (size_t)(DATAGRAM_MOST + 1));
    free(o->quic_room);
    o->quic_room = NULL;
}

/* One packet at one protector: what stays the same between tries. */
struct
try {
    struct wt_quic *q;
    struct wt_quic_sent *p;
    struct wt_quic_work *work;
    struct wt_quic_bare bare;
    struct wt_span header;
    uint64_t number;
};

static bool may_try(struct try *t)
{
    struct wt_quic_work *work = t->work;
    if (work->openings < WT_LIMIT_QUIC_OPENINGS && work->failures < WT_LIMIT_QUIC_FAILURES)
        return true;
    t->q->o->lost[WT_LOST_QUIC_OPENINGS] += !work->spent;
    work->spent = true;
    return false;
}

/* Header protection is off, the packet number known. An acknowledgment shows numbers that the capture has missed. */
static bool look(struct try *t, struct wt_mask *mask)
{
    const struct wt_quic_sent *p = t->p;
    const struct wt_quic_numbers *n = &t->q->side[p->from].numbers[wt_quic_space_of(p->type)];
    const uint64_t expected = n->next > n->acknowledged ? n->next : n->acknowledged;
    uint8_t *room = room_of(t->q->o);
    if (!room || p->bytes.n > DATAGRAM_MOST || !wt_quic_unmask(mask, p->bytes, p->header->number_at, &t->bare))
        return false;
    t->number = wt_quic_number_restore(expected, t->bare.number, t->bare.number_length);
    t->header = wt_quic_header(p->bytes, p->header->number_at, &t->bare, room);
    return true;
}

static bool open_with(struct try *t, struct wt_protector *protector)
{
    struct wt_opened opened;
    if (!protector || !may_try(t))
        return false;
    t->work->openings++;
    if (wt_quic_open(protector, t->header, t->number, wt_span_cut(t->p->bytes, t->header.n, SIZE_MAX),
                     t->q->o->quic_room + DATAGRAM_MOST + 1, &opened) != WT_OPENED) {
        t->work->failures++;
        return false;
    }
    t->p->number = t->number;
    t->p->payload = opened.text;
    t->p->plain = t->header;
    return true;
}

static bool open_by(struct try *t, const struct wt_quic_opener *k)
{
    return k && look(t, k->mask) && open_with(t, k->now);
}

/* --- Initial ------------------------------------------------------------------------------------------------------ */

/* The client's first packets have an id that it chose at random, and one that the server did not issue in a long
 * header is that of a Retry which is not in the capture. */
static bool is_after_unseen_retry(const struct wt_quic *q, const struct wt_quic_sent *p)
{
    return p->from == WT_CLIENT && p->header->token.n && !(q->flags & WT_QUIC_RETRY_SEEN) &&
           !q->side[WT_SERVER].has_id && !wt_span_equal(p->header->dcid, wt_quic_cid_span(&q->initial));
}

static void take_initial_id(struct wt_quic *q, struct wt_span id)
{
    wt_quic_opener_drop_initial(q);
    q->initial.n = (uint8_t)(id.n <= WT_QUIC_CID_MOST ? id.n : WT_QUIC_CID_MOST);
    if (q->initial.n)
        memcpy(q->initial.bytes, id.p, q->initial.n);
}

/* Which version's keys a reserved version's packets have shows by what opens. */
static bool open_reserved(struct try *t)
{
    const struct wt_quic_version *row;
    for (size_t i = 0; (row = wt_quic_version_stand_in(i)); i++)
        if (open_by(t, wt_quic_opener_initial(t->q, t->p->from, row)))
            return true;
    return false;
}

static bool open_initial(struct try *t)
{
    struct wt_quic *q = t->q;
    const struct wt_quic_cid before = q->initial;
    if (wt_quic_version_is_reserved(t->p->header->version))
        return open_reserved(t);
    if (open_by(t, wt_quic_opener_initial(q, t->p->from, t->p->header->row)))
        return true;
    if (!is_after_unseen_retry(q, t->p))
        return false;
    take_initial_id(q, t->p->header->dcid);
    if (open_by(t, wt_quic_opener_initial(q, t->p->from, t->p->header->row))) {
        q->flags |= WT_QUIC_UNSEEN_RETRY;
        return true;
    }
    take_initial_id(q, wt_quic_cid_span(&before));
    return false;
}

/* --- 0-RTT -------------------------------------------------------------------------------------------------------- */

/* RFC 8446, 4.2.10: under the suite of the PSK, which no message before the ServerHello names. */
static bool open_early(struct try *t)
{
    struct wt_quic *q = t->q;
    struct wt_quic_opener **at = &q->side[WT_CLIENT].opener[WT_LEVEL_0RTT], *k;
    if (*at)
        return open_by(t, *at);
    for (size_t i = 0; (k = wt_quic_opener_early(q, t->p->header->row, &i));) {
        if (open_by(t, k)) {
            *at = k;
            wt_quic_steps_keys(q, WT_CLIENT, k);
            return true;
        }
        wt_quic_opener_free(k);
    }
    return false;
}

/* --- 1-RTT -------------------------------------------------------------------------------------------------------- */

/* More than one update has passed unseen. */
static bool open_ahead(struct try *t, struct wt_quic_opener *k, bool phase)
{
    uint8_t secret[WT_DIGEST_MOST];
    struct wt_protector *ahead;
    bool done = false;
    for (unsigned n = phase == k->phase ? 2 : 3; !done && n <= WT_LIMIT_QUIC_UPDATES && may_try(t); n += 2) {
        if (!wt_quic_opener_ahead(k, n, &ahead, secret))
            break;
        done = open_with(t, ahead);
        if (!done) {
            wt_protector_free(ahead);
            continue;
        }
        wt_quic_steps_update(t->q, t->p->from, k, n);
        wt_quic_opener_jump(k, n, ahead, secret, t->number);
        t->q->side[t->p->from].key_updates += n;
    }
    wt_wipe(secret, sizeof secret);
    return done;
}

/* RFC 9001, 6.2: keys of the next phase are tried where the Key Phase bit differs; 6.5: "A recovered packet number that
 * is lower than any packet number from the current key phase uses the previous packet protection keys". */
static bool open_phase(struct try *t, struct wt_quic_opener *k)
{
    const bool phase = t->bare.first & WT_QUIC_KEY_PHASE;
    if (phase == k->phase)
        return open_with(t, k->now);
    if (k->before && t->number < k->first && open_with(t, k->before))
        return true;
    if (!open_with(t, wt_quic_opener_next(k)) && !(wt_quic_opener_relabel(k) && open_with(t, wt_quic_opener_next(k))))
        return false;
    wt_quic_steps_update(t->q, t->p->from, k, 1);
    t->q->side[t->p->from].key_updates += wt_quic_opener_step(k, t->number);
    return true;
}

/* RFC 9000, 17.1: as many bits are sent as tell a number from those since the last that was acknowledged. The capture
 * may lack more packets than that, and what acknowledged them; or acknowledgments come before what they acknowledge,
 * where two taps were merged late. */
static bool open_beyond(struct try *t, struct wt_quic_opener *k)
{
    static const uint8_t windows[] = {0, WT_LIMIT_QUIC_WINDOWS, 1, 0, 0}; /* by bytes of a number */
    const struct wt_quic_numbers *n = &t->q->side[t->p->from].numbers[WT_SPACE_APPLICATION];
    const uint64_t window = (uint64_t)1 << (8 * t->bare.number_length), first = t->number;
    t->number = wt_quic_number_restore(n->next, t->bare.number, t->bare.number_length);
    if (t->number != first && open_phase(t, k))
        return true;
    for (unsigned i = 1; i <= windows[t->bare.number_length] && first + i * window <= WT_VARINT_MOST; i++) {
        t->number = first + i * window;
        if (open_phase(t, k))
            return true;
    }
    t->number = first;
    return false;
}

static bool open_short(struct try *t, struct wt_quic_opener *k)
{
    enum { IN_VAIN = 16 }; /* packets in a row, after which nobody looks farther ahead any more */
    if (!k || !look(t, k->mask))
        return false;
    if (open_phase(t, k) ||
        (k->failed < IN_VAIN && (open_beyond(t, k) || open_ahead(t, k, t->bare.first & WT_QUIC_KEY_PHASE)))) {
        k->failed = 0;
        return true;
    }
    k->failed += k->failed < IN_VAIN;
    return false;
}

/* --- any ---------------------------------------------------------------------------------------------------------- */

static enum wt_quic_outcome without_keys(const struct wt_quic *q, enum wt_quic_level level)
{
    return wt_quic_opener_may_come(q, level) ? WT_QUIC_OPEN_LATER : WT_QUIC_OPEN_NO_KEYS;
}

enum wt_quic_outcome wt_quic_open_packet(struct wt_quic *q, struct wt_quic_sent *p, struct wt_quic_work *work)
{
    struct try t = {.q = q, .p = p, .work = work};
    const enum wt_quic_level level = wt_quic_level_of(p->type);
    /* RFC 8999, 5.1: of a long header of another version only the version and the connection ids are known */
    const struct wt_quic_version *row = p->header->first & WT_QUIC_LONG ? p->header->row : q->row;
    struct wt_quic_opener *k;
    if (!row)
        return WT_QUIC_OPEN_NO_KEYS;
    if (p->type == WT_QUIC_INITIAL) {
        if (open_initial(&t))
            return WT_QUIC_OPEN_DONE;
        return p->from == WT_SERVER && !q->initial.n ? WT_QUIC_OPEN_LATER : WT_QUIC_OPEN_FAILED;
    }
    if (p->type == WT_QUIC_0RTT) {
        if (open_early(&t))
            return WT_QUIC_OPEN_DONE;
        return q->side[WT_CLIENT].opener[level] ? WT_QUIC_OPEN_FAILED : without_keys(q, level);
    }
    if (!(k = wt_quic_opener_of(q, p->from, level, row)))
        return without_keys(q, level);
    if (p->type == WT_QUIC_1RTT ? open_short(&t, k) : open_by(&t, k))
        return WT_QUIC_OPEN_DONE;
    return WT_QUIC_OPEN_FAILED;
}

bool wt_quic_open_shows_client(struct wt_observer *o, struct wt_quic_sent *p, struct wt_quic **keys)
{
    struct wt_quic *alone = p->header->row ? wt_pool_take_zeroed(&o->pool, sizeof *alone) : NULL;
    struct wt_quic_work work = {0};
    *keys = NULL;
    if (!alone)
        return false;
    alone->o = o;
    alone->row = p->header->row;
    take_initial_id(alone, p->header->dcid);
    if (wt_quic_open_packet(alone, p, &work) == WT_QUIC_OPEN_DONE) {
        *keys = alone;
        return true;
    }
    wt_quic_open_leave(o, alone);
    return false;
}

void wt_quic_open_adopt(struct wt_quic *q, struct wt_quic *keys)
{
    wt_quic_opener_hand_over(q, keys);
    wt_quic_open_leave(q->o, keys);
}

void wt_quic_open_leave(struct wt_observer *o, struct wt_quic *keys)
{
    if (!keys)
        return;
    wt_quic_opener_drop_initial(keys);
    wt_wipe(keys, sizeof *keys);
    wt_pool_give(&o->pool, keys, sizeof *keys);
}
