#include "observer/quic/connection.h"
#include "observer/quic/told.h"

#include "base/memory.h"
#include "observer/keys/keyring.h"
#include "observer/quic/application.h"
#include "observer/quic/ids.h"
#include "observer/quic/ledger.h"
#include "observer/quic/loss.h"
#include "observer/quic/messages.h"
#include "observer/quic/opener.h"
#include "observer/quic/waiting.h"
#include "observer/udp/connections.h"

struct wt_quic *wt_quic_connection_new(struct wt_observer *o, const struct wt_datagram *d, unsigned from)
{
    struct wt_quic *q = wt_pool_take_zeroed(&o->pool, sizeof *q);
    struct wt_conversation *c = q ? wt_udp_begin(o, d) : NULL;
    if (!c) {
        wt_pool_give(&o->pool, q, sizeof *q);
        return NULL;
    }
    q->o = o;
    q->c = c;
    q->waiting_end = &q->waiting;
    c->tls->quic = q;
    c->tls->flow.facts |= WT_FACT_QUIC;
    c->tls->agreed.protocol = WT_PROTOCOL_QUIC;
    c->tls->client = (uint8_t)(from == WT_CLIENT ? d->direction : !d->direction);
    return q;
}

void wt_quic_connection_turn(struct wt_quic *q)
{
    struct wt_tls *tls = q->c->tls;
    const struct wt_quic_side side = q->side[0];
    q->side[0] = q->side[1];
    q->side[1] = side;
    wt_quic_opener_drop_initial(q); /* they are of the other side */
    wt_quic_paths_turn(q);
    wt_quic_ids_turn(q);
    wt_quic_ledger_turn(q);
    wt_quic_loss_turn(q);
    for (unsigned i = 0; i < q->close_count; i++)
        q->closes[i].from = !q->closes[i].from;
    if (!tls->client_known) {
        const unsigned client = !tls->client;
        wt_tls_take_role(tls, client);
        tls->client_known = false;
    }
}

void wt_quic_connection_role(struct wt_quic *q)
{
    q->flags |= WT_QUIC_ROLES;
    q->c->tls->client_known = true;
}

static void forget_crypto(struct wt_quic *q)
{
    for (unsigned side = 0; side < 2; side++)
        for (unsigned level = 0; level < WT_LEVEL_COUNT; level++) {
            wt_quic_messages_free(q->side[side].crypto[level]);
            q->side[side].crypto[level] = NULL;
        }
}

void wt_quic_connection_restart(struct wt_quic *q, bool tls)
{
    if (!tls) {
        forget_crypto(q);
        wt_quic_loss_restart(q);
        return;
    }
    wt_tls_end_handshake(q->c->tls);
    (void)wt_tls_handshake(q->o, q->c->tls);
    wt_flow_start(&q->c->tls->flow);
    q->c->tls->flow.facts |= WT_FACT_QUIC;
}

static void side_free(struct wt_quic_side *side)
{
    for (unsigned level = 0; level < WT_LEVEL_COUNT; level++) {
        wt_quic_messages_free(side->crypto[level]);
        if (level != WT_LEVEL_INITIAL)
            wt_quic_opener_free(side->opener[level]);
    }
}

void wt_quic_connection_free(struct wt_quic *q)
{
    wt_quic_opener_drop_initial(q);
    wt_quic_ids_drop(q);
    wt_quic_waiting_free(q);
    wt_quic_ledger_free(q->list);
    wt_quic_application_free(q->application);
    wt_quic_told_free(q->told);
    wt_quic_loss_free(q->loss);
    side_free(&q->side[0]);
    side_free(&q->side[1]);
    wt_quic_paths_free(q);
    wt_wipe(q->side, sizeof q->side);
    wt_pool_give(&q->o->pool, q, sizeof *q);
}

size_t wt_quic_connection_bytes(const struct wt_quic *q)
{
    enum { CIPHERS = 4096 }; /* what libcrypto's contexts of one direction take, about */
    size_t n = sizeof *q + q->id_count * sizeof(struct wt_quic_id) + q->waiting_bytes + wt_quic_ledger_bytes(q->list) +
               wt_quic_application_bytes(q->application) + wt_quic_told_bytes(q->told) + wt_quic_loss_bytes(q->loss) +
               wt_quic_paths_bytes(q);
    for (unsigned side = 0; side < 2; side++)
        for (unsigned level = 0; level < WT_LEVEL_COUNT; level++)
            n += wt_quic_messages_bytes(q->side[side].crypto[level]) + (q->side[side].opener[level] ? CIPHERS : 0);
    return n;
}
