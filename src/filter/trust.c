/* What fields are in alerts, findings, certificates and what was judged of them. */
#include "filter/fields.h"
#include "filter/values.h"
#include "story/times.h"
#include "story/words.h"

void wt_filter_alert(struct wt_filter_values *v, const struct wt_connection *c, int what)
{
    for (size_t i = 0; i < c->alert_count; i++) {
        const struct wt_alert_seen *a = &c->alerts[i];
        if (what == ALERT_FRAME)
            wt_filter_add_some(v, a->frame);
        else if (what == ALERT_FROM)
            wt_filter_add_text(v, wt_words_side(a->from));
        else if (a->readable)
            wt_filter_add_number(v, what == ALERT_LEVEL ? a->level : a->description);
    }
}

static const char *finding_text(const struct wt_finding *f, int what)
{
    switch (what) {
    case FINDING_TEXT:
        return f->text;
    case FINDING_ADVICE:
        return f->advice;
    case FINDING_FAULT:
        return wt_words_fault(f);
    case FINDING_NOTICED_BY:
        return wt_words_noticed_by(f);
    default: /* FINDING_CERTAINTY */
        return wt_words_certainty(f);
    }
}

void wt_filter_finding(struct wt_filter_values *v, const struct wt_connection *c, int what)
{
    for (size_t i = 0; i < c->finding_count; i++) {
        const struct wt_finding *f = &c->findings[i];
        if (what == FINDING_ID)
            wt_filter_add_text(v, f->id);
        else if (what == FINDING_SEVERITY)
            wt_filter_add_text(v, wt_words_severity(f));
        else if (what == FINDING_FRAME)
            wt_filter_add_some(v, f->frame);
        else if (what == FINDING_MESSAGE)
            wt_filter_add_text(v, wt_words_finding_message(c, f));
        else
            wt_filter_add_text(v, finding_text(f, what));
    }
}

static void strings(struct wt_filter_values *v, const struct wt_text_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        wt_filter_add_text(v, l->items[i]);
}

static void timestamps(struct wt_filter_values *v, const struct wt_certificate_facts *f, int what)
{
    for (size_t i = 0; i < f->sct_count; i++)
        if (what == CERT_SCT_LOG)
            wt_filter_add_bytes(v, wt_span_of(f->scts[i].log_id, sizeof f->scts[i].log_id));
        else
            wt_filter_add_number(v, what == CERT_SCT_TIME ? wt_sct_ns(&f->scts[i]) : f->scts[i].version);
}

static void extensions(struct wt_filter_values *v, const struct wt_certificate_facts *f, int what)
{
    switch (what) {
    case CERT_CA:
        wt_filter_add_number(v, f->is_ca);
        break;
    case CERT_SELF_ISSUED:
        wt_filter_add_number(v, f->self_issued);
        break;
    case CERT_KEY_USAGE:
        strings(v, &f->key_usage);
        break;
    case CERT_EXTENDED_KEY_USAGE:
        strings(v, &f->extended_key_usage);
        break;
    case CERT_PATH_LENGTH:
        if (f->is_ca && f->path_length >= 0)
            wt_filter_add_number(v, f->path_length);
        break;
    case CERT_PERMITTED:
        strings(v, &f->permitted_names);
        break;
    case CERT_EXCLUDED:
        strings(v, &f->excluded_names);
        break;
    case CERT_OCSP_URLS:
        strings(v, &f->ocsp_urls);
        break;
    case CERT_ISSUER_URLS:
        strings(v, &f->issuer_urls);
        break;
    case CERT_CRL_URLS:
        strings(v, &f->crl_urls);
        break;
    case CERT_POLICIES:
        strings(v, &f->policies);
        break;
    case CERT_SUBJECT_KEY_ID:
    case CERT_AUTHORITY_KEY_ID:
        wt_filter_add_text(v, what == CERT_SUBJECT_KEY_ID ? f->subject_key_id : f->authority_key_id);
        break;
    case CERT_MUST_STAPLE:
        wt_filter_add_number(v, f->must_staple);
        break;
    default:
        timestamps(v, f, what);
        break;
    }
}

static void facts(struct wt_filter_values *v, const struct wt_certificate_facts *f, int what)
{
    switch (what) {
    case CERT_SUBJECT:
        wt_filter_add_text(v, f->subject);
        break;
    case CERT_ISSUER:
        wt_filter_add_text(v, f->issuer);
        break;
    case CERT_SERIAL:
        wt_filter_add_text(v, f->serial);
        break;
    case CERT_NOT_BEFORE:
        wt_filter_add_number(v, wt_seconds_ns(f->not_before));
        break;
    case CERT_NOT_AFTER:
        wt_filter_add_number(v, wt_seconds_ns(f->not_after));
        break;
    case CERT_SAN:
        for (size_t i = 0; i < f->san_count; i++)
            wt_filter_add_text(v, f->san[i]);
        break;
    case CERT_KEY_TYPE:
        wt_filter_add_text(v, f->key_type);
        break;
    case CERT_KEY_BITS:
        wt_filter_add_number(v, f->key_bits);
        break;
    case CERT_KEY_CURVE:
        wt_filter_add_text(v, f->key_curve);
        break;
    case CERT_SIGNATURE:
        wt_filter_add_text(v, f->signature_algorithm);
        break;
    default:
        extensions(v, f, what);
        break;
    }
}

static void chain(struct wt_filter_values *v, const struct wt_connection *c, int side, int what)
{
    for (size_t i = 0; i < c->certificate_count[side]; i++) {
        const struct wt_certificate_facts *f = c->certificates[side][i];
        if (what == CERT_SHA256)
            wt_filter_add_bytes(v, wt_span_of(f->sha256, sizeof f->sha256));
        else if (what == CERT_SHA1)
            wt_filter_add_bytes(v, wt_span_of(f->sha1, sizeof f->sha1));
        else if (what == CERT_LENGTH)
            wt_filter_add_number(v, f->length);
        else if (f->parsed)
            facts(v, f, what);
    }
}

void wt_filter_certificate(struct wt_filter_values *v, const struct wt_connection *c, int what)
{
    int side = what & (CLIENT_CERTIFICATE | SERVER_CERTIFICATE);
    if (side != CLIENT_CERTIFICATE)
        chain(v, c, WT_SERVER, what & 255);
    if (side != SERVER_CERTIFICATE)
        chain(v, c, WT_CLIENT, what & 255);
}

/* --- what else was judged ----------------------------------------------------------------------------------------- */

static void moment(struct wt_filter_values *v, int64_t seconds)
{
    if (seconds)
        wt_filter_add_number(v, wt_seconds_ns(seconds));
}

static void staple(struct wt_filter_values *v, const struct wt_ocsp *o, int what)
{
    if (!o->stapled)
        return;
    if (what == OCSP_STATUS)
        wt_filter_add_text(v, wt_words_ocsp(o));
    else if (what == OCSP_VERIFIED)
        wt_filter_add_text(v, wt_words_verdict(&o->verified));
    else
        moment(v, what == OCSP_THIS_UPDATE ? o->this_update : what == OCSP_NEXT_UPDATE ? o->next_update : o->revoked_at);
}

/* As the contract has them: those of a place only where there are any, verdicts only where logs were given. */
static void timestamps_seen(struct wt_filter_values *v, const struct wt_scts *s, int what)
{
    if (what == SCTS_CERTIFICATE || what == SCTS_EXTENSION || what == SCTS_OCSP)
        wt_filter_add_some(v, what == SCTS_CERTIFICATE ? s->certificate
                              : what == SCTS_EXTENSION ? s->extension
                                                       : s->ocsp);
    else if (s->judged && (s->certificate || s->extension || s->ocsp))
        wt_filter_add_number(v, what == SCTS_VERIFIED ? s->verified : what == SCTS_BAD ? s->bad : s->unknown_log);
}

static void delegated(struct wt_filter_values *v, const struct wt_delegated *d, int what)
{
    if (!d->present)
        return;
    if (what == DELEGATED_SCHEME)
        wt_filter_add_some(v, d->scheme);
    else if (what == DELEGATED_UNTIL)
        moment(v, d->valid_until);
    else
        wt_filter_add_text(v, wt_words_verdict(&d->verified));
}

void wt_filter_trust(struct wt_filter_values *v, const struct wt_connection *c, int what)
{
    switch (what) {
    case CHAIN_SUBJECTS:
        for (size_t i = 0; c->proofs[WT_PROOF_CHAIN].result == WT_PROOF_OK && i < c->path_count; i++)
            wt_filter_add_text(v, c->path[i]->subject);
        break;
    case DELEGATED_SCHEME:
    case DELEGATED_UNTIL:
    case DELEGATED_VERIFIED:
        delegated(v, &c->delegated, what);
        break;
    case OCSP_STATUS:
    case OCSP_THIS_UPDATE:
    case OCSP_NEXT_UPDATE:
    case OCSP_REVOKED_AT:
    case OCSP_VERIFIED:
        staple(v, &c->ocsp, what);
        break;
    default:
        timestamps_seen(v, &c->scts, what);
        break;
    }
}
