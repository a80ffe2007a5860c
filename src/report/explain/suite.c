/* A cipher suite taken apart: key exchange, authentication, cipher, hash. */
#include "report/explain/suite.h"

#include "codec/ext/ext.h"
#include "registry/registry.h"
#include "report/explain/explain.h"
#include "report/explain/tables.h"
#include "report/text/names.h"
#include "report/text/rows.h"
#include "report/text/text.h"

#include <stdio.h>

static const char *translated(const char *text)
{
    return text ? _(text) : NULL;
}

const char *wt_explain_suite_brief(struct wt_text *x, uint16_t id)
{
    static _Thread_local char room[160];
    const struct wt_suite *s = wt_suite_find(id);
    if (!s || s->cipher >= WT_CIPHER_COUNT)
        return NULL;
    const struct wt_kx_info *kx = wt_kx_info_of((enum wt_kx)s->kx);
    const struct wt_auth_info *auth = wt_auth_info_of((enum wt_auth)s->auth);
    const struct wt_cipher *cipher = wt_cipher_of((enum wt_cipher_id)s->cipher);
    const struct wt_hash_info *hash = wt_hash_info_of((enum wt_hash_id)(s->mac ? s->mac : s->prf));
    (void)x;
    if (s->kx == WT_KX_TLS13)
        (void)snprintf(room, sizeof room, "%s · %s", cipher ? cipher->name : "?", hash ? hash->name : "?");
    else
        (void)snprintf(room, sizeof room, "%s · %s · %s · %s", kx ? kx->name : "?", auth ? auth->name : "?",
                       cipher ? cipher->name : "?", hash ? hash->name : "?");
    return room;
}

static void part(struct wt_text *x, unsigned indent, const char *what, const char *name, const char *text)
{
    struct wt_term *t = &x->term;
    unsigned column = indent + 2 + 16;
    wt_term_to(t, indent + 2);
    wt_term_style(t, WT_STYLE_DIM);
    wt_term_text(t, what);
    wt_term_style(t, WT_STYLE_PLAIN);
    wt_term_text(t, " ");
    wt_term_to(t, column);
    wt_term_style(t, WT_STYLE_BOLD);
    wt_term_text(t, name);
    wt_term_style(t, WT_STYLE_PLAIN);
    if (text) {
        wt_term_text(t, _(": "));
        wt_term_wrap(t, column, x->prose, text);
    }
    wt_term_end(t);
}

/* What the suite's last word is for: that differs by version and by kind of cipher. */
static const char *hash_role(const struct wt_text *x, const struct wt_suite *s)
{
    if (s->kx == WT_KX_TLS13)
        return _("the hash for HKDF, which derives all secrets, and for the transcript. Records need none: the cipher "
                 "authenticates them itself.");
    if (s->mac && x->c->version == WT_TLCP)
        return _("the hash for the HMAC that protects each record, for the PRF, which derives the keys, and for the "
                 "transcript.");
    if (s->mac && x->c->version == WT_TLS12)
        return _("the hash for the HMAC that protects each record. The PRF uses SHA-256 unless the suite specifies a "
                 "longer one (RFC 5246, 5).");
    if (s->mac && x->c->version == WT_SSL3)
        return _("the hash for the MAC that protects each record, in SSL 3.0's own construction. Keys are derived with "
                 "MD5 and SHA-1 together.");
    if (s->mac)
        return _("the hash for the HMAC that protects each record. Up to TLS 1.1 keys are derived with MD5 and SHA-1 "
                 "together, regardless of the suite.");
    if (s->prf)
        return _("the hash for the PRF, which derives the keys and computes verify_data. Records need none: the cipher "
                 "authenticates them itself.");
    return _("none: records are not authenticated.");
}

void wt_explain_suite(struct wt_text *x, uint16_t id, unsigned indent)
{
    const struct wt_suite *s = wt_suite_find(id);
    char line[256];
    (void)snprintf(line, sizeof line, _("Cipher suite: %s (0x%04x)"), wt_text_name(x, WT_REG_CIPHER_SUITE, id), id);
    wt_explain_say(x, indent, line);
    if (!s || s->cipher >= WT_CIPHER_COUNT) {
        wt_explain_say(x, indent + 2, _("Not in any known registry."));
        return;
    }
    const struct wt_kx_info *kx = wt_kx_info_of((enum wt_kx)s->kx);
    const struct wt_auth_info *auth = wt_auth_info_of((enum wt_auth)s->auth);
    const struct wt_cipher *cipher = wt_cipher_of((enum wt_cipher_id)s->cipher);
    const struct wt_hash_info *hash = wt_hash_info_of((enum wt_hash_id)(s->mac ? s->mac : s->prf));
    if (kx)
        part(x, indent, _("key exchange"), kx->name, translated(wt_explain_key_exchange((enum wt_kx)s->kx)));
    if (auth)
        part(x, indent, _("authentication"), auth->name, translated(wt_explain_authentication((enum wt_auth)s->auth)));
    if (cipher)
        part(x, indent, _("cipher"), cipher->name, translated(wt_explain_cipher((enum wt_cipher_id)s->cipher)));
    if (hash)
        part(x, indent, _("hash"), hash->name, hash_role(x, s));
    if (s->rfc) {
        (void)snprintf(line, sizeof line,
                       s->recommended ? _("Defined in %s; recommended by IANA.")
                                      : _("Defined in %s; not recommended by IANA."),
                       s->rfc);
        wt_explain_say(x, indent + 2, line);
    }
}

/* --- signalling values ----------------------------------------------------------------------------------------------
 */

static bool is_handshake(const struct wt_message *m, unsigned from, uint8_t type)
{
    return m->from == from && m->content_type == WT_CONTENT_HANDSHAKE && m->flags & WT_MESSAGE_TYPED &&
           !(m->flags & (WT_MESSAGE_SSL2 | WT_MESSAGE_RETRY)) && m->type == type;
}

/* Decodes a hello; false when it breaks its format. */
static bool decode(const struct wt_message *m, struct wt_message_body *body)
{
    struct wt_codec_context context = wt_text_context(m);
    struct wt_error error;
    memset(body, 0, sizeof *body);
    return wt_message_decode(&context, m->type, m->body, NULL, body, &error) == WT_OK;
}

bool wt_explain_offered(const struct wt_text *x, const struct wt_message *before, uint16_t id)
{
    const struct wt_message *hello = NULL;
    struct wt_message_body body;
    for (const struct wt_message *m = x->c->messages; m < before; m++)
        if (is_handshake(m, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO))
            hello = m;
    return hello && decode(hello, &body) && wt_codes_have(body.client_hello.cipher_suites, id);
}

/* The server's answer to this hello, as far as it came: its ServerHello, or a fatal alert. */
struct answer {
    bool hello, renegotiation_info, fallback_refused;
    uint16_t version;
};

static struct answer answer_to(const struct wt_text *x, const struct wt_message *hello)
{
    const struct wt_message *end = x->c->messages + x->c->message_count;
    struct wt_message_body body;
    struct wt_alert_body alert;
    struct wt_error error;
    struct answer a = {0};
    for (const struct wt_message *m = hello + 1; m < end && !a.hello; m++) {
        if (is_handshake(m, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO))
            break;
        if (m->from == WT_SERVER && m->content_type == WT_CONTENT_ALERT && !wt_rows_is_hidden(m) &&
            wt_alert_decode(m->body, NULL, &alert, &error) == WT_OK)
            a.fallback_refused = a.fallback_refused || alert.description == WT_ALERT_INAPPROPRIATE_FALLBACK;
        if (!is_handshake(m, WT_SERVER, WT_HANDSHAKE_SERVER_HELLO) || !decode(m, &body))
            continue;
        a.hello = true;
        a.version = m->shape.version;
        a.renegotiation_info =
            wt_extensions_find(&body.server_hello.extensions, WT_EXT_RENEGOTIATION_INFO, &(struct wt_span){0});
    }
    return a;
}

/* RFC 5746, 3.3: the SCSV "has the same semantics as an empty "renegotiation_info" extension"; 3.4: "If the extension
 * is not present, the server does not support secure renegotiation". */
static const char *renegotiation(const struct answer *a)
{
    if (a->hello && wt_version_is_tls13(a->version))
        return _(
            "Not a suite, and never selected: it says the same as an empty renegotiation_info extension (RFC 5746, "
            "3.3). The server selected TLS 1.3, which has no renegotiation, so its ServerHello does not answer it.");
    if (a->hello && a->renegotiation_info)
        return _(
            "Not a suite, and never selected: it says the same as an empty renegotiation_info extension (RFC 5746, "
            "3.3). The ServerHello answers it with renegotiation_info: both sides support secure renegotiation.");
    if (a->hello)
        return _(
            "Not a suite, and never selected: it says the same as an empty renegotiation_info extension (RFC 5746, "
            "3.3). The ServerHello has no renegotiation_info: this server does not support secure renegotiation.");
    return _(
        "Not a suite, and never selected: it says the same as an empty renegotiation_info extension (RFC 5746, 3.3). "
        "No ServerHello answers it here.");
}

/* RFC 7507, 3: "If TLS_FALLBACK_SCSV appears in ClientHello.cipher_suites and the highest protocol version supported by
 * the server is higher than the version indicated in ClientHello.client_version, the server MUST respond with a fatal
 * inappropriate_fallback alert". */
static const char *fallback(const struct answer *a)
{
    if (a->fallback_refused)
        return _(
            "Not a suite, and never selected: the client repeats a failed attempt with a lower version (RFC 7507). "
            "The server supports a higher one and refuses with inappropriate_fallback.");
    if (a->hello)
        return _(
            "Not a suite, and never selected: the client repeats a failed attempt with a lower version (RFC 7507). "
            "The server goes on: it supports no higher version, or does not know this value.");
    return _("Not a suite, and never selected: the client repeats a failed attempt with a lower version (RFC 7507). A "
             "server that supports a higher one must refuse with inappropriate_fallback.");
}

const char *wt_explain_scsv(struct wt_text *x, const struct wt_message *hello, uint16_t id)
{
    if (!wt_suite_is_signal(id))
        return NULL;
    struct answer a = answer_to(x, hello);
    return id == WT_SCSV_FALLBACK ? fallback(&a) : renegotiation(&a);
}
