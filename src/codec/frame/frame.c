/* Any frame: one row per kind says who reads and writes it. */
#include "codec/frame/frame.h"

#include "registry/registry.h"

enum { IN_I = 1 << WT_QUIC_INITIAL, IN_0 = 1 << WT_QUIC_0RTT, IN_H = 1 << WT_QUIC_HANDSHAKE, IN_1 = 1 << WT_QUIC_1RTT };

static const struct row {
    uint8_t first, last;
    uint8_t packets;
    bool eliciting;
    const char *id;
} rows[] = {
#define WT_QUIC_FRAME(first, last, ID, id, packets, eliciting, rfc)                                                    \
    [WT_FRAME_##ID] = {first, last, packets, eliciting, id},
#include "registry/quic_frames.def"
#undef WT_QUIC_FRAME
};

/* Frames that are their type and nothing more. */
static void read_empty(struct wt_reader *r, struct wt_quic_frame *out)
{
    (void)r;
    (void)out;
}

static void write_empty(struct wt_writer *w, const struct wt_quic_frame *in)
{
    (void)w;
    (void)in;
}

/* PADDING: as many in a row as there are, a byte each. The first was the type. */
static void read_padding(struct wt_reader *r, struct wt_quic_frame *out)
{
    const uint8_t *end = r->p;
    while (end < r->end && *end == 0)
        end++;
    out->data = wt_span_of(r->p - 1, (size_t)(end - r->p) + 1);
    if (end > r->p)
        (void)wt_read_bytes(r, "padding", (size_t)(end - r->p));
}

static void write_padding(struct wt_writer *w, const struct wt_quic_frame *in)
{
    for (size_t i = 1; i < in->data.n; i++)
        wt_write_u8(w, 0);
}

static const struct handler {
    void (*read)(struct wt_reader *r, struct wt_quic_frame *out);
    void (*write)(struct wt_writer *w, const struct wt_quic_frame *in);
} handlers[WT_FRAME_UNKNOWN] = {
    [WT_FRAME_PADDING] = {read_padding, write_padding},
    [WT_FRAME_PING] = {read_empty, write_empty},
    [WT_FRAME_ACK] = {wt_frame_ack_read, wt_frame_ack_write},
    [WT_FRAME_RESET_STREAM] = {wt_frame_reset_read, wt_frame_reset_write},
    [WT_FRAME_STOP_SENDING] = {wt_frame_reset_read, wt_frame_reset_write},
    [WT_FRAME_CRYPTO] = {wt_frame_crypto_read, wt_frame_crypto_write},
    [WT_FRAME_NEW_TOKEN] = {wt_frame_connection_id_read, wt_frame_connection_id_write},
    [WT_FRAME_STREAM] = {wt_frame_stream_read, wt_frame_stream_write},
    [WT_FRAME_MAX_DATA] = {wt_frame_limit_read, wt_frame_limit_write},
    [WT_FRAME_MAX_STREAM_DATA] = {wt_frame_limit_read, wt_frame_limit_write},
    [WT_FRAME_MAX_STREAMS] = {wt_frame_limit_read, wt_frame_limit_write},
    [WT_FRAME_DATA_BLOCKED] = {wt_frame_limit_read, wt_frame_limit_write},
    [WT_FRAME_STREAM_DATA_BLOCKED] = {wt_frame_limit_read, wt_frame_limit_write},
    [WT_FRAME_STREAMS_BLOCKED] = {wt_frame_limit_read, wt_frame_limit_write},
    [WT_FRAME_NEW_CONNECTION_ID] = {wt_frame_connection_id_read, wt_frame_connection_id_write},
    [WT_FRAME_RETIRE_CONNECTION_ID] = {wt_frame_connection_id_read, wt_frame_connection_id_write},
    [WT_FRAME_PATH_CHALLENGE] = {wt_frame_connection_id_read, wt_frame_connection_id_write},
    [WT_FRAME_PATH_RESPONSE] = {wt_frame_connection_id_read, wt_frame_connection_id_write},
    [WT_FRAME_CONNECTION_CLOSE] = {wt_frame_close_read, wt_frame_close_write},
    [WT_FRAME_APPLICATION_CLOSE] = {wt_frame_close_read, wt_frame_close_write},
    [WT_FRAME_HANDSHAKE_DONE] = {read_empty, write_empty},
    [WT_FRAME_IMMEDIATE_ACK] = {read_empty, write_empty},
    [WT_FRAME_RESET_STREAM_AT] = {wt_frame_reset_read, wt_frame_reset_write},
    [WT_FRAME_DATAGRAM] = {wt_frame_datagram_read, wt_frame_datagram_write},
    [WT_FRAME_IMMEDIATE_ACK_OLD] = {read_empty, write_empty},
    [WT_FRAME_ACK_FREQUENCY] = {wt_frame_ack_read, wt_frame_ack_write},
};

static enum wt_quic_frame_kind kind_of(uint64_t type)
{
    for (size_t i = 0; i < WT_FRAME_UNKNOWN; i++)
        if (type >= rows[i].first && type <= rows[i].last)
            return (enum wt_quic_frame_kind)i;
    return WT_FRAME_UNKNOWN;
}

/* RFC 9000, 12.4: "An endpoint MAY treat the receipt of a frame type that uses a longer encoding than necessary as a
 * connection error of type PROTOCOL_VIOLATION": not here. */
bool wt_quic_frame_read(struct wt_reader *r, struct wt_quic_frame *out)
{
    *out = (struct wt_quic_frame){.kind = WT_FRAME_UNKNOWN};
    const size_t offset = wt_reader_offset(r), mark = wt_read_enter(r, "frame");
    out->type = wt_read_varint(r, "type", WT_REG_QUIC_FRAME);
    if (!r->decode->lost)
        out->kind = kind_of(out->type);
    if (out->kind != WT_FRAME_UNKNOWN)
        handlers[out->kind].read(r, out);
    else if (!r->decode->lost)
        wt_reader_fail_at(
            r, offset, WT_VALUE, "type", out->type, 0,
            "RFC 9000, 12.4: \"An endpoint MUST treat the receipt of a frame of unknown type as a connection "
            "error of type FRAME_ENCODING_ERROR.\"");
    wt_read_leave(r, mark);
    return !r->decode->lost;
}

void wt_quic_frame_write(struct wt_writer *w, const struct wt_quic_frame *in)
{
    wt_write_varint(w, in->type);
    if ((unsigned)in->kind < WT_FRAME_UNKNOWN)
        handlers[in->kind].write(w, in);
}

const char *wt_quic_frame_id(enum wt_quic_frame_kind kind)
{
    return (unsigned)kind < WT_FRAME_UNKNOWN ? rows[kind].id : "unknown";
}

bool wt_quic_frame_may_be_in(enum wt_quic_frame_kind kind, enum wt_quic_packet packet)
{
    return (unsigned)kind < WT_FRAME_UNKNOWN && rows[kind].packets >> packet & 1;
}

bool wt_quic_frame_is_ack_eliciting(enum wt_quic_frame_kind kind)
{
    return (unsigned)kind >= WT_FRAME_UNKNOWN || rows[kind].eliciting;
}
