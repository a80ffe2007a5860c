/* The short remark beside a message: what it says in this capture, in a few words. */
#include "report/text/remark.h"

#include "base/uninitialized.h"
#include "codec/ext/ext.h"
#include "report/explain/tables.h"
#include "report/text/names.h"
#include "report/text/proofs.h"
#include "report/text/rows.h"
#include "report/text/text.h"
#include "report/text/words.h"

#include <inttypes.h>
#include <stdio.h>

#define NAME_COLUMNS 48u /* of a host name or the like inside a remark */

static bool ext(const struct wt_message *m, const struct wt_extensions *e, uint16_t id, union wt_ext_body *out)
{
    struct wt_codec_context context = wt_text_context(m);
    struct wt_span body;
    struct wt_error error;
    if (!wt_extensions_find(e, id, &body))
        return false;
    return wt_extension_decode(id, &context, wt_text_where(m), body, NULL, out, &error) == WT_OK;
}

/* Signalling values are in the list, but no suites. */
static size_t suites(struct wt_span list)
{
    size_t n = 0;
    for (size_t i = 0; i < wt_codes_count(list); i++)
        n += !wt_suite_is_signal(wt_codes_at(list, i));
    return n;
}

static void client_hello(struct wt_text *x, const struct wt_message *m, const struct wt_client_hello *hello)
{
    union wt_ext_body e;
    uint16_t highest = hello->legacy_version;
    size_t n = suites(hello->cipher_suites);
    if (ext(m, &hello->extensions, WT_EXT_SUPPORTED_VERSIONS, &e))
        for (size_t i = 0; i < wt_codes_count(e.supported_versions.versions); i++) {
            uint16_t v = wt_codes_at(e.supported_versions.versions, i);
            if (!wt_is_grease(v) && (wt_version_is_tls13(v) > wt_version_is_tls13(highest) || v == WT_TLS13))
                highest = v;
        }
    wt_words_add(x, _("offers %s"), wt_text_version(x, highest));
    wt_words_add(x, ngettext_("%zu suite", "%zu suites", n), n);
    if (ext(m, &hello->extensions, WT_EXT_SERVER_NAME, &e) && e.server_name.host_name.n)
        wt_words_add(x, _("SNI %s"), wt_text_wire(x, e.server_name.host_name, NAME_COLUMNS));
    if (ext(m, &hello->extensions, WT_EXT_SESSION_TICKET, &e) && e.session_ticket.ticket.n)
        wt_words_add(x, "%s", _("with a session ticket to resume"));
    else if (wt_extensions_has(&hello->extensions, WT_EXT_PRE_SHARED_KEY))
        wt_words_add(x, "%s",
                     wt_extensions_has(&hello->extensions, WT_EXT_EARLY_DATA) ? _("with a PSK and early data")
                                                                              : _("with a PSK"));
    else if (hello->session_id.n && !wt_version_is_tls13(highest))
        wt_words_add(x, "%s", _("with a session ID to resume"));
}

static void server_hello(struct wt_text *x, const struct wt_message *m, const struct wt_server_hello *hello)
{
    union wt_ext_body e;
    uint16_t version = hello->legacy_version;
    bool retry = m->flags & WT_MESSAGE_RETRY;
    if (ext(m, &hello->extensions, WT_EXT_SUPPORTED_VERSIONS, &e))
        version = e.supported_versions.selected_version;
    if (retry)
        wt_words_add(x, "%s", _("requests a new ClientHello"));
    else
        wt_words_add(x, _("selects %s"), wt_text_version(x, version));
    if (ext(m, &hello->extensions, WT_EXT_KEY_SHARE, &e))
        wt_words_add(x, retry ? _("with a key share for %s") : "%s", wt_text_name(x, WT_REG_GROUP, e.key_share.group));
    if (!retry)
        wt_words_add(x, "%s", wt_text_suite(x, hello->cipher_suite));
    if (wt_extensions_has(&hello->extensions, WT_EXT_PRE_SHARED_KEY))
        wt_words_add(x, "%s", _("accepts the PSK"));
    if (retry && wt_extensions_has(&hello->extensions, WT_EXT_COOKIE))
        wt_words_add(x, "%s", _("with a cookie"));
    switch (retry ? 0 : wt_server_hello_downgrade(hello)) {
    case WT_TLS12:
    case WT_TLS11:
        wt_words_add(x, "%s", _("downgrade sentinel: server supports a higher version"));
        break;
    default:
        break;
    }
}

static size_t entries(const struct wt_certificate *certificate)
{
    struct wt_span rest = certificate->list;
    struct wt_certificate_entry entry;
    size_t n = 0;
    while (wt_certificate_next(certificate, &rest, &entry))
        n++;
    return n;
}

static void key_words(struct wt_text *x, const struct wt_certificate_facts *leaf)
{
    if (leaf->key_curve)
        wt_words_add(x, "%s %s", wt_text_string(x, leaf->key_type, 20), wt_text_string(x, leaf->key_curve, 20));
    else if (leaf->key_bits && leaf->key_type && strncmp(leaf->key_type, "Ed", 2) != 0)
        wt_words_add(x, "%s %d", wt_text_string(x, leaf->key_type, 20), leaf->key_bits);
    else
        wt_words_add(x, "%s", wt_text_string(x, leaf->key_type, 20));
}

static void certificate(struct wt_text *x, const struct wt_message *m, const struct wt_certificate *in)
{
    const struct wt_connection *c = x->c;
    unsigned side = m->from & 1;
    if (in->raw_public_key || m->shape.certificate_type == 2) {
        wt_words_add(x, _("raw public key, %zu bytes: no names, no dates"), in->list.n);
        return;
    }
    size_t n = entries(in);
    if (n == 0) {
        wt_words_add(x, "%s", _("none (empty list)"));
        return;
    }
    /* the facts are of the first chain that the side sent */
    if (x->certificates_told[side] || !c->certificate_count[side]) {
        wt_words_add(x, ngettext_("%zu certificate", "%zu certificates", n), n);
        return;
    }
    x->certificates_told[side] = true;
    const size_t signs = c->signing_certificate[side];
    const struct wt_certificate_facts *leaf = c->certificates[side][signs ? signs - 1 : 0];
    const char *subject = leaf->common_name ? leaf->common_name : leaf->subject;
    wt_words_add(x, ngettext_("%zu certificate: %s", "%zu certificates: %s", n), n, wt_text_string(x, subject, 40));
    if (!leaf->parsed)
        return;
    key_words(x, leaf);
    wt_words_add(x, _("expires %s"), wt_text_date(x, leaf->not_after));
    if (signs && c->encryption_certificate[side])
        wt_words_add(x, "%s", _("one to sign, one to encrypt for"));
}

static void server_key_exchange(struct wt_text *x, const struct wt_message *m, const struct wt_server_key_exchange *in)
{
    if (m->shape.kx == WT_KX_NULL) {
        wt_words_add(x, _("%u bytes, format unknown (cipher suite not known)"), m->length);
        return;
    }
    if (in->curve_type == 3)
        wt_words_add(x, _("ephemeral %s key"), wt_text_name(x, WT_REG_GROUP, in->named_curve));
    else if (in->ec_explicit.n)
        wt_words_add(x, "%s", _("explicit curve parameters"));
    else if (in->dh_p.n)
        wt_words_add(x, _("ephemeral Diffie-Hellman key, %zu-bit prime"), in->dh_p.n * 8);
    else if (in->rsa_modulus.n)
        wt_words_add(x, _("temporary %zu-bit RSA key"), in->rsa_modulus.n * 8);
    else if (in->kx == WT_KX_SM2 && in->signature.n)
        wt_words_add(x, "%s", _("for the encryption certificate"));
    else if (in->srp_n.n)
        wt_words_add(x, _("SRP: %zu-bit group, salt, B"), in->srp_n.n * 8);
    if (in->psk_identity_hint.n)
        wt_words_add(x, _("PSK identity hint: %s"), wt_text_wire(x, in->psk_identity_hint, NAME_COLUMNS));
    if (in->has_scheme)
        wt_words_add(x, _("signed with %s"), wt_text_name(x, WT_REG_SIGNATURE_SCHEME, in->signature_scheme));
    else if (in->signature.n)
        wt_words_add(x, _("signed, %zu bytes"), in->signature.n);
    else
        wt_words_add(x, "%s", _("not signed"));
}

static void client_key_exchange(struct wt_text *x, const struct wt_message *m, const struct wt_client_key_exchange *in)
{
    if (m->shape.kx == WT_KX_NULL) {
        wt_words_add(x, _("%u bytes, format unknown (cipher suite not known)"), m->length);
        return;
    }
    if (in->psk_identity.n)
        wt_words_add(x, _("PSK identity %s"), wt_text_wire(x, in->psk_identity, NAME_COLUMNS));
    if (in->encrypted_premaster.n)
        wt_words_add(x,
                     in->kx == WT_KX_SM2
                         ? _("premaster secret encrypted for the server's encryption certificate, %zu bytes")
                         : _("premaster secret encrypted with the server's RSA key, %zu bytes"),
                     in->encrypted_premaster.n);
    else if (in->public_key.n && in->kx == WT_KX_SRP)
        wt_words_add(x, _("client's SRP value A, %zu bytes"), in->public_key.n);
    else if (in->public_key.n)
        wt_words_add(x, _("client's public key, %zu bytes"), in->public_key.n);
    else if (in->other.n)
        wt_words_add(x, _("%zu bytes"), in->other.n);
}

static void certificate_request(struct wt_text *x, const struct wt_certificate_request *in)
{
    size_t names = 0;
    struct wt_span rest = in->authorities, name;
    while (wt_dn_next(&rest, &name))
        names++;
    wt_words_add(x, "%s", _("requests a client certificate"));
    if (names)
        wt_words_add(x, ngettext_("issued by %zu listed CA", "issued by one of %zu listed CAs", names), names);
}

static void ticket(struct wt_text *x, const struct wt_new_session_ticket *in)
{
    char room[48];
    if (in->ticket.n == 0) {
        wt_words_add(x, "%s", _("empty: no ticket issued"));
        return;
    }
    wt_words_add(x, _("%zu-byte ticket"), in->ticket.n);
    if (in->lifetime)
        wt_words_add(x, _("lifetime %s"), wt_duration(room, (int64_t)in->lifetime * 1000000000));
}

static void encrypted_extensions(struct wt_text *x, const struct wt_message *m, const struct wt_extensions *in)
{
    union wt_ext_body e;
    struct wt_span rest = in->block, name;
    struct wt_extension one;
    size_t n = 0;
    while (wt_extensions_next(&rest, &one))
        n++;
    wt_words_add(x, ngettext_("%zu extension", "%zu extensions", n), n);
    if (ext(m, in, WT_EXT_ALPN, &e)) {
        rest = e.alpn.protocol_name_list;
        if (wt_ext_opaque_next(&rest, 1, &name))
            wt_words_add(x, _("application protocol %s"), wt_text_wire(x, name, NAME_COLUMNS));
    }
    if (wt_extensions_has(in, WT_EXT_EARLY_DATA))
        wt_words_add(x, "%s", _("early data accepted"));
}

/* Messages that have little to say. */
static void handshake_of_one_field(struct wt_text *x, const struct wt_message_body *b, uint8_t type)
{
    switch (type) {
    case WT_HANDSHAKE_COMPRESSED_CERTIFICATE:
        wt_words_add(x, _("%s, %zu bytes, %u uncompressed"),
                     wt_text_name(x, WT_REG_CERTIFICATE_COMPRESSION, b->compressed_certificate.algorithm),
                     b->compressed_certificate.compressed.n, b->compressed_certificate.uncompressed_length);
        break;
    case WT_HANDSHAKE_KEY_UPDATE:
        wt_words_add(x, "%s",
                     b->key_update.request_update ? _("new keys from here on; the peer must update its keys too")
                                                  : _("new keys from here on"));
        break;
    case WT_HANDSHAKE_NEXT_PROTOCOL:
        wt_words_add(x, _("application protocol %s"),
                     wt_text_wire(x, b->next_protocol.selected_protocol, NAME_COLUMNS));
        break;
    case WT_HANDSHAKE_SERVER_HELLO_DONE:
        wt_words_add(x, "%s", _("end of server flight"));
        break;
    case WT_HANDSHAKE_HELLO_VERIFY_REQUEST:
        wt_words_add(x,
                     ngettext_("asks the client to prove its address: cookie of %zu byte",
                               "asks the client to prove its address: cookie of %zu bytes",
                               b->hello_verify_request.cookie.n),
                     b->hello_verify_request.cookie.n);
        break;
    case WT_HANDSHAKE_HELLO_REQUEST:
        wt_words_add(x, "%s", _("requests a new handshake"));
        break;
    case WT_HANDSHAKE_HELLO_RETRY_REQUEST:
        wt_words_add(x, "%s", _("requests a new ClientHello"));
        break;
    default:
        break;
    }
}

static void handshake(struct wt_text *x, const struct wt_message *m, const struct wt_message_body *b)
{
    switch (m->type) {
    case WT_HANDSHAKE_CLIENT_HELLO:
        client_hello(x, m, &b->client_hello);
        break;
    case WT_HANDSHAKE_SERVER_HELLO:
        server_hello(x, m, &b->server_hello);
        break;
    case WT_HANDSHAKE_CERTIFICATE:
        certificate(x, m, &b->certificate);
        break;
    case WT_HANDSHAKE_CERTIFICATE_STATUS:
        wt_words_add(x, _("stapled OCSP response, %zu bytes"),
                     b->certificate_status.response.n + b->certificate_status.responses.n);
        break;
    case WT_HANDSHAKE_SERVER_KEY_EXCHANGE:
        server_key_exchange(x, m, &b->server_key_exchange);
        break;
    case WT_HANDSHAKE_CERTIFICATE_REQUEST:
        certificate_request(x, &b->certificate_request);
        break;
    case WT_HANDSHAKE_CLIENT_KEY_EXCHANGE:
        client_key_exchange(x, m, &b->client_key_exchange);
        break;
    case WT_HANDSHAKE_CERTIFICATE_VERIFY:
        if (b->certificate_verify.has_scheme)
            wt_words_add(x, _("signed with %s"),
                         wt_text_name(x, WT_REG_SIGNATURE_SCHEME, b->certificate_verify.signature_scheme));
        else
            wt_words_add(x, _("signed, %zu bytes"), b->certificate_verify.signature.n);
        break;
    case WT_HANDSHAKE_FINISHED:
        wt_words_add(x, _("verify_data, %zu bytes"), b->finished.verify_data.n);
        break;
    case WT_HANDSHAKE_NEW_SESSION_TICKET:
        ticket(x, &b->new_session_ticket);
        break;
    case WT_HANDSHAKE_ENCRYPTED_EXTENSIONS:
        encrypted_extensions(x, m, &b->encrypted_extensions.extensions);
        break;
    default:
        handshake_of_one_field(x, b, m->type);
        break;
    }
}

static void ssl2(struct wt_text *x, const struct wt_message *m)
{
    struct wt_decode decode;
    struct wt_codec_context context = wt_text_context(m);
    struct wt_reader r = wt_reader_start(&decode, m->body, NULL);
    if (m->type == WT_SSL2_CLIENT_HELLO) {
        struct wt_ssl2_client_hello hello;
        wt_ssl2_client_hello_read(&r, &context, &hello);
        wt_words_add(x, _("offers %s"), wt_text_version(x, hello.version));
        wt_words_add(x, ngettext_("%zu cipher kind", "%zu cipher kinds", hello.cipher_specs.n / 3),
                     hello.cipher_specs.n / 3);
        wt_words_add(x, "%s", _("in SSL 2.0 format"));
    } else if (m->type == WT_SSL2_SERVER_HELLO) {
        struct wt_ssl2_server_hello hello;
        wt_ssl2_server_hello_read(&r, &context, &hello);
        wt_words_add(x, _("answers with %s"), wt_text_version(x, hello.version));
        wt_words_add(x, ngettext_("%zu cipher kind", "%zu cipher kinds", hello.cipher_specs.n / 3),
                     hello.cipher_specs.n / 3);
    }
}

static void alert(struct wt_text *x, const struct wt_row *row, const struct wt_message *m)
{
    struct wt_alert_body body;
    struct wt_error error;
    if (wt_rows_is_hidden(m) || wt_alert_decode(m->body, NULL, &body, &error) != WT_OK) {
        size_t last = x->c->message_count - 1;
        wt_words_add(x, "%s",
                     x->c->state == WT_ESTABLISHED &&
                             (row->first == last || x->c->messages[last].content_type == WT_CONTENT_ALERT)
                         ? _("usually close_notify at this point")
                         : _("description not visible without keys"));
        return;
    }
    const struct wt_explain_alert *explained = wt_explain_alert(body.description);
    if (explained)
        /* TRANSLATORS: level, name and meaning of an alert: "fatal bad_record_mac: a record fails its check" */
        wt_words_add(x, _("%s %s: %s"), wt_text_name(x, WT_REG_ALERT_LEVEL, body.level),
                     wt_text_name(x, WT_REG_ALERT, body.description), _(explained->brief));
    else
        wt_words_add(x, "%s %s", wt_text_name(x, WT_REG_ALERT_LEVEL, body.level),
                     wt_text_name(x, WT_REG_ALERT, body.description));
}

static void change_cipher_spec(struct wt_text *x, const struct wt_message *m)
{
    const struct wt_suite *suite = x->c->has_suite ? wt_suite_find(x->c->cipher_suite) : NULL;
    if (m->flags & WT_MESSAGE_REPEATED)
        return;
    if (wt_version_is_tls13(x->c->version) || wt_version_is_tls13(m->shape.version))
        wt_words_add(x, "%s", _("middlebox compatibility only; changes nothing"));
    else if (suite && suite->cipher == WT_CIPHER_NULL)
        wt_words_add(x, "%s", _("cipher suite active, but NULL does not encrypt"));
    else
        wt_words_add(x, "%s",
                     m->from == WT_CLIENT ? _("client encrypts from here on") : _("server encrypts from here on"));
}

/* RFC 8446, 5.2: two bytes of alert, one of content type, the tag. Its size is all that shows of a hidden alert. */
static bool alert_sized(const struct wt_text *x, const struct wt_row *row)
{
    const struct wt_suite *suite = x->c->has_suite ? wt_suite_find(x->c->cipher_suite) : NULL;
    return wt_version_is_tls13(x->c->version) && suite && suite->cipher < WT_CIPHER_COUNT &&
           row->data[row->from].records == 1 && !row->opened[row->from].records &&
           row->data[row->from].bytes == 3u + wt_cipher_of((enum wt_cipher_id)suite->cipher)->tag;
}

static void hidden13(struct wt_text *x, const struct wt_row *row)
{
    const struct wt_connection *c = x->c;
    bool psk = c->resumption == WT_RESUMPTION_PSK;
    char room[48];
    wt_words_add(
        x, ngettext_("%" PRIu64 " record, %s", "%" PRIu64 " records, %s", (unsigned long)row->data[row->from].records),
        row->data[row->from].records, wt_amount(room, row->data[row->from].bytes));
    if (c->decryption != WT_DECRYPTION_NONE)
        wt_words_add(x, "%s", _("not decrypted: handshake messages, possibly followed by data"));
    else if (row->from == WT_SERVER)
        wt_words_add(x, "%s",
                     psk ? _("encrypted: EncryptedExtensions, Finished, possibly more")
                         : _("encrypted: EncryptedExtensions … Finished, possibly data"));
    else if (c->early_data != WT_EARLY_NONE)
        wt_words_add(x, "%s", _("encrypted: early data, Finished, possibly more data"));
    else if (c->state == WT_FAILED)
        wt_words_add(x, "%s", _("encrypted: Finished or an alert"));
    else
        wt_words_add(x, "%s", _("encrypted: up to Finished, possibly followed by data"));
}

static void whole_message(struct wt_text *x, const struct wt_row *row, const struct wt_message *m,
                          const struct wt_message_body *decoded)
{
    struct wt_message_body body WT_UNINITIALIZED;
    struct wt_error error;
    struct wt_codec_context context = wt_text_context(m);
    char text[400] WT_UNINITIALIZED;
    switch (m->content_type) {
    case WT_CONTENT_HANDSHAKE:
        if (wt_rows_is_alien(m)) {
            wt_words_add(x, ngettext_("%u byte", "%u bytes", m->length), m->length);
        } else if (wt_rows_is_hidden(m) || !(m->flags & WT_MESSAGE_TYPED)) {
            wt_words_add(x, "%s",
                         row->finished_here   ? _("Finished (inferred from position)")
                         : row->renegotiation ? _("encrypted: part of a renegotiation")
                         : x->c->decryption   ? _("not decrypted")
                                              : _("encrypted"));
        } else if (m->flags & WT_MESSAGE_SSL2) {
            ssl2(x, m);
        } else if (decoded) {
            handshake(x, m, decoded);
        } else {
            memset(&body, 0, sizeof body);
            (void)wt_message_decode(&context, m->type, m->body, NULL, &body, &error);
            handshake(x, m, &body);
        }
        break;
    case WT_CONTENT_ALERT:
        alert(x, row, m);
        break;
    case WT_CONTENT_CHANGE_CIPHER_SPEC:
        change_cipher_spec(x, m);
        break;
    case WT_CONTENT_HEARTBEAT:
        wt_words_add(x, _("%u bytes in the record"), m->length);
        break;
    default:
        break;
    }
    wt_text_proof_words(x, m);
    if (m->flags & WT_MESSAGE_CUT)
        wt_words_add(x, "%s", _("partly missing from the capture"));
    if (m->flags & WT_MESSAGE_UNEXPECTED)
        wt_words_add(x, "%s", _("unexpected at this point"));
    if (m->flags & WT_MESSAGE_REPEATED)
        wt_words_add(x, "%s", _("sent again"));
    if (m->flags & WT_MESSAGE_MALFORMED) {
        (void)wt_error_format(&m->error, text, sizeof text);
        wt_words_add(x, _("malformed: %s"), wt_text_string(x, text, 240));
    }
}

/* "3 records, 1.2 kB": of what was opened the plaintext counts. */
static void amount(struct wt_text *x, const struct wt_row *row)
{
    const struct wt_data_count *d = &row->data[row->from], *opened = &row->opened[row->from];
    char room[48];
    if (opened->records && opened->records == d->records)
        wt_words_add(x,
                     ngettext_("%" PRIu64 " record, %s of plaintext", "%" PRIu64 " records, %s of plaintext",
                               (unsigned long)d->records),
                     d->records, wt_amount(room, opened->bytes));
    else
        wt_words_add(x, ngettext_("%" PRIu64 " record, %s", "%" PRIu64 " records, %s", (unsigned long)d->records),
                     d->records, wt_amount(room, d->bytes));
    if (!opened->records && x->c->decryption != WT_DECRYPTION_NONE)
        wt_words_add(x, "%s", _("not decrypted"));
}

static void amounts_both(struct wt_text *x, const struct wt_row *row)
{
    const struct wt_data_count *d = row->data, *opened = row->opened;
    bool plain = opened[0].records == d[0].records && opened[1].records == d[1].records;
    char room[48], other[48];
    wt_words_add(x, _("%" PRIu64 " records, %s →"), d[WT_CLIENT].records,
                 wt_amount(room, plain ? opened[WT_CLIENT].bytes : d[WT_CLIENT].bytes));
    wt_words_add(x, _("← %" PRIu64 " records, %s"), d[WT_SERVER].records,
                 wt_amount(other, plain ? opened[WT_SERVER].bytes : d[WT_SERVER].bytes));
    if (plain)
        wt_words_add(x, "%s", _("plaintext"));
}

const char *wt_text_remark(struct wt_text *x, const struct wt_row *row)
{
    return wt_text_remark_of(x, row, NULL);
}

const char *wt_text_remark_of(struct wt_text *x, const struct wt_row *row, const struct wt_message_body *body)
{
    const struct wt_message *m = &x->c->messages[row->first];
    wt_words_clear(x);
    switch (row->kind) {
    case WT_ROW_MESSAGE:
        whole_message(x, row, m, body);
        break;
    case WT_ROW_DATA:
    case WT_ROW_EARLY:
        amount(x, row);
        if (row->kind == WT_ROW_DATA && alert_sized(x, row))
            wt_words_add(x, "%s", _("possibly an alert (by size)"));
        if (row->kind == WT_ROW_EARLY)
            wt_words_add(x, "%s", _("sent before the server's reply (0-RTT)"));
        break;
    case WT_ROW_EXCHANGES:
        amounts_both(x, row);
        break;
    case WT_ROW_HIDDEN:
        hidden13(x, row);
        break;
    default:
        break;
    }
    return x->words.n ? wt_words_get(x) : NULL;
}
