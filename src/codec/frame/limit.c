/* Flow control: MAX_DATA to STREAMS_BLOCKED: RFC 9000, 19.9 to 19.14. */
#include "codec/frame/frame.h"

#define STREAMS_MOST ((uint64_t)1 << 60)

static bool is_of_a_stream(const struct wt_quic_frame *frame)
{
    return frame->kind == WT_FRAME_MAX_STREAM_DATA || frame->kind == WT_FRAME_STREAM_DATA_BLOCKED;
}

static const char *field_of(const struct wt_quic_frame *frame)
{
    switch (frame->kind) {
    case WT_FRAME_MAX_DATA:
    case WT_FRAME_DATA_BLOCKED:
        return "maximum_data";
    case WT_FRAME_MAX_STREAM_DATA:
    case WT_FRAME_STREAM_DATA_BLOCKED:
        return "maximum_stream_data";
    default:
        return "maximum_streams";
    }
}

static const char *rule_of(const struct wt_quic_frame *frame)
{
    return frame->kind == WT_FRAME_MAX_STREAMS ? "RFC 9000, 19.11: \"Receipt of a frame that permits opening of a "
                                                 "stream larger than this limit MUST be "
                                                 "treated as a connection error of type FRAME_ENCODING_ERROR.\""
                                               : "RFC 9000, 19.14: \"Receipt of a frame that encodes a larger stream "
                                                 "ID MUST be treated as a connection "
                                                 "error of type STREAM_LIMIT_ERROR or FRAME_ENCODING_ERROR.\"";
}

void wt_frame_limit_read(struct wt_reader *r, struct wt_quic_frame *out)
{
    if (is_of_a_stream(out))
        out->stream_id = wt_read_varint(r, "stream_id", 0);
    const size_t offset = wt_reader_offset(r);
    out->maximum = wt_read_varint(r, field_of(out), 0);
    if ((out->kind == WT_FRAME_MAX_STREAMS || out->kind == WT_FRAME_STREAMS_BLOCKED) && out->maximum > STREAMS_MOST)
        wt_reader_fault_at(r, offset, WT_VALUE, "maximum_streams", out->maximum, STREAMS_MOST, rule_of(out));
}

void wt_frame_limit_write(struct wt_writer *w, const struct wt_quic_frame *in)
{
    if (is_of_a_stream(in))
        wt_write_varint(w, in->stream_id);
    wt_write_varint(w, in->maximum);
}
