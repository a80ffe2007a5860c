/* Certificate: RFC 8446, 4.4.2; RFC 5246, 7.4.2; RFC 7250, 3; RFC 6101, 5.6.2. */
#include "codec/shape.h"

#define CERTIFICATE_TYPE_RAW_PUBLIC_KEY 2 /* RFC 7250, 3 */

/* RFC 8446, 4.4.2: "case RawPublicKey: ... opaque ASN1_subjectPublicKeyInfo<1..2^24-1>; case X509: opaque
 * cert_data<1..2^24-1>;" */
static const char *data_field(const struct wt_codec_context *c)
{
    return c->certificate_type == CERTIFICATE_TYPE_RAW_PUBLIC_KEY ? "ASN1_subjectPublicKeyInfo" : "cert_data";
}

static void read_list(struct wt_reader *r, const struct wt_codec_context *c, struct wt_certificate *out)
{
    /* RFC 6101, 5.6.2: "ASN.1Cert certificate_list<1..2^24-1>"; who has none sends the alert no_certificate. From
     * TLS 1.0 on the list may be empty. */
    size_t min = wt_shape_of(c->version) == WT_SHAPE_SSL3 ? 1 : 0;
    struct wt_reader list = wt_read_vector(r, "certificate_list", 3, min, 0xffffff, WT_TRAIL_LIST);
    struct wt_span all = {list.p, wt_reader_left(&list)};
    while (wt_reader_left(&list)) {
        if (!out->entry_extensions) {
            (void)wt_read_opaque(&list, data_field(c), 3, 1, 0xffffff, WT_TRAIL_BYTES);
            continue;
        }
        struct wt_extensions extensions;
        size_t mark = wt_read_enter(&list, "certificate_entry");
        (void)wt_read_opaque(&list, data_field(c), 3, 1, 0xffffff, WT_TRAIL_BYTES);
        wt_extensions_read(&list, c, WT_IN_CT, 0, &extensions);
        wt_read_leave(&list, mark);
    }
    if (wt_reader_ok(r))
        out->list = all;
}

void wt_certificate_read(struct wt_reader *r, const struct wt_codec_context *c, struct wt_certificate *out)
{
    *out = (struct wt_certificate){.tls13 = wt_shape_of(c->version) == WT_SHAPE_TLS13};
    if (out->tls13) {
        /* Draft 17 moved OCSP answers and SCTs into extensions of each entry; before, an entry was a certificate. */
        out->entry_extensions = wt_draft_of(c->version) >= 17;
        out->request_context = wt_read_opaque(r, "certificate_request_context", 1, 0, 255, WT_TRAIL_BYTES);
    } else if (c->certificate_type == CERTIFICATE_TYPE_RAW_PUBLIC_KEY) {
        /* RFC 7250, 3: "opaque ASN.1_subjectPublicKeyInfo<1..2^24-1>" stands in the place of the list. */
        out->raw_public_key = true;
        out->list = wt_read_opaque(r, data_field(c), 3, 1, 0xffffff, WT_TRAIL_BYTES);
        return;
    }
    read_list(r, c, out);
}

void wt_certificate_write(struct wt_writer *w, const struct wt_codec_context *c, const struct wt_certificate *in)
{
    bool some = in->raw_public_key || wt_shape_of(c->version) == WT_SHAPE_SSL3;
    if (in->tls13)
        wt_write_opaque(w, in->request_context, 1, 0, 255, "certificate_request_context");
    wt_write_opaque(w, in->list, 3, some ? 1 : 0, 0xffffff, "certificate_list");
}

bool wt_certificate_next(const struct wt_certificate *certificate, struct wt_span *rest,
                         struct wt_certificate_entry *entry)
{
    *entry = (struct wt_certificate_entry){0};
    if (rest->n == 0)
        return false;
    if (certificate->raw_public_key) {
        entry->data = *rest;
        *rest = (struct wt_span){0};
        return true;
    }
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, *rest, NULL);
    entry->data = wt_read_opaque(&r, "cert_data", 3, 1, 0xffffff, WT_TRAIL_BYTES);
    if (certificate->entry_extensions)
        entry->extensions = wt_read_opaque(&r, "extensions", 2, 0, 65535, WT_TRAIL_BYTES);
    *rest = (struct wt_span){r.p, wt_reader_left(&r)};
    return wt_reader_ok(&r);
}
