/* next_protocol_negotiation: draft-agl-tls-nextprotoneg-04, 3. The ClientHello's is empty; the ServerHello's lists the
 * protocols with no length around them: "Implementations MUST ensure that the empty string is not included and that no
 * byte strings are truncated." */
#include "codec/ext/ext.h"

void wt_ext_next_protocol_negotiation_read(struct wt_reader *r, const struct wt_codec_context *c,
                                           enum wt_ext_where where, union wt_ext_body *out)
{
    (void)c;
    if (where & WT_IN_CH)
        return;
    struct wt_reader list = wt_read_part(r, "protocols", wt_reader_left(r), WT_TRAIL_LIST);
    struct wt_span all = {list.p, wt_reader_left(&list)};
    while (wt_reader_left(&list))
        (void)wt_read_opaque(&list, "protocol", 1, 1, 255, WT_TRAIL_TEXT);
    if (wt_reader_ok(r))
        out->next_protocol_negotiation.protocols = all;
}

void wt_ext_next_protocol_negotiation_write(struct wt_writer *w, const struct wt_codec_context *c,
                                            enum wt_ext_where where, const union wt_ext_body *in)
{
    (void)c;
    if (!(where & WT_IN_CH))
        wt_write_bytes(w, in->next_protocol_negotiation.protocols);
}
