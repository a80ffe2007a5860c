/* NewSessionTicket: RFC 8446, 4.6.1; RFC 5077, 3.3. */
#include "codec/shape.h"

/* Draft 21 of TLS 1.3: "Add a per-ticket nonce so that each ticket is associated with a different PSK". */
static bool has_nonce(uint16_t version)
{
    return wt_draft_of(version) >= 21;
}

void wt_new_session_ticket_read(struct wt_reader *r, const struct wt_codec_context *c,
                                struct wt_new_session_ticket *out)
{
    *out = (struct wt_new_session_ticket){.tls13 = wt_shape_of(c->version) == WT_SHAPE_TLS13};
    if (!out->tls13) {
        out->lifetime = wt_read_u32(r, "ticket_lifetime_hint");
        out->ticket = wt_read_opaque(r, "ticket", 2, 0, 65535, WT_TRAIL_BYTES);
        return;
    }
    /* RFC 8446, 4.6.1: "Servers MUST NOT use any value greater than 604800 seconds (7 days)." Waived here: the message
     * can be read all the same, and whoever caches the ticket judges. */
    out->lifetime = wt_read_u32(r, "ticket_lifetime");
    out->age_add = wt_read_u32(r, "ticket_age_add");
    if (has_nonce(c->version))
        out->nonce = wt_read_opaque(r, "ticket_nonce", 1, 0, 255, WT_TRAIL_BYTES);
    out->ticket = wt_read_opaque(r, "ticket", 2, 1, 65535, WT_TRAIL_BYTES);
    wt_extensions_read(r, c, WT_IN_NST, 0, &out->extensions);
}

void wt_new_session_ticket_write(struct wt_writer *w, const struct wt_codec_context *c,
                                 const struct wt_new_session_ticket *in)
{
    wt_write_u32(w, in->lifetime);
    if (in->tls13) {
        wt_write_u32(w, in->age_add);
        if (has_nonce(c->version))
            wt_write_opaque(w, in->nonce, 1, 0, 255, "ticket_nonce");
    }
    wt_write_opaque(w, in->ticket, 2, in->tls13 ? 1 : 0, 65535, "ticket");
    if (in->tls13)
        wt_extensions_write(w, &in->extensions, 0);
}
