/* NextProtocol: draft-agl-tls-nextprotoneg-04, 4. */
#include "codec/codec.h"

void wt_next_protocol_read(struct wt_reader *r, const struct wt_codec_context *c, struct wt_next_protocol *out)
{
    (void)c;
    out->selected_protocol = wt_read_opaque(r, "selected_protocol", 1, 0, 255, WT_TRAIL_TEXT);
    /* The draft: "The length of "padding" SHOULD be 32 - ((len(selected_protocol) + 2) % 32)." Nobody is held to it. */
    out->padding = wt_read_opaque(r, "padding", 1, 0, 255, WT_TRAIL_BYTES);
}

void wt_next_protocol_write(struct wt_writer *w, const struct wt_codec_context *c, const struct wt_next_protocol *in)
{
    (void)c;
    wt_write_opaque(w, in->selected_protocol, 1, 0, 255, "selected_protocol");
    wt_write_opaque(w, in->padding, 1, 0, 255, "padding");
}
