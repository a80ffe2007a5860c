/* oid_filters: RFC 8446, 4.2.5. */
#include "codec/ext/ext.h"

void wt_ext_oid_filters_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                             union wt_ext_body *out)
{
    (void)c;
    (void)where;
    struct wt_reader list = wt_read_vector(r, "filters", 2, 0, 0xffff, WT_TRAIL_LIST);
    struct wt_span all = {list.p, wt_reader_left(&list)};
    while (wt_reader_left(&list)) {
        size_t mark = wt_read_enter(&list, "oid_filter");
        (void)wt_read_opaque(&list, "certificate_extension_oid", 1, 1, 255, WT_TRAIL_BYTES);
        (void)wt_read_opaque(&list, "certificate_extension_values", 2, 0, 0xffff, WT_TRAIL_BYTES);
        wt_read_leave(&list, mark);
    }
    if (wt_reader_ok(r))
        out->oid_filters.filters = all;
}

void wt_ext_oid_filters_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                              const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_opaque(w, in->oid_filters.filters, 2, 0, 0xffff, "filters");
}

bool wt_ext_oid_filters_next(struct wt_span *rest, struct wt_span *oid, struct wt_span *values)
{
    return wt_ext_opaque_next(rest, 1, oid) && wt_ext_opaque_next(rest, 2, values);
}
