#include "observer/quic/frames.h"

#include "observer/quic/application.h"
#include "observer/quic/close.h"
#include "observer/quic/ids.h"
#include "observer/quic/ledger.h"
#include "observer/quic/loss.h"
#include "observer/quic/messages.h"
#include "observer/quic/numbers.h"

/* RFC 9000, 19.15. The token is what its sender will answer with when it has forgotten the connection. */
static void new_connection_id(struct wt_quic *q, unsigned from, const struct wt_quic_frame *f)
{
    struct wt_quic_id *id = wt_quic_ids_add(q, from, f->connection_id, f->sequence_number);
    if (id)
        wt_quic_ids_token(id, f->stateless_reset_token);
}

static void blocked(struct wt_quic *q, unsigned from)
{
    if (!q->blocked[from]++)
        q->blocked_frame[from] = q->o->frame;
}

/* RFC 9001, 4.1.2: "The server MUST send a HANDSHAKE_DONE frame as soon as the handshake is complete", not before. */
static void confirm(struct wt_quic *q, unsigned from)
{
    if (from != WT_SERVER || q->confirmed_frame)
        return;
    q->confirmed_frame = q->o->frame;
    wt_quic_messages_complete(q);
}

static void take(struct wt_quic *q, const struct wt_quic_sent *p, const struct wt_quic_frame *f)
{
    switch (f->kind) {
    case WT_FRAME_ACK:
        wt_quic_numbers_acknowledged(q, p, &f->ack);
        break;
    case WT_FRAME_CRYPTO:
        wt_quic_loss_frame(q, p, f);
        if (p->type != WT_QUIC_0RTT) /* RFC 9001, 4.1.3: "CRYPTO frames are carried in just three of these levels" */
            wt_quic_messages_take(q, p, f->offset, f->data);
        break;
    case WT_FRAME_STREAM:
        wt_quic_loss_frame(q, p, f);
        wt_quic_application_frame(q, p, f);
        break;
    case WT_FRAME_DATAGRAM:
    case WT_FRAME_RESET_STREAM:
    case WT_FRAME_RESET_STREAM_AT:
    case WT_FRAME_STOP_SENDING:
        wt_quic_application_frame(q, p, f);
        break;
    case WT_FRAME_NEW_CONNECTION_ID:
        new_connection_id(q, p->from, f);
        break;
    case WT_FRAME_RETIRE_CONNECTION_ID:
        wt_quic_ids_retire(q, !p->from, f->sequence_number);
        break;
    case WT_FRAME_PATH_CHALLENGE:
        wt_quic_paths_challenge(q->o, q->path, p->from, f->data);
        break;
    case WT_FRAME_PATH_RESPONSE:
        wt_quic_paths_response(q->o, q, p->from, f->data);
        break;
    case WT_FRAME_CONNECTION_CLOSE:
    case WT_FRAME_APPLICATION_CLOSE:
        wt_quic_close_take(q, p, f);
        break;
    case WT_FRAME_DATA_BLOCKED:
    case WT_FRAME_STREAM_DATA_BLOCKED:
    case WT_FRAME_STREAMS_BLOCKED:
        blocked(q, p->from);
        break;
    case WT_FRAME_HANDSHAKE_DONE:
        confirm(q, p->from);
        break;
    default:
        break;
    }
}

/* RFC 9000, 19.7: "Clients MUST NOT send NEW_TOKEN frames"; 19.20: "A HANDSHAKE_DONE frame can only be sent by the
 * server." */
static bool is_the_servers(enum wt_quic_frame_kind kind)
{
    return kind == WT_FRAME_NEW_TOKEN || kind == WT_FRAME_HANDSHAKE_DONE;
}

static void check(struct wt_quic *q, const struct wt_quic_sent *p, const struct wt_quic_frame *f,
                  const struct wt_error *error)
{
    if (error->code != WT_OK)
        wt_quic_violation_note(q, p->from, WT_QUIC_FRAME_ENCODING_ERROR, f->type, error->rule);
    else if (!wt_quic_frame_may_be_in(f->kind, p->type))
        wt_quic_violation_note(q, p->from, WT_QUIC_PROTOCOL_VIOLATION, f->type,
                               "RFC 9000, 12.4: \"An endpoint MUST treat receipt of a frame in a packet type that is "
                               "not permitted as a connection error of type PROTOCOL_VIOLATION.\"");
    else if (p->from == WT_CLIENT && is_the_servers(f->kind))
        wt_quic_violation_note(q, p->from, WT_QUIC_PROTOCOL_VIOLATION, f->type,
                               f->kind == WT_FRAME_NEW_TOKEN
                                   ? "RFC 9000, 19.7: \"Clients MUST NOT send NEW_TOKEN frames.\""
                                   : "RFC 9000, 19.20: \"A server MUST treat receipt of a HANDSHAKE_DONE frame as a "
                                     "connection error of type PROTOCOL_VIOLATION.\"");
}

void wt_quic_frames_read(struct wt_quic *q, const struct wt_quic_sent *p)
{
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, p->payload, NULL);
    struct wt_quic_frame frame;
    bool eliciting = false;
    /* RFC 9000, 12.3: "A receiver MUST discard a newly unprotected packet unless it is certain that it has not
     * processed another packet with the same packet number from the same packet number space." */
    const bool again = wt_quic_numbers_was_seen(q, p);
    q->flags |= again ? WT_QUIC_AGAIN : 0;
    if (!p->payload.n)
        wt_quic_violation_note(q, p->from, WT_QUIC_PROTOCOL_VIOLATION, WT_QUIC_NO_FRAME,
                               "RFC 9000, 12.4: \"An endpoint MUST treat receipt of a packet containing no frames as "
                               "a connection error of type PROTOCOL_VIOLATION.\"");
    while (wt_reader_left(&r)) {
        const bool read = wt_quic_frame_read(&r, &frame);
        wt_quic_ledger_frame(q, p->from, frame.kind);
        check(q, p, &frame, &decode.error);
        decode.error = (struct wt_error){.code = WT_OK};
        if (!read)
            break;
        eliciting = eliciting || wt_quic_frame_is_ack_eliciting(frame.kind);
        if (!again)
            take(q, p, &frame);
    }
    wt_quic_numbers_sent(q, p, eliciting);
}
