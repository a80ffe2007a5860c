/* What does not hold comes first: a reader who stops after the head of a story must not take it for a healthy one. */
#include "report/text/verdicts.h"

#include "report/text/findings.h"
#include "report/text/proofs.h"
#include "report/text/words.h"

#include <inttypes.h>
#include <stdio.h>

/* Findings that say what the proof of a chain or of a host name says. */
static const struct {
    enum wt_proof proof;
    const char *id;
} sayings[] = {
    {WT_PROOF_HOST_NAME, "certificate-host-mismatch"},
    {WT_PROOF_CHAIN, "certificate-expired"},
    {WT_PROOF_CHAIN, "certificate-not-yet-valid"},
    {WT_PROOF_CHAIN, "certificate-self-signed"},
    {WT_PROOF_CHAIN, "certificate-unknown-issuer"},
    {WT_PROOF_CHAIN, "certificate-chain-incomplete"},
    {WT_PROOF_CHAIN, "certificate-wrong-purpose"},
    {WT_PROOF_CHAIN, "certificate-weak"},
    {WT_PROOF_CHAIN, "certificate-revoked"},
    {WT_PROOF_CHAIN, "certificate-bad-signature"},
    {WT_PROOF_SERVER_SIGNATURE, "signature-mismatch"},
    {WT_PROOF_CLIENT_SIGNATURE, "signature-mismatch"},
    {WT_PROOF_SERVER_FINISHED, "finished-mismatch"},
    {WT_PROOF_CLIENT_FINISHED, "finished-mismatch"},
    {WT_PROOF_PSK_BINDER, "psk-mismatch"},
};

static bool is_host_or_chain(enum wt_proof proof)
{
    return proof == WT_PROOF_CHAIN || proof == WT_PROOF_HOST_NAME;
}

/* A client's certificate has findings of the same ids: they are of another packet. */
static bool says(const struct wt_connection *c, const struct wt_finding *f, enum wt_proof proof)
{
    uint32_t frame = c->proofs[proof].frame;
    if (is_host_or_chain(proof) && f->frame && frame && f->frame != frame && f->severity != WT_FATAL)
        return false;
    for (size_t i = 0; f->id && i < sizeof sayings / sizeof *sayings; i++)
        if (sayings[i].proof == proof && strcmp(sayings[i].id, f->id) == 0)
            return true;
    return false;
}

const struct wt_finding *wt_text_proof_finding(const struct wt_connection *c, enum wt_proof proof)
{
    const struct wt_finding *worst = NULL;
    for (size_t i = 0; i < c->finding_count; i++)
        if (says(c, &c->findings[i], proof) && (!worst || c->findings[i].severity > worst->severity))
            worst = &c->findings[i];
    return worst;
}

bool wt_text_proof_is_grave(const struct wt_connection *c, enum wt_proof proof)
{
    const struct wt_finding *f = wt_text_proof_finding(c, proof);
    /* signatures, Finished and binders have no other side's trust store to depend on */
    return c->proofs[proof].result == WT_PROOF_BAD && (!is_host_or_chain(proof) || (f && f->severity > WT_NOTICE));
}

const char *wt_text_proof_mark(const struct wt_connection *c, enum wt_proof proof, enum wt_style *style)
{
    const struct wt_finding *f = wt_text_proof_finding(c, proof);
    if (c->proofs[proof].result == WT_PROOF_OK) {
        *style = WT_STYLE_GOOD;
        return "✓";
    }
    if (!wt_text_proof_is_grave(c, proof)) {
        *style = c->proofs[proof].result == WT_PROOF_BAD ? WT_STYLE_DIM : WT_STYLE_WARN;
        return "–";
    }
    *style = f ? wt_text_severity_style(f->severity) : WT_STYLE_BAD;
    return "✗";
}

const struct wt_finding *wt_text_worst(const struct wt_connection *c)
{
    for (size_t i = 0; i < c->finding_count; i++)
        if (c->findings[i].severity == WT_ERROR)
            return &c->findings[i];
    return NULL;
}

/* --- the head ----------------------------------------------------------------------------------------------------- */

static void line(struct wt_text *x, unsigned indent, enum wt_style style, const char *text)
{
    wt_term_to(&x->term, indent);
    wt_term_style(&x->term, style);
    wt_term_wrap(&x->term, indent, x->term.columns, text);
    wt_term_style(&x->term, WT_STYLE_PLAIN);
    wt_term_end(&x->term);
}

static void failed_proof(struct wt_text *x, unsigned indent, enum wt_proof proof)
{
    const struct wt_connection *c = x->c;
    const struct wt_proof_verdict *v = &c->proofs[proof];
    const struct wt_finding *f = wt_text_proof_finding(c, proof);
    enum wt_style style;
    const char *name = wt_text_proof_name(proof), *reason = v->reason ? _(v->reason) : NULL;
    char room[600];
    if (f && f->severity == WT_FATAL && is_host_or_chain(proof)) /* it is the cause, right above */
        return;
    (void)wt_text_proof_mark(c, proof, &style);
    wt_words_clear(x);
    if (!wt_text_proof_is_grave(c, proof))
        wt_words_add(x, _("–\u00a0%s: not verified: %s"), name, reason ? reason : "?");
    else if (reason)
        wt_words_add(x, _("✗\u00a0%s: verification failed: %s"), name, reason);
    else
        wt_words_add(x, _("✗\u00a0%s: verification failed"), name);
    (void)snprintf(room, sizeof room, "%s", wt_words_get(x));
    if (v->frame && wt_text_proof_is_grave(c, proof))
        (void)snprintf(room, sizeof room, _("%s (packet %" PRIu32 ")"), wt_words_get(x), v->frame);
    line(x, indent, style, room);
}

/* Errors that no line above has named, each id once. */
static bool is_named(const struct wt_connection *c, size_t i)
{
    const struct wt_finding *f = &c->findings[i];
    for (unsigned proof = 0; proof < WT_PROOF_COUNT; proof++)
        if (c->proofs[proof].result == WT_PROOF_BAD && says(c, f, (enum wt_proof)proof))
            return true;
    for (size_t k = 0; k < i; k++)
        if (c->findings[k].severity >= WT_ERROR && strcmp(c->findings[k].id, f->id) == 0)
            return true;
    return false;
}

static void other_errors(struct wt_text *x, unsigned indent)
{
    const struct wt_connection *c = x->c;
    char room[700];
    wt_words_clear(x);
    for (size_t i = 0; i < c->finding_count; i++)
        if (c->findings[i].severity == WT_ERROR && !is_named(c, i))
            wt_words_add(x, "%s", c->findings[i].id);
    if (!x->words.n)
        return;
    (void)snprintf(room, sizeof room, "✗\u00a0%s", wt_words_get(x));
    line(x, indent, WT_STYLE_BAD, room);
}

void wt_text_head_failed(struct wt_text *x, unsigned indent)
{
    const struct wt_connection *c = x->c;
    enum wt_proof order[WT_PROOF_COUNT] = {0};
    wt_text_proof_order(c, order);
    for (int grave = 1; grave >= 0; grave--) {
        for (unsigned i = 0; i < WT_PROOF_COUNT; i++)
            if (c->proofs[order[i]].result == WT_PROOF_BAD && wt_text_proof_is_grave(c, order[i]) == grave)
                failed_proof(x, indent, order[i]);
        if (grave)
            other_errors(x, indent);
    }
}
