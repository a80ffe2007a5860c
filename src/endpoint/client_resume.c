#include "endpoint/client_resume.h"

#include "codec/ext/ext.h"
#include "endpoint/early.h"
#include "endpoint/failure.h"
#include "endpoint/flight.h"
#include "endpoint/resume.h"
#include "endpoint/secrets.h"
#include "handshake/proofs.h"

/* --- which session ------------------------------------------------------------------------------------------------ */

static bool has_protocol(const struct wt_party *p, struct wt_span name)
{
    struct wt_span rest = wt_buffer_span(&p->alpn), one;
    if (!name.n)
        return true;
    while (wt_ext_opaque_next(&rest, 1, &one))
        if (wt_span_equal(one, name))
            return true;
    return false;
}

/* RFC 8446, 4.6.1: "Clients MUST only resume if the new SNI value is valid for the server certificate presented in the
 * original session and SHOULD only resume if the SNI value matches the one used in the original session." Here it must
 * match. And who verifies its peers does not resume what nobody has verified. */
static enum wt_session_fault fault_of(const struct wt_party *p, const struct wt_session *s, const char *host,
                                      uint16_t port, int64_t now_ms)
{
    if (!wt_span_equal(s->host, wt_span_of(host, host ? strlen(host) : 0)))
        return WT_SESSION_OTHER_HOST;
    if (s->port != port)
        return WT_SESSION_OTHER_PORT;
    if (!wt_session_is_current(s, now_ms))
        return WT_SESSION_EXPIRED;
    if (s->of_psk ? !wt_party_psk_of(p, s->peer) : !s->verified && !p->o.without_verification)
        return s->of_psk ? WT_SESSION_OTHER_PSK : WT_SESSION_UNVERIFIED;
    if (!wt_party_has_version(p, s->version))
        return WT_SESSION_OTHER_VERSION;
    if (!wt_codes_have(wt_buffer_span(&p->suites), s->suite))
        return WT_SESSION_OTHER_SUITE;
    if (!has_protocol(p, s->alpn))
        return WT_SESSION_OTHER_ALPN;
    return s->version == WT_TLS12 || s->ticket.n ? WT_SESSION_FITS : WT_SESSION_MALFORMED;
}

static bool fits(const void *endpoint, const struct wt_session *s)
{
    const struct wt_endpoint *e = endpoint;
    return fault_of(e->party, s, e->host, e->port, e->now_ms) == WT_SESSION_FITS;
}

enum wt_session_fault wt_client_session_fault(const struct wt_party *client, const char *host, uint16_t port,
                                              int64_t now_ms, struct wt_span session)
{
    struct wt_session s;
    struct wt_error error;
    enum wt_session_fault fault = WT_SESSION_MALFORMED;
    if (wt_session_unwrap(client->crypto, session, &s, &error))
        fault = fault_of(client, &s, host ? host : client->host, port, now_ms);
    wt_wipe(&s, sizeof s);
    return fault;
}

static struct wt_kept_session *given_one(const struct wt_endpoint *e, struct wt_span bytes)
{
    struct wt_session s;
    struct wt_error error;
    struct wt_kept_session *k = NULL;
    if (wt_session_unwrap(e->party->crypto, bytes, &s, &error) && fits(e, &s))
        k = wt_kept_session_new(&s);
    wt_wipe(&s, sizeof s);
    return k;
}

void wt_client_choose_session(struct wt_endpoint *e, struct wt_span given)
{
    struct wt_exchanging *x = e->x;
    if (given.n)
        x->offers = given_one(e, given);
    else if (!e->party->o.without_resumption)
        x->offers = wt_client_sessions_take(&e->party->sessions, fits, e);
    if (x->offers)
        (void)wt_session_read(wt_span_of(x->offers->bytes, x->offers->n), &x->session);
}

static bool offers(const struct wt_endpoint *e, uint16_t version)
{
    return e->x->offers && e->x->session.version == version;
}

/* --- what the hello says ------------------------------------------------------------------------------------------ */

/* RFC 8446, 4.1.2: "A client which has a cached session ID set by a pre-TLS 1.3 server SHOULD set this field to that
 * value. In compatibility mode … this field MUST be non-empty". RFC 5077, 3.4: "When presenting a ticket, the client
 * MAY generate and include a Session ID in the TLS ClientHello", by whose echo it knows that the ticket was accepted.
 */
bool wt_client_make_session_id(struct wt_endpoint *e)
{
    struct wt_exchanging *x = e->x;
    /* another handshake of the connection is TLS 1.2's: RFC 8446, 4.1.2: "Otherwise, it MUST be set as a zero-length
     * vector (i.e., a zero-valued single byte length field)." */
    const bool compatible = wt_party_has_version(e->party, WT_TLS13) && !e->again && !e->party->o.without_compatibility;
    if (offers(e, WT_TLS12) && x->session.id_length) {
        memcpy(x->session_id, x->session.id, x->session.id_length);
        x->session_id_length = x->session.id_length;
        return true;
    }
    x->session_id_length = compatible || offers(e, WT_TLS12) ? sizeof x->session_id : 0;
    return !x->session_id_length ||
           wt_random_public(&e->party->random, WT_RANDOM_SESSION, x->session_id, sizeof x->session_id) ||
           wt_endpoint_broken(e);
}

/* RFC 5077, 3.2: "If the client does not have a ticket and is prepared to receive one …, then it MUST include a
 * zero-length ticket". */
void wt_client_add_ticket(struct wt_block *b, const struct wt_endpoint *e)
{
    const struct wt_span ticket = offers(e, WT_TLS12) ? e->x->session.ticket : (struct wt_span){0};
    if (!e->party->o.without_resumption || ticket.n)
        wt_block_add(b, WT_EXT_SESSION_TICKET, &(union wt_ext_body){.session_ticket = {.ticket = ticket}});
}

struct offer {
    struct wt_writer identities, binders;
};

/* RFC 8446, 4.2.11: "For identities established externally, an obfuscated_ticket_age of 0 SHOULD be used". */
static void add_psk(struct wt_endpoint *e, struct offer *o, struct wt_span identity, uint32_t age, enum wt_hash_id hash)
{
    static const uint8_t none[WT_DIGEST_MOST];
    struct wt_exchanging *x = e->x;
    const struct wt_retry *retry = &e->h.agreed.retry;
    /* RFC 8446, 4.1.2: "removing any PSKs which are incompatible with the server's indicated cipher suite" */
    if (x->offered_psks == WT_LIMIT_OFFERED_PSKS || (retry->seen && wt_resume_hash_of(retry->suite) != hash))
        return;
    wt_write_opaque(&o->identities, identity, 2, 1, 0xffff, "identity");
    wt_write_u32(&o->identities, age);
    wt_write_opaque(&o->binders, wt_span_of(none, wt_hash_info_of(hash)->length), 1, 32, 255, "binder");
    x->offered_psks++;
}

/* RFC 8446, 4.2.11.1: "The "obfuscated_ticket_age" field of each PskIdentity contains an obfuscated version of the
 * ticket age formed by taking the age in milliseconds and adding the "ticket_age_add" value that was included with the
 * ticket …, modulo 2^32." Where our clock went back meanwhile, none has passed. */
static uint32_t age_of(const struct wt_endpoint *e)
{
    const int64_t made = e->x->session.made;
    return e->now_ms > made ? (uint32_t)((uint64_t)e->now_ms - (uint64_t)made) : 0;
}

static void list_psks(struct wt_endpoint *e, struct offer *o)
{
    struct wt_exchanging *x = e->x;
    const struct wt_endpoint_options *options = &e->party->o;
    x->offered_psks = 0;
    if (offers(e, WT_TLS13))
        add_psk(e, o, x->session.ticket, age_of(e) + x->session.age_add, wt_resume_hash_of(x->session.suite));
    x->offered_session = x->offered_psks;
    for (size_t i = 0; i < options->psk_count; i++) {
        const struct wt_external_psk *psk = &options->psks[i];
        const uint8_t at = x->offered_psks;
        if (wt_party_psk_is_for_13(psk))
            add_psk(e, o, psk->identity, 0, psk->sha384 ? WT_HASH_SHA384 : WT_HASH_SHA256);
        if (x->offered_psks > at)
            x->offered[at] = psk;
    }
}

/* RFC 8446, 4.2.9: "If clients offer "pre_shared_key" without a "psk_key_exchange_modes" extension, servers MUST abort
 * the handshake"; without it they "SHOULD NOT" send tickets. 4.2.11: "The "pre_shared_key" extension MUST be the last
 * extension in the ClientHello". */
void wt_client_add_psks(struct wt_block *b, struct wt_endpoint *e)
{
    static const uint8_t modes[2] = {WT_PSK_DHE_KE, WT_PSK_KE};
    uint8_t identities[WT_LIMIT_TICKET + WT_LIMIT_OFFERED_PSKS * (WT_LIMIT_PSK_IDENTITY + 6)];
    uint8_t binders[WT_LIMIT_OFFERED_PSKS * (1 + WT_DIGEST_MOST)];
    struct offer o = {wt_writer_start(identities, sizeof identities), wt_writer_start(binders, sizeof binders)};
    if (e->party->o.without_resumption && !e->party->o.psk_count && !e->x->offers)
        return;
    wt_block_add(
        b, WT_EXT_PSK_KEY_EXCHANGE_MODES,
        &(union wt_ext_body){.psk_key_exchange_modes = {.ke_modes = wt_span_of(modes, e->party->o.psk_ke ? 2 : 1)}});
    list_psks(e, &o);
    if (wt_early_offers(e))
        wt_block_add(b, WT_EXT_EARLY_DATA, &(union wt_ext_body){0});
    if (!e->x->offered_psks)
        return;
    wt_block_add(b, WT_EXT_PRE_SHARED_KEY,
                 &(union wt_ext_body){.pre_shared_key = {.identities = wt_span_of(identities, o.identities.n),
                                                         .binders = wt_span_of(binders, o.binders.n)}});
}

static struct wt_span secret_of(const struct wt_endpoint *e, unsigned i, bool *external)
{
    const struct wt_exchanging *x = e->x;
    *external = i >= x->offered_session;
    return *external ? x->offered[i]->key : wt_span_of(x->session.secret, x->session.secret_length);
}

/* TLS 1.2: what the rules hold the ServerHello against (RFC 7627, 5.3). */
static void set_terms(struct wt_endpoint *e)
{
    e->h.agreed.session =
        (struct wt_session_terms){.known = offers(e, WT_TLS12), .extended_master = true, .suite = e->x->session.suite};
}

bool wt_client_bind(struct wt_endpoint *e)
{
    const size_t at = e->h.messages.count - 1;
    const struct wt_span hello = e->h.messages.list[at]->bytes;
    bool external;
    set_terms(e);
    for (unsigned i = 0; i < e->x->offered_psks; i++) {
        const struct wt_span secret = secret_of(e, i, &external);
        if (!wt_proofs_bind(&e->h, at, i, secret, external))
            return wt_endpoint_broken(e);
    }
    memcpy(e->flight.p + e->flight.n - hello.n, hello.p, hello.n);
    return true;
}

/* --- the server's choice ------------------------------------------------------------------------------------------ */

/* RFC 8446, 4.2.11: "Clients MUST verify that the server's selected_identity is within the range supplied by the
 * client, that the server selected a cipher suite indicating a Hash associated with the PSK …. If these values are not
 * consistent, the client MUST abort the handshake with an "illegal_parameter" alert." */
bool wt_client_take_psk(struct wt_endpoint *e)
{
    const struct wt_chosen *c = &e->h.agreed.chosen;
    struct wt_exchanging *x = e->x;
    bool external;
    if (!c->has_psk)
        return true;
    if (c->psk >= x->offered_psks)
        return wt_endpoint_fail(e, WT_ALERT_ILLEGAL_PARAMETER, "malformed-message");
    x->psk = secret_of(e, c->psk, &external);
    x->psk_index = c->psk;
    const enum wt_hash_id hash = !external                    ? wt_resume_hash_of(x->session.suite)
                                 : x->offered[c->psk]->sha384 ? WT_HASH_SHA384
                                                              : WT_HASH_SHA256;
    if (wt_resume_hash_of(c->suite) != hash)
        return wt_endpoint_fail(e, WT_ALERT_ILLEGAL_PARAMETER, "malformed-message");
    if (external)
        e->psk = x->offered[c->psk];
    else
        wt_resume_take(e, &x->session);
    return true;
}

/* The id that the server has echoed may be one that only the hello's form needed: there is no session to it. */
bool wt_client_resume12(struct wt_endpoint *e)
{
    if (!offers(e, WT_TLS12))
        return wt_endpoint_fail(e, WT_ALERT_ILLEGAL_PARAMETER, "malformed-message");
    memcpy(e->secret[0], e->x->session.secret, WT_MASTER);
    wt_resume_take(e, &e->x->session);
    wt_agreed_resumed(&e->h.agreed);
    return wt_endpoint_pending(e);
}

bool wt_client_ask_resumed(struct wt_endpoint *e)
{
    if (!e->resumed || !wt_flight_asks(e, WT_ASK_RESUMED) || !wt_flight_ask(e, WT_ASK_RESUMED))
        return true;
    return e->x->accepted || wt_endpoint_fail(e, WT_ALERT_CERTIFICATE_UNKNOWN, "rejected-by-client");
}

/* --- what is kept ------------------------------------------------------------------------------------------------- */

static void keep(struct wt_endpoint *e, const struct wt_session *s)
{
    struct wt_kept_session *k = wt_kept_session_new(s);
    if (!k) /* a full handshake the next time */
        return;
    wt_kept_session_release(e->session);
    e->session = k;
    if (!e->party->o.without_resumption)
        wt_client_sessions_add(&e->party->sessions, k);
    wt_endpoint_event(e, &(struct wt_event){.kind = WT_EVENT_TICKET});
}

/* RFC 8446, 4.6.1: "The value of zero indicates that the ticket should be discarded immediately." What an
 * external PSK has authenticated is resumed by that PSK: its ticket would outlive it. */
static bool take13(struct wt_endpoint *e, const struct wt_new_session_ticket *m)
{
    const struct wt_codec_context context = wt_handshake_context(&e->h, WT_SERVER);
    struct wt_session s = wt_resume_session_of(e, m->lifetime);
    union wt_ext_body body;
    if (!m->lifetime || m->ticket.n > WT_LIMIT_TICKET || e->psk || e->tickets == WT_LIMIT_TICKETS)
        return true;
    e->tickets++;
    s.ticket = m->ticket;
    s.age_add = m->age_add;
    if (wt_extensions_get(&m->extensions, WT_EXT_EARLY_DATA, &context, WT_IN_NST, &body))
        s.early = body.early_data.max_early_data_size;
    bool ok = wt_resume_psk13(e, m->nonce, &s);
    if (ok)
        keep(e, &s);
    wt_wipe(&s, sizeof s);
    return ok;
}

/* RFC 5077, 3.3: the client MUST NOT use the ticket before the server's Finished is verified; an empty one is none. */
bool wt_client_take_ticket(struct wt_endpoint *e, const struct wt_new_session_ticket *m)
{
    if (e->h.agreed.chosen.tls13)
        return take13(e, m);
    e->x->ticket.n = 0;
    e->x->ticket_lifetime = m->lifetime;
    return m->ticket.n > WT_LIMIT_TICKET || wt_buffer_add(&e->x->ticket, m->ticket.p, m->ticket.n) ||
           wt_endpoint_broken(e);
}

/* RFC 7627, 5.3: without extended_master_secret a session is not to be resumed. */
void wt_client_keep12(struct wt_endpoint *e)
{
    const struct wt_chosen *c = &e->h.agreed.chosen;
    const struct wt_span ticket = wt_buffer_span(&e->x->ticket);
    /* RFC 5077, 3.3: "A value of zero is reserved to indicate that the lifetime of the ticket is unspecified." */
    const uint32_t hint = ticket.n ? e->x->ticket_lifetime : 0;
    struct wt_session s = wt_resume_session_of(e, hint ? hint : WT_SESSION_LIFETIME);
    if (!c->extended_master || !wt_resume_may12(e) || (!ticket.n && (e->resumed || !c->session_id_length)))
        return;
    s.ticket = ticket;
    s.id_length = ticket.n ? 0 : c->session_id_length;
    memcpy(s.id, c->session_id, s.id_length);
    memcpy(s.secret, e->secret[0], WT_MASTER);
    s.secret_length = WT_MASTER;
    if (e->resumed) /* the new ticket is for the same session */
        wt_client_sessions_drop(&e->party->sessions, e->x->offers);
    keep(e, &s);
    wt_wipe(&s, sizeof s);
}

bool wt_session_info(struct wt_span session, struct wt_session_info *info, struct wt_error *error)
{
    struct wt_session s = {0};
    struct wt_error here;
    struct wt_crypto *crypto = wt_crypto_new();
    if (!error)
        error = &here;
    *error = (struct wt_error){.code = WT_MEMORY};
    const bool ok = crypto && wt_session_unwrap(crypto, session, &s, error);
    wt_crypto_free(crypto);
    *info = (struct wt_session_info){0};
    if (ok)
        *info = (struct wt_session_info){.host = s.host,
                                         .alpn = s.alpn,
                                         .port = s.port,
                                         .version = s.version,
                                         .suite = s.suite,
                                         .made = s.made,
                                         .expires = s.expires,
                                         .early_data = s.version == WT_TLS13 ? s.early : 0,
                                         .verified = s.verified};
    wt_wipe(&s, sizeof s);
    return ok;
}

size_t wt_endpoint_session(struct wt_endpoint *e, uint8_t *out, size_t room)
{
    struct wt_kept_session *k = e->session;
    const size_t n = k ? k->n + WT_SESSION_WRAP : 0;
    if (!k || n > room)
        return n;
    if (!wt_session_wrap(e->party->crypto, wt_span_of(k->bytes, k->n), out))
        return 0;
    wt_client_sessions_drop(&e->party->sessions, k);
    wt_kept_session_release(k);
    e->session = NULL;
    return n;
}
