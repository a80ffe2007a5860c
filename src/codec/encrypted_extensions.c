/* EncryptedExtensions: RFC 8446, 4.3.1. */
#include "codec/codec.h"

void wt_encrypted_extensions_read(struct wt_reader *r, const struct wt_codec_context *c,
                                  struct wt_encrypted_extensions *out)
{
    *out = (struct wt_encrypted_extensions){0};
    wt_extensions_read(r, c, WT_IN_EE, 0, &out->extensions);
}

void wt_encrypted_extensions_write(struct wt_writer *w, const struct wt_codec_context *c,
                                   const struct wt_encrypted_extensions *in)
{
    (void)c;
    wt_extensions_write(w, &in->extensions, 0);
}
