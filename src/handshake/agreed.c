/* Messages add to what was agreed, and the flow table learns from it. */
#include "handshake/agreed.h"

#include "flow/flow.h"

_Static_assert(sizeof(struct wt_agreed) <= 1088, "a connection that is not up yet must stay cheap: limits.h");

void wt_agreed_start(struct wt_agreed *a, bool first)
{
    memset(a, 0, sizeof *a);
    a->first = first;
}

void wt_agreed_renegotiate(struct wt_agreed *a)
{
    struct wt_agreed before = *a;
    memset(a, 0, sizeof *a);
    if (!before.verify_data_length[WT_CLIENT] || !before.verify_data_length[WT_SERVER])
        return;
    a->again = true;
    a->was_secure = before.chosen.secure_renegotiation;
    memcpy(a->verify_data_length, before.verify_data_length, sizeof a->verify_data_length);
    memcpy(a->verify_data, before.verify_data, sizeof a->verify_data);
}

void wt_agreed_message(struct wt_agreed *a, unsigned side, const struct wt_message_body *m, bool whole)
{
    switch (m->type) {
    case WT_HANDSHAKE_CLIENT_HELLO:
        wt_agreed_client_hello(a, &m->client_hello, whole);
        break;
    case WT_HANDSHAKE_SERVER_HELLO:
        wt_agreed_server_hello(a, &m->server_hello, whole);
        break;
    case WT_HANDSHAKE_HELLO_RETRY_REQUEST:
        wt_agreed_old_retry(a, &m->hello_retry_request);
        break;
    case WT_HANDSHAKE_ENCRYPTED_EXTENSIONS:
        if (side == WT_SERVER)
            wt_agreed_encrypted_extensions(a, &m->encrypted_extensions);
        break;
    case WT_HANDSHAKE_SERVER_KEY_EXCHANGE:
        wt_agreed_server_key_exchange(a, &m->server_key_exchange);
        break;
    case WT_HANDSHAKE_CERTIFICATE_REQUEST:
        wt_agreed_certificate_request(a, &m->certificate_request, whole);
        break;
    case WT_HANDSHAKE_CERTIFICATE_VERIFY:
        wt_agreed_certificate_verify(a, side, &m->certificate_verify);
        break;
    case WT_HANDSHAKE_FINISHED:
        wt_agreed_finished(a, side, m->finished.verify_data);
        break;
    default:
        break;
    }
}

uint32_t wt_agreed_facts(const struct wt_agreed *a)
{
    const struct wt_chosen *c = &a->chosen;
    const struct wt_kx_info *kx = c->seen && !c->tls13 ? wt_kx_info_of((enum wt_kx)c->kx) : NULL;
    uint32_t facts = 0;
    if (c->tls13 || a->retry.seen)
        facts |= WT_FACT_TLS13;
    if (c->has_psk)
        facts |= WT_FACT_RESUMED;
    if (wt_agreed_offers(a, WT_EXT_EARLY_DATA, NULL) == WT_IS)
        facts |= WT_FACT_EARLY_OFFERED;
    if (kx && kx->server_key_exchange == WT_ALWAYS)
        facts |= WT_FACT_NEEDS_SERVER_KEYS;
    if (c->status_promised)
        facts |= WT_FACT_STATUS_PROMISED;
    if (c->ticket_promised)
        facts |= WT_FACT_TICKET_PROMISED;
    if (c->settings_promised)
        facts |= WT_FACT_SETTINGS_PROMISED;
    return facts;
}
