#include "report/explain/headers.h"

#include "registry/registry.h"
#include "report/explain/datagrams.h"
#include "report/explain/explain.h"
#include "report/text/names.h"
#include "report/text/rows.h"

#include <inttypes.h>
#include <stdio.h>

#define VALUE_AT 30u /* as the fields have it */

/* "record header         16 0301 00c1" and what that says below it. */
static void row(struct wt_text *x, const char *name, const char *bytes, const char *meaning)
{
    struct wt_term *t = &x->term;
    wt_term_to(t, WT_EXPLAIN_FIELD);
    wt_term_style(t, WT_STYLE_CLIENT);
    wt_term_text(t, name);
    wt_term_style(t, WT_STYLE_PLAIN);
    wt_term_text(t, "  ");
    wt_term_to(t, VALUE_AT);
    if (bytes) {
        wt_term_style(t, WT_STYLE_DIM);
        wt_term_text(t, bytes);
        wt_term_style(t, WT_STYLE_PLAIN);
        wt_term_end(t);
        wt_term_to(t, VALUE_AT);
    }
    wt_term_wrap(t, VALUE_AT, x->prose, meaning);
    wt_term_end(t);
}

/* Before the hellos nobody knows that it is SSL 2.0's two or three bytes but by these. */
static void record_header(struct wt_text *x, const struct wt_record_seen *r)
{
    const uint8_t *h = r->header;
    char bytes[24], line[256];
    if (r->header_length == 5) {
        (void)snprintf(bytes, sizeof bytes, "%02x %02x%02x %02x%02x", h[0], h[1], h[2], h[3], h[4]);
        /* TRANSLATORS: type, version and length are the RFC's names of fields */
        (void)snprintf(line, sizeof line, _("type %u %s, version 0x%04x %s, length %" PRIu32), r->type,
                       wt_text_name(x, WT_REG_CONTENT_TYPE, r->type), r->version, wt_text_version(x, r->version),
                       r->length);
    } else {
        (void)snprintf(bytes, sizeof bytes, r->header_length == 2 ? "%02x%02x" : "%02x%02x%02x", h[0], h[1], h[2]);
        (void)snprintf(line, sizeof line, _("length %" PRIu32 "; SSL 2.0 has neither type nor version here"),
                       r->length);
    }
    row(x, _("record header"), bytes, line);
}

/* RFC 8446, 5.2: "struct { opaque content[TLSPlaintext.length]; ContentType type; uint8 zeros[length_of_padding]; }
 * TLSInnerPlaintext;" and what the cipher adds to it. */
static void opened13(struct wt_text *x, const struct wt_record_seen *r)
{
    uint32_t inside = r->plaintext_length + 1 + r->padding_length;
    char line[400];
    (void)snprintf(line, sizeof line,
                   _("%" PRIu32 " bytes of ciphertext → %" PRIu32
                     " of content, 1 of inner content type, 0x%02x %s, %" PRIu32 " of padding (zeros), %" PRIu32
                     " of tag (RFC 8446, 5.2 and 5.4)"),
                   r->length, r->plaintext_length, r->inner_type, wt_text_name(x, WT_REG_CONTENT_TYPE, r->inner_type),
                   r->padding_length, r->length > inside ? r->length - inside : 0);
    row(x, _("decrypted"), NULL, line);
}

/* RFC 5246, 6.2.3: a nonce or an IV before the content, a MAC, padding or a tag after it. */
static void opened12(struct wt_text *x, const struct wt_record_seen *r)
{
    const struct wt_connection *c = x->c;
    const struct wt_suite *s = c->has_suite ? wt_suite_find(c->cipher_suite) : NULL;
    const struct wt_cipher *cipher =
        s && s->cipher < WT_CIPHER_COUNT ? wt_cipher_of((enum wt_cipher_id)s->cipher) : NULL;
    uint32_t inside = r->plaintext_length + r->padding_length, rest = r->length > inside ? r->length - inside : 0;
    char line[400];
    if (cipher && cipher->tag && rest >= cipher->tag)
        (void)snprintf(line, sizeof line,
                       _("%" PRIu32 " bytes of record → %" PRIu32 " of nonce, %" PRIu32 " of content, %u of tag (RFC "
                         "5246, 6.2.3.3)"),
                       r->length, rest - cipher->tag, r->plaintext_length, cipher->tag);
    else
        (void)snprintf(line, sizeof line,
                       _("%" PRIu32 " bytes of record → %" PRIu32 " of content, %" PRIu32
                         " of padding with its length byte, "
                         "%" PRIu32 " of MAC and, if each record has its own, IV (RFC 5246, 6.2.3)"),
                       r->length, r->plaintext_length, r->padding_length, rest);
    row(x, _("decrypted"), NULL, line);
}

static void handshake_header(struct wt_text *x, const struct wt_message *m)
{
    char bytes[16], line[160];
    unsigned type = m->flags & WT_MESSAGE_RETRY ? WT_HANDSHAKE_SERVER_HELLO : m->type;
    (void)snprintf(bytes, sizeof bytes, "%02x %06" PRIx32, type, m->length & 0xffffff);
    /* TRANSLATORS: msg_type and length are the RFC's names of fields */
    (void)snprintf(line, sizeof line, _("msg_type %u %s, length %" PRIu32), type,
                   wt_text_name(x, WT_REG_HANDSHAKE_TYPE, type), m->length);
    row(x, _("handshake header"), bytes, line);
}

/* A message after another one in the same record has that one's header. */
static void record(struct wt_text *x, const struct wt_message *m)
{
    const struct wt_message_piece *p = m->piece_count ? &m->pieces[0] : NULL;
    const struct wt_record_seen *r = wt_connection_record(x->c, (enum wt_side)m->from, p ? p->record : m->record);
    char line[160];
    if (!r || (!p && m->records > 1))
        return;
    if (p && p->inside) {
        (void)snprintf(line, sizeof line, _("in the record of the message before, from byte %" PRIu32 " on"),
                       p->inside);
        row(x, _("record header"), NULL, line);
        return;
    }
    record_header(x, r);
    if (r->opened && wt_version_is_tls13(m->shape.version))
        opened13(x, r);
    else if (r->opened)
        opened12(x, r);
}

/* The record that completes it. */
static void dtls_record(struct wt_text *x, const struct wt_message *m)
{
    const struct wt_dtls_story *d = x->c->dtls;
    for (size_t i = 0; i < d->list_count; i++) {
        const struct wt_dtls_record_seen *r = &d->list[i];
        if (r->from != m->from || r->number != m->record)
            continue;
        wt_explain_record(x, r);
        return;
    }
}

void wt_explain_headers(struct wt_text *x, const struct wt_message *m)
{
    bool handshake = m->content_type == WT_CONTENT_HANDSHAKE && m->flags & WT_MESSAGE_TYPED && !wt_rows_is_hidden(m);
    if (x->c->dtls) {
        dtls_record(x, m);
        return;
    }
    record(x, m);
    if (handshake && !(m->flags & (WT_MESSAGE_SSL2 | WT_MESSAGE_CUT)))
        handshake_header(x, m);
}
