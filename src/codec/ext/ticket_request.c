/* ticket_request: RFC 9149, 3: ClientTicketRequest, ServerTicketRequestHint. */
#include "codec/ext/ext.h"

void wt_ext_ticket_request_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                union wt_ext_body *out)
{
    struct wt_ext_ticket_request *o = &out->ticket_request;
    (void)c;
    if (where & WT_IN_CH) {
        o->new_session_count = wt_read_u8(r, "new_session_count");
        o->resumption_count = wt_read_u8(r, "resumption_count");
    } else {
        o->expected_count = wt_read_u8(r, "expected_count");
    }
}

void wt_ext_ticket_request_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                 const union wt_ext_body *in)
{
    const struct wt_ext_ticket_request *i = &in->ticket_request;
    (void)c;
    if (where & WT_IN_CH) {
        wt_write_u8(w, i->new_session_count);
        wt_write_u8(w, i->resumption_count);
    } else {
        wt_write_u8(w, i->expected_count);
    }
}
