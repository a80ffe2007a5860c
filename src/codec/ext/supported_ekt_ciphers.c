/* supported_ekt_ciphers: RFC 8870, 5.2.1: a list in the ClientHello, the server's choice in its answer. */
#include "codec/ext/ext.h"

void wt_ext_supported_ekt_ciphers_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                       union wt_ext_body *out)
{
    (void)c;
    if (where & WT_IN_CH)
        out->supported_ekt_ciphers.supported_ciphers =
            wt_read_codes(r, "supported_ciphers", "ekt_cipher_type", 1, 1, 255, 1, WT_REG_NONE);
    else
        out->supported_ekt_ciphers.selected_cipher = wt_read_u8(r, "selected_cipher");
}

void wt_ext_supported_ekt_ciphers_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                        const union wt_ext_body *in)
{
    (void)c;
    if (where & WT_IN_CH)
        wt_write_opaque(w, in->supported_ekt_ciphers.supported_ciphers, 1, 1, 255, "supported_ciphers");
    else
        wt_write_u8(w, in->supported_ekt_ciphers.selected_cipher);
}
