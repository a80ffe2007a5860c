/* What keys decrypted, and whether signatures, Finished and binders are valid. */
#include "report/text/proofs.h"

#include "base/format.h"
#include "report/text/names.h"
#include "report/text/text.h"
#include "report/text/verdicts.h"
#include "report/text/words.h"

#include <inttypes.h>

/* Which message carries a proof, what it is called, and over what it is made. */
static const struct {
    uint8_t side;
    const char *name, *holds, *fails;
} proofs[WT_PROOF_COUNT] = {
    [WT_PROOF_SERVER_SIGNATURE] = {WT_SERVER, N_("server signature"), N_("signature verified"),
                                   N_("signature INVALID")},
    [WT_PROOF_CLIENT_SIGNATURE] = {WT_CLIENT, N_("client signature"), N_("signature verified"),
                                   N_("signature INVALID")},
    [WT_PROOF_CLIENT_FINISHED] = {WT_CLIENT, N_("client Finished"), N_("verified"), N_("INVALID")},
    [WT_PROOF_SERVER_FINISHED] = {WT_SERVER, N_("server Finished"), N_("verified"), N_("INVALID")},
    [WT_PROOF_PSK_BINDER] = {WT_CLIENT, N_("PSK binder"), N_("PSK binder verified"), N_("PSK binder INVALID")},
    [WT_PROOF_CHAIN] = {WT_SERVER, N_("certificate chain"), N_("trusted"), N_("certificate chain not valid")},
    [WT_PROOF_HOST_NAME] = {WT_SERVER, N_("host name"), N_("host name matches"), N_("host name mismatch")},
};

static bool carries(const struct wt_message *m, enum wt_proof proof)
{
    if (m->content_type != WT_CONTENT_HANDSHAKE || !(m->flags & WT_MESSAGE_TYPED) || m->flags & WT_MESSAGE_SSL2 ||
        m->from != proofs[proof].side)
        return false;
    switch (proof) {
    case WT_PROOF_SERVER_SIGNATURE:
        return m->type == WT_HANDSHAKE_CERTIFICATE_VERIFY || m->type == WT_HANDSHAKE_SERVER_KEY_EXCHANGE;
    case WT_PROOF_CLIENT_SIGNATURE:
        return m->type == WT_HANDSHAKE_CERTIFICATE_VERIFY;
    case WT_PROOF_PSK_BINDER:
        return m->type == WT_HANDSHAKE_CLIENT_HELLO;
    case WT_PROOF_CHAIN: /* these are shown with the certificates */
    case WT_PROOF_HOST_NAME:
        return false;
    default:
        return m->type == WT_HANDSHAKE_FINISHED;
    }
}

/* In the order in which they were sent. */
void wt_text_proof_order(const struct wt_connection *c, enum wt_proof order[WT_PROOF_COUNT])
{
    for (unsigned i = 0; i < WT_PROOF_COUNT; i++)
        order[i] = (enum wt_proof)i;
    for (unsigned i = 1; i < WT_PROOF_COUNT; i++)
        for (unsigned at = i; at && c->proofs[order[at - 1]].frame > c->proofs[order[at]].frame; at--) {
            enum wt_proof later = order[at - 1];
            order[at - 1] = order[at];
            order[at] = later;
        }
}

int wt_text_proof_of(const struct wt_text *x, const struct wt_message *m)
{
    for (unsigned i = 0; i < WT_PROOF_COUNT; i++) {
        const struct wt_proof_verdict *v = &x->c->proofs[i];
        /* of several handshakes' messages the packet shows which one was verified */
        if (v->result != WT_PROOF_ABSENT && v->frame == m->frame && carries(m, (enum wt_proof)i))
            return (int)i;
    }
    return -1;
}

bool wt_text_proof_is_bad(const struct wt_text *x, const struct wt_message *m)
{
    int proof = wt_text_proof_of(x, m);
    return proof >= 0 && x->c->proofs[proof].result == WT_PROOF_BAD;
}

void wt_text_proof_words(struct wt_text *x, const struct wt_message *m)
{
    int proof = wt_text_proof_of(x, m);
    if (proof < 0)
        return;
    const struct wt_proof_verdict *v = &x->c->proofs[proof];
    if (v->result == WT_PROOF_OK)
        wt_words_add(x, "✓\u00a0%s", _(proofs[proof].holds));
    else if (v->result == WT_PROOF_BAD && v->reason)
        wt_words_add(x, _("✗\u00a0%s: %s"), _(proofs[proof].fails), _(v->reason));
    else if (v->result == WT_PROOF_BAD)
        wt_words_add(x, "✗\u00a0%s", _(proofs[proof].fails));
    else if (v->reason)
        wt_words_add(x, _("not verified: %s"), _(v->reason));
    else
        wt_words_add(x, "%s", _("not verified"));
}

/* --- the head -------------------------------------------------------------------------------------------------------
 */

static void paragraph(struct wt_text *x, unsigned indent, enum wt_style style, const char *text)
{
    wt_term_to(&x->term, indent);
    wt_term_style(&x->term, style);
    wt_term_wrap(&x->term, indent, x->term.columns, text);
    wt_term_style(&x->term, WT_STYLE_PLAIN);
    wt_term_end(&x->term);
}

static const char *opened_how(const struct wt_connection *c)
{
    switch (c->decryption) {
    case WT_DECRYPTION_KEYLOG:
        return _("decrypted with the key log");
    case WT_DECRYPTION_DSB:
        return _("decrypted with secrets embedded in the capture");
    case WT_DECRYPTION_RSA_KEY:
        return _("decrypted with the server's RSA key");
    case WT_DECRYPTION_SM2_KEY:
        return _("decrypted with the SM2 key of the server's encryption certificate");
    case WT_DECRYPTION_PSK:
        return _("decrypted with the pre-shared key");
    case WT_DECRYPTION_NULL:
        return _("not encrypted: NULL cipher");
    default:
        return NULL;
    }
}

static void opened(struct wt_text *x, unsigned indent)
{
    const struct wt_connection *c = x->c;
    const char *how = opened_how(c);
    uint64_t records = c->plaintext[0].opened + c->plaintext[1].opened;
    uint64_t failed = c->plaintext[0].failed + c->plaintext[1].failed;
    char room[400];
    wt_words_clear(x);
    if (how)
        wt_words_add(x, "%s", how);
    if (how && records && c->quic)
        wt_words_add(x,
                     ngettext_("%" PRIu64 " packet decrypted", "%" PRIu64 " packets decrypted", (unsigned long)records),
                     records);
    else if (how && records)
        wt_words_add(x,
                     ngettext_("%" PRIu64 " record decrypted", "%" PRIu64 " records decrypted", (unsigned long)records),
                     records);
    if (failed && c->quic)
        wt_words_add(x,
                     ngettext_("%" PRIu64 " packet failed to decrypt", "%" PRIu64 " packets failed to decrypt",
                               (unsigned long)failed),
                     failed);
    else if (failed)
        wt_words_add(x,
                     ngettext_("%" PRIu64 " record failed to decrypt", "%" PRIu64 " records failed to decrypt",
                               (unsigned long)failed),
                     failed);
    if (x->words.n)
        paragraph(x, indent, failed ? WT_STYLE_WARN : WT_STYLE_PLAIN, wt_words_get(x));
    if (!c->not_decrypted)
        return;
    /* the reason may name a file or quote the wire */
    (void)wt_format(room, sizeof room, how ? _("partially decrypted: %s") : _("not decrypted: %s"),
                    wt_text_string(x, c->not_decrypted, 300));
    paragraph(x, indent, how || failed ? WT_STYLE_WARN : WT_STYLE_DIM, room);
}

/* What does not hold has a line of its own each and comes first; what holds is one calm line. */
void wt_text_head_keys(struct wt_text *x, unsigned indent)
{
    const struct wt_connection *c = x->c;
    enum wt_proof order[WT_PROOF_COUNT] = {0};
    char room[600];
    wt_text_head_failed(x, indent);
    opened(x, indent);
    wt_text_proof_order(c, order);
    wt_words_clear(x);
    for (unsigned i = 0; i < WT_PROOF_COUNT; i++)
        if (c->proofs[order[i]].result == WT_PROOF_OK)
            wt_words_add(x, "%s", _(proofs[order[i]].name));
    if (x->words.n) {
        /* TRANSLATORS: a list follows: "verified: server signature, client Finished" */
        (void)wt_format(room, sizeof room, _("✓\u00a0verified: %s"), wt_words_get(x));
        paragraph(x, indent, WT_STYLE_GOOD, room);
    }
}

const char *wt_text_proof_name(enum wt_proof proof)
{
    return _(proofs[proof].name);
}
