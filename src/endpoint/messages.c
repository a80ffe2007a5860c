/* Handshake messages of either seat. One of the peer's is held against the flow's table and the rules before anything
 * is learnt from it; one of ours goes by the same table, so that both know which keys start. */
#include "endpoint/messages.h"

#include "base/memory.h"
#include "base/uninitialized.h"
#include "codec/ext/ext.h"
#include "endpoint/again.h"
#include "endpoint/client.h"
#include "endpoint/client_resume.h"
#include "endpoint/endpoint.h"
#include "endpoint/failure.h"
#include "endpoint/flight.h"
#include "endpoint/output.h"
#include "endpoint/retry.h"
#include "endpoint/secrets.h"
#include "endpoint/server.h"
#include "endpoint/verify.h"
#include "handshake/proofs.h"

/* --- the peer's --------------------------------------------------------------------------------------------------- */

/* As the flow's table calls it: a HelloRetryRequest comes in a ServerHello's form (RFC 8446, 4.1.3). */
static unsigned flow_type(const struct wt_message_body *m)
{
    return m->type == WT_HANDSHAKE_SERVER_HELLO && wt_server_hello_is_retry(&m->server_hello)
               ? WT_HANDSHAKE_HELLO_RETRY_REQUEST
               : m->type;
}

static enum wt_flow_verdict step(struct wt_endpoint *e, unsigned side, const struct wt_message_body *m,
                                 const struct wt_flow_row **row)
{
    const struct wt_offered *o = &e->h.agreed.offered;
    uint64_t facts = wt_flow_facts(&e->flow, side, m, wt_span_of(o->session_id, o->session_id_length));
    return wt_flow_step(&e->flow, side, flow_type(m), facts, WT_FLOW_STRICT, row);
}

/* The bodies of a message's extensions, which its decoder leaves as they are. */
static bool extensions_of(const struct wt_message_body *m, const struct wt_extensions **out, enum wt_ext_where *where)
{
    switch (m->type) {
    case WT_HANDSHAKE_CLIENT_HELLO:
        *out = &m->client_hello.extensions;
        *where = WT_IN_CH;
        return true;
    case WT_HANDSHAKE_SERVER_HELLO:
        *out = &m->server_hello.extensions;
        *where = wt_server_hello_is_retry(&m->server_hello)                    ? WT_IN_HRR
                 : wt_version_is_tls13(wt_agreed_version_of(&m->server_hello)) ? WT_IN_SH
                                                                               : WT_IN_SH12;
        return true;
    case WT_HANDSHAKE_ENCRYPTED_EXTENSIONS:
        *out = &m->encrypted_extensions.extensions;
        *where = WT_IN_EE;
        return true;
    case WT_HANDSHAKE_CERTIFICATE_REQUEST:
        *out = &m->certificate_request.extensions;
        *where = WT_IN_CR;
        return true;
    case WT_HANDSHAKE_NEW_SESSION_TICKET:
        *out = &m->new_session_ticket.extensions;
        *where = WT_IN_NST;
        return true;
    default:
        return false;
    }
}

/* Those that a client or server of ours knows. RFC 8446, 4.2: what a peer offers beside them is ignored, also when it
 * is no such thing as somebody else has defined. */
static bool is_known(uint16_t id)
{
    static const uint16_t known[] = {
#define WT_KNOWN(id) WT_EXT_##id,
#include "endpoint/extensions.def"
#undef WT_KNOWN
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i] == id)
            return true;
    return false;
}

static bool extensions_are_valid(const struct wt_extensions *extensions, const struct wt_codec_context *context,
                                 enum wt_ext_where where, struct wt_span message, struct wt_error *error)
{
    struct wt_span rest = extensions->block;
    struct wt_extension extension;
    union wt_ext_body body;
    while (wt_extensions_next(&rest, &extension)) {
        if (!is_known(extension.id))
            continue;
        enum wt_code code = wt_extension_decode(extension.id, context, where, extension.body, NULL, &body, error);
        if (code != WT_OK && code != WT_UNSUPPORTED) {
            error->offset += (uint64_t)(extension.body.p - message.p);
            return false;
        }
    }
    return true;
}

/* The same of each certificate's, in TLS 1.3. */
static bool entries_are_valid(const struct wt_handshake_message *m, struct wt_span message, struct wt_error *error)
{
    const struct wt_certificate *certificate = &m->body.certificate;
    struct wt_span rest = certificate->list;
    struct wt_certificate_entry entry;
    while (certificate->entry_extensions && wt_certificate_next(certificate, &rest, &entry)) {
        const struct wt_extensions extensions = {.block = entry.extensions, .present = true};
        if (!extensions_are_valid(&extensions, &m->context, WT_IN_CT, message, error))
            return false;
    }
    return true;
}

static bool malformed(struct wt_endpoint *e, const struct wt_error *error)
{
    return error->code == WT_MEMORY ? wt_endpoint_broken(e)
                                    : wt_endpoint_fail_at(e, wt_rules_alert_of(error), "malformed-message", error);
}

/* RFC 8446, 4.2.1: with supported_versions "servers MUST NOT use the ClientHello.legacy_version value for version
 * negotiation": whatever it is, it does no harm. 4.2.10: early_data without pre_shared_key is an offer that nobody
 * accepts. RFC 6066, 3: a server that resumes "MUST NOT include a server_name extension": some do, and it says nothing.
 * RFC 8446, 4.1.2, of a second hello: "the client MUST send the same ClientHello without modification": no server is
 * asked to hold it to the order of its extensions, which means nothing but for pre_shared_key; the transcript has both.
 */
static bool is_waived(uint8_t rule)
{
    return rule == WT_RULE_CLIENT_LEGACY_VERSION || rule == WT_RULE_CLIENT_EARLY_DATA_PSK ||
           rule == WT_RULE_SERVER_NAME_RESUMED || rule == WT_RULE_SECOND_ORDER;
}

/* What is taken all the same, and has a finding of its own. */
static void warn(struct wt_endpoint *e, const struct wt_breaches *breaches)
{
    for (unsigned i = 0; i < breaches->count; i++)
        if (breaches->list[i].rule == WT_RULE_SECOND_ORDER)
            wt_endpoint_event(e, &(struct wt_event){.kind = WT_EVENT_WARNING, .finding = "client-hello-reordered"});
}

/* The one to answer: a version that was not offered makes the rest of a message another version's. NULL: none. */
static const struct wt_breach *first_of(const struct wt_breaches *breaches)
{
    const struct wt_breach *first = NULL;
    for (unsigned i = 0; i < breaches->count; i++) {
        const struct wt_breach *b = &breaches->list[i];
        if (!is_waived(b->rule) && (!first || (b->alert == WT_ALERT_PROTOCOL_VERSION && first->alert != b->alert)))
            first = b;
    }
    return first;
}

/* Form and rules. */
static bool is_valid(struct wt_endpoint *e, const struct wt_handshake_message *m, struct wt_error *error)
{
    const struct wt_span body = wt_span_cut(m->bytes, 4, SIZE_MAX);
    const struct wt_extensions *extensions;
    enum wt_ext_where where;
    struct wt_breaches breaches;
    if (m->code != WT_OK)
        return malformed(e, error);
    if (extensions_of(&m->body, &extensions, &where) &&
        !extensions_are_valid(extensions, &m->context, where, body, error))
        return malformed(e, error);
    if (m->type == WT_HANDSHAKE_CERTIFICATE && !entries_are_valid(m, body, error))
        return malformed(e, error);
    wt_rules_check(&e->h.agreed, e->peer, &m->body, body, &breaches);
    if (!breaches.count && m->type == WT_HANDSHAKE_COMPRESSED_CERTIFICATE) {
        /* RFC 8879, 4: "If the received CompressedCertificate message cannot be decompressed, the connection MUST be
         * terminated with the "bad_certificate" alert." */
        if (!m->inner)
            return wt_endpoint_fail(e, WT_ALERT_BAD_CERTIFICATE, "malformed-message");
        if (!entries_are_valid(m->inner, m->inner->bytes, error))
            return malformed(e, error);
        wt_rules_check(&e->h.agreed, e->peer, &m->inner->body, m->inner->bytes, &breaches);
    }
    const struct wt_breach *breach = first_of(&breaches);
    if (!breach) {
        warn(e, &breaches);
        return true;
    }
    const char *finding = breach->rule == WT_RULE_SERVER_DOWNGRADE     ? "downgrade-detected"
                          : breach->alert == WT_ALERT_PROTOCOL_VERSION ? "no-shared-version"
                                                                       : "malformed-message";
    return wt_endpoint_fail_at(e, breach->alert, finding, &breach->error);
}

static bool check(struct wt_endpoint *e, const struct wt_received *m)
{
    return e->side == WT_CLIENT ? wt_client_check(e, m) : wt_server_check(e, m);
}

static bool answer(struct wt_endpoint *e, const struct wt_received *m)
{
    return e->side == WT_CLIENT ? wt_client_answer(e, m) : wt_server_answer(e, m);
}

/* What no proof covers is gone once it was taken: it is looked at before. */
static bool take(struct wt_endpoint *e, struct wt_handshake_message *m, enum wt_flow_keys keys)
{
    const struct wt_message_body body = m->body;
    const bool covered = wt_handshake_covers(e->h.agreed.chosen.tls13, m->type);
    const struct wt_received received = {m->type, e->h.messages.count, &body};
    if (!covered) {
        bool ok = check(e, &received);
        (void)wt_handshake_take(&e->h, e->peer, m);
        return ok && wt_endpoint_keys(e, keys) && answer(e, &(struct wt_received){received.type, SIZE_MAX, NULL});
    }
    if (wt_handshake_take(&e->h, e->peer, m) != WT_OK)
        return wt_endpoint_broken(e);
    e->due = e->keys_changed ? m : NULL;
    e->due_at = received.at;
    return check(e, &received) && wt_endpoint_keys(e, keys) && (e->due || answer(e, &received));
}

bool wt_endpoint_answer_due(struct wt_endpoint *e)
{
    const struct wt_handshake_message *m = e->due;
    e->due = NULL;
    return !m || answer(e, &(struct wt_received){m->type, e->due_at, &m->body});
}

/* Whether that side sends under other keys after it. A server's EncryptedExtensions without early_data end the client's
 * early keys, and no others. */
static bool is_changed(enum wt_flow_keys keys, unsigned side)
{
    switch (keys) {
    case WT_KEYS_NONE:
        return false;
    case WT_KEYS_CLIENT_PENDING:
    case WT_KEYS_CLIENT_EARLY:
    case WT_KEYS_CLIENT_HANDSHAKE:
    case WT_KEYS_CLIENT_APPLICATION:
    case WT_KEYS_CLIENT_UPDATE:
        return side == WT_CLIENT;
    case WT_KEYS_BOTH_HANDSHAKE:
        return true;
    default:
        return side == WT_SERVER;
    }
}

static bool receive(struct wt_endpoint *e, uint8_t type, struct wt_span body)
{
    const struct wt_flow_row *row;
    struct wt_error error = {0};
    struct wt_handshake_message *m = wt_handshake_read(&e->h, e->peer, type, body, &error);
    if (!m)
        return wt_endpoint_broken(e);
    m->body.type = type;
    if (!wt_retry_restore(e, m)) {
        wt_messages_drop(e->h.messages.pool, m);
        return false;
    }
    bool ok = step(e, e->peer, &m->body, &row) == WT_FLOW_EXPECTED;
    if (!ok)
        (void)wt_endpoint_fail(e, WT_ALERT_UNEXPECTED_MESSAGE, "unexpected-message");
    if (!ok || !is_valid(e, m, &error)) {
        wt_messages_drop(e->h.messages.pool, m);
        return false;
    }
    e->keys_changed = is_changed((enum wt_flow_keys)row->keys, e->peer) || type == WT_HANDSHAKE_CLIENT_HELLO ||
                      type == WT_HANDSHAKE_SERVER_HELLO_DONE || flow_type(&m->body) == WT_HANDSHAKE_HELLO_RETRY_REQUEST;
    return take(e, m, (enum wt_flow_keys)row->keys);
}

/* RFC 5746, 4.4, and RFC 5246, 7.2.2: a server that does not renegotiate says so, and goes on. */
static bool is_declined(struct wt_endpoint *e, uint8_t type)
{
    bool asks =
        e->established && !e->h.agreed.chosen.tls13 && e->side == WT_SERVER && type == WT_HANDSHAKE_CLIENT_HELLO;
    return asks && !wt_again_hello(e);
}

void wt_endpoint_message(void *endpoint, uint8_t type, struct wt_span body, uint32_t length, unsigned records)
{
    struct wt_endpoint *e = endpoint;
    (void)records;
    if (e->failure.id)
        return;
    e->failure.message = type;
    /* RFC 8879, 5: "Implementations MUST limit the size of the resulting decompressed chain to the specified
     * uncompressed length, and they MUST abort the connection if the size of the output of the decompression function
     * exceeds that limit"; one that says to be longer than a Certificate may be is not even begun. */
    if (type == WT_HANDSHAKE_COMPRESSED_CERTIFICATE && body.n >= 5 && wt_get24(body.p + 2) > WT_LIMIT_ENDPOINT_MESSAGE)
        (void)wt_endpoint_too_long(e, wt_get24(body.p + 2));
    else if (e->ask && body.n == length && length <= WT_LIMIT_ENDPOINT_MESSAGE)
        (void)wt_flight_hold(e, type, body);
    else if (body.n < length || length > WT_LIMIT_ENDPOINT_MESSAGE)
        (void)wt_endpoint_too_long(e, length);
    else if (e->keys_changed) /* RFC 8446, 5.1, as input.c has it */
        (void)wt_endpoint_fail(e, WT_ALERT_UNEXPECTED_MESSAGE, "unexpected-message");
    else if (!is_declined(e, type))
        (void)receive(e, type, body);
}

bool wt_endpoint_changed(struct wt_endpoint *e)
{
    const struct wt_flow_row *row;
    if (wt_flow_step(&e->flow, e->peer, WT_FLOW_CCS, 0, WT_FLOW_STRICT, &row) != WT_FLOW_EXPECTED)
        return wt_endpoint_fail(e, WT_ALERT_UNEXPECTED_MESSAGE, "unexpected-message");
    return wt_endpoint_keys(e, (enum wt_flow_keys)row->keys);
}

/* --- ours --------------------------------------------------------------------------------------------------------- */

/* Bytes that a message of ours can have, at most. */
static size_t room_for(const struct wt_message_body *m)
{
    enum { FIXED = 512 };
    switch (m->type) {
    case WT_HANDSHAKE_CERTIFICATE:
        return FIXED + m->certificate.list.n;
    case WT_HANDSHAKE_COMPRESSED_CERTIFICATE:
        return FIXED + m->compressed_certificate.compressed.n;
    case WT_HANDSHAKE_CERTIFICATE_STATUS:
        return FIXED + m->certificate_status.response.n;
    case WT_HANDSHAKE_CLIENT_HELLO:
        return FIXED + WT_LIMIT_OWN_EXTENSIONS + m->client_hello.cipher_suites.n;
    default:
        return FIXED + WT_SIGNATURE_MOST + WT_LIMIT_OWN_EXTENSIONS;
    }
}

bool wt_endpoint_say(struct wt_endpoint *e, const struct wt_message_body *message)
{
    const struct wt_flow_row *row;
    const size_t n = room_for(message);
    uint8_t *room = wt_buffer_room(&e->flight, n);
    if (!room || step(e, e->side, message, &row) != WT_FLOW_EXPECTED)
        return wt_endpoint_broken(e);
    struct wt_writer w = wt_writer_start(room, n);
    if (wt_handshake_write(&e->h, e->side, message, &w) != WT_OK)
        return wt_endpoint_broken(e);
    e->flight.n += w.n;
    if (message->type == WT_HANDSHAKE_CLIENT_HELLO && !wt_client_bind(e))
        return false;
    /* what follows may be under other keys, or another form of record */
    const enum wt_flow_keys keys = (enum wt_flow_keys)row->keys;
    return (!is_changed(keys, e->side) || wt_endpoint_flush(e)) && wt_endpoint_keys(e, keys);
}

bool wt_endpoint_say_ccs(struct wt_endpoint *e)
{
    const struct wt_flow_row *row;
    if (wt_flow_step(&e->flow, e->side, WT_FLOW_CCS, 0, WT_FLOW_STRICT, &row) != WT_FLOW_EXPECTED)
        return wt_endpoint_broken(e);
    return wt_endpoint_flush(e) && wt_endpoint_send_ccs(e) && wt_endpoint_keys(e, (enum wt_flow_keys)row->keys);
}

void wt_block_start(struct wt_block *b, const struct wt_endpoint *e, enum wt_ext_where where)
{
    b->w = wt_writer_start(b->room, sizeof b->room);
    b->context = wt_handshake_context(&e->h, e->side);
    b->where = where;
}

void wt_block_add(struct wt_block *b, uint16_t id, const union wt_ext_body *body)
{
    wt_write_u16(&b->w, id);
    size_t mark = wt_write_open(&b->w, 2);
    (void)wt_extension_encode(&b->w, id, &b->context, b->where, body);
    wt_write_close(&b->w, mark, 2, 0, 0xffff, "extension_data");
}

bool wt_block_end(struct wt_block *b, struct wt_extensions *out)
{
    *out = (struct wt_extensions){.present = true};
    return wt_writer_done(&b->w, &out->block) == WT_OK;
}

/* --- what both seats say and check -------------------------------------------------------------------------------- */

/* The TLS 1.3 form of the identity's chain that the peer has asked for. */
static const struct wt_identity_list *list_of(const struct wt_endpoint *e)
{
    const struct wt_identity *identity = e->x->identity;
    unsigned with = 0;
    if (e->side == WT_SERVER)
        with = (wt_server_staples(e) ? WT_WITH_STAPLE : 0) + (wt_server_stamps(e) ? WT_WITH_TIMESTAMPS : 0);
    return &identity->lists[with];
}

/* RFC 8879, 4; the context is compressed with the list, and is empty there. False: it is not to be compressed. */
static bool compressed(const struct wt_endpoint *e, struct wt_compressed_certificate *out)
{
    const enum wt_offer_set set = e->side == WT_SERVER ? WT_SET_CERTIFICATE_COMPRESSION : WT_SET_REQUEST_COMPRESSION;
    const struct wt_identity_list *list = list_of(e);
    for (size_t i = 0; i < WT_IDENTITY_DEFLATED; i++)
        if (list->deflated[i].n &&
            wt_agreed_has(&e->h.agreed, set, wt_identity_algorithm(e->x->identity, i)) == WT_IS) {
            *out = (struct wt_compressed_certificate){.algorithm = wt_identity_algorithm(e->x->identity, i),
                                                      .uncompressed_length = (uint32_t)(1 + 3 + list->list.n),
                                                      .compressed = wt_buffer_span(&list->deflated[i])};
            return true;
        }
    return false;
}

bool wt_endpoint_say_certificate(struct wt_endpoint *e, struct wt_span request_context)
{
    const bool tls13 = e->h.agreed.chosen.tls13;
    const struct wt_identity *identity = e->x->identity;
    struct wt_message_body shorter = {.type = WT_HANDSHAKE_COMPRESSED_CERTIFICATE};
    if (identity && tls13 && !request_context.n && compressed(e, &shorter.compressed_certificate))
        return wt_endpoint_say(e, &shorter);
    const struct wt_message_body m = {
        .type = WT_HANDSHAKE_CERTIFICATE,
        .certificate = {.request_context = request_context,
                        .tls13 = tls13,
                        .entry_extensions = tls13,
                        .list = identity ? wt_buffer_span(tls13 ? &list_of(e)->list : &identity->chain)
                                         : (struct wt_span){0}},
    };
    e->presented |= identity != NULL;
    return wt_endpoint_say(e, &m);
}

/* With an identity alone. RFC 8446, 4.4.3; RFC 5246, 7.4.8: "all handshake messages sent or received, starting at
 * client hello and up to, but not including, this message". */
bool wt_endpoint_say_verify(struct wt_endpoint *e)
{
    const bool tls13 = e->h.agreed.chosen.tls13;
    const struct wt_messages *messages = &e->h.messages;
    if (!e->x->identity)
        return true;
    uint8_t content[WT_SIGNED13_MOST], room[WT_SIGNATURE_MOST] WT_UNINITIALIZED;
    struct wt_span one = {0}, signature;
    if (tls13)
        one = wt_span_of(content, wt_proofs_to_sign(&e->h, e->side, messages->count, content));
    if (tls13 && !one.n)
        return wt_endpoint_broken(e);
    if (!wt_flight_sign(e, tls13 ? &one : messages->parts, tls13 ? 1 : messages->count, &signature, room))
        return !e->failure.id;
    const struct wt_message_body m = {
        .type = WT_HANDSHAKE_CERTIFICATE_VERIFY,
        .certificate_verify = {.has_scheme = true, .signature_scheme = e->x->scheme, .signature = signature}};
    return wt_endpoint_say(e, &m);
}

bool wt_endpoint_say_finished(struct wt_endpoint *e)
{
    uint8_t data[WT_DIGEST_MOST];
    size_t n = wt_proofs_verify_data(&e->h, e->side, e->h.messages.count, wt_endpoint_secret(e, e->side), NULL, data);
    const struct wt_message_body m = {.type = WT_HANDSHAKE_FINISHED, .finished = {.verify_data = wt_span_of(data, n)}};
    return n ? wt_endpoint_say(e, &m) : wt_endpoint_broken(e);
}

/* RFC 8446, 4.4.4: "Recipients of Finished messages MUST verify that the contents are correct and if incorrect MUST
 * terminate the connection with a "decrypt_error" alert." */
bool wt_endpoint_check_finished(struct wt_endpoint *e, const struct wt_received *m)
{
    switch (wt_proofs_finished(&e->h, m->at, wt_endpoint_secret(e, e->peer), NULL)) {
    case WT_REASON_NONE:
        return true;
    case WT_REASON_FINISHED:
        return wt_endpoint_fail(e, WT_ALERT_DECRYPT_ERROR, "finished-mismatch");
    default:
        return wt_endpoint_broken(e);
    }
}

/* RFC 8446, 4.4.3: "If the verification fails, the receiver MUST terminate the handshake with a "decrypt_error" alert."
 */
bool wt_endpoint_check_verify(struct wt_endpoint *e, const struct wt_received *m)
{
    struct wt_public_key *key = wt_endpoint_peer_key(e);
    if (!key || !wt_endpoint_may_sign(e))
        return false;
    switch (wt_proofs_signature(&e->h, m->at, key, NULL)) {
    case WT_REASON_NONE:
        return true;
    case WT_REASON_WRONG_KEY:
        return wt_endpoint_fail(e, WT_ALERT_ILLEGAL_PARAMETER, "signature-mismatch");
    case WT_REASON_SIGNATURE:
        return wt_endpoint_fail(e, WT_ALERT_DECRYPT_ERROR, "signature-mismatch");
    default: /* no algorithm of ours, or one that costs too much */
        return wt_endpoint_fail(e, WT_ALERT_ILLEGAL_PARAMETER, "no-shared-signature-scheme");
    }
}

/* Nothing of the handshake is needed any longer but what was agreed on. */
bool wt_endpoint_done(struct wt_endpoint *e)
{
    e->established = true;
    e->again = false;
    e->flow.facts &= ~WT_FACT_RETRY;
    if (!e->flight.n)
        wt_buffer_free(&e->flight);
    wt_endpoint_forget(e);
    wt_endpoint_event(e, &(struct wt_event){.kind = WT_EVENT_ESTABLISHED});
    bool ok = wt_endpoint_send_waiting(e);
    if (e->end_waits) {
        e->end_waits = false;
        wt_endpoint_end(e);
    }
    return ok;
}
