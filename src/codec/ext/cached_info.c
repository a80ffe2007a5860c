/* cached_info: RFC 7924, 3. The client sends each object's hash, the server only the types that it will leave out. */
#include "codec/ext/ext.h"

void wt_ext_cached_info_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                             union wt_ext_body *out)
{
    (void)c;
    out->cached_info.types_only = !(where & WT_IN_CH);
    struct wt_reader list = wt_read_vector(r, "cached_info", 2, 1, 0xffff, WT_TRAIL_LIST);
    struct wt_span all = {list.p, wt_reader_left(&list)};
    while (wt_reader_left(&list)) {
        size_t mark = wt_read_enter(&list, "cached_object");
        (void)wt_read_code8(&list, "type", WT_REG_CACHED_INFO);
        if (where & WT_IN_CH)
            (void)wt_read_opaque(&list, "hash_value", 1, 1, 255, WT_TRAIL_BYTES);
        wt_read_leave(&list, mark);
    }
    if (wt_reader_ok(r))
        out->cached_info.cached_info = all;
}

void wt_ext_cached_info_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                              const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_opaque(w, in->cached_info.cached_info, 2, 1, 0xffff, "cached_info");
}

bool wt_ext_cached_info_next(struct wt_span *rest, bool types_only, uint8_t *type, struct wt_span *hash_value)
{
    if (!rest->n)
        return false;
    *type = rest->p[0];
    *rest = wt_span_cut(*rest, 1, SIZE_MAX);
    *hash_value = (struct wt_span){0};
    return types_only || wt_ext_opaque_next(rest, 1, hash_value);
}
