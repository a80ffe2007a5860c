/* What a field says in this very capture, where more can be said than what it means everywhere. */

#include "report/explain/here.h"

#include "base/format.h"
#include "base/uninitialized.h"
#include "codec/ext/ext.h"
#include "registry/registry.h"
#include "report/explain/suite.h"
#include "report/text/names.h"
#include "report/text/text.h"

#include <inttypes.h>

#define ROOM 600u

static char *room(void)
{
    static _Thread_local char text[ROOM];
    return text;
}

static bool tls13(const struct wt_connection *c)
{
    return wt_version_is_tls13(c->version);
}

static const char *client_version(struct wt_text *x, const struct wt_trail_event *e)
{
    if (wt_version_is_tls13(x->c->offered) && e->value < WT_TLS13)
        return _("Always TLS 1.2: the actual offer is in supported_versions (RFC 8446, 4.1.2).");
    return _("The highest version that this client offers.");
}

static const char *client_session(struct wt_text *x, const struct wt_trail_event *e)
{
    const struct wt_connection *c = x->c;
    if (e->length == 0)
        return _("Empty: no session to resume.");
    if (c->resumption == WT_RESUMPTION_SESSION_ID)
        return _("The ID of a session that both sides still have: the server resumes it.");
    if (c->resumption == WT_RESUMPTION_TICKET)
        return _("Any value: the server echoes it to show that it accepted the ticket (RFC 5077, 3.4).");
    if (wt_version_is_tls13(c->offered))
        return _("In TLS 1.3 a random value that the server echoes, so that the exchange looks like a TLS 1.2 "
                 "resumption (RFC 8446, D.4). To a TLS 1.2 server it may be the ID of a session.");
    return _("The ID of a session that the client wants to resume, or a value that goes with a ticket.");
}

static const char *server_version(struct wt_text *x, const struct wt_message *m, const struct wt_trail_event *e)
{
    const struct wt_connection *c = x->c;
    char *out = room();
    if (wt_version_is_tls13(m->shape.version))
        return _("Always TLS 1.2, without meaning: supported_versions has the selected version.");
    if (c->offered && c->offered != e->value) {
        (void)wt_format(out, ROOM, _("The selected version, below the %s that the client offered."),
                        wt_text_version(x, c->offered));
        return out;
    }
    return _("The selected version: the highest that was offered.");
}

static const char *server_session(struct wt_text *x, const struct wt_message *m, const struct wt_trail_event *e)
{
    const struct wt_connection *c = x->c;
    if (wt_version_is_tls13(m->shape.version))
        return e->length ? _("The client's value, echoed.") : _("Empty, like the client's.");
    if (e->length == 0)
        return _("Empty: this session cannot be resumed by ID; a ticket may allow it.");
    if (c->resumption == WT_RESUMPTION_SESSION_ID)
        return _("The client's value echoed: the session is resumed.");
    if (c->resumption == WT_RESUMPTION_TICKET)
        return _("The client's value echoed: the ticket was accepted.");
    return _("The ID under which this session can be resumed.");
}

static const char *server_random(struct wt_text *x, const struct wt_message *m, const struct wt_trail_event *e)
{
    struct wt_server_hello hello = {.random = wt_span_cut(m->body, e->offset, e->length)};
    uint16_t version = hello.random.n == 32 ? wt_server_hello_downgrade(&hello) : 0;
    (void)x;
    if (version == WT_TLS12)
        return _("The last eight bytes are \"DOWNGRD\" and 1: this server supports TLS 1.3. A client that offered TLS "
                 "1.3 must abort here, since its offer was tampered with (RFC 8446, 4.1.3).");
    if (version == WT_TLS11)
        return _("The last eight bytes are \"DOWNGRD\" and 0: this server supports TLS 1.2 or higher. A client that "
                 "offered it must abort here, since its offer was tampered with (RFC 8446, 4.1.3).");
    return NULL;
}

/* How the choice follows from the offer. */
static const char *chosen_suite(struct wt_text *x, const struct wt_message *m, const struct wt_trail_event *e)
{
    const struct wt_message *hello = NULL;
    char *out = room();
    for (const struct wt_message *i = x->c->messages; i < m; i++)
        if (i->content_type == WT_CONTENT_HANDSHAKE && i->flags & WT_MESSAGE_TYPED && !(i->flags & WT_MESSAGE_SSL2) &&
            i->type == WT_HANDSHAKE_CLIENT_HELLO)
            hello = i;
    if (!hello)
        return NULL;
    struct wt_codec_context context = wt_text_context(hello);
    struct wt_message_body body WT_UNINITIALIZED;
    struct wt_error error;
    memset(&body, 0, sizeof body);
    if (wt_message_decode(&context, hello->type, hello->body, NULL, &body, &error) != WT_OK)
        return NULL;
    struct wt_span offered = body.client_hello.cipher_suites;
    size_t n = 0, i = SIZE_MAX; /* of the suites: signalling values are none */
    for (size_t k = 0; k < wt_codes_count(offered); k++) {
        uint16_t id = wt_codes_at(offered, k);
        if (i == SIZE_MAX && id == e->value)
            i = n;
        n += !wt_suite_is_signal(id);
    }
    if (i == 0)
        (void)wt_format(out, ROOM, _("The first of the %zu that the client offered."), n);
    else if (i < n)
        (void)wt_format(out, ROOM,
                        _("Number %zu of the %zu that the client offered: the server does not support those before it, "
                          "cannot use them with its key, or ranks them lower."),
                        i + 1, n);
    if (i < n)
        return out;
    return _("The client did not offer it, and a server must not select what was not offered (RFC 5246, 7.4.1.3).");
}

static const char *in_bits(const struct wt_message *m, const struct wt_trail_event *e)
{
    struct wt_span number = wt_span_cut(m->body, e->offset, e->length);
    unsigned bits = 8 * e->length;
    char *out = room();
    for (; number.n && number.p[0] == 0; number = wt_span_cut(number, 1, number.n))
        bits -= 8;
    for (uint8_t first = number.n ? number.p[0] : 0xff; !(first & 0x80); first = (uint8_t)(first << 1))
        bits--;
    (void)wt_format(out, ROOM,
                    _("The prime of the group, %u bits: its length determines how hard the exchange is to break. At "
                      "least 2048 today."),
                    bits);
    return out;
}

static const char *lifetime(const struct wt_trail_event *e)
{
    char duration[48], *out = room();
    if (e->value == 0)
        return _("0: lifetime unspecified.");
    (void)wt_format(out, ROOM, _("How long the ticket may be used: %s."),
                    wt_duration(duration, (int64_t)e->value * 1000000000));
    return out;
}

static const char *subject(struct wt_text *x, const struct wt_message *m, size_t nth)
{
    const struct wt_connection *c = x->c;
    unsigned side = m->from & 1;
    char *out = room();
    /* the facts are of the first chain that this side sent */
    for (const struct wt_message *i = c->messages; i < m; i++)
        if (i->from == m->from && i->flags & WT_MESSAGE_TYPED && i->content_type == WT_CONTENT_HANDSHAKE &&
            i->type == WT_HANDSHAKE_CERTIFICATE)
            return NULL;
    if (nth >= c->certificate_count[side] || !c->certificates[side][nth]->parsed)
        return NULL;
    const struct wt_certificate_facts *f = c->certificates[side][nth];
    if (nth + 1 == c->signing_certificate[side])
        (void)wt_format(out, ROOM, _("The signing certificate: %s, issued by %s."), wt_text_string(x, f->subject, 120),
                        wt_text_string(x, f->issuer, 120));
    else if (nth + 1 == c->encryption_certificate[side])
        (void)wt_format(out, ROOM, _("The encryption certificate: %s, issued by %s."),
                        wt_text_string(x, f->subject, 120), wt_text_string(x, f->issuer, 120));
    else if (f->self_issued)
        (void)wt_format(out, ROOM, _("%s, self-issued."), wt_text_string(x, f->subject, 120));
    else
        (void)wt_format(out, ROOM, _("%s, issued by %s."), wt_text_string(x, f->subject, 120),
                        wt_text_string(x, f->issuer, 120));
    return out;
}

static const char *ticket(const struct wt_message *m, const struct wt_trail_event *e)
{
    if (e->length)
        return NULL;
    return m->from == WT_CLIENT ? _("Empty: the client supports tickets but has none.")
                                : _("Empty: a NewSessionTicket will follow.");
}

static const char *renegotiation(struct wt_text *x, const struct wt_message *m, const struct wt_trail_event *e)
{
    if (e->length)
        return NULL;
    return m->from == WT_SERVER && wt_explain_offered(x, m, WT_SCSV_RENEGOTIATION_INFO)
               ? _("Empty: this is the initial handshake of the connection. It answers the client's "
                   "TLS_EMPTY_RENEGOTIATION_INFO_SCSV: both sides support secure renegotiation.")
               : _("Empty: this is the initial handshake of the connection.");
}

enum wt_explain_topic wt_explain_topic(const char *where, const char *field)
{
    static const struct {
        const char *where, *field; /* where NULL: anywhere */
        enum wt_explain_topic topic;
    } rows[] = {
        {"client_hello", "legacy_version", WT_TOPIC_CLIENT_VERSION},
        {"client_hello", "session_id", WT_TOPIC_CLIENT_SESSION},
        {"server_hello", "legacy_version", WT_TOPIC_SERVER_VERSION},
        {"server_hello", "session_id", WT_TOPIC_SERVER_SESSION},
        {"server_hello", "random", WT_TOPIC_SERVER_RANDOM},
        {"server_hello", "cipher_suite", WT_TOPIC_CHOSEN_SUITE},
        {NULL, "dh_p", WT_TOPIC_PRIME},
        {NULL, "ticket_lifetime", WT_TOPIC_LIFETIME},
        {NULL, "ticket_lifetime_hint", WT_TOPIC_LIFETIME},
        {NULL, "cert_data", WT_TOPIC_CERTIFICATE},
        {"certificate", "certificate_list", WT_TOPIC_CHAIN},
        {"server_key_exchange", "signature", WT_TOPIC_SIGNED},
        {"client_key_exchange", "encrypted_pre_master_secret", WT_TOPIC_PREMASTER},
        {"client_key_exchange", "public", WT_TOPIC_POINT},
        {"session_ticket", "ticket", WT_TOPIC_TICKET},
        {"renegotiation_info", "renegotiated_connection", WT_TOPIC_RENEGOTIATION},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].field, field) == 0 && (!rows[i].where || strcmp(rows[i].where, where) == 0))
            return rows[i].topic;
    return WT_TOPIC_NONE;
}

/* GB/T 38636-2020, 6.4.5. */
static const char *of_tlcp(const struct wt_message *m, enum wt_explain_topic topic)
{
    const bool ecc = m->shape.kx == WT_KX_SM2;
    if (topic == WT_TOPIC_CHAIN)
        return _("The signing certificate, the encryption certificate, then each that certifies them.");
    if (topic == WT_TOPIC_SIGNED && ecc)
        return _("Made with the key of the signing certificate, over client_random, server_random and the encryption "
                 "certificate, which is not repeated here.");
    if (topic == WT_TOPIC_SIGNED)
        return _("Made with the key of the signing certificate, over client_random, server_random and params.");
    if (topic == WT_TOPIC_PREMASTER && ecc)
        return _("48 bytes, the version (0x0101) and 46 random ones, encrypted with SM2 for the server's encryption "
                 "certificate: a point, a hash and the ciphertext in ASN.1. Whoever gets that certificate's key later "
                 "decrypts all recorded connections.");
    return topic == WT_TOPIC_POINT ? _("The client's ephemeral public key.") : NULL;
}

const char *wt_explain_here(struct wt_text *x, const struct wt_message *m, enum wt_explain_topic topic,
                            const struct wt_trail_event *e, size_t nth)
{
    switch (topic) {
    case WT_TOPIC_CLIENT_VERSION:
        return client_version(x, e);
    case WT_TOPIC_CLIENT_SESSION:
        return client_session(x, e);
    case WT_TOPIC_SERVER_VERSION:
        return server_version(x, m, e);
    case WT_TOPIC_SERVER_SESSION:
        return server_session(x, m, e);
    case WT_TOPIC_SERVER_RANDOM:
        return server_random(x, m, e);
    case WT_TOPIC_CHOSEN_SUITE:
        return chosen_suite(x, m, e);
    case WT_TOPIC_PRIME:
        return in_bits(m, e);
    case WT_TOPIC_LIFETIME:
        return lifetime(e);
    case WT_TOPIC_CERTIFICATE:
        return subject(x, m, nth);
    case WT_TOPIC_TICKET:
        return ticket(m, e);
    case WT_TOPIC_RENEGOTIATION:
        return renegotiation(x, m, e);
    case WT_TOPIC_CHAIN:
    case WT_TOPIC_SIGNED:
    case WT_TOPIC_PREMASTER:
    case WT_TOPIC_POINT:
        return m->shape.version == WT_TLCP ? of_tlcp(m, topic) : NULL;
    case WT_TOPIC_NONE:
        break;
    }
    return NULL;
}

/* Bytes of plaintext in a protected record of an AEAD suite of TLS 1.2; 0 when that cannot be said. */
static unsigned plaintext_of(const struct wt_connection *c, const struct wt_message *m, unsigned *nonce, unsigned *tag)
{
    const struct wt_suite *s = c->has_suite ? wt_suite_find(c->cipher_suite) : NULL;
    const struct wt_cipher *cipher =
        s && s->cipher < WT_CIPHER_COUNT ? wt_cipher_of((enum wt_cipher_id)s->cipher) : NULL;
    if (!cipher || tls13(c) || (c->version != WT_TLS12 && c->version != WT_TLCP))
        return 0;
    if (cipher->mode != WT_MODE_GCM && cipher->mode != WT_MODE_CCM && cipher->mode != WT_MODE_CCM8 &&
        cipher->mode != WT_MODE_POLY1305)
        return 0;
    *nonce = cipher->iv == 4 ? 8 : 0;
    *tag = cipher->tag;
    return m->record_length > *nonce + *tag ? m->record_length - *nonce - *tag : 0;
}

const char *wt_explain_length(struct wt_text *x, const struct wt_message *m)
{
    unsigned nonce = 0, tag = 0, inside = plaintext_of(x->c, m, &nonce, &tag);
    char *out = room();
    if (inside == 16 && m->content_type == WT_CONTENT_HANDSHAKE)
        (void)wt_format(
            out, ROOM,
            _("Its %u bytes are: %u of nonce, 4 of handshake header and 12 of verify_data (encrypted), %u of tag."),
            m->record_length, nonce, tag);
    else if (inside == 2 && m->content_type == WT_CONTENT_ALERT)
        (void)wt_format(out, ROOM, _("Its %u bytes are: %u of nonce, 2 of alert (encrypted), %u of tag."),
                        m->record_length, nonce, tag);
    else
        return NULL;
    return out;
}
