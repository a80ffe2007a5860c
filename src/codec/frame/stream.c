/* STREAM, CRYPTO, DATAGRAM: RFC 9000, 19.8 and 19.6, RFC 9221, 4. And what ends a stream: RESET_STREAM, STOP_SENDING,
 * RESET_STREAM_AT: RFC 9000, 19.4 and 19.5, draft-ietf-quic-reliable-stream-reset, 4. */
#include "codec/frame/frame.h"

static void check_end(struct wt_reader *r, size_t offset, const struct wt_quic_frame *frame, const char *rule)
{
    if (!r->decode->lost && frame->data.n > WT_VARINT_MOST - frame->offset)
        wt_reader_fault_at(r, offset, WT_VALUE, "offset", frame->offset, WT_VARINT_MOST, rule);
}

/* What is there to the end of the packet, or as long as a Length says. */
static struct wt_span read_data(struct wt_reader *r, const char *field, bool has_length)
{
    return has_length ? wt_read_varint_opaque(r, field, 0, SIZE_MAX, WT_TRAIL_BYTES) : wt_read_rest(r, field);
}

static void write_data(struct wt_writer *w, struct wt_span data, bool has_length)
{
    if (has_length)
        wt_write_varint(w, data.n);
    wt_write_bytes(w, data);
}

void wt_frame_stream_read(struct wt_reader *r, struct wt_quic_frame *out)
{
    const size_t offset = wt_reader_offset(r);
    out->stream_id = wt_read_varint(r, "stream_id", 0);
    if (out->type & WT_STREAM_OFF)
        out->offset = wt_read_varint(r, "offset", 0);
    out->data = read_data(r, "stream_data", out->type & WT_STREAM_LEN);
    check_end(r, offset, out,
              "RFC 9000, 19.8: \"The largest offset delivered on a stream -- the sum of the offset and data length -- "
              "cannot exceed 2^62-1, as it is not possible to provide flow control credit for that data.\"");
}

void wt_frame_stream_write(struct wt_writer *w, const struct wt_quic_frame *in)
{
    wt_write_varint(w, in->stream_id);
    if (in->type & WT_STREAM_OFF)
        wt_write_varint(w, in->offset);
    write_data(w, in->data, in->type & WT_STREAM_LEN);
}

void wt_frame_crypto_read(struct wt_reader *r, struct wt_quic_frame *out)
{
    const size_t offset = wt_reader_offset(r);
    out->offset = wt_read_varint(r, "offset", 0);
    out->data = read_data(r, "crypto_data", true);
    check_end(r, offset, out,
              "RFC 9000, 19.6: \"The largest offset delivered on a stream -- the sum of the offset and data length -- "
              "cannot exceed 2^62-1.\"");
}

void wt_frame_crypto_write(struct wt_writer *w, const struct wt_quic_frame *in)
{
    wt_write_varint(w, in->offset);
    write_data(w, in->data, true);
}

void wt_frame_datagram_read(struct wt_reader *r, struct wt_quic_frame *out)
{
    out->data = read_data(r, "datagram_data", out->type & WT_DATAGRAM_LEN);
}

void wt_frame_datagram_write(struct wt_writer *w, const struct wt_quic_frame *in)
{
    write_data(w, in->data, in->type & WT_DATAGRAM_LEN);
}

void wt_frame_reset_read(struct wt_reader *r, struct wt_quic_frame *out)
{
    out->stream_id = wt_read_varint(r, "stream_id", 0);
    out->error_code = wt_read_varint(r, "application_protocol_error_code", 0);
    if (out->kind != WT_FRAME_STOP_SENDING)
        out->final_size = wt_read_varint(r, "final_size", 0);
    if (out->kind == WT_FRAME_RESET_STREAM_AT)
        out->reliable_size = wt_read_varint(r, "reliable_size", 0);
}

void wt_frame_reset_write(struct wt_writer *w, const struct wt_quic_frame *in)
{
    wt_write_varint(w, in->stream_id);
    wt_write_varint(w, in->error_code);
    if (in->kind != WT_FRAME_STOP_SENDING)
        wt_write_varint(w, in->final_size);
    if (in->kind == WT_FRAME_RESET_STREAM_AT)
        wt_write_varint(w, in->reliable_size);
}
