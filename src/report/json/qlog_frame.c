#include "report/json/qlog_frame.h"

#include "base/span.h"
#include "codec/frame/frame.h"

#include <stdio.h>

/* What a frame tells beside its type; bits, in the order in which they are written. */
enum {
    STREAM = 1,
    OFFSET = 1 << 1,
    LENGTH = 1 << 2,
    ERROR = 1 << 3,
    FINAL = 1 << 4,
    KIND = 1 << 5,
    MAXIMUM = 1 << 6,
    LIMIT = 1 << 7, /* the same number, as the frames are called that say it holds them up */
    SEQUENCE = 1 << 8,
    ID = 1 << 9,
    DATA = 1 << 10,
};

static enum wt_quic_frame_kind kind_of(uint64_t type)
{
#define WT_QUIC_FRAME(first, last, ID, id, packets, eliciting, rfc)                                                    \
    if (type - (first) <= (last) - (first))                                                                            \
        return WT_FRAME_##ID;
#include "registry/quic_frames.def"
#undef WT_QUIC_FRAME
    return WT_FRAME_UNKNOWN;
}

static const uint16_t members[WT_FRAME_UNKNOWN + 1] = {
    [WT_FRAME_PADDING] = LENGTH,
    [WT_FRAME_RESET_STREAM] = STREAM | ERROR | FINAL,
    [WT_FRAME_STOP_SENDING] = STREAM | ERROR,
    [WT_FRAME_CRYPTO] = OFFSET | LENGTH,
    [WT_FRAME_STREAM] = STREAM | OFFSET | LENGTH,
    [WT_FRAME_MAX_DATA] = MAXIMUM,
    [WT_FRAME_MAX_STREAM_DATA] = STREAM | MAXIMUM,
    [WT_FRAME_MAX_STREAMS] = KIND | MAXIMUM,
    [WT_FRAME_DATA_BLOCKED] = LIMIT,
    [WT_FRAME_STREAM_DATA_BLOCKED] = STREAM | LIMIT,
    [WT_FRAME_STREAMS_BLOCKED] = KIND | LIMIT,
    [WT_FRAME_NEW_CONNECTION_ID] = SEQUENCE | ID,
    [WT_FRAME_RETIRE_CONNECTION_ID] = SEQUENCE,
    [WT_FRAME_PATH_CHALLENGE] = DATA,
    [WT_FRAME_PATH_RESPONSE] = DATA,
    [WT_FRAME_DATAGRAM] = LENGTH,
};

static void hex(struct wt_json *j, const char *key, struct wt_span bytes)
{
    wt_json_key_word(j, key);
    wt_json_hex(j, bytes);
}

/* Whoever has a token may use it once more, and a stateless reset token ends the connection: how long they are is all
 * that is told. */
void wt_qlog_frame_token(struct wt_json *j, struct wt_span token)
{
    wt_json_open(j, '{');
    wt_json_key(j, "raw");
    wt_json_open(j, '{');
    wt_json_member_number(j, "length", token.n);
    wt_json_close(j, '}');
    wt_json_close(j, '}');
}

/* draft-ietf-quic-qlog-quic-events, 4.2: acked_ranges is an array of pairs, ack_delay in milliseconds. */
static void ack(struct wt_json *j, const struct wt_quic_frame_told *f)
{
    wt_json_key(j, "ack_delay");
    const uint64_t us = f->ack_delay < 1u << 30 ? f->ack_delay : 1u << 30;
    wt_json_seconds(j, (int64_t)us * 1000000, 3);
    wt_json_key(j, "acked_ranges");
    wt_json_open(j, '[');
    for (size_t i = 0; i < f->range_count; i++) {
        wt_json_open(j, '[');
        wt_json_number(j, f->ranges[i].smallest);
        wt_json_number(j, f->ranges[i].largest);
        wt_json_close(j, ']');
    }
    wt_json_close(j, ']');
    if (!f->has_ecn)
        return;
    wt_json_member_number(j, "ect1", f->ect1);
    wt_json_member_number(j, "ect0", f->ect0);
    wt_json_member_number(j, "ce", f->ce);
}

/* draft-ietf-quic-qlog-quic-events, A.10.22 and A.10.24: names of RFC 9000's codes, and "crypto_error_0x…" with the
 * alert; what has none of these is a number. */
void wt_qlog_frame_code(struct wt_json *j, const struct wt_quic_frame_told *f)
{
    enum { CRYPTO_ERROR = 0x100, CRYPTO_ERROR_LAST = 0x1ff, NAMED_LAST = 0x10 };
    const char *name =
        f->application || f->error_code > NAMED_LAST ? NULL : wt_registry_name(WT_REG_QUIC_ERROR, f->error_code);
    if (!f->application && f->error_code >= CRYPTO_ERROR && f->error_code <= CRYPTO_ERROR_LAST) {
        char text[24];
        (void)snprintf(text, sizeof text, "crypto_error_0x%03x", (unsigned)f->error_code);
        wt_json_text(j, text);
    } else if (name) {
        char lower[64] = "";
        size_t n = 0;
        for (; name[n] && n + 1 < sizeof lower; n++)
            lower[n] = (char)(name[n] >= 'A' && name[n] <= 'Z' ? name[n] + 32 : name[n]);
        wt_json_word_of(j, lower, n);
    } else {
        wt_json_number(j, f->error_code);
    }
}

static void close_frame(struct wt_json *j, const struct wt_quic_frame_told *f)
{
    wt_json_member_word(j, "error_space", f->application ? "application" : "transport");
    wt_json_key(j, "error_code");
    wt_qlog_frame_code(j, f);
    wt_json_member_number(j, "raw_error_code", f->error_code);
    wt_json_key(j, "reason");
    wt_json_wire(j, f->reason);
    if (!f->application)
        wt_json_member_number(j, "trigger_frame_type", f->frame_type);
}

static void plain(struct wt_json *j, const struct wt_quic_frame_told *f, unsigned has)
{
    if (has & STREAM)
        wt_json_member_number(j, "stream_id", f->stream_id);
    if (has & OFFSET)
        wt_json_member_number(j, "offset", f->offset);
    if (has & LENGTH)
        wt_json_member_number(j, "length", f->data.n);
    if (has & ERROR)
        wt_json_member_number(j, "error_code", f->error_code);
    if (has & FINAL)
        wt_json_member_number(j, "final_size", f->final_size);
    if (has & KIND)
        wt_json_member_word(j, "stream_type", f->unidirectional ? "unidirectional" : "bidirectional");
    if (has & MAXIMUM)
        wt_json_member_number(j, "maximum", f->maximum);
    if (has & LIMIT)
        wt_json_member_number(j, "limit", f->maximum);
    if (has & SEQUENCE)
        wt_json_member_number(j, "sequence_number", f->sequence_number);
    if (has & ID) {
        wt_json_member_number(j, "retire_prior_to", f->retire_prior_to);
        wt_json_member_number(j, "connection_id_length", f->connection_id.n);
        hex(j, "connection_id", f->connection_id);
    }
    if (has & DATA)
        hex(j, "data", f->data);
}

/* Frames that came after qlog 0.3: to it they are unknown. */
static bool is_newer(enum wt_quic_frame_kind kind)
{
    return kind == WT_FRAME_RESET_STREAM_AT || kind == WT_FRAME_ACK_FREQUENCY || kind == WT_FRAME_IMMEDIATE_ACK ||
           kind == WT_FRAME_IMMEDIATE_ACK_OLD;
}

void wt_qlog_frame(struct wt_json *j, const struct wt_quic_frame_told *f)
{
    const enum wt_quic_frame_kind kind = kind_of(f->type);
    wt_json_open(j, '{');
    const bool known = kind != WT_FRAME_UNKNOWN && !is_newer(kind);
    wt_json_member_word(j, "frame_type", known ? f->id : wt_quic_frame_id(WT_FRAME_UNKNOWN));
    if (known)
        plain(j, f, members[kind]);
    if (kind == WT_FRAME_PADDING)
        wt_json_member_number(j, "payload_length", f->data.n);
    if (kind == WT_FRAME_STREAM)
        wt_json_member_flag(j, "fin", f->fin);
    if (kind == WT_FRAME_ACK)
        ack(j, f);
    else if (kind == WT_FRAME_CONNECTION_CLOSE || kind == WT_FRAME_APPLICATION_CLOSE)
        close_frame(j, f);
    else if (!known)
        wt_json_member_number(j, "raw_frame_type", f->type);
    if (kind == WT_FRAME_NEW_TOKEN) {
        wt_json_key(j, "token");
        wt_qlog_frame_token(j, f->data);
    }
    wt_json_close(j, '}');
}
