/* early_data: RFC 8446, 4.2.10. In the drafts up to 18 of TLS 1.3 the NewSessionTicket had ticket_early_data_info
 * instead, of the same form. */
#include "codec/ext/ext.h"

void wt_ext_early_data_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                            union wt_ext_body *out)
{
    (void)c;
    if (where & WT_IN_NST)
        out->early_data.max_early_data_size = wt_read_u32(r, "max_early_data_size");
}

void wt_ext_early_data_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                             const union wt_ext_body *in)
{
    (void)c;
    if (where & WT_IN_NST)
        wt_write_u32(w, in->early_data.max_early_data_size);
}
