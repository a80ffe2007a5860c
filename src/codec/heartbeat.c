/* HeartbeatMessage: RFC 6520, 4. */
#include "codec/codec.h"

enum wt_code wt_heartbeat_decode(struct wt_span body, struct wt_trail *trail, struct wt_heartbeat *out,
                                 struct wt_error *error)
{
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, body, trail);
    out->type = wt_read_code8(&r, "type", WT_REG_HEARTBEAT_TYPE);
    out->payload_length = wt_read_u16(&r, "payload_length");
    /* The length may lie (CVE-2014-0160, "Heartbleed"): the payload is what is there, and then the lie is told. */
    size_t left = wt_reader_left(&r);
    bool lies = out->payload_length > left;
    out->payload = wt_read_bytes(&r, "payload", lies ? left : out->payload_length);
    out->padding = wt_read_rest(&r, "padding");
    if (wt_reader_ok(&r) && lies)
        wt_reader_fail_at(&r, 1, WT_LENGTH, "payload_length", out->payload_length, left,
                          "RFC 6520, 4: \"If the payload_length of a received HeartbeatMessage is too large, the "
                          "received HeartbeatMessage MUST be discarded silently.\"");
    if (wt_reader_ok(&r) && out->padding.n < 16)
        wt_reader_fail_at(&r, wt_reader_offset(&r) - out->padding.n, WT_LENGTH, "padding", out->padding.n, 16,
                          "RFC 6520, 4: \"The padding_length MUST be at least 16.\"");
    *error = decode.error;
    return decode.error.code;
}
