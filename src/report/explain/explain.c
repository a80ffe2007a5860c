/* What a teacher says under each message. */
#include "report/explain/explain.h"

#include "registry/quic.h"
#include "registry/registry.h"
#include "report/explain/fields.h"
#include "report/explain/headers.h"
#include "report/explain/here.h"
#include "report/explain/proofs.h"
#include "report/explain/suite.h"
#include "report/explain/tables.h"
#include "report/text/names.h"
#include "report/text/proofs.h"
#include "report/text/rows.h"
#include "report/text/text.h"

#include <inttypes.h>
#include <stdio.h>

void wt_explain_say(struct wt_text *x, unsigned indent, const char *text)
{
    wt_term_paragraph(&x->term, indent, x->prose, text);
}

void wt_explain_hang(struct wt_text *x, unsigned first, unsigned indent, const char *text)
{
    wt_term_to(&x->term, first);
    wt_term_wrap(&x->term, indent, x->prose, text);
    wt_term_end(&x->term);
}

static bool is_tls13(const struct wt_text *x, const struct wt_message *m)
{
    return wt_version_is_tls13(m->shape.version ? m->shape.version : x->c->version);
}

/* A ClientHello is sent before a version is negotiated: what it offers decides how it is explained. */
static bool explained_as_13(const struct wt_text *x, const struct wt_message *m)
{
    if (m->content_type == WT_CONTENT_HANDSHAKE && m->type == WT_HANDSHAKE_CLIENT_HELLO &&
        !(m->flags & WT_MESSAGE_SSL2))
        return wt_version_is_tls13(x->c->offered);
    return is_tls13(x, m);
}

static void purpose(struct wt_text *x, const struct wt_explain_message *explained)
{
    struct wt_buffer b = {0};
    (void)wt_buffer_add_text(&b, _(explained->purpose));
    if (explained->rfc)
        (void)wt_buffer_format(&b, _(" (%s)"), explained->rfc);
    (void)wt_buffer_add_char(&b, 0);
    wt_explain_say(x, WT_EXPLAIN_AT, b.failed ? "" : (const char *)b.p);
    wt_buffer_free(&b);
}

/* The content type on the wire: TLS 1.3 shows application_data, whatever is inside (RFC 8446, 5.2). */
static unsigned shown_type(const struct wt_message *m)
{
    return wt_version_is_tls13(m->shape.version) ? WT_CONTENT_APPLICATION_DATA : m->content_type;
}

/* RFC 8446, 4; of DTLS with the message's number and where the fragment lies (RFC 6347, 4.2.2). */
static unsigned header_bytes(const struct wt_text *x)
{
    return x->c->dtls ? 12 : 4;
}

/* What others saw of a message that keys opened. */
static void opened(struct wt_text *x, const struct wt_message *m)
{
    char line[512], measure[128];
    if (m->content_type == WT_CONTENT_HANDSHAKE)
        (void)snprintf(measure, sizeof measure,
                       _("Decrypted: %" PRIu32 " bytes after a %u-byte handshake header (type and length)."), m->length,
                       header_bytes(x));
    else
        (void)snprintf(measure, sizeof measure, "%s", _("Decrypted."));
    if (m->records > 1)
        (void)snprintf(line, sizeof line,
                       _("%s It was sent in %u records; the first contains %" PRIu32
                         " bytes of ciphertext and shows type %u (%s) on the outside."),
                       measure, m->records, m->record_length, shown_type(m),
                       wt_text_name(x, WT_REG_CONTENT_TYPE, shown_type(m)));
    else
        (void)snprintf(
            line, sizeof line,
            _("%s It was sent in a record with %" PRIu32 " bytes of ciphertext and type %u (%s) on the outside."),
            measure, m->record_length, shown_type(m), wt_text_name(x, WT_REG_CONTENT_TYPE, shown_type(m)));
    wt_explain_say(x, WT_EXPLAIN_AT, line);
}

/* RFC 9001, 2.1: each level has packets of its own. */
static const char *level_name(uint8_t level)
{
    static const enum wt_quic_packet packets[] = {[WT_LEVEL_INITIAL] = WT_QUIC_INITIAL,
                                                  [WT_LEVEL_0RTT] = WT_QUIC_0RTT,
                                                  [WT_LEVEL_HANDSHAKE] = WT_QUIC_HANDSHAKE,
                                                  [WT_LEVEL_1RTT] = WT_QUIC_1RTT};
    return level < WT_LEVEL_COUNT ? wt_quic_packet_name(packets[level]) : "?";
}

/* How the message lay in its records, and why the record's version is not the protocol's. */
static void carried(struct wt_text *x, const struct wt_message *m)
{
    char line[512];
    const char *version = wt_text_version(x, m->record_version);
    if (m->flags & WT_MESSAGE_LEVEL) {
        (void)snprintf(line, sizeof line,
                       /* TRANSLATORS: %s is a kind of QUIC packet: Initial, Handshake, 1-RTT */
                       _("%" PRIu32 " bytes after a 4-byte handshake header (type and length), in CRYPTO frames of %s "
                         "packets: QUIC has no records."),
                       m->length, level_name(m->level));
        wt_explain_say(x, WT_EXPLAIN_AT, line);
        return;
    }
    if (m->flags & WT_MESSAGE_SSL2) {
        (void)snprintf(line, sizeof line,
                       _("In an SSL 2.0 record of %" PRIu32
                         " bytes: the header is two bytes of length, without content type and version."),
                       m->record_length);
        wt_explain_say(x, WT_EXPLAIN_AT, line);
        return;
    }
    if (m->flags & WT_MESSAGE_DECRYPTED) {
        opened(x, m);
        return;
    }
    if (m->content_type == WT_CONTENT_HANDSHAKE && m->records > 1)
        (void)snprintf(line, sizeof line,
                       _("%" PRIu32 " bytes after a %u-byte handshake header (type and length), in %u records; record "
                         "version of the first: %s (0x%04x)."),
                       m->length, header_bytes(x), m->records, version, m->record_version);
    else if (m->content_type == WT_CONTENT_HANDSHAKE && !wt_rows_is_hidden(m) && m->length == 0)
        (void)snprintf(line, sizeof line,
                       _("Only the %u-byte handshake header (type and length 0), in a record of %" PRIu32
                         " bytes with version %s (0x%04x)."),
                       header_bytes(x), m->record_length, version, m->record_version);
    else if (m->content_type == WT_CONTENT_HANDSHAKE && !wt_rows_is_hidden(m))
        (void)snprintf(line, sizeof line,
                       _("%" PRIu32 " bytes after a %u-byte handshake header (type and length), in a record of %" PRIu32
                         " bytes with version %s (0x%04x)."),
                       m->length, header_bytes(x), m->record_length, version, m->record_version);
    else
        (void)snprintf(line, sizeof line,
                       ngettext_("A record of type %u (%s), version %s (0x%04x), %" PRIu32 " byte.",
                                 "A record of type %u (%s), version %s (0x%04x), %" PRIu32 " bytes.", m->record_length),
                       m->content_type, wt_text_name(x, WT_REG_CONTENT_TYPE, m->content_type), version,
                       m->record_version, m->record_length);
    wt_explain_say(x, WT_EXPLAIN_AT, line);
}

/* The classic slip: reading the protocol's version off the record. */
static void record_version(struct wt_text *x, const struct wt_message *m)
{
    const struct wt_connection *c = x->c;
    char line[512];
    if (m->content_type != WT_CONTENT_HANDSHAKE || wt_rows_is_hidden(m) ||
        m->flags & (WT_MESSAGE_SSL2 | WT_MESSAGE_LEVEL))
        return;
    if (m->type == WT_HANDSHAKE_CLIENT_HELLO && c->offered && m->record_version != c->offered) {
        (void)snprintf(
            line, sizeof line,
            c->version
                ? _("The record version %s is not the protocol version: this client offers %s, and %s will be "
                    "selected. Before a version is negotiated, clients use a low record version so that old servers do "
                    "not reject the record.")
                : _("The record version %s is not the protocol version: this client offers %s. Before a version is "
                    "negotiated, clients use a low record version so that old servers do not reject the record."),
            wt_text_version(x, m->record_version), wt_text_version(x, c->offered), wt_text_version(x, c->version));
        wt_explain_say(x, WT_EXPLAIN_AT, line);
        wt_explain_say(x, WT_EXPLAIN_AT,
                       wt_version_is_tls13(c->offered)
                           ? _("(RFC 8446, 5.1: legacy_record_version must be 0x0303, and may be 0x0301 in an initial "
                               "ClientHello; it must be ignored for all purposes.)")
                           : _("(RFC 5246, E.1: a client may send any record version 3.x before it knows the server's; "
                               "the hello's own client_version is what counts.)"));
    } else if (m->type == WT_HANDSHAKE_SERVER_HELLO && is_tls13(x, m) && m->record_version != m->shape.version) {
        (void)snprintf(line, sizeof line,
                       _("Record and hello both say TLS 1.2 for middlebox compatibility; supported_versions has the "
                         "selected version: %s."),
                       wt_text_version(x, m->shape.version));
        wt_explain_say(x, WT_EXPLAIN_AT, line);
    }
}

/* What this connection's suite makes of ServerKeyExchange and ClientKeyExchange. */
static void key_exchange(struct wt_text *x, const struct wt_message *m)
{
    const struct wt_kx_info *kx = wt_kx_info_of((enum wt_kx)m->shape.kx);
    char line[256];
    if (m->shape.kx == WT_KX_NULL || !kx ||
        (m->type != WT_HANDSHAKE_SERVER_KEY_EXCHANGE && m->type != WT_HANDSHAKE_CLIENT_KEY_EXCHANGE))
        return;
    (void)snprintf(line, sizeof line,
                   m->type == WT_HANDSHAKE_CLIENT_KEY_EXCHANGE && kx->server_key_exchange == WT_NEVER
                       ? _("The key exchange is %s: there was no ServerKeyExchange.")
                       : _("The key exchange is %s."),
                   kx->name);
    wt_explain_say(x, WT_EXPLAIN_AT, line);
}

static void resumed_or_new(struct wt_text *x, const struct wt_message *m)
{
    const struct wt_connection *c = x->c;
    if (m->type != WT_HANDSHAKE_SERVER_HELLO || m->flags & WT_MESSAGE_RETRY || is_tls13(x, m))
        return;
    if (c->resumption == WT_RESUMPTION_SESSION_ID)
        wt_explain_say(x, WT_EXPLAIN_AT,
                       _("Here the server resumes the session whose ID the client sent: no certificate, no key "
                         "exchange; new keys are derived from the old master secret and the new randoms."));
    else if (c->resumption == WT_RESUMPTION_TICKET)
        wt_explain_say(x, WT_EXPLAIN_AT,
                       _("Here the server accepted the client's ticket: no certificate, no key exchange; new keys are "
                         "derived from the master secret in the ticket and the new randoms."));
}

static void alert(struct wt_text *x, const struct wt_message *m)
{
    struct wt_alert_body body;
    struct wt_error error;
    if (wt_rows_is_hidden(m) || wt_alert_decode(m->body, NULL, &body, &error) != WT_OK)
        return;
    const struct wt_explain_alert *explained = wt_explain_alert(body.description);
    if (!explained)
        return;
    wt_explain_say(x, WT_EXPLAIN_AT, _(explained->meaning));
    wt_explain_say(x, WT_EXPLAIN_AT, _(explained->cause));
    if (body.level == 2 && !is_tls13(x, m))
        wt_explain_say(
            x, WT_EXPLAIN_AT,
            _("Fatal: the connection ends immediately, and its session must not be resumed (RFC 5246, 7.2.2)."));
}

/* Without a certificate in the key exchange there is no signature to verify. */
static const char *consequence(const struct wt_message *m, const struct wt_explain_message *explained)
{
    const struct wt_kx_info *kx = wt_kx_info_of((enum wt_kx)m->shape.kx);
    if (m->content_type != WT_CONTENT_HANDSHAKE || m->type != WT_HANDSHAKE_SERVER_KEY_EXCHANGE ||
        wt_rows_is_hidden(m) || m->flags & WT_MESSAGE_SSL2 || !kx || kx->certificate != WT_NEVER)
        return explained->then ? _(explained->then) : NULL;
    if (m->shape.kx == WT_KX_NULL)
        return NULL; /* the suite was not seen: what follows depends on it */
    if (m->shape.kx == WT_KX_DH_ANON || m->shape.kx == WT_KX_DH_ANON_EXPORT || m->shape.kx == WT_KX_ECDH_ANON)
        return _("The client can compute the premaster secret, but nothing here is signed: it cannot know who sent "
                 "these parameters.");
    return _("The client can continue. Nothing here is signed: only a peer that knows the shared key or password can "
             "compute a valid Finished.");
}

static void then(struct wt_text *x, const struct wt_message *m, const struct wt_explain_message *explained)
{
    const char *text = consequence(m, explained);
    if (!text)
        return;
    wt_term_to(&x->term, WT_EXPLAIN_AT);
    wt_term_style(&x->term, WT_STYLE_GOOD);
    wt_term_text(&x->term, _("After this: "));
    wt_term_style(&x->term, WT_STYLE_PLAIN);
    wt_term_wrap(&x->term, WT_EXPLAIN_AT, x->prose, text);
    wt_term_end(&x->term);
}

/* Whether such a message was explained before; if so, say that. */
static bool told_before(struct wt_text *x, const struct wt_message *m, unsigned table, uint8_t type)
{
    uint8_t *sides = &x->told[table][type];
    bool again = *sides != 0, other = !(*sides & 1u << m->from);
    *sides = (uint8_t)(*sides | 1u << m->from);
    if (again)
        wt_explain_say(x, WT_EXPLAIN_AT,
                       !other                 ? _("As above.")
                       : m->from == WT_CLIENT ? _("As above, from the client.")
                                              : _("As above, from the server."));
    return again;
}

static const struct wt_explain_message *handshake_of(const struct wt_text *x, const struct wt_message *m)
{
    if (m->flags & WT_MESSAGE_SSL2)
        return wt_explain_ssl2(m->type);
    if (m->flags & WT_MESSAGE_RETRY)
        return wt_explain_handshake(WT_HANDSHAKE_HELLO_RETRY_REQUEST, true);
    return m->shape.version == WT_TLCP ? wt_explain_tlcp(m->type)
                                       : wt_explain_handshake(m->type, explained_as_13(x, m));
}

static void message(struct wt_text *x, const struct wt_row *row, const struct wt_message *m)
{
    const char *length;
    bool again = false;
    const struct wt_explain_message *explained;
    bool handshake = m->content_type == WT_CONTENT_HANDSHAKE && !wt_rows_is_hidden(m) && m->flags & WT_MESSAGE_TYPED;
    if (handshake && m->flags & WT_MESSAGE_SSL2)
        again = told_before(x, m, 1, m->type);
    else if (handshake || row->finished_here)
        again = told_before(x, m, 0,
                            row->finished_here            ? WT_HANDSHAKE_FINISHED
                            : m->flags & WT_MESSAGE_RETRY ? WT_HANDSHAKE_HELLO_RETRY_REQUEST
                                                          : m->type);
    else
        again = told_before(x, m, 2, m->content_type);
    if (row->finished_here)
        explained = wt_explain_handshake(WT_HANDSHAKE_FINISHED, false);
    else if (handshake)
        explained = handshake_of(x, m);
    else
        explained = wt_explain_content(m->content_type, is_tls13(x, m));
    if (explained && !again)
        purpose(x, explained);
    carried(x, m);
    wt_explain_headers(x, m);
    if (!again)
        record_version(x, m);
    if (row->finished_here && !again)
        wt_explain_say(x, WT_EXPLAIN_AT,
                       _("It is encrypted and no keys were given: that it is Finished is inferred from its position "
                         "after ChangeCipherSpec; its contents were not verified."));
    else if (wt_rows_is_hidden(m) && m->content_type == WT_CONTENT_ALERT && !again)
        wt_explain_say(
            x, WT_EXPLAIN_AT,
            _("It is encrypted and no keys were given: the record type shows that it is an alert, but not which one."));
    if (wt_rows_is_hidden(m) && (row->finished_here || m->content_type == WT_CONTENT_ALERT) &&
        (length = wt_explain_length(x, m)))
        wt_explain_say(x, WT_EXPLAIN_AT, length);
    if (handshake) {
        key_exchange(x, m);
        resumed_or_new(x, m);
    }
    if (!wt_rows_is_hidden(m) && !x->fields_apart)
        wt_explain_fields(x, m, again);
    if (m->content_type == WT_CONTENT_ALERT)
        alert(x, m);
    if (handshake && m->type == WT_HANDSHAKE_SERVER_HELLO && !(m->flags & (WT_MESSAGE_RETRY | WT_MESSAGE_SSL2)) &&
        x->c->has_suite && !x->suite_told) {
        x->suite_told = true;
        wt_explain_suite(x, x->c->cipher_suite, WT_EXPLAIN_AT);
    }
    wt_explain_proof(x, m);
    if (explained && !again && !wt_text_proof_is_bad(x, m))
        then(x, m, explained);
    wt_explain_change(x, m);
}

static void hidden(struct wt_text *x, const struct wt_row *row)
{
    const struct wt_connection *c = x->c;
    if (row->from == WT_CLIENT) {
        wt_explain_say(x, WT_EXPLAIN_AT,
                       c->early_data != WT_EARLY_NONE
                           ? _("The client's records after the hellos. Without keys it is unknown where early data "
                               "ends and where Finished is.")
                           : _("The client's first encrypted records. Unless they carry an alert, they start with its "
                               "answer to the server's flight: Certificate and CertificateVerify if requested, then "
                               "Finished (RFC 8446, 2). Data may follow immediately; where it starts is not visible."));
        return;
    }
    wt_explain_say(x, WT_EXPLAIN_AT,
                   _("The server's first encrypted records. TLS 1.3 encrypts everything after ServerHello; per the "
                     "protocol they start with EncryptedExtensions and end with Finished (RFC 8446, 2)."));
    if (c->resumption == WT_RESUMPTION_PSK)
        wt_explain_say(x, WT_EXPLAIN_AT,
                       _("The server accepted the PSK, so there is no Certificate and no CertificateVerify between "
                         "them: the PSK authenticates."));
    else
        wt_explain_say(x, WT_EXPLAIN_AT,
                       _("Between them are CertificateRequest (if the server requests a client certificate), "
                         "Certificate, and CertificateVerify, which signs the transcript; with an external PSK they "
                         "are absent. A key log (SSLKEYLOGFILE) would decrypt them."));
}

void wt_explain_row(struct wt_text *x, const struct wt_row *row)
{
    const struct wt_message *m = &x->c->messages[row->first];
    const struct wt_explain_message *explained;
    switch (row->kind) {
    case WT_ROW_MESSAGE:
        message(x, row, m);
        break;
    case WT_ROW_DATA:
        if (x->data_told) /* once is enough */
            return;
        x->data_told = true;
        explained = wt_explain_content(WT_CONTENT_APPLICATION_DATA, is_tls13(x, m));
        if (explained)
            purpose(x, explained);
        wt_explain_headers(x, m);
        break;
    case WT_ROW_HIDDEN:
        hidden(x, row);
        wt_explain_headers(x, m);
        break;
    case WT_ROW_EARLY:
        wt_explain_headers(x, m);
        wt_explain_say(x, WT_EXPLAIN_AT,
                       _("0-RTT data, encrypted with the client early traffic key, which is derived only from the "
                         "first PSK and the ClientHello (RFC 8446, 2.3). An attacker can replay it to the server, and "
                         "it is not forward secret: anyone who obtains the PSK can read it."));
        break;
    default:
        return;
    }
    wt_term_end(&x->term);
}
