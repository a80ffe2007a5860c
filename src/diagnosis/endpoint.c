/* Why an endpoint's connection failed, as the observer would report it: the finding that the engine has named, with its
 * sentence and what to do about it. */
#include "base/format.h"
#include "base/i18n.h"
#include "base/memory.h"
#include "diagnosis/findings.h"
#include "endpoint/exchange12.h"

#include <inttypes.h>

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

/* Where a sentence begins with it. */
static const char *side_name_first(unsigned side)
{
    return side == WT_CLIENT ? _("The client") : _("The server");
}

/* The message, or the record where it was none of the handshake's. */
static const char *what_came(const struct wt_endpoint *e)
{
    const char *name = e->failure.message ? wt_registry_name(WT_REG_HANDSHAKE_TYPE, e->failure.message)
                                          : wt_registry_name(WT_REG_CONTENT_TYPE, e->failure.content);
    return name ? name : side_name(e->peer);
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
    if (!strcmp(id, "signature-mismatch") || !strcmp(id, "unexpected-message") || !strcmp(id, "malformed-message"))
        return what_came(e);
    return side_name(e->peer);
}

/* Whose fault it is, by the beginning of the id. */
static const struct {
    const char *id;
    uint8_t fault; /* enum wt_fault */
} faults[] = {
    {"no-shared-", WT_FAULT_BOTH},
    {"certificate-", WT_FAULT_SERVER},
    {"client-", WT_FAULT_CLIENT},
    {"peer-not-tls", WT_FAULT_SERVER},
    {"finished-mismatch", WT_FAULT_BETWEEN},
    {"record-corrupted", WT_FAULT_BETWEEN},
    {"downgrade-detected", WT_FAULT_BETWEEN},
};

static bool begins(const char *id, const char *with)
{
    return !strncmp(id, with, strlen(with));
}

static uint8_t fault_of(const struct wt_endpoint *e, const char *id)
{
    static const char *const accused[] = {"malformed-message", "unexpected-message", "signature-mismatch",
                                          "message-too-long", "record-boundary-lost"};
    const bool ours = e->failure.sent; /* it was we who refused */
    const unsigned other = ours ? e->peer : e->side;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        if (begins(id, faults[i].id))
            return faults[i].fault;
    for (size_t i = 0; i < sizeof accused / sizeof *accused; i++)
        if (!strcmp(id, accused[i]))
            return (uint8_t)(other == WT_CLIENT ? WT_FAULT_CLIENT : WT_FAULT_SERVER);
    return WT_FAULT_NONE;
}

/* Where the row's sentence is that of somebody who looks on. */
static const struct {
    const char *id, *text;
} own[] = {
    {"record-corrupted",
     N_("A record from %s fails authentication: its bytes were modified, or the two sides have different keys.")},
    {"finished-mismatch",
     N_("The Finished of %s does not match the handshake: the two sides have not seen the same messages.")},
    {"record-boundary-lost", N_("Where a TLS record should start, %s sent something else.")},
    {"peer-not-tls", N_("The server answered with something that is not TLS.")},
    {"message-too-long",
     N_("%s announced a handshake message of %" PRIu64 " bytes, more than the limit of %" PRIu64 ".")},
};

static const char *const excesses[] = {
#define WT_EXCESS(id, alert, finding, text) [WT_EXCESS_##id] = text,
#include "endpoint/excess.def"
#undef WT_EXCESS
};

static const char *text_of(const struct wt_endpoint *e, const struct wt_finding_row *row)
{
    if (e->failure.excess)
        return excesses[e->failure.excess];
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (!strcmp(own[i].id, row->id))
            return own[i].text;
    /* up to TLS 1.2 there is no binder: what shows is a record under keys that are not ours */
    if (!strcmp(row->id, "psk-mismatch") && wt_exchange12_has_psk(e))
        return N_(
            "A record from %s cannot be decrypted: the pre-shared key is probably not the same on both sides, or its "
            "identity is unknown.");
    return row->text;
}

/* What a client's alert says of the server's certificate, where the server cannot see what the client has seen. */
static const struct {
    const char *id, *text;
} told[] = {
    {"certificate-expired", N_("To the client the server's certificate has expired or is not valid yet.")},
    {"certificate-not-yet-valid", N_("To the client the server's certificate has expired or is not valid yet.")},
    {"certificate-self-signed", N_("The client does not trust the server's certificate, which is self-signed.")},
    {"certificate-unknown-issuer", N_("The client does not trust the issuer of the server's certificate.")},
    {"certificate-chain-incomplete",
     N_("The client finds no way from the server's certificate to what it trusts: the server leaves out an "
        "intermediate certificate.")},
    {"certificate-host-mismatch", N_("The server's certificate is not for the name that the client has asked for.")},
    {"certificate-revoked", N_("To the client the server's certificate is revoked.")},
    {"certificate-wrong-purpose", N_("The client does not take the server's certificate for a server's.")},
    {"certificate-weak", N_("The server's certificate is too weak for the client.")},
    {"certificate-bad-signature", N_("To the client a signature in the server's chain is wrong.")},
};

static size_t say_told(const char *id, char *out)
{
    *out = '\0';
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        if (!strcmp(told[i].id, id))
            (void)wt_format(out, TEXT, "%s", _(told[i].text));
    return strlen(out);
}

/* The row's sentence, with what was seen. */
static size_t say_row(const struct wt_endpoint *e, const struct wt_finding_row *row, char *out, size_t size)
{
    char here[TEXT];
    const uint64_t *n = e->failure.number;
    const bool first = e->failure.excess || !strcmp(row->id, "message-too-long");
    const char *seen = first ? side_name_first(e->peer) : evidence(e, row->id, here, sizeof here);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)wt_format(out, size, _(text_of(e, row)), seen, n[0], n[1]); /* a row of ours */
#pragma GCC diagnostic pop
    return strlen(out);
}

/* What was wrong, as far as it is known here: a peer that sends an alert does not say what it has seen. */
static size_t say_what(const struct wt_endpoint *e, const struct wt_finding_row *row, char *out)
{
    if (e->failure.has_alert && !e->failure.sent && (strchr(row->text, '%') || begins(row->id, "rejected-by-")))
        return e->side == WT_SERVER ? say_told(row->id, out) : 0;
    size_t n = say_row(e, row, out, TEXT);
    const struct wt_finding_row *why = e->wrong_count ? row_of(e->wrong[0]) : NULL;
    if (!strcmp(row->id, "client-certificate-rejected") && why && n + 2 < TEXT) {
        out[n++] = ' ';
        n += say_row(e, why, out + n, TEXT - n);
    }
    return n;
}

/* RFC 8446, 6.2: which alert ended it, and whose. */
static void say_alert(const struct wt_endpoint *e, char *out, size_t size)
{
    const char *name = wt_registry_name(WT_REG_ALERT, e->failure.alert);
    const unsigned by = e->failure.sent ? e->side : e->peer;
    char number[8];
    (void)wt_format(number, sizeof number, "%u", e->failure.alert);
    (void)wt_format(out, size,
                    by == WT_CLIENT ? _("The client ended the connection with alert %s.")
                                    : _("The server ended the connection with alert %s."),
                    name ? name : number);
}

const struct wt_finding *wt_endpoint_why(struct wt_endpoint *e)
{
    const struct wt_finding_row *row = e->failure.id ? row_of(e->failure.id) : NULL;
    if (!row)
        return NULL;
    if (!e->why_text && !(e->why_text = wt_malloc(TEXT)))
        return NULL;
    size_t n = say_what(e, row, e->why_text);
    if (e->failure.has_alert && n + 2 < TEXT) {
        if (n && !(e->why_text[n - 1] & 0x80)) /* after a Chinese full stop there is none */
            e->why_text[n++] = ' ';
        say_alert(e, e->why_text + n, TEXT - n);
    }
    const bool by_us = e->failure.has_alert && e->failure.sent;
    const unsigned noticed = by_us || !e->failure.has_alert ? e->side : e->peer;
    e->finding = (struct wt_finding){
        .id = row->id,
        .severity = row->severity,
        .text = e->why_text,
        .advice = row->advice ? _(row->advice) : NULL,
        .fault = fault_of(e, row->id),
        .noticed = (uint8_t)(noticed == WT_CLIENT ? WT_NOTICED_BY_CLIENT : WT_NOTICED_BY_SERVER),
    };
    return &e->finding;
}
