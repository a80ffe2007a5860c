/* What each whole handshake message tells of its connection. */
#include "observer/message/message.h"

#include "base/span_hash.h"
#include "base/uninitialized.h"
#include "codec/ext/decoded.h"
#include "codec/ext/ext.h"
#include "observer/dtls/dtls.h"
#include "observer/facts.h"
#include "observer/keys/sessions.h"
#include "observer/message/hello.h"
#include "observer/message/known_hello.h"
#include "observer/message/log.h"
#include "observer/state.h"

bool wt_message_extension(const struct wt_incoming *h, const struct wt_extensions *e, uint16_t id,
                          enum wt_ext_where where, union wt_ext_body *out)
{
    enum wt_code code;
    return wt_extensions_take(e, id, &h->context, where, out, NULL, &code);
}

static void malformed(struct wt_incoming *h, const struct wt_error *error)
{
    char text[512];
    (void)wt_error_format(error, text, sizeof text);
    wt_finding_add(h->tls, WT_FINDING_MALFORMED, h->o->frame, text, 0, 0);
    if (h->kept) {
        h->kept->flags |= WT_MESSAGE_MALFORMED;
        h->kept->error = *error;
    }
}

void wt_message_check_extensions(struct wt_incoming *h, const struct wt_extensions *e, enum wt_ext_where where)
{
    struct wt_error error;
    if (wt_extensions_check(e, &h->context, where, h->body, &error) != WT_OK)
        malformed(h, &error);
}

void wt_message_add_certificate(struct wt_observer *o, struct wt_conversation *c, unsigned side, struct wt_span der)
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
        tls->authentication.certificates[side][(*n)++] = wt_certificates_keep(facts);
    else
        o->lost[WT_LOST_CERTIFICATES]++;
}

/* RFC 8446, 4.4.2.1: in TLS 1.3 OCSP answers and SCTs stand with the certificate that they are about. */
static void on_leaf_extensions(struct wt_incoming *h, unsigned side, struct wt_span block)
{
    struct wt_extensions extensions = {.block = block, .present = true};
    union wt_ext_body e;
    struct wt_span body;
    if (wt_message_extension(h, &extensions, WT_EXT_STATUS_REQUEST, WT_IN_CT, &e))
        wt_judge_staple(h->o, h->tls, side, e.status_request.response);
    if (wt_extensions_find(&extensions, WT_EXT_SIGNED_CERTIFICATE_TIMESTAMP, &body))
        wt_judge_scts(h->tls, side, body);
    if (wt_extensions_find(&extensions, WT_EXT_DELEGATED_CREDENTIAL, &body))
        wt_judge_delegated(h->tls, side, body);
}

/* RFC 6961, 2.2: the first answer of a list is the leaf's. */
static void on_certificate_status(struct wt_incoming *h, const struct wt_certificate_status *status)
{
    struct wt_span rest = status->responses, first;
    if (status->status_type == 1)
        wt_judge_staple(h->o, h->tls, WT_SERVER, status->response);
    else if (status->status_type == 2 && wt_ext_opaque_next(&rest, 3, &first))
        wt_judge_staple(h->o, h->tls, WT_SERVER, first);
}

static void on_certificate(struct wt_incoming *h, const struct wt_certificate *certificate)
{
    unsigned side = h->from;
    struct wt_span rest = certificate->list;
    struct wt_certificate_entry entry;
    if (certificate->raw_public_key || h->tls->authentication.count[side])
        return; /* a renegotiation's chain is in its message; the connection's is the first */
    while (wt_certificate_next(certificate, &rest, &entry)) {
        wt_message_add_certificate(h->o, h->c, side, entry.data);
        if (entry.extensions.n && h->tls->authentication.count[side] == 1)
            on_leaf_extensions(h, side, entry.extensions);
    }
    wt_judge_chain(h->o, h->tls, side);
}

static void on_ticket(struct wt_incoming *h, const struct wt_new_session_ticket *ticket)
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
static void on_encrypted_extensions(struct wt_incoming *h, const struct wt_encrypted_extensions *in)
{
    struct wt_tls *tls = h->tls;
    union wt_ext_body e;
    struct wt_span body;
    wt_message_check_extensions(h, &in->extensions, WT_IN_EE);
    /* draft-vvv-tls-alps-01, 4: the client answers the server's application_settings with its own, in a message of this
     * type; it chooses nothing */
    if (h->from == WT_CLIENT)
        return;
    if (wt_message_extension(h, &in->extensions, WT_EXT_ALPN, WT_IN_EE, &e)) {
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
static void take_roles(struct wt_incoming *h, uint8_t type)
{
    unsigned direction = wt_tls_direction_of(h->tls, h->from);
    if (type == WT_HANDSHAKE_CLIENT_HELLO)
        wt_tls_take_role(h->tls, direction);
    else if (type == WT_HANDSHAKE_SERVER_HELLO || type == WT_HANDSHAKE_HELLO_RETRY_REQUEST)
        wt_tls_take_role(h->tls, !direction);
    h->from = wt_tls_side_of(h->tls, direction);
}

static void dispatch(struct wt_incoming *h, const struct wt_message_body *m, const struct wt_handshake_message *inner,
                     struct wt_span raw, bool well)
{
    struct wt_tls *tls = h->tls;
    take_roles(h, m->type);
    wt_hello_agree(h, m, raw, well);
    wt_facts_message(h->o, tls, h->from, m);
    switch (m->type) {
    case WT_HANDSHAKE_CLIENT_HELLO:
        wt_hello_client(h, &m->client_hello);
        break;
    case WT_HANDSHAKE_SERVER_HELLO:
        wt_hello_server(h, &m->server_hello, wt_server_hello_is_retry(&m->server_hello), well);
        break;
    case WT_HANDSHAKE_HELLO_RETRY_REQUEST:
        wt_hello_retry(h, raw.n >= 2 ? wt_get16(raw.p) : 0, 0);
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
            tls->agreed.group = wt_agreed_ffdhe(m->server_key_exchange.dh_p);
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

static enum wt_place place_of(const struct wt_incoming *h, unsigned side, uint8_t type, bool retry)
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

/* What of DTLS's messages is hashed, by its version. */
static enum wt_counted counted(const struct wt_tls *tls)
{
    if (!tls->agreed.version || wt_tls_is_13(tls))
        return WT_COUNTED_TLS;
    return tls->agreed.version == WT_DTLS_OLD ? WT_COUNTED_BODY : WT_COUNTED_DTLS;
}

/* The message takes its place among those that proofs cover. */
static void add_to_transcript(struct wt_incoming *h, struct wt_handshake_message *message, bool retry)
{
    struct wt_tls *tls = h->tls;
    uint8_t type = message->type;
    if (!is_kept(tls, type)) {
        wt_messages_drop(&h->o->pool, message);
        return;
    }
    struct wt_messages *m = &tls->handshake->common.messages;
    unsigned side = h->from;
    bool whole = !m->broken; /* one that a gap or a stray message has broken is over no limit */
    message->frame = h->o->frame;
    if (tls->dtls)
        wt_messages_count_as(m, counted(tls));
    if (!wt_messages_add(m, message, side, place_of(h, side, type, retry)) && whole)
        h->o->lost[WT_LOST_MESSAGES]++;
    if (type == WT_HANDSHAKE_CLIENT_HELLO && tls->agreed.retried)
        wt_hello_retry_transcript(h->o, tls);
}

/* RFC 8446, 4.2.10: "A client MUST NOT include the "early_data" extension in its followup ClientHello." */
static bool is_second(const struct wt_tls *tls)
{
    return tls->flow.state[WT_CLIENT] == WT_STATE_C13_FLIGHT;
}

/* What a message changes in the keys of its from. */
static void change_keys(struct wt_incoming *h, uint8_t type)
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

static void finished(struct wt_incoming *h)
{
    struct wt_tls *tls = h->tls;
    struct wt_messages *m = tls->handshake ? &tls->handshake->common.messages : NULL;
    tls->side[h->from].flags |= WT_SIDE_FINISHED;
    wt_outcome_finished(h->o, h->c);
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

/* A message where it is kept, decoded unless it is a known hello; NULL: it is not kept, or there is no memory. */
static struct wt_handshake_message *keep(const struct wt_incoming *h, uint8_t type, struct wt_span body,
                                         struct wt_error *error)
{
    struct wt_pool *pool = &h->o->pool;
    if (!is_kept(h->tls, type) && type != WT_HANDSHAKE_COMPRESSED_CERTIFICATE)
        return NULL;
    if (h->tls->dtls)
        return wt_messages_read_numbered(pool, &h->context, type, body, wt_dtls_message_seq(h->tls->dtls), error);
    return h->known ? wt_messages_hold(pool, &h->context, type, body)
                    : wt_messages_read(pool, &h->context, type, body, false, error);
}

/* Draws the conclusions of a message that was decoded, with the extensions of a ClientHello. */
static void conclude(struct wt_incoming *h, struct wt_message_body *m, struct wt_handshake_message *message, bool well)
{
    struct wt_tls *tls = h->tls;
    const uint8_t type = m->type;
    bool hello = type == WT_HANDSHAKE_SERVER_HELLO, retry = hello && wt_server_hello_is_retry(&m->server_hello);
    dispatch(h, m, message ? message->inner : NULL, h->body, well);
    uint64_t facts = h->known ? h->known->flow : wt_flow_facts(&tls->flow, h->from, m, offered_session(tls));
    if (type == WT_HANDSHAKE_CLIENT_HELLO) /* the message is kept for longer than it is decoded */
        m->client_hello.extensions.decoded = NULL;
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

static void conclude_client_hello(struct wt_incoming *h, struct wt_message_body *m,
                                  struct wt_handshake_message *message, bool well)
{
    struct wt_extensions_decoded decoded WT_UNINITIALIZED;
    wt_decoded_fill(&m->client_hello.extensions, &h->context, WT_IN_CH, &decoded);
    m->client_hello.extensions.decoded = &decoded;
    conclude(h, m, message, well);
}

/* Decodes the message, once, and draws its conclusions. */
static void read_message(struct wt_incoming *h, uint8_t type, struct wt_span body)
{
    struct wt_error error = {0};
    struct wt_message_body here WT_UNINITIALIZED, *m = &here;
    const bool hello = type == WT_HANDSHAKE_CLIENT_HELLO;
    enum wt_code code = WT_OK;
    h->known = hello && !h->tls->dtls ? wt_known_hello_find(h, body) : NULL;
    struct wt_handshake_message *message = keep(h, type, body, &error);
    h->body = message ? wt_span_cut(message->bytes, 4, message->bytes.n) : body; /* what m points into */
    if (message) {
        m = &message->body;
        code = message->code;
    } else {
        here = (struct wt_message_body){0};
        if (!h->known)
            code = wt_message_decode(&h->context, type, body, NULL, &here, &error);
        here.type = type;
    }
    if (code != WT_OK)
        malformed(h, &error);
    if (h->known)
        wt_known_hello_settle(h->known, h->body, &m->client_hello);
    if (hello && !h->known) {
        conclude_client_hello(h, m, message, code == WT_OK);
        if (!h->tls->dtls)
            wt_known_hello_learn(h, body);
    } else {
        conclude(h, m, message, code == WT_OK);
    }
}

/* What was agreed on, as far as it is known: without a ServerHello a record behind the hellos says by its header that
 * it is TLCP's, or of which version before 1.2. */
static uint16_t version_of(struct wt_tls *tls, const struct wt_message_place *place)
{
    const uint16_t version = place->record->version;
    const bool old = (version >= WT_SSL3 && version < WT_TLS12) || version == WT_DTLS10 || version == WT_DTLS_OLD;
    if (tls->agreed.version || (version != WT_TLCP && !old))
        return tls->agreed.version;
    if (version == WT_TLCP)
        tls->agreed.protocol = WT_PROTOCOL_TLCP;
    return version;
}

void wt_message_take(struct wt_observer *o, struct wt_conversation *c, unsigned from, uint8_t type, struct wt_span body,
                     uint32_t length, const struct wt_message_place *place, unsigned flags)
{
    struct wt_tls *tls = c->tls;
    struct wt_tls_side *side = &tls->side[from];
    bool from_server = type == WT_HANDSHAKE_SERVER_HELLO || from == WT_SERVER;
    uint8_t certificate_type = from_server ? tls->agreed.server_certificate_type : tls->agreed.client_certificate_type;
    const bool hello = type == WT_HANDSHAKE_CLIENT_HELLO || type == WT_HANDSHAKE_SERVER_HELLO;
    const uint16_t version = hello ? tls->agreed.version : version_of(tls, place);
    struct wt_incoming h = {o,    c,   tls, from, flags, {version, tls->agreed.kx, certificate_type, from_server},
                            NULL, {0}, NULL};

    /* what was held back as perhaps hidden is a hello after all */
    if (side->cover == WT_COVER_MAYBE)
        side->cover = WT_COVER_NONE;
    if (hello)
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
                                                .level = place->level,
                                                .shape = {version, tls->agreed.kx, certificate_type}},
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
