/* ChangeCipherSpec: RFC 5246, 7.1. */
#include "codec/codec.h"

enum wt_code wt_change_cipher_spec_decode(struct wt_span body, struct wt_trail *trail, struct wt_error *error)
{
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, body, trail);
    const uint8_t type = wt_read_u8(&r, "type");
    if (wt_reader_ok(&r) && type != 1)
        wt_reader_fault_at(&r, 0, WT_VALUE, "type", type, 1,
                           "RFC 8446, 5: \"An implementation which receives any other change_cipher_spec value or "
                           "which receives a protected change_cipher_spec record MUST abort the handshake with an "
                           "\"unexpected_message\" alert.\"");
    (void)wt_reader_close(&r, "change_cipher_spec");
    *error = decode.error;
    return decode.error.code;
}
