/* Why an endpoint's connection failed, as the observer would report it: the finding that the engine has named, with its
 * sentence and what to do about it. */
#include "base/format.h"
#include "base/i18n.h"
#include "base/memory.h"
#include "diagnosis/findings.h"
#include "endpoint/engine.h"

enum { TEXT = 1024 };

static const struct wt_finding_row *row_of(const char *id)
{
    for (size_t i = 0; i < WT_FINDING_COUNT; i++) {
        const struct wt_finding_row *row = wt_finding_row((enum wt_finding_id)i);
        if (!strcmp(row->id, id))
            return row;
    }
    return NULL;
}

/* The certificate that a finding is about. */
static const char *certificate(const struct wt_endpoint *e)
{
    const struct wt_certificate_facts *leaf = e->certificate_count ? e->certificates[0] : NULL;
    const struct wt_judgement *v = e->judgement;
    for (size_t i = 0; v && i < WT_CHAIN_FAULTS; i++)
        if (v->faults & 1u << i && v->point[i].who) {
            leaf = v->point[i].who;
            break;
        }
    if (!leaf)
        return "";
    return leaf->common_name ? leaf->common_name : leaf->subject ? leaf->subject : "";
}

static const char *side_name(unsigned side)
{
    return side == WT_CLIENT ? _("the client") : _("the server");
}

/* What was seen, for the place that the row's sentence has for it. */
static const char *evidence(const struct wt_endpoint *e, const char *id, char *out, size_t size)
{
    if (!strcmp(id, "certificate-host-mismatch"))
        return e->host ? e->host : "";
    if (!strcmp(id, "certificate-chain-incomplete"))
        return e->judgement && e->judgement->missing ? e->judgement->missing : certificate(e);
    if (!strncmp(id, "certificate-", 12))
        return certificate(e);
    if (!strcmp(id, "malformed-message") && e->failure.error.code != WT_OK) {
        (void)wt_error_format(&e->failure.error, out, size);
        return out;
    }
    if (!strcmp(id, "signature-mismatch"))
        return wt_registry_name(WT_REG_HANDSHAKE_TYPE, e->failure.message);
    if (e->failure.message && !strcmp(id, "unexpected-message"))
        return wt_registry_name(WT_REG_HANDSHAKE_TYPE, e->failure.message);
    return side_name(e->peer);
}

const struct wt_finding *wt_endpoint_why(struct wt_endpoint *e)
{
    char here[TEXT];
    const struct wt_finding_row *row = e->failure.id ? row_of(e->failure.id) : NULL;
    if (!row)
        return NULL;
    if (!e->why_text && !(e->why_text = wt_malloc(TEXT)))
        return NULL;
    const uint64_t *n = e->failure.number;
    const char *seen = evidence(e, row->id, here, sizeof here);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)wt_format(e->why_text, TEXT, _(row->text), seen, n[0], n[1]); /* a row of ours: findings.def */
#pragma GCC diagnostic pop
    e->finding = (struct wt_finding){
        .id = row->id,
        .severity = row->severity,
        .text = e->why_text,
        .advice = row->advice ? _(row->advice) : NULL,
        .noticed = (uint8_t)(e->failure.sent == (e->side == WT_CLIENT) ? WT_NOTICED_BY_CLIENT : WT_NOTICED_BY_SERVER),
    };
    return &e->finding;
}
