/* padding: RFC 7685, 3; Chromium's draft number 35655 has the same form. */
#include "codec/ext/ext.h"

void wt_ext_padding_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                         union wt_ext_body *out)
{
    (void)c;
    (void)where;
    size_t start = wt_reader_offset(r);
    struct wt_span all = wt_read_rest(r, "padding");
    out->padding.padding = all;
    for (size_t i = 0; i < all.n; i++)
        if (all.p[i]) {
            wt_reader_fail_at(r, start + i, WT_VALUE, "padding", all.p[i], 0,
                              "RFC 7685, 3: \"The client MUST fill the padding extension completely with zero "
                              "bytes\"");
            return;
        }
}

void wt_ext_padding_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                          const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_bytes(w, in->padding.padding);
}
