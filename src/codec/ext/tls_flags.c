/* tls_flags: draft-ietf-tls-tlsflags, 2. */
#include "codec/ext/ext.h"

void wt_ext_tls_flags_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                           union wt_ext_body *out)
{
    (void)c;
    (void)where;
    struct wt_span flags = wt_read_opaque(r, "flags", 1, 0, 255, WT_TRAIL_BYTES);
    out->tls_flags.flags = flags;
    if (wt_reader_close(r, "tls_flags") && flags.n && !flags.p[flags.n - 1])
        wt_reader_fail_at(r, wt_reader_offset(r) - 1, WT_VALUE, "flags", 0, 0,
                          "draft-ietf-tls-tlsflags, 2: the last byte of flags is not zero");
}

void wt_ext_tls_flags_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                            const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_opaque(w, in->tls_flags.flags, 1, 0, 255, "flags");
}
