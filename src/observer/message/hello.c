/* What the hellos say: what is offered and agreed, and which handshake they begin. */
#include "observer/message/hello.h"

#include "base/span_hash.h"

#include "codec/ext/ext.h"
#include "diagnosis/twins.h"
#include "observer/breaches.h"
#include "observer/dtls/dtls.h"
#include "observer/facts.h"
#include "observer/fingerprint/fingerprint.h"
#include "observer/keys/sessions.h"
#include "observer/message/known_hello.h"
#include "observer/message/log.h"
#include "observer/message/message.h"
#include "observer/message/same.h"
#include "observer/state.h"

static void client_fingerprints(struct wt_incoming *h, const struct wt_client_hello *hello)
{
    struct wt_tls *tls = h->tls;
    struct wt_fingerprints of;
    /* where there is a log, what they are made of is kept as well */
    if (h->known && !tls->log)
        of = h->known->fingerprints;
    else
        wt_fingerprint_client(h->o->fingerprints, hello, h->o->crypto, &h->o->ja3, tls->log ? &h->o->ja4_r : NULL, &of);
    tls->fingerprints.has_ja3 = of.has_ja3;
    memcpy(tls->fingerprints.ja3, of.ja3, sizeof tls->fingerprints.ja3);
    memcpy(tls->fingerprints.ja4, of.ja4, sizeof tls->fingerprints.ja4);
    /* JA4 begins with the transport: the same hello over another one has another fingerprint, and is known by one */
    const char transport = tls->quic ? 'q' : tls->dtls ? 'd' : 't';
    if (tls->fingerprints.ja4[0])
        tls->fingerprints.ja4[0] = transport;
    if (tls->log)
        wt_log_client_strings(tls->log, of.ja3_text, of.ja4_raw, transport);
}

static void server_fingerprint(struct wt_incoming *h, const struct wt_server_hello *hello)
{
    struct wt_tls *tls = h->tls;
    struct wt_fingerprints of;
    wt_fingerprint_server(h->o->fingerprints, hello, h->o->crypto, &h->o->ja3, tls->log, &of);
    tls->fingerprints.has_ja3s = of.has_ja3;
    memcpy(tls->fingerprints.ja3s, of.ja3, sizeof tls->fingerprints.ja3s);
    if (tls->log)
        wt_log_server_string(tls->log, of.ja3_text);
}

/* Messages are held for proofs from whichever hello is seen first. */
static void keep_transcript(const struct wt_observer *o, struct wt_tls *tls)
{
    tls->handshake->keeps_transcript = o->options.verify != WT_VERIFY_NONE || wt_keyring_awaited(o);
}

static bool has_both_randoms(const struct wt_agreed *a)
{
    return a->offered.random_length == 32 && a->chosen.has_random;
}

static void forget(struct wt_tls_handshake *hs)
{
    bool left = hs->common.messages.count != 0;
    wt_messages_clear(&hs->common.messages);
    hs->common.messages.broken = left; /* messages of the handshake before may still come, and be among its own */
    wt_agreed_renegotiate(&hs->common.agreed);
    hs->made[0] = hs->made[1] = 0;
}

/* A first hello, the one after a HelloRetryRequest (whose random is the same: RFC 8446, 4.1.2, "the client MUST send
 * the same ClientHello without modification, except …"), or one that begins another handshake. True when keys that were
 * made are not this handshake's. */
static bool begin_by_client(const struct wt_observer *o, struct wt_tls *tls)
{
    struct wt_tls_handshake *hs = tls->handshake;
    bool after = hs->common.agreed.chosen.has_random && !wt_tls_is_13(tls);
    if (has_both_randoms(&hs->common.agreed) && !wt_tls_is_13(tls))
        forget(hs);
    keep_transcript(o, tls);
    return after;
}

/* Up to TLS 1.2: another ServerHello, whose ClientHello is still to be seen: it begins a handshake too. */
static void begin_by_server(const struct wt_incoming *h, const struct wt_server_hello *hello)
{
    struct wt_tls *tls = h->tls;
    struct wt_tls_handshake *hs = tls->handshake;
    keep_transcript(h->o, tls);
    if (wt_server_hello_is_retry(hello) || hello->random.n != 32 || !has_both_randoms(&hs->common.agreed) ||
        wt_version_is_tls13(wt_agreed_version_of(hello)))
        return;
    if (hs->common.messages.count) /* the handshake before it has not been seen to its end */
        wt_proofs_settle(h->o, h->c, false);
    forget(hs);
    if (tls->keys)
        tls->keys->has_master = false;
}

/* Whether the handshake that a ClientHello begins is known to be the connection's first. */
static void is_it_the_first(const struct wt_incoming *h)
{
    const struct wt_tls *tls = h->tls;
    struct wt_agreed *a = &tls->handshake->common.agreed;
    const bool begins = tls->dtls ? wt_dtls_begins(tls->dtls) : wt_transport_opened_any(&h->c->transport);
    if (!a->offered.seen && !a->chosen.seen && !tls->seen.hello_frame[WT_CLIENT])
        a->first = begins && !tls->side[0].missing && !tls->side[1].missing;
}

/* The message says what is agreed. */
void wt_hello_agree(struct wt_incoming *h, const struct wt_message_body *m, struct wt_span body, bool well)
{
    struct wt_tls_handshake *hs = h->tls->handshake;
    bool again = false;
    if (!hs)
        return;
    if (m->type == WT_HANDSHAKE_CLIENT_HELLO)
        again = begin_by_client(h->o, h->tls);
    else if (m->type == WT_HANDSHAKE_SERVER_HELLO)
        begin_by_server(h, &m->server_hello);
    unsigned side = m->type == WT_HANDSHAKE_CLIENT_HELLO   ? WT_CLIENT
                    : m->type == WT_HANDSHAKE_SERVER_HELLO ? WT_SERVER
                                                           : h->from;
    if (m->type == WT_HANDSHAKE_CLIENT_HELLO)
        is_it_the_first(h);
    if (h->known)
        wt_agreed_repeat(&hs->common.agreed, &h->known->agreed, &m->client_hello);
    else
        wt_breaches_message(h->o, h->c, side, m, body, well, h->kept);
    if (again)
        wt_keyring_hello(h->o, h->tls);
}

void wt_hello_ssl2(struct wt_observer *o, struct wt_tls *tls, const struct wt_ssl2_client_hello *hello)
{
    bool again = begin_by_client(o, tls);
    wt_agreed_ssl2_client_hello(&tls->handshake->common.agreed, hello);
    if (again)
        wt_keyring_hello(o, tls);
}

/* RFC 8701, 3.1: clients put such values into any of their lists; those that do have one in these. */
static bool has_grease(const struct wt_client_hello *hello)
{
    struct wt_span rest = hello->extensions.block;
    struct wt_extension e;
    for (size_t i = 0; i < wt_codes_count(hello->cipher_suites); i++)
        if (wt_is_grease(wt_codes_at(hello->cipher_suites, i)))
            return true;
    while (wt_extensions_next(&rest, &e))
        if (wt_is_grease(e.id))
            return true;
    return false;
}

uint32_t wt_hello_client_seen(const struct wt_client_hello *hello)
{
    const struct wt_extensions *e = &hello->extensions;
    /* RFC 5746, 3.3: the SCSV says the same as an empty renegotiation_info */
    const bool secure = wt_extensions_has(e, WT_EXT_RENEGOTIATION_INFO) || wt_codes_have(hello->cipher_suites, 0x00ff);
    return (wt_extensions_has(e, WT_EXT_SERVER_NAME) ? WT_SEEN_SNI : 0) |
           (wt_extensions_has(e, WT_EXT_ENCRYPTED_CLIENT_HELLO) ? WT_SEEN_ECH : 0) |
           (has_grease(hello) ? WT_SEEN_GREASE : 0) |
           (wt_extensions_has(e, WT_EXT_EXTENDED_MASTER_SECRET) ? WT_SEEN_EXTENDED_MASTER_OFFERED : 0) |
           (secure ? WT_SEEN_SECURE_RENEGOTIATION_OFFERED : 0);
}

/* TLCP is known by its version: the client's, until the server has chosen. It is a protocol of records in a stream:
 * QUIC and DTLS stay what they are, whatever version a hello names. */
static void take_protocol(struct wt_tls *tls, uint16_t version)
{
    if (version == WT_TLCP && tls->agreed.protocol == WT_PROTOCOL_TLS)
        tls->agreed.protocol = WT_PROTOCOL_TLCP;
    else if (version != WT_TLCP && tls->agreed.protocol == WT_PROTOCOL_TLCP)
        tls->agreed.protocol = WT_PROTOCOL_TLS;
}

static void known_client(struct wt_incoming *h, const struct wt_client_hello *hello)
{
    struct wt_tls *tls = h->tls;
    const struct wt_known_hello *known = h->known;
    tls->agreed.offered = known->agreed.offered.highest_version;
    take_protocol(tls, tls->agreed.offered);
    tls->agreed.suites_offered = known->agreed.offered.suites;
    if (known->seen & WT_SEEN_SNI && !tls->agreed.sni.n)
        tls->agreed.sni = wt_arena_copy(&tls->arena, known->sni);
    tls->authentication.asked_status = wt_extensions_has(&hello->extensions, WT_EXT_STATUS_REQUEST);
    if (!tls->fingerprints.has_ja3)
        client_fingerprints(h, hello);
    wt_facts_client_hello(h->o, tls, hello, known->seen);
}

/* A hello that cannot be read to its end has no fingerprint: what is left of it would be taken for another client's. */
void wt_hello_client(struct wt_incoming *h, const struct wt_client_hello *hello)
{
    struct wt_tls *tls = h->tls;
    union wt_ext_body e;
    if (h->known) {
        known_client(h, hello);
        return;
    }
    tls->agreed.offered = hello->legacy_version;
    if (wt_message_extension(h, &hello->extensions, WT_EXT_SUPPORTED_VERSIONS, WT_IN_CH, &e) &&
        wt_agreed_highest(e.supported_versions.versions))
        tls->agreed.offered = wt_agreed_highest(e.supported_versions.versions);
    take_protocol(tls, tls->agreed.offered);
    tls->agreed.suites_offered = (uint16_t)wt_codes_count(hello->cipher_suites);
    if (wt_message_extension(h, &hello->extensions, WT_EXT_SERVER_NAME, WT_IN_CH, &e) && !tls->agreed.sni.n)
        tls->agreed.sni = wt_arena_copy(&tls->arena, e.server_name.host_name);
    tls->authentication.asked_status = wt_extensions_has(&hello->extensions, WT_EXT_STATUS_REQUEST);
    if (!tls->fingerprints.has_ja3 && hello->complete)
        client_fingerprints(h, hello);
    wt_facts_client_hello(h->o, tls, hello, wt_hello_client_seen(hello));
    wt_message_check_extensions(h, &hello->extensions, WT_IN_CH);
}

void wt_hello_retry(struct wt_incoming *h, uint16_t selected, uint16_t group)
{
    struct wt_tls *tls = h->tls;
    wt_facts_retry(h->o, tls, group);
    wt_twins_learn(h->o, h->c);
    tls->agreed.retried = true;
    if (selected)
        tls->agreed.version = selected;
    if (group)
        tls->agreed.group = group;
    /* RFC 8446, 4.2.10: after a HelloRetryRequest "The server then ignores early data" */
    if (wt_flow_has(&tls->flow, WT_FACT_EARLY_OFFERED))
        tls->agreed.early_data = WT_EARLY_REJECTED;
}

void wt_hello_resumed(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_tls *tls = c->tls;
    if (!tls->handshake || wt_tls_is_13(tls))
        return;
    struct wt_agreed *agreed = &tls->handshake->common.agreed;
    const struct wt_offered *offered = &agreed->offered;
    wt_agreed_resumed(agreed);
    if (tls->agreed.renegotiations)
        return;
    tls->agreed.resumption = agreed->chosen.resumption;
    uint64_t hash = offered->ticket ? offered->session_ticket
                                    : wt_span_hash(wt_span_of(offered->session_id, offered->session_id_length));
    tls->agreed.has_resumed_from =
        (offered->ticket || offered->session_id_length) && wt_session_find(o, hash, &tls->agreed.resumed_from);
    if (tls->agreed.has_resumed_from)
        wt_facts_resumed(o, tls, hash);
}

/* The hash that stands for the first ClientHello after a HelloRetryRequest is known once the suite is. Without anybody
 * to open the rest there is nothing to prove. */
void wt_hello_retry_transcript(struct wt_observer *o, struct wt_tls *tls)
{
    struct wt_handshake *h = &tls->handshake->common;
    if (!wt_keyring_awaited(o)) {
        tls->handshake->keeps_transcript = false; /* of it only the hellos are kept */
        return;
    }
    if (tls->agreed.retried && wt_suite_find(tls->agreed.suite))
        (void)wt_messages_retry(&h->messages, o->crypto, (enum wt_hash_id)wt_suite_find(tls->agreed.suite)->prf);
}

static void hello13(struct wt_incoming *h, const struct wt_server_hello *hello)
{
    struct wt_tls *tls = h->tls;
    const struct wt_suite *suite = wt_suite_find(hello->cipher_suite);
    const struct wt_hash_info *hash = suite ? wt_hash_info_of((enum wt_hash_id)suite->prf) : NULL;
    union wt_ext_body e;
    tls->outcome.tag = suite ? wt_cipher_of((enum wt_cipher_id)suite->cipher)->tag : 16;
    /* RFC 8446, 5.2 and 4.4.4: handshake header, verify_data, content type, tag. */
    tls->outcome.finished_length = (uint8_t)(4 + (hash && hash->length ? hash->length : 32) + 1 + tls->outcome.tag);
    if (wt_message_extension(h, &hello->extensions, WT_EXT_KEY_SHARE, WT_IN_SH, &e) ||
        wt_message_extension(h, &hello->extensions, WT_EXT_KEY_SHARE_OLD, WT_IN_SH, &e))
        tls->agreed.group = e.key_share.group;
    bool psk = wt_message_extension(h, &hello->extensions, WT_EXT_PRE_SHARED_KEY, WT_IN_SH, &e);
    if (tls->handshake)
        wt_hello_retry_transcript(h->o, tls);
    if (psk) {
        const struct wt_agreed *a = tls->handshake ? &tls->handshake->common.agreed : NULL;
        /* tickets are sent encrypted: only where keys opened them is it known who made the session */
        if (a && a->chosen.psk < WT_LIMIT_OFFERED_PSKS && a->offered.psk[a->chosen.psk])
            tls->agreed.has_resumed_from =
                wt_session_find(h->o, a->offered.psk[a->chosen.psk], &tls->agreed.resumed_from);
        tls->agreed.resumption = a ? a->chosen.resumption : WT_RESUMPTION_NONE;
    } else if (wt_flow_has(&tls->flow, WT_FACT_EARLY_OFFERED)) {
        /* RFC 8446, 4.2.10: "In order to accept early data, the server MUST have accepted a PSK cipher suite". */
        tls->agreed.early_data = WT_EARLY_REJECTED;
    }
    for (unsigned d = 0; d < 2; d++)
        tls->side[d].cover = WT_COVER_NONE; /* a CCS before this hello was camouflage */
}

static void hello12(struct wt_incoming *h, const struct wt_server_hello *hello)
{
    struct wt_tls *tls = h->tls;
    union wt_ext_body e;
    if (wt_message_extension(h, &hello->extensions, WT_EXT_ALPN, WT_IN_SH12, &e)) {
        struct wt_span rest = e.alpn.protocol_name_list, name;
        if (wt_ext_opaque_next(&rest, 1, &name))
            tls->agreed.alpn = wt_arena_copy(&tls->arena, name);
    }
    struct wt_span scts;
    if (wt_extensions_find(&hello->extensions, WT_EXT_SIGNED_CERTIFICATE_TIMESTAMP, &scts))
        wt_judge_scts(tls, WT_SERVER, scts);
    if (wt_extensions_find(&hello->extensions, WT_EXT_SERVER_CERTIFICATE_TYPE, &e.session_ticket.ticket) &&
        e.session_ticket.ticket.n == 1)
        tls->agreed.server_certificate_type = e.session_ticket.ticket.p[0];
    if (wt_extensions_find(&hello->extensions, WT_EXT_CLIENT_CERTIFICATE_TYPE, &e.session_ticket.ticket) &&
        e.session_ticket.ticket.n == 1)
        tls->agreed.client_certificate_type = e.session_ticket.ticket.p[0];
    for (unsigned d = 0; d < 2; d++)
        if (tls->side[d].cover == WT_COVER_MAYBE) {
            tls->side[d].cover = WT_COVER_KEYS;
            if (d == WT_CLIENT) /* a CCS that was seen before this hello was no camouflage */
                (void)wt_flow_step(&tls->flow, WT_CLIENT, WT_FLOW_CCS, 0, WT_FLOW_LENIENT, NULL);
        }
}

/* A session id that is not the client's own is a new one, and can be resumed later (RFC 5246, 7.4.1.3). */
void wt_hello_server(struct wt_incoming *h, const struct wt_server_hello *hello, bool retry, bool well)
{
    struct wt_tls *tls = h->tls;
    union wt_ext_body e;
    uint16_t selected = 0, group = 0;
    enum wt_ext_where where = retry ? WT_IN_HRR : WT_IN_SH;
    if (wt_message_extension(h, &hello->extensions, WT_EXT_SUPPORTED_VERSIONS, where, &e))
        selected = e.supported_versions.selected_version;
    if (retry) {
        if (wt_message_extension(h, &hello->extensions, WT_EXT_KEY_SHARE, WT_IN_HRR, &e))
            group = e.key_share.group;
        tls->agreed.suite = hello->cipher_suite;
        tls->agreed.has_suite = well || hello->cipher_suite;
        wt_hello_retry(h, selected, group);
        return;
    }
    tls->agreed.version = selected ? selected : hello->legacy_version;
    take_protocol(tls, tls->agreed.version);
    /* one that ends before it has chosen nothing, and TLS_NULL_WITH_NULL_NULL least of all */
    tls->agreed.suite = hello->cipher_suite;
    tls->agreed.has_suite = well || hello->cipher_suite;
    const struct wt_suite *suite = wt_suite_find(hello->cipher_suite);
    tls->agreed.kx = suite ? suite->kx : WT_KX_NULL;
    h->context.version = tls->agreed.version;
    if (wt_tls_is_13(tls))
        hello13(h, hello);
    else if (tls->handshake)
        hello12(h, hello);
    wt_facts_server_hello(h->o, tls, hello);
    wt_twins_learn(h->o, h->c);
    wt_same_note(h->o, h->c);
    if (!(tls->seen.flags & WT_SEEN_DIALOGUE))
        wt_refusals_speaks(h->o, h->c);
    if (tls->handshake && !wt_tls_is_13(tls) && hello->session_id.n && hello->session_id.n <= 32 &&
        !wt_span_equal(hello->session_id, wt_span_of(tls->handshake->common.agreed.offered.session_id,
                                                     tls->handshake->common.agreed.offered.session_id_length))) {
        tls->handshake->made[0] = wt_span_hash(hello->session_id);
        wt_session_add(h->o, tls->handshake->made[0], h->c->stream);
        wt_session_name(h->o, tls->handshake->made[0], wt_facts_host(tls->agreed.sni));
    }
    if (!tls->fingerprints.has_ja3s)
        server_fingerprint(h, hello);
    wt_message_check_extensions(h, &hello->extensions, wt_tls_is_13(tls) ? WT_IN_SH : WT_IN_SH12);
}
