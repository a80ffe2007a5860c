/* What each whole handshake message tells of its connection. */
#include "observer/state.h"

#include "codec/ext/ext.h"
#include "observer/breaches.h"
#include "observer/facts.h"
#include "observer/fingerprint.h"

#include <stdio.h>

/* One message on its way through. */
struct incoming {
    struct wt_observer *o;
    struct wt_conversation *c;
    struct wt_tls *tls;
    unsigned from;
    unsigned flags; /* WT_MESSAGE_... that its record gave it */
    struct wt_codec_context context;
    struct wt_message *kept; /* NULL when messages are not kept */
};

static bool extension(const struct incoming *h, const struct wt_extensions *e, uint16_t id, enum wt_ext_where where,
                      union wt_ext_body *out)
{
    struct wt_span body;
    struct wt_error error;
    if (!wt_extensions_find(e, id, &body))
        return false;
    (void)wt_extension_decode(id, &h->context, where, body, NULL, out, &error);
    return true;
}

static void malformed(struct incoming *h, const struct wt_error *error)
{
    char text[512];
    (void)wt_error_format(error, text, sizeof text);
    wt_finding_add(h->tls, WT_FINDING_MALFORMED, h->o->frame, text, 0, 0);
    if (h->kept) {
        h->kept->flags |= WT_MESSAGE_MALFORMED;
        h->kept->error = *error;
    }
}

static void check_extensions(struct incoming *h, const struct wt_extensions *e, enum wt_ext_where where)
{
    struct wt_error error;
    if (wt_extensions_check(e, &h->context, where, &error) != WT_OK)
        malformed(h, &error);
}

static bool digest_md5(const struct incoming *h, const struct wt_buffer *text, uint8_t out[16])
{
    uint8_t digest[WT_DIGEST_MOST];
    bool ok = wt_digest(h->o->crypto, WT_HASH_MD5, wt_buffer_span(text), digest) == 16;
    memcpy(out, digest, 16);
    return ok;
}

static void client_fingerprints(struct incoming *h, const struct wt_client_hello *hello)
{
    struct wt_tls *tls = h->tls;
    struct wt_fingerprints of;
    if (tls->log) /* what they are made of is kept as well */
        wt_fingerprint_make(hello, h->o->crypto, &h->o->text, &h->o->raw, &of);
    else
        wt_fingerprint_client(h->o->fingerprints, hello, h->o->crypto, &h->o->text, &of);
    tls->fingerprints.has_ja3 = of.has_ja3;
    memcpy(tls->fingerprints.ja3, of.ja3, sizeof tls->fingerprints.ja3);
    memcpy(tls->fingerprints.ja4, of.ja4, sizeof tls->fingerprints.ja4);
    if (tls->log && wt_buffer_add_char(&h->o->text, 0) && wt_buffer_add_char(&h->o->raw, 0))
        wt_log_strings(tls->log, (char *)h->o->text.p, NULL, (char *)h->o->raw.p);
}

/* Messages are held for proofs from whichever hello is seen first. */
static void keep_transcript(const struct wt_observer *o, struct wt_tls *tls)
{
    tls->handshake->keeps_transcript = o->options.verify != WT_VERIFY_NONE || o->options.keys;
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
static void begin_by_server(const struct incoming *h, const struct wt_server_hello *hello)
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

/* The message says what is agreed. */
static void agree(struct incoming *h, const struct wt_message_body *m, struct wt_span body, bool well)
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
    wt_breaches_message(h->o, h->c, side, m, body, well, h->kept);
    if (again)
        wt_keyring_hello(h->o, h->tls);
}

void wt_tls_ssl2_hello(struct wt_observer *o, struct wt_tls *tls, const struct wt_ssl2_client_hello *hello)
{
    bool again = begin_by_client(o, tls);
    wt_agreed_ssl2_client_hello(&tls->handshake->common.agreed, hello);
    if (again)
        wt_keyring_hello(o, tls);
}

/* A hello that breaks its format has no fingerprint: what is left of it would be taken for another client's. */
static void on_client_hello(struct incoming *h, const struct wt_client_hello *hello, bool well)
{
    struct wt_tls *tls = h->tls;
    union wt_ext_body e;
    tls->agreed.offered = hello->legacy_version;
    if (extension(h, &hello->extensions, WT_EXT_SUPPORTED_VERSIONS, WT_IN_CH, &e) &&
        wt_agreed_highest(e.supported_versions.versions))
        tls->agreed.offered = wt_agreed_highest(e.supported_versions.versions);
    tls->agreed.suites_offered = (uint16_t)wt_codes_count(hello->cipher_suites);
    if (extension(h, &hello->extensions, WT_EXT_SERVER_NAME, WT_IN_CH, &e) && !tls->agreed.sni.n)
        tls->agreed.sni = wt_arena_copy(&tls->arena, e.server_name.host_name);
    tls->authentication.asked_status =
        wt_extensions_find(&hello->extensions, WT_EXT_STATUS_REQUEST, &(struct wt_span){0});
    if (!tls->fingerprints.has_ja3 && well)
        client_fingerprints(h, hello);
    wt_facts_client_hello(h->o, tls, hello);
    check_extensions(h, &hello->extensions, WT_IN_CH);
}

static void on_retry(struct incoming *h, uint16_t selected, uint16_t group)
{
    struct wt_tls *tls = h->tls;
    wt_facts_retry(h->o, tls, group);
    tls->agreed.retried = true;
    if (selected)
        tls->agreed.version = selected;
    if (group)
        tls->agreed.group = group;
    /* RFC 8446, 4.2.10: "a server which receives early data … [may respond] with a HelloRetryRequest", which rejects
     * it. */
    if (wt_flow_has(&tls->flow, WT_FACT_EARLY_OFFERED))
        tls->agreed.early_data = WT_EARLY_REJECTED;
}

void wt_tls_resumed(struct wt_observer *o, struct wt_conversation *c)
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
static void retry_transcript(struct wt_observer *o, struct wt_tls *tls)
{
    struct wt_handshake *h = &tls->handshake->common;
    if (!o->options.keys) {
        tls->handshake->keeps_transcript = false; /* of it only the hellos are kept */
        return;
    }
    if (tls->agreed.retried && wt_suite_find(tls->agreed.suite))
        (void)wt_messages_retry(&h->messages, o->crypto, (enum wt_hash_id)wt_suite_find(tls->agreed.suite)->prf);
}

static void hello13(struct incoming *h, const struct wt_server_hello *hello)
{
    struct wt_tls *tls = h->tls;
    const struct wt_suite *suite = wt_suite_find(hello->cipher_suite);
    const struct wt_hash_info *hash = suite ? wt_hash_info_of((enum wt_hash_id)suite->prf) : NULL;
    union wt_ext_body e;
    tls->outcome.tag = suite ? wt_cipher_of((enum wt_cipher_id)suite->cipher)->tag : 16;
    /* RFC 8446, 5.2 and 4.4.4: handshake header, verify_data, content type, tag. */
    tls->outcome.finished_length = (uint8_t)(4 + (hash && hash->length ? hash->length : 32) + 1 + tls->outcome.tag);
    if (extension(h, &hello->extensions, WT_EXT_KEY_SHARE, WT_IN_SH, &e) ||
        extension(h, &hello->extensions, WT_EXT_KEY_SHARE_OLD, WT_IN_SH, &e))
        tls->agreed.group = e.key_share.group;
    bool psk = extension(h, &hello->extensions, WT_EXT_PRE_SHARED_KEY, WT_IN_SH, &e);
    if (tls->handshake)
        retry_transcript(h->o, tls);
    if (psk) {
        const struct wt_agreed *a = tls->handshake ? &tls->handshake->common.agreed : NULL;
        /* tickets are sent encrypted: only where keys opened them is it known who made the session */
        if (a && a->chosen.psk < WT_LIMIT_OFFERED_PSKS && a->offered.psk[a->chosen.psk])
            tls->agreed.has_resumed_from =
                wt_session_find(h->o, a->offered.psk[a->chosen.psk], &tls->agreed.resumed_from);
        if (!a || !(a->offered.external_psks & 1))
            tls->agreed.resumption = WT_RESUMPTION_PSK;
    } else if (wt_flow_has(&tls->flow, WT_FACT_EARLY_OFFERED)) {
        /* RFC 8446, 4.2.10: "In order to accept early data, the server MUST have accepted a PSK cipher suite". */
        tls->agreed.early_data = WT_EARLY_REJECTED;
    }
    for (unsigned d = 0; d < 2; d++)
        tls->side[d].cover = WT_COVER_NONE; /* a CCS before this hello was camouflage */
}

static void hello12(struct incoming *h, const struct wt_server_hello *hello)
{
    struct wt_tls *tls = h->tls;
    union wt_ext_body e;
    if (extension(h, &hello->extensions, WT_EXT_ALPN, WT_IN_SH12, &e)) {
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
static void on_server_hello(struct incoming *h, const struct wt_server_hello *hello, bool retry, bool well)
{
    struct wt_tls *tls = h->tls;
    union wt_ext_body e;
    uint16_t selected = 0, group = 0;
    enum wt_ext_where where = retry ? WT_IN_HRR : WT_IN_SH;
    if (extension(h, &hello->extensions, WT_EXT_SUPPORTED_VERSIONS, where, &e))
        selected = e.supported_versions.selected_version;
    if (retry) {
        if (extension(h, &hello->extensions, WT_EXT_KEY_SHARE, WT_IN_HRR, &e))
            group = e.key_share.group;
        tls->agreed.suite = hello->cipher_suite;
        tls->agreed.has_suite = well || hello->cipher_suite;
        on_retry(h, selected, group);
        return;
    }
    tls->agreed.version = selected ? selected : hello->legacy_version;
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
    if (!(tls->seen.flags & WT_SEEN_DIALOGUE))
        wt_refusals_speaks(h->o, h->c);
    if (tls->handshake && !wt_tls_is_13(tls) && hello->session_id.n && hello->session_id.n <= 32 &&
        !wt_span_equal(hello->session_id, wt_span_of(tls->handshake->common.agreed.offered.session_id,
                                                     tls->handshake->common.agreed.offered.session_id_length))) {
        tls->handshake->made[0] = wt_span_hash(hello->session_id);
        wt_session_add(h->o, tls->handshake->made[0], h->c->stream);
        wt_session_name(h->o, tls->handshake->made[0], wt_facts_host(tls->agreed.sni));
    }
    if (!tls->fingerprints.has_ja3s) {
        h->o->text.n = 0;
        if (wt_fingerprint_ja3s(hello, &h->o->text))
            tls->fingerprints.has_ja3s = digest_md5(h, &h->o->text, tls->fingerprints.ja3s);
        if (tls->log && wt_buffer_add_char(&h->o->text, 0))
            wt_log_strings(tls->log, NULL, (char *)h->o->text.p, NULL);
    }
    check_extensions(h, &hello->extensions, wt_tls_is_13(tls) ? WT_IN_SH : WT_IN_SH12);
}

void wt_tls_add_certificate(struct wt_observer *o, struct wt_conversation *c, unsigned side, struct wt_span der)
{
    struct wt_tls *tls = c->tls;
    uint16_t *n = &tls->authentication.count[side];
    if (*n >= WT_LIMIT_CHAIN)
        return;
    /* room grows by powers of two, in the arena */
    if ((*n & (*n - 1)) == 0) {
        size_t cap = *n ? 2u * *n : 1;
        const struct wt_certificate_facts **room =
            wt_arena_alloc(&tls->arena, cap * sizeof(const struct wt_certificate_facts *));
        if (!room)
            return;
        for (size_t i = 0; i < *n; i++)
            room[i] = tls->authentication.certificates[side][i];
        tls->authentication.certificates[side] = room;
    }
    const struct wt_certificate_facts *facts = wt_certificates_intern(o->certificates, der);
    if (facts)
        tls->authentication.certificates[side][(*n)++] = facts;
    else
        o->lost[WT_LOST_CERTIFICATES]++;
}

/* RFC 8446, 4.4.2.1: in TLS 1.3 OCSP answers and SCTs stand with the certificate that they are about. */
static void on_leaf_extensions(struct incoming *h, unsigned side, struct wt_span block)
{
    struct wt_extensions extensions = {block, true};
    union wt_ext_body e;
    struct wt_span body;
    if (extension(h, &extensions, WT_EXT_STATUS_REQUEST, WT_IN_CT, &e))
        wt_judge_staple(h->o, h->tls, side, e.status_request.response);
    if (wt_extensions_find(&extensions, WT_EXT_SIGNED_CERTIFICATE_TIMESTAMP, &body))
        wt_judge_scts(h->tls, side, body);
    if (wt_extensions_find(&extensions, WT_EXT_DELEGATED_CREDENTIAL, &body))
        wt_judge_delegated(h->tls, side, body);
}

/* RFC 6961, 2.2: the first answer of a list is the leaf's. */
static void on_certificate_status(struct incoming *h, const struct wt_certificate_status *status)
{
    struct wt_span rest = status->responses, first;
    if (status->status_type == 1)
        wt_judge_staple(h->o, h->tls, WT_SERVER, status->response);
    else if (status->status_type == 2 && wt_ext_opaque_next(&rest, 3, &first))
        wt_judge_staple(h->o, h->tls, WT_SERVER, first);
}

static void on_certificate(struct incoming *h, const struct wt_certificate *certificate)
{
    unsigned side = h->from;
    struct wt_span rest = certificate->list;
    struct wt_certificate_entry entry;
    if (certificate->raw_public_key || h->tls->authentication.count[side])
        return; /* a renegotiation's chain is in its message; the connection's is the first */
    while (wt_certificate_next(certificate, &rest, &entry)) {
        wt_tls_add_certificate(h->o, h->c, side, entry.data);
        if (entry.extensions.n && h->tls->authentication.count[side] == 1)
            on_leaf_extensions(h, side, entry.extensions);
    }
    wt_judge_chain(h->o, h->tls, side);
}

static void on_ticket(struct incoming *h, const struct wt_new_session_ticket *ticket)
{
    struct wt_tls *tls = h->tls;
    uint64_t hash = ticket->ticket.n ? wt_span_hash(ticket->ticket) : 0;
    if (!hash)
        return;
    wt_session_add(h->o, hash, h->c->stream);
    wt_session_name(h->o, hash, wt_facts_host(tls->agreed.sni));
    if (ticket->tls13) {
        wt_keyring_ticket13(h->o, tls, ticket->ticket, ticket->nonce);
    } else if (tls->handshake) {
        tls->handshake->made[1] = hash;
        wt_keyring_session(h->o, tls);
    }
}

/* What TLS 1.3 answers behind keys (RFC 8446, 4.3.1). */
static void on_encrypted_extensions(struct incoming *h, const struct wt_encrypted_extensions *in)
{
    struct wt_tls *tls = h->tls;
    union wt_ext_body e;
    struct wt_span body;
    check_extensions(h, &in->extensions, WT_IN_EE);
    /* draft-vvv-tls-alps-01, 4: the client answers the server's application_settings with its own, in a message of this
     * type; it chooses nothing */
    if (h->from == WT_CLIENT)
        return;
    if (extension(h, &in->extensions, WT_EXT_ALPN, WT_IN_EE, &e)) {
        struct wt_span rest = e.alpn.protocol_name_list, name;
        if (wt_ext_opaque_next(&rest, 1, &name))
            tls->agreed.alpn = wt_arena_copy(&tls->arena, name);
    }
    if (wt_flow_has(&tls->flow, WT_FACT_EARLY_OFFERED))
        tls->agreed.early_data =
            wt_extensions_find(&in->extensions, WT_EXT_EARLY_DATA, &body) ? WT_EARLY_ACCEPTED : WT_EARLY_REJECTED;
    if (wt_extensions_find(&in->extensions, WT_EXT_SERVER_CERTIFICATE_TYPE, &body) && body.n == 1)
        tls->agreed.server_certificate_type = body.p[0];
    if (wt_extensions_find(&in->extensions, WT_EXT_CLIENT_CERTIFICATE_TYPE, &body) && body.n == 1)
        tls->agreed.client_certificate_type = body.p[0];
}

/* Who is who shows with the first hello of either side. */
static void take_roles(struct incoming *h, uint8_t type)
{
    unsigned direction = wt_tls_direction_of(h->tls, h->from);
    if (type == WT_HANDSHAKE_CLIENT_HELLO)
        wt_tls_take_role(h->tls, direction);
    else if (type == WT_HANDSHAKE_SERVER_HELLO || type == WT_HANDSHAKE_HELLO_RETRY_REQUEST)
        wt_tls_take_role(h->tls, !direction);
    h->from = wt_tls_side_of(h->tls, direction);
}

static void dispatch(struct incoming *h, const struct wt_message_body *m, const struct wt_handshake_message *inner,
                     struct wt_span raw, bool well)
{
    struct wt_tls *tls = h->tls;
    take_roles(h, m->type);
    agree(h, m, raw, well);
    wt_facts_message(h->o, tls, h->from, m);
    switch (m->type) {
    case WT_HANDSHAKE_CLIENT_HELLO:
        on_client_hello(h, &m->client_hello, well);
        break;
    case WT_HANDSHAKE_SERVER_HELLO:
        on_server_hello(h, &m->server_hello, wt_server_hello_is_retry(&m->server_hello), well);
        break;
    case WT_HANDSHAKE_HELLO_RETRY_REQUEST:
        on_retry(h, raw.n >= 2 ? wt_get16(raw.p) : 0, 0);
        break;
    case WT_HANDSHAKE_CERTIFICATE:
        on_certificate(h, &m->certificate);
        break;
    case WT_HANDSHAKE_CERTIFICATE_STATUS:
        on_certificate_status(h, &m->certificate_status);
        break;
    case WT_HANDSHAKE_SERVER_KEY_EXCHANGE:
        if (m->server_key_exchange.curve_type == 3)
            tls->agreed.group = m->server_key_exchange.named_curve;
        else if (m->server_key_exchange.dh_p.n)
            tls->agreed.group = wt_facts_ffdhe(m->server_key_exchange.dh_p);
        if (m->server_key_exchange.has_scheme)
            tls->agreed.scheme = m->server_key_exchange.signature_scheme;
        break;
    case WT_HANDSHAKE_NEW_SESSION_TICKET:
        on_ticket(h, &m->new_session_ticket);
        break;
    case WT_HANDSHAKE_ENCRYPTED_EXTENSIONS:
        on_encrypted_extensions(h, &m->encrypted_extensions);
        break;
    case WT_HANDSHAKE_COMPRESSED_CERTIFICATE:
        if (inner)
            on_certificate(h, &inner->body.certificate);
        break;
    case WT_HANDSHAKE_CERTIFICATE_VERIFY:
        if (m->certificate_verify.has_scheme && wt_tls_is_13(tls) && h->from == WT_SERVER)
            tls->agreed.scheme = m->certificate_verify.signature_scheme;
        break;
    default:
        break;
    }
}

static enum wt_place place_of(const struct incoming *h, unsigned side, uint8_t type, bool retry)
{
    const struct wt_tls *tls = h->tls;
    const struct wt_messages *m = &tls->handshake->common.messages;
    /* A side's own Finished ends its part, whether or not it could be read: the keys change with it. */
    bool later = h->flags & WT_MESSAGE_DECRYPTED && tls->keys && tls->keys->by[h->from].epoch == WT_EPOCH_TRAFFIC;
    if (wt_tls_is_13(tls) && (later || wt_messages_has(m, side, WT_HANDSHAKE_FINISHED)))
        return WT_PLACE_LATER;
    if (retry)
        return WT_PLACE_RETRY;
    if (type == WT_HANDSHAKE_CLIENT_HELLO)
        return m->count && m->list[0]->place == WT_PLACE_HELLO ? WT_PLACE_SECOND : WT_PLACE_HELLO;
    if (side == WT_CLIENT)
        return WT_PLACE_CLIENT;
    return type != WT_HANDSHAKE_SERVER_HELLO_DONE && wt_messages_has(m, WT_SERVER, WT_HANDSHAKE_SERVER_HELLO_DONE)
               ? WT_PLACE_SERVER_LAST
               : WT_PLACE_SERVER;
}

/* Whether the message is kept: for proofs, and for what was offered and chosen, which is asked for when the connection
 * fails. */
static bool is_kept(const struct wt_tls *tls, uint8_t type)
{
    return tls->handshake && wt_handshake_covers(wt_tls_is_13(tls), type) &&
           (tls->handshake->keeps_transcript || type == WT_HANDSHAKE_CLIENT_HELLO || type == WT_HANDSHAKE_SERVER_HELLO);
}

/* The message takes its place among those that proofs cover. */
static void add_to_transcript(struct incoming *h, struct wt_handshake_message *message, bool retry)
{
    struct wt_tls *tls = h->tls;
    uint8_t type = message->type;
    if (!is_kept(tls, type)) {
        wt_messages_drop(message);
        return;
    }
    struct wt_messages *m = &tls->handshake->common.messages;
    unsigned side = h->from;
    bool whole = !m->broken; /* one that a gap or a stray message has broken is over no limit */
    message->frame = h->o->frame;
    if (!wt_messages_add(m, message, side, place_of(h, side, type, retry)) && whole)
        h->o->lost[WT_LOST_MESSAGES]++;
    if (type == WT_HANDSHAKE_CLIENT_HELLO && tls->agreed.retried)
        retry_transcript(h->o, tls);
}

/* RFC 8446, 4.2.10: "A client MUST NOT include the "early_data" extension in its followup ClientHello." */
static bool is_second(const struct wt_tls *tls)
{
    return tls->flow.state[WT_CLIENT] == WT_STATE_C13_FLIGHT;
}

/* What a message changes in the keys of its from. */
static void change_keys(struct incoming *h, uint8_t type)
{
    struct wt_tls *tls = h->tls;
    if (!wt_tls_is_13(tls) || !tls->keys)
        return;
    if (type == WT_HANDSHAKE_FINISHED)
        wt_keyring_epoch(tls, h->from, WT_EPOCH_TRAFFIC);
    else if (type == WT_HANDSHAKE_END_OF_EARLY_DATA || (type == WT_HANDSHAKE_CLIENT_HELLO && is_second(tls)))
        wt_keyring_epoch(tls, h->from, WT_EPOCH_HANDSHAKE);
    else if (type == WT_HANDSHAKE_KEY_UPDATE)
        wt_keyring_update(h->o, tls, h->from);
}

static void finished(struct incoming *h)
{
    struct wt_tls *tls = h->tls;
    struct wt_messages *m = tls->handshake ? &tls->handshake->common.messages : NULL;
    tls->side[h->from].flags |= WT_SIDE_FINISHED;
    wt_tls_finished(h->o, h->c);
    if (!m || !wt_messages_has(m, WT_CLIENT, WT_HANDSHAKE_FINISHED) ||
        !wt_messages_has(m, WT_SERVER, WT_HANDSHAKE_FINISHED))
        return;
    wt_proofs_settle(h->o, h->c, false);
    if (!wt_tls_is_13(tls))
        wt_messages_clear(m);
}

static struct wt_span offered_session(const struct wt_tls *tls)
{
    const struct wt_offered *offered = tls->handshake ? &tls->handshake->common.agreed.offered : NULL;
    return offered ? wt_span_of(offered->session_id, offered->session_id_length) : (struct wt_span){0};
}

/* Decodes the message, once, and draws its conclusions. */
static void read_message(struct incoming *h, uint8_t type, struct wt_span body)
{
    struct wt_tls *tls = h->tls;
    struct wt_error error = {0};
    struct wt_handshake_message *message = NULL;
    struct wt_message_body here = {0};
    const struct wt_message_body *m = &here;
    enum wt_code code;
    if (is_kept(tls, type) || type == WT_HANDSHAKE_COMPRESSED_CERTIFICATE)
        message = wt_messages_read(&h->context, type, body, false, &error);
    if (message) {
        m = &message->body;
        code = message->code;
        body = wt_span_cut(message->bytes, 4, message->bytes.n); /* what m points into */
    } else {
        code = wt_message_decode(&h->context, type, body, NULL, &here, &error);
        here.type = type;
    }
    if (code != WT_OK)
        malformed(h, &error);
    bool hello = type == WT_HANDSHAKE_SERVER_HELLO, retry = hello && wt_server_hello_is_retry(&m->server_hello);
    dispatch(h, m, message ? message->inner : NULL, body, code == WT_OK);
    uint64_t facts = wt_flow_facts(&tls->flow, h->from, m, offered_session(tls));
    if (message)
        add_to_transcript(h, message, retry || type == WT_HANDSHAKE_HELLO_RETRY_REQUEST);
    if (h->kept && hello) {
        h->kept->shape.version = tls->agreed.version;
        h->kept->flags |= retry ? WT_MESSAGE_RETRY : 0;
    }
    unsigned as = retry ? WT_HANDSHAKE_HELLO_RETRY_REQUEST : (unsigned)type;
    if (!wt_order_step(h->o, h->c, h->from, as, facts) && h->kept)
        h->kept->flags |= WT_MESSAGE_UNEXPECTED;
    if (type == WT_HANDSHAKE_FINISHED)
        finished(h);
    change_keys(h, type);
}

void wt_tls_message(struct wt_observer *o, struct wt_conversation *c, unsigned from, uint8_t type, struct wt_span body,
                    uint32_t length, const struct wt_message_place *place, unsigned flags)
{
    struct wt_tls *tls = c->tls;
    struct wt_tls_side *side = &tls->side[from];
    bool from_server = type == WT_HANDSHAKE_SERVER_HELLO || from == WT_SERVER;
    uint8_t certificate_type = from_server ? tls->agreed.server_certificate_type : tls->agreed.client_certificate_type;
    struct incoming h = {o,   c, tls, from, flags, {tls->agreed.version, tls->agreed.kx, certificate_type, from_server},
                         NULL};

    /* what was held back as perhaps hidden is a hello after all */
    if (side->cover == WT_COVER_MAYBE)
        side->cover = WT_COVER_NONE;
    if (type == WT_HANDSHAKE_CLIENT_HELLO || type == WT_HANDSHAKE_SERVER_HELLO)
        side->flags |= WT_SIDE_HELLO;
    side->message = type;
    side->message_frame = o->frame;
    side->has_message = true;
    if (tls->log)
        h.kept = wt_log_add(o, c,
                            (struct wt_message){.from = (uint8_t)from,
                                                .content_type = WT_CONTENT_HANDSHAKE,
                                                .type = type,
                                                .flags = (uint16_t)(WT_MESSAGE_TYPED | flags),
                                                .record_version = place->record->version,
                                                .records = (uint16_t)place->records,
                                                .record = place->record->number,
                                                .length = length,
                                                .record_length = place->record->length,
                                                .shape = {tls->agreed.version, tls->agreed.kx, certificate_type}},
                            body);
    if (body.n < length) {
        if (tls->handshake)
            tls->handshake->common.messages.broken = true;
        wt_finding_add(tls, WT_FINDING_MESSAGE_TOO_LONG, o->frame, wt_tls_sender(from), length,
                       WT_LIMIT_HANDSHAKE_MESSAGE);
        return;
    }
    read_message(&h, type, body);
}
