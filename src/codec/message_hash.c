/* message_hash, which stands in the transcript for the first ClientHello: RFC 8446, 4.4.1. Never on the wire. */
#include "codec/codec.h"

void wt_message_hash_read(struct wt_reader *r, const struct wt_codec_context *c, struct wt_message_hash *out)
{
    (void)c;
    out->hash = wt_read_rest(r, "hash");
}

void wt_message_hash_write(struct wt_writer *w, const struct wt_codec_context *c, const struct wt_message_hash *in)
{
    (void)c;
    wt_write_bytes(w, in->hash);
}
