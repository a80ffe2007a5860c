/* signed_certificate_timestamp: RFC 6962, 3.2 and 3.3. The same list stands in OCSP answers and in certificates. */
#include "codec/ext/ext.h"

/* RFC 6962, 3.2, version v1(0). Other versions are kept as they are: only the log's clients know their form. */
static void read_sct(struct wt_reader *r, struct wt_sct *o)
{
    o->sct_version = wt_read_code8(r, "sct_version", WT_REG_CT_VERSION);
    if (o->sct_version != 0) {
        (void)wt_read_rest(r, "unknown_version");
        return;
    }
    o->id = wt_read_bytes(r, "id", 32);
    o->timestamp = wt_read_u64(r, "timestamp");
    o->extensions = wt_read_opaque(r, "extensions", 2, 0, 0xffff, WT_TRAIL_BYTES);
    o->algorithm = wt_read_code16(r, "algorithm", WT_REG_SIGNATURE_SCHEME);
    o->signature = wt_read_opaque(r, "signature", 2, 0, 0xffff, WT_TRAIL_BYTES);
    (void)wt_reader_close(r, "serialized_sct");
}

struct wt_span wt_ext_sct_list_read(struct wt_reader *r)
{
    struct wt_reader list = wt_read_vector(r, "sct_list", 2, 1, 0xffff, WT_TRAIL_LIST);
    struct wt_span all = {list.p, wt_reader_left(&list)};
    while (wt_reader_left(&list)) {
        struct wt_sct sct = {0};
        struct wt_reader one = wt_read_vector(&list, "serialized_sct", 2, 1, 0xffff, WT_TRAIL_STRUCT);
        read_sct(&one, &sct);
        if (!wt_reader_ok(r))
            break;
    }
    return wt_reader_ok(r) ? all : (struct wt_span){0};
}

bool wt_ext_sct_next(struct wt_span *rest, struct wt_sct *sct)
{
    struct wt_decode decode;
    *sct = (struct wt_sct){0};
    if (!wt_ext_opaque_next(rest, 2, &sct->serialized))
        return false;
    struct wt_reader r = wt_reader_start(&decode, sct->serialized, NULL);
    read_sct(&r, sct);
    return wt_reader_ok(&r);
}

/* RFC 6962, 3.3.1: the client sends the extension with "empty "extension_data""; so does a CertificateRequest. */
static bool has_list(enum wt_ext_where where)
{
    return where & (WT_IN_SH12 | WT_IN_CT);
}

void wt_ext_signed_certificate_timestamp_read(struct wt_reader *r, const struct wt_codec_context *c,
                                              enum wt_ext_where where, union wt_ext_body *out)
{
    (void)c;
    if (has_list(where))
        out->signed_certificate_timestamp.sct_list = wt_ext_sct_list_read(r);
}

void wt_ext_signed_certificate_timestamp_write(struct wt_writer *w, const struct wt_codec_context *c,
                                               enum wt_ext_where where, const union wt_ext_body *in)
{
    (void)c;
    if (has_list(where))
        wt_write_opaque(w, in->signed_certificate_timestamp.sct_list, 2, 1, 0xffff, "sct_list");
}
