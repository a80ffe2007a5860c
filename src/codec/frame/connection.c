/* What is about the connection: NEW_CONNECTION_ID, RETIRE_CONNECTION_ID, NEW_TOKEN, PATH_CHALLENGE, PATH_RESPONSE,
 * CONNECTION_CLOSE: RFC 9000, 19.7 and 19.15 to 19.19. */
#include "codec/frame/frame.h"

#include "registry/registry.h"

static void read_new_id(struct wt_reader *r, struct wt_quic_frame *out)
{
    const size_t offset = wt_reader_offset(r);
    out->sequence_number = wt_read_varint(r, "sequence_number", 0);
    out->retire_prior_to = wt_read_varint(r, "retire_prior_to", 0);
    /* 19.15: "Values less than 1 and greater than 20 are invalid and MUST be treated as a connection error of type
     * FRAME_ENCODING_ERROR." */
    out->connection_id = wt_read_opaque(r, "connection_id", 1, 1, WT_QUIC_CID_MOST, WT_TRAIL_BYTES);
    out->stateless_reset_token = wt_read_bytes(r, "stateless_reset_token", WT_RESET_TOKEN);
    if (!r->decode->lost && out->retire_prior_to > out->sequence_number)
        wt_reader_fault_at(
            r, offset, WT_VALUE, "retire_prior_to", out->retire_prior_to, out->sequence_number,
            "RFC 9000, 19.15: \"The value in the Retire Prior To field MUST be less than or equal to the "
            "value in the Sequence Number field.\"");
}

static void read_token(struct wt_reader *r, struct wt_quic_frame *out)
{
    const size_t offset = wt_reader_offset(r);
    out->token = wt_read_varint_opaque(r, "token", 0, SIZE_MAX, WT_TRAIL_BYTES);
    if (!r->decode->lost && !out->token.n)
        wt_reader_fault_at(r, offset, WT_LENGTH, "token", 0, 1, "RFC 9000, 19.7: \"The token MUST NOT be empty.\"");
}

void wt_frame_connection_id_read(struct wt_reader *r, struct wt_quic_frame *out)
{
    switch (out->kind) {
    case WT_FRAME_NEW_CONNECTION_ID:
        read_new_id(r, out);
        break;
    case WT_FRAME_RETIRE_CONNECTION_ID:
        out->sequence_number = wt_read_varint(r, "sequence_number", 0);
        break;
    case WT_FRAME_NEW_TOKEN:
        read_token(r, out);
        break;
    default:
        out->data = wt_read_bytes(r, "data", WT_PATH_DATA);
        break;
    }
}

void wt_frame_connection_id_write(struct wt_writer *w, const struct wt_quic_frame *in)
{
    switch (in->kind) {
    case WT_FRAME_NEW_CONNECTION_ID:
        wt_write_varint(w, in->sequence_number);
        wt_write_varint(w, in->retire_prior_to);
        wt_write_opaque(w, in->connection_id, 1, 1, WT_QUIC_CID_MOST, "connection_id");
        wt_write_bytes(w, in->stateless_reset_token);
        break;
    case WT_FRAME_RETIRE_CONNECTION_ID:
        wt_write_varint(w, in->sequence_number);
        break;
    case WT_FRAME_NEW_TOKEN:
        wt_write_varint(w, in->token.n);
        wt_write_bytes(w, in->token);
        break;
    default:
        wt_write_bytes(w, in->data);
        break;
    }
}

/* 19.19: "A CONNECTION_CLOSE frame of type 0x1c uses codes from the space defined in Section 20.1. A CONNECTION_CLOSE
 * frame of type 0x1d uses codes defined by the application protocol". "The application-specific variant of
 * CONNECTION_CLOSE (type 0x1d) does not include this field", Frame Type. */
void wt_frame_close_read(struct wt_reader *r, struct wt_quic_frame *out)
{
    const bool transport = out->kind == WT_FRAME_CONNECTION_CLOSE;
    out->error_code = wt_read_varint(r, "error_code", transport ? WT_REG_QUIC_ERROR : 0);
    if (transport)
        out->frame_type = wt_read_varint(r, "frame_type", WT_REG_QUIC_FRAME);
    out->reason_phrase = wt_read_varint_opaque(r, "reason_phrase", 0, SIZE_MAX, WT_TRAIL_TEXT);
}

void wt_frame_close_write(struct wt_writer *w, const struct wt_quic_frame *in)
{
    wt_write_varint(w, in->error_code);
    if (in->kind == WT_FRAME_CONNECTION_CLOSE)
        wt_write_varint(w, in->frame_type);
    wt_write_varint(w, in->reason_phrase.n);
    wt_write_bytes(w, in->reason_phrase);
}
