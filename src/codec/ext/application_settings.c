/* application_settings (ALPS): draft-vvv-tls-alps-01, 4. The ClientHello names the protocols it has settings for; the
 * EncryptedExtensions carry the server's settings, whose form is the application's own. */
#include "codec/ext/ext.h"

void wt_ext_application_settings_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                      union wt_ext_body *out)
{
    struct wt_ext_application_settings *o = &out->application_settings;
    (void)c;
    if (where & WT_IN_CH)
        o->supported_protocols =
            wt_ext_read_opaques(r, "supported_protocols", 2, 2, 0xffff, "protocol_name", 1, 1, 255, WT_TRAIL_TEXT);
    else
        o->settings = wt_read_rest(r, "settings");
}

void wt_ext_application_settings_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                       const union wt_ext_body *in)
{
    const struct wt_ext_application_settings *i = &in->application_settings;
    (void)c;
    if (where & WT_IN_CH)
        wt_write_opaque(w, i->supported_protocols, 2, 2, 0xffff, "supported_protocols");
    else
        wt_write_bytes(w, i->settings);
}
