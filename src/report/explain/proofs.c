/* What each proof covers, whether it was checked, and where the keys of a direction change. */
#include "report/explain/proofs.h"

#include "base/format.h"
#include "base/uninitialized.h"
#include "registry/registry.h"
#include "report/explain/explain.h"
#include "report/text/names.h"
#include "report/text/proofs.h"
#include "report/text/rows.h"
#include "report/text/text.h"
#include "report/text/verdicts.h"

#include <inttypes.h>

static bool is_tls13(const struct wt_text *x)
{
    return wt_version_is_tls13(x->c->version);
}

/* GB/T 38636-2020. NULL: as in TLS 1.2. */
static const char *over_tlcp(uint16_t cipher_suite, enum wt_proof proof)
{
    const struct wt_suite *suite = wt_suite_find(cipher_suite);
    switch (proof) {
    case WT_PROOF_SERVER_SIGNATURE:
        return suite && suite->kx == WT_KX_SM2
                   ? _("SM2 signature over client_random, server_random and the encryption certificate with its length "
                       "(GB/T 38636-2020, 6.4.5.4)")
                   : _("SM2 signature over client_random, server_random and the parameters of ServerKeyExchange "
                       "(GB/T 38636-2020, 6.4.5.4)");
    case WT_PROOF_CLIENT_SIGNATURE:
        return _("SM2 signature over the SM3 hash of all handshake messages before it (GB/T 38636-2020, 6.4.5.9)");
    case WT_PROOF_CLIENT_FINISHED:
    case WT_PROOF_SERVER_FINISHED:
        return _("PRF of the master secret, with SM3, over the hash of all handshake messages before it "
                 "(GB/T 38636-2020, 6.4.5.10)");
    default:
        return NULL;
    }
}

/* What the proof is made over: this differs by version. */
static const char *over(uint16_t version, uint16_t cipher_suite, enum wt_proof proof)
{
    const bool tls13 = wt_version_is_tls13(version);
    const char *own = version == WT_TLCP ? over_tlcp(cipher_suite, proof) : NULL;
    if (own)
        return own;
    switch (proof) {
    case WT_PROOF_SERVER_SIGNATURE:
        return tls13 ? _("signature over 64 spaces, the string \"TLS 1.3, server CertificateVerify\", a zero byte and "
                         "the transcript hash up to Certificate (RFC 8446, 4.4.3)")
                     : _("signature over client_random, server_random and the parameters of ServerKeyExchange (RFC "
                         "5246, 7.4.3)");
    case WT_PROOF_CLIENT_SIGNATURE:
        return tls13 ? _("signature over 64 spaces, the string \"TLS 1.3, client CertificateVerify\", a zero byte and "
                         "the transcript hash up to Certificate (RFC 8446, 4.4.3)")
                     : _("signature over all handshake messages before it (RFC 5246, 7.4.8)");
    case WT_PROOF_CHAIN:
        return _("each certificate against the key of the next, up to a trusted root; validity, key usage and "
                 "constraints (RFC 5280, 6.1)");
    case WT_PROOF_HOST_NAME:
        return _("the names in the server's certificate compared with the requested one (RFC 9525, 6)");
    case WT_PROOF_PSK_BINDER:
        return _("HMAC with a key derived from the PSK, over the hash of the ClientHello up to the binders (RFC 8446, "
                 "4.2.11.2)");
    default:
        if (tls13)
            return _("HMAC with a key derived from the sender's traffic secret, over the hash of all messages before "
                     "it (RFC 8446, 4.4.4)");
        return version == WT_SSL3
                   ? _("MD5 and SHA-1 over all handshake messages before it, the sender's mark and "
                       "the master secret (RFC 6101, 5.6.9)")
                   : _("PRF of the master secret over the hash of all handshake messages before it "
                       "(RFC 5246, 7.4.9)");
    }
}

static const char *why_it_matters(enum wt_proof proof)
{
    switch (proof) {
    case WT_PROOF_SERVER_SIGNATURE:
        return _("The sender owns the private key of the server's certificate and signed for this connection.");
    case WT_PROOF_CLIENT_SIGNATURE:
        return _("The sender owns the private key of the client's certificate.");
    case WT_PROOF_CHAIN:
        return _("A trusted CA vouches for the server's key.");
    case WT_PROOF_HOST_NAME:
        return _("The certificate belongs to the host that the client requested.");
    case WT_PROOF_PSK_BINDER:
        return _("The client knows the pre-shared key, and its hello was not modified.");
    default:
        return _("The sender has the keys and saw the same handshake, byte for byte.");
    }
}

uint16_t wt_explain_scheme(const struct wt_message *m)
{
    struct wt_codec_context context = wt_text_context(m);
    struct wt_message_body b;
    struct wt_error error;
    if (m->type != WT_HANDSHAKE_CERTIFICATE_VERIFY && m->type != WT_HANDSHAKE_SERVER_KEY_EXCHANGE)
        return 0;
    memset(&b, 0, sizeof b);
    (void)wt_message_decode(&context, m->type, m->body, NULL, &b, &error);
    if (m->type == WT_HANDSHAKE_CERTIFICATE_VERIFY)
        return b.certificate_verify.has_scheme ? b.certificate_verify.signature_scheme : 0;
    return b.server_key_exchange.has_scheme ? b.server_key_exchange.signature_scheme : 0;
}

static const char *scheme(struct wt_text *x, const struct wt_message *m, char room[80])
{
    const uint16_t code = wt_explain_scheme(m);
    (void)wt_format(room, 80, "%s%s", code ? wt_text_name(x, WT_REG_SIGNATURE_SCHEME, code) : "", code ? " " : "");
    return room;
}

void wt_explain_proof(struct wt_text *x, const struct wt_message *m)
{
    int proof = wt_text_proof_of(x, m);
    char line[900] WT_UNINITIALIZED, room[80];
    if (proof < 0)
        return;
    const struct wt_proof_verdict *v = &x->c->proofs[proof];
    const char *what = over(x->c->version, x->c->cipher_suite, (enum wt_proof)proof), *how = scheme(x, m, room);
    if (v->result == WT_PROOF_OK)
        (void)wt_format(line, sizeof line, _("✓\u00a0Verified: %s%s. %s"), how, what,
                       why_it_matters((enum wt_proof)proof));
    else if (v->result == WT_PROOF_BAD)
        (void)wt_format(line, sizeof line,
                       _("✗\u00a0Verification failed: %s (%s%s). The peer must abort the handshake here."),
                       v->reason ? _(v->reason) : "", how, what);
    else
        (void)wt_format(line, sizeof line, _("Not verified: %s. Method: %s%s."), v->reason ? _(v->reason) : "?", how,
                       what);
    wt_term_style(&x->term, v->result == WT_PROOF_OK    ? WT_STYLE_GOOD
                            : v->result == WT_PROOF_BAD ? WT_STYLE_BAD
                                                        : WT_STYLE_WARN);
    wt_explain_hang(x, WT_EXPLAIN_AT, WT_EXPLAIN_AT + 2, line);
    wt_term_style(&x->term, WT_STYLE_PLAIN);
}

void wt_explain_verdict_of(struct wt_explain_verdict *v, const struct wt_connection *c, enum wt_proof proof)
{
    enum wt_style style;
    memset(v, 0, sizeof *v); /* compared as bytes */
    v->reason = c->proofs[proof].reason;
    v->mark = wt_text_proof_mark(c, proof, &style);
    v->style = style;
    v->version = c->version;
    v->cipher_suite = c->version == WT_TLCP ? c->cipher_suite : 0;
    v->proof = (uint8_t)proof;
    v->verified = c->proofs[proof].result == WT_PROOF_OK;
    v->grave = wt_text_proof_is_grave(c, proof);
}

void wt_explain_verdict(struct wt_text *x, const struct wt_explain_verdict *v, uint32_t frame)
{
    struct wt_term *t = &x->term;
    const enum wt_proof proof = (enum wt_proof)v->proof;
    const char *reason = v->reason ? _(v->reason) : "?", *how = over(v->version, v->cipher_suite, proof);
    char line[900] WT_UNINITIALIZED;
    wt_term_style(t, (enum wt_style)v->style);
    wt_term_to(t, WT_EXPLAIN_AT);
    wt_term_text(t, v->mark);
    wt_term_text(t, " ");
    wt_term_text(t, wt_text_proof_name(proof));
    wt_term_style(t, WT_STYLE_PLAIN);
    if (frame) {
        char room[48];
        (void)wt_format(room, sizeof room, _(" (packet %" PRIu32 ")"), frame);
        wt_term_text(t, room);
    }
    (void)wt_format(line, sizeof line,
                    v->verified ? _(" verified: %s. %s")
                    : v->grave  ? _(": verification failed: %s. Method: %s.")
                                : _(": could not be verified: %s. Method: %s."),
                    v->verified ? how : reason, v->verified ? why_it_matters(proof) : how);
    wt_term_wrap(t, WT_EXPLAIN_AT + 2, x->prose, line);
    wt_term_end(t);
}

bool wt_explain_proofs_head(struct wt_text *x)
{
    bool any = false;
    for (unsigned i = 0; i < WT_PROOF_COUNT; i++)
        any = any || x->c->proofs[i].result != WT_PROOF_ABSENT;
    if (any)
        wt_text_headline(x, _("verification"));
    return any;
}

void wt_explain_proofs(struct wt_text *x)
{
    enum wt_proof order[WT_PROOF_COUNT] = {0};
    struct wt_explain_verdict v;
    if (!wt_explain_proofs_head(x))
        return;
    wt_text_proof_order(x->c, order);
    for (unsigned i = 0; i < WT_PROOF_COUNT; i++) {
        const struct wt_proof_verdict *verdict = &x->c->proofs[order[i]];
        if (verdict->result == WT_PROOF_ABSENT)
            continue;
        wt_explain_verdict_of(&v, x->c, order[i]);
        wt_explain_verdict(x, &v, verdict->frame);
    }
}

/* --- where keys change ----------------------------------------------------------------------------------------------
 */

static void change(struct wt_text *x, unsigned side, const char *text)
{
    struct wt_term *t = &x->term;
    wt_term_to(t, WT_EXPLAIN_AT);
    wt_term_style(t, side == WT_CLIENT ? WT_STYLE_CLIENT : WT_STYLE_SERVER);
    wt_term_text(t, _("Keys: "));
    wt_term_style(t, WT_STYLE_PLAIN);
    wt_term_wrap(t, WT_EXPLAIN_AT, x->prose, text);
    wt_term_end(t);
}

static void change12(struct wt_text *x, const struct wt_message *m, const struct wt_suite *s)
{
    const struct wt_cipher *cipher = wt_cipher_of((enum wt_cipher_id)s->cipher);
    bool client = m->from == WT_CLIENT;
    char line[400];
    if (s->cipher == WT_CIPHER_NULL)
        (void)wt_format(line, sizeof line,
                       client ? _("from here on the client's records have a MAC with client_write_MAC_key and are not "
                                  "encrypted; sequence numbers start at 0.")
                              : _("from here on the server's records have a MAC with server_write_MAC_key and are not "
                                  "encrypted; sequence numbers start at 0."));
    else
        (void)wt_format(line, sizeof line,
                       client ? _("from here on the client's records are encrypted with client_write_key (%s); "
                                  "sequence numbers start at 0.")
                              : _("from here on the server's records are encrypted with server_write_key (%s); "
                                  "sequence numbers start at 0."),
                       cipher ? cipher->name : "?");
    change(x, m->from, line);
}

static void change13(struct wt_text *x, const struct wt_message *m, const struct wt_suite *s)
{
    const struct wt_cipher *cipher = wt_cipher_of((enum wt_cipher_id)s->cipher);
    bool client = m->from == WT_CLIENT;
    const char *text = NULL;
    char line[500];
    if (m->type == WT_HANDSHAKE_SERVER_HELLO && !(m->flags & WT_MESSAGE_RETRY))
        text = x->c->early_data != WT_EARLY_NONE
                   ? _("from here on the server's records are encrypted with the key derived from "
                       "server_handshake_traffic_secret, sequence numbers start at 0; the client's records switch to "
                       "handshake keys after its early data")
                   : _("from here on the server's records are encrypted with the key derived from "
                       "server_handshake_traffic_secret, the client's with the one from "
                       "client_handshake_traffic_secret; sequence numbers start at 0");
    else if (m->type == WT_HANDSHAKE_END_OF_EARLY_DATA)
        text = _("from here on the client's records are encrypted with the key derived from "
                 "client_handshake_traffic_secret; sequence numbers start at 0");
    else if (m->type == WT_HANDSHAKE_FINISHED)
        text = client ? _("from here on the client's records are encrypted with the key derived from "
                          "client_application_traffic_secret_0; sequence numbers restart at 0")
                      : _("from here on the server's records are encrypted with the key derived from "
                          "server_application_traffic_secret_0; sequence numbers restart at 0");
    else if (m->type == WT_HANDSHAKE_KEY_UPDATE)
        text = client ? _("from here on the client's records are encrypted with the key derived from its next "
                          "application traffic secret; sequence numbers restart at 0")
                      : _("from here on the server's records are encrypted with the key derived from its next "
                          "application traffic secret; sequence numbers restart at 0");
    if (!text)
        return;
    /* TRANSLATORS: a sentence without its point, and the cipher */
    (void)wt_format(line, sizeof line, _("%s (%s)."), text, cipher ? cipher->name : "?");
    change(x, m->from, line);
}

void wt_explain_change(struct wt_text *x, const struct wt_message *m)
{
    const struct wt_suite *s = x->c->has_suite ? wt_suite_find(x->c->cipher_suite) : NULL;
    bool typed = m->content_type == WT_CONTENT_HANDSHAKE && m->flags & WT_MESSAGE_TYPED && !wt_rows_is_hidden(m);
    if (!s || s->cipher >= WT_CIPHER_COUNT || m->flags & WT_MESSAGE_SSL2)
        return;
    if (is_tls13(x) && typed)
        change13(x, m, s);
    else if (!is_tls13(x) && m->content_type == WT_CONTENT_CHANGE_CIPHER_SPEC)
        change12(x, m, s);
}
