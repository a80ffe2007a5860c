/* CertificateRequest: RFC 8446, 4.3.2; RFC 5246, 7.4.4; RFC 4346, 7.4.4; RFC 6101, 5.6.4. */
#include "codec/shape.h"

/* RFC 4346, 7.4.4: "DistinguishedName certificate_authorities<0..2^16-1>". SSL 3.0 and TLS 1.0 say <3..2^16-1>; their
 * implementations send empty lists all the same, and RFC 4346 made that right, so we take its bound for all. */
static struct wt_span read_authorities(struct wt_reader *r)
{
    struct wt_reader list = wt_read_vector(r, "certificate_authorities", 2, 0, 65535, WT_TRAIL_LIST);
    struct wt_span all = {list.p, wt_reader_left(&list)};
    while (wt_reader_left(&list))
        (void)wt_read_opaque(&list, "distinguished_name", 2, 1, 65535, WT_TRAIL_BYTES);
    return wt_reader_ok(r) ? all : (struct wt_span){0};
}

static struct wt_span read_schemes(struct wt_reader *r)
{
    /* RFC 5246, 7.4.1.4.1: "SignatureAndHashAlgorithm supported_signature_algorithms<2..2^16-2>"; 7.4.4 prints
     * "<2^16-1>" for the same list. */
    return wt_read_codes(r, "supported_signature_algorithms", "signature_algorithm", 2, 2, 65534, 2,
                         WT_REG_SIGNATURE_SCHEME);
}

/* draft-ietf-tls-tls13-18, 4.3.2: "CertificateExtension certificate_extensions<0..2^16-1>", which became the extension
 * oid_filters. */
static struct wt_span read_certificate_extensions(struct wt_reader *r)
{
    struct wt_reader list = wt_read_vector(r, "certificate_extensions", 2, 0, 65535, WT_TRAIL_LIST);
    struct wt_span all = {list.p, wt_reader_left(&list)};
    while (wt_reader_left(&list)) {
        size_t mark = wt_read_enter(&list, "certificate_extension");
        (void)wt_read_opaque(&list, "certificate_extension_oid", 1, 1, 255, WT_TRAIL_BYTES);
        (void)wt_read_opaque(&list, "certificate_extension_values", 2, 0, 65535, WT_TRAIL_BYTES);
        wt_read_leave(&list, mark);
    }
    return wt_reader_ok(r) ? all : (struct wt_span){0};
}

/* The vector that an extension's body consists of, without its length; empty when it is not there or malformed (the
 * block's own check tells that). */
static struct wt_span vector_in(const struct wt_extensions *extensions, uint16_t id)
{
    struct wt_span body;
    struct wt_decode decode;
    if (!wt_extensions_find(extensions, id, &body))
        return (struct wt_span){0};
    struct wt_reader r = wt_reader_start(&decode, body, NULL);
    struct wt_span inner = wt_read_opaque(&r, "extension_data", 2, 0, 65535, WT_TRAIL_BYTES);
    return wt_reader_close(&r, "extension_data") ? inner : (struct wt_span){0};
}

static bool is_early_draft(uint16_t version)
{
    return wt_shape_of(version) == WT_SHAPE_TLS13 && wt_draft_of(version) <= 18;
}

static void read_tls13(struct wt_reader *r, const struct wt_codec_context *c, struct wt_certificate_request *out)
{
    out->request_context = wt_read_opaque(r, "certificate_request_context", 1, 0, 255, WT_TRAIL_BYTES);
    if (is_early_draft(c->version)) {
        out->signature_algorithms = read_schemes(r);
        out->authorities = read_authorities(r);
        out->certificate_extensions = read_certificate_extensions(r);
        return;
    }
    /* RFC 8446, 4.3.2: "Extension extensions<2..2^16-1>" */
    wt_extensions_read(r, c, WT_IN_CR, 2, &out->extensions);
    if (!wt_reader_ok(r))
        return;
    out->signature_algorithms = vector_in(&out->extensions, WT_EXT_SIGNATURE_ALGORITHMS);
    if (out->signature_algorithms.n % 2)
        out->signature_algorithms = (struct wt_span){0};
    out->authorities = vector_in(&out->extensions, WT_EXT_CERTIFICATE_AUTHORITIES);
}

void wt_certificate_request_read(struct wt_reader *r, const struct wt_codec_context *c,
                                 struct wt_certificate_request *out)
{
    enum wt_shape shape = wt_shape_of(c->version);
    *out = (struct wt_certificate_request){0};
    if (shape == WT_SHAPE_TLS13) {
        read_tls13(r, c, out);
        return;
    }
    out->certificate_types =
        wt_read_codes(r, "certificate_types", "certificate_type", 1, 1, 255, 1, WT_REG_CLIENT_CERTIFICATE_TYPE);
    if (shape == WT_SHAPE_TLS12)
        out->signature_algorithms = read_schemes(r);
    out->authorities = read_authorities(r);
}

void wt_certificate_request_write(struct wt_writer *w, const struct wt_codec_context *c,
                                  const struct wt_certificate_request *in)
{
    enum wt_shape shape = wt_shape_of(c->version);
    if (shape == WT_SHAPE_TLS13)
        wt_write_opaque(w, in->request_context, 1, 0, 255, "certificate_request_context");
    else
        wt_write_opaque(w, in->certificate_types, 1, 1, 255, "certificate_types");
    if (shape == WT_SHAPE_TLS13 && !is_early_draft(c->version)) {
        wt_extensions_write(w, &in->extensions, 2);
        return;
    }
    if (shape >= WT_SHAPE_TLS12)
        wt_write_opaque(w, in->signature_algorithms, 2, 2, 65534, "supported_signature_algorithms");
    wt_write_opaque(w, in->authorities, 2, 0, 65535, "certificate_authorities");
    if (shape == WT_SHAPE_TLS13)
        wt_write_opaque(w, in->certificate_extensions, 2, 0, 65535, "certificate_extensions");
}

bool wt_dn_next(struct wt_span *rest, struct wt_span *name)
{
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, *rest, NULL);
    if (rest->n == 0)
        return false;
    *name = wt_read_opaque(&r, "distinguished_name", 2, 1, 65535, WT_TRAIL_BYTES);
    *rest = (struct wt_span){r.p, wt_reader_left(&r)};
    return wt_reader_ok(&r);
}
