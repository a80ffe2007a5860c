/* psk_key_exchange_modes: RFC 8446, 4.2.9. */
#include "codec/ext/ext.h"

void wt_ext_psk_key_exchange_modes_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                        union wt_ext_body *out)
{
    (void)c;
    (void)where;
    out->psk_key_exchange_modes.ke_modes =
        wt_read_codes(r, "ke_modes", "psk_key_exchange_mode", 1, 1, 255, 1, WT_REG_PSK_KEY_EXCHANGE_MODE);
}

void wt_ext_psk_key_exchange_modes_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                         const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_opaque(w, in->psk_key_exchange_modes.ke_modes, 1, 1, 255, "ke_modes");
}
