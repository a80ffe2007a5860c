#include "endpoint/server_resume.h"

#include "base/uninitialized.h"
#include "codec/ext/ext.h"
#include "endpoint/early.h"
#include "endpoint/failure.h"
#include "endpoint/flight.h"
#include "endpoint/grease.h"
#include "endpoint/output.h"
#include "endpoint/resume.h"
#include "endpoint/secrets.h"
#include "endpoint/server.h"
#include "endpoint/suites.h"
#include "handshake/proofs.h"

/* --- whether a session fits --------------------------------------------------------------------------------------- */

/* A session is for the name, the protocol and the peer that it was made with: nobody gets in by a ticket where he would
 * not by a handshake. RFC 6066, 3: "A server that implements this extension MUST NOT accept the request to resume the
 * session if the server_name extension contains a different name." */
static bool fits(const struct wt_endpoint *e, const struct wt_session *s, uint16_t version)
{
    return s->version == version && wt_span_equal(s->alpn, e->x->alpn) &&
           wt_span_equal(s->host, wt_span_of(e->host, e->host ? strlen(e->host) : 0)) &&
           (!s->of_psk || wt_party_psk_of(e->party, s->peer)) &&
           (s->has_peer ? s->verified || e->party->o.without_verification : e->party->o.request != WT_REQUEST_REQUIRED);
}

static bool open_ticket(struct wt_endpoint *e, struct wt_span ticket, uint16_t version)
{
    uint8_t room[WT_SESSION_MOST] WT_UNINITIALIZED;
    struct wt_session *s = &e->x->session;
    bool ok = !e->party->o.without_resumption && wt_tickets_open(&e->party->tickets, e->now_ms, ticket, room, s) &&
              fits(e, s, version);
    s->host = s->alpn = s->ticket = (struct wt_span){0}; /* they lie in `room` */
    wt_wipe(room, sizeof room);
    return ok;
}

/* RFC 5246, 7.4.1.2, of cipher_suites, where a session is to be resumed: "this vector MUST include at least the
 * cipher_suite from that session". */
static bool has_suite(const struct wt_endpoint *e, uint16_t suite)
{
    return wt_codes_have(wt_buffer_span(&e->party->suites), suite) && wt_server_offers(e, WT_SET_SUITES, suite);
}

/* --- TLS 1.3 ------------------------------------------------------------------------------------------------------ */

/* RFC 8446, 4.1.4: after a HelloRetryRequest its suite. */
uint16_t wt_server_suite13(const struct wt_endpoint *e, enum wt_hash_id hash)
{
    struct wt_suite_walk walk = {0};
    const struct wt_retry *retry = &e->h.agreed.retry;
    const struct wt_suite *suite;
    while ((suite = wt_suites_next(e, &walk)))
        if (suite->kx == WT_KX_TLS13 && (!hash || suite->prf == hash) && (!retry->seen || retry->suite == suite->id))
            return suite->id;
    return 0;
}

/* All are compared, so that the time does not tell which is known. */
const struct wt_external_psk *wt_server_external_psk(const struct wt_endpoint *e, struct wt_span identity)
{
    const struct wt_endpoint_options *o = &e->party->o;
    const struct wt_external_psk *found = NULL;
    for (size_t i = 0; i < o->psk_count; i++)
        if (wt_equal_secret(o->psks[i].identity, identity))
            found = &o->psks[i];
    return found && (e->x->version != WT_TLS13 || wt_party_psk_is_for_13(found)) ? found : NULL;
}

bool wt_server_ask_psk(struct wt_endpoint *e, struct wt_span identity)
{
    if (!wt_flight_asks(e, WT_ASK_PSK) || identity.n > WT_LIMIT_PSK_IDENTITY)
        return true;
    if (!wt_flight_ask(e, WT_ASK_PSK))
        return false;
    e->psk = e->given_psk;
    return true;
}

/* Whether the identity is known and there is a suite for it: then x->psk, x->suite and e->psk say so. Where the program
 * has to be asked, e->ask says that. RFC 8446, 4.3.2: who authenticates by a PSK is not asked for a certificate; where
 * it is required, no external PSK will do. */
static bool is_known(struct wt_endpoint *e, struct wt_span identity, enum wt_hash_id *hash)
{
    struct wt_exchanging *x = e->x;
    const bool external = e->party->o.request != WT_REQUEST_REQUIRED;
    const bool ticket = open_ticket(e, identity, WT_TLS13); /* also of one that is known: the same work */
    e->psk = external && !ticket ? wt_server_external_psk(e, identity) : NULL;
    if (external && !e->psk && !ticket && !wt_server_ask_psk(e, identity))
        return false;
    if (e->psk) {
        *hash = e->psk->sha384 ? WT_HASH_SHA384 : WT_HASH_SHA256;
        x->psk = e->psk->key;
    } else if (ticket) {
        *hash = wt_resume_hash_of(x->session.suite);
        x->psk = wt_span_of(x->session.secret, x->session.secret_length);
    } else {
        return false;
    }
    x->suite = wt_server_suite13(e, *hash);
    if (!e->psk && x->suite && x->session.suite != x->suite && has_suite(e, x->session.suite) && !e->retried)
        x->suite = x->session.suite; /* RFC 8446, 4.2.10: early data need the session's own */
    return x->suite;
}

/* Whether the session fits as well is known when the protocol was chosen: here it is of no other version. */
static enum wt_hash_id hash_of(const struct wt_endpoint *e, struct wt_span identity)
{
    const struct wt_external_psk *psk = wt_server_external_psk(e, identity);
    uint8_t room[WT_SESSION_MOST] WT_UNINITIALIZED;
    struct wt_session s = {0};
    if (psk)
        return psk->sha384 ? WT_HASH_SHA384 : WT_HASH_SHA256;
    bool ok = !e->party->o.without_resumption && wt_tickets_open(&e->party->tickets, e->now_ms, identity, room, &s) &&
              s.version == WT_TLS13;
    const enum wt_hash_id hash = ok ? wt_resume_hash_of(s.suite) : WT_HASH_NONE;
    wt_wipe(room, sizeof room);
    wt_wipe(&s, sizeof s);
    return hash;
}

/* RFC 8446, 4.2.11: "The server MUST ensure that it selects a compatible PSK (if any) and cipher suite." 4.1.4, of the
 * client's answer: it "SHOULD NOT offer any pre-shared keys associated with a hash other than that of the selected
 * cipher suite". */
uint16_t wt_server_retry_suite13(const struct wt_endpoint *e)
{
    const size_t at = wt_messages_find(&e->h.messages, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO);
    struct wt_span identity, binder;
    uint16_t suite = 0;
    for (unsigned i = 0; i < WT_LIMIT_OFFERED_PSKS && !suite && wt_proofs_identity(&e->h, at, i, &identity, &binder);
         i++) {
        const enum wt_hash_id hash = hash_of(e, identity);
        suite = hash ? wt_server_suite13(e, hash) : 0;
    }
    return suite ? suite : wt_server_suite13(e, WT_HASH_NONE);
}

/* RFC 8446, 4.2.11: "Prior to accepting PSK key establishment, the server MUST validate the corresponding binder value
 * (see Section 4.2.11.2 below). If this value is not present or does not validate, the server MUST abort the handshake.
 * Servers SHOULD NOT attempt to validate multiple binders; rather, they SHOULD select a single PSK and validate solely
 * the binder that corresponds to that PSK." */
static bool check_binder(struct wt_endpoint *e, size_t at, unsigned i, struct wt_span binder, enum wt_hash_id hash)
{
    enum wt_proof_reason reason = WT_REASON_BINDER;
    if (binder.n == wt_hash_info_of(hash)->length)
        reason = wt_proofs_binder(&e->h, at, i, e->x->psk, e->psk);
    if (reason == WT_REASON_BINDER)
        return wt_endpoint_fail(e, WT_ALERT_DECRYPT_ERROR, "psk-mismatch");
    return reason == WT_REASON_NONE || wt_endpoint_broken(e);
}

/* RFC 8446, 4.2.9: "Servers MUST NOT select a key exchange mode that is not listed by the client." Without a
 * Diffie-Hellman exchange only where both want it, and there is no group for a better one. */
static bool has_mode(struct wt_endpoint *e)
{
    const bool dhe = e->x->group[0] && wt_server_offers(e, WT_SET_PSK_MODES, WT_PSK_DHE_KE);
    e->x->without_share = !dhe && e->party->o.psk_ke && wt_server_offers(e, WT_SET_PSK_MODES, WT_PSK_KE);
    return dhe || e->x->without_share;
}

/* RFC 8446, 4.2.11: "If no acceptable PSKs are found, the server SHOULD perform a non-PSK handshake if possible", and
 * 6.2: unknown_psk_identity where "no acceptable PSK identity is provided by the client". */
static bool without_psk(struct wt_endpoint *e)
{
    e->x->psk_at = 0;
    e->x->psk = (struct wt_span){0};
    e->x->suite = wt_server_suite13(e, WT_HASH_NONE);
    e->x->without_share = false;
    e->psk = NULL;
    return e->party->o.identity_count || wt_endpoint_fail(e, WT_ALERT_UNKNOWN_PSK_IDENTITY, "psk-unknown-identity");
}

/* RFC 8446, E.6: "Servers which solely support PSK handshakes may be able to resist this form of attack by treating the
 * cases where there is no valid PSK identity and where there is an identity but it has an invalid binder identically."
 * 6.2, of unknown_psk_identity: "Sending this alert is OPTIONAL; servers MAY instead choose to send a "decrypt_error"
 * alert to merely indicate an invalid PSK identity." The work is the same, too: a binder is made, of a key that nobody
 * has; were it that one, it would not help. */
static bool refuse_alike(struct wt_endpoint *e, size_t at)
{
    static const uint8_t nobodys[32];
    struct wt_span identity, binder;
    if (wt_proofs_identity(&e->h, at, 0, &identity, &binder) &&
        wt_proofs_binder(&e->h, at, 0, wt_span_of(nobodys, sizeof nobodys), true) != WT_REASON_MALFORMED)
        return wt_endpoint_fail(e, WT_ALERT_DECRYPT_ERROR, "psk-mismatch");
    return without_psk(e);
}

/* obfuscated_ticket_age of one of them. */
static uint32_t age_of(const struct wt_endpoint *e, unsigned i)
{
    const struct wt_codec_context context = wt_handshake_context(&e->h, WT_CLIENT);
    union wt_ext_body body;
    struct wt_span identity;
    uint32_t age = 0;
    if (wt_extensions_get(&wt_server_hello_of(e)->extensions, WT_EXT_PRE_SHARED_KEY, &context, WT_IN_CH, &body))
        for (unsigned k = 0; k <= i; k++)
            (void)wt_ext_psk_identity_next(&body.pre_shared_key.identities, &identity, &age);
    return age;
}

bool wt_server_choose_psk(struct wt_endpoint *e)
{
    const size_t at = wt_messages_find(&e->h.messages, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO);
    struct wt_span identity, binder;
    enum wt_hash_id hash = WT_HASH_NONE;
    if (!has_mode(e))
        return without_psk(e);
    for (unsigned i = e->x->psk_at; i < WT_LIMIT_OFFERED_PSKS && wt_proofs_identity(&e->h, at, i, &identity, &binder);
         i++) {
        e->x->psk_at = (uint8_t)i;
        if (!is_known(e, identity, &hash)) {
            if (e->ask)
                return true;
            continue;
        }
        if (!check_binder(e, at, i, binder, hash))
            return false;
        e->x->psk_index = (uint16_t)i;
        if (!e->psk)
            wt_early_note_age(e, age_of(e, i));
        if (!e->psk && i == 0)
            wt_early_choose(e, identity, age_of(e, 0));
        return true;
    }
    return e->party->o.hides_psks && !e->party->o.identity_count ? refuse_alike(e, at) : without_psk(e);
}

/* The session is taken over with the ServerHello: a HelloRetryRequest asks for another hello first. */
void wt_server_add_psk(struct wt_block *b, const struct wt_endpoint *e)
{
    if (e->x->psk.n)
        wt_block_add(b, WT_EXT_PRE_SHARED_KEY,
                     &(union wt_ext_body){.pre_shared_key = {.selected_identity = e->x->psk_index}});
}

static uint32_t seconds_left(const struct wt_session *s)
{
    return s->expires > s->made ? (uint32_t)((s->expires - s->made) / 1000) : 0;
}

/* RFC 8446, 4.6.1: ticket_age_add is random, ticket_nonce "unique across all tickets issued on this connection". */
static bool say_ticket(struct wt_endpoint *e, uint8_t number)
{
    uint8_t ticket[WT_TICKET_MOST] WT_UNINITIALIZED, age[4];
    struct wt_session s = wt_resume_session_of(e, e->party->o.ticket_lifetime);
    const struct wt_span nonce = wt_span_of(&number, 1);
    struct wt_message_body m = {.type = WT_HANDSHAKE_NEW_SESSION_TICKET};
    struct wt_extensions extensions = {.present = true};
    struct wt_block b WT_UNINITIALIZED;
    if (!seconds_left(&s))
        return true;
    wt_block_start(&b, e, WT_IN_NST);
    if (e->party->o.early_data)
        wt_block_add(&b, WT_EXT_EARLY_DATA,
                     &(union wt_ext_body){.early_data = {.max_early_data_size = e->party->o.early_data}});
    if (!wt_grease_server(&b, e) || !wt_block_end(&b, &extensions))
        return wt_endpoint_broken(e);
    bool ok = wt_random_public(&e->party->random, WT_RANDOM_TICKET, age, sizeof age) && wt_resume_psk13(e, nonce, &s);
    s.age_add = wt_get32(age);
    s.early = e->party->o.early_data;
    const size_t n = ok ? wt_tickets_seal(&e->party->tickets, e->now_ms, &s, ticket) : 0;
    m.new_session_ticket = (struct wt_new_session_ticket){.tls13 = true,
                                                          .lifetime = seconds_left(&s),
                                                          .age_add = s.age_add,
                                                          .nonce = nonce,
                                                          .ticket = wt_span_of(ticket, n),
                                                          .extensions = extensions};
    wt_wipe(&s, sizeof s);
    return n ? wt_endpoint_say(e, &m) : wt_endpoint_broken(e);
}

/* Each ticket is for one connection (RFC 8446, C.4): who used one gets another. */
bool wt_server_say_tickets(struct wt_endpoint *e)
{
    const bool may = wt_server_offers(e, WT_SET_PSK_MODES, WT_PSK_DHE_KE) ||
                     (e->party->o.psk_ke && wt_server_offers(e, WT_SET_PSK_MODES, WT_PSK_KE));
    const uint8_t count = e->resumed ? 1 : e->party->o.tickets;
    if (!may || e->party->o.without_resumption || e->psk)
        return true;
    bool ok = wt_resume_secret13(e);
    for (uint8_t i = 0; i < count && ok; i++)
        ok = say_ticket(e, i);
    wt_wipe(e->resumption, sizeof e->resumption);
    return ok && wt_endpoint_flush(e);
}

/* --- TLS 1.2 ------------------------------------------------------------------------------------------------------ */

static bool from_cache(struct wt_endpoint *e, struct wt_span id)
{
    struct wt_exchanging *x = e->x;
    const struct wt_kept_session *k = wt_server_sessions_find(&e->party->ids, id);
    return k && wt_session_read(wt_span_of(k->bytes, k->n), &x->session) &&
           wt_session_is_current(&x->session, e->now_ms) && fits(e, &x->session, WT_TLS12);
}

/* RFC 5077, 3.4: "If a ticket is presented by the client, the server MUST NOT attempt to use the Session ID in the
 * ClientHello for stateful session resumption." */
static bool finds_session(struct wt_endpoint *e, const struct wt_client_hello *hello)
{
    struct wt_span ticket = {0};
    if (wt_extensions_find(&hello->extensions, WT_EXT_SESSION_TICKET, &ticket) && ticket.n)
        return open_ticket(e, ticket, WT_TLS12) && has_suite(e, e->x->session.suite);
    return from_cache(e, hello->session_id) && has_suite(e, e->x->session.suite);
}

/* RFC 7627, 5.3: "If the original session used the "extended_master_secret" extension but the new ClientHello does not
 * contain it, the server MUST abort the abbreviated handshake." Ours all used it. */
static bool lacks_extended_master(struct wt_endpoint *e)
{
    static const struct wt_error error = {
        .code = WT_MISSING,
        .field = "extensions",
        .value = WT_EXT_EXTENDED_MASTER_SECRET,
        .rule = "RFC 7627, 5.3: \"If the original session used the 'extended_master_secret' extension but the new "
                "ClientHello does not contain it, the server MUST abort the abbreviated handshake.\""};
    return wt_endpoint_fail_at(e, WT_ALERT_HANDSHAKE_FAILURE, "malformed-message", &error);
}

/* Tickets for who knows them; for others an id, under which the session is kept here. */
static bool promise(struct wt_endpoint *e, const struct wt_client_hello *hello)
{
    struct wt_exchanging *x = e->x;
    if (e->party->o.without_resumption || !wt_extensions_has(&hello->extensions, WT_EXT_EXTENDED_MASTER_SECRET))
        return true;
    x->gets_ticket = wt_extensions_has(&hello->extensions, WT_EXT_SESSION_TICKET);
    if (x->gets_ticket)
        return true;
    x->session_id_length = sizeof x->session_id;
    return wt_random_public(&e->party->random, WT_RANDOM_SESSION, x->session_id, sizeof x->session_id) ||
           wt_endpoint_broken(e);
}

bool wt_server_choose_session12(struct wt_endpoint *e, const struct wt_client_hello *hello)
{
    struct wt_exchanging *x = e->x;
    if (e->party->o.without_resumption || e->again || !finds_session(e, hello))
        return promise(e, hello);
    if (!wt_extensions_has(&hello->extensions, WT_EXT_EXTENDED_MASTER_SECRET))
        return lacks_extended_master(e);
    /* RFC 5077, 3.4: "If the server accepts the ticket and the Session ID is not empty, then it MUST respond with the
     * same Session ID present in the ClientHello." */
    x->session_id_length = (uint8_t)hello->session_id.n;
    if (hello->session_id.n)
        memcpy(x->session_id, hello->session_id.p, hello->session_id.n);
    x->suite = x->session.suite;
    wt_resume_take(e, &x->session);
    return true;
}

bool wt_server_resume12(struct wt_endpoint *e)
{
    wt_agreed_resumed(&e->h.agreed);
    memcpy(e->secret[0], e->x->session.secret, WT_MASTER);
    return wt_endpoint_pending(e);
}

static struct wt_session session12(const struct wt_endpoint *e)
{
    struct wt_session s = wt_resume_session_of(e, e->party->o.ticket_lifetime);
    memcpy(s.secret, e->secret[0], WT_MASTER);
    s.secret_length = WT_MASTER;
    return s;
}

/* RFC 5077, 3.3: promised in the ServerHello, it has to come. "If the server determines that it does not want to
 * include a ticket after it has included the SessionTicket extension in the ServerHello, then it sends a zero-length
 * ticket in the NewSessionTicket handshake message." */
bool wt_server_say_ticket12(struct wt_endpoint *e)
{
    uint8_t ticket[WT_TICKET_MOST] WT_UNINITIALIZED;
    if (!e->x->gets_ticket)
        return true;
    const bool may = wt_resume_may12(e);
    struct wt_session s = session12(e);
    const size_t n = may ? wt_tickets_seal(&e->party->tickets, e->now_ms, &s, ticket) : 0;
    const struct wt_message_body m = {
        .type = WT_HANDSHAKE_NEW_SESSION_TICKET,
        .new_session_ticket = {.lifetime = may ? seconds_left(&s) : 0, .ticket = wt_span_of(ticket, n)}};
    wt_wipe(&s, sizeof s);
    return n || !may ? wt_endpoint_say(e, &m) : wt_endpoint_broken(e);
}

void wt_server_keep12(struct wt_endpoint *e)
{
    const struct wt_chosen *c = &e->h.agreed.chosen;
    struct wt_session s = session12(e);
    if (!e->resumed && !e->x->gets_ticket && e->x->session_id_length && c->extended_master && wt_resume_may12(e)) {
        s.id_length = e->x->session_id_length;
        memcpy(s.id, e->x->session_id, s.id_length);
        wt_server_sessions_add(&e->party->ids, &s);
    }
    wt_wipe(&s, sizeof s);
}
