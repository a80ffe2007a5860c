/* Alert: RFC 8446, 6; RFC 5246, 7.2. */
#include "codec/codec.h"

enum wt_code wt_alert_decode(struct wt_span body, struct wt_trail *trail, struct wt_alert_body *out,
                             struct wt_error *error)
{
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, body, trail);
    out->level = wt_read_code8(&r, "level", WT_REG_ALERT_LEVEL);
    out->description = wt_read_code8(&r, "description", WT_REG_ALERT);
    (void)wt_reader_close(&r, "alert");
    *error = decode.error;
    return decode.error.code;
}
