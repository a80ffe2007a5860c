/* transparency_info: RFC 9162, 6.3 to 6.5: empty in the request, a TransItemList in the answer. */
#include "codec/ext/ext.h"

static bool has_list(enum wt_ext_where where)
{
    return where & (WT_IN_SH12 | WT_IN_CT);
}

void wt_ext_transparency_info_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                   union wt_ext_body *out)
{
    (void)c;
    if (!has_list(where))
        return;
    struct wt_reader list = wt_read_vector(r, "trans_item_list", 2, 1, 0xffff, WT_TRAIL_LIST);
    struct wt_span all = {list.p, wt_reader_left(&list)};
    while (wt_reader_left(&list)) {
        struct wt_reader item = wt_read_vector(&list, "trans_item", 2, 1, 0xffff, WT_TRAIL_STRUCT);
        (void)wt_read_u16(&item, "versioned_type");
        (void)wt_read_rest(&item, "data");
        if (!wt_reader_ok(r))
            return;
    }
    if (wt_reader_ok(r))
        out->transparency_info.trans_item_list = all;
}

void wt_ext_transparency_info_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                    const union wt_ext_body *in)
{
    (void)c;
    if (has_list(where))
        wt_write_opaque(w, in->transparency_info.trans_item_list, 2, 1, 0xffff, "trans_item_list");
}
