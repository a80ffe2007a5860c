/* SupplementalData: RFC 4680, 2. */
#include "codec/codec.h"

void wt_supplemental_data_read(struct wt_reader *r, const struct wt_codec_context *c, struct wt_supplemental_data *out)
{
    (void)c;
    *out = (struct wt_supplemental_data){0};
    struct wt_reader list = wt_read_vector(r, "supp_data", 3, 1, 0xffffff, WT_TRAIL_LIST);
    struct wt_span all = {list.p, wt_reader_left(&list)};
    while (wt_reader_left(&list)) {
        size_t mark = wt_read_enter(&list, "supplemental_data_entry");
        (void)wt_read_code16(&list, "supp_data_type", WT_REG_SUPPLEMENTAL_DATA);
        size_t n = wt_read_u16(&list, "supp_data_length");
        (void)wt_read_bytes(&list, "data", n);
        wt_read_leave(&list, mark);
    }
    if (wt_reader_ok(r))
        out->list = all;
}

void wt_supplemental_data_write(struct wt_writer *w, const struct wt_codec_context *c,
                                const struct wt_supplemental_data *in)
{
    (void)c;
    wt_write_opaque(w, in->list, 3, 1, 0xffffff, "supp_data");
}
