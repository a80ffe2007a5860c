#include "endpoint/exchange12.h"

#include "endpoint/failure.h"
#include "endpoint/flight.h"
#include "endpoint/secrets.h"
#include "endpoint/server_resume.h"

/* --- suites ------------------------------------------------------------------------------------------------------- */

/* Another handshake of the connection authenticates as the one before did. RFC 4279, 2, has no CertificateRequest: a
 * server that requires a certificate takes no PSK. */
bool wt_exchange12_may(const struct wt_endpoint *e, const struct wt_suite *suite)
{
    const struct wt_endpoint_options *o = &e->party->o;
    if (e->again && wt_exchange12_takes_psk(suite) != (e->psk != NULL))
        return false;
    return !wt_exchange12_takes_psk(suite) || e->side == WT_CLIENT || o->request != WT_REQUEST_REQUIRED;
}

bool wt_exchange12_has_psk(const struct wt_endpoint *e)
{
    const struct wt_chosen *c = &e->h.agreed.chosen;
    const struct wt_suite *suite = c->has_suite ? wt_suite_find(c->suite) : NULL;
    return suite && wt_exchange12_takes_psk(suite);
}

/* --- which key ---------------------------------------------------------------------------------------------------- */

struct wt_span wt_exchange12_hint(const struct wt_endpoint *e)
{
    const struct wt_handshake_message *m =
        wt_messages_newest(&e->h.messages, WT_SERVER, WT_HANDSHAKE_SERVER_KEY_EXCHANGE);
    return m ? m->body.server_key_exchange.psk_identity_hint : (struct wt_span){0};
}

struct wt_span wt_exchange12_identity(const struct wt_endpoint *e)
{
    const struct wt_handshake_message *m =
        wt_messages_newest(&e->h.messages, WT_CLIENT, WT_HANDSHAKE_CLIENT_KEY_EXCHANGE);
    return m ? m->body.client_key_exchange.psk_identity : (struct wt_span){0};
}

/* RFC 4279, 5.2: "In the absence of an application profile specification specifying otherwise, servers SHOULD NOT
 * provide an identity hint and clients MUST ignore the identity hint field." Who has such a profile is asked. */
bool wt_exchange12_choose_psk(struct wt_endpoint *e)
{
    const struct wt_endpoint_options *o = &e->party->o;
    const struct wt_external_psk *first = o->psk_count ? &o->psks[0] : NULL;
    if (!wt_exchange12_has_psk(e))
        return true;
    if (wt_flight_asks(e, WT_ASK_PSK) && !wt_flight_ask(e, WT_ASK_PSK))
        return true;
    e->psk = e->given_psk ? e->given_psk : first;
    return e->psk || wt_endpoint_fail(e, WT_ALERT_HANDSHAKE_FAILURE, "rejected-by-client");
}

/* RFC 4279, 2: "If the server does not recognize the PSK identity, it MAY respond with an "unknown_psk_identity" alert
 * message. Alternatively, if the server wishes to hide the fact that the PSK identity was not known, it MAY continue
 * the protocol as if the PSK identity existed but the key was incorrect". */
bool wt_exchange12_find_psk(struct wt_endpoint *e)
{
    const struct wt_span identity = wt_exchange12_identity(e);
    e->psk = wt_server_external_psk(e, identity);
    if (!e->psk && !wt_server_ask_psk(e, identity))
        return true;
    return e->psk || e->party->o.hides_psks ||
           wt_endpoint_fail(e, WT_ALERT_UNKNOWN_PSK_IDENTITY, "psk-unknown-identity");
}

bool wt_exchange12_is_unsure(const struct wt_endpoint *e)
{
    return !e->established && !e->resumed && wt_exchange12_has_psk(e) &&
           wt_messages_has(&e->h.messages, WT_CLIENT, WT_HANDSHAKE_CLIENT_KEY_EXCHANGE);
}

/* --- the master secret -------------------------------------------------------------------------------------------- */

/* RFC 5246, 8.1.2, for finite fields (RFC 4279, 3, keeps it so); RFC 8422, 5.10: a curve's secret keeps its leading
 * zeros. */
static struct wt_span shared_of(const struct wt_endpoint *e)
{
    const struct wt_span shared = wt_span_of(e->x->shared.bytes, e->x->shared.n);
    return wt_exchange12_is_finite_field(e->h.agreed.chosen.kx) ? wt_exchange_strip(shared) : shared;
}

/* Without a key to the identity it is one that nobody has: what follows is what follows a wrong key. */
static bool with_psk(struct wt_endpoint *e)
{
    uint8_t nobodys[32], premaster[4 + WT_SHARED_MOST + WT_LIMIT_PSK];
    struct wt_span key = e->psk ? e->psk->key : wt_span_of(nobodys, sizeof nobodys);
    _Static_assert((unsigned)WT_SHARED_MOST >= WT_LIMIT_PSK, "plain PSK has as many zeros as the key bytes");
    if (!e->psk && !wt_random_private(&e->party->random, WT_RANDOM_KEY, 0, nobodys, sizeof nobodys))
        return wt_endpoint_broken(e);
    const size_t n = wt_psk_premaster(key, shared_of(e), premaster, sizeof premaster);
    const bool ok = n ? wt_endpoint_master(e, wt_span_of(premaster, n)) : wt_endpoint_broken(e);
    wt_wipe(premaster, sizeof premaster);
    wt_wipe(nobodys, sizeof nobodys);
    return ok;
}

bool wt_exchange12_master(struct wt_endpoint *e)
{
    const bool ok = wt_exchange12_has_psk(e) ? with_psk(e) : wt_endpoint_master(e, shared_of(e));
    wt_shared_wipe(&e->x->shared);
    return ok;
}
