/* CertificateURL: RFC 6066, 5. */
#include "codec/codec.h"

static void read_url(struct wt_reader *list)
{
    size_t mark = wt_read_enter(list, "url_and_hash");
    (void)wt_read_opaque(list, "url", 2, 1, 65535, WT_TRAIL_TEXT);
    size_t offset = wt_reader_offset(list);
    uint8_t padding = wt_read_u8(list, "padding");
    (void)wt_read_bytes(list, "SHA1Hash", 20);
    wt_read_leave(list, mark);
    if (wt_reader_ok(list) && padding != 1)
        wt_reader_fail_at(list, offset, WT_VALUE, "padding", padding, 1,
                          "RFC 6066, 5: \"The \"padding\" byte MUST be 0x01.\"");
}

void wt_certificate_url_read(struct wt_reader *r, const struct wt_codec_context *c, struct wt_certificate_url *out)
{
    (void)c;
    *out = (struct wt_certificate_url){0};
    out->type = wt_read_code8(r, "type", WT_REG_CERT_CHAIN_TYPE);
    struct wt_reader list = wt_read_vector(r, "url_and_hash_list", 2, 1, 65535, WT_TRAIL_LIST);
    struct wt_span all = {list.p, wt_reader_left(&list)};
    while (wt_reader_left(&list))
        read_url(&list);
    if (wt_reader_ok(r))
        out->list = all;
}

void wt_certificate_url_write(struct wt_writer *w, const struct wt_codec_context *c,
                              const struct wt_certificate_url *in)
{
    (void)c;
    wt_write_u8(w, in->type);
    wt_write_opaque(w, in->list, 2, 1, 65535, "url_and_hash_list");
}
