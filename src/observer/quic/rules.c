#include "observer/quic/rules.h"

#include "base/uninitialized.h"
#include "codec/ext/ext.h"

/* --- which messages there are, and in which packets --------------------------------------------------------------- */

static const struct forbidden {
    uint8_t type;
    bool late; /* only behind the handshake */
    uint64_t code;
    const char *rule;
} forbidden[] = {
    {WT_HANDSHAKE_KEY_UPDATE, false, WT_QUIC_CRYPTO_ERROR + WT_ALERT_UNEXPECTED_MESSAGE,
     "RFC 9001, 6: \"Endpoints MUST treat the receipt of a TLS KeyUpdate message as a connection error of type "
     "0x010a\""},
    {WT_HANDSHAKE_END_OF_EARLY_DATA, false, WT_QUIC_CRYPTO_ERROR + WT_ALERT_UNEXPECTED_MESSAGE,
     "RFC 9001, 8.3: \"Clients MUST NOT send the EndOfEarlyData message.\""},
    {WT_HANDSHAKE_CERTIFICATE_REQUEST, true, WT_QUIC_PROTOCOL_VIOLATION,
     "RFC 9001, 4.4: \"servers MUST NOT send post-handshake TLS CertificateRequest messages, and clients MUST treat "
     "receipt of such messages as a connection error of type PROTOCOL_VIOLATION.\""},
};

static const struct forbidden *find(uint8_t type, bool late)
{
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
        if (forbidden[i].type == type && (late || !forbidden[i].late))
            return &forbidden[i];
    return NULL;
}

bool wt_quic_rules_forbid(uint8_t type, bool finished)
{
    return find(type, finished) != NULL;
}

/* Packets of 1-RTT are the last level, Initial ones the first. */
static void check_packet(struct wt_quic *q, const struct wt_quic_sent *p, uint8_t type)
{
    const enum wt_quic_packet right = wt_quic_packet_of_message(type);
    if (right == WT_QUIC_PACKETS || right == p->type)
        return;
    if (wt_quic_level_of(p->type) < wt_quic_level_of(right))
        wt_quic_violation_message(q, p->from, WT_QUIC_PROTOCOL_VIOLATION, type,
                                  "RFC 9001, 4.1.3: \"if there is data from a previous encryption level that TLS has "
                                  "not consumed, this MUST be treated as a connection error of type "
                                  "PROTOCOL_VIOLATION.\"");
    else
        wt_quic_violation_message(q, p->from, WT_QUIC_CRYPTO_ERROR + WT_ALERT_UNEXPECTED_MESSAGE, type,
                                  "RFC 9001, 4.1.3: \"The encryption level then determines the type of packet that the "
                                  "resulting CRYPTO frame is carried in\"");
}

/* --- what is in them ---------------------------------------------------------------------------------------------- */

/* The drafts had other rules for a while: what they sent is not held against these. */
static bool is_of_an_rfc(const struct wt_quic *q)
{
    const char *name = q->row ? q->row->rfc : NULL;
    return name && strncmp(name, "RFC", 3) == 0;
}

/* RFC 8446, 4.1.2: version and random stand before it. */
static void client_hello(struct wt_quic *q, const struct wt_quic_sent *p, struct wt_span body)
{
    enum { SESSION_ID_LENGTH = 2 + 32 };
    if (body.n > SESSION_ID_LENGTH && body.p[SESSION_ID_LENGTH])
        wt_quic_violation_message(q, p->from, WT_QUIC_PROTOCOL_VIOLATION, WT_HANDSHAKE_CLIENT_HELLO,
                                  "RFC 9001, 8.4: \"A server SHOULD treat the receipt of a TLS ClientHello with a "
                                  "non-empty legacy_session_id field as a connection error of type "
                                  "PROTOCOL_VIOLATION.\"");
}

static void ticket(struct wt_quic *q, const struct wt_quic_sent *p, struct wt_span body)
{
    const struct wt_codec_context context = {WT_TLS13, WT_KX_TLS13, 0, true};
    struct wt_message_body m WT_UNINITIALIZED;
    struct wt_error error;
    union wt_ext_body e;
    enum wt_code code;
    if (wt_message_decode(&context, WT_HANDSHAKE_NEW_SESSION_TICKET, body, NULL, &m, &error) == WT_OK &&
        wt_extensions_take(&m.new_session_ticket.extensions, WT_EXT_EARLY_DATA, &context, WT_IN_NST, &e, NULL, &code) &&
        e.early_data.max_early_data_size != UINT32_MAX)
        wt_quic_violation_message(q, p->from, WT_QUIC_PROTOCOL_VIOLATION, WT_HANDSHAKE_NEW_SESSION_TICKET,
                                  "RFC 9001, 4.6.1: \"Servers MUST NOT send the early_data extension with a "
                                  "max_early_data_size field set to any value other than 0xffffffff.\"");
}

void wt_quic_rules_message(struct wt_quic *q, const struct wt_quic_sent *p, uint8_t type, struct wt_span body)
{
    const struct forbidden *rule = find(type, p->type == WT_QUIC_1RTT);
    if (rule) {
        wt_quic_violation_message(q, p->from, rule->code, type, rule->rule);
        return;
    }
    check_packet(q, p, type);
    if (type == WT_HANDSHAKE_CLIENT_HELLO && p->from == WT_CLIENT && is_of_an_rfc(q))
        client_hello(q, p, body);
    else if (type == WT_HANDSHAKE_NEW_SESSION_TICKET && p->from == WT_SERVER && is_of_an_rfc(q))
        ticket(q, p, body);
}
