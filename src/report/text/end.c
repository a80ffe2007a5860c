/* How the story ends: certificates, what was exchanged, and who closed. */
#include "report/text/end.h"

#include "report/text/datagrams.h"
#include "report/text/findings.h"
#include "report/text/names.h"
#include "report/text/text.h"
#include "report/text/trust.h"
#include "report/text/words.h"

#include <inttypes.h>
#include <stdio.h>

#define NAMES_TOLD 6u /* names of a certificate that are listed */
#define WHOLE 1024u

static void names_of(struct wt_text *x, const struct wt_certificate_facts *f)
{
    for (size_t i = 0; i < f->san_count && i < NAMES_TOLD; i++)
        wt_words_add(x, "%s", wt_text_string(x, f->san[i], WHOLE));
    if (f->san_count > NAMES_TOLD)
        wt_words_add(x, ngettext_("%zu more", "%zu more", f->san_count - NAMES_TOLD), f->san_count - NAMES_TOLD);
}

/* --- what the extensions say -------------------------------------------------------------------------------------- */

static void add_list(struct wt_text *x, const struct wt_text_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        wt_words_add(x, "%s", wt_text_string(x, l->items[i], WHOLE));
}

/* "for " and a list, hanging below its first word; nothing when there is none. */
static void labelled(struct wt_text *x, const char *label)
{
    if (!x->words.n)
        return;
    wt_term_to(&x->term, 8);
    wt_term_text(&x->term, label);
    wt_term_wrap(&x->term, 12, x->prose, wt_words_get(x));
    wt_term_end(&x->term);
}

static void listed(struct wt_text *x, const char *label, const struct wt_text_list *l)
{
    wt_words_clear(x);
    add_list(x, l);
    labelled(x, label);
}

static void timestamps(struct wt_text *x, const struct wt_certificate_facts *f)
{
    wt_words_clear(x);
    for (size_t i = 0; i < f->sct_count; i++) {
        const uint8_t *id = f->scts[i].log_id;
        /* TRANSLATORS: the start of a CT log's id, and the date of its timestamp */
        wt_words_add(x, _("log %02x%02x%02x%02x… of %s"), id[0], id[1], id[2], id[3],
                     wt_text_date(x, (int64_t)(f->scts[i].timestamp_ms / 1000)));
    }
    labelled(x, _("SCTs "));
}

/* What few need: with --explain. */
static void insides(struct wt_text *x, const struct wt_certificate_facts *f)
{
    wt_words_clear(x);
    wt_words_add(x, "%s", wt_text_string(x, f->serial, WHOLE));
    labelled(x, _("serial number "));
    listed(x, _("permitted names "), &f->permitted_names);
    listed(x, _("excluded names "), &f->excluded_names);
    listed(x, _("OCSP "), &f->ocsp_urls);
    listed(x, _("issuer's certificate "), &f->issuer_urls);
    listed(x, _("revocation list "), &f->crl_urls);
    listed(x, _("policies "), &f->policies);
    timestamps(x, f);
    wt_words_clear(x);
    if (f->subject_key_id)
        wt_words_add(x, "%s", wt_text_string(x, f->subject_key_id, WHOLE));
    labelled(x, _("key id "));
    wt_words_clear(x);
    if (f->authority_key_id)
        wt_words_add(x, "%s", wt_text_string(x, f->authority_key_id, WHOLE));
    labelled(x, _("issuer's key id "));
}

/* TLCP: which of the two it is. */
static void role(struct wt_text *x, unsigned side, size_t i)
{
    const struct wt_connection *c = x->c;
    const bool signs = i + 1 == c->signing_certificate[side];
    if (signs || i + 1 == c->encryption_certificate[side])
        wt_term_paragraph(&x->term, 8, x->prose, signs ? _("signing certificate") : _("encryption certificate"));
}

static void one_certificate(struct wt_text *x, unsigned side, size_t i, const struct wt_certificate_facts *f)
{
    struct wt_term *t = &x->term;
    char number[24];
    (void)snprintf(number, sizeof number, "%zu", i + 1);
    wt_term_right(t, 6, number);
    wt_term_text(t, "  ");
    if (!f->parsed) {
        wt_words_clear(x);
        wt_words_add(x, _("%" PRIu32 " bytes, not an X.509 certificate"), f->length);
        wt_term_wrap(t, 8, x->prose, wt_words_get(x));
        wt_term_end(t);
        return;
    }
    wt_term_style(t, WT_STYLE_BOLD);
    wt_term_wrap(t, 8, x->prose, wt_text_string(x, f->subject, WHOLE));
    wt_term_style(t, WT_STYLE_PLAIN);
    wt_term_end(t);
    role(x, side, i);
    wt_words_clear(x);
    if (f->self_issued)
        wt_words_add(x, "%s", _("self-issued"));
    else
        wt_words_add(x, _("issued by %s"), wt_text_string(x, f->issuer, WHOLE));
    wt_term_paragraph(t, 8, x->prose, wt_words_get(x));
    wt_words_clear(x);
    wt_words_add(x, _("valid %s to %s"), wt_text_date(x, f->not_before), wt_text_date(x, f->not_after));
    if (f->key_curve)
        wt_words_add(x, "%s %s", wt_text_string(x, f->key_type, 20), wt_text_string(x, f->key_curve, 20));
    else
        wt_words_add(x, _("%s key, %d bits"), wt_text_string(x, f->key_type, 20), f->key_bits);
    wt_words_add(x, _("signature %s"), wt_text_string(x, f->signature_algorithm, 40));
    if (f->is_ca)
        wt_words_add(x, "%s", _("CA certificate"));
    if (f->is_ca && f->path_length >= 0)
        wt_words_add(x, _("path length %d"), (int)f->path_length);
    if (f->must_staple)
        wt_words_add(x, "%s", _("requires a stapled OCSP response"));
    wt_term_paragraph(t, 8, x->prose, wt_words_get(x));
    wt_words_clear(x);
    names_of(x, f);
    labelled(x, _("for "));
    wt_words_clear(x);
    add_list(x, &f->key_usage);
    add_list(x, &f->extended_key_usage);
    /* TRANSLATORS: before what a certificate's key may be used for: "use digitalSignature, serverAuth" */
    labelled(x, _("use "));
    if (x->options->explain)
        insides(x, f);
}

static void certificates(struct wt_text *x, unsigned side)
{
    const struct wt_connection *c = x->c;
    if (!c->certificate_count[side])
        return;
    wt_text_headline(x, side == WT_SERVER ? _("server certificates") : _("client certificates"));
    for (size_t i = 0; i < c->certificate_count[side]; i++)
        one_certificate(x, side, i, c->certificates[side][i]);
    if (side == WT_SERVER)
        wt_text_trust(x);
}

static void amounts(struct wt_text *x)
{
    const struct wt_connection *c = x->c;
    char a[48], b[48];
    const struct wt_data_count *d = c->application_data;
    if (d[0].records + d[1].records == 0)
        return;
    /* RFC 8446, 5.2: "The outer opaque_type field of a TLSCiphertext record is always set to the value 23
     * (application_data)", the handshake's, too */
    bool mixed = wt_version_is_tls13(c->version) && c->decryption == WT_DECRYPTION_NONE;
    wt_words_add(x,
                 mixed ? _("encrypted, handshake and data: %s from the client, %s from the server")
                       : _("application data: %s from the client, %s from the server"),
                 wt_amount(a, d[0].bytes), wt_amount(b, d[1].bytes));
}

static void plaintext(struct wt_text *x)
{
    const struct wt_connection *c = x->c;
    char a[48], b[48];
    const struct wt_plaintext_count *p = c->plaintext;
    if (c->has_plaintext[WT_CLIENT] && c->has_plaintext[WT_SERVER])
        wt_words_add(x, _("%s and %s of plaintext"), wt_amount(a, p[WT_CLIENT].bytes),
                     wt_amount(b, p[WT_SERVER].bytes));
    else if (c->has_plaintext[WT_CLIENT])
        wt_words_add(x, _("%s of client plaintext"), wt_amount(a, p[WT_CLIENT].bytes));
    else if (c->has_plaintext[WT_SERVER])
        wt_words_add(x, _("%s of server plaintext"), wt_amount(a, p[WT_SERVER].bytes));
}

static void closing(struct wt_text *x)
{
    const struct wt_connection *c = x->c;
    bool fin[2] = {c->fin[WT_CLIENT], c->fin[WT_SERVER]};
    if (wt_text_dtls_closing(x))
        return;
    if (c->reset)
        wt_words_add(x, "%s", _("closed by TCP reset"));
    else if (fin[WT_CLIENT] && fin[WT_SERVER])
        wt_words_add(x, "%s", _("closed by both sides"));
    else if (fin[WT_CLIENT] || fin[WT_SERVER])
        wt_words_add(x, "%s", fin[WT_CLIENT] ? _("closed by the client") : _("closed by the server"));
    else
        wt_words_add(x, "%s", _("still open at the end of the capture"));
}

static void ending(struct wt_text *x)
{
    const struct wt_connection *c = x->c;
    char room[48];
    wt_words_clear(x);
    const bool over_udp = wt_text_datagram_end(x);
    if (!over_udp) {
        amounts(x);
        plaintext(x);
        closing(x);
    }
    if (c->end.ns > c->start.ns)
        wt_words_add(x, over_udp ? _("%s from first to last datagram") : _("%s from first to last TLS byte"),
                     wt_duration(room, c->end.ns - c->start.ns));
    wt_term_end(&x->term);
    wt_term_paragraph(&x->term, 3, x->prose, wt_words_get(x));
    for (unsigned side = 0; side < 2; side++) {
        if (!c->missing[side])
            continue;
        wt_words_clear(x);
        wt_words_add(x,
                     side == WT_CLIENT ? _("%" PRIu64 " bytes from the client are missing from the capture")
                                       : _("%" PRIu64 " bytes from the server are missing from the capture"),
                     c->missing[side]);
        wt_term_style(&x->term, WT_STYLE_WARN);
        wt_term_paragraph(&x->term, 3, x->prose, wt_words_get(x));
        wt_term_style(&x->term, WT_STYLE_PLAIN);
    }
}

void wt_text_end(struct wt_text *x)
{
    certificates(x, WT_SERVER);
    certificates(x, WT_CLIENT);
    ending(x);
    wt_text_findings(x);
}
