/* The server of TLS 1.3. */
#include "endpoint/server.h"

#include "base/uninitialized.h"
#include "codec/ext/ext.h"
#include "endpoint/endpoint.h"
#include "endpoint/failure.h"
#include "endpoint/flight.h"
#include "endpoint/grease.h"
#include "endpoint/later.h"
#include "endpoint/messages.h"
#include "endpoint/offers.h"
#include "endpoint/output.h"
#include "endpoint/resume.h"
#include "endpoint/retry.h"
#include "endpoint/server_resume.h"
#include "endpoint/verify.h"

/* --- choices ------------------------------------------------------------------------------------------------------ */

/* Ours by preference, but one that a share was sent of saves a round trip. */
static uint16_t choose_group(const struct wt_endpoint *e, bool *has_share)
{
    const struct wt_span ours = wt_buffer_span(&e->party->groups);
    uint16_t any = 0;
    *has_share = false;
    for (size_t i = 0; i < wt_codes_count(ours); i++) {
        uint16_t group = wt_codes_at(ours, i);
        if (!wt_server_offers(e, WT_SET_GROUPS, group))
            continue;
        if (!any)
            any = group;
        if (wt_server_offers(e, WT_SET_SHARES, group)) {
            *has_share = true;
            return group;
        }
    }
    return any;
}

static bool choose_identity(struct wt_endpoint *e)
{
    const struct wt_identity *identity;
    for (size_t i = 0; (identity = wt_server_identity(e, i)); i++) {
        e->x->scheme =
            wt_identity_scheme(identity, wt_buffer_span(&e->party->own_schemes), true, wt_server_accepts_scheme, e);
        if (e->x->scheme) {
            e->x->identity = identity;
            return true;
        }
    }
    return wt_endpoint_fail(e, WT_ALERT_HANDSHAKE_FAILURE, "no-shared-signature-scheme");
}

/* --- hellos ------------------------------------------------------------------------------------------------------- */

static void add_version(struct wt_block *b)
{
    wt_block_add(b, WT_EXT_SUPPORTED_VERSIONS,
                 &(union wt_ext_body){.supported_versions = {.selected_version = WT_TLS13}});
}

static bool say_hello(struct wt_endpoint *e, uint16_t suite, const uint8_t *random, struct wt_block *b)
{
    const struct wt_offered *o = &e->h.agreed.offered;
    struct wt_message_body m = {.type = WT_HANDSHAKE_SERVER_HELLO};
    m.server_hello = (struct wt_server_hello){
        .legacy_version = WT_TLS12,
        .random = wt_span_of(random, 32),
        .session_id = wt_span_of(o->session_id, o->session_id_length), /* RFC 8446, 4.1.3: legacy_session_id_echo */
        .cipher_suite = suite,
        .has_session_id = true,
    };
    return (wt_block_end(b, &m.server_hello.extensions) || wt_endpoint_broken(e)) && wt_endpoint_say(e, &m) &&
           wt_endpoint_flush(e);
}

/* The client's share of the group. */
static struct wt_span share_of(const struct wt_endpoint *e, const struct wt_client_hello *hello, uint16_t wanted)
{
    const struct wt_codec_context context = wt_handshake_context(&e->h, WT_CLIENT);
    union wt_ext_body body;
    struct wt_span share;
    uint16_t group;
    if (wt_extensions_get(&hello->extensions, WT_EXT_KEY_SHARE, &context, WT_IN_CH, &body))
        while (wt_ext_key_share_next(&body.key_share.client_shares, &group, &share))
            if (group == wanted)
                return share;
    return (struct wt_span){0};
}

static bool exchange(struct wt_endpoint *e, const struct wt_client_hello *hello, uint16_t group, struct wt_share *share)
{
    return wt_endpoint_exchanged(e, wt_exchange_answer(e->party->exchanges, group, &e->party->random,
                                                       share_of(e, hello, group), share, &e->x->shared));
}

static bool say_server_hello(struct wt_endpoint *e)
{
    const uint16_t group = e->x->group[0];
    struct wt_share share;
    struct wt_block b WT_UNINITIALIZED;
    uint8_t random[32];
    if (!e->x->without_share && !exchange(e, wt_server_hello_of(e), group, &share))
        return false;
    if (!wt_random_public(&e->party->random, WT_RANDOM_HELLO, random, sizeof random))
        return wt_endpoint_broken(e);
    /* in the order of RFC 8448's */
    wt_block_start(&b, e, WT_IN_SH);
    wt_server_add_psk(&b, e);
    if (!e->x->without_share)
        wt_block_add(
            &b, WT_EXT_KEY_SHARE,
            &(union wt_ext_body){.key_share = {.group = group, .key_exchange = wt_span_of(share.bytes, share.n)}});
    add_version(&b);
    return say_hello(e, e->x->suite, random, &b) && wt_endpoint_say_dummy(e);
}

/* --- the rest of the flight --------------------------------------------------------------------------------------- */

static bool say_extensions(struct wt_endpoint *e)
{
    struct wt_message_body m = {.type = WT_HANDSHAKE_ENCRYPTED_EXTENSIONS};
    struct wt_block b WT_UNINITIALIZED;
    wt_block_start(&b, e, WT_IN_EE);
    /* RFC 6066, 3: a server that uses the name "SHALL include an extension of type "server_name" in the (extended)
     * server hello"; in TLS 1.3 here (RFC 8446, 4.2) */
    if (e->host)
        wt_block_add(&b, WT_EXT_SERVER_NAME, &(union wt_ext_body){0});
    if (e->early_accepted)
        wt_block_add(&b, WT_EXT_EARLY_DATA, &(union wt_ext_body){0});
    wt_server_add_alpn(&b, e);
    wt_offers_answer(&b, e, wt_server_hello_of(e));
    return (wt_block_end(&b, &m.encrypted_extensions.extensions) || wt_endpoint_broken(e)) && wt_endpoint_say(e, &m);
}

static bool say_request(struct wt_endpoint *e)
{
    struct wt_message_body m = {.type = WT_HANDSHAKE_CERTIFICATE_REQUEST};
    struct wt_block b WT_UNINITIALIZED;
    if (e->party->o.request == WT_REQUEST_NONE)
        return true;
    e->requested = true;
    wt_block_start(&b, e, WT_IN_CR);
    wt_offers_of_request(&b, e);
    return ((wt_grease_server(&b, e) && wt_block_end(&b, &m.certificate_request.extensions)) ||
            wt_endpoint_broken(e)) &&
           wt_endpoint_say(e, &m);
}

static bool say_certificate(struct wt_endpoint *e)
{
    return wt_endpoint_say_certificate(e, (struct wt_span){0});
}

static wt_flight_step *const full_flight[] = {
    wt_server_ask_identity, choose_identity,        say_server_hello,         say_extensions, say_request,
    say_certificate,        wt_endpoint_say_verify, wt_endpoint_say_finished, NULL,
};

static bool resume(struct wt_endpoint *e)
{
    if (!e->psk)
        wt_resume_take(e, &e->x->session);
    return true;
}

/* RFC 8446, 4.3.2: "Servers which are authenticating with a PSK MUST NOT send the CertificateRequest message in the
 * main handshake"; 2.2: nor do they send a Certificate. */
static wt_flight_step *const psk_flight[] = {
    resume, say_server_hello, say_extensions, wt_endpoint_say_finished, NULL,
};

/* Sessions are bound to the protocol: that comes first. */
static bool choose_psk(struct wt_endpoint *e)
{
    if (!wt_server_choose_psk(e))
        return false;
    if (e->ask)
        return true;
    if (e->x->psk.n)
        return wt_flight_start(e, psk_flight);
    if (!e->x->group[0])
        return wt_endpoint_fail(e, WT_ALERT_HANDSHAKE_FAILURE, "no-shared-group");
    return wt_flight_start(e, full_flight);
}

static wt_flight_step *const first_flight[] = {wt_server_choose_protocol, choose_psk, NULL};

/* RFC 8446, 4.2.8: after a HelloRetryRequest the share is of the group that it names. Of the first hello the rules know
 * that, if there was one here. */
static bool is_second(const struct wt_endpoint *e, uint16_t group, bool has_share)
{
    const struct wt_retry *retry = &e->h.agreed.retry;
    return has_share && (!retry->group || retry->group == group);
}

static bool answer_hello(struct wt_endpoint *e)
{
    bool has_share;
    const uint16_t suite = e->x->suite = wt_server_suite13(e, WT_HASH_NONE),
                   group = e->x->group[0] = choose_group(e, &has_share);
    const bool retried = e->h.agreed.retry.seen;
    if (!suite)
        return wt_endpoint_fail(e, WT_ALERT_HANDSHAKE_FAILURE, "no-shared-cipher-suite");
    if (retried && group && !is_second(e, group, has_share))
        return wt_endpoint_fail(e, WT_ALERT_ILLEGAL_PARAMETER, "malformed-message");
    if (!retried && (e->party->o.cookie || (group && !has_share)))
        return wt_retry_say(e, wt_server_retry_suite13(e), has_share ? 0 : group);
    /* early data are skipped until they are accepted; in the clear there are none after the second hello */
    e->x->early.skip =
        !retried && wt_agreed_offers(&e->h.agreed, WT_EXT_EARLY_DATA, NULL) == WT_IS ? WT_LIMIT_EARLY_SKIPPED : 0;
    return wt_flight_start(e, first_flight);
}

static bool finish(struct wt_endpoint *e)
{
    if (!e->x->psk.n)
        wt_resume_authenticated(e);
    return wt_server_say_tickets(e) && wt_endpoint_done(e);
}

/* --- the client's answer ------------------------------------------------------------------------------------------ */

static wt_flight_step *const judging[] = {wt_endpoint_verify, NULL};

bool wt_server13_check(struct wt_endpoint *e, const struct wt_received *m)
{
    switch (m->type) {
    case WT_HANDSHAKE_CERTIFICATE:
    case WT_HANDSHAKE_COMPRESSED_CERTIFICATE:
        return wt_server_check_certificate(e, wt_endpoint_certificate_of(e, m));
    case WT_HANDSHAKE_CERTIFICATE_VERIFY:
        return wt_endpoint_check_verify(e, m);
    case WT_HANDSHAKE_END_OF_EARLY_DATA:
        e->x->early.open = false;
        return true;
    case WT_HANDSHAKE_FINISHED:
        return wt_endpoint_check_finished(e, m);
    case WT_HANDSHAKE_KEY_UPDATE:
        return wt_endpoint_check_update(e, &m->body->key_update);
    default:
        return true;
    }
}

bool wt_server13_answer(struct wt_endpoint *e, const struct wt_received *m)
{
    switch (m->type) {
    case WT_HANDSHAKE_CLIENT_HELLO:
        return answer_hello(e);
    case WT_HANDSHAKE_CERTIFICATE_VERIFY:
        return wt_flight_start(e, judging);
    case WT_HANDSHAKE_FINISHED:
        return e->established ? wt_later_done(e) : finish(e);
    default:
        return true;
    }
}
