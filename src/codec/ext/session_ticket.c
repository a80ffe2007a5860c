/* session_ticket: RFC 5077, 3.2 ("SessionTicket TLS"). The ticket is the whole body, where RFC 4507 had, by mistake, a
 * length in front of it (RFC 5077, appendix A). A ServerHello's is empty: the ticket comes in a NewSessionTicket. */
#include "codec/ext/ext.h"

void wt_ext_session_ticket_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                union wt_ext_body *out)
{
    (void)c;
    if (where & WT_IN_CH)
        out->session_ticket.ticket = wt_read_rest(r, "ticket");
}

void wt_ext_session_ticket_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                 const union wt_ext_body *in)
{
    (void)c;
    if (where & WT_IN_CH)
        wt_write_bytes(w, in->session_ticket.ticket);
}
