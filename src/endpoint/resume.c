#include "endpoint/resume.h"

#include "endpoint/failure.h"
#include "endpoint/secrets.h"

/* --- what is kept ------------------------------------------------------------------------------------------------- */

enum wt_hash_id wt_resume_hash_of(uint16_t suite)
{
    const struct wt_suite *s = wt_suite_find(suite);
    return s ? (enum wt_hash_id)s->prf : WT_HASH_NONE;
}

/* Bound to name and protocol, and to who the peer is. RFC 6066, 3: a name is as the client asked for it, in the one
 * case that its ends compare. */
struct wt_session wt_resume_session_of(const struct wt_endpoint *e, uint32_t lifetime)
{
    const struct wt_chosen *c = &e->h.agreed.chosen;
    struct wt_session s = {
        .version = c->version,
        .suite = c->suite,
        .made = e->now_ms,
        .authenticated = e->authenticated,
        .peer_until = e->peer_until,
        .verified = e->verified,
        .has_peer = e->has_peer,
        .host = wt_span_of(e->host, e->host ? strlen(e->host) : 0),
        .port = e->port,
        .alpn = wt_span_of(c->alpn, c->alpn_length < sizeof c->alpn ? c->alpn_length : 0),
    };
    memcpy(s.peer, e->peer_sha256, sizeof s.peer);
    s.of_psk = e->psk && wt_party_mark(e->party, e->psk, s.peer);
    s.expires = wt_session_end(&s, lifetime);
    return s;
}

bool wt_resume_may12(const struct wt_endpoint *e)
{
    uint8_t mark[WT_PSK_MARK];
    return !e->psk || wt_party_mark(e->party, e->psk, mark);
}

void wt_resume_authenticated(struct wt_endpoint *e)
{
    const struct wt_certificate_facts *leaf = e->certificate_count ? e->certificates[0] : NULL;
    e->authenticated = e->now_ms;
    e->has_peer = leaf;
    if (!leaf)
        return;
    memcpy(e->peer_sha256, leaf->sha256, sizeof e->peer_sha256);
    e->peer_until = e->verified ? leaf->not_after * 1000 : 0;
}

void wt_resume_take(struct wt_endpoint *e, const struct wt_session *s)
{
    e->resumed = true;
    e->verified = s->verified;
    e->has_peer = s->has_peer;
    if (s->of_psk)
        e->psk = wt_party_psk_of(e->party, s->peer);
    else
        memcpy(e->peer_sha256, s->peer, sizeof e->peer_sha256);
    e->authenticated = s->authenticated;
    e->peer_until = s->peer_until;
}

void wt_resume_disown(struct wt_endpoint *e)
{
    const struct wt_chosen *c = &e->h.agreed.chosen;
    wt_client_sessions_drop(&e->party->sessions, e->session);
    wt_kept_session_release(e->session);
    e->session = NULL;
    if (e->side == WT_SERVER && !c->tls13)
        wt_server_sessions_drop(&e->party->ids, wt_span_of(c->session_id, c->session_id_length));
}

/* --- TLS 1.3 ------------------------------------------------------------------------------------------------------ */

bool wt_resume_secret13(struct wt_endpoint *e)
{
    const struct wt_keys13_input in = wt_endpoint_keys13_input(e);
    struct wt_schedule s;
    return (wt_keys13_schedule(&e->h, NULL, &s) && wt_keys13_resumption(&e->h, &s, &in, e->resumption)) ||
           wt_endpoint_broken(e);
}

bool wt_resume_psk13(struct wt_endpoint *e, struct wt_span nonce, struct wt_session *session)
{
    struct wt_schedule s;
    if (!wt_keys13_schedule(&e->h, NULL, &s) || !wt_ticket_psk(&s, e->resumption, nonce, session->secret))
        return wt_endpoint_broken(e);
    session->secret_length = (uint8_t)s.length;
    return true;
}
