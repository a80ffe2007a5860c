/* A connection's life, and what is told of it. */
#include "endpoint/endpoint.h"

#include "base/memory.h"
#include "endpoint/buffers.h"
#include "endpoint/client.h"
#include "endpoint/client_resume.h"
#include "endpoint/failure.h"
#include "endpoint/flight.h"
#include "endpoint/later.h"
#include "endpoint/messages.h"
#include "endpoint/tap.h"
#include "handshake/keys12.h"
#include "handshake/keys13.h"

#include <stdlib.h>

/* --- begin and end ------------------------------------------------------------------------------------------------ */

void wt_endpoint_begin(struct wt_endpoint *e)
{
    wt_handshake_end(&e->h);
    wt_handshake_start(&e->h, e->party->crypto, true);
    e->h.messages.pool = &e->party->pool;
    e->h.agreed.interleaved = true;
    wt_flow_start(&e->flow);
}

static struct wt_endpoint *endpoint_new(struct wt_party *party, int64_t now_ms)
{
    struct wt_endpoint *e = wt_calloc(1, sizeof *e);
    struct wt_exchanging *x = wt_pool_take_zeroed(&party->pool, sizeof *x);
    if (!e || !x) {
        free(e);
        wt_pool_give(&party->pool, x, sizeof *x);
        return NULL;
    }
    e->party = party;
    e->x = x;
    e->side = (uint8_t)party->side;
    e->peer = party->side == WT_CLIENT ? WT_SERVER : WT_CLIENT;
    e->now_ms = now_ms;
    wt_endpoint_begin(e);
    return e;
}

struct wt_endpoint *wt_client_connect(struct wt_party *client, const char *host, int64_t now_ms)
{
    return wt_client_resume(client, host, now_ms, (struct wt_span){0});
}

struct wt_endpoint *wt_client_resume(struct wt_party *client, const char *host, int64_t now_ms, struct wt_span session)
{
    return wt_client_connect_to(client, host, client->o.port, now_ms, session);
}

struct wt_endpoint *wt_client_connect_to(struct wt_party *client, const char *host, uint16_t port, int64_t now_ms,
                                         struct wt_span session)
{
    if (!host)
        host = client->host;
    if (client->side != WT_CLIENT || (!host && !client->o.without_verification) ||
        (host && strlen(host) > WT_LIMIT_HOST))
        return NULL;
    struct wt_endpoint *e = endpoint_new(client, now_ms);
    if (e && host && !(e->host = wt_strdup(host))) {
        wt_endpoint_free(e);
        return NULL;
    }
    if (e) {
        e->port = port;
        wt_client_choose_session(e, session);
        (void)wt_client_hello(e);
    }
    return e;
}

struct wt_endpoint *wt_server_accept(struct wt_party *server, int64_t now_ms)
{
    struct wt_endpoint *e = server->side == WT_SERVER ? endpoint_new(server, now_ms) : NULL;
    if (e && !server->strikes.begun)
        server->strikes = (struct wt_strikes){.since = now_ms, .begun = true};
    if (e && server->o.cookie) /* it may be a hello's second half, whose first another has seen */
        e->x->early.skip = WT_LIMIT_EARLY_SKIPPED;
    return e;
}

void wt_endpoint_forget(struct wt_endpoint *e)
{
    struct wt_exchanging *x = e->x;
    if (!x)
        return;
    for (size_t i = 0; i < WT_LIMIT_KEY_SHARES; i++)
        wt_exchange_free(x->exchange[i]);
    wt_buffer_free(&x->shares);
    wt_record_protector_free(x->pending.open);
    wt_record_protector_free(x->pending.seal);
    wt_buffer_free(&x->to_sign);
    wt_buffer_free(&x->signature);
    wt_buffer_free(&x->held);
    wt_flight_wipe_psk(e);
    wt_kept_session_release(x->offers);
    wt_buffer_free(&x->ticket);
    wt_wipe(x->before, x->before ? sizeof *x->before : 0);
    free(x->before);
    wt_wipe(x, sizeof *x);
    wt_pool_give(&e->party->pool, x, sizeof *x);
    e->x = NULL;
    if (!wt_later_keeps(e))
        wt_messages_clear(&e->h.messages);
}

bool wt_endpoint_again(struct wt_endpoint *e)
{
    if (!e->x)
        e->x = wt_pool_take_zeroed(&e->party->pool, sizeof *e->x);
    return e->x;
}

void wt_endpoint_free(struct wt_endpoint *e)
{
    if (!e)
        return;
    wt_tap_end(e, WT_TAP_GONE);
    wt_endpoint_forget(e);
    wt_handshake_end(&e->h);
    wt_framing_clear(&e->framing);
    wt_record_protector_free(e->open);
    wt_record_protector_free(e->seal);
    wt_buffers_give(e->party, &e->in);
    wt_buffers_give(e->party, &e->out);
    wt_buffer_free(&e->flight);
    wt_wipe(e->waiting.p, e->waiting.n);
    wt_buffer_free(&e->waiting);
    wt_buffer_free(&e->staple);
    wt_buffer_free(&e->timestamps);
    if (e->judgement)
        wt_judgement_release(e->judgement);
    for (size_t i = 0; i < e->certificate_count; i++)
        wt_certificates_release(e->certificates[i]);
    free(e->certificates);
    wt_kept_session_release(e->session);
    free(e->given_psk);
    free(e->host);
    free(e->why_text);
    wt_crypto_wipe_scratch(e->party->crypto);
    wt_wipe(e, sizeof *e);
    free(e);
    wt_wipe_stack();
}

enum wt_side wt_endpoint_side(const struct wt_endpoint *e)
{
    return (enum wt_side)e->side;
}

void wt_endpoint_time(struct wt_endpoint *e, int64_t now_ms)
{
    e->now_ms = now_ms;
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

bool wt_endpoint_say_update(struct wt_endpoint *e, bool ask)
{
    const struct wt_message_body m = {.type = WT_HANDSHAKE_KEY_UPDATE, .key_update = {.request_update = ask}};
    return wt_endpoint_say(e, &m);
}

bool wt_endpoint_key_update(struct wt_endpoint *e, bool ask)
{
    bool may = e->established && !(e->x && e->x->step) && e->h.agreed.chosen.tls13 && !e->failure.id &&
               !e->said_close && !e->closed;
    return may && wt_endpoint_say_update(e, ask);
}

/* RFC 8446, 4.6.3: "If the request_update field is set to "update_requested", then the receiver MUST send a KeyUpdate
 * of its own with request_update set to "update_not_requested" prior to sending its next Application Data record." */
bool wt_endpoint_check_update(struct wt_endpoint *e, const struct wt_key_update *m)
{
    if (++e->updates > WT_LIMIT_KEY_UPDATES)
        return wt_endpoint_too_much(e, WT_EXCESS_KEY_UPDATES, WT_LIMIT_KEY_UPDATES);
    e->update_asked |= m->request_update == 1;
    wt_endpoint_event(e, &(struct wt_event){.kind = WT_EVENT_KEY_UPDATE});
    return true;
}

/* Not before there is data to send: however many were asked for, one answers them all. */
bool wt_endpoint_answer_update(struct wt_endpoint *e)
{
    /* RFC 8446, 4.6.2: nothing comes between the messages of an answer */
    if (e->x && e->x->step)
        return true;
    if (!e->update_asked)
        return true;
    e->update_asked = false;
    return wt_endpoint_say_update(e, false);
}

static bool export13(struct wt_endpoint *e, const char *label, struct wt_span context, uint8_t *out, size_t n)
{
    struct wt_schedule s;
    return wt_keys13_schedule(&e->h, NULL, &s) && wt_exporter13(&s, e->exporter, label, context, out, n);
}

/* RFC 7627, 5.4: exporters without extended_master_secret let two connections have the same keying material. While
 * another handshake is under way, its randoms and the master secret before do not belong together. */
static bool export12(struct wt_endpoint *e, const char *label, struct wt_span context, uint8_t *out, size_t n)
{
    struct wt_terms terms;
    return !e->again && e->h.agreed.chosen.extended_master && wt_keys12_terms(&e->h, NULL, &terms) == WT_KEYS_OK &&
           wt_exporter12(&terms, e->secret[0], label, context, out, n);
}

bool wt_endpoint_export(struct wt_endpoint *e, const char *label, struct wt_span context, uint8_t *out, size_t n)
{
    if (!e->established)
        return false;
    return e->h.agreed.chosen.tls13 ? export13(e, label, context, out, n) : export12(e, label, context, out, n);
}

/* RFC 7627, 1: of a session that was resumed without extended_master_secret it may be another connection's, too; none
 * such is resumed here. */
bool wt_endpoint_unique(const struct wt_endpoint *e, uint8_t out[12])
{
    const struct wt_agreed *a = &e->h.agreed;
    const unsigned first = e->resumed ? WT_SERVER : WT_CLIENT;
    if (!e->established || e->again || a->chosen.tls13 || a->verify_data_length[first] != 12)
        return false;
    memcpy(out, a->verify_data[first], 12);
    return true;
}

/* --- what is known ------------------------------------------------------------------------------------------------ */

/* An empty identity is one, too. */
static struct wt_span named(struct wt_span identity)
{
    static const uint8_t empty[1];
    return identity.n ? identity : wt_span_of(empty, 0);
}

void wt_endpoint_info(const struct wt_endpoint *e, struct wt_endpoint_info *info)
{
    const struct wt_before *before = e->x ? e->x->before : NULL;
    const struct wt_chosen *c = before ? &before->chosen : &e->h.agreed.chosen;
    *info = (struct wt_endpoint_info){
        .established = e->established,
        .retried = e->retried,
        .verified = e->verified,
        .requested = before ? before->requested : e->requested,
        .extended_master = c->extended_master,
        .resumed = before ? before->resumed : e->resumed,
        .early_data_accepted = e->early_accepted,
        .early_data_sent = e->early_sent,
        .false_started = e->false_started,
        .ticket_age_skew = e->ticket_age_skew,
        .encrypt_then_mac = c->encrypt_then_mac,
        .status = e->status,
        .alert = e->failure.alert,
        .has_alert = e->failure.has_alert,
        .alert_sent = e->failure.sent,
        .version = c->version,
        .suite = c->has_suite ? c->suite : 0,
        .group = c->group,
        .scheme = e->side == WT_CLIENT ? c->scheme : c->client_scheme,
        .host = wt_span_of(e->host, e->host ? strlen(e->host) : 0),
        .alpn = wt_span_of(c->alpn, c->alpn_length < sizeof c->alpn ? c->alpn_length : sizeof c->alpn),
        .certificates = e->certificates,
        .certificate_count = e->certificate_count,
        .path = e->judgement ? e->judgement->path : NULL,
        .path_count = e->judgement ? e->judgement->path_count : 0,
        .staple = wt_buffer_span(&e->staple),
        .timestamps = wt_buffer_span(&e->timestamps),
        .scts = e->scts,
        .certificate_sha256 = e->has_peer ? e->peer_sha256 : NULL,
        .psk = e->psk ? named(e->psk->identity) : (struct wt_span){0},
        .wrong = e->wrong,
        .wrong_count = e->wrong_count,
    };
}
