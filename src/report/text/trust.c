/* What the server's certificates were judged to be: a few calm lines under their list; what is wrong stands in the
 * findings. */
#include "report/text/trust.h"

#include "report/text/names.h"
#include "report/text/text.h"
#include "report/text/verdicts.h"
#include "report/text/words.h"

#include <inttypes.h>
#include <stdio.h>

static void line(struct wt_text *x, enum wt_style style, const char *words)
{
    wt_term_style(&x->term, style);
    wt_term_paragraph(&x->term, 8, x->prose, words);
    wt_term_style(&x->term, WT_STYLE_PLAIN);
}

static void chain(struct wt_text *x)
{
    const struct wt_proof_verdict *v = &x->c->proofs[WT_PROOF_CHAIN];
    const struct wt_certificate_facts *root = x->c->path_count ? x->c->path[x->c->path_count - 1] : NULL;
    enum wt_style style;
    (void)wt_text_proof_mark(x->c, WT_PROOF_CHAIN, &style);
    wt_words_clear(x);
    if (v->result == WT_PROOF_OK && root)
        wt_words_add(x, _("✓\u00a0trusted: chains to %s"), wt_text_string(x, root->subject, 160));
    else if (v->result == WT_PROOF_BAD && v->reason && wt_text_proof_is_grave(x->c, WT_PROOF_CHAIN))
        wt_words_add(x, _("✗\u00a0not trusted: %s"), _(v->reason));
    else if (v->result == WT_PROOF_BAD && v->reason)
        wt_words_add(x, _("not trusted: %s"), _(v->reason));
    else if (v->result == WT_PROOF_UNKNOWN && v->reason)
        wt_words_add(x, _("trust not evaluated: %s"), _(v->reason));
    if (x->words.n)
        line(x, v->result == WT_PROOF_UNKNOWN ? WT_STYLE_DIM : style, wt_words_get(x));
}

static void host(struct wt_text *x)
{
    const struct wt_proof_verdict *v = &x->c->proofs[WT_PROOF_HOST_NAME];
    enum wt_style style;
    (void)wt_text_proof_mark(x->c, WT_PROOF_HOST_NAME, &style);
    wt_words_clear(x);
    if (v->result == WT_PROOF_OK)
        wt_words_add(x, "%s", _("✓\u00a0matches the requested host name"));
    else if (v->result == WT_PROOF_BAD)
        wt_words_add(x, "%s", _("✗\u00a0does not match the requested host name"));
    if (x->words.n)
        line(x, style, wt_words_get(x));
}

static void ocsp(struct wt_text *x)
{
    const struct wt_ocsp *o = &x->c->ocsp;
    if (!o->stapled)
        return;
    wt_words_clear(x);
    wt_words_add(x, "%s",
                 o->status == WT_OCSP_GOOD      ? _("stapled OCSP response: good")
                 : o->status == WT_OCSP_REVOKED ? _("stapled OCSP response: revoked")
                 : o->status == WT_OCSP_UNKNOWN ? _("stapled OCSP response: unknown to the responder")
                                                : _("stapled OCSP response: not about this certificate"));
    if (o->this_update && o->next_update)
        wt_words_add(x, _("valid %s to %s"), wt_text_date(x, o->this_update), wt_text_date(x, o->next_update));
    if (o->verified.result == WT_PROOF_OK)
        wt_words_add(x, "✓\u00a0%s", _("signature verified"));
    else if (o->verified.reason)
        wt_words_add(x, "%s", _(o->verified.reason));
    bool good = o->status == WT_OCSP_GOOD && o->verified.result == WT_PROOF_OK;
    line(x,
         good                                     ? WT_STYLE_GOOD
         : o->verified.result == WT_PROOF_UNKNOWN ? WT_STYLE_DIM
                                                  : WT_STYLE_WARN,
         wt_words_get(x));
}

static void scts(struct wt_text *x)
{
    const struct wt_scts *s = &x->c->scts;
    unsigned all = (unsigned)s->certificate + s->extension + s->ocsp;
    if (!all)
        return;
    wt_words_clear(x);
    wt_words_add(x, ngettext_("%u signed certificate timestamp (SCT)", "%u signed certificate timestamps (SCTs)", all),
                 all);
    if (s->judged && s->verified)
        wt_words_add(x, _("%u verified with a known log's key"), (unsigned)s->verified);
    if (s->judged && s->bad)
        wt_words_add(x, _("%u with an INVALID signature"), (unsigned)s->bad);
    if (s->judged && s->unknown_log)
        wt_words_add(x, _("%u from unknown logs"), (unsigned)s->unknown_log);
    line(x, s->bad ? WT_STYLE_WARN : WT_STYLE_DIM, wt_words_get(x));
}

static void delegated(struct wt_text *x)
{
    const struct wt_delegated *d = &x->c->delegated;
    if (!d->present)
        return;
    wt_words_clear(x);
    if (d->valid_until)
        wt_words_add(x, _("signed with a delegated credential, valid until %s"), wt_text_date(x, d->valid_until));
    else
        wt_words_add(x, "%s", _("signed with a delegated credential"));
    if (d->verified.result == WT_PROOF_OK)
        wt_words_add(x, "✓\u00a0%s", _("credential signed by the certificate"));
    else if (d->verified.reason)
        wt_words_add(x, "✗\u00a0%s", _(d->verified.reason));
    line(x, d->verified.result == WT_PROOF_OK ? WT_STYLE_GOOD : WT_STYLE_WARN, wt_words_get(x));
}

void wt_text_trust(struct wt_text *x)
{
    chain(x);
    host(x);
    ocsp(x);
    scts(x);
    delegated(x);
}
