/* What fields are in a connection's messages. */
#include "codec/ext/ext.h"
#include "filter/fields.h"
#include "filter/values.h"
#include "story/words.h"

static bool is_hidden(const struct wt_message *m)
{
    return (m->flags & WT_MESSAGE_ENCRYPTED) && !(m->flags & WT_MESSAGE_DECRYPTED);
}

static void heartbeat(struct wt_filter_values *v, const struct wt_message *m, int what)
{
    struct wt_heartbeat h = {0};
    struct wt_error error;
    if (is_hidden(m) || m->body.n < 3)
        return;
    (void)wt_heartbeat_decode(m->body, NULL, &h, &error);
    if (what == HEARTBEAT_PAYLOAD)
        wt_filter_add_bytes(v, h.payload);
    else
        wt_filter_add_number(v, what == HEARTBEAT_TYPE      ? h.type
                                : what == HEARTBEAT_PADDING ? (int64_t)h.padding.n
                                                            : h.payload_length);
}

static void alert(struct wt_filter_values *v, const struct wt_message *m, int what)
{
    struct wt_alert_body body;
    struct wt_error error;
    if (!is_hidden(m) && wt_alert_decode(m->body, NULL, &body, &error) == WT_OK)
        wt_filter_add_number(v, what == MESSAGE_ALERT_LEVEL ? body.level : body.description);
}

static void error_text(struct wt_filter_values *v, const struct wt_error *e)
{
    char sentence[512];
    (void)wt_error_format(e, sentence, sizeof sentence);
    wt_filter_add_bytes(v, wt_arena_copy(v->arena, wt_span_text(sentence)));
}

static void error(struct wt_filter_values *v, const struct wt_message *m, int what)
{
    const struct wt_error *e = &m->error;
    if (!(m->flags & WT_MESSAGE_MALFORMED))
        return;
    switch (what) {
    case MESSAGE_ERROR_CODE:
        wt_filter_add_text(v, wt_code_name(e->code));
        break;
    case MESSAGE_ERROR_FIELD:
        wt_filter_add_text(v, e->field);
        break;
    case MESSAGE_ERROR_OFFSET:
    case MESSAGE_ERROR_VALUE:
        wt_filter_add_number(v, (int64_t)(what == MESSAGE_ERROR_OFFSET ? e->offset : e->value));
        break;
    case MESSAGE_ERROR_RULE:
        wt_filter_add_text(v, e->rule);
        break;
    default:
        error_text(v, e);
        break;
    }
}

static bool is_content(const struct wt_message *m, int what)
{
    switch (what) {
    case HAS_HANDSHAKE:
    case HANDSHAKE_TYPE:
    case HANDSHAKE_LENGTH:
        return m->content_type == WT_CONTENT_HANDSHAKE;
    case MESSAGE_TYPE_NAME:
        return m->content_type == WT_CONTENT_HANDSHAKE || m->content_type == WT_CONTENT_HEARTBEAT;
    case HAS_HEARTBEAT:
    case HEARTBEAT_TYPE:
    case HEARTBEAT_LENGTH:
    case HEARTBEAT_PAYLOAD:
    case HEARTBEAT_PADDING:
        return m->content_type == WT_CONTENT_HEARTBEAT;
    case MESSAGE_ALERT_LEVEL:
    case MESSAGE_ALERT:
        return m->content_type == WT_CONTENT_ALERT;
    case HAS_CHANGE_CIPHER_SPEC:
        return m->content_type == WT_CONTENT_CHANGE_CIPHER_SPEC;
    default:
        return true;
    }
}

/* What is known of the record that carried it; the presence of one for what is left. */
static void of_record(struct wt_filter_values *v, const struct wt_message *m, int what)
{
    switch (what) {
    case RECORD_CONTENT_TYPE: /* as Wireshark has it: the type inside, once it is known */
        wt_filter_add_number(v, m->inner_type ? m->inner_type : m->content_type);
        break;
    case RECORD_OPAQUE_TYPE: /* RFC 8446, 5.2 */
        if (wt_version_is_tls13(m->shape.version) && m->content_type == WT_CONTENT_APPLICATION_DATA)
            wt_filter_add_number(v, m->content_type);
        break;
    case MESSAGE_INNER_TYPE:
    case MESSAGE_OUTER_TYPE:
        if (m->inner_type)
            wt_filter_add_number(v, what == MESSAGE_INNER_TYPE ? m->inner_type : m->content_type);
        break;
    case MESSAGE_RECORDS:
        if (m->records > 1)
            wt_filter_add_number(v, m->records);
        break;
    case MESSAGE_SEQUENCE:
        if (m->flags & WT_MESSAGE_SEQUENCE)
            wt_filter_add_number(v, m->message_seq);
        break;
    case MESSAGE_EPOCH:
        if (m->flags & WT_MESSAGE_SEQUENCE)
            wt_filter_add_number(v, (int64_t)m->epoch);
        break;
    case MESSAGE_UNEXPECTED:
        wt_filter_add_number(v, (m->flags & WT_MESSAGE_UNEXPECTED) != 0);
        break;
    case MESSAGE_CUT:
        wt_filter_add_number(v, (m->flags & WT_MESSAGE_CUT) != 0);
        break;
    case MESSAGE_PLAINTEXT:
        if (m->flags & WT_MESSAGE_DECRYPTED && m->content_type == WT_CONTENT_APPLICATION_DATA && !m->inner_type)
            wt_filter_add_number(v, m->plaintext_length);
        break;
    case RECORD_VERSION:
        if (m->record_version)
            wt_filter_add_number(v, m->record_version);
        break;
    default: /* HAS_… */
        wt_filter_add_number(v, 1);
        break;
    }
}

static void of_message(struct wt_filter_values *v, const struct wt_message *m, int what)
{
    bool typed = m->flags & WT_MESSAGE_TYPED;
    switch (what) {
    case MESSAGE_FRAME:
        if (m->frame)
            wt_filter_add_number(v, m->frame);
        break;
    case MESSAGE_TIME:
        wt_filter_add_number(v, m->time.ns);
        break;
    case MESSAGE_FROM:
        wt_filter_add_text(v, wt_words_side(m->from));
        break;
    case MESSAGE_CONTENT_TYPE:
        wt_filter_add_number(v, m->content_type);
        break;
    case MESSAGE_TYPE_NAME:
        if (typed)
            wt_filter_add_text(v, wt_message_type_name(m));
        break;
    case MESSAGE_LENGTH:
        wt_filter_add_number(v, m->length);
        break;
    case MESSAGE_ENCRYPTED:
        wt_filter_add_number(v, (m->flags & WT_MESSAGE_ENCRYPTED) != 0);
        break;
    case MESSAGE_MALFORMED:
        wt_filter_add_number(v, (m->flags & WT_MESSAGE_MALFORMED) != 0);
        break;
    case HANDSHAKE_TYPE:
        if (typed && !(m->flags & WT_MESSAGE_SSL2))
            wt_filter_add_number(v, m->type);
        break;
    case HANDSHAKE_LENGTH:
        if (typed)
            wt_filter_add_number(v, m->length);
        break;
    case HEARTBEAT_TYPE:
    case HEARTBEAT_LENGTH:
    case HEARTBEAT_PAYLOAD:
    case HEARTBEAT_PADDING:
        heartbeat(v, m, what);
        break;
    case MESSAGE_ALERT_LEVEL:
    case MESSAGE_ALERT:
        alert(v, m, what);
        break;
    default:
        if (what >= MESSAGE_ERROR_CODE && what <= MESSAGE_ERROR_TEXT)
            error(v, m, what);
        else
            of_record(v, m, what);
        break;
    }
}

void wt_filter_message(struct wt_filter_values *v, const struct wt_connection *c, int what)
{
    bool after_gap = what & MESSAGES_AFTER_GAP; /* the others' keys are of all messages */
    what &= ~MESSAGES_AFTER_GAP;
    for (size_t i = 0; i < c->message_count; i++)
        if (is_content(&c->messages[i], what) && (!after_gap || c->messages[i].flags & WT_MESSAGE_AFTER_GAP))
            of_message(v, &c->messages[i], what);
}

/* --- bodies ---------------------------------------------------------------------------------------------------------
 */

/* One decoded message, and where its extensions stand. */
struct body {
    struct wt_codec_context context;
    struct wt_message_body is;
    const struct wt_extensions *extensions; /* NULL when it has none */
    enum wt_ext_where where;
};

static void place_extensions(struct body *b)
{
    struct wt_span found;
    switch (b->is.type) {
    case WT_HANDSHAKE_CLIENT_HELLO:
        b->extensions = &b->is.client_hello.extensions;
        b->where = WT_IN_CH;
        break;
    case WT_HANDSHAKE_SERVER_HELLO:
        b->extensions = &b->is.server_hello.extensions;
        if (wt_server_hello_is_retry(&b->is.server_hello))
            b->where = WT_IN_HRR;
        else if (!b->is.server_hello.has_session_id ||
                 wt_extensions_find(b->extensions, WT_EXT_SUPPORTED_VERSIONS, &found))
            b->where = WT_IN_SH;
        else
            b->where = WT_IN_SH12;
        break;
    case WT_HANDSHAKE_HELLO_RETRY_REQUEST:
        b->extensions = &b->is.hello_retry_request.extensions;
        b->where = WT_IN_HRR;
        break;
    case WT_HANDSHAKE_ENCRYPTED_EXTENSIONS:
        b->extensions = &b->is.encrypted_extensions.extensions;
        b->where = WT_IN_EE;
        break;
    case WT_HANDSHAKE_CERTIFICATE_REQUEST:
        b->extensions = &b->is.certificate_request.extensions;
        b->where = WT_IN_CR;
        break;
    case WT_HANDSHAKE_NEW_SESSION_TICKET:
        b->extensions = &b->is.new_session_ticket.extensions;
        b->where = WT_IN_NST;
        break;
    default:
        b->extensions = NULL;
        break;
    }
}

static void codes(struct wt_filter_values *v, struct wt_span list)
{
    for (size_t i = 0; i < wt_codes_count(list); i++)
        wt_filter_add_number(v, wt_codes_at(list, i));
}

static void small_codes(struct wt_filter_values *v, struct wt_span list)
{
    for (size_t i = 0; i < list.n; i++)
        wt_filter_add_number(v, list.p[i]);
}

static void hello(struct wt_filter_values *v, const struct body *b, int what)
{
    bool client = b->is.type == WT_HANDSHAKE_CLIENT_HELLO;
    const struct wt_client_hello *ch = &b->is.client_hello;
    const struct wt_server_hello *sh = &b->is.server_hello;
    struct wt_span random = client ? ch->random : sh->random, session = client ? ch->session_id : sh->session_id;
    if (!client && b->is.type != WT_HANDSHAKE_SERVER_HELLO)
        return;
    switch (what) {
    case HELLO_VERSION:
        wt_filter_add_number(v, client ? ch->legacy_version : sh->legacy_version);
        break;
    case HELLO_RANDOM:
        if (random.n)
            wt_filter_add_bytes(v, random);
        break;
    case HELLO_SESSION_ID:
        if (session.n)
            wt_filter_add_bytes(v, session);
        break;
    case HELLO_SUITES:
        if (client)
            codes(v, ch->cipher_suites);
        else
            wt_filter_add_number(v, sh->cipher_suite);
        break;
    case HELLO_COMPRESSION:
        if (client)
            small_codes(v, ch->compression_methods);
        else if (sh->has_session_id)
            wt_filter_add_number(v, sh->compression_method);
        break;
    default:
        break;
    }
}

static void block_types(struct wt_filter_values *v, struct wt_span rest)
{
    struct wt_extension e;
    while (wt_extensions_next(&rest, &e))
        wt_filter_add_number(v, e.id);
}

static void extension_types(struct wt_filter_values *v, const struct body *b)
{
    if (b->extensions)
        block_types(v, b->extensions->block);
    if (b->is.type != WT_HANDSHAKE_CERTIFICATE)
        return;
    struct wt_span rest = b->is.certificate.list;
    struct wt_certificate_entry entry;
    while (wt_certificate_next(&b->is.certificate, &rest, &entry))
        block_types(v, entry.extensions);
}

static bool find(const struct body *b, uint16_t id, union wt_ext_body *out)
{
    struct wt_span body;
    struct wt_error error;
    if (!b->extensions || !wt_extensions_find(b->extensions, id, &body))
        return false;
    enum wt_code code = wt_extension_decode(id, &b->context, b->where, body, NULL, out, &error);
    return code == WT_OK || code == WT_VALUE || code == WT_DUPLICATE || code == WT_LIMIT;
}

static void key_shares(struct wt_filter_values *v, const struct body *b, const union wt_ext_body *e)
{
    struct wt_span rest = e->key_share.client_shares, key;
    uint16_t group;
    if (b->where != WT_IN_CH) {
        wt_filter_add_number(v, e->key_share.group);
        return;
    }
    while (wt_ext_key_share_next(&rest, &group, &key))
        wt_filter_add_number(v, group);
}

static void schemes(struct wt_filter_values *v, const struct body *b)
{
    union wt_ext_body e;
    if (b->is.type == WT_HANDSHAKE_CERTIFICATE_REQUEST)
        codes(v, b->is.certificate_request.signature_algorithms);
    else if (b->is.type == WT_HANDSHAKE_SERVER_KEY_EXCHANGE && b->is.server_key_exchange.has_scheme)
        wt_filter_add_number(v, b->is.server_key_exchange.signature_scheme);
    else if (b->is.type == WT_HANDSHAKE_CERTIFICATE_VERIFY && b->is.certificate_verify.has_scheme)
        wt_filter_add_number(v, b->is.certificate_verify.signature_scheme);
    else if (find(b, WT_EXT_SIGNATURE_ALGORITHMS, &e))
        codes(v, e.signature_algorithms.supported_signature_algorithms);
}

static void in_extensions(struct wt_filter_values *v, const struct body *b, int what)
{
    union wt_ext_body e;
    struct wt_span name;
    if (what == EXTENSION_VERSIONS && find(b, WT_EXT_SUPPORTED_VERSIONS, &e)) {
        if (b->where == WT_IN_CH)
            codes(v, e.supported_versions.versions);
        else
            wt_filter_add_number(v, e.supported_versions.selected_version);
    } else if (what == EXTENSION_ALPN && find(b, WT_EXT_ALPN, &e)) {
        while (wt_ext_opaque_next(&e.alpn.protocol_name_list, 1, &name))
            wt_filter_add_bytes(v, name);
    } else if (what == EXTENSION_GROUPS && find(b, WT_EXT_SUPPORTED_GROUPS, &e)) {
        codes(v, e.supported_groups.named_group_list);
    } else if (what == EXTENSION_POINT_FORMATS && find(b, WT_EXT_EC_POINT_FORMATS, &e)) {
        small_codes(v, e.ec_point_formats.ec_point_format_list);
    } else if (what == EXTENSION_KEY_SHARES && (find(b, WT_EXT_KEY_SHARE, &e) || find(b, WT_EXT_KEY_SHARE_OLD, &e))) {
        key_shares(v, b, &e);
    }
}

static void of_body(struct wt_filter_values *v, const struct body *b, int what)
{
    switch (what) {
    case EXTENSION_TYPES:
        extension_types(v, b);
        break;
    case EXTENSION_SCHEMES:
        schemes(v, b);
        break;
    case SERVER_CURVE:
        if (b->is.type == WT_HANDSHAKE_SERVER_KEY_EXCHANGE && b->is.server_key_exchange.named_curve)
            wt_filter_add_number(v, b->is.server_key_exchange.named_curve);
        break;
    case TICKET_LIFETIME:
        if (b->is.type == WT_HANDSHAKE_NEW_SESSION_TICKET)
            wt_filter_add_number(v, b->is.new_session_ticket.lifetime);
        break;
    default:
        hello(v, b, what);
        in_extensions(v, b, what);
        break;
    }
}

void wt_filter_handshake(struct wt_filter_values *v, const struct wt_connection *c, int what)
{
    struct wt_error error;
    for (size_t i = 0; i < c->message_count; i++) {
        const struct wt_message *m = &c->messages[i];
        if (m->content_type != WT_CONTENT_HANDSHAKE || !(m->flags & WT_MESSAGE_TYPED) || (m->flags & WT_MESSAGE_SSL2) ||
            is_hidden(m))
            continue;
        struct body b = {.context = {.version = m->shape.version,
                                     .kx = m->shape.kx,
                                     .certificate_type = m->shape.certificate_type,
                                     .from_server = m->from == WT_SERVER}};
        /* of a malformed one counts what could be read */
        (void)wt_message_decode(&b.context, m->type, m->body, NULL, &b.is, &error);
        place_extensions(&b);
        of_body(v, &b, what);
    }
}
