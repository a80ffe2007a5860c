/* A TLS connection's state, from its first byte to its end. */
#include "base/i18n.h"
#include "diagnosis/causes.h"
#include "diagnosis/life.h"
#include "diagnosis/observations.h"
#include "diagnosis/refusal.h"
#include "observer/detect/carrier.h"
#include "observer/detect/detect.h"
#include "observer/dtls/dtls.h"
#include "observer/keys/opener.h"
#include "observer/message/log.h"
#include "observer/message/same.h"
#include "observer/quic/quic.h"
#include "observer/records.h"
#include "observer/state.h"

#include <inttypes.h>
#include <stdlib.h>

static struct wt_tls_handshake *new_handshake(struct wt_observer *o)
{
    struct wt_tls_handshake *hs = wt_pool_take_zeroed(&o->pool, sizeof *hs);
    if (!hs)
        return NULL;
    wt_handshake_start(&hs->common, o->crypto, false); /* breaches.c knows which is the first */
    hs->common.messages.pool = &o->pool;
    return hs;
}

static bool is_wanted(const struct wt_observer *o, const struct wt_conversation *c)
{
    if (!o->options.wanted)
        return true;
    struct wt_connection begun = {
        .stream = c->stream,
        .protocol = wt_transport_is_datagrams(&c->transport) ? WT_PROTOCOL_DTLS : WT_PROTOCOL_TLS,
        .client.port = c->port[0],
        .server.port = c->port[1],
    };
    memcpy(begun.client.ip, c->ip[0], sizeof begun.client.ip);
    memcpy(begun.server.ip, c->ip[1], sizeof begun.server.ip);
    return o->options.wanted(o->options.context, &begun);
}

static void keep_messages(struct wt_observer *o, struct wt_tls *tls)
{
    if (!o->options.keep_messages || tls->unwanted ||
        (o->options.keep_connections && o->kept >= o->options.keep_connections))
        return;
    tls->log = wt_log_new();
    o->kept += tls->log != NULL;
}

struct wt_tls *wt_tls_new(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_tls *tls = wt_pool_take_zeroed(&o->pool, sizeof *tls);
    if (tls)
        tls->handshake = new_handshake(o);
    if (!tls || !tls->handshake) {
        wt_pool_give(&o->pool, tls, sizeof *tls);
        return NULL;
    }
    tls->arena.pool = &o->pool;
    tls->arena.first = 96; /* SNI, ALPN and a chain's pointers: most connections need no second block */
    wt_flow_start(&tls->flow);
    tls->journaling = c->transport.kind == WT_TRANSPORT_TCP;
    tls->outcome.start_ns = o->now.ns;
    tls->unwanted = !is_wanted(o, c);
    keep_messages(o, tls);
    c->tls = tls;
    c->phase = WT_PHASE_TLS;
    return tls;
}

struct wt_tls_handshake *wt_tls_handshake(struct wt_observer *o, struct wt_tls *tls)
{
    if (!tls->handshake)
        tls->handshake = new_handshake(o);
    return tls->handshake;
}

void wt_tls_end_handshake(struct wt_tls *tls)
{
    if (!tls->handshake)
        return;
    wt_framing_clear(&tls->handshake->reader[0]);
    wt_framing_clear(&tls->handshake->reader[1]);
    wt_handshake_end(&tls->handshake->common);
    wt_pool_give(tls->arena.pool, tls->handshake, sizeof *tls->handshake);
    tls->handshake = NULL;
}

void wt_tls_free(struct wt_tls *tls)
{
    if (!tls)
        return;
    wt_tls_end_handshake(tls);
    wt_keyring_free(tls->keys);
    wt_log_free(tls->log);
    wt_carrier_free(tls->carrier);
    wt_quic_free(tls->quic);
    wt_dtls_free(tls->dtls);
    wt_judge_forget(tls);
    wt_arena_free(&tls->arena);
    wt_pool_give(tls->arena.pool, tls, sizeof *tls);
}

const char *wt_tls_sender(unsigned side)
{
    return side == WT_CLIENT ? N_("The client") : N_("The server");
}

const char *wt_tls_sender_within(unsigned side)
{
    return side == WT_CLIENT ? N_("the client") : N_("the server");
}

void wt_tls_take_role(struct wt_tls *tls, unsigned client)
{
    bool turn = !tls->client_known && tls->client != client;
    if (tls->client_known)
        return;
    tls->client = (uint8_t)client;
    tls->client_known = true;
    if (!turn)
        return;
    const struct wt_tls_side side = tls->side[0];
    tls->side[0] = tls->side[1];
    tls->side[1] = side;
    const uint16_t heartbeat = tls->seen.heartbeat[0];
    tls->seen.heartbeat[0] = tls->seen.heartbeat[1];
    tls->seen.heartbeat[1] = heartbeat;
    const uint32_t cut = tls->seen.flags & (WT_SEEN_CUT | WT_SEEN_CUT << 1);
    tls->seen.flags = (tls->seen.flags & ~cut) | (cut & WT_SEEN_CUT) << 1 | (cut >> 1 & WT_SEEN_CUT);
    tls->pace.from = !tls->pace.from;
    tls->pace.last_from = !tls->pace.last_from;
    for (struct wt_list_alert *a = tls->report.alerts; a; a = a->next)
        a->alert.from = !a->alert.from;
    if (tls->log)
        wt_log_turn(tls->log);
    if (tls->keys)
        wt_keyring_turn(tls->keys);
}

void wt_tls_data(struct wt_observer *o, struct wt_conversation *c, unsigned direction, struct wt_span bytes)
{
    struct wt_tls *tls = c->tls;
    unsigned from = wt_tls_side_of(tls, direction);
    tls->pace.last_from = (uint8_t)from;
    if (tls->carrier)
        wt_carrier_data(o, c, direction, bytes);
    else if (!(tls->side[from].flags & WT_SIDE_STARTED))
        wt_detect_side(o, c, direction, bytes);
    else
        wt_records_data(o, c, direction, bytes);
}

/* Whether one direction alone was captured: its acknowledgments answer what is not here, or it sent more than any
 * window that nobody opens further. Where nothing shows that, the other side may have been silent. */
static bool is_one_sided(const struct wt_conversation *c, unsigned d)
{
    const struct wt_transport *t = &c->transport;
    const struct wt_tcp_direction *from = &t->tcp[d];
    const uint32_t window = 65535; /* RFC 9293, 3.1: without scale */
    return wt_transport_seen(t, d) && !wt_transport_seen(t, !d) && !wt_transport_is_reset(t) &&
           ((wt_transport_opened(t, d) && t->tcp[!d].has_ack) || from->next - from->base > window);
}

/* What is to be known of the capture before anything is concluded from it. */
static void note_quality(struct wt_conversation *c)
{
    struct wt_tls *tls = c->tls;
    for (unsigned d = 0; d < 2; d++)
        if (c->transport.kind == WT_TRANSPORT_TCP && is_one_sided(c, d))
            wt_finding_add(tls, WT_FINDING_CAPTURE_ONE_SIDED, 0, wt_tls_sender_within(wt_tls_side_of(tls, d)), 0, 0);
    if (c->transport.flags & WT_TRANSPORT_STRAY && !wt_finding_of(tls, WT_FINDING_STRAY_RESET))
        wt_finding_add(tls, WT_FINDING_STRAY_RESET, 0, N_("one of the two sides"), 0, 0);
    if (wt_transport_is_skewed(&c->transport))
        (void)wt_finding_say(tls, WT_FINDING_CAPTURE_CLOCK, 0,
                             _("By its time stamp the SYN-ACK came before the SYN: the clocks of the two directions "
                               "differ. Durations between them are not reported."));
}

static void note_gap(const struct wt_conversation *c, unsigned side)
{
    struct wt_tls *tls = c->tls;
    const uint64_t missing = tls->side[side].missing;
    if (missing && c->multipath)
        (void)wt_finding_say(tls, WT_FINDING_CAPTURE_GAP, 0,
                             _("%s sent bytes that are not in the capture: %" PRIu64
                               " are missing. The connection uses "
                               "Multipath TCP: they may have passed over a subflow that the capture lacks."),
                             _(wt_tls_sender(side)), missing);
    else if (missing)
        wt_finding_add(tls, WT_FINDING_CAPTURE_GAP, 0, wt_tls_sender(side), missing, 0);
}

void wt_tls_end(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_tls *tls = c->tls;
    for (unsigned d = 0; d < 2; d++)
        note_gap(c, wt_tls_side_of(tls, d));
    note_quality(c);
    /* what was sent twice before anything was known to be TLS was told to nobody then */
    for (unsigned d = 0; d < 2; d++)
        if (wt_transport_conflicts(&c->transport, d) && !wt_finding_of(tls, WT_FINDING_TCP_CONFLICT))
            wt_finding_add(tls, WT_FINDING_TCP_CONFLICT, 0, wt_tls_sender(wt_tls_side_of(tls, d)), 0, 0);
    wt_order_end(c);
    /* a message that could not be opened is missing from what the proofs cover */
    for (unsigned d = 0; d < 2 && tls->keys && tls->handshake && !tls->outcome.ready_ns; d++)
        if (tls->keys->by[d].opened && tls->keys->by[d].failed)
            tls->handshake->common.messages.broken = true;
    wt_proofs_settle(o, c, true);
    wt_opener_settle(o, c);
    wt_outcome_settle(o, c);
    if (!(tls->flow.facts & WT_FACT_CLIENT_HELLO) && !wt_transport_opened_any(&c->transport) &&
        !wt_quic_is_undecoded(tls->quic) && !wt_quic_is_begun(tls->quic))
        wt_finding_add(tls, WT_FINDING_CAPTURE_STARTS_LATE, 0, "", 0, 0);
    wt_servers_learn(o, c);
    wt_judge_settle(o, c);
    wt_causes_settle(o, c);
    wt_observations_settle(o, c);
    wt_life_settle(o, c);
    wt_refusal_settle(o, c);
    wt_same_settle(o, c);
    wt_tls_end_handshake(tls);
}

struct wt_list_alert *wt_tls_alert(struct wt_tls *tls, const struct wt_alert_seen *alert)
{
    struct wt_list_alert **at = &tls->report.alerts, *a;
    uint16_t *flags = &tls->side[alert->from].flags;
    const bool closes = alert->readable && alert->description == WT_ALERT_CLOSE_NOTIFY;
    if (!alert->readable)
        *flags |= WT_SIDE_LAST_ALERT;
    else if (closes)
        *flags |= WT_SIDE_CLOSE_NOTIFY;
    else if (alert->level == 2)
        *flags |= WT_SIDE_FATAL;
    if (tls->report.alert_count >= WT_LIMIT_ALERTS || !(a = wt_arena_alloc(&tls->arena, sizeof *a)))
        return NULL;
    while (*at)
        at = &(*at)->next;
    a->alert = *alert;
    *at = a;
    tls->report.alert_count++;
    return a;
}
