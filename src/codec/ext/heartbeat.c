/* heartbeat: RFC 6520, 2. The messages are in ../heartbeat.c. */
#include "codec/ext/ext.h"

void wt_ext_heartbeat_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                           union wt_ext_body *out)
{
    (void)c;
    (void)where;
    uint8_t mode = wt_read_code8(r, "mode", WT_REG_HEARTBEAT_MODE);
    out->heartbeat.mode = mode;
    if (wt_reader_close(r, "heartbeat") && (mode < 1 || mode > 2))
        wt_reader_fail_at(r, wt_reader_offset(r) - 1, WT_VALUE, "mode", mode, 2,
                          "RFC 6520, 2: \"Upon reception of an unknown mode, an error Alert message using "
                          "illegal_parameter as its AlertDescription MUST be sent in response.\"");
}

void wt_ext_heartbeat_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                            const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_u8(w, in->heartbeat.mode);
}
