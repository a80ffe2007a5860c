/* record_size_limit: RFC 8449, 4. */
#include "codec/ext/ext.h"

void wt_ext_record_size_limit_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                   union wt_ext_body *out)
{
    (void)c;
    (void)where;
    uint16_t limit = wt_read_u16(r, "record_size_limit");
    out->record_size_limit.record_size_limit = limit;
    if (wt_reader_close(r, "record_size_limit") && limit < 64)
        wt_reader_fail_at(r, wt_reader_offset(r) - 2, WT_VALUE, "record_size_limit", limit, 64,
                          "RFC 8449, 4: \"Endpoints MUST NOT send a \"record_size_limit\" extension with a value "
                          "smaller than 64.\"");
}

void wt_ext_record_size_limit_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                    const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_u16(w, in->record_size_limit.record_size_limit);
}
