#include "observer/dtls/dtls.h"

#include "base/memory.h"
#include "observer/dtls/early.h"
#include "observer/dtls/epochs.h"
#include "observer/dtls/find.h"
#include "observer/dtls/fragments.h"
#include "observer/dtls/ids.h"
#include "observer/dtls/records.h"
#include "observer/dtls/settle.h"
#include "observer/dtls/spots.h"
#include "observer/transport/copies.h"

#include <stdlib.h>

/* Records of application data that come while handshake messages wait for one before them: more, and it is lost. */
enum { PATIENCE = 8 };

/* A datagram on its way to its connection. */
struct arrival {
    const struct wt_datagram *d;
    struct wt_span payload; /* what may be records */
    unsigned direction;     /* of the connection */
    bool moved;             /* it was found by an id, and comes from elsewhere */
};

/* --- the connection ----------------------------------------------------------------------------------------------- */

static struct wt_dtls *dtls_new(struct wt_conversation *c)
{
    struct wt_dtls *dtls = wt_calloc(1, sizeof *dtls);
    if (!dtls)
        return NULL;
    dtls->c = c;
    dtls->waiting_end = &dtls->waiting;
    c->tls->dtls = dtls;
    c->tls->agreed.protocol = WT_PROTOCOL_DTLS;
    return dtls;
}

void wt_dtls_free(struct wt_dtls *dtls)
{
    if (!dtls)
        return;
    for (unsigned d = 0; d < 2; d++) {
        wt_dtls_epochs_free(&dtls->way[d]);
        wt_dtls_fragments_free(&dtls->way[d]);
    }
    wt_dtls_records_free(dtls);
    free(dtls->list);
    wt_buffer_wipe(&dtls->kept);
    free(dtls);
}

size_t wt_dtls_bytes(const struct wt_dtls *dtls)
{
    return dtls ? sizeof *dtls + dtls->waiting_bytes + dtls->list_cap * sizeof *dtls->list + dtls->kept.cap +
                      wt_dtls_fragments_bytes(&dtls->way[0]) + wt_dtls_fragments_bytes(&dtls->way[1])
                : 0;
}

void wt_dtls_mark(struct wt_observer *o, struct wt_conversation *c, struct wt_message *message)
{
    const struct wt_dtls *dtls = c->tls->dtls;
    wt_dtls_spots_fill(o, c, &dtls->telling, message);
    message->epoch = dtls->telling.epoch;
    message->message_seq = dtls->telling.message ? dtls->telling.message_seq : 0;
    message->flags |= dtls->telling.message ? WT_MESSAGE_SEQUENCE : 0;
}

uint16_t wt_dtls_message_seq(const struct wt_dtls *dtls)
{
    return dtls->telling.message_seq;
}

bool wt_dtls_begins(const struct wt_dtls *dtls)
{
    return dtls->telling.message && !dtls->telling.message_seq && !dtls->telling.epoch;
}

bool wt_dtls_is_whole(const struct wt_dtls *dtls)
{
    return !dtls->lacking && !dtls->unordered && !dtls->giving_up && dtls->has_random;
}

/* RFC 5246, 7.3: the client's keys come after the server's flight, which ends with ServerHelloDone. */
static bool is_flight_cut(const struct wt_tls *tls)
{
    static const uint8_t before[] = {WT_HANDSHAKE_SERVER_HELLO, WT_HANDSHAKE_CERTIFICATE,
                                     WT_HANDSHAKE_CERTIFICATE_STATUS, WT_HANDSHAKE_SERVER_KEY_EXCHANGE,
                                     WT_HANDSHAKE_CERTIFICATE_REQUEST};
    const struct wt_tls_side *server = &tls->side[WT_SERVER];
    return wt_flow_has(&tls->flow, WT_FACT_CLIENT_KEYS) && server->has_message &&
           memchr(before, server->message, sizeof before);
}

/* RFC 5246, 7.3: in a full handshake the server changes its keys when it has the client's Finished. */
static bool is_answer_cut(const struct wt_tls *tls)
{
    return wt_flow_has(&tls->flow, WT_FACT_SERVER_DONE) && wt_flow_has(&tls->flow, WT_FACT_SERVER_CCS) &&
           !(tls->side[WT_CLIENT].flags & WT_SIDE_FINISHED);
}

/* RFC 6347, 4.1: "sequence numbers are maintained separately for each epoch, with each sequence_number initially being
 * 0 for each epoch." */
bool wt_dtls_lacks(const struct wt_dtls *dtls)
{
    bool lacks = dtls && (dtls->lacking || is_flight_cut(dtls->c->tls) || is_answer_cut(dtls->c->tls));
    for (unsigned d = 0; dtls && d < 2; d++)
        for (size_t i = 0; i < WT_LIMIT_DTLS_EPOCHS; i++)
            lacks |= dtls->way[d].epochs[i].used && dtls->way[d].epochs[i].next > dtls->way[d].epochs[i].seen;
    return lacks;
}

bool wt_dtls_is_shared(const struct wt_dtls *dtls)
{
    bool shared = false;
    for (unsigned i = 0; dtls && i < WT_DTLS_SHARED_COUNT; i++)
        shared |= dtls->shared[i] > 0;
    return shared;
}

static bool is_end(const struct wt_conversation *c, unsigned direction, const uint8_t ip[16], uint16_t port)
{
    return c->port[direction] == port && memcmp(c->ip[direction], ip, 16) == 0;
}

/* Which way a datagram between the connection's ends goes, or, once one of them has moved, by the other one. False: by
 * neither. */
static bool direction_of(const struct wt_conversation *c, const struct wt_segment *s, unsigned *direction)
{
    for (unsigned d = 0; d < 2; d++)
        if (is_end(c, d, s->source, s->source_port) && is_end(c, !d, s->target, s->target_port)) {
            *direction = d;
            return true;
        }
    for (unsigned d = 0; d < 2; d++)
        if (is_end(c, d, s->source, s->source_port) || is_end(c, !d, s->target, s->target_port)) {
            *direction = d;
            return true;
        }
    return false;
}

/* RFC 6347, 4.2.8: "it receives an epoch=0 ClientHello": another connection between the same ends, unless it is the
 * first one's, sent again. */
static bool is_another(const struct wt_dtls *dtls, struct wt_span payload)
{
    enum { MESSAGE_SEQ = 17, RANDOM = 27, LEAST = RANDOM + 32 };
    return dtls->has_random && payload.n >= LEAST && wt_dtls_find_records(payload, true) &&
           wt_dtls_find_beginning(payload) && payload.p[13] == WT_HANDSHAKE_CLIENT_HELLO &&
           wt_get32(payload.p + MESSAGE_SEQ) == 0 && payload.p[MESSAGE_SEQ + 4] == 0 &&
           memcmp(payload.p + RANDOM, dtls->random, sizeof dtls->random) != 0;
}

/* Whether a datagram between the ends of a connection is its own: RFC 7983, 7, by the first byte. */
static bool is_its_own(const struct wt_dtls *dtls, const struct arrival *a)
{
    const struct wt_span p = a->payload;
    enum { FIRST = 20, LAST = 63 };
    if (!p.n || p.p[0] < FIRST || p.p[0] > LAST)
        return false;
    return wt_dtls_is_unified(p.p[0]) ? dtls->told > 0 || dtls->way[0].parts || dtls->way[1].parts
                                      : wt_dtls_find_records(p, true);
}

static struct wt_conversation *begin(struct wt_observer *o, struct arrival *a)
{
    struct wt_conversation *c = NULL;
    if (wt_udp_was_closed(o, a->d) && !wt_dtls_find_beginning(a->payload))
        return NULL;
    if (wt_dtls_find_records(a->payload, a->d->segment->missing > 0))
        c = wt_udp_begin(o, a->d);
    if (!c || !dtls_new(c))
        return NULL;
    a->direction = a->d->direction;
    /* who sent a hello shows by that */
    const bool to_server = wt_dtls_find_beginning(a->payload) || wt_udp_goes_to_server(a->d);
    c->tls->client = (uint8_t)(to_server ? a->direction : !a->direction);
    return c;
}

/* The connection that a datagram is of; NULL: it is none of DTLS. */
static struct wt_conversation *connection_of(struct wt_observer *o, struct arrival *a)
{
    struct wt_conversation *c = wt_udp_of(o, a->d);
    struct wt_dtls *dtls = c && c->tls ? c->tls->dtls : NULL;
    if (dtls && is_another(dtls, a->payload)) {
        wt_udp_end(o, c);
        wt_udp_report(o);
        return begin(o, a);
    }
    if (dtls && is_its_own(dtls, a) && direction_of(c, a->d->segment, &a->direction))
        return c;
    if (dtls && a->payload.n) {
        dtls->shared[wt_dtls_find_other(a->d->payload)]++;
        return NULL;
    }
    c = wt_dtls_ids_find(o, a->payload, &a->direction);
    a->moved = c != NULL;
    return c ? c : begin(o, a);
}

/* RFC 9146, 6: a new address is believed once "the received datagram has been cryptographically verified"; without keys
 * it is by an id that nobody comes upon by chance. */
static bool is_believed(const struct wt_conversation *c, const struct arrival *a, bool opened)
{
    enum { CHANCE = 4 };
    const struct wt_dtls_way *way = &c->tls->dtls->way[a->direction];
    return opened && (c->tls->keys || wt_dtls_ids_length(way, a->payload) >= CHANCE);
}

/* RFC 5246, 7.2.1: "Unless some other fatal alert has been transmitted, each party is required to send a close_notify
 * alert before closing the write side of the connection." */
static bool is_closed(const struct wt_tls *tls)
{
    const unsigned both = tls->side[0].flags & tls->side[1].flags, any = tls->side[0].flags | tls->side[1].flags;
    return any & WT_SIDE_FATAL || both & WT_SIDE_CLOSE_NOTIFY;
}

/* Its records are read; false: it is none of the connection's. */
static bool take(struct wt_observer *o, struct wt_conversation *c, const struct arrival *a)
{
    const struct wt_datagram *d = a->d;
    struct wt_dtls *dtls = c->tls->dtls;
    const bool opened = wt_dtls_records_take(o, c, a->direction, a->payload, (uint32_t)(a->payload.p - d->payload.p));
    if (dtls->late > PATIENCE)
        wt_dtls_fragments_give_up(o, c);
    wt_dtls_records_retry(o, c, false);
    if (a->moved && !is_believed(c, a, opened))
        return false;
    if (a->moved) {
        dtls->moves++;
        if (!dtls->moved_frame)
            dtls->moved_frame = o->frame;
        wt_udp_bind(d, c);
    }
    return true;
}

static void take_early(struct wt_observer *o, const struct wt_datagram *d)
{
    struct arrival a = {.d = d, .payload = wt_dtls_find_payload(d->payload)};
    struct wt_conversation *c = connection_of(o, &a);
    if (c)
        (void)take(o, c, &a);
}

bool wt_dtls_take(struct wt_observer *o, const struct wt_datagram *d)
{
    struct arrival a = {.d = d, .payload = wt_dtls_find_payload(d->payload)};
    struct wt_conversation *c = connection_of(o, &a);
    if (!c) {
        wt_dtls_early_keep(o, d, a.payload);
        return false;
    }
    struct wt_dtls *dtls = c->tls->dtls;
    const uint32_t told = dtls->told;
    const uint64_t replays = dtls->replays;
    if (!take(o, c, &a))
        return false;
    /* nothing came twice but in the capture */
    if (dtls->replays > replays && wt_copies_count(o, c->tls, d->direction, d->segment))
        dtls->replays = replays;
    if (o->udp.early && dtls->told != told)
        wt_dtls_early_give(o, c, take_early);
    if (is_closed(c->tls))
        wt_udp_closes(c);
    wt_udp_seen(o, d, c);
    return true;
}

void wt_dtls_forget(struct wt_observer *o)
{
    wt_dtls_early_forget(o);
}

void wt_dtls_end(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_dtls *dtls = c->tls->dtls;
    if (!dtls)
        return;
    wt_dtls_fragments_give_up(o, c);
    wt_dtls_records_retry(o, c, true);
    wt_dtls_fragments_give_up(o, c);
    wt_dtls_ids_unlist(o, dtls);
    wt_dtls_settle(o, c);
}
