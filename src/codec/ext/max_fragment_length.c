/* max_fragment_length: RFC 6066, 4. */
#include "codec/ext/ext.h"

void wt_ext_max_fragment_length_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                     union wt_ext_body *out)
{
    (void)c;
    (void)where;
    uint8_t v = wt_read_code8(r, "max_fragment_length", WT_REG_MAX_FRAGMENT_LENGTH);
    out->max_fragment_length.max_fragment_length = v;
    if (wt_reader_close(r, "max_fragment_length") && (v < 1 || v > 4))
        wt_reader_fail_at(r, wt_reader_offset(r) - 1, WT_VALUE, "max_fragment_length", v, 4,
                          "RFC 6066, 4: \"If a server receives a maximum fragment length negotiation request for a "
                          "value other than the allowed values, it MUST abort the handshake with an "
                          "\"illegal_parameter\" alert.\"");
}

void wt_ext_max_fragment_length_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                      const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_u8(w, in->max_fragment_length.max_fragment_length);
}
