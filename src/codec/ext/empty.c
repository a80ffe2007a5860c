/* Extensions whose body is empty wherever they stand:
 *   client_certificate_url  RFC 6066, 5: "The "extension_data" field of this extension SHALL be empty."
 *   truncated_hmac          RFC 6066, 7: the same sentence
 *   encrypt_then_mac        RFC 7366, 2: "The "extension_data" field of this extension SHALL be empty."
 *   extended_master_secret  RFC 7627, 5.1: "The "extension_data" field of this extension is empty."
 *   post_handshake_auth     RFC 8446, 4.2.6: "The "extension_data" field of the "post_handshake_auth" extension is zero
 *                           length."
 *   tls_cert_with_extern_psk  RFC 8773, 5
 *   rrc                     RFC 9853, 3
 *   channel_id              draft-balfanz-tls-channelid: the key travels in a message of its own */
#include "codec/ext/ext.h"

void wt_ext_empty_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                       union wt_ext_body *out)
{
    (void)c;
    (void)where;
    out->empty.present = wt_reader_close(r, "extension_data");
}

void wt_ext_empty_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                        const union wt_ext_body *in)
{
    (void)w;
    (void)c;
    (void)where;
    (void)in;
}
