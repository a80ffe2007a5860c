/* The server of TLS 1.2. */
#include "endpoint/server.h"

#include "base/uninitialized.h"
#include "codec/ext/ext.h"
#include "endpoint/again.h"
#include "endpoint/endpoint.h"
#include "endpoint/exchange12.h"
#include "endpoint/failure.h"
#include "endpoint/flight.h"
#include "endpoint/messages.h"
#include "endpoint/offers.h"
#include "endpoint/output.h"
#include "endpoint/resume.h"
#include "endpoint/secrets.h"
#include "endpoint/server_resume.h"
#include "endpoint/suites.h"
#include "endpoint/verify.h"
#include "handshake/proofs.h"

/* --- choices ------------------------------------------------------------------------------------------------------ */

/* A group of that kind that both have; 0: none. RFC 8422, 4: a client that lists none leaves the choice to the server;
 * RFC 7919, 4: likewise for finite fields. */
static uint16_t choose_group(const struct wt_endpoint *e, bool finite_field)
{
    const struct wt_span ours = wt_buffer_span(&e->party->groups);
    const bool any = !e->h.agreed.sets[WT_SET_GROUPS].present;
    for (size_t i = 0; i < wt_codes_count(ours); i++) {
        const struct wt_group *group = wt_group_find(wt_codes_at(ours, i));
        bool is = finite_field ? group->kind == WT_GROUP_FF
                               : group->kind == WT_GROUP_EC || group->kind == WT_GROUP_MONTGOMERY;
        if (is && (any || wt_server_offers(e, WT_SET_GROUPS, group->id)))
            return group->id;
    }
    return 0;
}

/* RFC 5246, 7.4.1.4.1: "If the client does not send the signature_algorithms extension, the server MUST do the
 * following": "behave as if client had sent the value {sha1,rsa}", or {sha1,ecdsa}. Nobody should trust SHA-1 (RFC 9155,
 * 2): it gets no suite. */
static uint16_t scheme_for(const struct wt_endpoint *e, const struct wt_identity *identity)
{
    return wt_identity_scheme(identity, wt_buffer_span(&e->party->own_schemes), false, wt_server_accepts_scheme, e);
}

/* RFC 8422, 5.3: "If the client has used a Supported Elliptic Curves Extension, the public key in the server's
 * certificate MUST respect the client's choice of elliptic curves." */
static bool curve_is_offered(const struct wt_endpoint *e, const struct wt_identity *identity)
{
    return !identity->curve || !e->h.agreed.sets[WT_SET_GROUPS].present ||
           wt_server_offers(e, WT_SET_GROUPS, identity->curve);
}

/* Identity, scheme and group that go with the suite. Whose key the client has, shows only in its ClientKeyExchange. */
static bool fits(struct wt_endpoint *e, const struct wt_suite *suite)
{
    const struct wt_identity *identity;
    struct wt_exchanging *x = e->x;
    x->group[0] = choose_group(e, wt_exchange12_is_finite_field(suite->kx));
    if (wt_exchange12_takes_psk(suite)) {
        x->identity = NULL;
        return x->group[0] || suite->kx == WT_KX_PSK;
    }
    for (size_t i = 0; x->group[0] && (identity = wt_server_identity(e, i)); i++)
        if (wt_identity_fits(identity, (enum wt_auth)suite->auth) && curve_is_offered(e, identity) &&
            (x->scheme = scheme_for(e, identity))) {
            x->identity = identity;
            return true;
        }
    return false;
}

static bool is_shared(const struct wt_endpoint *e, const struct wt_suite *suite)
{
    return suite->kx != WT_KX_TLS13 && wt_exchange12_may(e, suite) && wt_server_offers(e, WT_SET_SUITES, suite->id);
}

static const struct wt_suite *choose_suite(struct wt_endpoint *e)
{
    struct wt_suite_walk walk = {0};
    const struct wt_suite *suite;
    while ((suite = wt_suites_next(e, &walk)))
        if (suite->kx != WT_KX_TLS13 && wt_exchange12_may(e, suite) && fits(e, suite))
            return suite;
    return NULL;
}

/* A suite that both have is none where no key of ours is of its kind. */
static bool has_key_for(const struct wt_endpoint *e, const struct wt_suite *suite)
{
    const struct wt_identity *identity;
    if (wt_exchange12_takes_psk(suite))
        return true;
    for (size_t i = 0; (identity = wt_server_identity(e, i)); i++)
        if (wt_identity_fits(identity, (enum wt_auth)suite->auth))
            return true;
    return false;
}

/* Which of the choices left nothing. */
static bool no_suite(struct wt_endpoint *e)
{
    const struct wt_span ours = wt_buffer_span(&e->party->suites);
    bool shared = false;
    for (size_t i = 0; i < wt_codes_count(ours) && !shared; i++) {
        const struct wt_suite *suite = wt_suite_find(wt_codes_at(ours, i));
        shared = is_shared(e, suite) && has_key_for(e, suite);
    }
    const struct wt_identity *identity;
    bool curve = false;
    for (size_t i = 0; (identity = wt_server_identity(e, i)); i++)
        curve |= curve_is_offered(e, identity);
    const char *finding = !shared                             ? "no-shared-cipher-suite"
                          : !curve || !choose_group(e, false) ? "no-shared-group"
                                                              : "no-shared-signature-scheme";
    return wt_endpoint_fail(e, WT_ALERT_HANDSHAKE_FAILURE, finding);
}

/* --- its first flight --------------------------------------------------------------------------------------------- */

/* RFC 8446, 4.1.3: "TLS 1.3 servers which negotiate TLS 1.2 or below in response to a ClientHello MUST set the last 8
 * bytes of their Random value specially in their ServerHello." */
static bool make_random(const struct wt_endpoint *e, uint8_t random[32])
{
    static const uint8_t sentinel[8] = {'D', 'O', 'W', 'N', 'G', 'R', 'D', 1};
    if (!wt_random_public(&e->party->random, WT_RANDOM_HELLO, random, 32))
        return false;
    if (wt_party_has_version(e->party, WT_TLS13))
        memcpy(random + 24, sentinel, sizeof sentinel);
    return true;
}

static void add_answers(struct wt_block *b, const struct wt_endpoint *e, const struct wt_client_hello *hello)
{
    static const uint8_t uncompressed[1] = {0};
    uint8_t room[72];
    /* RFC 5746, 3.7: both verify_data; 3.6: at first an empty renegotiation_info, for the extension as for
     * TLS_EMPTY_RENEGOTIATION_INFO_SCSV */
    if (wt_extensions_has(&hello->extensions, WT_EXT_RENEGOTIATION_INFO) ||
        wt_codes_have(hello->cipher_suites, WT_SCSV_RENEGOTIATION_INFO))
        wt_block_add(b, WT_EXT_RENEGOTIATION_INFO,
                     &(union wt_ext_body){.renegotiation_info = {wt_again_data(e, WT_SERVER, room)}});
    /* RFC 6066, 3: "When resuming a session, the server MUST NOT include a server_name extension in the server hello."
     */
    if (e->host && !e->resumed)
        wt_block_add(b, WT_EXT_SERVER_NAME, &(union wt_ext_body){0});
    if (wt_extensions_has(&hello->extensions, WT_EXT_EXTENDED_MASTER_SECRET))
        wt_block_add(b, WT_EXT_EXTENDED_MASTER_SECRET, &(union wt_ext_body){.empty = {true}});
    const uint8_t kx = wt_suite_find(e->x->suite)->kx;
    if (wt_extensions_has(&hello->extensions, WT_EXT_EC_POINT_FORMATS) && (kx == WT_KX_ECDHE || kx == WT_KX_ECDHE_PSK))
        wt_block_add(b, WT_EXT_EC_POINT_FORMATS,
                     &(union wt_ext_body){.ec_point_formats = {.ec_point_format_list = wt_span_of(uncompressed, 1)}});
    if (e->x->gets_ticket) /* RFC 5077, 3.2: empty: a NewSessionTicket follows */
        wt_block_add(b, WT_EXT_SESSION_TICKET, &(union wt_ext_body){0});
    wt_server_add_alpn(b, e);
    wt_offers_answer(b, e, hello);
}

static bool say_hello(struct wt_endpoint *e)
{
    struct wt_block b WT_UNINITIALIZED;
    uint8_t random[32];
    struct wt_message_body m = {.type = WT_HANDSHAKE_SERVER_HELLO};
    if (!make_random(e, random))
        return wt_endpoint_broken(e);
    m.server_hello = (struct wt_server_hello){.legacy_version = WT_TLS12,
                                              .random = wt_span_of(random, sizeof random),
                                              .session_id = wt_span_of(e->x->session_id, e->x->session_id_length),
                                              .cipher_suite = e->x->suite,
                                              .has_session_id = true};
    wt_block_start(&b, e, WT_IN_SH12);
    add_answers(&b, e, wt_server_hello_of(e));
    if (!wt_block_end(&b, &m.server_hello.extensions))
        return wt_endpoint_broken(e);
    m.server_hello.extensions.present = m.server_hello.extensions.block.n;
    return wt_endpoint_say(e, &m);
}

static bool make_share(struct wt_endpoint *e)
{
    struct wt_exchanging *x = e->x;
    wt_exchange_free(x->exchange[0]);
    x->exchange[0] = wt_exchange_new(e->party->exchanges, x->group[0], &e->party->random, &x->share);
    return x->exchange[0] || wt_endpoint_broken(e);
}

/* The message's part that carries our share. */
static bool fill_params(struct wt_endpoint *e, struct wt_server_key_exchange *m)
{
    const struct wt_exchanging *x = e->x;
    const struct wt_share *share = &x->share;
    m->kx = e->h.agreed.chosen.kx;
    if (wt_exchange12_is_finite_field(m->kx)) {
        m->dh_ys = wt_span_of(share->bytes, share->n);
        return wt_exchange_dh(e->party->exchanges, x->group[0], &m->dh_p, &m->dh_g) || wt_endpoint_broken(e);
    }
    enum { NAMED_CURVE = 3 }; /* RFC 8422, 5.4 */
    m->curve_type = NAMED_CURVE;
    m->named_curve = x->group[0];
    m->ec_point = wt_span_of(share->bytes, share->n);
    return true;
}

/* RFC 5246, 7.4.3: signed are both randoms and the parameters. */
static bool say_keys(struct wt_endpoint *e)
{
    uint8_t params[3 * (2 + WT_SHARE_MOST)] WT_UNINITIALIZED, room[WT_SIGNATURE_MOST] WT_UNINITIALIZED;
    struct wt_message_body m = {.type = WT_HANDSHAKE_SERVER_KEY_EXCHANGE};
    struct wt_server_key_exchange *keys = &m.server_key_exchange;
    if (!fill_params(e, keys))
        return false;
    struct wt_writer w = wt_writer_start(params, sizeof params);
    const struct wt_codec_context context = wt_handshake_context(&e->h, WT_SERVER);
    wt_server_key_exchange_write(&w, &context, keys);
    const struct wt_span parts[3] = {wt_span_of(e->h.agreed.offered.random, 32),
                                     wt_span_of(e->h.agreed.chosen.random, 32), wt_span_of(params, w.n)};
    if (w.error.code != WT_OK)
        return wt_endpoint_broken(e);
    if (!wt_flight_sign(e, parts, 3, &keys->signature, room))
        return !e->failure.id;
    keys->is_signed = keys->has_scheme = true;
    keys->signature_scheme = e->x->scheme;
    return wt_endpoint_say(e, &m);
}

/* RFC 4279, 2: "If no hint is provided, the ServerKeyExchange message is omitted." Of DHE_PSK and ECDHE_PSK the hint,
 * which may be empty, goes before the parameters, and nothing is signed (RFC 4279, 3; RFC 5489, 2). */
static bool say_psk_keys(struct wt_endpoint *e)
{
    const uint8_t kx = e->h.agreed.chosen.kx;
    struct wt_message_body m = {
        .type = WT_HANDSHAKE_SERVER_KEY_EXCHANGE,
        .server_key_exchange = {.kx = kx, .psk_identity_hint = e->party->o.psk_hint},
    };
    if (kx == WT_KX_PSK)
        return !e->party->o.psk_hint.n || wt_endpoint_say(e, &m);
    return make_share(e) && fill_params(e, &m.server_key_exchange) && wt_endpoint_say(e, &m);
}

/* RFC 5246, 7.4.4. */
static bool say_request(struct wt_endpoint *e)
{
    static const uint8_t types[] = {1, 64}; /* rsa_sign, ecdsa_sign: what our schemes are of */
    if (e->party->o.request == WT_REQUEST_NONE)
        return true;
    e->requested = true;
    const struct wt_message_body m = {
        .type = WT_HANDSHAKE_CERTIFICATE_REQUEST,
        .certificate_request = {.certificate_types = wt_span_of(types, sizeof types),
                                .signature_algorithms = wt_buffer_span(&e->party->schemes),
                                .authorities = wt_buffer_span(&e->party->authorities)}};
    return wt_endpoint_say(e, &m);
}

static bool say_certificate(struct wt_endpoint *e)
{
    return wt_endpoint_say_certificate(e, (struct wt_span){0});
}

/* RFC 6066, 8: "If a server returns a "CertificateStatus" message, then the server MUST have included an extension of
 * type "status_request" with empty "extension_data" in the extended server hello." */
static bool say_status(struct wt_endpoint *e)
{
    const struct wt_message_body m = {
        .type = WT_HANDSHAKE_CERTIFICATE_STATUS,
        .certificate_status = {.status_type = 1, .response = wt_buffer_span(&e->x->identity->staple)}};
    return !wt_server_staples(e) || wt_endpoint_say(e, &m);
}

static bool say_done(struct wt_endpoint *e)
{
    const struct wt_message_body done = {.type = WT_HANDSHAKE_SERVER_HELLO_DONE};
    return wt_endpoint_say(e, &done) && wt_endpoint_flush(e);
}

static bool say_end(struct wt_endpoint *e)
{
    return wt_endpoint_say_ccs(e) && wt_endpoint_say_finished(e) && wt_endpoint_flush(e);
}

static wt_flight_step *const certificate_flight[] = {
    say_hello, say_certificate, say_status, make_share, say_keys, say_request, say_done, NULL,
};

static wt_flight_step *const psk_flight[] = {say_hello, say_psk_keys, say_done, NULL};

static bool choose(struct wt_endpoint *e)
{
    const struct wt_suite *suite = choose_suite(e);
    if (!suite)
        return no_suite(e);
    e->x->suite = suite->id;
    return wt_flight_start(e, wt_exchange12_takes_psk(suite) ? psk_flight : certificate_flight);
}

static wt_flight_step *const full_flight[] = {wt_server_ask_identity, choose, NULL};

/* RFC 5246, 7.3, figure 2. */
static wt_flight_step *const resumed_flight[] = {say_hello, wt_server_resume12, say_end, NULL};

/* Sessions are bound to the protocol: that comes first. */
static bool choose_session(struct wt_endpoint *e)
{
    return wt_server_choose_session12(e, wt_server_hello_of(e)) &&
           wt_flight_start(e, e->resumed ? resumed_flight : full_flight);
}

static wt_flight_step *const first_flight[] = {wt_server_choose_protocol, choose_session, NULL};

/* --- the client's flight ------------------------------------------------------------------------------------------ */

static bool key_exchange(struct wt_endpoint *e)
{
    const struct wt_client_key_exchange *m =
        &wt_messages_newest(&e->h.messages, WT_CLIENT, WT_HANDSHAKE_CLIENT_KEY_EXCHANGE)->body.client_key_exchange;
    struct wt_exchanging *x = e->x;
    return (m->kx == WT_KX_PSK ||
            wt_endpoint_exchanged(e, wt_exchange_finish(x->exchange[0], m->public_key, &x->shared))) &&
           wt_exchange12_master(e);
}

static wt_flight_step *const judging[] = {wt_endpoint_verify, NULL};
static wt_flight_step *const exchanging[] = {key_exchange, NULL};
static wt_flight_step *const finding[] = {wt_exchange12_find_psk, key_exchange, NULL};

bool wt_server12_check(struct wt_endpoint *e, const struct wt_received *m)
{
    switch (m->type) {
    case WT_HANDSHAKE_CERTIFICATE:
        return wt_server_check_certificate(e, &m->body->certificate);
    case WT_HANDSHAKE_CERTIFICATE_VERIFY:
        return wt_endpoint_check_verify(e, m);
    case WT_HANDSHAKE_FINISHED:
        return wt_endpoint_check_finished(e, m);
    default:
        return true;
    }
}

static bool finish(struct wt_endpoint *e)
{
    if (e->resumed)
        return wt_endpoint_done(e);
    wt_resume_authenticated(e);
    if (!wt_server_say_ticket12(e) || !say_end(e))
        return false;
    wt_server_keep12(e);
    return wt_endpoint_done(e);
}

bool wt_server12_answer(struct wt_endpoint *e, const struct wt_received *m)
{
    switch (m->type) {
    case WT_HANDSHAKE_CLIENT_HELLO:
        return wt_flight_start(e, first_flight);
    case WT_HANDSHAKE_CERTIFICATE:
        return wt_flight_start(e, judging);
    case WT_HANDSHAKE_CLIENT_KEY_EXCHANGE:
        return wt_flight_start(e, wt_exchange12_has_psk(e) ? finding : exchanging);
    case WT_HANDSHAKE_FINISHED:
        return finish(e);
    default:
        return true;
    }
}
